"""Linear regions: they cover, they are right, and they are counted right where the number is known."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.errors import BudgetExceeded
from relumax.language.expr import const, evaluate, inputs, relu, step
from relumax.simplify.form import ONE, Form
from relumax.simplify.maxplus import MaxPlus
from relumax.simplify.regions import cases, lattice, regions
from tests.simplify.examples import points, programs, tournament
from tests.simplify.test_maxplus import form_value

PROPERTY = settings(derandomize=True, deadline=None, max_examples=80, database=None)


def at(form: Form, x: list[Fraction]) -> Fraction:
    return sum((c * (1 if t == ONE else x[t]) for t, c in form.items() if isinstance(t, int)), Fraction(0))


@pytest.mark.parametrize("lines", [1, 2, 3, 5])
def test_lines_in_general_position(lines: int) -> None:
    """k lines in general position cut the plane into 1 + k + k(k-1)/2 parts."""
    a, b = inputs(2)
    program = sum((relu(k * a + b - k * k) for k in range(1, lines + 1)), const(0))
    assert len(regions([program], 2)) == 1 + lines + comb(lines, 2)


def test_parallel_and_repeated_lines() -> None:
    [a] = inputs(1)
    assert len(regions([relu(a) + relu(2 * a) + relu(-a) + relu(a - 1)], 1)) == 3
    assert len(regions([relu(a), relu(a - 1)], 1)) == 3
    assert len(regions([step(a) + step(-a)], 1)) == 3, "the point 0 is a region where steps are"
    assert len(regions([relu(a)], 1, nonnegative=[0])) == 1
    assert len(regions([relu(const(-2)) + a], 1)) == 1


def test_the_limit_refuses() -> None:
    with pytest.raises(BudgetExceeded, match="more than 10 linear regions"):
        regions([tournament(inputs(6))], 6, limit=10)


@PROPERTY
@given(st.data())
def test_regions_cover_and_agree_with_the_program(data: st.DataObject) -> None:
    steps = data.draw(st.booleans())
    program = data.draw(programs(2, steps=steps, size=8))
    cells = regions([program], 2)
    for _ in range(4):
        x = data.draw(points(2))
        inside = [c for c in cells if all(at(f, x) > 0 if strict else at(f, x) >= 0 for f, strict in c.conditions)]
        assert inside
        assert len(inside) == 1 or not any(strict for cell in cells for _, strict in cell.conditions)
        [value] = evaluate([program], x)
        assert {at(cell.values[0], x) for cell in inside} == {value}
        for piece, anywhere in cases(cells, 0):
            if any(all(at(f, x) > 0 if strict else at(f, x) >= 0 for f, strict in part) for part in anywhere):
                assert at(piece, x) == value
                break


@PROPERTY
@given(st.data())
def test_the_lattice_form_equals_the_program(data: st.DataObject) -> None:
    program = data.draw(programs(2, size=8))
    cells = regions([program], 2)
    form = lattice(MaxPlus(), cells, 0, 2)
    if form is not None:
        for _ in range(4):
            x = data.draw(points(2))
            assert form_value(form, x) == evaluate([program], x)[0]


def test_cases_merge_neighbours() -> None:
    a, b, c = inputs(3)
    program = step(step(a) + step(b) + 0 * c - 1)  # a >= 0 or b >= 0
    (value, where), (rest, otherwise) = cases(regions([program], 3), 0)
    assert (dict(value), dict(rest)) == ({}, {ONE: 1})
    assert [[(dict(f), strict) for f, strict in part] for part in where] == [[({0: -1}, True), ({1: -1}, True)]]
    assert otherwise == [()]
