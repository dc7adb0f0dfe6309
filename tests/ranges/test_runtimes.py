"""Runtimes inside the proved ranges, on corner vectors; with --slow, on many of them.

    pip install -e '.[test,test-runtimes]' && pytest --slow tests/ranges/test_runtimes.py

onnxruntime, onnx's reference (in float16) and numpy always, and of torch, openvino and ncnn those that are installed. A
difference is a bug: of the bounds, of their checker, or of how a runtime is thought to compute.
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
    ("argmax", "bits", 8),
    ("argmax", "onehot", 4),
    ("argmax", "slack", 8),
    ("select", "gate", 4),
    ("select", "prefix", 4),
    ("select", "prefix", 8),
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


def cornered(which, kind, count=20_000):
    """A network, corner vectors of the range proved for an arithmetic, and the outputs."""
    network = network_of(*which)
    most = int(exact_ranges(network).most[kind])
    batch = corner_rows(network.inputs, most, count, 4)
    return network, batch, forward(network, batch, np.float64)


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


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("which", WHICH)
def test_torch_is_exact_inside(which, kind):
    torch = pytest.importorskip("torch")
    network, batch, exact = cornered(which, kind)
    h = torch.tensor(batch).to(getattr(torch, kind))
    for t, (weights, biases) in enumerate(dense(network, np.float64)):
        layer = torch.nn.functional.linear
        h = layer(h, torch.tensor(weights.T.copy()).to(h.dtype), torch.tensor(biases).to(h.dtype))
        if t < network.depth:
            h = torch.relu(h)
    assert (h.double().numpy() == exact).all()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("which", WHICH)
def test_openvino_is_exact_inside(which, tmp_path):
    openvino = pytest.importorskip("openvino")
    network, batch, exact = cornered(which, "float32")
    path = tmp_path / "network.onnx"
    path.write_bytes(export(network, "onnx").data)
    run = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert (run(batch.astype(np.float32))[0] == exact).all()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["float32", "bfloat16"])
@pytest.mark.parametrize("which", WHICH)
def test_ncnn_is_exact_inside(which, kind):
    """A file of its own, of InnerProduct layers; float16 storage, its default, is turned off."""
    ncnn = pytest.importorskip("ncnn")
    network, batch, exact = cornered(which, kind)
    net = ncnn.Net()
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = kind == "bfloat16"
    lines, blob, data = ["Input x 0 1 x0"], "x0", b""
    for t, (weights, biases) in enumerate(dense(network, np.float32)):
        last = t == network.depth
        relu = "" if last else " 9=1"
        lines.append(f"InnerProduct p{t} 1 1 {blob} x{t + 1} 0={len(biases)} 1=1 2={weights.size}{relu}")
        data += bytes(4) + weights.T.tobytes() + biases.tobytes()  # four zero bytes: weights are float32
        blob = f"x{t + 1}"
    net.load_param_mem("\n".join(["7767517", f"{len(lines)} {len(lines)}", *lines]) + "\n")
    net.load_model_mem(data)
    for row, wanted in zip(batch[:500].astype(np.float32), exact, strict=False):
        run = net.create_extractor()
        run.input("x0", ncnn.Mat(row))
        assert (np.array(run.extract(blob)[1]) == wanted).all()
