"""Marabou's answer to the question of `boxes.py`: is there an input of the box with y[0] >= c? Floats, no certificate.

python benchmarks/marabou_box.py < QUESTION     (JSON: maps of weights and biases, box, c)
"""

import json
import sys

from maraboupy import MarabouCore


def main() -> None:
    """Print sat or unsat, and what Marabou calls its end."""
    asked = json.load(sys.stdin)
    query = MarabouCore.InputQuery()
    sizes = [len(weights) for weights, _ in asked["maps"]]
    inputs = len(asked["box"])
    query.setNumberOfVariables(inputs + 2 * sum(sizes[:-1]) + sizes[-1])
    for v, (low, high) in enumerate(asked["box"]):
        query.setLowerBound(v, low)
        query.setUpperBound(v, high)
        query.markInputVariable(v, v)
    before, after = list(range(inputs)), inputs
    for t, (weights, biases) in enumerate(asked["maps"]):
        arguments = list(range(after, after + len(weights)))
        after += len(weights)
        for v, row, bias in zip(arguments, weights, biases, strict=True):
            equation = MarabouCore.Equation()
            for u, weight in zip(before, row, strict=True):
                equation.addAddend(weight, u)
            equation.addAddend(-1.0, v)
            equation.setScalar(-bias)
            query.addEquation(equation)
        if t == len(sizes) - 1:
            query.markOutputVariable(arguments[0], 0)
            query.setLowerBound(arguments[0], asked["most"])
            break
        before = list(range(after, after + len(weights)))
        after += len(weights)
        for s, h in zip(arguments, before, strict=True):
            query.setLowerBound(h, 0.0)
            MarabouCore.addReluConstraint(query, s, h)
    options = MarabouCore.Options()
    options._verbosity = 0
    ended, values, _ = MarabouCore.solve(query, options, "")
    print(ended, bool(values))


if __name__ == "__main__":
    main()
