"""What the files of integer weights share: the network's rows as integers of a type, or why they are none."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from relumax.errors import FormatError
from relumax.formats.common import Exported
from relumax.formats.dense import place, shown
from relumax.network.layers import Layer, Network


class IntegerOptions(NamedTuple):
    """How to write: the type (`int8` to `int64`), for which |x_i| no value leaves it, the theorem's text."""

    name: str
    most: int
    theorem: str | None = None

    @property
    def bits(self) -> int:
        """The type's width."""
        return int(self.name.removeprefix("int"))

    @property
    def proved(self) -> str:
        """For which inputs the file's arithmetic is exact."""
        return (
            f"{self.name}: weights exact; every input of integers |x[i]| <= {self.most:,} gives the exact value, "
            "and no product or sum overflows"
        )


def whole(network: Network, options: IntegerOptions, bias_bits: int | None = None) -> tuple[Layer, ...]:
    """The maps, if every weight and bias is an integer of the type (biases: of `bias_bits`): each denominator is 1.

    Raises FormatError at the first that is none.
    """
    end, bias_end = (1 << (bits - 1) for bits in (options.bits, bias_bits or options.bits))
    for index, layer in enumerate(network.maps):
        for unit, (bias, terms) in enumerate(layer.rows):
            for source, c in ((None, bias), *terms):
                if c % layer.den or abs(c) >= (bias_end if source is None else end) * layer.den:
                    value = shown(Fraction(c, layer.den))
                    raise FormatError(f"{place(index, unit, source)} is {value}, which {options.name} cannot hold")
    return network.maps


def exported(data: bytes, options: IntegerOptions) -> Exported:
    """The result of a write."""
    return Exported(data, True, f"{options.name} holds every weight exactly")
