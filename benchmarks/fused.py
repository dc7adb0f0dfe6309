"""A network with batch normalisation and the network it is fused to, as ONNX files: a true equality."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def pair(folder: Path, inputs: int, units: Sequence[int], seed: int = 1) -> tuple[Path, Path]:
    """Two files in the folder; weights are k/64 and gains powers of two, so that floats fuse them exactly."""
    draw = np.random.RandomState(seed).randint
    plain, fused = [], []
    for reads, gives in pairwise([inputs, *units]):
        W, b, mean, shift = (draw(-99, 100, shape) / 64 for shape in ((gives, reads), gives, gives, gives))
        gain = 2.0 ** draw(-2, 3, gives)
        plain.append((W, b, {"gain": gain, "shift": shift, "mean": mean, "variance": np.ones(gives)}))
        fused.append((W * gain[:, None], (b - mean) * gain + shift, {}))
    last = draw(-99, 100, (1, units[-1])) / 64
    found = folder / "normalised.onnx", folder / "fused.onnx"
    for path, layers in zip(found, (plain, fused), strict=True):
        _save(path, inputs, layers, last)
    return found


def _save(path: Path, inputs: int, layers: Sequence[tuple[Any, Any, dict[str, Any]]], last: Any) -> None:
    nodes, tensors, before = [], {"V": last}, "x"
    for k, (W, b, norm) in enumerate(layers):
        tensors |= {f"W{k}": W, f"b{k}": b, **{f"{name}{k}": value for name, value in norm.items()}}
        nodes.append(helper.make_node("Gemm", [before, f"W{k}", f"b{k}"], [before := f"s{k}"], transB=1))
        if norm:
            read = [before, *(f"{name}{k}" for name in norm)]
            nodes.append(helper.make_node("BatchNormalization", read, [before := f"t{k}"], epsilon=0.0))
        nodes.append(helper.make_node("Relu", [before], [before := f"h{k}"]))
    nodes.append(helper.make_node("Gemm", [before, "V"], ["y"], transB=1))
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, n]) for name, n in (("x", inputs), ("y", 1))]
    stored = [numpy_helper.from_array(np.asarray(value, "f4"), name) for name, value in tensors.items()]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], stored)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
