"""Staircases: a sum of steps u_j - v_j of relus that counts how many levels a value X has reached.

An output low + sum of c_j d_j, with d_j = u_j - v_j two relus of the same rising value, goes up by s_j at step j. With
L_j = low + s_1 + ... + s_j, and a requirement that X is at most L_(j-1) or at least L_j for each j, it is X:

    step j     X <= L_(j-1) and d_j = 0,  or  X >= L_j and d_j = t_j, its top (s_j = c_j t_j)
    prefix j   X <= L_j and low + c_1 d_1 + ... + c_j d_j = X,  or  X >= L_j and that sum is L_j
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from relumax.engines.cases import branches_of
from relumax.engines.lemmas import Form
from relumax.engines.script import Fact, Value
from relumax.engines.search import GaveUp
from relumax.engines.shapes import constant, shifted, weighted
from relumax.kernel.proof import EQ, LE, OR, difference, variable

if TYPE_CHECKING:
    from relumax.engines.modular import Walk


class Tread(NamedTuple):
    """One step: c (u - v), where the argument of u is that of v plus `top`."""

    weight: Fraction
    u: int
    v: int
    top: Fraction


def climb(walk: Walk, goal: Value, cuts: Sequence[Fact]) -> list[Fact]:
    """The cut that an output's form is X, for a goal `output = X`, if the form is a staircase."""
    of, outputs = [v for v, _ in goal[2]], walk.outputs
    if len(of) != 2 or goal[1] != 0 or (of[0] in outputs) == (of[1] in outputs):
        return []
    y, x = of if of[0] in outputs else of[::-1]
    treads = _treads(walk, outputs[y])
    value = variable(x)
    if not treads or goal not in (difference(variable(y), value, EQ), difference(value, variable(y), EQ)):
        return []
    said = {branch[0]: fact for fact in promises(walk) for branch in branches_of(fact.value)}
    den, const, _ = outputs[y]
    sums, level, known = constant(Fraction(const, den)), Fraction(const, den), list(walk.by_variable.get(x, ()))
    try:
        for tread in treads:
            rise = tread.weight * tread.top
            above = difference(constant(level + rise), value, LE)
            below = difference(value, constant(level), LE)
            d = weighted([(Fraction(1), variable(tread.u)), (Fraction(-1), variable(tread.v))])
            here = (below, difference(d, constant(0), EQ)), (above, difference(d, constant(tread.top), EQ))
            units = [walk.search.units[tread.u], walk.search.units[tread.v]]
            facts = [*units, *walk.moves(walk.relus[tread.u]), *cuts, *([said[above]] if above in said else [])]
            step = walk.derive((OR, here), facts)
            level, sums = level + rise, weighted([(Fraction(1), sums), (tread.weight, d)])
            at, over = difference(value, constant(level), LE), difference(constant(level), value, LE)
            equal = difference(sums, value, EQ), difference(sums, constant(level), EQ)
            known = [walk.derive((OR, ((at, equal[0]), (over, equal[1]))), [step, *known])]
        return [walk.derive(difference(sums, value, EQ), [*known, *walk.by_variable.get(x, ())])]
    except GaveUp:
        return []


def promises(walk: Walk) -> list[Fact]:
    """What is required at each i."""
    return [fact for required in walk.required.values() for made in required for fact in made]


def _treads(walk: Walk, held: Form) -> list[Tread]:
    """The steps of the form, from the lowest up; none if it is no sum of steps."""
    arguments = {v: walk.relus[v] for v, _ in held[2] if v in walk.relus and v in walk.search.units}
    if len(arguments) < len(held[2]) or not arguments:
        return []
    rising = {v: Fraction(value[1], value[0]) for v, value in arguments.items()}
    waiting = {v: Fraction(c, held[0]) for v, c in held[2]}
    found = []
    for v in sorted(waiting, key=lambda one: -rising[one]):  # the first to leave 0 comes first
        weight = waiting[v]
        if weight > 0:
            downs = [u for u, c in waiting.items() if c == -weight and rising[u] < rising[v]]
            if downs:
                down = max(downs, key=lambda one: rising[one])
                found.append(Tread(weight, v, down, rising[v] - rising[down]))
    same = {shifted(arguments[v], -rising[v]) for v in arguments}
    whole = len({one for tread in found for one in (tread.u, tread.v)}) == len(arguments)
    return found if whole and len(same) == 1 and 2 * len(found) == len(arguments) else []
