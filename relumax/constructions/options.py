"""Options of the selecting constructions, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from relumax.errors import SpecError


def positive(name: str, value: Any) -> Fraction:
    """The rational, if it is greater than 0."""
    found = Fraction(value)
    if found <= 0:
        raise SpecError(f"--{name} must be positive, not {found}")
    return found


def interval(name: str, value: Sequence[Any]) -> tuple[Fraction, Fraction]:
    """(lo, hi) with lo < hi."""
    low, high = Fraction(value[0]), Fraction(value[1])
    if low >= high:
        raise SpecError(f"--{name} needs lo < hi, not {low} {high}")
    return low, high


def separation(gap: Any, lattice: Any) -> Fraction:
    """The distance d that the weights must tell apart: the gap, or the lattice step."""
    return positive("lattice", lattice) if lattice is not None else positive("gap", 1 if gap is None else gap)


def coordinates(base: str, k: int) -> list[str]:
    """What a statement calls the k coordinates of a vector: p, or p0, p1, ..."""
    return [base] if k == 1 else [f"{base}{j}" for j in range(k)]
