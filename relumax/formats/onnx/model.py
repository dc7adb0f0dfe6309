"""An ONNX file as plain data: its nodes, its tensors, what goes in and out. What means nothing is not looked at.

Names of graphs, notes, doc strings, value_info, unused initializers, other opset imports, functions and training hints
change nothing that the network computes. What could change it and is not understood is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from reprlib import repr as brief
from types import ModuleType
from typing import Any, NamedTuple

from relumax.errors import FormatError
from relumax.formats.onnx.data import element

IR_VERSIONS = range(3, 15)
OPSETS = range(7, 29)
"""Those whose operators were read one by one; before 7 shapes were broadcast in another way."""

MAIN_DOMAINS = ("", "ai.onnx")
_LONGEST_NAME = 5000


class Node(NamedTuple):
    """One operator of the graph, of another domain as `domain::name`; an input that is left out has the name ""."""

    where: str  # for messages
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


class Value(NamedTuple):
    """What the graph takes or gives: its element type, and its sizes, None where a size or the whole shape is open."""

    name: str
    kind: str
    shape: tuple[int | None, ...] | None


class Model(NamedTuple):
    """A model: nodes in their order, `inputs` without those that have an initializer: these are in `overridable`."""

    opset: int
    nodes: tuple[Node, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    initializers: Mapping[str, Any]
    metadata: Mapping[str, str]
    producer: str
    overridable: tuple[str, ...] = ()


def parse(onnx: ModuleType, data: bytes) -> Model:
    """The model in a file; raises FormatError naming the part that is not understood."""
    undecodable = import_module("google.protobuf.message").DecodeError
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(data)
    except undecodable:
        raise FormatError("onnx: not a complete ONNX model, truncated or of another format") from None
    size = proto.ByteSize()
    proto.DiscardUnknownFields()
    if proto.ByteSize() != size:
        unknown = size - proto.ByteSize()
        raise FormatError(f"onnx: {unknown} bytes are in fields that the onnx library here does not know")
    if proto.ir_version not in IR_VERSIONS:
        raise FormatError(f"onnx: ir_version {proto.ir_version}; {IR_VERSIONS[0]} to {IR_VERSIONS[-1]} are read")
    opset = _opset(proto)
    graph = proto.graph
    if len(graph.sparse_initializer):
        raise FormatError("onnx: model.graph.sparse_initializer is not supported; dense initializers are read")
    initializers = _unique("graph.initializer", ((tensor.name, tensor) for tensor in graph.initializer))
    inputs = _unique("graph.input", ((value.name, value) for value in graph.input))
    outputs = _unique("graph.output", ((value.name, value) for value in graph.output))
    free = [value for name, value in inputs.items() if name not in initializers]
    if not free:
        raise FormatError("onnx: graph.input has no entry that is not an initializer, expected one or more")
    if not outputs:
        raise FormatError("onnx: graph.output has no entry, expected one or more")
    functions = {(function.domain, function.name) for function in proto.functions}
    return Model(
        opset,
        tuple(_node(index, node, opset, functions) for index, node in enumerate(graph.node)),
        tuple(map(_value, free)),
        tuple(map(_value, outputs.values())),
        initializers,
        _metadata(proto),
        proto.producer_name if isinstance(proto.producer_name, str) else "",
        tuple(name for name in inputs if name in initializers),
    )


def _opset(proto: Any) -> int:
    """The version of ONNX's own operators; other domains' are ignored, as are their nodes until one is needed."""
    versions = {entry.version for entry in proto.opset_import if entry.domain in MAIN_DOMAINS}
    if len(versions) != 1 or not versions <= {*OPSETS}:
        raise FormatError(
            f"onnx: opset_import {brief(sorted(versions))}; one of ONNX's own, {OPSETS[0]} to {OPSETS[-1]}, is read"
        )
    return int(versions.pop())


def _metadata(proto: Any) -> dict[str, str]:
    pairs = [(entry.key, entry.value) for entry in proto.metadata_props]
    if any(isinstance(text, bytes) for pair in pairs for text in pair):
        raise FormatError("onnx: model.metadata_props is not UTF-8")  # protobuf then gives bytes
    return _unique("metadata_props", pairs)


def _unique(what: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary of pairs whose keys are different names; raises FormatError."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        check_name(what, name)
        if name in found:
            raise FormatError(f"onnx: {what} has the name {brief(name)} twice")
        found[name] = value
    return found


def check_name(what: str, name: object) -> None:
    """Raise FormatError unless `name` can stand in a message as it is."""
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise FormatError(f"onnx: {what} has the name {brief(name)}")


def _value(proto: Any) -> Value:
    """A declared input or output; raises FormatError unless it is a tensor of a type that is read."""
    where = f"onnx: {brief(proto.name)}"
    if proto.type.WhichOneof("value") != "tensor_type":
        raise FormatError(f"{where} is not declared as a tensor")
    declared = proto.type.tensor_type
    kind = element(declared.elem_type, where).name
    if not declared.HasField("shape"):
        return Value(proto.name, kind, None)
    sizes: list[int | None] = []
    for dim in declared.shape.dim:
        known = dim.HasField("dim_value")
        if known and (dim.dim_value < 0 or (dim.dim_value == 0 and sizes)):
            raise FormatError(f"{where} is declared with a dimension of {dim.dim_value}")
        sizes.append(dim.dim_value if known and dim.dim_value else None)
    return Value(proto.name, kind, tuple(sizes))


def _node(index: int, proto: Any, opset: int, functions: set[tuple[str, str]]) -> Node:
    called = f" {brief(proto.name)}" if proto.name else ""
    where = f"node {index}{called} ({brief(proto.op_type)}, opset {opset})"
    for text in (proto.op_type, proto.domain, *proto.input, *proto.output):
        if not isinstance(text, str):
            raise FormatError(f"onnx: {where} has the name {brief(text)}, which is not UTF-8")
    domains = MAIN_DOMAINS if proto.domain in MAIN_DOMAINS else (proto.domain,)
    op = proto.op_type if domains is MAIN_DOMAINS else f"{proto.domain}::{proto.op_type}"
    if proto.overload or any((domain, proto.op_type) in functions for domain in domains):
        op = f"function::{op}"
    for name in proto.output:
        if name:
            check_name("a value", name)
    return Node(where, op, tuple(proto.input), tuple(proto.output), _attributes(where, proto))


def _attributes(where: str, proto: Any) -> dict[str, Any]:
    return _unique(f"{where} attribute", ((given.name, given) for given in proto.attribute))
