"""Where a network is affine, on a plane: exact convex polygons, in integers alone.

A point of a plane is p + s u + t v. A *corner* (x, y, w), w > 0, stands for s = x/w, t = y/w; a *form* (a, b, c) over a
denominator for (a + b s + c t)/den. So whether a form is positive at a corner is one sum of products of integers, and a
polygon is cut along the form's zero without any rounding.

>>> from relumax.network.layers import Network, normalise
>>> largest = Network(2, (normalise([(0, {0: 1, 1: -1}), (0, {1: 1}), (0, {1: -1})]),),
...                   normalise([(0, {0: 1, 1: 1, 2: -1})]))
>>> found = cells(largest, axes(2), box(-1, 1, -1, 1))
>>> len(found), sum(area(cell.corners) for cell in found)
(4, Fraction(4, 1))
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from relumax.errors import BudgetExceeded, SpecError
from relumax.network.layers import Layer, Network

Corner = tuple[int, int, int]
Corners = tuple[Corner, ...]
Form = tuple[int, int, int]
MOST_CELLS = 20_000


class Plane(NamedTuple):
    """The points origin + s u + t v."""

    origin: tuple[Fraction, ...]
    u: tuple[Fraction, ...]
    v: tuple[Fraction, ...]

    def at(self, s: Fraction, t: Fraction) -> list[Fraction]:
        """The point at these coordinates."""
        return [p + s * a + t * b for p, a, b in zip(self.origin, self.u, self.v, strict=True)]

    def coordinates(self, point: Sequence[Fraction]) -> tuple[Fraction, Fraction] | None:
        """(s, t) of a point; None if it does not lie on the plane."""
        away = [x - p for x, p in zip(point, self.origin, strict=True)]
        uu, uv, vv = _dot(self.u, self.u), _dot(self.u, self.v), _dot(self.v, self.v)
        ua, va, det = _dot(self.u, away), _dot(self.v, away), uu * vv - uv * uv
        s, t = (vv * ua - uv * va) / det, (uu * va - uv * ua) / det
        return (s, t) if self.at(s, t) == list(point) else None

    @property
    def inputs(self) -> tuple[int, tuple[Form, ...]]:
        """Each input as a form, and their common denominator."""
        den = lcm(*(x.denominator for row in self for x in row))
        rows = zip(*([int(x * den) for x in row] for row in self), strict=True)
        return den, tuple((a, b, c) for a, b, c in rows)


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def plane(origin: Sequence[Fraction], u: Sequence[Fraction], v: Sequence[Fraction]) -> Plane:
    """The plane; raises SpecError where u and v do not span one."""
    if len({len(origin), len(u), len(v)}) != 1:
        raise SpecError(f"a plane is p; u; v, three points alike: here {len(origin)}, {len(u)} and {len(v)} numbers")
    if _dot(u, u) * _dot(v, v) == _dot(u, v) ** 2:
        raise SpecError("the directions u and v of a plane are not multiples of each other, and none is 0")
    return Plane(*(tuple(map(Fraction, row)) for row in (origin, u, v)))


def axes(n: int, i: int = 0, j: int = 1, through: Sequence[Fraction] | None = None) -> Plane:
    """The plane of inputs i and j, the others as at `through` (0 without it)."""
    at = [Fraction(0)] * n if through is None else [Fraction(0) if k in (i, j) else x for k, x in enumerate(through)]
    u, v = ([Fraction(k == one) for k in range(n)] for one in (i, j))
    return plane(at, u, v)


def level(middle: Fraction = Fraction(0)) -> Plane:
    """The plane of R^3 orthogonal to (1, 1, 1) through (m, m, m): u = (1, -1, 0), v = (-1, -1, 2)."""
    u, v = ([Fraction(x) for x in row] for row in ((1, -1, 0), (-1, -1, 2)))
    return plane([middle] * 3, u, v)


def box(left: Fraction | int, right: Fraction | int, low: Fraction | int, high: Fraction | int) -> Corners:
    """The rectangle left <= s <= right, low <= t <= high; raises SpecError if there is nothing in it."""
    if not (left < right and low < high):
        raise SpecError(
            f"a box is left,right,low,high with left < right and low < high, not {left},{right},{low},{high}"
        )
    return tuple(_corner(Fraction(s), Fraction(t)) for s, t in ((left, low), (right, low), (right, high), (left, high)))


def _corner(s: Fraction, t: Fraction) -> Corner:
    w = lcm(s.denominator, t.denominator)
    return int(s * w), int(t * w), w


class Cell(NamedTuple):
    """A convex polygon, counter-clockwise, on which every unit is affine; the outputs there are `forms` / `den`.

    `active` says for each layer which units are on: inside, a relu is positive and a step is 1.
    """

    corners: Corners
    den: int
    forms: tuple[Form, ...]
    active: tuple[tuple[bool, ...], ...]


def value(form: Form, corner: Corner) -> int:
    """The form at the corner, times w: its sign is the form's."""
    return form[0] * corner[2] + form[1] * corner[0] + form[2] * corner[1]


def cut(corners: Corners, form: Form) -> tuple[Corners | None, Corners | None]:
    """The parts where the form is >= 0 and <= 0; None for one without interior. Of a form that is 0, the first."""
    values = [value(form, corner) for corner in corners]
    if min(values) >= 0:
        return corners, None
    if max(values) <= 0:
        return None, corners
    above: list[Corner] = []
    below: list[Corner] = []
    for k, (here, there) in enumerate(zip(corners, values, strict=True)):
        before, was = corners[k - 1], values[k - 1]
        if (was > 0 > there) or (was < 0 < there):
            new = _between(before, abs(there), here, abs(was))
            above.append(new)
            below.append(new)
        if there >= 0:
            above.append(here)
        if there <= 0:
            below.append(here)
    return tuple(above), tuple(below)


def _between(p: Corner, m: int, q: Corner, n: int) -> Corner:
    x, y, w = (m * a + n * b for a, b in zip(p, q, strict=True))
    common = gcd(x, y, w)
    return x // common, y // common, w // common


def cells(net: Network, on: Plane, within: Corners, most: int = MOST_CELLS) -> list[Cell]:
    """All polygons in the box on which every unit is affine; raises BudgetExceeded beyond `most`."""
    if len(on.origin) != net.inputs:
        raise SpecError(f"the plane is of R^{len(on.origin)}, the network has {net.inputs} inputs")
    den, forms = on.inputs
    found = [Cell(within, den, forms, ())]
    for layer in net.layers:
        found = _through(found, layer, most)
    out = []
    for cell in found:
        rows = [_row(row, cell) for row in net.output.rows]
        out.append(_reduced(Cell(cell.corners, cell.den * net.output.den, tuple(rows), cell.active)))
    return out


def _through(found: list[Cell], layer: Layer, most: int) -> list[Cell]:
    """The cells cut along the zeros of a layer's units."""
    steps, out = set(layer.steps), list[Cell]()
    for cell in found:
        den = cell.den * layer.den
        parts: list[tuple[Corners, list[Form], list[bool]]] = [(cell.corners, [], [])]
        for k, row in enumerate(layer.rows):
            form = _row(row, cell)
            on, split = (den, 0, 0) if k in steps else form, []
            for corners, forms, active in parts:
                above, below = cut(corners, form)
                if above is not None and below is not None:
                    split.append((below, [*forms, (0, 0, 0)], [*active, False]))
                    corners = above
                forms.append((0, 0, 0) if above is None else on)
                active.append(above is not None)
                split.append((corners, forms, active))
            parts = split
            if len(out) + len(parts) > most:
                raise BudgetExceeded(f"more than {most:,} cells on this plane; take a smaller --box or a smaller n")
        out += [_reduced(Cell(at, den, tuple(forms), (*cell.active, tuple(on)))) for at, forms, on in parts]
    return out


def _row(row: tuple[int, tuple[tuple[int, int], ...]], cell: Cell) -> Form:
    """bias + sum of c h_j, over the cell's denominator."""
    a, b, c = row[0] * cell.den, 0, 0
    for j, factor in row[1]:
        form = cell.forms[j]
        a, b, c = a + factor * form[0], b + factor * form[1], c + factor * form[2]
    return a, b, c


def _reduced(cell: Cell) -> Cell:
    common = gcd(cell.den, *(x for form in cell.forms for x in form))
    if common == 1:
        return cell
    forms = tuple((a // common, b // common, c // common) for a, b, c in cell.forms)
    return cell._replace(den=cell.den // common, forms=forms)


def at(corner: Corner) -> tuple[Fraction, Fraction]:
    """(s, t) of a corner."""
    return Fraction(corner[0], corner[2]), Fraction(corner[1], corner[2])


def area(corners: Corners) -> Fraction:
    """The polygon's area in the coordinates s, t."""
    points = [at(corner) for corner in corners]
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return sum((p[0] * q[1] - q[0] * p[1] for p, q in pairs), Fraction(0)) / 2


def middle(corners: Corners) -> tuple[Fraction, Fraction]:
    """The mean of the corners: a point of the interior."""
    points = [at(corner) for corner in corners]
    s, t = (sum((point[k] for point in points), Fraction(0)) / len(points) for k in range(2))
    return s, t
