"""Shows that formulas with few absolute values are impossible: proofs that `least` checks, or a formula's orbits.

Tests come from two sources. In a chamber, where the inputs have a given order, a *kink* test is the second difference
f(p - e) - 2 f(p) + f(p + e) across d.g = 0, g the gaps between neighbours, at a point p that lies on no other such
plane: it is not 0 on |D| exactly if D has a kink there (`family`). A *corner* test is, for three or more inputs, the
alternating sum of f over the 0/1 points that are 0 elsewhere: no mij reads three inputs, so it vanishes on all.

Kinks and corners together are all equations of `family`. So where some orbits are chosen and no combination of tests
leaves exactly one known term, there is a solution in which all chosen coefficients are not 0: a formula.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, count, product
from math import gcd, lcm
from typing import Any, NamedTuple

import numpy as np

from relumax.constructions.formula import Permutation, permutation
from relumax.discover.formulas.family import generated, representatives
from relumax.discover.formulas.least import FORMAT, VERSION, Orbits, Statement, shown

Point = tuple[int, ...]
Test = dict[Point, Fraction]
"""The weights of values at points."""
SIMPLE = 12
"""With so few cases a single test is good enough, and no combination of several is looked for."""


class Formula(Exception):
    """There is a formula with fewer; the message names its orbits."""


class Known(NamedTuple):
    """A test: the orbits on which it is not 0, as a bit set; its values there, and on the maximum (number -1)."""

    test: Test
    there: int
    values: dict[int, Fraction]


class Search:
    """The proof that is being found."""

    def __init__(self, statement: Statement):
        self.statement, self.orbits = statement, Orbits(statement)
        self.sizes = [len(orbit) for orbit in self.orbits.small]
        self.fit = [sum(1 << o for o, size in enumerate(self.sizes) if size <= room) for room in range(statement.least)]
        n = statement.n
        chambers = representatives(generated([permutation(text, n) for text in statement.group], n), n)
        self.known = self._distinct([*corners(n), *kinks(n, statement.degree, chambers)])
        self.rows: dict[int, list[int]] = {}
        for k, one in enumerate(self.known):
            for o in one.values:
                self.rows.setdefault(o, []).append(k)
        self.used: dict[tuple[tuple[Point, int], ...], int] = {}

    def proof(self) -> dict[str, Any]:
        """The file as `least` reads it; raises Formula."""
        tree = self._node((), 0, self.statement.least - 1)
        points = sorted({point for test in self.used for point, _ in test})
        number = {point: k for k, point in enumerate(points)}
        return {
            "format": FORMAT,
            "version": VERSION,
            **self.statement._asdict(),
            "points": points,
            "tests": [[[number[point], weight] for point, weight in test] for test in self.used],
            "tree": tree,
        }

    def _distinct(self, tests: Sequence[Test]) -> list[Known]:
        """Their values; of those that say the same of all orbits, the first."""
        members = [one for orbit in self.orbits.small for one in orbit]
        dense = np.zeros((len(members), len(self.orbits.pairs)), np.int64)
        for row, one in zip(dense, members, strict=True):
            row[[k for k, _ in one]] = [c for _, c in one]
        ends = np.cumsum([0, *self.sizes])
        seen: dict[bytes, Known] = {}
        for test in tests:
            points = np.array(list(test))
            maxima = np.array([np.maximum(points[:, i], points[:, j]) for i, j in self.orbits.pairs])
            weights = np.array([int(w) for w in test.values()])
            upto = np.append(0, np.cumsum(np.abs(dense @ maxima) @ weights))
            values = np.append(np.diff(upto[ends]), points.max(axis=1) @ weights)
            if not values.any():
                continue
            values //= (common := int(np.gcd.reduce(values)))
            name = (values * np.sign(values[np.flatnonzero(values)[0]])).tobytes()
            if name not in seen:
                there = np.flatnonzero(values).tolist()
                orbits = [o for o in there if o < len(self.sizes)]
                of = {(o if o < len(self.sizes) else -1): Fraction(int(values[o])) for o in there}
                scaled = {point: weight / common for point, weight in test.items()}
                seen[name] = Known(scaled, sum(1 << o for o in orbits), of)
        return list(seen.values())

    # ------------------------------------------------------------ the tree

    def _node(self, chosen: tuple[int, ...], out: int, room: int) -> Any:
        """The proof that there is no formula with these orbits, without those, and with so much room for more."""
        free = self.fit[room] & ~out & ~sum(1 << o for o in chosen)
        test, cases = self._branch(chosen, free)
        common = lcm(*(weight.denominator for weight in test.values()))
        integers = tuple(sorted((point, int(common * weight)) for point, weight in test.items()))
        number = self.used.setdefault(integers, len(self.used))
        children = []
        for o in bits(cases):
            children.append(self._node((*chosen, o), out, room - self.sizes[o]))
            out |= 1 << o
        return [number, *children] if children else number

    def _branch(self, chosen: tuple[int, ...], free: int) -> tuple[Test, int]:
        """The test with the fewest cases, and the cases; raises Formula."""
        terms = [*chosen, -1]
        times = Counter(k for o in terms for k in self.rows.get(o, ()))
        single = [(self.known[k].there & free, k) for k in times if times[k] == 1]
        cases, k = min(single, key=lambda one: (one[0].bit_count(), one[1]), default=(0, -1))
        best = None if k < 0 else (self.known[k].test, cases)
        if best is None or cases.bit_count() > SIMPLE:
            for mixed, there in self._combined(terms, sorted(times)):
                if best is None or (there & free).bit_count() < best[1].bit_count():
                    best = mixed, there & free
        if best is None:
            names = ", ".join(shown(self.orbits, o) for o in chosen)
            raise Formula(f"{sum(self.sizes[o] for o in chosen)} absolute values do, the orbits of {names or 'none'}")
        return best

    def _combined(self, terms: Sequence[int], which: Sequence[int]) -> Iterator[tuple[Test, int]]:
        """Combinations of tests in which exactly one of these terms is left: by elimination, few orbits first."""
        reduced: list[tuple[int, dict[int, Fraction], dict[int, Fraction]]] = []  # pivot, row, combination
        for k in sorted(which, key=lambda k: self.known[k].there.bit_count()):
            values = self.known[k].values
            row, mixed = {o: values[o] for o in terms if o in values}, {k: Fraction(1)}
            for pivot, other, parts in reduced:
                _clear(pivot, row, mixed, other, parts)
            if row:
                pivot = next(iter(row))
                for _, other, parts in reduced:
                    _clear(pivot, other, parts, row, mixed)
                reduced.append((pivot, row, mixed))
        for _, row, mixed in reduced:
            if len(row) == 1:
                test: Test = {}
                values = {}
                for k, factor in mixed.items():
                    _add(test, self.known[k].test, factor)
                    _add(values, self.known[k].values, factor)
                yield test, sum(1 << o for o in values if o >= 0)


def _clear(
    pivot: int,
    row: dict[int, Fraction],
    mixed: dict[int, Fraction],
    other: dict[int, Fraction],
    parts: dict[int, Fraction],
) -> None:
    """Subtract that multiple of another row from a row, and from the combination that it is, that clears a pivot."""
    if pivot in row:
        factor = -row[pivot] / other[pivot]
        _add(row, other, factor)
        _add(mixed, parts, factor)


def impossible(statement: Statement) -> bytes:
    """A file that proves the statement, which `least.check` reads. Raises Formula where it is false, and NotProved for
    a group that is none."""
    return (json.dumps(Search(statement).proof(), separators=(",", ":")) + "\n").encode()


def corners(n: int) -> Iterator[Test]:
    """The alternating sum over the 0/1 points below each one with three or more ones."""
    for size in range(3, n + 1):
        for ones in combinations(range(n), size):
            below = [set(some) for k in range(size + 1) for some in combinations(ones, k)]
            yield {tuple(int(i in one) for i in range(n)): Fraction((-1) ** (size - len(one))) for one in below}


def kinks(n: int, degree: int, chambers: Sequence[Permutation]) -> Iterator[Test]:
    """The second differences across all directions of kinks, in each chamber; a chamber gives each input its rank."""
    directions = _directions(n, degree)
    for d in directions:
        at, step = _across(d, directions)
        for ranks in chambers:
            before, on, after = (
                tuple(sum(gap + side * one for gap, one in zip(at[:rank], step, strict=False)) for rank in ranks)
                for side in (-1, 0, 1)
            )
            yield {before: Fraction(1), on: Fraction(-2), after: Fraction(1)}


def _directions(n: int, degree: int) -> list[Point]:
    """All d of both signs, primitive: a term whose larger input has rank k adds 1 to the first k of its numbers."""
    sums = [
        tuple(sum(rank > r for rank in ranks) for r in range(n - 1))
        for ranks in combinations_with_replacement(range(n), degree)
    ]
    found = set()
    for a, b in product(sums, repeat=2):
        d = tuple(x - y for x, y in zip(a, b, strict=True))
        if min(d) < 0 < max(d) and d > tuple(-k for k in d):
            found.add(tuple(k // gcd(*d) for k in d))
    return sorted(found)


def _across(d: Point, directions: Sequence[Point]) -> tuple[Point, Point]:
    """Gaps with d.g = 0, and a step across that plane that meets no other and leaves no gap negative."""
    others = [one for one in directions if one != d]
    on = next(
        g
        for most in count(1)
        for g in product(range(1, most + 1), repeat=len(d))
        if max(g) == most and not _dot(d, g) and all(_dot(one, g) for one in others)
    )
    step = tuple(int(k == next(at for at, c in enumerate(d) if c)) for k in range(len(d)))
    return tuple(2 * gap for gap in on), step  # no direction has an entry above 2


def _dot(a: Point, b: Point) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _add(total: dict[Any, Fraction], more: Mapping[Any, Fraction], factor: Fraction) -> None:
    """total + factor more, without zeros."""
    for key, value in more.items():
        total[key] = total.get(key, Fraction(0)) + factor * value
        if not total[key]:
            del total[key]


def bits(number: int) -> Iterator[int]:
    """The places of the ones, from the lowest."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
