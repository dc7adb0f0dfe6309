"""The table of a proof by canonical forms: of each variable its form over atoms, and the fact that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

from relumax.engines.canonical.rewritings import absorbed, mirrored, renamed, restated, rewriting
from relumax.engines.lemmas import ENDLESS, Form, Lemmas
from relumax.engines.maxima import from_given
from relumax.engines.script import (
    GOAL,
    Block,
    Fact,
    Step,
    Value,
    argument,
    combine,
    define_largest,
    define_unit,
    facts_of,
    have,
    leaf,
)
from relumax.engines.simplex import Exact
from relumax.kernel.proof import EQ, LT, MAX, RELU, Context, difference, negation, variable
from relumax.kernel.wire import atom, collect, form, substitute

Weights = Mapping[Fact, Exact]
"""A sum of facts."""


class Table:
    """`canon[v]` is the canonical form of the variable v, `equal[v]` the fact v = canon[v] where v is no atom.

    `steps` grows; what is never used is left out of the certificate. Atoms are made in the context, and die with it.
    """

    def __init__(self, context: Context, lemmas: Lemmas):
        self.context, self.lemmas, self.steps = context, lemmas, list[Step]()
        self.canon: dict[int, Form] = {}
        self.equal: dict[int, Fact] = {}
        self.atoms: dict[Value, Fact] = {}  # equations and inequalities, by what they say
        self.maxima: list[Fact] = []  # max facts, in the order in which they were made
        self.clauses: dict[int, Fact] = {}  # of units that are atoms
        self.unit_of: dict[tuple[int, Form], int] = {}  # the atom that is the unit of this kind and form
        self._bounds: dict[int, Sequence[Fact]] = {}

    # ---- writing

    def step(self, step: Step) -> Sequence[Fact]:
        """Take a step; what it makes is known from here on."""
        self.steps.append(step)
        self.know(step.makes)
        return step.makes

    def know(self, facts: Iterable[Fact]) -> None:
        """These facts are known."""
        for fact in facts:
            if fact.value[0] <= LT:
                self.atoms.setdefault(fact.value, fact)
            elif fact.value[0] == MAX:
                self.maxima.append(fact)

    def atom(self, v: int) -> None:
        """The variable is an atom."""
        self.canon[v] = variable(v)

    def unit_atom(self, v: int, clause: Fact) -> None:
        """The variable, a unit as its clause says, is an atom."""
        self.atom(v)
        self.clauses[v] = clause
        self.unit_of[self.context.units[v]] = v

    def rewrite(self, v: int, form: Form, fact: Fact) -> None:
        """The variable has this canonical form, as the fact says."""
        self.canon[v], self.equal[v] = form, fact

    def new_unit(self, kind: int, form: Form) -> int:
        """An atom: the relu or step of a form."""
        v: int = self.context.variables
        self.context.add_unit(kind, form)
        (clause,) = self.step(define_unit(kind, v, form))
        self.unit_atom(v, clause)
        return v

    def bounds(self, v: int) -> Sequence[Fact]:
        """Of a unit r = relu(t): r >= 0 and r >= t; of a step: 0 <= r <= 1; stated once."""
        if v not in self._bounds:
            kind, form = self.context.units[v]
            name = "relu_bounds" if kind == RELU else "step_bounds"
            steps = self.lemmas.use(name, [self.named(form)], [form, variable(v)])
            self._bounds[v] = [fact for step in steps for fact in self.step(step)]
        return self._bounds[v]

    def new_largest(self, children: Sequence[Form]) -> Fact:
        """What says that a new atom is the largest of some forms."""
        v = self.context.variables
        self.context.variables += 1
        (fact,) = self.step(define_largest(v, children))
        self.atom(v)
        return fact

    def apply(self, name: str, h: int, link: Fact | None, values: Sequence[Form], given: Sequence[Fact]) -> Fact:
        """What the rewriting of this name says of the unit h, at these values; `link` is what it knows of its form."""
        linked = link is not None
        number = self.lemmas.number(("rewriting", name, linked), lambda: rewriting(name, linked), from_given)
        forms = [*values, self.context.units[h][1], variable(h)] if linked else [*values, variable(h)]
        known = [link, *given] if link is not None else given
        return self.step(self.lemmas.instance(number, [self.named(one) for one in forms[:-1]], forms, known))[0]

    def rename(self, largest: Fact, same: Fact, head: Form) -> Fact:
        """From N = max(a, b) and N = M, that M = max(a, b)."""
        forms = [*largest.children, largest.head, head]
        number = self.lemmas.number("renamed", renamed, from_given)
        return self._said(number, forms, [same, largest])

    def restate(self, largest: Fact, children: Sequence[Form]) -> Fact:
        """From M = max(c, d), that M = max(a, b): two forms that have the same canonical forms as c and d."""
        links = [self.link(old, new) for old, new in zip(largest.children, children, strict=True)]
        linked = (links[0] is not None, links[1] is not None)
        number = self.lemmas.number(("restated", linked), lambda: restated(linked), from_given)
        old = [one for one, link in zip(largest.children, links, strict=True) if link is not None]
        forms = [*children, largest.head, *old]
        known = [*(link for link in links if link is not None), largest]
        return self._said(number, forms, known)

    def absorb(self, below: Fact, low: Fact, top: Fact, u: Form) -> Fact:
        """From p <= U, V = max(p, q) and M = max(U, q), that M = max(U, V)."""
        (q,) = (one for one in top.children if one != u)
        (p,) = (one for one in low.children if one != q)
        turned = (low.children[0] != p, top.children[0] != u)
        number = self.lemmas.number(("absorbed", turned), lambda: absorbed(turned), from_given)
        forms = [p, q, u, low.head, top.head]
        return self._said(number, forms, [below, low, top])

    def mirror(self, high: Fact, low: Fact) -> Fact:
        """From M = max(a, b) and N = max(-a, -b), that N = M - a - b."""
        forms = [*high.children, high.head, low.head]
        number = self.lemmas.number("mirrored", mirrored, from_given)
        return self._said(number, forms, [high, low])

    def _said(self, number: int, forms: Sequence[Form], given: Sequence[Fact]) -> Fact:
        """The one thing that lemma `number` says of these forms; written down."""
        return self.step(self.lemmas.instance(number, [argument(one) for one in forms], forms, given))[0]

    def named(self, form: Form) -> object:
        """A form as an argument of an instance: that of a unit is named by the unit."""
        if len(form[2]) > 1 and (0, form) in self.unit_of:
            return [self.unit_of[0, form]]
        return argument(form)

    # ---- forms and facts

    def canonical(self, form: Form) -> Form:
        """The form over atoms that a form equals."""
        found: Form = substitute(form, self.canon, ENDLESS)
        return found

    def link(self, form: Form, other: Form) -> Fact | None:
        """The fact that a form equals one with the same canonical form, as that itself; None if it is that."""
        if form == other:
            return None
        value = difference(form, other, EQ)
        return self.atoms.get(value) or self.step(combine(value, self.rewriting(value[2])))[0]

    def rewriting(self, terms: Iterable[tuple[int, int]]) -> dict[Fact, int]:
        """The equations, with multipliers, whose sum is a multiple of `terms - their canonical form = 0`."""
        used = [(self.equal[v], c, v) for v, c in terms if v in self.equal]
        owns = [dict(fact.terms)[v] for fact, _, v in used]
        scale = lcm(*owns)
        multipliers = [c * (scale // own) for (_, c, _), own in zip(used, owns, strict=True)]
        common = gcd(*multipliers) or 1
        return {fact: m // common for (fact, _, _), m in zip(used, multipliers, strict=True)}

    def lifted(self, fact: Fact) -> Fact:
        """What an equation or inequality says of atoms."""
        used = self.rewriting(fact.terms)
        if not used:
            return fact
        kind, const, terms = fact.value
        z = self.canonical((1, const, terms))
        value = atom(kind, *z[1:])
        if value in self.atoms:
            return self.atoms[value]
        # of each equation so often that its variable is left out
        v, own = next((v, self.equal[v]) for v, _ in terms if v in self.equal)
        times = Fraction(dict(terms)[v], dict(own.terms)[v] * used[own])
        whole = {fact: times.denominator, **{one: -m * times.numerator for one, m in used.items()}}
        return self.step(combine(value, whole))[0]

    def inequality(self, value: Value, used: Weights) -> Fact:
        """The inequality `value`: a positive multiple of the sum of these facts, or weaker by a constant."""
        if value in self.atoms:
            return self.atoms[value]
        scale = lcm(*[Fraction(w).denominator for w in used.values()])
        whole = {fact: int(w * scale) for fact, w in used.items() if w}
        total: dict[int, int] = {}
        const = 0
        for fact, m in whole.items():
            const += m * fact.value[1]
            for v, c in fact.terms:
                total[v] = total.get(v, 0) + m * c
        terms = collect(total)
        common = gcd(*whole.values()) or 1
        if whole and atom(value[0], const, terms) == value:
            return self.step(combine(value, {fact: m // common for fact, m in whole.items()}))[0]
        own = abs(value[2][0][1]) if terms else 1
        times = abs(terms[0][1]) if terms else 1
        (false,) = facts_of(negation(value)[0])
        multipliers = {false: times, **{fact: m * own for fact, m in whole.items()}}
        common = gcd(*multipliers.values())
        close = leaf({fact: m // common for fact, m in multipliers.items()})
        return self.step(have(value, Block([], [Step(GOAL, [], blocks=[Block([false], [close])])])))[0]


def solved(fact: Fact, v: int) -> Form:
    """The form that the variable is, by the equation."""
    own = dict(fact.terms)[v]
    sign = 1 if own < 0 else -1
    found: Form = form(abs(own), sign * fact.value[1], tuple((u, sign * c) for u, c in fact.terms if u != v))
    return found
