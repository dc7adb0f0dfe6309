"""A tree of orders whose leaves cancel maxima: the identity of nine, behind `max/bakaev` (arXiv 2505.14338).

    2 max(x1, ..., x5) = P1 + P2 + P3 + P4 + Q - R13 - R14 - R23 - R24,

each the maximum of 2 x5 and of sums of two of x1..x4 and m13, m14, m23, m24. In an order of x1..x4 the m are known, a
sum that another one exceeds may be left out of a maximum, and what is left of the nine maxima cancels in pairs but for
the one that is the maximum of all. For the orders of 1, 2 and of 3, 4 two more maxima are defined.
"""

from __future__ import annotations

from relumax.constructions.bakaev import gadget_for
from relumax.engines.contracts import layer_lemma
from relumax.engines.lemmas import Form, Lemma, Lemmas
from relumax.engines.maxima import Relation, follows, taken_apart
from relumax.engines.orders.formula import ordered
from relumax.engines.orders.order import Order, Orders
from relumax.engines.orders.sums import Farkas, close, form_of, per, summed
from relumax.engines.script import MERGE, Block, Fact, Step, define_largest, facts_in, have
from relumax.kernel.proof import MAX, Context, variable
from relumax.kernel.wire import EQ, LE, difference

CROSSED = {5: (1, 3), 6: (1, 4), 7: (2, 3), 8: (2, 4)}
"""The variables of the lemma: x5, the halves of x1..x4, then m13, m14, m23, m24; after them P1..P4, Q, R13..R24."""
NINE = range(9, 18)
OTHERS = {18: (1, 2), 19: (3, 4)}
SIGNS = (1,) * 5 + (-1,) * 4


def shape() -> Lemma:
    """The contract for a rest that is x5 alone."""
    return layer_lemma(gadget_for(1), [variable(v) for v in range(18)])


def nine_lemma(lemmas: Lemmas) -> int:
    """The number of the lemma: from what the nine maxima are, the identity."""
    return lemmas.number("nine", shape, lambda context: Tree(context, lemmas).prove())


class Tree(Orders):
    """The tree in the context of the lemma."""

    def __init__(self, context: Context, lemmas: Lemmas):
        facts = facts_in(context)
        crossed, self.nine = facts[:4], facts[4:]
        self.whole = context.goals[0]
        defining = [define_largest(m, [variable(i) for i in pair]) for m, pair in OTHERS.items()]
        maxima = [*crossed, *[step.makes[0] for step in defining]]
        pairs = CROSSED | OTHERS
        clauses = [ordered(lemmas, i, j, m, fact) for (m, (i, j)), fact in zip(pairs.items(), maxima, strict=True)]
        super().__init__(pairs, [step.makes[0] for step in clauses], lemmas)
        self.steps = [*defining, *clauses, *self.steps]

    def prove(self) -> Block:
        """Prove the lemma's conclusion."""
        block = Block([], self.steps)
        self._node(block, self.order)
        return block

    def _node(self, block: Block, order: Order) -> None:
        """Prove that, under the order, by cancelling if that is all, or by splitting."""
        self.bounds(block, order)
        kept = [_kept(order, fact) for fact in self.nine]
        classes: dict[frozenset[Form], list[int]] = {}
        for k, one in enumerate(kept):
            classes.setdefault(frozenset(one.values()), []).append(k)
        left = [members for members in classes.values() if sum(SIGNS[k] for k in members)]
        if len(left) == 1 and sum(SIGNS[k] for k in left[0]) == 1:
            reduced = [self._reduced(block, order, fact, one) for fact, one in zip(self.nine, kept, strict=True)]
            self._close(block, order, reduced, list(classes.values()), left[0][0])
            return
        wanted = [v for fact in self.nine for child in fact.children for v, _ in child[2]]
        for inner, finer in self.branches(block, order, wanted):
            self._node(inner, finer)

    def _close(self, block: Block, order: Order, reduced: list[Fact], classes: list[list[int]], winner: int) -> None:
        """Merge the maxima that have become the same: what they leave is the winner."""
        using: Farkas = []
        for first, *others in classes:
            for k in others:
                one, same = reduced[k], Fact(difference(reduced[k].head, reduced[first].head, EQ))
                block.steps.append(Step(MERGE, [one, reduced[first], one], [one, reduced[first]], [same]))
                using.append(per(same, NINE[k], SIGNS[k]))
        equal = difference(self.whole[1], reduced[winner].head, EQ)
        block.steps.append(have(equal, Block([], [close(equal, using)])))
        known = dict.fromkeys(fact for path in order.below.values() for fact in path)
        block.steps += taken_apart([reduced[winner]], [*block.steps[-1].makes, *known], [self.whole]).steps

    def _reduced(self, block: Block, order: Order, fact: Fact, kept: dict[Form, Form]) -> Fact:
        """The max fact over x1..x5 alone, without what another element exceeds."""
        relations: list[Relation] = []
        for child, over in kept.items():
            if child != over:
                relation = EQ if form_of(order.value(child[2])) == over else LE
                why = order.bound(child[2], over[2]) or []
                block.steps.append(summed(difference(child, over, relation), why))
                relations.append((relation, child, over, block.steps[-1].makes[0]))
        if not relations:
            return fact
        then = MAX, fact.head, tuple(dict.fromkeys(kept.values()))
        block.steps.append(follows(self.lemmas, then, [fact], relations))
        return block.steps[-1].makes[0]


def _kept(order: Order, fact: Fact) -> dict[Form, Form]:
    """For each element of a max fact, one over x1..x5 that is kept and is at least that."""
    values = {child: form_of(order.value(child[2])) for child in fact.children}

    def exceeded(one: Form, by: Form) -> bool:
        return order.nonnegative(dict(difference(by, one, LE)[2])) is not None

    distinct = dict.fromkeys(values.values())
    highest = [one for one in distinct if not any(exceeded(one, by) for by in distinct if by != one)]
    return {child: next(by for by in highest if one == by or exceeded(one, by)) for child, one in values.items()}
