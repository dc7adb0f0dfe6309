"""How far a network's outputs can be from the exact ones on any numbers: a bound for every order of sums.

The standard analysis of rounding errors, on the proved bounds of `relumax.ranges.check`. With fl(a op b) = (a op b)
(1 + d) + e, |d| <= u = 2^-p, and |e| at most half the smallest subnormal (or the smallest normal number, where
subnormals are flushed to zero, read or written), a row s = b + sum of w_j h_j of m terms is computed from the computed
units h' so that

    |fl(s) - s(h')| <= g sum of |w_j| |h'_j| + g |b| + underflow,    g = k u / (1 - k u),

with k = m - 1 additions, one more where a weight is no power of two, and one more for a wide accumulator that is
rounded where it is stored; k = 0 where a row only copies or scales by a power of two. That is what each unit adds. How
it goes on is followed by forms, sums c_j h_j of units of one layer: between h and h' a form of relus is linear in
pieces, in each of which every relu is its row or 0, so that

    |F(h') - F(h)| <= sum of |c_j| (what unit j adds) + the largest of |G(h') - G(h)|, G the form below in any piece.

So a maximum errs no more than its inputs and itself. All is affine in m = max |x_i|: integers on a scale of 2^-SHIFT,
rounded up. The weights are exact; a step unit jumps, so that networks with one have no bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from relumax.network.layers import Network
from relumax.ranges.check import Bound, Form, Sums, cases, primitive, rows_of, unpaired
from relumax.ranges.exact import ARITHMETICS, NAMES, Arithmetic, ProvedRow, holds_weights, proved_rows, weights_of
from relumax.ranges.find import pairs_of, parts_of, sources_of

SHIFT = 160
MOST_SPLIT = 4
"""So many units of a form are taken piece by piece; the errors of others are added."""
WORK, LEAST_WORK = 20, 50_000
"""So many terms for each weight of the network (so many at least) are added up to follow forms; then units' errors."""


class ErrorBound(NamedTuple):
    """|y - f(x)| <= relative * m + absolute for each output, m = max |x_i| <= most, in any order of sums.

    `absolute` counts what biases and gradual underflow add; `flushed` is in its place where subnormals are flushed.
    """

    relative: Fraction
    absolute: Fraction
    flushed: Fraction
    most: Fraction

    def at(self, most: Fraction, flushed: bool = False) -> Fraction:
        """The bound for inputs of absolute value at most `most`."""
        return self.relative * most + (self.flushed if flushed else self.absolute)


Affine = tuple[int, int, int, int]
"""On the scale: m, 1, half the smallest subnormal, and the smallest normal number come so many times."""
NONE: Affine = (0, 0, 0, 0)


def rounding_bounds(network: Network, sums: Sums, names: Sequence[str] = NAMES) -> dict[str, ErrorBound | None]:
    """The bound in each float arithmetic of these names.

    None where weights are not exact, units step, or a row has so many terms that k u >= 1.
    """
    rows = list(proved_rows(network, sums, Fraction(1, sums.scale)))
    pieces, weights = _Pieces(network), weights_of(network)
    possible = not any(layer.steps for layer in network.layers)
    found: dict[str, ErrorBound | None] = {}
    for one in ARITHMETICS:
        if one.total and one.name in names:
            fits = possible and holds_weights(weights, one)
            found[one.name] = _Analysis(network, sums.scale, one, pieces).bound(rows) if fits else None
    return found


class _Piece(NamedTuple):
    """A form of level t: its parts; or rows of the layer below, and the forms left there in each case."""

    parts: list[Form]
    beside: list[tuple[int, Form]]
    cases: list[Form]


class _Pieces:
    """The forms that were followed, which are the same in every arithmetic."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.pairs = [pairs_of(layer) for layer in network.layers]
        self.sources = [sources_of(layer) for layer in network.layers]
        self.known: list[dict[Form, _Piece | None]] = [{} for _ in network.maps]
        self.left = max(WORK * network.nonzeros, LEAST_WORK)

    def of(self, t: int, form: Form) -> _Piece | None:
        """How a form is taken apart; None where that ends."""
        if t == 0 or len(form) == 1:
            return None
        if form not in self.known[t]:
            self.known[t][form] = self.taken_apart(t, form) if self.left > 0 else None
        return self.known[t][form]

    def taken_apart(self, t: int, form: Form) -> _Piece:
        """The same, worked out."""
        layer = self.network.layers[t - 1]
        terms = sum(len(layer.rows[j][1]) for j, _ in form)
        self.left -= terms
        parts = parts_of(self.sources[t - 1], form)
        if len(parts) > 1:
            return _Piece(parts, [], [])
        linear, rest = unpaired(self.pairs[t - 1], form)
        units = sorted(rest, key=lambda j: (-abs(rest[j]), j))
        self.left -= terms << min(len(units), MOST_SPLIT)
        beside = [(abs(rest[j]), layer.rows[j][1]) for j in units[MOST_SPLIT:]]
        chosen = ([*linear, *((rest[j], j) for j in case)] for case in cases(units[:MOST_SPLIT]))
        return _Piece([], beside, list({rows_of(layer, one)[1]: None for one in chosen}))


class _Analysis:
    """One arithmetic: what each unit adds, how wrong each can be, and how wrong the forms are that were followed."""

    def __init__(self, network: Network, scale: int, one: Arithmetic, pieces: _Pieces) -> None:
        self.maps, self.scale, self.one, self.pieces = network.maps, scale, one, pieces
        self.normal = Fraction(2) ** (1 - one.emax)
        self.half_least = self.normal / (1 << one.total)
        self.largest = Fraction(((1 << one.total) - 1) << one.emax, 1 << (one.total - 1))
        self.sizes: set[tuple[Affine, Fraction]] = set()  # of what is computed, and the most it may be
        self.added = [[self.read((0, 0, 0, 1 << SHIFT), (1, 0), scale)] * network.inputs]
        self.wrong = [self.added[0]]
        self.known: list[dict[Form, Affine]] = [{} for _ in network.maps]

    def bound(self, rows: list[ProvedRow]) -> ErrorBound | None:
        """The bound of the outputs, layer after layer."""
        at = iter(rows)
        for t, layer in enumerate(self.maps):
            added, wrong = [], []
            for k in range(len(layer.rows)):
                row = next(at)
                here = self.adds(t, k, row)
                if here is None:
                    return None
                before = _over(self.form(t, layer.rows[k][1]), layer.den)
                read = here if row.output else self.read(here, row.value, row.scale, before)
                added.append(read)
                wrong.append(_plus(read, before))
            self.added.append(added)
            self.wrong.append(wrong)
        return self.whole([self.stored(error, row) for error, row in zip(wrong, rows[-len(wrong) :], strict=True)])

    def adds(self, t: int, k: int, row: ProvedRow) -> Affine | None:
        """The error that a row makes itself; None where k u >= 1."""
        layer = self.maps[t]
        bias, terms = layer.rows[k]
        (up, up_bias), (down, down_bias) = row.halves
        size = self.scaled((up + down if t else up, up_bias + down_bias), row.scale)
        for j, c in terms:
            size = _plus(size, _over(self.wrong[t][j], layer.den, abs(c)))
        inexact = sum(1 for _, c in terms if not _scales(c, layer.den))
        count = len(terms) + (bias != 0)
        roundings = max(count - 1, 0) + (inexact > 0)
        roundings += roundings > 0
        left = (1 << self.one.total) - roundings
        if left <= 0:
            return None
        gamma = -(-(roundings << SHIFT) // left)
        tiny, flush = inexact + (roundings > 0), 2 * count
        under = (0, 0, tiny * ((1 << SHIFT) + gamma), flush * ((1 << SHIFT) + gamma))
        here = _plus(_over(size, 1 << SHIFT, gamma), under)
        self.sizes.add((_plus(size, here), self.largest))
        return here

    def form(self, t: int, form: Form) -> Affine:
        """How wrong a form of level t is: of the computed units against the exact ones."""
        if not form:
            return NONE
        factor, form = primitive(form)
        found = self.known[t].get(form)
        if found is None:
            found = self.known[t][form] = self.followed(t, form)
        return _over(found, 1, factor)

    def followed(self, t: int, form: Form) -> Affine:
        """The same, worked out; where the form was not taken apart, the errors of its units are added up."""
        piece = self.pieces.of(t, form)
        if piece is None:
            return _sum(self.wrong[t], form)
        total = NONE
        if piece.parts:
            for part in piece.parts:
                total = _plus(total, self.form(t, part))
            return total
        den = self.maps[t - 1].den
        for factor, row in piece.beside:
            total = _plus(total, _over(self.form(t - 1, row), den, factor))
        worst = NONE
        for below in piece.cases:
            worst = _worse(worst, self.form(t - 1, below))
        return _plus(_plus(total, _over(worst, den)), _sum(self.added[t], form))

    def read(self, error: Affine, value: Bound, scale: int, before: Affine = NONE) -> Affine:
        """What a unit (an input) adds as it is multiplied: rounded, up or down, to the bits of an operand."""
        if self.one.operand == self.one.total:
            return error
        size = _plus(_plus(self.scaled(value, scale), error), before)
        least = 1 << self.one.total - self.one.operand + 1  # a subnormal of so few bits is one of multiples this large
        rounded = _plus(_over(size, 1 << (self.one.operand - 1)), (0, 0, least << SHIFT, 0))
        self.sizes.add((_plus(size, rounded), self.largest))  # 0 times an infinity is NaN, where no row reads it
        return _plus(error, rounded)

    def stored(self, error: Affine, row: ProvedRow) -> Affine:
        """An output's error once it is rounded to the type of the file, whose range it must not leave."""
        if self.one.stored and self.one.weights:
            size = _plus(self.scaled(row.value, row.scale), error)
            error = _plus(error, _over(size, 1 << self.one.weights[0]))
            self.sizes.add((_plus(size, error), Fraction(self.one.stored)))
        return error

    def reach(self) -> Fraction:
        """The largest m at which nothing that was computed overflows."""
        most = self.largest
        for size, largest in self.sizes:
            left = largest - self.absolute(size, True)
            if left <= 0:
                return Fraction(0)
            most = min(most, left * (1 << SHIFT) / size[0]) if size[0] else most
        return min(most, Fraction(self.one.stored)) if self.one.stored else most

    def scaled(self, bound: Bound, scale: int) -> Affine:
        """A bound a N + b of the integer twin in terms of m, on the scale."""
        a, b = bound
        return -(-(a * self.scale << SHIFT) // scale), max(-(-(b << SHIFT) // scale), 0), 0, 0

    def absolute(self, error: Affine, flushed: bool) -> Fraction:
        """What is left at m = 0."""
        under = error[3] * self.normal if flushed else error[2] * self.half_least
        return (error[1] + under) / (1 << SHIFT)

    def whole(self, errors: list[Affine]) -> ErrorBound | None:
        """One bound for all outputs, of an arithmetic that reaches some inputs."""
        most = self.reach()
        if not most:
            return None
        worst = NONE
        for error in errors:
            worst = _worse(worst, error)
        tiny = flush = Fraction(0)
        if self.one.stored and self.one.weights:  # outputs are rounded to a type whose subnormals are larger
            precision, emax = self.one.weights
            flush = Fraction(2) ** (1 - emax)
            tiny = flush / (1 << precision)
        absolute, flushed = self.absolute(worst, False) + tiny, self.absolute(worst, True) + flush
        return ErrorBound(Fraction(worst[0], 1 << SHIFT), absolute, flushed, most)


def _plus(a: Affine, b: Affine) -> Affine:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]


def _worse(a: Affine, b: Affine) -> Affine:
    return max(a[0], b[0]), max(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _over(a: Affine, den: int, factor: int = 1) -> Affine:
    """factor * a / den, rounded up."""
    if den == 1:
        if factor == 1:
            return a
        return factor * a[0], factor * a[1], factor * a[2], factor * a[3]
    return -(-factor * a[0] // den), -(-factor * a[1] // den), -(-factor * a[2] // den), -(-factor * a[3] // den)


def _sum(errors: list[Affine], form: Form) -> Affine:
    """The errors of the units of a form, added up."""
    total = NONE
    for j, c in form:
        total = _plus(total, _over(errors[j], 1, abs(c)))
    return total


def _scales(c: int, den: int) -> bool:
    """Whether c / den is a power of two of at least 1, so that no product with it is rounded or underflows."""
    whole, rest = divmod(abs(c), den)
    return not rest and whole & (whole - 1) == 0
