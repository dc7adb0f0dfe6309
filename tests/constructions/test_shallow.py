"""max/shallow and min/shallow: the values, the sizes, and the notation of the formulas."""

import random
from fractions import Fraction
from itertools import product

import pytest

from relumax.constructions import registry
from relumax.constructions.formula import FormatError, orbit, parse, permutation, read, shipped, signed, written
from relumax.constructions.shallow import FORMULAS, plan, shallow, units_for
from relumax.errors import BudgetExceeded
from relumax.language.expr import evaluate, inputs
from relumax.language.spec import max_spec, min_spec
from relumax.network.compile import compile, sizes
from relumax.network.evaluate import evaluate as run
from relumax.pipeline import prove


def points(n, count):
    """Rational points of which many have ties."""
    chance = random.Random(n)
    for k in range(count):
        yield [Fraction(chance.randint(-3, 3), 1 + k % 3) for _ in range(n)]


def test_five_on_a_grid():
    network = compile([shallow(inputs(5))], 5)
    for x in product((-1, 0, 1, 2), repeat=5):
        assert run(network, x) == [max(x)]


@pytest.mark.parametrize("n", range(2, 8))
def test_two_layers_at_rational_points_with_ties(n):
    smallest, largest = -shallow([-x for x in inputs(n)]), shallow(inputs(n))
    for x in points(n, 60):
        assert evaluate([smallest, largest], x) == [min(x), max(x)]


@pytest.mark.parametrize("n", [8, 9, 11, 13, 16, 18, 19])
def test_the_recursion_over_blocks(n):
    program = shallow(inputs(n))
    for x in points(n, 5):
        assert evaluate([program], x) == [max(x)]


@pytest.mark.parametrize(
    ("n", "widths"),
    [
        *[(2, (3,)), (3, (5, 3)), (4, (6, 3)), (5, (10, 9)), (6, (21, 68)), (7, (29, 519))],
        *[(9, (16, 12, 9)), (10, (15, 10, 9)), (11, (22, 45, 9))],
    ],
)
def test_widths(n, widths):
    assert sizes([shallow(inputs(n))], n).widths == widths


def test_layers():
    layers = [plan(n)[0] for n in range(1, 21)]
    assert layers == [0, 1] + [2] * 5 + [3] * 13
    for layers, most in enumerate((1, 2, 7, 22, 77, 267)):
        assert plan(most)[0] == layers and plan(most + 1)[0] == layers + 1


@pytest.mark.parametrize("n", FORMULAS)
def test_formulas_are_written_as_they_are_read(n):
    formula = shipped(n)
    generators = ["(1 2)", "(3 4)", "(1 3)(2 4)", "(3 5)(4 6)"][: n - 2] if n < 7 else ["(1 2)", "(1 3 5)(2 4 6)"]
    data = written(formula, generators)
    assert read(data) == formula
    assert written(read(data), generators) == data
    assert len(formula.sizes) == {5: 7, 6: 66, 7: 517}[n]


def test_seven_on_points_with_ties():
    network = compile([shallow(inputs(7))], 7)
    for x in [*product((0, 1), repeat=7), *points(7, 60)]:
        assert run(network, x) == [max(x)]


@pytest.mark.parametrize(("n", "size"), [(5, 19), (6, 89), (9, 37), (12, 157)])
def test_are_proved_gadget_by_gadget(n, size):
    for program, spec in ((shallow(inputs(n)), max_spec(n)), (-shallow([-x for x in inputs(n)]), min_spec(n))):
        verdict = prove(program, spec, "modular")
        assert (verdict.verdict, verdict.engine, verdict.network.size) == ("proved", "modular", size)
        assert verdict.z3 == "not asked"


@pytest.mark.slow
@pytest.mark.parametrize("n", [7, 18, 21, 36])
def test_large_ones_are_proved(n):
    assert prove(shallow(inputs(n)), max_spec(n), "modular").verdict == "proved"


@pytest.mark.slow
def test_seven_is_proved_from_the_network_alone():
    verdict = prove(compile([shallow(inputs(7))], 7), max_spec(7), "symmetric")
    assert verdict.verdict == "proved" and verdict.network.size == 548


def test_the_number_of_units_is_told_before_they_are_built():
    for n in (2, 5, 6, 7, 9, 12, 18):
        assert 0.3 < units_for(n) / sizes([shallow(inputs(n))], n).size < 1.5
    with pytest.raises(BudgetExceeded, match="max/shallow at n = 1000 has some 11,836,765 hidden units"):
        registry.find("max", "shallow").program(1000)


def test_notation():
    assert permutation("(1 3)(2 4)", 5) == (2, 3, 0, 1, 4)
    assert parse("2m12-x3-m45", 5) == (((0, 1), 2), ((2, 2), -1), ((3, 4), -1))
    assert parse("m21-m12", 2) == ()
    swaps = [permutation("(1 2)", 5), permutation("(3 4)", 5)]
    found = list(orbit(swaps, parse("m12+x2-m34-m25", 5), signed))
    assert sorted(found) == sorted([parse("m12+x2-m34-m25", 5), parse("m12+x1-m34-m15", 5)])


@pytest.mark.parametrize("text", ["m16", "y1", "2", "m12+", "x6", "m1"])
def test_what_is_no_sum(text):
    with pytest.raises(FormatError, match="is no sum of inputs"):
        parse(text, 5)
