"""Counterexamples where a network bends: points walked to where some unit's argument is 0, and a little to either side.

Two networks that differ on a thin region, or far from 0, differ where one of them has a unit that the other lacks, and
nearest there. So points are moved, in floats and many at once, towards s(x) = 0 for a unit relu(s), by steps of

    x := x - s(x) g / |g|^2,     g the gradient of s at x,

first for units that no other is a multiple of at random points. A point counts only if the statement is false there
exactly (`witness.refutes`); where there are steps, which may be wrong at s(x) = 0 alone, it is moved there exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.engines.ascent import BLUR, Box, climb, exact, height, indices
from relumax.engines.falsify import wrong_at
from relumax.engines.simple import simplest
from relumax.engines.witness import Witness
from relumax.errors import FormatError
from relumax.kernel.statement import Statement
from relumax.network.evaluate import dense, trace
from relumax.network.layers import Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Target = tuple[int, Array]  # a layer, and units of it

MOST_CELLS = 20_000_000
"""Of the dense weights of a network; one with more is climbed alone."""
WALKS, STEPS = 256, 24
"""Points that walk at a time, and how often each steps at most."""
WORK = 10_000_000_000
"""About so many products in all walks: seconds."""
ROUNDS = 24
PLAIN, EXACT = 6, 4
"""Random points that are evaluated exactly, and points of each round."""
NOISE = 1e-14
"""What floats alone make wrong, as a part of a point's size."""
NEAR = (2.0**-30, 2.0**-20, 2.0**-12, 2.0**-6, 2.0**-2, 1.0, 16.0)
"""How far from its kink a point is looked at, as parts of its size."""


def refuted(network: Network, statement: Statement, over: Callable[[], bool] = lambda: False) -> Witness | None:
    """A point where the statement is false of its network, if one is found; stops when `over` says so."""
    import numpy as np

    random, inside = np.random.default_rng(network.inputs), Box(statement, network.inputs)
    for k in range(PLAIN):
        x = inside(random.standard_normal((1, network.inputs)) * 2.0 ** (0, 0, 4, -4, 12, 30)[k], random)[0]
        if (found := wrong_at(network, statement, [Fraction(float(one)) for one in x])) is not None:
            return simplest(network, statement, found)
        if over():
            return None
    try:
        found = _walked(network, statement, inside, random, over)
        return found if found is not None or over() else climb(network, statement, over)
    except FormatError:  # a weight beyond the range of floats
        return None


class _Floats(NamedTuple):
    """A network as floats: weights and biases of its maps, and which units of hidden layers are steps."""

    weights: list[Array]
    biases: list[Array]
    steps: list[Array]

    @property
    def size(self) -> int:
        """How many weights there are."""
        return sum(one.size for one in self.weights)

    def __call__(self, x: Array) -> Array:
        """The outputs at many points."""
        import numpy as np

        for weight, bias, steps in zip(self.weights[:-1], self.biases, self.steps, strict=False):
            s = x @ weight.T + bias
            x = np.where(steps, s >= 0, np.maximum(s, 0.0))
        return x @ self.weights[-1].T + self.biases[-1]


def _walked(
    network: Network, statement: Statement, inside: Box, random: Any, over: Callable[[], bool]
) -> Witness | None:
    cells = sum(len(layer.rows) * columns for layer, columns in zip(network.maps, network.columns, strict=True))
    if not network.depth or cells > MOST_CELLS:
        return None
    floats = _Floats(*dense(network))
    targets = _targets(floats, random)
    for _ in range(max(2, min(ROUNDS, WORK // (WALKS * (STEPS + 2 * len(NEAR)) * floats.size + 1)))):
        for t, units in _by_layer(targets):
            if over():
                return None
            x = random.standard_normal((len(units), network.inputs)) * 2.0 ** random.integers(-4, 8, (len(units), 1))
            found = _looked(network, statement, floats, (t, units), inside, inside(x, random), random)
            if found is not None:
                return found
    return None


def _looked(
    network: Network, statement: Statement, floats: _Floats, at: Target, inside: Box, x: Array, random: Any
) -> Witness | None:
    """A point near kinks of these units of a layer, walked to from x, where the statement is wrong."""
    import numpy as np

    t, units = at
    with np.errstate(all="ignore"):
        x, g = _walk(floats, t, units, x)
        size = np.linalg.norm(g, axis=1, keepdims=True)
        fine = np.isfinite(x).all(axis=1) & np.isfinite(size[:, 0]) & (size[:, 0] > 0)
        x, g, units = x[fine], (g / size)[fine], units[fine]
        if not len(x):
            return None
        width = 1 + np.abs(x).max(axis=1, keepdims=True)
        around = [x, *(x + sign * near * width * g for near in NEAR for sign in (1, -1))]
        points = inside(np.concatenate(around))
        outputs = floats(points)
        index = indices(statement, outputs, points, random)
        scale = 1 + np.abs(points).max(axis=1)
        error = (height(statement, outputs, points, index) + BLUR * scale) / scale
    best = [int(k) for k in np.argsort(-error, kind="stable")[:EXACT]]
    wrong = [k for k in best if error[k] > NOISE]
    for k in wrong or best[:1]:
        if (found := exact(network, statement, points[k], index[:, k])) is not None:
            return found
    if any(layer.steps for layer in network.layers):
        for k in range(min(EXACT, len(x))):
            moved = _onto(network, t, int(units[k]), x[k])
            if moved is not None and (found := wrong_at(network, statement, moved)) is not None:
                return simplest(network, statement, found)
    return None


def _walk(floats: _Floats, t: int, units: Array, x: Array) -> tuple[Array, Array]:
    """The points after their steps towards where their units of layer t are 0, and the gradients there."""
    import numpy as np

    for _ in range(STEPS):
        h, masks = x, []
        for weight, bias, steps in zip(floats.weights[:t], floats.biases, floats.steps, strict=False):
            s = h @ weight.T + bias
            on = s > 0
            h = np.where(steps, s >= 0, np.where(on, s, 0.0))
            masks.append(on & ~steps)
        s = np.einsum("pj,pj->p", h, floats.weights[t][units]) + floats.biases[t][units]
        g = floats.weights[t][units]
        for weight, mask in zip(reversed(floats.weights[:t]), reversed(masks), strict=True):
            g = (g * mask) @ weight
        length = np.einsum("pj,pj->p", g, g)
        step = np.where(length > 0, s / np.where(length > 0, length, 1), 0)
        x = x - step[:, None] * g
        if not np.any(np.abs(step) > 1e-15 * (1 + np.abs(x).max(axis=1))):
            break
    return x, g


def _targets(floats: _Floats, random: Any) -> list[Target]:
    """The units of each layer: first those of which no other is a multiple, as far as random points show."""
    import numpy as np

    h = random.standard_normal((8, floats.weights[0].shape[1])) * np.array([[1.0, 1, 1, 1, 4, 4, 16, 64]]).T
    found = []
    with np.errstate(all="ignore"):
        for t, (weight, bias, steps) in enumerate(zip(*floats, strict=False)):
            s = h @ weight.T + bias
            length = np.abs(s).max(axis=0)
            signature = np.rint(s / np.where(length > 0, length, 1) * np.sign(s[0]) * 1e12)
            _, inverse, count = np.unique(signature.T, axis=0, return_inverse=True, return_counts=True)
            alone = count[inverse.reshape(-1)] == 1
            order = random.permutation(len(bias))
            found.append((t, order[np.argsort(~alone[order], kind="stable")]))
            h = np.where(steps, s >= 0, np.maximum(s, 0.0))
    return found


def _by_layer(targets: Sequence[Target]) -> Iterator[Target]:
    """So many units of each layer as walk at a time; where a layer has few, each several times."""
    import numpy as np

    each = max(8, WALKS // len(targets))
    for t, units in targets:
        yield t, np.resize(units, each)
        units[:] = np.roll(units, -each)


def _onto(network: Network, t: int, unit: int, x: Array) -> list[Fraction] | None:
    """The point moved along one input so that the unit's argument is 0 exactly, its pattern of units being kept."""
    point = [Fraction(float(one)) for one in x]
    layers = trace(network, point).layers
    gradient = {j: Fraction(c, network.layers[t].den) for j, c in network.layers[t].rows[unit][1]}
    for layer, values in zip(reversed(network.layers[:t]), reversed(layers[:t]), strict=True):
        below: dict[int, Fraction] = {}
        for j, weight in gradient.items():
            if values.pre[j] > 0 and j not in layer.steps:
                for i, c in layer.rows[j][1]:
                    below[i] = below.get(i, Fraction(0)) + weight * Fraction(c, layer.den)
        gradient = below
    if not any(gradient.values()):
        return None
    j = max(gradient, key=lambda i: abs(gradient[i]))
    point[j] -= layers[t].pre[unit] / gradient[j]
    return point
