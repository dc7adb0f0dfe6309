"""Where lemmas about a formula are used: at the inputs, moved by a permutation that leaves the formula as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from relumax.engines.lemmas import ENDLESS, Form, Lemmas
from relumax.engines.maxima import eliminate
from relumax.engines.orders.formula import at_most, clause, instance, maximum_of, opposed, opposite, renaming, reverse
from relumax.engines.orders.sums import close, summed, weights
from relumax.engines.script import Block, Fact, Step, Value, define_relu, split
from relumax.engines.search import GaveUp
from relumax.kernel.proof import RELU, Context, substituted, variable
from relumax.kernel.wire import substitute

Permutation = tuple[int, ...]
Lemmata = Mapping[int, tuple[int, Permutation]]
"""For an input p: the lemma for the case that it is the largest, and how the inputs are moved for it."""
Known = dict[Value, Fact]
Inner = Callable[[int, Known, Fact], list[Step]]


class Place:
    """What x and M are in a context; the units are found by form, the facts by value. `steps` grows."""

    def __init__(self, n: int, context: Context, values: Sequence[Form], lemmas: Lemmas):
        self.n, self.context, self.values, self.lemmas = n, context, list(values), lemmas
        self.facts: Known = {}
        self.steps: list[Step] = []
        self.defined: list[Fact] = []  # none may be dropped: each numbers a variable

    def know(self, facts: Sequence[Fact]) -> None:
        """Facts that may be hypotheses."""
        for fact in facts:
            self.facts.setdefault(fact.value, fact)

    def reversals(self) -> None:
        """Each clause of a maximum the other way round: a permutation may turn it."""
        x = self.values
        for pair in combinations(range(self.n), 2):
            for i, j in (pair, pair[::-1]):
                m = maximum_of(self.n, i, j)
                known = self.facts.get(self.here(clause(i, j, m)))
                if known is not None:
                    self.steps.append(reverse(self.lemmas, x[i], x[j], x[m], known))
                    break
            self.know(self.steps[-1].makes)

    def here(self, value: Value, h: Sequence[int] | None = None) -> Value:
        """A fact about x and M, moved by h."""
        found: Value = substituted(value, self.values if h is None else self.moved(h), ENDLESS)
        return found

    def moved(self, h: Sequence[int]) -> list[Form]:
        """The values of x and M after x_i := x_h(i)."""
        return [self.values[v] for v in renaming(self.n, h)]

    def unit(self, value: Form) -> int:
        """The variable of relu(value): the unit if there is one, else a defined one."""
        v = self.context.units.get((RELU, value))
        if v is None:
            v = self.context.variables
            self.context.add_unit(RELU, value)
            self.steps.append(define_relu(v, value))
            self.defined += self.steps[-1].makes
        return int(v)

    def opposite(self, value: Form, up: int) -> tuple[int, Fact]:
        """down = relu(-value), and the fact up - down = value."""
        down = self.unit((value[0], -value[1], opposed(value[2])))
        self.steps.append(opposite(self.lemmas, value, up, down))
        return down, self.steps[-1].makes[0]

    def instance(self, number: int, h: Sequence[int], known: Known) -> Step:
        """Lemma `number` at the inputs moved by h, its hypotheses found among the facts."""
        facts = self.facts | known
        return found_here(self.context, self.lemmas, number, self.moved(h), facts.__getitem__)

    def by_largest(self, maximum: Fact, points: Sequence[int], inner: Inner) -> list[Step]:
        """By cases: which x_p of them is the points' `maximum`; `inner` closes each, where all x_q <= x_p = maximum."""
        taken = eliminate(maximum)
        *bounds, choice = taken.makes
        blocks = []
        for p, (equal,) in zip(points, choice.branches(), strict=True):
            steps = [
                summed(value, weights(value, [bound, equal]))
                for q, bound in zip(points, bounds, strict=True)
                if q != p and (value := self.here(at_most(q, p)))
            ]
            known = {one.makes[0].value: one.makes[0] for one in steps}
            blocks.append(Block([equal], [*steps, *inner(p, known, equal)]))
        return [taken, split(choice, blocks)]

    def by_lemma(self, maximum: Fact, use: Lemmata, goal: Value, given: Sequence[Fact]) -> list[Step]:
        """Prove `goal` by cases: which x_p is the `maximum` of all. In each, one lemma at moved inputs does it."""

        def inner(p: int, known: Known, equal: Fact) -> list[Step]:
            step = self.instance(*use[p], known)
            return [step, close(goal, weights(goal, [step.makes[0], *given, equal]))]

        return self.by_largest(maximum, range(self.n), inner)


def found_here(
    context: Context, lemmas: Lemmas, number: int, values: list[Form], find: Callable[[Value], Fact]
) -> Step:
    """Lemma `number` at these values of its variables: its units are those of the context, its hypotheses found."""
    shape = lemmas.shape(number)
    for _, value in shape.units:
        unit = context.units.get((RELU, substitute(value, values, ENDLESS)))
        if unit is None:
            raise GaveUp("a unit that the formula calls for is missing")
        values.append(variable(unit))
    return instance(lemmas, number, values, [find(substituted(fact, values, ENDLESS)) for fact in shape.given])
