"""The second largest number, ties counted: a tournament whose nodes hold the largest so far and the second largest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from relumax.constructions.registry import construction
from relumax.constructions.tournament import depth
from relumax.language.condition import Condition
from relumax.language.expr import Expr, symbol
from relumax.language.gadget import maximum, minimum
from relumax.language.outline import fold
from relumax.language.spec import Spec, array, i, point, statement

w, v = symbol("w"), symbol("v")


def second_spec(n: int) -> Spec:
    """For all x in R^n, w where a largest number is, v where a largest of the others is: y = x[v].

    Each x has such w and v, since n >= 2, and with ties several; x[v] is the same for all of them: 3 for (3, 3, 1).
    """
    x, y = array("x", "in", n), array("y", "out")
    requires = [w != v, x[i] <= x[w], (x[i] <= x[v]).where(i != w)]
    ends = [point([int(k in (0, n - 1)) for k in range(n)], at) for at in ([0, n - 1], [n - 1, 0])]
    return Spec([x, y], [statement([y[0] == x[v]], requires, [w < n, v < n], points=ends)])


def two_largest(left: Sequence[Expr], right: Sequence[Expr]) -> tuple[Expr, Expr]:
    """(largest, second largest) of two nodes; a node of one number has no second."""
    (a, *s), (b, *t) = left, right
    return maximum(a, b), reduce(maximum, [*s, *t, minimum(a, b)])


def placed(lo: Expr, hi: Expr, m: Expr, *s: Expr) -> list[Condition[Expr]]:
    """m is x[w] where w is among lo..hi, else at most x[v]; s is at most x[v], and is x[v] where v and w are there.

    Where v is there without w, m or s is x[v].
    """
    first, second = symbol("x[w]"), symbol("x[v]")
    no_w, no_v = ((k + 1 <= lo) | (hi + 1 <= k) for k in (w, v))
    return [
        second <= first,
        *(one <= second for one in s),
        (lo <= w) & (w <= hi) & (m == first) | no_w & (m <= second),
        reduce(or_, [one == second for one in s], no_v | no_w & (m == second)),
    ]


@construction("second", "tournament", spec=second_spec, least=2, rough=lambda n: (depth(n) + depth(n - 1) - 1, 8 * n))
def second_tournament(x: Sequence[Expr]) -> Expr:
    """The second largest, ties counted, on all of R^n, n >= 2, in at most 2 ceil(log2 n) - 1 hidden layers."""
    return fold([(xi,) for xi in x], two_largest, placed)[1]
