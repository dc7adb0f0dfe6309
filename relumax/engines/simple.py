"""Counterexamples made simple: small numerators and denominators, and zeros."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice

from relumax.engines.falsify import false_at
from relumax.engines.witness import Witness, refutes
from relumax.kernel.statement import Statement
from relumax.network.layers import Network

WORK, FEWEST = 2_000_000, 6
"""About so many products are spent on a simple witness, but for a few tries."""
ZEROED = 64


def simplest(network: Network, statement: Statement, found: Witness) -> Witness:
    """A witness with smaller numerators and denominators than `found`, where rounding it gives one."""
    size = network.nonzeros + 16 * sum(n for _, n, *_ in (*statement.requires, *statement.ensures))
    most = max(FEWEST, WORK // size)
    lattice = any(winner is not None and winner[1] is not None for *_, winner in statement.requires)

    def good(point: list[Fraction]) -> bool:
        if lattice:
            return refutes(statement, point, found.at) is not None
        return false_at(network, statement, point, found.at)

    inputs = next((one for one in islice(_candidates(found.inputs), most) if good(one)), found.inputs)
    inputs = _zeroed(inputs, good, min(most, ZEROED))
    return refutes(statement, inputs, found.at) or found


def _candidates(point: Sequence[Fraction]) -> Iterator[list[Fraction]]:
    largest = max((abs(x) for x in point), default=Fraction(0))
    scales = [Fraction(1)] + ([1 / largest] if largest not in (0, 1) else [])
    for den in (1, 2, 3, 4, 5, 8, 10, 16, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000):
        for scale in scales:
            yield [Fraction(round(x * scale * den), den) for x in point]
    for limit in (10, 100, 1000, 10_000, 10**6):
        yield [x.limit_denominator(limit) for x in point]


def _zeroed(inputs: list[Fraction], good: Callable[[list[Fraction]], bool], most: int) -> list[Fraction]:
    """Inputs set to 0 where the point stays good: one by one, or where there are more than so many tries by halves."""
    those = [k for k, x in enumerate(inputs) if x]
    pending = [[k] for k in those] if len(those) <= most else [those]
    for _ in range(most):
        if not pending:
            break
        part = pending.pop(0)
        zeros = set(part)
        point = [Fraction(0) if k in zeros else x for k, x in enumerate(inputs)]
        if good(point):
            inputs = point
        elif len(part) > 1:
            pending += [part[: len(part) // 2], part[len(part) // 2 :]]
    return inputs
