"""How many bits each layer of a network needs, and how far 8-bit integers reach where products are added in 32 bits.

All from the checked bounds of `relumax.ranges.check`: what is said holds for all real inputs in the range, and so for
all integers there.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from relumax.errors import FormatError
from relumax.network.layers import Network
from relumax.ranges.check import Bound, Sums, check_ranges
from relumax.ranges.exact import MOST_UNITS, inputs_of, power_of, proved_rows
from relumax.ranges.find import find_ranges

INPUT, UNIT, WEIGHT, SUM = 127, 255, 64, 2**31 - 1
"""The largest absolute values where int8 inputs and weights, uint8 units and int32 sums are multiplied as integers.

A weight may be -128..127 as such; but the kernels of processors without VNNI add two products in 16 bits, saturated,
and 2 * 255 * 64 is the most that fits.
"""


class Width(NamedTuple):
    """The bits of a two's complement number: all of them, and how many stand after the binary point."""

    bits: int
    fraction: int

    def __str__(self) -> str:
        return f"{self.bits}.{self.fraction}" if self.fraction else str(self.bits)


class LayerBits(NamedTuple):
    """What one map of a network needs: its weights and biases, any partial sum of a row, and the units (outputs)."""

    units: int
    weights: Width
    sums: Width
    values: Width


def layer_bits(network: Network, most: Fraction, step: Fraction = Fraction(1)) -> list[LayerBits]:
    """The bits of each map for all inputs that are multiples of the step, of absolute value at most `most`.

    Raises FormatError where a weight is no binary fraction, the step is none, or the network is too large.
    """
    sums = _checked(network, step)
    rows = iter(proved_rows(network, sums, step))
    found = []
    for t, layer in enumerate(network.maps):
        if layer.den & (layer.den - 1):
            raise FormatError(f"{_place(network, t)} has weights that are no binary fractions, which no bits hold")
        here = [next(rows) for _ in layer.rows]
        entries = {abs(c) for bias, terms in layer.rows for c in (bias, *(c for _, c in terms)) if c}
        twos = min(((c & -c).bit_length() - 1 for c in entries), default=0)
        found.append(
            LayerBits(
                len(layer.rows),
                _width(Fraction(max(entries, default=0), layer.den), layer.den.bit_length() - 1 - twos),
                _widest([(bound, row.grid, row.scale) for row in here for bound in row.halves], most * sums.scale),
                _widest([(row.value, row.value_grid, row.scale) for row in here], most * sums.scale),
            )
        )
    return found


def input_width(most: Fraction, step: Fraction = Fraction(1)) -> Width:
    """The bits of an input: a multiple of the step, of absolute value at most `most`."""
    return _width(most, -power_of(step))


def bytes_reach(network: Network) -> Fraction:
    """The largest B such that integers |x[i]| <= B keep all of a network in int8, uint8 and int32, as above.

    Raises FormatError, naming the layer, where weights do not fit or no B >= 1 does.
    """
    for t, layer in enumerate(network.maps):
        if layer.den != 1:
            raise FormatError(f"int8: {_place(network, t)} has weights that are no integers")
        largest = max((abs(c) for _, terms in layer.rows for _, c in terms), default=0)
        if largest > WEIGHT:
            raise FormatError(
                f"int8: {_place(network, t)} has a weight of absolute value {largest}; {WEIGHT} is the most with which "
                "every kernel is exact"
            )
    rows = iter(proved_rows(network, _checked(network, Fraction(1)), Fraction(1)))
    reach = INPUT
    for t, layer in enumerate(network.maps):
        for row in (next(rows) for _ in layer.rows):
            fits = min(inputs_of(bound, SUM) for bound in row.halves)
            if not row.output:
                fits = min(fits, inputs_of(row.value, UNIT))
            if fits < 1:
                raise FormatError(f"int8: {_place(network, t)} does not fit: its units can be larger than {UNIT}")
            reach = min(reach, fits)
    return Fraction(reach)


def _checked(network: Network, step: Fraction) -> Sums:
    power_of(step)
    if network.size > MOST_UNITS:
        raise FormatError(f"the ranges of a network of more than {MOST_UNITS:,} units are not computed")
    return check_ranges(network, find_ranges(network, step.denominator))


def _place(network: Network, t: int) -> str:
    return "the output map" if t == network.depth else f"layer {t}"


def _widest(bounds: list[tuple[Bound, int, int]], most: Fraction) -> Width:
    """Of numbers of absolute value at most a N + b on a scale, multiples of 2^grid there: (a, b), grid, scale."""
    largest = max((a * most + b) / scale for (a, b), _, scale in bounds)
    return _width(largest, max(scale.bit_length() - 1 - grid for _, grid, scale in bounds))


def _width(largest: Fraction, fraction: int) -> Width:
    """A sign, the bits of the whole part and those after the point."""
    return Width(1 + int(largest).bit_length() + max(fraction, 0), max(fraction, 0))
