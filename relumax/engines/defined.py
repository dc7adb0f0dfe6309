"""What programs mean in the language of a statement, and proofs that the network holds just that.

A statement about a search defines scores: every relu of a score is a definition of its own, besides the network's
unit that computes it. Met by a walk from the inputs, each node of the program gets its *meaning*, a form over inputs,
definitions and arrays read at an index; a unit whose argument equals that of a definition is proved equal to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relumax.engines.beats import Beats
from relumax.engines.cases import by_cases, closed, mentioned, winner_is
from relumax.engines.lemmas import ENDLESS, Form
from relumax.engines.script import Block, Fact, Value, have
from relumax.engines.search import GaveUp
from relumax.engines.shapes import combination, weighted
from relumax.kernel.proof import EQ, LE, MAX, RELU, STEP, difference, unit_clause, variable
from relumax.kernel.statement import Array, Statement
from relumax.kernel.wire import substitute
from relumax.language.expr import Expr, constant_value, factor_of

if TYPE_CHECKING:
    from relumax.engines.modular import Walk


class Defined:
    """The meanings of a program's nodes in one statement."""

    def __init__(self, walk: Walk, statement: Statement, requires: list[dict[str, Any]]):
        self.walk, self.statement = walk, statement
        self.meaning: dict[Expr, Form] = {}
        self.elements: dict[Form, dict[str, list[int]]] = {}  # what elements mean -> array -> which of its elements
        for name, array in statement.names.items():
            if array.length is not None and array.kind != "out":
                for i, v in enumerate(array.variables()):
                    for one in dict.fromkeys((variable(v), self.walk.forms.get(v, variable(v)))):
                        self.elements.setdefault(one, {}).setdefault(name, []).append(i)
        self.units = {
            (RELU if kind == "relu" else STEP, data): v
            for kind, v, data in statement.definitions
            if kind in ("relu", "step")
        }
        self.clauses: dict[int, Fact] = {}  # of every unit, the network's and the statement's
        for number, known in enumerate(walk.context.facts):
            if type(known) is int:
                self.clauses[known] = Fact(unit_clause(*walk.context.units[known], known), number)
        self.winner_of = {k: (r["winner"], r["of"]) for k, r in enumerate(requires) if "winner" in r}
        self.beats = Beats(walk, self, statement, requires)
        self.followed: dict[int, list[Fact]] = {}  # defined value -> what is known of it and the values of other steps
        self.links: dict[int, Fact] = {}  # unit of the network -> it equals a definition
        self.winners: list[Fact] = []  # what tournaments hand on equals an array read at the winner

    def meet(self, node: Expr) -> None:
        """Give the node its meaning, if it has one; a unit is proved equal to its definition."""
        below = [self.meaning.get(one) for one in node.args]
        found: Form | None = None
        match node.op:
            case "input" if isinstance(node.data, int):
                found = variable(node.data)
            case "const":
                value = constant_value(node)
                found = value.denominator, value.numerator, ()
            case "scale" if below[0] is not None:
                found = weighted([(factor_of(node), below[0])])
            case "add":
                parts = [(1, one) for one in below if one is not None]
                found = combination(parts, 1) if len(parts) == len(below) else None
            case "relu" | "step" if below[0] is not None:
                found = self._unit(node, below[0])
            case "call":
                found = self.walk.gates.result(node) if self.walk.gates is not None else None
        if found is None:
            found = self.beats.meet(node)
        if found is not None:
            self.meaning[node] = found
            self.beats.key(node, found)

    def _unit(self, node: Expr, inner: Form) -> Form | None:
        kind = RELU if node.op == "relu" else STEP
        v = self.units.get((kind, inner))
        if v is None:
            return None
        ((u, _),) = self.walk.values[node].form[2]
        if u not in self.links:
            held = self.walk.values[node.args[0]]
            equal = [self.clauses[u], self.clauses[v], *self.between(held.form, inner)]
            self.links[u] = self.walk.derive(difference(variable(u), variable(v), EQ), equal)
        return variable(v)

    def between(self, held: Form, meaning: Form) -> list[Fact]:
        """Equations from which the value the network holds is what it means."""
        if held == meaning:
            return []
        moves = self.walk.moves(held, *[(1, 0, fact.value[2]) for fact in self.winners])
        met = dict.fromkeys(v for one in (held, *[(1, 0, fact.value[2]) for fact in moves]) for v, _ in one[2])
        return [*moves, *[self.links[v] for v in met if v in self.links], *self.winners]

    def element(self, read: Form, i: int) -> list[Fact]:
        """The equation that defines element i of the array of which `read` is the variable at an index."""
        for kind, v, data in self.statement.definitions:
            if kind == "read" and read == variable(v):
                return self.walk.definition(data[0].base + data[0].stride * i)
        return []

    def goal(self, wanted: Value) -> Fact | None:
        """Prove a goal, an atom, from what is known about its variables and of what the network holds for them."""
        if wanted[0] == MAX:
            return None
        facts: dict[Fact, None] = {}
        for v in sorted(mentioned(wanted)):
            held = self.walk.outputs.get(v)
            if held is not None:
                facts |= dict.fromkeys([self.walk.output(v), *self.beats.about(held)])
                facts |= dict.fromkeys([*self.between(held, (1, 0, ())), *self.walk.about(held)])
            facts |= dict.fromkeys([*self.walk.definition(v), *self.followed.get(v, ())])
        try:
            return self.beats.at_winner(wanted) or self.walk.derive(wanted, facts)
        except GaveUp:
            return None

    # ---- the score after a step is that of the winner before it

    def follow(self) -> None:
        """Cuts v = s[w], where v's definition, with arrays read at w replaced by their elements i, is that of s[i].

        With s[0] <= s[w] they say that a step makes nothing worse.
        """
        scalars = [
            array.base for array in self.statement.names.values() if array.kind == "value" and array.length is None
        ]
        for v in scalars:
            for number, (w, name) in self.winner_of.items():
                if v in self.walk.forms and self._needs(v, w):
                    self._follow(v, number, w, self.statement.names[name])

    def _needs(self, v: int, w: str) -> set[int]:
        """The definitions that v goes through, if an array read at w is among them."""
        needed, found = {v}, False
        for kind, u, data in reversed(self.statement.definitions):
            if u in needed and kind in ("form", "relu", "step"):
                needed |= {one for one, _ in data[2]}
            found = found or (u in needed and kind == "read" and data[1] == self.statement.names[w].base)
        return needed if found else set()

    def _at(self, v: int, w: str, i: int) -> tuple[Form, list[tuple[int, int]]] | None:
        """The form of v with elements i read, and the definitions it goes through with what those become."""
        needed, new = self._needs(v, w), dict[int, Form]()
        pairs: list[tuple[int, int]] = []
        for kind, u, data in self.statement.definitions:
            if u not in needed:
                continue
            if kind == "read" and data[1] == self.statement.names[w].base:
                element = data[0].base + data[0].stride * i
                new[u] = self.walk.forms.get(element, variable(element))
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

    def _follow(self, v: int, number: int, w: str, scores: Array) -> None:
        """The cut v = scores[w]: w = 0, or 1, or ..., and there v goes through the same values as that element."""
        index = self.statement.names[w].base
        read = next(u for kind, u, data in self.statement.definitions if kind == "read" and data == (scores, index))
        wanted = difference(variable(v), variable(read), EQ)
        blocks = []
        for i in range(scores.length):
            found = self._at(v, w, i)
            if found is None or found[0] != self.walk.forms.get(scores.base + scores.stride * i):
                return
            elements = [
                fact
                for kind, _, data in self.statement.definitions
                if kind == "read" and data[1] == index
                for fact in self.walk.definition(data[0].base + data[0].stride * i)
            ]
            at = winner_is(self.walk, number, i)
            blocks.append(self._same(at, [*elements, *self.walk.definition(v)], found[1], wanted))
        by_cases(self.walk, number, index, wanted, blocks)
        stay = difference(variable(scores.base), variable(read), LE)
        least = self.walk.derive(stay, [self.walk.picks[number, 0]])
        self.followed[v] = [self.walk.atoms[wanted], *self.walk.definition(scores.base), least]

    def _same(self, at: list[Fact], elements: list[Fact], pairs: list[tuple[int, int]], wanted: Value) -> Block:
        """Under the facts `at`: each definition of a pair equals the other, and so the two values."""
        block, equal = Block(at), [*at, *elements]
        for u, other in pairs:
            one = difference(variable(u), variable(other), EQ)
            block.steps.append(have(one, closed([], [self.clauses[u], self.clauses[other], *equal], one)))
            equal += block.steps[-1].makes
        block.steps += closed([], equal, wanted).steps
        return block
