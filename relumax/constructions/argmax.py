"""Who won: slack, one-hot, index, and all of it with step units.

No continuous function, hence no ReLU network, gives the exact winner on all of R^n: at a tie it would have to jump. So
each construction states what holds everywhere, and what more holds under its promise. argmin is argmax of -x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from relumax.constructions.options import first_winner, positive, separation, winner
from relumax.constructions.registry import construction
from relumax.constructions.tournament import rounds
from relumax.errors import SpecError
from relumax.language.expr import Expr, const, relu, step
from relumax.language.gadget import Gate, maximum
from relumax.language.spec import Json, Spec, array, atom, clause, form, point, statement

Recipe = Callable[..., Sequence[Expr]]


def _best(function: str) -> Json:
    """m, the largest x for argmax, the smallest for argmin."""
    return {"name": "m", "kind": "max" if function == "argmax" else "min", "of": "x"}


def _behind(function: str) -> dict[str, int]:
    """x[i] - m, or m - x[i] for argmin: 0 exactly for winners, negative for the others."""
    return {"x[i]": 1, "m": -1} if function == "argmax" else {"m": 1, "x[i]": -1}


def _keys(function: str, n: int) -> tuple[list[Json], str]:
    """Definitions and name of the array whose largest element wins: x, or z = -x for argmin."""
    if function == "argmax":
        return [], "x"
    return [{"name": "z", "kind": "form", "length": n, "form": form({"x[i]": -1})}], "z"


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
    behind = _behind(function)
    value = clause([atom({"y[i]": 1, **behind}, "=")], each=n)
    exactly = clause([atom({"y[i]": 1}, "="), atom(behind, "=")], [atom({"y[i]": -1}, "<"), atom(behind, "<")], each=n)
    return Spec([array("x", "in", n), array("y", "out", n)], [statement([value, exactly], [_best(function)])])


@_registered("slack", slack_spec, {})
def slack(x: list[Expr]) -> list[Expr]:
    """m - x_i for each i: 0 exactly for the winners, positive for the others, on all of R^n, ties included."""
    m = rounds(x, maximum)
    return [m - xi for xi in x]


def onehot_spec(function: str, n: int, gap: Any = 1, promise: str = "gap") -> Spec:
    """Everywhere: y[i] in [0,1], 1 exactly for winners, 0 exactly for those that trail by d. With gap d: one-hot."""
    d = positive("gap", gap)
    keys, z = _keys(function, n)
    behind = _behind(function)
    everywhere = clause(
        [atom({"y[i]": 1}, "=", -1), atom(behind, "=")],
        [
            atom({"y[i]": -1}, "<"),
            atom({"y[i]": 1}, "<", -1),
            atom(behind, "<"),
            atom({v: -c for v, c in behind.items()}, "<", -d),
        ],
        [atom({"y[i]": 1}, "="), atom(behind, "<=", d)],
        each=n,
    )
    hot = clause([atom({"y[w]": 1}, "=", -1)])
    cold = clause([atom({"y[i]": 1}, "=")], each=n, where=["except", "w"])
    if promise == "gap":
        plain = ["gap", d.numerator, d.denominator]
        requirement = {"winner": "w", "of": z, "before": plain, "after": plain, "lattice": None}
    elif promise == "none":
        requirement = first_winner("w", z)
    else:
        raise SpecError("onehot knows the promises none and gap")
    selected = statement([hot, cold], [*keys, _best(function)], [requirement], [["w", n]], _points(function, n, d))
    return Spec([array("x", "in", n), array("y", "out", n)], [statement([everywhere], [_best(function)]), selected])


@_registered("onehot", onehot_spec, {"gap": Fraction(1), "promise": "gap"})
def onehot(x: list[Expr], gap: Any = 1, promise: str = "gap") -> list[Expr]:
    """relu(1 - (m - x_i)/d): 1 exactly for winners, 0 exactly for those trailing by d; one-hot with a gap of d."""
    m = rounds(x, maximum)
    return [relu(1 - (m - xi) / positive("gap", gap)) for xi in x]


def index_spec(
    function: str, n: int, gap: Any = None, lattice: Any = None, ties: str = "first", promise: str | None = None
) -> Spec:
    """Everywhere: 0 <= y <= n - 1. Under the promise: y is the winner's index."""
    keys, z = _keys(function, n)
    d = separation(gap, lattice)
    inside = [clause([atom({"y[0]": -1}, "<=")]), clause([atom({"y[0]": 1}, "<=", 1 - n)])]
    exact = clause([atom({"y[0]": 1, "w": -1}, "=")])
    known = promise or ("gap" if lattice is None else "lattice")
    if known == "lattice" and lattice is None:
        lattice = d
    requirement = first_winner("w", z, ties) if known == "none" else winner("w", z, gap, lattice, ties)
    selected = statement([exact], keys, [requirement], [["w", n]], _points(function, n, d))
    return Spec([array("x", "in", n), array("y", "out", 1)], [statement(inside), selected])


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
    keys, z = _keys(function, n)
    hot = clause([atom({"y[w]": 1}, "=", -1)])
    cold = clause([atom({"y[i]": 1}, "=")], each=n, where=["except", "w"])
    which = clause([atom({"k[0]": 1, "w": -1}, "=")])
    one = statement([hot, cold, which], keys, [first_winner("w", z)], [["w", n]], _points(function, n, Fraction(1)))
    return Spec([array("x", "in", n), array("y", "out", n), array("k", "out", 1, n)], [one])


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
