"""Choices inside networks: found however they are scaled, permuted and hidden, true of the units, and never made up."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest

import relumax
from relumax import compile, inputs, maximum, minimum, prove, relu
from relumax.constructions import registry
from relumax.discover.choices import inspect
from relumax.discover.choices.finding import written
from relumax.network.evaluate import trace
from relumax.network.layers import Network, from_json, normalise, to_json


def built(function, name, n, **options):
    found = registry.find(function, name)
    options = {**found.options, **options}
    return compile(found.program(n, **options), found.inputs(n, **options))


def hidden(net, rng, others=4):
    """The network among units of chance, all of them scaled and in another order; its outputs come first."""
    places, scales, maps = list(range(net.inputs)), [Fraction(1)] * net.inputs, []
    width = net.inputs
    for t, layer in enumerate(net.maps):
        rows = [
            (Fraction(b, layer.den), {places[j]: Fraction(c, layer.den) / scales[j] for j, c in terms})
            for b, terms in layer.rows
        ]
        rows += [(chance(rng), {j: chance(rng) for j in range(width)}) for _ in range(others)]
        order, scales = list(range(len(rows))), [Fraction(1)] * len(rows)
        if t < net.depth:
            rng.shuffle(order)
            scales = [rng.choice((1, 3, Fraction(1, 5), 8, Fraction(7, 2))) * Fraction(1) for _ in rows]
        moved = [None] * len(rows)
        for k, (bias, terms) in enumerate(rows):
            moved[order[k]] = bias * scales[k], {j: c * scales[k] for j, c in terms.items()}
        maps.append(normalise(moved))
        places, width = order, len(rows)
    return Network(net.inputs, tuple(maps[:-1]), maps[-1])


def chance(rng):
    return rng.choice((1, -1)) * Fraction(rng.randrange(1, 99), 64)


def at(leaf, x):
    den, const, terms = leaf
    return Fraction(const + sum(c * x[v] for v, c in terms), den)


def points(count, rng):
    """Points with ties, zeros and large numbers."""
    for kind in range(8):
        x = [Fraction(rng.randrange(-6, 7), rng.choice((1, 2, 3))) for _ in range(count)]
        if kind % 2:
            x = [rng.choice(x) for _ in x]
        yield [one * 10**20 for one in x] if kind == 6 else [Fraction(0)] * count if kind == 7 else x


def is_so(net, found, rng):
    """What is found is so of the units of the whole network: their sum is that of the part, and what is said of it."""
    for x in points(net.inputs, rng):
        layers = [x, *(one.values for one in trace(net, x).layers)]
        own = [layers[t][k] for t, k in found.inputs]
        sums = [sum(c * layers[found.last][k] for k, c in one.items()) for one in found.outputs]
        assert found.network(own) == sums
        values = [at(leaf, own) for leaf in found.leaves]
        if found.kind in ("argmax", "select"):
            continue
        best = {"max": max, "min": min}[found.kind](values)
        assert sums == [best + at(found.rest, own)]


@pytest.mark.parametrize("seed", range(12))
def test_a_hidden_tree_is_found_and_proved(seed):
    rng = random.Random(seed)
    m, n = rng.randrange(2, 6), rng.randrange(3, 7)
    x = inputs(m)
    forms = [[rng.randrange(-3, 4) for _ in x] for _ in range(n)]
    if seed % 3 == 0:
        forms[-1] = forms[0]  # a tie everywhere, or two that differ by a number
    stated = [(one, rng.randrange(-2, 3)) for one in forms]
    leaves = [sum((c * xi for c, xi in zip(one, x, strict=True)), k + 0 * x[0]) for one, k in stated]
    better = rng.choice((maximum, minimum))
    best, *more = leaves
    if rng.random() < 0.5:
        for one in more:
            best = better(best, one)
    else:
        pending = [best, *more]
        while len(pending) > 1:
            pending = [better(*pending[:2]), *pending[2:]] if len(pending) % 2 else pending
            pending = (
                [better(a, b) for a, b in zip(pending[::2], pending[1::2], strict=True)] if pending[1:] else pending
            )
        (best,) = pending
    net = hidden(compile([3 * best - 2 * x[0]], m), rng)
    competing = {}
    pick = max if better is maximum else min
    for one, k in stated:
        competing[tuple(one)] = pick(competing.get(tuple(one), k), k)
    found = inspect(net)
    for one in found:
        is_so(net, one, rng)
        assert prove(one.network, one.sentence, timeout=60).verdict == "proved", f"seed {seed}: {one.sentence}"
    if len(competing) > 3:
        assert any(len(one.leaves) == len(competing) for one in found), f"seed {seed}: {[f.sentence for f in found]}"


@pytest.mark.parametrize(
    ("function", "name", "n", "said"),
    [
        ("max", "tournament", 3, "for all x in R^3: y = max(x)"),
        ("max", "tournament", 16, "for all x in R^16: y = max(x)"),
        ("max", "chain", 6, "for all x in R^6: y = max(x)"),
        ("min", "tournament", 5, "for all x in R^5: y = min(x)"),
        ("argmax", "slack", 4, "for all x in R^4: y = max(x) - x[3]"),
        (
            "argmin",
            "onehot",
            3,
            "for all x in R^3 and every index w < 3 such that z[w] is the winner of z (every other at least 1 below "
            "it): y[w] = 1; y[i] = 0 for each i < 3 other than w, "
            "where z = (-x[0], -x[1], -x[2]), y in R^3 is the output",
        ),
    ],
)
def test_those_of_the_catalogue_are_found_among_others(function, name, n, said):
    rng = random.Random(n)
    net = hidden(built(function, name, n), rng)
    one, *_ = inspect(net)
    assert one.sentence == said and one.inputs == tuple((0, k) for k in range(n))
    is_so(net, one, rng)
    verdict = prove(one.network, one.sentence, timeout=60)
    assert verdict.verdict == "proved" and relumax.check(verdict.certificate).network_sha256


def test_the_gap_and_the_height_of_what_says_who_wins_are_those_of_its_weights():
    x = inputs(3)
    best = maximum(maximum(x[0], x[1]), x[2])
    net = compile([7 * relu(1 - 4 * (best - one)) for one in x], 3)
    one, *_ = inspect(hidden(net, random.Random(5)))
    assert one.kind == "argmax" and "(every other at least 1/4 below it)" in one.sentence
    assert prove(one.network, one.sentence, timeout=60).verdict == "proved"
    uneven = compile([relu(1 - 4 * (best - x[0])), relu(1 - 4 * (best - x[1])), relu(1 - 5 * (best - x[2]))], 3)
    assert [one.kind for one in inspect(hidden(uneven, random.Random(5)))] == ["max"], "no gap is that of all three"


WINS = "z[w] is the winner of z (every other at least {} below it)"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("function", "name", "n", "options", "said"),
    [
        ("argmax", "index", 4, {}, f"{WINS.format(1)}: y = p[w], where z = (x[0], x[1], x[2], x[3]), p = (0, 1, 2, 3)"),
        ("argmin", "index", 3, {"gap": Fraction(1, 2)}, f"{WINS.format('1/2')}: y = p[w], "
            "where z = (-x[0], -x[1], -x[2]), p = (0, 1, 2)"),
        ("select", "gate", 3, {"gap": 2, "payload_range": (-2, 3)}, f"{WINS.format(1)} and "
            "((p[i] <= p[w] + 5/2 and p[w] <= p[i] + 5/2) for each i < 3): y = p[w], "
            "where z = (x[0], x[1], x[2]), p = (x[3], x[4], x[5])"),
    ],
)  # fmt: skip
def test_what_the_winner_carries_is_found_with_what_its_gates_let_through(function, name, n, options, said, seed):
    rng = random.Random(seed)
    net = hidden(built(function, name, n, **options), rng)
    one, *others = inspect(net)
    assert one.kind == "select" and one.sentence.endswith(f" and every index w < {n} such that {said}"), one.sentence
    assert all(any(unit not in one.units for unit in other.units) for other in others), f"seed {seed}"
    is_so(net, one, rng)
    assert prove(one.network, one.sentence, timeout=60).verdict == "proved", f"seed {seed}"


def test_each_number_of_a_payload_is_found():
    net = hidden(built("select", "gate", 3, payload_dim=2), random.Random(7))
    found = [one for one in inspect(net) if one.kind == "select"]
    assert sorted([tuple(k for _, k in one.inputs) for one in found]) == [(0, 1, 2, 3, 5, 7), (0, 1, 2, 4, 6, 8)]
    for one in found:
        assert prove(one.network, one.sentence, timeout=60).verdict == "proved"


@pytest.mark.parametrize(("function", "name", "n"), [("select", "gate", 3), ("argmax", "index", 4)])
@pytest.mark.parametrize("seed", range(16))
def test_a_tree_of_gates_with_a_weight_that_is_off_carries_what_is_said_or_nothing(function, name, n, seed):
    rng = random.Random(seed)
    changed = to_json(built(function, name, n))
    layer = rng.choice(changed["layers"])
    row = rng.choice(layer["rows"])
    row[2 * rng.randrange(1, (len(row) + 1) // 2)] *= rng.choice((2, 3, -1))
    other = from_json(changed)
    for one in inspect(other):
        is_so(other, one, rng)
        verdict = prove(one.network, one.sentence, timeout=60)
        assert verdict.verdict == "proved", f"seed {seed}: {one.sentence}"


@pytest.mark.parametrize(
    ("function", "name", "n"),
    [("max", "tournament", 8), ("max", "shallow", 5), ("argmax", "onehot", 4), ("max", "chain", 5)],
)
def test_what_carries_nothing_has_no_gates(function, name, n):
    assert all(one.kind != "select" for one in inspect(hidden(built(function, name, n), random.Random(n))))


def test_the_essays_network_chooses_among_numbers_from_0_on():
    net = built("max", "essay-fused", 8)
    assert [one.sentence for one in inspect(net, True)] == ["for all x in R^8 such that x >= 0: y = max(x)"]
    assert all(len(one.leaves) < 8 or "x >= 0" in one.sentence for one in inspect(net))
    rng = random.Random(0)
    for one in inspect(net):
        is_so(net, one, rng)


def test_a_choice_between_features_is_over_the_units_that_compute_them():
    x = inputs(4)
    h = [relu(x[0] + 2 * x[1] - x[2]), relu(x[3] - x[1] + 1), relu(-x[0] - x[3]), relu(x[2] - 3)]
    scores = [h[0] - h[1], 2 * h[2] - h[3], h[1] - h[2] + 1, h[3] - 2 * h[0]]
    best = maximum(maximum(scores[0], scores[1]), maximum(scores[2], scores[3]))
    net = hidden(compile([best], 4), random.Random(3), others=5)
    one, *_ = inspect(net)
    assert len(one.leaves) == 4 and {t for t, _ in one.inputs} == {1} and "x >= 0" in one.sentence
    is_so(net, one, random.Random(3))
    assert prove(one.network, one.sentence, timeout=60).verdict == "proved"


@pytest.mark.parametrize(
    "widths", [(3, 1), (2, 1, 1, 1, 1), (3, 2, 2, 2, 1), (4, 9, 9, 3), (8, 20, 20, 20, 2), (1, 3, 3, 1)]
)
def test_nothing_is_found_where_weights_are_chance(widths):
    for seed in range(8):
        rng = random.Random(seed)
        shapes = list(pairwise(widths))
        maps = [normalise([(chance(rng), {j: chance(rng) for j in range(a)}) for _ in range(b)]) for a, b in shapes]
        assert inspect(Network(widths[0], tuple(maps[:-1]), maps[-1])) == [], f"seed {seed}"


def test_no_more_is_found_than_there_is():
    a, b = inputs(2)
    assert inspect(compile([maximum(a, b)], 2)) == [], "every relu is a maximum of two"
    assert inspect(compile([relumax.clip(a, 0, 1) + relumax.absolute(b)], 2)) == []
    assert inspect(compile([a + 2 * b], 2)) == []
    assert inspect(compile([relumax.step(a - b) + relumax.step(b)], 2)) == []
    nothing = Network(
        2, (normalise([(0, {}), (-1, {}), (3, {})]), normalise([(0, {0: 1, 2: -1})])), normalise([(1, {})])
    )
    assert inspect(nothing) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_weight_that_is_off_is_another_network_and_what_is_said_of_it_is_so(seed):
    rng = random.Random(seed)
    net = built("max", "tournament", 5)
    changed = to_json(net)
    layer = rng.choice(changed["layers"])
    row = rng.choice(layer["rows"])
    row[2 * rng.randrange(1, (len(row) + 1) // 2)] *= rng.choice((2, 3, -1))
    try:
        other = from_json(changed)
    except relumax.errors.FormatError:
        return
    for one in inspect(other):
        is_so(other, one, rng)
        verdict = prove(one.network, one.sentence, timeout=60)
        assert verdict.verdict == "proved", f"seed {seed}: {one.sentence}"


def test_many_leaves_take_seconds():
    net = hidden(built("max", "tournament", 200), random.Random(1), others=2)
    one, *_ = inspect(net)
    assert one.sentence == "for all x in R^200: y = max(x)"


def test_forms_are_written_as_a_sentence_has_them():
    for leaf in ((1, 0, ()), (3, -1, ()), (2, 5, ((0, -1), (1, 4))), (1, 0, ((2, 1),))):
        spec = relumax.theorem(f"for all x in R^3: y = {written(leaf)}")
        assert spec.statements
    assert written((2, 5, ((0, -1), (1, 4)))) == "-1/2 x[0] + 2 x[1] + 5/2"
