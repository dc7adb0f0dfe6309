"""The binary floating-point types a file can hold weights in, their bits, and exact rounding to them.

Numbers go in and out as bits, by integer arithmetic alone: no float is computed with anywhere here. A library linked
with -ffast-math makes the processor take subnormals for zero in every float operation of a process that loads it,
Python's included; integers are not touched by that. Standard library only.

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
    code: str  # in `struct`, of the unsigned integer that has its bits
    size: int  # bytes
    precision: int
    emax: int

    @property
    def sign(self) -> int:
        """The sign bit alone, which is the bits of -0."""
        return 1 << (8 * self.size - 1)

    @property
    def infinity(self) -> int:
        """The bits of infinity, larger than those of every finite number and smaller than those of NaN."""
        return (2 * self.emax + 1) << (self.precision - 1)


FLOATS = {
    HALF: FloatType(HALF, "H", 2, 11, 15),
    SINGLE: FloatType(SINGLE, "I", 4, 24, 127),
    DOUBLE: FloatType(DOUBLE, "Q", 8, 53, 1023),
}
"""The types that are written."""
BFLOAT = FloatType("bfloat16", "H", 2, 8, 127)
"""Read only: what it holds, float32 holds."""


def float_type(name: str) -> FloatType:
    """The type called `name`; raises UnknownName."""
    if name not in FLOATS:
        raise UnknownName(f"no float type {name!r}; there are {', '.join(FLOATS)}")
    return FLOATS[name]


def decode(bits: int, kind: FloatType) -> Fraction | None:
    """The exact value of a cell with these bits, an integer in [0, 2^(8 size)); None for infinities and NaN.

    With s, e, m the sign, biased exponent and fraction fields and p the precision, it is
    `(-1)^s * (m + [e > 0] * 2^(p - 1)) * 2^(max(e, 1) - emax - p + 1)`.

    >>> decode(0x3F800000, FLOATS["float32"]), decode(0x8001, FLOATS["float16"]), decode(0x7F80, BFLOAT)
    (Fraction(1, 1), Fraction(-1, 16777216), None)
    """
    hidden = 1 << (kind.precision - 1)
    exponent, significand = divmod(bits & (kind.sign - 1), hidden)
    if exponent > 2 * kind.emax:
        return None
    if exponent:
        significand += hidden
    shift = max(exponent, 1) - kind.emax - kind.precision + 1
    if bits & kind.sign:
        significand = -significand
    return Fraction(significand << shift) if shift >= 0 else Fraction(significand, 1 << -shift)


def encode(value: Fraction, kind: FloatType) -> int | None:
    """The bits of the value of `kind` nearest to `value`, ties to even, +0 for zero; None if that is an infinity.

    >>> hex(encode(Fraction(-2), FLOATS["float32"])), encode(Fraction(2) ** 16, FLOATS["float16"])
    ('0xc0000000', None)
    """
    if not value:
        return 0
    numerator, denominator = abs(value.numerator), value.denominator
    exponent = numerator.bit_length() - denominator.bit_length()  # floor(log2 |value|), or one more
    if numerator << max(-exponent, 0) < denominator << max(exponent, 0):
        exponent -= 1
    exponent = max(exponent, 1 - kind.emax)  # subnormals share the smallest unit
    shift = kind.precision - 1 - exponent  # |value| is numerator * 2^shift / denominator units in the last place
    denominator <<= max(-shift, 0)
    units, rest = divmod(numerator << max(shift, 0), denominator)
    units += 2 * rest > denominator or (2 * rest == denominator and units & 1)
    # the leading bit of a normal number adds the one that its biased exponent lacks, and so does a carry
    bits = units + ((exponent + kind.emax - 1) << (kind.precision - 1))
    if bits >= kind.infinity:
        return None
    return bits | kind.sign if bits and value < 0 else bits


def nearest(value: Fraction, kind: FloatType) -> Fraction | None:
    """The value of `kind` nearest to `value`, ties to even; None if that is an infinity."""
    bits = encode(value, kind)
    return None if bits is None else decode(bits, kind)


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
