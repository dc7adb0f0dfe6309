"""Engine `modular`: gadget by gadget.

Each gadget's body is compiled on its own, its strict units and its contract are a lemma, proved once (z3 decides it, a
case tree certifies it). Then the program is walked from the inputs: a call is an instance of its lemma at the forms its
arguments have in the *compiled network*, and every unit of the lemma must be found there by its exact form; so a
network in which one weight was changed is not the program's network, and the engine says so (`NotLocal`). What the
contracts leave to say about the outputs is one small case tree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from functools import partial
from importlib import import_module
from math import gcd
from typing import Any

from relumax.engines.cases import closed
from relumax.engines.defined import Defined
from relumax.engines.gates import Gates
from relumax.engines.lemmas import ENDLESS, Form, Lemmas, Shape, case_tree, unit_table
from relumax.engines.local import Local
from relumax.engines.maxima import Maxima, eliminate
from relumax.engines.script import MERGE, PICK, Block, Fact, Head, Step, Value, argument, facts_of, have
from relumax.engines.search import GaveUp, Search
from relumax.engines.shapes import (
    Held,
    NotLocal,
    carry_shape,
    combination,
    defined_forms,
    gadget_shape,
    mixed_shape,
    pattern,
    weighted,
)
from relumax.kernel.proof import (
    EQ,
    LE,
    LT,
    MAX,
    RELU,
    STEP,
    Context,
    difference,
    substituted,
    unit_clause,
    variable,
)
from relumax.kernel.statement import Statement
from relumax.kernel.wire import atom, form, substitute
from relumax.language.expr import Expr, brief, constant_value, factor_of, topological
from relumax.language.gadget import Gadget, Gate, maximum
from relumax.network.compile import carriers
from relumax.network.echelon import Echelon, exact

Decide = Callable[[Gadget, Context], None]


class FalseContract(Exception):
    """A gadget does not keep its contract: (gadget, the arguments, the results there)."""


def prove_modular(
    outputs: Sequence[Expr],
    context: Context,
    widths: Sequence[int],
    templates: list[int],
    statement: Statement,
    requires: list[dict[str, Any]],
    lemmas: Lemmas,
    deadline: float | None,
    decide: Decide,
    nonnegative: Collection[int] = (),
) -> Block:
    """A proof of the goals of a statement's context by the gadgets of the program; raises GaveUp or FalseContract.

    `widths` are the numbers of inputs and of units of each layer; inputs `nonnegative` are required to be >= 0.
    """
    walk = Walk(context, statement, widths, templates, lemmas, deadline, decide)
    gates = [node for node in topological(outputs, _below) if _is_payload(node)]
    steps = any(kind == STEP for kind, _ in context.units.values())
    if gates or steps or any(kind in ("relu", "step") for kind, *_ in statement.definitions):
        walk.defined = Defined(walk, statement, requires)
    if gates and walk.defined is not None:  # payloads are bounded by the smallest and largest of their array
        walk.eliminate()
        walk.carry_as(carriers(outputs, widths[0], nonnegative))
        walk.gates = Gates(walk, walk.defined, statement, requires, gates)
    walk.name_leaves()
    walk.program(outputs)
    if walk.defined is not None:
        walk.lift(outputs)
        walk.defined.follow()
        proved = [fact for goal in context.goals if (fact := walk.defined.goal(goal)) is not None]
        if len(proved) == len(context.goals):
            known = Search()
            known.assume(proved)
            return Block([], walk.steps + known.prove(context.goals).steps)
    walk.merge()
    local = Local(walk, statement, requires)
    walk.identify(local.equal)
    local.everywhere()
    last = local.goals(context.goals)
    return Block([], [*walk.steps, last])


class Walk:
    def __init__(
        self,
        context: Context,
        statement: Statement,
        widths: Sequence[int],
        templates: list[int],
        lemmas: Lemmas,
        deadline: float | None,
        decide: Decide,
    ):
        self.carriers: list[dict[Form, tuple[int, int | None]]] | None = None
        self.gates: Gates | None = None
        self.defined: Defined | None = None
        self.spans = [(sum(widths[:k]), width) for k, width in enumerate(widths)]  # the variables of each layer
        self.context, self.lemmas, self.decide = context, lemmas, decide
        self.statement, self.forms = statement, defined_forms(statement)
        self.outputs = dict(
            enumerate(statement.network.outputs, statement.network.inputs + len(statement.network.units))
        )
        self.places: dict[int, tuple[str, int]] = {}  # element -> its array, its place there
        for name, array in statement.names.items():
            if array.length is not None:
                self.places |= {v: (name, i) for i, v in enumerate(array.variables())}
        self.steps: list[Step] = []
        self.known = Maxima(lemmas, self.steps)
        self.search = Search(deadline)
        self.values: dict[Expr, Held] = {}
        self.carried: dict[tuple[int, Form], Held] = {}
        self.bases: dict[int, tuple[Echelon, list[tuple[Form, bool]]]] = {}
        self.moved: dict[int, Fact] = {}  # unit that carries a value -> the equation with the value a layer below
        self.heads: list[Fact] = []
        self.maxima: list[Fact] = []  # max facts of the statement's definitions
        self.atoms: dict[Value, Fact] = {}  # atoms known, for the hypotheses of lemmas
        self.by_variable: dict[int, list[Fact]] = {}  # those of at most four variables
        self.unit_at = unit_table(context)
        self.first_unit = min(context.units, default=0)
        self.relus = {variable: value for (kind, value), variable in self.unit_at.items() if kind == RELU}
        for number, known in enumerate(context.facts):
            if type(known) is tuple:
                self._know([Fact(known, number)])
        self.signs = (1, -1) if any(fact.value[1][2][-1][1] < 0 for fact in self.maxima) else (1,)
        self.picked = any(templates)
        self.picks: dict[tuple[int, int], Fact] = {}
        self.required: dict[int, list[list[Fact]]] = {}  # template -> all that it says at 0, 1, ...
        for template, n in enumerate(templates):
            for i in range(n):
                made = facts_of(context.pick(template, i, ""))
                self.picks[template, i] = made[0]
                self.required.setdefault(template, []).append(made)
                self.step(Step(PICK, [template, i], makes=made))

    def step(self, step: Step) -> None:
        self.steps.append(step)
        self._know(step.makes)

    def _know(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if fact.value[0] == MAX:
                if fact.number >= 0:
                    self.maxima.append(fact)
                else:
                    self.heads.append(fact)
                    self.known.know(fact)
                continue
            self.search.assume([fact])
            if fact.value[0] <= LT:
                self.atoms.setdefault(fact.value, fact)
                if len(fact.value[2]) <= 4:
                    for v, _ in fact.value[2]:
                        self.by_variable.setdefault(v, []).append(fact)
                if fact.value[0] == EQ and fact.value[2]:
                    self.search.define(fact, fact.value[2][-1][0])

    def name_leaves(self) -> None:
        """Where a maximum is of defined values, the form that defines one is the maximum of that value."""
        for goal in self.maxima:
            for child in goal.value[2]:
                (v, sign), *_ = child[2]
                if v in self.forms:
                    value = (MAX, combination([(sign, self.forms[v])], 1), (child,))
                    self.derive(value, self.by_variable.get(v, ()))

    # ---- the program, from the inputs

    def program(self, outputs: Sequence[Expr]) -> None:
        """Give every value of the program its form in the network."""
        for node in topological(outputs, _below):
            self.values[node] = self._value(node)
            if self.defined is not None:
                self.defined.meet(node)

    def _value(self, node: Expr) -> Held:
        match node.op, node.data:
            case "input", int(i):
                return Held(0, (1, 0, ((i, 1),)))
            case "const", _:
                value = constant_value(node)
                return Held(0, (value.denominator, value.numerator, ()))
            case "scale", _:
                inner, factor = self.values[node.args[0]], factor_of(node)
                return Held(inner.layer, weighted([(factor, inner.form)]))
            case "add", _:
                pair = self.level([self.values[child] for child in node.args])
                return Held(pair[0].layer, combination([(1, one.form) for one in pair], 1))
            case (("relu" | "step"), _):
                kind = RELU if node.op == "relu" else STEP
                inner = self.values[node.args[0]]
                variable = self.unit_at.get((kind, inner.form))
                if variable is None:
                    raise NotLocal(f"the network has no unit {brief(node)}")
                self._open_unit(kind, inner.form, variable)
                return Held(inner.layer + 1, (1, 0, ((variable, 1),)))
            case "call", (Gate() as gate, 0):
                return self._call(maximum, 0, [self.values[one] for one in node.args[1:3]])
            case "call", (Gate() as gate, 1) if self.gates is not None:
                return self.gates.call(gate, node)
            case "call", (Gadget() as gadget, int(result)):
                return self._call(gadget, result, [self.values[one] for one in node.args[1:]])
        raise NotLocal(f"no rule for {node.op}")

    def _open_unit(self, kind: int, value: Form, variable: int) -> None:
        """A unit outside every gadget: the last case tree may split it."""
        number = variable - self.first_unit  # the clauses of the units are the first facts, in order
        self.search.units[variable] = Fact(unit_clause(kind, value, variable), number)
        name = "relu_bounds" if kind == RELU else "step_bounds"
        for step in self.lemmas.use(name, [argument(value)], [value, (1, 0, ((variable, 1),))]):
            self.step(step)

    def level(self, values: list[Held]) -> list[Held]:
        """The values at one common layer; constants are at every layer."""
        layer = max([one.layer for one in values if one.form[2]], default=0)
        found = []
        for one in values:
            while one.form[2] and one.layer < layer:
                one = self.carry(one)
            found.append(one if one.form[2] else Held(layer, one.form))
        return found

    def carry_as(self, carriers: Sequence[Sequence[tuple[int, int | None]]]) -> None:
        """Carry values just as the compiler does: by unit plus - unit minus of each pair, or unit plus alone."""
        form_of = {v: value for v, (_, value) in self.context.units.items()}
        self.carriers = []
        for (start, _), pairs in zip(self.spans[1:], carriers, strict=True):
            units = [(start + plus, None if minus is None else start + minus) for plus, minus in pairs]
            self.carriers.append({form_of[plus]: (plus, minus) for plus, minus in units})

    def lift(self, outputs: Sequence[Expr]) -> None:
        """Carry the outputs up to the last layer."""
        for output in outputs:
            held = self.values[output]
            while held.form[2] and held.layer < len(self.spans) - 1:
                held = self.carry(held)

    def carry(self, value: Held) -> Held:
        """The value one layer on: by units of its own, or else as a combination of what the layer carries."""
        key = value.layer, value.form
        if key not in self.carried:
            self.carried[key] = self._carry_whole(value) or self._carry_parts(value)
        return self.carried[key]

    def _carry_parts(self, value: Held) -> Held:
        moved = self._transport(value.layer, value.form)
        return Held(value.layer + 1, moved, self._same(value.fact, value.form, moved))

    def _transport(self, layer: int, value: Form) -> Form:
        """The form over the next layer that equals `value`, by the values which that layer carries."""
        if layer not in self.bases:
            self.bases[layer] = self._basis(layer)
        echelon, carried = self.bases[layer]
        start, width = self.spans[layer]
        den, constant, terms = value
        here = {v: Fraction(c, den) for v, c in terms if start <= v < start + width}
        rest = form(den, constant, tuple((v, c) for v, c in terms if v not in here))
        parts: list[tuple[Fraction, Form]] = [(Fraction(1), rest)]
        for k, weight in sorted(echelon.coordinates(here).items()):
            held = self._carry_whole(Held(layer, carried[k][0])) if carried[k][1] else None
            parts.append((Fraction(weight), held.form if held is not None else carried[k][0]))
        return weighted(parts)

    def _basis(self, layer: int) -> tuple[Echelon, list[tuple[Form, bool]]]:
        """A basis of the forms over a layer: first what layer + 1 carries (marked so), then the layer's own variables.

        Carried are the forms of opposing relus, and of relus of what is >= 0.
        """
        if self.carriers is not None:
            carrying = list(self.carriers[layer]) if layer < len(self.carriers) else []
        else:
            start, width = self.spans[layer + 1] if layer + 1 < len(self.spans) else (0, 0)
            units = [u for v, (kind, u) in self.context.units.items() if kind == RELU and start <= v < start + width]
            linear = dict.fromkeys(value for value in units if value[1] == 0)
            paired = [one for one in linear if form(one[0], 0, tuple((v, -c) for v, c in one[2])) in linear]
            carrying = [*paired, *[one for one in linear if self._plainly_nonnegative(one)]]
        own = [(1, 0, ((v, 1),)) for v in range(self.spans[layer][0], sum(self.spans[layer]))]
        echelon = Echelon()
        carried: list[tuple[Form, bool]] = []
        for one, is_carried in [*((one, True) for one in carrying), *((one, False) for one in own)]:
            if echelon.insert({v: exact(Fraction(c, one[0])) for v, c in one[2]}):
                carried.append((one, is_carried))
        return echelon, carried

    def _same(self, fact: Fact | None, old: Form, new: Form) -> Fact | None:
        """That +-new is the maximum of the one form +-old, the head of `fact` if there is one; new = old is known."""
        facts = dict.fromkeys(self.moved[v] for v, _ in new[2] if v in self.moved)
        signs = self.signs if fact is None else (1,) if fact.value[1] == old else (-1,)
        for sign in signs:
            value = (MAX, combination([(sign, new)], 1), (combination([(sign, old)], 1),))
            self.derive(value, facts)
        return self.heads[-1] if fact is not None else None

    def _carry_whole(self, value: Held) -> Held | None:
        """relu(g) - relu(-g), or relu(g) where g >= 0 is known, for the linear part g of the value."""
        den, const, terms = value.form
        linear, sign = form(den, 0, terms), tuple((v, -c) for v, c in terms)
        opposite = form(den, 0, sign)
        given: list[Fact] = []
        if self.carriers is not None:
            found = self.carriers[value.layer] if value.layer < len(self.carriers) else {}
            up, down = found.get(linear) or found.get(opposite, (None, None))[::-1]
        else:
            up, down = self.unit_at.get((RELU, linear)), self.unit_at.get((RELU, opposite))
        if up is None or (down is None and not self._plainly_nonnegative(linear)):
            return None
        if down is None:
            given = self._hypotheses([atom(LE, 0, sign)])
        shift = (const // gcd(den, const), den // gcd(den, const))
        key = "carry", down is None, shift, self.signs
        number = self.lemmas.number(key, lambda: carry_shape(down is None, shift, self.signs))
        values = [linear, *[(1, 0, ((v, 1),)) for v in (up, down) if v is not None]]
        step = self.lemmas.instance(number, [argument(linear)], values, given)
        self.step(step)
        made = step.makes[0]
        self.step(eliminate(made))
        for v in (up, down):
            if v is not None:
                self.moved[v] = self.steps[-1].makes[-1]
        return Held(value.layer + 1, made.value[1], made)

    def _call(self, gadget: Gadget, result: int, actual: list[Held]) -> Held:
        actual, layer = self._levelled(gadget, actual)
        if gadget.engine is not None:
            return self._mixed(gadget, result, actual, layer)
        linear = [form(one.form[0], 0, one.form[2]) for one in actual if one.form[2]]
        nonnegative = tuple(k for k, one in enumerate(linear) if self._plainly_nonnegative(one))
        for known in [(), nonnegative] if nonnegative else [()]:
            key = (gadget, known, *pattern(actual))
            number = self.lemmas.number(key, partial(gadget_shape, gadget, actual, known), self.prover(gadget))
            shape = self.lemmas.shape(number)
            values = self._found(shape, linear)
            if values is not None:
                return self._instance(number, shape, result, actual, layer, linear, values)
        return self._mixed(gadget, result, actual, layer)

    def _levelled(self, gadget: Gadget, actual: list[Held]) -> tuple[list[Held], int]:
        """The arguments, those that the gadget reads at one common layer, and that layer."""
        found = list(actual)
        for k, one in zip(gadget.reads, self.level([actual[k] for k in gadget.reads]), strict=True):
            found[k] = one
        return found, max((found[k].layer for k in gadget.reads), default=0)

    def _mixed(self, gadget: Gadget, result: int, actual: list[Held], layer: int) -> Held:
        """A call of one layer whose arguments are not carried as such: its relus are there, the rest goes part by part.

        The lemma speaks of the arguments on their own layer and the relus on the next; then the head moves up.
        """
        key = (gadget, "mixed", *pattern(actual))
        number = self.lemmas.number(key, lambda: mixed_shape(gadget, actual), self.prover(gadget))
        shape = self.lemmas.shape(number)
        linear = [form(one.form[0], 0, one.form[2]) for one in actual if one.form[2]]
        values = self._found(shape, linear)
        if values is None:
            raise NotLocal(f"the network does not hold the units of {gadget.name} as the program calls it")
        low = self._instance(number, shape, result, actual, layer, linear, values)
        if not shape.units:
            return low
        den, constant, terms = shape.results[result]
        old = form(den, constant, tuple((v, c) for v, c in terms if v < len(linear)))
        new = form(den, 0, tuple((v, c) for v, c in terms if v >= len(linear)))
        moved = self._transport(layer, substitute(old, values, ENDLESS))
        out = weighted([(Fraction(1), moved), (Fraction(1), substitute(new, values, ENDLESS))])
        return Held(layer + 1, out, self._same(low.fact, low.form, out))

    def _found(self, shape: Shape, linear: list[Form]) -> list[Form] | None:
        """The forms of a lemma's variables and units in the network, if it has those units."""
        values = list(linear)
        for kind, value in shape.units:
            variable = self.unit_at.get((kind, substitute(value, values, ENDLESS)))
            if variable is None:
                return None
            values.append((1, 0, ((variable, 1),)))
        return values

    def _instance(
        self,
        number: int,
        shape: Shape,
        result: int,
        actual: list[Held],
        layer: int,
        linear: list[Form],
        values: list[Form],
    ) -> Held:
        given = self._hypotheses([substituted(fact, values, ENDLESS) for fact in shape.given])
        arguments: list[Any] = []
        for one, lin in zip([one for one in actual if one.form[2]], linear, strict=True):
            arguments.append(Head(one.fact) if one.fact is not None and one.fact.value[1] == lin else argument(lin))
        step = self.lemmas.instance(number, arguments, values, given)
        self.step(step)
        out = substitute(shape.results[result], values, ENDLESS)
        fact = next(
            (f for f in step.makes if f.value[0] == MAX and f.value[1] in (out, combination([(-1, out)], 1))), None
        )
        return Held(layer + shape.depth, out, fact)

    def prover(self, gadget: Gadget) -> Callable[[Context], Block]:
        def prove(context: Context) -> Block:
            self.decide(gadget, context)
            if gadget.engine is None:
                return case_tree(context)
            engine = import_module(f"relumax.engines.{gadget.engine}")
            proof: Block = engine.prove(gadget, context, self.lemmas, self.search.deadline)
            return proof

        return prove

    def _plainly_nonnegative(self, value: Form) -> bool:
        return value[1] >= 0 and all(
            c > 0 and (v in self.relus or (LE, 0, ((v, -1),)) in self.atoms) for v, c in value[2]
        )

    def _hypotheses(self, wanted: list[Value]) -> list[Fact]:
        """Facts with these values."""
        return [self.known.fact(value) if value[0] == MAX else self.fact(value) for value in wanted]

    def fact(self, value: Value) -> Fact:
        """The atom as a fact: a known one, or one that follows from what is known about its variables."""
        if value not in self.atoms:
            self.derive(value, self.about((1, 0, value[2])))
        return self.atoms[value]

    def derive(self, value: Value, facts: Iterable[Fact]) -> Fact:
        """A cut that follows from these facts alone."""
        step = have(value, closed([], facts, value))
        self.step(step)
        return step.makes[0]

    def definition(self, v: int) -> list[Fact]:
        """The equation that defines v, if a form does."""
        return [self.atoms[difference(variable(v), self.forms[v], EQ)]] if v in self.forms else []

    def output(self, v: int) -> Fact:
        """The equation of the output v with what the last layer holds for it."""
        return self.atoms[difference(variable(v), self.outputs[v], EQ)]

    def about(self, *values: Form, bounded: bool = True) -> list[Fact]:
        """Atoms about the variables of these forms, and about what those were carried from; all relus `bounded`."""
        variables = dict.fromkeys(v for one in values for v, _ in one[2])
        found = dict.fromkeys(self.moves(*values))
        for fact in list(found):
            variables |= dict.fromkeys(v for v, _ in fact.value[2])
        for v in variables if bounded else ():
            if v in self.relus and (LE, 0, ((v, -1),)) not in self.atoms:
                unit = self.relus[v]
                for step in self.lemmas.use("relu_bounds", [argument(unit)], [unit, (1, 0, ((v, 1),))]):
                    self.step(step)
        for v in variables:
            found |= dict.fromkeys(f for f in self.by_variable.get(v, ()) if {u for u, _ in f.value[2]} <= {*variables})
        return list(found)

    def moves(self, *values: Form) -> list[Fact]:
        """The equations of the units in these forms that carry a value, down to where it came from."""
        found: dict[Fact, None] = {}
        pending = [v for one in values for v, _ in one[2]]
        while pending:
            fact = self.moved.get(pending.pop())
            if fact is not None and fact not in found:
                found[fact] = None
                pending += [v for v, _ in fact.value[2]]
        return list(found)

    def bounds(self, index: int) -> list[Fact]:
        """That an index is at least 0, and below its n."""
        return [f for f in self.by_variable[index] if f.value[0] == LE and len(f.value[2]) == 1][:2]

    def unit(self, kind: int, value: Form, what: str) -> int:
        """The unit of this form."""
        found = self.unit_at.get((kind, value))
        if found is None:
            raise NotLocal(f"the network does not hold the units of {what} as the program calls it")
        return found

    # ---- the statement

    def merge(self) -> None:
        """For each defined maximum, the head with the same leaves equals it."""
        for goal in self.maxima if not self.search.largest else []:
            wanted = set(goal.value[2])
            if len(wanted) == 1:
                self.step(eliminate(goal))
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
                    self.step(Step(MERGE, [head, goal, low], [head, goal, *used], [equal]))
                    if len(self.context.goals) > 1 or self.picked:
                        self._eliminated(goal)  # the promises speak of more than the maximum alone
                    break
            else:
                self._eliminated(goal)

    def identify(self, locally: Callable[[Value], bool]) -> None:
        """Cuts about values read at an index: a definition holds there, and a maximum is its winner's value.

        They spare every later case a look at all inputs. What is not proved `locally` may be by a case tree.
        """
        statement, defined = self.statement, self.forms
        equal: list[Value] = []
        for (name, w), read in statement.reads.items():
            first = defined.get(statement.names[name].base)
            if first is not None:
                places = [(statement.reads.get((self.places.get(v, ("", 0))[0], w)), c) for v, c in first[2]]
                if all(v is not None for v, _ in places):
                    there = form(first[0], first[1], tuple(sorted(places)))
                    equal.append(difference((1, 0, ((read, 1),)), there, EQ))
        for (name, _), read in statement.reads.items():
            for goal in self.maxima:
                own = {(1, 0, ((v, 1),)) for v, (other, _) in self.places.items() if other == name}
                named = {(1, 0, ((v, -1),)) for one in own for v, _ in one[2]}
                leaves = {_defined(one, defined) for one in own}
                wanted = {*goal.value[2]}
                if wanted in (own, named) or wanted == leaves:
                    sign = -1 if wanted == named and wanted != leaves else 1
                    equal.append(difference(goal.value[1], (1, 0, ((read, sign),)), EQ))
        for value in equal:
            try:
                if not locally(value):
                    self.step(have(value, self.search.prove([value])))
            except GaveUp:
                continue

    def eliminate(self) -> None:
        """Take every defined maximum apart: it is at least each of its elements, and one of them."""
        for goal in self.maxima:
            self._eliminated(goal)

    def _eliminated(self, goal: Fact) -> None:
        step = eliminate(goal)
        clause = step.makes[-1]
        self.steps.append(step)
        self._know(step.makes[:-1])
        if clause.value[0] <= LT:
            self._know([clause])
            return
        self.search.largest[goal.value[1][2][-1][0]] = clause


def _defined(one: Form, defined: dict[int, Form]) -> Form:
    """The form that a defined variable stands for, or the variable itself."""
    (v, _), *_ = one[2]
    return defined.get(v, one)


def _is_payload(node: Expr) -> bool:
    """Whether the node is what a gate lets through."""
    match node.op, node.data:
        case "call", (Gate(), 1):
            return True
    return False


def _below(node: Expr) -> tuple[Expr, ...]:
    """A gadget call is opened only at its arguments."""
    return node.args[1:] if node.op == "call" else node.args
