"""Searching networks: the best of several vectors by a score, once (`best_of`) or step after step (`iterate`).

The essay's definition: "searching across some vectors in order to select one of them, which will be most useful for
producing an answer". The score is any piecewise-linear program; the vector that has the best one is selected by gates
(relu units; exact where the scores of earlier vectors trail by the gap d) or by step units (on all of R^n).

A file of one's own brings score and vectors, and its search takes the place of the ready example:

    from relumax import absolute, best_of

    best_of(score=lambda c, x: -absolute(c[0] - x[0]), candidates=[(0,), (4,), (9,)], inputs=1)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from relumax.constructions.argmax import beats, selected
from relumax.constructions.options import first_winner, interval, positive, winner
from relumax.constructions.registry import construction
from relumax.errors import ProgramError, SpecError
from relumax.language.define import Definitions
from relumax.language.expr import (
    Expr,
    Number,
    as_expr,
    const,
    constant_value,
    evaluate,
    input,
    inputs,
    opened,
    relu,
    step,
    substitute,
)
from relumax.language.gadget import absolute
from relumax.language.spec import Json, Spec, array, atom, clause, point, statement

Vector = Sequence[Expr | Number]
Score = Callable[[list[Expr], list[Expr]], Expr | Number]
UNIT = (Fraction(0), Fraction(1))
UNITS = ("relu", "step")


def best_of(score: Score, candidates: Sequence[Vector] | Callable[[list[Expr]], Sequence[Vector]], inputs: int) -> None:
    """Register as search/best_of: the candidate c with the largest score(c, x), for x in R^inputs.

    `candidates` are vectors of numbers, or a function of x that returns vectors of programs. At size n it is the best
    of the first n. Raises ProgramError if vectors are missing or differ in length.
    """

    def vectors(x: list[Expr], n: int) -> list[list[Expr]]:
        found = candidates(x) if callable(candidates) else candidates
        return _vectors(found, n, "search/best_of", "candidates")

    def scores(found: list[list[Expr]], x: list[Expr]) -> list[Expr]:
        return opened([as_expr(score(one, x)) for one in found])

    def spec(n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, units: str = "relu") -> Spec:
        """Where w is the winner of the scores: y = candidate w; and everywhere y is within their range."""
        x = _inputs(inputs)
        found = vectors(x, n)
        said = Definitions({xi: f"x[{i}]" for i, xi in enumerate(x)})
        said.array("s", scores(found, x))
        names = _names("c", len(found[0]))
        inside, everywhere, exact = [], [], []
        for j, (name, column) in enumerate(zip(names, zip(*found, strict=True), strict=True)):
            one_value = _one_value(column)
            if one_value is None:
                said.array(name, column)
                exact.append(clause([atom({f"y[{j}]": 1, f"{name}[w]": -1}, "=")]))
            else:
                exact.append(clause([atom({f"y[{j}]": 1}, "=", -one_value)]))
            low, high = _range(column, payload_range)
            if not _constant(column):
                inside.append(
                    clause([atom({f"{name}[i]": -1}, "<=", low), atom({f"{name}[i]": 1}, "<=", -high)], each=n)
                )
            everywhere += [clause([atom({f"y[{j}]": -1}, "<=", low)]), clause([atom({f"y[{j}]": 1}, "<=", -high)])]
        promise = winner("w", "s", gap) if _units(units) == "relu" else first_winner("w", "s")
        d = positive("gap", gap) if units == "relu" else None

        def walk(start: list[Fraction]) -> list[int] | None:
            values = [evaluate(list(column), start) for column in zip(*found, strict=True)]
            ranges = [_range(column, payload_range) for column in zip(*found, strict=True)]
            if not all(low <= v <= high for vs, (low, high) in zip(values, ranges, strict=True) for v in vs):
                return None
            return _first(evaluate(scores(found, x), start), d)

        starts = [[constant_value(c) for c in one] for one in found if _constant(one) and len(one) == inputs]
        one = statement(exact, said.made, [promise, *inside], [["w", n]], _points(walk, inputs, n, 1, starts))
        arrays = [array("x", "in", inputs), array("y", "out", len(names))]
        bounded = [statement(everywhere)] if units == "relu" and not inside else []
        return Spec(arrays, [*bounded, one])

    @construction(
        "search",
        "best_of",
        spec=spec,
        options={"gap": Fraction(1), "payload_range": UNIT, "units": "relu"},
        inputs=lambda n, **_: inputs,
        usual=min(8, len(candidates(_inputs(inputs)) if callable(candidates) else candidates)),
    )
    def network(
        x: list[Expr], n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, units: str = "relu"
    ) -> list[Expr]:
        """The candidate with the best score: exact with a gap d, or with --units step on all of R^n."""
        found = vectors(x, n)
        return _select(scores(found, x), found, gap, payload_range, units)


def iterate(score: Score, moves: Sequence[Sequence[Number]], inputs: int = 0) -> None:
    """Register as search/iterate: from z, step after step, the best of z and its moves z + m by score(z, x).

    The network reads z, as long as a move, then x in R^inputs. At size n it knows the first n - 1 moves.
    """

    def shifts(n: int) -> list[list[Expr]]:
        return _vectors([[0] * len(moves[0]), *moves], n, "search/iterate", "moves (to stay is one)")

    k = len(moves[0])

    def scores(z: Sequence[Expr], found: list[list[Expr]], x: list[Expr]) -> list[Expr]:
        variables = _inputs(k + inputs)
        shifted = [[a + b for a, b in zip(variables, m, strict=False)] for m in found]
        return substitute(opened([as_expr(score(one, variables[k:])) for one in shifted]), [*z, *x])

    def spec(n: int, gap: Any = 1, steps: int = 1, units: str = "relu") -> Spec:
        """Where each w_t is the winner of the scores s_t around z_t: y = z_T, and the score never gets worse."""
        variables = _inputs(k + inputs)
        z, x, found = variables[:k], variables[k:], shifts(n)
        said = Definitions({one: f"z[{i}]" if i < k else f"x[{i - k}]" for i, one in enumerate(variables)})
        names = _names("d", k)
        columns = list(zip(*found, strict=True))
        for name, column in zip(names, columns, strict=True):
            if _one_value(column) is None:
                said.array(name, column)
        indices = ["w"] if steps == 1 else [f"w{t}" for t in range(1, steps + 1)]
        here = list(z)
        total: list[tuple[dict[str, int], Fraction]] = [({f"z[{j}]": -1}, Fraction(0)) for j in range(k)]
        requires, rising = [], []
        for t, w in enumerate(indices, 1):
            at = scores(here, found, x)
            said.array(f"s{t}", at)
            said.scalar(f"v{t - 1}", at[0])
            for j, (name, column) in enumerate(zip(names, columns, strict=True)):
                one_value = _one_value(column)
                sums, shift = total[j]
                if one_value is None:
                    moved = input(k + inputs + t * k + j)
                    said.names[moved] = f"{name}[{w}]"
                    here[j], total[j] = here[j] + moved, ({**sums, f"{name}[{w}]": -1}, shift)
                else:
                    here[j], total[j] = here[j] + one_value, (sums, shift - one_value)
            requires.append(winner(w, f"s{t}", gap) if _units(units) == "relu" else first_winner(w, f"s{t}"))
            rising.append(clause([atom({f"v{t - 1}": 1, f"v{t}": -1}, "<=")]))
        said.scalar(f"v{steps}", scores(here, found[:1], x)[0])
        exact = [clause([atom({f"y[{j}]": 1, **sums}, "=", shift)]) for j, (sums, shift) in enumerate(total)]
        d = positive("gap", gap) if units == "relu" else None

        def walk(start: list[Fraction]) -> list[int] | None:
            place, taken = start[:k], []
            for _ in indices:
                w = _first(evaluate(scores(z, found, x), [*place, *start[k:]]), d)
                if w is None:
                    return None
                taken += w
                place = [a + constant_value(b) for a, b in zip(place, found[w[0]], strict=True)]
            return taken

        points = _points(walk, k + inputs, n, steps, [])
        one = statement([*exact, *rising], said.made, requires, [[w, n] for w in indices], points)
        arrays = [array("z", "in", k), *([array("x", "in", inputs, k)] if inputs else []), array("y", "out", k)]
        return Spec(arrays, [one])

    @construction(
        "search",
        "iterate",
        spec=spec,
        options={"gap": Fraction(1), "steps": 1, "units": "relu"},
        inputs=lambda n, **_: k + inputs,
        usual=min(9, len(moves) + 1),
    )
    def network(variables: list[Expr], n: int, gap: Any = 1, steps: int = 1, units: str = "relu") -> list[Expr]:
        """Step after step the best of z and its moves: no step makes the score worse."""
        z, x, found = variables[:k], variables[k:], shifts(n)
        for _ in range(steps):
            z = [a + b for a, b in zip(z, _select(scores(z, found, x), found, gap, UNIT, units), strict=True)]
        return z


# ---------------------------------------------------------------- parts


def _select(
    keys: list[Expr], vectors: list[list[Expr]], gap: Any, payload_range: Sequence[Any], units: str
) -> list[Expr]:
    """The vector of the winner among the keys, coordinate by coordinate."""
    columns = list(zip(*vectors, strict=True))
    ranges = [_range(column, payload_range) for column in columns]
    if _units(units) == "relu":
        factors = [(high - low) / positive("gap", gap) for low, high in ranges]
        gated = [j for j, factor in enumerate(factors) if factor]
        payloads = [[one[j] for j in gated] for one in vectors]
        found = dict(zip(gated, selected(keys, payloads, [factors[j] for j in gated], "first")[1], strict=True))
        return [found.get(j, column[0]) for j, column in enumerate(columns)]
    wins, last = beats(keys), len(keys) - 1
    hot = [step(one - last) for one in wins]
    return [
        sum((constant_value(c) * h for c, h in zip(column, hot, strict=True)), const(0))
        if _constant(column)
        else low
        + sum(
            (relu(relu(c - low) - (high - low) * (last - won)) for c, won in zip(column, wins, strict=True)), const(0)
        )
        for column, (low, high) in zip(columns, ranges, strict=True)
    ]


def _vectors(found: Sequence[Vector], n: int, whose: str, what: str) -> list[list[Expr]]:
    """The first n vectors, as programs."""
    if len(found) < n:
        raise SpecError(f"{whose} has {len(found)} {what}, not {n}: give --n {len(found)} or less")
    if len({len(one) for one in found}) != 1 or not found[0]:
        raise ProgramError(f"{whose}: its vectors have one length, at least 1")
    return [[as_expr(c) for c in one] for one in found[:n]]


def _inputs(count: int) -> list[Expr]:
    return inputs(count)


def _constant(column: Sequence[Expr]) -> bool:
    return all(c.op == "const" for c in column)


def _one_value(column: Sequence[Expr]) -> Fraction | None:
    """The constant that all are, if they are."""
    return constant_value(column[0]) if _constant(column) and len(set(column)) == 1 else None


def _range(column: Sequence[Expr], payload_range: Sequence[Any]) -> tuple[Fraction, Fraction]:
    """The least and the largest of constants; of programs what is promised."""
    if _constant(column):
        values = [constant_value(c) for c in column]
        return min(values), max(values)
    return interval("payload-range", payload_range)


def _units(units: str) -> str:
    if units not in UNITS:
        raise SpecError(f"--units is relu or step, not {units!r}")
    return units


def _names(base: str, k: int) -> list[str]:
    return [base] if k == 1 else [f"{base}{j}" for j in range(k)]


def _first(values: Sequence[Fraction], gap: Fraction | None) -> list[int] | None:
    """The first of the largest, if earlier ones trail by the gap."""
    w = values.index(max(values))
    return None if gap is not None and any(v + gap > values[w] for v in values[:w]) else [w]


def _points(
    walk: Callable[[list[Fraction]], list[int] | None],
    count: int,
    n: int,
    steps: int,
    starts: Sequence[list[Fraction]],
) -> list[Json]:
    """Inputs that meet the promise, between them with the first and with the last vector winning at each step."""
    missing = {(t, w) for t in range(steps) for w in (0, n - 1)}
    found = []
    for start in _places(count, starts):
        taken = walk(start)
        if taken is not None and not missing.isdisjoint(enumerate(taken)):
            missing -= set(enumerate(taken))
            found.append(point(start, taken))
        if not missing:
            return found
    t, w = min(missing)
    raise SpecError(f"found no inputs that meet the promise and make vector {w} the best one in step {t + 1}")


def _places(count: int, starts: Sequence[list[Fraction]]) -> Iterator[list[Fraction]]:
    """Where to look for points: given places, a small grid, then ever farther."""
    yield from starts
    if count <= 4:
        yield from ([Fraction(v) for v in one] for one in product((0, 1, -1), repeat=count))
    rng = Random(0)
    for size in (3, 10, 30, 100, 1000):
        for _ in range(300):
            yield [Fraction(rng.randint(-size, size), rng.choice((1, 1, 2))) for _ in range(count)]


# ---------------------------------------------------------------- ready examples


def _distance(a: Sequence[Expr], b: Sequence[Expr]) -> Expr:
    return sum((absolute(p - q) for p, q in zip(a, b, strict=True)), const(0))


best_of(lambda c, x: -_distance(c, x), [(5 * i % 64, 11 * i % 64) for i in range(64)], 2)
iterate(lambda z, x: -_distance(z, x), [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)], 2)
