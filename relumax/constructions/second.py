"""The second largest number, ties counted: a tournament whose nodes carry the largest and the second largest so far."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from relumax.constructions.registry import construction
from relumax.constructions.tournament import depth
from relumax.errors import SpecError
from relumax.language.condition import Condition
from relumax.language.expr import Expr, equals, symbol
from relumax.language.gadget import maximum, minimum
from relumax.language.outline import fold
from relumax.language.spec import Spec, array, i, point, statement

w, v = symbol("w"), symbol("v")  # where a largest number is, and a largest of all others


def second_spec(n: int) -> Spec:
    """For all x: whichever x[w] is the largest and x[v] the largest of the others, y = x[v]."""
    if n < 2:
        raise SpecError("the second largest is one of at least 2 numbers")
    x, y = array("x", "in", n), array("y", "out")
    requires = [w != v, x[i] <= x[w], (x[i] <= x[v]).where(i != w)]
    ends = [point([int(k in (0, n - 1)) for k in range(n)], at) for at in ([0, n - 1], [n - 1, 0])]
    return Spec([x, y], [statement([equals(y[0], x[v])], requires, [w < n, v < n], points=ends)])


def joined(left: Sequence[Expr], right: Sequence[Expr]) -> tuple[Expr, Expr]:
    """(largest, second largest) of both sides; of one number there is no second."""
    (a, *s), (b, *t) = left, right
    return maximum(a, b), reduce(maximum, [*s, *t, minimum(a, b)])


def placed(lo: Expr, hi: Expr, largest: Expr, *second: Expr) -> list[Condition[Expr]]:
    """What a node over lo..hi carries is at most x[v], but for x[w]; it is x[w] and x[v] where they are below it."""
    top, next_ = symbol("x[w]"), symbol("x[v]")
    no_w, no_v = ((k + 1 <= lo) | (hi + 1 <= k) for k in (w, v))
    first = (lo <= w) & (w <= hi) & equals(largest, top) | no_w & (largest <= next_)
    either = (lo <= w) & (w <= hi) | no_v | equals(largest, next_)
    both = no_w | no_v
    for s in second:
        both |= equals(s, next_)
    return [next_ <= top, first, either, both, *(s <= next_ for s in second)]


@construction("second", "tournament", spec=second_spec, rough=lambda n: (depth(n) + depth(n - 1) - 1, 8 * n))
def second_tournament(x: Sequence[Expr]) -> Expr:
    """The second largest, ties counted, on all of R^n, n >= 2, in at most 2 ceil(log2 n) - 1 hidden layers."""
    if len(x) < 2:
        raise SpecError("the second largest is one of at least 2 numbers")
    return fold([(xi,) for xi in x], joined, placed)[1]
