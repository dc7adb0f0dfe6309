"""Comparisons, as steps (1 where z >= 0, else 0), and what makes numbers of them: Cast, Where, Sign, logic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from math import trunc
from reprlib import repr as brief

from relumax.formats.floats import BFLOAT16, FLOATS, fits
from relumax.formats.onnx.cells import Cell, add, negated, number_of, subtract
from relumax.formats.onnx.data import BY_NAME, ELEMENTS
from relumax.formats.onnx.operators import table
from relumax.formats.onnx.operators.gating import products
from relumax.formats.onnx.operators.table import Call
from relumax.formats.onnx.tensor import Tensor, tensor

operator = partial(table.operator, truths=True)
_FLOATS = {**FLOATS, BFLOAT16.name: BFLOAT16}


def _differences(call: Call, turned: bool) -> tuple[tuple[int, ...], list[Cell]]:
    """A - B, broadcast; B - A if `turned`."""
    shape, (ones, others) = call.aligned(call.all())
    if turned:
        ones, others = others, ones
    return shape, list(map(subtract, ones, others))


def _complements(cells: Sequence[Cell]) -> list[Cell]:
    return [subtract(1, cell) for cell in cells]


@operator("GreaterOrEqual", inputs=(2, 2), since=12)
def _at_least(call: Call) -> Tensor:
    """A >= B: step(A - B)."""
    shape, cells = _differences(call, False)
    return tensor(shape, call.units.step(cells), "bool")


@operator("LessOrEqual", inputs=(2, 2), since=12)
def _at_most(call: Call) -> Tensor:
    """A <= B: step(B - A)."""
    shape, cells = _differences(call, True)
    return tensor(shape, call.units.step(cells), "bool")


@operator("Greater", inputs=(2, 2))
def _greater(call: Call) -> Tensor:
    """A > B: 1 - step(B - A)."""
    shape, cells = _differences(call, True)
    return tensor(shape, _complements(call.units.step(cells)), "bool")


@operator("Less", inputs=(2, 2))
def _less(call: Call) -> Tensor:
    """A < B: 1 - step(A - B)."""
    shape, cells = _differences(call, False)
    return tensor(shape, _complements(call.units.step(cells)), "bool")


@operator("Equal", inputs=(2, 2))
def _equal(call: Call) -> Tensor:
    """A == B: step(A - B) + step(B - A) - 1."""
    shape, cells = _differences(call, False)
    above, below = call.units.step(cells), call.units.step(negated(cells))
    return tensor(shape, [add(add(a, b), -1) for a, b in zip(above, below, strict=True)], "bool")


@operator("Sign", inputs=(1, 1))
def _sign(call: Call) -> Tensor:
    """step(X) - step(-X): 1, 0 or -1."""
    given = call.tensor()
    above, below = call.units.step(given.cells), call.units.step(negated(given.cells))
    return call.result(given.shape, list(map(subtract, above, below)), given)


def _truths(call: Call) -> list[Tensor]:
    tensors = call.all()
    if tensors[0].kind != "bool":
        call.fail(f"is of {tensors[0].kind}, expected bool")
    return tensors


@operator("Not", inputs=(1, 1))
def _not(call: Call) -> Tensor:
    """1 - X."""
    (given,) = _truths(call)
    return call.result(given.shape, _complements(given.cells), given)


@operator("And", inputs=(2, 2))
def _and(call: Call) -> Tensor:
    """relu(A + B - 1), of truth values 0 and 1."""
    shape, columns = call.aligned(_truths(call))
    return tensor(shape, call.units.relu([add(add(a, b), -1) for a, b in zip(*columns, strict=True)]), "bool")


@operator("Or", inputs=(2, 2))
def _or(call: Call) -> Tensor:
    """1 - relu(1 - A - B), of truth values 0 and 1."""
    shape, columns = call.aligned(_truths(call))
    neither = call.units.relu([subtract(1, add(a, b)) for a, b in zip(*columns, strict=True)])
    return tensor(shape, _complements(neither), "bool")


@operator("Where", inputs=(3, 3), since=9)
def _where(call: Call) -> Tensor:
    """X where the condition is true, else Y: any values for a constant condition, for others what `_chosen` can."""
    condition, one, other = call.tensor(0), call.tensor(1), call.tensor(2)
    if condition.kind != "bool" or one.kind != other.kind:
        call.fail(f"chooses by {condition.kind} between {one.kind} and {other.kind}")
    shape, (bits, ones, others) = call.aligned([condition, one, other])
    if not condition.dynamic:
        return call.result(shape, call.units.chosen(bits, ones, others), one)
    return call.result(shape, _chosen(call, bits, ones, others), one)


def _chosen(call: Call, bits: Sequence[Cell], ones: Sequence[Cell], others: Sequence[Cell]) -> list[Cell]:
    """b + t * (a - b) for each truth value t."""
    problem = "chooses, by a condition on the network's input, between values that depend on it; not supported"
    gated = products(call, bits, list(map(subtract, ones, others)), problem)
    return list(map(add, others, gated))


@operator("Cast", inputs=(1, 1))
def _cast(call: Call) -> Tensor:
    """X as the element type `to`, where no value changes on the way."""
    number = call.integer("to", 0)
    if number not in ELEMENTS:
        call.fail(f"casts to element type {number}; {', '.join(BY_NAME)} are read")
    call.ignore("saturate", "round_mode")  # for types of eight bits
    return _converted(call, ELEMENTS[number].name)


@operator("CastLike", inputs=(2, 2), since=15)
def _cast_like(call: Call) -> Tensor:
    """The first input as the element type of the second, where no value changes on the way."""
    call.ignore("saturate", "round_mode")
    return _converted(call, call.tensor(1).kind)


def _converted(call: Call, kind: str) -> Tensor:
    given = call.tensor()
    if given.dynamic and kind == "bool" != given.kind:
        return _nonzero(call)
    if given.dynamic:
        if not _widens(given.kind, kind):
            call.fail(f"casts {given.kind} to {kind}; activations are cast only to wider types")
        return given._replace(kind=kind)
    return tensor(given.shape, [_cell(call, cell, kind) for cell in given.cells], kind)


def _nonzero(call: Call) -> Tensor:
    """X != 0: 2 - step(X) - step(-X)."""
    given = call.tensor()
    above, below = call.units.step(given.cells), call.units.step(negated(given.cells))
    return tensor(given.shape, [subtract(2, add(a, b)) for a, b in zip(above, below, strict=True)], "bool")


def _widens(old: str, new: str) -> bool:
    """Whether every value of one type is one of the other."""
    if old == new or old == "bool":
        return True
    if old in ("int32", "int64"):  # an index of one of MAX_CELLS, and so below 2^24
        return new in ("int32", "int64", "float32", "float64")
    if old not in _FLOATS or new not in _FLOATS:
        return False
    one, other = _FLOATS[old], _FLOATS[new]
    return one.precision <= other.precision and one.emax <= other.emax


def _cell(call: Call, cell: Cell, kind: str) -> Cell:
    """One constant as another type: a float must hold it exactly, an integer cuts it towards 0."""
    number = number_of(cell)
    if number is None:
        raise TypeError("a constant tensor holds a form")
    if kind == "bool":
        return int(number != 0)
    if kind in _FLOATS:
        if not fits(Fraction(number), _FLOATS[kind]):
            call.fail(f"casts the constant {brief(str(number))} to {kind}, which cannot hold it exactly")
        return number
    cut = trunc(number)
    if not BY_NAME[kind].low <= cut <= BY_NAME[kind].high:
        call.fail(f"casts the constant {brief(str(number))} to {kind}, which cannot hold it")
    return cut
