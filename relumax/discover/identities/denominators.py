r"""Identities whose weights have denominators dividing a power of N only (N = 2: binary fractions, hence floats).

A summand of F_{A,B} occurs once for each permutation that carries {A, B} to itself; with m of them, F is m times the
*orbit sum* over the different summands, and c F gives every summand the weight w = c m. Weights are what a network
holds, and what is asked to lie in Z[1/N] here. Solvability over Z[1/N] is solvability over the integers localised at p,
for each prime p that does not divide N; and only the p in the denominators of one rational solution can be in the way.

**Where it is hopeless.** *If an odd prime p <= n does not divide N, there is no such identity, in any family and of
any degrees; so there is none for N = 2 and n >= 3.* Suppose there is one, with weights integral at p. Let x be 1 on p
of the labels and 0 on the others, and let a p-cycle of those p labels act on the summands max(A(x), B(x)). It does not
change x, so summands it moves come p at a time with equal values, and add up to 0 modulo p. If it fixes {A, B}, it
fixes A and B, as p is odd; it moves every pair with a label among the p, loops too, so such pairs come in A p at a
time, with equal values, while the other pairs have the value 0: A(x), and likewise B(x) and their maximum, is a
multiple of p. So the sum is 0 modulo p; but max x = 1. The certificate is evaluation at x, a combination of the
equations, modulo p.

Invariance under one p-cycle is all that was used. Sums of terms w max(A, B) with binary fractions w that are less
symmetric do exist: for n = 5 there is one that is invariant under 1 <-> 2 and 3 <-> 4, but none under a 3-cycle.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from relumax.discover.identities.expansion import Array, unpack
from relumax.discover.identities.graphs import Catalogue, pair_edges
from relumax.discover.identities.linear import flint, solved
from relumax.discover.identities.public import Side
from relumax.discover.identities.system import System


def localise(
    system: System, candidates: Sequence[tuple[Side, Side]], solution: dict[int, Fraction], base: int, prime: int
) -> dict[int, Fraction] | tuple[dict[int, int], int]:
    """A solution whose weights have only divisors of powers of `base` as denominators; or a combination of equations
    and a modulus, prime to the base, that show there is none: modulo it, the combination is 0 in every orbit sum's
    column and not on the right side."""
    symmetries = _symmetries(system.n, candidates)
    found = [solution]
    for p in sorted(_bad_primes(solution, symmetries, base)):
        local = _evaluation(system, p) if 2 < p <= system.n else _at(system, symmetries, p, prime)
        if isinstance(local, tuple):
            if not _refutes(system, symmetries, *local):
                raise ArithmeticError(f"the obstruction at {p} could not be confirmed")
            return local
        found.append(local)
    return _glue(found, symmetries, base)


def _symmetries(n: int, candidates: Sequence[tuple[Side, Side]]) -> list[int]:
    catalogue = Catalogue()
    return [catalogue.symmetries(catalogue.classify(pair_edges(a, b)), n) for a, b in candidates]


def _denominator(solution: dict[int, Fraction], symmetries: Sequence[int], base: int) -> int:
    """The part prime to the base of the common denominator of the weights."""
    common = lcm(*((coefficient * symmetries[t]).denominator for t, coefficient in solution.items()))
    while (shared := gcd(common, base)) > 1:
        common //= shared
    return common


def _bad_primes(solution: dict[int, Fraction], symmetries: Sequence[int], base: int) -> Iterator[int]:
    common = _denominator(solution, symmetries, base)
    return (int(p) for p, _ in flint().fmpz(common).factor())


def _refutes(system: System, symmetries: Sequence[int], combination: dict[int, int], modulus: int) -> bool:
    """Whether the combination is 0 modulo the modulus in all orbit sums and not on the right side."""
    columns = (
        system.times(combination, column) // times % modulus
        for column, times in zip(system.columns, symmetries, strict=True)
    )
    return system.times_right(combination) % modulus != 0 and not any(columns)


def _evaluation(system: System, p: int) -> tuple[dict[int, int], int]:
    """Evaluation at (0, ..., 0, 1, ..., 1), p ones, as a combination of the equations, modulo p."""
    point = np.arange(system.n) >= system.n - p
    values = np.concatenate([point, np.abs(unpack(system.keys, system.n) @ point)]) % p
    return {row: int(values[row]) for row in np.flatnonzero(values).tolist()}, p


def _at(
    system: System, symmetries: Sequence[int], p: int, prime: int
) -> dict[int, Fraction] | tuple[dict[int, int], int]:
    """A rational solution with weights integral at p, or the combination and power of p that show there is none.

    Gaussian elimination over the integers modulo a high power of p: the pivot is always an entry with the fewest
    factors p, so every other entry of the matrix is a multiple of it (this is the Smith form at p, up to columns).
    A row with pivot p^v * unit says that the combination of equations it stands for is 0 modulo p^v in every column.
    """
    power = p ** (31 // p.bit_length())
    rows = system.independent(prime)
    whole = system.dense(rows) // np.array(symmetries)
    right = [system.right.get(row, 0) for row in rows]
    table: Array = np.hstack([whole % power, np.eye(len(rows), dtype=object), np.array([right]).T]).astype(np.int64)
    pivots: list[int] = []
    factor = 1
    for row in range(len(rows)):
        while not (at := np.argwhere(table[row:, : system.unknowns] % (factor * p))[:1]).size:
            factor *= p
            if factor == power:
                raise ArithmeticError(f"{power} is too low a power of {p}")
        table[[row, row + at[0, 0]]] = table[[row + at[0, 0], row]]
        pivots.append(int(at[0, 1]))
        if table[row, -1] % factor:
            combination = {rows[i]: int(entry) for i, entry in enumerate(table[row, system.unknowns : -1] % factor)}
            return {equation: entry for equation, entry in combination.items() if entry}, factor
        inverse = pow(int(table[row, pivots[-1]]) // factor, -1, power)
        multiples = table[row + 1 :, pivots[-1]] // factor * inverse % power
        table[row + 1 :] = (table[row + 1 :] - multiples[:, None] * table[row]) % power
    weights = solved(whole[:, pivots], right)
    return {t: weight / symmetries[t] for t, weight in zip(pivots, weights, strict=True)}


def _glue(solutions: Sequence[dict[int, Fraction]], symmetries: Sequence[int], base: int) -> dict[int, Fraction]:
    """Of solutions that are each integral at some primes, an integral one: an affine combination sum u_i s_i with
    sum u_i = 1 and u_i a multiple of the denominator of s_i."""
    total, common = solutions[0], _denominator(solutions[0], symmetries, base)
    for solution in solutions[1:]:
        other = _denominator(solution, symmetries, base)
        shared = gcd(common, other)
        # u * common + v * other = shared; divided by shared, the parts are integral where the gcd is a unit
        u = pow(common // shared, -1, other // shared) if other != shared else 1
        share = Fraction(u * common, shared)
        support = sorted(total.keys() | solution.keys())
        total = {t: share * total.get(t, 0) + (1 - share) * solution.get(t, 0) for t in support}
        common = _denominator(total, symmetries, base)
    return {t: coefficient for t, coefficient in total.items() if coefficient}
