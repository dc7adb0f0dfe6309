"""Points at which a statement is false, sought cell by cell (`cells`).

Where a statement is an equation and the network is wrong by very little, what is left of it is a form over few atoms
that is 0 nearly everywhere. It is 0 or not in a whole cell, and one of its atoms turns where it begins not to be. So
from points drawn at random the nearest place is found where a node turns, first to branches that no cell so far has
taken; of both cells that meet there a linear program says whether the statement is false in them, and where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from random import Random
from typing import Any, NamedTuple

from relumax.engines.canonical.cells import CONST, TERM, Affine, Cell, Node, Place, Program, Shape, put_in
from relumax.engines.canonical.metered import Meter
from relumax.engines.canonical.opening import Opening
from relumax.engines.falsify import wrong_at
from relumax.engines.lemmas import Form
from relumax.engines.script import Value
from relumax.engines.search import GaveUp
from relumax.engines.simple import simplest
from relumax.engines.simplex import Exact, divide
from relumax.engines.witness import Witness
from relumax.kernel.proof import EQ, LT, RELU, branches, negation, variable
from relumax.kernel.statement import Statement
from relumax.network.layers import Network

TURNS, EACH, FEW = 400, 6, 2
"""Starts, and nodes that are turned from each: those of two branches, and maxima of more, of which there are many."""
CROSSINGS = 12
"""Walls that are gone through, one after another or several at once, on the way to where a node turns."""
PLAIN = (1, 1, 16, 1, 2**12, 2**30)
"""Sizes of points that are evaluated first: most that is wrong is wrong there."""
MOST_INDICES, MOST_BRANCHES = 16, 8
"""Values of a statement's indices that are looked at, and ways in which one promise can be false."""
ZERO: Form = (1, 0, ())


class Question(NamedTuple):
    """A statement at one value of each index: what its variables are, what is required, and what is promised."""

    shape: Shape
    at: tuple[int, ...]
    requires: list[Value]
    goals: list[Value]
    inputs: int

    def roots(self, facts: Sequence[Value]) -> list[int]:
        """All that these facts speak of, and that it depends on, in an order in which it can be found."""
        return self.shape.order(v for fact in facts for branch in branches(fact) for one in branch for v, _ in one[2])


def refuted(opening: Opening, network: Network, work: int) -> Witness | None:
    """A point where the opened statement is false, if one is found.

    `work` counts entries of tableaus that pivots go through, a term of a form as TERM of them; 8 million take a second
    or two.
    """
    statement = opening.statement
    if any(winner is not None and winner[1] is not None for *_, winner in statement.requires):
        return None  # a lattice, of which linear programs know nothing
    draw = Random(network.inputs)
    for size in PLAIN:
        point = [divide(round(draw.gauss(0, 1) * size * 64), 64) for _ in range(network.inputs)]
        if (found := wrong_at(network, statement, point)) is not None:
            return simplest(network, statement, found)
    nodes, equal = _canonical(opening)
    meter = Meter(work)
    seeking = [_Seeking(one, meter) for one in _questions(statement, nodes, equal)]
    try:
        for turn in range(TURNS):
            for point, index in seeking[turn % len(seeking)].points():
                found = wrong_at(network, statement, point, index)
                if found is not None:
                    return simplest(network, statement, found)
    except GaveUp:  # the work is done
        pass
    return None


def _canonical(opening: Opening) -> tuple[dict[int, Node], dict[int, Form]]:
    """What the atoms are, and what is rewritten to them; units and outputs that were not reached are as they are."""
    table, network = opening.table, opening.statement.network
    nodes: dict[int, Node] = {}
    first = network.inputs + len(network.units)
    rest = [v for v in range(network.inputs, first) if v not in table.canon]
    for v in [*table.clauses, *rest]:
        kind, form = table.context.units[v]
        z = form if v not in table.clauses else table.canonical(form)
        nodes[v] = Node(1, (ZERO, z)) if kind == RELU else Node(1, (z,), True)
    for fact in opening.largest:
        nodes[fact.last[0]] = Node(fact.last[1], tuple(table.canonical(one) for one in fact.children))
    for family in (opening.maxima, opening.mirror):
        leaves = [(family.sets[v], family.written[v]) for v in family.leaves]
        for v, whole in family.sets.items():
            if whole.bit_count() > 1 and v not in nodes:
                nodes[v] = Node(family.sign(v), tuple(form for one, form in leaves if one & whole))
    for v in table.equal:
        nodes.pop(v, None)
    plain = {v: value for v, value in enumerate(network.outputs, first) if v not in table.canon}
    return nodes, {v: table.canon[v] for v in table.equal} | plain


def _questions(statement: Statement, nodes: dict[int, Node], equal: dict[int, Form]) -> Iterator[Question]:
    """The statement at a few values of its indices."""
    requires = [at(i) for at, n, *_ in statement.requires for i in range(n)]
    goals = [at(i) for at, n, *_ in statement.ensures for i in range(n)]
    every = product(*(range(n) for _, n, _ in statement.indices))
    for index in islice(every, MOST_INDICES):
        place = {w: k for k, (_, _, w) in zip(index, statement.indices, strict=True)}
        own: dict[int, Form] = {w: (1, k, ()) for w, k in place.items()}
        for kind, v, data in statement.definitions:
            if kind == "read":
                own[v] = variable(data[0].base + data[0].stride * place[data[1]])
        yield Question(Shape(nodes, equal | own), index, requires, goals, statement.network.inputs)


class _Seeking:
    """The search at one value of each index."""

    def __init__(self, question: Question, meter: Meter):
        self.question, self.shape, self.meter = question, question.shape, meter
        self.random = Random(question.inputs)
        self.given = question.roots(question.requires)
        self.order = self.shape.order([*self.given, *question.roots(question.goals), *range(question.inputs)])
        self.free = [v for v in self.order if v not in self.shape.nodes and v not in self.shape.equal]
        self.own: dict[int, list[int]] = {}  # of a node: what it depends on
        self.seen: set[tuple[int, ...]] = set()  # cells, by the branches that all nodes take
        self.tried: dict[tuple[int, int], int] = {}  # cells in which a node has taken a branch, and tries to turn it
        for v in self.order:
            if v in self.shape.nodes:
                node = self.shape.nodes[v]
                self.tried |= {(v, k): 0 for k in range(2 if node.step else len(node.forms))}

    def points(self) -> Iterator[tuple[list[Exact], tuple[int, ...]]]:
        """Points where the statement may be false, from one start; raises GaveUp once the work is done."""
        start = self._start()
        taken = yield from self._looked(Place(start, {}))
        others = [one for one in self.tried if taken.get(one[0]) != one[1]]
        self.random.shuffle(others)
        others.sort(key=lambda one: self.tried[one])
        two = [one for one in others if len(self.shape.nodes[one[0]].forms) <= 2]
        more = [one for one in others if len(self.shape.nodes[one[0]].forms) > 2]
        for v, k in [*two[:EACH], *more[:FEW]]:
            self.tried[v, k] += 1
            place = self._turned(v, k, start)
            if place is not None:
                yield from self._looked(place)
                yield from self._looked(Place(place.x, {u: -c for u, c in place.way.items()}))

    def _start(self) -> dict[int, Exact]:
        draw = self.random
        size, shift, grid = 2 ** draw.randint(0, 12), draw.choice((0, 0, 0, 4, -4)), draw.choice((1, 1, 8, 64))
        x = {v: divide(round((draw.gauss(0, 1) + shift) * size), grid) for v in self.free}
        if not self.question.requires:
            return x
        program = Program(self.meter, x)
        self._promise(program, self.shape.cell(self.given, Place(x, {}), {}))
        found = program.point()
        return dict(found) if found is not None else x

    def _promise(self, program: Program, cell: Cell) -> None:
        """Ask for all that is required: of each clause the branch that is missed by least."""
        for wall in cell.walls:
            if wall.v in self.given:
                program.ask(wall.relation, wall.affine, wall[:2])
        place = Place(program.x, {})
        for fact in self.question.requires:
            alternatives = [[(one[0], put_in((1, *one[1:]), cell.affine)) for one in b] for b in branches(fact)]
            for relation, affine in min(alternatives, key=lambda branch: max(_missed(one, place) for one in branch)):
                program.ask(relation, affine)

    def _turned(self, v: int, k: int, x: Mapping[int, Exact]) -> Place | None:
        """Where, near x, the node turns to this branch: in the cell of x, or beyond its walls."""
        order = self.own.setdefault(v, self.shape.order([v, *self.given]))
        turned = {v: k}
        for _ in range(CROSSINGS):
            cell = self._cell(order, Place(x, {}), turned)
            program = Program(self.meter, x)
            for wall in cell.walls:
                program.ask(LT if wall.v == v else wall.relation, wall.affine, wall[:2])
            self._promise(program, cell)
            found = program.moved()
            if found is not None:
                return found
            through = [one for one in program.conflict or {} if isinstance(one, tuple) and one[0] != v]
            if not through:
                return None
            turned |= dict(through)
        return None

    def _cell(self, order: Sequence[int], place: Place, turned: Mapping[int, int]) -> Cell:
        cell = self.shape.cell(order, place, turned)
        self.meter.left -= TERM * sum(map(len, cell.affine.values()))
        if self.meter.left < 0:
            raise GaveUp("the search for a point is over")
        return cell

    def _looked(self, place: Place) -> Any:
        """Points in the cell of a place; returns which branches are taken there."""
        cell = self._cell(self.order, place, {})
        for one in cell.taken.items():
            self.tried[one] += 1
        which = tuple(cell.taken.values())
        if which in self.seen:
            return cell.taken
        self.seen.add(which)
        for goal in self.question.goals:
            point = self._false(goal, cell, place.x)
            if point is not None:
                inputs = Place(point, {})
                whole = self._cell(self.order, inputs, {})
                yield [inputs.at(whole.affine[v])[0] for v in range(self.question.inputs)], self.question.at
        return cell.taken

    def _false(self, goal: Value, cell: Cell, x: Mapping[int, Exact]) -> Mapping[int, Exact] | None:
        """A point of the cell where the goal is false."""
        ways = product(*(branches(fact) for fact in negation(goal)))
        for way in islice(ways, MOST_BRANCHES):
            atoms = [(one[0], put_in((1, *one[1:]), cell.affine)) for branch in way for one in branch]
            if any(set(affine) <= {CONST} and _missed((relation, affine), Place({}, {})) for relation, affine in atoms):
                continue
            program = Program(self.meter, x)
            for relation, affine in atoms:
                program.ask(relation, affine)
            for wall in cell.walls:
                program.ask(wall.relation, wall.affine, wall[:2])
            self._promise(program, cell)
            if (point := program.point()) is not None:
                return point
        return None


def _missed(one: tuple[int, Affine], place: Place) -> Exact:
    """By how much an equation or inequality does not hold at a point; strict ones by a little more."""
    relation, affine = one
    value: Exact = place.at(affine)[0]
    if relation == EQ or value > 0:
        return value if value > 0 else -value
    return int(relation == LT and value == 0)
