"""Cells are exact: they fill the box, overlap nowhere, and say what the network computes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.errors import BudgetExceeded, SpecError
from relumax.language.expr import inputs
from relumax.network.compile import compile
from relumax.network.evaluate import trace
from relumax.pictures.pieces import formula
from relumax.pictures.plane import area, at, axes, box, cells, cut, level, middle, plane
from tests.pictures.examples import CASES, SQUARE, example, row
from tests.simplify.examples import programs

PROPERTY = settings(derandomize=True, deadline=None, max_examples=60, database=None)


def value(cell, output, point):
    a, b, c = (Fraction(x, cell.den) for x in cell.forms[output])
    return a + b * point[0] + c * point[1]


def strictly_inside(place, corners):
    points = [*map(at, corners)]
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return all((q[0] - p[0]) * (place[1] - p[1]) - (q[1] - p[1]) * (place[0] - p[0]) > 0 for p, q in pairs)


@pytest.mark.parametrize("name", CASES)
def test_areas_sum_to_the_box_exactly(name):
    one = example(name)
    found = cells(one.net, one.on, one.within)
    assert sum(area(cell.corners) for cell in found) == area(one.within) == 6 * Fraction(29, 6)
    assert all(area(cell.corners) > 0 for cell in found)


@pytest.mark.parametrize("name", CASES)
def test_a_cells_formula_is_what_the_network_computes(name):
    """At every corner, but where a step may jump; in the middle always, with the very units that are on."""
    one = example(name)
    for cell in cells(one.net, one.on, one.within):
        places = [middle(cell.corners)]
        if not any(layer.steps for layer in one.net.layers):
            places += map(at, cell.corners)
        for place in places:
            point = one.on.at(*place)
            outputs = one.net(point)
            for k in range(one.net.outputs):
                assert value(cell, k, place) == outputs[k] == formula(one.net, cell.active, k)(point)
        found = trace(one.net, one.on.at(*middle(cell.corners)))
        for layer, active in zip(found.layers, cell.active, strict=True):
            assert all(on or not h for on, h in zip(active, layer.values, strict=True))


@PROPERTY
@given(st.data())
def test_any_program(data):
    net = compile([data.draw(programs(2, steps=data.draw(st.booleans()), size=8))], 2)
    found = cells(net, axes(2), SQUARE)
    assert sum(area(cell.corners) for cell in found) == area(SQUARE)
    for cell in found:
        place = middle(cell.corners)
        assert [value(cell, 0, place)] == net(place)


def test_cells_do_not_overlap():
    one = example("argmax/index 3")
    found = cells(one.net, one.on, one.within)
    for k, cell in enumerate(found):
        place = middle(cell.corners)
        inside = [j for j, other in enumerate(found) if strictly_inside(place, other.corners)]
        assert inside == [k]


def test_a_cut_keeps_the_whole_and_names_the_side():
    square = box(0, 1, 0, 1)
    above, below = cut(square, (-1, 1, 1))  # s + t - 1
    assert area(above) == area(below) == Fraction(1, 2)
    assert cut(square, (1, 0, 0)) == (square, None) and cut(square, (-1, 0, 0)) == (None, square)
    assert cut(square, (0, 0, 0)) == (square, None)
    assert cut(square, (0, 1, 0)) == (square, None), "an edge on the line cuts off nothing"


def test_a_plane_knows_its_points():
    on = plane(row(0, 1, "1/2"), row(1, 0, 1), row(1, 1, 0))
    assert on.coordinates(on.at(Fraction(2, 7), Fraction(-3))) == (Fraction(2, 7), -3)
    assert on.coordinates(row(9, 9, 9)) is None
    for x in (level(Fraction(1, 3)).at(Fraction(s), Fraction(t)) for s in (-1, 2) for t in (0, 5)):
        assert sum(x) == 1


def test_what_is_no_plane_and_no_box_is_said():
    with pytest.raises(SpecError, match="not multiples of each other"):
        plane(row(0, 0, 0), row(1, 2, 3), row(-2, -4, -6))
    with pytest.raises(SpecError, match="2, 3 and 3 numbers"):
        plane(row(0, 0), row(1, 0, 0), row(0, 1, 0))
    with pytest.raises(SpecError, match="left < right"):
        box(1, 1, 0, 1)
    with pytest.raises(SpecError, match="the plane is of R\\^3, the network has 2 inputs"):
        cells(compile([sum(inputs(2))], 2), level(), SQUARE)


def test_too_many_cells_are_refused():
    one = example("max/shallow 5")
    with pytest.raises(BudgetExceeded, match="more than 3 cells"):
        cells(one.net, one.on, one.within, most=3)
