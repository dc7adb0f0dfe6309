"""Cells put together: the pieces on which the output is one affine form, their borders, and where a claim is false.

All of it is exact. Two cells belong to one piece if they share a border of some length and have the same form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import gcd, lcm, prod
from typing import Any, NamedTuple

from relumax.engines.lemmas import ENDLESS
from relumax.engines.witness import refutes
from relumax.errors import BudgetExceeded
from relumax.kernel.network import read_network
from relumax.kernel.proof import EQ, LE, branches
from relumax.kernel.statement import Claim, Statement
from relumax.language.spec import Spec
from relumax.network.layers import Network, to_json
from relumax.pictures.numbers import written
from relumax.pictures.plane import Cell, Corner, Corners, Form, Plane, area, at, cut, middle

Rational = tuple[Fraction, ...]  # a + b s + c t, not over a common denominator
Segment = tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]
MOST_INDICES = 64
_ZERO, _ONE = (Fraction(0),) * 3, (Fraction(1), Fraction(0), Fraction(0))


class Formula(NamedTuple):
    """constant + sum of coefficients[i] x_i."""

    constant: Fraction
    coefficients: tuple[Fraction, ...]

    def __call__(self, point: Sequence[Fraction]) -> Fraction:
        return self.constant + sum((c * x for c, x in zip(self.coefficients, point, strict=True)), Fraction(0))

    @property
    def winner(self) -> int | None:
        """i where the formula is x_i."""
        found = [i for i, c in enumerate(self.coefficients) if c]
        return found[0] if not self.constant and len(found) == 1 and self.coefficients[found[0]] == 1 else None

    def __str__(self) -> str:
        parts = [(c, f"x{i}") for i, c in enumerate(self.coefficients) if c]
        parts += [(self.constant, "")] if self.constant or not parts else []
        said = ""
        for c, name in parts:
            sign = (" − " if said else "−") if c < 0 else (" + " if said else "")
            size = written(abs(c)) if abs(c) != 1 or not name else ""
            said += sign + (f"{size} {name}" if size and name else size or name)
        return said


def formula(net: Network, active: Sequence[Sequence[bool]], output: int) -> Formula:
    """What output computes from the inputs where these units are on, as `Cell.active` has it."""
    rows = [Formula(Fraction(0), tuple(Fraction(i == j) for j in range(net.inputs))) for i in range(net.inputs)]
    zero = Formula(Fraction(0), (Fraction(0),) * net.inputs)
    for layer, on in zip(net.layers, active, strict=True):
        made = []
        for k, row in enumerate(layer.rows):
            one = zero._replace(constant=Fraction(1)) if k in layer.steps else _sum(row, layer.den, rows)
            made.append(one if on[k] else zero)
        rows = made
    return _sum(net.output.rows[output], net.output.den, rows)


def _sum(row: tuple[int, tuple[tuple[int, int], ...]], den: int, rows: Sequence[Formula]) -> Formula:
    parts = [(Fraction(c, den), rows[j]) for j, c in row[1]]
    constant = Fraction(row[0], den) + sum((c * one.constant for c, one in parts), Fraction(0))
    width = range(len(rows[0].coefficients))
    return Formula(constant, tuple(sum((c * one.coefficients[i] for c, one in parts), Fraction(0)) for i in width))


class Piece(NamedTuple):
    """Cells, joined by borders, on which the output is `form` on the plane, and `formula` of the inputs."""

    form: Rational
    formula: Formula
    cells: tuple[Corners, ...]

    @property
    def area(self) -> Fraction:
        """In the coordinates s, t."""
        return sum(map(area, self.cells), Fraction(0))


class Portrait(NamedTuple):
    """The pieces; the borders between them; where a unit switches and the output does not bend; where it is wrong."""

    pieces: list[Piece]
    bends: list[Segment]
    switches: list[Segment]
    total: int


def portrait(net: Network, on: Plane, cells: Sequence[Cell], output: int) -> Portrait:
    """What the cells are together, for one output."""
    forms = [tuple(Fraction(x, cell.den) for x in cell.forms[output]) for cell in cells]
    group, bends, switches = list(range(len(cells))), list[Segment](), list[Segment]()

    def root(k: int) -> int:
        while group[k] != k:
            group[k] = group[group[k]]
            k = group[k]
        return k

    for first, second, border in _borders([cell.corners for cell in cells]):
        if forms[first] == forms[second]:
            group[root(first)] = root(second)
            switches.append(border)
        else:
            bends.append(border)
    members: dict[int, list[int]] = {}
    for k in range(len(cells)):
        members.setdefault(root(k), []).append(k)
    named = _named(net, on, forms, cells, output)
    pieces = [Piece(forms[k], named[forms[k]], tuple(cells[j].corners for j in all_)) for k, all_ in members.items()]
    return Portrait(sorted(pieces, key=lambda one: -one.area), _joined(bends), _joined(switches), len(cells))


def _named(
    net: Network, on: Plane, forms: Sequence[Rational], cells: Sequence[Cell], output: int
) -> dict[Rational, Formula]:
    """A formula for each form. Where units are 0 on all of a plane it may be that of several; an input is preferred."""
    den, lines = on.inputs
    inputs = [tuple(Fraction(x, den) for x in line) for line in lines]
    known: dict[Rational, Formula] = {}
    for form, cell in zip(forms, cells, strict=True):
        if form in known:
            continue
        known[form] = found = formula(net, cell.active, output)
        if form in inputs and found.winner is None and any(found.coefficients):
            same = inputs.index(form)
            known[form] = Formula(Fraction(0), tuple(Fraction(i == same) for i in range(net.inputs)))
    return known


def _line(p: Corner, q: Corner) -> tuple[Form, bool]:
    """The line through two corners, (a, b, c) without common factor, and whether it was turned round."""
    a, b, c = p[0] * q[1] - p[1] * q[0], p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2]
    common, turned = gcd(a, b, c), (b, c) < (0, 0)
    common = -common if turned else common
    return (a // common, b // common, c // common), turned


def _borders(polygons: Sequence[Corners]) -> Iterator[tuple[int, int, Segment]]:
    """Where two polygons meet along a segment: both, and the segment. Edges on the same line are laid side by side."""
    lines: dict[Form, tuple[list[Any], list[Any]]] = {}
    for k, corners in enumerate(polygons):
        for p, q in zip(corners, corners[1:] + corners[:1], strict=True):
            line, turned = _line(p, q)
            ends = sorted((_along(line, at(one)), at(one)) for one in (p, q))
            lines.setdefault(line, ([], []))[turned].append((*ends, k))
    for left, right in lines.values():
        left.sort()
        right.sort()
        i = j = 0
        while i < len(left) and j < len(right):
            start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
            if start[0] < end[0]:
                yield left[i][2], right[j][2], (start[1], end[1])
            if left[i][1] <= right[j][1]:
                i += 1
            else:
                j += 1


def _along(line: Form, point: tuple[Fraction, Fraction]) -> Fraction:
    return line[2] * point[0] - line[1] * point[1]


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Segments that continue one another, as one."""
    lines: dict[Form, list[Any]] = {}
    for ends in segments:
        p, q = (_homogeneous(point) for point in ends)
        line, _ = _line(p, q)
        lines.setdefault(line, []).append(sorted((_along(line, point), point) for point in ends))
    out: list[Segment] = []
    for found in lines.values():
        found.sort()
        run = found[0]
        for start, end in found[1:]:
            if start[0] == run[1][0]:
                run = [run[0], end]
            else:
                out.append((run[0][1], run[1][1]))
                run = [start, end]
        out.append((run[0][1], run[1][1]))
    return out


def _homogeneous(point: tuple[Fraction, Fraction]) -> Corner:
    w = lcm(point[0].denominator, point[1].denominator)
    return int(point[0] * w), int(point[1] * w), w


# ---------------------------------------------------------------- where a claim is false


def wrong(net: Network, spec: Spec, on: Plane, cells: Sequence[Cell], most: int = 20_000) -> list[Corners]:
    """The parts of the cells in whose interior a statement of the spec is false; exact, up to sets without area.

    Each cell is cut until every definition of a statement is affine, then along the atoms that decide a clause; what is
    left where all requirements hold and a promise does not is evaluated once more, at a point, as witnesses are. Raises
    BudgetExceeded where there are too many indices or parts.
    """
    statements = Claim(spec.claim(), read_network(to_json(net), ENDLESS)).statements
    found: list[Corners] = []
    for statement in statements:
        if (indices := prod(n for _, n, _ in statement.indices)) > MOST_INDICES:
            raise BudgetExceeded(f"a statement with {indices:,} indices is not compared on a picture")
    for cell in cells:
        left = [cell.corners]  # where nothing is wrong so far
        for statement in statements:
            for index in product(*(range(n) for _, n, _ in statement.indices)):
                kept = list[Corners]()
                for corners in left:
                    red, good = _divided(statement, on, cell._replace(corners=corners), index)
                    red = [part for part in red if refutes(statement, on.at(*middle(part)), index) is not None]
                    found += red
                    kept += good if red else [corners]
                left = kept
                if len(left) + len(found) > most:
                    raise BudgetExceeded(f"more than {most:,} parts to compare; take a smaller --box or n")
    return found


def _divided(statement: Statement, on: Plane, cell: Cell, index: Sequence[int]) -> tuple[list[Corners], list[Corners]]:
    """The cell in two: where the statement is false for these indices, and the rest."""
    den, forms = on.inputs
    known: list[Rational] = [tuple(Fraction(x, den) for x in form) for form in forms]
    known += [_ZERO] * len(statement.network.units)  # no clause reads a hidden unit
    known += [tuple(Fraction(x, cell.den) for x in form) for form in cell.forms]
    known += [(Fraction(w), Fraction(0), Fraction(0)) for w in index]
    parts = [(cell.corners, known)]
    for kind, _, data in statement.definitions:
        parts = [part for one in parts for part in _defined(kind, data, *one)]
    red, good = list[Corners](), list[Corners]()
    for corners, values in parts:
        here = [corners]
        for clause in _clauses(statement.requires):
            split = [half for one in here for half in _split(clause, one, values)]
            good += [one for one, holds in split if not holds]
            here = [one for one, holds in split if holds]
        for clause in _clauses(statement.ensures):
            split = [half for one in here for half in _split(clause, one, values)]
            red += [one for one, holds in split if not holds]
            here = [one for one, holds in split if holds]
        good += here
    return red, good


def _clauses(those: Any) -> Iterator[Any]:
    """The branches of each clause, for each i."""
    for at_i, n, *_ in those:
        for i in range(n):
            yield branches(at_i(i))


def _split(clause: Any, corners: Corners, values: Sequence[Rational]) -> Iterator[tuple[Corners, bool]]:
    """The polygon in parts, on the interior of each of which the clause is true, or is false.

    An equality is true where its form is 0 everywhere: along a line it holds on no area.
    """
    atoms = [[(atom[0], _combined((1, *atom[1:]), values)) for atom in branch] for branch in clause]
    parts = [corners]
    for relation, form in dict.fromkeys(atom for branch in atoms for atom in branch):
        if relation != EQ:
            parts = [half for one in parts for half in cut(one, _integers(form)) if half is not None]
    for part in parts:
        s, t = middle(part)
        yield part, any(all(_true(relation, form, s, t) for relation, form in branch) for branch in atoms)


def _true(relation: int, form: Rational, s: Fraction, t: Fraction) -> bool:
    if relation == EQ:
        return not any(form)
    value = form[0] + form[1] * s + form[2] * t
    return value < 0 or (value == 0 and relation == LE)


def _combined(form: Any, values: Sequence[Rational]) -> Rational:
    den, constant, terms = form
    total = [Fraction(constant), Fraction(0), Fraction(0)]
    for v, c in terms:
        total = [one + c * more for one, more in zip(total, values[v], strict=True)]
    return tuple(one / den for one in total)


def _integers(form: Rational) -> Form:
    den = lcm(*(x.denominator for x in form))
    a, b, c = (int(x * den) for x in form)
    return a, b, c


def _defined(
    kind: str, data: Any, corners: Corners, values: list[Rational]
) -> Iterator[tuple[Corners, list[Rational]]]:
    """One more definition: the parts on which it is affine, each with its form there."""
    if kind == "read":
        array, w = data
        yield corners, [*values, values[array.base + array.stride * int(values[w][0])]]
        return
    if kind == "form":
        yield corners, [*values, _combined(data, values)]
        return
    if kind in ("relu", "step"):
        t = _combined(data, values)
        above, below = cut(corners, _integers(t))
        if above is not None:
            yield above, [*values, t if kind == "relu" else _ONE]
        if below is not None:
            yield below, [*values, _ZERO]
        return
    parts: list[tuple[Corners, Rational]] = [(corners, _combined(data[0], values))]  # max; a min is -max of -x
    for other in data[1:]:
        rival, split = _combined(other, values), []
        for where, best in parts:
            less, more = cut(where, _integers(tuple(a - b for a, b in zip(best, rival, strict=True))))
            split += [(half, form) for half, form in ((less, best), (more, rival)) if half is not None]
        parts = split
    sign = -1 if kind == "min" else 1
    for where, best in parts:
        yield where, [*values, tuple(sign * x for x in best)]


def strips(corners: Corners, form: Rational, levels: Sequence[Fraction]) -> Iterator[tuple[Corners, Fraction]]:
    """The polygon between neighbouring levels of a form, each part with the mean of its levels; `levels` increase."""
    a, b, c = form
    for low, high in pairwise(levels):
        above, _ = cut(corners, _integers((a - low, b, c)))
        part = None if above is None else cut(above, _integers((high - a, -b, -c)))[0]
        if part is not None:
            yield part, (low + high) / 2
