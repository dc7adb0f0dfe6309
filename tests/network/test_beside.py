"""Two networks side by side compute what each computes, exactly, on all of R^n."""

from __future__ import annotations

import json
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relumax.errors import SpecError
from relumax.network.beside import beside, deepened, first_of, second_of
from relumax.network.evaluate import evaluate
from relumax.network.layers import Network, from_json, normalise, to_json
from tests.network.examples import drawn, of_rows, rows_of
from tests.strategies import reproducible

SHAPES = [(2, 3), (2, 4, 3), (2, 1, 3), (2, 7, 7, 3), (2, 2, 5, 2, 3)]


def stepped(network: Network, draw: Random) -> Network:
    """Some of the units of each hidden layer are steps."""
    layers = [normalise(rows) for rows in rows_of(network)]
    for k in range(network.depth):
        units = [u for u in range(len(layers[k].rows)) if draw.random() < 0.4]
        layers[k] = layers[k]._replace(steps=tuple(units))
    return Network(network.inputs, tuple(layers[:-1]), layers[-1])


@pytest.mark.parametrize("a", SHAPES, ids=str)
@pytest.mark.parametrize("b", SHAPES, ids=str)
def test_both_are_computed_whatever_their_depths(a, b):
    draw = Random(len(a) * 10 + len(b))
    one, other = stepped(drawn(a, draw, 4), draw), stepped(drawn(b, draw, 6), draw)
    both = beside(one, other)
    assert both.depth == max(one.depth, other.depth) and both.outputs == 6
    assert from_json(json.loads(json.dumps(to_json(both)))) == both  # in lowest terms
    for scale in (0, 1, 10**9, Fraction(1, 10**9)):
        for _ in range(5):
            x = [scale * Fraction(draw.randint(-20, 20), 7) for _ in range(2)]
            assert evaluate(both, x) == [*evaluate(one, x), *evaluate(other, x)]


@given(st.lists(st.fractions(), min_size=2, max_size=2), st.integers(0, 4))
@reproducible
def test_a_deeper_network_is_the_same_function(x, more):
    for sizes in SHAPES:
        net = drawn(sizes, Random(3), 3)
        assert evaluate(deepened(net, net.depth + more), x) == evaluate(net, x)


def test_what_is_fewer_is_carried():
    wide, narrow = drawn((2, 9, 1), Random(1)), drawn((2, 1, 5), Random(1))
    assert deepened(wide, 3).widths == (9, 2, 2) and deepened(narrow, 3).widths == (1, 1, 1)
    assert deepened(wide, 1) == wide


@pytest.mark.parametrize("a", SHAPES, ids=str)
def test_the_parts_are_found_again(a):
    draw = Random(5)
    one, other = stepped(drawn(a, draw, 4), draw), stepped(drawn((2, 6, 6, 3), draw, 9), draw)
    both = beside(one, other)
    widths = deepened(one, both.depth).widths
    assert first_of(both, widths) == deepened(one, both.depth)
    assert second_of(both, widths) == deepened(other, both.depth)
    rows = rows_of(both)
    bias, terms = rows[1][0]
    rows[1][0] = bias, {**terms, len(rows[0]) - 1: Fraction(1)}  # reads a unit of the other
    mixed = of_rows(both, rows)
    assert first_of(mixed, widths) is None


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ((2, 3, 1), (3, 3, 1), "the one network has 2 inputs, the other 3: two networks that are equal have as many"),
        ((2, 3, 1), (2, 3, 2), "the one network has 1 output, the other 2: two networks that are equal have as many"),
    ],
)
def test_other_numbers_of_inputs_or_outputs(a, b, said):
    with pytest.raises(SpecError) as problem:
        beside(drawn(a, Random(1)), drawn(b, Random(1)))
    assert str(problem.value) == said
