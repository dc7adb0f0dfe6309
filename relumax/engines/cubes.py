"""Large case trees in parts, `cubes`: what the search of one hands back is searched by others, wherever tasks run.

A cube is a branch of a tree, named by the branches taken on the way to it (the first is the goal's number). Its search
begins with a simplex of its own, so what it finds depends on the cube alone; whether a tree is parted depends on its
size, never on how many workers there are. So a certificate has the same bytes wherever its parts were found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relumax.cluster import mapped
from relumax.engines.script import Block, Fact, Value, read, write
from relumax.engines.search import GaveUp, Search

SMALL = 128
"""Leaves that a search closes before it hands branches back: about so many has a cube, about a second of work."""

Equal = dict[int, tuple[int, dict[int, int]]]


class Problem(NamedTuple):
    """A search before it begins, as plain data."""

    atoms: list[Value]
    units: dict[int, Value]
    largest: dict[int, Value]
    clauses: list[Value]
    equal: Equal
    goals: list[Value]
    most: int


class Cube(NamedTuple):
    """A task: the branch of the problem's tree to which these branches lead."""

    problem: Problem
    guide: tuple[int, ...]


class Closed(NamedTuple):
    """What came of it: leaves, the proof (`script.write`) and the cubes it leaves open; or why it was given up."""

    leaves: int
    proof: list[object]
    left: list[tuple[int, ...]]
    gave_up: str


def prove(search: Search, goals: Sequence[Value]) -> Block:
    """What `search.prove` returns, its tree in parts where it is large; raises GaveUp."""
    facts = [*search.atoms, *search.units.values(), *search.largest.values(), *search.clauses]
    problem = Problem(
        [fact.value for fact in search.atoms],
        {v: fact.value for v, fact in search.units.items()},
        {v: fact.value for v, fact in search.largest.items()},
        [fact.value for fact in search.clauses],
        dict(search.equal),
        list(goals),
        search.max_leaves,
    )
    search.small, search.handed = SMALL, []
    try:
        root = search.prove(goals)
    finally:
        search.small = 0
    leaves, handed = search.leaves, search.handed
    while handed:
        cubes = [Cube(problem, guide) for guide, _ in handed]
        later: list[tuple[tuple[int, ...], Block]] = []
        for (guide, block), found in zip(handed, mapped(closed, cubes), strict=True):
            leaves += found.leaves
            if found.gave_up:
                raise GaveUp(found.gave_up)
            if leaves > search.max_leaves:
                raise GaveUp(f"the case tree has more than {search.max_leaves} leaves")
            part, left = read(found.proof, [*facts, *_supposed(root, guide)])
            block.steps[:] = part.steps
            later += zip(found.left, left, strict=True)
        handed = later
    return root


def closed(cube: Cube) -> Closed:
    """The task: a search of its own from the cube on."""
    problem, search = cube.problem, Search(cube.problem.most)
    facts: list[Fact] = []

    def fact(value: Value) -> Fact:
        facts.append(Fact(value, len(facts)))
        return facts[-1]

    search.assume([fact(value) for value in problem.atoms])
    search.units = {v: fact(value) for v, value in problem.units.items()}
    search.largest = {v: fact(value) for v, value in problem.largest.items()}
    search.clauses = [fact(value) for value in problem.clauses]
    search.equal = dict(problem.equal)
    search.small, search.guide = SMALL, list(cube.guide)
    try:
        root = search.prove(problem.goals)
    except GaveUp as given:
        return Closed(search.leaves, [], [], str(given))
    supposed = _supposed(root, cube.guide)
    for number, one in enumerate(supposed, len(facts)):
        one.number = number
    block = root
    for branch in cube.guide:
        block = block.steps[0].blocks[branch]
    proof = write(Block([], block.steps), len(facts) + len(supposed))
    return Closed(search.leaves, proof, [guide for guide, _ in search.handed], "")


def _supposed(root: Block, guide: Sequence[int]) -> list[Fact]:
    """The facts supposed on the way to a branch, its own among them."""
    found: list[Fact] = []
    for branch in guide:
        root = root.steps[0].blocks[branch]
        found += root.supposed
    return found
