"""max/chain and min/chain: n - 1 layers of width at most n + 1, (n - 1)(n + 4)/2 units."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from relumax.constructions import registry
from relumax.language.expr import evaluate, inputs
from relumax.network.compile import compile, sizes
from relumax.network.evaluate import evaluate as run_network


@pytest.mark.parametrize("kind", ["max", "min"])
@pytest.mark.parametrize("n", range(1, 14))
def test_values_and_sizes(kind, n):
    outputs = registry.find(kind, "chain").program(n)
    network = compile(outputs, n)
    assert network.depth == n - 1
    assert network.size == (n - 1) * (n + 4) // 2
    assert network.width <= n + 1
    assert sizes(outputs, n).widths == network.widths
    draw = random.Random(n)
    for _ in range(20):
        point = [Fraction(draw.randint(-4, 4), draw.choice([1, 1, 3])) for _ in range(n)]
        expected = [max(point) if kind == "max" else min(point)]
        assert evaluate(outputs, point) == run_network(network, point) == expected


def test_three_inputs_cost_seven_units():
    assert compile(registry.find("max", "chain").program(3), 3).size == 7


def test_one_input_is_the_identity():
    assert registry.find("max", "chain").program(1) == inputs(1)
