#!/bin/sh
# onnxruntime 1.32.0: AveragePool with auto_pad=SAME_UPPER and a kernel shorter than its stride crops the input in front.
#
# For kernel 1 and stride 3 over [1, 2, 3] the standard's sum for the padding is negative. Conv takes it as 0 and starts
# at the first number; MaxPool refuses to run; AveragePool does the same up to opset 18, and from opset 19 on starts at
# the second number, with no warning. Seen: Conv 1, AveragePool of opset 18 an error, of opset 19 the value 2.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxruntime==1.32.0 onnx==1.23.2 numpy==2.3.5
"$folder/venv/bin/python" - <<'PYTHON'
import numpy
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

quiet = onnxruntime.SessionOptions()
quiet.log_severity_level = 4


def computed(op, inputs, opset):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 3])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    one = numpy_helper.from_array(numpy.ones((1, 1, 1), numpy.float32), "w")
    node = helper.make_node(op, inputs, ["y"], kernel_shape=[1], strides=[3], auto_pad="SAME_UPPER")
    graph = helper.make_graph([node], "g", [x], [y], [one])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), quiet, providers=["CPUExecutionProvider"])
    try:
        return session.run(None, {"x": numpy.array([[[1, 2, 3]]], numpy.float32)})[0].tolist()
    except Exception as problem:
        return type(problem).__name__


found = [computed("Conv", ["x", "w"], 19), computed("AveragePool", ["x"], 18), computed("AveragePool", ["x"], 19)]
print(found)
assert found == [[[[1.0]]], "RuntimeException", [[[2.0]]]], "it behaves otherwise now"
PYTHON
