"""Affine pieces of what is bent: where every relu keeps its side and every maximum its winner, a cell, all is affine.

A node is `sign * max(forms)`: a relu that of 0 and its argument, a maximum that of its children; or a step. At a point,
each takes a branch, and the walls of the cell say so:

    f_j <= f_k for each j, of a node at which f_k is the largest

A linear program over walls finds a point of the cell, or in a cell beyond: where it has none, the walls that say so are
gone through (`sought`). All numbers are exact; unknowns are what a point is moved by, so that it is moved by little.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from relumax.engines.canonical.metered import Meter, Metered
from relumax.engines.lemmas import Form
from relumax.engines.search import GaveUp
from relumax.engines.simplex import Exact, divide
from relumax.kernel.proof import LE, LT

Affine = dict[int, Exact]
"""A sum of free variables; what is at CONST is added."""
CONST = -1
TERM = 40
"""A term that is written or asked counts for so many entries of tableaus that pivots go through."""
MOST_TERMS = 400_000
"""Terms of all affine pieces of a cell."""


class Node(NamedTuple):
    """sign * max(forms), or the step of the one form."""

    sign: int
    forms: tuple[Form, ...]
    step: bool = False


class Wall(NamedTuple):
    """Where node v has taken a branch: `affine` is at most 0, or below it; beyond, it takes branch `other`."""

    v: int
    other: int
    affine: Affine
    relation: int = LE


class Place(NamedTuple):
    """A point, and a way to go on from it by however little."""

    x: Mapping[int, Exact]
    way: Mapping[int, Exact]

    def at(self, one: Affine) -> tuple[Exact, Exact]:
        """The value there, and how fast it grows along the way."""
        grows = sum((c * self.way[u] for u, c in one.items() if u in self.way), 0) if self.way else 0
        return at(one, self.x), grows


class Cell(NamedTuple):
    """What each variable is, which branch each node takes, and the walls."""

    affine: dict[int, Affine]
    taken: dict[int, int]
    walls: list[Wall]


class Shape(NamedTuple):
    """Variables by what they are: nodes, or sums of others; what is neither is free."""

    nodes: dict[int, Node]
    equal: dict[int, Form]

    def order(self, roots: Iterable[int]) -> list[int]:
        """All variables that these depend on, and they themselves, each after those that it reads."""
        found: dict[int, None] = {}
        pending = [(v, False) for v in roots]
        while pending:
            v, ready = pending.pop()
            if v in found:
                continue
            if ready:
                found[v] = None
                continue
            pending.append((v, True))
            forms = self.nodes[v].forms if v in self.nodes else (self.equal[v],) if v in self.equal else ()
            pending += [(u, False) for one in forms for u, _ in one[2] if u not in found]
        return list(found)

    def cell(self, order: Sequence[int], place: Place, turned: Mapping[int, int]) -> Cell:
        """The cell of a place, nodes that are `turned` aside; `order` says of what. Raises GaveUp."""
        found, work = Cell({}, {}, []), 0
        for v in order:
            if v in self.nodes:
                self._node(v, found, place, turned)
            else:
                found.affine[v] = put_in(self.equal[v], found.affine) if v in self.equal else {v: 1}
            work += len(found.affine[v])
            if work > MOST_TERMS:
                raise GaveUp("the pieces of what is left are too large")
        return found

    def _node(self, v: int, cell: Cell, place: Place, turned: Mapping[int, int]) -> None:
        node = self.nodes[v]
        forms = [put_in(one, cell.affine) for one in node.forms]
        values = [place.at(one) for one in forms] if v not in turned else []
        if node.step:
            k = cell.taken[v] = turned[v] if v in turned else int(values[0] >= (0, 0))
            cell.affine[v] = {CONST: 1} if k else {}
            cell.walls.append(Wall(v, 1 - k, times(forms[0], -1 if k else 1), LE if k else LT))
            return
        k = cell.taken[v] = turned[v] if v in turned else max(range(len(forms)), key=lambda j: values[j])
        cell.affine[v] = times(forms[k], node.sign)
        cell.walls.extend(Wall(v, j, minus(one, forms[k])) for j, one in enumerate(forms) if j != k)


def put_in(form: Form, affine: Mapping[int, Affine]) -> Affine:
    """The form over free variables."""
    den, const, terms = form
    total: Affine = {CONST: const} if const else {}
    for v, c in terms:
        for u, k in affine[v].items():
            total[u] = total.get(u, 0) + c * k
    return {u: divide(c, den) for u, c in total.items() if c}


def times(one: Affine, c: Exact) -> Affine:
    """c times an affine piece."""
    return one if c == 1 else {u: c * k for u, k in one.items()}


def minus(one: Affine, other: Affine) -> Affine:
    """The difference of two affine pieces."""
    total = dict(one)
    for u, k in other.items():
        total[u] = total.get(u, 0) - k
    return {u: k for u, k in total.items() if k}


def at(one: Affine, x: Mapping[int, Exact]) -> Exact:
    """The value at a point."""
    return sum((c * x[u] if u != CONST else c for u, c in one.items()), 0)


class Program(Metered):
    """A linear program over what a point x is moved by."""

    def __init__(self, meter: Meter, x: Mapping[int, Exact]):
        super().__init__(meter)
        self.x = x
        self.conflict: Mapping[Hashable, Exact] | None = None

    def ask(self, relation: int, one: Affine, reason: Hashable = None) -> None:
        """That it is = 0, <= 0 or < 0."""
        if self.conflict is None:
            terms = {u: c for u, c in one.items() if u != CONST}
            self._meter.left -= TERM * (1 + len(terms))
            value = at(one, self.x)
            den = lcm(value.denominator, *(c.denominator for c in terms.values()))
            atom = relation, int(value * den), tuple((u, int(c * den)) for u, c in sorted(terms.items()))
            self.conflict = self.add(atom, reason)

    def moved(self) -> Place | None:
        """A point, and the way on to where what is strict holds; None if there is none, `conflict` says why."""
        if self.conflict is None:
            self.conflict = self.check()
        if self.conflict is not None:
            return None
        parts = {u: self._value[self._columns[u]] if u in self._columns else (0, 0) for u in self.x}
        return Place({u: self.x[u] + a for u, (a, _) in parts.items()}, {u: b for u, (_, b) in parts.items() if b})

    def point(self) -> Mapping[int, Exact] | None:
        """A point that meets all that is asked, well inside what is strict."""
        found = self.moved()
        if found is None:
            return None
        x, way = found
        if not way:
            return x
        far = Fraction(1)
        for column, (a, b) in enumerate(self._value):
            low, high = self._lower[column], self._upper[column]
            for bound, sign in ((low, 1), (high, -1)):
                if bound is not None and (slower := sign * (bound[0][1] - b)) > 0:
                    far = min(far, Fraction(sign * (a - bound[0][0])) / slower)
        far = far if far == 1 else far / 2
        return {u: one + far * way[u] if u in way else one for u, one in x.items()}
