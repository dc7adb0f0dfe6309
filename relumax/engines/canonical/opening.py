"""A statement opened for canonical forms: what its facts say of atoms, and which of its variables are atoms.

Defined values, and inputs that the statement requires to equal something, are rewritten; an element of an array whose
largest or smallest the statement speaks of is an atom instead, a leaf of maxima, and an input is rewritten to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relumax.engines.canonical.bounds import WORK, Bounds
from relumax.engines.canonical.maxima import Maxima, Mirror
from relumax.engines.canonical.ranges import Ranges
from relumax.engines.canonical.table import Table, solved
from relumax.engines.canonical.units import Units
from relumax.engines.lemmas import Form, Lemmas
from relumax.engines.script import PICK, Fact, Step, facts_of
from relumax.kernel.proof import EQ, LE, LT, MAX, Context, difference, variable
from relumax.kernel.statement import Statement


class Opening(NamedTuple):
    """The table, and what it is filled with.

    `given` are the facts of the statement, `places` clauses that say where its indices are, `largest` its maxima.
    """

    statement: Statement
    table: Table
    maxima: Maxima
    mirror: Mirror
    bounds: Bounds
    units: Units
    given: list[Fact]
    places: list[Fact]
    largest: list[Fact]

    def output(self, v: int) -> None:
        """Rewrite an output of the network, whose units have been."""
        network, table = self.statement.network, self.table
        value = network.outputs[v - network.inputs - len(network.units)]
        table.atom(v)
        fact = table.lifted(table.atoms[difference(variable(v), value, EQ)])
        table.rewrite(v, table.canonical(value), fact)


def opened(context: Context, statement: Statement, lemmas: Lemmas, sign: int = 1, work: int = WORK) -> Opening:
    """The statement in its context; the network's units are not looked at yet.

    `sign` is how inputs that the statement takes no maximum of are leaves, if it takes none at all; `work` is what all
    linear programs of the proof may come to.
    """
    table = Table(context, lemmas)
    maxima = Maxima(table)
    mirror, bounds = Mirror(maxima), Bounds(table, maxima, work)
    given = [Fact(value, number) for number, value in enumerate(context.facts) if type(value) is tuple]
    numbers = {v: number for number, v in enumerate(context.facts) if type(v) is int}
    table.know(given)  # what is picked is known by its steps
    required = [(k, n) for k, (_, n, each, _) in enumerate(statement.requires) if each]
    made = {k: [_pick(table, k, i) for i in range(n)] for k, n in required}
    places = [fact for k, (*_, winner) in enumerate(statement.requires) if winner is not None for (fact,) in made[k]]
    first = {fact.value[1][0] for fact in places}  # what the index is, as a winner's facts say
    for k, (_, n, _) in enumerate(statement.indices, len(statement.requires)):
        plain = [fact for i in range(n) for fact in _pick(table, k, i)]
        places += [] if plain[0].value[1][0] in first else plain
    given += [fact for facts in made.values() for one in facts for fact in one if fact not in places]
    largest = [fact for fact in given if fact.value[0] == MAX]
    found = Opening(
        statement,
        table,
        maxima,
        mirror,
        bounds,
        Units(table, (maxima, mirror), bounds, numbers),
        given,
        places,
        largest,
    )
    _variables(found, sign)
    return found


def _pick(table: Table, template: int, i: int) -> Sequence[Fact]:
    made = facts_of(table.context.pick(template, i, ""))
    return table.step(Step(PICK, [template, i], makes=made))


def _variables(opening: Opening, free_sign: int) -> None:
    """Which variables of the statement are atoms, and what the others are."""
    statement, table = opening.statement, opening.table
    for v in (*range(statement.network.inputs), *(w for _, _, w in statement.indices)):
        table.atom(v)
    signs: dict[int, int] = {}
    for v, c in [term for fact in opening.largest for child in fact.children for term in child[2]]:
        signs.setdefault(v, c)
    free = set(range(statement.network.inputs))  # inputs that no canonical form speaks of
    for kind, v, data in statement.definitions:
        if kind in ("read", "max", "min"):
            table.atom(v)
        elif kind == "form":
            _defined(table, v, data, v in signs, free)
        else:
            free -= {u for u, _ in table.canonical(data)[2]}
            opening.units.unit(v)
    said = _said(opening)
    for fact in said:
        if fact.value[0] == EQ:
            _solve(table, table.lifted(fact), free)
    lifted = [table.lifted(fact) for fact in said if fact.value[0] != EQ]
    for fact in lifted:
        opening.bounds.know(fact)
    if any(fact.value[0] == LE and len(fact.terms) == 1 for fact in lifted):
        opening.bounds.ranges = Ranges(table, lifted)
    for v in [*range(statement.network.inputs), *signs]:
        if v not in table.equal and v not in opening.maxima.sets:
            sign = signs.get(v, _sign(opening, free_sign))
            opening.maxima.leaf(v, sign)
            opening.mirror.leaf(v, -sign)
    for fact in opening.largest:
        opening.maxima.defined(fact)
        opening.mirror.defined(fact)


def _sign(opening: Opening, otherwise: int) -> int:
    """Of inputs that the statement takes no maximum of: as it takes those of others."""
    if not opening.largest:
        return otherwise
    return -1 if all(fact.last[1] < 0 for fact in opening.largest) else 1


def _defined(table: Table, v: int, data: Form, leaf: bool, free: set[int]) -> None:
    """The statement says v = data: v is rewritten, or if it may be a leaf, an input of data is."""
    table.atom(v)
    fact = table.lifted(table.atoms[difference(variable(v), data, EQ)])
    if leaf and any(u in free for u, _ in fact.terms):
        _solve(table, fact, free)
    else:
        free -= {u for u, _ in fact.terms}
        table.rewrite(v, solved(fact, v), fact)


def _solve(table: Table, fact: Fact, free: set[int]) -> None:
    """Rewrite an input that no canonical form speaks of, by an equation about atoms."""
    mentioned = {u for u, _ in fact.terms}
    pivot = min(mentioned & free, default=None)
    free -= mentioned
    if pivot is not None:
        table.rewrite(pivot, solved(fact, pivot), fact)


def _said(opening: Opening) -> list[Fact]:
    """Equations and inequalities that the statement requires, or that are said of its indices."""
    network = opening.statement.network
    first = network.inputs + len(network.units)
    equations = {difference(variable(v), data, EQ) for kind, v, data in opening.statement.definitions if kind == "form"}
    equations |= {difference(variable(v), value, EQ) for v, value in enumerate(network.outputs, first)}
    return [f for f in opening.given if f.value[0] <= LT and f.terms and f.value not in equations]
