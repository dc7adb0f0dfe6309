from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relumax.errors import FormatError, ProgramError
from relumax.language import expr
from relumax.language.expr import inputs, relu, step
from relumax.language.gadget import maximum
from relumax.network import evaluate as module
from relumax.network.compile import compile
from relumax.network.evaluate import dense_fractions, evaluate, evaluate_numpy, trace
from relumax.network.layers import Layer, Network, normalise
from tests.strategies import points, programs, reproducible

THIRD = Fraction(1, 3)


def test_values_are_exact_whatever_the_denominators():
    x, y = inputs(2)
    network = compile([THIRD * relu(x * Fraction(3, 7) - y) + step(y - THIRD)], 2)
    assert evaluate(network, [1, Fraction(1, 7)]) == [Fraction(2, 21)]
    assert evaluate(network, ["0.5", THIRD]) == [1]
    assert all(type(value) is Fraction for value in evaluate(network, [0, 0]))


def test_trace_shows_each_layer():
    network = Network(
        1,
        (Layer(2, ((1, ((0, 1),)), (-1, ((0, 1),))), (1,)), normalise([(0, {0: 1, 1: -1})])),
        normalise([(THIRD, {0: 1})]),
    )
    found = trace(network, [Fraction(1)])
    assert found.layers[0].pre == [1, 0]
    assert found.layers[0].values == [1, 1]
    assert found.layers[1] == ([0], [0])
    assert found.outputs == [THIRD]


@reproducible
@given(st.data())
def test_trace_agrees_with_evaluate_and_with_its_own_activations(data):
    program = data.draw(programs(outputs=2))
    network = compile(program.outputs, program.n)
    point = data.draw(points(program.n))
    found = trace(network, point)
    assert found.outputs == evaluate(network, point)
    below = point
    for layer, (pre, values) in zip(network.layers, found.layers, strict=True):
        weights, biases = dense_fractions(layer, len(below))
        assert pre == [
            b + sum(w * v for w, v in zip(row, below, strict=True)) for row, b in zip(weights, biases, strict=True)
        ]
        assert values == [
            (1 if value >= 0 else 0) if unit in layer.steps else max(value, 0) for unit, value in enumerate(pre)
        ]
        below = values


@reproducible
@given(st.data())
def test_numpy_is_exact_on_dyadic_programs_and_points(data):
    program = data.draw(programs(outputs=2, dyadic=True))
    network = compile(program.outputs, program.n)
    batch = data.draw(st.lists(points(program.n, dyadic=True), min_size=1, max_size=4))
    found = evaluate_numpy(network, np.array(batch, dtype=float))
    assert found.shape == (len(batch), 2)
    assert found.dtype == np.float64
    assert found.tolist() == [[float(v) for v in expr.evaluate(program.outputs, point)] for point in batch]


def test_rows_without_weights_are_their_bias():
    network = Network(2, (), normalise([(3, {}), (0, {1: 2}), (-1, {}), (1, {})]))
    assert evaluate_numpy(network, [[5, 7], [0, 1]]).tolist() == [[3, 14, -1, 1], [3, 2, -1, 1]]
    constant = Network(1, (), normalise([(3, {})]))
    assert evaluate_numpy(constant, [[5], [6]]).tolist() == [[3], [3]]
    assert evaluate_numpy(constant, np.zeros((0, 1))).shape == (0, 1)


def test_a_large_batch_goes_in_blocks(monkeypatch):
    x = inputs(3)
    network = compile([x[0] + relu(x[1] - x[0]), 2 * x[2]], 3)
    batch = np.arange(60).reshape(20, 3) % 7
    whole = evaluate_numpy(network, batch)
    monkeypatch.setattr(module, "BLOCK", 10)
    assert evaluate_numpy(network, batch).tolist() == whole.tolist()
    assert whole.tolist() == [[max(a, b), 2 * c] for a, b, c in batch.tolist()]


def test_the_float_type_can_be_chosen():
    network = Network(1, (), normalise([(0, {0: THIRD})]))
    assert evaluate_numpy(network, [[1]], dtype="float32").dtype == np.float32
    assert evaluate_numpy(network, [[1]])[0, 0] == 1 / 3


def test_bad_points_and_weights_are_named():
    network = Network(2, (), normalise([(0, {0: 1}), (10**400, {0: 1})]))
    with pytest.raises(ProgramError, match="the network has 2 inputs, but 1 were given"):
        evaluate(network, [1])
    with pytest.raises(ProgramError, match="the network has 2 inputs, but 3 were given"):
        trace(network, [1, 2, 3])
    with pytest.raises(ProgramError, match=r"expected an array of shape \[batch, 2\], found \[1, 3\]"):
        evaluate_numpy(network, [[1, 2, 3]])
    with pytest.raises(ProgramError, match=r"expected an array of shape \[batch, 2\], found \[2\]"):
        evaluate_numpy(network, [1, 2])
    with pytest.raises(FormatError, match=r"^output\.rows\[1\]: a weight beyond the range of float64"):
        evaluate_numpy(network, [[1, 2]])


def test_dense_fractions():
    layer = normalise([(THIRD, {2: 1}), (0, {0: Fraction(1, 2)})])
    assert dense_fractions(layer, 3) == ([[0, 0, 1], [Fraction(1, 2), 0, 0]], [THIRD, 0])


def test_a_network_is_called_like_a_function():
    network = compile([maximum(*inputs(2))], 2)
    for point in ([3, "1/2"], (3, Fraction(1, 2)), np.array([3, 0.5])):
        assert network(point) == evaluate(network, list(point)) == [3]
    assert network(3, "1/2") == [3]
    for wrong in ([1], [1, 2, 3], 1, "12"):
        with pytest.raises(ProgramError):
            network(wrong)
