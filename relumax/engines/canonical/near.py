"""Bounds on a box, and of two networks side by side, by how much they differ there.

Each unit h = relu(s) has a range, from those of what s reads:

    s <= U, U >= 0                          h <= U
    s >= L                                  h >= L      (and h >= 0)

A unit h = relu(s) of the second network that is nearly c r, r = relu(t) of the first (`alike` says which), has a
distance from it, from those of what s and t read, since relu is monotone and no steeper than 1:

    s - c t <= e,  c t - s <= e, c > 0      h - c r <= e, c r - h <= e

So an inequality about outputs is a sum: variables of the second network by those of the first and their distances,
what is left by ranges. No bound is found in floats; those that are carried on are rounded up to few bits. The proof is
as long as the network, whatever its size; what it cannot bound is left to others (GaveUp).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from relumax.engines.canonical.alike import Alike, alike
from relumax.engines.canonical.table import Table
from relumax.engines.lemmas import Form, Lemma, Lemmas
from relumax.engines.maxima import from_given
from relumax.engines.orders.sums import Farkas, contradiction
from relumax.engines.script import GOAL, PICK, Block, Fact, Step, Value, combine, facts_of
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LE, RELU, Context, difference, negated, unit_clause, variable
from relumax.kernel.statement import Statement
from relumax.kernel.wire import collect, form

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


class Near:
    """The proof of a statement about a box."""

    def __init__(self, context: Context, statement: Statement, lemmas: Lemmas):
        self.table, self.statement = Table(context, lemmas), statement
        self.inputs, self.units = statement.network.inputs, statement.network.units
        given = [Fact(value, number) for number, value in enumerate(context.facts) if type(value) is tuple]
        self.clauses = {v: Fact((), k) for k, v in enumerate(context.facts) if type(v) is int}
        for k, (_, n, each, _) in enumerate(statement.requires):
            for i in range(n if each else 0):
                made = facts_of(context.pick(k, i, ""))
                given += self.table.step(Step(PICK, [k, i], makes=made))
        self.outputs = {fact.last[0]: fact for fact in given if fact.value[0] == EQ and fact.terms}
        self.high: dict[int, Bound | None] = {}
        self.low: dict[int, Bound | None] = {}
        self._box(given)
        self.apart: dict[int, tuple[Alike, Bound, Bound]] = {}  # h - c r and c r - h
        (self.always,) = facts_of(ALWAYS)

    def _box(self, given: list[Fact]) -> None:
        """The ranges of inputs, the narrowest that are given."""
        for fact in given:
            if fact.value[0] == LE and len(fact.terms) == 1:
                ((v, c),) = fact.terms
                bounds, most = self.high if c > 0 else self.low, Fraction(-fact.value[1], abs(c))
                old = bounds.get(v)
                if old is None or most < old.most:
                    bounds[v] = Bound(most, [(fact, 1, abs(c))])
        if not all(v in self.high and v in self.low for v in range(self.inputs)):
            raise GaveUp("not all inputs are in a box")

    def prove(self) -> Block:
        """The goals, each as a sum; raises GaveUp."""
        goals = self.table.context.goals
        if any(goal[0] != LE for goal in goals):
            raise GaveUp("bounds are for inequalities")
        self.always = self.table.inequality(ALWAYS, {})
        box = [(-self.low[v].most, self.high[v].most) for v in range(self.inputs)]  # type: ignore[union-attr]
        pairs = alike(self.units, self.inputs, self.statement.network.outputs, box)
        for h in sorted(pairs):
            self._distance(h, pairs[h])
        blocks = []
        for goal in goals:
            bound = self._outputs(goal)
            if bound.most > -goal[1]:
                said = float((bound.most + goal[1]) / abs(goal[2][0][1]))
                raise GaveUp(f"bounds show a promise only up to {said:.3g} more than it says")
            false = Fact(negated(goal))
            using: Farkas = [(false, Fraction(1)), *((fact, Fraction(n, d)) for fact, n, d in bound.using)]
            blocks.append(Block([false], [contradiction(using)]))
        return Block([], [*self.table.steps, Step(GOAL, [], blocks=blocks)])

    def _outputs(self, goal: Value) -> Bound:
        """What the goal's terms are at most: outputs by what they are."""
        total: dict[int, Fraction] = {}
        const, using = Fraction(0), Using()
        for v, c in goal[2]:
            terms, k = {v: 1}, Fraction(c)
            if v in self.outputs:
                fact = self.outputs[v]
                terms = dict(fact.terms)
                k = -c / Fraction(terms.pop(v))
                using.append((fact, -k.numerator, k.denominator))
                const += k * fact.value[1]
            for u, weight in terms.items():
                total[u] = total.get(u, Fraction(0)) + k * weight
        den = lcm(*(weight.denominator for weight in total.values()))
        bound = self._most(den, [(v, int(weight * den)) for v, weight in total.items()])
        return Bound(bound.most + const, [*using, *bound.using])

    # ---- bounds of forms

    def _most(self, den: int, terms: Iterable[tuple[int, int]]) -> Bound:
        """What a sum of inputs and units, over a denominator, is at most."""
        total = dict(terms)
        near = [v for v in total if v in self.apart]
        scale = lcm(*(self.apart[v][0].times.denominator for v in near))
        den *= scale
        total = {v: k * scale for v, k in total.items()} if scale != 1 else total
        most, using = dict[int, int](), Using()

        def add(k: int, bound: Bound) -> None:
            """k times what is bounded, k > 0."""
            part = bound.most
            most[part.denominator] = most.get(part.denominator, 0) + k * part.numerator
            using.extend([(fact, k * n, d * den) for fact, n, d in bound.using])

        for v in near:
            pair, up, down = self.apart[v]
            k = total.pop(v)
            total[pair.of] = total.get(pair.of, 0) + k * pair.times.numerator // pair.times.denominator
            add(abs(k), up if k > 0 else down)
        for v, k in total.items():
            if k:
                add(abs(k), self._high(v) if k > 0 else self._low(v))
        return Bound(sum((Fraction(n, d) for d, n in most.items()), Fraction(0)) / den, using)

    def _high(self, v: int) -> Bound:
        """What a unit is at most: what its argument is."""
        known = self.high.get(v)
        if known is None:
            kind, s = self.units[v - self.inputs]
            if kind == RELU:
                bound = self._of_form(s, 1)
                at, most = self._said(s, (1, 0, ()), bound)
                most = _rounded(max(most, Fraction(0)))
                forms = [s, variable(v), _number(at), _number(most)]
                (fact,) = self._use("range", _range, forms, [self._clause(v), self._below(s, (1, 0, ()), at, bound)], 2)
                known = Bound(most, [_once(fact, v)])
            else:
                fact = self._bounds(v)[1]
                known = Bound(Fraction(1), [(fact, 1, 1)])
            self.high[v] = known
        return known

    def _low(self, v: int) -> Bound:
        """What minus a unit is at most: 0, or what minus its argument is."""
        known = self.low.get(v)
        if known is None:
            kind, s = self.units[v - self.inputs]
            facts = self._bounds(v)
            known = Bound(Fraction(0), [(facts[0], 1, 1)])
            if kind == RELU:
                bound = self._of_form(s, -1)
                if bound.most < 0:  # -v <= -s <= most
                    known = Bound(bound.most, [_once(facts[1], v), *bound.using])
            self.low[v] = known
        return known

    def _of_form(self, s: Form, sign: int) -> Bound:
        den, const, terms = s
        bound = self._most(den, [(v, sign * c) for v, c in terms])
        return Bound(bound.most + Fraction(sign * const, den), bound.using)

    # ---- distances

    def _distance(self, h: int, pair: Alike) -> None:
        """h - c r and c r - h are at most so much."""
        s, t = (self.units[v - self.inputs][1] for v in (h, pair.of))
        c = pair.times
        q: Form = form(t[0] * c.denominator, t[1] * c.numerator, tuple([(v, k * c.numerator) for v, k in t[2]]))
        sides = []
        for p, other in ((s, q), (q, s)):
            den, const, terms = _minus(p, other)
            bound = self._most(den, terms)
            sides.append(Bound(bound.most + Fraction(const, den), bound.using))
        said = [self._said(p, other, bound) for (p, other), bound in zip(((s, q), (q, s)), sides, strict=True)]
        most = _rounded(max(at for at, _ in said))
        times: Form = (c.denominator, 0, ((pair.of, c.numerator),))
        forms = [s, variable(h), q, times, *(_number(at) for at, _ in said), _number(most)]
        given = [self._clause(h), self._clause(pair.of)]
        for (p, other), (at, _), bound in zip(((s, q), (q, s)), said, sides, strict=True):
            given.append(self._below(p, other, at, bound))
        up, down = self._use("near", _near, forms, given, 2)
        self.apart[h] = pair, Bound(most, [_once(up, h)]), Bound(most, [_once(down, h)])

    # ---- steps

    def _said(self, p: Form, q: Form, bound: Bound) -> tuple[Fraction, Fraction]:
        """Which number p - q is said to be at most: where it is a number itself, one that is larger."""
        at = bound.most if _minus(p, q)[2] else _rounded(bound.most)
        return at, at

    def _below(self, p: Form, q: Form, at: Fraction, bound: Bound) -> Fact:
        """p - q <= at."""
        value = difference(_minus(p, q), _number(at), LE)
        if not value[2]:
            return self.always
        if value in self.table.atoms:
            return self.table.atoms[value]
        scale = lcm(*{d for _, _, d in bound.using})
        used: dict[Fact, int] = {}
        for fact, n, d in bound.using:
            used[fact] = used.get(fact, 0) + n * (scale // d)
        common = gcd(*used.values())
        return self.table.step(combine(value, {fact: m // common for fact, m in used.items() if m}))[0]

    def _use(self, name: str, shape: object, forms: list[Form], given: list[Fact], numbers: int) -> list[Fact]:
        """An instance of a lemma of this module; its last hypotheses are between numbers."""
        number = self.table.lemmas.number(name, shape, from_given)  # type: ignore[arg-type]
        known = [*given, *[self.always] * numbers]
        return list(self.table.step(self.table.lemmas.instance(number, list(map(self._named, forms)), forms, known)))

    def _named(self, one: Form) -> object:
        return self.table.named(one)

    def _clause(self, v: int) -> Fact:
        """That v is the unit it is."""
        fact = self.clauses[v]
        if not fact.value:
            fact = self.clauses[v] = Fact(self.table.context.fact(fact.number, ""), fact.number)
            self.table.unit_of.setdefault(self.units[v - self.inputs], v)
        return fact

    def _bounds(self, v: int) -> list[Fact]:
        """v >= 0 and v >= s of a relu, 0 <= v <= 1 of a step."""
        kind, s = self.units[v - self.inputs]
        self._clause(v)
        (step,) = self.table.lemmas.use(
            "relu_bounds" if kind == RELU else "step_bounds", [self._named(s)], [s, variable(v)]
        )
        return list(self.table.step(step))


def prove_near(context: Context, statement: Statement, lemmas: Lemmas) -> Block:
    """A proof of the goals of `context`, inequalities about outputs for inputs in a box; raises GaveUp."""
    if statement.indices or statement.definitions:
        raise GaveUp("bounds are for statements without indices and definitions")
    return Near(context, statement, lemmas).prove()


def _once(fact: Fact, v: int) -> tuple[Fact, int, int]:
    """The fact so often that its variable v is there once."""
    return fact, 1, abs(dict(fact.terms)[v])


def _range() -> Lemma:
    """h = relu(s), s <= e < u, u > 0 give h <= u."""
    s, h, e, u = map(variable, range(4))
    given = [unit_clause(RELU, s, 1), difference(s, e, LE), difference(e, u, LE), (LE, 0, ((3, -1),))]
    return Lemma(4, [], given, [difference(h, u, LE)])


def _near() -> Lemma:
    """h = relu(s), r = relu(t), s - t <= e and t - s <= f, both at most u, give h - r <= u and r - h <= u."""
    s, h, t, r, e, f, u = map(variable, range(7))
    given = [unit_clause(RELU, s, 1), unit_clause(RELU, t, 3)]
    given += [difference(_minus(s, t), e, LE), difference(_minus(t, s), f, LE)]
    given += [difference(e, u, LE), difference(f, u, LE)]
    return Lemma(7, [], given, [difference(_minus(h, r), u, LE), difference(_minus(r, h), u, LE)])


def _minus(p: Form, q: Form) -> Form:
    total = {v: c * q[0] for v, c in p[2]}
    for v, c in q[2]:
        total[v] = total.get(v, 0) - c * p[0]
    found: Form = form(p[0] * q[0], p[1] * q[0] - q[1] * p[0], collect(total))
    return found


def _number(value: Fraction) -> Form:
    return value.denominator, value.numerator, ()


def _rounded(value: Fraction) -> Fraction:
    """A number of few bits that is larger."""
    if not value:
        return Fraction(1, 1 << 80)
    size = abs(value.numerator).bit_length() - value.denominator.bit_length()
    unit = Fraction(2) ** (size - BITS)
    return (value // unit + 1) * unit
