"""Formulas in pairwise maxima: how they are numbered and moved, and the small lemmas."""

from fractions import Fraction
from itertools import combinations

from relumax.engines.lemmas import Lemmas
from relumax.engines.orders.formula import (
    AbsoluteSum,
    clause,
    compared,
    maximum_of,
    multiple,
    opposite,
    ordered,
    renaming,
    reverse,
)
from relumax.engines.script import Fact
from relumax.kernel.proof import MAX, variable
from tests.engines.test_lemmas import checked


def test_variables_of_maxima():
    numbers = [maximum_of(4, i, j) for i, j in combinations(range(4), 2)]
    assert numbers == list(range(4, 10))
    assert maximum_of(4, 3, 1) == maximum_of(4, 1, 3)
    assert renaming((2, 0, 1)) == [2, 0, 1, maximum_of(3, 2, 0), maximum_of(3, 2, 1), maximum_of(3, 0, 1)]


def test_a_permutation_fixes_a_formula_or_not():
    m = maximum_of(3, 0, 1)
    formula = AbsoluteSum(3, {((2, 1), (m, -1)): Fraction(1)}, {2: Fraction(1)})
    assert formula.fixed_by((1, 0, 2)) and not formula.fixed_by((0, 2, 1))
    assert formula.equation(2) == (0, 0, ((6, 1), (7, 1)))
    assert formula.units() == [(1, 0, ((2, 1), (3, -1))), (1, 0, ((2, -1), (3, 1)))]


def test_the_kernel_accepts_the_lemmas():
    lemmas, half = Lemmas(), Fraction(1, 2)
    x = [variable(v) for v in range(5)]
    steps = [
        reverse(lemmas, x[0], x[1], x[2], Fact(clause(0, 1, 2), 0)),
        ordered(lemmas, 0, 1, 2, Fact((MAX, x[2], (x[0], x[1])), 0)),
        compared(lemmas, x[0], x[1], 2, half),
        opposite(lemmas, x[0], 1, 2),
        multiple(lemmas, x[0], x[1], (2, 3), Fact((0, 0, ((0, 2), (1, -1))), 0), half),
    ]
    assert len(checked(lemmas)) == 5
    made = [fact.value for step in steps for fact in step.makes]
    assert made[:2] == [clause(1, 0, 2), clause(0, 1, 2)]
    assert made[2] == (MAX, (1, 0, ((1, 1), (2, 2))), (x[0], x[1])) and made[3] == (MAX, made[2][1], (x[1], x[0]))
    assert made[4:] == [(0, 0, ((0, 1), (1, -1), (2, 1))), (0, 0, ((2, 2), (3, -1)))]
