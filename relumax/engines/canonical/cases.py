"""What is left of goals goes by cases, over the few atoms that they depend on.

Without an index goal by goal, by `Search`, which branches on what the goal comes down to. With one, all goals together
by `Decided`: first where the index is, then in each case everything that this decides, and then the goals. A clause is
decided where linear programming leaves one of its branches possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from relumax.engines.canonical.metered import Metered
from relumax.engines.canonical.opening import Opening
from relumax.engines.script import Block, Fact, Step, Value
from relumax.engines.search import GaveUp, Search
from relumax.kernel.proof import MAX, OR

MOST_LEAVES = 5_000
"""Of the case tree of one goal."""
MOST_ATOMS = 60
"""That a goal may depend on."""
MOST_LOOKS = 100_000
"""Linear programs by which `Decided` looks whether a branch is possible."""

Place = tuple[list[Fact] | dict[int, Fact], int]
"""A table of clauses, and where in it one is."""


class Decided(Search):
    """A case tree over an index: in each case all that is decided is split first, and then come the goals."""

    def __init__(self, places: Sequence[Fact], most: int):
        super().__init__(most)
        self.places = list(places)  # clauses that say where the index is
        self.looks = 0
        self._asked: Sequence[Value] | None = None
        self._from = 0  # among undecided clauses, in their order: where to look for the next

    def _prove(self, goals: Sequence[Value]) -> Block:
        self._asked = goals
        return Block([], [self._split([], [])])

    def _split(self, objectives: list[Fact], opened: list[Fact]) -> Step:
        place = None if opened else self._decided(objectives)
        if place is None and self._asked is not None and self.places:
            place = self.places, 0
        if place is not None:
            return self._taken(*place, objectives)
        if self._asked is None:
            return super()._split(objectives, opened)
        goals, self._asked = self._asked, None
        step = super()._prove(goals).steps[0]
        self._asked = goals
        return step

    def _decided(self, objectives: Sequence[Fact]) -> Place | None:
        """A clause that is decided, going on where the last one was: where indices are, units and maxima, others.

        For a goal, first those that speak of what it speaks of.
        """
        found: list[Place] = [(self.places, k) for k in range(len(self.places))]
        found += [(self.units if v in self.units else self.largest, v) for v in sorted({*self.units, *self.largest})]
        found += [(self.clauses, k) for k in range(len(self.clauses))]
        if objectives:
            asked = {v for fact in objectives for v, _ in fact.terms}
            found.sort(key=lambda place: -len(asked & variables(place[0][place[1]].value)))
            self._from = 0
        for k in [*range(self._from, len(found)), *range(min(self._from, len(found)))]:
            table, key = found[k]
            if self._possible(table[key]) < 2:
                self._from = k
                return found[k]
        return None

    def _possible(self, clause: Fact) -> int:
        """How many branches of a clause are possible, up to two."""
        count = 0
        for branch in clause.value[1]:
            mark = self.simplex.mark()
            found = None
            for one in branch:
                found = found or self.simplex.add(one, None)
            count += (found or self.simplex.check()) is None
            self.simplex.retract(mark)
            self.looks += 1
            if count > 1:
                break
        if self.looks > MOST_LOOKS:
            raise GaveUp(f"more than {MOST_LOOKS:,} branches are looked at")
        return count

    def _taken(self, table: list[Fact] | dict[int, Fact], key: int, objectives: list[Fact]) -> Step:
        """Split on this clause, and go on."""
        clause = table.pop(key)
        step = self._cases(clause, partial(self._by_clause, objectives))
        if isinstance(table, list):
            table.insert(key, clause)
        else:
            table[key] = clause
        return step


class Cases:
    """Facts by the variables they speak of, for case trees over those that matter to goals."""

    def __init__(self, opening: Opening):
        self.table, self.maxima, self.bounds = opening.table, opening.maxima, opening.bounds
        self.places = opening.places
        self.given: dict[int, list[Fact]] = {}
        self.defined: dict[int, Fact] = {}
        for fact in [*opening.given, *self.places]:
            if fact.value[0] == MAX:
                self.defined[fact.last[0]] = fact
            else:
                for v in variables(fact.value):
                    self.given.setdefault(v, []).append(fact)

    def proved(self, goals: Sequence[Value]) -> Step:
        """The step that proves these goals; raises GaveUp."""
        facts = self.about(goals)
        places = [fact for fact in self.places if fact in facts]
        most = MOST_LEAVES * len(goals)
        search = Decided(places, most) if places else Search(most)
        search.simplex = Metered(self.bounds.meter)
        units = {fact: v for v, fact in self.table.clauses.items()}
        defining = {fact: v for v, fact in self.table.equal.items()}
        largest = {self.maxima.parts(fact)[-1]: fact.last[0] for fact in list(self.maxima.apart)}
        for fact in facts:
            if fact in units:
                search.units[units[fact]] = fact
            elif fact.value[0] == OR and fact in largest:
                search.largest[largest[fact]] = fact
            elif fact not in places:
                search.assume([fact])
                if fact in defining:
                    search.define(fact, defining[fact])
        if len(search.units) + len(search.largest) > MOST_ATOMS:
            raise GaveUp("a goal depends on too many units")
        return search.prove(goals).steps[0]

    def about(self, goals: Sequence[Value]) -> dict[Fact, None]:
        """What is known of the variables of goals, and of those it speaks of."""
        found: dict[Fact, None] = {}
        pending = sorted({v for goal in goals for v in variables(goal)})
        seen = set(pending)
        while pending:
            new = self._of(pending.pop(0))
            found |= dict.fromkeys(new)
            for u in sorted({u for fact in new for u in variables(fact.value)} - seen):
                seen.add(u)
                pending.append(u)
        return found

    def _of(self, v: int) -> list[Fact]:
        """What is known of a variable: what it is rewritten to, or of an atom all that speaks of it."""
        if v in self.table.equal:
            return [self.table.equal[v]]
        found = list(self.given.get(v, ()))
        if v in self.table.clauses:
            found += [self.table.clauses[v], *self.table.bounds(v)]
        largest = self.defined.get(v) or next(iter(self.maxima.facts.get(v, ())), None)
        return found if largest is None else [*found, *self.maxima.parts(largest)]


def variables(value: Value) -> set[int]:
    """The variables of an atom or a clause."""
    branches = value[1] if value[0] == OR else [[value]]
    return {v for branch in branches for _, _, terms in branch for v, _ in terms}
