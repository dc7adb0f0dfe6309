"""Whether a model with an open batch treats each row of a batch by itself.

The network read is the model's for a batch of one. That it is the model's for each row of any batch holds where every
row of a batch of two, in either place, comes out as it does alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from relumax.errors import BudgetExceeded, FormatError
from relumax.formats.onnx.cells import Cell, Units
from relumax.formats.onnx.data import Beside
from relumax.formats.onnx.graph import Evaluation, evaluate
from relumax.formats.onnx.model import Model, Node
from relumax.formats.onnx.tensor import Tensor, tensor
from relumax.network.compile import Form
from relumax.network.layers import Rational

EACH = frozenset(
    {
        "Abs",
        "Add",
        "BatchNormalization",
        "Cast",
        "Clip",
        "Div",
        "Dropout",
        "GreaterOrEqual",
        "Identity",
        "LeakyRelu",
        "Max",
        "Min",
        "Mul",
        "Neg",
        "PRelu",
        "Relu",
        "Sub",
        "Where",
    }
)
"""Operators on each cell, or each channel."""

WINDOWS = frozenset({"AveragePool", "Conv", "GlobalAveragePool", "GlobalMaxPool", "MaxPool"})
PRODUCTS = frozenset({"Gemm", "MatMul"})

Key = tuple[bool, Rational, frozenset[tuple[int, Rational]]]


def is_rowwise(model: Model, alone: Evaluation, single: Sequence[Tensor], beside: Beside) -> bool:
    """Whether the model computes in a batch of two what it computes alone, for both rows.

    `alone` is its evaluation at the inputs `single`, a batch of one. No where two rows are too much to read.
    """
    if _is_plain(alone):
        return True
    table: dict[Key, int] = {}
    expected = [_canonical(alone.units, one.cells, table) for one in alone.outputs]
    return all(_row(model, alone, single, beside, row, table) == expected for row in (0, 1))


def _is_plain(alone: Evaluation) -> bool:
    """Whether every node plainly keeps the rows of the first axis apart, so that there is nothing to try."""
    for node in alone.nodes:
        tensors = [alone.tensors[name] for name in node.inputs if name]
        moved = [one for one in tensors if one.dynamic]
        if moved and not _keeps_rows(node, tensors, moved):
            return False
    return True


def _keeps_rows(node: Node, tensors: Sequence[Tensor], moved: Sequence[Tensor]) -> bool:
    """Whether a node computes one row from one row; `moved` are those of its inputs that depend on the network's."""
    rank = len(moved[0].shape)
    if any(len(one.shape) != rank or one.shape[:1] != (1,) for one in moved):
        return False
    if node.op in EACH:  # no constant has a first axis of its own
        return all(len(one.shape) < rank or (len(one.shape) == rank and one.shape[:1] == (1,)) for one in tensors)
    if node.op == "Flatten":
        return "axis" not in node.attributes or node.attributes["axis"].i == 1
    if moved != tensors[:1]:
        return False
    return node.op in WINDOWS or (
        node.op in PRODUCTS and rank >= 2 and len(tensors[1].shape) == 2 and "transA" not in node.attributes
    )


def _row(
    model: Model, alone: Evaluation, single: Sequence[Tensor], beside: Beside, row: int, table: dict[Key, int]
) -> list[list[Key]] | None:
    """Row `row` of every output for a batch of two, of which that row is the one alone; None if there is none."""
    inputs = alone.units.inputs
    pairs = []
    for value, one in zip(model.inputs, single, strict=True):
        if value.shape and value.shape[0] is None:
            stranger = [_renamed(cell, inputs) for cell in one.cells]
            cells = [*stranger, *one.cells] if row else [*one.cells, *stranger]
            one = tensor((2, *one.shape[1:]), cells, one.kind)
        pairs.append(one)
    try:
        together = evaluate(model, pairs, Units(2 * inputs, alone.units.limit), beside)
    except (FormatError, BudgetExceeded):
        return None
    found = []
    for one, other in zip(alone.outputs, together.outputs, strict=True):
        if not one.shape or other.shape != (2 * one.shape[0], *one.shape[1:]):
            return None
        size = len(one.cells)
        found.append(_canonical(together.units, other.cells[row * size : (row + 1) * size], table))
    return found


def _renamed(cell: Cell, by: int) -> Cell:
    if not isinstance(cell, Form):
        return cell
    return Form(cell.bias, {atom + by: weight for atom, weight in cell.terms.items()})


def _canonical(units: Units, cells: Sequence[Cell], table: dict[Key, int]) -> list[Key]:
    """Cells with every unit under the number that the table gives to equal ones, in whatever graph they are."""
    number = {atom: -1 - atom for atom in range(units.inputs)}

    def key(cell: Cell, step: bool) -> Key:
        if not isinstance(cell, Form):
            return step, cell, frozenset()
        return step, cell.bias, frozenset((number[atom], weight) for atom, weight in cell.terms.items())

    for place, argument in enumerate(units.arguments):
        atom = units.inputs + place
        number[atom] = table.setdefault(key(argument, atom in units.steps), len(table))
    return [key(cell, False) for cell in cells]
