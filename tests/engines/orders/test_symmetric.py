"""Engine symmetric: certificates that the kernel accepts, groups, and networks that are not the maximum."""

import random
from fractions import Fraction
from itertools import permutations, product

import pytest

from relumax.constructions.formula import read
from relumax.constructions.shallow import max_shallow, min_shallow
from relumax.constructions.tournament import max_tournament, min_tournament
from relumax.discover.formulas.smallest import program
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.orders.formula import AbsoluteSum, maximum_of
from relumax.engines.orders.symmetric import carrying, prove_symmetric, stabilisers, symmetries
from relumax.engines.script import write
from relumax.engines.search import GaveUp
from relumax.kernel import check
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim
from relumax.kernel.wire import write as canonical
from relumax.language.expr import inputs
from relumax.language.spec import max_spec, min_spec
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate
from relumax.network.layers import Layer, to_json


def certificate(network, spec):
    """The bytes that engine symmetric makes for the statement about the network."""
    form, claim, lemmas = to_json(network), spec.claim(), Lemmas()
    (statement,) = Claim(claim, read_network(form, ENDLESS)).statements
    context = statement.context(ENDLESS, [])
    before = context.mark()
    block = prove_symmetric(context, lemmas)
    assert context.mark() == before
    proof = write(block, len(context.facts))
    return canonical(
        {
            "claim": claim,
            "format": "relumax-certificate",
            "lemmas": lemmas.wire,
            "points": spec.points(),
            "network": form,
            "proofs": [proof],
            "version": 1,
        }
    )


CASES = [(max_shallow, max_spec, "max"), (min_shallow, min_spec, "min")]


@pytest.mark.parametrize(("recipe", "spec", "name"), CASES)
@pytest.mark.parametrize(("n", "limit"), [(3, 20_000), (4, 20_000), (5, 20_000), (6, 80_000)])
def test_shallow_networks_are_certified(recipe, spec, name, n, limit):
    data = certificate(compile([recipe(inputs(n))], n), spec(n))
    assert check(data).statements == [f"for all x in R^{n}: y = {name}(x)"]
    assert len(data) < limit


KNOWN_FIVE = {
    "|m15+m25-m34-x5|": "1/2", "|x1+x2-m34-x5|": "-1/2", "|m12+x2-m34-m25|": "1/2",
    "|2m12-m35-m45|": "1/4", "|2m12-m34-m45|": "-1/4", "m12": "1/2", "m34": "1/2",
}  # fmt: skip
KNOWN_SIX = {
    "-": "|m16+m26-m35-m45| |x2+m26-m36-m46| |m16+m24-m35-m46| |m14+m23-m26-m35| |m15+m16-m23-m24| |2m24-x5-x6|",
    "": "|m16+m26-m36-m45| |m14+m23-m45-m46| |m16+m25-m23-m24| |2m24-m56-x6| |2m26-m34-m46| m15",
}


def known(n):
    """Formulas known before: 7 absolute values in 20 units for n = 5, 90 in 114 for n = 6."""
    if n == 5:
        return read({"n": 5, "group": ["(1 2)", "(3 4)"], "terms": KNOWN_FIVE})
    terms = {text: f"{sign}1/24" for sign, texts in KNOWN_SIX.items() for text in texts.split()}
    terms |= {"m12": "1/3", "m56": "1/3", "x1": "-1/12"}
    return read({"n": 6, "group": ["(1 2)", "(3 4)", "(1 3)(2 4)", "(5 6)"], "terms": terms})


@pytest.mark.parametrize(("n", "atoms", "units"), [(5, 7, 20), (6, 90, 114)])
def test_the_formulas_known_before(n, atoms, units):
    formula = known(n)
    network = compile([program(formula)], n)
    assert (len(formula.sizes), network.size) == (atoms, units)
    assert check(certificate(network, max_spec(n))).statements == [f"for all x in R^{n}: y = max(x)"]


def test_the_bytes_are_the_same_every_time():
    network = compile([max_shallow(inputs(5))], 5)
    assert certificate(network, max_spec(5)) == certificate(network, max_spec(5))


def test_permuted_inputs_and_scaled_units():
    x = inputs(5)
    network = compile([max_shallow([x[k] for k in (3, 0, 4, 1, 2)])], 5)
    check(certificate(network, max_spec(5)))
    first, second = network.layers
    tripled = first._replace(rows=tuple((bias, tuple((j, 3 * c) for j, c in row)) for bias, row in first.rows))
    thirds = Layer(3 * second.den, second.rows)
    check(certificate(network._replace(layers=(tripled, thirds)), max_spec(5)))


def mutants(network):
    """The network with one weight of the second layer or the output changed."""
    for place, layer in ((1, network.layers[1]), (2, network.output)):
        for i, (bias, row) in enumerate(layer.rows):
            for k, (j, c) in enumerate(row):
                changed = (*row[:k], (j, c + (1 if c != -1 else -1)), *row[k + 1 :])
                rows = (*layer.rows[:i], (bias, changed), *layer.rows[i + 1 :])
                new = layer._replace(rows=rows)
                yield network._replace(output=new) if place == 2 else network._replace(layers=(network.layers[0], new))


@pytest.mark.parametrize(("n", "every"), [(5, 1), (6, 61)])
def test_no_certificate_after_one_weight_has_changed(n, every):
    """Each mutant is false somewhere (a point is shown), and the engine does not find a proof."""
    grid = list(product((-2, -1, 0, 1), repeat=n))
    random.Random(1).shuffle(grid)
    network = compile([max_shallow(inputs(n))], n)
    for number, mutant in enumerate(mutants(network)):
        if number % every:
            continue
        if all(evaluate(mutant, x) == [max(x)] for x in grid):
            pytest.fail(f"mutant {number} computes the maximum")
        with pytest.raises(GaveUp):
            certificate(mutant, max_spec(n))


@pytest.mark.parametrize(("network", "reason"), [
    (compile([max_tournament(inputs(5))], 5), "two hidden layers"),
    (compile([max_tournament(inputs(9))], 9), "at most 8 inputs"),
    (compile([min_tournament(inputs(4))], 4), "does not cancel"),
    (compile([inputs(3)[0]], 3), "all inputs"),
])  # fmt: skip
def test_what_it_is_not_for(network, reason):
    with pytest.raises(GaveUp, match=reason):
        certificate(network, max_spec(network.inputs))


def test_groups():
    m = maximum_of
    swaps = AbsoluteSum(4, {((m(4, 0, 1), 1), (m(4, 2, 3), -1)): Fraction(1)}, {})
    group = symmetries(swaps)
    assert len(group) == 8
    assert sorted(carrying(group, 0)) == [0, 1, 2, 3]
    levels = stabilisers(group, 0)
    assert [list(level) for level in levels] == [[2, 3]]
    everything = symmetries(AbsoluteSum(3, {}, {0: Fraction(1), 1: Fraction(1), 2: Fraction(1)}))
    assert everything == list(permutations(range(3)))
