"""Exact brute force: every activation region of a small network, every way to break a promise, by elimination.

A conjunction of linear constraints over the inputs is decided by Fourier and Motzkin's elimination over fractions,
with strictness kept. Units and definitions are linear on a region: so a claim is false if and only if some region has
a point that meets the requirements and breaks a promise. For one or two inputs and a handful of units.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

Affine = list[Fraction]  # constant, then a coefficient for each input
Constraint = tuple[Affine, bool]  # value < 0 if True, else value <= 0


def feasible(constraints: list[Constraint], inputs: int) -> bool:
    """Whether some real point satisfies all constraints."""
    for k in range(inputs, 0, -1):
        upper = [(a, s) for a, s in constraints if a[k] > 0]
        lower = [(a, s) for a, s in constraints if a[k] < 0]
        rest = {(tuple(a), s) for a, s in constraints if a[k] == 0}
        for (a, s), (b, t) in itertools.product(upper, lower):
            rest.add((tuple(x / a[k] - y / b[k] for x, y in zip(a, b, strict=True)), s or t))
        constraints = [(list(a), s) for a, s in rest]
    return all(a[0] < 0 or (a[0] == 0 and not s) for a, s in constraints)


def combine(const: Any, terms: Iterator[tuple[Any, Affine]], den: Any, inputs: int) -> Affine:
    """(const + sum of c * value) / den."""
    total = [Fraction(int(const)), *[Fraction(0)] * inputs]
    for c, value in terms:
        total = [t + int(c) * v for t, v in zip(total, value, strict=True)]
    return [t / int(den) for t in total]


def regions(network: dict[str, Any]) -> Iterator[tuple[list[Constraint], list[Affine]]]:
    """The constraints of each activation pattern, and the outputs there."""
    n = network["inputs"]
    start = [[Fraction(0), *[Fraction(int(k == j)) for j in range(n)]] for k in range(n)]

    def rows(layer: dict[str, Any], below: list[Affine]) -> list[Affine]:
        return [
            combine(row[0], ((c, below[j]) for j, c in zip(row[1::2], row[2::2], strict=True)), layer["den"], n)
            for row in layer["rows"]
        ]

    def further(layers: list[Any], below: list[Affine], known: list[Constraint]) -> Iterator[Any]:
        if not layers:
            yield known, rows(network["output"], below)
            return
        sums = rows(layers[0], below)
        for pattern in itertools.product((False, True), repeat=len(sums)):
            added, values = list(known), []
            for k, (t, on) in enumerate(zip(sums, pattern, strict=True)):
                step = k in layers[0]["step"]
                added.append(([-x for x in t], not step) if on else (t, step))
                one = [Fraction(1), *[Fraction(0)] * n] if step else t
                values.append(one if on else [Fraction(0)] * (n + 1))
            if feasible(added, n):
                yield from further(layers[1:], values, added)

    yield from further(network["layers"], start, [])


def negated(relation: str, value: Affine) -> list[Constraint]:
    """The ways in which `value (relation) 0` is false."""
    minus = [-x for x in value]
    return [(value, True), (minus, True)] if relation == "=" else [(minus, relation == "<=")]


def holds(network: dict[str, Any], requires: list[Any], ensures: list[Any]) -> bool:
    """Whether every promise is true wherever all requirements are.

    Both are clauses, lists of branches of atoms (relation, const, coefficients of x[0].. and then of y[0]..).
    """
    n = network["inputs"]
    start = [[Fraction(0), *[Fraction(int(k == j)) for j in range(n)]] for k in range(n)]
    for known, outputs in regions(network):

        def value(atom: Any, outputs: list[Affine] = outputs) -> Affine:
            return combine(atom[1], zip(atom[2], start + outputs, strict=True), 1, n)

        met = []
        for clause in requires:
            ways = []
            for branch in clause:
                way = []
                for atom in branch:
                    t = value(atom)
                    way += [(t, False), ([-x for x in t], False)] if atom[0] == "=" else [(t, atom[0] == "<")]
                ways.append(way)
            met.append(ways)
        for clause in ensures:
            broken = [[way for atom in branch for way in negated(atom[0], value(atom))] for branch in clause]
            for chosen in itertools.product(*met, *[[[one] for one in ways] for ways in broken]):
                if feasible([*known, *itertools.chain(*chosen)], n):
                    return False
    return True
