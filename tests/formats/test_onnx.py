"""ONNX files that relumax writes: onnxruntime computes what the exact network computes."""

from fractions import Fraction
from itertools import product

import numpy as np
import onnx
import onnxruntime
import pytest

from relumax.errors import FormatError
from relumax.formats import export, load
from relumax.formats.onnx import writing
from relumax.formats.onnx.writing import IR_VERSION, OPSET
from relumax.network.layers import sha256
from tests.formats.examples import DYADIC, MAX2, MIXED, THIRDS, evaluate


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
