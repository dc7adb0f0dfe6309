"""Products that stay piecewise linear though both factors depend on the input: a comparison by what it compares.

That is t * d where t = c + sum of w[i] * step(z[i]) and d = k[i] * z[i] + m[i] for each of these forms z[i], since
z * step(z) = relu(z): c * d + sum of w[i] * (k[i] * relu(z[i]) + m[i] * step(z[i])). So are x * (x > 0) and
x * sign(x), and max(a, b) = b + (a >= b) * (a - b).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from relumax.formats.onnx.cells import Cell, Units, add, number_of, scale
from relumax.formats.onnx.operators.table import Call
from relumax.language.numbers import exact
from relumax.network.compile import Form
from relumax.network.layers import Rational

Plan = tuple[Cell, Sequence[tuple[Rational, Form]]]
"""A form, and factor * relu(z) for each pair, which are added to it."""


def products(call: Call, ones: Sequence[Cell], others: Sequence[Cell], problem: str) -> list[Cell]:
    """one * other for each pair; raises FormatError with `problem` where that is not known to be piecewise linear."""
    plans = [_plan(call, one, other, problem) for one, other in zip(ones, others, strict=True)]
    relus = iter(call.units.relu([z for _, parts in plans for _, z in parts]))
    cells = []
    for cell, parts in plans:
        for factor, _ in parts:
            cell = add(cell, scale(factor, next(relus)))
        cells.append(cell)
    return cells


def _plan(call: Call, one: Cell, other: Cell, problem: str) -> Plan:
    if (number := number_of(one)) is not None:
        return scale(number, other), ()
    if (number := number_of(other)) is not None:
        return scale(number, one), ()
    if isinstance(one, Form) and isinstance(other, Form):
        found = _gated(call.units, one, other) or _gated(call.units, other, one)
        if found is not None:
            return found
    call.fail(problem)


def _gated(units: Units, truth: Form, value: Form) -> Plan | None:
    """truth * value, None unless truth is made of comparisons of value with numbers."""
    total, parts = scale(truth.bias, value), []
    for atom, weight in truth.terms.items():
        z = units.argument(atom)
        slopes = {value.terms.get(read, 0) / Fraction(factor) for read, factor in z.terms.items()}
        if atom not in units.steps or len(slopes) != 1 or value.terms.keys() != z.terms.keys():
            return None
        slope = exact(slopes.pop())
        total = add(total, scale(weight * (value.bias - slope * z.bias), Form(0, {atom: 1})))
        parts.append((weight * slope, z))
    return total, parts
