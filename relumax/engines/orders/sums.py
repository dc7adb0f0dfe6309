"""Facts that sum to a fact: linear functions, and atoms proved as weighted sums of atoms."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from relumax.engines.lemmas import Form
from relumax.engines.script import GOAL, Block, Fact, Step, Value, facts_of, have, leaf, split
from relumax.engines.search import GaveUp
from relumax.engines.simplex import integral
from relumax.kernel.proof import negated, negation
from relumax.kernel.wire import EQ, atom, collect
from relumax.network.echelon import Echelon

Terms = tuple[tuple[int, int], ...]
Linear = dict[int, Fraction]
ONE = Fraction(1)


class Zero(NamedTuple):
    """A sum that the two facts show to be <= 0 and >= 0: used like an equation, either as the sign of its weight is."""

    most: Fact
    least: Fact

    @property
    def terms(self) -> Terms:
        """The sum."""
        found: Terms = self.most.terms
        return found


Farkas = list[tuple[Fact | Zero, Fraction]]
"""Facts `f (=, <=, <) 0` with weights; it stands for the sum of weight * f."""


def add(total: Linear, factor: Fraction | int, terms: Iterable[tuple[int, Fraction | int]]) -> None:
    """total += factor * terms, without leaving zeros."""
    for v, c in terms:
        found = total.get(v, Fraction(0)) + factor * c
        if found:
            total[v] = found
        else:
            total.pop(v, None)


def whole(linear: Mapping[int, Fraction | int]) -> tuple[Terms, Fraction]:
    """(primitive integer terms, the positive factor c) with linear = c * terms."""
    den = lcm(*[Fraction(c).denominator for c in linear.values()])
    scaled = {v: int(c * den) for v, c in linear.items()}
    common = gcd(*scaled.values()) or 1
    return collect({v: c // common for v, c in scaled.items()}), Fraction(common, den)


def form_of(linear: Mapping[int, Fraction | int]) -> Form:
    """The kernel's form of a homogeneous linear function."""
    terms, factor = whole(linear)
    return factor.denominator, 0, tuple((v, c * factor.numerator) for v, c in terms)


def per(fact: Fact, v: int, weight: Fraction | int) -> tuple[Fact, Fraction]:
    """The fact, so often that v has this weight."""
    return fact, Fraction(weight) / dict(fact.terms)[v]


def contradiction(using: Farkas) -> Step:
    """Close the branch: the facts sum to a false constant."""
    total: dict[Hashable, int | Fraction] = {}
    for one, weight in using:
        fact = one if isinstance(one, Fact) else one.most if weight > 0 else one.least
        total[fact] = total.get(fact, 0) + (weight if isinstance(one, Fact) else abs(weight))
    return leaf(integral(total))


def close(value: Value, using: Farkas) -> Step:
    """Prove the atom `value`, t = 0 or t <= 0: t is a multiple (for <=, a positive one) of the sum of the facts."""
    total: Linear = {}
    for fact, weight in using:
        add(total, weight, fact.terms)
    factor = total.get(value[2][0][0], Fraction(0)) / value[2][0][1] if value[2] else ONE
    if total != {v: factor * c for v, c in value[2]} or factor == 0 or (value[0] != EQ and factor < 0):
        raise GaveUp("a sum of facts is not the fact that it should prove")

    def refuted(false: Fact, factor: Fraction) -> Block:
        return Block([false], [contradiction([(false, ONE), *[(fact, factor * weight) for fact, weight in using]])])

    (opened,) = facts_of(negation(value)[0])
    if value[0] != EQ:
        return Step(GOAL, [], blocks=[refuted(opened, 1 / factor)])
    (below,), (above,) = opened.branches()
    blocks = [refuted(below, -1 / factor), refuted(above, 1 / factor)]
    return Step(GOAL, [], blocks=[Block([opened], [split(opened, blocks)])])


def summed(value: Value, using: Farkas) -> Step:
    """Have `value`, the sum of the facts."""
    return have(value, Block([], [close(value, using)]))


def derived(using: Farkas) -> Step:
    """Have that the sum of equations is 0, as a primitive atom."""
    total: Linear = {}
    for fact, weight in using:
        add(total, weight, fact.terms)
    return summed(atom(EQ, 0, whole(total)[0]), using)


def weights(value: Value, facts: Sequence[Fact]) -> Farkas:
    """The weights with which independent facts sum to `value`."""
    span = Echelon()
    for fact in facts:
        span.insert(dict(fact.terms))
    return [(facts[k], Fraction(weight)) for k, weight in span.coordinates(dict(value[2])).items()]


def by_cases(value: Value, clause: Fact, refute: Callable[[Fact, list[Fact]], Farkas]) -> Step:
    """Have the inequality `value`, by a clause: facts refute its negation in each branch."""
    false = Fact(negated(value))
    blocks = [Block(branch, [contradiction(refute(false, branch))]) for branch in clause.branches()]
    return have(value, Block([], [Step(GOAL, [], blocks=[Block([false], [split(clause, blocks)])])]))
