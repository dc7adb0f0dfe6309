"""The IEEE 754 types a file can hold weights in, and exact rounding to them. Standard library only.

>>> fits(Fraction(1, 2), FLOATS["float16"]), fits(Fraction(1, 3), FLOATS["float64"])
(True, False)
>>> smallest_exact(Fraction(2**24 + 1)).name
'float64'
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from relumax.errors import UnknownName
from relumax.network.layers import Network
from relumax.words import DOUBLE, HALF, SINGLE


class FloatType(NamedTuple):
    """A binary floating-point type: `precision` bits of significand, exponents up to `emax`."""

    name: str
    code: str  # in `struct` and, as `<` + letter + size, in .npy headers
    size: int  # bytes
    precision: int
    emax: int


FLOATS = {
    HALF: FloatType(HALF, "e", 2, 11, 15),
    SINGLE: FloatType(SINGLE, "f", 4, 24, 127),
    DOUBLE: FloatType(DOUBLE, "d", 8, 53, 1023),
}


def float_type(name: str) -> FloatType:
    """The type called `name`; raises UnknownName."""
    if name not in FLOATS:
        raise UnknownName(f"no float type {name!r}; there are {', '.join(FLOATS)}")
    return FLOATS[name]


def nearest(value: Fraction, kind: FloatType) -> Fraction | None:
    """The value of `kind` nearest to `value`, ties to even; None if that is an infinity."""
    if not value:
        return value
    numerator, denominator = abs(value.numerator), value.denominator
    exponent = numerator.bit_length() - denominator.bit_length()  # floor(log2 |value|), or one more
    if abs(value) < Fraction(2) ** exponent:
        exponent -= 1
    unit = Fraction(2) ** (max(exponent, 1 - kind.emax) - kind.precision + 1)  # subnormals share the smallest unit
    rounded = round(value / unit) * unit
    return rounded if abs(rounded) < Fraction(2) ** (kind.emax + 1) else None


def fits(value: Fraction, kind: FloatType) -> bool:
    """Whether `kind` holds `value` exactly."""
    return nearest(value, kind) == value


def smallest_exact(value: Fraction) -> FloatType | None:
    """The smallest type that holds `value` exactly, or None."""
    return next((kind for kind in FLOATS.values() if fits(value, kind)), None)


def smallest_float(network: Network) -> str | None:
    """The name of the smallest type that holds every weight of a network exactly, or None."""
    entries = {(c, one.den) for one in network.maps for bias, row in one.rows for c in (bias, *(c for _, c in row))}
    weights = {Fraction(*entry) for entry in entries}
    return next((kind.name for kind in FLOATS.values() if all(fits(weight, kind) for weight in weights)), None)
