"""The linear system: find c with sum_t c_t * (2 F_t) = 2 x_n on the sorted cone.

One unknown per class, one equation per x_r and per |d . x| that occurs anywhere (different d are linearly independent,
see `relumax.kernel.identity`). The system is overdetermined and very redundant, so its equations are first hashed into
a few more random combinations modulo a prime than the rank needs; what the sketch says is then made exact, and checked
on all equations.

The unknowns are tried in the order of how many |d . x| they have. Elimination then expresses the right side in the
*first* independent columns, those with the fewest, and this is what keeps the terms of an identity few.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from relumax.discover.identities.expansion import Array, Column
from relumax.errors import MissingExtra

# Products of two residues fit in 63 bits, sums of a million residues in the 53 of a float.
PRIMES = (2**31 - 1, 2**31 - 19, 2**31 - 61)
_HASHES = 3  # random combinations that an equation takes part in
_SPARE = 32  # combinations beyond the number of columns
_BATCH = 600

Progress = Callable[[str, int, int], None]


class MissingFlint(MissingExtra):
    """python-flint, the exact linear algebra, is not installed."""

    def __init__(self) -> None:
        super().__init__("discover needs python-flint: pip install 'relumax[discover]'")


def flint() -> Any:
    """The module python-flint; it is an extra, and loaded only here."""
    try:
        import flint as module
    except ImportError:
        raise MissingFlint from None
    return module


class System:
    """Columns over the equations 0..n-1 (the x_r) and n.. (the differences `keys`, packed, in increasing order)."""

    def __init__(self, n: int, columns: Sequence[Column]) -> None:
        self.n = n
        self.keys: Array = np.unique(np.concatenate([column.vectors for column in columns]))
        self.equations = n + len(self.keys)
        self.rows: list[Array] = []
        self.values: list[Array] = []
        for column in columns:
            linear = np.flatnonzero(column.linear)
            self.rows.append(np.concatenate([linear, n + np.searchsorted(self.keys, column.vectors)]).astype(np.int32))
            self.values.append(np.concatenate([column.linear[linear], column.counts]))
        self.right = {n - 1: 2}

    @property
    def unknowns(self) -> int:
        return len(self.rows)

    def order(self, seed: int) -> list[int]:
        """The unknowns by number of equations they occur in; those with as many in an order given by the seed."""
        ties = np.random.default_rng(seed).permutation(self.unknowns) if seed else range(self.unknowns)
        return [t for _, _, t in sorted((len(self.rows[t]), tie, t) for t, tie in enumerate(ties))]

    def sketch(self, unknowns: Sequence[int], size: int, prime: int) -> tuple[Array, Array]:
        """`size` random combinations of all equations modulo a prime (or just all, if they are no more), one row per
        unknown, and the same of the right side."""
        if size >= self.equations:
            size, hashes = self.equations, [(np.arange(size), np.ones(size, np.int64))]
        else:
            random = np.random.default_rng([prime, size])
            hashes = [
                (random.integers(size, size=self.equations), random.integers(1, prime, size=self.equations))
                for _ in range(_HASHES)
            ]

        def combine(rows: Array, values: Array) -> Array:
            total = np.zeros(size, np.int64)
            for bucket, factor in hashes:
                terms = values % prime * factor[rows] % prime
                total += np.bincount(bucket[rows], weights=terms, minlength=size).astype(np.int64)
            return total % prime

        left = np.array([combine(self.rows[t], self.values[t]) for t in unknowns]).reshape(-1, size)
        right = combine(np.array(list(self.right)), np.array(list(self.right.values())))
        return left, right

    def dense(self, unknowns: Sequence[int], equations: Sequence[int]) -> list[list[int]]:
        """The exact rows of the chosen equations in the chosen unknowns."""
        place = {equation: at for at, equation in enumerate(equations)}
        table = [[0] * len(unknowns) for _ in equations]
        for at, t in enumerate(unknowns):
            for row, value in zip(self.rows[t].tolist(), self.values[t].tolist(), strict=True):
                if row in place:
                    table[place[row]][at] = value
        return table

    def holds(self, solution: dict[int, Fraction]) -> bool:
        """Whether a solution meets every equation."""
        total: dict[int, Fraction | int] = {row: -value for row, value in self.right.items()}
        for t, coefficient in solution.items():
            for row, value in zip(self.rows[t].tolist(), self.values[t].tolist(), strict=True):
                total[row] = total.get(row, 0) + coefficient * value
        return not any(total.values())

    def times(self, combination: dict[int, int], t: int) -> int:
        """The combination of equations, taken of the column of unknown t."""
        pairs = zip(self.rows[t].tolist(), self.values[t].tolist(), strict=True)
        return sum(combination[row] * value for row, value in pairs if row in combination)

    def times_right(self, combination: dict[int, int]) -> int:
        return sum(combination.get(row, 0) * value for row, value in self.right.items())


def reduced(rows: Array, prime: int) -> tuple[list[int], Any]:
    """The pivot columns of a matrix modulo a prime, and its reduced row echelon form."""
    form, rank = flint().nmod_mat(*rows.shape, rows.ravel().tolist(), prime).rref()
    pivots, column = [], 0
    for row in range(rank):
        while int(form[row, column]) == 0:
            column += 1
        pivots.append(column)
    return pivots, form


def eliminate(system: System, order: Sequence[int], prime: int, progress: Progress) -> tuple[list[int], bool]:
    """The first independent unknowns in this order, in whose span the right side is (and True), cut down to those it
    needs; or all independent ones, if the right side is not in their span (and False). Modulo a prime, on a sketch.
    """
    basis: list[int] = []
    done = 0
    while done < len(order):
        batch = order[done : done + max(_BATCH, len(basis))]
        tried = basis + list(batch)
        left, right = system.sketch(tried, len(tried) + _SPARE, prime)
        pivots, form = reduced(np.vstack([left, right]).T, prime)
        done += len(batch)
        progress("eliminate", done, len(order))
        basis = [tried[pivot] for pivot in pivots if pivot < len(tried)]
        if len(tried) not in pivots:
            return [t for row, t in enumerate(basis) if int(form[row, len(tried)])], True
    return basis, False


def solve(system: System, support: Sequence[int], prime: int) -> dict[int, Fraction] | None:
    """The exact solution with this support, checked on all equations; None if there is none (or the prime is bad)."""
    equations, _ = reduced(system.sketch(support, system.equations, prime)[0], prime)  # as many as unknowns
    if len(equations) != len(support):
        return None
    module = flint()
    right = [[system.right.get(equation, 0)] for equation in equations]
    found = module.fmpz_mat(system.dense(support, equations)).solve(module.fmpz_mat(right))
    solution = {t: fraction(found[at, 0]) for at, t in enumerate(support)}
    solution = {t: coefficient for t, coefficient in solution.items() if coefficient}
    return solution if system.holds(solution) else None


def left_kernel(system: System, basis: Sequence[int], prime: int) -> dict[int, int] | None:
    """Integers y with y . A = 0 and y . b != 0, checked on all columns of A: proof that there is no solution.

    The basis should have the rank of A, and the right side b not be in its span; None if that is not so after all.
    """
    equations, _ = reduced(np.vstack(system.sketch(basis, system.equations, prime)), prime)
    if len(equations) != len(basis) + 1:
        return None
    module = flint()
    table = system.dense(basis, equations)
    for row, equation in zip(table, equations, strict=True):
        row.append(system.right.get(equation, 0))
    target = module.fmpz_mat([[0]] * len(basis) + [[1]])
    found, _ = module.fmpz_mat(table).transpose().solve(target).numer_denom()
    combination = {equation: int(found[at, 0]) for at, equation in enumerate(equations) if int(found[at, 0])}
    if system.times_right(combination) == 0 or any(system.times(combination, t) for t in range(system.unknowns)):
        return None
    return combination


def fraction(value: Any) -> Fraction:
    """A rational of flint as one of Python."""
    return Fraction(int(value.p), int(value.q))
