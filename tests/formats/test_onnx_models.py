"""Models of other people: what is a strict network already keeps its weights, the rest is read operator by operator."""

import struct
from fractions import Fraction
from hashlib import sha256 as file_sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from relumax.errors import FormatError
from relumax.formats import LoadedNetwork, export, load
from relumax.network.layers import Network, normalise, sha256
from tests.formats.cases.record import OTHERS
from tests.formats.examples import MAX2, MIXED, STEP, evaluate
from tests.running import relumax

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


# ---------------------------------------------------------------- files given and recorded

CASES = Path(__file__).parent / "cases"
GIVEN = sorted(path.name for path in (CASES / "given").iterdir())
RECORDED = sorted(path.stem for path in (CASES / "recorded").iterdir())
REFUSED = {"sklearn_classifier": "'Sigmoid'.* is not piecewise linear"}


def recorded(name: str) -> LoadedNetwork:
    return load((CASES / "recorded" / f"{name}.onnx").read_bytes())


@pytest.mark.parametrize("name", GIVEN)
def test_the_given_files_are_the_maximum_of_two(name: str) -> None:
    """All but one are; that one ends in a relu, and is the maximum where it is not negative."""
    found = load((CASES / "given" / name).read_bytes())
    if name == "final_relu.onnx":
        assert found.network.widths == (3, 1)
    else:
        assert found.network == MAX2


@pytest.mark.parametrize("name", GIVEN)
def test_the_command_line_gives_the_right_verdict(name: str) -> None:
    path = CASES / "given" / name
    done = relumax("prove", "--network", path, "--fn", "max")
    assert done.returncode == (1 if name == "final_relu.onnx" else 0), done.stderr
    assert ("counterexample" if name == "final_relu.onnx" else f"network sha256 {sha256(MAX2)}") in done.stdout
    read_by_operator = f"read operator by operator; file sha256 {file_sha256(path.read_bytes()).hexdigest()}"
    named = ("clip_relu", "final_relu", "residual", "sub_input", "two_gemms")
    assert (read_by_operator in done.stdout) == (path.stem in named)


@pytest.mark.parametrize("name", [name for name in RECORDED if not name.startswith(OTHERS) and name not in REFUSED])
def test_one_network_has_one_hash_whoever_wrote_it(name: str) -> None:
    found = recorded(name)
    assert sha256(found.network) == sha256(MAX2)
    assert not any("batch" in note for note in found.notes)


@pytest.mark.parametrize("name", OTHERS)
def test_both_exporters_of_torch_write_one_network(name: str) -> None:
    one, other = recorded(f"{name}_dynamo"), recorded(f"{name}_legacy")
    assert one.network == other.network
    for found in (one, other):
        assert not any("batch" in note for note in found.notes)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_piecewise_linear_is_refused_by_name(name: str) -> None:
    with pytest.raises(FormatError, match=REFUSED[name]):
        recorded(name)


@pytest.mark.parametrize("name", sorted({*RECORDED} - {*REFUSED}))
def test_recorded_files_compute_what_onnxruntime_computes(name: str) -> None:
    path = CASES / "recorded" / f"{name}.onnx"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    kind = {"tensor(float)": "f4", "tensor(double)": "f8", "tensor(float16)": "f2"}[given.type]
    network = recorded(name).network
    for point in np.random.default_rng(1).integers(-8, 9, (20, network.inputs)) / 4:
        shape = [1 if isinstance(size, str) or size is None else size for size in given.shape]
        (found,) = session.run(None, {given.name: point.reshape(shape).astype(kind)})
        assert [Fraction(float(cell)) for cell in found.reshape(-1)] == evaluate(network, list(map(Fraction, point)))


@pytest.mark.slow
@pytest.mark.parametrize("dynamo", [True, False])
def test_torch_writes_what_was_recorded(dynamo: bool) -> None:
    """The networks, not the bytes: those hold line numbers."""
    pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    from tests.formats.cases.record import torch_export, torch_models

    for name, (model, example) in torch_models().items():
        found = load(torch_export(model, example, dynamo)).network
        assert found == recorded(name + ("_dynamo" if dynamo else "_legacy")).network, name


# ---------------------------------------------------------------- batches


def with_batch(nodes: list[Any], arrays: dict[str, np.ndarray], shape: list[Any]) -> LoadedNetwork:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    return load(model.SerializeToString())


ROWS: dict[str, tuple[bool, list[Any], dict[str, np.ndarray]]] = {
    "a row by itself": (True, [node("ReduceMax", "in one", "out")], {"one": np.array([1])}),
    "over the batch": (False, [node("ReduceMax", "in zero", "out")], {"zero": np.array([0])}),
    "a fixed shape": (False, [node("Reshape", "in s", "out")], {"s": np.array([1, 2])}),
    "an open shape": (True, [node("Reshape", "in s", "out")], {"s": np.array([-1, 2])}),
    "an open shape that mixes": (False, [node("Reshape", "in s", "out")], {"s": np.array([2, -1])}),
    "the first row": (False, [node("Slice", "in zero one zero", "out")], {"zero": np.array([0]), "one": np.array([1])}),
    "transposed": (False, [node("Transpose", "in", "t"), node("Relu", "t", "out")], {}),
    "twice transposed": (True, [node("Transpose", "in", "t"), node("Transpose", "t", "out")], {}),
    "a constant from the left": (False, [node("MatMul", "A in", "out")], {"A": np.ones((1, 1), "f4")}),
    "a relu of each": (True, [node("Abs", "in", "out")], {}),
    "a bias for each": (True, [node("Add", "in b", "out")], {"b": np.array([[1, 2]], "f4")}),
    "a flattened row": (True, [node("Flatten", "in", "f"), node("Relu", "f", "out")], {}),
    "all flattened": (False, [node("Flatten", "in", "out", axis=0)], {}),
    "a bias for two rows": (False, [node("Add", "in b", "out")], {"b": np.array([[1, 2], [3, 4]], "f4")}),
    "a bias of more axes": (False, [node("Add", "in b", "out")], {"b": np.ones((1, 1, 2), "f4")}),
    "axes apart": (False, [node("Unsqueeze", "in one", "u"), node("Add", "u in", "out")], {"one": np.array([1])}),
    "transposed in the product": (False, [node("Gemm", "in b", "out", transA=1)], {"b": np.ones((1, 1), "f4")}),
    "the size of the batch": (
        False,
        [node("Shape", "in", "s"), node("Cast", "s", "f", to=1), node("Mul", "in f", "out")],
        {},
    ),
}


@pytest.mark.parametrize("kind", ROWS)
def test_what_depends_on_the_batch_is_said(kind: str) -> None:
    rowwise, nodes, arrays = ROWS[kind]
    found = with_batch(nodes, arrays, ["batch", 2])
    assert any("batch of one" in note for note in found.notes) != rowwise
    assert found.network == with_batch(nodes, arrays, [1, 2]).network
    assert not any("batch" in note for note in with_batch(nodes, arrays, [1, 2]).notes)


def test_other_open_sizes_are_refused() -> None:
    with pytest.raises(FormatError, match="'in' is declared with an open size beside the batch"):
        with_batch([node("Abs", "in", "out")], {}, [1, "n"])


# ---------------------------------------------------------------- several inputs and outputs


def test_inputs_and_outputs_follow_one_another() -> None:
    values = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2]) for name in "abyz"}
    nodes = [node("Sub", "a b", "y"), node("Max", "a b", "z")]
    graph = helper.make_graph(nodes, "g", [values["a"], values["b"]], [values["y"], values["z"]])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    found = load(model.SerializeToString())
    point = [Fraction(value) for value in (1, 5, 3, 2)]
    assert evaluate(found.network, point) == [-2, 3, 3, 5]
    assert found.notes[1:] == (
        "the network's inputs are, one after the other, 'a' [1, 2], 'b' [1, 2]",
        "the network's outputs are, one after the other, 'y' [1, 2], 'z' [1, 2]",
    )


# ---------------------------------------------------------------- strict chains


def test_dead_and_equal_units_are_kept() -> None:
    arrays = {
        "A": np.array([[1, 1, 0, 2]], "f4"),
        "a": np.array([0, 0, 3, 0], "f4"),
        "B": np.array([[1], [2], [0], [0]], "f4"),
    }
    nodes = [node("Gemm", "in A a", "z"), node("Relu", "z", "h"), node("MatMul", "h B", "out")]
    found = with_batch(nodes, arrays, ["batch", 1])
    layer = normalise([(0, {0: 1}), (0, {0: 1}), (3, {}), (0, {0: 2})])
    assert found.network == Network(1, (layer,), normalise([(0, {0: 1, 1: 2})])) and found.notes == ()


def test_an_affine_chain_is_composed_exactly() -> None:
    arrays = {"m": np.array([0.5, -1], "f4"), "s": np.array([2, 4], "f4"), "A": W0, "B": W1}
    nodes = [
        node("Sub", "in m", "c"),
        node("Div", "c s", "d"),
        node("MatMul", "d A", "z"),
        node("Relu", "z", "h"),
        node("MatMul", "h B", "out"),
    ]
    found = with_batch(nodes, arrays, ["batch", 2])
    rows = [(Fraction(-1, 2), {0: Fraction(1, 2), 1: Fraction(-1, 4)}), (Fraction(1, 4), {1: Fraction(1, 4)})]
    rows.append((Fraction(-1, 4), {1: Fraction(-1, 4)}))
    assert found.network == Network(2, (normalise(rows),), MAX2.output)
    assert len(found.notes) == 1 and "read operator by operator" in found.notes[0]


def test_subnormal_weights_are_not_zero() -> None:
    """Stored in either way, and as attributes."""
    tiny = Fraction(1, 2**149)
    weights = numpy_helper.from_array(np.array([[1e-45]], "f4"), "A")
    typed = helper.make_tensor("A", TensorProto.FLOAT, [1, 1], [1e-45])
    assert weights.raw_data and typed.float_data
    for tensor in (weights, typed):
        model = foreign([node("Gemm", "in A", "out", alpha=1e-45)], {})
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1
        model.graph.initializer.append(tensor)
        assert read(model).output == normalise([(0, {0: tiny * tiny})])
