"""Pairs (A, B) up to relabelling: two-coloured multigraphs, kept as multisets of connected components.

A pair of lists (A, B) of label pairs is a multigraph with two colours of edges: an edge of multiplicities (a, b) occurs
a times in A and b times in B; a loop is an edge from a label to itself; labels in no pair are left out. Relabelling
permutes labels, so the class of (A, B) is the multiset of the isomorphism classes of its connected components.
Components are small (at most 2k edges), are met again and again, and are therefore interned: each class is a number.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations_with_replacement, product
from math import factorial
from typing import Any

from relumax.discover.identities.public import Pair, Side

Edge = tuple[int, int, int, int]  # label <= label, multiplicity in A, multiplicity in B
Edges = tuple[Edge, ...]
Class = tuple[int, ...]  # sorted numbers of components


class Component:
    """A connected two-coloured multigraph on labels 0..labels-1, in canonical form."""

    __slots__ = ("a", "b", "edges", "labels")

    def __init__(self, edges: Edges) -> None:
        self.edges = edges
        self.labels = 1 + max(j for _, j, _, _ in edges)
        self.a = sum(a for _, _, a, _ in edges)
        self.b = sum(b for _, _, _, b in edges)


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

    def connected(self, n: int, k: int, family: str) -> dict[tuple[int, int], list[int]]:
        """All components with at most k pairs a side and at most n labels, by their sizes (a, b).

        Built pair by pair: every connected multigraph of more than one pair has a pair (one on a cycle, or one at an
        end of a tree) without which it is still connected.
        """
        found: dict[tuple[int, int], list[int]] = {}
        for b in range(1, k + 1):
            for a in range(b + 1):
                level: dict[int, None] = {}  # a set that remembers the order
                if (a, b) == (0, 1):
                    starts = [(0, 1, 0, 1)] + [(0, 0, 0, 1)] * (family == "loops")
                    level.update((self.number([edge]), None) for edge in starts)
                for parent in found.get((a - 1, b), ()):
                    level.update((self.number(edges), None) for edges in self._extend(parent, 0, n, family))
                for parent in found.get((a, b - 1), ()):
                    level.update((self.number(edges), None) for edges in self._extend(parent, 1, n, family))
                if a == b:
                    level.update([(self._exchange(number), None) for number in level])
                found[a, b] = list(level)
                found[b, a] = [self._exchange(number) for number in level]
        return found

    def _extend(self, number: int, colour: int, n: int, family: str) -> Iterator[list[Edge]]:
        """Every way to add one pair of this colour to a component so that it stays connected and in the family."""
        component = self.components[number]
        edges = {(i, j): (a, b) for i, j, a, b in component.edges}
        tree = _Trees(component.labels)
        if family == "forest":
            for pair, multiplicities in edges.items():
                if multiplicities[colour]:
                    tree.join(*pair)
        for j in range(min(component.labels + 1, n)):
            for i in range(min(j + 1, component.labels)):
                if (i == j and family != "loops") or (j < component.labels and family == "forest" and tree.same(i, j)):
                    continue
                a, b = edges.get((i, j), (0, 0))
                rest = [(*pair, *both) for pair, both in edges.items() if pair != (i, j)]
                yield [*rest, (i, j, a + (colour == 0), b + (colour == 1))]

    def classes(self, n: int, k: int, family: str) -> list[Class]:
        """All classes of pairs (A, B) with k pairs a side on n labels in the family, up to exchange, in a fixed order.

        `forest`: each side is a simple forest; `simple`: no loops; `loops`: anything.
        """
        connected = self.connected(n, k, family)
        found: dict[Class, None] = {}
        for sizes in _vector_partitions(k, k, sorted(connected)):
            choices = [combinations_with_replacement(connected[size], times) for size, times in Counter(sizes).items()]
            for choice in product(*choices):
                graph = tuple(sorted(number for part in choice for number in part))
                if sum(self.components[number].labels for number in graph) <= n:
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


def _vector_partitions(a: int, b: int, parts: list[tuple[int, int]], first: int = 0) -> Iterator[list[tuple[int, int]]]:
    """All multisets of parts that sum to (a, b)."""
    if a == b == 0:
        yield []
    for place in range(first, len(parts)):
        x, y = parts[place]
        if x <= a and y <= b:
            for rest in _vector_partitions(a - x, b - y, parts, place):
                yield [(x, y), *rest]


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
