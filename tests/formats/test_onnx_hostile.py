"""Models that are not what they should be are refused at their place; what is harmless is not looked at."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from relumax.errors import BudgetExceeded, FormatError, RelumaxError
from relumax.formats import ReadOptions, export, load
from relumax.network.layers import Network
from relumax.size import at_most
from tests.formats.examples import MAX2, MIXED

Change = Callable[[onnx.ModelProto], object]


def read(model: onnx.ModelProto) -> Network:
    return load(model.SerializeToString()).network


def cell(model: onnx.ModelProto, name: str) -> Any:
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


HOSTILE: dict[str, tuple[Change, str]] = {
    "external location": (
        lambda m: setattr(cell(m, "W0"), "data_location", TensorProto.EXTERNAL),
        r"'W0' has data in raw_data; exactly one of raw_data and float_data is read",
    ),
    "the input is an initializer": (
        lambda m: m.graph.initializer.add(name="x", dims=[1], data_type=1, raw_data=bytes(4)),
        r"graph.input has no entry that is not an initializer",
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
    "swapped dims": (
        lambda m: cell(m, "W0").dims.__setitem__(slice(None), [3, 2]),
        r"node 0 'z0' \('Gemm', opset 13\) multiplies a matrix of shape \[1, 2\] by one of shape \[3, 2\]",
    ),
    "wrong bias": (
        lambda m: cell(m, "b0").CopyFrom(helper.make_tensor("b0", 1, [2], [0.0, 0.0])),
        r"node 0 .* adds a tensor of shape \[2\] to one of shape \[1, 3\]",
    ),
    "an integer tensor": (
        lambda m: cell(m, "b1").CopyFrom(helper.make_tensor("b1", 6, [1], [0])),
        r"node 2 .* mixes element types: float32, float32, int32",
    ),
    "two float types": (
        lambda m: cell(m, "b1").CopyFrom(helper.make_tensor("b1", 11, [1], [0.0])),
        r"node 2 .* mixes element types: float32, float64",
    ),
    "a segment": (
        lambda m: cell(m, "b1").segment.CopyFrom(TensorProto.Segment(begin=0, end=1)),
        r"'b1' is a segment of a tensor",
    ),
    "not a number": (
        lambda m: setattr(cell(m, "b1"), "raw_data", struct.pack("<f", float("nan"))),
        r"'b1'\[0\] is nan, not a finite number",
    ),
    "initializer twice": (
        lambda m: m.graph.initializer.add().CopyFrom(m.graph.initializer[0]),
        "graph.initializer has the name 'W0' twice",
    ),
    "missing initializer": (
        lambda m: m.graph.initializer.pop(),
        r"node 2 .* reads 'b1', which nothing before it defines",
    ),
    "sparse initializer": (lambda m: m.graph.sparse_initializer.add(), "graph.sparse_initializer is not supported"),
    "functions": (
        lambda m: m.functions.add(name="Gemm"),
        r"node 0 .*'Gemm'.* is, or may be, a function that the file defines",
    ),
    "custom node domain": (
        lambda m: setattr(m.graph.node[0], "domain", "evil"),
        r"node 0 'z0' \('Gemm', opset 13\) is of the domain 'evil'",
    ),
    "no opset": (lambda m: m.ClearField("opset_import"), r"opset_import \[\]; one"),
    "old opset": (
        lambda m: setattr(m.opset_import[0], "version", 6),
        r"opset_import \[6\]; one of ONNX's own, 7 to 28, is read",
    ),
    "future opset": (
        lambda m: setattr(m.opset_import[0], "version", 99),
        r"opset_import \[99\]; one of ONNX's own, 7 to 28, is read",
    ),
    "unknown activation": (
        lambda m: setattr(m.graph.node[1], "op_type", "Elu"),
        r"node 1 .*'Elu'.* is not piecewise linear",
    ),
    "overload": (
        lambda m: setattr(m.graph.node[0], "overload", "other"),
        r"node 0 .* is, or may be, a function that the file defines",
    ),
    "unknown attribute": (
        lambda m: m.graph.node[1].attribute.append(helper.make_attribute("slope", 0.5)),
        r"node 1 .*'Relu'.* has the attribute 'slope', which is not understood",
    ),
    "attribute twice": (
        lambda m: m.graph.node[0].attribute.extend([helper.make_attribute("alpha", 1.0)] * 2),
        "attribute has the name 'alpha' twice",
    ),
    "attribute of another type": (
        lambda m: m.graph.node[0].attribute.append(helper.make_attribute("alpha", 1)),
        r"attribute alpha is not one float",
    ),
    "attribute with two values": (
        lambda m: m.graph.node[0].attribute.add(name="alpha", type=1, f=1, i=2),
        r"attribute alpha is not one float",
    ),
    "attribute with a tensor": (
        lambda m: m.graph.node[0].attribute.add(name="alpha", type=1, t=TensorProto()),
        r"attribute alpha is not one float",
    ),
    "infinite alpha": (
        lambda m: m.graph.node[0].attribute.append(helper.make_attribute("alpha", float("inf"))),
        "alpha is inf",
    ),
    "transA": (
        lambda m: m.graph.node[0].attribute.append(helper.make_attribute("transA", 1)),
        r"multiplies a matrix of shape \[2, 1\] by one of shape \[2, 3\]",
    ),
    "transB 2": (
        lambda m: m.graph.node[0].attribute.append(helper.make_attribute("transB", 2)),
        r"multiplies a matrix of shape \[1, 2\] by one of shape \[3, 2\]",
    ),
    "no output": (lambda m: m.graph.ClearField("output"), r"graph.output has no entry"),
    "no input": (lambda m: m.graph.ClearField("input"), r"graph.input has no entry"),
    "no graph": (lambda m: m.ClearField("graph"), r"graph.input has no entry"),
    "no nodes": (lambda m: m.graph.ClearField("node"), r"graph.output reads 'y', which nothing before it defines"),
    "no last node": (lambda m: m.graph.node.pop(), r"graph.output reads 'y', which nothing before it defines"),
    "inner output": (
        lambda m: setattr(m.graph.output[0], "name", "h0"),
        r"'h0' is declared as float32\[None, 1\], the graph gives float32\[1, 3\]",
    ),
    "name twice": (lambda m: m.graph.node[1].output.__setitem__(0, "z0"), "the name 'z0' is defined twice"),
    "name of an initializer": (lambda m: m.graph.node[1].output.__setitem__(0, "W1"), "the name 'W1' is defined twice"),
    "empty name": (
        lambda m: m.graph.node[1].output.__setitem__(0, ""),
        r"node 2 .* reads 'h0', which nothing before it defines",
    ),
    "control characters": (lambda m: m.graph.node[1].output.__setitem__(0, "\x1b[2J"), r"the name '\\x1b\[2J'"),
    "control characters in an initializer": (
        lambda m: setattr(cell(m, "W1"), "name", "\n"),
        r"graph.initializer has the name '\\n'",
    ),
    "a long name": (
        lambda m: setattr(cell(m, "W1"), "name", "W" * 5001),
        r"initializer has the name 'W+\.\.\.W+'",
    ),
    "two outputs": (
        lambda m: m.graph.node[1].output.append("extra"),
        r"node 1 .*'Relu'.* gives an output 'extra' that is not read; 1 are",
    ),
    "too many inputs": (lambda m: m.graph.node[1].input.append("W0"), r"node 1 .*'Relu'.* has 2 inputs, expected 1"),
    "a skip": (
        lambda m: m.graph.node[2].input.__setitem__(0, "x"),
        r"node 2 .* multiplies a matrix of shape \[1, 2\] by one of shape \[3, 1\]",
    ),
    "weights computed": (
        lambda m: m.graph.node[2].input.__setitem__(1, "z0"),
        r"node 2 .* multiplies two values that depend on the network's input",
    ),
    "input shape": (
        lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", 3),
        r"node 0 .* multiplies a matrix of shape \[1, 3\] by one of shape \[2, 3\]",
    ),
    "input without shape": (
        lambda m: m.graph.input[0].type.tensor_type.ClearField("shape"),
        r"'x' is declared without a shape",
    ),
    "output shape": (
        lambda m: setattr(m.graph.output[0].type.tensor_type.shape.dim[1], "dim_value", 3),
        r"'y' is declared as float32\[None, 3\], the graph gives float32\[1, 1\]",
    ),
    "output type": (
        lambda m: setattr(m.graph.output[0].type.tensor_type, "elem_type", 11),
        r"'y' is declared as float64\[None, 1\]",
    ),
    "input type": (
        lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", 16),
        r"node 0 .* mixes element types: bfloat16, float32",
    ),
    "a sequence": (
        lambda m: m.graph.output[0].type.sequence_type.elem_type.tensor_type.SetInParent(),
        r"'y' is not declared as a tensor",
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
    with pytest.raises(FormatError, match=message) as error:
        read(model)
    assert "\n" not in str(error.value) and str(error.value).isprintable()


STEPS: dict[str, tuple[Change, str]] = {
    "threshold": (
        lambda m: setattr(cell(m, "zero"), "raw_data", struct.pack("<f", 1)),
        r"relumax\.network_sha256 is .*, the weights in this file have",
    ),
    "cast": (
        lambda m: setattr(m.graph.node[3].attribute[0], "i", 11),
        r"node 4 .*'Where'.* chooses by bool between float64 and float32",
    ),
    "mask length": (
        lambda m: (cell(m, "is_step0").dims.__setitem__(0, 2), setattr(cell(m, "is_step0"), "raw_data", bytes(2))),
        r"node 4 .* has inputs of shapes \[\[2\], \[1, 3\], \[1, 3\]\], which do not fit",
    ),
    "mask value": (
        lambda m: setattr(cell(m, "is_step0"), "raw_data", b"\0\2\0"),
        r"'is_step0'\[1\] is 2, neither 0 nor 1",
    ),
    "mask value in a typed field": (
        lambda m: (cell(m, "is_step0").ClearField("raw_data"), cell(m, "is_step0").int32_data.extend([0, -1, 0])),
        r"'is_step0' has the value -1 in int32_data, outside 0 to 1",
    ),
    "mask of floats": (lambda m: m.graph.node[4].input.__setitem__(0, "b0"), r"node 4 .* chooses by float32"),
    "swapped branches": (
        lambda m: m.graph.node[4].input.__setitem__(slice(1, 3), ["relu0", "step0"]),
        r"relumax.steps disagrees",
    ),
    "step of the relu": (lambda m: m.graph.node[2].input.__setitem__(0, "relu0"), r"relumax.steps disagrees"),
    "mask moved": (lambda m: setattr(cell(m, "is_step0"), "raw_data", b"\1\0\0"), "relumax.steps disagrees"),
}


@pytest.mark.parametrize("kind", STEPS)
def test_hostile_steps(kind: str) -> None:
    change, message = STEPS[kind]
    model = onnx.load_model_from_string(export(MIXED, "onnx").data)
    change(model)
    with pytest.raises(FormatError, match=message):
        read(model)


HARMLESS: dict[str, Change] = {
    "a location that is not used": lambda m: cell(m, "W0").external_data.add(key="location", value="/etc/passwd"),
    "a bias of no dimension": lambda m: cell(m, "b1").ClearField("dims"),
    "an unused initializer": lambda m: m.graph.initializer.add(name="spare", data_type=8, string_data=[b"text"]),
    "an unused node": lambda m: m.graph.node.append(helper.make_node("Softmax", ["z0"], ["spare"])),
    "quantization": lambda m: m.graph.quantization_annotation.add(tensor_name="W0"),
    "training": lambda m: m.training_info.add(),
    "a function": lambda m: m.functions.add(name="Other", domain="mine"),
    "another opset": lambda m: m.opset_import.add(domain="mine", version=1),
    "an old IR": lambda m: setattr(m, "ir_version", 3),
    "notes": lambda m: [
        one.metadata_props.add(key="k", value="v") for one in (m.graph, *m.graph.node, m.graph.input[0])
    ],
    "doc strings": lambda m: [setattr(one, "doc_string", "\x1b") for one in (m, m.graph, *m.graph.node)],
    "the graph's name": lambda m: setattr(m.graph, "name", ""),
    "no node names": lambda m: [one.ClearField("name") for one in m.graph.node],
    "value_info twice": lambda m: m.graph.value_info.extend([helper.make_tensor_value_info("z0", 1, ["batch", 3])] * 2),
    "value_info of weights": lambda m: m.graph.value_info.append(helper.make_tensor_value_info("W0", 1, [2, 3])),
    "value_info without shape": lambda m: m.graph.value_info.add(name="z0"),
    "a batch of 0": lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[0], "dim_value", 0),
    "a batch of 1": lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[0], "dim_value", 1),
    "a negative zero": lambda m: setattr(cell(m, "b1"), "raw_data", struct.pack("<f", -0.0)),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_means_nothing_changes_nothing(kind: str) -> None:
    model = onnx.load_model_from_string(export(MAX2, "onnx").data)
    HARMLESS[kind](model)
    found = load(model.SerializeToString())
    assert found.network == MAX2 and found.notes == ()


def test_weights_that_a_caller_may_override_are_noted() -> None:
    model = onnx.load_model_from_string(export(MAX2, "onnx").data)
    model.graph.input.append(helper.make_tensor_value_info("W0", 1, [2, 3]))
    found = load(model.SerializeToString())
    said = "with the weights in the file: 'W0' are inputs too, which a caller may give other values"
    assert found.network == MAX2 and found.notes == (said,)
    model.graph.initializer.add(name="spare", dims=[1], data_type=1, raw_data=bytes(4))
    model.graph.input.append(helper.make_tensor_value_info("spare", 1, [1]))
    assert load(model.SerializeToString()).notes == (said,)  # nothing reads it


def test_ir_versions() -> None:
    model = onnx.load_model_from_string(export(MAX2, "onnx").data)
    for version in (2, 15):
        model.ir_version = version
        with pytest.raises(FormatError, match=f"ir_version {version}; 3 to 14 are read"):
            read(model)


def test_two_graphs_in_one_file_are_one_whose_names_clash() -> None:
    data = export(MAX2, "onnx").data
    second = onnx.ModelProto()
    second.graph.node.append(helper.make_node("Relu", ["x"], ["z0"]))
    with pytest.raises(FormatError, match="the name 'z0' is defined twice"):
        load(data + second.SerializeToString())


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(FormatError, match="3 bytes are in fields that the onnx library here does not know"):
        load(export(MAX2, "onnx").data + b"\xf8\x3f\x01")  # field 1023, a varint


def test_a_name_that_is_not_text_is_refused() -> None:
    data = export(MAX2, "onnx").data
    with pytest.raises(FormatError, match=r"UTF-8|has the name"):
        load(data.replace(b"h0", b"h\xff"))


def test_a_file_in_any_order_of_fields_is_told_from_its_content() -> None:
    data = export(MAX2, "onnx").data
    assert data[:2] == b"\x08\x08"
    assert load(data[2:] + data[:2]).network == MAX2


# ---------------------------------------------------------------- fuzzing


def foreign() -> list[bytes]:
    """Models with much to change in them."""
    folder = Path(__file__).parent / "cases"
    return [path.read_bytes() for path in sorted(folder.rglob("*.onnx"))]


def total(data: bytes) -> None:
    """Any bytes are a network or one line."""
    try:
        load(data, "onnx")
    except RelumaxError as error:
        assert "\n" not in str(error)


def test_truncations_are_refused_or_read() -> None:
    for data in foreign():
        for length in range(0, len(data), max(1, len(data) // 100)):
            total(data[:length])


def test_changed_bytes_are_refused_or_read(request: pytest.FixtureRequest) -> None:
    seed = int(os.environ.get("RELUMAX_SEED", "20261201"))
    print("seed", seed)
    random = Random(seed)
    for data in foreign():
        for _ in range(60):
            changed = bytearray(data)
            for _ in range(random.randint(1, 3)):
                changed[random.randrange(len(changed))] = random.choice([0, 1, 127, 128, 255, random.randrange(256)])
            total(bytes(changed))


# ---------------------------------------------------------------- budgets


def model_of(nodes: list[Any], arrays: dict[str, np.ndarray], shape: list[int]) -> bytes:
    """A model from x to y."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()


NODE = helper.make_node
ADDED = [NODE("ReduceSum", ["f"], ["t"], keepdims=0), NODE("Add", ["x", "t"], ["y"])]
HUGE: dict[str, tuple[list[Any], dict[str, np.ndarray]]] = {
    "a large shape": (
        [NODE("Expand", ["x", "s"], ["e"]), NODE("ReduceSum", ["e"], ["y"])],
        {"s": np.array([10**6, 10**6, 2], "i8")},
    ),
    "a large constant": (
        [NODE("ConstantOfShape", ["s"], ["e"]), NODE("ReduceSum", ["e"], ["f"]), NODE("Add", ["x", "f"], ["y"])],
        {"s": np.array([2**40], "i8")},
    ),
    "repeated squaring": (
        [NODE("Mul", [f"c{k}", f"c{k}"], [f"c{k + 1}"]) for k in range(60)] + [NODE("Add", ["x", "c60"], ["y"])],
        {"c0": np.array([1.5], "f4")},
    ),
    "repeated joining": (
        [NODE("Concat", [f"v{k}" if k else "x"] * 10, [f"v{k + 1}"], axis=0) for k in range(12)]
        + [NODE("ReduceSum", ["v12"], ["y"])],
        {},
    ),
    "a large kernel": (
        [
            NODE("Reshape", ["x", "s"], ["v"]),
            NODE("Pad", ["v", "p"], ["w"]),
            NODE("MaxPool", ["w"], ["y"], kernel_shape=[999, 999]),
        ],
        {"s": np.array([1, 1, 1, 2], "i8"), "p": np.array([0, 0, 999, 999, 0, 0, 999, 999], "i8")},
    ),
    "a large product": (
        [
            NODE("Expand", ["one", "s"], ["a"]),
            NODE("MatMul", ["a", "a"], ["m"]),
            NODE("ReduceSum", ["m"], ["f"]),
            NODE("Add", ["x", "f"], ["y"]),
        ],
        {"s": np.array([1500, 1500], "i8"), "one": np.array([[1]], "f4")},
    ),
    "a long axis beside none, joined": (
        [NODE("ConstantOfShape", ["s"], ["e"]), NODE("Concat", ["e", "e"], ["f"], axis=1), *ADDED],
        {"s": np.array([2**40, 0], "i8")},
    ),
    "a long axis beside none, reshaped": (
        [NODE("Reshape", ["e", "s"], ["f"], allowzero=1), *ADDED],
        {"s": np.array([0, 2**40, 2**40], "i8"), "e": np.zeros((0, 2), "f4")},
    ),
    "a long axis beside none, spread": (
        [NODE("Expand", ["e", "s"], ["f"]), *ADDED],
        {"s": np.array([2**40, 1], "i8"), "e": np.zeros((1, 0), "f4")},
    ),
    "axes without end": (
        [NODE("Unsqueeze", [f"v{k}" if k else "x", "a"], [f"v{k + 1}"]) for k in range(99)]
        + [NODE("Squeeze", ["v99"], ["y"])],
        {"a": np.arange(9_000)},
    ),
}


@pytest.mark.parametrize("kind", HUGE)
def test_what_grows_without_end_is_refused(kind: str) -> None:
    nodes, arrays = HUGE[kind]
    with pytest.raises(BudgetExceeded):
        load(model_of(nodes, arrays, [2]))


def test_the_most_units_can_be_said() -> None:
    data = model_of([NODE("Abs", ["x"], ["y"])], {}, [100])
    assert load(data).network.size == 200
    with pytest.raises(BudgetExceeded, match=r"more than 199 units: raise the budget with --max-size"), at_most(199):
        load(data)


# ---------------------------------------------------------------- external data


def apart(folder: Path, location: str, data: bytes, **more: str) -> bytes:
    """MAX2 with its first weights in a file."""
    model = onnx.load_model_from_string(export(MAX2, "onnx").data)
    tensor = cell(model, "W0")
    (folder / "weights.bin").write_bytes(data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **more}.items():
        tensor.external_data.add(key=key, value=value)
    return model.SerializeToString()


def test_external_data_is_read_only_where_it_is_allowed(tmp_path: Path) -> None:
    weights = cell(onnx.load_model_from_string(export(MAX2, "onnx").data), "W0").raw_data
    data = apart(tmp_path, "weights.bin", weights)
    with pytest.raises(FormatError, match="'W0' keeps its data in another file; --external-data allows"):
        load(data)
    found = load(data, options=ReadOptions(beside=str(tmp_path)))
    assert found.network == MAX2 and "weights from 'weights.bin', sha256" in found.notes[0]
    within = apart(tmp_path, "weights.bin", b"..." + weights + b"..", offset="3", length=str(len(weights)))
    assert load(within, options=ReadOptions(beside=str(tmp_path))).network == MAX2


def test_external_data_stays_in_the_folder(tmp_path: Path) -> None:
    weights = cell(onnx.load_model_from_string(export(MAX2, "onnx").data), "W0").raw_data
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "outside.bin").write_bytes(weights)
    (folder / "link.bin").symlink_to(tmp_path / "outside.bin")
    (folder / "inner").mkdir()
    beside = ReadOptions(beside=str(folder))
    for location in (str(tmp_path / "outside.bin"), "../outside.bin", "link.bin", "inner/../../outside.bin", ""):
        with pytest.raises(FormatError, match="outside the model's folder"):
            load(apart(folder, location, weights), options=beside)
    (folder / "inside.bin").symlink_to(folder / "weights.bin")
    assert load(apart(folder, "inside.bin", weights), options=beside).network == MAX2
    for location, message in (("inner", "no regular file"), ("missing.bin", "cannot be read: No such file")):
        with pytest.raises(FormatError, match=message):
            load(apart(folder, location, weights), options=beside)
    for offset in ("-1", "x", "1" * 30):
        with pytest.raises(FormatError, match="offset and length"):
            load(apart(folder, "weights.bin", weights, offset=offset), options=beside)
    with pytest.raises(FormatError, match=r"declares shape .*24 bytes, but holds 23"):
        load(apart(folder, "weights.bin", weights[1:]), options=beside)
