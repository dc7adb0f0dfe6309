"""Gadgets as lemmas: their contracts as facts, over the units of a network or over values wherever it holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from relumax.engines.forms import combination, constant, weighted
from relumax.engines.lemmas import Form, Lemma
from relumax.engines.script import Value
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LE, LT, MAX, OR, RELU, STEP, unit_clause, variable
from relumax.kernel.wire import atom, form
from relumax.language.condition import Condition, Largest, programs_of
from relumax.language.expr import (
    Expr,
    affine,
    brief,
    children,
    const,
    constant_value,
    factor_of,
    inputs,
    topological,
)
from relumax.language.gadget import Gadget
from relumax.network.compile import compile
from relumax.network.layers import Layer, Network


class NotLocal(GaveUp):
    """The network does not hold the units that the program's gadgets call for."""


def pattern(actual: Sequence[Form]) -> tuple[Any, ...]:
    """What a lemma about a call depends on: the constant of each argument, and whether it is only that."""
    return tuple((const // gcd(den, const), den // gcd(den, const), not terms) for den, const, terms in actual)


def _formal(actual: Sequence[Form]) -> list[Expr]:
    """The arguments of a call over the lemma's variables: their linear parts, each with its constant."""
    variables = iter(inputs(len(actual)))
    return [(next(variables) if terms else const(0)) + Fraction(constant, den) for den, constant, terms in actual]


def strict_lemma(gadget: Gadget, actual: Sequence[Form], known: tuple[int, ...]) -> Lemma:
    """The gadget as a lemma: its own strict network over the linear parts of its arguments, and its contract.

    Arguments number `known` are nonnegative by hypothesis, besides those the gadget itself requires to be.
    """
    arguments = _formal(actual)
    count = sum(bool(terms) for _, _, terms in actual)
    signs = [(LE, 0, ((v, -1),)) for v in known]
    given = [fact for one in gadget.given(arguments) for fact in facts_about(one, {})]
    given += [sign for sign in signs if sign not in given]
    network = compile(gadget.body(arguments), count, {v for v in range(count) if (LE, 0, ((v, -1),)) in given})
    units, results = _forms(network)
    return Lemma(count, units, given, _contract(gadget, arguments, results, count), results, network.depth)


def layer_lemma(gadget: Gadget, actual: Sequence[Form]) -> Lemma:
    """The gadget as a lemma over its arguments and its own relus, if any, alone: nothing is carried."""
    arguments = _formal(actual)
    count = sum(bool(terms) for _, _, terms in actual)
    given = [fact for one in gadget.given(arguments) for fact in facts_about(one, {})]
    body = gadget.body(arguments)
    units: list[tuple[int, Form]] = []
    named: dict[Expr, Form] = {}
    for node in topological(body):
        if node.op in ("relu", "step"):
            inner = affine(node.args[0])
            if any(one.op != "input" for one in inner.terms):
                raise NotLocal(f"{gadget.name} has more than one layer")
            units.append((RELU if node.op == "relu" else STEP, _affine(node.args[0], {})))
            named[node] = (1, 0, ((count + len(units) - 1, 1),))
    results = [_affine(one, named) for one in body]
    return Lemma(count, units, given, _contract(gadget, arguments, results, count), results, 1 if units else 0)


def _contract(gadget: Gadget, arguments: Sequence[Expr], results: Sequence[Form], count: int) -> list[Value]:
    """What the gadget ensures, about the forms of its results."""
    outputs = inputs(count + gadget.results)[count:]
    named = dict(zip(outputs, results, strict=True))
    return [fact for one in gadget.then(outputs, arguments) for fact in facts_about(one, named)]


def _forms(network: Network) -> tuple[list[tuple[int, Form]], list[Form]]:
    """The units of a network as (kind, form), variables numbered inputs first, and its outputs as forms."""
    units: list[tuple[int, Form]] = []
    base, width = 0, network.inputs
    for layer in network.layers:
        forms = _rows(layer, base)
        base, width = base + width, len(forms)
        units += [(STEP if k in layer.steps else RELU, one) for k, one in enumerate(forms)]
    return units, _rows(network.output, base)


def _rows(layer: Layer, base: int) -> list[Form]:
    return [form(layer.den, bias, tuple((base + j, c) for j, c in row)) for bias, row in layer.rows]


def facts_about(condition: Condition[Expr], named: dict[Expr, Form]) -> list[Value]:
    """A contract as facts over the lemma's variables; result names stand for their forms."""
    if isinstance(condition, Largest):
        return [(MAX, _affine(condition.head, named), tuple(_affine(one, named) for one in condition.of))]
    relation = {"=": EQ, "<=": LE, "<": LT}
    branches = tuple(
        tuple(atom(relation[sign], *_affine(one, named)[1:]) for sign, one in branch) for branch in condition.branches
    )
    if len(branches) == 1:
        return list(branches[0])
    return [(OR, branches)]


def _affine(expr: Expr, named: dict[Expr, Form]) -> Form:
    """An affine program over arguments and results as a form over the lemma's variables."""
    flat = affine(expr)
    parts: list[tuple[int, Form]] = []
    scale = lcm(flat.const.denominator, *(c.denominator for c in flat.terms.values()))
    parts.append((1, (1, int(flat.const * scale), ())))
    for one, c in flat.terms.items():
        if one in named:
            parts.append((int(c * scale), named[one]))
        elif one.op == "input" and isinstance(one.data, int):
            parts.append((int(c * scale), (1, 0, ((one.data, 1),))))
        else:
            raise GaveUp(f"a contract speaks of more than sums of arguments and results: {brief(expr)}")
    return combination(parts, scale)


class Body:
    """A program over formal inputs, as forms over a lemma's variables.

    Variables are the inputs, `first` of them, then one for each of the `atoms`: its units, and calls (with their
    contracts) unless calls are opened. `given` says what the units are.
    """

    def __init__(self, outputs: Sequence[Expr], first: int, opened: bool = True):
        self.forms: dict[Expr, Form] = {}
        self.atoms: list[Expr] = []
        self.given: list[Value] = []
        below = children if opened else (lambda node: node.args[1:] if node.op == "call" else node.args)
        for node in topological(outputs, below):
            self.forms[node] = self._form(node, first, opened)
        self.results = [self.forms[one] for one in outputs]

    def _form(self, node: Expr, first: int, opened: bool) -> Form:
        match node.op, node.data:
            case "input", int(i):
                return variable(i)
            case "const", _:
                return constant(constant_value(node))
            case "scale", _:
                return weighted([(factor_of(node), self.forms[node.args[0]])])
            case "add", _:
                return combination([(1, self.forms[one]) for one in node.args], 1)
            case "call", _ if opened:
                return self.forms[node.args[0]]
        self.atoms.append(node)
        found = variable(first + len(self.atoms) - 1)
        if node.op != "call":
            kind = RELU if node.op == "relu" else STEP
            self.given.append(unit_clause(kind, self.forms[node.args[0]], found[2][0][0]))
        return found


def contract_lemma(gadget: Gadget, formal: Sequence[Expr], body: Body) -> Lemma:
    """The gadget as a lemma about values, wherever a network holds them: from what its units are, its contract."""
    given = [fact for one in gadget.given(formal) for fact in facts_about(one, {})]
    variables = gadget.arity + len(body.atoms)
    return Lemma(
        variables, [], [*body.given, *given], _contract(gadget, formal, body.results, gadget.arity + len(body.atoms))
    )


def ensured(gadget: Gadget, results: Mapping[int, Form], arguments: Sequence[Form]) -> list[Value | None]:
    """The facts of the gadget's contract at these arguments and results; None for one about a result not among them."""
    names = inputs(gadget.results + gadget.arity)
    named = dict(zip(names[gadget.results :], arguments, strict=True)) | {names[k]: one for k, one in results.items()}
    found: list[Value | None] = []
    for condition in gadget.then(names[: gadget.results], names[gadget.results :]):
        facts = facts_about(condition, dict.fromkeys(names, constant(0)))
        if all(one in named for one in topological(programs_of(condition)) if one.op == "input"):
            facts = facts_about(condition, named)
            found += facts
        else:
            found += [None] * len(facts)
    return found
