"""The boxes into which a box has to be cut, found in floats that make no error.

Numbers are rounded to so few bits before they are multiplied and summed up that each sum is exact, in whatever order a
library takes it: the same boxes come out on every machine. They prove nothing; `exact` goes through them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.engines.search import GaveUp
from relumax.network.evaluate import dense
from relumax.network.layers import Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

SLOPES = 256
"""Slopes of upper lines are multiples of one part in so many."""
BITS, WEIGHT = 53, 20
"""Of a float, and of a weight."""
SURE = 2.0**-16
"""A bound has to be that far below 0, as a part of the largest value of an input or output in it."""
PAIRED, FINER = 8, 3
"""Objectives any two of which are tried together, and how often weights are made finer."""
BATCH = 32
DEEPEST = 48

Path = tuple[tuple[int, int], ...]
"""How a box is cut out: so often an input, and the lower (0) or the upper (1) half."""
CELLS = 1 << 24
"""Floats of a batch's largest array."""


class Box(NamedTuple):
    """A box in floats."""

    path: Path
    low: Array
    high: Array


class Closed(NamedTuple):
    """A box in which the sum of the objectives, so often each, is below 0."""

    path: Path
    weights: tuple[int, ...]


class Found(NamedTuple):
    """What a batch of boxes shows: which are closed, and points to try in those that were halved."""

    closed: list[Closed]
    points: list[Array]


class Relaxed:
    """A network's relaxation on boxes, many at once."""

    def __init__(self, network: Network):
        weights, biases, _ = dense(network)
        self.weights = [_grid(one, WEIGHT, None) for one in weights[:-1]]
        self.biases = [_grid(one, WEIGHT, None) for one in biases[:-1]]
        self.bits = BITS - WEIGHT - max(len(row) for one in weights for row in one).bit_length() - 1
        self.batch = max(1, min(BATCH, CELLS // max(len(one) for one in biases) ** 2))

    def bounds(self, low: Array, high: Array) -> tuple[list[Array], list[Array]]:
        """For each layer, what units' arguments are at least and at most, a row for each box."""
        import numpy as np

        least: list[Array] = []
        most: list[Array] = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            both = np.concatenate([weight, -weight])
            found, _ = self.most(both, np.concatenate([bias, -bias]), low, high, least, most)
            least.append(-found[:, len(bias) :])
            most.append(np.maximum(found[:, : len(bias)], least[-1]))
        return least, most

    def decided(self, box: Box) -> int:
        """How many units are always on or always off in a box."""
        found = self.bounds(box.low[None], box.high[None])
        return sum(int(((least >= 0) | (most <= 0)).sum()) for least, most in zip(*found, strict=True))

    def most(
        self, rows: Array, bias: Array, low: Array, high: Array, least: list[Array], most: list[Array]
    ) -> tuple[Array, Array]:
        """What sums of the units of the last of these layers are at most in each box, and their slopes in inputs.

        `rows` are the same in all boxes, or have one more axis first, the boxes.
        """
        import numpy as np

        a = np.broadcast_to(rows, (len(low), *rows.shape[-2:]))
        total = np.broadcast_to(bias, a.shape[:2]).copy()
        for k in range(len(least) - 1, -1, -1):
            slope, shift, lower = (one[:, np.newaxis] for one in lines(least[k], most[k]))
            up = np.maximum(a, 0)
            total += self._dot(up, shift)
            a = _grid(up * slope + np.minimum(a, 0) * lower, self.bits)
            total += a @ self.biases[k]
            a = _grid(a @ self.weights[k], self.bits)
        ends = np.where(a > 0, _grid(high, WEIGHT)[:, np.newaxis], _grid(low, WEIGHT)[:, np.newaxis])
        for i in range(a.shape[2]):
            total = total + a[:, :, i] * ends[:, :, i]
        return total, a

    def _dot(self, a: Array, shift: Array) -> Array:
        """The sum over units of a times shift, exact before it is rounded."""
        found: Array = (_grid(a, self.bits) @ _grid(shift, WEIGHT).swapaxes(1, 2))[:, :, 0]
        return found


def lines(least: Array, most: Array) -> tuple[Array, Array, Array]:
    """Of units between these, the slope and shift of the upper line, and the slope (0 or 1) of the lower one."""
    import numpy as np

    width = np.where(most > least, most - least, 1.0)
    slope = np.rint(np.clip(most, 0, width) / width * SLOPES) / SLOPES
    slope = np.where(most <= 0, 0.0, np.where(least >= 0, 1.0, slope))
    shift = np.maximum(np.maximum(-slope * least, (1 - slope) * most), 0.0)
    return slope, np.where((least < 0) & (most > 0), shift, 0.0), np.where(most > -least, 1.0, 0.0)


def _grid(a: Array, bits: int, axis: int | None = -1) -> Array:
    """The numbers rounded to so many bits below the largest of their row."""
    import numpy as np

    largest = np.max(np.abs(a), axis=axis, keepdims=True) if a.size else np.zeros((1,) * a.ndim)
    scale = np.ldexp(1.0, np.clip(bits - np.frexp(largest)[1], -1000, 1000))
    found: Array = np.rint(a * scale) / scale
    return found


class Objectives(NamedTuple):
    """What has to be at most 0, or of several one: sums of units of the last layer and of inputs, a row for each."""

    units: Array
    inputs: Array
    constants: Array


def cut(relaxed: Relaxed, objectives: Objectives, box: Box, most: int) -> Iterator[Found]:
    """The boxes, batch after batch, in which a sum of the objectives is below 0; raises GaveUp beyond `most` of them.

    Where c_k f_k sum up to less than 0 for some c_k >= 0, one of the f_k is less than 0 at each point.
    """
    import numpy as np

    pending, count = [box], 0
    while pending:
        taken, pending = pending[-relaxed.batch :], pending[: -relaxed.batch]
        low, high = np.stack([one.low for one in taken]), np.stack([one.high for one in taken])
        bound, slope, weights = _bounded(relaxed, objectives, low, high)
        closed = [
            Closed(one.path, tuple(map(int, own)))
            for one, value, own in zip(taken, bound, weights, strict=True)
            if value < 0
        ]
        rest = [k for k, value in enumerate(bound) if not value < 0]
        count += len(taken)
        if count > most:
            raise GaveUp(f"more than {most:,} boxes are looked at")
        corners = np.where(slope > 0, high, low)
        yield Found(closed, [point for k in rest for point in (corners[k], (low[k] + high[k]) / 2)])
        for k in rest:
            one = taken[k]
            if len(one.path) == DEEPEST:
                raise GaveUp(f"a box is halved {DEEPEST} times, and what is left is not below 0")
            i = int(np.argmax((one.high - one.low) * (np.abs(slope[k]) + np.abs(slope[k]).max() / 64)))
            middle = (one.low[i] + one.high[i]) / 2
            for side in (1, 0):
                ends = one.low.copy(), one.high.copy()
                ends[1 - side][i] = middle
                pending.append(Box((*one.path, (i, side)), *ends))


def _bounded(relaxed: Relaxed, objectives: Objectives, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """By how much the best sum of the objectives may be above 0, or surely is below it; its slopes; its weights.

    Bounds are convex in the weights: from the best of few, those are tried that have a little more of one objective.
    """
    import numpy as np

    bounds, count = relaxed.bounds(low, high), len(objectives.constants)
    weights = np.broadcast_to(_first(count), (len(low), len(_first(count)), count))
    found = _best(*_sums(relaxed, objectives, weights, (low, high), bounds), weights)
    for _ in range(FINER if count > 1 else 0):
        weights = np.concatenate([found[2][:, np.newaxis], 2 * found[2][:, np.newaxis] + np.eye(count)], axis=1)
        found = _best(*_sums(relaxed, objectives, weights, (low, high), bounds), weights)
    return found


def _first(count: int) -> Array:
    """Each objective on its own, any two of few, and all."""
    import numpy as np

    own = np.eye(count)
    if count == 1:
        return own
    pairs = [own[i] + own[j] for i in range(count) for j in range(i)] if 2 < count <= PAIRED else []
    return np.array([*own, *pairs, np.ones(count)])


def _best(bound: Array, slopes: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Of each box the weights with the least bound, as a part of what they sum up to."""
    import numpy as np

    k = np.argmin(bound / weights.sum(axis=2), axis=1)
    every = np.arange(len(k))
    return bound[every, k], slopes[every, k], weights[every, k]


def _sums(
    relaxed: Relaxed,
    objectives: Objectives,
    weights: Array,
    ends: tuple[Array, Array],
    bounds: tuple[list[Array], list[Array]],
) -> tuple[Array, Array]:
    """Bounds of sums of the objectives in each box, so often each, and their slopes in inputs."""
    import numpy as np

    low, high = ends
    rows = _grid(weights @ _grid(objectives.units, WEIGHT), WEIGHT)
    constants = np.zeros(weights.shape[:2])
    inputs = np.zeros((*weights.shape[:2], low.shape[1]))
    for k, constant in enumerate(objectives.constants):  # one after another: the same on every machine
        constants = constants + weights[:, :, k] * constant
        inputs = inputs + weights[:, :, k, np.newaxis] * objectives.inputs[k]
    total, slope = relaxed.most(rows, constants, low, high, *bounds)
    slopes: Array = slope + inputs
    scale = np.abs(constants)
    for i in range(slopes.shape[2]):
        at = np.where(slopes[:, :, i] > 0, high[:, np.newaxis, i], low[:, np.newaxis, i])
        before = np.where(slope[:, :, i] > 0, high[:, np.newaxis, i], low[:, np.newaxis, i])
        moved = slopes[:, :, i] * at - slope[:, :, i] * before
        total = total + np.where(inputs[:, :, i] != 0, moved, 0.0)
        scale = np.maximum(scale, np.abs(slopes[:, :, i] * at))
    return total + SURE * scale, slopes


def share(paths: Sequence[Path]) -> float:
    """Which part of the whole box these are."""
    return sum(2.0 ** -len(path) for path in paths)
