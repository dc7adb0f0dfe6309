"""Step units that count whom an option beats: what the winner's unit says, and that all others are silent.

For keys K_0..K_{n-1} the network has u_ij = step(K_i - K_j), i < j. With b_ij = u_ij, or 1 - u_ji for j < i, option i
beats b_ij others, and only the first of the largest beats all n - 1. A unit v_i of the next layer reads the sum of the
b_ij: as step(sum - (n - 1)), or as relu(r + s (sum - (n - 1))) with 0 <= r <= s, which lets r pass. For the winner w:

    pair i, j   w != i or u_ij = 1;  w != j or u_ij = 0     (a lemma, with an instance for each pair)
    speaks      w != i or v_i = 1 (or r)                    (all b_ij are 1)
    silent      w = i or v_i = 0                            (the b_ij with j = w is 0)
    total       sum of c_i v_i is the winner's: for k = 0, 1, ... the sum of the first k is, if w < k, and else 0
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.engines.cases import by_cases, closed, winner_is
from relumax.engines.lemmas import Form, Shape
from relumax.engines.script import GOAL, SPLIT, Block, Fact, Step, Value, argument, facts_of, have, leaf
from relumax.engines.shapes import combination, constant, shifted, weighted
from relumax.engines.simplex import integral
from relumax.kernel.proof import EQ, LE, LT, OR, RELU, STEP, difference, negation, variable
from relumax.kernel.statement import Statement
from relumax.kernel.wire import form
from relumax.language.expr import Expr

if TYPE_CHECKING:
    from relumax.engines.defined import Defined
    from relumax.engines.modular import Walk

Condition = tuple[int, Fraction]
"""(relation, margin): x + margin (relation) X, of an x that is not the winner."""


class Unit(NamedTuple):
    """A unit v of option i, what it is for the winner (1 or r), and what is proved of it."""

    v: int
    i: int
    target: Form
    speaks: Fact
    silent: Fact


class Contest:
    """An array, its winner w, and the units that compare its elements, if the network has them."""

    def __init__(self, walk: Walk, statement: Statement, number: int, r: dict[str, Any]):
        self.walk, self.number, self.of, self.name = walk, number, r["of"], r["winner"]
        self.n: int = statement.names[self.of].length
        self.w = variable(statement.names[self.name].base)
        self.best = variable(statement.reads[self.of, self.name])
        self.conditions = [_condition(r[side]) if r["lattice"] is None else None for side in ("before", "after")]
        self.keys: dict[int, Form] = {}
        self.leaves: list[Fact] = []  # w = i and K_i = X, or i < w and ..., or i > w and ...
        self.unit_of: dict[tuple[int, int], int] = {}  # (i, j), i < j -> u_ij
        self.compared: set[int] = set()  # all u_ij
        self.options: dict[frozenset[int], list[int]] = {}  # the u that the sum of b_ij is made of -> i
        self.pairs: dict[tuple[int, int], list[Fact]] = {}
        self.units: dict[int, Unit] = {}

    def compare(self, defined: Defined) -> bool:
        """Find all u_ij and prove what they say; False if there are not all of them."""
        if self.pairs:
            return True
        if len(self.keys) < self.n or self.n < 2 or None in self.conditions:
            return False
        units = self.walk.unit_at
        found: dict[tuple[int, int], int] = {}
        for i in range(self.n):
            for j in range(i + 1, self.n):
                u = units.get((STEP, combination([(1, self.keys[i]), (-1, self.keys[j])], 1)))
                if u is None:
                    return False
                found[i, j] = u
        self.unit_of, self.compared = found, set(found.values())
        for i in range(self.n):
            self.options.setdefault(frozenset(self.wins(i)[0]), []).append(i)
        for i in range(self.n):
            facts = [self.walk.picks[self.number, i], *defined.element(self.best, i)]
            facts += [*defined.between(self.keys[i], (1, 0, ())), *self.walk.about(self.keys[i])]
            self.leaves.append(self.walk.derive(self._leaf(self.keys[i], self.best, self.w, constant(i)), facts))
        number = self.walk.lemmas.number(("pair", *self.conditions), self._pair_shape)
        for (i, j), u in found.items():
            values = [self.keys[i], self.keys[j], self.best, self.w, constant(i), constant(j)]
            given = [self.leaves[i], self.leaves[j], self.walk.fact(difference(constant(i + 1), constant(j), LE))]
            arguments = [argument(one) for one in values]
            step = self.walk.lemmas.instance(number, arguments, [*values, variable(u)], given)
            self.walk.steps.append(step)
            self.pairs[i, j] = list(step.makes)
        return True

    def _leaf(self, key: Form, best: Form, w: Form, i: Form) -> Value:
        sides = [difference(shifted(key, margin), best, relation) for relation, margin in filter(None, self.conditions)]
        earlier, later = difference(shifted(i, 1), w, LE), difference(shifted(w, 1), i, LE)
        inside = difference(w, i, EQ), difference(key, best, EQ)
        return OR, (inside, (earlier, sides[0]), (later, sides[1]))

    def _pair_shape(self) -> Shape:
        """Variables a, b, X, w, i, j and the unit u = step(a - b)."""
        a, b, best, w, i, j, u = (variable(v) for v in range(7))
        given = [self._leaf(a, best, w, i), self._leaf(b, best, w, j), difference(shifted(i, 1), j, LE)]
        then = [_unless(w, i, difference(u, constant(1), EQ)), _unless(w, j, difference(u, constant(0), EQ))]
        return Shape(6, [(STEP, (1, 0, ((0, 1), (1, -1))))], given, then)

    # ---- one unit of the next layer

    def wins(self, i: int) -> tuple[dict[int, int], int]:
        """The sum of the b_ij as coefficients of the u and a constant; a u may stand for several pairs."""
        weights: dict[int, int] = {}
        for j in range(self.n):
            if j != i:
                u = self.unit_of[min(i, j), max(i, j)]
                weights[u] = weights.get(u, 0) + (1 if i < j else -1)
        return {u: c for u, c in weights.items() if c}, i

    def option(self, kind: int, value: Form) -> tuple[int, Fraction, Form] | None:
        """(i, s, r) with value = r + s (sum of b_ij - (n - 1)), s > 0; r has none of the u_ij, and is 0 for a step."""
        den, const, terms = value
        weights = {u: Fraction(c, den) for u, c in terms if u in self.compared}
        for i in self.options.get(frozenset(weights), ()):
            wins, fixed = self.wins(i)
            scales = {c / wins[u] for u, c in weights.items()}
            if len(scales) == 1 and (s := scales.pop()) > 0:
                own = form(den, const, tuple(t for t in terms if t[0] not in self.compared))
                rest = shifted(own, s * (self.n - 1 - fixed))
                if kind == RELU or (rest == constant(0) and s == 1):
                    return i, s, rest
        return None

    def meet(self, kind: int, v: int, value: Form, clause: Fact) -> None:
        """Prove that the unit v of some option speaks for the winner and else is silent."""
        found = self.option(kind, value)
        if found is None:
            return
        i, s, rest = found
        room: list[Fact] = []  # r >= 0 and r <= s
        if kind == RELU:
            limits = difference(constant(0), rest, LE), difference(rest, constant(s), LE)
            room = [self.walk.derive(one, self._about_rest(rest)) for one in limits]
        target = constant(1) if kind == STEP else rest
        speaks = self._speaks(i, v, target, [clause, *room])
        silent = self._silent(i, v, value, s, rest, clause, room)
        self.units[v] = Unit(v, i, target, speaks, silent)

    def _about_rest(self, rest: Form) -> list[Fact]:
        """What bounds r: a relu of a payload within its range."""
        facts = dict.fromkeys(self.walk.about(rest))
        for v, _ in rest[2]:
            if v in self.walk.search.units and v in self.walk.relus:
                facts |= dict.fromkeys([self.walk.search.units[v], *self.walk.about(self.walk.relus[v])])
        return list(facts)

    def _speaks(self, i: int, v: int, target: Form, facts: list[Fact]) -> Fact:
        wanted = _unless(self.w, constant(i), difference(variable(v), target, EQ))
        known = list(facts)
        cut = here = Block([])
        for j in range(self.n):
            if j != i:
                pair = self.pairs[min(i, j), max(i, j)][j < i]
                below, above, equal = [Fact(branch[0]) for branch in pair.value[1]]
                rest = Block([equal])
                blocks = [_contrary(below, wanted, 0), _contrary(above, wanted, 1), rest]
                here.steps.append(Step(SPLIT, [pair], [pair], blocks=blocks))
                here, known = rest, [*known, equal]
        here.steps += closed([], known, wanted).steps
        return self._cut(wanted, cut)

    def _silent(self, i: int, v: int, value: Form, s: Fraction, rest: Form, clause: Fact, room: list[Fact]) -> Fact:
        wanted = OR, ((difference(self.w, constant(i), EQ),), (difference(variable(v), constant(0), EQ),))
        leaf_ = self.leaves[i]
        at, before, after = [[Fact(one) for one in branch] for branch in leaf_.value[1]]
        blocks = [_equal(at, at[0], wanted, 0), Block(before), Block(after)]
        low, high = self.walk.bounds(self.w[2][0][0])
        for side, start, order, end in (
            (blocks[1], before[0], range(i + 1, self.n), high),
            (blocks[2], after[0], range(i - 1, -1, -1), low),
        ):
            here, reached = side, start
            for j in order:
                pair = self.pairs[min(i, j), max(i, j)][i < j]
                below, above, equal = [Fact(branch[0]) for branch in pair.value[1]]
                lost = self._lost(i, j, v, value, s, rest, equal, clause, room, wanted)
                onward, back = (above, below) if j > i else (below, above)
                further = Block([onward])
                refuted = Block([back], [_suppose(wanted, _both(reached, back))])
                split = [refuted, further, lost] if j > i else [further, refuted, lost]
                here.steps.append(Step(SPLIT, [pair], [pair], blocks=split))
                here, reached = further, onward
            here.steps.append(_suppose(wanted, _both(reached, end)))
        return self._cut(wanted, Block([], [Step(SPLIT, [leaf_], [leaf_], blocks=blocks)]))

    def _lost(
        self,
        i: int,
        j: int,
        v: int,
        value: Form,
        s: Fraction,
        rest: Form,
        equal: Fact,
        clause: Fact,
        room: list[Fact],
        wanted: Value,
    ) -> Block:
        """Where b_ij = 0 (the fact `equal`), v = 0: its argument is below 0, or not above it."""
        off, on = [[Fact(one) for one in branch] for branch in clause.value[1]]

        def refute(supposed: list[Fact]) -> Step:
            multipliers: dict[Hashable, int | Fraction] = {on[0]: 1 / _scale(on[0], value)}
            multipliers[equal] = s if i < j else -s
            for k in range(self.n):
                if k not in (i, j):
                    u = self.unit_of[min(i, k), max(i, k)]
                    bound = self.walk.atoms[(LE, -1, ((u, 1),)) if i < k else (LE, 0, ((u, -1),))]
                    multipliers[bound] = multipliers.get(bound, 0) + s
            for fact in room[1:]:  # r <= s
                multipliers[fact] = 1 / _scale(fact, rest)
            falls = [Fact(branch[0]) for branch in supposed[1].value[1]]
            zero = [Block([fall], [leaf({off[1]: _sign(off[1], fall), fall: 1})]) for fall in falls]
            closing = leaf(integral(multipliers))
            blocks = [
                Block(off, [Step(SPLIT, [supposed[1]], [supposed[1]], blocks=zero)]),
                Block(on, [closing]),
            ]
            return Step(SPLIT, [clause], [clause], blocks=blocks)

        return Block([equal], [_suppose(wanted, refute)])

    def _cut(self, wanted: Value, block: Block) -> Fact:
        step = have(wanted, block)
        self.walk.steps.append(step)
        return step.makes[0]

    # ---- sums of units

    def total(self, weights: Mapping[int, Fraction], shift: Fraction, payload: Form, facts: list[list[Fact]]) -> Fact:
        """shift + sum of weight * v is the form `payload`; facts[i] say that it is what v_i makes of it if w = i."""
        by_option = {self.units[v].i: (self.units[v], c) for v, c in weights.items()}
        done: list[Fact] = []
        parts: list[tuple[Fraction, Form]] = []
        for k in range(self.n):
            known = [*done, self.walk.picks[self.number, k], *facts[k], *self.walk.bounds(self.w[2][0][0])]
            if k in by_option:
                unit, c = by_option[k]
                parts.append((c, variable(unit.v)))
                known += [unit.speaks, unit.silent]
            so_far = weighted(parts) if parts else constant(0)
            waiting = difference(constant(k + 1), self.w, LE), difference(so_far, constant(0), EQ)
            passed = difference(self.w, constant(k), LE), difference(shifted(so_far, shift), payload, EQ)
            done = [self.walk.derive((OR, (waiting, passed)), known)]
        whole = difference(shifted(weighted(parts) if parts else constant(0), shift), payload, EQ)
        return self.walk.derive(whole, [*done, *self.walk.bounds(self.w[2][0][0])])


class Beats:
    """All contests of a statement, met by a walk from the inputs."""

    def __init__(self, walk: Walk, defined: Defined, statement: Statement, requires: list[dict[str, Any]]):
        self.walk, self.defined, self.statement = walk, defined, statement
        self.contests = [Contest(walk, statement, k, r) for k, r in enumerate(requires) if "winner" in r]

    def key(self, node: Expr, meaning: Form) -> None:
        """Note the node as a key, if it means an element of an array that has a winner, or the negative of one."""
        held = self.walk.values[node].form
        for sign in (1, -1):  # in a difference the other key may occur as its negative only
            found = self.defined.elements.get(combination([(sign, meaning)], 1), {})
            for contest in self.contests if found else ():
                for i in found.get(contest.of, ()):
                    contest.keys.setdefault(i, combination([(sign, held)], 1))

    def meet(self, node: Expr) -> Form | None:
        """Prove what a unit does for its option; the meaning of a sum of such units, if it is the winner's value."""
        held = self.walk.values[node].form
        for contest in self.contests:
            if node.op in ("relu", "step") and contest.compare(self.defined):
                kind, ((v, _),) = (RELU if node.op == "relu" else STEP), held[2]
                inner = self.walk.values[node.args[0]].form
                if v not in contest.units and v not in contest.compared:
                    contest.meet(kind, v, inner, self.walk.search.units[v])
            if held[2] and all(v in contest.units for v, _ in held[2]):
                return self._selected(contest, held)
        return None

    def _selected(self, contest: Contest, held: Form) -> Form | None:
        """P where the sum is an array's element i whenever option i wins: it equals P then, the array read at w."""
        den, const, terms = held
        shift, weights = Fraction(const, den), {v: Fraction(c, den) for v, c in terms}
        values, sources = [constant(shift)] * contest.n, [-1] * contest.n
        for v, c in weights.items():
            unit = contest.units[v]
            target = unit.target
            if len(target[2]) > 1:
                return None
            if target[2]:  # a relu of the payload, which is above 0
                ((sources[unit.i], _),) = target[2]
                if sources[unit.i] not in self.walk.search.units:
                    return None
                target = self.walk.relus[sources[unit.i]]
            values[unit.i] = weighted([(c, target), (Fraction(1), constant(shift))])
        found = self._read(contest, values)
        if found is None:
            return None
        payload, elements = found
        facts = []
        for source, element in zip(sources, elements, strict=True):
            facts.append([] if element is None else self.walk.definition(element))
            if source >= 0:
                equal = difference(variable(source), self.walk.relus[source], EQ)
                known = [self.walk.search.units[source], *self.walk.about(self.walk.relus[source])]
                facts[-1].append(self.walk.derive(equal, known))
        self.defined.winners.append(contest.total(weights, shift, payload, facts))
        return payload

    def _read(self, contest: Contest, values: list[Form]) -> tuple[Form, list[int | None]] | None:
        """The index, or an array read at it, that has these values, and the variables of its elements."""
        if values == [constant(i) for i in range(contest.n)]:
            return contest.w, [None] * contest.n
        for (name, at), read in self.statement.reads.items():
            array = self.statement.names[name]
            if at == contest.name and array.kind != "out":
                elements = list(array.variables())
                if values == [self.walk.forms.get(v, variable(v)) for v in elements]:
                    return variable(read), [*elements]
        return None

    def about(self, held: Form) -> list[Fact]:
        """What units in this form say of the winner."""
        return [
            fact
            for contest in self.contests
            for v, _ in held[2]
            if v in contest.units
            for fact in (contest.units[v].speaks, contest.units[v].silent)
        ]

    def at_winner(self, wanted: Value) -> Fact | None:
        """Prove an equation of outputs read at an index, case by case; None if the goal is none."""
        for contest in self.contests:
            arrays = {
                read: self.statement.names[name]
                for (name, at), read in self.statement.reads.items()
                if at == contest.name and self.statement.names[name].kind == "out"
            }
            array = next((arrays[v] for v, _ in wanted[2] if v in arrays), None) if wanted[0] == EQ else None
            if array is None or not contest.units:
                continue
            blocks = []
            for i, v in enumerate(array.variables()):
                at = winner_is(self.walk, contest.number, i)
                known = [self.walk.output(v), *self.about(self.walk.outputs[v])]
                blocks.append(closed(at, known, wanted))
            return by_cases(self.walk, contest.number, contest.w[2][0][0], wanted, blocks)[0]
        return None


def _condition(side: list[Any]) -> Condition | None:
    """What a condition says of an x that is not the winner, if it says one thing."""
    if side[0] == "gap":
        return LE, Fraction(int(side[1]), int(side[2]))
    return {"<": (LT, Fraction(0)), "<=": (LE, Fraction(0))}.get(side[0])


def _unless(w: Form, i: Form, then: Value) -> Value:
    """w < i, or w > i, or `then`."""
    return OR, ((difference(shifted(w, 1), i, LE),), (difference(shifted(i, 1), w, LE),), (then,))


def _suppose(wanted: Value, refute: Callable[[list[Fact]], Step]) -> Step:
    """The goal `wanted`, refuted from what its negation supposes."""
    supposed = [fact for value in negation(wanted) for fact in facts_of(value)]
    return Step(GOAL, [], blocks=[Block(supposed, [refute(supposed)])])


def _scale(fact: Fact, value: Form) -> Fraction:
    """How many times the coefficients of `value` those of the fact are, but for the sign."""
    (v, c), *_ = value[2]
    return abs(Fraction(dict(fact.value[2])[v] * value[0], c))


def _both(one: Fact, other: Fact) -> Callable[[list[Fact]], Step]:
    """The two facts contradict each other, whatever is supposed."""
    return lambda _: leaf({one: 1, other: 1})


def _contrary(fact: Fact, wanted: Value, branch: int) -> Block:
    """Where `fact` is a branch of the goal, an inequality, the goal holds."""
    return Block([fact], [_suppose(wanted, lambda supposed: leaf({fact: 1, supposed[branch]: 1}))])


def _equal(facts: list[Fact], fact: Fact, wanted: Value, branch: int) -> Block:
    """The same where the branch is an equation."""

    def refute(supposed: list[Fact]) -> Step:
        off = supposed[branch]
        sides = [Fact(one) for (one,) in off.value[1]]
        blocks = [Block([side], [leaf({fact: _sign(fact, side), side: 1})]) for side in sides]
        return Step(SPLIT, [off], [off], blocks=blocks)

    return Block(facts, [_suppose(wanted, refute)])


def _sign(equation: Fact, strict: Fact) -> int:
    """The multiplier with which the equation cancels `t < 0` or `-t < 0`, t its left side."""
    return -1 if equation.value[2] == strict.value[2] else 1
