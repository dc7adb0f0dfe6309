"""Records small ONNX files as other tools write them. The tests read what is recorded and need none of the tools.

Run with torch 2.13.0, onnx 1.23.2, onnxscript 0.7.2, onnxruntime 1.32.0, onnxsim 0.8.1, onnxslim 0.1.98, keras 3.15.1,
skl2onnx 1.20.0 and scikit-learn 1.9.1 installed (not all at once: what cannot be imported is left out):

    python tests/formats/cases/record.py

All but those of `OTHERS` are the maximum of two numbers, `relu(a - b) + relu(b) - relu(-b)`, and one network.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "recorded"
W0, W1 = [[1.0, -1.0], [0.0, 1.0], [0.0, -1.0]], [[1.0, 1.0, -1.0]]
OTHERS = ("torch_residual", "torch_conv", "torch_maximum", "torch_clamp", "torch_leaky", "torch_prelu", "torch_norm")


def main() -> None:
    """Every tool that is there, or those named."""
    warnings.simplefilter("ignore")
    FOLDER.mkdir(exist_ok=True)
    chosen = sys.argv[1:]
    for record in (torch_files, keras_file, sklearn_file, rewritten):
        if chosen and record.__name__ not in chosen:
            continue
        try:
            record()
        except ImportError as missing:
            print(f"{record.__name__}: {missing}", file=sys.stderr)


def save(name: str, data: bytes) -> None:
    """A small file. Paths of the machine, which torch writes into its notes, are cut to their last name."""
    import onnx

    model = onnx.load_model_from_string(data)
    graph = model.graph
    for one in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        for entry in one.metadata_props:
            entry.value = re.sub(r'File "[^"]*/', 'File "', entry.value)
        if one.doc_string:
            one.doc_string = re.sub(r"(/[^\s(:]+)+/", "", one.doc_string)
    data = model.SerializeToString()
    print(f"{name}: {len(data)} bytes")
    assert len(data) < 6000, name
    (FOLDER / f"{name}.onnx").write_bytes(data)


def torch_models() -> dict[str, tuple[Any, Any]]:
    """Models of torch with an example input each."""
    import torch
    from torch import nn

    def linear(weights: list[list[float]], bias: bool = True) -> Any:
        layer = nn.Linear(len(weights[0]), len(weights), bias=bias)
        layer.weight.data = torch.tensor(weights)
        if bias:
            layer.bias.data.zero_()
        return layer

    class Of(nn.Module):
        def __init__(self, function: Callable[..., Any], **parts: Any) -> None:
            super().__init__()
            self.function = function
            for name, part in parts.items():
                setattr(self, name, part)

        def forward(self, x: Any) -> Any:
            return self.function(self, x)

    convolution = nn.Conv2d(1, 2, 2)
    convolution.weight.data = torch.tensor([[[[1.0, -1.0], [0.5, 0.0]]], [[[0.0, 1.0], [0.0, -2.0]]]])
    convolution.bias.data = torch.tensor([0.25, -0.5])
    norm = nn.BatchNorm1d(3)
    norm.running_var.data = torch.tensor([4.0, 1.0, 0.25]) - 2.0**-16
    norm.eps = 2.0**-16
    two = torch.randn(1, 2)
    return {
        "torch": (nn.Sequential(linear(W0), nn.ReLU(), linear(W1)), two),
        "torch_no_bias": (nn.Sequential(linear(W0, False), nn.ReLU(), linear(W1, False)), two),
        "torch_flatten": (
            nn.Sequential(nn.Flatten(), linear(W0), nn.ReLU(), nn.Dropout(), linear(W1)),
            torch.randn(1, 1, 2),
        ),
        "torch_double": (nn.Sequential(linear(W0), nn.ReLU(), linear(W1)).double(), two.double()),
        "torch_half": (nn.Sequential(linear(W0), nn.ReLU(), linear(W1)).half(), two.half()),
        "torch_view": (
            Of(lambda m, x: m.b(m.a(x.view(x.size(0), -1)).clamp(min=0)), a=linear(W0), b=linear(W1)),
            torch.randn(1, 2, 1),
        ),
        "torch_residual": (Of(lambda m, x: torch.relu(x[:, :1] - x[:, 1:]) + x[:, 1:]), two),
        "torch_maximum": (Of(lambda m, x: torch.maximum(x[:, 0], x[:, 1])), two),
        "torch_amax": (Of(lambda m, x: x.amax(dim=1)), two),
        "torch_clamp": (Of(lambda m, x: x.clamp(-1, 1)), two),
        "torch_leaky": (nn.Sequential(nn.LeakyReLU(0.25)), two),
        "torch_prelu": (nn.Sequential(nn.PReLU(init=0.5)), two),
        "torch_norm": (nn.Sequential(linear(W0), norm, nn.ReLU(), linear(W1)), two),
        "torch_conv": (
            nn.Sequential(convolution, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), linear([[1.0, -1.0]])),
            torch.randn(1, 1, 3, 3),
        ),
    }


def torch_export(model: Any, example: Any, dynamo: bool) -> bytes:
    """A model as one of torch's exporters writes it, with an open batch."""
    import torch

    more: dict[str, Any] = {"dynamic_axes": {"x": {0: "batch"}}}
    if dynamo:
        more = {"dynamic_shapes": ({0: torch.export.Dim("batch")},), "external_data": False}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part.onnx"
        model.eval()
        torch.onnx.export(model, (example,), str(path), dynamo=dynamo, input_names=["x"], verbose=False, **more)
        return path.read_bytes()


def torch_files() -> None:
    """Both of torch's exporters."""
    for name, (model, example) in torch_models().items():
        for dynamo in (True, False):
            save(name + ("_dynamo" if dynamo else "_legacy"), torch_export(model, example, dynamo))


def keras_file() -> None:
    """keras' exporter, over torch."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "relu"), keras.layers.Dense(1)])
    model(np.zeros((1, 2), "f4"))  # it refuses to export what was never called
    model.layers[0].set_weights([np.array(W0, "f4").T, np.zeros(3, "f4")])
    model.layers[1].set_weights([np.array(W1, "f4").T, np.zeros(1, "f4")])
    path = FOLDER / "part.onnx"
    model.export(str(path), format="onnx", verbose=False)
    data = path.read_bytes()
    path.unlink()
    save("keras", data)


def sklearn_file() -> None:
    """skl2onnx, of a regressor; its classifier ends in a sigmoid or softmax."""
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    points = np.random.default_rng(0).normal(size=(20, 2)).astype("f4")
    model = MLPRegressor(hidden_layer_sizes=(3,), max_iter=1).fit(points, points.max(axis=1))
    model.coefs_ = [np.array(W0, "f4").T, np.array(W1, "f4").T]
    model.intercepts_ = [np.zeros(3, "f4"), np.zeros(1, "f4")]
    save("sklearn", to_onnx(model, points[:1]).SerializeToString())
    other = MLPClassifier(hidden_layer_sizes=(3,), max_iter=1).fit(points, points[:, 0] > 0)
    save("sklearn_classifier", to_onnx(other, points[:1], options={"zipmap": False}).SerializeToString())


def rewritten() -> None:
    """Tools that rewrite models, and onnxruntime's own optimiser, on what torch wrote."""
    import onnx
    import onnxruntime
    import onnxsim
    import onnxslim

    for name in ("torch_legacy", "torch_no_bias_dynamo"):
        source = FOLDER / f"{name}.onnx"
        model = onnx.load(source)
        save(f"{name}_onnxsim", onnxsim.simplify(model)[0].SerializeToString())
        save(f"{name}_onnxslim", onnxslim.slim(model).SerializeToString())
        for level in ("BASIC", "EXTENDED"):
            options = onnxruntime.SessionOptions()
            options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, f"ORT_ENABLE_{level}")
            options.optimized_model_filepath = str(FOLDER / "part.onnx")
            onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
            data = (FOLDER / "part.onnx").read_bytes()
            (FOLDER / "part.onnx").unlink()
            save(f"{name}_ort_{level.lower()}", data)


if __name__ == "__main__":
    main()
