"""Trees of gates and units that say who wins, as programs with invariants: proved however the network holds them."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

import relumax
from relumax import compile, inputs, kernel, prove, relu
from relumax.discover.choices import inspect
from relumax.network.layers import from_json, to_json
from tests.discover.test_choices import built, hidden, is_so, points


def followed(found, against=None):
    """The verdict of engine modular, which follows the program alone."""
    return prove(found.program, found.sentence, "modular", timeout=100, against=against or found.network)


def through(value, rng):
    """A value carried by two units of different scales, and moved by a number."""
    a, b, c = (Fraction(rng.randrange(1, 6), rng.randrange(1, 4)) for _ in range(3))
    b = rng.choice((-b, b, 0))
    return relu(a * value + b) / a - relu(-c * value - b * c / a) / c - b / a


def tree(nodes, rng, slope):
    """Neighbours joined by gates in any order, each in one of the ways to write it, and values carried in any way."""
    nodes = list(nodes)
    while len(nodes) > 1:
        k = rng.randrange(len(nodes) - 1)
        b, q, a, p = (*nodes[k], *nodes[k + 1]) if rng.random() < 0.5 else (*nodes[k + 1], *nodes[k])
        larger = relu(a - b)
        r = slope * rng.choice((1, 2, Fraction(3, 2))) * larger
        best = b + larger if rng.random() < 0.5 else a + relu(b - a)
        clipped = relu(p - q + r) - relu(p - q - r) - r if rng.random() < 0.5 else r - relu(q - p + r) + relu(q - p - r)
        carried = [through(one, rng) if rng.random() < 0.3 else one for one in (best, q + clipped)]
        nodes[k : k + 2] = [tuple(carried)]
    return nodes[0][1]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["plain", "affine", "features"])
def test_any_tree_of_gates_is_proved_by_its_invariant(kind, seed):
    rng = random.Random(f"{kind} {seed}")
    n, slope = rng.choice((3, 5, 6, 8)), Fraction(rng.randrange(1, 9), rng.randrange(1, 4))
    x = inputs(2 * n)
    rng.shuffle(x)
    if kind == "affine":
        x = [3 * one + rng.randrange(-3, 4) * x[0] - rng.randrange(-2, 3) * x[n] + rng.randrange(-2, 3) for one in x]
    if kind == "features":
        x = [relu(one - rng.randrange(3) * x[0]) for one in x]
    sign = 1 if kind == "features" else rng.choice((1, -1))  # -relu(x) need not lead by anything
    net = compile(
        [rng.choice((1, -3)) * tree(zip([sign * one for one in x[:n]], x[n:], strict=True), rng, slope)], 2 * n
    )
    net = hidden(net, rng) if seed % 2 else net
    found = [one for one in inspect(net) if one.kind == "select" and len(one.leaves) == n]
    assert found or kind != "plain", f"seed {kind} {seed}"
    for one in found:
        is_so(net, one, rng)
        verdict = followed(one)
        assert verdict.verdict == "proved", f"seed {kind} {seed}: {verdict.reason}; {one.sentence}"


@pytest.mark.parametrize("n", [5, 6, 17])
@pytest.mark.parametrize(
    ("function", "name"), [("argmax", "index"), ("argmin", "index"), ("select", "gate"), ("argmax", "onehot")]
)
def test_those_of_the_catalogue_are_certified(function, name, n):
    for net in (built(function, name, n), hidden(built(function, name, n), random.Random(n))):
        one, *_ = inspect(net)
        assert len(one.leaves) == n
        verdict = followed(one)
        assert verdict.verdict == "proved", verdict.reason
        accepted = kernel.check(verdict.certificate)
        assert tuple(accepted.statements) == verdict.theorem and len(verdict.certificate) < 6_000 * n + 20_000
        assert accepted.network_sha256 == relumax.network.layers.sha256(one.network)


def leads(x, found):
    """The winner's payload, of keys of which one leads by 1 at least; None where none does."""
    keys = [sum(c * x[v] for v, c in terms) + Fraction(const, den) for den, const, terms in found.leaves]
    first, second = sorted(keys)[-1:-3:-1]
    return keys.index(first) if first - second >= 1 else None


@pytest.mark.parametrize(("function", "name"), [("argmax", "index"), ("argmax", "onehot")])
def test_a_network_with_a_weight_that_is_off_is_not_the_program(function, name):
    (found, *_), n = inspect(built(function, name, 5)), 5
    proved = 0
    for seed in range(30):
        rng = random.Random(seed)
        changed = to_json(found.network)
        layer = rng.choice([*changed["layers"], changed["output"]])
        row = rng.choice(layer["rows"])
        k = 2 * rng.randrange((len(row) + 1) // 2)
        row[k] = row[k] * rng.choice((2, 3, -1)) if k else row[k] + rng.choice((1, -1))
        other = from_json(changed)
        if followed(found, other).verdict != "proved":
            continue
        proved += 1  # a weight that does not matter: then it is so at all points
        for _ in range(20):
            for x in points(n, rng):
                if (w := leads(x, found)) is not None:
                    wanted = [w] if name == "index" else [int(k == w) for k in range(n)]
                    assert other(x) == wanted, f"seed {seed}"
    assert proved < 10, "most changes make another function"
