"""The bound for any numbers: no runtime exceeds it, on random, adversarial, huge and subnormal rows, in any order."""

from __future__ import annotations

import random
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from relumax.formats import export
from relumax.network.layers import Network, normalise
from relumax.ranges import ErrorBound, exact_ranges, rounding_bounds
from tests.ranges.arithmetic import network_of, run
from tests.ranges.test_runtimes import dense, forward

WHICH = [
    ("max", "tournament", 8),
    ("max", "chain", 5),
    ("max", "shallow", 5),
    ("argmax", "index", 4),
    ("argmax", "slack", 5),
    ("select", "gate", 3),
]
TYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16}


def bounds_of(network: Network) -> dict[str, ErrorBound | None]:
    found = exact_ranges(network)
    assert found is not None and found.sums is not None
    return rounding_bounds(network, found.sums)


def rows_of(width: int, kind: type, most: Fraction, count: int, seed: int) -> np.ndarray:
    """Normal numbers, wide spreads, near-ties, cancelling pairs, large negatives by a small maximum, subnormals."""
    draw, info = np.random.default_rng(seed), np.finfo(kind)
    top = min(float(most), float(info.max)) * 0.99
    normal = draw.standard_normal((count, width))
    signs, spread = np.sign(normal), draw.uniform(np.log(float(info.tiny)), np.log(top), (count, width))
    near = draw.standard_normal((count, 1)) * (1 + draw.integers(-3, 4, (count, width)) * float(info.eps))
    masked = np.where(draw.random((count, width)) < 0.8, -(10.0 ** draw.uniform(0, np.log10(top), (count, 1))), normal)
    tiny = draw.integers(-50, 51, (count, width)) * float(info.smallest_subnormal)
    small = normal * float(info.tiny)
    rows = np.concatenate(
        [normal, signs * np.exp(spread), near, masked, tiny, small, normal / np.abs(normal).max() * top]
    )
    return np.clip(rows, -top, top).astype(kind)


def exact(network: Network, rows: np.ndarray) -> list[list[Fraction]]:
    return [network([Fraction(float(one)) for one in row]) for row in rows]


def worst(rows: np.ndarray, found: np.ndarray, wanted: list[list[Fraction]], bound: ErrorBound, flushed: bool) -> float:
    """The largest error as a part of its bound."""
    most = 0.0
    for row, y, f in zip(rows, found, wanted, strict=True):
        m = Fraction(float(np.abs(row).max()))
        error = max(abs(Fraction(float(one)) - other) for one, other in zip(y, f, strict=True))
        most = max(most, float(error / bound.at(m, flushed)))
    return most


@pytest.mark.parametrize("count", [25, pytest.param(3000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("which", WHICH, ids=lambda which: "-".join(map(str, which)))
def test_no_runtime_exceeds_it(which: tuple[str, str, int], count: int) -> None:
    network, seen = network_of(*which), {}
    for name, bound in bounds_of(network).items():
        if name not in TYPES or bound is None:
            continue
        rows = rows_of(network.inputs, TYPES[name], bound.most, count, 9)
        wanted = exact(network, rows)
        seen[name, "numpy"] = worst(rows, forward(network, rows, TYPES[name]), wanted, bound, False)
        data = export(network, "onnx", name).data
        if name == "float32":
            session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
            seen[name, "onnxruntime"] = worst(rows, session.run(None, {"x": rows})[0], wanted, bound, False)
        if name == "float16":
            reference = ReferenceEvaluator(onnx.load_from_string(data))
            seen[name, "reference"] = worst(rows, reference.run(None, {"x": rows})[0], wanted, bound, False)
        if find_spec("torch"):
            seen[name, "torch"] = worst(rows, in_torch(network, rows), wanted, bound, False)
    assert all(one <= 1 for one in seen.values()), seen
    assert max(seen.values()) > 1 / 500, seen  # the rows do find errors


def in_torch(network: Network, rows: np.ndarray) -> np.ndarray:
    """The outputs of torch on the CPU."""
    import torch

    h = torch.from_numpy(rows)
    for t, (weights, biases) in enumerate(dense(network, rows.dtype.type)):
        h = torch.from_numpy(biases) + h @ torch.from_numpy(weights)
        h = torch.relu(h) if t < network.depth else h
    return h.numpy()


@pytest.mark.parametrize("which", WHICH, ids=lambda which: "-".join(map(str, which)))
def test_no_order_of_sums_exceeds_it_in_any_arithmetic(which: tuple[str, str, int]) -> None:
    """With tf32's operands, and bfloat16, which numpy has not: rounded to nearest, sums shuffled."""
    network, order = network_of(*which), random.Random(4)
    for name, operand, total in (("tf32", 11, 24), ("bfloat16", 8, 8), ("float16", 11, 11)):
        bound = bounds_of(network)[name]
        assert bound is not None
        for _ in range(40):
            scale = 2.0 ** order.randint(0, 12)
            x = [Fraction(float(np.float16(order.gauss(0, 1) * scale))) for _ in range(network.inputs)]
            if name == "bfloat16":
                x = [Fraction(round(one * 8)) / 8 if abs(one) < 16 else one // 64 * 64 % 4096 for one in x]
            found, wanted = run(network, x, operand, total, order), network(x)
            m = max(map(abs, x))
            assert max(abs(y - f) for y, f in zip(found, wanted, strict=True)) <= bound.at(m)


def test_flushed_subnormals_stay_in_the_flushed_bound() -> None:
    """Each product, sum and unit below the smallest normal number is 0: more than `absolute`, less than `flushed`."""
    network, tiny = network_of("max", "tournament", 8), np.finfo(np.float32).tiny
    bound = bounds_of(network)["float32"]
    assert bound is not None
    rows, above = np.random.default_rng(2).uniform(-4, 4, (500, 8)) * float(tiny), 0
    for row in rows.astype(np.float32):
        h = np.where(np.abs(row) < tiny, 0, row)
        for t, (weights, biases) in enumerate(dense(network, np.float32)):
            sums = biases.copy()
            for j, one in enumerate(h):
                sums = sums + weights[j] * one
                sums[np.abs(sums) < tiny] = 0
            h = np.maximum(sums, 0) if t < network.depth else sums
        m = Fraction(float(np.abs(row).max()))
        error = abs(Fraction(float(h[0])) - Fraction(float(row.max())))
        above += error > bound.at(m)
        assert error <= bound.at(m, flushed=True)
    assert above > 50


def test_by_hand() -> None:
    """y = x0 + x1 + x2 - x3: three additions, and one rounding more for a wide accumulator, of at most 4 m."""
    network = Network(4, (), normalise([(0, {0: 1, 1: 1, 2: 1, 3: -1})]))
    bound = bounds_of(network)["float32"]
    assert bound is not None
    assert abs(bound.relative - Fraction(4 * 4, 2**24 - 4)) < Fraction(1, 2**100)
    copied = bounds_of(Network(1, (), normalise([(0, {0: 2})])))["float32"]
    assert copied is not None and copied.relative == copied.absolute == 0 and copied.most < Fraction(2) ** 127
    assert bounds_of(Network(1, (normalise([(0, {0: 1})], [0]),), normalise([(0, {0: 1})])))["float32"] is None
    assert bounds_of(Network(300, (), normalise([(0, dict.fromkeys(range(300), 1))])))["bfloat16"] is None


def test_operands_of_few_bits() -> None:
    """tf32 reads 7/2^149 as 0 or 2^-136, and the largest float32 as an infinity, 0 times which is no number."""
    copied = bounds_of(Network(1, (), normalise([(0, {0: 1})])))["tf32"]
    assert copied is not None
    tiny, least = Fraction(7, 2**149), Fraction(1, 2**136)
    assert least > copied.at(tiny) - least >= 0 and copied.at(tiny) >= max(tiny, least - tiny)
    unread = bounds_of(Network(1, (), normalise([(1, {})])))["tf32"]
    assert unread is not None and unread.most + unread.most / 2**10 <= Fraction(2) ** 128 - 2**104


def test_a_maximum_of_many_adds_up_and_does_not_multiply() -> None:
    """Ten layers err about four times as much as three, not 3^7 times."""
    eight, many = (bounds_of(network_of("max", "tournament", n))["float32"] for n in (8, 1024))
    assert eight is not None and many is not None and many.relative < 5 * eight.relative < Fraction(1, 10_000)
