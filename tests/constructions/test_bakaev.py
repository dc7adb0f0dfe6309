"""max/bakaev: the values, the depth, and weights that floats hold."""

import random
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from relumax.constructions import registry
from relumax.constructions.bakaev import largest_in, layers_for, max_bakaev, nine, reach
from relumax.constructions.shallow import shallow
from relumax.errors import BudgetExceeded
from relumax.formats.floats import smallest_float
from relumax.language.expr import evaluate, inputs
from relumax.language.gadget import maximum
from relumax.network.compile import compile, sizes
from relumax.network.evaluate import evaluate_numpy


def test_the_identity_behind_it():
    x = inputs(5)
    terms = nine((x[4],), tuple(x[:4]))
    assert len(terms) == 9
    for point in product((0, 1, 2), repeat=5):
        total = Fraction(0)
        for k, (sums, singles) in enumerate(terms):
            total += (1 if k < 5 else -1) * max(evaluate([*sums, *singles], point))
        assert total == max(point)


def test_reach():
    assert [reach(k) for k in range(5)] == [1, 2, 5, 14, 41]
    assert [layers_for(n) for n in (1, 2, 3, 5, 6, 14, 15, 29)] == [0, 1, 2, 2, 3, 3, 4, 4]
    for k in range(1, 5):
        assert layers_for(3**k + 2) <= k + 1


@pytest.mark.parametrize("n", range(1, 13))
def test_values_and_depth(n):
    program = max_bakaev(inputs(n))
    chance = random.Random(n)
    for _ in range(8):
        x = [Fraction(chance.randint(-4, 4), chance.choice((1, 2, 3))) for _ in range(n)]
        assert evaluate([program], x) == [max(x)]
    if n < 12:
        assert sizes([program], n).depth == layers_for(n)


def test_weights_are_binary_fractions():
    for n in (2, 5, 10, 11, 12):
        assert smallest_float(compile([max_bakaev(inputs(n))], n)) == "float16"
    assert smallest_float(compile([shallow(inputs(5))], 5)) == "float16"
    assert smallest_float(compile([shallow(inputs(6))], 6)) is None
    a, b = inputs(2)
    assert smallest_float(compile([maximum(a, b) * (1 + Fraction(1, 2**52))], 2)) == "float64"
    assert smallest_float(compile([maximum(a, b) * (1 + Fraction(1, 2**60))], 2)) is None


@pytest.mark.parametrize("n", [13, 14, 26])
def test_where_terms_end_with_different_numbers_of_singles(n):
    program = max_bakaev(inputs(n))
    for x in (range(n), [i * i % 7 for i in range(n)])[: 1 if n == 14 else 2]:
        assert evaluate([program], x) == [max(x)]


@pytest.mark.parametrize("n", [32, 41, 100, 365, 10**6])
def test_what_is_too_large_is_refused_at_once(n):
    with pytest.raises(BudgetExceeded, match=rf"max/bakaev at n = {n} has some [\d,^]+ hidden units, more than"):
        registry.find("max", "bakaev").program(n)


def test_eleven_in_three_layers_is_exact_in_floats():
    network = compile([largest_in(inputs(11), 3)], 11)
    assert network.widths == (22, 34, 59)
    x = np.random.default_rng(1).integers(-1000, 1000, size=(500, 11)) / 8
    assert (evaluate_numpy(network, x)[:, 0] == x.max(axis=1)).all()
