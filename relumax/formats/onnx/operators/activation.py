"""Piecewise-linear activations, all made of relu. A slope is the rational that its float is."""

from __future__ import annotations

from collections.abc import Sequence

from relumax.formats.onnx.cells import Cell, add, negated, number_of, scale
from relumax.formats.onnx.operators.table import MANY, Call, as_single, operator
from relumax.formats.onnx.tensor import Tensor, broadcast, tensor
from relumax.network.layers import Rational


@operator("Relu", inputs=(1, 1))
def _relu(call: Call) -> Tensor:
    """max(X, 0)."""
    given = call.tensor()
    return call.result(given.shape, call.units.relu(given.cells), given)


def leaky(call: Call, cells: Sequence[Cell], slopes: Sequence[Rational]) -> list[Cell]:
    """x where x >= 0, else slope * x: relu(x) - slope * relu(-x)."""
    positive, negative = call.units.relu(cells), call.units.relu(negated(cells))
    return [add(p, scale(-slope, n)) for p, n, slope in zip(positive, negative, slopes, strict=True)]


@operator("LeakyRelu", inputs=(1, 1))
def _leaky_relu(call: Call) -> Tensor:
    """X where X >= 0, else alpha * X."""
    given = call.tensor()
    slopes = [call.number("alpha", as_single("0.01"))] * len(given.cells)
    return call.result(given.shape, leaky(call, given.cells, slopes), given)


@operator("PRelu", inputs=(2, 2))
def _prelu(call: Call) -> Tensor:
    """X where X >= 0, else slope * X, for constant slopes broadcast to the shape of X."""
    given, slope = call.all()
    if broadcast(given.shape, slope.shape) != given.shape:
        call.fail(f"has slopes of shape {list(slope.shape)} for an input of shape {list(given.shape)}")
    slopes = [number_of(cell) for cell in slope.spread(given.shape).cells]
    known = [slope for slope in slopes if slope is not None]
    if len(known) < len(slopes):
        call.fail("has slopes that depend on the network's input")
    return call.result(given.shape, leaky(call, given.cells, known), given)


@operator("Abs", inputs=(1, 1))
def _abs(call: Call) -> Tensor:
    """|X| = relu(X) + relu(-X)."""
    given = call.tensor()
    return call.result(given.shape, leaky(call, given.cells, [-1] * len(given.cells)), given)


def _rows(call: Call) -> tuple[tuple[int, ...], list[list[Cell]]]:
    """The inputs, broadcast, cell by cell."""
    shape, columns = call.alongside()
    return shape, [list(row) for row in zip(*columns, strict=True)]


@operator("Max", inputs=(1, MANY))
def _max(call: Call) -> Tensor:
    """The largest of all inputs, broadcast."""
    shape, rows = _rows(call)
    return call.result(shape, call.units.largest(rows), call.tensor())


@operator("Min", inputs=(1, MANY))
def _min(call: Call) -> Tensor:
    """The smallest of all inputs, broadcast."""
    shape, rows = _rows(call)
    return call.result(shape, negated(call.units.largest(map(negated, rows))), call.tensor())


def _clipped(call: Call, low: Rational | None, high: Rational | None) -> Tensor:
    given = call.tensor()
    cells: Sequence[Cell] = given.cells
    if low is not None:
        cells = call.units.maximum(cells, [low] * len(cells))
    if high is not None:  # where low > high, all is high: so says the standard
        cells = call.units.minimum(cells, [high] * len(cells))
    return tensor(given.shape, cells, given.kind)


@operator("Clip", inputs=(1, 1), until=10)
def _clip_6(call: Call) -> Tensor:
    """min(max(X, min), max) for attributes min and max."""
    bounds = [call.number(name, 0) if call.has(name) else None for name in ("min", "max")]
    return _clipped(call, *bounds)


@operator("Clip", inputs=(1, 3), since=11)
def _clip(call: Call) -> Tensor:
    """min(max(X, min), max) for constants min and max, each of which may be left out."""
    return _clipped(call, call.single(1), call.single(2))


@operator("HardSigmoid", inputs=(1, 1))
def _hard_sigmoid(call: Call) -> Tensor:
    """max(0, min(1, alpha * X + beta))."""
    given = call.tensor()
    alpha, beta = call.number("alpha", as_single("0.2")), call.number("beta", as_single("0.5"))
    scaled = given._replace(cells=[add(scale(alpha, cell), beta) for cell in given.cells])
    low = call.units.relu(scaled.cells)
    return call.result(given.shape, call.units.minimum(low, [1] * len(low)), given)
