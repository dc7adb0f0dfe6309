"""max/tournament and min/tournament: ceil(log2 n) layers, 3(n - 1) units at powers of two."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from relumax.constructions import registry
from relumax.language.expr import evaluate, inputs
from relumax.network.compile import compile, sizes
from relumax.network.evaluate import evaluate as run_network


def program(kind: str, n: int):
    return registry.find(kind, "tournament").program(n)


def depth(n: int) -> int:
    return (n - 1).bit_length()


@pytest.mark.parametrize("kind", ["max", "min"])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 33])
def test_values_and_sizes(kind, n):
    outputs = program(kind, n)
    network = compile(outputs, n)
    assert network.depth == depth(n)
    byes, left = 0, n
    while left > 1:
        byes, left = byes + left % 2, (left + 1) // 2
    assert network.size <= 3 * (n - 1) + 2 * byes
    if n & (n - 1) == 0:
        assert network.size == 3 * (n - 1)
    draw = random.Random(n)
    for _ in range(30):
        point = [Fraction(draw.randint(-4, 4), draw.choice([1, 1, 3])) for _ in range(n)]
        expected = [max(point) if kind == "max" else min(point)]
        assert evaluate(outputs, point) == run_network(network, point) == expected


@pytest.mark.parametrize("n", [2, 6, 64, 1000, 4096])
def test_sizes_without_building(n):
    found = sizes(program("max", n), n)
    assert found.depth == depth(n)
    if n <= 64:
        network = compile(program("max", n), n)
        assert (found.size, found.width, found.widths) == (network.size, network.width, network.widths)
    if n == 4096:
        assert found.size == 3 * 4095 and found.width == 3 * 2048


def test_one_input_is_the_identity():
    assert program("max", 1) == program("min", 1) == inputs(1)
