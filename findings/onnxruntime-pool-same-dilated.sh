#!/bin/sh
# onnxruntime 1.32.0: MaxPool with auto_pad=SAME_UPPER and dilations gives another output size than the input's.
#
# SAME_UPPER with stride 1 means that the output is as long as the input, whatever the kernel, and onnx's own shape
# inference (1.23.2) says so. The pool pads as if the kernel were not dilated; it warns of the shape and goes on.
# Seen: input length 3, inferred 3, computed 2.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxruntime==1.32.0 onnx==1.23.2 numpy==2.3.5
"$folder/venv/bin/python" - <<'PYTHON'
import numpy
import onnxruntime
from onnx import TensorProto, helper, shape_inference

x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 3])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
node = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2], dilations=[2], auto_pad="SAME_UPPER")
graph = helper.make_graph([node], "g", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
inferred = shape_inference.infer_shapes(model).graph.output[0].type.tensor_type.shape.dim[-1].dim_value
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
computed = session.run(None, {"x": numpy.arange(6, dtype=numpy.float32).reshape(1, 2, 3)})[0].shape[-1]
print("input length 3, inferred", inferred, "computed", computed)
assert (inferred, computed) == (3, 2), "it behaves otherwise now"
PYTHON
