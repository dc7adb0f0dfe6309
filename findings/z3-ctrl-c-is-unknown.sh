#!/bin/sh
# z3-solver 5.4.1.0 for Python: while check() works, Ctrl-C raises no KeyboardInterrupt.
#
# z3 takes SIGINT for itself as long as it works. check() then returns `unknown`, as it does when it gives up, and the
# program goes on: a loop over queries cannot be stopped, and the query counts as undecided. That it was the keyboard
# stands in reason_unknown() alone. (Outside check() the signal raises KeyboardInterrupt as ever.)
# Seen: unknown, reason "interrupted from keyboard", no exception; later, outside, KeyboardInterrupt.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q z3-solver==5.4.1.0
"$folder/venv/bin/python" - <<'PYTHON'
import os
import signal
import threading
import time

import z3


def largest(values):
    """The maximum as a balanced tree."""
    if len(values) == 1:
        return values[0]
    left, right = largest(values[: len(values) // 2]), largest(values[len(values) // 2 :])
    return z3.If(left >= right, left, right)


x = [z3.Real(f"x{i}") for i in range(14)]
chain = x[0]
for value in x[1:]:
    chain = z3.If(chain >= value, chain, value)
solver = z3.Solver()
solver.add(largest(x[::-1]) != chain, z3.Sum(x) * z3.Sum(x) == 7)  # takes much longer than a second

threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
inside = outside = False
answer = reason = ""
try:
    answer, reason = str(solver.check()), solver.reason_unknown()
except KeyboardInterrupt:
    inside = True
try:
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
    time.sleep(5)
except KeyboardInterrupt:
    outside = True
print("answer", answer, "reason", reason, "KeyboardInterrupt inside", inside, "outside", outside)
assert (answer, reason, inside, outside) == ("unknown", "interrupted from keyboard", False, True), "otherwise now"
PYTHON
