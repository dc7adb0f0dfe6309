"""A network as dense little-endian tensors W0, b0, W1, b1, ... and back; the part that npz, onnx and safetensors share.

`W{i}` has shape [inputs of layer i, units of layer i] and `b{i}` [units of layer i], so layer i maps a batch h to
`h @ W{i} + b{i}`. The last pair is the output map. Only the standard library is used, so that `relumax check
--network` stays free of numpy; rows of zeros, which is most of them, are skipped without being decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod
from reprlib import repr as brief
from struct import pack_into, unpack
from typing import NamedTuple

from relumax.errors import BudgetExceeded, FormatError
from relumax.formats.common import WriteOptions
from relumax.formats.floats import FloatType, encode, exact_value, smallest_exact
from relumax.network.layers import Layer, Network, normalise
from relumax.words import IN_OUT, TORCH


class Tensor(NamedTuple):
    """A named array: its shape and its cells, little-endian, last index fastest."""

    name: str
    shape: tuple[int, ...]
    data: bytes


class Rounding(NamedTuple):
    """How many weights were rounded, and the first of them in words."""

    weights: int
    first: str


_tensor_name = re.compile(r"[Wb](0|[1-9][0-9]{0,5})", re.ASCII)


def place(index: int, unit: int, source: int | None) -> str:
    """Where a weight is, as the tensor's cell and in words; source None is the bias.

    >>> place(1, 2, 3)
    'W1[3, 2] (layer 1, unit 2, weight on its input 3)'
    """
    if source is None:
        return f"b{index}[{unit}] (layer {index}, bias of unit {unit})"
    return f"W{index}[{source}, {unit}] (layer {index}, unit {unit}, weight on its input {source})"


def shown(value: Fraction) -> str:
    """A rational for a message: its digits while they are few."""
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    return str(value) if bits <= 256 else f"a rational of {bits} bits"


# ---------------------------------------------------------------- writing


def to_tensors(network: Network, options: WriteOptions) -> tuple[list[Tensor], Rounding | None]:
    """The network's tensors and what was rounded, None if nothing was.

    Raises FormatError for step units in PyTorch's layout, and at the first weight that the type cannot hold exactly
    (with rounding allowed: that would become infinite), BudgetExceeded if all tensors together have more than
    `options.max_cells` cells.
    """
    cells = sum((inputs + 1) * len(layer.rows) for inputs, layer in _maps(network))
    if cells > options.max_cells:
        raise BudgetExceeded(
            f"a dense export of this network has {cells} cells, more than {options.max_cells} (--max-size allows more)"
        )
    rounder = _Rounder(options)
    tensors: list[Tensor] = []
    for index, (inputs, layer) in enumerate(_maps(network)):
        tensors += _layer_tensors(index, inputs, layer, rounder, options.layout == TORCH)
    return tensors, Rounding(rounder.count, rounder.first) if rounder.count else None


def _maps(network: Network) -> Iterator[tuple[int, Layer]]:
    return zip(network.columns, network.maps, strict=True)


def _layer_tensors(index: int, inputs: int, layer: Layer, rounder: _Rounder, torch: bool) -> list[Tensor]:
    """W{i} [inputs, units] and b{i}, or, for torch's `nn.Sequential`, {2i}.weight [units, inputs] and {2i}.bias."""
    if torch and layer.steps:
        raise FormatError(
            f"layer {index} has step units, which PyTorch's nn.Sequential has not; --layout {IN_OUT} keeps them"
        )
    units, kind = len(layer.rows), rounder.kind
    weights, biases = bytearray(inputs * units * kind.size), bytearray(units * kind.size)
    code = "<" + kind.unsigned
    for unit, (bias, row) in enumerate(layer.rows):
        pack_into(code, biases, unit * kind.size, rounder(Fraction(bias, layer.den), index, unit, None))
        for source, coefficient in row:
            cell = rounder(Fraction(coefficient, layer.den), index, unit, source)
            at = unit * inputs + source if torch else source * units + unit
            pack_into(code, weights, at * kind.size, cell)
    if torch:
        names = f"{2 * index}.weight", f"{2 * index}.bias"
        return [Tensor(names[0], (units, inputs), bytes(weights)), Tensor(names[1], (units,), bytes(biases))]
    return [Tensor(f"W{index}", (inputs, units), bytes(weights)), Tensor(f"b{index}", (units,), bytes(biases))]


class _Rounder:
    """Turns rationals into the bits of floats of one type; refuses, or counts and remembers, those that change."""

    __slots__ = ("_known", "allowed", "count", "first", "kind")

    def __init__(self, options: WriteOptions) -> None:
        self.kind, self.allowed = options.kind, options.allow_rounding
        self.count, self.first = 0, ""
        self._known: dict[Fraction, tuple[Fraction | None, int]] = {}  # what is stored, and its bits

    def __call__(self, value: Fraction, index: int, unit: int, source: int | None) -> int:
        if value not in self._known:
            bits = encode(value, self.kind)
            self._known[value] = (None, 0) if bits is None else (exact_value(bits, self.kind), bits)
        stored, bits = self._known[value]
        if stored != value:
            self._inexact(value, stored, place(index, unit, source))
        return bits

    def _inexact(self, value: Fraction, stored: Fraction | None, where: str) -> None:
        if stored is None:
            raise FormatError(f"{where} is {shown(value)}, beyond the largest {self.kind.name}; {_advice(value)}")
        if not self.allowed:
            raise FormatError(
                f"{where} is {shown(value)}, which {self.kind.name} cannot hold exactly; {_advice(value)}, "
                "or round it with --allow-rounding"
            )
        self.count += 1
        self.first = self.first or f"{where} is {shown(value)}, stored as {shown(stored)}"


def _advice(value: Fraction) -> str:
    kind = smallest_exact(value)
    return f"{kind.name} can (--dtype {kind.name})" if kind else "no float type can, json keeps it (--format json)"


# ---------------------------------------------------------------- reading


def from_tensors(tensors: Mapping[str, Tensor], kind: FloatType, steps: Sequence[Sequence[int]]) -> Network:
    """The network that tensors hold, exactly; `steps[i]` lists the step units of layer i.

    Raises FormatError unless the names are W0, b0, ..., every shape fits the chain and every cell is finite.
    """
    count = max(1, (len(tensors) + 1) // 2)
    for index in range(count):
        if missing := {f"W{index}", f"b{index}"} - tensors.keys():
            raise FormatError(f"{min(missing)} is missing; a file's {len(tensors)} tensors must be W0, b0, W1, b1, ...")
    if len(steps) != count - 1:
        raise FormatError(f"steps are listed for {len(steps)} hidden layers, the file has {count - 1}")
    chain = [(tensors[f"W{index}"], tensors[f"b{index}"]) for index in range(count)]
    inputs, layers = None, []
    for (weights, bias), marked in zip(chain, [*steps, ()], strict=True):
        check_shapes(weights, bias, inputs)
        if marked and marked[-1] >= bias.shape[0]:
            raise FormatError(f"steps name unit {marked[-1]} of a layer whose {bias.name} has {bias.shape[0]} units")
        inputs = weights.shape[1]
        layers.append(layer_of(weights, bias, kind, marked))
    return Network(chain[0][0].shape[0], tuple(layers[:-1]), layers[-1])


def check_name(name: str) -> None:
    """Raise FormatError unless `name` is W or b and a number; a name that passes is safe to print."""
    if not _tensor_name.fullmatch(name):
        raise FormatError(f"unexpected tensor {brief(name)}; tensors are W0, b0, W1, b1, ...")


def check_shapes(weights: Tensor, bias: Tensor | None, inputs: int | None) -> None:
    """Raise FormatError unless `weights` is [inputs, units] and `bias` [units], with at least one of each."""
    if len(weights.shape) != 2 or not all(weights.shape):
        raise FormatError(f"{weights.name} has shape {list(weights.shape)}, not [inputs, units]")
    if inputs is not None and weights.shape[0] != inputs:
        raise FormatError(f"{weights.name} has shape {list(weights.shape)}, but the layer before has {inputs} units")
    if bias is not None and bias.shape != weights.shape[1:]:
        raise FormatError(f"{bias.name} has shape {list(bias.shape)}, not [{weights.shape[1]}] as {weights.name} asks")


def check_size(name: str, shape: Sequence[int], cell: int, found: int) -> None:
    """Raise FormatError unless an array of this shape, `cell` bytes a cell, takes exactly `found` bytes."""
    size = prod(shape) * cell
    if size != found:
        declared = f"{size} bytes" if size.bit_length() < 200 else "more than any file"
        raise FormatError(f"{name} declares shape {brief(list(shape))}, {declared}, but holds {found}")


def layer_of(
    weights: Tensor,
    bias: Tensor | None,
    kind: FloatType,
    steps: Sequence[int] = (),
    *,
    alpha: Fraction = Fraction(1),
    beta: Fraction = Fraction(1),
    transposed: bool = False,
) -> Layer:
    """The layer `alpha * weights`, `beta * bias` over its least denominator; `transposed`: weights are [units, inputs].

    Raises FormatError at a cell that is not finite.
    """
    units = weights.shape[0 if transposed else 1]
    rows: list[dict[int, Fraction]] = [{} for _ in range(units)]
    for (row, column), value in nonzero(weights, kind):
        unit, source = (row, column) if transposed else (column, row)
        rows[unit][source] = alpha * value
    biases = [Fraction(0)] * units
    for (*_, unit), value in nonzero(bias, kind) if bias else ():
        biases[unit] = beta * value
    return normalise(zip(biases, rows, strict=True), steps)


def nonzero(tensor: Tensor, kind: FloatType) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """The index and exact value of every cell that is not zero, in order; raises FormatError at inf or NaN.

    Cells are taken as integers, the bits, and each pattern is decoded once: floats are not computed with.
    """
    width = tensor.shape[-1]
    size = width * kind.size
    blank, code = bytes(size), f"<{width}{kind.unsigned}"
    values = {0: Fraction(0), kind.sign: Fraction(0)}
    for row in range(len(tensor.data) // size):
        line = tensor.data[row * size : (row + 1) * size]
        if line == blank:
            continue
        for column, bits in enumerate(unpack(code, line)):
            if not bits:
                continue
            index = (row, column) if len(tensor.shape) == 2 else (column,)
            value = values.get(bits)
            if value is None:
                value = values[bits] = _decoded(bits, kind, tensor.name, index)
            if value:
                yield index, value


def _decoded(bits: int, kind: FloatType, name: str, index: tuple[int, ...]) -> Fraction:
    try:
        return exact_value(bits, kind)
    except FormatError as problem:
        raise FormatError(f"{name}{list(index)} is {problem}") from None
