"""Who won: slack, one-hot, index, and all of it with step units.

No continuous function, hence no ReLU network, gives the exact winner on all of R^n: at a tie it would have to jump. So
each construction states what holds everywhere, and what more holds under its promise. argmin is argmax of -x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from relumax.constructions.options import positive, separation
from relumax.constructions.registry import construction
from relumax.constructions.tournament import rounds
from relumax.errors import SpecError
from relumax.language.expr import Expr, const, largest, relu, smallest, step, symbol
from relumax.language.gadget import Gate, maximum
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


def _registered(name: str, spec: Callable[..., Spec], options: dict[str, Any]) -> Callable[[Recipe], Recipe]:
    """Register a recipe for argmax, and its mirror image for argmin."""

    def register(recipe: Recipe) -> Recipe:
        def mirrored(x: list[Expr], **given: Any) -> Sequence[Expr]:
            return recipe([-xi for xi in x], **given)

        mirrored.__doc__ = f"{recipe.__doc__} (of -x)"
        construction("argmax", name, spec=lambda n, **given: spec("argmax", n, **given), options=options)(recipe)
        construction("argmin", name, spec=lambda n, **given: spec("argmin", n, **given), options=options)(mirrored)
        return recipe

    return register


def slack_spec(function: str, n: int) -> Spec:
    """For all x: y[i] = max(x) - x[i]; it is 0 exactly for winners and positive otherwise."""
    x, y = array("x", "in", n), array("y", "out", n)
    behind = _behind(function, x)
    exactly = (y[i] == 0) & (behind == 0) | (y[i] > 0) & (behind < 0)
    return Spec([x, y], [statement([y[i] + behind == 0, exactly])])


@_registered("slack", slack_spec, {})
def slack(x: list[Expr]) -> list[Expr]:
    """m - x_i for each i: 0 exactly for the winners, positive for the others, on all of R^n, ties included."""
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


@_registered("onehot", onehot_spec, {"gap": Fraction(1), "promise": "gap"})
def onehot(x: list[Expr], gap: Any = 1, promise: str = "gap") -> list[Expr]:
    """relu(1 - (m - x_i)/d): 1 exactly for winners, 0 exactly for those trailing by d; one-hot with a gap of d."""
    m = rounds(x, maximum)
    return [relu(1 - (m - xi) / positive("gap", gap)) for xi in x]


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


Ranked = tuple[Expr, list[Expr]]


def selected(
    keys: Sequence[Expr], payloads: Sequence[Sequence[Expr]], factors: Sequence[Fraction], ties: str
) -> Ranked:
    """The winner's key and payload vector by a tournament of gates; of tied keys the first (or last) wins."""
    gates = [Gate(factor) for factor in factors]

    def better(left: Ranked, right: Ranked) -> Ranked:
        (b, pb), (a, pa) = (left, right) if ties == "first" else (right, left)
        results = [gate.all(a, b, pa[k], pb[k]) for k, gate in enumerate(gates)]
        return results[0][0], [payload for _, payload in results]

    ranked = [(key, list(payload)) for key, payload in zip(keys, payloads, strict=True)]
    while len(ranked) > 1:
        bye = ranked[len(ranked) - len(ranked) % 2 :]
        ranked = [better(left, right) for left, right in zip(ranked[::2], ranked[1::2], strict=False)] + bye
    return ranked[0]


@_registered("index", index_spec, {"gap": None, "lattice": None, "ties": "first", "promise": None})
def index(
    x: list[Expr], gap: Any = None, lattice: Any = None, ties: str = "first", promise: str | None = None
) -> list[Expr]:
    """The winner's index: within [0, n - 1] everywhere, exact with a gap d, or on a lattice as numpy.argmax does."""
    d = separation(gap, lattice)
    factor = Fraction(max(len(x) - 1, 1)) / d
    return selected(x, [[const(i)] for i in range(len(x))], [factor], ties)[1]


def step_spec(function: str, n: int) -> Spec:
    """For all x, w the first of the largest: the one-hot vector of w and w itself."""
    x, y, k = array("x", "in", n), array("y", "out", n), array("k", "out", base=n)
    z, define = _keys(function, x)
    ensures = [y[w] == 1, (y[i] == 0).where(i != w), k[0] == w]
    return Spec([x, y, k], [statement(ensures, [winner(w, z)], [w < n], define, _points(function, n, Fraction(1)))])


def beats(x: Sequence[Expr]) -> list[Expr]:
    """For each i, how many others it beats, ties to the lowest index: n - 1 exactly for the winner (step units)."""
    n = len(x)
    ahead = {(i, j): step(x[i] - x[j]) for i in range(n) for j in range(i + 1, n)}
    return [sum((ahead[i, j] if i < j else 1 - ahead[j, i] for j in range(n) if j != i), const(0)) for i in range(n)]


def let_through(payloads: Sequence[Expr], wins: Sequence[Expr], low: Fraction, high: Fraction) -> Expr:
    """The payload of the one that `wins` n - 1 times, all of them being in [low, high]: for all others a relu is 0."""
    last = len(payloads) - 1
    passed = (relu(relu(p - low) - (high - low) * (last - won)) for p, won in zip(payloads, wins, strict=True))
    return low + sum(passed, const(0))


@_registered("step", step_spec, {})
def with_steps(x: list[Expr]) -> list[Expr]:
    """One-hot vector and index of the first winner on all of R^n, with step units, in 2 hidden layers."""
    hot = [step(wins - (len(x) - 1)) for wins in beats(x)]
    return [*hot, sum((i * h for i, h in enumerate(hot)), const(0))]
