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

from relumax.constructions.argmax import Choice, added, beats, let_through, selected
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
    factor_of,
    input,
    inputs,
    opened,
    step,
    substitute,
    symbol,
    topological,
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
    of the first n. Raises ProgramError if vectors are missing or differ in length, or a score is not a program.
    """
    name = "search/best_of"
    fixed = candidates if callable(candidates) else list(candidates)

    def vectors(x: list[Expr], n: int | None = None) -> list[list[Expr]]:
        return _vectors(fixed(x) if callable(fixed) else fixed, n, name, "candidates")

    def scores(found: list[list[Expr]], x: list[Expr]) -> list[Expr]:
        return opened([_program(score(one, x), name) for one in found])

    every = vectors(_inputs(inputs, name, least=1))
    scores(every, _inputs(inputs))  # what is wrong with them is said where they are given

    def spec(n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, units: str = "relu") -> Spec:
        """Where w is the winner of the scores: y = candidate w; and everywhere y is within their range."""
        x = _inputs(inputs)
        found = vectors(x, n)
        keys = scores(found, x)
        _read([*keys, *(c for one in found for c in one)], range(inputs), name)
        said = Definitions({xi: f"x[{i}]" for i, xi in enumerate(x)})
        said.array("s", keys)
        names = _names("c", len(found[0]))
        inside, everywhere, exact, ranged = [], [], [], []
        for j, (c, column) in enumerate(zip(names, zip(*found, strict=True), strict=True)):
            one_value = _one_value(column)
            if one_value is None:
                said.array(c, column)
                exact.append(clause([atom({f"y[{j}]": 1, f"{c}[w]": -1}, "=")]))
            else:
                exact.append(clause([atom({f"y[{j}]": 1}, "=", -one_value)]))
            low, high = _range(column, payload_range)
            if not _constant(column):
                inside.append(clause([atom({f"{c}[i]": -1}, "<=", low), atom({f"{c}[i]": 1}, "<=", -high)], each=n))
                ranged.append((column, low, high))
            everywhere += [clause([atom({f"y[{j}]": -1}, "<=", low)]), clause([atom({f"y[{j}]": 1}, "<=", -high)])]
        d = _gap(gap, units)
        promise = first_winner("w", "s") if d is None else winner("w", "s", d)

        def walk(start: list[Fraction]) -> list[int] | None:
            if not all(low <= v <= high for column, low, high in ranged for v in evaluate(column, start)):
                return None
            w = _first(evaluate(keys, start), d)
            return None if w is None else [w]

        starts = [[constant_value(c) for c in one] for one in found if _constant(one) and len(one) == inputs]

        def lost(t: int, w: int) -> str:
            low, high = interval("payload-range", payload_range)
            where = f", with all candidates in --payload-range {low} {high}" if inside else ""
            said = f"{name}: found no inputs that meet the promise and make candidate {w} the best one"
            return f"{said}{where}; if it never is, leave it out"

        points = _points(walk, _places(inputs, starts, keys), n, 1, lost)
        one = statement(exact, said.made, [promise, *inside], [["w", n]], points)
        arrays = [array("x", "in", inputs), array("y", "out", len(names))]
        bounded = [statement(everywhere)] if units == "relu" and not inside else []
        return Spec(arrays, [*bounded, one])

    @construction(
        "search",
        "best_of",
        spec=spec,
        options={"gap": Fraction(1), "payload_range": UNIT, "units": "relu"},
        inputs=lambda n, **_: inputs,
        usual=min(8, len(every)),
    )
    def network(
        x: list[Expr], n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, units: str = "relu"
    ) -> list[Expr]:
        """The candidate with the best score: exact with a gap d, or with --units step on all of R^n."""
        found = vectors(x, n)
        choice = Choice("w", "s[w]", positive("gap", gap))
        return _select(scores(found, x), found, payload_range, units, choice, _names("c", len(found[0])))


def iterate(score: Score, moves: Sequence[Sequence[Number]], inputs: int = 0) -> None:
    """Register as search/iterate: from z, step after step, the best of z and its moves z + m by score(z, x).

    The network reads z, as long as a move, then x in R^inputs. At size n it knows the first n - 1 moves. Raises
    ProgramError if moves are missing, differ in length or are no numbers, or a score is not a program.
    """
    name, what = "search/iterate", "moves (to stay is one)"
    given = _vectors(list(moves), None, name, "moves")
    if not all(map(_constant, given)):
        raise ProgramError(f"{name}: its moves are numbers, not programs")
    k = len(given[0])

    def shifts(n: int) -> list[list[Expr]]:
        return _vectors([[0] * k, *given], n, name, what)

    def scores(z: Sequence[Expr], found: list[list[Expr]], x: list[Expr]) -> list[Expr]:
        variables = _inputs(k + inputs)
        shifted = [[a + b for a, b in zip(variables, m, strict=False)] for m in found]
        return substitute(opened([_program(score(one, variables[k:]), name) for one in shifted]), [*z, *x])

    scores(_inputs(k), given, _inputs(inputs, name, least=0))  # what is wrong with them is said where they are given

    def spec(n: int, gap: Any = 1, steps: int = 1, units: str = "relu") -> Spec:
        """Where each w_t is the winner of the scores s_t around z_t: y = z_T, and the score never gets worse."""
        variables = _inputs(k + inputs)
        z, x, found = variables[:k], variables[k:], shifts(n)
        said = Definitions({one: f"z[{i}]" if i < k else f"x[{i - k}]" for i, one in enumerate(variables)})
        names = _names("d", k)
        columns = list(zip(*found, strict=True))
        d = _gap(gap, units)
        for d_name, column in zip(names, columns, strict=True):
            if _one_value(column) is None:
                said.array(d_name, column)
        indices = _indices(steps)
        here = list(z)
        total: list[tuple[dict[str, int], Fraction]] = [({f"z[{j}]": -1}, Fraction(0)) for j in range(k)]
        requires, rising = [], []
        for t, w in enumerate(indices, 1):
            at = scores(here, found, x)
            said.array(f"s{t}", at)
            said.scalar(f"v{t - 1}", at[0])
            for j, (d_name, column) in enumerate(zip(names, columns, strict=True)):
                one_value = _one_value(column)
                sums, shift = total[j]
                if one_value is None:
                    moved = input(k + inputs + t * k + j)
                    said.names[moved] = f"{d_name}[{w}]"
                    here[j], total[j] = here[j] + moved, ({**sums, f"{d_name}[{w}]": -1}, shift)
                else:
                    here[j], total[j] = here[j] + one_value, (sums, shift - one_value)
            requires.append(first_winner(w, f"s{t}") if d is None else winner(w, f"s{t}", d))
            rising.append(clause([atom({f"v{t - 1}": 1, f"v{t}": -1}, "<=")]))
        said.scalar(f"v{steps}", scores(here, found[:1], x)[0])
        exact = [clause([atom({f"y[{j}]": 1, **sums}, "=", shift)]) for j, (sums, shift) in enumerate(total)]
        keys = scores(z, found, x)
        _read(keys, range(k, k + inputs), name)

        def walk(start: list[Fraction]) -> list[int] | None:
            place = start[:k]
            taken: list[int] = []
            for _ in indices:
                w = _first(evaluate(keys, [*place, *start[k:]]), d)
                if w is None:
                    return None
                taken.append(w)
                place = [a + constant_value(b) for a, b in zip(place, found[w], strict=True)]
            return taken

        def lost(t: int, w: int) -> str:
            best, hint = (f"move {w - 1}", "; if it never is, leave it out") if w else ("staying", "")
            return f"{name}: found no inputs that meet the promise and make {best} the best in step {t + 1}{hint}"

        points = _points(walk, _places(k + inputs, [], keys), n, steps, lost)
        one = statement([*exact, *rising], said.made, requires, [[w, n] for w in indices], points)
        arrays = [array("z", "in", k), *([array("x", "in", inputs, k)] if inputs else []), array("y", "out", k)]
        return Spec(arrays, [one])

    @construction(
        "search",
        "iterate",
        spec=spec,
        options={"gap": Fraction(1), "steps": 1, "units": "relu"},
        inputs=lambda n, **_: k + inputs,
        usual=min(9, len(given) + 1),
    )
    def network(variables: list[Expr], n: int, gap: Any = 1, steps: int = 1, units: str = "relu") -> list[Expr]:
        """Step after step the best of z and its moves: no step makes the score worse."""
        z, x, found = variables[:k], variables[k:], shifts(n)
        for t, w in enumerate(_indices(steps), 1):
            choice = Choice(w, f"s{t}[{w}]", positive("gap", gap))
            move = _select(scores(z, found, x), found, UNIT, units, choice, _names("d", k))
            z = [a + b for a, b in zip(z, move, strict=True)]
        return z


# ---------------------------------------------------------------- parts


def _indices(steps: int) -> list[str]:
    """What a statement calls the winner of each step."""
    return ["w"] if steps == 1 else [f"w{t}" for t in range(1, steps + 1)]


def _select(
    keys: list[Expr],
    vectors: list[list[Expr]],
    payload_range: Sequence[Any],
    units: str,
    choice: Choice,
    names: Sequence[str],
) -> list[Expr]:
    """The vector of the winner among the keys, coordinate by coordinate; a statement calls the columns by `names`."""
    columns = list(zip(*vectors, strict=True))
    ranges, prizes = [_range(column, payload_range) for column in columns], [f"{name}[{choice.w}]" for name in names]
    if _units(units) == "relu":
        gated = [j for j, column in enumerate(columns) if _one_value(column) is None]
        gates = [columns[j] for j in gated], [ranges[j] for j in gated], choice, [prizes[j] for j in gated]
        found = selected(keys, *gates) if gated else []
        return [dict(zip(gated, found, strict=True)).get(j, column[0]) for j, column in enumerate(columns)]
    wins, last = beats(keys, choice), len(keys) - 1
    hot = [step(won - last) for won in wins]
    return [
        let_through(column, wins, low, high, choice, prize)
        if not _constant(column)
        else column[0]
        if _one_value(column) is not None
        else added([constant_value(c) * h for c, h in zip(column, hot, strict=True)], choice, symbol(prize))
        for column, (low, high), prize in zip(columns, ranges, prizes, strict=True)
    ]


def _vectors(found: Sequence[Vector], n: int | None, whose: str, what: str) -> list[list[Expr]]:
    """The first n vectors, or all, as programs."""
    if not len(found):
        raise ProgramError(f"{whose} needs {what}: there are none")
    if n is not None and len(found) < n:
        raise SpecError(f"{whose} has {len(found)} {what}, not {n}: give --n {len(found)} or less")
    for one in found:
        if isinstance(one, (str, Expr)) or not hasattr(one, "__len__"):
            raise ProgramError(f"{whose}: its {what} are vectors such as (0, 4), not {one!r:.80}")
    lengths = sorted({len(one) for one in found})
    if len(lengths) > 1 or not lengths[0]:
        raise ProgramError(f"{whose}: its {what} have one length, at least 1, not {' and '.join(map(str, lengths))}")
    return [[as_expr(c) for c in one] for one in found[:n]]


def _program(score: Any, whose: str) -> Expr:
    try:
        return as_expr(score)
    except ProgramError:
        raise ProgramError(f"{whose}: a score is a program or a number, not {score!r:.80}") from None


def _inputs(count: int, whose: str = "", least: int = 0) -> list[Expr]:
    """x_0, x_1, ...; with `whose` the count is checked."""
    if whose and (not isinstance(count, int) or count < least):
        raise ProgramError(f"{whose}: inputs is a whole number from {least} on, not {count!r:.80}")
    return inputs(count)


def _read(exprs: Sequence[Expr], wanted: range, whose: str) -> None:
    """Raise SpecError unless every input x that there should be is read."""
    unread = set(wanted) - {node.data for node in topological(exprs)}
    if unread:
        raise SpecError(f"{whose}: nothing reads x[{min(unread) - wanted.start}], one of its {len(wanted)} inputs")


def _constant(column: Sequence[Expr]) -> bool:
    return all(c.op == "const" for c in column)


def _one_value(column: Sequence[Expr]) -> Fraction | None:
    """The constant that all are, if they are."""
    return constant_value(column[0]) if _constant(column) and len(set(column)) == 1 else None


def _range(column: Sequence[Expr], payload_range: Sequence[Any]) -> tuple[Fraction, Fraction]:
    """The least and the largest of constants; of programs what is promised."""
    promised = interval("payload-range", payload_range)
    if _constant(column):
        values = [constant_value(c) for c in column]
        return min(values), max(values)
    return promised


def _units(units: str) -> str:
    if units not in UNITS:
        raise SpecError(f"--units is relu or step, not {units!r}")
    return units


def _gap(gap: Any, units: str) -> Fraction | None:
    """The gap d, which only relu units need."""
    d = positive("gap", gap)
    return d if _units(units) == "relu" else None


def _names(base: str, k: int) -> list[str]:
    return [base] if k == 1 else [f"{base}{j}" for j in range(k)]


def _first(values: Sequence[Fraction], gap: Fraction | None) -> int | None:
    """The first of the largest, if earlier ones trail by the gap."""
    w = values.index(max(values))
    return None if gap is not None and any(v + gap > values[w] for v in values[:w]) else w


def _points(
    walk: Callable[[list[Fraction]], list[int] | None],
    places: Iterator[list[Fraction]],
    n: int,
    steps: int,
    lost: Callable[[int, int], str],
) -> list[Json]:
    """Inputs that meet the promise, between them with the first and with the last vector winning at each step."""
    missing = {(t, w) for t in range(steps) for w in (0, n - 1)}
    found = []
    for start in places:
        taken = walk(start)
        if taken is not None and not missing.isdisjoint(enumerate(taken)):
            missing -= set(enumerate(taken))
            found.append(point(start, taken))
        if not missing:
            return found
    raise SpecError(lost(*min(missing)))


def _places(count: int, starts: Sequence[list[Fraction]], scores: Sequence[Expr]) -> Iterator[list[Fraction]]:
    """Where to look for points: given places, a small grid, then ever farther, then near where the scores bend."""
    yield from starts
    if count <= 4:
        yield from ([Fraction(v) for v in one] for one in product((0, 1, -1), repeat=count))
    rng = Random(0)
    for size in (3, 10, 30, 100, 1000):
        for _ in range(300):
            yield [Fraction(rng.randint(-size, size), rng.choice((1, 1, 2))) for _ in range(count)]
    numbers = sorted({c * sign for c in _numbers(scores) for sign in (0, 1, -1)})
    for size in (1, 2, 3):
        for _ in range(300):
            yield [
                sum((rng.choice(numbers) for _ in range(size)), Fraction(0)) * rng.choice((1, 1, Fraction(1, 2)))
                for _ in range(count)
            ]


def _numbers(exprs: Sequence[Expr]) -> set[Fraction]:
    """The constants and factors of programs, and 1."""
    nodes = topological(exprs)
    return {
        Fraction(1),
        *[constant_value(node) for node in nodes if node.op == "const"],
        *[factor_of(node) for node in nodes if node.op == "scale"],
    }


# ---------------------------------------------------------------- ready examples


def _distance(a: Sequence[Expr], b: Sequence[Expr]) -> Expr:
    return sum((absolute(p - q) for p, q in zip(a, b, strict=True)), const(0))


best_of(lambda c, x: -_distance(c, x), [(5 * i % 64, 11 * i % 64) for i in range(64)], 2)
iterate(lambda z, x: -_distance(z, x), [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)], 2)
