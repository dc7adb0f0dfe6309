"""Arithmetic of forms: sums and multiples of what the kernel calls forms, and those that a statement defines."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from relumax.engines.lemmas import ENDLESS, Form
from relumax.kernel.statement import Statement
from relumax.kernel.wire import form, substitute


def defined_forms(statement: Statement) -> dict[int, Form]:
    """The values a statement defines by forms: variable -> form."""
    return {v: data for kind, v, data in statement.definitions if kind == "form"}


def constant(value: Fraction | int) -> Form:
    """The form that is just a number."""
    value = Fraction(value)
    return value.denominator, value.numerator, ()


def shifted(value: Form, by: Fraction | int) -> Form:
    """value + by."""
    return weighted([(Fraction(1), value), (Fraction(1), constant(by))])


def weighted(parts: Sequence[tuple[Fraction, Form]]) -> Form:
    """sum of weight * form."""
    scale = lcm(*(weight.denominator for weight, _ in parts))
    return combination([(int(weight * scale), one) for weight, one in parts], scale)


def combination(parts: Sequence[tuple[int, Form]], den: int) -> Form:
    """sum of weight * form, over den."""
    values = [one for _, one in parts]
    whole = (1, 0, tuple((k, weight) for k, (weight, _) in enumerate(parts)))
    found = substitute(whole, values, ENDLESS)
    return form(found[0] * den, found[1], found[2])
