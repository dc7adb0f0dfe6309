"""What the nodes of a program mean: a form over inputs, units and what the statement defines, whatever carries it.

The meaning of a relu is its unit, or the definition of the statement that is the same relu; the meaning of a sum is the
sum. A network reads carried copies; so each unit's clause is restated about the meaning of its argument, which follows
from the equations of what carries it, of definitions, and of roots that are known to equal a name of the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from relumax.engines.contracts import Body, NotLocal, contract_lemma
from relumax.engines.forms import combination, weighted
from relumax.engines.held import Carrying, Held
from relumax.engines.lemmas import ENDLESS, Form, Lemma
from relumax.engines.maxima import from_given
from relumax.engines.notebook import Notebook
from relumax.engines.script import Block, Fact, define_relu
from relumax.kernel.proof import EQ, MAX, RELU, STEP, Context, difference, substituted, unit_clause, variable
from relumax.language.expr import Expr, brief, children, constant_value, factor_of, inputs, substitute, topological
from relumax.language.gadget import Gadget
from relumax.language.outline import Stated


class Meanings:
    """The meanings of a program's nodes in one statement, met children first."""

    def __init__(self, book: Notebook, carrying: Carrying, outputs: Sequence[Expr]):
        self.book, self.carrying = book, carrying
        self.computed = set(topological(outputs))  # what the network computes
        self.held: dict[Expr, Held] = {}
        self.meaning: dict[Expr, Form] = {}
        self.clauses: dict[Expr, Fact] = {}  # unit -> its clause, about the meaning of its argument
        self.roots: list[Fact] = []  # what a root holds equals a name of the statement
        self.units = {  # what is a unit for the statement, and what has become one here
            (RELU if kind == "relu" else STEP, data): v
            for kind, v, data in book.statement.definitions
            if kind in ("relu", "step")
        }
        self._bodies: dict[Gadget, Body] = {}
        self._contracts: dict[tuple[Gadget, tuple[Expr, ...]], list[Fact]] = {}

    def meet(self, node: Expr) -> None:
        """Give the node its form in the network, if that computes it, and its meaning."""
        held = self.held
        match node.op, node.data:
            case "input", int(i):
                held[node], self.meaning[node] = Held(0, variable(i)), variable(i)
            case "const", _:
                value = constant_value(node)
                self.meaning[node] = value.denominator, value.numerator, ()
                held[node] = Held(0, self.meaning[node])
            case "scale", _:
                (inner,), factor = node.args, factor_of(node)
                self.meaning[node] = weighted([(factor, self.meaning[inner])])
                if node in self.computed:
                    held[node] = Held(held[inner].layer, weighted([(factor, held[inner].form)]))
            case "add", _:
                self.meaning[node] = combination([(1, self.meaning[one]) for one in node.args], 1)
                if node in self.computed:
                    parts = self.carrying.level([held[one] for one in node.args])
                    held[node] = Held(parts[0].layer, combination([(1, one.form) for one in parts], 1))
            case (("relu" | "step"), _):
                self._unit(node)
            case "call", _:
                body = node.args[0]
                self.meaning[node] = self.meaning[body]
                if node in self.computed:
                    held[node] = held[body]
            case _:
                raise NotLocal(f"no rule for {node.op}")

    def at_output(self, v: int, output: Expr) -> Form:
        """The form that the last layer has for the output v, which is this node."""
        return self.carrying.lift(self.held[output]).form

    def known(self, exprs: Iterable[Expr]) -> None:
        """Meet what has not been met of these programs, which the network need not compute."""
        for node in topological([one for one in exprs if one not in self.meaning], self._unknown):
            if node not in self.meaning:
                self.meet(node)

    def _unknown(self, node: Expr) -> tuple[Expr, ...]:
        return () if node in self.meaning else children(node)

    # ---- units

    def _unit(self, node: Expr) -> None:
        kind, inner = RELU if node.op == "relu" else STEP, node.args[0]
        t = self.meaning[inner]
        known = self.units.get((kind, t))
        if node not in self.computed:
            if known is None:
                known = self._define(kind, t, node)
            self.meaning[node], self.clauses[node] = variable(known), self.book.clause(known)
            return
        held = self.held[inner]
        u = self.book.unit_at.get((kind, held.form))
        if u is None:
            raise NotLocal(f"the network has no unit {brief(node)}")
        self.held[node] = self.carrying.of_unit(u)
        if known == u:  # another node of the program is the same unit, and its clause is about t by now
            self.meaning[node], self.clauses[node] = variable(u), self.book.clause(u)
            return
        clause = self.book.clause(u) if held.form == t else self._restated(kind, u, held.form, t)
        if known is not None:
            equal = self._same(kind, u, known, t, clause)
            self.book.comes_from(u, equal)
            self.meaning[node], self.clauses[node] = variable(known), self.book.clause(known)
            return
        self.units[kind, t] = u
        self.book.restate(u, clause)
        self.meaning[node], self.clauses[node] = variable(u), clause

    def _define(self, kind: int, t: Form, node: Expr) -> int:
        """A unit that the network does not have, as a variable of the proof."""
        if kind != RELU:
            raise NotLocal(f"the network has no unit {brief(node)}")
        context = self.book.context
        v, context.variables = context.variables, context.variables + 1
        step = define_relu(v, t)
        self.book.step(step)
        self.units[kind, t] = v
        self.book.restate(v, step.makes[0])
        return v

    def _restated(self, kind: int, u: int, held: Form, t: Form) -> Fact:
        """The clause of the unit u = act(held), as one of act(t): the two are equal."""
        book = self.book
        equal = book.derive(difference(held, t, EQ), self.between(held, t))
        number = book.lemmas.number(("restated", kind), lambda: _restated_lemma(kind))
        return book.instance(number, [held, t, variable(u)], [book.clause(u), equal])[0]

    def _same(self, kind: int, u: int, v: int, t: Form, clause: Fact) -> Fact:
        """u = v, both act(t)."""
        book = self.book
        number = book.lemmas.number(("same", kind), lambda: _same_lemma(kind))
        return book.instance(number, [t, variable(u), variable(v)], [clause, book.clause(v)])[0]

    def between(self, held: Form, meaning: Form) -> list[Fact]:
        """Equations from which the value the network holds is what it means."""
        found: dict[Fact, None] = {}
        seen = {v for one in (held, meaning) for v, _ in one[2]}
        pending = sorted(seen)
        while pending:
            v = pending.pop()
            new = [*self.book.origins.get(v, ()), *[one for one in self.roots if v in dict(one.value[2])]]
            found |= dict.fromkeys(new)
            for u in {u for fact in new for u, _ in fact.value[2]} - seen:
                seen.add(u)
                pending.append(u)
        return list(found)

    # ---- contracts

    def contract(self, node: Expr) -> list[Fact]:
        """What the gadget called in this node ensures, about the meanings of its arguments and results."""
        gadget, arguments = node.data[0], node.args[1:]  # type: ignore[index]
        if (gadget, arguments) not in self._contracts:
            self._contracts[gadget, arguments] = self._instance(gadget, arguments)
        return self._contracts[gadget, arguments]

    def _instance(self, gadget: Gadget, arguments: tuple[Expr, ...]) -> list[Fact]:
        book, formal = self.book, inputs(gadget.arity)
        if gadget not in self._bodies:
            self._bodies[gadget] = Body(gadget.body(formal), gadget.arity)
        body = self._bodies[gadget]
        number = book.lemmas.number(
            (gadget, "meant"),
            lambda: contract_lemma(gadget, formal, body),
            lambda context: self._prove(gadget, context),
        )
        shape = book.lemmas.lemma(number)
        actual = substitute(body.atoms, arguments)
        self.known([*arguments, *actual])
        values = [self.meaning[one] for one in (*arguments, *actual)]
        given = [self.clauses[one] for one in actual]
        for one in shape.given[len(given) :]:
            value = substituted(one, values, ENDLESS)
            given.append(book.known.fact(value) if value[0] == MAX else book.fact(value))
        return book.instance(number, values, given)

    def _prove(self, gadget: Gadget, context: Context) -> Block:
        self.book.decide(gadget, context)
        return from_given(context)

    # ---- what speaks of a value

    def evidence(self, exprs: Iterable[Expr], stated: Callable[[Stated], list[Fact]]) -> list[Fact]:
        """What is known of these programs: their units' clauses and contracts; of steps of an outline, what they state.

        It stops at calls.
        """
        found: dict[Fact, None] = {}
        seen: set[Expr] = set()
        pending = list(exprs)
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            owner = node.data[0] if node.op == "call" and isinstance(node.data, tuple) else None
            if isinstance(owner, Stated) and (facts := stated(owner)):
                found |= dict.fromkeys(facts)
                continue
            if isinstance(owner, Gadget):
                found |= dict.fromkeys(self.contract(node))
                continue
            if node.op in ("relu", "step"):
                self.known([node])
                found[self.clauses[node]] = None
            pending += children(node)
        return list(found)


def _restated_lemma(kind: int) -> Lemma:
    """t, t', h: from h = act(t) and t = t' follows h = act(t')."""
    t, other = variable(0), variable(1)
    return Lemma(3, [], [unit_clause(kind, t, 2), difference(t, other, EQ)], [unit_clause(kind, other, 2)])


def _same_lemma(kind: int) -> Lemma:
    """t, h, k: from h = act(t) and k = act(t) follows h = k."""
    t = variable(0)
    return Lemma(3, [], [unit_clause(kind, t, 1), unit_clause(kind, t, 2)], [difference(variable(1), variable(2), EQ)])
