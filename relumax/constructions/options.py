"""Options of the selecting constructions, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from relumax.errors import SpecError
from relumax.language.spec import Json


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


def winner(index: str, of: str, gap: Any = None, lattice: Any = None, ties: str | None = None) -> Json:
    """The requirement that `index` is the winner of the array `of`.

    On a lattice: the first (or last) of the largest. With a gap d: every earlier input trails by d, every later one is
    at most equal (mirrored for ties "last"), which a plain gap of d implies.
    """
    last = ties == "last"
    if lattice is not None:
        step = positive("lattice", lattice)
        sides: list[list[Any]] = [["<"], ["<="]]
        pitch: list[int] | None = [step.numerator, step.denominator]
    else:
        step = positive("gap", 1 if gap is None else gap)
        sides = [["gap", step.numerator, step.denominator], ["<="]]
        pitch = None
    before, after = sides[::-1] if last else sides
    return {"winner": index, "of": of, "before": before, "after": after, "lattice": pitch}


def first_winner(index: str, of: str, ties: str | None = None) -> Json:
    """The requirement that `index` is the first (or last) of the largest, over all reals."""
    sides = [["<"], ["<="]]
    before, after = sides[::-1] if ties == "last" else sides
    return {"winner": index, "of": of, "before": before, "after": after, "lattice": None}
