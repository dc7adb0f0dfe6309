"""The essay's networks: 2^(k/2) options in k layers literally, 2^(k-1) by its guess; for inputs >= 0."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from relumax import pipeline
from relumax.constructions import registry
from relumax.constructions.essay import folded, selected
from relumax.language.expr import evaluate, inputs, relu
from relumax.language.spec import max_spec
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate as run_network


def claim(name: str, n: int):
    found = registry.find("max", name)
    return found.program(n), found.spec(n)


@pytest.mark.parametrize("name", ["essay", "essay-fused"])
@pytest.mark.parametrize("n", range(1, 10))
def test_values_and_depth(name, n):
    outputs, spec = claim(name, n)
    assert spec.nonnegative == tuple(range(n))
    network = compile(outputs, n, spec.nonnegative)
    rounds = (n - 1).bit_length()
    assert network.depth == (2 * rounds if name == "essay" else rounds + 1)
    draw = random.Random(n)
    for _ in range(20):
        point = [Fraction(draw.randint(0, 5), draw.choice([1, 1, 3])) for _ in range(n)]
        assert evaluate(outputs, point) == run_network(network, point) == [max(point)]


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_options_per_layer(k):
    """2^(k/2) options in k layers; and the guess: 2^(k-1) options in k layers, 2(n - 1) + 1 units."""
    if k % 2 == 0:
        n = 2 ** (k // 2)
        assert compile(claim("essay", n)[0], n, range(n)).depth == k
    n = 2 ** (k - 1)
    network = compile(claim("essay-fused", n)[0], n, range(n))
    assert (network.depth, network.size) == (k, 2 * (n - 1) + 1)


@pytest.mark.parametrize("n", range(1, 41))
def test_each_layer_has_a_unit_for_each_option(n):
    """Also where an option that had a bye is summed with a copy: no copy waits so long that both need a unit."""
    fused = compile(claim("essay-fused", n)[0], n, range(n))
    literal = compile(claim("essay", n)[0], n, range(n))
    options = [-(-n // 2**r) for r in range((n - 1).bit_length() + 1)]  # before each round, and after the last
    assert [len(layer.rows) for layer in fused.layers] == options
    assert [len(layer.rows) for layer in literal.layers] == [k for pair in pairwise(options) for k in pair]


def test_the_essays_own_words():
    """C = relu(A - B), D = relu(B), E = relu(C + D): every layer ends in relu."""
    a, b = inputs(2)
    assert selected.body([a, b]) == (relu(relu(a - b) + relu(b)),)
    assert folded.body([a, b]) == (relu(a - b) + relu(b),)
    network = compile(claim("essay", 2)[0], 2, (0, 1))
    assert [len(layer.rows) for layer in network.layers] == [2, 1] and not any(layer.steps for layer in network.layers)


@pytest.mark.parametrize("name", ["essay", "essay-fused"])
def test_the_requirement_is_stated_and_needed(name):
    outputs, spec = claim(name, 4)
    verdict = pipeline.prove(outputs, spec)
    assert (verdict.verdict == "proved" and ">= 0" in verdict.theorem[0]) or "0 <= " in verdict.theorem[0]
    verdict = pipeline.prove(outputs, max_spec(4), "flat")
    assert verdict.verdict == "refuted" and min(verdict.witness.inputs) < 0
