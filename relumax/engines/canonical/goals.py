"""What is left to say, once every output is a form over atoms.

An equation whose canonical form is 0 = 0 is the sum of the equations that rewrite its variables. Else it may say that a
form over pairwise maxima is a maximum (`identities`); and what is neither goes by cases.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from relumax.engines.canonical.cases import Cases
from relumax.engines.canonical.opening import Opening
from relumax.engines.script import GOAL, Block, Fact, Step, Value, combine, facts_of, leaf, split
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LE, negated, negation
from relumax.kernel.wire import form


def proved(opening: Opening) -> Step:
    """The step that proves all goals of the statement; raises GaveUp."""
    cases = Cases(opening)
    goals = opening.table.context.goals
    if opening.places and not all(_cancels(opening, goal) for goal in goals):
        return cases.proved(goals)
    blocks: list[Block] = []
    for goal in goals:
        blocks += (
            _sum(opening, goal) or _number(opening, goal) or _identity(opening, goal) or cases.proved([goal]).blocks
        )
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


def _number(opening: Opening, goal: Value) -> list[Block]:
    """The goal, an inequality whose form is a number, by the sum of equations that says so."""
    table = opening.table
    if goal[0] != LE or not goal[2]:
        return []
    _, const, terms = table.canonical((1, *goal[1:]))
    if terms or const > 0:
        return []
    from relumax.engines.orders.sums import Farkas, contradiction

    used = table.rewriting(goal[2])
    v, c = goal[2][0]
    total = sum(m * dict(fact.terms).get(v, 0) for fact, m in used.items())
    false = Fact(negated(goal))
    using: Farkas = [(false, Fraction(1)), *((fact, Fraction(m * c, total)) for fact, m in used.items())]
    return [Block([false], [contradiction(using)])]


def _same(goal: Value, fact: Fact) -> Block:
    """An equation as goal, which is a fact."""
    (false,) = facts_of(negation(goal)[0])
    (below,), (above,) = false.branches()
    blocks = [Block([one], [leaf({one: 1, fact: m})]) for one, m in ((below, -1), (above, 1))]
    return Block([false], [split(false, blocks)])


def _identity(opening: Opening, goal: Value) -> list[Block]:
    """The goal `m = z` by the orders of the inputs, m a maximum of several and z a formula in pairwise maxima."""
    table, maxima = opening.table, opening.maxima
    if goal[0] != EQ:
        return []
    _, const, terms = table.canonical((1, *goal[1:]))
    leaves, m, own = max(((maxima.sets.get(v, 0).bit_count(), v, c) for v, c in terms), default=(0, 0, 0))
    if leaves < 3:
        return []
    rest = tuple((v, -c if own > 0 else c) for v, c in terms if v != m)
    from relumax.engines.canonical.identities import is_largest  # and much of `orders`
    from relumax.engines.orders.sums import close, weights

    with suppress(GaveUp):
        flat, same = maxima.of_leaves(m)
        facts = [*is_largest(table, maxima, form(abs(own), 0, rest), flat), *same, *table.rewriting(goal[2])]
        return list(close(goal, weights(goal, facts)).blocks) if not const else []
    return []
