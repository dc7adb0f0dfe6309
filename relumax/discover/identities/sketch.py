"""Many columns in little room: each is hashed into a few random combinations of its equations modulo a prime.

The system is overdetermined and very redundant: far fewer combinations than it has equations tell which unknowns depend
on which (wrongly with a probability of about one in 2^30; what a sketch says is made exact, and the kernel decides).
An equation's place and factors depend on the equation alone, so columns are sketched one by one, anywhere, and dropped.

The unknowns are tried in the order of how many |d . x| they have. Elimination then expresses the right side in the
*first* independent columns, those with the fewest, and this is what keeps the terms of an identity few.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from relumax.discover.identities.expansion import Array, Column
from relumax.discover.identities.linear import reduced

PRIMES = (2**31 - 1, 2**31 - 19, 2**31 - 61)  # products of two residues fit in 63 bits
SPARE = 32  # combinations beyond the number of columns
_HASHES = 3  # random combinations that an equation takes part in
_BATCH = 600
_LINEAR = 1 << 62  # the equations of x_1..x_n beside those of packed differences

Progress = Callable[[str, int, int], None]
Rows = np.ndarray[Any, np.dtype[np.uint32]]


class Sketch(NamedTuple):
    """Row t: random combinations of the equations of unknown t, modulo `prime`; and how many equations it is in."""

    prime: int
    rows: Rows
    lengths: Array

    def order(self, seed: int) -> list[int]:
        """The unknowns by number of equations they are in; those in as many in an order given by the seed."""
        unknowns = len(self.lengths)
        ties = np.random.default_rng(seed).permutation(unknowns) if seed else range(unknowns)
        return [t for _, _, t in sorted((int(self.lengths[t]), int(tie), t) for t, tie in enumerate(ties))]


def sketched(keys: Array, values: Array, prime: int, size: int) -> Rows:
    """`size` combinations of equations, known by their keys, with these values."""
    total = np.zeros(size, np.int64)
    for number in range(_HASHES):
        mixed = _mixed(keys, prime * _HASHES + number)
        factor = (1 + _mixed(mixed, 1) % np.uint64(prime - 1)).astype(np.int64)
        terms = values % prime * factor % prime  # sums of a million of them are exact as floats
        total += np.bincount((mixed % np.uint64(size)).astype(np.intp), weights=terms, minlength=size).astype(np.int64)
    return (total % prime).astype(np.uint32)


def equations(column: Column) -> tuple[Array, Array]:
    """The keys of the equations that a column is in, and its values there."""
    linear = np.flatnonzero(column.linear)
    return np.concatenate([_LINEAR + linear, column.vectors]), np.concatenate([column.linear[linear], column.counts])


def right_side(n: int) -> tuple[Array, Array]:
    """Those of 2 x_n."""
    return np.array([_LINEAR + n - 1]), np.array([2])


def _mixed(keys: Array, seed: int) -> Any:
    """64 random-looking bits for each key: the finaliser of splitmix64."""
    with np.errstate(over="ignore"):
        mixed = keys.astype(np.uint64) + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
        mixed = (mixed ^ mixed >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ mixed >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        return mixed ^ mixed >> np.uint64(31)


def eliminate(sketch: Sketch, right: Rows, order: Sequence[int], progress: Progress) -> tuple[list[int], bool]:
    """The first independent unknowns in this order, in whose span the right side is (and True), cut down to those it
    needs; or all independent ones, if the right side is not in their span (and False). Modulo a prime, on a sketch.
    """
    basis: list[int] = []
    done = 0
    while done < len(order):
        batch = order[done : done + max(_BATCH, len(basis))]
        tried = basis + list(batch)
        rows = [folded(row, len(tried) + SPARE, sketch.prime) for row in (*(sketch.rows[t] for t in tried), right)]
        pivots, last = reduced(np.array(rows), sketch.prime)
        done += len(batch)
        progress("eliminate", done, len(order))
        basis = [tried[pivot] for pivot in pivots if pivot < len(tried)]
        if len(tried) not in pivots:
            return [t for t, entry in zip(basis, last, strict=False) if entry], True
    return basis, False


def folded(row: Rows, height: int, prime: int) -> Rows:
    """At most `height` combinations: entries that are `height` apart are added, which is as random."""
    padded = np.zeros(-(-len(row) // height) * height, np.int64)
    padded[: len(row)] = row
    return (padded.reshape(-1, height).sum(axis=0) % prime).astype(np.uint32)[: len(row)]
