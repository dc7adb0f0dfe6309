"""Proofs case by case over the index of a winner: linear in the number of its values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from relumax.engines.script import SPLIT, Block, Fact, Step, Value, have
from relumax.engines.search import GaveUp, Search
from relumax.kernel.proof import OR

if TYPE_CHECKING:
    from relumax.engines.modular import Walk


def by_cases(walk: Walk, number: int, index: int, wanted: Value, blocks: list[Block]) -> list[Fact]:
    """The cut `wanted` about the winner `index`: block i supposes that it is i and all arrays are read there."""
    bounds = walk.bounds(index)
    known = bounds
    cut = here = Block([])
    for i, block in enumerate(blocks):
        pick = walk.picks[number, i]
        if len(pick.value[1]) != 3:
            raise GaveUp("a winner that may trail or tie is not decided by cases")
        before, after = [[Fact(one) for one in branch] for branch in pick.value[1][1:]]
        rest = Block(before)
        here.steps.append(Step(SPLIT, [pick], [pick], blocks=[block, rest, closed(after, known, wanted)]))
        here, known = rest, [*bounds, *before]
    here.steps = closed([], known, wanted).steps
    step = have(wanted, cut)
    walk.step(step)
    return list(step.makes)


def winner_is(walk: Walk, number: int, i: int) -> list[Fact]:
    """What holds where the winner is i: the index, and each array read there."""
    return [Fact(one) for one in walk.picks[number, i].value[1][0]]


def closed(supposed: Sequence[Fact], facts: Iterable[Fact], wanted: Value, most: int = 20_000) -> Block:
    """A block that proves `wanted`, under what is supposed, with at most so many leaves."""
    search = Search(max_leaves=most)
    search.assume([*supposed, *facts])
    return Block(supposed, search.prove([wanted]).steps)


def mentioned(value: Value) -> set[int]:
    """The variables of an atom or a clause."""
    return {v for branch in branches_of(value) for _, _, terms in branch for v, _ in terms}


def branches_of(value: Value) -> list[list[Value]]:
    """The branches of a clause; an atom is one."""
    return [list(branch) for branch in value[1]] if value[0] == OR else [[value]]
