"""A search goes on where it stopped: the score at the place chosen is the score of the winner that was chosen.

A statement about a search of several steps defines v, the score at the next place: s with arrays read at w (the move
taken) in place of their elements i. The cut v = s[w] says that it goes through the same values as element w of s;
with s[0] <= s[w] a step makes nothing worse.
"""

from __future__ import annotations

from collections.abc import Sequence

from relumax.engines.goals import Goals, Index
from relumax.engines.lemmas import ENDLESS, Form
from relumax.engines.meanings import Meanings
from relumax.engines.notebook import Notebook, closed
from relumax.engines.script import Block, Fact, Value, have
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LE, RELU, STEP, difference, variable
from relumax.kernel.statement import Array
from relumax.kernel.wire import substitute


class Following:
    """What is defined through arrays read at a winner."""

    def __init__(self, book: Notebook, meanings: Meanings, goals: Goals):
        self.book, self.goals, self.statement = book, goals, book.statement
        self.units = meanings.units

    def cuts(self) -> list[Fact]:
        """v = s[w], s[0] <= s[w] and what defines s[0], for each v and w for which that can be said."""
        names, found = self.statement.names, list[Fact]()
        scalars = [array.base for array in names.values() if array.kind == "value" and array.length is None]
        for v in scalars:
            for winner in self.goals.indices:
                if winner.of and v in self.book.forms and self._needs(v, winner.place):
                    try:
                        found += self._follow(v, winner, names[winner.of])
                    except GaveUp:
                        continue
        return found

    def _needs(self, v: int, w: int) -> set[int]:
        """The definitions that v goes through, if an array read at w is among them."""
        needed, found = {v}, False
        for kind, u, data in reversed(self.statement.definitions):
            if u in needed and kind in ("form", "relu", "step"):
                needed |= {one for one, _ in data[2]}
            found = found or (u in needed and kind == "read" and data[1] == w)
        return needed if found else set()

    def _at(self, v: int, w: int, i: int) -> tuple[Form, list[tuple[int, int]]] | None:
        """The form of v with elements i read, and the definitions it goes through with what those become."""
        needed, new = self._needs(v, w), dict[int, Form]()
        pairs: list[tuple[int, int]] = []
        for kind, u, data in self.statement.definitions:
            if u not in needed:
                continue
            if kind == "read" and data[1] == w:
                element = data[0].base + data[0].stride * i
                new[u] = self.book.forms.get(element, variable(element))
            elif kind in ("relu", "step", "form"):
                places = {one: k for k, (one, _) in enumerate(data[2])}
                whole = data[0], data[1], tuple((places[one], c) for one, c in data[2])
                value: Form = substitute(whole, [new.get(one, variable(one)) for one in places], ENDLESS)
                if kind != "form":
                    at = self.units.get((RELU if kind == "relu" else STEP, value))
                    if at is None:
                        return None
                    value = variable(at)
                    if at != u:
                        pairs.append((u, at))
                new[u] = value
        return new[v], pairs

    def _follow(self, v: int, winner: Index, scores: Array) -> list[Fact]:
        """The cut v = scores[w]: w = 0, or 1, or ..., and there v goes through the same values as that element."""
        book, w = self.book, winner.place
        read = next(u for kind, u, data in self.statement.definitions if kind == "read" and data == (scores, w))
        wanted = difference(variable(v), variable(read), EQ)
        blocks = []
        for i in range(scores.length):
            found = self._at(v, w, i)
            if found is None or found[0] != book.forms.get(scores.base + scores.stride * i):
                return []
            elements = [
                fact
                for kind, _, data in self.statement.definitions
                if kind == "read" and data[1] == w
                for fact in book.definition(data[0].base + data[0].stride * i)
            ]
            at = self.goals.winner_is(winner, i)
            blocks.append(self._same(at, [*elements, *book.definition(v)], found[1], wanted))
        cut = self.goals.by_cases(winner, wanted, blocks)
        stay = difference(variable(scores.base), variable(read), LE)
        least = book.derive(stay, book.required[winner.number][0])
        return [*cut, *book.definition(scores.base), least]

    def _same(self, at: list[Fact], elements: Sequence[Fact], pairs: Sequence[tuple[int, int]], wanted: Value) -> Block:
        """Under the facts `at`: each definition of a pair equals the other, and so the two values."""
        block, equal = Block(at), [*at, *elements]
        for u, other in pairs:
            one = difference(variable(u), variable(other), EQ)
            clauses = [self.book.clause(u), self.book.clause(other)]
            block.steps.append(have(one, closed([], [*clauses, *equal], one)))
            equal += block.steps[-1].makes
        block.steps += closed([], equal, wanted).steps
        return block
