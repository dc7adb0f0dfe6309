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


Change = Callable[[onnx.ModelProto], object]


def cell(model: onnx.ModelProto, name: str) -> Any:
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


HOSTILE: dict[str, tuple[Change, str]] = {
    "external data": (
        lambda m: cell(m, "W0").external_data.add(key="location", value="/etc/passwd"),
        r"model\.graph\.initializer\[0\]\.external_data is not supported",
    ),
    "external location": (
        lambda m: setattr(cell(m, "W0"), "data_location", TensorProto.EXTERNAL),
        "'W0' keeps its data in another file",
    ),
    "an initializer that is an input": (
        lambda m: m.graph.input.add(name="W0"),
        "graph.input has 2 entries, expected one",
    ),
    "the input is an initializer": (
        lambda m: m.graph.initializer.add(name="x", dims=[1], data_type=1, raw_data=bytes(4)),
        "the name 'x' is defined twice",
    ),
    "raw beside typed": (
        lambda m: cell(m, "W0").float_data.extend([1] * 6),
        "'W0' has data in raw_data and float_data; exactly one of raw_data and float_data",
    ),
    "typed field of another type": (
        lambda m: (cell(m, "b1").ClearField("raw_data"), cell(m, "b1").double_data.append(0)),
        "'b1' has data in double_data",
    ),
    "no data": (lambda m: cell(m, "b1").ClearField("raw_data"), "'b1' has data in no field"),
    "wrong dims": (
        lambda m: cell(m, "W0").dims.__setitem__(0, 3),
        r"'W0' declares shape \[3, 3\], 36 bytes, but holds 24",
    ),
    "huge dims": (
        lambda m: cell(m, "W0").dims.__setitem__(0, 2**62),
        r"'W0' declares shape \[4611686018427387904, 3\]",
    ),
    "negative dims": (lambda m: cell(m, "W0").dims.__setitem__(0, -2), r"'W0' has dims \[-2, 3\]"),
    "no dims": (lambda m: cell(m, "b1").ClearField("dims"), r"'b1' has dims \[\]"),
    "swapped dims": (lambda m: cell(m, "W0").dims.__setitem__(slice(None), [3, 2]), r"W0 has shape \[3, 2\], but"),
    "wrong bias": (
        lambda m: cell(m, "b0").CopyFrom(helper.make_tensor("b0", 1, [2], [0.0, 0.0])),
        r"b0 has shape \[2\], not \[3\] as W0 asks",
    ),
    "an integer tensor": (
        lambda m: cell(m, "b1").CopyFrom(helper.make_tensor("b1", 6, [1], [0])),
        "'b1' is of element type 6, expected 1",
    ),
    "two float types": (
        lambda m: cell(m, "b1").CopyFrom(helper.make_tensor("b1", 11, [1], [0.0])),
        "'b1' is of element type 11",
    ),
    "a segment": (
        lambda m: cell(m, "b1").segment.CopyFrom(TensorProto.Segment(begin=0, end=1)),
        r"initializer\[3\]\.segment",
    ),
    "not a number": (
        lambda m: setattr(cell(m, "b1"), "raw_data", struct.pack("<f", float("nan"))),
        r"b1\[0\] is nan",
    ),
    "unused": (
        lambda m: m.graph.initializer.add(name="spare", dims=[1], data_type=1, raw_data=bytes(4)),
        "initializer 'spare' is not used",
    ),
    "initializer twice": (
        lambda m: m.graph.initializer.add().CopyFrom(m.graph.initializer[0]),
        "graph.initializer has the name 'W0' twice",
    ),
    "missing initializer": (lambda m: m.graph.initializer.pop(), "there is no initializer 'b1'"),
    "sparse initializer": (lambda m: m.graph.sparse_initializer.add(), "graph.sparse_initializer is not supported"),
    "quantization": (lambda m: m.graph.quantization_annotation.add(), "graph.quantization_annotation is not"),
    "training": (lambda m: m.training_info.add(), "model.training_info is not supported"),
    "functions": (lambda m: m.functions.add(name="Gemm"), "model.functions is not supported"),
    "custom node domain": (
        lambda m: setattr(m.graph.node[0], "domain", "evil"),
        r"node 0 \('Gemm'\) is of the domain 'evil'",
    ),
    "custom opset": (lambda m: m.opset_import.add(domain="evil", version=1), "opset_import"),
    "no opset": (lambda m: m.ClearField("opset_import"), r"opset_import \[\]; one"),
    "old opset": (lambda m: setattr(m.opset_import[0], "version", 6), "13 to 28 is read"),
    "future opset": (lambda m: setattr(m.opset_import[0], "version", 99), "13 to 28 is read"),
    "ir version": (lambda m: setattr(m, "ir_version", 3), "ir_version 3; 4 to 14 are read"),
    "unknown operator": (lambda m: setattr(m.graph.node[0], "op_type", "Conv"), r"node 0 \('Conv'\) stands where Gemm"),
    "unknown activation": (
        lambda m: setattr(m.graph.node[1], "op_type", "Elu"),
        "node 1 .*'Elu'.* where Relu is expected",
    ),
    "overload": (lambda m: setattr(m.graph.node[0], "overload", "other"), r"node\[0\]\.overload is not supported"),
    "unknown attribute": (
        lambda m: m.graph.node[1].attribute.append(helper.make_attribute("slope", 0.5)),
        "node 1 .*'Relu'.* has the attribute 'slope'",
    ),
    "attribute twice": (
        lambda m: m.graph.node[0].attribute.extend([helper.make_attribute("alpha", 1.0)] * 2),
        "attribute has the name 'alpha' twice",
    ),
    "attribute of another type": (
        lambda m: m.graph.node[0].attribute.append(helper.make_attribute("alpha", 1)),
        "attribute alpha is not a float",
    ),
    "attribute with two values": (
        lambda m: m.graph.node[0].attribute.add(name="alpha", type=1, f=1, i=2),
        "attribute alpha is not a float",
    ),
    "attribute with a tensor": (
        lambda m: m.graph.node[0].attribute.add(name="alpha", type=1, t=TensorProto()),
        r"attribute\[0\]\.t is not",
    ),
    "infinite alpha": (
        lambda m: m.graph.node[0].attribute.append(helper.make_attribute("alpha", float("inf"))),
        "alpha is inf",
    ),
    "transA": (
        lambda m: m.graph.node[0].attribute.append(helper.make_attribute("transA", 1)),
        r"transA, transB = \(1, 0\)",
    ),
    "transB 2": (lambda m: m.graph.node[0].attribute.append(helper.make_attribute("transB", 2)), r"\(0, 2\)"),
    "no output": (lambda m: m.graph.ClearField("output"), "graph.output has 0 entries, expected one"),
    "no input": (lambda m: m.graph.ClearField("input"), "graph.input has 0 entries, expected one"),
    "no graph": (lambda m: m.ClearField("graph"), "graph.input has 0 entries"),
    "no nodes": (lambda m: m.graph.ClearField("node"), "the graph ends where Gemm or MatMul is expected"),
    "no last node": (lambda m: m.graph.node.pop(), "the graph ends where Gemm or MatMul is expected"),
    "no last layer": (
        lambda m: (m.graph.node.pop(), m.graph.node.pop(), cell(m, "W1").CopyFrom(cell(m, "W0"))),
        "twice|is 'y', the chain",
    ),
    "inner output": (
        lambda m: setattr(m.graph.output[0], "name", "h0"),
        "graph.output is 'h0', the chain of nodes ends in",
    ),
    "name twice": (lambda m: m.graph.node[1].output.__setitem__(0, "z0"), "the name 'z0' is defined twice"),
    "name of an initializer": (lambda m: m.graph.node[1].output.__setitem__(0, "W1"), "the name 'W1' is defined twice"),
    "empty name": (lambda m: m.graph.node[1].output.__setitem__(0, ""), "a value has the name ''"),
    "control characters": (lambda m: m.graph.node[1].output.__setitem__(0, "\x1b[2J"), r"the name '\\x1b\[2J'"),
    "control characters in an initializer": (
        lambda m: setattr(cell(m, "W1"), "name", "\n"),
        r"graph.initializer has the name '\\n'",
    ),
    "a long name": (
        lambda m: setattr(cell(m, "W1"), "name", "W" * 201),
        r"initializer has the name 'W+\.\.\.W+'",
    ),
    "two outputs": (lambda m: m.graph.node[1].output.append("extra"), r"node 1 \('Relu'\) has 2 outputs"),
    "too many inputs": (lambda m: m.graph.node[1].input.append("W0"), r"node 1 \('Relu'\) has 2 inputs"),
    "a skip": (lambda m: m.graph.node[2].input.__setitem__(0, "x"), r"node 2 \('Gemm'\) does not read 'h0'"),
    "weights computed": (lambda m: m.graph.node[2].input.__setitem__(1, "z0"), "there is no initializer 'z0'"),
    "input shape": (
        lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", 3),
        r"W0 has shape \[2, 3\], but the layer before has 3 units",
    ),
    "input without shape": (
        lambda m: m.graph.input[0].type.tensor_type.ClearField("shape"),
        r"'x' is not declared with a shape \[batch, n\]",
    ),
    "output shape": (
        lambda m: setattr(m.graph.output[0].type.tensor_type.shape.dim[1], "dim_value", 3),
        r"'y' is declared with element type and width \(1, 3\), the graph gives \(1, 1\)",
    ),
    "output type": (
        lambda m: setattr(m.graph.output[0].type.tensor_type, "elem_type", 11),
        r"'y' is declared .* \(11, 1\)",
    ),
    "input type": (
        lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", 16),
        "element type 16, not one of float16",
    ),
    "inner shape": (
        lambda m: m.graph.value_info.append(helper.make_tensor_value_info("h0", 1, ["batch", 4])),
        r"'h0' is declared with element type and width \(1, 4\), the graph gives \(1, 3\)",
    ),
    "shape of nothing": (
        lambda m: m.graph.value_info.append(helper.make_tensor_value_info("ghost", 1, ["batch", 4])),
        "'ghost' is declared",
    ),
    "fixed batch of 0": (
        lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[0], "dim_value", 0),
        "'x' is not declared",
    ),
    "a sequence": (
        lambda m: m.graph.output[0].type.sequence_type.elem_type.tensor_type.SetInParent(),
        "type.sequence_type is not",
    ),
    "metadata twice": (
        lambda m: m.metadata_props.add().CopyFrom(m.metadata_props[0]),
        "metadata_props has the name 'relumax.dtype' twice",
    ),
    "metadata gone": (lambda m: m.ClearField("metadata_props"), "metadata: relumax.dtype is missing"),
    "another hash": (
        lambda m: setattr(m.metadata_props[2], "value", "00"),
        "relumax.network_sha256 is '00', the weights in this file",
    ),
    "another weight": (
        lambda m: setattr(cell(m, "b1"), "raw_data", struct.pack("<f", 1)),
        "relumax.network_sha256 is",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_models(kind: str) -> None:
    change, message = HOSTILE[kind]
    model = onnx.load_model_from_string(export(MAX2, "onnx").data)
    change(model)
    with pytest.raises(FormatError, match=message):
        read(model)


STEPS: dict[str, tuple[Change, str]] = {
    "threshold": (
        lambda m: setattr(cell(m, "zero"), "raw_data", struct.pack("<f", 1)),
        "compares with 'zero', which is not",
    ),
    "negative zero": (lambda m: setattr(cell(m, "zero"), "raw_data", struct.pack("<f", -0.0)), "compares with 'zero'"),
    "cast": (lambda m: setattr(m.graph.node[3].attribute[0], "i", 11), r"node 3 \('Cast'\) does not cast to float32"),
    "cast attribute": (lambda m: m.graph.node[3].attribute.append(helper.make_attribute("saturate", 0)), "'saturate'"),
    "mask length": (
        lambda m: (cell(m, "is_step0").dims.__setitem__(0, 2), setattr(cell(m, "is_step0"), "raw_data", bytes(2))),
        "'is_step0' is not a mask of 3 units",
    ),
    "mask value": (
        lambda m: setattr(cell(m, "is_step0"), "raw_data", b"\0\2\0"),
        "'is_step0' is not a mask of 3 units",
    ),
    "mask value in a typed field": (
        lambda m: (cell(m, "is_step0").ClearField("raw_data"), cell(m, "is_step0").int32_data.extend([0, -1, 0])),
        "'is_step0' has a value outside 0 to 1",
    ),
    "mask of floats": (lambda m: m.graph.node[4].input.__setitem__(0, "b0"), "'b0' is of element type 1, expected 9"),
    "swapped branches": (
        lambda m: m.graph.node[4].input.__setitem__(slice(1, 3), ["relu0", "step0"]),
        r"node 4 \('Where'\) does not choose between 'step0' and 'relu0'",
    ),
    "step of the relu": (lambda m: m.graph.node[2].input.__setitem__(0, "relu0"), "node 2 .* does not read 'z0'"),
    "mask moved": (lambda m: setattr(cell(m, "is_step0"), "raw_data", b"\1\0\0"), "relumax.steps disagrees"),
}


@pytest.mark.parametrize("kind", STEPS)
def test_hostile_steps(kind: str) -> None:
    change, message = STEPS[kind]
    model = onnx.load_model_from_string(export(MIXED, "onnx").data)
    change(model)
    with pytest.raises(FormatError, match=message):
        read(model)


def test_a_layer_of_steps_alone_needs_no_mask() -> None:
    ops = [node.op_type for node in onnx.load_model_from_string(export(STEP, "onnx").data).graph.node]
    assert ops == ["Gemm", "GreaterOrEqual", "Cast", "Gemm"]


def test_two_graphs_in_one_file_are_refused() -> None:
    model = onnx.load_model_from_string(export(MAX2, "onnx").data)
    second = onnx.ModelProto()
    second.graph.name = "second"
    with pytest.raises(FormatError, match=r"bytes are a plain model; unknown and repeated fields are refused"):
        load(model.SerializeToString() + second.SerializeToString())


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(FormatError, match="unknown and repeated fields are refused"):
        load(export(MAX2, "onnx").data + b"\xf8\x3f\x01")  # field 1023, a varint


def test_an_affine_map_twice_or_a_relu_at_the_end_is_no_network() -> None:
    twice = [node("Gemm", "in A a", "h"), node("Gemm", "h B b", "out")]
    with pytest.raises(FormatError, match=r"node 1 \('Gemm'\) stands where Relu is expected"):
        read(foreign(twice, ARRAYS))
    ends = [*gemm_chain()[:2], node("Gemm", "h B b", "last"), node("Relu", "last", "out")]
    with pytest.raises(FormatError, match="the graph ends where Gemm or MatMul is expected"):
        read(foreign(ends, ARRAYS))


def test_a_name_that_is_not_text_is_refused() -> None:
    data = foreign(gemm_chain(), ARRAYS).SerializeToString()
    with pytest.raises(FormatError, match=r"model\.graph\.name is not UTF-8"):
        load(data.replace(b"main", b"mai\xff"))
