"""Engine `modular`: gadget by gadget, and step by step of an outline.

Each gadget's contract is a lemma, proved once (z3 decides it, a case tree certifies it). Where the statement speaks of
maxima alone, the program is walked from the inputs: a call is an instance of its lemma at the forms its arguments have
in the *compiled network*, and every unit of the lemma must be found there by its exact form (`Gadgets`). Where a
program states invariants, or a statement defines what programs compute, each node has a meaning, the invariants are
followed from the leaves to the roots, and contracts are lemmas about meanings. Either way a network in which one weight
was changed is not the program's network, and the engine says so (`NotLocal`). What is left to say about the outputs are
small case trees (`goals`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from relumax.engines.contracts import NotLocal, layer_lemma, pattern, strict_lemma
from relumax.engines.follow import Following
from relumax.engines.forms import combination, weighted
from relumax.engines.goals import Goals
from relumax.engines.held import Carrying, Held
from relumax.engines.invariants import Invariants, speaks
from relumax.engines.lemmas import ENDLESS, Form, Lemma, case_tree
from relumax.engines.maxima import eliminate
from relumax.engines.meanings import Meanings
from relumax.engines.notebook import Notebook
from relumax.engines.provers import prover
from relumax.engines.script import MERGE, Block, Fact, Head, Step, Value, argument
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LT, MAX, RELU, STEP, Context, difference, substituted
from relumax.kernel.wire import form, substitute
from relumax.language.expr import Expr, brief, constant_value, factor_of, topological
from relumax.language.gadget import Gadget
from relumax.language.outline import Stated
from relumax.network.compile import carriers


class FalseContract(Exception):
    """A gadget does not keep its contract: (gadget, the arguments, the results there)."""


def prove_modular(
    outputs: Sequence[Expr],
    widths: Sequence[int],
    book: Notebook,
    nonnegative: Collection[int] = (),
) -> Block:
    """A proof of the goals of the notebook's statement by the gadgets of the program; raises GaveUp or FalseContract.

    `widths` are the numbers of inputs and of units of each layer; inputs `nonnegative` are required to be >= 0.
    """
    defined = any(kind in ("relu", "step") for kind, *_ in book.statement.definitions)
    steps = {one for node in topological(outputs) if (one := _stated(node))}
    spoken = any(speaks(book.statement, h, one) for one in steps for h in one.holds)
    if defined or spoken or (steps and len(outputs) > 1):
        return _by_meaning(outputs, widths, book, nonnegative)
    name_leaves(book)
    found = Gadgets(book, Carrying(book, widths, maxima=True))
    found.program(outputs)
    goals = Goals(book, lambda v: [])
    goals.know(merge(book))
    goals.identify()
    goals.everywhere()
    locally = len(book.context.goals) > 1 or bool(goals.winners)  # else one case tree is as good
    last = goals.prove(book.context.goals, locally)
    return Block([], [*book.steps, last])


def _by_meaning(
    outputs: Sequence[Expr],
    widths: Sequence[int],
    book: Notebook,
    nonnegative: Collection[int],
) -> Block:
    """The proof by meanings and invariants."""
    nodes = topological(outputs)
    steps = list(dict.fromkeys(one for node in nodes if (one := _stated(node))))
    meanings = Meanings(book, Carrying(book, widths, False, carriers(outputs, widths[0], nonnegative)), outputs)
    outline = Invariants(book, meanings)
    spoken = outline.spoken(steps)
    for fact in book.maxima:
        if fact.last[0] in spoken:
            take_apart(book, fact)
    held: dict[int, Held] = {}
    first = min(book.outputs)

    def evidence(v: int) -> list[Fact]:
        output = outputs[v - first]
        facts = meanings.between(held[v].form, meanings.meaning[output])
        return [*facts, *meanings.evidence([output], outline.stated, False)]

    goals = Goals(book, evidence)
    goals.identify()
    goals.everywhere()
    outline.cuts, outline.settle = goals.cuts, goals.settled
    parts = {part for one in steps for part in one.parts}
    for node in nodes:
        meanings.known([node])
        one = _stated(node)
        if one is not None and one not in outline.facts:
            outline.stated(one)
            if one not in parts:
                outline.end(one)
    if any(fact.last[0] not in book.largest for fact in book.asked):
        name_leaves(book)
        for node in nodes:
            if node.op == "call" and _stated(node) is None:
                meanings.contract(node)
    held |= {first + k: meanings.carrying.lift(meanings.held[one]) for k, one in enumerate(outputs)}
    goals.know(merge(book))
    goals.identify()
    goals.know(Following(book, meanings, goals).cuts())
    try:
        last = goals.prove(book.context.goals)
    except GaveUp as problem:
        raise GaveUp("; ".join([*outline.failed[:1], str(problem)])) from None
    return Block([], [*book.steps, last])


def _stated(node: Expr) -> Stated | None:
    """The step of an outline whose value the node is."""
    found = node.data[0] if node.op == "call" and isinstance(node.data, tuple) else None
    return found if isinstance(found, Stated) else None


class Gadgets:
    """The calls of a program, each an instance of its gadget's lemma at what the network holds."""

    def __init__(self, book: Notebook, carrying: Carrying):
        self.book, self.carrying = book, carrying
        self.values: dict[Expr, Held] = {}

    def program(self, outputs: Sequence[Expr]) -> None:
        """Give every value of the program its form in the network."""
        for node in topological(outputs, _below):
            self.values[node] = self._value(node)

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
                pair = self.carrying.level([self.values[child] for child in node.args])
                return Held(pair[0].layer, combination([(1, one.form) for one in pair], 1))
            case (("relu" | "step"), _):
                kind = RELU if node.op == "relu" else STEP
                inner = self.values[node.args[0]]
                variable = self.book.unit_at.get((kind, inner.form))
                if variable is None:
                    raise NotLocal(f"the network has no unit {brief(node)}")
                self._open_unit(kind, inner.form, variable)
                return Held(inner.layer + 1, (1, 0, ((variable, 1),)))
            case "call", (Stated(), _):
                return self.values[node.args[0]]
            case "call", (Gadget() as gadget, int(result)):
                return self._call(gadget, result, [self.values[one] for one in node.args[1:]])
        raise NotLocal(f"no rule for {node.op}")

    def _open_unit(self, kind: int, value: Form, variable: int) -> None:
        """A unit outside every gadget: the last case tree may split it."""
        self.book.opened[variable] = self.book.clauses[variable]
        name = "relu_bounds" if kind == RELU else "step_bounds"
        for step in self.book.lemmas.use(name, [argument(value)], [value, (1, 0, ((variable, 1),))]):
            self.book.step(step)

    def _call(self, gadget: Gadget, result: int, actual: list[Held]) -> Held:
        actual, layer = self._levelled(gadget, actual)
        if prover(gadget) is not None:
            return self._mixed(gadget, result, actual, layer)
        linear = [form(one.form[0], 0, one.form[2]) for one in actual if one.form[2]]
        nonnegative = tuple(k for k, one in enumerate(linear) if self.book.nonnegative(one))
        for known in [(), nonnegative] if nonnegative else [()]:
            key = (gadget, known, *pattern([one.form for one in actual]))
            number = self.book.lemmas.number(
                key, partial(strict_lemma, gadget, [one.form for one in actual], known), self.prover(gadget)
            )
            shape = self.book.lemmas.lemma(number)
            values = self._found(shape, linear)
            if values is not None:
                return self._instance(number, shape, result, actual, layer, linear, values)
        return self._mixed(gadget, result, actual, layer)

    def _levelled(self, gadget: Gadget, actual: list[Held]) -> tuple[list[Held], int]:
        """The arguments, those that the gadget reads at one common layer, and that layer."""
        found = list(actual)
        for k, one in zip(gadget.reads, self.carrying.level([actual[k] for k in gadget.reads]), strict=True):
            found[k] = one
        return found, max((found[k].layer for k in gadget.reads), default=0)

    def _mixed(self, gadget: Gadget, result: int, actual: list[Held], layer: int) -> Held:
        """A call of one layer whose arguments are not carried as such: its relus are there, the rest goes part by part.

        The lemma speaks of the arguments on their own layer and the relus on the next; then the head moves up.
        """
        key = (gadget, "mixed", *pattern([one.form for one in actual]))
        number = self.book.lemmas.number(
            key, lambda: layer_lemma(gadget, [one.form for one in actual]), self.prover(gadget)
        )
        shape = self.book.lemmas.lemma(number)
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
        moved = self.carrying.transport(layer, substitute(old, values, ENDLESS))
        out = weighted([(Fraction(1), moved), (Fraction(1), substitute(new, values, ENDLESS))])
        return Held(layer + 1, out, self.carrying.same(low.fact, low.form, out))

    def _found(self, shape: Lemma, linear: list[Form]) -> list[Form] | None:
        """The forms of a lemma's variables and units in the network, if it has those units."""
        values = list(linear)
        for kind, value in shape.units:
            variable = self.book.unit_at.get((kind, substitute(value, values, ENDLESS)))
            if variable is None:
                return None
            values.append((1, 0, ((variable, 1),)))
        return values

    def _instance(
        self,
        number: int,
        shape: Lemma,
        result: int,
        actual: list[Held],
        layer: int,
        linear: list[Form],
        values: list[Form],
    ) -> Held:
        given = [
            self.book.known.fact(value) if value[0] == MAX else self.book.fact(value)
            for value in [substituted(fact, values, ENDLESS) for fact in shape.given]
        ]
        arguments: list[Any] = []
        for one, lin in zip([one for one in actual if one.form[2]], linear, strict=True):
            arguments.append(Head(one.fact) if one.fact is not None and one.fact.value[1] == lin else argument(lin))
        step = self.book.lemmas.instance(number, arguments, values, given)
        self.book.step(step)
        out = substitute(shape.results[result], values, ENDLESS)
        fact = next(
            (f for f in step.makes if f.value[0] == MAX and f.value[1] in (out, combination([(-1, out)], 1))), None
        )
        return Held(layer + shape.depth, out, fact)

    def prover(self, gadget: Gadget) -> Callable[[Context], Block]:
        def prove(context: Context) -> Block:
            self.book.decide(gadget, context)
            engine = prover(gadget)
            return engine(gadget, context, self.book.lemmas, self.book.deadline) if engine else case_tree(context)

        return prove


def name_leaves(book: Notebook) -> None:
    """Where a maximum is of defined values, the form that defines one is the maximum of that value."""
    for goal in book.asked:
        for child in goal.value[2]:
            (v, sign), *_ = child[2]
            if v in book.forms:
                value: Value = (MAX, combination([(sign, book.forms[v])], 1), (child,))
                book.derive(value, book.by_variable.get(v, ()))


def merge(book: Notebook) -> list[Fact]:
    """For each defined maximum that is not taken apart, the head with the same leaves equals it: these equations."""
    found: list[Fact] = []
    for goal in [one for one in book.asked if one.last[0] not in book.largest]:
        wanted = set(goal.value[2])
        if len(wanted) == 1:
            fact = take_apart(book, goal)
            found += [fact, *[one for v, _ in fact.value[2] for one in book.definition(v)]]
            continue
        # a maximum of several comes before the carries of one, the latest first
        order = sorted(range(len(book.heads)), key=lambda k: (len(book.heads[k].value[2]) == 1, -k))
        for position in order[:64]:
            marked, used = set(book.heads[position].value[2]), []
            for below in range(position - 1, -1, -1):
                fact = book.heads[below]
                if fact.value[1] in marked:
                    marked.remove(fact.value[1])
                    marked.update(fact.value[2])
                    used.append(fact)
                if len(marked) == len(wanted) and marked == wanted:
                    break
            if marked == wanted:
                head = book.heads[position]
                low = used[-1] if used else head
                equal = Fact(difference(head.value[1], goal.value[1], EQ))
                book.step(Step(MERGE, [head, goal, low], [head, goal, *used], [equal]))
                found.append(equal)
                if len(book.context.goals) > 1 or book.required:
                    take_apart(book, goal)  # the promises speak of more than the maximum alone
                break
        else:
            take_apart(book, goal)
    return found


def take_apart(book: Notebook, goal: Fact) -> Fact:
    """A defined maximum is at least each of its elements, and it is one of them: this clause."""
    step = eliminate(goal)
    book.step(step)
    if step.makes[-1].value[0] > LT:
        book.largest[goal.last[0]] = step.makes[-1]
    return step.makes[-1]


def _below(node: Expr) -> tuple[Expr, ...]:
    """A gadget call is opened only at its arguments; a step of an outline is what it computes."""
    if node.op != "call":
        return node.args
    return node.args[:1] if _stated(node) else node.args[1:]
