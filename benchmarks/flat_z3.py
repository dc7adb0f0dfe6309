"""z3 alone: `python benchmarks/flat_z3.py program|network max/tournament 64 SECONDS`.

One query, all at once: `program` is the nested If, `network` the strict network, one variable a unit.
"""

import resource
import sys
from time import process_time

import z3

from relumax import compile
from relumax.constructions import registry
from relumax.language.expr import Expr, topological
from relumax.network.layers import Layer, Network


def relu(form: z3.ArithRef) -> z3.ArithRef:
    """max(form, 0)."""
    return z3.If(form > 0, form, z3.RealVal(0))


def of_program(program: list[Expr], x: list[z3.ArithRef]) -> z3.ArithRef:
    """The first output as one z3 expression, parts shared."""
    made: dict[Expr, z3.ArithRef] = {}
    for node in topological(program):
        below = [made[one] for one in node.args]
        match node.op:
            case "input":
                made[node] = x[node.data]
            case "const":
                made[node] = z3.RealVal(str(node.data))
            case "add":
                made[node] = z3.Sum(below)
            case "scale":
                made[node] = z3.RealVal(str(node.data)) * below[0]
            case "relu":
                made[node] = relu(below[0])
            case "call":
                made[node] = below[0]
            case other:
                raise ValueError(other)
    return made[program[0]]


def of_network(network: Network, x: list[z3.ArithRef], solver: z3.Solver) -> z3.ArithRef:
    """The first output, every unit a variable of its own."""

    def forms(layer: Layer, below: list[z3.ArithRef]) -> list[z3.ArithRef]:
        return [(bias + z3.Sum([c * below[j] for j, c in terms])) / layer.den for bias, terms in layer.rows]

    values = x
    for layer in network.layers:
        units = [z3.FreshReal("h") for _ in layer.rows]
        for unit, form in zip(units, forms(layer, values), strict=True):
            solver.add(unit == relu(form))
        values = units
    return forms(network.output, values)[0]


def main() -> None:
    """Ask once, and print "unsat 0.12"; at the limit the process is ended from outside."""
    form, which, n, seconds = sys.argv[1], sys.argv[2].split("/"), int(sys.argv[3]), float(sys.argv[4])
    program = registry.find(*which).program(n)
    x, solver = [z3.Real(f"x{i}") for i in range(n)], z3.Solver()
    y = of_program(program, x) if form == "program" else of_network(compile(program, n), x, solver)
    solver.add(z3.Or([y < one for one in x] + [z3.And([y != one for one in x])]))
    start = process_time()
    most = int(start + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))  # then the system ends this process
    print(solver.check(), f"{process_time() - start:.2f}")


if __name__ == "__main__":
    main()
