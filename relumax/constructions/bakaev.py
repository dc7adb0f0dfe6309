"""The maximum with weights that are binary fractions, which floats hold exactly, in ceil(log3(2n - 1)) hidden layers.

Bakaev, Brunck, Hertrich, Stade, Yehudayoff (arXiv 2505.14338): with mij = max(xi, xj) and any fifth number x5,

    2 max(x1, ..., x5) = P1 + P2 + P3 + P4 + Q - R13 - R14 - R23 - R24
    P1 = max(2x5, x1+x2, m13+m14)     P2 = max(2x5, x1+x2, m23+m24)
    P3 = max(2x5, x3+x4, m13+m23)     P4 = max(2x5, x3+x4, m14+m24)
    Q  = max(2x5, x1+x2, x3+x4)       Rij = max(2x5, xi+xj, x1+x2, x3+x4).

Let T(a, b) be the maximum of a sums of two pairwise maxima and b single numbers. With four of the singles as x1..x4 and
the maximum of all the rest as x5, each P is twice a T(a+1, b+1), and so are Q and R, as x1+x2, x1+x3 have the maximum
x1 + max(x2, x3): T(a, b+4) is a combination of nine T(a+1, b+1) (their Claims 5 to 7).

One hidden layer computes all maxima of pairs: those in the sums, and those of the singles two by two. What is left of
T(a, b) is a maximum of a + ceil(b/2) numbers. So if k layers reach c numbers, one layer more reaches T(c-1, 2), that is
3c - 1: from 2 in one layer to (3^k + 1)/2 in k. (The paper keeps the last two singles apart and has 3^(k-1) + 2; both
are 5 in two layers, then 11 or 14 in three.) The fewest steps that fit are taken, for each costs a factor of nine: none
for n <= 10, one for 11 in three layers. No network with such weights does n numbers in less than ceil(log3 n) layers
(Averkov, Hojny, Merkert, arXiv 2502.06283, Theorem 2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from relumax.constructions.formula import shipped
from relumax.constructions.registry import construction
from relumax.constructions.tournament import rounds
from relumax.errors import BudgetExceeded
from relumax.language.expr import Expr, const
from relumax.language.gadget import maximum

T = tuple[tuple[Expr, ...], tuple[Expr, ...]]
"""T(a, b): a values known after the next layer, b values known now."""
MAX_TERMS = 10_000
"""Built are all n <= 28; beyond, the terms are 59,049 and more, and the units as well."""


def reach(layers: int) -> int:
    """The most numbers that so many hidden layers compare."""
    return int(3**layers + 1) // 2


def layers_for(n: int) -> int:
    """The number of hidden layers for n numbers."""
    return next(k for k in range(n) if reach(k) >= n)


def steps(n: int, layers: int) -> int:
    """How often the identity is used on n numbers before one hidden layer leaves what the others compare."""
    return next(s for s in range(n) if s + (n - 3 * s + 1) // 2 <= reach(layers - 1))


def terms_for(n: int, layers: int) -> int:
    """The number of maxima that the identity makes of one, before equal ones are shared."""
    if (n - 1).bit_length() <= layers or n == 5:
        return 1
    s = steps(n, layers)
    return 9**s * terms_for(s + (n - 3 * s + 1) // 2, layers - 1)


def nine(sums: tuple[Expr, ...], x: tuple[Expr, ...]) -> list[tuple[int, T]]:
    """T(a, b+4) as nine T(a+1, b+1), each with its sign, halved: the identity above, divided by 2."""
    x1, x2, x3, x4 = [xi / 2 for xi in x[:4]]
    m13, m14, m23, m24 = maximum(x1, x3), maximum(x1, x4), maximum(x2, x3), maximum(x2, x4)
    a, b = x1 + x2, x3 + x4

    def of(new_sum: Expr, *singles: Expr) -> T:
        return (*sums, new_sum), (*x[4:], *singles)

    return [
        (1, of(m13 + m14, a)),
        (1, of(m23 + m24, a)),
        (1, of(m13 + m23, b)),
        (1, of(m14 + m24, b)),
        (1, of(maximum(a, b))),
        (-1, of(x1 + maximum(x2, x3), b)),
        (-1, of(x1 + maximum(x2, x4), b)),
        (-1, of(x2 + maximum(x1, x3), b)),
        (-1, of(x2 + maximum(x1, x4), b)),
    ]


def largest(x: Sequence[Expr], layers: int) -> Expr:
    """The maximum of x in so many hidden layers."""
    if (len(x) - 1).bit_length() <= layers:
        return rounds(list(x), maximum)
    if len(x) == 5:
        return shipped(5).program(lambda i, j: maximum(x[i], x[j]) if i < j else x[i])
    room = reach(layers - 1)
    terms: Counter[T] = Counter({((), tuple(x)): 1})
    while large := [term for term in terms if len(term[0]) + (len(term[1]) + 1) // 2 > room]:
        for term in large:
            times = terms.pop(term)
            for sign, one in nine(*term):
                terms[one] += sign * times
    total = const(0)
    for (sums, singles), times in terms.items():
        pairs = [rounds(list(singles[k : k + 2]), maximum) for k in range(0, len(singles), 2)]
        if times:
            total = total + times * largest([*sums, *pairs], layers - 1)
    return total


@construction("max", "bakaev")
def max_bakaev(x: list[Expr]) -> Expr:
    """m = max(x) on all of R^n in ceil(log3(2n - 1)) hidden layers; every weight is a binary fraction."""
    layers = layers_for(len(x))
    if (count := terms_for(len(x), layers)) > MAX_TERMS:
        raise BudgetExceeded(f"max/bakaev at n = {len(x)} is a sum of some {count:,} maxima, more than {MAX_TERMS:,}")
    return largest(x, layers)
