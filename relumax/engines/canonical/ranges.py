"""Ranges on a box: of inputs as a statement gives them, of units as those of what they read.

    s <= U, U >= 0                          h = relu(s) <= U
    s >= L                                  h >= L      (and h >= 0)

Each bound is a sum of facts. No bound is found in floats; those of units are rounded up to few bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from relumax.engines.canonical.table import Table
from relumax.engines.forms import combination, constant
from relumax.engines.lemmas import Form, Lemma
from relumax.engines.maxima import from_given
from relumax.engines.script import Fact, combine
from relumax.engines.search import GaveUp
from relumax.kernel.proof import LE, RELU, difference, unit_clause, variable

BITS = 12
"""Of a bound that is carried on."""
ALWAYS = (LE, -1, ())
"""-1 <= 0: what an inequality between numbers is, once it is reduced."""


Using = list[tuple[Fact, int, int]]
"""Facts `f <= 0` or `f = 0` with weights, each as two integers: a fraction for each of many terms takes long."""


class Bound(NamedTuple):
    """A form is at most `most`: minus `most`, it is the sum of the facts with these weights."""

    most: Fraction
    using: Using


class Ranges:
    """What variables of a table are at most, and minus them; raises GaveUp for those of which nothing is known."""

    def __init__(self, table: Table, given: Iterable[Fact]):
        self.table = table
        self.high: dict[int, Bound] = {}
        self.low: dict[int, Bound] = {}
        for fact in given:
            if fact.value[0] == LE and len(fact.terms) == 1:
                ((v, c),) = fact.terms
                bounds, most = self.high if c > 0 else self.low, Fraction(-fact.value[1], abs(c))
                if v not in bounds or most < bounds[v].most:
                    bounds[v] = Bound(most, [(fact, 1, abs(c))])

    def most(self, den: int, terms: Iterable[tuple[int, int]]) -> Bound:
        """What a sum of inputs and units, over a denominator, is at most."""
        return summed(self.parts(terms), den)

    def parts(self, terms: Iterable[tuple[int, int]]) -> Iterator[tuple[int, Bound]]:
        """What each term is at most, as so many times a bound."""
        for v, k in terms:
            if k:
                yield abs(k), self._high(v) if k > 0 else self._low(v)

    def of_form(self, s: Form, sign: int = 1) -> Bound:
        """What a form, or minus it, is at most."""
        den, const, terms = s
        bound = self.most(den, [(v, sign * c) for v, c in terms])
        return Bound(bound.most + Fraction(sign * const, den), bound.using)

    def known(self, s: Form) -> tuple[Fraction, Fact]:
        """A number, and the fact that a form is at most that; of a number a larger one."""
        bound = self.of_form(s)
        most = bound.most if s[2] else rounded(bound.most)
        value = difference(s, constant(most), LE)
        if not s[2]:
            return most, self.table.inequality(ALWAYS, {})
        if value in self.table.atoms:
            return most, self.table.atoms[value]
        scale = lcm(*{d for _, _, d in bound.using})
        used: dict[Fact, int] = {}
        for fact, n, d in bound.using:
            used[fact] = used.get(fact, 0) + n * (scale // d)
        common = gcd(*used.values())
        (fact,) = self.table.step(combine(value, {one: m // common for one, m in used.items() if m}))
        return most, fact

    def _high(self, v: int) -> Bound:
        """What a unit is at most: what its argument is."""
        if v not in self.high:
            kind, s = self._unit(v)
            if kind == RELU:
                at, fact = self.known(s)
                most = rounded(max(at, Fraction(0)))
                forms = [s, variable(v), constant(at), constant(most)]
                (fact,) = self.use("range", _range, forms, [self.clause(v), fact])
                self.high[v] = Bound(most, [once(fact, v)])
            else:
                self.high[v] = Bound(Fraction(1), [once(self._bounds(v)[1], v)])
        return self.high[v]

    def _low(self, v: int) -> Bound:
        """What minus a unit is at most: 0, or what minus its argument is."""
        if v not in self.low:
            kind, s = self._unit(v)
            facts = self._bounds(v)
            self.low[v] = Bound(Fraction(0), [once(facts[0], v)])
            if kind == RELU:
                bound = self.of_form(s, -1)
                if bound.most < 0:  # -v <= -s
                    self.low[v] = Bound(bound.most, [once(facts[1], v), *bound.using])
        return self.low[v]

    def _unit(self, v: int) -> tuple[int, Form]:
        if v not in self.table.context.units:
            raise GaveUp("a variable has no range")
        found: tuple[int, Form] = self.table.context.units[v]
        return found

    def use(self, name: str, shape: Callable[[], Lemma], forms: list[Form], given: list[Fact]) -> Sequence[Fact]:
        """An instance of a lemma whose last two hypotheses are between numbers."""
        always = self.table.inequality(ALWAYS, {})
        place = self.table.lemmas.number(name, shape, from_given)
        arguments = [self.table.named(one) for one in forms]
        return self.table.step(self.table.lemmas.instance(place, arguments, forms, [*given, always, always]))

    def clause(self, v: int) -> Fact:
        """That v is the unit it is."""
        return self.table.clauses[v]

    def _bounds(self, v: int) -> Sequence[Fact]:
        """v >= 0 and v >= s of a relu, 0 <= v <= 1 of a step."""
        self.clause(v)
        return self.table.bounds(v)


def summed(parts: Iterable[tuple[int, Bound]], den: int) -> Bound:
    """The bound of a sum over a denominator: of so often, each more than 0, what is bounded."""
    most, using = dict[int, int](), Using()
    for k, (part, facts) in parts:
        most[part.denominator] = most.get(part.denominator, 0) + k * part.numerator
        using.extend([(fact, k * n, d * den) for fact, n, d in facts])
    return Bound(sum((Fraction(n, d) for d, n in most.items()), Fraction(0)) / den, using)


def _range() -> Lemma:
    """h = relu(s), s <= e < u, u > 0 give h <= u."""
    s, h, e, u = map(variable, range(4))
    given = [unit_clause(RELU, s, 1), difference(s, e, LE), difference(e, u, LE), (LE, 0, ((3, -1),))]
    return Lemma(4, [], given, [difference(h, u, LE)])


def once(fact: Fact, v: int) -> tuple[Fact, int, int]:
    """The fact so often that its variable v is there once."""
    return fact, 1, abs(dict(fact.terms)[v])


def minus(p: Form, q: Form) -> Form:
    """p - q."""
    return combination([(1, p), (-1, q)], 1)


def rounded(value: Fraction) -> Fraction:
    """A number of few bits that is larger."""
    if not value:
        return Fraction(1, 1 << 80)
    size = abs(value.numerator).bit_length() - value.denominator.bit_length()
    unit = Fraction(2) ** (size - BITS)
    return (value // unit + 1) * unit
