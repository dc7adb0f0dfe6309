"""Engine `modular`: gadget by gadget.

Each gadget's body is compiled on its own, its strict units and its contract are a lemma, proved once (z3 decides it, a
case tree certifies it). Then the program is walked from the inputs: a call is an instance of its lemma at the forms its
arguments have in the *compiled network*, and every unit of the lemma must be found there by its exact form; so a
network in which one weight was changed is not the program's network, and the engine says so (`NotLocal`). What the
contracts leave to say about the outputs is one small case tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import gcd
from typing import Any

from relumax.kernel.proof import EQ, LE, LT, MAX, OR, RELU, STEP, Context, difference, substituted, unit_clause
from relumax.kernel.wire import atom, form, substitute
from relumax.language.expr import (
    Expr,
    Formula,
    Largest,
    affine,
    brief,
    constant_value,
    factor_of,
    inputs,
    topological,
)
from relumax.language.gadget import Gadget
from relumax.network.compile import compile
from relumax.network.layers import Layer, Network
from relumax.prove.lemmas import ENDLESS, Form, Lemmas, Shape, case_tree
from relumax.prove.script import ELIM, MERGE, PICK, Block, Fact, Head, Step, Value, argument, facts_of, have
from relumax.prove.search import GaveUp, Search

Decide = Callable[[Gadget, Context], None]


class NotLocal(GaveUp):
    """The network does not hold the units that the program's gadgets call for."""


class FalseContract(Exception):
    """A gadget does not keep its contract: (gadget, the arguments, the results there)."""


class Value_:
    """A program value in the network: its form over the units of `layer`, and the max fact it is the head of."""

    __slots__ = ("fact", "form", "layer")

    def __init__(self, layer: int, form: Form, fact: Fact | None = None):
        self.layer, self.form, self.fact = layer, form, fact


def prove_modular(
    outputs: Sequence[Expr],
    context: Context,
    templates: list[int],
    lemmas: Lemmas,
    deadline: float | None,
    decide: Decide,
) -> Block:
    """A proof of the goals of a statement's context by the gadgets of the program; raises GaveUp or FalseContract."""
    walk = _Walk(context, templates, lemmas, deadline, decide)
    walk.program(outputs)
    walk.merge()
    block = walk.search.prove(context.goals)
    return Block([], walk.steps + block.steps)


class _Walk:
    def __init__(
        self, context: Context, templates: list[int], lemmas: Lemmas, deadline: float | None, decide: Decide
    ):
        self.context, self.lemmas, self.decide = context, lemmas, decide
        self.steps: list[Step] = []
        self.search = Search(deadline)
        self.values: dict[Expr, Value_] = {}
        self.carried: dict[tuple[int, Form], Value_] = {}
        self.heads: list[Fact] = []
        self.maxima: list[Fact] = []  # max facts of the statement's definitions
        self.atoms: dict[Value, Fact] = {}  # atoms known, for the hypotheses of lemmas
        self.first_unit = min(context.units.values(), default=0)
        self.relus = {variable: value for (kind, value), variable in context.units.items() if kind == RELU}
        for number, known in enumerate(context.facts):
            if type(known) is tuple:
                self._know([Fact(known, number)])
        for template, n in enumerate(templates):
            for i in range(n):
                made = facts_of(context.pick(template, i, ""))
                self._step(Step(PICK, [template, i], makes=made))

    def _step(self, step: Step) -> None:
        self.steps.append(step)
        self._know(step.makes)

    def _know(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if fact.value[0] == MAX:
                (self.maxima if fact.number >= 0 else self.heads).append(fact)
                continue
            self.search.assume([fact])
            if fact.value[0] <= LT:
                self.atoms.setdefault(fact.value, fact)
                if fact.value[0] == EQ and fact.value[2]:
                    self.search.define(fact, fact.value[2][-1][0])

    # ---- the program, from the inputs

    def program(self, outputs: Sequence[Expr]) -> None:
        """Give every value of the program its form in the network."""
        for node in topological(outputs, _below):
            self.values[node] = self._value(node)

    def _value(self, node: Expr) -> Value_:
        match node.op, node.data:
            case "input", int(i):
                return Value_(0, (1, 0, ((i, 1),)))
            case "const", _:
                value = constant_value(node)
                return Value_(0, (value.denominator, value.numerator, ()))
            case "scale", _:
                inner, factor = self.values[node.args[0]], factor_of(node)
                return Value_(inner.layer, _sum([(factor.numerator, inner.form)], factor.denominator))
            case "add", _:
                pair = self._level([self.values[child] for child in node.args])
                return Value_(pair[0].layer, _sum([(1, one.form) for one in pair], 1))
            case ("relu" | "step"), _:
                kind = RELU if node.op == "relu" else STEP
                inner = self.values[node.args[0]]
                variable = self.context.units.get((kind, inner.form))
                if variable is None:
                    raise NotLocal(f"the network has no unit {brief(node)}")
                self._open_unit(kind, inner.form, variable)
                return Value_(inner.layer + 1, (1, 0, ((variable, 1),)))
            case "call", (Gadget() as gadget, int(result)):
                return self._call(gadget, result, [self.values[one] for one in node.args[1:]])
        raise NotLocal(f"no rule for {node.op}")

    def _open_unit(self, kind: int, value: Form, variable: int) -> None:
        """A unit outside every gadget: the last case tree may split it."""
        number = variable - self.first_unit  # the clauses of the units are the first facts, in order
        self.search.units[variable] = Fact(unit_clause(kind, value, variable), number)
        name = "relu_bounds" if kind == RELU else "step_bounds"
        for step in self.lemmas.use(name, [argument(value)], [value, (1, 0, ((variable, 1),))]):
            self._step(step)

    def _level(self, values: list[Value_]) -> list[Value_]:
        """The values at one common layer; constants are at every layer."""
        layer = max([one.layer for one in values if one.form[2]], default=0)
        found = []
        for one in values:
            while one.form[2] and one.layer < layer:
                one = self._carry(one)
            found.append(Value_(layer, one.form, one.fact))
        return found

    def _carry(self, value: Value_) -> Value_:
        """The value one layer on: relu(g) - relu(-g), or relu(g) where g >= 0 is known, for its linear part g."""
        known = self.carried.get((value.layer, value.form))
        if known is not None:
            return known
        den, const, terms = value.form
        linear, sign = form(den, 0, terms), tuple((v, -c) for v, c in terms)
        opposite = form(den, 0, sign)
        up, down = self.context.units.get((RELU, linear)), self.context.units.get((RELU, opposite))
        given: list[Fact] = []
        if up is None:
            raise NotLocal("a value is not carried by units of its own")
        if down is None:
            given = self._hypotheses([atom(LE, 0, sign)])
        shift = (const // gcd(den, const), den // gcd(den, const))
        signs = tuple(sorted({fact.value[1][2][-1][1] for fact in self.maxima}, reverse=True)) or (1,)
        key = "carry", down is None, shift, signs
        number = self.lemmas.number(key, lambda: _carry_shape(down is None, shift, signs))
        values = [linear, *[(1, 0, ((v, 1),)) for v in (up, down) if v is not None]]
        step = self.lemmas.instance(number, [argument(linear)], values, given)
        self._step(step)
        made = step.makes[0]
        self._step(_eliminate(made))
        head = made.value[1] if signs[0] == 1 else _sum([(-1, made.value[1])], 1)
        found = Value_(value.layer + 1, head, made if signs[0] == 1 else None)
        self.carried[value.layer, value.form] = found
        return found

    def _call(self, gadget: Gadget, result: int, actual: list[Value_]) -> Value_:
        actual = self._level(actual)
        parts = [(form(den, 0, terms), (const, den)) for den, const, terms in [one.form for one in actual]]
        shifts = tuple((const // gcd(const, den), den // gcd(const, den)) for _, (const, den) in parts)
        free = tuple(bool(linear[2]) for linear, _ in parts)
        linear = [one for one, keep in zip([p[0] for p in parts], free, strict=True) if keep]
        for promised in (False, True):
            known = tuple(k for k, one in enumerate(linear) if self._plainly_nonnegative(one)) if promised else ()
            key = (gadget, shifts, free, known)
            if promised and not known:
                break
            number = self.lemmas.number(key, lambda: _gadget_shape(gadget, shifts, free, known), self._prover(gadget))
            shape = self.lemmas.shape(number)
            values = list(linear)
            for kind, value in shape.units:
                variable = self.context.units.get((kind, substitute(value, values, ENDLESS)))
                if variable is None:
                    break
                values.append((1, 0, ((variable, 1),)))
            else:
                return self._instance(number, shape, result, actual, linear, free, values)
        raise NotLocal(f"the network does not hold the units of {gadget.name} as the program calls it")

    def _instance(
        self,
        number: int,
        shape: Shape,
        result: int,
        actual: list[Value_],
        linear: list[Form],
        free: tuple[bool, ...],
        values: list[Form],
    ) -> Value_:
        given = self._hypotheses([substituted(fact, values, ENDLESS) for fact in shape.given])
        arguments: list[Any] = []
        for one, lin in zip([a for a, keep in zip(actual, free, strict=True) if keep], linear, strict=True):
            arguments.append(Head(one.fact) if one.fact is not None and one.form == lin else argument(lin))
        step = self.lemmas.instance(number, arguments, values, given)
        self._step(step)
        out = substitute(shape.results[result], values, ENDLESS)
        layer = actual[0].layer + shape.depth
        fact = next((f for f in step.makes if f.value[0] == MAX and f.value[1] == out), None)
        return Value_(layer, out, fact)

    def _prover(self, gadget: Gadget) -> Callable[[Context], Block]:
        def prove(context: Context) -> Block:
            self.decide(gadget, context)
            return case_tree(context)

        return prove

    def _plainly_nonnegative(self, value: Form) -> bool:
        return value[1] >= 0 and all(
            c > 0 and (v in self.relus or (LE, 0, ((v, -1),)) in self.atoms) for v, c in value[2]
        )

    def _hypotheses(self, wanted: list[Value]) -> list[Fact]:
        """Facts with these values: known ones, or sums of known signs proved on the spot."""
        found = []
        for value in wanted:
            if value not in self.atoms:
                self._derive(value)
            found.append(self.atoms[value])
        return found

    def _derive(self, value: Value) -> None:
        if value[0] != LE:
            raise NotLocal("a hypothesis of a gadget is not known here")
        search = Search()
        for v, _ in value[2]:
            if v in self.relus and (LE, 0, ((v, -1),)) not in self.atoms:
                unit = self.relus[v]
                for step in self.lemmas.use("relu_bounds", [argument(unit)], [unit, (1, 0, ((v, 1),))]):
                    self._step(step)
            if (LE, 0, ((v, -1),)) in self.atoms:
                search.assume([self.atoms[LE, 0, ((v, -1),)]])
        if value not in self.atoms:
            self._step(have(value, search.prove([value])))

    # ---- the statement

    def merge(self) -> None:
        """For each defined maximum, the head with the same leaves equals it."""
        for goal in self.maxima:
            wanted = set(goal.value[2])
            if len(wanted) == 1:
                self._step(_eliminate(goal))
                continue
            # a maximum of several comes before the carries of one, the latest first
            order = sorted(range(len(self.heads)), key=lambda k: (len(self.heads[k].value[2]) == 1, -k))
            for position in order[:64]:
                marked, used = set(self.heads[position].value[2]), []
                for below in range(position - 1, -1, -1):
                    fact = self.heads[below]
                    if fact.value[1] in marked:
                        marked.remove(fact.value[1])
                        marked.update(fact.value[2])
                        used.append(fact)
                    if len(marked) == len(wanted) and marked == wanted:
                        break
                if marked == wanted:
                    head = self.heads[position]
                    low = used[-1] if used else head
                    equal = Fact(difference(head.value[1], goal.value[1], EQ))
                    self._step(Step(MERGE, [head, goal, low], [head, goal, *used], [equal]))
                    break
            else:
                self._eliminated(goal)

    def _eliminated(self, goal: Fact) -> None:
        step = _eliminate(goal)
        clause = step.makes[-1]
        self.steps.append(step)
        self._know(step.makes[:-1])
        self.search.largest[goal.value[1][2][-1][0]] = clause


def _below(node: Expr) -> tuple[Expr, ...]:
    """A gadget call is opened only at its arguments."""
    return node.args[1:] if node.op == "call" else node.args


def _eliminate(fact: Fact) -> Step:
    head, children = fact.value[1], fact.value[2]
    made = [Fact(difference(child, head, LE)) for child in children]
    return Step(ELIM, [fact], [fact], made + facts_of((OR, tuple((difference(head, c, EQ),) for c in children))))


def _sum(parts: Sequence[tuple[int, Form]], den: int) -> Form:
    """sum of weight * form, over den."""
    values = [one for _, one in parts]
    whole = (1, 0, tuple((k, weight) for k, (weight, _) in enumerate(parts)))
    found = substitute(whole, values, ENDLESS)
    return form(found[0] * den, found[1], found[2])


def _carry_shape(nonnegative: bool, shift: tuple[int, int], signs: tuple[int, ...]) -> Shape:
    """g, relu(g) [, relu(-g)]: the value p - q + shift is g + shift, as a maximum of one (negated, under a minimum)."""
    units = [(RELU, (1, 0, ((0, 1),)))] + ([] if nonnegative else [(RELU, (1, 0, ((0, -1),)))])
    const, den = shift
    given = [atom(LE, 0, ((0, -1),))] if nonnegative else []
    then = []
    for sign in signs:
        c = sign * den
        head = form(den, sign * const, ((1, c),) if nonnegative else ((1, c), (2, -c)))
        then.append((MAX, head, (form(den, sign * const, ((0, c),)),)))
    return Shape(1, units, given, then)


def _gadget_shape(
    gadget: Gadget, shifts: tuple[tuple[int, int], ...], free: tuple[bool, ...], known: tuple[int, ...]
) -> Shape:
    """The gadget as a lemma: its own strict network over the linear parts of its arguments, and its contract."""
    count = sum(free)
    variables = iter(inputs(count))
    arguments = [
        (next(variables) if keep else 0 * inputs(1)[0]) + Fraction(*shift)
        for keep, shift in zip(free, shifts, strict=True)
    ]
    hypotheses = [fact for one in gadget.given(arguments) for fact in facts_about(one, {})]
    promised = {v for v in range(count) if (LE, 0, ((v, -1),)) in hypotheses} | set(known)
    hypotheses += [(LE, 0, ((v, -1),)) for v in known if (LE, 0, ((v, -1),)) not in hypotheses]
    network = compile(gadget.body(arguments), count, promised)
    units, results = _forms(network)
    outputs = inputs(count + gadget.results)[count:]
    named = {one: results[k] for k, one in enumerate(outputs)}
    then = [fact for one in gadget.then(outputs, arguments) for fact in facts_about(one, named)]
    return Shape(count, units, hypotheses, then, results, network.depth)


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


def facts_about(condition: Formula | Largest, named: dict[Expr, Form]) -> list[Value]:
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
    scale = flat.const.denominator
    for c in flat.terms.values():
        scale = scale * c.denominator // gcd(scale, c.denominator)
    parts.append((1, (1, int(flat.const * scale), ())))
    for one, c in flat.terms.items():
        if one.op != "input" or not isinstance(one.data, int):
            raise GaveUp(f"a contract speaks of more than sums of arguments and results: {brief(expr)}")
        parts.append((int(c * scale), named.get(one, (1, 0, ((one.data, 1),)))))
    return _sum(parts, scale)


