"""Reading an ONNX model as a network: a chain of affine maps and activations, all of it understood or refused.

    chain       =  (affine activation)* affine                 from the graph's input to its output
    affine      =  Gemm(h, W, b?) | MatMul(h, W) | MatMul(h, W) Add(_, b)
    activation  =  Relu(z) | GreaterOrEqual(z, 0) Cast | Relu(z) GreaterOrEqual(z, 0) Cast Where(mask, _, _)

Gemm's alpha, beta and transB are taken as the exact numbers they are. Whatever the grammar does not consume is an
error: a field of a message, an attribute, a byte of the file, an initializer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from importlib import import_module
from math import isfinite
from reprlib import repr as brief
from types import ModuleType
from typing import Any, NamedTuple

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import LoadedNetwork
from relumax.formats.dense import Tensor, check_shapes, check_size, layer_of
from relumax.formats.floats import FLOATS, FloatType
from relumax.formats.onnx_library import PRODUCER, element_type
from relumax.network.layers import Layer, Network
from relumax.words import ONNX

_IR_VERSIONS = range(4, 15)  # before 4, initializers had to be inputs as well
_OPSETS = range(13, 29)  # the operators above mean the same in all of them
_LONGEST_NAME = 200
_MAIN_DOMAINS = ("", "ai.onnx")

_FIELDS = {
    "ModelProto": "ir_version opset_import producer_name producer_version domain model_version doc_string graph "
    "metadata_props",
    "GraphProto": "node name initializer doc_string input output value_info",
    "NodeProto": "input output name op_type domain attribute doc_string",
    "AttributeProto": "name doc_string type f i",
    "TensorProto": "dims data_type float_data int32_data double_data raw_data name doc_string data_location",
    "ValueInfoProto": "name type doc_string",
    "TypeProto": "tensor_type",
    "Tensor": "elem_type shape",
    "TensorShapeProto": "dim",
    "Dimension": "dim_value dim_param",
    "OperatorSetIdProto": "domain version",
    "StringStringEntryProto": "key value",
}
"""The fields read, or harmless, in each message; sparse or external tensors, functions and the rest are not here."""


def read_model(onnx: ModuleType, data: bytes) -> LoadedNetwork:
    """The network in a serialized model; raises FormatError naming the part that is not understood."""
    model = _parse(onnx, data)
    kind = _float_type(onnx, model.graph)
    network = _Chain(onnx, model.graph, kind).network()
    about = _unique("metadata_props", ((entry.key, entry.value) for entry in model.metadata_props))
    ours = {key: value for key, value in about.items() if key.startswith(metadata.PREFIX)}
    if ours or model.producer_name == PRODUCER:  # so that cutting all of it off is noticed
        metadata.check_keys(ours)
        metadata.verify(ours, network, kind)
    return LoadedNetwork(network, ONNX, kind.name, about)


# ---------------------------------------------------------------- the message


def _parse(onnx: ModuleType, data: bytes) -> Any:
    undecodable = import_module("google.protobuf.message").DecodeError
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except undecodable:
        raise FormatError("onnx: not a complete ONNX model, truncated or of another format") from None
    model.DiscardUnknownFields()
    if model.ByteSize() != len(data):  # parsers merge a repeated graph and skip what they do not know
        raise FormatError(
            f"onnx: only {model.ByteSize()} of {len(data)} bytes are a plain model; "
            "unknown and repeated fields are refused"
        )
    _check_fields(model, "model")
    if model.ir_version not in _IR_VERSIONS:
        raise FormatError(f"onnx: ir_version {model.ir_version}; {_IR_VERSIONS[0]} to {_IR_VERSIONS[-1]} are read")
    opsets = [(entry.domain, entry.version) for entry in model.opset_import]
    if len(opsets) != 1 or opsets[0][0] not in _MAIN_DOMAINS or opsets[0][1] not in _OPSETS:
        raise FormatError(
            f"onnx: opset_import {brief(opsets)}; one, of ONNX's own, {_OPSETS[0]} to {_OPSETS[-1]} is read"
        )
    return model


def _check_fields(message: Any, path: str) -> None:
    """Raise FormatError, with the path, if a field is set that is not in `_FIELDS`. Depth is bounded by that table."""
    allowed = _FIELDS[message.DESCRIPTOR.name].split()
    for field, value in message.ListFields():
        if field.name not in allowed:
            raise FormatError(f"onnx: {path}.{field.name} is not supported")
        where = f"{path}.{field.name}"
        texts = [value] if isinstance(value, str | bytes) else value
        if field.type == field.TYPE_STRING and any(isinstance(text, bytes) for text in texts):
            raise FormatError(f"onnx: {where} is not UTF-8")  # protobuf then gives bytes
        if field.type == field.TYPE_MESSAGE and hasattr(value, "ListFields"):
            _check_fields(value, where)
        elif field.type == field.TYPE_MESSAGE:
            for index, item in enumerate(value):
                _check_fields(item, f"{where}[{index}]")


def _unique(what: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary of pairs whose keys are different names; raises FormatError."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        _check_name(what, name)
        if name in found:
            raise FormatError(f"onnx: {what} has the name {name!r} twice")
        found[name] = value
    return found


def _check_name(what: str, name: str) -> None:
    """Raise FormatError unless `name` can stand in a message as it is."""
    if not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise FormatError(f"onnx: {what} has the name {brief(name)}")


def _float_type(onnx: ModuleType, graph: Any) -> FloatType:
    """The float type of the graph's one input."""
    for side in ("input", "output"):
        if len(getattr(graph, side)) != 1:
            raise FormatError(f"onnx: graph.{side} has {len(getattr(graph, side))} entries, expected one")
    declared = graph.input[0].type.tensor_type.elem_type
    for kind in FLOATS.values():
        if element_type(onnx, kind) == declared:
            return kind
    raise FormatError(f"onnx: graph.input is of element type {declared}, not one of {', '.join(FLOATS)}")


# ---------------------------------------------------------------- tensors


def _tensor(onnx: ModuleType, proto: Any) -> Tensor:
    """An initializer of a float type or bool, its cells as little-endian bytes from the one field that stores them."""
    where, types = f"initializer {proto.name!r}", onnx.TensorProto
    codes = {
        types.FLOAT16: ("int32_data", "H"),
        types.FLOAT: ("float_data", "f"),
        types.DOUBLE: ("double_data", "d"),
        types.BOOL: ("int32_data", "?"),
    }
    if proto.data_location != types.DEFAULT:
        raise FormatError(f"onnx: {where} keeps its data in another file")
    if any(size < 1 for size in proto.dims) or not 1 <= len(proto.dims) <= 2:
        raise FormatError(f"onnx: {where} has dims {brief(list(proto.dims))}, expected one or two, all positive")
    field, code = codes[proto.data_type]
    stored = [name for name in ("raw_data", "float_data", "double_data", "int32_data") if len(getattr(proto, name))]
    if stored not in (["raw_data"], [field]):
        found = " and ".join(stored) or "no field"
        raise FormatError(f"onnx: {where} has data in {found}; exactly one of raw_data and {field} is read")
    content = proto.raw_data if stored == ["raw_data"] else _packed(where, code, getattr(proto, field))
    check_size(f"onnx: {where}", proto.dims, struct.calcsize(f"<{code}"), len(content))
    return Tensor(proto.name, tuple(proto.dims), content)


def _packed(where: str, code: str, values: Any) -> bytes:
    """Values of a typed field as bytes; those of int32_data are the cells' bits."""
    largest = {"H": 2**16 - 1, "?": 1}.get(code)
    if largest is not None and not all(0 <= value <= largest for value in values):
        raise FormatError(f"onnx: {where} has a value outside 0 to {largest} in int32_data")
    return struct.pack(f"<{len(values)}{code}", *values)


# ---------------------------------------------------------------- the chain

_ATTRIBUTES: dict[str, dict[str, float]] = {
    "Gemm": {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0},
    "Cast": {"to": 0},
}
"""Attributes of the operators that have any, with their defaults; a default's type is the attribute's."""


class _Node(NamedTuple):
    where: str  # for messages
    op: str
    inputs: list[str]
    output: str
    attributes: dict[str, float]


def _node(index: int, proto: Any) -> _Node:
    where = f"node {index} ({brief(proto.op_type)})"
    if proto.domain not in _MAIN_DOMAINS:
        raise FormatError(f"onnx: {where} is of the domain {brief(proto.domain)}, not one of ONNX's own operators")
    if len(proto.output) != 1:
        raise FormatError(f"onnx: {where} has {len(proto.output)} outputs, expected one")
    attributes = dict(_ATTRIBUTES.get(proto.op_type, {}))
    for name, given in _unique(f"{where} attribute", ((given.name, given) for given in proto.attribute)).items():
        if name not in attributes:
            raise FormatError(f"onnx: {where} has the attribute {brief(name)}, which is not supported")
        attributes[name] = _attribute(f"{where} attribute {name}", given, isinstance(attributes[name], float))
    return _Node(where, proto.op_type, list(proto.input), proto.output[0], attributes)


def _attribute(where: str, given: Any, is_float: bool) -> float:
    """An attribute's finite value, stored in the field of its own type and in no other."""
    wanted, other, kind = ("f", "i", given.FLOAT) if is_float else ("i", "f", given.INT)
    if given.type != kind or given.HasField(other):
        raise FormatError(f"onnx: {where} is not {'a float' if is_float else 'an integer'}")
    value: float = getattr(given, wanted)
    if not isfinite(value):
        raise FormatError(f"onnx: {where} is {value}")
    return value


class _Chain:
    """Walks a graph's nodes in order. `value` names the current intermediate result, `width` is its columns."""

    __slots__ = (
        "bool_type",
        "defined",
        "elem_type",
        "graph",
        "initializers",
        "kind",
        "nodes",
        "onnx",
        "position",
        "unused",
        "value",
        "width",
    )

    def __init__(self, onnx: ModuleType, graph: Any, kind: FloatType) -> None:
        self.onnx, self.graph, self.kind = onnx, graph, kind
        self.elem_type, self.bool_type = element_type(onnx, kind), onnx.TensorProto.BOOL
        self.nodes = [_node(index, proto) for index, proto in enumerate(graph.node)]
        self.position = 0
        self.initializers = _unique("graph.initializer", ((proto.name, proto) for proto in graph.initializer))
        self.unused = set(self.initializers)
        self.defined: dict[str, tuple[int, int]] = {}  # each value's element type and width
        self._advance(graph.input[0].name, _declared_width(graph.input[0]))

    def network(self) -> Network:
        """The whole graph as a network; raises FormatError at the first part outside the grammar."""
        inputs, layers = self.width, []
        affine = self._affine()
        while self.position < len(self.nodes):
            layers.append(affine._replace(steps=self._activation()))
            affine = self._affine()
        self._check_ends()
        return Network(inputs, tuple(layers), affine)

    def _affine(self) -> Layer:
        inputs, node = self.width, self._take("Gemm", "MatMul")
        name, *bias_name = self._operands(node, self.value, (1, 2) if node.op == "Gemm" else (1,))
        weights, transposed = self._initializer(name, self.elem_type), _is_transposed(node)
        oriented = weights._replace(shape=weights.shape[::-1]) if transposed else weights
        self._advance(node.output, oriented.shape[-1])
        if node.op == "MatMul" and self._next_is("Add"):
            bias_name = [self._added()]
        bias = self._initializer(bias_name[0], self.elem_type) if bias_name else None
        if bias is not None and bias.shape == (1, self.width):
            bias = bias._replace(shape=(self.width,))  # one row for the whole batch
        check_shapes(oriented, bias, inputs)
        alpha, beta = (Fraction(node.attributes.get(key, 1)) for key in ("alpha", "beta"))
        return layer_of(weights, bias, self.kind, alpha=alpha, beta=beta, transposed=transposed)

    def _added(self) -> str:
        """Take an Add; the name of what it adds to the current value, on either side."""
        node = self._take("Add")
        if node.inputs[1:] == [self.value]:
            node = node._replace(inputs=node.inputs[::-1])
        (name,) = self._operands(node, self.value, (1,))
        self._advance(node.output, self.width)
        return name

    def _activation(self) -> tuple[int, ...]:
        """The step units of a layer; the others are relus."""
        before = self.value
        if self._next_is("GreaterOrEqual"):
            self._step(before)
            return tuple(range(self.width))
        node = self._take("Relu")
        self._operands(node, before, (0,))
        self._advance(node.output, self.width)
        if not self._next_is("GreaterOrEqual"):
            return ()
        relu, step = node.output, self._step(before)
        return self._chosen(step, relu)

    def _step(self, before: str) -> str:
        """Take GreaterOrEqual(before, 0) and its Cast to a float; the Cast's output."""
        compare = self._take("GreaterOrEqual")
        (name,) = self._operands(compare, before, (1,))
        zero = self._initializer(name, self.elem_type)
        if zero.shape != (1,) or any(zero.data):
            raise FormatError(f"onnx: {compare.where} compares with {zero.name!r}, which is not one number 0")
        self._advance(compare.output, self.width, self.bool_type)
        cast = self._take("Cast")
        self._operands(cast, compare.output, (0,))
        if cast.attributes["to"] != self.elem_type:
            raise FormatError(f"onnx: {cast.where} does not cast to {self.kind.name}")
        self._advance(cast.output, self.width)
        return cast.output

    def _chosen(self, step: str, relu: str) -> tuple[int, ...]:
        """Take Where(mask, step, relu); the units for which the mask is true."""
        node = self._take("Where")
        if len(node.inputs) != 3 or node.inputs[1:] != [step, relu]:
            raise FormatError(f"onnx: {node.where} does not choose between {step!r} and {relu!r}")
        mask = self._initializer(node.inputs[0], self.bool_type)
        if mask.shape != (self.width,) or not set(mask.data) <= {0, 1}:
            raise FormatError(f"onnx: initializer {mask.name!r} is not a mask of {self.width} units")
        self._advance(node.output, self.width)
        return tuple(unit for unit, chosen in enumerate(mask.data) if chosen)

    # ------------------------------------------------------------ one node, one name

    def _next_is(self, op: str) -> bool:
        return self.position < len(self.nodes) and self.nodes[self.position].op == op

    def _take(self, *ops: str) -> _Node:
        """The next node, which must be one of `ops`."""
        if self.position == len(self.nodes):
            raise FormatError(f"onnx: the graph ends where {' or '.join(ops)} is expected")
        node = self.nodes[self.position]
        if node.op not in ops:
            raise FormatError(f"onnx: {node.where} stands where {' or '.join(ops)} is expected")
        self.position += 1
        return node

    def _operands(self, node: _Node, first: str, counts: tuple[int, ...]) -> list[str]:
        """What a node reads besides `first`, which must be its first input."""
        if node.inputs[:1] != [first]:
            raise FormatError(f"onnx: {node.where} does not read {first!r}; only a chain of layers is read")
        if len(node.inputs) - 1 not in counts:
            raise FormatError(f"onnx: {node.where} has {len(node.inputs)} inputs")
        return node.inputs[1:]

    def _advance(self, name: str, width: int, elem_type: int | None = None) -> None:
        """Make a node's output the current value."""
        _check_name("a value", name)
        if name in self.defined or name in self.initializers:
            raise FormatError(f"onnx: the name {name!r} is defined twice")
        self.defined[name] = (self.elem_type if elem_type is None else elem_type, width)
        self.value, self.width = name, width

    def _initializer(self, name: str, elem_type: int) -> Tensor:
        if name not in self.initializers:
            raise FormatError(f"onnx: there is no initializer {brief(name)}; only stored weights are read")
        proto = self.initializers[name]
        if proto.data_type != elem_type:
            raise FormatError(f"onnx: initializer {name!r} is of element type {proto.data_type}, expected {elem_type}")
        self.unused.discard(name)
        return _tensor(self.onnx, proto)

    def _check_ends(self) -> None:
        """Everything was used, and every declared type and shape is the one found."""
        if self.graph.output[0].name != self.value:
            name = brief(self.graph.output[0].name)
            raise FormatError(f"onnx: graph.output is {name}, the chain of nodes ends in {self.value!r}")
        if self.unused:
            raise FormatError(f"onnx: initializer {min(self.unused)!r} is not used")
        inner = _unique("graph.value_info", ((value.name, value) for value in self.graph.value_info))
        for value in (*self.graph.input, *self.graph.output, *inner.values()):
            declared = (value.type.tensor_type.elem_type, _declared_width(value))
            if self.defined.get(value.name) != declared:
                raise FormatError(
                    f"onnx: {brief(value.name)} is declared with element type and width {declared}, "
                    f"the graph gives {self.defined.get(value.name)}"
                )


def _is_transposed(node: _Node) -> bool:
    """Whether a Gemm's weights are stored as [units, inputs]."""
    given = (node.attributes.get("transA", 0), node.attributes.get("transB", 0))
    if given not in ((0, 0), (0, 1)):
        raise FormatError(f"onnx: {node.where} has transA, transB = {given}; (0, 0) and (0, 1) are read")
    return given == (0, 1)


def _declared_width(value: Any) -> int:
    """The n of a value declared as [batch, n]."""
    dims = value.type.tensor_type.shape.dim
    if len(dims) != 2 or dims[1].dim_value < 1 or (dims[0].HasField("dim_value") and dims[0].dim_value < 1):
        raise FormatError(f"onnx: {brief(value.name)} is not declared with a shape [batch, n]")
    return int(dims[1].dim_value)
