"""Formulas in pairwise maxima, `sum of a_k |D_k(x, M)| + L(x, M)`, and the small lemmas of proofs about them.

The M_ij are variables of their own: what they mean, M_ij = max(x_i, x_j), is a clause. That is what lets a lemma about
a formula be used at permuted inputs, and makes a formula linear in x as soon as the order of the inputs is known.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from relumax.engines.lemmas import Form, Lemma, Lemmas
from relumax.engines.maxima import all_taken_apart
from relumax.engines.orders.sums import ONE, Linear, Terms, add, form_of, whole
from relumax.engines.script import Fact, Step, Value, argument
from relumax.kernel.proof import MAX, OR, RELU, variable
from relumax.kernel.wire import EQ, LE, LT, atom, collect


class AbsoluteSum(NamedTuple):
    """`sum of weight * |D| + linear` over the inputs 0..n-1 and the pairwise maxima (`maximum_of`); D primitive."""

    n: int
    atoms: dict[Terms, Fraction]
    linear: Linear

    def pairs(self) -> dict[int, tuple[int, int]]:
        """M_ij -> (i, j)."""
        return {maximum_of(self.n, i, j): (i, j) for i, j in combinations(range(self.n), 2)}

    def fixed_by(self, h: Sequence[int]) -> bool:
        """Whether the formula stays the same."""
        to = renaming(h)
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


def renaming(h: Sequence[int]) -> list[int]:
    """The variables x and M after x_i := x_h(i)."""
    return [*h, *[maximum_of(len(h), i, j) for i, j in combinations(h, 2)]]


def opposed(terms: Terms) -> Terms:
    """The terms of the opposite form."""
    return tuple((v, -c) for v, c in terms)


def signed(terms: Iterable[tuple[int, int]]) -> Terms:
    """Terms up to sign: sorted, the first coefficient positive."""
    found = tuple(sorted(terms))
    return found if found[0][1] > 0 else opposed(found)


def at_most(i: int, j: int) -> Value:
    """The fact i <= j about two variables."""
    found: Value = atom(LE, 0, collect({i: 1, j: -1}))
    return found


def clause(i: int, j: int, m: int) -> Value:
    """What m = max(i, j) means: (i <= j and m = j) or (i > j and m = i)."""
    return OR, (
        (at_most(i, j), atom(EQ, 0, collect({j: 1, m: -1}))),
        (atom(LT, 0, collect({i: -1, j: 1})), atom(EQ, 0, collect({i: 1, m: -1}))),
    )


# ---------------------------------------------------------------- lemmas


def instance(lemmas: Lemmas, number: int, values: Sequence[Form], given: Sequence[Fact] = ()) -> Step:
    """Lemma `number` at these values of its variables and units."""
    arguments = [argument(one) for one in values[: lemmas.lemma(number).variables]]
    return lemmas.instance(number, arguments, values, given)


def reverse(lemmas: Lemmas, a: Form, b: Form, m: Form, known: Fact) -> Step:
    """The clause `known` of m = max(a, b), the other way round."""
    number = lemmas.number("reverse", lambda: Lemma(3, [], [clause(0, 1, 2)], [clause(1, 0, 2)]))
    return instance(lemmas, number, [a, b, m], [known])


def ordered(lemmas: Lemmas, i: int, j: int, m: int, known: Fact) -> Step:
    """The clause of m = max(i, j), three variables, from that fact."""
    largest = MAX, variable(2), (variable(0), variable(1))
    number = lemmas.number("ordered", lambda: Lemma(3, [], [largest], [clause(0, 1, 2)]), all_taken_apart)
    return instance(lemmas, number, [variable(i), variable(j), variable(m)], [known])


def compared(lemmas: Lemmas, a: Form, b: Form, unit: int, scale: Fraction) -> Step:
    """m = max(a, b) and m = max(b, a) for m = b + unit / scale, from unit = relu(scale * (a - b))."""
    x, m = (variable(0), variable(1)), form_of({1: ONE, 2: 1 / scale})
    relu, largest = (RELU, form_of({0: scale, 1: -scale})), [(MAX, m, x), (MAX, m, x[::-1])]
    number = lemmas.number(("compared", scale), lambda: Lemma(2, [relu], [], largest))
    return instance(lemmas, number, [a, b, variable(unit)])


def opposite(lemmas: Lemmas, t: Form, up: int, down: int) -> Step:
    """up - down = t for the units up = relu(t), down = relu(-t)."""
    units, cut = [(RELU, variable(0)), (RELU, (1, 0, ((0, -1),)))], atom(EQ, 0, ((0, 1), (1, -1), (2, 1)))
    number = lemmas.number("opposite", lambda: Lemma(1, units, [], [cut]))
    return instance(lemmas, number, [t, variable(up), variable(down)])


def multiple(lemmas: Lemmas, t: Form, u: Form, units: tuple[int, int], equal: Fact, ratio: Fraction) -> Step:
    """relu(t) = ratio * relu(u) for two units, from the fact t = ratio * u, ratio > 0."""
    p, q = ratio.numerator, ratio.denominator
    given, then = [atom(EQ, 0, ((v, q), (v + 1, -p))) for v in (0, 2)]
    relus = [(RELU, variable(0)), (RELU, variable(1))]
    number = lemmas.number(("multiple", ratio), lambda: Lemma(2, relus, [given], [then]))
    return instance(lemmas, number, [t, u, *map(variable, units)], [equal])
