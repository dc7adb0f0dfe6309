"""The binary float types a file can hold weights in, their bits as rationals, and exact rounding to them.

Standard library only. Bits become numbers by integer arithmetic alone: in a process that loaded a library linked with
-ffast-math, the processor reads every subnormal as zero (`Fraction(5e-324) == 0`), so no float is trusted here, and
weights are written as bits as well.

>>> fits(Fraction(1, 2), FLOATS["float16"]), fits(Fraction(1, 3), FLOATS["float64"])
(True, False)
>>> smallest_exact(Fraction(2**24 + 1)).name
'float64'
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from relumax.errors import FormatError, UnknownName
from relumax.network.layers import Network
from relumax.words import DOUBLE, HALF, SINGLE


class FloatType(NamedTuple):
    """A binary floating-point type: `precision` bits of significand, exponents up to `emax`."""

    name: str
    code: str  # in `struct` and, as `<` + letter + size, in .npy headers; "" where neither knows the type
    size: int  # bytes
    precision: int
    emax: int

    @property
    def unsigned(self) -> str:
        """The letter, in `struct`, of the unsigned integer that has its bits."""
        return {2: "H", 4: "I", 8: "Q"}[self.size]

    @property
    def sign(self) -> int:
        """The sign bit alone, which is the bits of -0."""
        return 1 << (8 * self.size - 1)

    @property
    def infinity(self) -> int:
        """The bits of infinity, larger than those of every finite number and smaller than those of NaN."""
        return (2 * self.emax + 1) << (self.precision - 1)


FLOATS = {
    HALF: FloatType(HALF, "e", 2, 11, 15),
    SINGLE: FloatType(SINGLE, "f", 4, 24, 127),
    DOUBLE: FloatType(DOUBLE, "d", 8, 53, 1023),
}
BFLOAT16 = FloatType("bfloat16", "", 2, 8, 127)
"""The upper half of a float32; files are read in it and never written."""


def decode(bits: bytes, kind: FloatType) -> Fraction:
    """The exact value of one number of type `kind`, from its bytes (little-endian).

    Raises FormatError at an infinity or NaN, and where the number of bytes is not the type's.

    >>> decode(bytes([1, 0, 0, 0]), FLOATS["float32"]) == Fraction(1, 2**149)
    True
    """
    if len(bits) != kind.size:
        raise FormatError(f"{len(bits)} bytes where a {kind.name} of {kind.size} belongs")
    return exact_value(int.from_bytes(bits, "little"), kind)


def exact_value(word: int, kind: FloatType) -> Fraction:
    """The value of the bits `word`: sign, exponent, significand. Raises FormatError at an infinity or NaN.

    With p = precision and k = significand's bits, the value is +-(2^(p-1) + k) * 2^(exponent - emax - p + 1), and for
    exponent 0 (zeros and subnormals) +-k * 2^(2 - emax - p).
    """
    stored = kind.precision - 1
    top = 2 * kind.emax + 1  # the exponent of infinities and NaNs
    exponent, significand = word >> stored & top, word & (1 << stored) - 1
    if exponent == top:
        raise FormatError(f"{_not_finite(word, significand, kind)}, not a finite number")
    if exponent:
        significand |= 1 << stored
    shift = max(exponent, 1) - kind.emax - stored
    value = Fraction(significand << shift) if shift >= 0 else Fraction(significand, 1 << -shift)
    return -value if word >> 8 * kind.size - 1 else value


def _not_finite(word: int, significand: int, kind: FloatType) -> str:
    if significand:
        return "nan"
    return "-inf" if word >> 8 * kind.size - 1 else "inf"


def float_type(name: str) -> FloatType:
    """The type called `name`; raises UnknownName."""
    if name not in FLOATS:
        raise UnknownName(f"no float type {name!r}; there are {', '.join(FLOATS)}")
    return FLOATS[name]


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
    return None if bits is None else exact_value(bits, kind)


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
