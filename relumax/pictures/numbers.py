"""Numbers as they are written on pictures: exact where that is short, else rounded, and marked as such."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

_rounding = Context(prec=3, Emax=10**9, Emin=-(10**9))


def written(value: Fraction, longest: int = 14) -> str:
    """The number with a proper minus sign, exact if it has at most so many characters.

    >>> written(Fraction(-7, 3)), written(Fraction(10**30, 7))
    ('−7/3', '≈1.43e+29')
    """
    if value.numerator.bit_length() + value.denominator.bit_length() <= 4 * longest:
        said = str(value)
        if len(said) <= longest:
            return said.replace("-", "−")
    rounded = _rounding.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"≈{rounded:.3g}".replace("≈-", "≈−")


def spoken(value: Fraction) -> str:
    """The same in the letters of every terminal.

    >>> spoken(Fraction(-7, 3)), spoken(Fraction(10**30, 7))
    ('-7/3', '~1.43e+29')
    """
    return written(value).replace("−", "-").replace("≈", "~")


def capped(value: Fraction, most: int = 1000) -> float:
    """The size of the number as a float, at most `most`."""
    return float(min(abs(value), Fraction(most)))
