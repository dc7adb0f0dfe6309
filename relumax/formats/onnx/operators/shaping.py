"""Operators that make constants and move cells about. None of them computes with a value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from reprlib import repr as brief

from relumax.formats.onnx.cells import Cell
from relumax.formats.onnx.operators import table
from relumax.formats.onnx.operators.table import MANY, Call
from relumax.formats.onnx.tensor import Tensor, broadcast, count, strides, tensor, walk

operator = partial(table.operator, truths=True)
_LAST = 2**31


@operator("Identity", inputs=(1, 1))
def _identity(call: Call) -> Tensor:
    """X."""
    return call.tensor()


@operator("Constant", inputs=(0, 0))
def _constant(call: Call) -> Tensor:
    """The tensor, number or list that the one attribute holds."""
    if len(call.node.attributes) != 1:
        call.fail(f"has {len(call.node.attributes)} attributes, expected one")
    if (value := call.value("value")) is not None:
        return value
    if (floats := call.floats("value_floats")) is not None:
        return tensor((len(floats),), floats, "float32")
    if (integers := call.integers("value_ints")) is not None:
        return tensor((len(integers),), integers, "int64")
    if call.has("value_float"):
        return tensor((), [call.number("value_float", 0)], "float32")
    if call.has("value_int"):
        return tensor((), [call.integer("value_int", 0)], "int64")
    call.fail("holds no dense tensor, number or list of numbers")


@operator("ConstantOfShape", inputs=(1, 1))
def _constant_of_shape(call: Call) -> Tensor:
    """A tensor of the given shape whose every cell is the one of the attribute, or float 0."""
    shape, value = call.places(0) or [], call.value("value")
    if any(size < 0 for size in shape) or (value is not None and len(value.cells) != 1):
        call.fail(f"makes a tensor of shape {brief(shape)}, or has a value that is not one number")
    fill = tensor((1,), [0], "float32") if value is None else value
    return tensor(shape, [fill.cells[0]] * count(shape), fill.kind)


@operator("Shape", inputs=(1, 1))
def _shape(call: Call) -> Tensor:
    """The sizes of X from axis `start` to before axis `end`."""
    sizes = list(call.tensor().shape)
    found = sizes[call.integer("start", 0) : call.integer("end", _LAST)]
    return tensor((len(found),), found, "int64")


@operator("Size", inputs=(1, 1))
def _size(call: Call) -> Tensor:
    """The number of cells of X."""
    return tensor((), [len(call.tensor().cells)], "int64")


@operator("Flatten", inputs=(1, 1))
def _flatten(call: Call) -> Tensor:
    """X as a matrix: the axes before `axis`, and the rest."""
    given = call.tensor()
    axis = call.integer("axis", 1)
    if not -len(given.shape) <= axis <= len(given.shape):
        call.fail(f"has an axis {axis} of a tensor with {len(given.shape)}")
    axis += len(given.shape) if axis < 0 else 0
    return given.reshaped((prod(given.shape[:axis]), prod(given.shape[axis:])))


@operator("Reshape", inputs=(2, 2))
def _reshape(call: Call) -> Tensor:
    """X in another shape; -1 is what is left over, and 0 the old size unless `allowzero`."""
    given, wanted = call.tensor(), call.places(1) or []
    if not call.integer("allowzero", 0):
        if any(not size and axis >= len(given.shape) for axis, size in enumerate(wanted)):
            call.fail(f"keeps an axis in {brief(wanted)} that {list(given.shape)} does not have")
        wanted = [size or given.shape[axis] for axis, size in enumerate(wanted)]
    known = prod(size for size in wanted if size != -1)
    open_axes = wanted.count(-1)
    if open_axes == 1 and known and len(given.cells) % known == 0:
        wanted = [len(given.cells) // known if size == -1 else size for size in wanted]
    if min(wanted, default=0) < 0 or prod(wanted) != len(given.cells):
        call.fail(f"turns a tensor of shape {list(given.shape)} into {brief(wanted)}")
    return given.reshaped(wanted)


def _axes_given(call: Call, new: int, index: int = 1) -> list[int] | None:
    """Axes: an attribute before opset `new`, from then on an input."""
    return call.integers("axes") if call.opset < new else call.places(index)


@operator("Squeeze", inputs=(1, 1), until=12)
@operator("Squeeze", inputs=(1, 2), since=13)
def _squeeze(call: Call) -> Tensor:
    """X without these axes of size 1, or without all of them."""
    given, axes = call.tensor(), _axes_given(call, 13)
    if axes is None:
        return given.reshaped([size for size in given.shape if size != 1])
    if not axes and 1 in given.shape:
        call.fail("has an empty list of axes, which runtimes read as no axis or as all of size 1")
    dropped = call.axes(axes, len(given.shape))
    if any(given.shape[axis] != 1 for axis in dropped):
        call.fail(f"drops the axes {dropped} of a tensor of shape {list(given.shape)}, which are not all of size 1")
    return given.reshaped([size for axis, size in enumerate(given.shape) if axis not in dropped])


@operator("Unsqueeze", inputs=(1, 1), until=12)
@operator("Unsqueeze", inputs=(2, 2), since=13)
def _unsqueeze(call: Call) -> Tensor:
    """X with new axes of size 1, which are numbered as in the result."""
    given, axes = call.tensor(), _axes_given(call, 13) or []
    if len(axes) > MANY:
        call.fail(f"adds {len(axes)} axes")
    rank = len(given.shape) + len(axes)
    added, old = call.axes(axes, rank), iter(given.shape)
    return given.reshaped([1 if axis in added else next(old) for axis in range(rank)])


@operator("Transpose", inputs=(1, 1))
def _transpose(call: Call) -> Tensor:
    """X with its axes in the order `perm`, by default reversed."""
    given = call.tensor()
    order = call.integers("perm")
    order = [*reversed(range(len(given.shape)))] if order is None else order
    if sorted(order) != list(range(len(given.shape))):
        call.fail(f"has perm {brief(order)} for a tensor of shape {list(given.shape)}")
    apart = strides(given.shape)
    shape = [given.shape[axis] for axis in order]
    return given.picked(shape, walk(shape, [apart[axis] for axis in order]))


@operator("Concat", inputs=(1, MANY))
def _concat(call: Call) -> Tensor:
    """The inputs behind one another along `axis`."""
    tensors = call.all()
    rank = len(tensors[0].shape)
    axis = call.axis(call.integer("axis", 1), rank)
    around = {(*one.shape[:axis], *one.shape[axis + 1 :]) for one in tensors}
    if len(around) != 1 or any(len(one.shape) != rank for one in tensors):
        call.fail(f"joins tensors of shapes {brief([list(one.shape) for one in tensors])} along axis {axis}")
    shape = list(tensors[0].shape)
    shape[axis] = sum(one.shape[axis] for one in tensors)
    count(shape)
    runs = [prod(one.shape[axis:]) for one in tensors]
    cells: list[Cell] = []
    for page in range(prod(shape[:axis])):
        for one, run in zip(tensors, runs, strict=True):
            cells += one.cells[page * run : (page + 1) * run]
    return call.result(shape, cells, tensors[0])


@operator("Slice", inputs=(1, 1), until=9)
@operator("Slice", inputs=(3, 5), since=10)
def _slice(call: Call) -> Tensor:
    """X[start:end:step] along each of the axes, with Python's meaning of negative and too large bounds."""
    given = call.tensor()
    rank = len(given.shape)
    if call.opset < 10:
        starts, ends = call.integers("starts") or [], call.integers("ends") or []
        axes, steps = call.integers("axes"), None
    else:
        starts, ends, axes, steps = call.places(1) or [], call.places(2) or [], call.places(3), call.places(4)
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        call.fail(f"has starts {brief(starts)}, ends {brief(ends)}, axes {brief(axes)} and steps {brief(steps)}")
    call.axes(axes, rank)
    shape, apart, first = list(given.shape), strides(given.shape), 0
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        axis = call.axis(axis, rank)
        # Python's None is not needed: an end before the start of the axis is written as a large negative number
        kept = _kept(start, end, step, given.shape[axis])
        shape[axis] = len(kept)
        first += apart[axis] * (kept[0] if kept else 0)
        apart[axis] *= step
    return given.picked(shape, walk(shape, apart, first))


def _kept(start: int, end: int, step: int, size: int) -> range:
    """The indices of a slice of an axis: bounds count from the end if negative, then are clamped to the axis."""
    start, end = (bound + size if bound < 0 else bound for bound in (start, end))
    if step > 0:
        return range(min(max(start, 0), size), min(max(end, 0), size), step)
    return range(min(max(start, 0), size - 1), min(max(end, -1), size - 1), step)


@operator("Gather", inputs=(2, 2))
def _gather(call: Call) -> Tensor:
    """X at constant indices along `axis`: the axis is replaced by the axes of the indices."""
    given, indices = call.tensor(), call.constant(1)
    axis = call.axis(call.integer("axis", 0), len(given.shape))
    size = given.shape[axis]
    numbers = call.numbers(1) or []
    if indices is None or indices.kind not in ("int32", "int64") or any(not -size <= one < size for one in numbers):
        call.fail(f"picks {brief(numbers)} along an axis of size {size}")
    wanted = [int(one) % size for one in numbers]
    shape = (*given.shape[:axis], *indices.shape, *given.shape[axis + 1 :])
    count(shape)
    run = prod(given.shape[axis + 1 :])
    pages = range(prod(given.shape[:axis]))
    places = [(page * size + one) * run + k for page in pages for one in wanted for k in range(run)]
    return given.picked(shape, places)


@operator("Split", inputs=(1, 1), until=12)
@operator("Split", inputs=(1, 2), since=13)
def _split(call: Call) -> tuple[Tensor, ...]:
    """X cut along `axis` into parts of these sizes, or of one size, the last smaller if need be."""
    given = call.tensor()
    axis = call.axis(call.integer("axis", 0), len(given.shape))
    size, parts = given.shape[axis], len(call.node.outputs)
    sizes = call.integers("split") if call.opset < 13 else call.places(1)
    if call.integer("num_outputs", parts) != parts or not parts:
        call.fail(f"has {parts} outputs and another num_outputs")
    if sizes is None:
        each = -(-size // parts)
        sizes = [max(0, min(each, size - k * each)) for k in range(parts)]
        if call.opset < 18 and size % parts:
            call.fail(f"cuts an axis of size {size} into {parts} equal parts")
    if sum(sizes) != size or len(sizes) != parts or min(sizes) < 0:
        call.fail(f"cuts an axis of size {size} into {brief(sizes)}, for {parts} outputs")
    apart, found, first = strides(given.shape), [], 0
    for one in sizes:
        shape = (*given.shape[:axis], one, *given.shape[axis + 1 :])
        found.append(given.picked(shape, walk(shape, apart, first)))
        first += one * apart[axis]
    return tuple(found)


@operator("Expand", inputs=(2, 2))
def _expand(call: Call) -> Tensor:
    """X broadcast together with a shape."""
    given, wanted = call.tensor(), call.places(1) or []
    shape = broadcast(given.shape, wanted)
    if shape is None or min(shape, default=0) < 0:
        call.fail(f"spreads a tensor of shape {list(given.shape)} to {brief(wanted)}")
    return given.spread(shape)


@operator("Tile", inputs=(2, 2))
def _tile(call: Call) -> Tensor:
    """X repeated along each axis."""
    given, times = call.tensor(), call.places(1) or []
    if len(times) != len(given.shape) or min(times, default=0) < 0:
        call.fail(f"repeats a tensor of shape {list(given.shape)} {brief(times)} times")
    shape = [size * one for size, one in zip(given.shape, times, strict=True)]
    doubled = [part for one, size in zip(times, given.shape, strict=True) for part in (one, size)]
    apart = [part for step in strides(given.shape) for part in (0, step)]
    return given.picked(shape, walk(doubled, apart))


@operator("Pad", inputs=(1, 1), until=10)
@operator("Pad", inputs=(2, 4), since=11)
def _pad(call: Call) -> Tensor:
    """X with a constant before and after along each axis; negative widths cut off."""
    given = call.tensor()
    rank = len(given.shape)
    mode = call.text("mode", "constant")
    if mode != "constant":
        call.fail(f"pads in the mode {brief(mode)}; only constants are read")
    if call.opset < 11:
        widths, fill, axes = call.integers("pads") or [], call.number("value", 0), None
    else:
        widths, fill, axes = call.places(1) or [], call.single(2) or 0, call.places(3)
    axes = list(range(rank)) if axes is None else [call.axis(axis, rank) for axis in axes]
    if len(widths) != 2 * len(axes) or len(set(axes)) < len(axes):
        call.fail(f"pads a tensor of shape {list(given.shape)} by {brief(widths)} along the axes {brief(axes)}")
    before, after = [0] * rank, [0] * rank
    for axis, low, high in zip(axes, widths, widths[len(axes) :], strict=False):
        before[axis], after[axis] = low, high
    return padded(call, given, before, after, fill)


def padded(call: Call, given: Tensor, before: Sequence[int], after: Sequence[int], fill: Cell) -> Tensor:
    """The tensor with `before[k]` and `after[k]` more cells along axis k, all `fill`; negative numbers cut off."""
    shape = [low + size + high for low, size, high in zip(before, given.shape, after, strict=True)]
    if min(shape, default=0) < 0:
        call.fail(f"pads a tensor of shape {list(given.shape)} to {brief(shape)}")
    cells = [fill] * count(shape)
    starts = [max(0, -low) for low in before]
    ends = [size - max(0, -high) for size, high in zip(given.shape, after, strict=True)]
    kept = [max(0, end - start) for start, end in zip(starts, ends, strict=True)]
    old, new = strides(given.shape), strides(shape)
    sources = walk(kept, old, sum(start * step for start, step in zip(starts, old, strict=True)))
    targets = walk(kept, new, sum(max(0, low) * step for low, step in zip(before, new, strict=True)))
    for source, target in zip(sources, targets, strict=True):
        cells[target] = given.cells[source]
    return call.result(shape, cells, given)


@operator("Dropout", inputs=(1, 1), until=11)
@operator("Dropout", inputs=(1, 3), since=12)
def _dropout(call: Call) -> tuple[Tensor, Tensor]:
    """X, and a mask of ones: at inference nothing is dropped."""
    call.ignore("ratio", "seed")
    if call.single(2):
        call.fail("is in training mode; dropout is read at inference")
    given = call.tensor()
    mask = "bool" if call.opset >= 10 else given.kind
    return given, tensor(given.shape, [1] * len(given.cells), mask)
