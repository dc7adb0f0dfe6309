"""A model evaluated node by node, every tensor an array of exact forms over the network's inputs and its units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from reprlib import repr as brief
from typing import NamedTuple

from relumax.errors import FormatError
from relumax.formats.onnx.cells import Cell, Units, size_of
from relumax.formats.onnx.data import BY_NAME, Beside, stored
from relumax.formats.onnx.model import Model, Node, Value
from relumax.formats.onnx.operators import activation, arithmetic, comparing, convolving, fused, reducing, shaping
from relumax.formats.onnx.operators.table import OPERATORS, Call, Entry, find
from relumax.formats.onnx.tensor import Tensor, count, tensor
from relumax.network.compile import Form

GROUPS = (activation, arithmetic, comparing, convolving, fused, reducing, shaping)
"""The files of operators; importing them fills the table."""

CURVED = frozenset(
    {
        "Softmax",
        "LogSoftmax",
        "Sigmoid",
        "Tanh",
        "Exp",
        "Log",
        "Sqrt",
        "Pow",
        "Erf",
        "Gelu",
        "Elu",
        "Selu",
        "Celu",
        "Softplus",
        "Softsign",
        "Mish",
        "Swish",
        "Sin",
        "Cos",
        "Tan",
        "Reciprocal",
        "LSTM",
        "GRU",
        "RNN",
        "LayerNormalization",
        "InstanceNormalization",
        "GroupNormalization",
        "RMSNormalization",
        "LpNormalization",
        "ReduceL2",
        "ReduceProd",
        "ReduceSumSquare",
        "ReduceLogSum",
        "ReduceLogSumExp",
    }
)
"""Operators whose functions are not piecewise linear: no exact network of relu and step computes them."""

FOREIGN = sorted(name for name in OPERATORS if "::" in name)

INDEXING = frozenset(
    {
        "ArgMax",
        "ArgMin",
        "Cast",
        "Concat",
        "Expand",
        "Flatten",
        "Gather",
        "Identity",
        "Reshape",
        "Slice",
        "Split",
        "Squeeze",
        "Tile",
        "Transpose",
        "Unsqueeze",
    }
)
"""Operators that make an index, or only move it. What else computes with integers may wrap or cut: constants only."""

COUNTED = frozenset({"Gemm", "MatMul", "Conv"})
"""Operators whose work and numbers are counted while they are computed, since what they give is large."""


class Evaluation(NamedTuple):
    """What a graph computes: its outputs, made of `units`; `nodes` are those needed for them, `tensors` all by name."""

    units: Units
    outputs: tuple[Tensor, ...]
    nodes: tuple[Node, ...]
    tensors: Mapping[str, Tensor]


def needed(model: Model) -> tuple[Node, ...]:
    """The nodes that the outputs depend on, in their order; raises FormatError where a name is defined twice."""
    defined = {value.name for value in model.inputs} | model.initializers.keys()
    for node in model.nodes:
        for name in filter(None, node.outputs):
            if name in defined:
                raise FormatError(f"onnx: the name {brief(name)} is defined twice")
            defined.add(name)
    wanted = {value.name for value in model.outputs}
    found = []
    for node in reversed(model.nodes):
        if not wanted.isdisjoint(filter(None, node.outputs)):
            found.append(node)
            wanted.update(node.inputs)
    return tuple(reversed(found))


def given(values: Sequence[Value], batch: int) -> list[tuple[int, ...]]:
    """The shapes of the graph's inputs for a batch of this size: a first dimension that is open is the batch."""
    shapes = []
    for value in values:
        if value.shape is None:
            raise FormatError(f"onnx: {brief(value.name)} is declared without a shape")
        if "float" not in value.kind:
            raise FormatError(f"onnx: {brief(value.name)} is declared as {value.kind}; inputs and outputs are floats")
        shape = [batch if size is None and not axis else size for axis, size in enumerate(value.shape)]
        sizes = [size for size in shape if size is not None]
        if len(sizes) < len(shape):
            raise FormatError(f"onnx: {brief(value.name)} is declared with an open size beside the batch, the first")
        shapes.append(tuple(sizes))
    return shapes


def evaluate(model: Model, inputs: Sequence[Tensor], units: Units, beside: Beside) -> Evaluation:
    """Every output of a model at these inputs.

    Raises FormatError, naming the node, at an operator that is not supported or whose inputs or attributes are not
    understood; BudgetExceeded.
    """
    known = {value.name: one for value, one in zip(model.inputs, inputs, strict=True)}
    nodes = needed(model)

    def value(name: str, reader: str) -> Tensor:
        if name not in known:
            if name not in model.initializers:
                raise FormatError(f"onnx: {reader} reads {brief(name)}, which nothing before it defines")
            known[name] = stored(model.initializers[name], f"initializer {brief(name)}", beside)
        return known[name]

    for node in nodes:
        arguments = [value(name, node.where) if name else None for name in node.inputs]
        known.update(_results(Call(node, arguments, model.opset, units, beside)))
    return Evaluation(units, tuple(value(one.name, "graph.output") for one in model.outputs), nodes, known)


def _results(call: Call) -> dict[str, Tensor]:
    """What one node computes, by the names of its outputs."""
    entry = _entry(call)
    kinds = [one.kind for one in call.inputs if one is not None]
    if not entry.least <= len(call.inputs) <= entry.most or None in call.inputs[: entry.least]:
        call.fail(f"has {len(kinds)} inputs, expected {entry.least} to {entry.most}")
    if "bool" in kinds and not entry.truths:
        call.fail("computes with truth values; cast them to numbers first")
    floats = {kind for kind in kinds if "float" in kind}
    if len(floats) > 1 and not entry.truths and call.node.op != "BatchNormalization":
        call.fail(f"mixes element types: {', '.join(sorted(floats))}")
    result = entry.function(call)
    call.finish()
    found = (result,) if isinstance(result, Tensor) else result
    for extra in call.node.outputs[len(found) :]:
        if extra:
            call.fail(f"gives an output {brief(extra)} that is not read; {len(found)} are")
    old = {id(one) for one in call.inputs}
    for one in found:
        if id(one) not in old:
            _check(call, one)
    return {name: one for name, one in zip(call.node.outputs, found, strict=False) if name}


def _entry(call: Call) -> Entry:
    entry = find(call.node.op, call.opset)
    if entry is None:
        if call.node.op in CURVED:
            call.fail("is not piecewise linear: no network of relu and step units computes it exactly")
        domain, *_ = call.node.op.rpartition("::")
        if domain.startswith("function"):
            call.fail("is, or may be, a function that the file defines, not ONNX's own operator")
        if domain:
            call.fail(f"is of the domain {brief(domain)}, of which only {', '.join(FOREIGN)} are read")
        if call.node.op in OPERATORS:
            first = min(one.since for one in OPERATORS[call.node.op])
            call.fail(f"is an operator of ONNX from opset {first} on, not of opset {call.opset}")
        call.fail(f"is not among the {len(OPERATORS)} operators that are read (docs/onnx.md lists them)")
    return entry


def _check(call: Call, found: Tensor) -> None:
    """Count the work; raise FormatError where integers or truth values are not those of their type."""
    kind = BY_NAME[found.kind]
    if kind.floats is None:
        if found.dynamic and kind.name != "bool" and call.node.op not in INDEXING:
            call.fail(
                f"makes {kind.name} of what depends on the network's input; of such integers only an index is read, "
                "and an index is only moved or cast to a float"
            )
        for cell in found.cells:
            if not isinstance(cell, Form) and (cell.denominator != 1 or not kind.low <= cell <= kind.high):
                call.fail(f"gives {brief(str(cell))}, which is no {kind.name}")
    if call.node.op not in COUNTED:
        call.units.spend(sum(map(size_of, found.cells)))


def atoms(shapes: Sequence[tuple[int, ...]], kinds: Sequence[str]) -> tuple[list[Tensor], int]:
    """The graph's inputs as tensors of numbered inputs, one after the other, each row-major; and their number."""
    found, total = [], 0
    for shape, kind in zip(shapes, kinds, strict=True):
        size = count(shape)
        cells: list[Cell] = [Form(0, {atom: 1}) for atom in range(total, total + size)]
        found.append(tensor(shape, cells, kind))
        total += size
    if not total:
        raise FormatError("onnx: the graph's inputs hold no number")
    return found, total
