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
from relumax.engines.orders.formula import AbsoluteSum, maximum_of, multiple, signed
from relumax.engines.orders.place import Place
from relumax.engines.orders.sums import Farkas, Linear, Terms, add, derived, form_of, per, whole
from relumax.engines.script import Fact, facts_in
from relumax.engines.search import GaveUp
from relumax.kernel.proof import MAX, RELU, Context, variable
from relumax.kernel.wire import EQ, substitute

MOST_INPUTS = 8
"""Engine symmetric goes through all permutations, and its case trees have at least n!/|H| leaves."""
Unit = tuple[Form, int, Fact]
"""A relu: what it is of, its variable and its clause."""


class Reading(Place):
    """A network's context, in which x and M have values; its `formula`, and the fact `equal`: y is that."""

    def __init__(self, context: Context, lemmas: Lemmas):
        facts = facts_in(context)
        self.units = [(value, v, fact) for (_, value, v, _), fact in zip(context.order, facts, strict=False)]
        maxima = [fact for fact in facts if fact.value[0] == MAX]
        outputs = [fact for fact in facts[len(self.units) :] if fact.value[0] == EQ]
        if len(maxima) != 1 or len(outputs) != 1 or any(kind != RELU for kind, *_ in context.order):
            raise GaveUp("engine symmetric is for the maximum of the inputs, by relus, as the only output")
        (self.largest,) = maxima
        children = self.largest.children
        n, self.sign = len(children), children[0][2][0][1]
        if children != tuple((1, 0, ((i, self.sign),)) for i in range(n)) or not self.units or self.units[0][1] != n:
            raise GaveUp("engine symmetric is for the maximum of all inputs, in their order")
        if any(not value[2] for value, _, _ in self.units):
            raise GaveUp("a unit that reads nothing")
        if n > MOST_INPUTS:
            raise GaveUp(f"engine symmetric takes at most {MOST_INPUTS} inputs: it goes through their permutations")
        super().__init__(n, context, [*children, *[variable(0)] * (n * (n - 1) // 2)], lemmas)
        self.plain: dict[int, Linear] = {i: {i: Fraction(self.sign)} for i in range(n)}  # in terms of x and M
        self.cuts: dict[int, Fact] = {}  # unit -> why: a multiple of this fact is unit - plain
        first = [one for one in self.units if all(v < n for v, _ in one[0][2])]
        self._comparisons(first)
        self._carried(first)
        self.formula, self.equal = self._formula([one for one in self.units if one not in first], outputs[0])

    def _comparisons(self, first: Sequence[Unit]) -> None:
        """Each M_ij from one unit relu(c (x_i - x_j)); where there is none, from a defined one."""
        pairs: dict[int, tuple[int, int, Unit]] = {}
        for unit in first:
            terms = unit[0][2]
            if len(terms) == 2 and unit[0][1] == 0 and terms[0][1] == -terms[1][1]:
                (i, c), (j, _) = terms
                high, low = (i, j) if c * self.sign > 0 else (j, i)
                pairs.setdefault(maximum_of(self.n, i, j), (high, low, unit))
        for i, j in combinations(range(self.n), 2):
            m = maximum_of(self.n, i, j)
            if m not in pairs:
                value: Form = (1, 0, ((i, self.sign), (j, -self.sign)))
                pairs[m] = i, j, (value, self.unit(value), self.defined[-1])
            _, low, (value, v, fact) = pairs[m]
            scale = Fraction(abs(value[2][0][1]), value[0])
            self.plain[v] = {m: scale, low: -scale}
            self.values[m] = form_of({low: Fraction(self.sign), v: 1 / scale})
            self.know([fact])

    def _carried(self, first: Sequence[Unit]) -> None:
        """v = relu(g) as w + g, with w = relu(-g): what is left of w in a formula must cancel."""
        for value, v, _ in first:
            if v not in self.plain:
                w, self.cuts[v] = self.opposite(value, v)
                self.plain.setdefault(w, {-w: Fraction(1)})
                self.plain[v] = dict(self.plain[w])
                for i, c in value[2]:
                    add(self.plain[v], Fraction(c, value[0]), self.plain[i].items())

    def _formula(self, second: Sequence[Unit], output: Fact) -> tuple[AbsoluteSum, Fact]:
        """The formula for sign * y, and the fact that it is that."""
        y = self.n + len(self.units)
        coefficients = dict(output.terms)
        head = Fraction(self.sign, coefficients.pop(y))
        using: Farkas = [(output, head)]
        atoms: dict[Terms, Fraction] = {}
        linear: Linear = {}
        cuts: dict[Terms, tuple[int, int, Fact]] = {}  # D -> relu(D), relu(-D), relu(D) - relu(-D) = D
        for value, v, _ in second:
            weight = -head * coefficients.pop(v, 0)
            terms, factor, equal = self._plain(value)
            direction = signed(terms)
            if direction not in cuts:
                form = substitute((1, 0, direction), self.values, ENDLESS)
                up = self.unit(form)
                cuts[direction] = up, *self.opposite(form, up)
            up, down, cut = cuts[direction]
            used = up if terms == direction else down
            if used != v:
                side = substitute((1, 0, terms), self.values, ENDLESS)
                self.steps.append(derived(equal))
                (same,) = self.steps[-1].makes
                self.steps.append(multiple(self.lemmas, value, side, (v, used), same, factor))
                using.append(per(self.steps[-1].makes[0], v, weight))
            half = weight * factor / 2
            atoms[direction] = atoms.get(direction, Fraction(0)) + half
            add(linear, half, terms)
            using.append(per(cut, up, half if used == up else -half))
        if coefficients:
            raise GaveUp("the output reads the first layer: the network does not have two hidden layers")
        self.steps.append(derived(using))
        return AbsoluteSum(self.n, {terms: a for terms, a in atoms.items() if a}, linear), self.steps[-1].makes[0]

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
