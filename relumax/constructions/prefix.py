"""The winner's index without slopes of n: how many of the running maxima have not reached the maximum yet.

With M_i = max(x_0..x_i) and m = M_(n-1), the winner is w where just M_0..M_(w-1) are below m. A slope is 1/d, and not
(n - 1)/d as in argmax/index, so that sums stay small: a float type is exact for larger inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from relumax.constructions.argmax import index_spec, registered
from relumax.constructions.options import separation
from relumax.constructions.tournament import depth
from relumax.language.condition import Condition
from relumax.language.expr import Expr, const, equals, relu, symbol
from relumax.language.gadget import maximum
from relumax.language.outline import Invariant, Stated, fold, have


class _Running(NamedTuple):
    """What is stated of running maxima of the options lo..end - 1: one alone, and one, up to j, beside that of all."""

    won: Invariant
    both: tuple[Invariant, ...]

    def of(self, lo: int, x: Sequence[Expr]) -> tuple[list[Stated], Stated]:
        """Each running maximum but the last, beside the maximum of all, and that alone: in ceil(log2 n) rounds."""
        end = lo + len(x)
        if len(x) == 1:
            return [], have(self.won, [lo, end], [x[0]])
        half = 1 << (len(x) - 1).bit_length() - 1
        (before, left), (after, right) = self.of(lo, x[:half]), self.of(lo + half, x[half:])
        pairs = [self._pair([lo, lo + k + 1, end], [one, right], _left) for k, one in enumerate(before)]
        pairs.append(self._pair([lo, lo + half, end], [left, right], _middle))
        pairs += [self._pair([lo, lo + half + k + 1, end], [left, one], _right) for k, one in enumerate(after)]
        return pairs, have(self.won, [lo, end], parts=[left, right], by=maximum)

    def _pair(self, at: list[int], parts: list[Stated], by: Any) -> Stated:
        return have(self.both, at, parts=parts, by=by)


def _left(p: Expr, m: Expr, r: Expr) -> tuple[Expr, Expr]:
    return p, maximum(m, r)


def _middle(m: Expr, r: Expr) -> tuple[Expr, Expr]:
    return m, maximum(m, r)


def _right(m: Expr, p: Expr, r: Expr) -> tuple[Expr, Expr]:
    return maximum(m, p), maximum(m, r)


def _running(key: str, d: Any) -> _Running:
    w, best = symbol("w"), symbol(key)

    def won(lo: Expr, end: Expr, v: Expr) -> list[Condition[Expr]]:
        inside = (lo <= w) & (w + 1 <= end) & equals(v, best)
        return [inside | (w + 1 <= lo) & (v <= best) | (end <= w) & (v + d <= best)]

    def ordered(lo: Expr, j: Expr, end: Expr, p: Expr, m: Expr) -> list[Condition[Expr]]:
        return [p <= m]

    def both(lo: Expr, j: Expr, end: Expr, p: Expr, m: Expr) -> list[Condition[Expr]]:
        return [*won(lo, j, p), *won(lo, end, m)]

    return _Running(won, (ordered, both))


def _within(first: Expr, n: Expr, lo: Expr, hi: Expr, c: Expr) -> list[Condition[Expr]]:
    return [c >= 0, c <= hi - lo + 1]


def _counted(first: Expr, n: Expr, lo: Expr, hi: Expr, c: Expr) -> Condition[Expr]:
    """How many of lo..hi are at most w, which is an index from `first` on and below n."""
    w = symbol("w")
    some = (lo <= w) & (w <= hi) & equals(c, w - lo + 1)
    return (w + 1 <= first) | (n <= w) | (w + 1 <= lo) & equals(c, 0) | some | (hi <= w) & equals(c, hi - lo + 1)


def prefix_spec(function: str, n: int, gap: Any = None, lattice: Any = None, promise: str | None = None) -> Any:
    """Everywhere: 0 <= y <= n - 1. Under the promise: y is the index of the first winner."""
    return index_spec(function, n, gap, lattice, "first", promise)


@registered(
    "prefix",
    prefix_spec,
    {"gap": None, "lattice": None, "promise": None},
    lambda n: (depth(n) + 1, (2 * depth(n) + 2) * n),
)
def prefix(
    x: list[Expr], gap: Any = None, lattice: Any = None, promise: str | None = None, key: str = "x[w]"
) -> list[Expr]:
    """As index, for small formats: counts the running maxima that have not reached the maximum, with slopes of 1/d."""
    n, d = len(x), separation(gap, lattice)
    pairs, _ = _running(key, d).of(0, x)

    def missed(p: Expr, m: Expr) -> Expr:
        return 1 - relu(1 - (m - p) / d)

    below = [have((_within, _counted), [0, n, k, k], parts=[one], by=missed) for k, one in enumerate(pairs, 1)]
    return [fold(below, lambda a, b: a + b, _within, _counted, at=[0, n]) if below else const(0)]
