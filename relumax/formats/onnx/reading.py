"""A file to the network it is: parsed, evaluated for a batch of one, made a network; and what stands beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from reprlib import repr as brief
from types import ModuleType

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import LoadedNetwork, ReadOptions
from relumax.formats.onnx.batch import is_rowwise
from relumax.formats.onnx.cells import Units
from relumax.formats.onnx.data import BY_NAME, Beside
from relumax.formats.onnx.graph import Evaluation, atoms, evaluate, given
from relumax.formats.onnx.library import PRODUCER
from relumax.formats.onnx.model import Model, Value, parse
from relumax.formats.onnx.network import chain, compiled
from relumax.formats.onnx.tensor import Tensor
from relumax.size import allowed_or_usual
from relumax.words import ONNX

LITERAL = frozenset(
    {
        "Add",
        "Cast",
        "Constant",
        "Dropout",
        "Flatten",
        "Gemm",
        "GreaterOrEqual",
        "Identity",
        "MatMul",
        "Relu",
        "Reshape",
        "Squeeze",
        "Unsqueeze",
        "Where",
    }
)
"""Where a chain has only these, one Gemm or MatMul for each map, the network's weights are those in the file."""


def read_model(onnx: ModuleType, data: bytes, options: ReadOptions) -> LoadedNetwork:
    """The network in a serialized model; raises FormatError naming the part that is not understood, BudgetExceeded."""
    model = parse(onnx, data)
    beside = Beside(options.beside)
    inputs, total = atoms(given(model.inputs, 1), [value.kind for value in model.inputs])
    found = evaluate(model, inputs, Units(total, allowed_or_usual()), beside)
    for value, one in zip(model.outputs, found.outputs, strict=True):
        _check_declared(value, one)
    cells = [cell for one in found.outputs for cell in one.cells]
    if not cells:
        raise FormatError("onnx: the graph's outputs hold no number")
    strict = chain(found.units, cells)
    network = compiled(found.units, cells) if strict is None else strict
    kind = BY_NAME[model.inputs[0].kind]
    ours = {key: value for key, value in model.metadata.items() if key.startswith(metadata.PREFIX)}
    if ours or model.producer == PRODUCER:  # so that cutting all of it off is noticed
        if kind.floats is None:
            raise FormatError(f"onnx: the graph's input is {kind.name}")
        metadata.check_keys(ours)
        metadata.verify(ours, network, kind.floats)
    literal = strict is not None and _is_literal(model, found)
    notes = _notes(data, model, found, literal, beside)
    if any(value.shape and value.shape[0] is None for value in model.inputs):
        notes += () if is_rowwise(model, found, inputs, beside) else (ONE_ROW,)
    names = tuple(value.name for value in model.inputs), tuple(value.name for value in model.outputs)
    return LoadedNetwork(network, ONNX, kind.name, model.metadata, notes, literal, names)


ONE_ROW = "read for a batch of one: for other sizes of the batch the file may compute something else, or nothing"


def _check_declared(value: Value, found: Tensor) -> None:
    """Raise FormatError where an output is declared with another type or shape than the graph gives it."""
    shape = list(found.shape)
    declared = None if value.shape is None else list(value.shape)
    fits = declared is None or (
        len(declared) == len(shape) and all(one in (None, size) for one, size in zip(declared, shape, strict=True))
    )
    if value.kind != found.kind or not fits:
        raise FormatError(
            f"onnx: {brief(value.name)} is declared as {value.kind}{declared}, the graph gives {found.kind}{shape}"
        )
    if "float" not in found.kind and not (found.kind == "int64" and found.dynamic):
        raise FormatError(f"onnx: {brief(value.name)} is {found.kind}; outputs are floats, or an index")


def _is_literal(model: Model, found: Evaluation) -> bool:
    """Whether the nodes of a strict chain are its rows: one map for each, one bias, no factor, one type of floats."""
    maps = [node for node in found.nodes if node.op in ("Gemm", "MatMul")]
    added = [node for node in found.nodes if node.op == "Add"]
    products = {node.outputs[0] for node in maps if node.op == "MatMul"}
    floats = {one.kind for one in found.tensors.values() if one.dynamic and "float" in one.kind}
    return (
        len(maps) == len(found.units.layers) + 1
        and all(node.op in LITERAL for node in found.nodes)
        and all(node.attributes[name].f == 1 for node in maps for name in ("alpha", "beta") if name in node.attributes)
        and all(len(products.intersection(node.inputs)) == 1 for node in added)
        and floats == {model.inputs[0].kind}
    )


def _notes(data: bytes, model: Model, found: Evaluation, literal: bool, beside: Beside) -> tuple[str, ...]:
    """What stands beside a theorem about the network: nothing where its weights are the file's own."""
    notes = []
    if not literal:
        digest = hashlib.sha256(data).hexdigest()
        notes.append(f"the network is the file, read operator by operator; file sha256 {digest}")
    for location, digest in sorted(beside.read.items()):
        notes.append(f"weights from {brief(location)}, sha256 {digest}")
    weights = [name for name in model.overridable if name in found.tensors]
    if weights:
        these = ", ".join(map(brief, weights[:3])) + (f" and {len(weights) - 3} more" if weights[3:] else "")
        notes.append(f"with the weights in the file: {these} are inputs too, which a caller may give other values")
    for side, values, tensors in (
        ("inputs", model.inputs, [found.tensors[value.name] for value in model.inputs]),
        ("outputs", model.outputs, found.outputs),
    ):
        if len(values) > 1:
            notes.append(f"the network's {side} are, one after the other, {_listed(values, tensors)}")
    return tuple(notes)


def _listed(values: Sequence[Value], tensors: Sequence[Tensor]) -> str:
    return ", ".join(f"{brief(value.name)} {list(one.shape)}" for value, one in zip(values, tensors, strict=True))
