"""Tensors of networks: layout, places of weights, what a float type refuses."""

import struct
from fractions import Fraction

import pytest

from relumax.errors import FormatError
from relumax.formats.common import WriteOptions
from relumax.formats.dense import Tensor, from_tensors, to_tensors
from relumax.formats.floats import FLOATS
from relumax.network.layers import Network, normalise
from tests.formats.examples import MAX2, MIXED


def options(dtype: str, allow_rounding: bool = False) -> WriteOptions:
    return WriteOptions(FLOATS[dtype], allow_rounding, None, 1000)


def affine(weight: Fraction) -> Network:
    return Network(1, (), normalise([(0, {0: weight})]))


def test_weights_are_inputs_by_units() -> None:
    tensors, rounding = to_tensors(MAX2, options("float32"))
    assert rounding is None
    assert [(tensor.name, tensor.shape) for tensor in tensors] == [
        ("W0", (2, 3)),
        ("b0", (3,)),
        ("W1", (3, 1)),
        ("b1", (1,)),
    ]
    assert struct.unpack("<6f", tensors[0].data) == (1, 0, 0, -1, 1, -1)


@pytest.mark.parametrize(
    ("weight", "dtype", "message"),
    [
        (Fraction(1, 3), "float64", r"is 1/3, which float64 cannot hold exactly; no float type can, json keeps it"),
        (Fraction(2049), "float16", r"is 2049, which float16 cannot .*; float32 can \(--dtype float32\), or round it"),
        (Fraction(2**24 + 1), "float32", r"is 16777217, which float32 .*; float64 can \(--dtype float64\)"),
        (Fraction(1, 2**150), "float32", r"is .*, which float32 cannot .*; float64 can"),
        (Fraction(10) ** 39, "float32", r"is 10{39}, beyond the largest float32; no float type can, json"),
        (Fraction(2**200), "float32", r"is \d*, beyond the largest float32; float64 can"),
        (Fraction(1, 2**1080), "float64", r"is a rational of 1081 bits, which float64 cannot hold"),
    ],
)
def test_a_weight_that_does_not_fit(weight: Fraction, dtype: str, message: str) -> None:
    with pytest.raises(FormatError, match=r"^W0\[0, 0\] \(layer 0, unit 0, weight on its input 0\) " + message):
        to_tensors(affine(weight), options(dtype))


def test_a_bias_that_does_not_fit() -> None:
    with pytest.raises(FormatError, match=r"^b0\[0\] \(layer 0, bias of unit 0\) is 1/3"):
        to_tensors(Network(1, (), normalise([(Fraction(1, 3), {0: 1})])), options("float64"))


def test_no_rounding_makes_a_weight_infinite() -> None:
    with pytest.raises(FormatError, match="beyond the largest float16"):
        to_tensors(affine(Fraction(10**6)), options("float16", allow_rounding=True))


def test_rounding_may_lose_a_tiny_weight_and_says_so() -> None:
    tensors, rounding = to_tensors(affine(Fraction(1, 2**1080)), options("float32", allow_rounding=True))
    assert tensors[0].data == bytes(4)
    assert rounding is not None and rounding.weights == 1 and rounding.first.endswith("stored as 0")


def float32(name: str, shape: tuple[int, ...], *cells: float) -> Tensor:
    return Tensor(name, shape, struct.pack(f"<{len(cells)}f", *cells))


PLAIN = {
    "W0": float32("W0", (1, 2), 1, 0),
    "b0": float32("b0", (2,), 0, 0.5),
    "W1": float32("W1", (2, 1), 1, -0.0),
    "b1": float32("b1", (1,), 0),
}


def test_floats_are_read_as_the_rationals_they_are() -> None:
    third = float32("W1", (2, 1), 1 / 3, -0.0)
    network = from_tensors({**PLAIN, "W1": third}, FLOATS["float32"], [[1]])
    assert network.output == normalise([(0, {0: Fraction(11184811, 33554432)})])
    assert network.layers[0].steps == (1,)


@pytest.mark.parametrize(
    ("change", "steps", "message"),
    [
        ({"b1": None}, [[]], "b1 is missing"),
        ({"W1": None, "b1": None, "W2": PLAIN["W1"], "b2": PLAIN["b1"]}, [[]], "W1 is missing"),
        (dict.fromkeys(PLAIN), [], "W0 is missing; a file's 0 tensors"),
        ({}, [], "steps are listed for 0 hidden layers, the file has 1"),
        ({}, [[0, 2]], "steps name unit 2 of a layer whose b0 has 2 units"),
        ({"W0": float32("W0", (2,), 1, 2)}, [[]], r"W0 has shape \[2\], not \[inputs, units\]"),
        ({"W0": float32("W0", (0, 2))}, [[]], r"W0 has shape \[0, 2\]"),
        ({"W1": float32("W1", (3, 1), 1, 2, 3)}, [[]], r"W1 has shape \[3, 1\], but the layer before has 2 units"),
        ({"b0": float32("b0", (3,), 1, 2, 3)}, [[]], r"b0 has shape \[3\], not \[2\] as W0 asks"),
        ({"W1": float32("W1", (2, 1), 1, float("nan"))}, [[]], r"W1\[1, 0\] is nan, not a finite number"),
        ({"b0": float32("b0", (2,), 0, float("-inf"))}, [[]], r"b0\[1\] is -inf, not a finite number"),
    ],
)
def test_what_is_not_a_chain_is_refused(change: dict[str, Tensor | None], steps: list[list[int]], message: str) -> None:
    tensors = {name: tensor for name, tensor in {**PLAIN, **change}.items() if tensor is not None}
    with pytest.raises(FormatError, match=message):
        from_tensors(tensors, FLOATS["float32"], steps)


def test_tensors_keep_step_units_apart() -> None:
    tensors, _ = to_tensors(MIXED, options("float16"))
    steps = [layer.steps for layer in MIXED.layers]
    assert from_tensors({tensor.name: tensor for tensor in tensors}, FLOATS["float16"], steps) == MIXED
