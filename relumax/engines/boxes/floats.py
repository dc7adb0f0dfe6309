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


class Found(NamedTuple):
    """What a batch of boxes shows: which are closed, which were halved, and points to try in these."""

    closed: list[Path]
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
        """What sums of the units of the last of these layers are at most in each box, and their slopes in inputs."""
        import numpy as np

        a = np.broadcast_to(rows, (len(low), *rows.shape))
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


class Objective(NamedTuple):
    """What has to be at most 0: a sum of units of the last layer and of inputs."""

    units: Array
    inputs: Array
    constant: float


def cut(relaxed: Relaxed, objective: Objective, box: Box, most: int) -> Iterator[Found]:
    """The boxes, batch after batch, in which the objective is below 0; raises GaveUp beyond `most` of them."""
    import numpy as np

    pending, count = [box], 0
    while pending:
        taken, pending = pending[-relaxed.batch :], pending[: -relaxed.batch]
        low, high = np.stack([one.low for one in taken]), np.stack([one.high for one in taken])
        bound, slope = _bounded(relaxed, objective, low, high)
        closed = [one.path for one, value in zip(taken, bound, strict=True) if value < 0]
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


def _bounded(relaxed: Relaxed, objective: Objective, low: Array, high: Array) -> tuple[Array, Array]:
    """By how much the objective may be above 0, or surely is below it; and its slopes in inputs."""
    import numpy as np

    least, most = relaxed.bounds(low, high)
    row = _grid(objective.units[np.newaxis], WEIGHT)
    bound, slope = relaxed.most(row, np.array([objective.constant]), low, high, least, most)
    slopes: Array = slope[:, 0] + objective.inputs
    total = bound[:, 0]
    scale = np.full(len(total), abs(objective.constant))
    for i in range(slopes.shape[1]):
        own = objective.inputs[i]
        ends = np.where(slopes[:, i] > 0, high[:, i], low[:, i])
        before = np.where(slope[:, 0, i] > 0, high[:, i], low[:, i])
        total = total + (slopes[:, i] * ends - slope[:, 0, i] * before if own else 0.0)
        scale = np.maximum(scale, np.abs(slopes[:, i] * ends))
    return total + SURE * scale, slopes


def share(paths: Sequence[Path]) -> float:
    """Which part of the whole box these are."""
    return sum(2.0 ** -len(path) for path in paths)
