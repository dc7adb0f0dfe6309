"""What is left of a goal goes by cases, over the few atoms that it depends on."""

from __future__ import annotations

from collections.abc import Sequence

from relumax.engines.canonical.opening import Opening
from relumax.engines.script import Block, Fact, Value
from relumax.engines.search import GaveUp, Search
from relumax.kernel.proof import MAX, OR

MOST_LEAVES = 300
MOST_ATOMS = 40


class Cases:
    """Facts by the variables they speak of, for case trees over those that matter to a goal."""

    def __init__(self, opening: Opening):
        self.table, self.maxima, self.bounds = opening.table, opening.maxima, opening.bounds
        self.given: dict[int, list[Fact]] = {}
        self.defined: dict[int, Fact] = {}
        picked = [fact for made in opening.picks.values() for facts in made for fact in facts]
        for fact in [*opening.given, *picked]:
            if fact.value[0] == MAX:
                self.defined[fact.last[0]] = fact
            else:
                for v in variables(fact.value):
                    self.given.setdefault(v, []).append(fact)

    def proved(self, goal: Value) -> Sequence[Block]:
        """The goal, by a case tree; raises GaveUp."""
        search = Search(MOST_LEAVES)
        facts = self.about([goal])
        units = {fact: v for v, fact in self.table.clauses.items()}
        largest = {self.maxima.parts(fact)[-1]: fact.last[0] for fact in list(self.maxima.apart)}
        defining = {fact: v for v, fact in self.table.equal.items()}
        for fact in facts:
            if fact in units:
                search.units[units[fact]] = fact
            elif fact in largest and fact.value[0] == OR:
                search.largest[largest[fact]] = fact
            else:
                search.assume([fact])
                if fact in defining:
                    search.define(fact, defining[fact])
        if len(search.units) + len(search.largest) > MOST_ATOMS:
            raise GaveUp("a goal depends on too many units")
        return search.prove([goal]).steps[0].blocks

    def about(self, values: Sequence[Value]) -> list[Fact]:
        """What is known of the variables of these facts, and of those it speaks of."""
        found: dict[Fact, None] = {}
        pending = sorted({v for value in values for v in variables(value)})
        seen = set(pending)
        while pending:
            v = pending.pop(0)
            new = self._of(v)
            found |= dict.fromkeys(new)
            for u in sorted({u for fact in new for u in variables(fact.value)} - seen):
                seen.add(u)
                pending.append(u)
        return list(found)

    def _of(self, v: int) -> list[Fact]:
        if v in self.table.equal:
            return [self.table.equal[v]]
        found = list(self.given.get(v, ()))
        if v in self.table.clauses:
            found += [self.table.clauses[v], *self.bounds.bounds(v)]
        largest = self.defined.get(v) or next(iter(self.maxima.facts.get(v, ())), None)
        return found if largest is None else [*found, *self.maxima.parts(largest)]


def variables(value: Value) -> set[int]:
    """The variables of an atom or a clause."""
    branches = value[1] if value[0] == OR else [[value]]
    return {v for branch in branches for _, _, terms in branch for v, _ in terms}
