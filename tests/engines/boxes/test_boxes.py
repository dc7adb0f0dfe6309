"""Linear statements about networks on boxes: bounds hold, verdicts are right, bytes do not depend on who ran what."""

import json
import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from relumax import pipeline
from relumax.clock import TimeUp
from relumax.cluster import on
from relumax.engines.boxes import boxes, floats, leaves
from relumax.kernel import Invalid, Malformed, Refused, check
from relumax.network.evaluate import evaluate_numpy
from relumax.network.layers import Network, normalise

SEEDS = range(12)


def drawn(seed, shape=(3, 6, 6, 1)):
    """A network with weights of few bits, some of them 0."""
    draw = random.Random(f"boxes {seed}")
    maps = []
    for reads, gives in pairwise(shape):
        rows = []
        for _ in range(gives):
            row = {j: Fraction(draw.randint(-12, 12), 8) for j in range(reads)}
            row[draw.randrange(reads)] = Fraction(1, 3)
            rows.append((Fraction(draw.randint(-8, 8), 8), row))
        maps.append(normalise(rows))
    return Network(shape[0], tuple(maps[:-1]), maps[-1])


def points(network, ends, seed, count=4000):
    low, high = np.array(ends).T
    return low + np.random.default_rng(seed).random((count, network.inputs)) * (high - low)


def ends_of(seed, n=3):
    draw = random.Random(f"box {seed}")
    centre = [draw.randint(-8, 8) / 8 for _ in range(n)]
    return [(c - 0.25, c + 0.25) for c in centre]


def sentence(ends, most):
    inside = " and ".join(f"{Fraction(a)} <= x[{i}] and x[{i}] <= {Fraction(b)}" for i, (a, b) in enumerate(ends))
    return f"for all x in R^{len(ends)} such that {inside}: y <= {Fraction(most)}"


def stated(seed, above, shape=(3, 6, 6, 1)):
    """A network and a theorem whose number lies so far above the largest value seen, as a part of the range."""
    network, ends = drawn(seed, shape), ends_of(seed, shape[0])
    y = evaluate_numpy(network, points(network, ends, seed))[:, 0]
    most = Fraction(float(y.max() + above * (y.max() - y.min()) + (0.01 if above > 0 else 0))).limit_denominator(4096)
    return network, sentence(ends, most), most


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_true_is_proved(seed):
    print(f"seed {seed}")
    network, theorem, most = stated(seed, 0.2)
    found = pipeline.prove(network, theorem, "boxes")
    assert found.verdict == "proved", found.reason
    y = evaluate_numpy(network, points(network, ends_of(seed), seed + 100))
    assert y.max() <= float(most)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_false_is_refuted(seed):
    print(f"seed {seed}")
    network, theorem, most = stated(seed, -0.02)
    found = pipeline.prove(network, theorem, "boxes")
    if network(*[Fraction(a + b) / 2 for a, b in ends_of(seed)])[0] == most:
        pytest.skip("the network is constant there")
    assert found.verdict == "refuted", found.reason
    x = found.witness.inputs
    assert network(*x)[0] > most
    assert all(Fraction(a) <= one <= Fraction(b) for one, (a, b) in zip(x, ends_of(seed), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds_in_floats_hold_and_depend_on_nothing_else(seed):
    print(f"seed {seed}")
    network, ends = drawn(seed, (4, 9, 7, 5, 1)), ends_of(seed, 4)
    relaxed = floats.Relaxed(network)
    low, high = (np.array([one[side] for one in ends]) for side in (0, 1))
    many = np.stack([low] * 5), np.stack([high, (low + high) / 2, high, low, high])
    least, most = relaxed.bounds(*many)
    for k in range(5):
        alone = relaxed.bounds(many[0][k][None], many[1][k][None])
        for some, one in zip((*least, *most), (*alone[0], *alone[1]), strict=True):
            assert some[k].tobytes() == one[0].tobytes()  # to the last bit, whatever else is in the batch
    x = points(network, ends, seed)
    for weight, bias, low_, high_ in zip(relaxed.weights, relaxed.biases, least, most, strict=True):
        s = x @ weight.T + bias
        assert (s >= low_[0] - 1e-6).all()
        assert (s <= high_[0] + 1e-6).all()
        x = np.maximum(s, 0)


def test_lines_lie_above_the_unit():
    random_ = np.random.default_rng(7)
    least = random_.standard_normal(500)
    most = least + random_.exponential(1.0, 500)
    slope, shift, lower = floats.lines(least, most)
    for part in np.linspace(0, 1, 9):
        s = least + part * (most - least)
        assert (np.maximum(s, 0) <= slope * s + shift + 1e-12).all()
        assert (lower * s <= np.maximum(s, 0)).all()


def whole(theorem_of, **where):
    network, theorem, _ = theorem_of
    with on(**where):
        found = pipeline.prove(network, theorem, "boxes")
    assert found.verdict == "proved", found.reason
    return found.certificate


@pytest.mark.parametrize("workers", [2, 3])
def test_the_bytes_do_not_depend_on_workers(workers):
    theorem = stated(5, 0.02, (3, 8, 8, 8, 1))
    alone = whole(theorem)
    assert json.loads(alone)["proofs"][0].count(1) > 1  # there are splits
    assert whole(theorem, workers=workers) == alone


def test_the_bytes_do_not_depend_on_a_cluster():
    distributed = pytest.importorskip("distributed")
    theorem = stated(5, 0.02, (3, 8, 8, 8, 1))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        assert whole(theorem, dask=cluster.scheduler_address) == whole(theorem)


def test_boxes_that_only_floats_thought_closed_are_halved(monkeypatch):
    theorem = stated(5, 0.02, (3, 8, 8, 8, 1))
    alone = whole(theorem)
    monkeypatch.setattr(floats, "SURE", -0.2)
    found = whole(theorem)
    assert found != alone
    monkeypatch.setattr(leaves, "DEEPER", 0)
    given_up = pipeline.prove(*theorem[:2], "boxes")
    assert given_up.verdict == "unknown"
    assert "not shown by integers" in given_up.reason


def test_mutants_of_a_proof_are_refused():
    network, theorem, _ = stated(5, 0.02)
    found = pipeline.prove(network, theorem, "boxes")
    draw, refused = random.Random(11), 0
    for _ in range(60):
        record = json.loads(found.certificate)
        proof = record["proofs"][0]
        places = [k for k, one in enumerate(proof) if type(one) is int and abs(one) > 1]
        k = draw.choice(places)
        proof[k] += draw.choice((-1, 1))
        try:
            theorem_ = check(json.dumps(record, sort_keys=True, separators=(",", ":")).encode())
        except (Invalid, Malformed, Refused):
            refused += 1
        else:
            assert theorem_.statements == found.accepted.statements  # a weight that is not tight: the same theorem
    assert refused > 40


def test_what_it_is_not_for():
    network = drawn(1)
    for theorem, said in (
        ("for all x in R^3: y <= 5", "inputs in a box"),
        ("for all x in R^3 such that 0 <= x[0] and x[0] <= 1: y <= 5", "not all inputs are in a box"),
        ("for all x in [0, 1]^3: y <= max(x)", "sums of inputs and outputs"),
    ):
        found = pipeline.prove(network, theorem, "boxes")
        assert found.verdict in ("unknown", "refuted")
        assert said in found.reason or found.verdict == "refuted"


def test_a_bound_that_is_attained_is_left_to_others():
    absolute = Network(1, (normalise([(0, {0: 1}), (0, {0: -1})]),), normalise([(0, {0: 1, 1: 1})]))
    theorem = "for all x in [-1, 1]^1: y <= 1"
    assert pipeline.prove(absolute, theorem, "boxes").verdict == "unknown"
    assert pipeline.prove(absolute, theorem).verdict == "proved"


def test_several_goals_and_outputs():
    network = drawn(3, (2, 5, 5, 3))
    inside = " and ".join(f"0 <= x[{i}] and x[{i}] <= 1/4" for i in range(2))
    text = f"for all x in R^2 such that {inside}: {{}} where y in R^3 is the output"
    y = evaluate_numpy(network, points(network, [(0, 0.25)] * 2, 1))
    most = Fraction(float((y[:, 0] - y[:, 1]).max()) + 0.5).limit_denominator(64)
    least = Fraction(float(y[:, 2].min()) - 0.5).limit_denominator(64)
    said = f"y[0] <= y[1] + {most} and y[2] >= {least}" if most >= 0 else f"y[0] + {-most} <= y[1] and y[2] >= {least}"
    found = pipeline.prove(network, text.format(said), "boxes")
    assert found.verdict == "proved", found.reason


def test_unknown_says_how_far_it_came(monkeypatch):
    def late(task):
        raise TimeUp

    monkeypatch.setattr(boxes, "proof", late)
    network, theorem, _ = stated(5, 0.02)
    found = pipeline.prove(network, theorem, "boxes", timeout=60)
    assert found.verdict == "unknown"
    assert "of 12 units are always on or always off, bounds hold in 100.0% of the box" in found.reason
