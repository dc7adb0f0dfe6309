"""Counterexamples: exact, and checked again by the kernel's own reading of the statement."""

from __future__ import annotations

from collections.abc import Sequence
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


def false(statement: Statement, witness: Witness) -> bool:
    """Whether this is the statement, of several, that the witness is of."""
    at_index = len(statement.indices) == len(witness.at)
    return at_index and refutes(statement, witness.inputs, witness.at) is not None


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
