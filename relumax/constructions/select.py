"""What the winner carries: the essay's "squeezing it into the input numbers" (pack) and "a slightly bigger subnetwork" (gate).

Inputs are the keys x_0..x_{n-1}, then the payloads p_0..p_{n-1}, each a vector of k numbers (k = 1 unless said).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from relumax.constructions.argmax import beats, selected
from relumax.constructions.options import first_winner, interval, separation, winner
from relumax.constructions.registry import construction
from relumax.constructions.tournament import rounds
from relumax.errors import SpecError
from relumax.language.expr import Expr, relu
from relumax.language.gadget import clip, maximum
from relumax.language.spec import Json, Spec, array, atom, clause, form, point, statement

UNIT = (Fraction(0), Fraction(1))


def _count(n: int, payload_dim: int = 1, **_: Any) -> int:
    return n * (1 + payload_dim)


def _arrays(n: int, k: int) -> list[Json]:
    """x, then the payload coordinates p (or p0, p1, ...), each an array over the options; outputs y (y0, y1, ...)."""
    names = _names("p", k)
    inputs = [array(name, "in", n, n + j, k) for j, name in enumerate(names)]
    return [array("x", "in", n), *inputs, *[array(name, "out", 1, j) for j, name in enumerate(_names("y", k))]]


def _names(base: str, k: int) -> list[str]:
    return [base] if k == 1 else [f"{base}{j}" for j in range(k)]


def _points(n: int, k: int, d: Fraction, low: Fraction, high: Fraction) -> list[Json]:
    """The first and the last index win; payloads at both ends of their range."""
    payloads = [high if (i + j) % 2 else low for i in range(n) for j in range(k)]
    return [point([*[d * (i == w) for i in range(n)], *payloads], [w]) for w in dict.fromkeys((0, n - 1))]


def _split(x: list[Expr], k: int) -> tuple[list[Expr], list[list[Expr]]]:
    n = len(x) // (k + 1)
    return x[:n], [x[n + i * k : n + (i + 1) * k] for i in range(n)]


def _within(names: Sequence[str], n: int, low: Fraction, high: Fraction) -> list[Json]:
    """Every payload lies in [low, high]."""
    return [
        clause([atom({f"{p}[i]": -1}, "<=", low), atom({f"{p}[i]": 1}, "<=", -high)], each=n) for p in names
    ]


def gate_spec(
    n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1, promise: str = "gap"
) -> Spec:
    """Everywhere: y within the range of the payloads present. Under the promise: the first winner's payload."""
    d, (low, high) = separation(gap, None), interval("payload-range", payload_range)
    ps, ys = _names("p", payload_dim), _names("y", payload_dim)
    define, inside = [], []
    for p, y in zip(ps, ys, strict=True):
        define += [{"name": f"lo{p}", "kind": "min", "of": p}, {"name": f"hi{p}", "kind": "max", "of": p}]
        inside += [clause([atom({f"lo{p}": 1, f"{y}[0]": -1}, "<=")]), clause([atom({f"{y}[0]": 1, f"hi{p}": -1}, "<=")])]
    exact = [clause([atom({f"{y}[0]": 1, f"{p}[w]": -1}, "=")]) for p, y in zip(ps, ys, strict=True)]
    requirement = first_winner("w", "x") if promise == "none" else winner("w", "x", gap)
    under = statement(
        exact, [], [requirement, *_within(ps, n, low, high)], [["w", n]], _points(n, payload_dim, d, low, high)
    )
    return Spec(_arrays(n, payload_dim), [statement(inside, define), under])


@construction(
    "select",
    "gate",
    spec=gate_spec,
    options={"gap": Fraction(1), "payload_range": UNIT, "payload_dim": 1, "promise": "gap"},
    inputs=_count,
)
def gate(
    x: list[Expr], gap: Any = 1, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1, promise: str = "gap"
) -> list[Expr]:
    """The winner's payload by a tournament of gates: never outside the payloads' range, exact with a gap d."""
    low, high = interval("payload-range", payload_range)
    keys, payloads = _split(x, payload_dim)
    return selected(keys, payloads, [(high - low) / separation(gap, None)] * payload_dim, "first")[1]


def step_spec(n: int, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1) -> Spec:
    """For all keys, payloads in [lo, hi], w the first of the largest keys: y = p[w]."""
    low, high = interval("payload-range", payload_range)
    ps, ys = _names("p", payload_dim), _names("y", payload_dim)
    exact = [clause([atom({f"{y}[0]": 1, f"{p}[w]": -1}, "=")]) for p, y in zip(ps, ys, strict=True)]
    one = statement(
        exact,
        [],
        [first_winner("w", "x"), *_within(ps, n, low, high)],
        [["w", n]],
        _points(n, payload_dim, Fraction(1), low, high),
    )
    return Spec(_arrays(n, payload_dim), [one])


@construction("select", "step", spec=step_spec, options={"payload_range": UNIT, "payload_dim": 1}, inputs=_count)
def with_steps(x: list[Expr], payload_range: Sequence[Any] = UNIT, payload_dim: int = 1) -> list[Expr]:
    """The first winner's payload for all keys, payloads in [lo, hi]; step and relu units, 2 hidden layers."""
    low, high = interval("payload-range", payload_range)
    keys, payloads = _split(x, payload_dim)
    short = [(high - low) * (len(keys) - 1 - wins) for wins in beats(keys)]
    return [
        low + sum((relu(relu(payload[j] - low) - s) for payload, s in zip(payloads, short, strict=True)), 0 * x[0])
        for j in range(payload_dim)
    ]
