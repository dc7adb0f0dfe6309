"""Networks that are wrong on a thin region, far from 0 or at one point alone are refuted where they bend."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from relumax.engines.kinks import refuted
from relumax.engines.lemmas import ENDLESS
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim
from relumax.language.equality import boxed, equality
from relumax.network.beside import beside
from relumax.network.evaluate import evaluate
from relumax.network.layers import Network, normalise, to_json
from tests.engines.canonical.networks import scrambled
from tests.network.examples import drawn, with_hat, with_units

EXAMPLES = (
    # inputs, hidden layers, what the second network has besides the first
    ("thin", (5, 12, 12, 1), lambda net, row: with_hat(net, row, Fraction(1, 2**20))),
    ("very thin", (5, 12, 12, 1), lambda net, row: with_hat(net, row, Fraction(1, 2**30))),
    ("far", (3, 12, 2), lambda net, row: with_units(net, [(Fraction(-(10**12)), {0: Fraction(1)})], [1])),
    ("one input", (1, 8, 1), lambda net, row: with_hat(net, (Fraction(-1, 3), {0: Fraction(1)}), Fraction(1, 2**24))),
)


def statement_of(a: Network, b: Network, **more):
    both = beside(a, b)
    (statement,) = Claim(equality(a.inputs, a.outputs, **more).claim(), read_network(to_json(both), ENDLESS)).statements
    return both, statement


@pytest.mark.parametrize(("sizes", "change"), [one[1:] for one in EXAMPLES], ids=[one[0] for one in EXAMPLES])
def test_a_difference_that_is_thin_or_far_is_found(sizes, change):
    draw = Random(7)
    net = drawn(sizes, draw)
    row = Fraction(1, 3), {i: Fraction(draw.randint(-9, 9), 7) for i in range(sizes[0])}
    both, statement = statement_of(net, change(net, row))
    found = refuted(both, statement)
    assert found is not None and found.outputs == evaluate(both, found.inputs)
    assert found.outputs[: net.outputs] != found.outputs[net.outputs :]


def test_a_spike_in_every_direction_is_found():
    """relu(1 - K |x - c|_1): every one of eight kinks has to be met at once."""
    centre, steep = [Fraction(k * k - 3, 7) for k in range(4)], Fraction(2**12)
    rows = [(-sign * c, {k: Fraction(sign)}) for k, c in enumerate(centre) for sign in (1, -1)]
    spike = normalise([(1, dict.fromkeys(range(8), -steep))])
    both, statement = statement_of(
        Network(4, (normalise(rows), spike), normalise([(0, {0: 1})])), Network(4, (), normalise([(0, {})]))
    )
    found = refuted(both, statement)
    assert found is not None and found.outputs[0] > 0


def test_steps_that_differ_at_one_point_alone():
    """step(3 x + 1) and 1 - step(-3 x - 1) differ where 3 x + 1 = 0, which no float is."""
    at, beyond = (normalise([(sign, {0: 3 * sign})], [0]) for sign in (1, -1))
    both, statement = statement_of(
        Network(1, (at,), normalise([(0, {0: 1})])), Network(1, (beyond,), normalise([(1, {0: -1})]))
    )
    found = refuted(both, statement)
    assert found is not None and found.inputs == [Fraction(-1, 3)]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_equal_is_never_refuted(seed):
    draw = Random(seed)
    net = drawn((3, 9, 7, 2), draw)
    assert refuted(*statement_of(net, scrambled(net, draw))) is None


def test_weights_beyond_floats_and_no_hidden_layer():
    huge = Fraction(10**400)
    for a, b in ((Fraction(1), 1 + 1 / huge), (huge, huge + 1)):
        nets = [Network(1, (normalise([(0, {0: c}), (0, {0: -c})]),), normalise([(0, {0: 1})])) for c in (a, b)]
        refuted(*statement_of(*nets))  # ends without an error
    nets = [Network(2, (), normalise([(0, {0: c})])) for c in (Fraction(1), 1 + 1 / huge)]
    assert refuted(*statement_of(*nets)) is not None


@pytest.mark.parametrize("low", [Fraction(100), Fraction(-7), Fraction(1, 3)])
def test_points_are_looked_for_in_the_box(low):
    """The difference is a hat inside [low, low + 1]^4; nothing is wrong elsewhere."""
    net = drawn((4, 10, 10, 1), Random(2))
    row = -4 * low - 2, dict.fromkeys(range(4), Fraction(1))
    other = with_hat(net, row, Fraction(1, 2**16))
    requires, points = boxed(4, (low, low + 1))
    both, statement = statement_of(net, other, requires=requires, points=points)
    found = refuted(both, statement)
    assert found is not None and all(low <= x <= low + 1 for x in found.inputs)
    requires, points = boxed(4, (low + 2, low + 3))
    assert refuted(*statement_of(net, other, requires=requires, points=points)) is None


def test_a_box_of_one_point():
    net = drawn((2, 5, 1), Random(2))
    requires, points = boxed(2, (Fraction(1, 3), Fraction(1, 3)))
    assert refuted(*statement_of(net, net, requires=requires, points=points)) is None
