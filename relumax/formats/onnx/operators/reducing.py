"""Sums, means, largest and smallest along axes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

from relumax.formats.onnx.cells import Cell, negated
from relumax.formats.onnx.operators.table import Call, operator
from relumax.formats.onnx.tensor import Tensor, count, strides, walk

Reduction = Callable[[Call, list[list[Cell]]], list[Cell]]


def _total(call: Call, rows: list[list[Cell]]) -> list[Cell]:
    return [call.units.combine([(1, cell) for cell in row], False) for row in rows]


def _average(call: Call, rows: list[list[Cell]]) -> list[Cell]:
    weight = Fraction(1, len(rows[0])) if rows else 1
    return [call.units.combine([(weight, cell) for cell in row], False) for row in rows]


def _largest(call: Call, rows: list[list[Cell]]) -> list[Cell]:
    return call.units.largest(rows)


def _smallest(call: Call, rows: list[list[Cell]]) -> list[Cell]:
    return negated(call.units.largest(map(negated, rows)))


def _along(call: Call, axes: list[int] | None, keep: bool, reduction: Reduction, empty: bool = False) -> Tensor:
    """X with each of these axes reduced to one cell, or to none; all axes if none is named. `empty`: none may be."""
    given = call.tensor()
    rank = len(given.shape)
    gone = call.axes(axes, rank) if axes else [*range(rank)]
    kept = [axis for axis in range(rank) if axis not in gone]
    apart = strides(given.shape)
    inner = [given.shape[axis] for axis in gone]
    if not empty and not prod(inner):
        call.fail(f"reduces a tensor of shape {list(given.shape)}, of which nothing is left")
    bases = walk([given.shape[axis] for axis in kept], [apart[axis] for axis in kept])
    offsets = walk(inner, [apart[axis] for axis in gone])
    count((len(bases), len(offsets)))
    cells = reduction(call, [[given.cells[base + offset] for offset in offsets] for base in bases])
    shape = [1 if axis in gone else size for axis, size in enumerate(given.shape) if keep or axis in kept]
    return call.result(shape, cells, given)


def _reduced(call: Call, new: int, reduction: Reduction, empty: bool = False) -> Tensor:
    """Axes are an attribute before opset `new`, an input from then on, where leaving them out may mean no axis."""
    axes = call.integers("axes") if call.opset < new else call.places(1)
    keep = bool(call.integer("keepdims", 1))
    if call.integer("noop_with_empty_axes", 0) and not axes:
        return call.tensor()
    return _along(call, axes, keep, reduction, empty)


@operator("ReduceSum", inputs=(1, 1), until=12)
@operator("ReduceSum", inputs=(1, 2), since=13)
def _reduce_sum(call: Call) -> Tensor:
    """The sum along axes."""
    return _reduced(call, 13, _total, True)


@operator("ReduceMean", inputs=(1, 1), until=17)
@operator("ReduceMean", inputs=(1, 2), since=18)
def _reduce_mean(call: Call) -> Tensor:
    """The mean along axes."""
    return _reduced(call, 18, _average)


@operator("ReduceMax", inputs=(1, 1), until=17)
@operator("ReduceMax", inputs=(1, 2), since=18)
def _reduce_max(call: Call) -> Tensor:
    """The largest along axes."""
    return _reduced(call, 18, _largest)


@operator("ReduceMin", inputs=(1, 1), until=17)
@operator("ReduceMin", inputs=(1, 2), since=18)
def _reduce_min(call: Call) -> Tensor:
    """The smallest along axes."""
    return _reduced(call, 18, _smallest)


def _over_space(call: Call, reduction: Reduction) -> Tensor:
    rank = len(call.tensor().shape)
    if rank < 3:
        call.fail(f"pools a tensor of {rank} axes, expected [batch, channels, sizes...]")
    return _along(call, [*range(2, rank)], True, reduction)


@operator("GlobalAveragePool", inputs=(1, 1))
def _global_average_pool(call: Call) -> Tensor:
    """The mean along all axes from 2 on."""
    return _over_space(call, _average)


@operator("GlobalMaxPool", inputs=(1, 1))
def _global_max_pool(call: Call) -> Tensor:
    """The largest along all axes from 2 on."""
    return _over_space(call, _largest)
