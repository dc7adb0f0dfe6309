"""What conditions mean: comparisons joined by and and or, and how those become clauses.

A definition cannot speak of outputs, so what is larger or smaller among them is said by cases: max(a, b) <= c is a <= c
and b <= c; c <= max(a, b) is c <= a or c <= b; step(t) is 1 where 0 <= t and else 0. An absolute value alone in an
inequality is said so too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from relumax.language.condition import EQ, LE, LT, Json, clause_json
from relumax.language.expr import Expr, affine, const, factor_of, largest, relu, smallest, step, symbol, topological
from relumax.language.theorem.nodes import Node
from relumax.language.theorem.values import Known, Row, listed, value

CASES = 2000
"""Distinctions of cases, and branches, that one condition may come to."""
DEEPEST = 11
"""Values in one sum that are said by cases: 2^11 are more."""


class Atom(NamedTuple):
    """`expr (relation) 0`."""

    relation: str
    expr: Expr


class Both(NamedTuple):
    """All of these."""

    of: list[Said]


class Either(NamedTuple):
    """One of these."""

    of: list[Said]


Said = Atom | Both | Either


def clauses(node: Node, known: Known, split: bool) -> list[Json]:
    """A condition, perhaps under `for each i`, as clauses; where `split`, each of what `and` joins has its own."""
    if node.kind == "round":
        return clauses(node.parts[0], known, split=False)
    if node.kind == "and" and (split or any(_quantified(one) for one in node.parts)):
        return [found for one in node.parts for found in clauses(one, known, split=False)]
    n, guard, w = node.data if node.kind == "each" else (None, "", "")
    if guard and w not in known.indices:
        known.fail(node.at, f"{w} is no index: a guard is of one")
    if guard and n not in (None, known.indices[w]):
        known.fail(node.at, f"the index {w} has {known.indices[w]} values, and there are {n} i")
    known.bound, known.reads, known.cases = node.kind == "each", [], 0
    said = _said(node.parts[0] if node.kind == "each" else node, known)
    n = _how_many(node, known.indices[w] if guard else n, known)
    known.bound = False
    where = [guard, w] if guard else None
    return [clause_json(_written(found, n, known), n, where) for found in _clauses(said, node.at, known)]


def _written(branches: Sequence[Branch], n: int | None, known: Known) -> list[list[list[Any]]]:
    """The branches, as the kernel reads them."""
    said = known.said
    return [[[one.relation, *said.written(settled(one.expr, n, known))[1:]] for one in branch] for branch in branches]


def _quantified(node: Node) -> bool:
    while node.kind == "round":
        node = node.parts[0]
    return node.kind == "each"


def _how_many(node: Node, n: int | None, known: Known) -> int | None:
    """How many i there are."""
    for length, at, name in known.reads:
        if n is not None and n != length:
            known.fail(at, f"{name} has {length} elements, and there are {n} i")
        n = length
    if n is None and node.kind == "each":
        known.fail(node.at, "for how many i? write `for each i < n`")
    return n


# ---------------------------------------------------------------- and, or, comparisons


def _said(node: Node, known: Known, alone: bool = True) -> Said:
    """The meaning of a condition; `alone`: no `or` is around it."""
    match node.kind:
        case "round":
            return _said(node.parts[0], known, alone)
        case "and":
            return Both([_said(one, known, alone) for one in node.parts])
        case "or":
            return Either([_said(one, known, False) for one in node.parts])
        case "compare":
            return _compared(node, known, alone)
        case "each":
            known.fail(node.at, "a `for each` stands at the end of a condition, and not in an `or` or in another one")
        case "winner":
            known.fail(node.at, "a winner is required, after `such that`, on its own or joined by and")
    known.fail(node.at, "a condition such as y = max(x) is expected here, not a value alone")


def _compared(node: Node, known: Known, alone: bool) -> Said:
    sides = [value(one, known) for one in node.parts]
    if any(isinstance(one, Row) for one in sides):
        if not alone or "!=" in node.data:
            known.fail(node.at, "whole arrays are compared element by element: write `for each i < n` here")
        sides = [_element(one, part, known) for one, part in zip(sides, node.parts, strict=True)]
    programs = [one for one in sides if not isinstance(one, Row)]
    found: list[Said] = []
    for left, relation, right in zip(programs, node.data, programs[1:], strict=False):
        match relation:
            case "=":
                found.append(_atom(EQ, left - right, known, node.at))
            case "!=":
                found.append(Either([_atom(LT, one, known, node.at) for one in (left - right, right - left)]))
            case "<=" | "<":
                found.append(_atom(LE if relation == "<=" else LT, left - right, known, node.at))
            case _:
                found.append(_atom(LE if relation == ">=" else LT, right - left, known, node.at))
    return found[0] if len(found) == 1 else Both(found)


def _element(one: Expr | Row, node: Node, known: Known) -> Expr:
    """Element i, of whole arrays that are compared."""
    if not isinstance(one, Row):
        return one
    known.reads.append((one.length, node.at, one.name or "the list"))
    return symbol(f"{listed(one, node.at, known)}[i]")


def _atom(relation: str, expr: Expr, known: Known, at: int) -> Said:
    """The comparison with 0, by cases where definitions cannot say it."""
    terms = affine(expr).terms
    units = [node for node in terms if node.op != "symbol"]
    said = [node for node in units if known.speaks_outside(node) or (len(units) == 1 and _absolute(node, relation))]
    known.cases += bool(said)
    if known.cases > CASES or len(said) > DEEPEST:
        known.fail(at, f"this comes to more than {CASES:,} cases")
    if not said:
        return Atom(relation, expr)
    node = said[0]
    if relation == EQ:
        return Both([_atom(LE, expr, known, at), _atom(LE, -expr, known, at)])
    if node.op == "step":
        on, off = _atom(LE, -node.args[0], known, at), _atom(LT, node.args[0], known, at)
        then = [_case(relation, replaced(expr, {node: const(k)}), known, at) for k in (1, 0)]
        return Either([Both([on, then[0]]), Both([off, then[1]])])
    args = (*node.args, const(0)) if node.op == "relu" else node.args
    cases: list[Said] = [_case(relation, replaced(expr, {node: one}), known, at) for one in args]
    return Both(cases) if (terms[node] > 0) == (node.op != "smallest") else Either(cases)


def _case(relation: str, expr: Expr, known: Known, at: int) -> Said:
    """The same, where a comparison of two numbers is nothing to say, or never so."""
    flat = affine(expr)
    if flat.terms:
        return _atom(relation, expr, known, at)
    return Both([]) if flat.const < 0 or (relation == LE and flat.const == 0) else Either([])


def _absolute(node: Expr, relation: str) -> bool:
    """Whether it is |t|, in an inequality."""
    return relation != EQ and node.op == "largest" and len(node.args) == 2 and node.args[1] is -node.args[0]


# ---------------------------------------------------------------- clauses

Branch = tuple[Atom, ...]


def _clauses(said: Said, at: int, known: Known) -> Iterator[Sequence[Branch]]:
    """Clauses that say it together: one, but for several joined by and of which one has an `or`."""
    if isinstance(said, Both) and not all(isinstance(one, Atom) for one in _flat(said)):
        for one in said.of:
            yield from _clauses(one, at, known)
        return
    branches = _branches(said, at, known)
    if not all(branches):  # one of them is always true
        yield [(Atom(LE, const(0)),)]
    else:
        yield branches or [(Atom(LE, const(1)),)]


def _flat(said: Said) -> Iterator[Said]:
    if isinstance(said, Both):
        for one in said.of:
            yield from _flat(one)
    else:
        yield said


def _branches(said: Said, at: int, known: Known) -> list[Branch]:
    """The same as an `or` of `and`s."""
    if isinstance(said, Atom):
        return [(said,)]
    parts = [_branches(one, at, known) for one in said.of]
    if isinstance(said, Either):
        return [branch for part in parts for branch in part]
    found: list[Branch] = [()]
    for part in parts:
        if len(found) * len(part) > CASES:
            known.fail(at, f"this comes to more than {CASES:,} cases")
        found = [one + more for one in found for more in part]
    return found


def settled(expr: Expr, n: int | None, known: Known) -> Expr:
    """The same, where units, maxima and minima that speak of i are elements at i of arrays that are defined first."""
    new: dict[Expr, Expr] = {}
    for node in affine(expr).terms:
        if node.op != "symbol" and n is not None and known.speaks_of_i(node):
            if (node, n) not in known.made:
                known.made[node, n] = known.said.fresh("t")
                defined(known.made[node, n], node, n, known)
            new[node] = symbol(f"{known.made[node, n]}[i]")
    return replaced(expr, new) if new else expr


def defined(name: str, expr: Expr, n: int, known: Known) -> None:
    """Define the array `name` whose element i is the value of the program."""
    inner = expr.args[0] if expr.op in ("relu", "step") else expr
    if all(node.op == "symbol" or not known.speaks_of_i(node) for node in affine(inner).terms):
        known.said.each(name, n, expr)
    else:
        known.said.array(name, [_at_number(expr, k) for k in range(n)])


def _at_number(expr: Expr, k: int) -> Expr:
    """The program with k for i."""
    new: dict[Expr, Expr] = {}
    for node in topological([expr]):
        if node.data == "i":
            new[node] = const(k)
        elif node.op == "symbol":
            new[node] = symbol(str(node.data).replace("[i]", f"[{k}]"))
    return replaced(expr, new, lambda node: node.args)


def _linear(node: Expr) -> tuple[Expr, ...]:
    return node.args if node.op in ("add", "scale") else ()


def replaced(expr: Expr, new: dict[Expr, Expr], below: Callable[[Expr], tuple[Expr, ...]] = _linear) -> Expr:
    """The program with these nodes replaced where they are terms of it, or in all that is `below`."""
    found = dict(new)
    for node in topological([expr], below):
        if node in found:
            continue
        args = [found[one] for one in below(node)]
        match node.op if args else "":
            case "add":
                found[node] = args[0] + args[1]
            case "scale":
                found[node] = args[0] * factor_of(node)
            case "relu" | "step":
                found[node] = (relu if node.op == "relu" else step)(args[0])
            case "largest" | "smallest":
                found[node] = (largest if node.op == "largest" else smallest)(args)
            case _:
                found[node] = node
    return found[expr]
