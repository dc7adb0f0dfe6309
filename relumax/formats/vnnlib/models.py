"""The networks of a query, from ONNX files: what is declared is held against the file, hidden values become outputs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from relumax.errors import FormatError
from relumax.formats import load, sniff
from relumax.formats.metadata import PREFIX
from relumax.formats.onnx.library import PRODUCER, messages
from relumax.formats.vnnlib.query import HIDDEN, IN, OUT, Declared, Query, Tensor
from relumax.network.beside import apart
from relumax.network.layers import Network
from relumax.words import ONNX

FLOATS = {"float16": "FLOAT16", "float32": "FLOAT", "float64": "DOUBLE", "bfloat16": "BFLOAT16"}
"""The float types of VNN-LIB, which are read as reals where that is asked for."""


def combined(query: Query, files: Mapping[str, bytes]) -> Network:
    """One network that reads the inputs of all networks of the query, and gives their outputs and hidden values.

    `files` has the bytes of each by name; a network that is equal to another needs none. Raises FormatError where a
    file is missing, or computes other tensors than are declared.
    """
    known: dict[str, bytes] = {}
    found = []
    for one in query.networks:
        if one.like is not None and one.name in files:
            raise FormatError(f"--network {one.name}: the query says it is equal to {one.like}, whose file it has")
        data = known[one.like] if one.like is not None else files.get(one.name)
        if data is None:
            raise FormatError(f"no file is given for network {one.name}: --network {one.name}=FILE.onnx")
        known[one.name] = data
        found.append(_network(one, data, query.flat))
    unknown = sorted(files.keys() - known.keys())
    if unknown:
        raise FormatError(f"--network {unknown[0]}: the query declares no such network")
    return reduce(apart, found)


def _network(declared: Declared, data: bytes, flat: bool) -> Network:
    """The network in a file, with what is hidden as outputs after its own."""
    if sniff(data) != ONNX:
        raise FormatError(f"network {declared.name}: queries are about ONNX files")
    model = messages().ModelProto.FromString(data)
    held = {one.name for one in model.graph.initializer}
    inputs = [one for one in model.graph.input if one.name not in held]
    hidden = [one for one in declared.tensors if one.side == HIDDEN]
    for side, values in ((IN, inputs), (OUT, model.graph.output)):
        ours = [one for one in declared.tensors if one.side == side]
        if len(ours) != len(values):
            raise FormatError(f"network {declared.name}: {len(ours)} {side}s are declared, the file has {len(values)}")
        for one, value in zip(ours, values, strict=True) if not flat else ():
            _held_against(declared.name, one, value)
    if hidden:
        kind = inputs[0].type.tensor_type.elem_type if inputs else 1
        for one in hidden:
            if not any(one.node in node.output for node in model.graph.node):
                raise FormatError(f"network {declared.name}: no node of the file gives {one.node!r:.60}")
            value = model.graph.output.add(name=one.node)
            value.type.tensor_type.elem_type = kind
            for size in one.shape:
                value.type.tensor_type.shape.dim.add(dim_value=size)
        kept = [prop for prop in model.metadata_props if not prop.key.startswith(PREFIX)]
        del model.metadata_props[:]  # what relumax says of its own files is about their outputs alone
        model.metadata_props.extend(kept)
        model.producer_name = "" if model.producer_name == PRODUCER else model.producer_name
        data = model.SerializeToString()
    network = load(data, ONNX).network
    counts = {side: sum(one.cells for one in declared.tensors if one.side == side) for side in (IN, OUT, HIDDEN)}
    if (network.inputs, network.outputs) != (counts[IN], counts[OUT] + counts[HIDDEN]):
        raise FormatError(
            f"network {declared.name}: {counts[IN]} numbers in and {counts[OUT]} out are declared, the file has "
            f"{network.inputs} and {network.outputs - counts[HIDDEN]}"
        )
    return network


def _held_against(name: str, one: Tensor, value: Any) -> None:
    """Raise FormatError unless a tensor of the file has the shape declared; an open batch is one of one."""
    if not value.type.tensor_type.HasField("shape"):
        return
    sizes = [dim.dim_value if dim.HasField("dim_value") else None for dim in value.type.tensor_type.shape.dim]
    if len(sizes) != len(one.shape) or any(s not in (None, k) for s, k in zip(sizes, one.shape, strict=True)):
        raise FormatError(f"network {name}: {one.name} is declared as {list(one.shape)}, the file has {sizes}")
    if sizes[:1] == [None] and one.shape[:1] != (1,):
        raise FormatError(f"network {name}: {one.name} has an open batch; a query is read for a batch of one")
