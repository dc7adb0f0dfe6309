"""Goals proved locally, each from the few facts that speak of what it mentions.

A goal about element i of some arrays needs what is required at that i, what defines the elements there, and *cuts*
about the arrays read at the winner w: that a definition holds there, that a maximum is its winner's value, and that
what is required of each element is true of the one at w. Those are proved once, case by case over w; each goal then is
a case tree of a size that does not grow with n, and only a goal for which that fails is left to the global search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.engines.cases import branches_of, by_cases, closed, mentioned, winner_is
from relumax.engines.lemmas import Form
from relumax.engines.script import ELIM, GOAL, MERGE, SPLIT, Block, Fact, Step, Value, have
from relumax.engines.search import GaveUp, Search
from relumax.engines.shapes import combination, constant
from relumax.engines.stairs import climb, promises
from relumax.kernel.proof import EQ, LE, MAX, OR, difference, variable
from relumax.kernel.statement import Statement

if TYPE_CHECKING:
    from relumax.engines.modular import Walk

FEW = 60  # leaves of a local case tree


class Winner(NamedTuple):
    """A required winner: the number of its template, its name, how many values it has, its variable."""

    number: int
    name: str
    n: int
    place: int


class Local:
    """What a statement says at each index, and at its winners."""

    def __init__(self, walk: Walk, statement: Statement, requires: list[dict[str, Any]]):
        self.walk, self.statement = walk, statement
        self.arguments = {v: value for v, (_, value) in walk.context.units.items()}  # of each unit
        self.read_at = {v: at for at, v in statement.reads.items()}
        indices = {name: (n, v) for name, n, v in statement.indices}
        self.winners = [Winner(k, r["winner"], *indices[r["winner"]]) for k, r in enumerate(requires) if "winner" in r]
        self.picks: dict[int, list[Fact]] = {}  # element -> what is required where it is mentioned
        self.cuts: list[Fact] = []
        self.said: dict[int, Fact] = {}  # output -> the equation proved of it
        for fact in promises(walk):
            for v in mentioned(fact.value) & walk.places.keys():
                self.picks.setdefault(v, []).append(fact)
        for step in walk.steps:
            if step.rule == MERGE:
                self.cuts += step.makes
            elif step.rule == ELIM and len(step.makes) == 2 and step.uses[0] in walk.maxima:  # of one element
                self.cuts += [
                    step.makes[-1],
                    *[one for v in mentioned(step.makes[-1].value) for one in self.walk.definition(v)],
                ]
        self.moves = walk.moves(*[(1, 0, fact.value[2]) for fact in self.cuts])  # what heads were carried from

    # ---- cuts about the winner

    def equal(self, wanted: Value) -> bool:
        """Prove an equation about arrays read at a winner, or about a maximum and its winner's value, by cases."""
        for winner in self.winners:
            if any(self.read_at.get(v, ("", ""))[1] == winner.name for v, _ in wanted[2]):
                try:
                    self.cuts += self._largest(winner, wanted) or self._cases(winner, wanted)
                    return True
                except GaveUp:
                    continue
        return False

    def _cases(self, winner: Winner, wanted: Value, required: list[list[Fact]] | None = None) -> list[Fact]:
        """The cut by cases: where w is i, from what defines the elements i, and what is required there."""
        blocks = []
        for i in range(winner.n):
            facts = self._known(i, winner, wanted) if required is None else required[i]
            blocks.append(closed(winner_is(self.walk, winner.number, i), facts, wanted, FEW))
        return by_cases(self.walk, winner.number, winner.place, wanted, blocks)

    def _known(self, i: int, winner: Winner, wanted: Value) -> list[Fact]:
        """What defines the elements i of arrays read at the winner, and atoms about those and the cut's variables."""
        found: list[Fact] = []
        variables = {v for v in mentioned(wanted) if v not in self.read_at}
        for (name, at), _ in self.statement.reads.items():
            array = self.statement.names[name]
            if at == winner.name and array.kind != "out":
                v = array.base + array.stride * i
                found += self.walk.definition(v)
                variables |= {v, *(u for u, _ in self.walk.forms.get(v, (1, 0, ()))[2])}
        about = self.walk.about(*[variable(v) for v in sorted(variables)], bounded=False)
        return [*found, *self.cuts, *about]

    def _largest(self, winner: Winner, wanted: Value) -> list[Fact]:
        """m = z[w]: z[w] is one of those that m is at least, and m is one of those that z[w] is at least."""
        _, const, terms = wanted
        largest = next((self.walk.search.largest[v] for v, _ in terms if v in self.walk.search.largest), None)
        if largest is None:
            return []
        sides = [(LE, const, terms), (LE, -const, tuple((v, -c) for v, c in terms))]
        branches = largest.value[1]
        (m,) = [v for v, _ in terms if v in self.walk.search.largest]
        sign = next(fact.value[1][2][-1][1] for fact in self.walk.maxima if fact.value[1][2][-1][0] == m)
        blocks, cut = [], sides[sign * dict(terms)[m] < 0]  # m, or -m for a smallest m, is at most the winner's value
        for branch in branches:
            i = max((self.walk.places[v][1] for v in mentioned(branch[0]) & self.walk.places.keys()), default=0)
            facts = [*self.walk.required[winner.number][i], *self._known(i, winner, wanted)]
            blocks.append(closed([Fact(one) for one in branch], facts, cut, FEW))
        step = have(cut, Block([], [Step(SPLIT, [largest], [largest], blocks=blocks)]))
        self.walk.step(step)
        (other,) = [one for one in sides if one != cut]
        return [self.walk.derive(wanted, [*self._cases(winner, other), *step.makes])]

    def everywhere(self) -> None:
        """What is required of each element of arrays that are read at a winner is true of the winner's."""
        for winner in self.winners:
            for required in self.walk.required.values():
                for wanted in self._at_winner(winner, required):
                    try:
                        self.cuts += self._cases(winner, wanted, required)
                    except GaveUp:
                        continue

    def _at_winner(self, winner: Winner, required: list[list[Fact]]) -> list[Value]:
        """What a requirement says with elements read at w, if that is the same for every i and says something."""
        if len(required) != winner.n or not all(
            mentioned(fact.value) & self.walk.places.keys() for fact in required[0]
        ):
            return []
        said = {tuple(self._read(fact.value, winner.name, i) for fact in facts) for i, facts in enumerate(required)}
        return [one for one in said.pop() if one is not None] if len(said) == 1 else []

    def _read(self, value: Value, w: str, i: int) -> Value | None:
        """The fact with elements i replaced by the arrays read at w; None if that is trivial or cannot be said."""
        branches = []
        for branch in branches_of(value):
            atoms = []
            for relation, const, terms in branch:
                parts: list[tuple[int, Form]] = [(1, constant(const))]
                for v, c in terms:
                    name, place = self.walk.places.get(v, ("", i))
                    if place != i or (name and (name, w) not in self.statement.reads):
                        return None
                    parts.append((c, variable(self.statement.reads[name, w] if name else v)))
                atoms.append(difference(combination(parts, 1), constant(0), relation))
            if not all(one[2] for one in atoms):
                return None
            branches.append(tuple(atoms))
        return (OR, tuple(branches)) if value[0] == OR else branches[0][0]

    # ---- goals

    def goals(self, goals: Sequence[Value]) -> Step:
        """The step that proves all goals: each locally, or else by a case tree over all that is known."""
        spoken = Counter(v for goal in goals if goal[0] != MAX for v in mentioned(goal) & self.walk.outputs.keys())
        few_of_many = len(goals) > 1 or bool(self.winners)  # else one case tree is as good
        blocks: list[Block] = []
        for goal in goals:
            found = self._goal(goal) if goal[0] != MAX and few_of_many else None
            if found is not None and goal[0] == EQ and any(spoken[v] > 1 for v in mentioned(goal)):
                self.walk.step(have(goal, found))  # other goals may use it
                found = closed([], list(self.walk.steps[-1].makes), goal)
                self.said |= dict.fromkeys(mentioned(goal) & self.walk.outputs.keys(), self.walk.steps[-1].makes[0])
            if found is None:
                found = self.walk.search.prove([goal])
            blocks += found.steps[0].blocks
        return Step(GOAL, [], blocks=blocks)

    def _goal(self, goal: Value) -> Block | None:
        """A local proof of the goal, if there is one."""
        try:
            found = [fact for winner in self.winners for fact in self._output_at(winner, goal)]
        except GaveUp:
            return None
        if goal[0] == EQ:
            self.cuts += climb(self.walk, goal, self.cuts)
        for effort in range(3):
            search = Search(self.walk.search.deadline, FEW)
            search.assume([*found, *self._about(mentioned(goal), effort)])
            try:
                return search.prove([goal])
            except GaveUp:
                continue
        return None

    def _output_at(self, winner: Winner, goal: Value) -> list[Fact]:
        """The goal as a cut, case by case, if it reads outputs at the winner."""
        read = [self.read_at[v][0] for v in mentioned(goal) if self.read_at.get(v, ("", ""))[1] == winner.name]
        arrays = [array for name in read if (array := self.statement.names[name]).kind == "out"]
        if not arrays:
            return []
        required = []
        for i in range(arrays[0].length):
            elements = {array.base + array.stride * i for array in arrays}
            required.append(self._about(elements, 2))
        return self._cases(winner, goal, required)

    def _about(self, variables: set[int], effort: int) -> list[Fact]:
        """Cuts, and what is known of these variables: outputs, elements with all that is required at their places.

        With more effort also bounds of all relus met (1) and the cases of units outside gadgets (2).
        """
        found = dict.fromkeys(self.cuts)
        pending = sorted(variables)
        seen = set(pending)
        indices = {self.walk.places[v][1] for v in pending if v in self.walk.places}
        while pending:
            v = pending.pop(0)
            new = [*self.walk.definition(v), *self.picks.get(v, ())]
            if v in self.said and effort < 2:
                new.append(self.said[v])
            elif v in self.walk.outputs:
                new.append(self.walk.output(v))
            if effort == 2 and v in self.walk.search.units:
                new.append(self.walk.search.units[v])
                found |= dict.fromkeys(self.walk.moves(self.arguments[v]))
            found |= dict.fromkeys(new)
            for u in sorted({u for fact in new for u in mentioned(fact.value)} - seen):
                if u not in self.walk.places or self.walk.places[u][1] in indices:
                    seen.add(u)
                    pending.append(u)
        about = self.walk.about(*[variable(v) for v in sorted(seen)], bounded=effort > 0)
        return [*found, *about, *self.moves]
