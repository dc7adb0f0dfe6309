"""The tournament: compare neighbours, then the winners, ceil(log2 n) rounds (Arora et al., arXiv 1611.01491)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from relumax.constructions.registry import construction
from relumax.language.expr import Expr
from relumax.language.gadget import maximum, minimum


def depth(n: int) -> int:
    """How many rounds there are."""
    return (n - 1).bit_length()


def rounds(x: Sequence[Expr], better: Callable[[Expr, Expr], Expr]) -> Expr:
    """The winner of x under `better`, neighbours first; the odd one out has a bye."""
    x = list(x)
    while len(x) > 1:
        bye = x[len(x) - len(x) % 2 :]
        x = [better(a, b) for a, b in zip(x[::2], x[1::2], strict=False)] + bye
    return x[0]


@construction("max", "tournament", rough=lambda n: ((n - 1).bit_length(), 3 * (n - 1)))
def max_tournament(x: Sequence[Expr]) -> Expr:
    """m = max(x) on all of R^n in ceil(log2 n) hidden layers; 3(n - 1) units at n a power of two; for all n in Coq."""
    return rounds(x, maximum)


@construction("min", "tournament", rough=lambda n: ((n - 1).bit_length(), 3 * (n - 1)))
def min_tournament(x: Sequence[Expr]) -> Expr:
    """m = min(x) on all of R^n in ceil(log2 n) hidden layers; 3(n - 1) units at n a power of two; for all n in Coq."""
    return rounds(x, minimum)
