"""For which inputs a network's float or integer arithmetic makes no error at all, whatever the order of its sums.

With inputs that are multiples of g = 2^a, every value of a network with binary fractions for weights is a multiple of a
power of two, unit by unit. A float with p bits of significand holds all multiples of u up to 2^p u: where each partial
sum of each row is so bounded, no product and no sum is ever rounded, and fused, blocked, wider or reordered arithmetic
gives the exact value too. No value is subnormal (flushing them to zero changes nothing), none overflows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from relumax.errors import FormatError
from relumax.network.layers import Network
from relumax.ranges.check import Bound, Sums, check_ranges
from relumax.ranges.find import find_ranges

MOST_UNITS = 10_000
"""Of larger networks no ranges are computed."""


class Arithmetic(NamedTuple):
    """How a runtime computes: weights, inputs and units with `operand` bits of significand, sums with `total` bits.

    `emax` is the largest exponent; `stored` bounds inputs and outputs where a file keeps them in another type. Where
    `bits` is not 0, all are integers of that width instead.
    """

    name: str
    operand: int = 0
    total: int = 0
    emax: int = 0
    bits: int = 0
    stored: int = 0
    weights: tuple[int, int] | None = None  # significand and largest exponent of the weights, if not as the operands


ARITHMETICS = (
    Arithmetic("float64", 53, 53, 1023),
    Arithmetic("float32", 24, 24, 127),
    Arithmetic("tf32", 11, 24, 127),
    Arithmetic("bfloat16", 8, 8, 127),
    Arithmetic("float16", 11, 11, 15),
    Arithmetic("float16 in float32", 24, 24, 127, stored=65504, weights=(11, 15)),
    *(Arithmetic(f"int{bits}", bits=bits) for bits in (64, 32, 16, 8)),
)
"""tf32 rounds what is multiplied to 11 bits and adds in float32; "float16 in float32" is a float16 file whose runtime
computes in float32, as the common ones do, and rounds the outputs once."""
NAMES = tuple(one.name for one in ARITHMETICS)


class Ranges(NamedTuple):
    """B for each arithmetic, by name: every input that is a multiple of `step`, |x_i| <= B, gives the exact value.

    0 where there is no such B, as for integer types where the step is no integer; None where the weights themselves are
    not exact. `certificate` is what `check` accepted, `sums` what it said; empty and None where no arithmetic holds the
    weights.
    """

    step: Fraction
    most: dict[str, Fraction | None]
    certificate: dict[str, object]
    sums: Sums | None = None


def exact_ranges(network: Network, step: Fraction = Fraction(1), names: Sequence[str] = NAMES) -> Ranges | None:
    """The ranges of a network, found and then checked; None for networks of more than MOST_UNITS units.

    `names` are the arithmetics that are asked for. Raises FormatError where the step is not positive, or no binary
    fraction.
    """
    power_of(step)
    if network.size > MOST_UNITS:
        return None
    wanted = [one for one in ARITHMETICS if one.name in names]
    weights = weights_of(network)
    holding = {one for one in wanted if holds_weights(weights, one)}
    if not holding:
        return Ranges(step, {one.name: None for one in wanted}, {})
    certificate = find_ranges(network, step.denominator)
    sums = check_ranges(network, certificate)
    rows = {*proved_rows(network, sums, step)}
    most = {one.name: largest(rows, sums, one, step) if one in holding else None for one in wanted}
    return Ranges(step, most, certificate, sums)


def power_of(step: Fraction) -> int:
    """a, where the step is a multiple of 2^a; raises FormatError."""
    if step <= 0:
        raise FormatError(f"the inputs' step is positive, not {step}")
    if step.denominator & (step.denominator - 1):
        raise FormatError(f"the inputs' step {step} is no binary fraction: no float holds its multiples")
    return _twos(step.numerator) - _twos(step.denominator)


def weights_of(network: Network) -> set[Fraction]:
    """The absolute values of all weights and biases that are not zero."""
    found: set[Fraction] = set()
    for layer in network.maps:
        entries = {abs(c) for bias, row in layer.rows for c in (bias, *(c for _, c in row))} - {0}
        found.update(Fraction(c, layer.den) for c in entries)
    return found


def holds_weights(weights: set[Fraction], one: Arithmetic) -> bool:
    """Whether every weight is exact: of few enough bits and normal, or an integer."""
    if one.bits:
        return all(w.denominator == 1 and w < 1 << (one.bits - 1) for w in weights)
    precision, emax = one.weights or (one.operand, one.emax)
    low, end = Fraction(2) ** (1 - emax), Fraction(2) ** (emax + 1)
    return all(low <= w < end and _odd(w.numerator) < 1 << precision and _odd(w.denominator) == 1 for w in weights)


class ProvedRow(NamedTuple):
    """A row of a network on the scale of its integer twin, where `scale` stands for 1.

    `halves` bound its positive and its negative terms, `value` the unit (of an output: its absolute value). Each term
    is a multiple of 2^grid, the unit of 2^value_grid; `output` says that it is none of a hidden layer.
    """

    halves: tuple[Bound, Bound]
    grid: int
    value: Bound
    value_grid: int
    scale: int
    output: bool


def proved_rows(network: Network, sums: Sums, step: Fraction) -> Iterator[ProvedRow]:
    """The rows of all maps in order, with what was checked of them."""
    scale = sums.scale
    grids = [max(power_of(step), 0)] * network.inputs
    for t, layer in enumerate(network.maps):
        below, units = scale, []
        scale *= layer.den
        for k, (bias, terms) in enumerate(layer.rows):
            parts = [_twos(c) + grids[j] for j, c in terms] + ([_twos(bias * below)] if bias else [])
            grid = min(parts, default=0)
            units.append(_twos(scale) if k in layer.steps else grid)
            value = sums.most[t][k] if t < network.depth else sums.outputs[k]
            yield ProvedRow(sums.halves[t][k], grid, value, units[-1], scale, t == network.depth)
        grids = units


def largest(rows: Iterable[ProvedRow], sums: Sums, one: Arithmetic, step: Fraction) -> Fraction:
    """The largest multiple B of the step for which the arithmetic, of exact weights, makes no error; 0 if none."""
    if one.bits and step.denominator > 1:
        return Fraction(0)  # no integers
    limits = {(bound, limit) for row in rows for bound, limit in _limits(row, one)}
    limits.add(((1, 0), _limit(one, one.operand, max(power_of(step), 0), sums.scale)))
    if one.stored:
        limits.add(((1, 0), one.stored * sums.scale))
    found = Fraction(max(min(inputs_of(bound, limit) for bound, limit in limits), 0), sums.scale)
    return found // step * step


def inputs_of(bound: Bound, limit: int) -> int:
    """The largest N for which a N + b <= limit; -1 if there is none."""
    a, b = bound
    if b > limit:
        return -1
    return (limit - b) // a if a else 1 << 4096  # no bound: whatever the inputs are


def _limits(row: ProvedRow, one: Arithmetic) -> Iterator[tuple[Bound, int]]:
    """Each thing of a row that is to be bounded, and what it may be at most."""
    limit = _limit(one, one.total, row.grid, row.scale)
    for bound in row.halves:
        yield bound, limit
    if not row.output:
        yield row.value, _limit(one, one.operand, row.value_grid, row.scale)
    elif one.stored:
        yield row.value, one.stored * row.scale


def _limit(one: Arithmetic, precision: int, grid: int, scale: int) -> int:
    """The largest integer of the twin such that all multiples of 2^grid up to it are exact, `scale` standing for 1."""
    if one.bits:
        return (1 << (one.bits - 1)) - 1
    if Fraction(1 << grid, scale) < Fraction(2) ** (1 - one.emax):
        return -1  # it might be subnormal
    return min(1 << (precision + grid), ((1 << precision) - 1 << one.emax + 1 >> precision) * scale)


def _twos(number: int) -> int:
    """The exponent of 2 in a nonzero integer."""
    return (number & -number).bit_length() - 1


def _odd(number: int) -> int:
    return number >> _twos(number)
