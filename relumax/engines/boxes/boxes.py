"""The proof of a linear statement on a box: which boxes it takes, and the steps that cut them out.

Floats say into which boxes the whole one has to be cut. Then come the lines of all units in the whole box: of units
that are always on, or always off, no more is needed. What is left in each box is a task of its own (`leaves`). Whatever
ran where, the certificate has the same bytes: the boxes depend on the statement alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, NamedTuple

from relumax.cluster import mapped
from relumax.engines.boxes import floats
from relumax.engines.boxes.exact import Layer, Relaxed
from relumax.engines.boxes.floats import Closed, Objectives, Path
from relumax.engines.boxes.leaves import Line, Problem, Task, cut, halved, proof
from relumax.engines.canonical.table import Table
from relumax.engines.falsify import wrong_at
from relumax.engines.lemmas import Lemmas
from relumax.engines.script import GOAL, PICK, WRITTEN, Block, Fact, Step, Value, facts_of, split
from relumax.engines.search import GaveUp, Search
from relumax.engines.simple import simplest
from relumax.engines.witness import Witness
from relumax.kernel.proof import EQ, LE, LT, OR, RELU, Context, branches, negation
from relumax.kernel.statement import Statement
from relumax.network.layers import Network

MOST, FEW, SMALL = 20_000, 2_000, 60
"""Boxes that are looked at for one goal; and of networks so small that there are other engines."""
MOST_CHOICES = 64
"""Disjunctions of which a promise is the conjunction."""
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
    goals: list[tuple[Part, list[Closed]]] = []
    for part, objectives in [(part, whole.objectives(part)) for part in whole.parts]:
        closed: list[Closed] = []
        for found in floats.cut(whole.floats, objectives, whole.box, MOST if network.size > SMALL else FEW):
            witness = _tried(network, statement, whole.wrong(part, found.points))
            if witness is not None:
                return witness
            closed += found.closed
            share = floats.share([one.path for one in closed])
            tell(f"{decided}, bounds hold in {share:.1%} of the box, in {len(closed):,} parts")
        goals.append((part, sorted(closed)))
    whole.know_lines()
    trees, done, count = dict[Part, list[Step]](), 0, sum(len(closed) for _, closed in goals)
    for part, closed in goals:
        problem = whole.problem(part)
        leaves: dict[Path, list[object]] = {}
        tasks = (Task(problem, *one) for one in closed)
        for one, steps in zip(closed, mapped(proof, tasks), strict=True):
            if steps is None:
                raise GaveUp("what holds in floats is not shown by integers")
            leaves[one.path] = steps
            done += 1
            tell(f"{decided}, {done:,} of {count:,} boxes are proved")
        trees[part] = _tree(leaves, (), whole.given)
    blocks = [_refuted(goal, trees) for goal in context.goals]
    return Block([], [*whole.table.steps, Step(GOAL, [], blocks=blocks)])


class Part(NamedTuple):
    """Inequalities one of which holds, as a goal says, alone or as one of several such.

    `places` are where the negation of each stands, counted from what a proof of the goal supposes first; of those that
    a clause has as a branch, only once that is split. `facts` is how many these are.
    """

    values: tuple[Value, ...]
    places: tuple[int, ...]
    facts: int


def parts(goal: Value) -> list[Part]:
    """The choices of which a goal is the conjunction; none for a goal that is true of all numbers; raises GaveUp.

    (a and b) or c is (a or c) and (b or c).
    """
    alternatives = branches(goal) if goal[0] in (LE, LT, OR) else ()
    if goal[0] not in (LE, LT) and _plain(goal):
        return []
    if not alternatives or any(one[0] not in (LE, LT) for branch in alternatives for one in branch):
        raise GaveUp("it is for inequalities")
    several = [k for k, branch in enumerate(alternatives) if len(branch) > 1]
    if prod(len(branch) for branch in alternatives) > MOST_CHOICES:
        raise GaveUp(f"a promise is a conjunction of more than {MOST_CHOICES} choices")
    places = [k if k not in several else len(alternatives) + several.index(k) for k in range(len(alternatives))]
    return [Part(one, tuple(places), len(alternatives) + len(several)) for one in product(*alternatives)]


def _plain(goal: Value) -> bool:
    """Whether a goal is true of all numbers."""
    try:
        Search().prove([goal])
    except GaveUp:
        return False
    return True


def _refuted(goal: Value, trees: dict[Part, list[Step]]) -> Block:
    """The negation of a goal, and what refutes it: where it is a choice of conjunctions, one tree for each choice."""
    if not parts(goal):
        return Search().prove([goal]).steps[0].blocks[0]
    supposed = [fact for value in negation(goal) for fact in facts_of(value)]
    clauses = [fact for fact in supposed if fact.value[0] == OR]
    pending = iter(parts(goal))

    def steps(k: int) -> list[Step]:
        if k == len(clauses):
            return trees[next(pending)]
        return [split(clauses[k], [Block(branch, steps(k + 1)) for branch in clauses[k].branches()])]

    return Block(supposed, steps(0))


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
        equal = {v: known(self.equal[v]) for value in part.values for v, _ in value[2] if v in self.equal}
        false = tuple(self.after + k for k in part.places)
        last = self.after + part.facts - 1
        return Problem(self.layers, clauses, lines, self.undecided, box, equal, part.values, false, last)

    def objectives(self, part: Part) -> Objectives:
        """The sums of the inequalities, as ones of units of the last layer and of inputs."""
        import numpy as np

        last, found = self.layers[-1], [self._put_in(value) for value in part.values]
        if not all(v in last or v < self.network.inputs for total, _ in found for v in total):
            raise GaveUp("it is for sums of inputs and outputs")
        units = np.array([[float(total.get(v, 0)) for v in last] for total, _ in found])
        inputs = np.array([[float(total.get(v, 0)) for v in range(self.network.inputs)] for total, _ in found])
        return Objectives(units, inputs, np.array([float(const) for _, const in found]))

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

    def wrong(self, part: Part, points: Sequence[Any]) -> list[Any]:
        """Of these points a few where none of the inequalities holds in floats, the worst first."""
        import numpy as np

        if not points:
            return []
        from relumax.network.evaluate import evaluate_numpy

        x = np.array(points)
        y = evaluate_numpy(self.network, x)
        first = self.network.inputs + len(self.context.units)
        least = np.full(len(x), np.inf)
        for _, const, terms in part.values:
            values = np.full(len(x), float(const))
            for v, c in terms:
                values += float(c) * (x[:, v] if v < self.network.inputs else y[:, v - first])
            least = np.minimum(least, values)
        order = np.argsort(-least, kind="stable")[:TRIED]
        strict = any(value[0] == LT for value in part.values)
        return [points[k] for k in order if least[k] > 0 or (strict and least[k] == 0)]
