"""The notebook of a proof: the facts known so far, the steps that made them, and how they are looked up.

A notebook is opened with what a statement's context gives: definitions, bounds of indices, what is required at each i.
Everything that helps a proof takes a notebook and writes into it; what is never used is left out of the certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from relumax.engines.forms import defined_forms
from relumax.engines.lemmas import Form, Lemmas, unit_table
from relumax.engines.maxima import Maxima
from relumax.engines.script import PICK, Block, Fact, Step, Value, argument, facts_of, have
from relumax.engines.search import QUICK, GaveUp, Lookahead, Search
from relumax.kernel.proof import EQ, LE, LT, MAX, OR, RELU, Context, difference, unit_clause, variable
from relumax.kernel.statement import Statement
from relumax.language.gadget import Gadget

Decide = Callable[[Gadget, Context], None]
"""Asks z3 whether a gadget keeps its contract."""


class Notebook:
    """Facts about one statement and its network; `decide` is asked before a gadget's contract is proved."""

    def __init__(
        self,
        context: Context,
        statement: Statement,
        requires: Sequence[dict[str, Any]],
        lemmas: Lemmas,
        decide: Decide,
    ):
        self.context, self.statement, self.requires, self.lemmas = context, statement, requires, lemmas
        self.decide = decide
        self.steps: list[Step] = []
        self.plain: list[Fact] = []  # what is required, not of each i, and is a choice
        self.facts: list[Fact] = []  # all but max facts, in the order they became known
        self.atoms: dict[Value, Fact] = {}
        self.by_variable: dict[int, list[Fact]] = {}  # atoms of at most four variables
        self.maxima: list[Fact] = []  # max facts of the statement's definitions
        self.largest: dict[int, Fact] = {}  # of one taken apart: its variable -> "it is one of them"
        self.heads: list[Fact] = []  # max facts about what the network holds
        self.known = Maxima(lemmas, self.steps)
        self.origins: dict[int, list[Fact]] = {}  # variable -> equations that say where its value comes from
        self.forms = defined_forms(statement)
        first = statement.network.inputs + len(statement.network.units)
        self.outputs = dict(enumerate(statement.network.outputs, first))
        self.unit_at = unit_table(context)
        self._clauses: dict[int, Fact] = {}  # unit -> its clause, once it is asked for
        self._stated: dict[int, int] = {}  # unit -> the number that the statement's context gives its clause
        self.opened: dict[int, Fact] = {}  # units outside every gadget: their clauses, which a case tree may split
        self.places: dict[int, tuple[str, int]] = {}  # element -> its array, its place there
        for name, array in statement.names.items():
            if array.length is not None:
                self.places |= {v: (name, i) for i, v in enumerate(array.variables())}
        for number, known in enumerate(context.facts):
            if type(known) is tuple:
                self._know([Fact(known, number)])
            else:
                self._stated[known] = number
        asked = {v for goal in context.goals for v in variables_of(goal)}
        self.asked = [fact for fact in self.maxima if fact.last[0] in asked]  # maxima that goals speak of
        self.signs = (1, -1) if any(fact.last[1] < 0 for fact in self.maxima) else (1,)
        places = {name: w for name, _, w in statement.indices}
        self.index_of = {k: places[r["winner"]] for k, r in enumerate(requires) if "winner" in r}  # template -> index
        self.required: dict[int, list[list[Fact]]] = {}  # template -> all that it says at 0, 1, ...
        for template, (_, n, each, _) in enumerate(statement.requires):
            self._pick(template, n if each else 0)
        won = set(self.index_of.values())
        for k, (_, n, w) in enumerate(statement.indices, len(statement.requires)):
            self.index_of[k] = w
            self._pick(k, 0 if w in won else n)  # what an index says of i, where no winner says it

    # ---- writing

    def _pick(self, number: int, n: int) -> None:
        """All that a requirement, or an index, says at 0, ..., n - 1."""
        for i in range(n):
            made = facts_of(self.context.pick(number, i, ""))
            self.required.setdefault(number, []).append(made)
            self.step(Step(PICK, [number, i], makes=made))

    def step(self, step: Step) -> None:
        """Write a step down: what it makes is known from here on."""
        self.steps.append(step)
        self._know(step.makes)

    def instance(self, number: int, values: Sequence[Form], given: Sequence[Fact]) -> list[Fact]:
        """What lemma `number` says of forms, given what it supposes of them; written down."""
        step = self.lemmas.instance(number, [argument(one) for one in values], values, given)
        self.step(step)
        return list(step.makes)

    def _know(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if fact.value[0] == MAX:
                if fact.number >= 0:
                    self.maxima.append(fact)
                else:
                    self.heads.append(fact)
                    self.known.know(fact)
                continue
            self.facts.append(fact)
            if fact.value[0] == OR and fact.number >= 0:
                self.plain.append(fact)
            if fact.value[0] <= LT:
                self.atoms.setdefault(fact.value, fact)
                if len(fact.value[2]) <= 4:
                    for v, _ in fact.value[2]:
                        self.by_variable.setdefault(v, []).append(fact)

    def restate(self, u: int, clause: Fact) -> None:
        """From here on this is the clause of the unit u: it speaks of what the unit's argument means."""
        self._clauses[u] = clause

    def comes_from(self, v: int, equation: Fact) -> None:
        """The equation says where the value of the variable comes from; told again, it says nothing new."""
        known = self.origins.setdefault(v, [])
        if all(one.value != equation.value for one in known):
            known.append(equation)

    def derive(self, value: Value, facts: Iterable[Fact], most: int = 20_000) -> Fact:
        """A cut that follows from these facts alone, by a case tree of at most so many leaves; raises GaveUp."""
        facts = list(facts)
        try:
            block = closed([], facts, value, min(most, QUICK) if value[0] == OR else most)
        except GaveUp:
            if value[0] != OR:
                raise
            block = closed([], facts, value, most, Lookahead)
        step = have(value, block)
        self.step(step)
        return step.makes[0]

    def fact(self, value: Value) -> Fact:
        """The atom as a fact: a known one, or one that follows from what is known about its variables."""
        if value not in self.atoms:
            self.derive(value, self.about((1, 0, value[2])))
        return self.atoms[value]

    def search(self) -> Search:
        """A search that knows everything in the notebook."""
        found = Search()
        for fact in self.facts:
            found.assume([fact])
            if fact.value[0] == EQ and fact.value[2]:
                found.define(fact, fact.last[0])
        found.units |= self.opened
        found.largest |= self.largest
        return found

    # ---- looking up

    def clause(self, u: int) -> Fact:
        """What it means that the variable u is a unit; of a statement's units made when it is first asked for."""
        if u not in self._clauses:
            self._clauses[u] = Fact(unit_clause(*self.context.units[u], u), self._stated[u])
        return self._clauses[u]

    def definition(self, v: int) -> list[Fact]:
        """The equation that defines v, if a form does."""
        return [self.atoms[difference(variable(v), self.forms[v], EQ)]] if v in self.forms else []

    def output(self, v: int) -> Fact:
        """The equation of the output v with what the last layer holds for it."""
        return self.atoms[difference(variable(v), self.outputs[v], EQ)]

    def nonnegative(self, value: Form) -> bool:
        """Whether the form is a sum of what is known to be >= 0."""
        return value[1] >= 0 and all(
            c > 0 and (v in self.context.units or (LE, 0, ((v, -1),)) in self.atoms) for v, c in value[2]
        )

    def about(self, *values: Form, bounded: bool = True) -> list[Fact]:
        """Atoms about the variables of these forms, and about what those came from; all units `bounded`."""
        variables = dict.fromkeys(v for one in values for v, _ in one[2])
        found = dict.fromkeys(self.moves(*values))
        for fact in list(found):
            variables |= dict.fromkeys(v for v, _ in fact.value[2])
        for v in variables if bounded else ():
            if v in self.context.units and (LE, 0, ((v, -1),)) not in self.atoms:
                kind, unit = self.context.units[v]
                name = "relu_bounds" if kind == RELU else "step_bounds"
                for step in self.lemmas.use(name, [argument(unit)], [unit, (1, 0, ((v, 1),))]):
                    self.step(step)
        for v in variables:
            found |= dict.fromkeys(f for f in self.by_variable.get(v, ()) if {u for u, _ in f.value[2]} <= {*variables})
        return list(found)

    def moves(self, *values: Form) -> list[Fact]:
        """The equations that say where the variables of these forms come from, all the way down."""
        found: dict[Fact, None] = {}
        pending = [v for one in values for v, _ in one[2]]
        while pending:
            for fact in self.origins.get(pending.pop(), ()):
                if fact not in found:
                    found[fact] = None
                    pending += [v for v, _ in fact.value[2]]
        return list(found)

    def bounds(self, index: int) -> list[Fact]:
        """That an index is at least 0, and below its n."""
        return [f for f in self.by_variable[index] if f.value[0] == LE and len(f.value[2]) == 1][:2]

    def index_bounds(self) -> list[Fact]:
        """The bounds of all indices."""
        return [fact for _, _, w in self.statement.indices for fact in self.bounds(w)]


def closed(
    supposed: Sequence[Fact], facts: Iterable[Fact], wanted: Value, most: int = 20_000, kind: type[Search] = Search
) -> Block:
    """A block that proves `wanted`, under what is supposed, with at most so many leaves.

    A `Lookahead` is slower, and needs far fewer leaves where what is wanted is a choice of conjunctions.
    """
    search = kind(max_leaves=most)
    search.assume([*supposed, *facts])
    return Block(supposed, search.prove([wanted]).steps)


def mentioned(value: Value) -> set[int]:
    """The variables of an atom or a clause."""
    return {v for branch in branches_of(value) for _, _, terms in branch for v, _ in terms}


def branches_of(value: Value) -> list[list[Value]]:
    """The branches of a clause; an atom is one."""
    return [list(branch) for branch in value[1]] if value[0] == OR else [[value]]


def variables_of(value: Value) -> set[int]:
    """The variables of any fact."""
    if value[0] == MAX:
        return {v for one in (value[1], *value[2]) for v, _ in one[2]}
    return mentioned(value)
