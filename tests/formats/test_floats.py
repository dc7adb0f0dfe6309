"""Exact rounding, against struct, which rounds by itself."""

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.errors import FormatError
from relumax.formats.floats import BFLOAT16, FLOATS, decode, encode, fits, nearest, smallest_exact

every_dtype = pytest.mark.parametrize("dtype", FLOATS)


@every_dtype
@settings(deadline=None)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_rounds_as_struct_rounds_it(dtype: str, value: float) -> None:
    kind = FLOATS[dtype]
    try:
        (expected,) = struct.unpack("<" + kind.code, struct.pack("<" + kind.code, value))
    except OverflowError:
        expected = math.inf
    rounded = nearest(Fraction(value), kind)
    assert rounded == (None if math.isinf(expected) else Fraction(expected))
    assert fits(Fraction(value), kind) == (expected == value)


@settings(deadline=None)
@given(value=st.fractions())
def test_a_rational_rounds_to_float64_as_python_rounds_it(value: Fraction) -> None:
    assert nearest(value, FLOATS["float64"]) == Fraction(float(value))


@every_dtype
def test_the_limits(dtype: str) -> None:
    kind = FLOATS[dtype]
    largest = (2 - Fraction(2) ** (1 - kind.precision)) * 2**kind.emax
    smallest = Fraction(2) ** (2 - kind.emax - kind.precision)
    half_unit = Fraction(2) ** (kind.emax - kind.precision)
    assert fits(largest, kind) and fits(-largest, kind) and fits(smallest, kind)
    assert nearest(largest + half_unit / 2, kind) == largest
    assert nearest(largest + half_unit, kind) is None
    assert nearest(smallest / 2, kind) == 0
    assert nearest(smallest * 3 / 4, kind) == smallest
    assert not fits(smallest / 2, kind) and not fits(smallest * 3 / 2, kind)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Fraction(2048), "float16"),
        (Fraction(2049), "float32"),
        (Fraction(65504), "float16"),
        (Fraction(65536), "float32"),
        (Fraction(1, 2**24), "float16"),
        (Fraction(1, 2**25), "float32"),
        (Fraction(2**24 + 1), "float64"),
        (Fraction(2**128), "float64"),
        (Fraction(2**53 + 1), None),
        (Fraction(1, 3), None),
        (Fraction(2**1024), None),
    ],
)
def test_smallest_exact(value: Fraction, name: str | None) -> None:
    kind = smallest_exact(value)
    assert (kind.name if kind else None) == name


@every_dtype
@settings(deadline=None)
@given(bits=st.binary(min_size=8, max_size=8))
def test_bits_are_decoded_as_struct_decodes_them(dtype: str, bits: bytes) -> None:
    kind = FLOATS[dtype]
    bits = bits[: kind.size]
    (expected,) = struct.unpack("<" + kind.code, bits)
    if math.isfinite(expected):
        assert decode(bits, kind) == Fraction(expected)
    else:
        with pytest.raises(FormatError, match=rf"^{abs(expected) if expected != expected else expected}, not a finite"):
            decode(bits, kind)


def test_every_float16_and_bfloat16() -> None:
    """All 65,536 of each; a bfloat16 is a float32 whose lower half is zero."""
    for word in range(2**16):
        bits = word.to_bytes(2, "little")
        for kind, code, padded in ((FLOATS["float16"], "<e", bits), (BFLOAT16, "<f", b"\0\0" + bits)):
            (expected,) = struct.unpack(code, padded)
            if math.isfinite(expected):
                assert decode(bits, kind) == Fraction(expected)
            else:
                with pytest.raises(FormatError):
                    decode(bits, kind)


def test_too_few_bytes_are_no_number() -> None:
    with pytest.raises(FormatError, match="3 bytes where a float32 of 4 belongs"):
        decode(b"\0\0\0", FLOATS["float32"])


@every_dtype
@settings(deadline=None)
@given(data=st.data())
def test_finite_bits_come_back(dtype: str, data: st.DataObject) -> None:
    """Subnormals are as likely as all others."""
    kind = FLOATS[dtype]
    bits = data.draw(st.integers(0, kind.infinity - 1) | st.integers(0, 2**kind.precision))
    assert encode(decode(bits.to_bytes(kind.size, "little"), kind), kind) == bits
    minus = bits | kind.sign if bits else 0
    assert encode(-decode(bits.to_bytes(kind.size, "little"), kind), kind) == minus
