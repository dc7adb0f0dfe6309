"""A context in which lemmas about a formula are used, at the inputs moved by a permutation that leaves it as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from relumax.engines.lemmas import ENDLESS, Form, Lemmas, unit_table
from relumax.engines.maxima import eliminate
from relumax.engines.orders.formula import at_most, clause, instance, opposed, opposite, renaming, reverse
from relumax.engines.orders.sums import summed, weights
from relumax.engines.script import Block, Fact, Step, Value, define_relu, split
from relumax.engines.search import GaveUp
from relumax.kernel.proof import RELU, Context, substituted, variable
from relumax.kernel.wire import substitute

Permutation = tuple[int, ...]
Known = dict[Value, Fact]
Units = Mapping[tuple[int, Form], int]
"""The units of a context, by kind and form."""


class Place:
    """The context: units are found by form, facts by value. `steps` grows."""

    def __init__(self, context: Context, lemmas: Lemmas):
        self.context, self.lemmas = context, lemmas
        self.units = unit_table(context)
        self.facts: Known = {}
        self.steps: list[Step] = []

    def step(self, step: Step) -> Fact:
        """Take a step that makes one fact."""
        self.steps.append(step)
        (fact,) = step.makes
        self.facts.setdefault(fact.value, fact)
        return fact

    def reversals(self, pairs: Mapping[int, tuple[int, int]]) -> None:
        """Each clause of a maximum the other way round: a permutation may turn it."""
        for m, (i, j) in pairs.items():
            known = self.facts[clause(i, j, m)]
            self.step(reverse(self.lemmas, variable(i), variable(j), variable(m), known))

    def unit(self, value: Form) -> int:
        """The variable of relu(value): the unit if there is one, else a defined one."""
        v = self.units.get((RELU, value))
        if v is None:
            v = self.units[RELU, value] = self.context.variables
            self.context.add_unit(RELU, value)
            self.step(define_relu(v, value))
        return v

    def opposite(self, value: Form, up: int) -> tuple[int, Fact]:
        """down = relu(-value), and the fact up - down = value."""
        down = self.unit((value[0], -value[1], opposed(value[2])))
        return down, self.step(opposite(self.lemmas, value, up, down))

    def moved(self, number: int, h: Permutation, known: Known) -> Step:
        """Lemma `number` about x and M after x_i := x_h(i)."""
        facts = self.facts | known
        return found_here(self.units, self.lemmas, number, list(map(variable, renaming(h))), facts.__getitem__)

    def by_largest(
        self, maximum: Fact, points: Sequence[int], inner: Callable[[int, Known, Fact], list[Step]]
    ) -> list[Step]:
        """By cases: which x_p of them is the points' `maximum`; `inner` closes each, where all x_q <= x_p = maximum."""
        taken = eliminate(maximum)
        *bounds, choice = taken.makes
        blocks = []
        for p, (equal,) in zip(points, choice.branches(), strict=True):
            steps = [
                summed(at_most(q, p), weights(at_most(q, p), [bound, equal]))
                for q, bound in zip(points, bounds, strict=True)
                if q != p
            ]
            known = {one.makes[0].value: one.makes[0] for one in steps}
            blocks.append(Block([equal], [*steps, *inner(p, known, equal)]))
        return [taken, split(choice, blocks)]


def found_here(units: Units, lemmas: Lemmas, number: int, values: list[Form], find: Callable[[Value], Fact]) -> Step:
    """Lemma `number` at these values of its variables: its units are among those here, its hypotheses are found."""
    shape = lemmas.lemma(number)
    for _, value in shape.units:
        unit = units.get((RELU, substitute(value, values, ENDLESS)))
        if unit is None:
            raise GaveUp("a unit that the formula calls for is missing")
        values.append(variable(unit))
    return instance(lemmas, number, values, [find(substituted(fact, values, ENDLESS)) for fact in shape.given])
