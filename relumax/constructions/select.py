"""What the winner carries: squeezed into the input (pack), by a slightly bigger subnetwork (gate), by shares (prefix).

Inputs are the keys x_0..x_{n-1}, then the payloads p_0..p_{n-1}, each a vector of k numbers (k = 1 unless said).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from relumax.constructions.argmax import Choice, beats, largest_of, let_through, selected
from relumax.constructions.options import coordinates, interval, separation
from relumax.constructions.prefix import shares
from relumax.constructions.registry import construction
from relumax.constructions.tournament import depth
from relumax.errors import SpecError
from relumax.language.condition import Condition
from relumax.language.expr import Expr, const, equals, largest, relu, smallest, symbol
from relumax.language.outline import Stated, fold, have
from relumax.language.spec import (
    Array,
    Define,
    Json,
    Requirement,
    Spec,
    Statement,
    Winner,
    array,
    i,
    point,
    statement,
    winner,
)

w = symbol("w")
UNIT = (Fraction(0), Fraction(1))


def _count(n: int, payload_dim: int = 1, **_: Any) -> int:
    return n * (1 + payload_dim)


def _payloads(n: int, k: int) -> tuple[Array, list[Array], list[Array]]:
    """x, then the payload coordinates p (or p0, p1, ...), each an array over the options; outputs y (y0, y1, ...)."""
    ps = [array(name, "in", n, n + j, k) for j, name in enumerate(coordinates("p", k))]
    return array("x", "in", n), ps, [array(name, "out", base=j) for j, name in enumerate(coordinates("y", k))]


def _points(n: int, k: int, d: Fraction, low: Fraction, high: Fraction) -> list[Json]:
    """The first and the last index win; payloads at both ends of their range."""
    payloads = [high if (i + j) % 2 else low for i in range(n) for j in range(k)]
    return [point([*[d * (i == w) for i in range(n)], *payloads], [w]) for w in dict.fromkeys((0, n - 1))]


def _split(x: list[Expr], k: int) -> tuple[list[Expr], list[list[Expr]]]:
    n = len(x) // (k + 1)
    return x[:n], [x[n + i * k : n + (i + 1) * k] for i in range(n)]


def gate_spec(
    n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1, promise: str = "gap"
) -> Spec:
    """Everywhere: y within the range of the payloads present. Under the promise: the first winner's payload."""
    d, (low, high) = separation(gap, None), interval("payload-range", payload_range)
    x, ps, ys = _payloads(n, payload_dim)
    ends = ("lo", smallest), ("hi", largest)
    ranges: Define = {symbol(f"{end}{p.name}"): best(p) for p in ps for end, best in ends}
    inside = [side for p, y in zip(ps, ys, strict=True) for side in (smallest(p) <= y[0], y[0] <= largest(p))]
    wins = winner(w, x) if promise == "none" else winner(w, x, gap=d)
    carries = _carries(wins, ps, ys, low, high, _points(n, payload_dim, d, low, high))
    return Spec([x, *ps, *ys], [statement(inside, define=ranges), carries])


def _carries(
    wins: Winner, ps: list[Array], ys: list[Array], low: Fraction, high: Fraction, points: list[Json]
) -> Statement:
    """Where w wins and every payload lies in [low, high]: y = p[w]."""
    exact = [y[0] == p[w] for p, y in zip(ps, ys, strict=True)]
    return statement(exact, [wins, *[(low <= p[i]) & (p[i] <= high) for p in ps]], [w < len(wins.of)], points=points)


GATE_OPTIONS = {"gap": Fraction(1), "payload_range": UNIT, "payload_dim": 1, "promise": "gap"}
"""What `gate_spec` and `prefix_spec` ask."""


@construction(
    "select",
    "gate",
    spec=gate_spec,
    options=GATE_OPTIONS,
    inputs=_count,
    rough=lambda n: (depth(n) + 1, 8 * n),
)
def gate(
    x: list[Expr], gap: Any = 1, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1, promise: str = "gap"
) -> list[Expr]:
    """The winner's payload by a tournament of gates: never outside the payloads' range, exact with a gap d."""
    low, high = interval("payload-range", payload_range)
    keys, payloads = _split(x, payload_dim)
    names, columns = coordinates("p", payload_dim), list(zip(*payloads, strict=True))
    present = [(f"lo{p}", f"hi{p}") for p in names]
    choice = Choice(d=separation(gap, None))
    return selected(keys, columns, [(low, high)] * payload_dim, choice, [f"{p}[w]" for p in names], present)


def prefix_spec(
    n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1, promise: str = "gap"
) -> Spec:
    """Payloads in [lo, hi]: lo <= y, and y is at most the largest. Under the promise: the first winner's payload."""
    d, (low, high) = separation(gap, None), interval("payload-range", payload_range)
    x, ps, ys = _payloads(n, payload_dim)
    present = [(low <= p[i]) & (p[i] <= high) for p in ps]
    inside = [side for p, y in zip(ps, ys, strict=True) for side in (low <= y[0], y[0] <= largest(p))]
    wins = winner(w, x) if promise == "none" else winner(w, x, gap=d)
    carries = _carries(wins, ps, ys, low, high, _points(n, payload_dim, d, low, high))
    ends: Define = {symbol(f"hi{p.name}"): largest(p) for p in ps}
    return Spec([x, *ps, *ys], [statement(inside, present, define=ends), carries])


@construction(
    "select",
    "prefix",
    spec=prefix_spec,
    options=GATE_OPTIONS,
    inputs=_count,
    rough=lambda n: (depth(n) + 2, 2 * (depth(n) + 2) * n),
)
def prefix(
    x: list[Expr], gap: Any = 1, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1, promise: str = "gap"
) -> list[Expr]:
    """As gate, but each payload is let through by its option's share, as argmax/prefix tells it: slopes of 1/d."""
    ends = interval("payload-range", payload_range)
    keys, payloads = _split(x, payload_dim)
    choice = Choice(d=separation(gap, None))
    parts = shares(keys, choice)
    columns = zip(coordinates("p", payload_dim), zip(*payloads, strict=True), strict=True)
    return [_shared(column, parts, ends, choice, p) for p, column in columns]


def _shared(
    payloads: Sequence[Expr], parts: Sequence[Stated | None], ends: tuple[Fraction, Fraction], choice: Choice, name: str
) -> Expr:
    """lo + the sum of relu(p_i - lo - (hi - lo)(1 - f_i)), f_i being the shares: none negative, and 1 in all.

    Of a block whose shares make F that sum C is at most (hi - lo) F, and it is 0 or at most max p - hi + (hi - lo) F.
    """
    (low, high), d, n = ends, choice.d, len(payloads)
    prize, most = symbol(f"{name}[w]"), symbol(f"hi{name}")

    def present(i: Expr, beyond: Expr, p: Expr) -> list[Condition[Expr]]:
        return [low <= p, p <= high, p <= most]

    def carried(i: Expr, beyond: Expr, p: Expr) -> list[Condition[Expr]]:
        return [beyond <= i + 1, p <= high, (w + 1 <= i) | (beyond <= w) | (low <= p) & equals(p, prize)]

    def below(first: Expr, n: Expr, lo: Expr, hi: Expr, c: Expr, f: Expr) -> list[Condition[Expr]]:
        room = (high - low) * f
        return [c >= 0, c <= room, (c <= 0) & (low <= most) | (c <= most - high + room)]

    def won(first: Expr, n: Expr, lo: Expr, hi: Expr, c: Expr, f: Expr) -> Condition[Expr]:
        inside = (lo <= w) & (w <= hi) & equals(c, prize - low)
        outside = (w + 1 <= lo) & equals(c, 0) | (hi + 1 <= w) & equals(c, 0)
        return inside | outside | (w + 1 <= first) | (n <= w)

    def let_in(i: int) -> Any:
        def by(p: Expr, *e: Expr) -> tuple[Expr, Expr]:
            before = relu(1 - e[0] / d) if i else const(0)
            after = relu(1 - e[-1] / d) if i < n - 1 else const(1)
            return relu(relu(p - low) - (high - low) * (1 - after + before)), after - before

        part = parts[i]
        own = have((present, carried), [i, i + 1], [payloads[i]])
        return have((below, won), [0, n, i, i], parts=[own, part] if part else [own], by=by)

    def plus(left: Sequence[Expr], right: Sequence[Expr]) -> list[Expr]:
        return [a + b for a, b in zip(left, right, strict=True)]

    return low + fold([let_in(i) for i in range(n)], plus, below, won, at=[0, n])[0]


def step_spec(n: int, payload_range: Sequence[Any] = UNIT, payload_dim: int = 1) -> Spec:
    """For all keys, payloads in [lo, hi], w the first of the largest keys: y = p[w]."""
    low, high = interval("payload-range", payload_range)
    x, ps, ys = _payloads(n, payload_dim)
    points = _points(n, payload_dim, Fraction(1), low, high)
    return Spec([x, *ps, *ys], [_carries(winner(w, x), ps, ys, low, high, points)])


@construction(
    "select",
    "step",
    spec=step_spec,
    options={"payload_range": UNIT, "payload_dim": 1},
    inputs=_count,
    rough=lambda n: (2, n * (n + 3) // 2),
)
def with_steps(x: list[Expr], payload_range: Sequence[Any] = UNIT, payload_dim: int = 1) -> list[Expr]:
    """The first winner's payload for all keys, payloads in [lo, hi]; step and relu units, 2 hidden layers."""
    low, high = interval("payload-range", payload_range)
    keys, payloads = _split(x, payload_dim)
    choice = Choice()
    wins = beats(keys, choice)
    columns = zip(coordinates("p", payload_dim), zip(*payloads, strict=True), strict=True)
    return [let_through(column, wins, low, high, choice, f"{p}[w]") for p, column in columns]


def pack_spec(
    n: int, lattice: Any = 1, key_range: Sequence[Any] = (), margin: Any = None, payload_dim: int = 1
) -> Spec:
    """Everywhere: y = max(x + p). Where keys are equal or s apart: w has the largest key, and of tied keys the largest
    payload; y = x[w] + p[w], and the decoder gives both apart. Keys on a lattice of step s are a special case."""
    s, g, low, levels = _lattice(lattice, key_range, margin, payload_dim)
    x, p, z = array("x", "in", n), array("p", "in", n, n), array("z", "defined", n)
    y, k, q = [array(name, "out", base=j) for j, name in enumerate("ykq")]
    define: Define = {z: x[i] + p[i], symbol("m"): largest(z)}
    apart = (x[i] + s <= x[w]) | (x[i] == x[w]) | (x[w] + s <= x[i])
    requires: list[Requirement] = [winner(w, z, ties="any"), apart, (p[i] >= 0) & (p[i] <= s - g)]
    ensures = [y[0] == x[w] + p[w], (x[i] < x[w]) | (x[i] == x[w]) & (p[i] <= p[w])]
    if key_range:
        requires.append((low <= x[w]) & (x[w] <= low + s * levels))
        ensures += [k[0] == x[w], q[0] == p[w]]
    if levels:
        requires.append(((x[w] <= low + s * i) | (x[w] >= low + s * (i + 1))).where(i < levels))
    points = [
        point([*[low + s * levels * (i == w) - (0 if levels else s) * (i != w) for i in range(n)],
               *[(s - g) * (i == w) for i in range(n)]], [w])
        for w in dict.fromkeys((0, n - 1))
    ]  # fmt: skip
    everywhere = statement([y[0] == largest(z)], define=define)
    arrays = [x, p, y, k, q] if key_range else [x, p, y]
    return Spec(arrays, [everywhere, statement(ensures, requires, [w < n], define, points)])


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
    rough=lambda n: (depth(n), 3 * n),
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

    def climbed(lo: Expr, hi: Expr, t: Expr) -> Condition[Expr]:
        start, end = low + s * lo, low + s * (hi + 1)
        between = (start <= top) & (top <= end) & equals(s * t, top - start)
        return (top <= start) & equals(t, 0) | between | (end <= top) & equals(t, hi + 1 - lo)

    over = [(packed - (low + s * j)) / g for j in range(1, levels + 1)]
    steps = [relu(t + 1) - relu(t) for t in over]
    key = low + s * fold(steps, lambda a, b: a + b, climbed) if steps else const(low)
    return [packed, key, packed - key]
