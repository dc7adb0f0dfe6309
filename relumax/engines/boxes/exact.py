"""Bounds of sums on a box as sums of facts: units by their lines, layer after layer, and inputs by the box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from relumax.engines.boxes.floats import SLOPES
from relumax.engines.canonical.ranges import Bound, Ranges, Using, rounded
from relumax.engines.canonical.table import Table
from relumax.engines.forms import constant, weighted
from relumax.engines.lemmas import Form
from relumax.engines.orders.sums import Farkas, by_cases
from relumax.engines.script import Fact
from relumax.kernel.proof import LE, difference, variable

Layer = Mapping[int, Form]
"""The units of a layer, by their variables, and their arguments."""


class Lines(NamedTuple):
    """What is known of a unit h = relu(s): h >= 0, h >= s and, by `above`, h <= (slope s) / SLOPES + shift.

    `lower` says which of the first two is used where h is at least something.
    """

    slope: int
    shift: Fraction
    lower: bool
    zero: Fact
    own: Fact
    above: Fact


class Rows(NamedTuple):
    """A layer's arguments over one denominator."""

    den: int
    rows: dict[int, tuple[int, tuple[tuple[int, int], ...]]]


class Relaxed(Ranges):
    """Bounds of sums of inputs and units, for units whose lines are known; `given` are the box's facts."""

    def __init__(self, table: Table, given: Iterable[Fact], layers: Sequence[Layer], lines: dict[int, Lines]):
        super().__init__(table, given)
        self.lines = lines
        self.layers = [_rows(layer) for layer in layers]
        self.scale = {v: _owns(one, v) for v, one in lines.items()}

    def learn(self, v: int, one: Lines) -> None:
        """The lines of a unit, these from here on."""
        self.lines[v], self.scale[v] = one, _owns(one, v)

    def most(self, den: int, terms: Iterable[tuple[int, int]]) -> Bound:
        """What a sum over a denominator is at most."""
        total, using, left = Fraction(0), Using(), dict(terms)
        for layer in reversed(self.layers):
            below: dict[int, int] = {}
            bias, used = 0, False
            for v, (const, row) in layer.rows.items():
                c = left.pop(v, 0)
                if not c:
                    continue
                used = True
                k = self._put(v, c, den, using)
                if c > 0:
                    total += self.lines[v].shift * Fraction(c, den)
                if k:
                    bias += k * const
                    for u, weight in row:
                        below[u] = below.get(u, 0) + k * weight
            if used:
                scale = SLOPES * layer.den
                den *= scale
                total += Fraction(bias, den)
                for u, c in left.items():
                    below[u] = below.get(u, 0) + c * scale
                left = below
        for v, c in left.items():
            if c:
                bound = self.high[v] if c > 0 else self.low[v]
                total += bound.most * Fraction(abs(c), den)
                using.extend((fact, abs(c) * n, den * d) for fact, n, d in bound.using)
        return Bound(total, using)

    def _put(self, v: int, c: int, den: int, using: Using) -> int:
        """Use a line of the unit, so often; the factor of its argument that comes of it, over SLOPES."""
        one, scale = self.lines[v], self.scale[v]
        if c > 0:
            using.append((one.above, c, den * scale[2]))
            return c * one.slope
        using.append((one.own, -c, den * scale[1]) if one.lower else (one.zero, -c, den * scale[0]))
        return c * SLOPES if one.lower else 0

    def lined(self, v: int, s: Form, zero: Fact, own: Fact) -> Lines:
        """Have the lines of a unit, those of the layers before it being known."""
        high, at_most = self.known(s)
        low, at_least = (Fraction(0), at_most) if high <= 0 else self.known(weighted([(Fraction(-1), s)]))
        low = -low if high > 0 else high - 1  # of a unit that is off, no more is asked
        slope, shift = line(low, high)
        value = difference(variable(v), weighted([(Fraction(slope, SLOPES), s), (Fraction(1), constant(shift))]), LE)
        k = Fraction(slope, SLOPES)

        def refute(false: Fact, branch: list[Fact]) -> Farkas:
            """`false` is h > k s + shift; the branch s <= 0, h = 0, or s > 0, h = s."""
            _, same = branch
            c = Fraction(1) / -dict(false.terms)[v]
            found: Farkas = [(false, c), (same, Fraction(1) / dict(same.terms)[v])]
            if same.value[2] == ((v, 1),):
                return [*found, (at_least, k * _times(s, at_least, -1))] if k else found
            return [*found, (at_most, (1 - k) * _times(s, at_most, 1))] if k != 1 else found

        fact = self.table.step(by_cases(value, self.clause(v), refute))[0]
        return Lines(slope, shift, high > -low, zero, own, fact)


def line(low: Fraction, high: Fraction) -> tuple[int, Fraction]:
    """The slope, over SLOPES, and the shift of the upper line of a unit whose argument lies between these."""
    if high <= 0 or low >= 0:
        return (0 if high <= 0 else SLOPES), Fraction(0)
    slope = round(high / (high - low) * SLOPES)
    shift = max(-slope * low, (SLOPES - slope) * high) / SLOPES
    return slope, rounded(shift) if shift else shift


def _times(s: Form, fact: Fact, sign: int) -> Fraction:
    """How often the fact is to be taken for sign * s <= ... once."""
    v, c = s[2][0]
    return Fraction(sign * c, s[0]) / dict(fact.terms)[v]


def _owns(one: Lines, v: int) -> tuple[int, int, int]:
    zero, own, above = (abs(dict(fact.terms)[v]) for fact in (one.zero, one.own, one.above))
    return zero, own, above


def _rows(layer: Layer) -> Rows:
    den = lcm(*(s[0] for s in layer.values()))
    rows = {v: (s[1] * (den // s[0]), tuple((u, c * (den // s[0])) for u, c in s[2])) for v, s in layer.items()}
    return Rows(den, rows)
