"""The case tree of a formula in pairwise maxima: one case for each order of the inputs that is left.

An order is reached by splitting the clauses of maxima. On the way down the formula shrinks, and each node proves its
formula from the one below it:

  * D_k <= 0 in the order at hand: its relu is 0;   D_k >= 0: it is D_k, for relu(-D_k) is 0;
  * D_k and D_l have become multiples of each other, and the weights of all such relus cancel: none is split, since
    relu(D_k) = c relu(D_l) or c relu(-D_l), and relu(D) - relu(-D) = D.

Signs are read off the order: D >= 0 if every negative unit of D lies below a positive one of its own (a matching).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations, permutations
from time import monotonic

from relumax.engines.lemmas import Lemmas
from relumax.engines.pairwise import (
    Between,
    Combination,
    Formula,
    Linear,
    Terms,
    add,
    clause,
    close,
    contradiction,
    derived,
    maximum_of,
    multiple,
    opposed,
    opposite,
    reverse,
    signed,
    single,
    whole,
)
from relumax.engines.script import GOAL, SPLIT, Block, Fact, Step, Value, argument, have, leaf
from relumax.engines.search import GaveUp
from relumax.kernel.proof import Context
from relumax.kernel.wire import EQ, LE, LT, atom, collect

Pending = dict[Terms, Fraction]
"""Weights of the relus that are left, relu(D) for the key D."""


class Order:
    """What is known of the order: facts l <= u along paths, closed under transitivity, and maxima that are decided."""

    def __init__(self) -> None:
        self.below: dict[tuple[int, int], tuple[Fact, ...]] = {}
        self.decided: dict[int, tuple[int, Fact]] = {}  # M -> the input that it is, and the fact

    def copy(self) -> Order:
        """An order to be refined."""
        found = Order()
        found.below, found.decided = dict(self.below), dict(self.decided)
        return found

    def learn(self, low: int, high: int, path: tuple[Fact, ...]) -> None:
        """low <= high, and what follows."""
        if (low, high) in self.below:
            return
        unders = [(low, ())] + [(a, p) for (a, b), p in self.below.items() if b == low]
        overs = [(high, ())] + [(b, p) for (a, b), p in self.below.items() if a == high]
        for a, first in unders:
            for b, last in overs:
                if a != b:
                    self.below.setdefault((a, b), (*first, *path, *last))

    def value(self, terms: Iterable[tuple[int, int | Fraction]]) -> Linear:
        """A linear function with decided maxima replaced."""
        total: Linear = {}
        for v, c in terms:
            add(total, c, [(self.decided[v][0] if v in self.decided else v, 1)])
        return total

    def replaced(self, terms: Iterable[tuple[int, int | Fraction]], weight: Fraction) -> Combination:
        """Facts whose sum is weight * (terms - value(terms))."""
        found = []
        for v, c in terms:
            if v in self.decided:
                fact = self.decided[v][1]
                found.append((fact, weight * c / dict(fact.value[2])[v]))
        return found

    def nonnegative(self, form: Linear) -> Combination | None:
        """Facts whose sum is -form, if each negative unit of `form` lies below a positive one of its own."""
        lows = [v for v, c in sorted(form.items()) for _ in range(int(-c))]
        highs = [v for v, c in sorted(form.items()) for _ in range(int(c))]
        if len(lows) != len(highs):
            return None
        owner: dict[int, int] = {}  # place in highs -> place in lows

        def place(low: int, tried: set[int]) -> bool:
            for k, high in enumerate(highs):
                if k not in tried and (lows[low], high) in self.below:
                    tried.add(k)
                    if k not in owner or place(owner[k], tried):
                        owner[k] = low
                        return True
            return False

        if not all(place(low, set()) for low in range(len(lows))):
            return None
        weights: Counter[Fact] = Counter()
        for high, low in sorted(owner.items()):
            weights.update(self.below[lows[low], highs[high]])
        return [(fact, Fraction(times)) for fact, times in weights.items()]


class Tree:
    """The case tree in the context of a lemma about `formula`; its facts are clauses of maxima and some x_i <= x_j."""

    def __init__(self, formula: Formula, context: Context, lemmas: Lemmas, deadline: float | None):
        self.n, self.formula, self.lemmas, self.deadline = formula.n, formula, lemmas, deadline
        self.pairs = {maximum_of(self.n, i, j): (i, j) for i, j in combinations(range(self.n), 2)}
        self.steps: list[Step] = []
        self.order = Order()
        self.clauses: dict[tuple[int, int], Fact] = {}
        self.unit: dict[Terms, tuple[int, Fact, Fact]] = {}  # D -> relu(D), its clause, and relu(D) >= 0
        self.cut: dict[Terms, Fact] = {}  # D -> relu(D) - relu(-D) = D
        facts = [Fact(context.fact(k, ""), k) for k in range(len(context.facts))]
        self._orders({fact.value: fact for fact in facts})
        for (variable, (_, value)), fact in zip(context.units.items(), facts, strict=False):
            bounds = lemmas.use("relu_bounds", [argument(value)], [value, single(variable)])
            self.steps += bounds
            self.unit[value[2]] = variable, fact, bounds[0].makes[0]
        for terms in formula.atoms:
            self.steps.append(opposite(lemmas, (1, 0, terms), self.unit[terms][0], self.unit[opposed(terms)][0]))
            (self.cut[terms],) = self.steps[-1].makes

    def _orders(self, known: dict[Value, Fact]) -> None:
        for m, (i, j) in self.pairs.items():
            self.clauses[i, j] = known[clause(self.n, i, j)]
            self.steps.append(reverse(self.lemmas, single(i), single(j), single(m), self.clauses[i, j]))
            (self.clauses[j, i],) = self.steps[-1].makes
            for k in (i, j):
                self._bound(self.steps, self.order, k, m, m)
        for i, j in permutations(range(self.n), 2):
            below = known.get(atom(LE, 0, collect({i: 1, j: -1})))
            if below is not None:
                self.order.learn(i, j, (below,))

    def _bound(self, steps: list[Step], order: Order, low: int, high: int, m: int) -> None:
        """low <= high, where one of them is the maximum m = M_ij, by the two cases m = x_j and m = x_i."""
        i, j = self.pairs[m]
        false = Fact(atom(LT, 0, collect({low: -1, high: 1})))
        blocks = []
        for branch, k in zip(self.clauses[i, j].value[1], (j, i), strict=True):
            less, equal = [Fact(one) for one in branch]
            path: tuple[Fact, ...] = ()
            if k not in (low, high):  # low is the other of x_i, x_j; or high is above both
                path = (less,) if high == m else order.below[k, high]
            sign = -dict(false.value[2])[m] * dict(equal.value[2])[m]
            blocks.append(Block([less, equal], [leaf({false: 1, equal: sign, **dict.fromkeys(path, 1)})]))
        split = Step(SPLIT, [self.clauses[i, j]], [self.clauses[i, j]], blocks=blocks)
        proof = Block([], [Step(GOAL, [], blocks=[Block([false], [split])])])
        step = have(atom(LE, 0, collect({low: 1, high: -1})), proof)
        steps.append(step)
        order.learn(low, high, (step.makes[0],))

    # ---- nodes

    def prove(self, goal: Value, target: int) -> Block:
        """Prove `goal`, which says that the formula is x_target, with both relus of each |D|."""
        pending = {terms: 2 * weight for terms, weight in self.formula.atoms.items()}
        rest = dict(self.formula.linear)
        add(rest, -1, [(target, 1)])
        for terms, weight in self.formula.atoms.items():
            add(rest, -weight, terms)
        block = Block([], self.steps)
        order = self.order.copy()
        inner = self._settled(block, order)
        using = [(self.cut[terms], weight) for terms, weight in self.formula.atoms.items()]
        self._node(self._smaller(inner, goal, pending, rest, using, []), order, pending, rest)
        return block

    def _smaller(
        self, block: Block, goal: Value, pending: Pending, rest: Linear, using: Combination, between: Between
    ) -> tuple[Block, Value]:
        """Prove goal from the equation `sum of pending + rest = 0`; where that has to be proved, and the equation."""
        linear = dict(rest)
        for terms, weight in pending.items():
            linear[self.unit[terms][0]] = weight
        value = atom(EQ, 0, whole(linear)[0])
        inner = Block([])
        step = have(value, inner)
        v, c = value[2][0]
        block.steps += [step, close(goal, [(step.makes[0], linear[v] / c), *using], between)]
        return inner, value

    def _node(self, place: tuple[Block, Value], order: Order, pending: Pending, rest: Linear) -> None:
        """Prove the equation `sum of pending + rest = 0` in the block, under the order."""
        block, goal = place
        if self.deadline is not None and monotonic() > self.deadline:
            raise GaveUp("time-out in the case tree of orders")
        self._bounds(block, order)
        using: Combination = []
        between: Between = []
        left, rest = dict(pending), dict(rest)
        groups: dict[Terms, list[tuple[Terms, Fraction]]] = {}
        for terms, weight in pending.items():
            form = order.value(terms)
            if self._off(block, order, opposed(terms), form, weight, between):
                using.append((self.cut[terms], -weight))
                add(rest, weight, terms)
                del left[terms]
            elif self._off(block, order, terms, {v: -c for v, c in form.items()}, weight, between):
                del left[terms]
            else:
                direction, factor = whole(form)
                side = signed(direction)
                groups.setdefault(side, []).append((terms, factor if side == direction else -factor))
        for members in groups.values():
            if sum(pending[terms] * abs(factor) for terms, factor in members) == 0:
                self._cancel(block, order, members, pending, rest, using)
                for terms, _ in members:
                    del left[terms]
        if len(left) < len(pending) or not left:
            using += order.replaced(rest.items(), Fraction(1))
            rest = order.value(rest.items())
            if not left and not rest:
                block.steps.append(close(goal, using, between))
                return
            place = self._smaller(block, goal, left, rest, using, between)
        self._split(place, order, left, rest)

    def _bounds(self, block: Block, order: Order) -> None:
        """M_ij <= e for every e above x_i and x_j."""
        open_ = [m for m in self.pairs if m not in order.decided]
        for m in open_:
            i, j = self.pairs[m]
            for high in [*range(self.n), *open_]:
                if high != m and (i, high) in order.below and (j, high) in order.below and (m, high) not in order.below:
                    self._bound(block.steps, order, m, high, m)

    def _off(self, block: Block, order: Order, side: Terms, form: Linear, weight: Fraction, between: Between) -> bool:
        """relu(side) <= 0, if side = -form <= 0 in this order; then weight * relu(side) joins what is 0."""
        path = order.nonnegative(form)
        if path is None:
            return False
        variable, clause_, low = self.unit[side]
        false = Fact(atom(LT, 0, ((variable, -1),)))
        (at_most, is_zero), (more, equal) = [[Fact(one) for one in branch] for branch in clause_.value[1]]
        positive: Combination = [(more, Fraction(1)), *path, *order.replaced(side, Fraction(1))]
        blocks = [
            Block([at_most, is_zero], [leaf({false: 1, is_zero: 1})]),
            Block([more, equal], [contradiction(positive)]),
        ]
        split = Step(SPLIT, [clause_], [clause_], blocks=blocks)
        step = have(atom(LE, 0, ((variable, 1),)), Block([], [Step(GOAL, [], blocks=[Block([false], [split])])]))
        block.steps.append(step)
        between.append((low, step.makes[0], weight))
        return True

    def _cancel(
        self,
        block: Block,
        order: Order,
        members: list[tuple[Terms, Fraction]],
        pending: Pending,
        rest: Linear,
        using: Combination,
    ) -> None:
        """Relus of multiples of one form, whose weights cancel: each is a multiple of the first, or of its opposite."""
        (first, scale), *others = members
        for terms, factor in others:
            ratio, weight = factor / scale, pending[terms]
            side = first if ratio > 0 else opposed(first)
            step = derived(EQ, order.replaced(terms, Fraction(1)) + order.replaced(first, -ratio))
            units = self.unit[terms][0], self.unit[side][0]
            same = multiple(self.lemmas, (1, 0, terms), (1, 0, side), units, step.makes[0], abs(ratio))
            block.steps += [step, same]
            fact = same.makes[0]
            using.append((fact, weight / dict(fact.value[2])[units[0]]))
            if ratio < 0:  # relu(-D) = relu(D) - D
                using.append((self.cut[first], -weight * ratio))
                add(rest, weight * ratio, first)

    def _split(self, place: tuple[Block, Value], order: Order, pending: Pending, rest: Linear) -> None:
        block, _ = place
        uses: Counter[int] = Counter()
        for terms in pending:
            uses.update(v for v, _ in terms if v not in order.decided)
        undecided = [m for m in self.pairs if m not in order.decided]
        if not undecided:
            raise GaveUp("not the maximum: in some order of the inputs what is undecided does not cancel")
        m = max(undecided, key=lambda m: (uses[m], -m))
        i, j = self.pairs[m]
        blocks = []
        for branch, (low, high) in zip(self.clauses[i, j].value[1], ((i, j), (j, i)), strict=True):
            less, equal = [Fact(one) for one in branch]
            finer = order.copy()
            finer.learn(low, high, (less,))
            finer.decided[m] = high, equal
            blocks.append(Block([less, equal]))
            inner = self._settled(blocks[-1], finer)
            self._node((inner, place[1]), finer, pending, rest)
        block.steps.append(Step(SPLIT, [self.clauses[i, j]], [self.clauses[i, j]], blocks=blocks))

    def _settled(self, block: Block, order: Order) -> Block:
        """The maxima that the order decides, each by a split whose other branch is closed; the innermost block."""
        for m, (a, b) in self.pairs.items():
            for i, j in ((a, b), (b, a)):
                if m not in order.decided and (i, j) in order.below:
                    (less, equal), (more, other) = [[Fact(one) for one in x] for x in self.clauses[i, j].value[1]]
                    inner = Block([less, equal])
                    closed = Block([more, other], [leaf({more: 1, **dict.fromkeys(order.below[i, j], 1)})])
                    split = Step(SPLIT, [self.clauses[i, j]], [self.clauses[i, j]], blocks=[inner, closed])
                    block.steps.append(split)
                    block = inner
                    order.decided[m] = j, equal
        return block
