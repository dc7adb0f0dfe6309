"""What is known to be at least what: signs of forms over atoms, by the signs of their rows or by linear programming.

A unit is at least 0, as its canonical form shows by few facts about atoms (`floor`); so a row of units with weights of
one sign has that sign. Any other form is tried by the ranges of its atoms, where the statement has inputs in a box, and
by exact linear programming over what is known of its atoms: r >= 0 and r >= t of r = relu(t), p <= m of a maximum
m = max(p, q), and what the statement requires of inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from relumax.engines.canonical.maxima import Maxima
from relumax.engines.canonical.metered import Meter, Metered
from relumax.engines.canonical.ranges import Ranges
from relumax.engines.canonical.table import Table
from relumax.engines.lemmas import Form
from relumax.engines.script import Fact, Value
from relumax.engines.search import GaveUp
from relumax.engines.simplex import Exact, Multipliers
from relumax.kernel.proof import LE, negated
from relumax.kernel.wire import atom

MOST_MISSES = 12
"""Linear programs in vain after which no more are tried."""
WORK = 300_000
"""Entries of tableaus, for all linear programs of a proof that is tried for the first time: a fifth of a second."""
MOST_FACTS = 60
MOST_TERMS = 12

Floor = Callable[[], list[tuple[Fact, Exact]]]
"""Facts `t_i <= 0` with weights whose sum is minus a canonical form: it is at least 0."""


class Bounds:
    """The bounds of atoms, as facts, and the floors of units."""

    def __init__(self, table: Table, maxima: Maxima, work: int):
        self.table, self.maxima = table, maxima
        self.floor: dict[int, Floor] = {}
        self.about: dict[int, list[Fact]] = {}  # of an atom that is no unit: inequalities about it
        self.ranges: Ranges | None = None  # where inputs are in a box
        self.misses = 0
        self.meter = Meter(work)

    def know(self, fact: Fact) -> None:
        """An inequality about atoms that is no bound of a unit."""
        for v, _ in fact.terms:
            self.about.setdefault(v, []).append(fact)

    def least(self, v: int) -> Fact | None:
        """v >= 0, where that is known."""
        if v in self.table.clauses:
            return self.table.bounds(v)[0]
        known = self.table.atoms.get((LE, 0, ((v, -1),)))
        if known is None and self.maxima.sign(v) > 0:
            for fact in self.maxima.facts.get(v, ()):
                for below in self.maxima.parts(fact)[:2]:  # p <= v, and if p >= 0 is known, so is v >= 0
                    for u, c in below.terms:
                        if u != v and c > 0 and (least := self.table.atoms.get((LE, 0, ((u, -1),)))) is not None:
                            return self.table.inequality((LE, 0, ((v, -1),)), {below: 1, least: 1})
        return known

    # ---- forms of one sign

    def of_units(self, s: Form, sign: int) -> list[tuple[Fact, Exact]] | None:
        """sign * s >= 0, if that is plain: a row of units with weights of this sign, as a floor."""
        if not s[2] or s[1] * sign < 0 or not all(c * sign > 0 and v in self.floor for v, c in s[2]):
            return None
        return [(fact, weight * Fraction(abs(c), s[0])) for v, c in s[2] for fact, weight in self.floor[v]()]

    def of_atoms(self, z: Form, sign: int) -> list[tuple[Fact, Exact]] | None:
        """sign * z >= 0, if that is plain: atoms that are at least 0, with weights of this sign."""
        if z[1] * sign < 0 or not all(c * sign > 0 for _, c in z[2]):
            return None
        found: list[tuple[Fact, Exact]] = []
        for v, c in z[2]:
            fact = self.least(v)
            if fact is None:
                return None
            found.append((fact, Fraction(abs(c), z[0]) / abs(fact.terms[0][1])))
        return found

    def by_ranges(self, z: Form, sign: int) -> list[tuple[Fact, Exact]] | None:
        """sign * z >= 0, if that is so of all values that its atoms may have, each on its own."""
        if self.ranges is None:
            return None
        try:
            bound = self.ranges.of_form(z, -sign)
        except GaveUp:
            return None
        return [(fact, Fraction(n, d)) for fact, n, d in bound.using] if bound.most <= 0 else None

    def by_program(self, z: Form, sign: int) -> list[tuple[Fact, Exact]] | None:
        """sign * z >= 0 by linear programming, as a floor."""
        if self.misses >= MOST_MISSES or len(z[2]) > MOST_TERMS:
            return None
        value = atom(LE, -sign * z[1], tuple((v, -sign * c) for v, c in z[2]))
        false = negated(value)
        simplex = Metered(self.meter)
        found = simplex.add(false, None)
        for fact in self._near(z):
            found = found or simplex.add(fact.value, fact)
        found = found or simplex.check()
        if found is None:
            self.misses += 1
            return None
        return _scaled(found, false, z)

    def _near(self, z: Form) -> list[Fact]:
        """Inequalities about the atoms of a form, and about those these speak of."""
        found: dict[Fact, None] = {}
        pending = [v for v, _ in z[2]]
        seen = set(pending)
        while pending and len(found) < MOST_FACTS:
            v = pending.pop(0)
            new = [*self.about.get(v, ()), *(self.table.bounds(v) if v in self.table.clauses else ())]
            new += [one for fact in self.maxima.facts.get(v, ()) for one in self.maxima.parts(fact)[:2] if one.terms]
            found |= dict.fromkeys(new)
            for u in (u for fact in new for u, _ in fact.terms if u not in seen):
                seen.add(u)
                pending.append(u)
        return list(found)


def _scaled(found: Multipliers, false: Value, z: Form) -> list[tuple[Fact, Exact]]:
    """The facts of a contradiction with `false`, a multiple of -z or z, weighed so that they sum to minus or plus z."""
    own = Fraction(found.pop(None))
    first = Fraction(abs(z[2][0][1]), z[0]) if z[2] else Fraction(abs(z[1]), z[0])
    times = first / abs(false[2][0][1] if z[2] else false[1]) / own
    return [(fact, Fraction(m) * times) for fact, m in found.items() if isinstance(fact, Fact)]
