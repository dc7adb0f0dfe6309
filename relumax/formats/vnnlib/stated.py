"""From a query to the statement that it has no answer: true if and only if the query is unsat.

The query, as alternatives, is refuted by one clause each: not all of its atoms hold. What all alternatives ask of
inputs alone becomes a requirement. Clauses that together say that a form is a maximum are said as one,

    y - s >= 0 for each s in S; y - s <= 0 for some s in S             y = max(S)

and t <= 0; -t <= 0 as t = 0, which engines recognise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from relumax.formats.vnnlib.query import HIDDEN, IN, OUT, Atom, Cell, Every, Linear, Query, branches, negated
from relumax.language.condition import EQ, LE, clause_json
from relumax.language.spec import Json, Spec, array, wire

Clause = list[list[Atom]]
"""Alternatives of atoms that hold at once."""


class Names:
    """What the kernel calls each cell: x[k] for inputs, y[k] for outputs and hidden values, all networks' in a row."""

    def __init__(self, query: Query):
        inputs, outputs = query.cells(IN), query.cells(OUT, HIDDEN)
        self.inputs, self.outputs = len(inputs), len(outputs)
        self.of: dict[Cell, str] = {cell: f"x[{k}]" for k, cell in enumerate(inputs)}
        self.of |= {cell: f"y[{k}]" for k, cell in enumerate(outputs)}

    def atom(self, one: Atom) -> list[Any]:
        """[relation, const, c, name, ...], in integers."""
        return [one.relation, *_integers(one.form, self)[1:]]

    def is_input(self, one: Linear) -> bool:
        """Whether a form speaks of inputs alone."""
        return all(self.of[cell].startswith("x") for cell in one.terms)


def no_answer(query: Query, promising: bool = True) -> Spec:
    """The spec that no input meets the query; raises BudgetExceeded.

    If `promising`, what is asked of inputs alone is a requirement, and the statement needs an input that meets it.
    """
    names = Names(query)
    common: list[Atom] = []
    parts = [part for one in query.assertions for part in (one.parts if isinstance(one, Every) else [one])]
    if promising:  # before alternatives are written out, each with all of them
        common = [one for one in parts if isinstance(one, Atom) and names.is_input(one.form)]
    alternatives = branches(Every(tuple(one for one in parts if one not in common)))
    if promising and alternatives:
        shared = [one for one in alternatives[0] if names.is_input(one.form)]
        common += [one for one in shared if all(one in branch for branch in alternatives[1:])]
    clauses = [_clause([one for one in branch if one not in common]) for branch in alternatives]
    define: list[Json] = []
    ensures = [*_maxima(clauses, names, define)] if all(clauses) else [_never(names)]
    requires = [clause_json([[names.atom(one)]], None, None) for one in common]
    ensures += _mentioned(names, [*requires, *ensures], define)
    statement = {"define": define, "ensures": ensures, "index": [], "points": [], "requires": requires}
    return Spec([array("x", "in", names.inputs), array("y", "out", names.outputs)], [statement])


def _clause(branch: Sequence[Atom]) -> Clause:
    """That not all of the atoms hold."""
    found: Clause = []
    for one in branch:
        other = negated(one)
        found += [[other]] if isinstance(other, Atom) else [[part] for part in other.parts if isinstance(part, Atom)]
    return found


def _never(names: Names) -> Json:
    """A clause that is false: the requirements alone are an answer."""
    return clause_json([[["<", 0, 1, "x[0]"], ["<", 0, -1, "x[0]"]]], None, None)


def _integers(form: Linear, names: Names) -> list[Any]:
    """[den, const, c, name, ...]."""
    den = lcm(form.const.denominator, *(c.denominator for c in form.terms.values()))
    parts = [part for cell, c in form.terms.items() for part in (wire(int(c * den)), names.of[cell])]
    return [wire(den), wire(int(form.const * den)), *parts]


def _key(form: Linear) -> tuple[Fraction, frozenset[tuple[Cell, Fraction]]]:
    """Equal for forms that are positive multiples of each other."""
    by = sum(map(abs, form.terms.values()), Fraction(0)) or Fraction(1)
    return form.const / by, frozenset((cell, c / by) for cell, c in form.terms.items())


def _maxima(clauses: Sequence[Clause], names: Names, define: list[Json]) -> Iterable[Json]:
    """The clauses, those that say that something is a maximum, or an equation, said as that."""
    single = {
        _key(one[0][0].form): k
        for k, one in enumerate(clauses)
        if len(one) == 1 and len(one[0]) == 1 and one[0][0].relation == LE
    }
    used: set[int] = set()
    said: list[Json] = []
    for k, one in enumerate(clauses):
        forms = [branch[0].form for branch in one if len(branch) == 1 and branch[0].relation == LE]
        others = [single.get(_key(form.times(-1))) for form in forms]
        if k in used or len(forms) != len(one) or None in others or k in others:
            continue
        if len(forms) == 1:
            said.append(clause_json([[names.atom(Atom(EQ, forms[0]))]], None, None))
        elif (made := _maximum(forms, names, define)) is not None:
            said.append(made)
        else:
            continue
        used |= {k, *(other for other in others if other is not None)}
    for k, one in enumerate(clauses):
        if k not in used:
            said.append(clause_json([[names.atom(atom) for atom in branch] for branch in one], None, None))
    return said


def _maximum(forms: Sequence[Linear], names: Names, define: list[Json]) -> Json | None:
    """The smallest of the forms is 0: what they have of outputs in common is the largest of the rest, negated."""
    scaled = []
    for form in forms:
        outputs = [abs(c) for cell, c in form.terms.items() if names.of[cell].startswith("y")]
        if not outputs:
            return None
        scaled.append(form.times(1 / outputs[0]))
    parts = [{cell: c for cell, c in form.terms.items() if names.of[cell].startswith("y")} for form in scaled]
    if any(part != parts[0] for part in parts):
        return None
    head = Linear(Fraction(0), parts[0])
    rest = [head.plus(form, -1) for form in scaled]  # head - form, over inputs
    least = next(iter(parts[0].values())) < 0
    head, rest = (head.times(-1), [one.times(-1) for one in rest]) if least else (head, rest)
    name, kind = f"m{len(define)}", "min" if least else "max"
    whole = {(next(iter(one.terms)), one.const, *one.terms.values()) for one in rest if len(one.terms) == 1}
    if len(rest) == names.inputs and whole == {(cell, 0, 1) for cell in list(names.of)[: names.inputs]}:
        of = "x"
    else:
        of = f"s{len(define)}"
        define.append({"forms": [_integers(one, names) for one in rest], "kind": "list", "name": of})
    define.append({"kind": kind, "name": name, "of": of})
    _, const, *terms = _integers(head, names)
    return clause_json([[[EQ, const, *terms, -1, name]]], None, None)


def _mentioned(names: Names, clauses: Sequence[Json], define: Sequence[Json]) -> list[Json]:
    """For every input and output of which nothing is said: what is true of every number."""
    found = {ref for one in clauses for branch in one["any"] for atom in branch for ref in atom[3::2]}
    found |= {ref for one in define if one["kind"] == "list" for form in one["forms"] for ref in form[3::2]}
    if any(one.get("of") == "x" for one in define):
        found |= {f"x[{k}]" for k in range(names.inputs)}
    unsaid = [name for name in names.of.values() if name not in found]
    return [clause_json([[[LE, 0, 1, name]], [[LE, 0, -1, name]]], None, None) for name in unsaid]
