"""Formulas in pairwise maxima, `sum of a_k |D_k(x, M)| + L(x, M)`, and the lemmas and steps of proofs about them.

The M_ij are variables of their own: what they mean, M_ij = max(x_i, x_j), is a clause. That is what lets a lemma about
a formula be used at permuted inputs, and makes a formula linear in x as soon as the order of the inputs is known.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm
from typing import NamedTuple

from relumax.engines.lemmas import Form, Lemmas, Shape
from relumax.engines.maxima import all_taken_apart
from relumax.engines.script import GOAL, SPLIT, Block, Fact, Step, Value, argument, facts_of, have, leaf
from relumax.engines.search import GaveUp
from relumax.engines.simplex import integral
from relumax.kernel.proof import MAX, OR, RELU, negation
from relumax.kernel.wire import EQ, LE, LT, atom, collect
from relumax.network.echelon import Echelon

Terms = tuple[tuple[int, int], ...]
Linear = dict[int, Fraction]
Combination = list[tuple[Fact, Fraction]]
"""Facts `f (=, <=, <) 0` with weights; it stands for the sum of weight * f."""
Between = list[tuple[Fact, Fact, Fraction]]
"""(low, high, weight): weight * z, for a z that the facts `low` and `high` show to be >= 0 and <= 0."""


def add(total: Linear, factor: Fraction | int, terms: Iterable[tuple[int, Fraction | int]]) -> None:
    """total += factor * terms, without leaving zeros."""
    for v, c in terms:
        found = total.get(v, Fraction(0)) + factor * c
        if found:
            total[v] = found
        else:
            total.pop(v, None)


def whole(linear: Mapping[int, Fraction | int]) -> tuple[tuple[tuple[int, int], ...], Fraction]:
    """(primitive integer terms, the positive factor c) with linear = c * terms."""
    den = lcm(*[Fraction(c).denominator for c in linear.values()])
    scaled = {v: int(c * den) for v, c in linear.items()}
    common = gcd(*scaled.values()) or 1
    return collect({v: c // common for v, c in scaled.items()}), Fraction(common, den)


def form_of(linear: Mapping[int, Fraction | int]) -> Form:
    """The kernel's form of a homogeneous linear function."""
    terms, factor = whole(linear)
    return factor.denominator, 0, tuple((v, c * factor.numerator) for v, c in terms)


def single(v: int) -> Form:
    """The form that is the variable v."""
    return 1, 0, ((v, 1),)


def close(value: Value, using: Combination, between: Between | None = None) -> Step:
    """Prove the atom `value`, t = 0 or t <= 0: t is a multiple (for <=, a positive one) of the sum of what is given."""
    between = between or []
    total: Linear = {}
    for fact, weight in [*using, *[(high, weight) for _, high, weight in between]]:
        add(total, weight, fact.value[2])
    factor = total.get(value[2][0][0], Fraction(0)) / value[2][0][1] if value[2] else Fraction(1)
    if total != {v: factor * c for v, c in value[2]} or factor == 0 or (value[0] != EQ and factor < 0):
        raise GaveUp("a sum of facts is not the fact that it should prove")
    opened = facts_of(negation(value)[0])
    if value[0] != EQ:
        return Step(GOAL, [], blocks=[_refuted(opened[0], 1 / factor, using, between)])
    below, above = [Fact(branch[0]) for branch in opened[0].value[1]]
    blocks = [_refuted(below, -1 / factor, using, between), _refuted(above, 1 / factor, using, between)]
    return Step(GOAL, [], blocks=[Block(opened, [Step(SPLIT, opened, opened, blocks=blocks)])])


def _refuted(false: Fact, factor: Fraction, using: Combination, between: Between) -> Block:
    """`false` and factor * the sum of the rest cancel."""
    rest = [(fact, factor * weight) for fact, weight in using]
    rest += [(high if factor * weight > 0 else low, abs(factor * weight)) for low, high, weight in between]
    return Block([false], [contradiction([(false, Fraction(1)), *rest])])


def contradiction(using: Combination) -> Step:
    """Close the branch: the facts sum to a false constant."""
    total: dict[Hashable, int | Fraction] = {}
    for fact, weight in using:
        total[fact] = total.get(fact, 0) + weight
    return leaf(integral(total))


def derived(relation: int, using: Combination) -> Step:
    """Have the sum of `using`, as a primitive atom."""
    total: Linear = {}
    for fact, weight in using:
        add(total, weight, fact.value[2])
    value = atom(relation, 0, whole(total)[0])
    return have(value, Block([], [close(value, using)]))


def combination(value: Value, facts: Sequence[Fact]) -> Combination:
    """The weights with which independent facts sum to `value`."""
    span = Echelon()
    for fact in facts:
        span.insert(dict(fact.value[2]))
    return [(facts[k], Fraction(weight)) for k, weight in span.coordinates(dict(value[2])).items()]


def following(value: Value, facts: Sequence[Fact]) -> Step:
    """Have `value`, a combination of the facts."""
    return have(value, Block([], [close(value, combination(value, facts))]))


# ---------------------------------------------------------------- formulas


class Formula(NamedTuple):
    """`sum of weight * |D| + linear` over the inputs 0..n-1 and the pairwise maxima (`maximum_of`); D primitive."""

    n: int
    atoms: dict[Terms, Fraction]
    linear: Linear

    def fixed_by(self, h: Sequence[int]) -> bool:
        """Whether the formula stays the same."""
        to = renaming(self.n, h)
        return all(self.linear.get(to[v]) == c for v, c in self.linear.items()) and all(
            self.atoms.get(signed([(to[v], c) for v, c in terms])) == weight for terms, weight in self.atoms.items()
        )

    def key(self) -> Hashable:
        """What lemmas about the formula are known by."""
        return self.n, tuple(self.atoms.items()), tuple(self.linear.items())

    def equation(self, target: int) -> Value:
        """The fact that the formula is x_target: |D| written as the sum of its relus, numbered after the maxima."""
        linear = dict(self.linear)
        add(linear, -1, [(target, 1)])
        first = self.n * (self.n + 1) // 2
        for k, weight in enumerate(self.atoms.values()):
            linear[first + 2 * k] = linear[first + 2 * k + 1] = weight
        found: Value = atom(EQ, 0, whole(linear)[0])
        return found

    def units(self) -> list[Form]:
        """The forms D and -D, whose relus make |D|."""
        return [(1, 0, side) for terms in self.atoms for side in (terms, opposed(terms))]


def maximum_of(n: int, i: int, j: int) -> int:
    """The variable M_ij: it follows the inputs, row by row."""
    i, j = min(i, j), max(i, j)
    return n + i * n - i * (i + 1) // 2 + j - i - 1


def renaming(n: int, h: Sequence[int]) -> list[int]:
    """The variables x and M after x_i := x_h(i)."""
    return [*h, *[maximum_of(n, h[i], h[j]) for i, j in combinations(range(n), 2)]]


def opposed(terms: Terms) -> Terms:
    """The terms of the opposite form."""
    return tuple((v, -c) for v, c in terms)


def signed(terms: Iterable[tuple[int, int]]) -> Terms:
    """Terms up to sign: sorted, the first coefficient positive."""
    found = tuple(sorted(terms))
    return found if found[0][1] > 0 else opposed(found)


def clause(n: int, i: int, j: int) -> Value:
    """(x_i <= x_j and M = x_j) or (x_i > x_j and M = x_i)."""
    m = maximum_of(n, i, j)
    return OR, (
        (atom(LE, 0, collect({i: 1, j: -1})), atom(EQ, 0, ((j, 1), (m, -1)))),
        (atom(LT, 0, collect({i: -1, j: 1})), atom(EQ, 0, ((i, 1), (m, -1)))),
    )


# ---------------------------------------------------------------- lemmas


def reverse_shape() -> Shape:
    """The clause of M = max(a, b) the other way round, for variables a, b, M."""
    return Shape(3, [], [clause(2, 0, 1)], [clause(2, 1, 0)])


def ordered_shape() -> Shape:
    """M = max(a, b) as the clause."""
    return Shape(3, [], [(MAX, single(2), (single(0), single(1)))], [clause(2, 0, 1)])


def opposite_shape() -> Shape:
    """relu(t) - relu(-t) = t."""
    units = [(RELU, single(0)), (RELU, (1, 0, ((0, -1),)))]
    return Shape(1, units, [], [atom(EQ, 0, ((0, 1), (1, -1), (2, 1)))])


def multiple_shape(ratio: Fraction) -> Shape:
    """relu(t) = c relu(u) where t = c u, for c = ratio > 0."""
    p, q = ratio.numerator, ratio.denominator
    units = [(RELU, single(0)), (RELU, single(1))]
    return Shape(2, units, [atom(EQ, 0, ((0, q), (1, -p)))], [atom(EQ, 0, ((2, q), (3, -p)))])


def reverse(lemmas: Lemmas, a: Form, b: Form, m: Form, known: Fact) -> Step:
    """The clause `known` of m = max(a, b), the other way round."""
    number = lemmas.number("reverse", reverse_shape)
    return lemmas.instance(number, [argument(a), argument(b), argument(m)], [a, b, m], [known])


def ordered(lemmas: Lemmas, i: int, j: int, m: int, known: Fact) -> Step:
    """The clause of m = max(i, j), three variables, from that fact."""
    number = lemmas.number("ordered", ordered_shape, all_taken_apart)
    return lemmas.instance(number, [i, j, m], [single(i), single(j), single(m)], [known])


def opposite(lemmas: Lemmas, t: Form, up: int, down: int) -> Step:
    """up - down = t for the units up = relu(t), down = relu(-t)."""
    number = lemmas.number("opposite", opposite_shape)
    return lemmas.instance(number, [argument(t)], [t, single(up), single(down)])


def multiple(lemmas: Lemmas, t: Form, u: Form, units: tuple[int, int], equal: Fact, ratio: Fraction) -> Step:
    """relu(t) = ratio * relu(u) for two units, from the fact t = ratio * u."""
    number = lemmas.number(("multiple", ratio), lambda: multiple_shape(ratio))
    return lemmas.instance(number, [argument(t), argument(u)], [t, u, single(units[0]), single(units[1])], [equal])
