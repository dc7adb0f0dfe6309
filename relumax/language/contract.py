"""A gadget's contract as a spec of its own, so that it can be proved, refuted and certified like any other claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relumax.errors import ProgramError
from relumax.language.expr import Expr, Formula, Largest, affine, brief, inputs
from relumax.language.gadget import Condition, Gadget
from relumax.language.spec import Json, Spec, array, atom, clause, form, statement


def contract_spec(gadget: Gadget, points: Sequence[Json] = ()) -> Spec:
    """For all arguments a that meet `requires`: the results y meet `ensures`. `points` meet `requires`."""
    variables = inputs(gadget.arity + gadget.results)
    arguments, results = variables[: gadget.arity], variables[gadget.arity :]
    names = {one: f"a[{k}]" for k, one in enumerate(arguments)} | {one: f"y[{k}]" for k, one in enumerate(results)}
    define: list[Json] = []
    requires = [_clause(one, names, define) for one in gadget.given(arguments)]
    ensures = [_clause(one, names, define) for one in gadget.then(results, arguments)]
    mentioned = {reference for one in requires + ensures for b in one["any"] for a in b for reference in a[3::2]}
    mentioned |= {reference for d in define for f in d.get("forms", ()) for reference in f[3::2]}
    ensures += [_trivial(name) for name in names.values() if name not in mentioned]
    arrays = [array("a", "in", gadget.arity), array("y", "out", gadget.results)]
    return Spec(arrays, [statement(ensures, define, requires, points=points if requires else ())])


def _trivial(name: str) -> Json:
    """A clause that mentions a variable the contract says nothing about."""
    return clause([atom({name: 1}, "<=")], [atom({name: -1}, "<")])


def _clause(condition: Condition, names: dict[Expr, str], define: list[Json]) -> Json:
    if isinstance(condition, Largest):
        list_name, best = f"s{len(define)}", f"m{len(define)}"
        define.append({"name": list_name, "kind": "list", "forms": [form(*_terms(one, names)) for one in condition.of]})
        define.append({"name": best, "kind": "max", "of": list_name})
        terms, const = _terms(condition.head, names)
        return clause([atom({**terms, best: -1}, "=", const)])
    if not isinstance(condition, Formula):
        raise ProgramError(f"a contract is made of comparisons, equals and largest, not {condition!r}")
    return clause(*[[atom(*_split(_terms(one, names), sign)) for sign, one in branch] for branch in condition.branches])


def _split(terms: tuple[dict[str, Any], Any], sign: str) -> tuple[dict[str, Any], str, Any]:
    return terms[0], sign, terms[1]


def _terms(expr: Expr, names: dict[Expr, str]) -> tuple[dict[str, Any], Any]:
    flat = affine(expr)
    if not all(one in names for one in flat.terms):
        raise ProgramError(f"a contract speaks of sums of arguments and results only: {brief(expr)}")
    return {names[one]: c for one, c in flat.terms.items()}, flat.const
