"""Counterexamples: exact, checked again, and made simple."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from relumax.engines.lemmas import ENDLESS
from relumax.kernel.points import true, values
from relumax.kernel.statement import Statement
from relumax.language.spec import point as point_json


class Witness(NamedTuple):
    """A point where a statement is false: its inputs, index values, and the network's outputs there."""

    inputs: list[Fraction]
    at: list[int]
    outputs: list[Fraction]


def refutes(statement: Statement, inputs: Sequence[Fraction], index: Sequence[int]) -> Witness | None:
    """The witness, if every requirement of the statement is true at the point and some promise is false."""
    at_point = values(statement, point_json(inputs, index), "", ENDLESS)
    for at, n, _, winner in statement.requires:
        if winner is not None and winner[1] is not None:
            array, (p, q) = winner
            if any((at_point[array.base + array.stride * i] * q / p).denominator != 1 for i in range(array.length)):
                return None
        if not all(true(at(i), at_point, ENDLESS) for i in range(n)):
            return None
    if all(true(at(i), at_point, ENDLESS) for at, n, _ in statement.ensures for i in range(n)):
        return None
    first = statement.network.inputs + len(statement.network.units)
    return Witness(list(inputs), list(index), at_point[first : first + len(statement.network.outputs)])


def simplest(statement: Statement, found: Witness) -> Witness:
    """A witness with smaller numerators and denominators than `found`, where rounding it gives one."""
    for candidate in _candidates(found.inputs):
        simple = refutes(statement, candidate, found.at)
        if simple is not None:
            return _zeroed(statement, simple)
    return _zeroed(statement, found)


def _candidates(point: Sequence[Fraction]) -> Iterator[list[Fraction]]:
    largest = max((abs(x) for x in point), default=Fraction(0))
    scales = [Fraction(1)] + ([1 / largest] if largest not in (0, 1) else [])
    for den in (1, 2, 3, 4, 5, 8, 10, 16, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000):
        for scale in scales:
            yield [Fraction(round(x * scale * den), den) for x in point]
    for limit in (10, 100, 1000, 10_000, 10**6):
        yield [x.limit_denominator(limit) for x in point]


def _zeroed(statement: Statement, found: Witness) -> Witness:
    """Set inputs to 0, one after the other, where the point still refutes; at most 64 tries."""
    for k in [k for k, x in enumerate(found.inputs) if x][:64]:
        inputs = [Fraction(0) if i == k else x for i, x in enumerate(found.inputs)]
        found = refutes(statement, inputs, found.at) or found
    return found
