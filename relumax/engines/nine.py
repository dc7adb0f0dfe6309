"""Proofs for `Nine`, the identity behind `max/bakaev` (Bakaev et al., arXiv 2505.14338).

Its lemma for five numbers is proved order by order: once x1..x4 have a given order, all m are known, a sum that another
one exceeds may be left out of a maximum, and what is left of the nine maxima cancels in pairs but for the one that is
the maximum of all. Where x5 is the maximum of several numbers, it is defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from relumax.constructions.bakaev import Nine, gadget_for
from relumax.engines.lemmas import Form, Lemmas, Shape
from relumax.engines.maxima import Maxima, all_taken_apart, eliminate, taken_apart
from relumax.engines.pairwise import Combination, close, following, single
from relumax.engines.script import MERGE, SPLIT, Block, Fact, Step, Value, argument, define_relu, have
from relumax.engines.shapes import Held, mixed_shape
from relumax.kernel.proof import MAX, Context
from relumax.kernel.wire import EQ, LE, collect, difference

FIFTH, HALVES, CROSSED, NINE = 0, 1, 5, 9
"""The variables of the lemma: x5, then the halves of x1..x4, then m13, m14, m23, m24, then P1..P4, Q, R13..R24."""


def prove(gadget: Nine, context: Context, lemmas: Lemmas, deadline: float | None) -> Block:
    """A proof of the gadget's contract, its hypotheses the last facts of `context`; raises GaveUp."""
    number = lemmas.number("nine", shape, lambda inside: Orders(inside, lemmas).block())
    start = len(context.facts) - 13
    given = [Fact(context.fact(k, ""), k) for k in range(start, len(context.facts))]
    steps: list[Step] = []
    known = Maxima(lemmas, steps, given)
    rest = given[4].value[2][: gadget.rest]
    fifth = rest[0] if gadget.rest == 1 else known.define(context.variables, rest).value[1]
    m13, m24 = given[0], given[3]
    values = [fifth, m13.value[2][0], m24.value[2][0], m13.value[2][1], m24.value[2][1]]
    values += [fact.value[1] for fact in given]
    hypotheses = [*given[:4]]
    for fact in given[4:]:
        _, head, children = fact.value
        hypotheses.append(known.fact((MAX, head, (fifth, *children[gadget.rest :]))))
    steps.append(lemmas.instance(number, [argument(value) for value in values], values, hypotheses))
    known.know(steps[-1].makes[0])
    largest = known.leaves(steps[-1].makes[0].value[1])
    return Block([], [*steps, *taken_apart([largest], [], context.goals).steps])


def shape() -> Shape:
    """The contract for a rest that is x5 alone."""
    return mixed_shape(gadget_for(1), [Held(0, single(v)) for v in range(18)])


def _sum(pair: Sequence[int]) -> Form:
    return 1, 0, collect({v: pair.count(v) for v in pair})


class Orders:
    """The lemma's proof: a block for each order of the halves."""

    def __init__(self, context: Context, lemmas: Lemmas):
        self.context, self.lemmas = context, lemmas
        facts = [Fact(context.fact(k, ""), k) for k in range(len(context.facts))]
        self.crossed, self.nine = facts[:4], facts[4:]

    def block(self) -> Block:
        """By the order of x1..x4, each compared in turn with those before, the largest first."""
        return Block([], self._insert([HALVES], [], HALVES + 1, 0))

    def _insert(self, order: list[int], made: list[Fact], v: int, at: int) -> list[Step]:
        """The goal where `order` falls, v is below its first `at` members, and `made` are the comparisons so far."""
        if v == CROSSED:
            known = {frozenset(u for u, _ in fact.value[2]): fact for fact in made}
            return self._ordered(order, [known[frozenset(pair)] for pair in pairwise(order)])
        if at == len(order):
            return self._insert([*order, v], made, v + 1, 0)
        # each comparison above this one has defined a relu
        either = define_relu(self.context.variables + len(made), (1, 0, collect({v: 1, order[at]: -1})))
        below, above = [[Fact(one) for one in branch] for branch in either.makes[0].value[1]]
        blocks = [
            Block(below, self._insert(order, [*made, below[0]], v, at + 1)),
            Block(above, self._insert([*order[:at], v, *order[at:]], [*made, above[0]], v + 1, 0)),
        ]
        return [either, Step(SPLIT, either.makes, either.makes, blocks=blocks)]

    def _ordered(self, order: list[int], falling: list[Fact]) -> list[Step]:
        """The goal where `order` falls: by its members' comparisons, one after the other."""
        steps: list[Step] = []
        place = {v: k for k, v in enumerate(order)}  # of a half, then of an m as well
        known = [*falling]
        for fact in self.crossed:
            steps += self._reduced(fact, order, place, known)
            steps.append(eliminate(steps[-1].makes[0]))
            m = fact.value[1][2][0][0]
            place[m] = min(place[one[2][0][0]] for one in fact.value[2])
            known.append(steps[-1].makes[-1])
        classes: dict[frozenset[Form], list[tuple[int, Fact]]] = {}
        for k, fact in enumerate(self.nine):
            made = self._reduced(fact, order, place, known)
            steps += made
            reduced = made[-1].makes[0] if made else fact
            classes.setdefault(frozenset(reduced.value[2]), []).append((1 if k < 5 else -1, reduced))
        using: Combination = []
        left = []
        for members in classes.values():
            (_, first), *others = members
            for sign, one in others:
                same = Fact(difference(one.value[1], first.value[1], EQ))
                steps.append(Step(MERGE, [one, first, one], [one, first], [same]))
                using.append((same, Fraction(sign, dict(same.value[2])[one.value[1][2][0][0]])))
            left += [first] * abs(sum(sign for sign, _ in members))
        (winner,) = left
        same_whole = difference(self.context.goals[0][1], winner.value[1], EQ)
        steps.append(have(same_whole, Block([], [close(same_whole, using)])))
        last = taken_apart([winner], [*steps[-1].makes, *falling], self.context.goals)
        return [*steps, *last.steps]

    def _reduced(self, fact: Fact, order: list[int], place: dict[int, int], known: list[Fact]) -> list[Step]:
        """The max fact over halves alone (and x5), without what another element exceeds; no steps if it is so."""
        _, head, children = fact.value
        places = [tuple(sorted(place[v] for v, c in one[2] for _ in range(c) if v != FIFTH)) for one in children]
        highest = [
            one for one in dict.fromkeys(places) if not any(_exceeds(other, one) for other in places if other != one)
        ]
        kept = {one: _sum([order[k] for k in one]) if one else single(FIFTH) for one in highest}
        cover = [kept[next(one for one in highest if one == mine or _exceeds(one, mine))] for mine in places]
        if tuple(kept.values()) == children:
            return []
        forms = list(dict.fromkeys([head, *children, *kept.values()]))
        at = {one: single(v) for v, one in enumerate(forms)}
        steps: list[Step] = []
        given: list[Value] = [(MAX, at[head], tuple(at[one] for one in children))]
        for mine, child, over in zip(places, children, cover, strict=True):
            if child != over:
                relation = EQ if mine in kept else LE
                steps.append(following(difference(child, over, relation), known))
                given.append(difference(at[child], at[over], relation))
        then: Value = (MAX, at[head], tuple(at[one] for one in kept.values()))
        number = self.lemmas.number(
            ("without", *given, then), lambda: Shape(len(forms), [], given, [then]), all_taken_apart
        )
        facts = [fact, *[made for step in steps for made in step.makes]]
        return [*steps, self.lemmas.instance(number, [argument(one) for one in forms], forms, facts)]


def _exceeds(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether a sum of the halves at places `one` is plainly at least that at places `other`."""
    return len(one) == len(other) and all(a <= b for a, b in zip(one, other, strict=True))
