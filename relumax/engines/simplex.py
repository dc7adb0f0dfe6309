"""Exact linear feasibility with explanations: the general simplex of SMT solvers (Dutertre, de Moura, CAV 2006).

Constraints are the kernel's atoms. Bounds can be asserted and retracted; an infeasible set is explained by Farkas
multipliers of the asserted atoms. Everything is exact (int or Fraction), strict bounds carry an infinitesimal, and
pivots follow Bland's rule over the order in which things were first mentioned: the same questions give the same
multipliers on every machine, whatever any solver would have answered.
"""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction
from math import gcd, lcm

from relumax.kernel.wire import EQ, LT

Exact = int | Fraction
Hyperreal = tuple[Exact, Exact]  # a + b * infinitesimal
Terms = tuple[tuple[int, int], ...]
Multipliers = dict[Hashable, Exact]
_Bound = tuple[Hyperreal, Hashable, int]  # value, the reason, the factor from the row to the reason's atom


def divide(a: Exact, b: Exact) -> Exact:
    """a / b, an int where it is one."""
    if b == 1:  # most pivots are 1 or -1: no Fraction is made for them
        return a
    if b == -1:
        return -a
    if type(a) is int and type(b) is int:
        whole, rest = divmod(a, b)
        return Fraction(a, b) if rest else whole
    found = Fraction(a) / b
    return found.numerator if found.denominator == 1 else found


class Simplex:
    """A tableau over variables (by number) and slack rows, with a stack of bounds."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, int]] = {}  # basic column -> nonbasic columns
        self._dens: dict[int, int] = {}  # of each row: den * basic = sum of c * nonbasic, in integers without a divisor
        self._uses: dict[int, set[int]] = {}  # nonbasic column -> basic columns whose row mentions it
        self._value: list[Hyperreal] = []
        self._lower: list[_Bound | None] = []
        self._upper: list[_Bound | None] = []
        self._columns: dict[int, int] = {}  # variable -> column
        self._slacks: dict[Terms, int] = {}  # primitive terms -> column
        self._trail: list[tuple[bool, int, _Bound | None]] = []
        self._suspect: set[int] = set()  # basic columns that may violate a bound

    def _new_column(self) -> int:
        self._value.append((0, 0))
        self._lower.append(None)
        self._upper.append(None)
        return len(self._value) - 1

    def _column(self, variable: int) -> int:
        found = self._columns.get(variable)
        if found is None:
            found = self._columns[variable] = self._new_column()
            self._uses[found] = set()
        return found

    def _slack(self, terms: Terms) -> int:
        if len(terms) == 1:
            return self._column(terms[0][0])
        found = self._slacks.get(terms)
        if found is None:
            columns = [(self._column(v), c) for v, c in terms]
            den = lcm(*[self._dens.get(column, 1) for column, _ in columns])
            row: dict[int, int] = {}
            for column, c in columns:
                c *= den // self._dens.get(column, 1)
                for other, d in self._rows[column].items() if column in self._rows else ((column, 1),):
                    total = row.get(other, 0) + c * d
                    if total:
                        row[other] = total
                    else:
                        del row[other]
            found = self._slacks[terms] = self._new_column()
            self._set_row(found, den, row)
            for other in row:
                self._uses[other].add(found)
            self._value[found] = self._row_value(found)
        return found

    def _set_row(self, basic: int, den: int, row: dict[int, int]) -> None:
        """den * basic = row, divided by what divides all of it."""
        if den != 1 and (common := gcd(den, *row.values())) != 1:
            den //= common
            for column in row:
                row[column] //= common
        self._rows[basic], self._dens[basic] = row, den

    def _row_value(self, basic: int) -> Hyperreal:
        a: Exact = 0
        b: Exact = 0
        for column, c in self._rows[basic].items():
            a += c * self._value[column][0]
            b += c * self._value[column][1]
        den = self._dens[basic]
        return divide(a, den), divide(b, den)

    def mark(self) -> int:
        """The present height of the stack of bounds."""
        return len(self._trail)

    def retract(self, mark: int) -> None:
        """Take back every bound asserted since `mark`."""
        while len(self._trail) > mark:
            upper, column, old = self._trail.pop()
            (self._upper if upper else self._lower)[column] = old

    def add(self, atom: tuple[int, int, Terms], reason: Hashable) -> Multipliers | None:
        """Assert an atom; returns multipliers if it contradicts a single earlier bound, else None."""
        relation, const, terms = atom
        if not terms:
            false = const != 0 if relation == EQ else const > 0 if relation != LT else const >= 0
            return {reason: -1 if relation == EQ and const < 0 else 1} if false else None
        scale = gcd(*[c for _, c in terms])
        if terms[0][1] < 0:
            scale = -scale
        column = self._slack(tuple([(v, c // scale) for v, c in terms]))
        limit = divide(-const, scale)
        strict = 0 if relation != LT else (-1 if scale > 0 else 1)
        conflict = None
        if relation == EQ or scale > 0:
            conflict = self._bound(column, True, ((limit, strict), reason, scale))
        if conflict is None and (relation == EQ or scale < 0):
            conflict = self._bound(column, False, ((limit, strict), reason, scale))
        return conflict

    def _bound(self, column: int, upper: bool, bound: _Bound) -> Multipliers | None:
        mine, other = (self._upper, self._lower) if upper else (self._lower, self._upper)
        old, opposite = mine[column], other[column]
        if old is not None and (old[0] <= bound[0] if upper else old[0] >= bound[0]):
            return None
        if opposite is not None and (opposite[0] > bound[0] if upper else opposite[0] < bound[0]):
            found: Multipliers = {}
            _use(found, bound, upper, 1)
            _use(found, opposite, not upper, 1)
            return found
        self._trail.append((upper, column, old))
        mine[column] = bound
        if column in self._rows:
            self._suspect.add(column)
        elif self._value[column] > bound[0] if upper else self._value[column] < bound[0]:
            self._move(column, bound[0])
        return None

    def _move(self, column: int, value: Hyperreal) -> None:
        a, b = value[0] - self._value[column][0], value[1] - self._value[column][1]
        self._value[column] = value
        for basic in self._uses[column]:
            c, den, old = self._rows[basic][column], self._dens[basic], self._value[basic]
            self._value[basic] = old[0] + divide(c * a, den), old[1] + divide(c * b, den)
            self._suspect.add(basic)

    def check(self) -> Multipliers | None:
        """None if the asserted atoms have a solution, else Farkas multipliers of a contradiction among them."""
        while True:
            worst = -1
            for column in sorted(self._suspect):
                value, low, high = self._value[column], self._lower[column], self._upper[column]
                if column not in self._rows or not (
                    (low is not None and value < low[0]) or (high is not None and value > high[0])
                ):
                    self._suspect.discard(column)
                    continue
                worst = column
                break
            if worst < 0:
                return None
            low, high = self._lower[worst], self._upper[worst]
            below = low is not None and self._value[worst] < low[0]
            bound = low if below else high
            if bound is None:
                return None
            entering = self._entering(worst, below)
            if entering < 0:
                found: Multipliers = {}
                _use(found, bound, not below, 1)
                for column, c in self._rows[worst].items():
                    increase = (c > 0) == below
                    limit = self._upper[column] if increase else self._lower[column]
                    if limit is not None:
                        _use(found, limit, increase, divide(abs(c), self._dens[worst]))
                return found
            self._pivot(worst, entering, bound[0])

    def _entering(self, basic: int, increase: bool) -> int:
        """Bland: the first nonbasic column that can move the row in the wanted direction, or -1."""
        found = -1
        for column, c in self._rows[basic].items():
            if found < 0 or column < found:
                limit = self._upper[column] if (c > 0) == increase else self._lower[column]
                if limit is None or limit[0] != self._value[column]:
                    found = column
        return found

    def _pivot(self, leaving: int, entering: int, target: Hyperreal) -> None:
        row, den = self._rows.pop(leaving), self._dens.pop(leaving)
        c = row.pop(entering)
        step = (
            divide((target[0] - self._value[leaving][0]) * den, c),
            divide((target[1] - self._value[leaving][1]) * den, c),
        )
        users = self._uses.pop(entering)
        users.discard(leaving)
        sign = 1 if c > 0 else -1  # den * leaving = c * entering + row, solved for entering
        new = {column: -sign * d for column, d in row.items()}
        new[leaving] = sign * den
        for column in row:
            self._uses[column].discard(leaving)
            self._uses[column].add(entering)
        self._uses[leaving] = {entering}
        self._value[leaving] = target
        old = self._value[entering]
        self._value[entering] = old[0] + step[0], old[1] + step[1]
        self._set_row(entering, abs(c), new)
        self._suspect.add(entering)
        for basic in users:
            self._replace(basic, entering, step)

    def _replace(self, basic: int, entering: int, step: Hyperreal) -> None:
        """In the row of `basic`, the column that entered by its own row; it has moved by `step`."""
        other, den, new, new_den = self._rows[basic], self._dens[basic], self._rows[entering], self._dens[entering]
        weight = other.pop(entering)
        old = self._value[basic]
        self._value[basic] = old[0] + divide(weight * step[0], den), old[1] + divide(weight * step[1], den)
        self._suspect.add(basic)
        if new_den != 1:
            common = gcd(weight, new_den)
            weight, factor = weight // common, new_den // common
            if factor != 1:
                den *= factor
                for column in other:
                    other[column] *= factor
        for column, d in new.items():
            total = other.get(column, 0) + weight * d
            if total:
                if column not in other:
                    self._uses[column].add(basic)
                other[column] = total
            else:
                del other[column]
                self._uses[column].discard(basic)
        self._set_row(basic, den, other)


def _use(found: Multipliers, bound: _Bound, upper: bool, weight: Exact) -> None:
    """Add the reason of a bound, used `weight` times, to the multipliers.

    The atom is `scale * t + const (relation) 0` for the row t: an upper bound t <= u is the atom divided by scale.
    """
    _, reason, scale = bound
    amount = divide(weight if upper else -weight, scale)
    found[reason] = found.get(reason, 0) + amount


def integral(multipliers: Multipliers) -> dict[Hashable, int]:
    """The multipliers times the smallest positive number that makes them coprime integers, zeros left out."""
    scale = lcm(*[Fraction(m).denominator for m in multipliers.values()])
    whole = {reason: int(m * scale) for reason, m in multipliers.items() if m}
    common = gcd(*whole.values())
    return {reason: m // common for reason, m in whole.items()}
