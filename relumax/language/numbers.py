"""Numbers in programs: each is the exact rational it stands for, and floats that are no decimal are remembered."""

from __future__ import annotations

from fractions import Fraction
from struct import pack

from relumax.errors import ProgramError

Number = int | Fraction | str | float
_inexact: dict[float, None] = {}


def as_fraction(value: Number) -> Fraction:
    """The exact rational a number stands for: a float is the dyadic rational it is, a string a decimal or `p/q`."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, float) and value == 0 and any(pack(">d", abs(value))):
        raise ProgramError("a subnormal float, and this process reads it as zero (-ffast-math): write it as a text")
    try:
        item = getattr(value, "item", None)  # a numpy scalar, without importing numpy
        number = item() if item else value
        if isinstance(number, bool):
            raise TypeError
        exact = Fraction(number)
        if isinstance(number, float) and Fraction(repr(number)) != exact:
            _inexact[number] = None
        return exact
    except (ValueError, OverflowError, ZeroDivisionError, TypeError, AttributeError):
        raise ProgramError(f"not an exact rational number: {value!r:.80}{_hint(value)}") from None


def exact(value: int | Fraction) -> int | Fraction:
    """`value`, as an int if it is integral: arithmetic of fractions takes some twenty times longer."""
    return value.numerator if value.denominator == 1 else value


def _hint(value: object) -> str:
    if value is None:
        return " (is a `return` missing?)"
    if isinstance(value, (list, tuple)):
        return " (a list where one program or number is expected)"
    return ""


def inexact() -> list[str]:
    """What to say of the floats read so far that are not the decimals they are written as; then they are forgotten."""
    said = []
    for number in _inexact:
        meant = Fraction(repr(number))
        write = f'for {meant} write "{meant}"' if meant.denominator <= 10**6 else 'exact numbers are written "1/10"'
        said.append(f"{number!r} is read as the binary fraction that it is, {Fraction(number)}; {write}")
    _inexact.clear()
    return said[:3] + [f"... and {len(said) - 3} floats more"] * (len(said) > 3)
