"""The formula that a network with two hidden layers is, by linear algebra:

    y = sum of a_k |D_k(x, M)| + L(x, M)

A first-layer unit is relu(c (x_i - x_j)), from which M_ij = x_j + relu(x_i - x_j), or one of a pair relu(g), relu(-g)
that carries g = relu(g) - relu(-g). A second-layer unit then is the relu of a form in x and M, up to what cancels; and
relu(D) = (|D| + D) / 2. Units relu(D), relu(-D) that the network lacks are defined. For a minimum, read -x for x.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from relumax.engines.lemmas import ENDLESS, Form, Lemmas
from relumax.engines.orders.formula import AbsoluteSum, compared, maximum_of, multiple, opposite, signed
from relumax.engines.orders.place import Place
from relumax.engines.orders.sums import Farkas, Linear, Terms, add, derived, per, whole
from relumax.engines.script import Fact, facts_in
from relumax.engines.search import GaveUp
from relumax.kernel.proof import MAX, RELU, Context
from relumax.kernel.wire import EQ, substitute

MOST_INPUTS = 8
"""Engine symmetric goes through all permutations, and its case trees have at least n!/|H| leaves."""
Unit = tuple[Form, int]
"""A relu: what it is of, and its variable."""


class Reading(Place):
    """A network's context: `values` of x and M, the `formula` with `sides` that are units, and the fact `equal`."""

    def __init__(self, context: Context, lemmas: Lemmas):
        super().__init__(context, lemmas)
        facts, units = facts_in(context), [(value, v) for v, (_, value) in context.units.items()]
        maxima = [fact for fact in facts if fact.value[0] == MAX]
        outputs = [fact for fact in facts[len(units) :] if fact.value[0] == EQ]
        if len(maxima) != 1 or len(outputs) != 1 or any(kind != RELU for kind, _ in context.units.values()):
            raise GaveUp("engine symmetric is for the maximum of the inputs, by relus, as the only output")
        (self.largest,) = maxima
        x = self.largest.children
        self.n, self.sign = len(x), next((c for _, c in x[0][2]), 0)
        if x != tuple((1, 0, ((i, self.sign),)) for i in range(self.n)) or not units or units[0][1] != self.n:
            raise GaveUp("engine symmetric is for the maximum of all inputs, in their order")
        if any(not value[2] for value, _ in units):
            raise GaveUp("a unit that reads nothing")
        if self.n > MOST_INPUTS:
            raise GaveUp(f"engine symmetric takes at most {MOST_INPUTS} inputs: it goes through their permutations")
        self.plain: dict[int, Linear] = {i: {i: Fraction(self.sign)} for i in range(self.n)}  # in terms of x and M
        self.cuts: dict[int, Fact] = {}  # unit -> why: a multiple of this fact is unit - plain
        first = [one for one in units if all(v < self.n for v, _ in one[0][2])]
        self.values: list[Form] = [*x, *self._comparisons(x, first)]
        self._carried(first)
        self.y = self.n + len(units)
        self._formula([one for one in units if one not in first], outputs[0])

    def _comparisons(self, x: Sequence[Form], first: Sequence[Unit]) -> list[Form]:
        """Each M_ij from one unit relu(c (x_i - x_j)); where there is none, from a defined one."""
        pairs: dict[tuple[int, int], tuple[int, int, Unit]] = {}
        for unit in first:
            terms = unit[0][2]
            if len(terms) == 2 and unit[0][1] == 0 and terms[0][1] == -terms[1][1]:
                (i, c), (j, _) = terms
                pairs.setdefault((i, j), (i, j, unit) if c * self.sign > 0 else (j, i, unit))
        found: list[Form] = []
        for i, j in combinations(range(self.n), 2):
            if (i, j) not in pairs:
                defined = 1, 0, ((i, self.sign), (j, -self.sign))
                pairs[i, j] = i, j, (defined, self.unit(defined))
            high, low, (value, v) = pairs[i, j]
            scale = Fraction(abs(value[2][0][1]), value[0])
            self.plain[v] = {maximum_of(self.n, i, j): scale, low: -scale}
            made = compared(self.lemmas, x[high], x[low], v, scale)
            self.steps.append(made)
            self.facts |= {fact.value: fact for fact in made.makes}
            found.append(made.makes[0].head)
        return found

    def _carried(self, first: Sequence[Unit]) -> None:
        """v = relu(g) as w + g, with w = relu(-g): what is left of w in a formula must cancel."""
        for value, v in first:
            if v not in self.plain:
                w, self.cuts[v] = self.opposite(value, v)
                self.plain.setdefault(w, {-w: Fraction(1)})
                self.plain[v] = dict(self.plain[w])
                for i, c in value[2]:
                    add(self.plain[v], Fraction(c, value[0]), self.plain[i].items())

    def _formula(self, second: Sequence[Unit], output: Fact) -> None:
        """The formula for sign * y, and the fact that it is that."""
        coefficients = dict(output.terms)
        head = Fraction(self.sign, coefficients.pop(self.y))
        using: Farkas = [(output, head)]
        atoms: dict[Terms, Fraction] = {}
        linear: Linear = {}
        sides: dict[Terms, tuple[Terms, int]] = {}  # D -> the one of D and -D that has a unit, and the unit
        for value, v in second:
            weight = -head * coefficients.pop(v, 0)
            terms, factor, equal = self._plain(value)
            form = substitute((1, 0, terms), self.values, ENDLESS)
            used = self.unit(form)
            if used != v:
                same = self.step(derived(equal))
                using.append(per(self.step(multiple(self.lemmas, value, form, (v, used), same, factor)), v, weight))
            direction = signed(terms)
            side, up = sides.setdefault(direction, (terms, used))
            if side != terms:  # relu(-D) = relu(D) - D
                using.append(per(self.step(opposite(self.lemmas, form, used, up)), used, weight * factor))
            half = weight * factor / 2
            atoms[direction] = atoms.get(direction, Fraction(0)) + half
            add(linear, half, terms)
        if coefficients:
            raise GaveUp("the output reads the first layer: the network does not have two hidden layers")
        self.formula = AbsoluteSum(self.n, {terms: a for terms, a in atoms.items() if a}, linear)
        self.sides = [sides[terms][0] for terms in self.formula.atoms]
        self.equal = self.step(derived(using))

    def _plain(self, value: Form) -> tuple[Terms, Fraction, Farkas]:
        """value = factor * terms(x, M), terms primitive, and why: facts whose sum is the difference."""
        total: Linear = {}
        using: Farkas = []
        for v, c in value[2]:
            if v not in self.plain:
                raise GaveUp("the network does not have two hidden layers")
            add(total, Fraction(c, value[0]), self.plain[v].items())
            if v in self.cuts:
                using.append(per(self.cuts[v], v, Fraction(c, value[0])))
        if not total or value[1] or min(total) < 0:
            raise GaveUp("a second-layer unit is not a relu of inputs and pairwise maxima")
        return *whole(total), using
