#!/bin/sh
# safetensors 0.8.0, numpy 2.3.5: save() writes an array that is not C-contiguous by its memory, not by its elements.
#
# A transposed view is stored with the transposed shape and the bytes of the array it is a view of: what is loaded again
# is another matrix, and nothing is said. (An array in Fortran order likewise.)
# Seen: saved [[0, 3], [1, 4], [2, 5]], loaded [[0, 1], [2, 3], [4, 5]].
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q safetensors==0.8.0 numpy==2.3.5
"$folder/venv/bin/python" - <<'PYTHON'
import numpy
from safetensors.numpy import load, save

matrix = numpy.arange(6, dtype=numpy.float32).reshape(2, 3).T
loaded = load(save({"weight": matrix}))["weight"]
print("saved", matrix.tolist(), "loaded", loaded.tolist())
assert matrix.tolist() == [[0, 3], [1, 4], [2, 5]]
assert loaded.tolist() == [[0, 1], [2, 3], [4, 5]], "it behaves otherwise now"
assert load(save({"weight": numpy.ascontiguousarray(matrix)}))["weight"].tolist() == matrix.tolist()
PYTHON
