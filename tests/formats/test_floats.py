"""Exact rounding, against struct, which rounds by itself."""

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.formats.floats import BFLOAT, FLOATS, decode, encode, fits, nearest, smallest_exact

every_dtype = pytest.mark.parametrize("dtype", FLOATS)
LETTERS = {"float16": "e", "float32": "f", "float64": "d"}


@every_dtype
@settings(deadline=None)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_rounds_as_struct_rounds_it(dtype: str, value: float) -> None:
    kind = FLOATS[dtype]
    try:
        (expected,) = struct.unpack("<" + LETTERS[dtype], struct.pack("<" + LETTERS[dtype], value))
    except OverflowError:
        expected = math.inf
    rounded = nearest(Fraction(value), kind)
    assert rounded == (None if math.isinf(expected) else Fraction(expected))
    assert fits(Fraction(value), kind) == (expected == value)


@every_dtype
@settings(deadline=None)
@given(data=st.data())
def test_bits_are_the_number_struct_reads(dtype: str, data: st.DataObject) -> None:
    kind = FLOATS[dtype]
    bits = data.draw(st.integers(0, 2 * kind.sign - 1) | st.integers(0, 2**kind.precision))
    (value,) = struct.unpack("<" + LETTERS[dtype], bits.to_bytes(kind.size, "little"))
    if not math.isfinite(value):
        assert decode(bits, kind) is None
        return
    assert decode(bits, kind) == Fraction(value)
    assert encode(Fraction(value), kind) == (bits if value else 0)


def test_all_bits_of_sixteen() -> None:
    """Every float16 and every bfloat16: a bfloat16 is a float32 cut in half."""
    for bits in range(2**16):
        (value,) = struct.unpack("<e", bits.to_bytes(2, "little"))
        assert decode(bits, FLOATS["float16"]) == (Fraction(value) if math.isfinite(value) else None)
        (value,) = struct.unpack("<f", (bits << 16).to_bytes(4, "little"))
        assert decode(bits, BFLOAT) == (Fraction(value) if math.isfinite(value) else None)
        if math.isfinite(value):
            assert encode(Fraction(value), BFLOAT) == (bits if value else 0)


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
