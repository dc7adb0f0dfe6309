"""Goals proved locally, each from the few facts that speak of what it mentions.

A goal about element i of some arrays needs what is required at that i, what defines the elements there, what the
outline states, and *cuts* about the arrays read at the winner w: that a definition holds there, that a maximum is its
winner's value, and that what is required of each element is true of the one at w. Those are proved once, case by case
over w; each goal then is a case tree of a size that does not grow with n.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from relumax.engines.forms import combination, constant
from relumax.engines.lemmas import Form
from relumax.engines.notebook import Notebook, branches_of, closed, mentioned
from relumax.engines.script import GOAL, SPLIT, Block, Fact, Step, Value, have
from relumax.engines.search import GaveUp, Search
from relumax.kernel.proof import EQ, LE, MAX, OR, difference, variable
from relumax.kernel.wire import form

FEW = 60  # leaves of a local case tree


class Index(NamedTuple):
    """A winner, or any index: its number as PICK has it, its name, of which array, how many values, its variable."""

    number: int
    name: str
    of: str
    n: int
    place: int


class Goals:
    """What a statement says at each index, and at its winners; `evidence(v)` is what is known of the output v."""

    def __init__(
        self,
        book: Notebook,
        evidence: Callable[[int], list[Fact]],
    ):
        self.book, self.statement, self.evidence = book, book.statement, evidence
        self.arguments = {v: value for v, (_, value) in book.context.units.items()}  # of each unit
        self.read_at = {v: at for at, v in self.statement.reads.items()}
        places = {name: (n, v) for name, n, v in self.statement.indices}
        self.indices = [
            Index(k, r["winner"], r["of"], *places[r["winner"]]) for k, r in enumerate(book.requires) if "winner" in r
        ]
        won = {one.name for one in self.indices}
        for k, (name, n, v) in enumerate(self.statement.indices, len(self.statement.requires)):
            self.indices += [Index(k, name, "", n, v)] if name not in won else []
        self.picks: dict[int, list[Fact]] = {}  # element -> what is required where it is mentioned
        self.cuts: list[Fact] = []
        self.said: dict[int, Fact] = {}  # output -> the equation proved of it
        for fact in [one for required in book.required.values() for made in required for one in made]:
            for v in mentioned(fact.value) & book.places.keys():
                self.picks.setdefault(v, []).append(fact)
        self.moves: list[Fact] = []

    def know(self, cuts: Sequence[Fact]) -> None:
        """Cuts that every goal may need, and what the values they speak of were carried from."""
        self.cuts += cuts
        self.moves += self.book.moves(*[(1, 0, fact.value[2]) for fact in cuts if fact.value[0] == EQ])

    # ---- cuts about the winner

    def identify(self) -> None:
        """Cuts about values read at an index: a definition holds there, and a maximum is its winner's value.

        They spare every later case a look at all inputs.
        """
        for value in self._equations():
            if value in self.book.atoms:
                continue
            for winner in self.indices:
                if any(self.read_at.get(v, ("", ""))[1] == winner.name for v, _ in value[2]):
                    try:
                        self.cuts += self._largest(winner, value) or self._cases(winner, value)
                        break
                    except GaveUp:
                        continue

    def _equations(self) -> list[Value]:
        statement, book = self.statement, self.book
        equal: list[Value] = []
        for (name, w), read in statement.reads.items():
            first = book.forms.get(statement.names[name].base)
            if first is not None:
                places = [(statement.reads.get((book.places.get(v, ("", 0))[0], w)), c) for v, c in first[2]]
                if all(v is not None for v, _ in places):
                    there = form(first[0], first[1], tuple(sorted(places)))
                    equal.append(difference(variable(read), there, EQ))
        for (name, _), read in statement.reads.items():
            for goal in book.asked:
                own = [v for v, (other, _) in book.places.items() if other == name]
                plain = {variable(v) for v in own}
                named = {(1, 0, ((v, -1),)) for v in own}
                leaves = {book.forms.get(v, variable(v)) for v in own}
                wanted = {*goal.value[2]}
                if wanted in (plain, named) or wanted == leaves:
                    sign = -1 if wanted == named and wanted != leaves else 1
                    equal.append(difference(goal.value[1], (1, 0, ((read, sign),)), EQ))
        return equal

    def settled(self, wanted: Value) -> list[Fact]:
        """What is wanted of values read at indices alone, by cases over one of them; raises GaveUp."""
        for winner in self.indices:
            if any(self.read_at.get(v, ("", ""))[1] == winner.name for v in mentioned(wanted)):
                required = [
                    [*self.book.plain, *(f for made in self.book.required.values() if i < len(made) for f in made[i])]
                    for i in range(winner.n)
                ]
                with suppress(GaveUp):
                    return self._cases(winner, wanted, required)
        raise GaveUp("no cases over an index decide it")

    def _cases(self, winner: Index, wanted: Value, required: list[list[Fact]] | None = None) -> list[Fact]:
        """The cut by cases: where w is i, from what defines the elements i, and what is required there."""
        blocks = []
        for i in range(winner.n):
            facts = self._known(i, winner, wanted) if required is None else required[i]
            blocks.append(closed(self.winner_is(winner, i), facts, wanted, FEW))
        return self.by_cases(winner, wanted, blocks)

    def winner_is(self, winner: Index, i: int) -> list[Fact]:
        """What holds where the winner is i: the index, and each array read there."""
        return self.book.required[winner.number][i][0].branches()[0]

    def by_cases(self, winner: Index, wanted: Value, blocks: list[Block]) -> list[Fact]:
        """The cut `wanted` about the winner: block i supposes that it is i and all arrays are read there."""
        book, bounds = self.book, self.book.bounds(winner.place)
        known = bounds
        cut = here = Block([])
        for i, block in enumerate(blocks):
            pick = book.required[winner.number][i][0]
            if len(pick.value[1]) != 3:
                raise GaveUp("a winner that may trail or tie is not decided by cases")
            before, after = pick.branches()[1:]
            rest = Block(before)
            here.steps.append(Step(SPLIT, [pick], [pick], blocks=[block, rest, closed(after, known, wanted)]))
            here, known = rest, [*bounds, *before]
        here.steps = closed([], known, wanted).steps
        step = have(wanted, cut)
        book.step(step)
        return list(step.makes)

    def _known(self, i: int, winner: Index, wanted: Value) -> list[Fact]:
        """What defines the elements i of arrays read at the winner, and atoms about those and the cut's variables."""
        found: list[Fact] = []
        variables = {v for v in mentioned(wanted) if v not in self.read_at}
        for (name, at), _ in self.statement.reads.items():
            array = self.statement.names[name]
            if at == winner.name and array.kind != "out":
                v = array.base + array.stride * i
                found += self.book.definition(v)
                variables |= {v, *(u for u, _ in self.book.forms.get(v, (1, 0, ()))[2])}
        about = self.book.about(*[variable(v) for v in sorted(variables)], bounded=False)
        return [*found, *self.cuts, *about]

    def _largest(self, winner: Index, wanted: Value) -> list[Fact]:
        """m = z[w]: z[w] is one of those that m is at least, and m is one of those that z[w] is at least."""
        book = self.book
        _, const, terms = wanted
        largest = next((book.largest[v] for v, _ in terms if v in book.largest), None)
        if largest is None:
            return []
        sides = [(LE, const, terms), (LE, -const, tuple((v, -c) for v, c in terms))]
        branches = largest.value[1]
        (m,) = [v for v, _ in terms if v in book.largest]
        sign = next(fact.last[1] for fact in book.maxima if fact.last[0] == m)
        blocks, cut = [], sides[sign * dict(terms)[m] < 0]  # m, or -m for a smallest m, is at most the winner's value
        for branch in branches:
            i = max((book.places[v][1] for v in mentioned(branch[0]) & book.places.keys()), default=0)
            facts = [*book.required[winner.number][i], *self._known(i, winner, wanted)]
            blocks.append(closed([Fact(one) for one in branch], facts, cut, FEW))
        step = have(cut, Block([], [Step(SPLIT, [largest], [largest], blocks=blocks)]))
        book.step(step)
        (other,) = [one for one in sides if one != cut]
        return [book.derive(wanted, [*self._cases(winner, other), *step.makes])]

    def everywhere(self) -> None:
        """What is required of each element of arrays that are read at a winner is true of the winner's."""
        for winner in self.indices:
            for required in self.book.required.values():
                for wanted in self._at_winner(winner, required):
                    try:
                        self.cuts += self._cases(winner, wanted, required)
                    except GaveUp:
                        continue

    def _at_winner(self, winner: Index, required: list[list[Fact]]) -> list[Value]:
        """What a requirement says with elements read at w, if that is the same for every i and says something."""
        if len(required) != winner.n or not all(
            mentioned(fact.value) & self.book.places.keys() for fact in required[0]
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
                    name, place = self.book.places.get(v, ("", i))
                    if place != i or (name and (name, w) not in self.statement.reads):
                        return None
                    parts.append((c, variable(self.statement.reads[name, w] if name else v)))
                atoms.append(difference(combination(parts, 1), constant(0), relation))
            if not all(one[2] for one in atoms):
                return None
            branches.append(tuple(atoms))
        return (OR, tuple(branches)) if value[0] == OR else branches[0][0]

    # ---- goals

    def prove(self, goals: Sequence[Value], locally: bool = True) -> Step:
        """The step that proves all goals: each locally if asked to, or else by a case tree over all that is known."""
        outputs = self.book.outputs.keys()
        spoken = Counter(v for goal in goals if goal[0] != MAX for v in mentioned(goal) & outputs)
        blocks: list[Block] = []
        for goal in goals:
            found = self._goal(goal) if goal[0] != MAX and locally else None
            if found is not None and goal[0] == EQ and any(spoken[v] > 1 for v in mentioned(goal)):
                self.book.step(have(goal, found))  # other goals may use it
                found = closed([], list(self.book.steps[-1].makes), goal)
                self.said |= dict.fromkeys(mentioned(goal) & outputs, self.book.steps[-1].makes[0])
            if found is None:
                found = self.book.search().prove([goal])
            blocks += found.steps[0].blocks
        return Step(GOAL, [], blocks=blocks)

    def _goal(self, goal: Value) -> Block | None:
        """A local proof of the goal, if there is one."""
        try:
            found = [fact for winner in self.indices for fact in self._output_at(winner, goal)]
        except GaveUp:
            return None
        for effort in range(3):
            search = Search(FEW)
            search.assume([*found, *self._about(mentioned(goal), effort)])
            try:
                return search.prove([goal])
            except GaveUp:
                continue
        return None

    def _output_at(self, winner: Index, goal: Value) -> list[Fact]:
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

        With more effort also bounds of all relus met (1) and all that speaks of outputs (2).
        """
        book = self.book
        found = dict.fromkeys(self.cuts)
        pending = sorted(variables)
        seen = set(pending)
        indices = {book.places[v][1] for v in pending if v in book.places}
        while pending:
            v = pending.pop(0)
            new = [*book.definition(v), *self.picks.get(v, ())]
            if v in self.said and effort < 2:
                new.append(self.said[v])
            elif v in book.outputs:
                new += [book.output(v), *self.evidence(v)]
            if effort == 2 and v in book.opened:
                new.append(book.opened[v])
                found |= dict.fromkeys(book.moves(self.arguments[v]))
            found |= dict.fromkeys(new)
            for u in sorted({u for fact in new if fact.value[0] != MAX for u in mentioned(fact.value)} - seen):
                if u not in book.places or book.places[u][1] in indices:
                    seen.add(u)
                    pending.append(u)
        about = book.about(*[variable(v) for v in sorted(seen)], bounded=effort > 0)
        plain = [fact for fact in book.plain if mentioned(fact.value) & seen]
        return [*found, *about, *self.moves, *plain]
