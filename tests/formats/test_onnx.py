"""ONNX files that relumax writes: onnxruntime computes what the exact network computes."""

from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from relumax.errors import FormatError
from relumax.formats import export, load
from relumax.formats.onnx import writing
from relumax.formats.onnx.writing import IR_VERSION, OPSET
from relumax.network.layers import sha256
from tests.formats.examples import DYADIC, MAX2, MIXED, THIRDS, evaluate
from tests.running import python


@pytest.mark.parametrize("name", DYADIC)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_onnxruntime_agrees_exactly(name: str, dtype: str) -> None:
    """On quarters, with all ties and signs: every intermediate value is then exact, even in float16."""
    network = DYADIC[name]
    points = list(product([Fraction(n, 4) for n in (-6, -1, 0, 1, 4)], repeat=network.inputs))
    session = onnxruntime.InferenceSession(export(network, "onnx", dtype).data, providers=["CPUExecutionProvider"])
    (outputs,) = session.run(["y"], {"x": np.array(points, dtype=dtype)})
    assert outputs.dtype == dtype and outputs.shape == (len(points), network.outputs)
    for point, row in zip(points, outputs, strict=True):
        assert [Fraction(float(cell)) for cell in row] == evaluate(network, list(point))


@pytest.mark.parametrize("name", DYADIC)
def test_the_model_is_a_valid_one(name: str) -> None:
    model = onnx.load_model_from_string(export(DYADIC[name], "onnx").data)
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version == IR_VERSION and [entry.version for entry in model.opset_import] == [OPSET]


def test_metadata_is_in_the_model() -> None:
    model = onnx.load_model_from_string(export(MIXED, "onnx", theorem="y = x").data)
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert about == {
        "relumax.version": "1",
        "relumax.network_sha256": sha256(MIXED),
        "relumax.dtype": "float32",
        "relumax.exact": "yes",
        "relumax.steps": "[[1],[0,1]]",
        "relumax.theorem": "y = x",
    }


def test_a_model_with_inferred_shapes_is_read() -> None:
    model = onnx.shape_inference.infer_shapes(onnx.load_model_from_string(export(MIXED, "onnx").data))
    assert len(model.graph.value_info) == 8
    assert load(model.SerializeToString()).network == MIXED


def test_a_file_of_2_gib_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_LARGEST", writing._ROOM + 30)
    with pytest.raises(FormatError, match="52 bytes of weights do not fit in one ONNX file"):
        export(MAX2, "onnx")


def test_rounding_is_in_the_model() -> None:
    about = load(export(THIRDS, "onnx", allow_rounding=True).data).metadata
    assert about["relumax.exact"] == "no" and "not for this file" in about["relumax.note"]


def test_reading_imports_neither_onnx_nor_numpy_and_both_may_come_later(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(export(MIXED, "onnx").data)
    done = python(
        "import sys; from relumax.formats import load; from tests.formats.examples import MIXED\n"
        "data = open(sys.argv[1], 'rb').read(); load(data); print({'onnx', 'numpy'} & sys.modules.keys())\n"
        "import onnx; onnx.load_model_from_string(data); print(load(data).network == MIXED)",
        tmp_path / "net.onnx",
    )
    assert done.stdout == "set()\nTrue\n", done.stderr


FLUSHING = """
import sys
from fractions import Fraction
import numpy, onnx, onnxruntime
from relumax.formats import load
from tests.formats.examples import evaluate

data = open(sys.argv[1], "rb").read()
options = onnxruntime.SessionOptions()
options.add_session_config_entry("session.set_denormal_as_zero", "1")
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
session.run(None, {"x": numpy.ones((1, 1), "f4")})
print(Fraction(5e-324) == 0)  # this thread now reads subnormals as zero
print(evaluate(load(data).network, [Fraction(1)])[0] == Fraction(1, 2**298) + Fraction(1, 2**149))
"""


def test_where_the_processor_reads_subnormals_as_zero_they_are_still_read(tmp_path: Path) -> None:
    """As in a process that loaded a library linked with -ffast-math: raw data, typed data and an attribute."""
    tiny = float(np.float32(1e-45))
    arrays = [numpy_helper.from_array(np.array([[tiny]], "f4"), "A"), helper.make_tensor("b", 1, [1], [tiny])]
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "A", "b"], ["y"], alpha=tiny)],
        "g",
        [helper.make_tensor_value_info("x", 1, [1, 1])],
        [helper.make_tensor_value_info("y", 1, [1, 1])],
        arrays,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    (tmp_path / "tiny.onnx").write_bytes(model.SerializeToString())
    done = python(FLUSHING, tmp_path / "tiny.onnx")
    if done.stdout.startswith("False"):
        pytest.skip("onnxruntime does not set the flag here")
    assert done.stdout == "True\nTrue\n", done.stderr
