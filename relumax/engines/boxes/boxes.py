"""The proof of a linear statement on a box: which boxes it takes, and the steps that cut them out.

Floats say into which boxes the whole one has to be cut. Then come the lines of all units in the whole box: of units
that are always on, or always off, no more is needed. What is left in each box is a task of its own (`leaves`). Whatever
ran where, the certificate has the same bytes: the boxes depend on the statement alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from relumax.cluster import mapped
from relumax.engines.boxes import floats
from relumax.engines.boxes.exact import Layer, Relaxed
from relumax.engines.boxes.floats import Objective, Path
from relumax.engines.boxes.leaves import Line, Problem, Task, cut, halved, proof
from relumax.engines.canonical.table import Table
from relumax.engines.falsify import wrong_at
from relumax.engines.lemmas import Lemmas
from relumax.engines.script import GOAL, PICK, WRITTEN, Block, Fact, Step, Value, facts_of, split
from relumax.engines.search import GaveUp, Search
from relumax.engines.simple import simplest
from relumax.engines.witness import Witness
from relumax.kernel.proof import EQ, LE, OR, RELU, Context, negated, negation
from relumax.kernel.statement import Statement
from relumax.network.layers import Network

MOST, FEW, SMALL = 20_000, 2_000, 60
"""Boxes that are looked at for one goal; and of networks so small that there are other engines."""
TRIED = 2
"""Points of each batch of boxes that are evaluated exactly, those where floats are wrong by most."""

Tell = Callable[[str], None]


def prove_boxes(
    context: Context, statement: Statement, network: Network, lemmas: Lemmas, tell: Tell
) -> Block | Witness:
    """A proof of the goals of `context`, the statement's, or a point where it is false; raises GaveUp.

    `tell` hears how far it is.
    """
    whole = _Whole(context, statement, network, lemmas)
    decided = f"{whole.floats.decided(whole.box)} of {network.size} units are always on or always off"
    goals: list[tuple[Part, list[Path]]] = []
    for part, objective in [(part, whole.objective(part.value)) for part in whole.parts]:
        paths: list[Path] = []
        for found in floats.cut(whole.floats, objective, whole.box, MOST if network.size > SMALL else FEW):
            witness = _tried(network, statement, whole.wrong(part.value, found.points))
            if witness is not None:
                return witness
            paths += found.closed
            tell(f"{decided}, bounds hold in {floats.share(paths):.1%} of the box, in {len(paths):,} parts")
        goals.append((part, sorted(paths)))
    whole.know_lines()
    trees, done, count = dict[Part, Block](), 0, sum(len(paths) for _, paths in goals)
    for part, paths in goals:
        problem = whole.problem(part)
        leaves: dict[Path, list[object]] = {}
        for path, steps in zip(paths, mapped(proof, (Task(problem, path) for path in paths)), strict=True):
            if steps is None:
                raise GaveUp("what holds in floats is not shown by integers")
            leaves[path] = steps
            done += 1
            tell(f"{decided}, {done:,} of {count:,} boxes are proved")
        trees[part] = Block([Fact(negated(part.value))], _tree(leaves, (), whole.given))
    blocks = [_refuted(goal, trees) for goal in context.goals]
    return Block([], [*whole.table.steps, Step(GOAL, [], blocks=blocks)])


class Part(NamedTuple):
    """An inequality that a goal says, alone or as one of several (then its negation is a branch of the goal's)."""

    value: Value
    alone: bool


def parts(goal: Value) -> list[Part]:
    """The inequalities of which a goal is the conjunction; none for a goal that says nothing; raises GaveUp."""
    if goal[0] == LE:
        return [Part(goal, True)]
    if goal[0] == OR and len(goal[1]) == 1 and all(one[0] == LE for one in goal[1][0]):
        return [Part(one, False) for one in goal[1][0]]
    Search().prove([goal])
    return []


def _refuted(goal: Value, trees: dict[Part, Block]) -> Block:
    """The negation of a goal, and what refutes it."""
    found = parts(goal)
    if not found:
        return Search().prove([goal]).steps[0].blocks[0]
    if found[0].alone:
        return trees[found[0]]
    (clause,) = facts_of(negation(goal)[0])
    return Block([clause], [split(clause, [trees[part] for part in found])])


def _tree(leaves: dict[Path, list[object]], path: Path, given: list[Fact]) -> list[Step]:
    """The steps in a box: those of a leaf, or its halves."""
    if path in leaves:
        return [Step(WRITTEN, leaves[path])]
    i = next(one for one in leaves if one[: len(path)] == path)[len(path)][0]
    step, clause, halves = cut(i, halved(given, i))
    blocks = [
        Block([fact], _tree(_below(leaves, (*path, (i, side))), (*path, (i, side)), [*given, fact]))
        for side, fact in enumerate(halves)
    ]
    return [step, split(clause, blocks)]


def _below(leaves: dict[Path, list[object]], path: Path) -> dict[Path, list[object]]:
    return {one: steps for one, steps in leaves.items() if one[: len(path)] == path}


def _tried(network: Network, statement: Statement, points: Sequence[Any]) -> Witness | None:
    """A point where the statement is false, exactly."""
    for point in points:
        found = wrong_at(network, statement, [Fraction(one) for one in point])
        if found is not None:
            return simplest(network, statement, found)
    return None


class _Whole:
    """The whole box: facts of the statement, lines of all units, and the network in floats."""

    def __init__(self, context: Context, statement: Statement, network: Network, lemmas: Lemmas):
        import numpy as np

        if statement.indices or not network.depth:
            raise GaveUp("it is for hidden layers, and for no index")
        self.parts = list(dict.fromkeys(part for goal in context.goals for part in parts(goal)))
        if any(kind != RELU or not s[2] for kind, s in context.units.values()):
            raise GaveUp("it is for relus that read something")
        table, self.context, self.network = Table(context, lemmas), context, network
        self.table = table
        self.given = [Fact(value, k) for k, value in enumerate(context.facts) if type(value) is tuple]
        numbers = {v: k for k, v in enumerate(context.facts) if type(v) is int}
        for k, (_, n, each, _) in enumerate(statement.requires):
            for i in range(n if each else 0):
                self.given += table.step(Step(PICK, [k, i], makes=facts_of(context.pick(k, i, ""))))
        first, layers = network.inputs, list[Layer]()
        for width in network.widths:
            layers.append({v: context.units[v][1] for v in range(first, first + width)})
            first += width
        relaxed = Relaxed(table, self.given, layers, {})
        if not all(v in relaxed.high and v in relaxed.low for v in range(network.inputs)):
            raise GaveUp("not all inputs are in a box")
        ends = [(-relaxed.low[v].most, relaxed.high[v].most) for v in range(network.inputs)]
        if any(low > high for low, high in ends):
            raise GaveUp("the box is empty")
        low, high = (np.array([float(one[side]) for one in ends]) for side in (0, 1))
        self.box, self.floats = floats.Box((), low, high), floats.Relaxed(network)
        self.equal = {fact.last[0]: fact for fact in self.given if fact.value[0] == EQ and fact.terms}
        for v, k in numbers.items():
            table.unit_atom(v, Fact(context.fact(k, ""), k))
        self.layers, self.relaxed = layers, relaxed

    def know_lines(self) -> None:
        """Have the lines of all units; boxes speak of them by number, so these facts are all kept."""
        for layer in self.layers:
            for v, s in layer.items():
                self.relaxed.learn(v, self.relaxed.lined(v, s, *self.table.bounds(v)))
        self.undecided = frozenset(v for v, one in self.relaxed.lines.items() if one.shift)
        self.after = len(self.context.facts)
        for step in self.table.steps:
            for fact in step.makes:
                fact.number, fact.needed, self.after = self.after, True, self.after + 1

    def problem(self, part: Part) -> Problem:
        """What the boxes of this part of a goal share."""

        def known(fact: Fact) -> tuple[int, Value]:
            return fact.number, fact.value

        lines = {
            v: Line(one.slope, one.shift, one.lower, known(one.zero), known(one.own), known(one.above))
            for v, one in self.relaxed.lines.items()
        }
        clauses = {v: self.table.clauses[v].number for v in self.undecided}
        box = [known(fact) for fact in self.given if fact.value[0] == LE and len(fact.terms) == 1]
        equal = {v: known(self.equal[v]) for v, _ in part.value[2] if v in self.equal}
        false = self.after + (not part.alone)
        return Problem(self.layers, clauses, lines, self.undecided, box, equal, part.value, false)

    def objective(self, goal: Value) -> Objective:
        """The goal's sum, as one of units of the last layer and of inputs."""
        import numpy as np

        total, const = self._put_in(goal)
        last = self.layers[-1]
        if not all(v in last or v < self.network.inputs for v in total):
            raise GaveUp("it is for sums of inputs and outputs")
        units = np.array([float(total.get(v, 0)) for v in last])
        inputs = np.array([float(total.get(v, 0)) for v in range(self.network.inputs)])
        return Objective(units, inputs, float(const))

    def _put_in(self, goal: Value) -> tuple[dict[int, Fraction], Fraction]:
        total: dict[int, Fraction] = {}
        const = Fraction(goal[1])
        for v, c in goal[2]:
            if v not in self.equal:
                total[v] = total.get(v, Fraction(0)) + c
                continue
            _, fixed, row = self.equal[v].value
            k = Fraction(-c, dict(row)[v])
            const += k * fixed
            for u, weight in row:
                if u != v:
                    total[u] = total.get(u, Fraction(0)) + k * weight
        return total, const

    def wrong(self, goal: Value, points: Sequence[Any]) -> list[Any]:
        """Of these points a few where the goal is wrong in floats, the worst first."""
        import numpy as np

        if not points:
            return []
        from relumax.network.evaluate import evaluate_numpy

        x = np.array(points)
        y = evaluate_numpy(self.network, x)
        first = self.network.inputs + len(self.context.units)
        values = np.full(len(x), float(goal[1]))
        for v, c in goal[2]:
            values += float(c) * (x[:, v] if v < self.network.inputs else y[:, v - first])
        order = np.argsort(-values, kind="stable")[:TRIED]
        return [points[k] for k in order if values[k] > 0]
