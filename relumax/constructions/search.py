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
from typing import Any, NamedTuple

from relumax.constructions.argmax import Choice, added, beats, let_through, selected
from relumax.constructions.options import coordinates, interval, positive
from relumax.constructions.registry import construction
from relumax.errors import ProgramError, SpecError
from relumax.language.expr import (
    Expr,
    Number,
    as_expr,
    const,
    constant_value,
    evaluate,
    factor_of,
    inputs,
    opened,
    step,
    substitute,
    symbol,
    topological,
)
from relumax.language.gadget import absolute
from relumax.language.spec import Array, Define, Json, Spec, array, i, point, statement, winner

Vector = Sequence[Expr | Number]
Score = Callable[[list[Expr], list[Expr]], Expr | Number]
UNIT = (Fraction(0), Fraction(1))
UNITS = ("relu", "step")
w = symbol("w")


def best_of(score: Score, candidates: Sequence[Vector] | Callable[[list[Expr]], Sequence[Vector]], inputs: int) -> None:
    """Register as search/best_of: the candidate c with the largest score(c, x), for x in R^inputs.

    `candidates` are vectors of numbers, or a function of x that returns vectors of programs. At size n it is the best
    of the first n. Raises ProgramError if vectors are missing or differ in length, or a score is not a program.
    """
    found = BestOf(score, candidates if callable(candidates) else list(candidates), inputs)
    every = found.vectors(_inputs(inputs, found.name, least=1))
    found.scores(every, _inputs(inputs))  # what is wrong with them is said where they are given
    construction(
        "search",
        "best_of",
        spec=found.spec,
        options={"gap": Fraction(1), "payload_range": UNIT, "units": "relu"},
        inputs=lambda n, **_: inputs,
        usual=min(8, len(every)),
    )(found.network)


class BestOf(NamedTuple):
    """The search for the best candidate."""

    score: Score
    candidates: Sequence[Vector] | Callable[[list[Expr]], Sequence[Vector]]
    inputs: int
    name: str = "search/best_of"

    def vectors(self, x: list[Expr], n: int | None = None) -> list[list[Expr]]:
        """The first n candidates, or all."""
        return _vectors(
            self.candidates(x) if callable(self.candidates) else self.candidates, n, self.name, "candidates"
        )

    def scores(self, found: list[list[Expr]], x: list[Expr]) -> list[Expr]:
        """The score of each, gadgets written out."""
        return opened([_program(self.score(one, x), self.name) for one in found])

    def network(
        self, x: list[Expr], n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, units: str = "relu"
    ) -> list[Expr]:
        """The candidate with the best score: exact with a gap d, or with --units step on all of R^n."""
        found = self.vectors(x, n)
        choice = Choice("w", "s[w]", positive("gap", gap))
        return _select(self.scores(found, x), found, payload_range, units, choice, coordinates("c", len(found[0])))

    def spec(self, n: int, gap: Any = 1, payload_range: Sequence[Any] = UNIT, units: str = "relu") -> Spec:
        """Where w is the winner of the scores: y = candidate w; and everywhere y is within their range."""
        variables = _inputs(self.inputs)
        found = self.vectors(variables, n)
        keys, columns = self.scores(found, variables), list(zip(*found, strict=True))
        _read([*keys, *(c for one in found for c in one)], range(self.inputs), self.name)
        ranges, d = [_range(column, payload_range) for column in columns], _gap(gap, units)
        varying = {j: ranges[j] for j, column in enumerate(columns) if not _constant(column)}
        x, y, s = array("x", "in", self.inputs), array("y", "out", len(columns)), array("s", "defined", n)
        define: Define = {s: substitute(keys, list(x))}
        c = _choices("c", [substitute(column, list(x)) for column in columns], define)
        inside = [(low <= _at(c[j], i)) & (_at(c[j], i) <= high) for j, (low, high) in varying.items()]
        points = self.points(keys, found, d, varying)
        one = statement(
            [y[j] == _at(c[j], w) for j in range(len(columns))], [winner(w, s, gap=d), *inside], [w < n], define, points
        )
        everywhere = [side for j, (low, high) in enumerate(ranges) for side in (low <= y[j], y[j] <= high)]
        return Spec([x, y], [*([statement(everywhere)] if units == "relu" and not varying else []), one])

    def points(
        self,
        keys: list[Expr],
        found: list[list[Expr]],
        gap: Fraction | None,
        varying: dict[int, tuple[Fraction, Fraction]],
    ) -> list[Json]:
        """Inputs that meet the promise: the winner leads by the gap, coordinates that vary are in their ranges."""

        def walk(start: list[Fraction]) -> list[int] | None:
            for j, (low, high) in varying.items():
                if not all(low <= v <= high for v in evaluate([one[j] for one in found], start)):
                    return None
            best = _first(evaluate(keys, start), gap)
            return None if best is None else [best]

        def lost(t: int, best: int) -> str:
            ranges = "".join(f", with all candidates in --payload-range {a} {b}" for a, b in [*varying.values()][:1])
            said = f"{self.name}: found no inputs that meet the promise and make candidate {best} the best one"
            return f"{said}{ranges}; if it never is, leave it out"

        starts = [[constant_value(c) for c in one] for one in found if _constant(one) and len(one) == self.inputs]
        return _points(walk, _places(self.inputs, starts, keys), len(found), 1, lost)


def iterate(score: Score, moves: Sequence[Sequence[Number]], inputs: int = 0) -> None:
    """Register as search/iterate: from z, step after step, the best of z and its moves z + m by score(z, x).

    The network reads z, as long as a move, then x in R^inputs. At size n it knows the first n - 1 moves. Raises
    ProgramError if moves are missing, differ in length or are no numbers, or a score is not a program.
    """
    given = _vectors(list(moves), None, "search/iterate", "moves")
    if not all(map(_constant, given)):
        raise ProgramError("search/iterate: its moves are numbers, not programs")
    found = Iterate(score, given, inputs)
    k = len(given[0])
    x = _inputs(inputs, found.name, least=0)
    found.scores(_inputs(k), given, x)  # what is wrong with them is said where they are given
    construction(
        "search",
        "iterate",
        spec=found.spec,
        options={"gap": Fraction(1), "steps": 1, "units": "relu"},
        inputs=lambda n, **_: k + inputs,
        usual=min(9, len(given) + 1),
    )(found.network)


class Iterate(NamedTuple):
    """The search that goes on from the best move."""

    score: Score
    moves: list[list[Expr]]
    inputs: int
    name: str = "search/iterate"

    def shifts(self, n: int) -> list[list[Expr]]:
        """To stay, and the first n - 1 moves."""
        return _vectors([[0] * len(self.moves[0]), *self.moves], n, self.name, "moves (to stay is one)")

    def scores(self, z: Sequence[Expr], found: list[list[Expr]], x: Sequence[Expr]) -> list[Expr]:
        """The score of z + m for each m, gadgets written out."""
        k = len(z)
        variables = _inputs(k + self.inputs)
        shifted = [[a + b for a, b in zip(variables, m, strict=False)] for m in found]
        return substitute(opened([_program(self.score(one, variables[k:]), self.name) for one in shifted]), [*z, *x])

    def network(self, variables: list[Expr], n: int, gap: Any = 1, steps: int = 1, units: str = "relu") -> list[Expr]:
        """Step after step the best of z and its moves: no step makes the score worse."""
        k, found = len(self.moves[0]), self.shifts(n)
        z, x = variables[:k], variables[k:]
        for t, index in enumerate(_indices(steps), 1):
            choice = Choice(index, f"s{t}[{index}]", positive("gap", gap))
            move = _select(self.scores(z, found, x), found, UNIT, units, choice, coordinates("d", k))
            z = [a + b for a, b in zip(z, move, strict=True)]
        return z

    def spec(self, n: int, gap: Any = 1, steps: int = 1, units: str = "relu") -> Spec:
        """Where each w_t is the winner of the scores s_t around z_t: y = z_T, and the score never gets worse."""
        k, found, d = len(self.moves[0]), self.shifts(n), _gap(gap, units)
        z, x, y = array("z", "in", k), array("x", "in", self.inputs, k), array("y", "out", k)
        define: Define = {}
        moved = _choices("d", list(zip(*found, strict=True)), define)
        indices = [symbol(index) for index in _indices(steps)]
        v = [symbol(f"v{t}") for t in range(steps + 1)]
        here, promises = list(z), []
        for t, best in enumerate(indices):
            s = array(f"s{t + 1}", "defined", n)
            define[s] = around = self.scores(here, found, list(x))
            define[v[t]] = around[0]
            promises.append(winner(best, s, gap=d))
            here = [a + _at(move, best) for a, move in zip(here, moved, strict=True)]
        define[v[steps]] = self.scores(here, found[:1], list(x))[0]
        exact = [y[j] == end for j, end in enumerate(here)]
        rising = [v[t] <= v[t + 1] for t in range(steps)]
        points = self.points(found, steps, d)
        one = statement([*exact, *rising], promises, [one < n for one in indices], define, points)
        return Spec([z, *([x] if self.inputs else []), y], [one])

    def points(self, found: list[list[Expr]], steps: int, gap: Fraction | None) -> list[Json]:
        """Inputs that meet the promise: in each step, the best leads by the gap."""
        k = len(found[0])
        variables = _inputs(k + self.inputs)
        keys = self.scores(variables[:k], found, variables[k:])
        _read(keys, range(k, k + self.inputs), self.name)

        def walk(start: list[Fraction]) -> list[int] | None:
            place, taken = start[:k], []
            for _ in range(steps):
                best = _first(evaluate(keys, [*place, *start[k:]]), gap)
                if best is None:
                    return None
                taken.append(best)
                place = [a + constant_value(b) for a, b in zip(place, found[best], strict=True)]
            return taken

        def lost(t: int, best: int) -> str:
            what, hint = (f"move {best - 1}", "; if it never is, leave it out") if best else ("staying", "")
            return f"{self.name}: found no inputs that meet the promise and make {what} the best in step {t + 1}{hint}"

        return _points(walk, _places(k + self.inputs, [], keys), len(found), steps, lost)


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


def _choices(base: str, columns: Sequence[Sequence[Expr]], define: Define) -> list[Array | Fraction]:
    """Each coordinate of what there is to choose from, a defined array; or a number, where it is one for all."""
    found: list[Array | Fraction] = []
    for name, column in zip(coordinates(base, len(columns)), columns, strict=True):
        one_value = _one_value(column)
        if one_value is None:
            choices = array(name, "defined", len(column))
            define[choices] = column
            found.append(choices)
        else:
            found.append(one_value)
    return found


def _at(choices: Array | Fraction, index: Expr) -> Expr:
    """What is chosen by the index."""
    return choices[index] if isinstance(choices, Array) else const(choices)


def _units(units: str) -> str:
    if units not in UNITS:
        raise SpecError(f"--units is relu or step, not {units!r}")
    return units


def _gap(gap: Any, units: str) -> Fraction | None:
    """The gap d, which only relu units need."""
    d = positive("gap", gap)
    return d if _units(units) == "relu" else None


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
