"""Who won: slack, one-hot, index, and all of it with step units.

No continuous function, hence no ReLU network, gives the exact winner on all of R^n: at a tie it would have to jump. So
each construction states what holds everywhere, and what more holds under its promise. argmin is argmax of -x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from relumax.constructions.options import positive, separation
from relumax.constructions.registry import construction
from relumax.constructions.tournament import depth, rounds
from relumax.errors import SpecError
from relumax.language.condition import Condition
from relumax.language.expr import Expr, const, equals, largest, relu, smallest, step, symbol
from relumax.language.gadget import Gate, maximum
from relumax.language.outline import Invariant, fold, have
from relumax.language.spec import Array, Define, Json, Spec, array, i, point, statement, winner

Recipe = Callable[..., Sequence[Expr]]
w = symbol("w")


def _best(function: str, x: Array) -> Expr:
    """The largest x for argmax, the smallest for argmin."""
    return largest(x) if function == "argmax" else smallest(x)


def _behind(function: str, x: Array) -> Expr:
    """x[i] - m, or m - x[i] for argmin: 0 exactly for winners, negative for the others."""
    return x[i] - largest(x) if function == "argmax" else smallest(x) - x[i]


def _keys(function: str, x: Array) -> tuple[Array, Define]:
    """The array whose largest element wins, x or z = -x for argmin, and its definition."""
    z = array("z", "defined", len(x))
    return (x, {}) if function == "argmax" else (z, {z: -x[i]})


def _points(function: str, n: int, d: Fraction) -> list[Json]:
    """A winner at the first and at the last index, the others tied d below."""
    sign = 1 if function == "argmax" else -1
    return [point([sign * d * (i == w) for i in range(n)], [w]) for w in dict.fromkeys((0, n - 1))]


def registered(
    name: str, spec: Callable[..., Spec], options: dict[str, Any], rough: Callable[[int], tuple[int, int]]
) -> Callable[[Recipe], Recipe]:
    """Register a recipe for argmax, and its mirror image for argmin."""

    def register(recipe: Recipe) -> Recipe:
        def mirrored(x: list[Expr], **given: Any) -> Sequence[Expr]:
            from inspect import signature

            keyed = "key" in signature(recipe).parameters  # what the statement calls the winner's key
            return recipe([-xi for xi in x], **given, **({"key": "z[w]"} if keyed else {}))

        mirrored.__doc__ = f"{recipe.__doc__} (of -x)"
        more: dict[str, Any] = {"options": options, "rough": rough}
        construction("argmax", name, spec=lambda n, **given: spec("argmax", n, **given), **more)(recipe)
        construction("argmin", name, spec=lambda n, **given: spec("argmin", n, **given), **more)(mirrored)
        return recipe

    return register


def slack_spec(function: str, n: int) -> Spec:
    """For all x: y[i] = max(x) - x[i]; it is 0 exactly for winners and positive otherwise."""
    x, y = array("x", "in", n), array("y", "out", n)
    behind = _behind(function, x)
    exactly = (y[i] == 0) & (behind == 0) | (y[i] > 0) & (behind < 0)
    return Spec([x, y], [statement([y[i] + behind == 0, exactly])])


@registered("slack", slack_spec, {}, lambda n: (depth(n), (2 * depth(n) + 1) * n))
def slack(x: list[Expr]) -> list[Expr]:
    """m - x_i for each i, on all of R^n: 0 exactly for winners, ties included, else positive; for all n in Coq."""
    m = rounds(x, maximum)
    return [m - xi for xi in x]


def onehot_spec(function: str, n: int, gap: Any = 1, promise: str = "gap") -> Spec:
    """Everywhere: y[i] in [0,1], 1 exactly for winners, 0 exactly for those that trail by d. With gap d: one-hot."""
    d = positive("gap", gap)
    if promise not in ("gap", "none"):
        raise SpecError("onehot knows the promises none and gap")
    x, y = array("x", "in", n), array("y", "out", n)
    behind, (z, define) = _behind(function, x), _keys(function, x)
    between = (y[i] > 0) & (y[i] < 1) & (behind < 0) & (-d < behind)
    everywhere = statement([(y[i] == 1) & (behind == 0) | between | (y[i] == 0) & (behind <= -d)])
    wins = winner(w, z, gap=d, ties="none") if promise == "gap" else winner(w, z)
    selected = statement(
        [y[w] == 1, (y[i] == 0).where(i != w)],
        [wins],
        [w < n],
        {**define, symbol("m"): _best(function, x)},
        _points(function, n, d),
    )
    return Spec([x, y], [everywhere, selected])


@registered(
    "onehot", onehot_spec, {"gap": Fraction(1), "promise": "gap"}, lambda n: (depth(n) + 1, (2 * depth(n) + 2) * n)
)
def onehot(x: list[Expr], gap: Any = 1, promise: str = "gap", key: str = "x[w]") -> list[Expr]:
    """relu(1 - (m - x_i)/d): 1 just for winners, 0 for those d behind; one-hot with a gap; for all n in Coq (d = 1)."""
    m = largest_of(x, Choice(key=key))
    return [relu(1 - (m - xi) / positive("gap", gap)) for xi in x]


INDEX_OPTIONS = {"gap": None, "lattice": None, "ties": "first", "promise": None}
"""Those of the constructions that `index_spec` states."""


def index_spec(
    function: str, n: int, gap: Any = None, lattice: Any = None, ties: str = "first", promise: str | None = None
) -> Spec:
    """Everywhere: 0 <= y <= n - 1. Under the promise: y is the winner's index."""
    x, y = array("x", "in", n), array("y", "out")
    z, define = _keys(function, x)
    d = separation(gap, lattice)
    if promise == "none":
        wins = winner(w, z, ties=ties)
    elif lattice is not None or promise == "lattice":
        wins = winner(w, z, lattice=d, ties=ties)
    else:
        wins = winner(w, z, gap=d, ties=ties)
    exact = statement([y[0] == w], [wins], [w < n], define, _points(function, n, d))
    return Spec([x, y], [statement([y[0] >= 0, y[0] <= n - 1]), exact])


class Choice(NamedTuple):
    """What a statement calls the winner: its index w and its key.

    The weights tell keys apart that differ by d; of tied keys the first (or last) wins.
    """

    w: str = "w"
    key: str = "x[w]"
    d: Fraction = Fraction(1)
    ties: str = "first"


def largest_of(keys: Sequence[Expr], choice: Choice) -> Expr:
    """The largest key, by a tournament: the winner's where it is among lo..hi, and never more."""
    w, best = symbol(choice.w), symbol(choice.key)
    return fold(keys, maximum, lambda lo, hi, v: [v <= best, (w + 1 <= lo) | (hi + 1 <= w) | equals(v, best)])


def selected(
    keys: Sequence[Expr],
    columns: Sequence[Sequence[Expr]],
    ranges: Sequence[tuple[Fraction, Fraction]],
    choice: Choice,
    prizes: Sequence[str],
    present: Sequence[tuple[str, str]] = (),
) -> list[Expr]:
    """The winner's payload of each column by a tournament of gates: prizes[k], if those of column k are in ranges[k].

    `present` may name what a statement calls the least and the largest payload there is in each column.
    """
    gates = [Gate((high - low) / choice.d) for low, high in ranges]
    w, best = symbol(choice.w), symbol(choice.key)
    before, after = (choice.d, 0) if choice.ties == "first" else (0, choice.d)

    def better(left: Sequence[Expr], right: Sequence[Expr]) -> list[Expr]:
        (b, *pb), (a, *pa) = (left, right) if choice.ties == "first" else (right, left)
        results = [gate.all(a, b, pa[k], pb[k]) for k, gate in enumerate(gates)]
        return [results[0][0], *(payload for _, payload in results)]

    def won(k: int) -> Invariant:
        (low, high), prize = ranges[k], symbol(prizes[k])

        def invariant(lo: Expr, hi: Expr, v: Expr, *q: Expr) -> list[Condition[Expr]]:
            inside = (lo <= w) & (w <= hi) & equals(v, best) & equals(q[k], prize)
            outside = (w + 1 <= lo) & (v + after <= best) | (hi + 1 <= w) & (v + before <= best)
            return [low <= q[k], q[k] <= high, inside | outside]

        return invariant

    def within(k: int, low: Expr | Fraction, high: Expr | Fraction) -> Invariant:
        return lambda lo, hi, v, *q: [low <= q[k], q[k] <= high]

    invariants = [won(k) for k in range(len(columns))]
    for k, (column, bounds) in enumerate(zip(columns, ranges, strict=True)):
        if present:
            invariants.append(within(k, symbol(present[k][0]), symbol(present[k][1])))
        elif all(one.op == "const" for one in column):
            invariants.append(within(k, *bounds))  # whatever is promised
    return list(fold(list(zip(keys, *columns, strict=True)), better, *invariants)[1:])


@registered(
    "index",
    index_spec,
    INDEX_OPTIONS,
    lambda n: (depth(n) + 1, 6 * n),
)
def index(
    x: list[Expr],
    gap: Any = None,
    lattice: Any = None,
    ties: str = "first",
    promise: str | None = None,
    key: str = "x[w]",
) -> list[Expr]:
    """The winner's index: within [0, n - 1] everywhere, exact with a gap d, or on a lattice as numpy.argmax does."""
    last = Fraction(max(len(x) - 1, 1))
    choice = Choice("w", key, separation(gap, lattice), ties)
    return selected(x, [[const(i) for i in range(len(x))]], [(Fraction(0), last)], choice, ["w"])


def step_spec(function: str, n: int) -> Spec:
    """For all x, w the first of the largest: the one-hot vector of w and w itself."""
    x, y, k = array("x", "in", n), array("y", "out", n), array("k", "out", base=n)
    z, define = _keys(function, x)
    ensures = [y[w] == 1, (y[i] == 0).where(i != w), k[0] == w]
    return Spec([x, y, k], [statement(ensures, [winner(w, z)], [w < n], define, _points(function, n, Fraction(1)))])


def beats(x: Sequence[Expr], choice: Choice) -> list[Expr]:
    """For each i, how many others it beats, ties to the lowest index: n - 1 exactly for the winner (step units).

    The count of i among lo..hi (i beats itself there) is at most hi - lo + 1; it is just that for the winner, and less
    for any other where the winner is among them.
    """
    n = len(x)
    w, best = symbol(choice.w), symbol(choice.key)

    def placed(i: Expr, k: Expr) -> Condition[Expr]:
        return equals(w, i) & equals(k, best) | (i + 1 <= w) & (k < best) | (w + 1 <= i) & (k <= best)

    def counted(i: Expr, lo: Expr, hi: Expr, c: Expr) -> list[Condition[Expr]]:
        most = hi - lo + 1
        unless = (w + 1 <= i) | (i + 1 <= w) | equals(c, most)
        return [c <= most, unless, equals(w, i) | (w + 1 <= lo) | (hi + 1 <= w) | (c + 1 <= most)]

    ranked = [have(placed, [i], [xi]) for i, xi in enumerate(x)]

    def against(i: int, j: int) -> Any:
        if i == j:
            return const(1)
        pair = (ranked[i], ranked[j]) if i < j else (ranked[j], ranked[i])
        return have(counted, [i, j, j], parts=pair, by=_ahead if i < j else _behind_of)

    return [fold([against(i, j) for j in range(n)], _plus, counted, at=[i]) - 1 for i in range(n)]


def _ahead(a: Expr, b: Expr) -> Expr:
    return step(a - b)


def _behind_of(a: Expr, b: Expr) -> Expr:
    return 1 - step(a - b)


def _plus(a: Expr, b: Expr) -> Expr:
    return a + b


def added(parts: Sequence[Expr], choice: Choice, prize: Expr) -> Expr:
    """The sum of parts of which only the winner's is not 0: that one is the prize."""
    w = symbol(choice.w)

    def left(lo: Expr, hi: Expr, q: Expr) -> Condition[Expr]:
        inside = (lo <= w) & (w <= hi) & equals(q, prize)
        return inside | (w + 1 <= lo) & equals(q, 0) | (hi + 1 <= w) & equals(q, 0)

    return fold(parts, _plus, left)


def let_through(
    payloads: Sequence[Expr], wins: Sequence[Expr], low: Fraction, high: Fraction, choice: Choice, prize: str
) -> Expr:
    """The payload of the one that `wins` n - 1 times, all of them being in [low, high]: for all others a relu is 0."""
    last = len(payloads) - 1
    passed = [relu(relu(p - low) - (high - low) * (last - won)) for p, won in zip(payloads, wins, strict=True)]
    return low + added(passed, choice, symbol(prize) - low)


@registered("step", step_spec, {}, lambda n: (2, n * (n + 1) // 2))
def with_steps(x: list[Expr], key: str = "x[w]") -> list[Expr]:
    """One-hot vector and index of the first winner on all of R^n, with step units, in 2 hidden layers."""
    choice = Choice(key=key)
    hot = [step(wins - (len(x) - 1)) for wins in beats(x, choice)]
    return [*hot, added([i * h for i, h in enumerate(hot)], choice, symbol("w"))]
