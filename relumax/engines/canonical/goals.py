"""What is left to say, once every output is a form over atoms.

An equation whose canonical form is 0 = 0 is the sum of the equations that rewrite its variables. Else it may say that a
form over pairwise maxima is a maximum (`identities`); and what is neither goes by cases.
"""

from __future__ import annotations

from contextlib import suppress

from relumax.engines.canonical.cases import Cases
from relumax.engines.canonical.opening import Opening
from relumax.engines.script import GOAL, Block, Fact, Step, Value, combine, facts_of, leaf, split
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, negation


def proved(opening: Opening) -> Step:
    """The step that proves all goals of the statement; raises GaveUp."""
    cases = Cases(opening)
    goals = opening.table.context.goals
    if opening.places and not all(_cancels(opening, goal) for goal in goals):
        return cases.proved(goals)
    blocks: list[Block] = []
    for goal in goals:
        blocks += _sum(opening, goal) or _identity(opening, goal) or cases.proved([goal]).blocks
    return Step(GOAL, [], blocks=blocks)


def _cancels(opening: Opening, goal: Value) -> bool:
    """Whether the goal is an equation that is 0 = 0 of atoms."""
    return bool(goal[0] == EQ and opening.table.canonical((1, *goal[1:])) == (1, 0, ()))


def _sum(opening: Opening, goal: Value) -> list[Block]:
    """The goal by a sum of equations, if it is one."""
    table = opening.table
    if not _cancels(opening, goal):
        return []
    fact = table.atoms.get(goal) or table.step(combine(goal, table.rewriting(goal[2])))[0]
    return [_same(goal, fact)]


def _same(goal: Value, fact: Fact) -> Block:
    """An equation as goal, which is a fact."""
    (false,) = facts_of(negation(goal)[0])
    (below,), (above,) = false.branches()
    blocks = [Block([one], [leaf({one: 1, fact: m})]) for one, m in ((below, -1), (above, 1))]
    return Block([false], [split(false, blocks)])


def _identity(opening: Opening, goal: Value) -> list[Block]:
    """The goal `y = max(x)` by the orders of the inputs, if y is a formula in pairwise maxima."""
    table = opening.table
    if goal[0] != EQ or len(opening.largest) != 1 or len(goal[2]) != 2:
        return []
    (largest,) = opening.largest
    outputs = [v for v, _ in goal[2] if v in table.equal]
    if len(outputs) != 1 or all(v != largest.last[0] for v, _ in goal[2]):
        return []
    from relumax.engines.canonical.identities import is_largest  # and much of `orders`
    from relumax.engines.orders.sums import close, weights

    with suppress(GaveUp):
        facts = [*is_largest(table, opening.maxima, table.canon[outputs[0]], largest), table.equal[outputs[0]]]
        return list(close(goal, weights(goal, facts)).blocks)
    return []
