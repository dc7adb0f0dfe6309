"""Engine flat: cuts between opposing units however scaled, bounds, and proofs of a network alone."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from relumax.engines.flat import Opening, prove_flat
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.script import write
from relumax.engines.search import GaveUp
from relumax.kernel import proof
from relumax.kernel.network import read_network
from relumax.kernel.proof import EQ, LE
from relumax.kernel.statement import Claim
from relumax.kernel.wire import atom
from relumax.language.expr import Expr, inputs, relu, step
from relumax.language.gadget import maximum
from relumax.language.spec import Spec, array, max_spec, statement
from relumax.network.compile import compile
from relumax.network.layers import Network, normalise, to_json


def opened(network: Network, spec: Spec):
    claim = Claim(spec.claim(), read_network(to_json(network), ENDLESS))
    return claim.statements[0].context(ENDLESS, [])


def proved(network: Network, spec: Spec) -> None:
    """Flat proves it, and the kernel agrees."""
    context, lemmas = opened(network, spec), Lemmas()
    block = prove_flat(context, [], lemmas)
    known: list = []
    for k, one in enumerate(lemmas.wire):
        known.append(proof.check_lemma(one, f"lemmas[{k}]", known, ENDLESS))
    again = opened(network, spec)
    again.lemmas = known
    proof.run(again, write(block, len(context.facts)), "p")


def opposing(p: Fraction, q: Fraction, bias: Fraction) -> Network:
    """relu(p t) / p - relu(-q t) / q = t with t = x0 - 2 x1 + bias; y = that."""
    rows = [(sign * k * bias, {0: sign * k, 1: -2 * sign * k}) for sign, k in ((1, p), (-1, q))]
    return Network(2, (normalise(rows),), normalise([(0, {0: 1 / p, 1: -1 / q})]))


def test_opposing_units_however_scaled_are_cut():
    draw = random.Random(8)
    print("seed 8")
    for _ in range(12):
        p, q = [Fraction(draw.randint(1, 9), draw.randint(1, 9)) for _ in range(2)]
        bias = Fraction(draw.randint(-3, 3), draw.randint(1, 4))
        network = opposing(p, q, bias)
        x, y = array("x", "in", 2), array("y", "out")
        spec = Spec([x, y], [statement([y[0] == x[0] - 2 * x[1] + bias])])
        opening = Opening(opened(network, spec), [], Lemmas())
        opening.bounds_and_cuts()
        made = [fact.value for one in opening.steps for fact in one.makes]
        # q h - p w = p q t, as a primitive equality over inputs 0, 1 and units 2, 3
        scale = p.denominator * q.denominator * bias.denominator
        scale *= p.denominator * q.denominator
        terms = {0: -p * q, 1: 2 * p * q, 2: q, 3: -p}
        whole = tuple((v, int(c * scale)) for v, c in terms.items())
        assert atom(EQ, int(-p * q * bias * scale), whole) in made
        assert opening.search.units.keys() == {2}  # one of the pair may still be split, the other is known from it
        proved(network, spec)


@pytest.mark.parametrize(
    ("build", "n"),
    [
        (lambda x: maximum(x[0], x[1]), 2),
        (lambda x: x[1] + 3 * relu((x[0] - x[1]) / 3), 2),
        (lambda x: (x[0] + x[1] + relu(x[0] - x[1]) + relu(x[1] - x[0])) / 2, 2),
        (lambda x: (x[0] + x[1] + relu(relu(x[0] - x[1]) + relu(x[1] - x[0]))) / 2, 2),
        (lambda x: maximum(x[0], x[1]) + step(x[0]) + step(-x[0]) - step(x[0]) - step(-x[0]), 2),
        (lambda x: x[0], 1),
    ],
)
def test_proves_max(build, n):
    x = inputs(n)
    program: Expr = build(x)
    proved(compile([program], n), max_spec(n))


def test_nonnegative_relu_is_its_argument():
    x = inputs(1)
    network = compile([relu(relu(x[0]) + 1)], 1)
    x, y = array("x", "in"), array("y", "out")
    spec = Spec([x, y], [statement([y[0] >= 1, x[0] + 1 <= y[0]])])
    opening = Opening(opened(network, spec), [], Lemmas())
    opening.bounds_and_cuts()
    made = [fact.value for one in opening.steps for fact in one.makes]
    assert atom(EQ, 1, ((1, 1), (2, -1))) in made
    assert (LE, 0, ((1, -1),)) in made and opening.search.units.keys() == {1}
    proved(network, spec)


def test_what_is_false_is_given_up():
    x = inputs(2)
    for program in (x[0], maximum(*x) + relu(x[0] - 1000), relu(x[0] - x[1]) + relu(x[1])):
        context = opened(compile([program], 2), max_spec(2))
        with pytest.raises(GaveUp):
            prove_flat(context, [], Lemmas())
