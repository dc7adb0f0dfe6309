"""Every operator against onnxruntime, in the opsets where its meaning or its way of being written changed.

Inputs are quarters and weights short, so that floats are exact: results must be equal, but for divisions.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from relumax.errors import FormatError
from relumax.formats import load
from relumax.formats.onnx import graph
from relumax.formats.onnx.operators.table import OPERATORS
from tests.formats.examples import evaluate
from tests.strategies import reproducible

NEWEST = 28
QUIET = onnxruntime.SessionOptions()
QUIET.log_severity_level = 4
ORT_ERRORS = tuple(
    found
    for name in ("Fail", "InvalidArgument", "InvalidGraph", "RuntimeException", "NotImplemented")
    if (found := getattr(onnxruntime.capi.onnxruntime_pybind11_state, name, None))
)
Arrays = dict[str, Any]


class Case(NamedTuple):
    """Nodes from x to y, each "Op inputs -> outputs" with its attributes; constants; the shape of x; opsets."""

    nodes: list[tuple[str, dict[str, Any]]]
    arrays: Arrays
    shape: list[int]
    opsets: tuple[int, ...]


def one(text: str, shape: list[int], opsets: tuple[int, ...], arrays: Arrays | None = None, **attributes: Any) -> Case:
    """A case of a single node."""
    return Case([(text, attributes)], arrays or {}, shape, opsets)


def ints(value: Any) -> np.ndarray:
    """Constants such as axes and shapes."""
    return np.array(value, "i8")


def several(shape: list[int], opsets: tuple[int, ...], *nodes: Any, **arrays: Any) -> Case:
    """A case of several nodes; a node without attributes is its text."""
    return Case([(node, {}) if isinstance(node, str) else node for node in nodes], arrays, shape, opsets)


def model(case: Case, opset: int, kind: int = TensorProto.FLOAT) -> bytes:
    nodes = []
    for text, attributes in case.nodes:
        left, outputs = text.split(" -> ")
        name, *inputs = left.split()
        domain, _, op = name.rpartition("::")
        names = ["" if one == "_" else one for one in inputs]
        nodes.append(helper.make_node(op, names, outputs.split(), domain=domain, **attributes))
    arrays = {name: np.asarray(value) for name, value in case.arrays.items()}
    arrays = {name: value.astype("f4") if value.dtype == np.float64 else value for name, value in arrays.items()}
    main = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, case.shape)],
        [helper.make_tensor_value_info("y", kind, None)],
        [numpy_helper.from_array(value, name) for name, value in arrays.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(main, opset_imports=opsets, ir_version=10 if opset < 25 else 13).SerializeToString()


def agree(data: bytes, shape: list[int], seed: int = 0, points: int = 12) -> None:
    """onnxruntime and the network read from a file compute the same, but for the last bits of a division."""
    network = load(data).network
    session = onnxruntime.InferenceSession(data, QUIET, providers=["CPUExecutionProvider"])
    for point in np.random.default_rng(seed).integers(-6, 7, (points, network.inputs)) / 4:
        (found,) = session.run(["y"], {"x": point.reshape(shape).astype("f4")})
        exact = evaluate(network, [Fraction(value) for value in point])
        assert len(exact) == found.size
        np.testing.assert_allclose(found.reshape(-1), [float(value) for value in exact], rtol=1e-6, atol=1e-7)


OLD = (7, 9, NEWEST)
SHORT = np.array([[1, -2, 0.5], [0.25, 0, 3]])
CONV = np.arange(-8, 8).reshape(2, 2, 2, 2) / 4

CASES: dict[str, Case] = {
    "Add": one("Add x b -> y", [2, 3], OLD, {"b": [1.0, -1.0, 0.5]}),
    "Add, grown": one("Add b x -> y", [3], OLD, {"b": SHORT}),
    "Sub": one("Sub x b -> y", [2, 3], OLD, {"b": SHORT}),
    "Sub, from": one("Sub b x -> y", [2, 3], OLD, {"b": SHORT}),
    "Mul": one("Mul b x -> y", [2, 3], OLD, {"b": [[2.0], [-0.5]]}),
    "Mul, by a comparison": several(
        [4], (9, NEWEST), "Greater x a -> t", ("Cast t -> m", {"to": 1}), "Mul x m -> y", a=[0.0, 0.5, -0.5, 0.0]
    ),
    "Mul, by a sign": several([4], (9, NEWEST), "Sign x -> s", "Mul s x -> y"),
    "Mul, by a comparison of parts": several(
        [4],
        (13, NEWEST),
        "Split x s -> a b",
        "Less a b -> t",
        ("Cast t -> m", {"to": 1}),
        "Sub b a -> d",
        "Mul m d -> y",
        s=ints([2, 2]),
    ),
    "Div": one("Div x b -> y", [2, 3], OLD, {"b": [[3.0], [-0.5]]}),
    "Neg": one("Neg x -> y", [2, 3], OLD),
    "Sum, of one shape": one("Sum x b x -> y", [3], (7, NEWEST), {"b": [1.0, 2.0, 4.0]}),
    "Sum": one("Sum x b x -> y", [2, 3], (8, NEWEST), {"b": [1.0, 2.0, 4.0]}),
    "Mean, of one shape": one("Mean x b x -> y", [3], (7, NEWEST), {"b": [1.0, 2.0, 4.0]}),
    "Mean": one("Mean x b x -> y", [2, 3], (8, NEWEST), {"b": [1.0, 2.0, 4.0]}),
    "Gemm": one("Gemm x b c -> y", [3, 2], OLD, {"b": SHORT, "c": [1.0, 2.0, 3.0]}, alpha=0.5, beta=0.25),
    "Gemm, transposed": one(
        "Gemm x b c -> y",
        [2, 3],
        OLD,
        {"b": [[1.0, 2.0], [0.5, 0.0], [3.0, -1.0], [0.0, 1.0]], "c": [[1.0], [2.0], [3.0]]},
        transA=1,
        transB=1,
    ),
    "Gemm, weights first": one("Gemm b x -> y", [3, 2], (11, NEWEST), {"b": SHORT}),
    "Gemm, weights first, transposed": one("Gemm b x -> y", [4, 2], (11, NEWEST), {"b": SHORT}, transA=1, transB=1),
    "MatMul": one("MatMul x b -> y", [2, 2], OLD, {"b": SHORT}),
    "MatMul, vector": one("MatMul x b -> y", [2], OLD, {"b": SHORT}),
    "MatMul, by a vector": one("MatMul x b -> y", [2, 3], OLD, {"b": [1.0, 2.0, -1.0]}),
    "MatMul, both vectors": one("MatMul x b -> y", [3], OLD, {"b": [1.0, 2.0, -1.0]}),
    "MatMul, stacks": one("MatMul x b -> y", [2, 1, 2, 2], OLD, {"b": np.arange(18).reshape(3, 2, 3) / 2}),
    "MatMul, weights first": one("MatMul b x -> y", [3, 2], OLD, {"b": SHORT}),
    "BatchNormalization": one(
        "BatchNormalization x s b m v -> y",
        [2, 2, 3],
        (9, 14, NEWEST),
        {"s": [1.0, 2.0], "b": [0.5, 0.0], "m": [1.0, -1.0], "v": [4.0 - 2**-10, 0.25 - 2**-10]},
        epsilon=2.0**-10,
    ),
    "Identity": several([2], OLD, "Identity x -> h", "Relu h -> y"),
    "Constant": several(
        [2], (11, NEWEST), ("Constant -> c", {"value": numpy_helper.from_array(np.array([1, 2], "f4"))}), "Add x c -> y"
    ),
    "Constant, floats": several([2], (12, NEWEST), ("Constant -> c", {"value_floats": [1.5, 0.25]}), "Add x c -> y"),
    "Constant, float": several([2], (12, NEWEST), ("Constant -> c", {"value_float": 1.5}), "Add x c -> y"),
    "Constant, ints": several([6], (13, NEWEST), ("Constant -> c", {"value_ints": [2, 3]}), "Reshape x c -> y"),
    "ConstantOfShape": several(
        [2],
        (9, NEWEST),
        ("ConstantOfShape s -> c", {"value": numpy_helper.from_array(np.array([2.5], "f4"))}),
        "Add x c -> y",
        s=ints([3, 1]),
    ),
    "Shape": several(
        [2, 3], (9, NEWEST), "Shape x -> s", ("Cast s -> f", {"to": 1}), "ReduceSum f -> t", "Add x t -> y"
    ),
    "Shape, part": several(
        [2, 3], (15, NEWEST), ("Shape x -> s", {"start": -1}), ("Cast s -> f", {"to": 1}), "Add x f -> y"
    ),
    "Size": several([2, 3], (9, NEWEST), "Size x -> s", ("Cast s -> f", {"to": 1}), "Mul x f -> y"),
    "Flatten": one("Flatten x -> y", [2, 1, 3], OLD),
    "Flatten, axis": one("Flatten x -> y", [2, 1, 3], (11, NEWEST), axis=-1),
    "Flatten, all": one("Flatten x -> y", [2, 3], OLD, axis=0),
    "Reshape": one("Reshape x s -> y", [2, 3], OLD, {"s": ints([0, -1, 1])}),
    "Reshape, zero": one("Reshape x s -> y", [2, 3], (14, NEWEST), {"s": ints([3, 2])}, allowzero=1),
    "Squeeze": one("Squeeze x -> y", [1, 2, 1], (7, 11), axes=[0]),
    "Squeeze, all": one("Squeeze x -> y", [1, 2, 1], (7, 13, NEWEST)),
    "Squeeze, input": one("Squeeze x a -> y", [1, 2, 1], (13, NEWEST), {"a": ints([-1])}),
    "Unsqueeze": one("Unsqueeze x -> y", [2, 3], (7, 11), axes=[0, 3]),
    "Unsqueeze, input": one("Unsqueeze x a -> y", [2, 3], (13, NEWEST), {"a": ints([-1, 0])}),
    "Transpose": one("Transpose x -> y", [2, 3, 2], OLD),
    "Transpose, perm": one("Transpose x -> y", [2, 3, 2], OLD, perm=[1, 0, 2]),
    "Concat": one("Concat x b x -> y", [2, 3], OLD, {"b": [[1.0], [2.0]]}, axis=1),
    "Concat, from the end": one("Concat x b -> y", [2, 3], (11, NEWEST), {"b": SHORT}, axis=-2),
    "Slice": one("Slice x -> y", [4, 5], (7, 9), starts=[1, -3], ends=[100, -1]),
    "Slice, axes": one("Slice x -> y", [4, 5], (7, 9), starts=[1], ends=[3], axes=[1]),
    "Slice, input": one(
        "Slice x s e a t -> y",
        [4, 5],
        (10, 13, NEWEST),
        {"s": ints([4, -1]), "e": ints([1, -100]), "a": ints([1, 0]), "t": ints([-1, -2])},
    ),
    "Slice, no axes": one("Slice x s e -> y", [4, 5], (10, NEWEST), {"s": ints([-2]), "e": ints([9])}),
    "Gather": one("Gather x i -> y", [3, 4], OLD, {"i": ints([[2, 0], [1, 1]])}, axis=1),
    "Gather, negative": one("Gather x i -> y", [3, 4], (11, NEWEST), {"i": ints(-1)}),
    "Split": several(
        [2, 4], (7, 11), ("Split x -> a b", {"axis": 1, "split": [1, 3]}), ("Concat b a -> y", {"axis": 1})
    ),
    "Split, equal": several([2, 4], (7, 13), ("Split x -> a b", {"axis": 1}), "Sub a b -> y"),
    "Split, input": several(
        [2, 4], (13, NEWEST), ("Split x s -> a b", {"axis": -1}), ("Concat b a -> y", {"axis": 1}), s=ints([3, 1])
    ),
    "Split, uneven": several([5], (18, NEWEST), ("Split x -> a b c", {"num_outputs": 3}), "Add a c -> y"),
    "Expand": one("Expand x s -> y", [2, 1], (8, NEWEST), {"s": ints([3, 1, 2])}),
    "Tile": one("Tile x s -> y", [2, 3], OLD, {"s": ints([2, 3])}),
    "Pad": one("Pad x -> y", [2, 2], (7, 10), pads=[1, 0, 0, 2], value=0.5),
    "Pad, input": one("Pad x p v -> y", [2, 3], (11, NEWEST), {"p": ints([1, -1, 0, 2]), "v": np.float32(1.5)}),
    "Pad, axes": one("Pad x p _ a -> y", [2, 3], (18, NEWEST), {"p": ints([1, 2]), "a": ints([-1])}),
    "Dropout": one("Dropout x -> y", [2, 3], (7, 10), ratio=0.5),
    "Dropout, input": one("Dropout x r t -> y", [2, 3], (12, NEWEST), {"r": np.float32(0.5), "t": np.array(False)}),
    "Relu": one("Relu x -> y", [2, 3], OLD),
    "LeakyRelu": one("LeakyRelu x -> y", [2, 3], OLD, alpha=0.25),
    "LeakyRelu, default": one("LeakyRelu x -> y", [2, 3], OLD),
    "PRelu": one("PRelu x s -> y", [2, 3], OLD, {"s": [0.5, -1.0, 2.0]}),
    "Abs": one("Abs x -> y", [2, 3], OLD),
    "Max, of one shape": one("Max x b -> y", [3], (7, NEWEST), {"b": [0.0, 0.5, -0.5]}),
    "Max": one("Max x b c -> y", [2, 3], (8, 12, NEWEST), {"b": [0.0, 0.5, -0.5], "c": [[-0.25], [0.25]]}),
    "Max, of parts": several([4], (13, NEWEST), "Split x s -> a b c", "Max a b c -> y", s=ints([1, 2, 1])),
    "Min, of one shape": one("Min x b -> y", [3], (7, NEWEST), {"b": [0.0, 0.5, -0.5]}),
    "Min": one("Min x b -> y", [2, 3], (8, 12, NEWEST), {"b": [0.0, 0.5, -0.5]}),
    "Clip": one("Clip x -> y", [2, 3], (7, 10), min=-0.5, max=0.75),
    "Clip, below": one("Clip x -> y", [2, 3], (7, 10), min=0.25),
    "Clip, input": one("Clip x a b -> y", [2, 3], (11, 12, NEWEST), {"a": np.float32(-0.5), "b": np.float32(1)}),
    "Clip, above": one("Clip x _ b -> y", [2, 3], (11, NEWEST), {"b": np.float32(0.5)}),
    "Clip, crossed": one("Clip x a b -> y", [2, 3], (12, NEWEST), {"a": np.float32(1), "b": np.float32(-1)}),
    "HardSigmoid": one("HardSigmoid x -> y", [2, 3], OLD, alpha=0.5, beta=0.25),
    "HardSigmoid, default": one("HardSigmoid x -> y", [2, 3], OLD),
    "Sign": one("Sign x -> y", [2, 3], (9, NEWEST)),
    "Greater": several([2, 3], (9, NEWEST), "Greater x b -> t", ("Cast t -> y", {"to": 1}), b=[0.0, 0.5, -0.5]),
    "Less": several([2, 3], (9, NEWEST), "Less x b -> t", ("Cast t -> y", {"to": 1}), b=[0.0, 0.5, -0.5]),
    "GreaterOrEqual": several(
        [2, 3], (12, NEWEST), "GreaterOrEqual x b -> t", ("Cast t -> y", {"to": 1}), b=[0.0, 0.5, -0.5]
    ),
    "LessOrEqual": several(
        [2, 3], (12, NEWEST), "LessOrEqual x b -> t", ("Cast t -> y", {"to": 1}), b=[0.0, 0.5, -0.5]
    ),
    "Equal": several([2, 3], (11, NEWEST), "Equal x b -> t", ("Cast t -> y", {"to": 1}), b=[0.0, 0.5, -0.5]),
    "Not": several([4], (9, NEWEST), "Greater x b -> t", "Not t -> u", ("Cast u -> y", {"to": 1}), b=[0.25]),
    "And": several(
        [4],
        (9, NEWEST),
        "Greater x a -> t",
        "Less x b -> u",
        "And t u -> v",
        ("Cast v -> y", {"to": 1}),
        a=[0.0],
        b=[1.0],
    ),
    "Or": several(
        [4],
        (9, NEWEST),
        "Greater x a -> t",
        "Less x b -> u",
        "Or t u -> v",
        ("Cast v -> y", {"to": 1}),
        a=[0.5],
        b=[0.0],
    ),
    "Where": one("Where m x b -> y", [2, 3], (9, NEWEST), {"m": np.array([True, False, True]), "b": SHORT}),
    "Where, by the input": several(
        [4], (9, NEWEST), "Greater x a -> t", "Where t b c -> y", a=[0.0], b=[2.0], c=[1.0, 2.0, -1.0, 0.0]
    ),
    "Where, as a maximum": several([4], (12, NEWEST), "GreaterOrEqual x a -> t", "Where t x a -> y", a=[0.25]),
    "Where, of parts": several(
        [4], (13, NEWEST), "Split x s -> a b", "Less a b -> t", "Where t a b -> y", s=ints([2, 2])
    ),
    "Where, leaky": several(
        [4], (9, NEWEST), "Less x a -> t", "Mul x k -> z", "Where t z x -> y", a=[0.0], k=[0.25, 2.0, -1.0, 1.0]
    ),
    "Where, with a jump": several([4], (9, NEWEST), "Greater x a -> t", "Where t x b -> y", a=[0.5], b=[0.0]),
    "Cast, not zero": several([4], (9, NEWEST), ("Cast x -> t", {"to": 9}), ("Cast t -> y", {"to": 1})),
    "Cast": several([3], (9, NEWEST), ("Cast c -> d", {"to": 1}), "Add x d -> y", c=ints([1, -2, 3])),
    "Cast, cut": several(
        [3], (9, NEWEST), ("Cast c -> d", {"to": 7}), ("Cast d -> e", {"to": 1}), "Add x e -> y", c=[1.75, -1.75, 0.5]
    ),
    "Cast, truths": several([2], (9, NEWEST), ("Cast c -> m", {"to": 9}), "Where m x c -> y", c=[0.0, 2.0]),
    "CastLike": several([3], (15, NEWEST), "CastLike c x -> d", "Add x d -> y", c=ints([1, -2, 3])),
    "ReduceSum": one("ReduceSum x -> y", [2, 3, 2], (7, 11), axes=[0, 2]),
    "ReduceSum, input": one("ReduceSum x a -> y", [2, 3, 2], (13, NEWEST), {"a": ints([-1])}, keepdims=0),
    "ReduceSum, none": one("ReduceSum x -> y", [2, 3], (13, NEWEST), noop_with_empty_axes=1),
    "ReduceMean": one("ReduceMean x -> y", [2, 3, 2], (7, 11, 17), axes=[1]),
    "ReduceMean, input": one("ReduceMean x a -> y", [2, 3, 2], (18, NEWEST), {"a": ints([1])}, keepdims=0),
    "ReduceMax": one("ReduceMax x -> y", [2, 3, 2], (7, 11, 17), axes=[1], keepdims=0),
    "ReduceMax, all": one("ReduceMax x -> y", [5], (11, 18, NEWEST)),
    "ReduceMax, input": one("ReduceMax x a -> y", [2, 3], (18, NEWEST), {"a": ints([0])}),
    "ReduceMin": one("ReduceMin x -> y", [2, 3], (7, 11, 17), axes=[1]),
    "ReduceMin, input": one("ReduceMin x a -> y", [2, 3], (18, NEWEST), {"a": ints([-1])}),
    "ArgMax": several([2, 4], (7, 11, 12, 13, NEWEST), ("ArgMax x -> i", {"axis": 1}), ("Cast i -> y", {"to": 1})),
    "ArgMax, the last": several(
        [5], (12, NEWEST), ("ArgMax x -> i", {"select_last_index": 1, "keepdims": 0}), ("Cast i -> y", {"to": 1})
    ),
    "ArgMax, moved": several(
        [2, 3, 2],
        (13, NEWEST),
        ("ArgMax x -> i", {"axis": -2, "keepdims": 0}),
        ("Transpose i -> j", {"perm": [1, 0]}),
        ("Cast j -> k", {"to": 6}),
        ("Cast k -> y", {"to": 1}),
    ),
    "ArgMin": several([3, 3], (7, 12, NEWEST), ("ArgMin x -> i", {"axis": 0}), ("Cast i -> y", {"to": 1})),
    "ArgMin, the last": several(
        [4], (12, NEWEST), ("ArgMin x -> i", {"select_last_index": 1}), ("Cast i -> y", {"to": 1})
    ),
    "Conv": one("Conv x w b -> y", [1, 2, 3, 4], OLD, {"w": CONV, "b": [0.5, -1.0]}),
    "Conv, all options": one(
        "Conv x w -> y", [1, 2, 5, 5], (11, NEWEST), {"w": CONV}, strides=[2, 1], dilations=[1, 2], pads=[1, 0, 0, 2]
    ),
    "Conv, groups": one("Conv x w -> y", [2, 2, 3, 3], (11, NEWEST), {"w": CONV[:, :1]}, group=2),
    "Conv, upper": one("Conv x w -> y", [1, 2, 4, 3], OLD, {"w": CONV}, auto_pad="SAME_UPPER", strides=[2, 2]),
    "Conv, lower": one("Conv x w -> y", [1, 2, 4, 3], (11, NEWEST), {"w": CONV}, auto_pad="SAME_LOWER"),
    "Conv, valid": one("Conv x w -> y", [1, 2, 3, 3], OLD, {"w": CONV}, auto_pad="VALID", kernel_shape=[2, 2]),
    "Conv, one axis": one("Conv x w -> y", [1, 2, 5], OLD, {"w": CONV[0]}, pads=[1, 1]),
    "MaxPool": one("MaxPool x -> y", [1, 1, 4, 4], (8, 12, NEWEST), kernel_shape=[2, 3], strides=[2, 1]),
    "MaxPool, padded": one(
        "MaxPool x -> y",
        [1, 2, 3, 3],
        (10, NEWEST),
        kernel_shape=[2, 2],
        pads=[1, 1, 0, 0],
        ceil_mode=1,
        strides=[2, 2],
    ),
    "MaxPool, dilated": one("MaxPool x -> y", [1, 1, 5], (10, NEWEST), kernel_shape=[2], dilations=[2]),
    "AveragePool": one("AveragePool x -> y", [1, 1, 4, 4], (7, 10, NEWEST), kernel_shape=[2, 2]),
    "AveragePool, padded": one("AveragePool x -> y", [1, 1, 3, 3], (7, NEWEST), kernel_shape=[2, 2], pads=[1, 1, 1, 1]),
    "AveragePool, with padding": one(
        "AveragePool x -> y", [1, 1, 3, 3], (7, NEWEST), kernel_shape=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1
    ),
    "AveragePool, ceil": one("AveragePool x -> y", [1, 1, 4], (19, NEWEST), kernel_shape=[3], strides=[2], ceil_mode=1),
    "GlobalAveragePool": one("GlobalAveragePool x -> y", [1, 2, 2, 3], OLD),
    "GlobalMaxPool": one("GlobalMaxPool x -> y", [1, 2, 2, 2], OLD),
    "com.microsoft::FusedGemm": one(
        "com.microsoft::FusedGemm x b -> y", [3, 2], (13,), {"b": SHORT}, activation="Relu", alpha=0.5
    ),
    "com.microsoft::FusedGemm, leaky": one(
        "com.microsoft::FusedGemm x b -> y", [3, 2], (13,), {"b": SHORT}, activation="LeakyRelu", activation_alpha=0.25
    ),
    "com.microsoft::FusedConv": one(
        "com.microsoft::FusedConv x w -> y", [1, 2, 3, 3], (13,), {"w": CONV}, activation="Relu"
    ),
}


def test_every_operator_has_a_case() -> None:
    assert graph.GROUPS
    assert {name.partition(",")[0] for name in CASES} == OPERATORS.keys()


def test_every_operator_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "onnx.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| [a-z ]+ \| (.*) \|$", page, re.MULTILINE)[1:]
    assert sorted(name for row in listed for name in row.split(", ")) == sorted(OPERATORS)


@pytest.mark.parametrize(("name", "opset"), [(name, opset) for name, case in CASES.items() for opset in case.opsets])
def test_onnxruntime_agrees(name: str, opset: int) -> None:
    agree(model(CASES[name], opset), CASES[name].shape)


# ---------------------------------------------------------------- graphs

STEPS = [
    "Relu {a} -> {y}",
    "Abs {a} -> {y}",
    "Neg {a} -> {y}",
    "LeakyRelu {a} -> {y}",
    "Add {a} {b} -> {y}",
    "Sub {a} {b} -> {y}",
    "Max {a} {b} -> {y}",
    "Min {a} {b} k -> {y}",
    "Sum {a} {b} {a} -> {y}",
    "Mul {a} k -> {y}",
    "Clip {a} low high -> {y}",
    "MatMul {a} M -> {y}",
    "Gemm {a} M k -> {y}",
    "Gather {a} turn -> {y}",
    "ReduceMax {a} -> {y}s; Sub {a} {y}s -> {y}",
    "ReduceMean {a} -> {y}s; Max {b} {y}s -> {y}",
    "Greater {a} {b} -> {y}t; Where {y}t k low -> {y}",
    "GreaterOrEqual {a} {b} -> {y}t; Where {y}t {b} {a} -> {y}",
    "Less {a} k -> {y}t; Cast {y}t -> {y}m; Mul {y}m {a} -> {y}",
    "Sub {a} {b} -> {y}d; Sign {y}d -> {y}s; Mul {y}d {y}s -> {y}",
    "Concat {a} {b} -> {y}c; Slice {y}c two five one -> {y}",
]
CONSTANTS = {
    "k": np.array([0.5, -1, 2], "f4"),
    "low": np.array(-0.5, "f4"),
    "high": np.array(1.5, "f4"),
    "M": np.array([[1, 0.5, 0], [-1, 1, 0], [0, 2, -0.5]], "f4"),
    "turn": ints([2, 0, 1]),
    "two": ints([2]),
    "five": ints([5]),
    "one": ints([1]),
}
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "LeakyRelu": {"alpha": 0.5},
    "Gather": {"axis": 1},
    "Cast": {"to": 1},
    "Concat": {"axis": 1},
    "ReduceMax": {"keepdims": 1},
}


@st.composite
def graphs(draw: st.DrawFn) -> Case:
    """Up to six operators on [1, 3], each reading what came before it."""
    pool, nodes = ["x"], []
    length = draw(st.integers(1, 6))
    for k in range(length):
        y = "y" if k == length - 1 else f"v{k}"
        a, b = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
        for text in draw(st.sampled_from(STEPS)).format(a=a, b=b, y=y).split("; "):
            nodes.append((text, ATTRIBUTES.get(text.split()[0], {})))
        pool.append(y)
    arrays = {name: value for name, value in CONSTANTS.items() if any(name in text.split() for text, _ in nodes)}
    return Case(nodes, arrays, [1, 3], (20,))


@reproducible
@given(graphs())
def test_graphs_agree_with_onnxruntime(case: Case) -> None:
    agree(model(case, 20), case.shape, points=6)


WINDOWS = {"MaxPool": "MaxPool x -> y", "AveragePool": "AveragePool x -> y", "Conv": "Conv x w -> y"}


@st.composite
def windows(draw: st.DrawFn) -> tuple[Case, int]:
    """A convolution or pool with any attributes, in any opset that has them; it need not fit."""
    op, rank = draw(st.sampled_from(sorted(WINDOWS))), draw(st.integers(1, 2))
    opset = draw(st.sampled_from([11, 13, 19, 22, NEWEST]))

    def sizes(most: int, count: int = rank, least: int = 1) -> list[int]:
        return draw(st.lists(st.integers(least, most), min_size=count, max_size=count))

    kernel, attributes = sizes(3), {}
    for name in draw(st.sets(st.sampled_from(["strides", "dilations", "pads", "auto_pad", "ceil_mode"]))):
        if name == "pads":
            attributes[name] = sizes(1, 2 * rank, 0)
        elif name == "auto_pad":
            attributes[name] = draw(st.sampled_from(["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"]))
        else:
            attributes[name] = 1 if name == "ceil_mode" else sizes(3 if name == "strides" else 2)
    if "auto_pad" in attributes:
        attributes.pop("pads", None)
    if op == "AveragePool":
        attributes["count_include_pad"] = draw(st.integers(0, 1))
        if opset < 19:
            attributes.pop("dilations", None)
    if op == "Conv":
        attributes.pop("ceil_mode", None)
        weights = np.array(draw(st.lists(st.integers(-4, 4), min_size=4, max_size=4)))
        return one(
            WINDOWS[op], [1, 2, *sizes(5)], (opset,), {"w": np.resize(weights, (2, 2, *kernel)) / 4}, **attributes
        ), opset
    return one(WINDOWS[op], [1, 2, *sizes(5)], (opset,), kernel_shape=kernel, **attributes), opset


@settings(reproducible, max_examples=300)
@given(windows())
def test_windows_agree_with_onnxruntime(drawn: tuple[Case, int]) -> None:
    """Where both take them: a window that does not fit, or lies in the padding, is refused by one or the other."""
    case, opset = drawn
    data = model(case, opset)
    try:
        load(data)
        onnxruntime.InferenceSession(data, QUIET, providers=["CPUExecutionProvider"]).run(
            ["y"], {"x": np.zeros(case.shape, "f4")}
        )
    except (FormatError, *ORT_ERRORS):
        reject()
    agree(data, case.shape, points=2)


# ---------------------------------------------------------------- what is refused

REFUSED: dict[str, tuple[Case, str]] = {
    "softmax": (one("Softmax x -> y", [1, 2], (20,)), "is not piecewise linear"),
    "unknown": (one("Nonesuch x -> y", [1, 2], (20,)), r"is not among the \d+ operators that are read"),
    "unknown domain": (one("mine::Relu x -> y", [1, 2], (20,)), "is of the domain 'mine', of which only com.microsoft"),
    "too old": (one("Clip x -> y", [1, 2], (6,), min=0.0), r"opset_import \[6\]"),
    "not yet there": (
        several([2], (11,), "GreaterOrEqual x x -> t", ("Cast t -> y", {"to": 1})),
        r"\('GreaterOrEqual', opset 11\) is an operator of ONNX from opset 12 on, not of opset 11",
    ),
    "not yet broadcast": (
        one("Max x b -> y", [2, 3], (7,), {"b": [0.0, 0.5, -0.5]}),
        r"has inputs of shapes \[\[2, 3\], \[3\]\]; opset 8 broadcasts first",
    ),
    "a product": (one("Mul x x -> y", [1, 2], (20,)), "multiplies two values that depend on the network's input"),
    "a product of comparisons": (
        several([2], (20,), "Sign x -> s", "Gather s i -> r", "Mul r x -> y", i=ints([1, 0])),
        "read is only a comparison by what it compares",
    ),
    "a quotient": (one("Div c x -> y", [2], (20,), {"c": [1.0]}), "divides by a value that depends"),
    "by zero": (one("Div x c -> y", [2], (20,), {"c": [0.0]}), "divides by zero"),
    "weights that are computed": (
        one("Conv x x -> y", [1, 1, 2, 2], (20,)),
        "has an input 1 that depends on the network's input",
    ),
    "a narrower type": (
        several([2], (20,), ("Cast x -> h", {"to": 10}), ("Cast h -> y", {"to": 1})),
        "casts float32 to float16; activations",
    ),
    "an inexact constant": (
        several([2], (20,), ("Cast c -> d", {"to": 10}), ("Cast d -> e", {"to": 1}), "Add x e -> y", c=[0.1]),
        "casts the constant .* to float16, which cannot hold it exactly",
    ),
    "to integers": (
        several([2], (20,), ("Cast x -> d", {"to": 7}), ("Cast d -> y", {"to": 1})),
        "casts float32 to int64",
    ),
    "a choice": (
        several(
            [2], (20,), "Greater x c -> t", "Neg c -> n", "Gather x i -> z", "Where t z n -> y", c=[0.0], i=ints([1, 0])
        ),
        "chooses, by a condition on the network's input",
    ),
    "a pool that need not be padded": (
        one("AveragePool x -> y", [1, 1, 3], (22,), kernel_shape=[1], strides=[3], auto_pad="SAME_UPPER"),
        "windows of 1 every 3 that do not reach over 3: runtimes leave out different ends",
    ),
    "an irrational root": (
        one("BatchNormalization x s b m v -> y", [1, 1], (20,), {"s": [1.0], "b": [1.0], "m": [1.0], "v": [2.0]}),
        "which is not rational here",
    ),
    "training": (
        one("Dropout x r t -> y", [2], (20,), {"r": np.float32(0.5), "t": np.array(True)}),
        "is in training mode",
    ),
    "places of the largest": (
        one("MaxPool x -> y z", [1, 1, 2], (20,), kernel_shape=[2]),
        "gives an output 'z' that is not read",
    ),
    "reflected padding": (
        one("Pad x p -> y", [2], (20,), {"p": ints([1, 0])}, mode="reflect"),
        "pads in the mode 'reflect'",
    ),
    "truth values": (several([2], (20,), "Greater x c -> y", c=[0.0]), "'y' is declared as float32.*gives bool"),
    "sums of truths": (several([2], (20,), "Greater x c -> t", "Add t t -> y", c=[0.0]), "computes with truth values"),
    "an attribute": (one("Relu x -> y", [2], (20,), alpha=1.0), "has the attribute 'alpha', which is not understood"),
    "another size": (
        one("Reshape x s -> y", [2], (20,), {"s": ints([3])}),
        r"turns a tensor of shape \[2\] into \[3\]",
    ),
    "no axes": (
        several([2, 1], (20,), "Squeeze x a -> s", "Add s b -> y", a=ints([]), b=[1.0, 2.0]),
        "has an empty list of axes, which runtimes read as no axis or as all of size 1",
    ),
    "two sizes": (one("Add x b -> y", [2], (20,), {"b": [1.0, 2.0, 3.0]}), "which do not fit together"),
    "an axis": (one("Concat x x -> y", [2], (20,), axis=1), "has an axis 1 of a tensor with 1"),
    "an index": (one("Gather x i -> y", [2], (20,), {"i": ints([2])}), "picks .*2.* along an axis of size 2"),
    "a kernel": (one("MaxPool x -> y", [1, 1, 2], (20,), kernel_shape=[3]), "does not fit"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_understood_is_one_line_that_names_the_node(kind: str) -> None:
    case, message = REFUSED[kind]
    opset = case.opsets[0]
    with pytest.raises(FormatError, match=message) as error:
        load(model(case, opset))
    text = str(error.value)
    assert text.startswith("onnx: ") and "\n" not in text
    if opset > 6 and kind != "truth values":
        last = kind in ("a choice", "a product of comparisons", "sums of truths")
        op = case.nodes[-1 if last else 0][0].split()[0].rpartition("::")[2]
        assert f"('{op}', opset {opset})" in text


def test_activations_may_be_cast_to_wider_types() -> None:
    values = {"x": TensorProto.FLOAT16, "y": TensorProto.DOUBLE}
    declared = {name: helper.make_tensor_value_info(name, kind, [2]) for name, kind in values.items()}
    nodes = [
        helper.make_node("Cast", ["x"], ["d"], to=TensorProto.FLOAT),
        helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("Cast", ["e"], ["y"], to=TensorProto.DOUBLE),
    ]
    main = helper.make_graph(nodes, "g", [declared["x"]], [declared["y"]])
    found = load(
        helper.make_model(main, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()
    )
    assert found.dtype == "float16"
    assert evaluate(found.network, [Fraction(-1), Fraction(1, 3)]) == [0, Fraction(1, 3)]
