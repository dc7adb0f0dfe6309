"""Pairs (A, B) up to relabelling: two-coloured multigraphs, kept as multisets of connected components.

A pair of lists (A, B) of label pairs is a multigraph with two colours of edges: an edge of multiplicities (a, b) occurs
a times in A and b times in B; a loop is an edge from a label to itself; labels in no pair are left out. Relabelling
permutes labels, so the class of (A, B) is the multiset of the isomorphism classes of its connected components.
Components are small (at most 2k edges), are met again and again, and are therefore interned: each class is a number.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations_with_replacement, product
from math import factorial, inf
from typing import Any, NamedTuple

from relumax.discover.identities.public import Pair, Side

Edge = tuple[int, int, int, int]  # label <= label, multiplicity in A, multiplicity in B
Edges = tuple[Edge, ...]
Class = tuple[int, ...]  # sorted numbers of components


class Size(NamedTuple):
    """Of a connected multigraph: how many pairs of A and of B it has, and labels."""

    a: int
    b: int
    labels: int

    @property
    def cycles(self) -> int:
        """How many pairs more than a tree on these labels."""
        return self.a + self.b - self.labels + 1


class Family(NamedTuple):
    """Pairs (A, B), with no pair of labels in both, and the two linear terms below.

    `sides`: "forest" (A and B are simple forests), "simple" (no loops), "loops" (anything). `cycles`: A and B together
    have at most so many independent cycles.

    That sides share no pair costs nothing: F_{A+C,B+C} = F_{A,B} + F_{C,C}, which is linear where x is sorted, namely
    |C| F_{12,12} if C has no loops. So one linear term (and one more, F_{11,11}, for loops) stands for all of them.
    """

    sides: str
    cycles: float = inf

    @property
    def holds_loop(self) -> bool:
        """Whether {a, a} may be a pair: only a cycle holds it."""
        return self.sides == "loops" and self.cycles > 0


class Component:
    """A connected two-coloured multigraph on labels 0..labels-1, in canonical form."""

    __slots__ = ("edges", "labels", "size")

    def __init__(self, edges: Edges) -> None:
        self.edges = edges
        self.labels = 1 + max(j for _, j, _, _ in edges)
        self.size = Size(sum(a for _, _, a, _ in edges), sum(b for _, _, _, b in edges), self.labels)


class Catalogue:
    """The components met so far: `number` interns a connected multigraph, `components` has its canonical form."""

    def __init__(self) -> None:
        self.components: list[Component] = []
        self._canonical: dict[Edges, int] = {}
        self._seen: dict[Edges, int] = {}
        self._swapped: dict[int, int] = {}

    def number(self, edges: Iterable[Edge]) -> int:
        """The number of a connected multigraph, the same for isomorphic ones."""
        raw = _relabel(edges, {})
        found = self._seen.get(raw)
        if found is None:
            form = canonical(raw)
            found = self._canonical.get(form)
            if found is None:
                found = self._canonical[form] = len(self.components)
                self.components.append(Component(form))
            self._seen[raw] = found
        return found

    def classify(self, edges: Iterable[Edge]) -> Class:
        """The class of any multigraph."""
        return tuple(sorted(self.number(part) for part in connected_parts(edges)))

    def exchanged(self, graph: Class) -> Class:
        """The class of (B, A), given that of (A, B)."""
        return tuple(sorted(self._exchange(number) for number in graph))

    def _exchange(self, number: int) -> int:
        if number not in self._swapped:
            other = self.number([(i, j, b, a) for i, j, a, b in self.components[number].edges])
            self._swapped[number], self._swapped[other] = other, number
        return self._swapped[number]

    def symmetries(self, graph: Class, n: int) -> int:
        """How many permutations of n labels carry {A, B} to itself; exchanging A and B is allowed."""
        idle = n - sum(self.components[number].labels for number in graph)
        equal = all(a == b for number in graph for _, _, a, b in self.components[number].edges)  # A = B
        count = factorial(idle) * (2 if graph == self.exchanged(graph) and not equal else 1)
        for number, times in Counter(graph).items():
            count *= factorial(times) * automorphisms(self.components[number].edges) ** times
        return count

    def pairs(self, graph: Class) -> tuple[Side, Side]:
        """A representative (A, B) of a class, with labels from 1."""
        a_side: list[Pair] = []
        b_side: list[Pair] = []
        first = 1
        for number in graph:
            for i, j, a, b in self.components[number].edges:
                a_side += [(first + i, first + j)] * a
                b_side += [(first + i, first + j)] * b
            first += self.components[number].labels
        return tuple(sorted(a_side)), tuple(sorted(b_side))

    def connected(self, n: int, k: int, family: Family) -> dict[Size, list[int]]:
        """All components of the family with at most k pairs a side and at most n labels, by their sizes.

        Built pair by pair: every connected multigraph of more than one pair has a pair (one on a cycle, or one at an
        end of a tree) without which it is still connected, and is in the family as well.
        """
        level: dict[tuple[int, int], dict[int, None]] = {}  # by pairs of A and of B; sets that remember the order
        for b in range(1, k + 1):
            for a in range(b + 1):
                found: dict[int, None] = {}
                if (a, b) == (0, 1):
                    starts = [(0, 1, 0, 1)] + [(0, 0, 0, 1)] * family.holds_loop
                    found.update((self.number([edge]), None) for edge in starts)
                for parent in level.get((a - 1, b), ()):
                    found.update((self.number(edges), None) for edges in self._extend(parent, 0, n, family))
                for parent in level.get((a, b - 1), ()):
                    found.update((self.number(edges), None) for edges in self._extend(parent, 1, n, family))
                if a == b:
                    found.update([(self._exchange(number), None) for number in found])
                level[a, b] = found
                level[b, a] = {self._exchange(number): None for number in found}
        sizes: dict[Size, list[int]] = {}
        for (a, b), numbers in level.items():
            for number in numbers:
                sizes.setdefault(Size(a, b, self.components[number].labels), []).append(number)
        return {size: list(dict.fromkeys(numbers)) for size, numbers in sizes.items()}

    def _extend(self, number: int, colour: int, n: int, family: Family) -> Iterator[list[Edge]]:
        """Every way to add one pair of this colour to a component so that it stays connected and in the family."""
        component = self.components[number]
        edges = {(i, j): (a, b) for i, j, a, b in component.edges}
        tree = _Trees(component.labels)
        if family.sides == "forest":
            for pair, multiplicities in edges.items():
                if multiplicities[colour]:
                    tree.join(*pair)
        closing = component.size.cycles < family.cycles  # whether one more cycle is allowed
        for j in range(min(component.labels + 1, n)):
            new = j == component.labels
            for i in range(min(j + 1, component.labels)):
                a, b = edges.get((i, j), (0, 0))
                if (i == j and family.sides != "loops") or (b, a)[colour] or not (new or closing):
                    continue
                if family.sides == "forest" and not new and tree.same(i, j):
                    continue
                rest = [(*pair, *both) for pair, both in edges.items() if pair != (i, j)]
                yield [*rest, (i, j, a + (colour == 0), b + (colour == 1))]

    def classes(self, n: int, k: int, family: Family) -> list[Class]:
        """All classes of the family on n labels with at most k pairs a side, up to exchange, in a fixed order."""
        connected = self.connected(n, k, family)
        found: dict[Class, None] = dict.fromkeys(
            (self.number([(0, j, 1, 1)]),) for j in ((1, 0) if family.holds_loop else (1,))
        )
        for m in range(1, k + 1):
            for sizes in _partitions(Size(m, m, n), family.cycles, sorted(connected)):
                choices = [
                    combinations_with_replacement(connected[size], times) for size, times in Counter(sizes).items()
                ]
                for choice in product(*choices):
                    graph = tuple(sorted(number for part in choice for number in part))
                    found[min(graph, self.exchanged(graph))] = None
        return list(found)


class _Trees:
    """Union and find, to see whether an edge would close a cycle."""

    def __init__(self, labels: int) -> None:
        self.above = list(range(labels))

    def root(self, label: int) -> int:
        while self.above[label] != label:
            label = self.above[label]
        return label

    def same(self, i: int, j: int) -> bool:
        return self.root(i) == self.root(j)

    def join(self, i: int, j: int) -> None:
        self.above[self.root(i)] = self.root(j)


def _partitions(room: Size, cycles: float, sizes: list[Size], first: int = 0) -> Iterator[list[Size]]:
    """All multisets of sizes with as many pairs a side as `room`, at most its labels, and at most so many cycles."""
    if room.a == room.b == 0:
        yield []
    for place in range(first, len(sizes)):
        size = sizes[place]
        left = Size(room.a - size.a, room.b - size.b, room.labels - size.labels)
        if min(left) >= 0 and size.cycles <= cycles:
            for rest in _partitions(left, cycles - size.cycles, sizes, place):
                yield [size, *rest]


def pair_edges(a_side: Iterable[Pair], b_side: Iterable[Pair]) -> list[Edge]:
    """The multigraph of a pair (A, B)."""
    both = [Counter((min(pair), max(pair)) for pair in side) for side in (a_side, b_side)]
    return [(*pair, both[0][pair], both[1][pair]) for pair in sorted(both[0] | both[1])]


def connected_parts(edges: Iterable[Edge]) -> list[list[Edge]]:
    """The edges of each connected component."""
    parts: list[tuple[set[int], list[Edge]]] = []
    for edge in edges:
        labels, members, apart = {edge[0], edge[1]}, [edge], []
        for part in parts:
            if part[0] & labels:
                labels |= part[0]
                members += part[1]
            else:
                apart.append(part)
        parts = [*apart, (labels, members)]
    return [members for _, members in parts]


def canonical(edges: Edges) -> Edges:
    """The same edges for isomorphic connected multigraphs: refine a colouring of the labels until nothing more is
    told apart, then single out each label of the first ambiguous colour in turn and keep the least result."""
    around: dict[int, list[tuple[int, int, int]]] = {}
    start: dict[int, tuple[int, int]] = {}
    for i, j, a, b in edges:
        around.setdefault(i, [])
        around.setdefault(j, [])
        if i == j:
            start[i] = a, b
        else:
            around[i].append((a, b, j))
            around[j].append((a, b, i))
    return _least(edges, around, {label: start.get(label, (0, 0)) for label in around})


def _least(edges: Edges, around: dict[int, list[tuple[int, int, int]]], colouring: Mapping[int, object]) -> Edges:
    """The least relabelling of the edges among those that the colouring and its refinements leave open."""
    colour, colours = _ranks(colouring)
    while colours < len(around):
        colour, refined = _ranks(
            {
                label: (colour[label], *sorted([(a, b, colour[other]) for a, b, other in near]))
                for label, near in around.items()
            }
        )
        if refined == colours:
            break
        colours = refined
    if colours == len(around):
        return _relabel(edges, colour)
    ambiguous = min(value for value, size in Counter(colour.values()).items() if size > 1)
    tried = {tuple(sorted(around[label])): label for label in around if colour[label] == ambiguous}  # one of twins
    return min(
        _least(edges, around, {other: (value, other == label) for other, value in colour.items()})
        for label in tried.values()
    )


def automorphisms(edges: Edges) -> int:
    """The number of relabellings of a connected multigraph that leave it as it is."""
    weight = {pair: (a, b) for i, j, a, b in edges for pair in ((i, j), (j, i))}
    labels = sorted({label for pair in weight for label in pair})

    def extensions(images: list[int]) -> int:
        if len(images) == len(labels):
            return 1
        label = labels[len(images)]
        return sum(
            extensions([*images, image])
            for image in labels
            if image not in images
            and all(
                weight.get((label, other)) == weight.get((image, there))
                for other, there in zip([*labels[: len(images)], label], [*images, image], strict=True)
            )
        )

    return extensions([])


def _ranks(keys: Mapping[int, Any]) -> tuple[dict[int, int], int]:
    """Each key's rank among the different keys, and how many there are."""
    order = {key: rank for rank, key in enumerate(sorted(set(keys.values())))}
    return {label: order[key] for label, key in keys.items()}, len(order)


def _relabel(edges: Iterable[Edge], names: dict[int, int]) -> Edges:
    """The edges with their labels renamed (by order of appearance where no names are given), sorted."""
    renamed = []
    for i, j, a, b in edges:
        x, y = names.setdefault(i, len(names)), names.setdefault(j, len(names))
        renamed.append((x, y, a, b) if x <= y else (y, x, a, b))
    return tuple(sorted(renamed))
