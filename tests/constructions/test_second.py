"""second/tournament: the second largest with ties counted, proved node by node, and what a false invariant is told."""

import random
from fractions import Fraction
from itertools import product

import pytest

from relumax import pipeline
from relumax.constructions import registry, second
from relumax.errors import SpecError
from relumax.language.expr import evaluate, inputs
from relumax.language.gadget import minimum
from relumax.language.outline import fold
from relumax.network.compile import compile, sizes
from relumax.network.evaluate import evaluate as run

FOUND = registry.find("second", "tournament")


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7, 8, 9])
def test_the_contract_is_proved_by_its_invariant(n):
    verdict = pipeline.prove(FOUND.program(n), FOUND.spec(n))
    assert (verdict.verdict, verdict.engine, verdict.notes) == (pipeline.PROVED, "modular", ())
    assert tuple(pipeline.check(verdict.certificate).statements) == verdict.theorem


def test_the_certificate_grows_with_n():
    assert len(pipeline.prove(FOUND.program(64), FOUND.spec(64)).certificate) < 140_000


@pytest.mark.parametrize("n", [2, 3, 4])
def test_values_with_all_ties(n):
    network = compile(FOUND.program(n), n)
    for x in product((-1, 0, 1, Fraction(3, 2)), repeat=n):
        assert run(network, x) == evaluate(FOUND.program(n), x) == [sorted(x)[-2]]
    assert run(compile(FOUND.program(3), 3), (3, 3, 1)) == [3]


def test_values_at_rational_points():
    chance = random.Random(1)
    for n in (5, 9, 16, 33):
        network = compile(FOUND.program(n), n)
        for _ in range(20):
            x = [Fraction(chance.randint(-4, 4), chance.choice([1, 3])) for _ in range(n)]
            assert run(network, x) == [sorted(x)[-2]]


@pytest.mark.parametrize("k", range(1, 8))
def test_sizes(k):
    found = sizes(FOUND.program(2**k), 2**k)
    assert (found.depth, found.size) == (2 * k - 1, 15 * 2 ** (k - 1) - 2 * k - 10)


@pytest.mark.parametrize("n", [*range(4, 20), 64, 65, 100])
def test_the_number_of_layers_is_told_before_they_are_built(n):
    layers, units = FOUND.roughly(n)
    found = sizes(FOUND.program(n), n)
    assert layers == found.depth <= 2 * (n - 1).bit_length() - 1
    assert found.size <= units


def test_of_one_number_there_is_no_second():
    for asked in (FOUND.spec, FOUND.program, FOUND.inputs):
        with pytest.raises(SpecError, match=r"^second/tournament takes n from 2 on, not 1$"):
            asked(1)


def false_invariant(lo, hi, m, *s):
    return [*second.placed(lo, hi, m, *s), *(one + 1 <= m for one in s)]  # with a tie the second is no less


def test_a_false_invariant_is_told_with_a_point():
    program = [fold([(xi,) for xi in inputs(3)], second.two_largest, false_invariant)[1]]
    verdict = pipeline.prove(program, FOUND.spec(3))
    assert verdict.verdict == pipeline.PROVED  # three numbers are few enough for other engines
    said = "invariant: the join of fold[0..1] does not hand on s[0] + 1 <= m: its parts may have left.m = "
    assert verdict.reason.startswith(said) and verdict.reason in verdict.notes


def test_a_wrong_join_is_refuted():
    def forgets(left, right):
        (a, *_), (b, *_) = left, right
        return second.two_largest((a,), (b,))

    program = [fold([(xi,) for xi in inputs(4)], forgets, second.placed)[1]]
    assert pipeline.prove(program, FOUND.spec(4)).verdict == pipeline.REFUTED
    assert pipeline.prove([minimum(*inputs(2))], FOUND.spec(2)).verdict == pipeline.PROVED
