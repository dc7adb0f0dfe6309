"""Sums, means, largest and smallest along axes, and where these are."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

from relumax.formats.onnx.cells import Cell, negated, subtract
from relumax.formats.onnx.operators.table import Call, operator
from relumax.formats.onnx.tensor import Tensor, count, strides, walk
from relumax.network.layers import Rational

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


def _places(call: Call, rows: list[list[Cell]], last: bool) -> list[Cell]:
    """Where the largest of each row is, the first or the last of equal ones, by steps.

    wins_i counts the others that i beats: for i < j, s = step(x_i - x_j) says that i beats j, ties to the first, and
    1 - s that j beats i. step(wins_i - (m - 1)) is 1 for one i of m, and what is sought is the sum of i times that.
    """
    found = []
    for row in rows:
        order = list(enumerate(row))[::-1] if last else list(enumerate(row))
        pairs = [(i, j) for i in range(len(row)) for j in range(i + 1, len(row))]
        duels = call.units.step([subtract(order[i][1], order[j][1]) for i, j in pairs])
        wins: list[list[tuple[Rational, Cell]]] = [[] for _ in row]
        for (i, j), duel in zip(pairs, duels, strict=True):
            wins[i].append((1, duel))
            wins[j].append((-1, duel))  # 1 - duel; the ones are the bias: place i has i before it
        counts = [call.units.combine(one, False, i - (len(row) - 1)) for i, one in enumerate(wins)]
        ones = zip(call.units.step(counts), order, strict=True)
        found.append(call.units.combine([(place, one) for one, (place, _) in ones], False))
    return found


@operator("ArgMax", inputs=(1, 1))
def _arg_max(call: Call) -> Tensor:
    """The index of the largest along an axis, by step units: exact for all reals, ties as the attribute says."""
    return _arg(call, lambda row: row)


@operator("ArgMin", inputs=(1, 1))
def _arg_min(call: Call) -> Tensor:
    """The index of the smallest along an axis: that of the largest of the negatives."""
    return _arg(call, negated)


def _arg(call: Call, signed: Callable[[list[Cell]], list[Cell]]) -> Tensor:
    axis, keep = call.integer("axis", 0), bool(call.integer("keepdims", 1))
    last = bool(call.integer("select_last_index", 0))
    found = _along(call, [axis], keep, lambda call, rows: _places(call, [signed(row) for row in rows], last))
    return found._replace(kind="int64")


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
