"""Types for FPGAs: hls4ml's C simulation of the exported file with just the types of each layer."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from relumax.formats import export, load
from relumax.ranges import layer_bits
from relumax.ranges.bits import input_width
from tests.ranges.arithmetic import network_of
from tests.ranges.test_runtimes import corner_rows


def test_matmul_and_add_are_the_same_network():
    network = network_of("argmax", "index", 5)
    model = onnx.load_from_string(export(network, "onnx", layout="matmul").data)
    onnx.checker.check_model(model, full_check=True)
    assert {node.op_type for node in model.graph.node} == {"MatMul", "Add", "Relu"}
    shaped = {one.name for one in model.graph.value_info}
    assert {name for node in model.graph.node for name in node.input} <= shaped | {"x"}
    assert load(export(network, "onnx", layout="matmul").data).network == network


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("function", "name", "n", "most"), [("max", "tournament", 8, 1000), ("argmax", "prefix", 4, 100)]
)
def test_the_simulation_is_exact_in_just_these_types(function, name, n, most, tmp_path):
    hls4ml = pytest.importorskip("hls4ml", reason="pip install hls4ml==1.3.0 to simulate fixed point")
    network = network_of(function, name, n)
    layers = layer_bits(network, most)
    model = onnx.load_from_string(export(network, "onnx", layout="matmul").data)
    config = hls4ml.utils.config_from_onnx_model(model, granularity="name", default_precision="fixed<32,32>")

    def fixed(width):
        return f"fixed<{width.bits},{width.bits - width.fraction}>"

    names = config["LayerName"]
    names["x"]["Precision"] = {"result": fixed(input_width(most))}
    for t, one in enumerate(layers):
        last = t == network.depth
        for each in (f"m{t}", "y" if last else f"z{t}"):
            names[each]["Precision"] = {"result": fixed(one.sums), "accum": fixed(one.sums)}
        if not last:
            names[f"h{t}"]["Precision"] = {"result": fixed(one.values)}
    made = hls4ml.converters.convert_from_onnx_model(
        model, hls_config=config, output_dir=str(tmp_path), backend="Vitis", io_type="io_parallel"
    )
    made.compile()
    batch = corner_rows(n, most, 20_000, 5)
    wanted = batch.max(axis=1) if function == "max" else batch.argmax(axis=1)
    found = np.asarray(made.predict(np.ascontiguousarray(batch, dtype=np.float32))).ravel()
    assert (found == wanted).all()
    beyond = np.asarray(made.predict(np.ascontiguousarray(4 * batch, dtype=np.float32))).ravel()
    assert (beyond != (4 * wanted if function == "max" else wanted)).any()  # the types are no wider than they need be
