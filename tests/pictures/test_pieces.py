"""Pieces, borders and the part where a claim is false, each against a count or a measure known otherwise."""

from __future__ import annotations

import random
from fractions import Fraction
from math import isqrt

import pytest

from relumax.engines.lemmas import ENDLESS
from relumax.engines.witness import refutes
from relumax.errors import BudgetExceeded
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim
from relumax.language.expr import inputs, largest, relu, smallest
from relumax.language.spec import Spec, array, max_spec, min_spec, statement
from relumax.network.compile import compile
from relumax.network.layers import to_json
from relumax.pictures.pieces import Formula, portrait, strips, wrong
from relumax.pictures.plane import area, at, axes, box, cells, middle
from tests.pictures.examples import CASES, SQUARE, built, example, row, wrong_network


def pieces_of(name, output=0):
    one = example(name)
    found = cells(one.net, one.on, one.within)
    return one, portrait(one.net, one.on, found, output)


def test_a_maximum_has_a_piece_for_each_input():
    for name, winners in (("max/tournament 2", {0, 1}), ("max/tournament 3", {0, 1, 2}), ("max/shallow 3", {0, 1, 2})):
        _, seen = pieces_of(name)
        assert {piece.formula.winner for piece in seen.pieces} == winners
        assert len(seen.pieces) == len(winners)


def test_argmax_is_a_ramp_between_its_winners():
    _, seen = pieces_of("argmax/index 2")
    assert sorted(str(piece.formula) for piece in seen.pieces) == ["0", "1", "−x0 + x1"]
    assert len(seen.bends) == 2 and seen.switches == []


@pytest.mark.parametrize("name", CASES)
def test_pieces_are_the_box_and_borders_are_no_longer_than_needed(name):
    one, seen = pieces_of(name)
    assert sum(piece.area for piece in seen.pieces) == area(one.within)
    assert seen.total == sum(len(piece.cells) for piece in seen.pieces)
    assert len(set(seen.bends)) == len(seen.bends) and not set(seen.bends) & set(seen.switches)


@pytest.mark.parametrize("name", [one for one in CASES if "step" not in one])
def test_on_a_bend_both_sides_agree_and_beside_it_they_do_not(name):
    one, seen = pieces_of(name)
    for p, q in seen.bends:
        s, t = (p[0] + q[0]) / 2, (p[1] + q[1]) / 2
        side = (q[1] - p[1]) / 10**6, (p[0] - q[0]) / 10**6
        a, b, c = (one.net(one.on.at(s + k * side[0], t + k * side[1]))[0] for k in (-1, 0, 1))
        assert a + c != 2 * b


def test_one_form_in_two_places_is_two_pieces():
    x = inputs(2)
    net = compile([relu(1 - relu(x[0]) - relu(-x[0]))], 2)  # a tent: 0 on the left and on the right
    found = portrait(net, axes(2), cells(net, axes(2), SQUARE), 0)
    assert sorted(str(piece.formula) for piece in found.pieces) == ["0", "0", "x0 + 1", "−x0 + 1"]
    assert len(found.bends) == 3 and found.switches == []


def test_a_formula_reads_as_it_is_written():
    assert str(Formula(Fraction(-1, 2), (Fraction(1), Fraction(0), Fraction(-3, 4)))) == "x0 − 3/4 x2 − 1/2"
    assert str(Formula(Fraction(0), (Fraction(0),))) == "0"
    assert str(Formula(Fraction(0), (Fraction(-1), Fraction(2)))) == "−x0 + 2 x1"
    assert Formula(Fraction(0), (Fraction(0), Fraction(1))).winner == 1
    assert Formula(Fraction(1), (Fraction(0), Fraction(1))).winner is None


# ---------------------------------------------------------------- where a claim is false


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_wrong_of_what_is_proved(name):
    one = example(name)
    assert wrong(one.net, one.spec, one.on, cells(one.net, one.on, one.within)) == []


def test_the_wrong_part_of_a_bump_is_its_diamond():
    net = wrong_network()
    found = wrong(net, max_spec(2), axes(2), cells(net, axes(2), SQUARE))
    assert sum(map(area, found)) == 2
    assert {abs(s) + abs(t) for one in found for s, t in map(at, one)} <= {0, 1}


def test_a_maximum_is_no_minimum_but_where_they_are_equal():
    net, _ = built("max", "tournament", 2)
    found = wrong(net, min_spec(2), axes(2), cells(net, axes(2), SQUARE))
    assert sum(map(area, found)) == area(SQUARE)


def test_inequalities_and_what_they_define_are_cut_where_they_bend():
    net, _ = built("max", "tournament", 2)
    x, y = array("x", "in", 2), array("y", "out")
    square = box(0, 3, 0, 3)
    for claim, size in (
        ((y[0] <= 1) | (x[0] + x[1] < 0), 8),
        (y[0] <= smallest(x) + 1, 4),
        (y[0] < smallest(x) + 1, 4),
        ((x[0] < 1) | (y[0] <= x[1]), 4),
        (y[0] >= largest(x), 0),
    ):
        found = wrong(net, Spec([x, y], [statement([claim])]), axes(2), cells(net, axes(2), square))
        assert sum(map(area, found)) == size, claim


def test_the_wrong_part_is_where_points_refute():
    """argmax/index with another gap than it was built for: red where, and only where, exact points say so."""
    from relumax.constructions import registry

    net, _ = built("argmax", "index", 3)
    spec = registry.find("argmax", "index").spec(3, gap=Fraction(1, 2))
    on = example("argmax/index 3").on
    red = wrong(net, spec, on, cells(net, on, SQUARE))
    assert 0 < sum(map(area, red)) < area(SQUARE)
    statements = Claim(spec.claim(), read_network(to_json(net), ENDLESS)).statements
    drawn = random.Random(7)
    seen = set()
    for _ in range(300):
        s, t = Fraction(drawn.randint(-2999, 2999), 1001), Fraction(drawn.randint(-2333, 2499), 1003)
        false = any(refutes(one, on.at(s, t), list(w)) for one in statements for w in _indices(one))
        assert false == any(_inside(one, s, t) for one in red)
        seen.add(false)
    assert seen == {True, False}


def _indices(statement):
    sizes = [n for _, n, _ in statement.indices]
    return [(w,) for w in range(sizes[0])] if sizes else [()]


def _inside(corners, s, t):
    points = [*map(at, corners)]
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return all((q[0] - p[0]) * (t - p[1]) - (q[1] - p[1]) * (s - p[0]) > 0 for p, q in pairs)


def test_too_many_indices_are_refused():
    net, spec = built("argmax", "index", 65)
    on = axes(65)
    with pytest.raises(BudgetExceeded, match="65 indices"):
        wrong(net, spec, on, cells(net, on, SQUARE))


def test_strips_are_the_polygon():
    corners = box(0, 3, 0, 2)
    form = tuple(row("1/3", 1, "-1/2"))
    levels = [Fraction(k, isqrt(100)) for k in range(-7, 35)]
    parts = [*strips(corners, form, levels)]
    assert sum(area(one) for one, _ in parts) == area(corners)
    for one, tone in parts:
        s, t = middle(one)
        assert abs(form[0] + form[1] * s + form[2] * t - tone) <= Fraction(1, 20)
