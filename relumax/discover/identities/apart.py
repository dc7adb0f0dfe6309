"""A process that does one piece of linear algebra, for `linear`.

What, and the matrix's shape and type, are its arguments; a line of JSON and the matrix its input; JSON its output.
"""

import json
import sys

import numpy as np

from relumax.discover.identities import linear

if __name__ == "__main__":
    name, shape, kind = sys.argv[1:]
    rest = json.loads(sys.stdin.buffer.readline())
    matrix = np.frombuffer(sys.stdin.buffer.read(), kind).reshape(json.loads(shape))
    json.dump(linear.reduce(matrix, rest) if name == "reduce" else linear.solve(matrix, rest), sys.stdout)
