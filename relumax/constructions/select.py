"""What the winner carries: squeezed into the input numbers (pack), or by a slightly bigger subnetwork (gate).

Inputs are the keys x_0..x_{n-1}, then the payloads p_0..p_{n-1}, each a vector of k numbers (k = 1 unless said).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from relumax.constructions.argmax import Choice, beats, largest_of, let_through, selected
from relumax.constructions.options import first_winner, interval, separation, winner
from relumax.constructions.registry import construction
from relumax.errors import SpecError
from relumax.language.expr import Expr, const, equals, relu, symbol
from relumax.language.gadget import Condition
from relumax.language.outline import fold
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
    return [clause([atom({f"{p}[i]": -1}, "<=", low), atom({f"{p}[i]": 1}, "<=", -high)], each=n) for p in names]


def gate_spec(
    n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1, promise: str = "gap"
) -> Spec:
    """Everywhere: y within the range of the payloads present. Under the promise: the first winner's payload."""
    d, (low, high) = separation(gap, None), interval("payload-range", payload_range)
    ps, ys = _names("p", payload_dim), _names("y", payload_dim)
    define, inside = [], []
    for p, y in zip(ps, ys, strict=True):
        define += [{"name": f"lo{p}", "kind": "min", "of": p}, {"name": f"hi{p}", "kind": "max", "of": p}]
        inside += [
            clause([atom({f"lo{p}": 1, f"{y}[0]": -1}, "<=")]),
            clause([atom({f"{y}[0]": 1, f"hi{p}": -1}, "<=")]),
        ]
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
    names, columns = _names("p", payload_dim), list(zip(*payloads, strict=True))
    present = [(f"lo{p}", f"hi{p}") for p in names]
    choice = Choice(d=separation(gap, None))
    return selected(keys, columns, [(low, high)] * payload_dim, choice, [f"{p}[w]" for p in names], present)


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
    choice = Choice()
    wins = beats(keys, choice)
    columns = zip(_names("p", payload_dim), zip(*payloads, strict=True), strict=True)
    return [let_through(column, wins, low, high, choice, f"{p}[w]") for p, column in columns]


def pack_spec(
    n: int, lattice: Any = 1, key_range: Sequence[Any] = (), margin: Any = None, payload_dim: int = 1
) -> Spec:
    """Everywhere: y = max(x + p). Where keys are equal or s apart: w has the largest key, and of tied keys the largest
    payload; y = x[w] + p[w], and the decoder gives both apart. Keys on a lattice of step s are a special case."""
    s, g, low, levels = _lattice(lattice, key_range, margin, payload_dim)
    packed = {"name": "z", "kind": "form", "length": n, "form": form({"x[i]": 1, "p[i]": 1})}
    best = {"name": "m", "kind": "max", "of": "z"}
    outputs = ["y", "k", "q"] if key_range else ["y"]
    arrays = [array("x", "in", n), array("p", "in", n, n), *[array(o, "out", 1, j) for j, o in enumerate(outputs)]]
    everywhere = statement([clause([atom({"y[0]": 1, "m": -1}, "=")])], [packed, best])
    heaviest = {"winner": "w", "of": "z", "before": ["<="], "after": ["<="], "lattice": None}
    apart = clause(
        [atom({"x[i]": 1, "x[w]": -1}, "<=", s)],
        [atom({"x[i]": 1, "x[w]": -1}, "=")],
        [atom({"x[w]": 1, "x[i]": -1}, "<=", s)],
        each=n,
    )
    requires = [heaviest, apart, *_within(["p"], n, Fraction(0), s - g)]
    ensures = [
        clause([atom({"y[0]": 1, "x[w]": -1, "p[w]": -1}, "=")]),
        clause(
            [atom({"x[i]": 1, "x[w]": -1}, "<")],
            [atom({"x[i]": 1, "x[w]": -1}, "="), atom({"p[i]": 1, "p[w]": -1}, "<=")],
            each=n,
        ),
    ]
    if key_range:
        steps = {"x[w]": 1, "i": -s}
        requires += [clause([atom({"x[w]": -1}, "<=", low), atom({"x[w]": 1}, "<=", -low - s * levels)])]
        if levels:
            requires.append(clause([atom(steps, "<=", -low)], [atom({"x[w]": -1, "i": s}, "<=", low + s)], each=levels))
        ensures += [clause([atom({"k[0]": 1, "x[w]": -1}, "=")]), clause([atom({"q[0]": 1, "p[w]": -1}, "=")])]
    points = [
        point([*[low + s * levels * (i == w) - (0 if levels else s) * (i != w) for i in range(n)],
               *[(s - g) * (i == w) for i in range(n)]], [w])
        for w in dict.fromkeys((0, n - 1))
    ]  # fmt: skip
    return Spec(arrays, [everywhere, statement(ensures, [packed, best], requires, [["w", n]], points)])


def _lattice(
    lattice: Any, key_range: Sequence[Any], margin: Any, payload_dim: int
) -> tuple[Fraction, Fraction, Fraction, int]:
    """(step s, margin g, lowest key, number of steps above it)."""
    if payload_dim != 1:
        raise SpecError(
            "select/pack squeezes one number into the key: no continuous injection of R^k into R exists for k > 1, so "
            "all but the last coordinate would need a lattice of their own; use select/gate for vectors"
        )
    s = separation(None, lattice)
    g = s / 2 if margin is None else separation(margin, None)
    if g >= s:
        raise SpecError(f"--margin must be below the lattice step {s}, not {g}")
    if not key_range:
        return s, g, Fraction(0), 0
    low, high = interval("key-range", key_range)
    if (high - low) % s:
        raise SpecError(f"--key-range must span a whole number of lattice steps {s}, not {high - low}")
    return s, g, low, int((high - low) / s)


@construction(
    "select",
    "pack",
    spec=pack_spec,
    options={"lattice": Fraction(1), "key_range": (), "margin": None, "payload_dim": 1},
    inputs=_count,
)
def pack(
    x: list[Expr], lattice: Any = 1, key_range: Sequence[Any] = (), margin: Any = None, payload_dim: int = 1
) -> list[Expr]:
    """The payload rides in the key's low part: max(x + p), with a decoder the winner's key and payload apart."""
    s, g, low, levels = _lattice(lattice, key_range, margin, payload_dim)
    keys, payloads = _split(x, 1)
    packed = largest_of([key + payload[0] for key, payload in zip(keys, payloads, strict=True)], Choice(key="z[w]"))
    if not key_range:
        return [packed]
    top = symbol("x[w]")

    def climbed(lo: Expr, hi: Expr, t: Expr) -> Condition:
        start, end = low + s * lo, low + s * (hi + 1)
        between = (start <= top) & (top <= end) & equals(s * t, top - start)
        return (top <= start) & equals(t, 0) | between | (end <= top) & equals(t, hi + 1 - lo)

    over = [(packed - (low + s * j)) / g for j in range(1, levels + 1)]
    steps = [relu(t + 1) - relu(t) for t in over]
    key = low + s * fold(steps, lambda a, b: a + b, climbed) if steps else const(low)
    return [packed, key, packed - key]
