"""Disjunctions and conjunctions of linear properties on boxes: true ones proved, false ones refuted, in every shape."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from relumax import pipeline
from relumax.engines.boxes import boxes, floats
from relumax.engines.search import GaveUp
from relumax.formats import vnnlib
from relumax.kernel import check
from relumax.kernel.proof import EQ, LE, LT, OR
from relumax.network.evaluate import evaluate_numpy
from tests.engines.boxes.test_boxes import drawn, ends_of, points

SEEDS = range(8)
SHAPE = (3, 7, 7, 3)
JOINED = {
    "two": ("y[0] <= {a} or y[1] <= {b}", lambda a, b, c: np.minimum(a, b)),
    "three": ("y[0] <= {a} or y[1] <= {b} or y[2] <= {c}", lambda a, b, c: np.minimum(np.minimum(a, b), c)),
    "strict": ("y[0] < {a} or y[1] < {b}", lambda a, b, c: np.minimum(a, b)),
    "both": ("y[0] <= {a} and y[1] <= {b}", lambda a, b, c: np.maximum(a, b)),
    "nested": ("(y[0] <= {a} and y[1] <= {b}) or y[2] <= {c}", lambda a, b, c: np.minimum(np.maximum(a, b), c)),
    "twice": (
        "(y[0] <= {a} and y[1] <= {b}) or (y[2] <= {c} and y[1] <= {b})",
        lambda a, b, c: np.minimum(np.maximum(a, b), np.maximum(c, b)),
    ),
}


def stated(seed, how, above):
    """A network, numbers so far above what would be true by a hair, and the theorem in words."""
    network, ends = drawn(seed, SHAPE), ends_of(seed)
    y = evaluate_numpy(network, points(network, ends, seed))
    sentence, error = JOINED[how]
    draw = random.Random(f"{seed} {how}")
    middle = y.mean(axis=0) + [draw.uniform(-0.2, 0.2) * wide for wide in np.ptp(y, axis=0)]
    by = float(error(*(y - middle).T).max()) + above * float(np.ptp(y, axis=0).max())
    numbers = dict(zip("abc", [Fraction(float(one + by)).limit_denominator(512) for one in middle], strict=True))
    inside = " and ".join(f"{Fraction(a)} <= x[{i}] and x[{i}] <= {Fraction(b)}" for i, (a, b) in enumerate(ends))
    said = f"for all x in R^3 such that {inside}: {sentence.format(**numbers)} where y in R^3 is the output"
    return network, said, numbers, error, ends


@pytest.mark.parametrize("how", JOINED)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_true_is_proved(seed, how):
    print(f"seed {seed}")
    network, said, numbers, error, ends = stated(seed, how, 0.15)
    found = pipeline.prove(network, mentioned(said), "boxes")
    assert found.verdict == "proved", found.reason
    assert tuple(check(found.certificate).statements) == found.theorem
    y = evaluate_numpy(network, points(network, ends, seed + 100))
    assert error(*(y - [float(one) for one in numbers.values()]).T).max() <= 0


@pytest.mark.parametrize("how", JOINED)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_false_is_refuted(seed, how):
    print(f"seed {seed}")
    network, said, numbers, error, ends = stated(seed, how, -0.05)
    found = pipeline.prove(network, mentioned(said), "boxes")
    assert found.verdict == "refuted", found.reason
    x = found.witness.inputs
    assert all(Fraction(a) <= one <= Fraction(b) for one, (a, b) in zip(x, ends, strict=True))
    y = [float(one - most) for one, most in zip(network(*x), numbers.values(), strict=True)]
    assert error(*np.array([y]).T)[0] >= 0


def mentioned(said):
    """The sentence, in which every output is spoken of."""
    more = "".join(f" and (y[{k}] <= 0 or 0 <= y[{k}])" for k in range(3) if f"y[{k}]" not in said)
    promise, _, rest = said.partition(": ")
    head, _, tail = rest.partition(" where ")
    return f"{promise}: ({head}){more} where {tail}"


def test_no_inequality_alone_holds_in_all_of_the_box(monkeypatch):
    """Where two sums are needed at once, weights say so; each on its own is not enough."""
    taken = set()
    cut = floats.cut

    def watched(*given):
        for found in cut(*given):
            taken.update(one.weights for one in found.closed)
            yield found

    monkeypatch.setattr(floats, "cut", watched)
    for seed in SEEDS:
        network, said, *_ = stated(seed, "two", 0.05)
        assert pipeline.prove(network, mentioned(said), "boxes").verdict == "proved"
    assert any(min(one) for one in taken) and any(0 in one for one in taken)


def test_least_and_most_of_outputs():
    """y[0] is not the largest; y[0] is the smallest: a disjunction and a conjunction of comparisons."""
    network, ends = drawn(4, SHAPE), ends_of(4)
    y = evaluate_numpy(network, points(network, ends, 4))
    inside = " and ".join(f"{Fraction(a)} <= x[{i}] and x[{i}] <= {Fraction(b)}" for i, (a, b) in enumerate(ends))
    for k in range(3):
        others = [j for j in range(3) if j != k]
        for joined, sign in ((" or ", 1), (" and ", -1)):
            gap = [sign * (y[:, k] - y[:, j]) for j in others]
            most = float((np.minimum if sign > 0 else np.maximum)(*gap).max())
            for by, verdict in ((0.3, "proved"), (-0.1, "refuted")):
                c = Fraction(most + by).limit_denominator(64)
                a, b = [f"y[{k}] - y[{j}] <= {c}" if sign > 0 else f"y[{j}] - y[{k}] <= {c}" for j in others]
                said = f"for all x in R^3 such that {inside}: {a}{joined}{b} where y in R^3 is the output"
                assert pipeline.prove(network, said, "boxes").verdict == verdict


def test_queries_in_vnnlib():
    """Met by inputs for which all of several inequalities hold: no answer is a disjunction."""
    network, ends = drawn(2, SHAPE), ends_of(2)
    y = evaluate_numpy(network, points(network, ends, 2))
    middle = y.mean(axis=0)
    most = float(np.minimum(*(y - middle)[:, :2].T).max())
    for by, verdict in ((0.2, "proved"), (-0.1, "refuted")):
        lines = ["(vnnlib-version <2.0>)", "(declare-network N", "(declare-input X real [1,3])"]
        lines += ["(declare-output Y real [1,3])", ")"]
        lines += [f"(assert (>= X[0,{i}] {a}))\n(assert (<= X[0,{i}] {b}))" for i, (a, b) in enumerate(ends)]
        lines += [f"(assert (>= Y[0,{k}] {round(float(middle[k]) + most + by, 4)}))" for k in (0, 1)]
        query = vnnlib.read("\n".join(lines))
        assert pipeline.prove(network, vnnlib.no_answer(query), "boxes").verdict == verdict


def test_parts_are_the_choices():
    a, b, c = ((LE, 0, ((v, 1),)) for v in (1, 2, 3))
    (alone,) = boxes.parts(a)
    assert alone == boxes.Part((a,), (0,), 1)
    assert boxes.parts((OR, ((a, b),))) == [boxes.Part((one,), (1,), 2) for one in (a, b)]
    assert boxes.parts((OR, ((a,), (b,)))) == [boxes.Part((a, b), (0, 1), 2)]
    found = boxes.parts((OR, ((a, b), (c,))))
    assert found == [boxes.Part((one, c), (2, 1), 3) for one in (a, b)]
    assert boxes.parts((OR, (((LE, 0, ((1, 1),)),), ((LE, 0, ((1, -1),)),)))) == []
    assert boxes.parts((LT, 0, ((1, 1),)))[0].places == (0,)
    with pytest.raises(GaveUp, match="inequalities"):
        boxes.parts((EQ, 0, ((1, 1),)))
    with pytest.raises(GaveUp, match="choices"):
        boxes.parts((OR, tuple(((LE, k, ((1, 1),)), (LE, k, ((2, 1),))) for k in range(7))))
