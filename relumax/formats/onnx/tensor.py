"""A tensor of exact cells: a shape, the cells with the last index fastest, and an element type.

Everything that only moves cells is a list of their flat positions, made by `walk`: a transposed, sliced, reversed or
broadcast tensor is a walk over the old one with other strides.

>>> walk((2, 3), (1, 2))  # a [3, 2] matrix, transposed
[0, 2, 4, 1, 3, 5]
>>> walk((2, 3), (0, 1))  # a row, spread to two
[0, 1, 2, 0, 1, 2]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from reprlib import repr as brief
from typing import NamedTuple

from relumax.errors import BudgetExceeded
from relumax.formats.onnx.cells import Cell, Rational
from relumax.network.compile import Form

MAX_CELLS = 5_000_000
"""The largest tensor that is computed; stored ones are as large as their file."""

MAX_AXES = 1_000
"""The most axes; numpy and runtimes have fewer than a hundred."""

MAX_EMPTY = 10_000
"""The most that the other axes beside one of size 0 may hold: they are walked, though nothing is there."""

_CHUNK = 64  # cells looked at together


class Tensor(NamedTuple):
    """`cells` of a `shape`, row-major, of the element type `kind`; `dynamic` if any of them may depend on an input."""

    shape: tuple[int, ...]
    cells: Sequence[Cell]
    kind: str
    dynamic: bool

    def nonzero(self) -> Iterator[tuple[int, Rational]]:
        """Position and value of the cells of a constant tensor that are not zero; runs of zeros cost little."""
        for start in range(0, len(self.cells), _CHUNK):
            chunk = self.cells[start : start + _CHUNK]
            if any(chunk):
                for position, cell in enumerate(chunk, start):
                    if isinstance(cell, int):
                        if cell:
                            yield position, cell
                    elif not isinstance(cell, Form):  # no Fraction here is zero: that is an int
                        yield position, cell

    def reshaped(self, shape: Sequence[int]) -> Tensor:
        """The same cells in another shape of the same size; raises BudgetExceeded at axes that cells do not bound."""
        check_axes(shape)
        return self._replace(shape=tuple(shape))

    def picked(self, shape: Sequence[int], positions: Sequence[int]) -> Tensor:
        """The cells at these positions, as a tensor of this shape."""
        return tensor(shape, [self.cells[position] for position in positions], self.kind)

    def spread(self, shape: Sequence[int]) -> Tensor:
        """The tensor broadcast to a larger shape that `broadcast` gave."""
        if self.shape == tuple(shape):
            return self
        padded = (1,) * (len(shape) - len(self.shape)) + self.shape
        steps = [0 if size == 1 else stride for size, stride in zip(padded, strides(padded), strict=True)]
        return self.picked(shape, walk(shape, steps))


def tensor(shape: Sequence[int], cells: Sequence[Cell], kind: str) -> Tensor:
    """A computed tensor."""
    return Tensor(tuple(shape), cells, kind, any(isinstance(cell, Form) for cell in cells))


def count(shape: Sequence[int]) -> int:
    """The number of cells of a shape about to be computed; raises BudgetExceeded."""
    check_axes(shape)
    cells = prod(shape)
    if cells > MAX_CELLS:
        raise BudgetExceeded(f"onnx: a tensor of {cells:,} cells, more than {MAX_CELLS:,}")
    return cells


def check_axes(shape: Sequence[int]) -> None:
    """Raise BudgetExceeded at axes that cells do not bound: too many of size 1, or long ones beside one of size 0."""
    if len(shape) > MAX_AXES:
        raise BudgetExceeded(f"onnx: a tensor of {len(shape):,} axes, more than {MAX_AXES:,}")
    if 0 in shape and prod(filter(None, shape)) > MAX_EMPTY:
        raise BudgetExceeded(f"onnx: a tensor of no cells, of shape {brief(list(shape))}, is too long to walk")


def strides(shape: Sequence[int]) -> list[int]:
    """How far apart neighbours along each axis are, row-major."""
    found = [1] * len(shape)
    for axis in range(len(shape) - 1, 0, -1):
        found[axis - 1] = found[axis] * shape[axis]
    return found


def walk(shape: Sequence[int], steps: Sequence[int], start: int = 0) -> list[int]:
    """The positions `start + sum of steps[k] * index[k]` for every index into `shape`, the last fastest."""
    count(shape)
    found = [start]
    for size, step in zip(shape, steps, strict=True):
        found = [position + k * step for position in found for k in range(size)]
    return found


def broadcast(*shapes: Sequence[int]) -> tuple[int, ...] | None:
    """The shape that shapes are broadcast to, numpy's way; None if there is none."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    found = []
    for sizes in zip(*padded, strict=True):
        different = set(sizes) - {1}
        if len(different) > 1:
            return None
        found.append(different.pop() if different else 1)
    return tuple(found)
