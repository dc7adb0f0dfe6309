"""A tree of orders whose leaves cancel relus: where x_t is the largest input, a formula in pairwise maxima is x_t.

On the way down the formula shrinks, and each node proves its equation from the one below it:

  * D_k <= 0 in the order at hand: its relu is 0;   D_k >= 0: it is D_k, for relu(-D_k) is 0;
  * D_k and D_l have become multiples of each other, and the weights of all such relus cancel: none is split, since
    relu(D_k) = c relu(D_l) or c relu(-D_l), and relu(D) - relu(-D) = D.

Nothing else is left in a total order, if the equation is true: where the hyperplane D = 0 meets the inside of the
chamber the function has a kink, unless the weights of the relus with that hyperplane cancel.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from relumax.engines.lemmas import Lemmas
from relumax.engines.orders.formula import AbsoluteSum, multiple, opposed, opposite, signed
from relumax.engines.orders.order import Order, Orders
from relumax.engines.orders.sums import ONE, Farkas, Linear, Terms, Zero, add, by_cases, close, derived, per, whole
from relumax.engines.script import Block, Fact, Value, argument, facts_in, have
from relumax.kernel.proof import Context, variable
from relumax.kernel.wire import EQ, LE, LT, atom

Pending = dict[Terms, Fraction]
"""Weights of the relus that are left, relu(D) for the key D."""


class Equation(NamedTuple):
    """`sum of pending + rest = 0`; with the sum of `using` it is the equation `value` that it was."""

    value: Value
    pending: Pending
    rest: Linear
    using: Farkas


class Tree(Orders):
    """The tree in the context of a lemma about `formula`; its facts are clauses of maxima and some x_i <= x_j."""

    def __init__(self, formula: AbsoluteSum, context: Context, lemmas: Lemmas):
        facts = facts_in(context)
        super().__init__(formula.pairs(), facts, lemmas)
        self.formula = formula
        self.unit: dict[Terms, tuple[int, Fact, Fact]] = {}  # D -> relu(D), its clause, and relu(D) >= 0
        self.cut: dict[Terms, Fact] = {}  # D -> relu(D) - relu(-D) = D
        for (v, (_, value)), fact in zip(context.units.items(), facts, strict=False):
            bounds = lemmas.use("relu_bounds", [argument(value)], [value, variable(v)])
            self.steps += bounds
            self.unit[value[2]] = v, fact, bounds[0].makes[0]
        for terms in formula.atoms:
            self.steps.append(opposite(lemmas, (1, 0, terms), self.unit[terms][0], self.unit[opposed(terms)][0]))
            (self.cut[terms],) = self.steps[-1].makes

    def prove(self, goal: Value, target: int) -> Block:
        """Prove `goal`, which says that the formula is x_target, with both relus of each |D|."""
        pending = {terms: 2 * weight for terms, weight in self.formula.atoms.items()}
        start = Equation(goal, pending, dict(self.formula.linear), [])
        add(start.rest, -1, [(target, 1)])
        for terms, weight in self.formula.atoms.items():
            add(start.rest, -weight, terms)
            start.using.append((self.cut[terms], weight))
        block, order = Block([], self.steps), self.order.refined()
        inner = self.settled(block, order)
        self._node(*self._smaller(inner, start), order)
        return block

    def _smaller(self, block: Block, now: Equation) -> tuple[Block, Equation]:
        """Prove what `now` was from what it is; where that has to be proved, and the equation."""
        linear = dict(now.rest)
        for terms, weight in now.pending.items():
            linear[self.unit[terms][0]] = weight
        value = atom(EQ, 0, whole(linear)[0])
        inner = Block([])
        step = have(value, inner)
        v = value[2][0][0]
        block.steps += [step, close(now.value, [per(step.makes[0], v, linear[v]), *now.using])]
        return inner, Equation(value, now.pending, now.rest, [])

    def _node(self, block: Block, now: Equation, order: Order) -> None:
        """Prove the equation in the block, under the order."""
        self.bounds(block, order)
        pending = now.pending.copy()
        groups: dict[Terms, list[tuple[Terms, Fraction]]] = {}
        for terms, weight in pending.items():
            form = order.value(terms)
            if self._off(block, order, now, opposed(terms), weight):  # relu(D) is D
                now.using.append((self.cut[terms], -weight))
                add(now.rest, weight, terms)
                del now.pending[terms]
            elif self._off(block, order, now, terms, weight):
                del now.pending[terms]
            else:
                direction, factor = whole(form)
                side = signed(direction)
                groups.setdefault(side, []).append((terms, factor if side == direction else -factor))
        for members in groups.values():
            if sum(pending[terms] * abs(factor) for terms, factor in members) == 0:
                self._cancel(block, order, now, members)
        if len(now.pending) < len(pending) or not pending:
            now.using.extend(order.replaced(now.rest.items()))
            now = now._replace(rest=order.value(now.rest.items()))
            if not now.pending and not now.rest:
                block.steps.append(close(now.value, now.using))
                return
            block, now = self._smaller(block, now)
        wanted = [v for terms in now.pending for v, _ in terms]
        for inner, finer in self.branches(block, order, wanted):
            self._node(inner, Equation(now.value, dict(now.pending), dict(now.rest), []), finer)

    def _off(self, block: Block, order: Order, now: Equation, side: Terms, weight: Fraction) -> bool:
        """relu(side) <= 0, if side <= 0 in this order; then weight * relu(side) joins what is 0."""
        why = order.bound(side, ())
        if why is None:
            return False
        v, clause, low = self.unit[side]

        def refute(false: Fact, branch: list[Fact]) -> Farkas:
            first, second = branch
            return [(first, ONE), *why] if first.value[0] == LT else [(false, ONE), (second, ONE)]  # LT: 0 < side

        block.steps.append(by_cases(atom(LE, 0, ((v, 1),)), clause, refute))
        now.using.append((Zero(block.steps[-1].makes[0], low), weight))
        return True

    def _cancel(self, block: Block, order: Order, now: Equation, members: list[tuple[Terms, Fraction]]) -> None:
        """Relus of multiples of one form, whose weights cancel: each is a multiple of the first, or of its opposite."""
        (first, scale), *others = members
        del now.pending[first]
        for terms, factor in others:
            ratio, weight = factor / scale, now.pending.pop(terms)
            side = first if ratio > 0 else opposed(first)
            step = derived(order.replaced(terms) + order.replaced(first, -ratio))
            units = self.unit[terms][0], self.unit[side][0]
            same = multiple(self.lemmas, (1, 0, terms), (1, 0, side), units, step.makes[0], abs(ratio))
            block.steps += [step, same]
            now.using.append(per(same.makes[0], units[0], weight))
            if ratio < 0:  # relu(-D) = relu(D) - D
                now.using.append((self.cut[first], -weight * ratio))
                add(now.rest, weight * ratio, first)
