"""ONNX in 8-bit integers: onnxruntime and onnx's reference give the exact value everywhere in the range."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from relumax.errors import FormatError
from relumax.formats import export_integers, load
from relumax.network.layers import Network, normalise
from relumax.ranges import bytes_reach
from tests.ranges.arithmetic import corners, network_of

CASES = [
    ("max", "tournament", 8),
    ("max", "chain", 5),
    ("argmax", "index", 4),
    ("argmax", "prefix", 8),
    ("argmax", "step", 4),
    ("argmax", "onehot", 5),
]


def outputs(network: Network, rows: np.ndarray) -> list[np.ndarray]:
    """What onnxruntime (optimised, and not) and the reference evaluator make of rows."""
    data = export_integers(network, "onnx", "int8", int(bytes_reach(network))).data
    model = onnx.load_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    plain = onnxruntime.SessionOptions()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    found = [ReferenceEvaluator(model).run(None, {"x": rows})[0]]
    for options in (None, plain):
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        found.append(session.run(None, {"x": rows})[0])
    return found


@pytest.mark.parametrize("which", CASES)
def test_exact_in_the_range(which: tuple[str, str, int]) -> None:
    network = network_of(*which)
    most = int(bytes_reach(network))
    points = [[int(one) for one in x] for x in corners(network.inputs, most, 1, 300, 7)]
    points += [list(one) for one in itertools.product((-most, 0, most), repeat=network.inputs)][:6561]
    exact = np.array([network(point) for point in points]).astype(np.int32)
    for found in outputs(network, np.array(points, np.int8)):
        assert found.dtype == np.int32 and (found == exact).all()


def test_how_far_it_reaches() -> None:
    """A maximum over all of int8; beyond its range a unit leaves uint8, and values are wrong."""
    assert bytes_reach(network_of("max", "tournament", 8)) == 127
    index = network_of("argmax", "index", 8)
    most = int(bytes_reach(index))
    assert 8 < most < 127
    rows = np.random.default_rng(1).integers(-127, 128, (2000, 8)).astype(np.int8)
    assert (outputs(index, rows)[0][:, 0] != rows.argmax(axis=1)).any()


def test_what_does_not_fit_names_the_layer() -> None:
    for rows, said in (
        ([(0, {0: 65})], "layer 0 has a weight of absolute value 65; 64 is the most"),
        ([(256, {0: 1})], "layer 0 does not fit: its units can be larger than 255"),
        ([(0, {0: "1/2"})], "layer 0 has weights that are no integers"),
    ):
        layer = normalise([(b, {j: Fraction(c) for j, c in terms.items()}) for b, terms in rows])
        with pytest.raises(FormatError, match=f"int8: {said}"):
            bytes_reach(Network(1, (layer,), normalise([(0, {0: 1})])))
    with pytest.raises(FormatError, match="int8: the output map has a weight of absolute value 100"):
        bytes_reach(Network(1, (), normalise([(0, {0: 100})])))


def test_large_biases_are_of_32_bits_and_such_files_are_not_read() -> None:
    network = Network(1, (normalise([(-1000, {0: 10})]),), normalise([(100_000, {0: 1})]))
    for found in outputs(network, np.array([[-100], [100], [bytes_reach(network)]], np.int8)):
        assert found[:2, 0].tolist() == [100_000, 100_000]
    with pytest.raises(FormatError):
        load(export_integers(network, "onnx", "int8", 1).data)
