"""Unit after unit: the canonical form of h = relu(s), from that of s.

First come rows that are plainly of one sign, then maxima, `relu(c (m_S - m_T)) = c (m_(S u T) - m_T)` for c > 0, then
forms whose sign linear programming decides. What is left is interned: the first unit of a direction is the atom
r = relu(t), so that

    relu(c t) = c r      relu(-c t) = c r - c t      step(c t) = step(t)      c > 0

and duplicates, scales and opposites of one t have one atom. A unit that reads atoms only is that atom itself, however
it is scaled: of the first of two equal networks side by side, nothing has to be written but the network.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from relumax.engines.canonical.bounds import Bounds
from relumax.engines.canonical.maxima import Maxima, Mirror
from relumax.engines.canonical.table import Table
from relumax.engines.lemmas import Form
from relumax.engines.script import Fact
from relumax.engines.search import GaveUp
from relumax.engines.simplex import Exact
from relumax.kernel.proof import LE, RELU
from relumax.kernel.wire import atom, collect, form

MOST, MOST_EACH = 10_000, 6
"""Terms of canonical forms that may be put in for units, in all and for each weight of the network."""


class Units:
    """The rewriting of units; `numbers` are the facts that are their clauses."""

    def __init__(self, table: Table, maxima: tuple[Maxima, Mirror], bounds: Bounds, numbers: dict[int, int]):
        self.table, self.bounds, self.numbers = table, bounds, numbers
        self.maxima, self.mirror = maxima
        self.directions: dict[Form, tuple[int, Fraction]] = {}  # of t, whose first coefficient is > 0: relu(k t), k
        self.work = 0  # terms of canonical forms that were put in for units, and how many may be
        self.most = MOST + MOST_EACH * sum(len(value[2]) for _, value in table.context.units.values())

    def unit(self, h: int) -> None:
        """Rewrite the unit h, or make it an atom."""
        kind, s = self.table.context.units[h]
        self.work += sum(len(self.table.canon[v][2]) for v, _ in s[2])
        if self.work > self.most:
            raise GaveUp("the canonical forms grow too large")
        z = self.table.canonical(s)
        if kind != RELU:
            self._step(h, s, z)
        elif not (self._plain(h, s, z) or self._largest(h, z) or self._decided(h, z)):
            self._interned(h, s, z)

    def _rewrite(self, h: int, z: Form, name: str, values: list[Form], given: list[Fact], result: Form) -> None:
        """By the lemma of this name: the form of the unit h is z over atoms, and h is `result`."""
        link = self.table.link(self.table.context.units[h][1], z)
        fact = self.table.apply(name, h, link, values, given)
        if any(v in self.table.equal for v, _ in result[2]):
            self.table.atom(h)
            result, fact = self.table.canonical(result), self.table.lifted(fact)
        self.table.rewrite(h, result, fact)

    # ---- of one sign

    def _plain(self, h: int, s: Form, z: Form) -> bool:
        for sign in (1, -1):
            found = self.bounds.of_units(s, sign)
            if found is not None:
                self._signed(h, z, sign, found)
                return True
        return False

    def _decided(self, h: int, z: Form) -> bool:
        for find in (self.bounds.of_atoms, self.bounds.by_ranges, self.bounds.by_program):
            for sign in (1, -1):
                found = find(z, sign)
                if found is not None:
                    self._signed(h, z, sign, found)
                    return True
        return False

    def _signed(self, h: int, z: Form, sign: int, floor: list[tuple[Fact, Exact]]) -> None:
        """sign * z >= 0, as a sum of facts shows."""
        used: dict[Fact, Exact] = {}
        for fact, weight in floor:
            used[fact] = used.get(fact, 0) + weight
        sure = self.table.inequality(atom(LE, -sign * z[1], tuple((v, -sign * c) for v, c in z[2])), used)
        zero = (1, 0, ())
        name, result = ("linear", z) if sign > 0 else ("off", zero)
        self._rewrite(h, z, name, [z], [sure], result)
        self.bounds.floor[h] = lambda: list(used.items()) if sign > 0 else []

    # ---- maxima

    def _largest(self, h: int, z: Form) -> bool:
        """z = c (p - q) for leaves or maxima p and q, or for those of the other sign."""
        if self._pair(h, z, self.maxima):
            return True
        turned = self.mirror.turned(z)
        return turned is not None and self._pair(h, turned, self.mirror)

    def _pair(self, h: int, z: Form, maxima: Maxima) -> bool:
        """relu(c (p - q)) = c (max(p, q) - q) for leaves or maxima p and q of one family, as they stand in it."""
        den, const, terms = z
        if const or len(terms) != 2:
            return False
        (p, a), (q, b) = terms
        a, b = a * maxima.sign(p), b * maxima.sign(q)
        if not a or a != -b:
            return False
        if a < 0:
            p, q, a = q, p, -a
        top, fact = maxima.pair(p, q)
        forms = [_times(maxima, one, Fraction(a, den)) for one in (p, q, top)]
        name = "top" if a == den else "above"
        given = [fact] if a == den else list(maxima.parts(fact))
        if fact.children[0] != maxima.written[p]:
            name += ", turned"
        total = dict(forms[2][2])
        below, weight = forms[1][0], forms[1][2][0][1]
        total[q] = total.get(q, 0) - weight
        result = form(below, 0, collect(total))
        self._rewrite(h, z, name, forms, given, result)
        q_place = fact.children.index(maxima.written[q])

        def floor() -> list[tuple[Fact, Exact]]:
            bound = self.table.lifted(maxima.parts(fact)[q_place])
            own, (one, _, terms) = dict(bound.terms), self.table.canon[h]
            return [(bound, -Fraction(c, one) / own[v]) for v, c in terms[:1]]

        self.bounds.floor[h] = floor
        return True

    # ---- interning

    def _interned(self, h: int, s: Form, z: Form) -> None:
        """z = c t, t primitive: by the atom that is relu(k t), the first of this direction."""
        den, const, terms = z
        common = gcd(const, *(c for _, c in terms))
        signed = common if terms[0][1] > 0 else -common
        t: Form = (1, const // signed, tuple([(v, c // signed) for v, c in terms]))
        known = self.directions.get(t)
        if known is None and s == z:
            self.directions[t] = h, Fraction(signed, den)
            self._atom(h)
            return
        if known is None:
            one: Form = (1, const // common, tuple([(v, c // common) for v, c in terms]))
            known = self.directions[t] = self.table.new_unit(RELU, one), Fraction(signed // common)
        r, scale = known
        c = Fraction(signed, den) / scale
        times: Form = form(abs(c).denominator, 0, ((r, abs(c).numerator),))
        result = times
        if c < 0:  # relu(-|c| k t) = |c| relu(k t) - |c| k t
            total = {v: k * c.denominator for v, k in terms}
            total[r] = total.get(r, 0) - c.numerator * den
            result = form(c.denominator * den, const * c.denominator, collect(total))
        name = "same" if c > 0 else "opposite"
        self._rewrite(h, z, name, [z, times], [self.table.clauses[r]], result)
        self.bounds.floor[h] = lambda: [(self.table.bounds(r)[c < 0], abs(c))]

    def _atom(self, h: int) -> None:
        """The unit is its own atom."""
        number = self.numbers[h]
        self.table.unit_atom(h, Fact(self.table.context.fact(number, ""), number))
        self.bounds.floor[h] = lambda: [(self.table.bounds(h)[0], 1)]

    def _step(self, h: int, s: Form, z: Form) -> None:
        """step(s); linear programming is not asked."""
        common = gcd(z[1], *(c for _, c in z[2]))
        t: Form = (1, z[1] // common, tuple((v, c // common) for v, c in z[2])) if common else z
        known = self.table.unit_of.get((1 - RELU, t))
        if known is None and s == t:
            self._atom(h)
            return
        r = self.table.new_unit(1 - RELU, t) if known is None else known
        self._rewrite(h, z, "step", [z, (1, 0, ((r, 1),))], [self.table.clauses[r]], (1, 0, ((r, 1),)))
        self.bounds.floor[h] = lambda: [(self.table.bounds(r)[0], 1)]


def _times(maxima: Maxima, v: int, c: Fraction) -> Form:
    """c times a leaf or maximum, as it stands in maxima."""
    found: Form = form(c.denominator, 0, ((v, c.numerator * maxima.sign(v)),))
    return found
