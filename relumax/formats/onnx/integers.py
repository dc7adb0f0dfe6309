"""Writing ONNX in 8-bit integers: MatMulInteger and Add for each affine map, Relu and Cast between them.

Input `x` is int8 [batch, inputs], weights are int8, units uint8, sums, biases and output `y` int32 [batch, outputs]:

    z{i} = Add(MatMulInteger(h, W{i}), b{i})        h{i} = Cast(Relu(z{i}))

Step units are as in the files of floats. Such files are written and not read: over the reals a Cast to uint8 is none.
"""

from __future__ import annotations

from struct import pack, pack_into
from types import ModuleType
from typing import Any

from relumax.formats import metadata
from relumax.formats.common import Exported
from relumax.formats.dense import Tensor
from relumax.formats.integers import IntegerOptions, exported, whole
from relumax.formats.onnx.library import PRODUCER, library
from relumax.formats.onnx.writing import IR_VERSION, add_activation, add_node, add_tensor
from relumax.formats.strict import dumps
from relumax.network.layers import Network, sha256

OPSET = 14  # the first in which Relu takes integers


def write_integers(network: Network, options: IntegerOptions) -> Exported:
    """The file; raises FormatError at the first weight that is no integer of 8 bits, MissingExtra."""
    onnx = library()
    model = onnx.ModelProto(ir_version=IR_VERSION, producer_name=PRODUCER, graph=_graph(onnx, network, options))
    model.opset_import.add(domain="", version=OPSET)
    record = {
        "version": "1",
        "network_sha256": sha256(network),
        "dtype": options.name,
        "exact": "yes",
        "steps": dumps([layer.steps for layer in network.layers]).decode("ascii"),
        "exact_to": options.proved,
        **({} if options.theorem is None else {"theorem": options.theorem}),
    }
    for key, value in sorted(record.items()):
        model.metadata_props.add(key=metadata.PREFIX + key, value=value)
    return exported(model.SerializeToString(deterministic=True), options)


def _graph(onnx: ModuleType, network: Network, options: IntegerOptions) -> Any:
    small, unsigned, wide = onnx.TensorProto.INT8, onnx.TensorProto.UINT8, onnx.TensorProto.INT32
    graph = onnx.GraphProto(name="relumax")
    graph.input.append(onnx.helper.make_tensor_value_info("x", small, ["batch", network.inputs]))
    graph.output.append(onnx.helper.make_tensor_value_info("y", wide, ["batch", network.outputs]))
    if any(layer.steps for layer in network.layers):
        add_tensor(graph, Tensor("zero", (1,), bytes(4)), wide)
    value = "x"
    for index, (inputs, layer) in enumerate(zip(network.columns, whole(network, options, 32), strict=True)):
        units = len(layer.rows)
        weights = bytearray(inputs * units)
        for unit, (_, terms) in enumerate(layer.rows):
            for source, c in terms:
                pack_into("b", weights, source * units + unit, c)
        add_tensor(graph, Tensor(f"W{index}", (inputs, units), bytes(weights)), small)
        biases = pack(f"<{units}i", *(bias for bias, _ in layer.rows))
        add_tensor(graph, Tensor(f"b{index}", (units,), biases), wide)
        add_node(graph, "MatMulInteger", f"product{index}", value, f"W{index}")
        if index == network.depth:
            add_node(graph, "Add", "y", f"product{index}", f"b{index}")
            return graph
        add_node(graph, "Add", f"z{index}", f"product{index}", f"b{index}")
        add_activation(onnx, graph, index, layer, wide)
        value = f"u{index}"
        add_node(graph, "Cast", value, f"h{index}").attribute.append(onnx.helper.make_attribute("to", unsigned))
