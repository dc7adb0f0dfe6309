"""Networks run in a float arithmetic of any number of bits, with sums in any order: the oracle of the ranges."""

from __future__ import annotations

import random
from fractions import Fraction

from relumax.constructions import registry
from relumax.network.compile import compile


def network_of(function, name, n, **options):
    """The network of a construction."""
    one = registry.find(function, name)
    given = {**one.options, **options}
    spec = one.spec(n, **given)
    return compile(one.program(n, **given), spec.width, spec.nonnegative)


def rounded(value, bits):
    """The number with `bits` bits of significand nearest to a rational, ties to even; no overflow, no subnormals."""
    value = Fraction(value)
    if not value:
        return value
    top = abs(value.numerator).bit_length() - value.denominator.bit_length()
    unit = Fraction(2) ** (top + 1 - bits)
    if abs(value) >= unit * 2**bits:
        unit *= 2
    elif abs(value) < unit * 2 ** (bits - 1):
        unit /= 2
    return round(value / unit) * unit


def run(network, x, operand, total, order=None):
    """The outputs where products and sums are rounded to `total` bits and units to `operand`; `order` shuffles sums."""
    h = [rounded(one, operand) for one in x]
    for t, layer in enumerate(network.maps):
        sums = []
        for bias, terms in layer.rows:
            parts = [Fraction(bias, layer.den), *(rounded(Fraction(c, layer.den) * h[j], total) for j, c in terms)]
            if order is not None:
                order.shuffle(parts)
            s = Fraction(0)
            for part in parts:
                s = rounded(s + part, total)
            sums.append(s)
        if t == network.depth:
            return sums
        h = [rounded(max(s, 0), operand) for s in sums]
        for k in layer.steps:
            h[k] = Fraction(sums[k] >= 0)


def corners(n, most, step, count, seed):
    """Points with coordinates at, near and between the ends, with many ties."""
    draw = random.Random(seed)
    top = int(most / step)
    ends = [top, -top, top - 1, 1 - top, 0, 1, -1, top // 2, -(top // 2), top // 3]
    for _ in range(count):
        drawn = [draw.choice(ends) if draw.random() < 0.8 else draw.randint(-top, top) for _ in range(n)]
        yield [step * max(-top, min(top, one)) for one in drawn]
