"""What F_{A,B} is on the sorted cone: the column of one unknown in the linear system.

On x_1 <= ... <= x_n the pair (a, b) under a permutation s is x_max(s(a), s(b)), so a summand of F is max(l, l') with
integer forms l, l', and 2 max(l, l') = l + l' + |l' - l|. Expansion is by *deletion*: the label that holds x_n accounts
for all pairs at it, and what is left is the same problem for n - 1 labels and a smaller multigraph. Multigraphs are
classes of `graphs`, so the work on each is done once. A difference l' - l is packed into one integer, a signed digit
of `BITS` bits per rank; the differences of a class are two arrays, the packed vectors and how often each occurs.
"""

from collections import Counter
from math import factorial
from typing import Any, NamedTuple

import numpy as np

from relumax.discover.identities.graphs import Catalogue, Class, connected_parts

BITS = 5  # digits of -15..15: sides of at most 15 pairs, n at most 12 in 63 bits
MOST_LABELS = 12
MOST_PAIRS = 15

Array = np.ndarray[Any, np.dtype[np.int64]]


class Column(NamedTuple):
    """2 F on the sorted cone: linear . x + sum of counts[i] * |vectors[i] . x|; the vectors are packed, have coprime
    entries and change sign on the cone, and their last nonzero entry is positive."""

    linear: Array
    vectors: Array
    counts: Array


class Expander:
    """Expands classes of one catalogue, remembering all classes on fewer labels."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._without: dict[int, list[tuple[int, int, Class]]] = {}
        self._known: dict[tuple[int, Class], tuple[Array, Array]] = {}

    def column(self, graph: Class, n: int) -> Column:
        """The column of a class with sides of equal size."""
        vectors, counts = self._expand(graph, n)
        return fold(n, self._sides(graph, n), vectors, counts)

    def _sides(self, graph: Class, n: int) -> Array:
        """Sum over all permutations of l + l': the larger of two random ranks is r in 2 (r - 1) (n - 2)! of them."""
        edges = [edge for number in graph for edge in self.catalogue.components[number].edges]
        loops = sum(a + b for i, j, a, b in edges if i == j)
        others = sum(a + b for i, j, a, b in edges if i != j)
        below = np.arange(n, dtype=np.int64)
        return loops * factorial(n - 1) + others * 2 * factorial(n - 2) * below

    def _differences(self, graph: Class, labels: int) -> tuple[Array, Array]:
        """`_expand`, done once for each class."""
        if not graph:
            return np.zeros(1, np.int64), np.array([factorial(labels)], np.int64)
        if (labels, graph) not in self._known:
            self._known[labels, graph] = self._expand(graph, labels)
        return self._known[labels, graph]

    def _expand(self, graph: Class, labels: int) -> tuple[Array, Array]:
        """All l' - l over the permutations: packed vectors, increasing, and their numbers."""
        left: Counter[tuple[int, Class]] = Counter()
        for number, times in Counter(graph).items():
            at = graph.index(number)
            others = graph[:at] + graph[at + 1 :]
            for ways, digit, pieces in self._deletions(number):
                left[digit, tuple(sorted(others + pieces))] += times * ways
        idle = labels - sum(self.catalogue.components[number].labels for number in graph)
        if idle:
            left[0, graph] += idle
        parts = [(ways, digit, *self._differences(rest, labels - 1)) for (digit, rest), ways in left.items()]
        return _merge(
            np.concatenate([vectors + (digit << BITS * (labels - 1)) for _, digit, vectors, _ in parts]),
            np.concatenate([ways * counts for ways, _, _, counts in parts]),
        )

    def _deletions(self, number: int) -> list[tuple[int, int, Class]]:
        """For each way to delete a label of a component: how many labels do it, the pairs of B minus those of A that
        go with the label, and what is left."""
        if number not in self._without:
            component = self.catalogue.components[number]
            ways: Counter[tuple[int, Class]] = Counter()
            for label in range(component.labels):
                gone = [edge for edge in component.edges if label in edge[:2]]
                stay = [edge for edge in component.edges if label not in edge[:2]]
                rest = tuple(self.catalogue.number(part) for part in connected_parts(stay))
                ways[sum(b - a for _, _, a, b in gone), rest] += 1
            self._without[number] = [(times, digit, rest) for (digit, rest), times in ways.items()]
        return self._without[number]


def fold(n: int, linear: Array, vectors: Array, counts: Array) -> Column:
    """Bring differences to normal form, and move those of one sign on the cone to the linear part."""
    vectors, counts = _merge(np.abs(vectors), counts)  # |d . x| = |-d . x|
    digits = unpack(vectors, n)
    tails = np.cumsum(digits[:, ::-1], axis=1)  # d . x = sum of tails times gaps, as the entries of d add up to 0
    up, down = tails.min(axis=1) >= 0, tails.max(axis=1) <= 0
    linear = linear + counts[up] @ digits[up] - counts[down & ~up] @ digits[down & ~up]
    kinks = ~(up | down)
    factor = np.gcd.reduce(digits[kinks], axis=1)
    return Column(linear, *_merge(vectors[kinks] // factor, counts[kinks] * factor))


def unpack(vectors: Array, n: int) -> Array:
    """One row of n signed digits per packed vector."""
    half, rest = 1 << BITS - 1, vectors.copy()
    digits = np.empty((len(vectors), n), np.int64)
    for place in range(n):
        digits[:, place] = ((rest + half) & (2 * half - 1)) - half
        rest = (rest - digits[:, place]) >> BITS
    return digits


def _merge(vectors: Array, counts: Array) -> tuple[Array, Array]:
    """Equal vectors once, in increasing order, with their counts added."""
    order = np.argsort(vectors, kind="stable")
    vectors, counts = vectors[order], counts[order]
    first = np.flatnonzero(np.concatenate([[True], vectors[1:] != vectors[:-1]])[: len(vectors)])
    return vectors[first], np.add.reduceat(counts, first) if len(first) else counts
