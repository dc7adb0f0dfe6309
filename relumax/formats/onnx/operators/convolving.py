"""Windows that move over [batch, channels, sizes...]: convolution with constant weights, average and largest."""

from __future__ import annotations

from fractions import Fraction
from itertools import cycle, product, repeat
from math import prod
from reprlib import repr as brief
from typing import NamedTuple

from relumax.formats.onnx.cells import Cell
from relumax.formats.onnx.operators.table import Call, operator
from relumax.formats.onnx.tensor import Tensor, count, strides
from relumax.network.layers import Rational


class Axis(NamedTuple):
    """A window's way along one axis: its size, the kernel's, stride, dilation, padding before and after; windows."""

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    windows: int

    def inside(self, window: int) -> list[tuple[int, int]]:
        """(place in the kernel, place on the axis) for what of a window lies on the axis."""
        first = window * self.stride - self.before
        places = ((k, first + k * self.dilation) for k in range(self.kernel))
        return [(k, place) for k, place in places if 0 <= place < self.size]

    def counted(self, window: int) -> int:
        """How much of a window lies on the axis or its padding."""
        first = window * self.stride
        return sum(first + k * self.dilation < self.before + self.size + self.after for k in range(self.kernel))


def _axes(call: Call, sizes: tuple[int, ...], kernel: list[int]) -> list[Axis]:
    """How windows of this kernel move over axes of these sizes, as the node's attributes say."""
    rank = len(sizes)
    steps = call.integers("strides") or [1] * rank
    dilations = call.integers("dilations") or [1] * rank
    pads = call.integers("pads") or [0] * 2 * rank
    mode, ceil = call.text("auto_pad", "NOTSET"), call.integer("ceil_mode", 0)
    lengths = [len(kernel), len(steps), len(dilations), len(pads)]
    if lengths != [rank, rank, rank, 2 * rank] or min(*kernel, *steps, *dilations) < 1 or min(pads) < 0:
        call.fail(
            f"moves a kernel {brief(kernel)} with strides {brief(steps)}, dilations {brief(dilations)} and pads "
            f"{brief(pads)} over {brief(list(sizes))}"
        )
    if mode not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        call.fail(f"has auto_pad {brief(mode)}")
    pools = mode.startswith("SAME") and call.node.op in ("AveragePool", "MaxPool")
    if pools and max(dilations) > 1:
        call.fail(f"has dilations {brief(dilations)} and auto_pad {mode}, which runtimes read in different ways")
    found = []
    for axis, (size, width, step, dilation) in enumerate(zip(sizes, kernel, steps, dilations, strict=True)):
        before, after = (pads[axis], pads[axis + rank]) if mode == "NOTSET" else (0, 0)
        reach = (width - 1) * dilation + 1
        if mode.startswith("SAME"):
            missing = (-(-size // step) - 1) * step + reach - size
            if pools and missing < 0:
                call.fail(
                    f"has auto_pad {mode}, and windows of {reach} every {step} that do not reach over {size}: "
                    "runtimes leave out different ends"
                )
            missing = max(0, missing)
            before, after = missing // 2, missing - missing // 2
            if mode == "SAME_LOWER":
                before, after = after, before
        room = size + before + after - reach
        windows = (-(-room // step) if ceil else room // step) + 1
        if ceil and (windows - 1) * step >= size + before:  # a window that would start in the padding behind
            windows -= 1
        if room < 0 or windows < 1:
            call.fail(f"moves a kernel {brief(kernel)} over sizes {brief(list(sizes))}, where it does not fit")
        found.append(Axis(size, width, step, dilation, before, after, windows))
    return found


def _windows(call: Call, axes: list[Axis]) -> list[list[tuple[int, int]]]:
    """For every window, row-major, what lies inside: (flat place in the kernel, flat place on the axes)."""
    call.units.spend(prod(axis.windows * axis.kernel for axis in axes))
    inner, outer = strides([axis.kernel for axis in axes]), strides([axis.size for axis in axes])
    lines = [
        [[(k * one, place * other) for k, place in axis.inside(window)] for window in range(axis.windows)]
        for axis, one, other in zip(axes, inner, outer, strict=True)
    ]
    return [
        [(sum(k for k, _ in places), sum(place for _, place in places)) for places in product(*window)]
        for window in product(*lines)
    ]


def _space(call: Call, least: int = 3) -> tuple[Tensor, int, int, tuple[int, ...]]:
    given = call.tensor()
    if len(given.shape) < least:
        call.fail(f"moves over a tensor of shape {list(given.shape)}, expected [batch, channels, sizes...]")
    return given, given.shape[0], given.shape[1], given.shape[2:]


@operator("Conv", inputs=(2, 3))
def conv(call: Call) -> Tensor:
    """Y[n, m, o] = B[m] + sum over c, k of W[m, c, k] * X[n, c, o * stride + k * dilation - pad], X being 0 outside.

    W is [features, channels / group, kernel...]; feature m reads the channels of its group.
    """
    given, batch, channels, sizes = _space(call)
    weights, biases, group = call.constant(1), call.numbers(2), call.integer("group", 1)
    if weights is None or len(weights.shape) != len(given.shape) or weights.kind != given.kind:
        call.fail(f"has weights that do not fit an input of {given.kind}{list(given.shape)}")
    features, read, kernel = weights.shape[0], weights.shape[1], list(weights.shape[2:])
    if group < 1 or channels != read * group or features % group or (biases and len(biases) != features):
        call.fail(f"has {group} groups, weights {list(weights.shape)} for an input of shape {list(given.shape)}")
    if (call.integers("kernel_shape") or kernel) != kernel:
        call.fail(f"has another kernel_shape than its weights, {kernel}")
    axes = _axes(call, sizes, kernel)
    shape = (batch, features, *(axis.windows for axis in axes))
    count(shape)
    entries: list[list[dict[int, Rational]]] = [[{} for _ in range(read)] for _ in range(features)]
    area, volume = prod(kernel), prod(sizes)
    for position, weight in weights.nonzero():
        feature, rest = divmod(position, read * area)
        entries[feature][rest // area][rest % area] = weight
    windows = _windows(call, axes)
    cells: list[Cell] = []
    for page, feature in product(range(batch), range(features)):
        first = (page * channels + feature // (features // group) * read) * volume
        bias = biases[feature] if biases else 0
        for window in windows:
            call.units.spend(read * len(window))
            pairs = [
                (kept[k], given.cells[first + channel * volume + place])
                for channel, kept in enumerate(entries[feature])
                for k, place in window
                if k in kept
            ]
            cells.append(call.units.combine(pairs, given.dynamic, bias))
    return call.result(shape, cells, given)


def _pooled(call: Call) -> tuple[Tensor, list[Axis], list[list[Cell]]]:
    """The input, how windows move, and for every cell of the result the cells of its window."""
    given, batch, channels, sizes = _space(call)
    axes = _axes(call, sizes, call.integers("kernel_shape") or [])
    windows, volume = _windows(call, axes), prod(sizes)
    count((batch, channels, *(axis.windows for axis in axes)))
    call.units.spend(batch * channels * sum(map(len, windows)))
    rows = [
        [given.cells[page * volume + place] for _, place in window]
        for page in range(batch * channels)
        for window in windows
    ]
    return given, axes, rows


@operator("MaxPool", inputs=(1, 1))
def _max_pool(call: Call) -> Tensor:
    """The largest cell of each window; padding is never the largest."""
    call.ignore("storage_order")  # of the indices, which are not read
    given, axes, rows = _pooled(call)
    if not all(rows):
        call.fail("has a window that lies in the padding only")
    return call.result((*given.shape[:2], *(axis.windows for axis in axes)), call.units.largest(rows), given)


@operator("AveragePool", inputs=(1, 1))
def _average_pool(call: Call) -> Tensor:
    """The mean of each window over what lies inside, or with count_include_pad also over its padding of zeros."""
    padding = call.integer("count_include_pad", 0)
    given, axes, rows = _pooled(call)
    if padding:
        sizes = [prod(places) for places in product(*(map(axis.counted, range(axis.windows)) for axis in axes))]
    else:
        sizes = list(map(len, rows[: prod(axis.windows for axis in axes)]))
    if not all(sizes):
        call.fail("has a window that lies in the padding only")
    weights = cycle([Fraction(1, size) for size in sizes])
    cells = [
        call.units.combine(zip(repeat(weight), row, strict=False), given.dynamic)
        for weight, row in zip(weights, rows, strict=False)
    ]
    return call.result((*given.shape[:2], *(axis.windows for axis in axes)), cells, given)
