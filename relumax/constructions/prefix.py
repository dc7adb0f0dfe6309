"""The winner's index without slopes of n: how many of the running maxima have not reached the maximum yet.

With M_j the largest of x_0..x_(j-1) and m that of all, the winner is w where just M_1..M_w are below m. Of a block of
options only its maximum is carried, and by how much each running maximum in it stays behind: one number >= 0, one unit.
A slope is 1/d, and not (n - 1)/d as in argmax/index, so that sums stay small: a float type is exact for larger inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from relumax.constructions.argmax import INDEX_OPTIONS, Choice, index_spec, registered
from relumax.constructions.options import separation
from relumax.constructions.tournament import depth
from relumax.language.condition import Condition
from relumax.language.expr import Expr, const, equals, relu, symbol
from relumax.language.gadget import maximum
from relumax.language.outline import Invariant, Stated, fold, have


class Running(NamedTuple):
    """Of blocks of options lo..end - 1: what is stated of the maximum, and of how far that of some stays behind it.

    Those are the options below j; where ties go to the last, those from j on.
    """

    won: Invariant
    behind: tuple[Invariant, ...]
    choice: Choice

    def of(self, lo: int, x: Sequence[Expr]) -> tuple[Stated, list[Stated]]:
        """The maximum of a block, and what stays behind for each j inside it, in ceil(log2 n) rounds."""
        end = lo + len(x)
        if len(x) == 1:
            return have(self.won, [lo, end], [x[0]]), []
        d, last, larger = self.choice.d, self.choice.ties == "last", 1 << (len(x) - 1).bit_length() - 1
        half = len(x) - larger if last else larger
        (left, before), (right, after) = self.of(lo, x[:half]), self.of(lo + half, x[half:])
        near, far = (right, left) if last else (left, right)

        def kept(m: Expr, r: Expr, e: Expr) -> Expr:
            """How far m - e is behind the larger of m and r, e counting for d at most."""
            return d - relu(d - e) + relu(r - m)

        def passed(m: Expr, r: Expr, e: Expr) -> Expr:
            """How far the larger of m and r - e is behind the larger of m and r."""
            return relu(r - m) - relu(r - m - e)

        def behind(one: Stated, by: Any) -> Stated:
            return have(self.behind, [lo, one.at[1], end], parts=[near, far, one], by=by)

        middle = have(self.behind, [lo, lo + half, end], parts=[near, far], by=lambda m, r: relu(r - m))
        whole = have(self.won, [lo, end], parts=[near, far], by=lambda m, r: maximum(r, m))
        first, second = (passed, kept) if last else (kept, passed)
        return whole, [*(behind(one, first) for one in before), middle, *(behind(one, second) for one in after)]


def running(choice: Choice) -> Running:
    """What is stated, of the winner that a statement calls so."""
    w, best, d = symbol(choice.w), symbol(choice.key), choice.d
    last = choice.ties == "last"
    before, after = (0, d) if last else (d, 0)

    def won(lo: Expr, end: Expr, v: Expr) -> list[Condition[Expr]]:
        inside = (lo <= w) & (w + 1 <= end) & equals(v, best)
        return [inside | (w + 1 <= lo) & (v + after <= best) | (end <= w) & (v + before <= best)]

    def some(lo: Expr, j: Expr, end: Expr, e: Expr) -> list[Condition[Expr]]:
        return [e >= 0]

    def behind(lo: Expr, j: Expr, end: Expr, e: Expr) -> list[Condition[Expr]]:
        first, second = (e >= d, equals(e, 0)) if last else (equals(e, 0), e >= d)
        inside = (lo <= w) & (w + 1 <= j) & first | (j <= w) & (w + 1 <= end) & second
        return [e >= 0, inside | (w + 1 <= lo) | (end <= w)]

    return Running(won, (some, behind), choice)


def _within(first: Expr, n: Expr, lo: Expr, hi: Expr, c: Expr) -> list[Condition[Expr]]:
    return [c >= 0, c <= hi - lo + 1]


def counted(first: Expr, n: Expr, lo: Expr, hi: Expr, c: Expr) -> Condition[Expr]:
    """How many of lo..hi are at most w, which is an index from `first` on and below n."""
    w = symbol("w")
    some = (lo <= w) & (w <= hi) & equals(c, w - lo + 1)
    return (w + 1 <= first) | (n <= w) | (w + 1 <= lo) & equals(c, 0) | some | (hi <= w) & equals(c, hi - lo + 1)


def reached(keys: Sequence[Expr], choice: Choice) -> list[Stated]:
    """For j = 1..n - 1: within [0, 1], 1 where j <= w, and 0 where w < j."""
    _, behind = running(choice).of(0, keys)

    def early(e: Expr) -> Expr:
        return relu(1 - e / choice.d)

    def late(e: Expr) -> Expr:
        return 1 - relu(1 - e / choice.d)

    by = early if choice.ties == "last" else late
    return [have((_within, counted), [0, len(keys), k, k], parts=[one], by=by) for k, one in enumerate(behind, 1)]


@registered(
    "prefix",
    index_spec,
    INDEX_OPTIONS,
    lambda n: (depth(n) + 1, (depth(n) + 2) * n),
)
def prefix(
    x: list[Expr],
    gap: Any = None,
    lattice: Any = None,
    ties: str = "first",
    promise: str | None = None,
    key: str = "x[w]",
) -> list[Expr]:
    """As index, for small formats: counts the running maxima that have not reached the maximum, with slopes of 1/d."""
    steps = reached(x, Choice("w", key, separation(gap, lattice), ties))
    return [fold(steps, lambda a, b: a + b, _within, counted, at=[0, len(x)]) if steps else const(0)]


def shares(keys: Sequence[Expr], choice: Choice) -> list[Stated | None]:
    """For each option what is stated of its neighbours (e, f), of which the first has no e and the last no f.

    e is how far the running maximum before the option stays behind that of all, and f how far that up to it does:
    0 <= f <= e. Of the winner f is 0 and e at least d, of later options e is 0, of earlier ones f is at least d. One
    option alone has neither.
    """
    return _Shares(running(choice).won, choice).of(0, keys)[1]


class _Shares(NamedTuple):
    """Of blocks of options lo..end - 1: what is stated of the maximum; ties go to the first."""

    won: Invariant
    choice: Choice

    def of(self, lo: int, x: Sequence[Expr]) -> tuple[Stated, list[Stated | None]]:
        """The maximum of a block, and for each option in it what stays behind before and after it."""
        end = lo + len(x)
        if len(x) == 1:
            return have(self.won, [lo, end], [x[0]]), [None]
        half = 1 << (len(x) - 1).bit_length() - 1
        (left, before), (right, after) = self.of(lo, x[:half]), self.of(lo + half, x[half:])
        whole = have(self.won, [lo, end], parts=[left, right], by=lambda m, r: maximum(r, m))
        options = []
        for k, one in enumerate([*before, *after]):
            by = self._kept(k == half - 1) if k < half else self._passed(k == half)
            holds = _falling, self._placed(k > 0, k < len(x) - 1)
            options.append(
                have(holds, [lo, lo + k, lo + k + 1, end], parts=[left, right, *([one] if one else [])], by=by)
            )
        return whole, list(options)

    def _kept(self, last: bool) -> Any:
        """Of an option in the left block: all of that is less than the right maximum stays as far behind, or more."""
        d = self.choice.d
        return lambda m, r, *e: [*(d - relu(d - one) + relu(r - m) for one in e), *([relu(r - m)] if last else [])]

    def _passed(self, first: bool) -> Any:
        """Of an option in the right block."""
        return lambda m, r, *e: [*([relu(r - m)] if first else []), *(relu(r - m) - relu(r - m - one) for one in e)]

    def _placed(self, before: bool, after: bool) -> Invariant:
        """Of the option j of a block that has options before it, and after it."""
        return _placed(symbol(self.choice.w), self.choice.d, before, after)


def _falling(lo: Expr, j: Expr, beyond: Expr, end: Expr, *e: Expr) -> list[Condition[Expr]]:
    return [e[-1] >= 0, *(one >= other for one, other in pairwise(e))]


@cache
def _placed(w: Expr, d: Fraction, before: bool, after: bool) -> Invariant:
    def placed(lo: Expr, j: Expr, beyond: Expr, end: Expr, *e: Expr) -> list[Condition[Expr]]:
        found = (w + 1 <= lo) | (end <= w)
        here = (j <= w) & (w + 1 <= beyond)
        here = here & (e[0] >= d) if before else here
        found = found | (here & equals(e[-1], 0) if after else here)
        found = found | (w + 1 <= j) & equals(e[0], 0) if before else found
        found = found | (beyond <= w) & (e[-1] >= d) if after else found
        return [*(one >= 0 for one in e), found]

    return placed
