"""Counterexamples: exact, and made simple."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from relumax.engines.lemmas import ENDLESS
from relumax.engines.simple import simplest
from relumax.engines.witness import Witness, refutes
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim
from relumax.language.expr import inputs, relu
from relumax.language.gadget import maximum, minimum
from relumax.language.spec import max_nonnegative_spec, max_spec
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate
from relumax.network.layers import to_json
from tests.strategies import points, reproducible


def statement(program, spec):
    network = compile([program], spec.width, spec.nonnegative)
    return network, Claim(spec.claim(), read_network(to_json(network), ENDLESS)).statements[0]


WRONG = maximum(*inputs(2)) + relu(Fraction(1, 7) - inputs(2)[0])


@given(points(2))
@reproducible
def test_refutes_is_exact_evaluation(point):
    network, claim = statement(WRONG, max_spec(2))
    found = refutes(claim, point, [])
    assert (found is None) == (point[0] >= Fraction(1, 7))
    if found is not None:
        assert found == Witness(point, [], evaluate(network, point))


@given(st.lists(st.fractions(-3, 3), min_size=2, max_size=2))
@reproducible
def test_a_point_that_does_not_meet_the_requirements_refutes_nothing(point):
    _, claim = statement(maximum(*inputs(2)) - 1, max_nonnegative_spec(2))
    assert (refutes(claim, point, []) is None) == (min(point) < 0)


def test_witnesses_are_made_simple():
    network, claim = statement(WRONG, max_spec(2))
    draw = random.Random(3)
    print("seed 3")
    for _ in range(30):
        point = [Fraction(draw.randint(-(10**20), 10**18), 10**19 + draw.randint(0, 99)) for _ in range(2)]
        found = refutes(claim, point, [])
        if found is None:
            continue
        simple = simplest(network, claim, found)
        assert refutes(claim, simple.inputs, []) == simple
        assert all(x.denominator == 1 and abs(x) <= 10 for x in simple.inputs)


def test_a_witness_on_a_thin_region_stays_on_it():
    x = inputs(3)
    high, low = maximum(maximum(x[0], x[1]), x[2]), minimum(minimum(x[0], x[1]), x[2])
    shifted = [high + relu(Fraction(1, 1000) - (high - low) - 7 * relu(Fraction(22, 7) - x[0]) - 7 * relu(x[0] - 4))]
    network, claim = statement(shifted[0], max_spec(3))
    rough = [Fraction(31415926535, 10**10) + Fraction(k, 7919) for k in (12, 13, 14)]
    found = refutes(claim, rough, [])
    assert found is not None
    simple = simplest(network, claim, found)
    assert refutes(claim, simple.inputs, []) == simple and max(x.denominator for x in simple.inputs) < 10_000


def test_huge_and_tiny_points():
    network, claim = statement(WRONG, max_spec(2))
    for point in (
        [Fraction(-(10**300)), Fraction(10**300)],
        [Fraction(1, 10**300), Fraction(-1, 10**300)],
        [Fraction(0)] * 2,
    ):
        simple = simplest(network, claim, refutes(claim, point, []))
        assert simple.inputs == [0, 0] or max(map(abs, simple.inputs)) <= 1
