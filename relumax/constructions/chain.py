"""The chain: one comparison a layer, against the running best.

Every waiting input is compared at once with the running maximum m, so what the network carries for it is the excess
relu(x_i - m), known to be >= 0: width n + 1 and (n - 1)(n + 4)/2 units, where plain carries would cost n^2 - 1.
"""

from __future__ import annotations

from collections.abc import Callable

from relumax.constructions.registry import construction
from relumax.language.expr import Expr
from relumax.language.gadget import maximum, minimum


def one_by_one(x: list[Expr], better: Callable[[Expr, Expr], Expr]) -> Expr:
    """The best of x: round j leaves max(x_i, running best) for every i still waiting."""
    while len(x) > 1:
        best, *waiting = x
        x = [better(xi, best) for xi in waiting]
    return x[0]


@construction("max", "chain", rough=lambda n: (n - 1, (n - 1) * (n + 4) // 2))
def max_chain(x: list[Expr]) -> Expr:
    """m = max(x) on all of R^n in n - 1 layers of width at most n + 1, (n - 1)(n + 4)/2 units; for all n in Coq."""
    return one_by_one(x, maximum)


@construction("min", "chain", rough=lambda n: (n - 1, (n - 1) * (n + 4) // 2))
def min_chain(x: list[Expr]) -> Expr:
    """m = min(x) on all of R^n in n - 1 layers of width at most n + 1, (n - 1)(n + 4)/2 units; for all n in Coq."""
    return one_by_one(x, minimum)
