"""Writing ONNX: one Gemm for each affine map, Relu between them; the file runs in onnxruntime.

Input `x` is [batch, inputs], output `y` is [batch, outputs]. A layer with step units computes, column by column,

    above{i} = GreaterOrEqual(z{i}, zero)     step{i} = Cast(above{i})     1 where z >= 0, else 0
    h{i}     = Where(is_step{i}, step{i}, Relu(z{i}))                      each unit its own activation

which adds no arithmetic, so it is as exact as the Gemm before it.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import Exported, WriteOptions, check_layout
from relumax.formats.dense import Tensor, to_tensors
from relumax.formats.onnx.library import PRODUCER, element_type
from relumax.network.layers import Layer, Network
from relumax.words import MATMUL, ONNX

OPSET = 13
IR_VERSION = 8
"""Old on purpose: every onnxruntime since 2021 runs them, and no operator used here has changed since."""

_LARGEST = 2**31 - 1  # bytes: protobuf's limit on one message
_ROOM = 2**20  # for everything that is not a tensor's cells


def write_model(onnx: ModuleType, network: Network, options: WriteOptions) -> Exported:
    """The file; raises FormatError for a file of 2 GiB, and as `dense.to_tensors` does."""
    check_layout(ONNX, options)
    tensors, rounding = to_tensors(network, options)
    size = sum(len(tensor.data) for tensor in tensors)
    if size > _LARGEST - _ROOM:
        raise FormatError(f"onnx: {size} bytes of weights do not fit in one ONNX file (2 GiB); npz has no such limit")
    graph = _graph(onnx, network, tensors, options)
    model = onnx.ModelProto(ir_version=IR_VERSION, producer_name=PRODUCER, graph=graph)
    model.opset_import.add(domain="", version=OPSET)
    for key, value in sorted(metadata.describe(network, options, rounding).items()):
        model.metadata_props.add(key=key, value=value)
    return metadata.exported(model.SerializeToString(deterministic=True), options, rounding)


def _graph(onnx: ModuleType, network: Network, tensors: list[Tensor], options: WriteOptions) -> Any:
    kind = element_type(onnx, options.kind)
    graph = onnx.GraphProto(name="relumax")
    for name, width in (("x", network.inputs), ("y", network.outputs)):
        side = graph.input if name == "x" else graph.output
        side.append(onnx.helper.make_tensor_value_info(name, kind, ["batch", width]))
    for tensor in tensors:
        add_tensor(graph, tensor, kind)
    if any(layer.steps for layer in network.layers):
        add_tensor(graph, Tensor("zero", (1,), bytes(options.kind.size)), kind)
    value, matmul = "x", options.layout == MATMUL
    for index, layer in enumerate(network.layers):
        _add_affine(graph, f"z{index}", value, index, matmul)
        value = f"h{index}"
        add_activation(onnx, graph, index, layer, kind)
    _add_affine(graph, "y", value, network.depth, matmul)
    if matmul:
        made = {name for node in graph.node for name in node.output}
        shapes: list[tuple[str, tuple[str | int, ...]]] = [(tensor.name, tensor.shape) for tensor in tensors]
        for t, layer in enumerate(network.maps):
            shapes += [(name, ("batch", len(layer.rows))) for name in (f"m{t}", f"z{t}", f"h{t}") if name in made]
        graph.value_info.extend(onnx.helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes)
    return graph


def _add_affine(graph: Any, output: str, value: str, index: int, matmul: bool) -> None:
    if matmul:
        add_node(graph, "MatMul", f"m{index}", value, f"W{index}")
        add_node(graph, "Add", output, f"m{index}", f"b{index}")
    else:
        add_node(graph, "Gemm", output, value, f"W{index}", f"b{index}")


def add_activation(onnx: ModuleType, graph: Any, index: int, layer: Layer, kind: int) -> None:
    """The nodes from z{index} to h{index}, of element type `kind`."""
    units = len(layer.rows)
    mixed = 0 < len(layer.steps) < units
    if len(layer.steps) < units:
        add_node(graph, "Relu", f"relu{index}" if mixed else f"h{index}", f"z{index}")
    if layer.steps:
        add_node(graph, "GreaterOrEqual", f"above{index}", f"z{index}", "zero")
        cast = add_node(graph, "Cast", f"step{index}" if mixed else f"h{index}", f"above{index}")
        cast.attribute.append(onnx.helper.make_attribute("to", kind))
    if mixed:
        mask = bytes(unit in layer.steps for unit in range(units))
        add_tensor(graph, Tensor(f"is_step{index}", (units,), mask), onnx.TensorProto.BOOL)
        add_node(graph, "Where", f"h{index}", f"is_step{index}", f"step{index}", f"relu{index}")


def add_tensor(graph: Any, tensor: Tensor, kind: int) -> None:
    """A constant."""
    graph.initializer.add(name=tensor.name, dims=tensor.shape, data_type=kind, raw_data=tensor.data)


def add_node(graph: Any, op: str, output: str, *inputs: str) -> Any:
    """A node of one output, which is its name."""
    return graph.node.add(op_type=op, name=output, input=inputs, output=[output])
