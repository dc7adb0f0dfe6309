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

from collections.abc import Sequence
from functools import cache

from relumax.constructions.formula import shipped
from relumax.constructions.registry import construction
from relumax.constructions.tournament import max_tournament
from relumax.language.condition import Condition
from relumax.language.expr import Expr, largest
from relumax.language.gadget import Gadget, maximum

T = tuple[tuple[Expr, ...], tuple[Expr, ...]]
"""T(a, b): a values known after the next layer, b values known now."""


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


def nine(sums: tuple[Expr, ...], x: tuple[Expr, ...]) -> list[T]:
    """The nine T(a+1, b+1) of T(a, b+4) in the order P1..P4, Q, R13, R14, R23, R24, all halved."""
    x1, x2, x3, x4 = halves = [xi / 2 for xi in x[:4]]
    a, b = x1 + x2, x3 + x4
    m13, m14, m23, m24 = crossed(halves)

    def of(new_sum: Expr, *singles: Expr) -> T:
        return (*sums, new_sum), (*x[4:], *singles)

    return [
        of(m13 + m14, a),
        of(m23 + m24, a),
        of(m13 + m23, b),
        of(m14 + m24, b),
        of(maximum(a, b)),
        *[of(maximum(a, xi + xj), b) for xi in (x1, x2) for xj in (x3, x4)],
    ]


def crossed(x: Sequence[Expr]) -> list[Expr]:
    """m13, m14, m23, m24."""
    return [maximum(x[i], x[j]) for i in (0, 1) for j in (2, 3)]


class Nine(Gadget):
    """The identity: from the nine maxima of T(a, b+4), all halved, that maximum itself.

    Arguments are the `rest` (the numbers of which x5 is the maximum), the halves of x1..x4, the m of these, and the
    nine values. What it computes reads only those: P1 + P2 + P3 + P4 + Q - R13 - R14 - R23 - R24.
    """

    __slots__ = ("rest",)

    def __init__(self, rest: int):
        def nine(*arguments: Expr) -> Expr:
            values = arguments[rest + 8 :]
            return sum(values[1:5], values[0]) - sum(values[6:], values[5])

        def requires(*arguments: Expr) -> list[Condition[Expr]]:
            x1, x2, x3, x4, *m = arguments[rest : rest + 8]
            m13, m14, m23, m24 = m
            a, b = x1 + x2, x3 + x4
            pairs = [(xi, xj) for xi in (x1, x2) for xj in (x3, x4)]
            of = [[a, m13 + m14], [a, m23 + m24], [b, m13 + m23], [b, m14 + m24], [a, b]]
            of += [[a, b, xi + xj] for xi, xj in pairs]
            return [
                *[mij == largest(pair) for mij, pair in zip(m, pairs, strict=True)],
                *[
                    value == largest([*arguments[:rest], *one])
                    for value, one in zip(arguments[rest + 8 :], of, strict=True)
                ],
            ]

        def ensures(y: Expr, *arguments: Expr) -> Condition[Expr]:
            return y == largest([*arguments[:rest], *[2 * xi for xi in arguments[rest : rest + 4]]])

        self.rest = rest
        super().__init__(nine, requires, ensures, rest + 17)


gadget_for = cache(Nine)
"""One gadget for each number of the rest, as gadgets are told apart by identity."""


def largest_in(x: Sequence[Expr], layers: int) -> Expr:
    """The maximum of x in so many hidden layers."""
    if (len(x) - 1).bit_length() <= layers:
        return max_tournament(x)
    if len(x) == 5:
        return shipped(5).program([[xi] for xi in x], max_tournament)
    room = reach(layers - 1)

    @cache  # equal terms are built, and proved, once
    def value(term: T) -> Expr:
        sums, singles = term
        if len(sums) + (len(singles) + 1) // 2 <= room:
            pairs = [max_tournament(singles[k : k + 2]) for k in range(0, len(singles), 2)]
            return largest_in([*sums, *pairs], layers - 1)
        rest, halves = [*sums, *singles[4:]], [xi / 2 for xi in singles[:4]]
        values = [value(one) for one in nine(sums, singles)]
        return gadget_for(len(rest))(*rest, *halves, *crossed(halves), *values)

    return value(((), tuple(x)))


def units_for(n: int) -> int:
    """Roughly the number of hidden units: 2 to 4 for each maximum, where there are many."""
    return max(n, 3 * terms_for(n, layers_for(n)))


@construction("max", "bakaev", rough=lambda n: (layers_for(n), units_for(n)))
def max_bakaev(x: list[Expr]) -> Expr:
    """m = max(x) on all of R^n in ceil(log3(2n - 1)) hidden layers; every weight is a binary fraction."""
    return largest_in(x, layers_for(len(x)))
