"""The linear system, exactly: find c with sum_t c_t * (2 F_t) = 2 x_n on the sorted cone.

One unknown per class, one equation per x_r and per |d . x| that occurs anywhere (different d are linearly independent,
see `relumax.kernel.identity`). What unknowns are needed has been read off a sketch (`sketch`), so their columns fit.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from relumax.discover.identities.expansion import Array, Column, unpack
from relumax.discover.identities.linear import reduced, solved

Equation = int | tuple[int, ...]  # of the coefficients of x_r, or of those of |d . x|


class System:
    """Columns over the equations 0..n-1 (the x_r) and n.. (the differences `keys`, packed, in increasing order)."""

    def __init__(self, n: int, columns: Sequence[Column]) -> None:
        self.n, self.columns = n, columns
        self.keys: Array = np.unique(np.concatenate([column.vectors for column in columns]))
        self.equations = n + len(self.keys)
        self.right = {n - 1: 2}

    @property
    def unknowns(self) -> int:
        return len(self.columns)

    def entries(self, t: int) -> tuple[Array, Array]:
        """The equations that unknown t is in, and its coefficients there."""
        column = self.columns[t]
        linear = np.flatnonzero(column.linear)
        rows = np.concatenate([linear, self.n + np.searchsorted(self.keys, column.vectors)])
        return rows, np.concatenate([column.linear[linear], column.counts])

    def dense(self, equations: Sequence[int] | Array, right: bool = False) -> Array:
        """The chosen equations, one a row, in all unknowns; and with their right sides last."""
        place = np.full(self.equations, -1)
        place[equations] = np.arange(len(equations))
        table = np.zeros((len(equations), self.unknowns + right), np.int64)
        for t in range(self.unknowns):
            rows, values = self.entries(t)
            at = place[rows]
            table[at[at >= 0], t] = values[at >= 0]
        if right:
            table[:, -1] = [self.right.get(int(equation), 0) for equation in equations]
        return table

    def independent(self, prime: int, right: bool = False) -> list[int]:
        """Equations that are independent modulo a prime (with their right sides, if asked), as many as there are: of a
        random few, or of all if those few do not have one for each unknown."""
        order, tried = np.random.default_rng(prime).permutation(self.equations), 2 * self.unknowns
        while True:
            tried = min(2 * tried, self.equations)
            pivots, _ = reduced((self.dense(order[:tried], right) % prime).astype(np.uint32), prime)
            if len(pivots) == self.unknowns + right or tried == self.equations:
                return [int(order[pivot]) for pivot in pivots]

    def holds(self, solution: Mapping[int, Fraction]) -> bool:
        """Whether a solution meets every equation."""
        total: dict[int, Fraction | int] = {row: -value for row, value in self.right.items()}
        for t, coefficient in solution.items():
            for row, value in zip(*map(Array.tolist, self.entries(t)), strict=True):
                total[row] = total.get(row, 0) + coefficient * value
        return not any(total.values())

    def times(self, combination: Mapping[int, int], column: Column) -> int:
        """The combination of equations, taken of a column, of this system or not."""
        packed = {int(self.keys[row - self.n]): y for row, y in combination.items() if row >= self.n}
        total = sum(y * int(column.linear[row]) for row, y in combination.items() if row < self.n)
        for at in np.flatnonzero(np.isin(column.vectors, np.fromiter(packed, np.int64, len(packed)))).tolist():
            total += packed[int(column.vectors[at])] * int(column.counts[at])
        return total

    def times_right(self, combination: Mapping[int, int]) -> int:
        return sum(combination.get(row, 0) * value for row, value in self.right.items())

    def named(self, combination: Mapping[int, int]) -> dict[Equation, int]:
        """A combination of equations by what they are about."""
        names: dict[Equation, int] = {}
        for row, coefficient in sorted(combination.items()):
            key = self.keys[row - self.n : row - self.n + 1]
            names[row + 1 if row < self.n else tuple(unpack(key, self.n)[0].tolist())] = coefficient
        return names


def solve(system: System, prime: int) -> list[Fraction] | None:
    """The only solution, if there is one; None if the columns are not independent (or the prime is bad)."""
    equations = system.independent(prime)
    if len(equations) != system.unknowns:
        return None
    return solved(system.dense(equations), [system.right.get(equation, 0) for equation in equations])


def left_kernel(system: System, prime: int) -> dict[int, int] | None:
    """Integers y with y . A = 0 and y . b != 0: proof that there is no solution. The columns are to be independent, and
    the right side b not in their span; None if that is not so after all."""
    equations = system.independent(prime, right=True)
    if len(equations) != system.unknowns + 1:
        return None
    found = solved(system.dense(equations, right=True).T, [0] * system.unknowns + [1])
    common = lcm(*(value.denominator for value in found))
    return {equation: int(value * common) for equation, value in zip(equations, found, strict=True) if value}
