"""Two hidden layers, checked by programs of others: z3 (slow tests) and onnxruntime."""

import json
from collections import Counter
from fractions import Fraction
from itertools import pairwise, permutations, product
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import z3

from benchmarks.flat_z3 import of_network
from relumax.constructions import registry
from relumax.formats import export
from relumax.network.compile import compile

IDENTITIES = Path(__file__).parents[1] / "proofs" / "identities"


def network(name, n):
    return compile(registry.find("max", name).program(n), n)


def largest(first, *others):
    for other in others:
        first = z3.If(first >= other, first, other)
    return first


def identity(n):
    """The terms of the shipped identity: coefficient, and two sides of pairs of labels counted from 0."""
    for term in json.loads((IDENTITIES / f"max-{n}.json").read_text())["terms"]:
        yield Fraction(term["coefficient"]), [[(i - 1, j - 1) for i, j in side] for side in term["pair"]]


def summands(n, inner):
    """The summands of all F of the identity with equal ones together: `inner(i, j)` names max(x_i, x_j)."""
    found = Counter()
    for coefficient, sides in identity(n):
        for s in permutations(range(n)):
            found[tuple(sorted(tuple(sorted(inner(s[i], s[j]) for i, j in side)) for side in sides))] += coefficient
    return found


def total(found, value):
    """The sum of all summands as a z3 term, the inner maxima given by `value`."""
    sides = {side: z3.Sum([value[one] for one in side]) for both in found for side in both}
    return z3.Sum([z3.Q(*c.as_integer_ratio()) * largest(*(sides[one] for one in both)) for both, c in found.items()])


def refute(x, y, *assumed):
    """z3's answer to: somewhere where the assumptions hold, y is not the largest x."""
    solver = z3.Solver()
    solver.set("timeout", 300_000)
    solver.add(*assumed, y != largest(*x))
    return str(solver.check())


# ---------------------------------------------------------------- z3


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 6])
@pytest.mark.parametrize("error", [0, Fraction(1, 10**6)])
def test_identities_on_the_sorted_cone(n, error):
    """Both sides are symmetric, so this cone is enough; in it max(x_i, x_j) is the one with the larger index."""
    x = z3.Reals([f"x{i}" for i in range(n)])
    found = summands(n, max)
    found[min(found)] += error
    y = total(found, x)
    assert refute(x, y, *(a <= b for a, b in pairwise(x))) == ("sat" if error else "unsat")


@pytest.mark.slow
def test_the_identity_for_five_on_all_of_space():
    """Nothing assumed and nothing sorted: every permutation, every pairwise maximum an If."""
    x = z3.Reals([f"x{i}" for i in range(5)])
    pairs = {(i, j): x[i] if i == j else largest(x[i], x[j]) for i in range(5) for j in range(i, 5)}
    y = total(summands(5, lambda i, j: (min(i, j), max(i, j))), pairs)
    assert refute(x, y) == "unsat"


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 4, 5, 6])
@pytest.mark.parametrize("ordered", [True, False], ids=["sorted", "flat"])
def test_shallow_networks(n, ordered):
    x, solver = z3.Reals([f"x{i}" for i in range(n)]), z3.Solver()
    y = of_network(network("shallow", n), x, solver)
    cone = [a <= b for a, b in pairwise(x)] if ordered else []
    assert refute(x, y, *solver.assertions(), *cone) == "unsat"


@pytest.mark.slow
def test_a_changed_weight_is_seen():
    net = network("shallow", 5)
    bias, terms = net.layers[1].rows[0]
    rows = ((bias, ((terms[0][0], terms[0][1] + 1), *terms[1:])), *net.layers[1].rows[1:])
    wrong = net._replace(layers=(net.layers[0], net.layers[1]._replace(rows=rows)))
    x, solver = z3.Reals([f"x{i}" for i in range(5)]), z3.Solver()
    y = of_network(wrong, x, solver)
    assert refute(x, y, *solver.assertions()) == "sat"


# ---------------------------------------------------------------- onnxruntime


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "n", "depth"), [("shallow", 5, 2), ("bakaev", 5, 2), ("bakaev", 11, 3)])
def test_onnxruntime_gives_the_maximum_itself(name, n, depth, dtype):
    """The weights are binary fractions: with integers of few digits nothing is rounded on the way."""
    net = network(name, n)
    assert net.depth == depth
    written = export(net, "onnx", dtype)
    assert written.exact
    session = onnxruntime.InferenceSession(written.data, providers=["CPUExecutionProvider"])
    chance = np.random.default_rng(n)
    grid = np.array(list(product((-1, 0, 2), repeat=n)) if n < 8 else [], dtype=dtype).reshape(-1, n)
    x = np.concatenate([grid, chance.integers(-9, 10, (2000, n)), chance.integers(0, 2, (2000, n))]).astype(dtype)
    y = session.run(None, {session.get_inputs()[0].name: x})[0]
    assert (y[:, 0] == x.max(axis=1)).all()


def test_shallow_six_is_not_exact_in_floats():
    """Its weights have 3 in the denominator: what is written is rounded, and said to be."""
    assert not export(network("shallow", 6), "onnx", "float64", allow_rounding=True).exact
