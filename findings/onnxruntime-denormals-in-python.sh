#!/bin/sh
# onnxruntime 1.32.0: creating a session with session.set_denormal_as_zero changes arithmetic in the whole thread.
#
# The option reads as one of the session, and the session need not even run: from then on Python's own floats lose
# subnormal numbers in that thread, also in exact code: Fraction(5e-324 * 1.0) is 0. Threads that ran before are as they
# were; those started afterwards from that thread inherit it.
# Seen: before False, after True, an older thread False, a newer one True.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxruntime==1.32.0 onnx==1.23.2
"$folder/venv/bin/python" - <<'PYTHON'
import threading
from fractions import Fraction

import onnxruntime
from onnx import TensorProto, helper

x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
tiny = [5e-324]


def lost(answer):
    answer.append(Fraction(tiny[0] * 1.0) == 0)


def older_thread():
    created.wait()
    lost(older)


before, after, older, newer = [], [], [], []
created = threading.Event()
waiting = threading.Thread(target=older_thread)
waiting.start()
lost(before)
options = onnxruntime.SessionOptions()
options.add_session_config_entry("session.set_denormal_as_zero", "1")
onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
lost(after)
created.set()
waiting.join()
thread = threading.Thread(target=lost, args=(newer,))
thread.start()
thread.join()
print("before", before[0], "after", after[0], "an older thread", older[0], "a newer one", newer[0])
assert (before, after, older, newer) == ([False], [True], [False], [True]), "it behaves otherwise now"
PYTHON
