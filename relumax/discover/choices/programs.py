"""Trees of gates, and units that say who wins, as the programs they are, with the invariant of their joins.

The keys are z, in the order of the tree, and the payloads p, as the sentence has them. Each join hands on the larger
key and, by a gate of its own slope, what that carries. Engine `modular` recognises the program in the network, however
that scales and carries it, and follows the invariant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from relumax.discover.choices.meanings import Form, Leaves
from relumax.language.condition import Condition
from relumax.language.expr import Expr, const, equals, input_count, inputs, relu, symbol
from relumax.language.gadget import Gadget, Gate, maximum
from relumax.language.outline import Fold, Invariant, Stated


class Join(NamedTuple):
    """Joins the last two of what a tree has in its order; its gate lets the `second` through (or the first) if larger.

    If `mirrored` it clips the opposite of the payloads' difference.
    """

    slope: Fraction
    second: bool
    mirrored: bool = False


Order = tuple[Form | Join, ...]
"""A tree: keys, and after both of its parts, each join."""


def moved(order: Order, key: Callable[[Form], Form], times: Fraction) -> Order:
    """The tree with other keys, and the payloads' differences, per difference of keys, times a number that is not 0."""
    return tuple(
        [
            Join(one.slope * abs(times), one.second, one.mirrored != (times < 0)) if isinstance(one, Join) else key(one)
            for one in order
        ]
    )


def together(below: Order, above: Order, slope: Fraction) -> Order:
    """A gate over two trees."""
    return (*below, *above, Join(slope, True))


def arranged(order: Order) -> Order:
    """The tree with the parts of each join in the order of the first inputs that their keys read."""
    stack: list[tuple[tuple[list[int], Form], Order]] = []
    for one in order:
        if isinstance(one, Join):
            last, first = stack.pop(), stack.pop()
            if last[0] < first[0]:
                first, last, one = last, first, one._replace(second=not one.second)
            stack.append((first[0], (*first[1], *last[1], one)))
        else:
            stack.append((([v for v, _ in one[2]] or [1 << 60], one), (one,)))
    ((_, found),) = stack
    return found


def keys_of(order: Order) -> Iterator[Form]:
    """The keys of a tree, in its order."""
    return (one for one in order if not isinstance(one, Join))


def program(order: Order, payloads: Leaves, gap: Fraction, slope: Fraction | None, count: int) -> tuple[Expr, ...]:
    """What the winner carries, as a program of `count` inputs; keys that lead lead by `gap`.

    Payloads are numbers, or else within `slope` of the winner's.
    """
    x, w, best, prize = inputs(count), symbol("w"), symbol("z[w]"), symbol("p[w]")
    values = [Fraction(const, den) for den, const, _ in payloads]
    low, high = (const(min(values)), const(max(values))) if slope is None else (prize - slope, prize + slope)

    def carried(lo: Expr, hi: Expr, v: Expr, q: Expr) -> list[Condition[Expr]]:
        inside = (lo <= w) & (w <= hi) & equals(v, best) & equals(q, prize)
        outside = (w + 1 <= lo) & (v + gap <= best) | (hi + 1 <= w) & (v + gap <= best)
        return [low <= q, q <= high, inside | outside]

    leaves = [(_affine(key, x), _affine(payload, x)) for key, payload in zip(keys_of(order), payloads, strict=True)]
    return _whole(_folded(order, leaves, _joining, carried)[1:], count)


def winners_program(order: Order, gap: Fraction, count: int) -> tuple[Expr, ...]:
    """For each key z, 1 if it leads and 0 if it trails by the gap, as a program of `count` inputs."""
    x, w, best = inputs(count), symbol("w"), symbol("z[w]")
    keys = [_affine(key, x) for key in keys_of(order)]

    def largest(lo: Expr, hi: Expr, v: Expr) -> list[Condition[Expr]]:
        return [v <= best, (w + 1 <= lo) | (hi + 1 <= w) | equals(v, best)]

    (most,) = _folded(order, [(key,) for key in keys], _larger, largest)
    return _whole(tuple([relu(1 - (most - key) / gap) for key in keys]), count)


def _whole(outputs: tuple[Expr, ...], count: int) -> tuple[Expr, ...]:
    """The program if it reads as many inputs as the network; one that stops short would be of another space."""
    return outputs if input_count(outputs) == count else ()


def _folded(
    order: Order, leaves: Sequence[tuple[Expr, ...]], joining: Callable[[Join], Callable[..., Any]], holds: Invariant
) -> tuple[Expr, ...]:
    """The leaves joined as the tree says, and the invariant stated of each node."""
    folds: dict[Join, Fold] = {}
    stack: list[Stated] = []
    numbered = enumerate(leaves)
    for one in order:
        if isinstance(one, Join):
            right, left = stack.pop(), stack.pop()
            made = folds.setdefault(one, Fold(joining(one), (holds,), (), False))
            stack.append(made.joined(left, right))
        else:
            i, values = next(numbered)
            stack.append(Stated((holds,), (i, i), values, f"leaf {i}"))
    (root,) = stack
    return root.values


def _larger(join: Join) -> Callable[[Sequence[Expr], Sequence[Expr]], tuple[Expr, ...]]:
    def better(left: Sequence[Expr], right: Sequence[Expr]) -> tuple[Expr, ...]:
        (b,), (a,) = (left, right) if join.second else (right, left)
        return (maximum(a, b),)

    return better


def _affine(value: Form, x: Sequence[Expr]) -> Expr:
    den, number, terms = value
    found: Expr = const(Fraction(number, den))
    for v, c in terms:
        found += Fraction(c, den) * x[v]
    return found


def _joining(join: Join) -> Callable[[Sequence[Expr], Sequence[Expr]], tuple[Expr, ...]]:
    gate = _gate(join.slope, join.mirrored)

    def better(left: Sequence[Expr], right: Sequence[Expr]) -> tuple[Expr, ...]:
        (b, q), (a, p) = (left, right) if join.second else (right, left)
        return gate.all(a, b, p, q)

    return better


@cache
def _gate(slope: Fraction, mirrored: bool) -> Gadget:
    """A gate; mirrored, it clips q - p where another clips p - q, which has the same contract."""
    plain = Gate(slope)
    if not mirrored:
        return plain

    def gate(a: Expr, b: Expr, p: Expr, q: Expr) -> tuple[Expr, ...]:
        larger = relu(a - b)
        r = slope * larger
        return b + larger, q + r - relu(q - p + r) + relu(q - p - r)

    return Gadget(gate, None, plain.ensures)
