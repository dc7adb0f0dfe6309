"""The maximum in two hidden layers: for more numbers than the four that a tournament compares in two.

The first layer holds pairwise maxima, the second absolute values of differences of their sums. Two layers suffice for 5
numbers (Bakaev, Brunck, Hertrich, Stade, Yehudayoff, arXiv 2505.14338) and for up to 12 (Ruess et al., arXiv
2607.21651). The formulas here (`data`, in the notation of `formula`) were found by a search for sparse
solutions (`discover/formulas/smallest.py`), those for 5 and 6 with the fewest absolute values that their symmetry
allows, as far as mixed-integer programming shows: for n = 5, with mij = max(xi, xj),

    4 max = m12 + m34 + 2x5 + |m12+m34-2x5| - |m12+m34-m15-m25| - |m12+m34-m35-m45|
            + |m15-m34| + |m25-m34| + |m35-m12| + |m45-m12|

in 10 + 9 units; for n = 6, `Orb` summing over the orbit under all permutations that keep the pairs 12, 34, 56 together,

    24 max = 8 (m12+m34+m56) + 2 Orb|m15-m34| + Orb|m13+m24-m15-m16| - Orb|m13+m45-m15-m26| - Orb|m15+m16-m23-m24|,

66 absolute values in 21 + 68 units; for n = 7, with sums of three terms, 517 absolute values in 29 + 519 units: 62
terms with their orbits under the permutations that keep the pairs 12, 34, 56, and the cyclic order of these.

More numbers take few more layers (Ruess et al., v1, Theorem 5.1). The formula for l numbers holds for the maxima of l
blocks of numbers, and the maximum of two of those is the maximum of two blocks: where that takes d hidden layers, the
whole takes d + 1. With r = l // 2, l r^s numbers take 2 + s hidden layers; as one block may be larger by one than the
others where two blocks are an odd number, it is 22, 77, 267, ... with l = 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from relumax.constructions.formula import shipped
from relumax.constructions.registry import construction
from relumax.constructions.tournament import max_tournament
from relumax.language.expr import Expr

FORMULAS = (5, 6, 7)
"""The numbers of inputs for which a formula is shipped."""


@cache
def plan(n: int) -> tuple[int, int]:
    """(hidden layers, l): the fewest layers for n numbers, by a tournament (l = 2) or else the smallest formula."""
    choices = [((n - 1).bit_length(), 2)]
    if n > 4:
        choices += [(2 if n == k else 1 + plan(_two_largest(n, k))[0], k) for k in FORMULAS if n >= k]
    return min(choices)


def _two_largest(n: int, k: int) -> int:
    """The numbers in the two largest of k blocks as even as can be."""
    return -(-n // k) + -(-(n - 1) // k)


def shallow(x: Sequence[Expr]) -> Expr:
    """The maximum of x in few layers: a tournament, or a formula over blocks as even as can be."""
    _, k = plan(len(x))
    if k == 2:
        return max_tournament(x)
    bounds = [p * len(x) // k for p in range(k + 1)]
    return shipped(k).program([x[a:b] for a, b in pairwise(bounds)], shallow)


@cache
def units_for(n: int) -> int:
    """Roughly the number of hidden units: those of the formula, and of the maxima that it reads."""
    _, k = plan(n)
    if k == 2:
        return n - 1
    formula = shipped(k)
    block = [(p + 1) * n // k - p * n // k for p in range(k)]
    return len(formula.sizes) + sum(units_for(block[i] + (block[j] if i != j else 0)) for i, j in formula.pairs())


@construction("max", "shallow", rough=lambda n: (plan(n)[0], units_for(n)))
def max_shallow(x: list[Expr]) -> Expr:
    """m = max(x) on all of R^n in 2 hidden layers for n <= 7 (548 units at n = 7), 3 for n <= 22, 4 for n <= 77."""
    return shallow(x)


@construction("min", "shallow", rough=lambda n: (plan(n)[0], units_for(n)))
def min_shallow(x: list[Expr]) -> Expr:
    """m = min(x) on all of R^n in 2 hidden layers for n <= 7 (548 units at n = 7), 3 for n <= 22, 4 for n <= 77."""
    return -shallow([-xi for xi in x])
