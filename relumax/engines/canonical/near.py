"""How much two networks side by side differ on a box, and what else bounds show there.

A unit h = relu(s) of the second network that is nearly c r, r = relu(t) of the first (`alike` says which), has a
distance from it, from those of what s and t read, since relu is monotone and no steeper than 1:

    s - c t <= e,  c t - s <= e, c > 0      h - c r <= e, c r - h <= e

So an inequality about outputs is a sum: variables of the second network by those of the first and their distances,
what is left by ranges. No bound is found in floats; those that are carried on are rounded up to few bits. The proof is
as long as the network, whatever its size; what it cannot bound is left to others (GaveUp).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm

from relumax.engines.canonical.alike import Alike, alike
from relumax.engines.canonical.ranges import Bound, Ranges, Using, minus, once, rounded, summed
from relumax.engines.canonical.table import Table
from relumax.engines.forms import constant
from relumax.engines.lemmas import Form, Lemma, Lemmas
from relumax.engines.orders.sums import Farkas, contradiction
from relumax.engines.script import GOAL, PICK, Block, Fact, Step, Value, facts_of
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LE, RELU, Context, difference, negated, unit_clause, variable
from relumax.kernel.statement import Statement
from relumax.kernel.wire import form


class Near(Ranges):
    """The proof of a statement about a box."""

    def __init__(self, context: Context, statement: Statement, lemmas: Lemmas):
        table, self.statement = Table(context, lemmas), statement
        given = [Fact(value, number) for number, value in enumerate(context.facts) if type(value) is tuple]
        self.clauses = {v: Fact((), k) for k, v in enumerate(context.facts) if type(v) is int}
        for k, (_, n, each, _) in enumerate(statement.requires):
            for i in range(n if each else 0):
                made = facts_of(context.pick(k, i, ""))
                given += table.step(Step(PICK, [k, i], makes=made))
        super().__init__(table, given)
        self.outputs = {fact.last[0]: fact for fact in given if fact.value[0] == EQ and fact.terms}
        self.apart: dict[int, tuple[Alike, Bound, Bound]] = {}  # h - c r and c r - h

    def prove(self) -> Block:
        """The goals, each as a sum; raises GaveUp."""
        goals = self.table.context.goals
        if any(goal[0] != LE for goal in goals):
            raise GaveUp("bounds are for inequalities")
        network = self.statement.network
        if not all(v in self.high and v in self.low for v in range(network.inputs)):
            raise GaveUp("not all inputs are in a box")
        box = [(-self.low[v].most, self.high[v].most) for v in range(network.inputs)]
        pairs = alike(network.units, network.inputs, network.outputs, box)
        for h in sorted(pairs):
            self._distance(h, pairs[h])
        blocks = []
        for goal in goals:
            bound = self._outputs(goal)
            if bound.most > -goal[1]:
                said = float((bound.most + goal[1]) / abs(goal[2][0][1]))
                raise GaveUp(f"bounds show a promise only up to {said:.3g} more than it says")
            false = Fact(negated(goal))
            using: Farkas = [(false, Fraction(1)), *((fact, Fraction(n, d)) for fact, n, d in bound.using)]
            blocks.append(Block([false], [contradiction(using)]))
        return Block([], [*self.table.steps, Step(GOAL, [], blocks=blocks)])

    def _outputs(self, goal: Value) -> Bound:
        """What the goal's terms are at most: outputs by what they are."""
        total: dict[int, Fraction] = {}
        const, using = Fraction(0), Using()
        for v, c in goal[2]:
            terms, k = {v: 1}, Fraction(c)
            if v in self.outputs:
                fact = self.outputs[v]
                terms = dict(fact.terms)
                k = -c / Fraction(terms.pop(v))
                using.append((fact, -k.numerator, k.denominator))
                const += k * fact.value[1]
            for u, weight in terms.items():
                total[u] = total.get(u, Fraction(0)) + k * weight
        den = lcm(*(weight.denominator for weight in total.values()))
        bound = self.most(den, [(v, int(weight * den)) for v, weight in total.items()])
        return Bound(bound.most + const, [*using, *bound.using])

    def most(self, den: int, terms: Iterable[tuple[int, int]]) -> Bound:
        """What a sum over a denominator is at most, units of the second network by those of the first."""
        total = dict(terms)
        near = [v for v in total if v in self.apart]
        if not near:
            return super().most(den, total.items())
        scale = lcm(*(self.apart[v][0].times.denominator for v in near))
        total = {v: k * scale for v, k in total.items()} if scale != 1 else total
        parts = []
        for v in near:
            pair, up, down = self.apart[v]
            k = total.pop(v)
            total[pair.of] = total.get(pair.of, 0) + k * pair.times.numerator // pair.times.denominator
            parts.append((abs(k), up if k > 0 else down))
        return summed([*parts, *self.parts(total.items())], den * scale)

    # ---- distances

    def _distance(self, h: int, pair: Alike) -> None:
        """h - c r and c r - h are at most so much."""
        s, t = (self.table.context.units[v][1] for v in (h, pair.of))
        c = pair.times
        q: Form = form(t[0] * c.denominator, t[1] * c.numerator, tuple([(v, k * c.numerator) for v, k in t[2]]))
        sides = [self.known(minus(s, q)), self.known(minus(q, s))]
        most = rounded(max(bound for bound, _ in sides))
        times: Form = (c.denominator, 0, ((pair.of, c.numerator),))
        forms = [s, variable(h), q, times, *(constant(bound) for bound, _ in sides), constant(most)]
        up, down = self.use("near", _near, forms, [self.clause(h), self.clause(pair.of), *(fact for _, fact in sides)])
        if most < self._high(h).most:  # else its range says more
            self.apart[h] = pair, Bound(most, [once(up, h)]), Bound(most, [once(down, h)])

    def clause(self, v: int) -> Fact:
        """That v is the unit it is."""
        fact = self.clauses[v]
        if not fact.value:
            fact = self.clauses[v] = Fact(self.table.context.fact(fact.number, ""), fact.number)
            self.table.unit_of.setdefault(self.table.context.units[v], v)
        return fact


def prove_near(context: Context, statement: Statement, lemmas: Lemmas) -> Block:
    """A proof of the goals of `context`, inequalities about outputs for inputs in a box; raises GaveUp."""
    if statement.indices or statement.definitions:
        raise GaveUp("bounds are for statements without indices and definitions")
    return Near(context, statement, lemmas).prove()


def _near() -> Lemma:
    """h = relu(s), r = relu(t), s - t <= e and t - s <= f, both at most u, give h - r <= u and r - h <= u."""
    s, h, t, r, e, f, u = map(variable, range(7))
    given = [unit_clause(RELU, s, 1), unit_clause(RELU, t, 3)]
    given += [difference(minus(s, t), e, LE), difference(minus(t, s), f, LE)]
    given += [difference(e, u, LE), difference(f, u, LE)]
    return Lemma(7, [], given, [difference(minus(h, r), u, LE), difference(minus(r, h), u, LE)])
