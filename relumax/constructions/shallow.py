"""The maximum in two hidden layers: for more numbers than the four that a tournament compares in two.

The first layer holds pairwise maxima, the second absolute values of differences of their sums. Two layers suffice for 5
numbers (Bakaev, Brunck, Hertrich, Stade, Yehudayoff, arXiv 2505.14338) and for up to 12 (Ruess et al., arXiv
2607.21651). The formulas here (`data`, in the notation of `formula`) were found by mixed-integer search
(`prove/smallest.py`): for n = 5, with mij = max(xi, xj),

    4 max = m12 + m34 + 2x5 + |m12+m34-2x5| - |m12+m34-m15-m25| - |m12+m34-m35-m45|
            + |m15-m34| + |m25-m34| + |m35-m12| + |m45-m12|

in 10 + 9 units; for n = 6, `Orb` summing over the orbit under all permutations that keep the pairs 12, 34, 56 together,

    24 max = 8 (m12+m34+m56) + 2 Orb|m15-m34| + Orb|m13+m24-m15-m16| - Orb|m13+m45-m15-m26| - Orb|m15+m16-m23-m24|,

66 absolute values in 21 + 68 units.

More numbers take few more layers (Ruess et al., v1, Theorem 5.1). The formula for l numbers holds for the maxima of l
blocks of numbers, and the maximum of two of those is the maximum of two blocks: where that takes d hidden layers, the
whole takes d + 1. With r = l // 2, l r^s numbers take 2 + s hidden layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from relumax.constructions.formula import shipped
from relumax.constructions.registry import construction
from relumax.constructions.tournament import rounds
from relumax.language.expr import Expr
from relumax.language.gadget import maximum

FORMULAS = (5, 6)
"""The numbers of inputs for which a formula is shipped."""


def plan(n: int) -> tuple[int, int]:
    """(hidden layers, l): the fewest layers for n numbers, by a tournament (l = 2) or else the smallest formula."""
    choices = [((n - 1).bit_length(), 2)]
    if n > 4:
        choices += [(2 if n <= k else 1 + plan(2 * -(-n // k))[0], k) for k in FORMULAS if n >= k]
    return min(choices)


def shallow(x: Sequence[Expr]) -> Expr:
    """The maximum of x in few layers: a tournament, or a formula over blocks as even as can be."""
    _, k = plan(len(x))
    if k == 2:
        return rounds(list(x), maximum)
    bounds = [p * len(x) // k for p in range(k + 1)]
    block = [x[a:b] for a, b in pairwise(bounds)]
    formula = shipped(k)
    return formula.program(lambda i, j: shallow(block[i] if i == j else [*block[i], *block[j]]))


@construction("max", "shallow")
def max_shallow(x: list[Expr]) -> Expr:
    """m = max(x) on all of R^n in two hidden layers for n <= 6 (19 units at n = 5, 89 at n = 6), 2 + s for 6 * 3^s."""
    return shallow(x)


@construction("min", "shallow")
def min_shallow(x: list[Expr]) -> Expr:
    """m = min(x) on all of R^n in two hidden layers for n <= 6 (19 units at n = 5, 89 at n = 6), 2 + s for 6 * 3^s."""
    return -shallow([-xi for xi in x])
