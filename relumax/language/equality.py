"""What is stated of two networks side by side: that they compute the same, or nearly the same.

    for all x in R^8: a = b; (x[i] <= 0 or 0 <= x[i]) for each i < 8, where a is output 0, b is output 1

A claim mentions every input, lest it be about others than it says; so where nothing is required of them, it ends with
what is true of every number.

>>> from relumax.kernel.text import text
>>> text(equality(1, 3, Fraction(1, 8), *boxed(1, (Fraction(-1), Fraction(1)))).claim())[0][:76]
'for all x in R^1 such that 0 <= x + 1 and x <= 1: 8 a[i] <= 8 b[i] + 1 for e'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from relumax.errors import SpecError
from relumax.language.spec import Array, Json, Requirement, Spec, array, i, point, statement
from relumax.language.theorem import theorem

Box = tuple[Fraction | None, Fraction | None]
"""The least and the largest value of every input; None where there is no such bound."""


def equality(
    inputs: int,
    outputs: int,
    within: Fraction | None = None,
    requires: Sequence[Requirement] = (),
    points: Sequence[Json] = (),
) -> Spec:
    """For all x that meet `requires`: a[i] = b[i] for each i, or |a[i] - b[i]| <= within.

    a and b are the two halves of the outputs. Where something is required, `points` meet it.
    """
    x, a, b = array("x", "in", inputs), array("a", "out", outputs), array("b", "out", outputs, outputs)
    left, right = (a[0], b[0]) if outputs == 1 else (a[i], b[i])
    if within is None:
        said = [left == right]
    else:
        if within < 0:
            raise SpecError(f"two networks are within 0 or more of each other, not within {within}")
        said = [left - right <= within, right - left <= within]
    if not _all_mentioned(Spec([x, a, b], [statement(said, requires, points=points)]), inputs):
        one = x[0] if inputs == 1 else x[i]
        said.append((one <= 0) | (one >= 0))
    spec = Spec([x, a, b], [statement(said, requires, points=points)])
    spec.name = "the statement that two networks are equal"
    return spec


def boxed(inputs: int, box: Box) -> tuple[list[Requirement], list[Json]]:
    """That every input lies between two numbers, and a point that does; raises SpecError if none does."""
    low, high = box
    if low is not None and high is not None and low > high:
        raise SpecError(f"the box [{low}, {high}] is empty")
    x: Array = array("x", "in", inputs)
    at: int | object = 0 if inputs == 1 else i
    element = x[at]  # type: ignore[index]
    requires: list[Requirement] = []
    requires += [element >= low] if low is not None else []
    requires += [element <= high] if high is not None else []
    if low is not None and high is not None:
        middle = (low + high) / 2
    else:
        middle = max(low, Fraction(0)) if low is not None else min(high or Fraction(0), Fraction(0))
    return requires, [point([middle] * inputs)] if requires else []


def promised(inputs: int, outputs: int, promise: str, within: Fraction | None = None, box: Box = (None, None)) -> Spec:
    """The same where inputs meet a promise in words; raises TheoremError, which points into the whole sentence.

    >>> from relumax.kernel.text import text
    >>> text(promised(2, 1, "x[0] <= x[1]", Fraction(1, 8)).claim())[0][:76]
    'for all x in R^2 such that x[0] <= x[1]: 8 a <= 8 b + 1 and 8 b <= 8 a + 1, '
    """
    promise = re.sub(r"#[^\n]*", "", promise).strip()
    if ":" in promise or ";" in promise or not promise:
        raise SpecError("a promise is one condition on x, such as 0 <= x[0] <= x[1], without a colon")
    low, high = box
    bounds = [*([f"x >= {low}"] if low is not None else []), *([f"x <= {high}"] if high is not None else [])]
    such = " and ".join([f"({promise})", *bounds]) if bounds else promise
    said = f"|a[i] - b[i]| <= {within} for each i" if within is not None else "a[i] = b[i] for each i"
    where = f"a is outputs 0 to {outputs - 1}, b is outputs {outputs} to {2 * outputs - 1}"
    if outputs == 1:
        said, where = said.replace("[i]", "").removesuffix(" for each i"), "a is output 0, b is output 1"
    return theorem(f"for all x in R^{inputs} such that {such}: {said}, where {where}")


def _all_mentioned(spec: Spec, inputs: int) -> bool:
    """Whether the requirements speak of every input."""
    clauses = [one for one in spec.statements[0]["requires"] if one.get("where", "") is None]
    found = {ref for one in clauses for branch in one["any"] for atom in branch for ref in atom[3::2]}
    return "x[i]" in found or found >= {f"x[{k}]" for k in range(inputs)}
