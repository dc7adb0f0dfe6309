"""The maximum in two hidden layers: many more options than a tournament's two layers can compare.

The first layer holds pairwise maxima mij = max(xi, xj), the second absolute values of differences of their sums, and
`|d| = 2 relu(d) - d` costs one unit each: the linear rest of a whole sum is carried by one pair.

n = 5 is a shorter form of the identity of Bakaev, Brunck, Hertrich, Stade, Yehudayoff (arXiv 2505.14338); n = 6 writes
out a sum that is invariant under a group of order 16. Both were found by mixed-integer search (`prove/smallest.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import combinations

from relumax.constructions.registry import construction
from relumax.constructions.tournament import rounds
from relumax.language.expr import Expr, relu
from relumax.language.gadget import maximum

Pairwise = Callable[[Expr, Expr], Expr]


def size(d: Expr) -> Expr:
    """|d| in one unit, besides what carries d."""
    return 2 * relu(d) - d


def five(x: list[Expr]) -> Expr:
    """The maximum of five: 7 absolute values, invariant under 1 <-> 2 and 3 <-> 4; 20 units, 11 + 9.

    2 max = m12 + m34 + |m15+m25-m34-x5| + 1/2 |2m12-m35-m45| - 1/2 |2m12-m34-m45| - 1/2 |2m12-m34-m35|
            - |x1+x2-m34-x5| + |m12+x2-m25-m34| + |m12+x1-m15-m34|
    """
    x1, x2, x3, x4, x5 = x
    m12, m34, m15, m25 = maximum(x1, x2), maximum(x3, x4), maximum(x1, x5), maximum(x2, x5)
    m35, m45 = maximum(x3, x5), maximum(x4, x5)
    return (
        m12
        + m34
        + size((m15 - m34) + (m25 - x5))
        + size((m12 - m35) + (m12 - m45)) / 2
        - size((m12 - m34) + (m12 - m45)) / 2
        - size((m12 - m34) + (m12 - m35)) / 2
        - size((x1 - m34) + (x2 - x5))
        + size((m12 - m34) + (x2 - m25))
        + size((m12 - m34) + (x1 - m15))
    ) / 2
