"""Solutions of few atoms of the equations of a family, by local search with reweighted least squares.

The search goes from one solution to a smaller one. The neighbours of a solution are the orbits with no, or few, kinks
that it has not. Among the combinations of those, with random weights, a local minimum of the sum of |x|^p, p < 1, x the
number of members times the coefficient, is nearly always far sparser than the minimum for p = 1. To find one: take the
minimum of the sum of w x^2, w = (x^2 + e^2)^(p/2 - 1), again and again while e goes to 0 (Gorodnitsky, Rao, 1997;
Chartrand, Yin, 2008). Floats only propose a support: it counts once it is solved exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from time import monotonic
from typing import NamedTuple

import numpy as np

from relumax.constructions.formula import Pair, PairwiseFormula, Sum, signed
from relumax.discover.formulas.family import Array, Family
from relumax.network.echelon import Echelon

START = 10_600
"""No more orbits are taken to start from: the time grows with their third power."""
NEIGHBOURS = (500, 700, 1000, 1400)
ROUNDS, STALLED = 250, 15
"""Rounds without a smaller formula after which the search ends, and after which it starts again."""
RANK = 2600
"""No larger systems are solved."""
SMALL, RESIDUE = 1e-5, 1e-6

Progress = Callable[[str], None]


class Equations(NamedTuple):
    """`left @ x == right` for size * coefficient of some orbits and the coefficients of the lines; rows orthonormal."""

    left: Array
    right: Array


class System:
    """The equations of a family, and solutions of few atoms."""

    def __init__(self, family: Family):
        self.family, self.sizes, self.lines = family, family.sizes, len(family.lines)
        self.kinks, self.points = family.kinks(), family.points()

    # ------------------------------------------------------------ parts of the system

    def shared(self, which: Array) -> Array:
        """Without the orbits that have a kink of their own, again and again: their coefficients are 0."""
        while len(which):
            row, column, _ = self.kinks.entries(which)
            alone = np.bincount(row, minlength=self.kinks.rows)[row] == 1
            if not alone.any():
                break
            which = np.delete(which, np.unique(column[alone]))
        return which

    def within(self, atoms: int) -> Array:
        """Without the orbits that no solution with so many atoms has: others share their kinks, and all must fit."""
        which = self.shared(np.flatnonzero(self.sizes <= atoms))
        while True:
            row, column, _ = self.kinks.entries(which)
            order = np.lexsort((self.sizes[which][column], row))
            row, column = row[order], column[order]
            size = self.sizes[which][column]
            # Sorted, the smallest other orbit with a kink comes first; second where the orbit itself does.
            _, first, place = np.unique(row, return_index=True, return_inverse=True)
            other = size[first[place] + (first[place] == np.arange(len(row)))]
            kept = np.delete(which, np.unique(column[size + other > atoms]))
            if len(kept) == len(which):
                return which
            which = self.shared(kept)

    def foreign(self, support: Array) -> Array:
        """For each orbit, the number of its kinks that no orbit of the support has."""
        foreign = np.ones(self.kinks.rows, bool)
        foreign[self.kinks.entries(support)[0]] = False
        upto = np.concatenate([[0], np.cumsum(foreign[self.kinks.row])])
        return np.diff(upto[self.kinks.start])

    def equations(self, which: Array) -> Equations | None:
        """The equations for the orbits `which`, or None if they have no solution or are too many."""
        row, column, value, count = self._distinct(which)
        points = np.concatenate([self.points[0][which] / self.sizes[which, None], self.points[1]]).T
        points = np.concatenate([points, np.ones((len(points), 1))], axis=1)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        value = value / self.sizes[which][column]
        value /= np.sqrt(np.bincount(row, value**2, count))[row]
        # As many random combinations as there can be independent ones, of few equations and then of all.
        random, n = np.random.default_rng(1), len(which) + self.lines
        k = min(n, count + len(points), RANK) + 1
        mixed = np.zeros((k, n + 1))
        for _ in range(3):
            into, weight = random.integers(0, k, count), random.standard_normal(count)
            np.add.at(mixed, (into[row], column), value * weight[row])
        mixed = random.standard_normal((k, k)) @ mixed / np.sqrt(k)
        mixed += random.standard_normal((k, len(points))) @ points
        q, r = np.linalg.qr(mixed[:, :n].T)
        size = np.abs(np.diag(r))
        rank = int((size > 1e-9 * size.max()).sum())
        right = np.linalg.solve(r[:rank, :rank].T, mixed[:rank, n])
        if rank > RANK or np.abs(r[:rank].T @ right - mixed[:, n]).max() > RESIDUE:
            return None
        return Equations(np.ascontiguousarray(q[:, :rank].T), right)

    def _distinct(self, which: Array) -> tuple[Array, Array, Array, int]:
        """The entries of the kinks of some orbits, without kinks that give the same equation, and their number."""
        row, column, value = self.kinks.entries(which)
        names = np.random.default_rng(2).integers(0, 2**30, len(which)).astype(float)
        sums = np.bincount(row, value * names[column], self.kinks.rows)
        there = np.bincount(row, minlength=self.kinks.rows) > 0
        _, first = np.unique(sums, return_index=True)
        first = first[there[first]]
        place = np.full(self.kinks.rows, -1)
        place[first] = np.arange(len(first))
        kept = place[row] >= 0
        return place[row[kept]], column[kept], value[kept], len(first)

    # ------------------------------------------------------------ search

    def first(self, random: np.random.Generator) -> Array | None:
        """The support of a first solution, of all orbits or those with few and narrow kinks."""
        which = np.arange(len(self.sizes))
        if len(which) > START:
            which = self._narrow()
        which = self.shared(which)
        return self._solution(which, 0.5, 0.0, 1.0, random)

    def _narrow(self) -> Array:
        kinks = self.kinks
        wide = np.concatenate([[0], np.cumsum(~kinks.narrow[kinks.row])])
        narrow = np.flatnonzero(np.diff(wide[kinks.start]) == 0)
        return np.sort(narrow[np.argsort(np.diff(kinks.start)[narrow], kind="stable")[:START]])

    def descent(self, support: Array, deadline: float, progress: Progress, rounds: int = ROUNDS) -> Iterator[Array]:
        """Supports of smaller and smaller solutions, the first one included, and all that were met with as few atoms.

        Ends after so many rounds without a smaller one.
        """
        random = np.random.default_rng(0)
        first = support, self.cost(support), self.foreign(support)
        _, now, far = first
        best, idle, stalled = now, 0, 0
        seen = {support.tobytes()}
        progress(f"start: {best[0]} atoms")
        yield support
        while idle < rounds and monotonic() < deadline:
            idle, stalled = idle + 1, stalled + 1
            order = far + random.random(len(far)) * np.where(far > 0, 80, 20)
            near = np.argsort(order, kind="stable")[: random.choice(NEIGHBOURS)]
            which = self.shared(np.union1d(near, support))
            power, noise, start = (random.choice(some) for some in ([0.15, 0.3, 0.5], [0.2, 0.5, 0.8], [0.1, 0.1, 1.0]))
            other = self._solution(which, power, noise, start, random)
            if other is not None and (cost := self.cost(other)) <= now:
                stalled = 0 if cost < now else stalled
                support, now, far = other, cost, self.foreign(other)
                if now < best:
                    best, idle = now, 0
                if now[0] == best[0] and support.tobytes() not in seen:
                    seen.add(support.tobytes())
                    yield support
            if stalled > STALLED:
                stalled, (support, now, far) = 0, first

    def cost(self, support: Array) -> tuple[int, int]:
        """The number of atoms, and of pairwise maxima that they read."""
        read = (self.family.atoms[support] != 0).any(axis=0)
        return int(self.sizes[support].sum()), sum(len(line) for line in self.maxima() if read[line].any())

    def maxima(self) -> list[list[int]]:
        """The orbits of pairwise maxima."""
        pairs = self.family.pairs
        return [line for line in self.family.lines if pairs[line[0]][0] < pairs[line[0]][1]]

    def _solution(
        self, which: Array, power: float, noise: float, start: float, random: np.random.Generator
    ) -> Array | None:
        """The support of a solution that is a local minimum of sum of size * |size * coefficient|^power."""
        system = self.equations(which)
        if system is None:
            return None
        weights = self.sizes[which] * np.exp(noise * random.standard_normal(len(which)))
        x = sparse(system, np.concatenate([weights, np.zeros(self.lines)]), power, start)
        return None if x is None else which[np.abs(x[: len(which)]) > SMALL]

    # ------------------------------------------------------------ exact

    def rows(self, which: Array) -> Array:
        """The distinct equations as integers: the coefficients of some orbits' atoms and of the lines, right side."""
        row, column, value, count = self._distinct(which)
        points = np.concatenate([self.points[0][which], self.points[1]]).T
        found = np.zeros((count + len(points), len(which) + self.lines + 1), np.int64)
        found[row, column] = value
        found[count:, :-1], found[count:, -1] = points, 1
        return found

    def formula(self, support: Array) -> PairwiseFormula | None:
        """The exact solution on a support as a formula, if there is one."""
        family = self.family
        n = len(support)
        columns = [{int(r): int(column[r]) for r in np.flatnonzero(column)} for column in self.rows(support).T]
        solution = exact(columns[:-1], columns[-1])
        if solution is None:
            return None
        lines: dict[Pair, Fraction] = {}
        atoms: dict[Sum, Fraction] = {}
        for k, c in solution.items():
            if k < n:
                for one in family.members(support[k]):
                    atoms[signed((family.pairs[p], int(one[p])) for p in np.flatnonzero(one))] = c
            else:
                lines.update({family.pairs[p]: c for p in family.lines[k - n]})
        return PairwiseFormula(family.n, lines, atoms)


def sparse(system: Equations, weights: Array, power: float, start: float = 0.1) -> Array | None:
    """A solution where sum of weights * |x|^power has a local minimum (weight 0: any x is free).

    The minimum of sum of w x^2, w = weights * (x^2 + e^2)^(power/2 - 1), again and again, while e goes to 0 and entries
    far below it are left out.
    """
    free = weights == 0
    active = np.arange(len(weights))
    left, x, e = system.left, system.right @ system.left, start
    while e > SMALL:
        inverse = (x * x + e * e) ** (1 - power / 2) / np.where(free[active], 1, weights[active])
        inverse[free[active]] = 10 * inverse.max()
        gram = (left * inverse) @ left.T
        gram[np.diag_indices_from(gram)] += 1e-14 * np.trace(gram) / len(gram)
        x = inverse * (np.linalg.solve(gram, system.right) @ left)
        e *= 0.6
        if e < 3e-3:
            kept = (np.abs(x) > e / 50) | free[active]
            active, x, left = active[kept], x[kept], left[:, kept]
    if np.abs(left @ x - system.right).max() > RESIDUE:
        return None
    found = np.zeros(len(weights))
    found[active] = x
    return found


def exact(columns: Sequence[Mapping[int, int]], target: Mapping[int, int]) -> dict[int, Fraction] | None:
    """The combination of the columns that is the target, if there is one."""
    span = Echelon()
    chosen = [k for k, column in enumerate(columns) if span.insert(column)]
    if target not in span:
        return None
    return {chosen[k]: Fraction(value) for k, value in span.coordinates(target).items() if value}
