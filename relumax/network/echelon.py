"""Exact sparse elimination: which vectors lie in a span, and with which coordinates.

Vectors are dicts from column to nonzero rational, plain ints wherever the value is integral (Fraction arithmetic costs
some twenty times more, and the vectors of real programs are almost always integral).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from relumax.language.numbers import exact
from relumax.network.layers import Rational

Vector = dict[int, Rational]


def add_multiple(target: Vector, factor: Rational, source: Mapping[int, Rational]) -> None:
    """target += factor * source, in place, without leaving zeros."""
    for column, value in source.items():
        total = target.get(column, 0) + factor * value
        if total:
            target[column] = exact(total)
        else:
            target.pop(column, None)


class Echelon:
    """A growing independent list of vectors g_0, g_1, ..., kept in reduced echelon form.

    Row p of the form is a vector of their span with coefficient 1 at its pivot p and 0 at every other pivot, kept with
    its coordinates over g_0, g_1, ... So reducing a vector takes one pass over its own pivots.
    """

    __slots__ = ("_holders", "_rows")

    def __init__(self) -> None:
        self._rows: dict[int, tuple[Vector, Vector]] = {}
        self._holders: dict[int, set[int]] = {}  # column -> pivots of the rows that hold it off their pivot

    def __len__(self) -> int:
        """The dimension of the span."""
        return len(self._rows)

    def __contains__(self, vector: Mapping[int, Rational]) -> bool:
        """Whether `vector` lies in the span."""
        if self._rows.keys().isdisjoint(vector):
            return not vector
        residue = dict(vector)
        for column, value in vector.items():
            if column in self._rows:
                add_multiple(residue, -value, self._rows[column][0])
        return not residue

    def units(self) -> list[int]:
        """The columns whose unit vector lies in the span: in reduced form, the rows that are nothing but a pivot."""
        return [pivot for pivot, (row, _) in self._rows.items() if len(row) == 1]

    def coordinates(self, vector: Mapping[int, Rational]) -> Vector:
        """The k -> c with `vector = sum of c * g_k`. `vector` must lie in the span."""
        found: Vector = {}
        for column, value in vector.items():
            if column in self._rows:
                add_multiple(found, value, self._rows[column][1])
        return found

    def insert(self, vector: Mapping[int, Rational]) -> bool:
        """Take `vector` as the next g unless it lies in the span already; says whether it was taken."""
        residue: Vector = dict(vector)
        coordinates: Vector = {len(self._rows): 1}
        for column, value in vector.items():
            if column in self._rows:
                row, combination = self._rows[column]
                add_multiple(residue, -value, row)
                add_multiple(coordinates, -value, combination)
        if not residue:
            return False
        # The column fewest rows hold, to limit fill-in; best with coefficient 1 or -1, so that integers stay integers;
        # the first such, so that the result depends on the input alone.
        holders = self._holders
        pivot = min(residue, key=lambda column: (len(holders.get(column, ())), residue[column] not in (1, -1), column))
        scale = residue[pivot]
        if scale != 1:
            inverse = exact(1 / Fraction(scale))
            residue = {column: exact(value * inverse) for column, value in residue.items()}
            coordinates = {k: exact(value * inverse) for k, value in coordinates.items()}
        for other in self._holders.pop(pivot, ()):
            row, combination = self._rows[other]
            factor = -row[pivot]
            add_multiple(row, factor, residue)
            add_multiple(combination, factor, coordinates)
            for column in residue:
                if column in row:
                    self._holders.setdefault(column, set()).add(other)
                elif column in self._holders:
                    self._holders[column].discard(other)
        for column in residue:
            if column != pivot:
                self._holders.setdefault(column, set()).add(pivot)
        self._rows[pivot] = residue, coordinates
        return True
