"""The winner's index digit by digit: no deeper than the maximum.

With n <= 2^L and the winner d ahead, z_i = 2^L x_i/d - i has one largest element, 1 ahead of every other. An index is
a sum of digits 0 or 1, of weights that add up to n - 1. With A the largest z of the indices that have a digit, and B of
those that lack it, the digit is clip(A - B, 0, 1): 1 where A is ahead. So L - 1 rounds of maxima are enough.

The proof: h_i = relu(1 - (max(z) - z_i)), which no unit computes, is 1 at the winner and 0 elsewhere. A digit is the
sum of h_i over the indices that have it, and so the index is the sum of i h_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from relumax.constructions.argmax import INDEX_OPTIONS, Choice, index_spec, registered
from relumax.constructions.options import separation
from relumax.constructions.prefix import counted
from relumax.constructions.tournament import depth
from relumax.language.condition import Condition
from relumax.language.expr import Expr, const, equals, relu, symbol
from relumax.language.gadget import maximum
from relumax.language.outline import Invariant, Stated, fold, have

HAVE, LACK, BOTH = "have", "lack", "both"
"""Of some indices, which there are: those that have a digit, those that lack it, or both."""


def weights(n: int) -> list[int]:
    """The weights of ceil(log2 n) digits, which add up to n - 1, so that every index is a sum of some.

    >>> weights(8), weights(6)
    ([4, 2, 1], [3, 1, 1])
    """
    found, rest = [], n - 1
    while rest:
        found.append((rest + 1) // 2)
        rest //= 2
    return found


class Block(NamedTuple):
    """Indices lo..end - 1, which differ in digits from `level` on: the two halves, without and with the first of them.

    A block of one index has none; where all its indices agree in a digit, there is one half.
    """

    lo: int
    end: int
    halves: tuple[Block | None, Block | None] = (None, None)

    @property
    def parts(self) -> list[Block]:
        """The halves there are."""
        return [one for one in self.halves if one is not None]


def block(weights: Sequence[int], lo: int, end: int, first: int = 0) -> Block:
    """The indices lo..end - 1, in which digits of these weights add up to first, first + 1, ..."""
    if not weights:
        return Block(lo, end)
    most = sum(weights[1:])
    cut = min(max(lo + most + 1 - first, lo), end)
    left = block(weights[1:], lo, cut, first) if lo < cut else None
    right = block(weights[1:], cut, end, max(first, most + 1) - weights[0]) if cut < end else None
    return Block(lo, end, (left, right))


class _Stated(NamedTuple):
    """What is stated of blocks lo..end - 1, w being the winner: every other z is at least 1 below that of w.

    won: of the largest z, v; marked: of v and h, which is 1 where w is inside, else 0; apart: of the largest z with and
    without a digit, and h, which is 1 where w is inside and has it; inside: of h alone.
    """

    won: Invariant
    marked: Invariant
    apart: Invariant
    inside: Invariant
    largest: Invariant
    digit: tuple[Invariant, Invariant]
    whole: Invariant


def _keys(x: Sequence[Expr], at: Sequence[Expr | int], choice: Choice, n: int) -> list[Expr]:
    """z_i of x_i, for each i: where ties go to the last, 2^L x_i/d + i."""
    sign = -1 if choice.ties == "first" else 1
    return [xi * ((1 << depth(n)) / choice.d) + sign * i for xi, i in zip(x, at, strict=True)]


def _stated(choice: Choice, n: int) -> _Stated:
    w = symbol(choice.w)
    (best,) = _keys([symbol(choice.key)], [w], choice, n)

    def of(lo: Expr, end: Expr, inside: Condition[Expr], outside: Condition[Expr]) -> list[Condition[Expr]]:
        return [(lo <= w) & (w + 1 <= end) & inside | (w + 1 <= lo) & outside | (end <= w) & outside]

    def won(lo: Expr, end: Expr, v: Expr) -> list[Condition[Expr]]:
        return of(lo, end, equals(v, best), v + 1 <= best)

    def marked(lo: Expr, end: Expr, v: Expr, h: Expr) -> list[Condition[Expr]]:
        return of(lo, end, equals(v, best) & equals(h, 1), (v + 1 <= best) & equals(h, 0))

    def apart(lo: Expr, end: Expr, a: Expr, b: Expr, h: Expr) -> list[Condition[Expr]]:
        has, lacks, below = equals(a, best) & equals(h, 1), equals(b, best) & equals(h, 0), (a + 1 <= best)
        return of(lo, end, has & (b + 1 <= best) | lacks & below, below & (b + 1 <= best) & equals(h, 0))

    def inside(lo: Expr, end: Expr, h: Expr) -> list[Condition[Expr]]:
        return of(lo, end, equals(h, 1), equals(h, 0))

    def within(lo: Expr, end: Expr, g: Expr, h: Expr) -> list[Condition[Expr]]:
        return [g >= 0, g <= 1]

    def told(lo: Expr, end: Expr, g: Expr, h: Expr) -> list[Condition[Expr]]:
        return [(w + 1 <= lo) | (end <= w) | equals(g, h)]

    return _Stated(won, marked, apart, inside, lambda m: equals(m, best), (within, told), lambda y, *_: equals(y, w))


class _Digits:
    """The digits of the winner's index."""

    def __init__(self, x: Sequence[Expr], choice: Choice):
        n = len(x)
        self.says, self.all = _stated(choice, n), block(weights(n), 0, n)
        leaves = [have(self.says.won, [i, i + 1], [z]) for i, z in enumerate(_keys(x, range(n), choice, n))]
        largest = have(self.says.largest, [], self._largest(self.all, leaves).values)

        def mark(m: Expr, v: Expr) -> tuple[Expr, Expr]:
            return v, relu(1 - (m - v))

        def clipped(a: Expr, b: Expr, h: Expr) -> tuple[Expr, Expr]:
            return relu(a - b) - relu(a - b - 1), h

        self.marks = [have(self.says.marked, one.at, parts=[largest, one], by=mark) for one in leaves]
        self.known: dict[tuple[int, int], Stated] = {}
        digits = [self._digit(self.all, level)[1] for level in range(depth(n))]
        self.digits = [have(self.says.digit, one.at, parts=[one], by=clipped) for one in digits]

    def _largest(self, of: Block, leaves: list[Stated]) -> Stated:
        """The largest z of a block."""
        parts = [self._largest(one, leaves) for one in of.parts]
        if len(parts) < 2:
            return parts[0] if parts else leaves[of.lo]
        return have(self.says.won, [of.lo, of.end], parts=parts, by=lambda v, u: maximum(u, v))

    def _marked(self, of: Block) -> Stated:
        """The largest z of a block, and whether the winner is inside."""
        at = of.lo, of.end
        if at not in self.known:
            parts = [self._marked(one) for one in of.parts]
            self.known[at] = self._joined(parts, at) if len(parts) > 1 else parts[0] if parts else self.marks[of.lo]
        return self.known[at]

    def _joined(self, parts: list[Stated], at: Sequence[int]) -> Stated:
        return have(self.says.marked, at, parts=parts, by=lambda v, h, u, k: (maximum(u, v), h + k))

    def _digit(self, of: Block, level: int) -> tuple[str, Stated]:
        """The largest z of those in a block that have the digit of this level, of those that lack it, or of both."""
        at = of.lo, of.end
        if not level:
            sides = [(kind, self._marked(one)) for kind, one in zip((LACK, HAVE), of.halves, strict=True) if one]
            if len(sides) == 1:
                return sides[0]
            (_, left), (_, right) = sides
            return BOTH, have(self.says.apart, at, parts=[left, right], by=lambda v, h, u, k: (u, v, k))
        parts = [self._digit(one, level - 1) for one in of.parts]
        if len(parts) == 1:
            return parts[0]
        (first, left), (second, right) = parts
        if first == second != BOTH:
            return first, self._joined([left, right], at)

        def both(*values: Expr) -> tuple[Expr, Expr, Expr]:
            sides = _sides(first, values[: len(left.values)]), _sides(second, values[len(left.values) :])
            a, b, h = ([one for side in sides if (one := side[k]) is not None] for k in range(3))
            return _larger(a), _larger(b), h[0] if len(h) == 1 else h[0] + h[1]

        return BOTH, have(self.says.apart, at, parts=[left, right], by=both)

    def index(self) -> Expr:
        """How many j > 0 are at most w: the sum over j of h_j + ... + h_(n-1), and so that of i h_i."""
        n = len(self.marks)
        later = [have(self.says.inside, [n - 1, n], parts=[self.marks[-1]], by=lambda v, h: h)]
        for j in range(n - 2, 0, -1):
            parts = [self.marks[j], later[-1]]
            later.append(have(self.says.inside, [j, n], parts=parts, by=lambda v, h, s: h + s))
        steps = [have(counted, [0, n, *one.at[:1] * 2], parts=[one], by=lambda s: s) for one in reversed(later)]
        return fold(steps, lambda a, b: a + b, counted, at=[0, n])


def _larger(of: Sequence[Expr]) -> Expr:
    """The larger of two, or the only one."""
    return maximum(of[1], of[0]) if len(of) > 1 else of[0]


def _sides(kind: str, values: Sequence[Expr]) -> tuple[Expr | None, Expr | None, Expr | None]:
    """The largest with the digit, the largest without, and whether the winner has it; None where there is none."""
    if kind == BOTH:
        a, b, h = values
        return a, b, h
    v, h = values
    return (v, None, h) if kind == HAVE else (None, v, None)


@registered(
    "bits",
    index_spec,
    INDEX_OPTIONS,
    lambda n: (depth(n), (depth(n) + 2) * n),
)
def bits(
    x: list[Expr],
    gap: Any = None,
    lattice: Any = None,
    ties: str = "first",
    promise: str | None = None,
    key: str = "x[w]",
) -> list[Expr]:
    """As index, in as many layers as the maximum: for each digit, those that have it against those that lack it."""
    n = len(x)
    if n == 1:
        return [const(0)]
    found = _Digits(x, Choice("w", key, separation(gap, lattice), ties))
    y = sum(c * digit.values[0] for c, digit in zip(weights(n), found.digits, strict=True))
    index = have(found.says.whole, [], [y, found.index()])
    return list(have(found.says.whole, [], parts=[index], by=lambda y, s: y).values)
