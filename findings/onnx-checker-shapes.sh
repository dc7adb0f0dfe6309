#!/bin/sh
# onnx 1.23.2: check_model with full_check accepts a Gemm whose bias has more columns than it has units.
#
# Y = A W + C with W of shape [2, 2] and C of shape [3]: C cannot be broadcast to [batch, 2]. The checker is content,
# also with full_check and strict shape inference; onnxruntime 1.32.0 refuses to run it. So shapes have to be checked by
# whoever reads a model.
# Seen: checker accepts; onnxruntime refuses.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxruntime==1.32.0 onnx==1.23.2 numpy==2.3.5
"$folder/venv/bin/python" - <<'PYTHON'
import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 2])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 2])
weights = numpy_helper.from_array(numpy.ones((2, 2), numpy.float32), "w")
bias = numpy_helper.from_array(numpy.ones(3, numpy.float32), "c")
graph = helper.make_graph([helper.make_node("Gemm", ["x", "w", "c"], ["y"])], "g", [x], [y], [weights, bias])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
refused = False
try:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    session.run(None, {"x": numpy.ones((1, 2), numpy.float32)})
except Exception as problem:
    refused = True
    print(str(problem).splitlines()[0][:120])
print("checker accepts; onnxruntime", "refuses" if refused else "runs it")
assert refused, "it behaves otherwise now"
PYTHON
