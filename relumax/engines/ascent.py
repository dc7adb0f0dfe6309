"""Counterexamples by climbing: many points at once, in floats, towards where the statement is wrong by more.

For when a first proof failed. A point counts only if the statement is false there exactly (`witness.refutes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relumax.engines.falsify import won, wrong_at
from relumax.engines.simple import simplest
from relumax.engines.witness import Witness
from relumax.kernel.proof import branches, constant, terms
from relumax.kernel.statement import Statement
from relumax.kernel.wire import EQ
from relumax.network.evaluate import evaluate_numpy
from relumax.network.layers import Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

POINTS, KEPT, ROUNDS = 256, 32, 40
WORK = 400_000_000
"""About so many products, and no more than `ROUNDS` rounds: seconds."""
BLUR = 1e-9
"""What is wrong by less, as a part of a point's size, is not climbed to."""
CLAUSES = 512
"""A statement with more is judged by as many of its clauses, chosen evenly."""


def climb(network: Network, statement: Statement, over: Callable[[], bool] = lambda: False) -> Witness | None:
    """A point where the statement is false of its network, if one is found; stops when `over` says so."""
    import numpy as np

    random = np.random.default_rng(network.inputs)
    size = sum(len(row) + 1 for layer in network.maps for _, row in layer.rows) + 1
    rounds = max(4, min(ROUNDS, WORK // (POINTS * size)))
    shape, inside = (POINTS, network.inputs), Box(statement, network.inputs)
    x = random.standard_normal(shape) * 2.0 ** random.integers(-6, 10, (POINTS, 1))
    x[: POINTS // 2] = np.rint(x[: POINTS // 2])
    x = inside(x, random)
    for turn in range(rounds):
        if over():
            return None
        outputs = evaluate_numpy(network, x)
        index = indices(statement, outputs, x, random)
        error = height(statement, outputs, x, index)
        order = np.argsort(-error, kind="stable")[:KEPT]
        for k in order[:3]:
            if error[k] > 0 and (found := exact(network, statement, x[k], index[:, k])):
                return found
        best = x[order]
        width = 2.0 ** random.integers(-12, 1, (POINTS, 1)) * (1 + np.abs(best).max())
        moved = random.random(shape) < max(0.1, 2 / network.inputs)
        x = np.resize(best, shape) + width * moved * random.standard_normal(shape)
        tied = random.random(shape) < 0.05
        x = np.where(tied, np.take_along_axis(x, random.integers(0, network.inputs, shape), 1), x)
        x[:KEPT] = best
        if turn % 3 == 0:
            x[KEPT:] = np.rint(x[KEPT:] * 8) / 8
        x = inside(x)
    return None


class Box:
    """Where a statement requires inputs to lie, as far as it says so of each on its own; floats within exact bounds."""

    def __init__(self, statement: Statement, inputs: int):
        import numpy as np

        self.low, self.high = np.full(inputs, -np.inf), np.full(inputs, np.inf)
        for at, n, *_ in statement.requires:
            for i in range(n):
                for v, c, const in _alone(at(i), inputs):
                    bound, floats = Fraction(-const, c), self.high if c > 0 else self.low
                    try:
                        near = float(bound)
                    except OverflowError:
                        continue
                    if Fraction(near) > bound if c > 0 else Fraction(near) < bound:
                        near = float(np.nextafter(near, -np.inf if c > 0 else np.inf))
                    floats[v] = min(floats[v], near) if c > 0 else max(floats[v], near)
        self.given = bool(np.isfinite(self.low).any() or np.isfinite(self.high).any())

    def __call__(self, x: Array, random: Any = None) -> Array:
        """The points, moved into the box; with `random`, where it has two ends, spread all over it."""
        import numpy as np

        if not self.given:
            return x
        if random is not None:
            both = np.isfinite(self.low) & np.isfinite(self.high)
            low, high = np.where(both, self.low, 0), np.where(both, self.high, 0)
            spread = low + (high - low) * random.random(x.shape)
            x = np.where(both & (random.random((len(x), 1)) < 0.9), spread, x)
        return np.clip(x, self.low, self.high)


def _alone(fact: Any, inputs: int) -> Iterator[tuple[int, int, int]]:
    """v, c and const of each requirement c v + const <= 0 (or < 0, or = 0) of one input."""
    (first, *more) = branches(fact)
    for one in first if not more else ():
        if len(terms(one)) == 1 and terms(one)[0][0] < inputs:
            ((v, c),) = terms(one)
            yield v, c, constant(one)
            if one[0] == EQ:
                yield v, -c, -constant(one)


def exact(network: Network, statement: Statement, x: Array, index: Array) -> Witness | None:
    """The point as a witness, made simple, if the statement is false there exactly."""
    found = wrong_at(network, statement, [Fraction(float(one)) for one in x], [int(one) for one in index])
    return simplest(network, statement, found) if found is not None else None


def indices(statement: Statement, outputs: Array, x: Array, random: Any) -> Array:
    """An integer for each index and point: of a winner where its array is largest, else any."""
    import numpy as np

    index = np.array([random.integers(0, n, len(x)) for _, n, _ in statement.indices]).reshape(-1, len(x))
    if not statement.indices:
        return index
    first = statement.indices[0][2]
    values = _values(statement, outputs, x, index)
    for array, w in won(statement):
        index[w - first] = np.argmax([values[v] for v in array.variables()], axis=0)
    return index


def _values(statement: Statement, outputs: Array, x: Array, index: Array) -> list[Any]:
    """As `falsify.values`, of many points at once: an array of as many numbers for each variable."""
    import numpy as np

    found: list[Any] = [*x.T, *[None] * len(statement.network.units), *outputs.T, *index.astype(float)]
    for kind, _, data in statement.definitions:
        if kind == "read":
            array, w = data
            elements = np.array([found[v] for v in array.variables()])
            found.append(np.take_along_axis(elements, found[w].astype(int)[None], 0)[0])
        elif kind in ("max", "min"):
            best = np.max([_at(one, found, len(x)) for one in data], axis=0)
            found.append(best if kind == "max" else -best)
        else:
            t = _at(data, found, len(x))
            found.append(t if kind == "form" else np.maximum(t, 0) if kind == "relu" else (t >= 0).astype(float))
    return found


def _at(form: Any, found: list[Any], points: int) -> Array:
    import numpy as np

    total = np.full(points, float(constant(form)))
    for v, c in terms(form):
        total += float(c) * found[v]
    return total / float(form[0])


def height(statement: Statement, outputs: Array, x: Array, index: Array) -> Array:
    """By how much the statement is wrong: 0 or less where it is right, or where something required does not hold."""
    import numpy as np

    values = _values(statement, outputs, x, index)
    scale = BLUR * (1 + np.abs(x).max(axis=1))
    wrong, met = np.full(len(x), -np.inf), np.full(len(x), True)
    for clauses, required in ((statement.requires, True), (statement.ensures, False)):
        cases = [(at, i) for at, n, *_ in clauses for i in range(n)]
        for at, i in cases if required else cases[:: 1 + len(cases) // CLAUSES]:
            error = _error(at(i), values, len(x))
            if required:
                met &= error <= scale
            else:
                wrong = np.maximum(wrong, error)
    return np.where(met, wrong - scale, -np.inf)


def _error(fact: Any, values: list[Any], points: int) -> Array:
    """By how much a clause fails: of its branches the least, of the atoms of one the most."""
    import numpy as np

    found = np.full(points, np.inf)
    for branch in branches(fact):
        most = np.full(points, -np.inf)
        for one in branch:
            t = _at((1, *one[1:]), values, points)
            most = np.maximum(most, np.abs(t) if one[0] == EQ else t)
        found = np.minimum(found, most)
    return found
