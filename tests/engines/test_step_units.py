"""Step units that count whom an option beats: certified by engine modular, also where two comparisons are one unit."""

from __future__ import annotations

import random
from fractions import Fraction
from math import comb

import pytest

from relumax import pipeline
from relumax.constructions import registry
from relumax.constructions.argmax import Choice, added, beats
from relumax.kernel import check
from relumax.language.expr import const, inputs, relu, step, substitute, symbol
from relumax.language.spec import Spec, array, point, statement, winner
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate

RANGE = Fraction(-1), Fraction(3)


def prepared(function, name, n, **options):
    found = registry.find(function, name)
    options = {**found.options, **options}
    return found.program(n, **options), found.spec(n, **options)


def proved(program, spec, engine="modular"):
    verdict = pipeline.prove(program, spec, engine)
    assert (verdict.verdict, verdict.engine) == (pipeline.PROVED, engine), verdict.reason
    assert tuple(check(verdict.certificate).statements) == verdict.theorem
    return verdict


@pytest.mark.parametrize("n", [2, 3, 8])
@pytest.mark.parametrize(
    ("function", "name", "options"),
    [
        ("argmax", "step", {}),
        ("argmin", "step", {}),
        ("select", "step", {}),
        ("select", "step", {"payload_range": RANGE, "payload_dim": 2}),
    ],
)
def test_step_networks_are_certified_gadget_by_gadget(function, name, n, options):
    verdict = proved(*prepared(function, name, n, **options))
    assert verdict.network.depth == 2 and len(verdict.network.layers[0].steps) == comb(n, 2)


def chosen(scores, payloads, count, at):
    """The network that gives the payload of the first best score, and its statement; `at` are points for w."""
    choice, n = Choice("w", "s[w]"), len(scores)
    hot = [step(won - (n - 1)) for won in beats(scores, choice)]
    output = added([p * h for p, h in zip(payloads, hot, strict=True)], choice, symbol("c[w]"))
    x, y, w = array("x", "in", count), array("y", "out"), symbol("w")
    s, c = array("s", "defined", n), array("c", "defined", n)
    define = {s: substitute(scores, list(x)), c: payloads}
    points = [point(values, [best]) for best, values in at]
    return [output], Spec([x, y], [statement([y[0] == c[w]], [winner(w, s)], [w < n], define, points)])


a, b = inputs(2)
DUPLICATES = {
    "one score twice": ([a, a, b], [(0, [1, 0]), (2, [0, 1])]),
    "and thrice": ([a, a, a, b], [(0, [1, 0]), (3, [0, 1])]),
    "apart": ([a, b, a, 2 * b - a], [(0, [1, 0]), (3, [0, 1])]),
    "an arithmetic progression": ([a + b, 2 * a + b, 3 * a + b], [(0, [-1, 0]), (2, [1, 0])]),
}
WRITTEN = {
    "differently": ([relu(a) + b, b + relu(a), relu(a - b)], [(0, [0, 1]), (2, [1, -1])]),
    "as steps": ([step(a), step(a), step(b)], [(0, [1, 0]), (2, [-1, 0])]),
    "as constants": ([const(0) + 0 * b, const(0), a - b], [(0, [-1, 0]), (2, [1, 0])]),
}


@pytest.mark.parametrize("which", DUPLICATES)
def test_two_comparisons_that_are_one_unit(which):
    scores, at = DUPLICATES[which]
    program, spec = chosen(scores, [5, 7, -2, 11][: len(scores)], 2, at)
    proved(program, spec)


@pytest.mark.parametrize("which", WRITTEN)
def test_equal_scores_are_proved_by_some_engine(which):
    scores, at = WRITTEN[which]
    verdict = pipeline.prove(*chosen(scores, [5, 7, -2], 2, at))
    assert verdict.verdict == pipeline.PROVED and check(verdict.certificate), verdict.reason


def test_one_weight_changed_is_refuted():
    program, spec = prepared("argmax", "step", 3)
    network = compile(program, spec.width)
    for place, layer in enumerate(network.layers):
        for row, (bias, terms) in enumerate(layer.rows):
            rows = (*layer.rows[:row], (bias - 1, terms), *layer.rows[row + 1 :])
            layers = [*network.layers]
            layers[place] = layer._replace(rows=rows)
            other = network._replace(layers=tuple(layers))
            verdict = pipeline.prove(program, spec, against=other)
            assert verdict.verdict == pipeline.REFUTED
            assert verdict.witness.outputs == evaluate(other, verdict.witness.inputs)


def test_a_wrong_payload_is_refuted():
    (output,), spec = chosen([a, a, b], [5, 7, -2], 2, DUPLICATES["one score twice"][1])
    verdict = pipeline.prove([output + step(a - b - 3)], spec)
    assert verdict.verdict == pipeline.REFUTED
    x = verdict.witness.inputs
    assert x[0] - x[1] >= 3 and verdict.witness.outputs == [6]


# ---------------------------------------------------------------- a campaign


def problem(rng):
    """Candidates and a score, a sum of relus of affine forms, with Python's own arithmetic beside it."""
    n = rng.choice([2, 2, 3])
    candidates = rng.sample(range(-6, 7), n)
    parts = [
        (rng.choice([-2, -1, 1]), rng.choice([-1, 1]), rng.choice([-2, -1, 1]), rng.randint(-3, 3))
        for _ in range(rng.randint(1, 3))
    ]

    def score(c, x):
        return sum((s * relu(p * c[0] + q * x[0] + r) for s, p, q, r in parts), const(0))

    def exactly(c, x):
        return sum(s * max(p * c + q * x + r, 0) for s, p, q, r in parts)

    return candidates, score, exactly


def first_best(scores, gap):
    """The first of the largest, if the earlier ones trail by the gap."""
    w = scores.index(max(scores))
    return None if any(s + gap > scores[w] for s in scores[:w]) else w


@pytest.fixture
def ready_examples():
    before = registry.find("search", "best_of")
    yield
    registry._registered["search", "best_of"] = before


def test_a_campaign_of_random_searches(ready_examples):
    from relumax.constructions.search import best_of
    from relumax.errors import SpecError

    rng = random.Random(20261125)
    print("seed 20261125")
    seen = {pipeline.PROVED: 0, pipeline.REFUTED: 0}
    while sum(seen.values()) < 24:
        candidates, score, exactly = problem(rng)
        best_of(score, [(c,) for c in candidates], 1)
        units, built = rng.choice(["relu", "relu", "step"]), Fraction(1)
        claimed = rng.choice([Fraction(1), Fraction(1), Fraction(1, 2), Fraction(2)])
        try:
            program, _ = prepared("search", "best_of", len(candidates), gap=built, units=units)
            _, spec = prepared("search", "best_of", len(candidates), gap=claimed, units=rng.choice(["relu", units]))
        except SpecError as reason:
            assert "found no inputs" in str(reason)
            continue
        gap = (
            claimed
            if ["gap", claimed.numerator, claimed.denominator] in spec.statements[-1]["requires"][0].values()
            else 0
        )
        verdict = pipeline.prove(program, spec, timeout=30)
        seen[verdict.verdict] += 1

        def wrong(x, network=verdict.network, gap=gap, values=candidates, exactly=exactly):
            """Whether the output at x, where the promise holds, is not the winner."""
            w = first_best([exactly(c, x) for c in values], gap)
            return w is not None and evaluate(network, [x]) != [values[w]]

        if verdict.verdict == pipeline.PROVED:
            assert check(verdict.certificate).statements
            assert not any(wrong(Fraction(k, 4)) for k in range(-60, 61))
        else:
            assert wrong(verdict.witness.inputs[0]), verdict.theorem
            assert gap < built and units == "relu"
    assert min(seen.values()) >= 3, seen
