"""Runtimes inside the proved ranges, on corner vectors: onnxruntime, onnx's reference (in float16), numpy; with --slow.

A difference is a bug: of the bounds, of their checker, or of how a runtime is thought to compute.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from relumax.formats import export
from relumax.ranges import exact_ranges
from tests.ranges.arithmetic import network_of

WHICH = [
    ("max", "tournament", 8),
    ("max", "tournament", 16),
    ("max", "chain", 8),
    ("max", "shallow", 5),
    ("argmax", "index", 8),
    ("argmax", "prefix", 8),
    ("argmax", "onehot", 4),
    ("argmax", "slack", 8),
    ("select", "gate", 4),
]
ROWS = {"quick": 2_000, "slow": 500_000}


def dense(network, dtype):
    """Weights and biases of each map."""
    for layer, columns in zip(network.maps, network.columns, strict=True):
        weights, biases = np.zeros((columns, len(layer.rows))), np.zeros(len(layer.rows))
        for k, (bias, terms) in enumerate(layer.rows):
            biases[k] = bias / layer.den
            for j, c in terms:
                weights[j, k] = c / layer.den
        yield weights.astype(dtype), biases.astype(dtype)


def forward(network, batch, dtype):
    """The outputs in numpy's arithmetic of this type."""
    h = batch.astype(dtype)
    for t, (weights, biases) in enumerate(dense(network, dtype)):
        h = h @ weights + biases
        if t < network.depth:
            h = np.maximum(h, 0)
    return h


def corner_rows(width, most, count, seed):
    """Integers at the ends of the range, near them and anywhere inside, with many ties."""
    random = np.random.default_rng(seed)
    ends = np.array([most, -most, most - 1, 1 - most, 0, 1, -1, most // 2, most // 3])
    rows = random.integers(-most, most + 1, size=(count, width))
    at_ends = random.random((count, width)) < 0.7
    rows[at_ends] = random.choice(ends, at_ends.sum())
    return np.clip(rows, -most, most).astype(np.float64)


@pytest.mark.parametrize("rows", ["quick", pytest.param("slow", marks=pytest.mark.slow)])
@pytest.mark.parametrize("which", WHICH)
def test_runtimes_are_exact_inside(which, rows):
    network = network_of(*which)
    most = {name: int(one) for name, one in exact_ranges(network).most.items() if one is not None}
    count = ROWS[rows]

    batch = corner_rows(network.inputs, most["float32"], count, 1)
    exact = forward(network, batch, np.float64)  # far inside float64's range
    assert (forward(network, batch, np.float32) == exact).all()
    run = onnxruntime.InferenceSession(export(network, "onnx").data, providers=["CPUExecutionProvider"])
    assert (run.run(None, {"x": batch.astype(np.float32)})[0] == exact).all()

    batch = corner_rows(network.inputs, most["float16"], min(count, 50_000), 2)
    exact = forward(network, batch, np.float64)
    assert (forward(network, batch, np.float16) == exact).all()
    half = export(network, "onnx", "float16").data
    reference = ReferenceEvaluator(onnx.load_from_string(half))
    assert (reference.run(None, {"x": batch.astype(np.float16)})[0] == exact).all()

    wide = corner_rows(network.inputs, most["float16 in float32"], count, 3).astype(np.float16)
    with np.errstate(over="ignore"):
        wanted = forward(network, wide.astype(np.float64), np.float64).astype(np.float16)
    run = onnxruntime.InferenceSession(half, providers=["CPUExecutionProvider"])
    assert (run.run(None, {"x": wide})[0] == wanted).all()
