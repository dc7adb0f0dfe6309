"""Engine `symmetric`: the maximum of n numbers in two hidden layers, one case for each order up to symmetry.

The network is read as a formula in the inputs and their pairwise maxima M_ij = max(x_i, x_j),

    y = sum of a_k |D_k(x, M)| + L(x, M),

by linear algebra: a first-layer unit is relu(c (x_i - x_j)) or one of a pair relu(g), relu(-g) that carries g, and the
units relu(D_k), relu(-D_k) that the network lacks are defined. A lemma about the formula speaks of x and M, so it may
be used at permuted inputs wherever the permutation fixes the formula. Let H be the group of those permutations.

For one input t of each orbit of H, a lemma says: where x_t is the largest, y = x_t. It follows from a finer one, which
supposes more: going down the stabilisers of the points so far, that of an orbit the first point has the largest value,
as a permutation achieves. That one is proved by a case tree over the orders that are left (`chambers`), n!/|H| of
them for all t together. For a minimum, read -x for x.

Undecided relus are cancelled, never split: on a full-dimensional chamber they must cancel (Bakaev, Brunck, Hertrich,
Stade, Yehudayoff, arXiv 2505.14338; Ruess et al., arXiv 2607.21651).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import combinations, permutations
from math import factorial
from typing import NamedTuple

from relumax.engines.chambers import Tree
from relumax.engines.lemmas import ENDLESS, Form, Lemmas, Shape, unit_table
from relumax.engines.maxima import taken_apart
from relumax.engines.pairwise import (
    Combination,
    Formula,
    Linear,
    Terms,
    add,
    clause,
    close,
    combination,
    derived,
    following,
    form_of,
    maximum_of,
    multiple,
    opposed,
    opposite,
    ordered,
    renaming,
    reverse,
    signed,
    single,
    whole,
)
from relumax.engines.script import (
    DEFINE,
    ELIM,
    SPLIT,
    Block,
    Fact,
    Step,
    Value,
    argument,
    define_largest,
    define_relu,
    have,
)
from relumax.engines.search import GaveUp, Search
from relumax.kernel.proof import MAX, OR, RELU, Context, substituted
from relumax.kernel.wire import EQ, LE, atom, collect, difference, substitute

MOST_LOOKS = 20_000_000
MOST_INPUTS = 8
"""The group is found among all n! permutations, and the case tree has at least n!/|H| leaves."""

Permutation = tuple[int, ...]
Lemmata = Mapping[int, tuple[int, Permutation]]
"""For an input p: the lemma for the case that it is the largest, and how the inputs are moved for it."""


# ---------------------------------------------------------------- groups


class Level(NamedTuple):
    """One step down a chain of stabilisers: x_first shall be the largest of its orbit; carrying[o] maps first to o."""

    first: int
    carrying: dict[int, Permutation]

    def facts(self) -> list[Value]:
        """x_o <= x_first for the rest of the orbit."""
        return [at_most(o, self.first) for o in self.carrying if o != self.first]


def at_most(i: int, j: int) -> Value:
    """The fact x_i <= x_j."""
    found: Value = atom(LE, 0, collect({i: 1, j: -1}))
    return found


def symmetries(formula: Formula) -> list[Permutation]:
    """All permutations h of the inputs that leave the formula as it is; raises GaveUp if that takes too long to see."""
    if formula.n > MOST_INPUTS or factorial(formula.n) * len(formula.atoms) > MOST_LOOKS:
        raise GaveUp(f"{len(formula.atoms)} absolute values of {formula.n} inputs are too many to see their symmetry")
    return [h for h in permutations(range(formula.n)) if formula.fixed_by(h)]


def carrying(group: Sequence[Permutation], point: int) -> dict[int, Permutation]:
    """For each point of the orbit, the first member of the group that maps `point` there."""
    found: dict[int, Permutation] = {}
    for h in group:
        found.setdefault(h[point], h)
    return dict(sorted(found.items()))


def stabilisers(group: Sequence[Permutation], point: int) -> list[Level]:
    """The levels below the stabiliser of `point`, down to the trivial group."""
    levels = []
    group = [h for h in group if h[point] == point]
    while len(group) > 1:
        first = min(k for h in group for k in range(len(h)) if h[k] != k)
        levels.append(Level(first, carrying(group, first)))
        group = [h for h in group if h[first] == first]
    return levels


# ---------------------------------------------------------------- lemmas at permuted inputs


class Place:
    """Where lemmas about the formula are used: what x and M are here, the units found by form, the facts by value."""

    def __init__(self, formula: Formula, context: Context, values: Sequence[Form], lemmas: Lemmas):
        self.formula, self.context, self.values, self.lemmas = formula, context, values, lemmas
        self.units = unit_table(context)
        self.facts: dict[Value, Fact] = {}
        self.steps: list[Step] = []

    def know(self, facts: Sequence[Fact]) -> None:
        """Facts that may be hypotheses."""
        for fact in facts:
            self.facts.setdefault(fact.value, fact)

    def reversals(self) -> None:
        """Each clause of a maximum the other way round: a permutation may turn it."""
        for i, j in combinations(range(self.formula.n), 2):
            known = self.facts.get(self.here(clause(self.formula.n, i, j), range(self.formula.n)))
            if known is None:
                i, j = j, i
                known = self.facts[self.here(clause(self.formula.n, i, j), range(self.formula.n))]
            m = self.values[maximum_of(self.formula.n, i, j)]
            step = reverse(self.lemmas, self.values[i], self.values[j], m, known)
            self.steps.append(step)
            self.know(step.makes)

    def moved(self, h: Sequence[int]) -> list[Form]:
        """The values of x and M after x_i := x_h(i)."""
        return [self.values[v] for v in renaming(self.formula.n, h)]

    def here(self, value: Value, h: Sequence[int]) -> Value:
        """A fact about x and M, moved by h."""
        found: Value = substituted(value, self.moved(h), ENDLESS)
        return found

    def instance(self, number: int, h: Sequence[int], facts: dict[Value, Fact]) -> Step:
        """Lemma `number` at the inputs moved by h, its hypotheses found among the facts."""
        values = self.moved(h)
        arguments = [argument(value) for value in values]
        for _, value in self.lemmas.shape(number).units:
            unit = self.units.get((RELU, substitute(value, values, ENDLESS)))
            if unit is None:
                raise GaveUp("a unit that the formula calls for is missing")
            values.append(single(unit))
        known = self.facts | facts
        given = [known[self.here(value, h)] for value in self.lemmas.shape(number).given]
        return self.lemmas.instance(number, arguments, values, given)


def by_largest(
    place: Place, maximum: Fact, points: Sequence[int], inner: Callable[[int, dict[Value, Fact], Fact], list[Step]]
) -> list[Step]:
    """By cases: which x_p of the points is their `maximum`. `inner` closes each, given x_q <= x_p and maximum = x_p."""
    head, children = maximum.value[1], maximum.value[2]
    bounds = [Fact(difference(child, head, LE)) for child in children]
    choice = Fact((OR, tuple((difference(head, child, EQ),) for child in children)))
    blocks = []
    for p, branch in zip(points, choice.value[1], strict=True):
        equal = Fact(branch[0])
        steps = []
        for q, bound in zip(points, bounds, strict=True):
            if q != p:
                steps.append(following(place.here(at_most(q, p), range(place.formula.n)), [bound, equal]))
        known = {one.makes[0].value: one.makes[0] for one in steps}
        blocks.append(Block([equal], [*steps, *inner(p, known, equal)]))
    return [
        Step(ELIM, [maximum], [maximum], [*bounds, choice]),
        Step(SPLIT, [choice], [choice], blocks=blocks),
    ]


def by_lemma(
    place: Place, maximum: Fact, points: Sequence[int], use: Lemmata, goal: Value, given: Fact | None
) -> list[Step]:
    """Prove `goal` by cases: which x_p of the points is their `maximum`. In each, one lemma at moved inputs does it.

    The goal is what the lemma says, or follows from that, what is `given` and the case.
    """

    def inner(p: int, known: dict[Value, Fact], equal: Fact) -> list[Step]:
        step = place.instance(*use[p], known)
        facts = [*step.makes, *([] if given is None else [given, equal])]
        return [step, close(goal, combination(goal, facts))]

    return by_largest(place, maximum, points, inner)


def chain(formula: Formula, t: int, group: Sequence[Permutation], lemmas: Lemmas, deadline: float | None) -> int:
    """The number of the lemma: where x_t is the largest input, the formula is x_t."""
    n, levels = formula.n, stabilisers(group, t)
    variables = n * (n + 1) // 2
    goal = formula.equation(t)

    def shape(depth: int) -> Shape:
        """Supposing the levels above `depth`."""
        given = [clause(n, i, j) for i, j in combinations(range(n), 2)]
        given += [at_most(i, t) for i in range(n) if i != t]
        given += [fact for level in levels[:depth] for fact in level.facts()]
        return Shape(variables, [(RELU, one) for one in formula.units()], list(dict.fromkeys(given)), [goal])

    def by_tree(context: Context) -> Block:
        return Tree(formula, context, lemmas, deadline).prove(goal, t)

    def by_symmetry(level: Level, finer: int, context: Context) -> Block:
        """By cases, which of an orbit is the largest: a permutation that keeps the levels above makes it the first."""
        place = Place(formula, context, [single(v) for v in range(variables)], lemmas)
        place.know([Fact(context.fact(k, ""), k) for k in range(len(context.facts))])
        place.reversals()
        define = define_largest(context.variables, [single(p) for p in level.carrying])
        use = {p: (finer, h) for p, h in level.carrying.items()}
        return Block([], [*place.steps, define, *by_lemma(place, define.makes[0], list(use), use, goal, None)])

    number = lemmas.number((formula.key(), t, len(levels)), partial(shape, len(levels)), by_tree)
    for depth in reversed(range(len(levels))):
        proof = partial(by_symmetry, levels[depth], number)
        number = lemmas.number((formula.key(), t, depth), partial(shape, depth), proof)
    return number


# ---------------------------------------------------------------- from the network to the formula


class Reading:
    """The formula of a network, and in the network's context: the values of x and M, and the fact y = formula."""

    def __init__(self, context: Context, lemmas: Lemmas):
        self.context, self.lemmas = context, lemmas
        self.steps: list[Step] = []
        self.defined: list[Fact] = []
        facts = [Fact(context.fact(k, ""), k) for k in range(len(context.facts))]
        self.unit_at = unit_table(context)
        self.units = [(value, v, fact) for (v, (_, value)), fact in zip(context.units.items(), facts, strict=False)]
        maxima = [fact for fact in facts if fact.value[0] == MAX]
        outputs = [fact for fact in facts[len(self.units) :] if fact.value[0] == EQ]
        if len(maxima) != 1 or len(outputs) != 1 or any(kind != RELU for kind, _ in context.units.values()):
            raise GaveUp("engine symmetric is for the maximum of the inputs, by relus, as the only output")
        self.largest = maxima[0]
        children = self.largest.value[2]
        self.n, self.sign = len(children), children[0][2][0][1]
        n = self.n
        if children != tuple((1, 0, ((i, self.sign),)) for i in range(n)) or not self.units or self.units[0][1] != n:
            raise GaveUp("engine symmetric is for the maximum of all inputs, in their order")
        if any(not value[2] for value, _, _ in self.units):
            raise GaveUp("a unit that reads nothing")
        if n > MOST_INPUTS:
            raise GaveUp(f"engine symmetric takes at most {MOST_INPUTS} inputs: it goes through their permutations")
        self.values: list[Form] = [(1, 0, ((i, self.sign),)) for i in range(n)] + [single(0)] * (n * (n - 1) // 2)
        self.plain: dict[int, Linear] = {i: {i: Fraction(self.sign)} for i in range(n)}  # in terms of x and M
        self.cuts: dict[int, tuple[Fact, Fraction]] = {}  # unit -> why: a fact, times this, is unit - plain
        self.clauses: list[Fact] = []
        first = [one for one in self.units if all(v < n for v, _ in one[0][2])]
        self._comparisons(first)
        self._carried(first)
        self.formula, self.equal = self._formula([one for one in self.units if one not in first], outputs[0])

    def _comparisons(self, first: Sequence[tuple[Form, int, Fact]]) -> None:
        """Each M_ij from one unit relu(c (x_i - x_j)); where there is none, from a defined one."""
        pairs: dict[int, tuple[int, int, Form, int, Fact]] = {}
        for value, v, fact in first:
            if len(value[2]) == 2 and value[1] == 0 and value[2][0][1] == -value[2][1][1]:
                (i, c), (j, _) = value[2]
                high, low = (i, j) if c * self.sign > 0 else (j, i)
                pairs.setdefault(maximum_of(self.n, i, j), (high, low, value, v, fact))
        for i, j in combinations(range(self.n), 2):
            m = maximum_of(self.n, i, j)
            if m not in pairs:
                value = 1, 0, ((i, self.sign), (j, -self.sign))
                pairs[m] = i, j, value, self._unit(value), self.defined[-1]
            high, low, value, v, fact = pairs[m]
            scale = Fraction(abs(value[2][0][1]), value[0])
            self.plain[v] = {m: scale, low: -scale}
            self.values[m] = form_of({low: Fraction(self.sign), v: 1 / scale})
            self.clauses.append(fact)

    def _unit(self, value: Form) -> int:
        """The variable of relu(value): the unit if there is one, else a defined one."""
        v = self.unit_at.get((RELU, value))
        if v is None:
            v = self.unit_at[RELU, value] = self.context.variables
            self.context.add_unit(RELU, value)
            self.steps.append(define_relu(v, value))
            self.defined += self.steps[-1].makes
        return v

    def _opposite(self, value: Form, up: int) -> tuple[int, Fact]:
        """down = relu(-value), and the fact up - down = value."""
        down = self._unit((value[0], -value[1], opposed(value[2])))
        step = opposite(self.lemmas, value, up, down)
        self.steps.append(step)
        return down, step.makes[0]

    def _carried(self, first: Sequence[tuple[Form, int, Fact]]) -> None:
        """v = relu(g) as w + g, with w = relu(-g): what is left of w in a formula must cancel."""
        for value, v, _ in first:
            if v not in self.plain:
                w, cut = self._opposite(value, v)
                self.plain.setdefault(w, {-w: Fraction(1)})
                self.plain[v] = dict(self.plain[w])
                for i, c in value[2]:
                    add(self.plain[v], Fraction(c, value[0]), self.plain[i].items())
                self.cuts[v] = cut, 1 / Fraction(dict(cut.value[2])[v])

    def _formula(self, second: Sequence[tuple[Form, int, Fact]], output: Fact) -> tuple[Formula, Fact]:
        """The formula for sign * y, and the fact that it is that."""
        y = self.n + len(self.units)
        coefficients = dict(output.value[2])
        head = Fraction(self.sign, coefficients.pop(y))
        using: Combination = [(output, head)]
        atoms: dict[Terms, Fraction] = {}
        linear: Linear = {}
        cuts: dict[Terms, tuple[int, int, Fact]] = {}  # D -> relu(D), relu(-D), relu(D) - relu(-D) = D
        for value, v, _ in second:
            weight = -head * coefficients.pop(v, 0)
            terms, factor, equal = self._plain(value)
            direction = signed(terms)
            if direction not in cuts:
                form = substitute((1, 0, direction), self.values, ENDLESS)
                up = self._unit(form)
                cuts[direction] = up, *self._opposite(form, up)
            up, down, cut = cuts[direction]
            used = up if terms == direction else down
            if used != v:
                side = substitute((1, 0, terms), self.values, ENDLESS)
                step = derived(EQ, equal)
                same = multiple(self.lemmas, value, side, (v, used), step.makes[0], factor)
                self.steps += [step, same]
                using.append((same.makes[0], weight / dict(same.makes[0].value[2])[v]))
            half = weight * factor / 2
            atoms[direction] = atoms.get(direction, Fraction(0)) + half
            add(linear, half, terms)
            using.append((cut, (half if used == up else -half) / dict(cut.value[2])[up]))
        if coefficients:
            raise GaveUp("the output reads the first layer: the network does not have two hidden layers")
        self.steps.append(derived(EQ, using))
        return Formula(self.n, {terms: a for terms, a in atoms.items() if a}, linear), self.steps[-1].makes[0]

    def _plain(self, value: Form) -> tuple[Terms, Fraction, Combination]:
        """value = factor * terms(x, M), terms primitive, and why: facts whose sum is the difference."""
        total: Linear = {}
        using: Combination = []
        for v, c in value[2]:
            if v not in self.plain:
                raise GaveUp("the network does not have two hidden layers")
            add(total, Fraction(c, value[0]), self.plain[v].items())
            if v in self.cuts:
                cut, weight = self.cuts[v]
                using.append((cut, weight * c / value[0]))
        if not total or value[1] or min(total) < 0:
            raise GaveUp("a second-layer unit is not a relu of inputs and pairwise maxima")
        return *whole(total), using


def prove_symmetric(context: Context, templates: list[int], lemmas: Lemmas, deadline: float | None) -> Block:
    """A proof of the goals of `context`, a statement that y is the largest (smallest) input; raises GaveUp."""
    mark = context.mark()
    try:
        return _prove(context, lemmas, deadline)
    finally:
        context.restore(*mark)


def _prove(context: Context, lemmas: Lemmas, deadline: float | None) -> Block:
    network = Reading(context, lemmas)
    formula = network.formula
    place = Place(formula, context, network.values, lemmas)
    place.know(network.clauses)
    place.reversals()
    use = by_orbit(formula, lemmas, deadline)
    y, m = single(network.n + len(network.units)), single(network.largest.value[1][2][0][0])
    goal = difference(y, m, EQ)
    cases = by_lemma(place, network.largest, range(formula.n), use, goal, network.equal)
    equal = have(goal, Block([], cases))
    search = Search(deadline)
    search.assume(equal.makes)
    last = search.prove(context.goals)
    # no definition may be dropped: it numbers variables
    last.steps[-1].uses = [*last.steps[-1].uses, *network.defined]
    return Block([], [*network.steps, *place.steps, equal, *last.steps])


def by_orbit(formula: Formula, lemmas: Lemmas, deadline: float | None) -> Lemmata:
    """For each input, the lemma for the case that it is the largest: one for each orbit of the formula's group."""
    group = symmetries(formula)
    use: dict[int, tuple[int, Permutation]] = {}
    for t in range(formula.n):
        if t not in use:
            number = chain(formula, t, group, lemmas, deadline)
            use |= {p: (number, h) for p, h in carrying(group, t).items()}
    return use


# ---------------------------------------------------------------- the formula as a lemma


def formula_lemma(formula: Formula, sides: Sequence[Terms], lemmas: Lemmas, deadline: float | None) -> int:
    """The lemma: if M_ij = max(x_i, x_j) for all i < j, then the formula is max(x).

    Its units are one for each D of the formula, in their order: the relu of `sides`, D or -D.
    """
    n = formula.n
    variables = n * (n + 1) // 2
    total: Linear = dict(formula.linear)
    for k, (side, weight) in enumerate(zip(sides, formula.atoms.values(), strict=True)):
        add(total, -weight, side)
        total[variables + k] = 2 * weight
    value, inputs = form_of(total), tuple(single(i) for i in range(n))
    given = [(MAX, single(maximum_of(n, i, j)), (inputs[i], inputs[j])) for i, j in combinations(range(n), 2)]

    def shape() -> Shape:
        units = [(RELU, (1, 0, side)) for side in sides]
        return Shape(variables, units, given, [(MAX, value, inputs)])

    def proof(context: Context) -> Block:
        mark = context.mark()
        place = Place(formula, context, [single(v) for v in range(variables)], lemmas)
        for k, (i, j) in enumerate(combinations(range(n), 2), len(formula.atoms)):
            place.steps.append(ordered(lemmas, i, j, maximum_of(n, i, j), Fact(context.fact(k, ""), k)))
            place.know(place.steps[-1].makes)
        place.reversals()
        using: Combination = []
        for k, (side, weight) in enumerate(zip(sides, formula.atoms.values(), strict=True)):
            down = 1, 0, opposed(side)
            defined = define_relu(context.variables, down)
            cut = opposite(lemmas, (1, 0, side), variables + k, context.variables)
            place.units.setdefault((RELU, down), context.variables)
            context.add_unit(RELU, down)
            place.steps += [defined, cut]
            using.append((cut.makes[0], weight / dict(cut.makes[0].value[2])[variables + k]))
        equal = derived(EQ, using)
        define = define_largest(context.variables, inputs)
        (largest,) = define.makes
        goal = difference(value, largest.value[1], EQ)
        cases = by_lemma(place, largest, range(n), by_orbit(formula, lemmas, deadline), goal, equal.makes[0])
        same = have(goal, Block([], cases))
        last = taken_apart([largest], same.makes, context.goals)
        last.steps[-1].uses = [*last.steps[-1].uses, *[one.makes[0] for one in place.steps if one.rule == DEFINE]]
        context.restore(*mark)
        return Block([], [*place.steps, equal, define, same, *last.steps])

    return lemmas.number(("formula", formula.key(), tuple(sides)), shape, proof)
