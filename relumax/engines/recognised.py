"""A program recognised in a network that was not compiled from it: scaled, permuted, with other carries.

Every unit has a *base form*: over inputs and units that are no combination of those before. Three kinds are one: a relu
of what is >= 0 (or <= 0) is its argument (or 0); relu(g) is g + relu(-r g)/r; two relus of one direction are multiples
of each other. Each such equation is a fact of the proof, and a unit of the program is looked up by the base form of its
argument, up to a positive factor, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from relumax.engines.contracts import NotLocal
from relumax.engines.forms import combination, constant, weighted
from relumax.engines.held import Carrying
from relumax.engines.lemmas import ENDLESS, Form, Lemma
from relumax.engines.meanings import Meanings
from relumax.engines.notebook import Notebook
from relumax.engines.script import Fact
from relumax.kernel.proof import EQ, LE, RELU, difference, unit_clause, variable
from relumax.kernel.wire import substitute
from relumax.language.expr import Expr, brief, factor_of


class Recognised(Meanings):
    """The meanings of a program's nodes, whose units are found by what they are and not by where they stand."""

    def __init__(self, book: Notebook, widths: Sequence[int], outputs: Sequence[Expr]):
        super().__init__(book, Carrying(book, widths, False, [[] for _ in widths[1:]]), outputs)
        self.computed = set()  # nothing is followed from layer to layer
        self.base = {v: variable(v) for v in range(book.context.variables)}  # what each variable is over the base
        self.own: dict[Expr, Form] = {}  # what a node of the program is over the base
        self.arguments: dict[int, Form] = {}  # of each unit, over the base
        self.there: dict[Form, int] = {}  # the first unit of each direction
        for u, (kind, value) in book.context.units.items():
            if kind == RELU:
                self._recognise(u, value)

    def meet(self, node: Expr) -> None:
        """Give the node its meaning, and what it is over the base, which does not change."""
        super().meet(node)
        match node.op:
            case "scale":
                self.own[node] = weighted([(factor_of(node), self.own[node.args[0]])])
            case "add":
                self.own[node] = combination([(1, self.own[one]) for one in node.args], 1)
            case "call":
                self.own[node] = self.own[node.args[0]]
            case _:
                self.own[node] = self._over_base(self.meaning[node])

    def at_output(self, v: int, output: Expr) -> Form:
        """The form that the network has for an output."""
        return self.book.outputs[v]

    def _over_base(self, value: Form) -> Form:
        found: Form = substitute(value, self.base, ENDLESS)
        return found

    def _recognise(self, u: int, value: Form) -> None:
        """Say of a unit what it is of those before, if it is that."""
        book, one = self.book, self._over_base(value)
        self.arguments[u] = one
        if not one[2]:
            self.base[u] = one[0], max(one[1], 0), ()
            book.comes_from(u, book.derive(difference(variable(u), self.base[u], EQ), [self._about(u, one)]))
            return
        known = self.there.setdefault(_direction(one), u)
        opposed = self.there.get(_opposite(_direction(one)))
        if book.nonnegative(value):
            self._settle(u, value, 1)
            self.base[u] = one
        elif book.nonnegative(_opposite(value)):
            self._settle(u, value, 0)
            self.base[u] = constant(0)
        elif known != u:
            times = _ratio(one, self.arguments[known])
            other = self._argument(known)
            clause = self._about(u, weighted([(times, other)]))
            book.comes_from(u, self._multiple(u, times, known, other, clause))
            self.base[u] = self._over_base(weighted([(times, variable(known))]))
        elif opposed is not None:
            self.base[u] = self._opposed(u, value, opposed, one)

    def _settle(self, u: int, value: Form, times: int) -> None:
        """u = times * value, as u is its relu, and it is >= 0, or <= 0 and times is 0."""
        book = self.book
        number = book.lemmas.number(("settled", times), lambda: _settled_lemma(times))
        side = book.fact(difference(constant(0), value, LE) if times else difference(value, constant(0), LE))
        (equal,) = book.instance(number, [value, variable(u)], [book.clause(u), side])
        book.comes_from(u, equal)

    def _argument(self, u: int) -> Form:
        """The argument that a unit has in the network."""
        found: Form = self.book.context.units[u][1]
        return found

    def _about(self, u: int, wanted: Form) -> Fact:
        """The clause of a unit, as one about a form that equals its argument."""
        own = self._argument(u)
        return self.book.clause(u) if own == wanted else self._restated(RELU, u, own, wanted)

    def _multiple(self, u: int, times: Fraction, v: int, t: Form, clause: Fact) -> Fact:
        """u = times * v, as u is relu(times * t), which the clause says, and v is relu(t)."""
        book = self.book
        number = book.lemmas.number(("multiple", times), lambda: _multiple_lemma(times))
        return book.instance(number, [t, variable(u), variable(v)], [clause, book.clause(v)])[0]

    def _opposed(self, v: int, t: Form, opposed: int, one: Form) -> Form:
        """What v = relu(t) is over the base, as t is `one`, and `opposed` is relu(-times * t): t + opposed / times."""
        book = self.book
        times = -_ratio(self.arguments[opposed], one)
        given = [book.clause(v), self._about(opposed, weighted([(-times, t)]))]
        number = book.lemmas.number(("opposed", times), lambda: _opposed_lemma(times))
        (equal,) = book.instance(number, [t, variable(v), variable(opposed)], given)
        for u in (v, opposed):
            book.comes_from(u, equal)
        return weighted([(Fraction(1), one), (1 / times, self._over_base(variable(opposed)))])

    def _unit(self, node: Expr) -> None:
        t = self.meaning[node.args[0]]
        if node.op == "step":
            raise NotLocal(f"steps are not recognised: {brief(node)}")
        if (RELU, t) not in self.units:
            self._look_up(t, node)
        v = self.units[RELU, t]
        self.meaning[node], self.clauses[node] = variable(v), self.book.clause(v)

    def _look_up(self, t: Form, node: Expr) -> None:
        """Let `units` have a variable that is relu(t)."""
        book, one = self.book, self.own[node.args[0]]
        u = self.there.get(_direction(one)) if one[2] else None
        opposed = self.there.get(_opposite(_direction(one))) if one[2] and u is None else None
        if u is None and opposed is None and not book.nonnegative(one):
            raise NotLocal(f"the network has no unit {brief(node)}")
        v = self._define(RELU, t, node)
        if u is None and opposed is not None:
            self.base[v] = self._opposed(v, t, opposed, one)
        elif u is None:
            self._settle(v, t, 1)
            self.base[v] = one
        else:
            times = _ratio(self.arguments[u], one)
            equal = self._multiple(u, times, v, t, self._about(u, weighted([(times, t)])))
            book.comes_from(u, equal)
            self.base[v] = self._over_base(weighted([(1 / times, variable(u))]))


def _direction(value: Form) -> Form:
    """The form divided by the positive number that leaves integers without a common divisor."""
    common = gcd(value[1], *[c for _, c in value[2]])
    return 1, value[1] // common, tuple([(v, c // common) for v, c in value[2]])


def _opposite(value: Form) -> Form:
    return value[0], -value[1], tuple([(v, -c) for v, c in value[2]])


def _ratio(one: Form, other: Form) -> Fraction:
    """How many times the other the one is."""
    return Fraction(one[2][0][1] * other[0], one[0] * other[2][0][1])


def _settled_lemma(times: int) -> Lemma:
    """t, h: from h = relu(t) and t >= 0 follows h = t; from t <= 0, where times is 0, h = 0."""
    t, h = map(variable, range(2))
    side = difference(constant(0), t, LE) if times else difference(t, constant(0), LE)
    return Lemma(2, [], [unit_clause(RELU, t, 1), side], [difference(h, t if times else constant(0), EQ)])


def _multiple_lemma(times: Fraction) -> Lemma:
    """t, h, k: from h = relu(times * t) and k = relu(t) follows h = times * k."""
    t, h, k = map(variable, range(3))
    given = [unit_clause(RELU, weighted([(times, t)]), 1), unit_clause(RELU, t, 2)]
    return Lemma(3, [], given, [difference(h, weighted([(times, k)]), EQ)])


def _opposed_lemma(times: Fraction) -> Lemma:
    """t, h, k: from h = relu(t) and k = relu(-times * t) follows h = t + k / times."""
    t, h, k = map(variable, range(3))
    given = [unit_clause(RELU, t, 1), unit_clause(RELU, weighted([(-times, t)]), 2)]
    return Lemma(3, [], given, [difference(h, weighted([(Fraction(1), t), (1 / times, k)]), EQ)])
