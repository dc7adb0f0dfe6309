"""The yardstick: the shortest z3 script that proves what `relumax prove --n 8` proves, and writes nothing down.

The tournament's strict network (21 relu units, its skips as pairs of units) against the maximum, one query.
"""

import z3


def relu(form: z3.ArithRef) -> z3.ArithRef:
    return z3.If(form > 0, form, 0)


x = list(z3.Reals(" ".join(f"x{i}" for i in range(8))))
solver, values = z3.Solver(), x
while len(values) > 1:
    winners = []
    for a, b in zip(values[::2], values[1::2], strict=True):
        units = [z3.FreshReal("h") for _ in range(3)]
        solver.add(units[0] == relu(a - b), units[1] == relu(b), units[2] == relu(-b))
        winners.append(units[0] + units[1] - units[2])
    values = winners
solver.add(z3.Or([values[0] < one for one in x] + [z3.And([values[0] != one for one in x])]))
if solver.check() != z3.unsat:
    raise SystemExit("not proved")
print("for all x in R^8: y = max(x)")
