"""The atoms |D| that small formulas are made of, in orbits of a group, and the equations between them.

D = A - B for sums A, B of as many inputs and pairwise maxima mij each. A chamber is the cone where the inputs have a
given order. There D = d.g, g_r >= 0 the gaps between neighbours, d_r the sum of the coefficients of those terms whose
larger input ranks r or higher. If d has one sign, |D| is D or -D on the whole chamber. If it has both, |D| has a *kink*
there, and kinks that are no multiples of each other are linearly independent modulo linear functions. So

    sum of c |D| + linear terms = max   exactly if   in each chamber the coefficients of every kink sum to 0, and
                                                     both sides are equal at the points of {0,1}^n:

without kinks both sides are linear on a chamber, which such points span. One chamber and one point of each orbit of the
group are enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, permutations, product
from typing import Any, NamedTuple

import numpy as np

from relumax.constructions.formula import Pair, Permutation, permutation

Array = np.ndarray[Any, Any]
MOST = 40_000
"""Orbits kept: small ones suffice, and memory grows with their number."""
BLOCK = 4_000_000
"""Numbers handled at a time, so that memory stays small."""


class Kinks(NamedTuple):
    """A sparse matrix, one column for each orbit: value[at] in row[at] for start[k] <= at < start[k + 1].

    A row stands for a kink: a chamber and a direction d, up to multiples; `narrow` says which of them are narrow.
    """

    start: Array
    row: Array
    value: Array
    narrow: Array

    @property
    def rows(self) -> int:
        """The number of kinks."""
        return len(self.narrow)

    def entries(self, which: Array) -> tuple[Array, Array, Array]:
        """(row, place in `which`, value) of the entries of some columns."""
        lengths = self.start[which + 1] - self.start[which]
        column = np.repeat(np.arange(len(which)), lengths)
        at = np.arange(len(column)) + (self.start[which] - np.cumsum(lengths) + lengths)[column]
        return self.row[at], column, self.value[at]


class Family:
    """Orbits of atoms of a degree at most the given one, told apart up to sign and multiples, and of linear terms.

    A row of `atoms` holds the coefficients, by `pairs`, of one member of an orbit; `sizes` counts the members. Only the
    smallest orbits are kept, at most `most`, since each member costs a unit, and those of the atoms `also`.
    """

    def __init__(self, n: int, generators: Sequence[str], degree: int, also: Array | None = None, most: int = MOST):
        self.n, self.degree = n, degree
        self.pairs: list[Pair] = [(i, j) for i in range(n) for j in range(i, n)]
        self.group = generated([permutation(text, n) for text in generators], n)
        self.chambers = representatives(self.group, n)
        number = {pair: k for k, pair in enumerate(self.pairs)}
        self._moves = np.array([[number[min(h[i], h[j]), max(h[i], h[j])] for i, j in self.pairs] for h in self.group])
        self.lines = list({min(line): sorted({*line}) for line in self._moves.T.tolist()}.values())
        # An atom is told by its scalar product with a random vector: integers small enough for floats to be exact.
        names = np.random.default_rng(0).integers(-(2**45), 2**45, len(self.pairs)).astype(float)
        self._names = np.ascontiguousarray(names[self._moves].T)
        self.atoms, self.sizes = self._orbits(most, also)

    # ------------------------------------------------------------ orbits

    def _orbits(self, most: int, also: Array | None) -> tuple[Array, Array]:
        atoms, sizes = self._distinct(np.concatenate([self._distinct(block)[0] for block in self._differences()]))
        if len(sizes) > most:
            atoms = atoms[sizes < np.sort(sizes)[most]]
        return self._distinct(atoms if also is None else np.concatenate([atoms, also]))

    def _distinct(self, atoms: Array) -> tuple[Array, Array]:
        """One atom for each orbit, and the size of the orbit."""
        names, sizes = [], []
        step = max(1, BLOCK // len(self.group))
        for k in range(0, len(atoms), step):
            images = np.sort(np.abs(atoms[k : k + step].astype(float) @ self._names), axis=1)
            names.append(images[:, 0])
            sizes.append(1 + (np.diff(images, axis=1) != 0).sum(axis=1))
        if not names:
            return atoms, np.zeros(0, int)
        _, first = np.unique(np.concatenate(names), return_index=True)
        return atoms[first], np.concatenate(sizes)[first]

    def _differences(self) -> Iterator[Array]:
        """All A - B without common term or factor, not all of inputs; A from one member of each orbit of sums."""
        maxima = np.array([i < j for i, j in self.pairs])
        for degree in range(1, self.degree + 1):
            places = np.array(list(combinations_with_replacement(range(len(self.pairs)), degree)))
            sums = np.zeros((len(places), len(self.pairs)), np.int8)
            for column in places.T:
                np.add.at(sums, (np.arange(len(sums)), column), 1)
            for a in self._distinct(sums)[0]:
                found = a - sums[~((a > 0) & (sums > 0)).any(axis=1)]
                yield found[(np.gcd.reduce(found, axis=1) == 1) & found[:, maxima].any(axis=1)]

    def images(self, atoms: Array) -> Array:
        """All members of the orbits of some atoms, up to sign."""
        every = np.concatenate([atoms[:, np.argsort(move)] for move in self._moves])
        _, first = np.unique(np.abs(every.astype(float) @ self._names[:, 0]), return_index=True)
        return every[first]

    def members(self, k: int) -> Array:
        """The atoms of an orbit."""
        return self.images(self.atoms[k : k + 1])

    # ------------------------------------------------------------ equations

    def kinks(self) -> Kinks:
        """The kinks of the orbits, summed over their members."""
        base, gaps, order = 2 * self.degree + 1, self.n - 1, len(self.group)
        # d is one number, its digits the d_r, so a single matrix product gives it for all atoms in all orders.
        weights = base ** np.arange(gaps)
        upto = np.concatenate([[0], np.cumsum(weights)]).astype(float)
        ranks = np.array([[[chamber[k] for k in h] for h in self.group] for chamber in self.chambers])
        i, j = np.array(self.pairs).T
        codes = upto[np.maximum(ranks[..., i], ranks[..., j])].reshape(-1, len(self.pairs)).T
        half = self.degree * int(weights.sum())
        digits = np.arange(base**gaps)[:, None] // weights % base - self.degree
        common = np.gcd.reduce(digits, axis=1)
        undecided = (digits > 0).any(axis=1) & (digits < 0).any(axis=1)
        factor = np.where(undecided, common, 0)
        direction = np.where(undecided, np.abs(digits // np.maximum(common, 1)[:, None] @ weights), 0)
        place = np.repeat(np.arange(len(self.chambers)), order) * (half + 1)
        starts, rows, values = [0], [], []
        step = max(1, BLOCK // codes.shape[1])
        for k in range(0, len(self.atoms), step):
            found = (self.atoms[k : k + step].astype(float) @ codes).astype(int) + half
            for size, one in zip(self.sizes[k : k + step], found, strict=True):
                times = factor[one]
                bent = times > 0
                row, where = np.unique(direction[one[bent]] + place[bent], return_inverse=True)
                rows.append(row)
                values.append(np.bincount(where, times[bent], len(row)).astype(int) * size // order)
                starts.append(starts[-1] + len(row))
        names, row = np.unique(np.concatenate(rows), return_inverse=True)
        directions = digits[names % (half + 1) + half]
        value = np.concatenate(values).astype(np.int32)
        return Kinks(np.array(starts), row.astype(np.int32), value, narrow(directions))

    def points(self) -> tuple[Array, Array]:
        """The values of all orbits of atoms, and of linear terms, at one 0/1 point of each orbit of points."""
        order = len(self.group)
        seen: set[tuple[int, ...]] = set()
        atoms, lines = [], []
        for point in product((0, 1), repeat=self.n):
            if any(point) and point not in seen:
                moved = np.array([[point[k] for k in h] for h in self.group])
                seen.update(map(tuple, moved.tolist()))
                i, j = np.array(self.pairs).T
                values = np.maximum(moved[:, i], moved[:, j]).astype(float)
                atoms.append(np.abs(self.atoms.astype(float) @ values.T).sum(axis=1).astype(int) * self.sizes // order)
                lines.append([int(values[0][line].sum()) for line in self.lines])
        return np.array(atoms).T, np.array(lines).T


def narrow(d: Array) -> Array:
    """Which rows d are directions of narrow kinks, those that small formulas for seven inputs consist of.

    All |d_r| <= 2, at most two of them 2, and those of one sign <= 1; either d changes sign once, or all |d_r| <= 1.
    The coefficients of the single inputs, d_r - d_(r+1), are at most 2, at most two of them 2.
    """
    steps = np.abs(np.diff(np.pad(d, ((0, 0), (1, 1))), axis=1))
    changes, last = np.zeros(len(d), int), np.zeros(len(d), int)
    for column in np.sign(d).T:
        changes += column * last < 0
        last = np.where(column == 0, last, column)
    small = [(np.abs(a).max(axis=1) <= 2) & ((np.abs(a) == 2).sum(axis=1) <= 2) for a in (d, steps)]
    lopsided = np.minimum(d.max(axis=1), -d.min(axis=1)) <= 1
    return small[0] & small[1] & lopsided & ((changes == 1) | (np.abs(d).max(axis=1) <= 1))


def generated(generators: Sequence[Permutation], n: int) -> list[Permutation]:
    """All members of the group."""
    seen = {tuple(range(n)): None}
    for one in (pending := list(seen)):
        for h in generators:
            image = tuple(h[k] for k in one)
            if image not in seen:
                seen[image] = None
                pending.append(image)
    return list(seen)


def representatives(group: Sequence[Permutation], n: int) -> list[Permutation]:
    """One order for each orbit of the group; an order gives each input its rank."""
    seen: set[Permutation] = set()
    found = []
    for ranks in permutations(range(n)):
        if ranks not in seen:
            found.append(ranks)
            seen.update(tuple(ranks[k] for k in h) for h in group)
    return found
