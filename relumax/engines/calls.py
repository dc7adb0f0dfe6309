"""Calls of gadgets where only maxima count: each an instance of its gadget's lemma at what the network holds.

The lemma of a gadget has its strict units, so every one of them must be found in the network by its exact form; what it
ensures of maxima moves along with the values that are carried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from relumax.engines.contracts import NotLocal, layer_lemma, pattern, strict_lemma
from relumax.engines.forms import combination, weighted
from relumax.engines.held import Carrying, Held
from relumax.engines.lemmas import ENDLESS, Form, Lemma, case_tree
from relumax.engines.notebook import Notebook
from relumax.engines.provers import prover
from relumax.engines.script import Block, Head, argument
from relumax.kernel.proof import MAX, RELU, STEP, Context, substituted
from relumax.kernel.wire import form, substitute
from relumax.language.expr import Expr, brief, constant_value, factor_of, topological
from relumax.language.gadget import Gadget
from relumax.language.outline import Stated


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
                return self.carrying.of_unit(variable)
            case "call", (Stated(), _):
                return self.values[node.args[0]]
            case "call", (Gadget() as gadget, int(result)):
                return self._call(gadget, result, [self.values[one] for one in node.args[1:]])
        raise NotLocal(f"no rule for {node.op}")

    def _open_unit(self, kind: int, value: Form, variable: int) -> None:
        """A unit outside every gadget: the last case tree may split it."""
        self.book.opened[variable] = self.book.clause(variable)
        name = "relu_bounds" if kind == RELU else "step_bounds"
        for step in self.book.lemmas.use(name, [argument(value)], [value, (1, 0, ((variable, 1),))]):
            self.book.step(step)

    def _call(self, gadget: Gadget, result: int, actual: list[Held]) -> Held:
        actual, layer = self._levelled(gadget, actual)
        if prover(gadget) is not None:
            return self._mixed(gadget, result, actual, layer)
        forms = [one.form for one in actual]
        linear, constants = linear_parts(forms), pattern(forms)
        for known in self._signs(linear):
            number = self.book.lemmas.number(
                (gadget, known, *constants), partial(strict_lemma, gadget, forms, known), self.prover(gadget)
            )
            shape = self.book.lemmas.lemma(number)
            values = self._found(shape, linear)
            if values is not None:
                return self._instance(number, shape, result, actual, layer, values)
        return self._mixed(gadget, result, actual, layer)

    def _signs(self, linear: Sequence[Form]) -> Iterator[tuple[int, ...]]:
        """Which arguments are taken to be >= 0: none, then all that are known to be."""
        yield ()
        if nonnegative := tuple(k for k, one in enumerate(linear) if self.book.nonnegative(one)):
            yield nonnegative

    def _levelled(self, gadget: Gadget, actual: list[Held]) -> tuple[list[Held], int]:
        """The arguments, those that the gadget reads at one common layer, and that layer."""
        found, level = list(actual), self.carrying.level([actual[k] for k in gadget.reads])
        for k, one in zip(gadget.reads, level, strict=True):
            found[k] = one
        return found, level[0].layer if level else 0

    def _mixed(self, gadget: Gadget, result: int, actual: list[Held], layer: int) -> Held:
        """A call of one layer whose arguments are not carried as such: its relus are there, the rest goes part by part.

        The lemma speaks of the arguments on their own layer and the relus on the next; then the head moves up.
        """
        forms = [one.form for one in actual]
        key = (gadget, "mixed", *pattern(forms))
        number = self.book.lemmas.number(key, lambda: layer_lemma(gadget, forms), self.prover(gadget))
        shape, linear = self.book.lemmas.lemma(number), linear_parts(forms)
        values = self._found(shape, linear)
        if values is None:
            raise NotLocal(f"the network does not hold the units of {gadget.name} as the program calls it")
        low = self._instance(number, shape, result, actual, layer, values)
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
        values: list[Form],
    ) -> Held:
        linear = values[: len(values) - len(shape.units)]
        given = [
            self.book.known.fact(value) if value[0] == MAX else self.book.fact(value)
            for value in [substituted(fact, values, ENDLESS) for fact in shape.given]
        ]
        arguments: list[Any] = []
        for one, lin in zip([one for one in actual if one.form[2]], linear, strict=True):
            arguments.append(Head(one.fact) if one.fact is not None and one.fact.head == lin else argument(lin))
        step = self.book.lemmas.instance(number, arguments, values, given)
        self.book.step(step)
        wanted = shape.results[result]
        for meant, made in zip(shape.then, step.makes, strict=True):
            if meant[0] == MAX and meant[1] == wanted:
                return Held(layer + shape.depth, made.head, made)
        out = substitute(wanted, values, ENDLESS)
        opposite = combination([(-1, out)], 1)
        fact = next((made for made in step.makes if made.value[0] == MAX and made.head == opposite), None)
        return Held(layer + shape.depth, out, fact)

    def prover(self, gadget: Gadget) -> Callable[[Context], Block]:
        def prove(context: Context) -> Block:
            self.book.decide(gadget, context)
            engine = prover(gadget)
            return engine(gadget, context, self.book.lemmas) if engine else case_tree(context)

        return prove


def linear_parts(forms: Sequence[Form]) -> list[Form]:
    """The arguments of a call without their constants; those that are nothing else are no variables of its lemma."""
    return [(one if one[1] == 0 else form(one[0], 0, one[2])) for one in forms if one[2]]


def _below(node: Expr) -> tuple[Expr, ...]:
    """A gadget call is opened only at its arguments; a step of an outline is what it computes."""
    if node.op != "call":
        return node.args
    return node.args[:1] if isinstance(node.data, tuple) and isinstance(node.data[0], Stated) else node.args[1:]
