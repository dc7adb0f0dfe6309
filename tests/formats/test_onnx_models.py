"""Models of other people are read if all of them is understood; the rest is refused at its place."""

import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from relumax.errors import FormatError
from relumax.formats import export, load
from relumax.network.layers import Network, normalise
from tests.formats.examples import MAX2, MIXED, STEP

W0, B0 = np.array([[1, 0, 0], [-1, 1, -1]], "f4"), np.zeros(3, "f4")
W1, B1 = np.array([[1], [1], [-1]], "f4"), np.zeros(1, "f4")


def foreign(nodes: list[Any], arrays: dict[str, np.ndarray], opset: int = 17, domain: str = "") -> onnx.ModelProto:
    """A model as another tool writes it, [batch, 2] to [batch, 1]."""
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 1])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(domain, opset)], ir_version=8)


def node(op: str, inputs: str, output: str, **attributes: Any) -> Any:
    return helper.make_node(op, inputs.split(), [output], **attributes)


def gemm_chain(**attributes: Any) -> list[Any]:
    return [node("Gemm", "in A a", "z", **attributes), node("Relu", "z", "h"), node("Gemm", "h B b", "out")]


ARRAYS = {"A": W0, "a": B0, "B": W1, "b": B1}


def read(model: onnx.ModelProto) -> Network:
    return load(model.SerializeToString()).network


def test_a_plain_gemm_chain() -> None:
    assert read(foreign(gemm_chain(), ARRAYS)) == MAX2
    assert read(foreign(gemm_chain(), ARRAYS, 28, "ai.onnx")) == MAX2


def test_metadata_of_others_is_kept_and_not_believed() -> None:
    model = foreign(gemm_chain(), ARRAYS)
    model.metadata_props.add(key="author", value="someone")
    assert load(model.SerializeToString()).metadata == {"author": "someone"}


def test_matmul_add_on_either_side_and_without_bias() -> None:
    nodes = [node("MatMul", "in A", "p"), node("Add", "a p", "z"), node("Relu", "z", "h"), node("MatMul", "h B", "out")]
    assert read(foreign(nodes, {"A": W0, "a": B0, "B": W1})) == MAX2
    nodes[1:2] = [node("Add", "p a", "z")]
    assert read(foreign(nodes, {"A": W0, "a": B0[np.newaxis], "B": W1})) == MAX2


def test_gemm_alpha_beta_and_transposed_weights_are_exact() -> None:
    arrays = {**ARRAYS, "A": W0.T.copy(), "a": np.array([[1, 0, 2]], "f4")}
    network = read(foreign(gemm_chain(alpha=0.5, beta=0.1, transB=1), arrays))
    tenth = Fraction(float(np.float32(0.1)))
    half = Fraction(1, 2)
    assert network.layers[0] == normalise([(tenth, {0: half, 1: -half}), (0, {1: half}), (2 * tenth, {1: -half})])


def test_typed_fields_hold_the_same_weights_as_raw_data() -> None:
    for dtype, field, code in [
        ("float16", "int32_data", "H"),
        ("float32", "float_data", "f"),
        ("float64", "double_data", "d"),
    ]:
        model = onnx.load_model_from_string(export(MIXED, "onnx", dtype).data)
        for tensor in model.graph.initializer:
            if tensor.data_type == TensorProto.BOOL:
                tensor.int32_data.extend(tensor.raw_data)
            else:
                count = len(tensor.raw_data) // struct.calcsize(code)
                getattr(tensor, field).extend(struct.unpack(f"<{count}{code}", tensor.raw_data))
            tensor.ClearField("raw_data")
        assert read(model) == MIXED


def test_a_layer_of_steps_alone_needs_no_mask() -> None:
    ops = [node.op_type for node in onnx.load_model_from_string(export(STEP, "onnx").data).graph.node]
    assert ops == ["Gemm", "GreaterOrEqual", "Cast", "Gemm"]
