"""Tournaments of gates: which payload stands at a node, and within which bounds.

A node over the indices [lo, hi] holds a value v and a payload q. For a statement about the winner w, with X = x[w] and
P = p[w], its fact is

    (lo <= w <= hi and v = X and q = P)  or  (w < lo and v <= X - after)  or  (w > hi and v <= X - before)

where `before` and `after` are what the statement requires of inputs on either side of w. One lemma, proved once, passes
it from two nodes to the gate above them: a certificate linear in the network, and no case is ever split on the index
outside a leaf. Another lemma does the same for bounds LO <= q <= HI, which need no promise.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.kernel.proof import EQ, LE, OR, RELU, difference, substituted
from relumax.kernel.statement import Statement
from relumax.kernel.wire import atom, form
from relumax.language.expr import Expr
from relumax.language.gadget import Gate
from relumax.prove.lemmas import ENDLESS, Form, Shape
from relumax.prove.script import Fact, Value, argument
from relumax.prove.search import GaveUp
from relumax.prove.shapes import Held, combination, defined_forms, weighted

if TYPE_CHECKING:
    from relumax.prove.modular import Walk


class Node(NamedTuple):
    """The indices [lo, hi] of a node, its payload's bounds, and the fact about the winner, if there is one."""

    lo: int
    hi: int
    bounds: tuple[Form, Form] | None
    payload: Form | None  # P, the winner's payload
    value: Form
    carried: Form
    fact: Fact | None


def constant(value: Fraction | int) -> Form:
    """The form that is just a number."""
    value = Fraction(value)
    return value.denominator, value.numerator, ()


def variable(v: int) -> Form:
    """The form that is just a variable."""
    return 1, 0, ((v, 1),)


class Gates:
    """The gates of a program, met by a walk from the inputs to the outputs."""

    def __init__(self, walk: Walk, statement: Statement, requires: list[dict[str, Any]], constants: list[Fraction]):
        self.walk, self.statement = walk, statement
        self.nodes: dict[Expr, Node] = {}
        self.range = (min(constants), max(constants)) if constants else None
        self.elements: dict[Form, dict[str, tuple[int, int]]] = {}  # form -> array -> (index, variable)
        self.winner = next(((k, r) for k, r in enumerate(requires) if "winner" in r), None)
        defined = defined_forms(statement)
        for name, array in statement.names.items():
            if array.length is not None and array.kind != "out":
                for i in range(array.length):
                    v = array.base + array.stride * i
                    for one in dict.fromkeys((variable(v), defined.get(v, variable(v)))):
                        self.elements.setdefault(one, {}).setdefault(name, (i, v))
        if self.winner is not None:
            _, r = self.winner
            self.index = next(v for name, _, v in statement.indices if name == r["winner"])
            self.best = variable(statement.reads[r["of"], r["winner"]])
            pitch = None if r["lattice"] is None else Fraction(int(r["lattice"][0]), int(r["lattice"][1]))
            self.before, self.after = (_margin(r[side], pitch) for side in ("before", "after"))

    # ---- one gate

    def call(self, gate: Gate, node: Expr) -> Held:
        """The payload that the gate lets through, as the network holds it; its facts are on record afterwards."""
        walk = self.walk
        keys = [walk.values[one] for one in node.args[1:3]]
        payloads = [walk.values[one] for one in node.args[3:5]]
        a, b = walk.level(keys)
        layer = a.layer + 1
        pa, pb = (self._lift(one, layer) for one in payloads)
        u = walk.unit(RELU, combination([(1, a.form), (-1, b.form)], 1), "a gate")
        r = (gate.factor, variable(u))
        z = [(Fraction(1), pa.form), (Fraction(-1), pb.form)]
        first = walk.unit(RELU, weighted([*z, r]), "a gate")
        second = walk.unit(RELU, weighted([*z, (-gate.factor, variable(u))]), "a gate")
        den, shift, terms = pb.form
        linear, kappa = form(den, 0, terms), form(den, shift, ())
        kept = weighted([(Fraction(1), linear), (-gate.factor, variable(u))])
        moved = walk.carry(Held(layer, kept)).form
        out = combination([(1, moved), (1, kappa), (1, variable(first)), (-1, variable(second))], 1)
        held = Held(layer + 1, out)
        forms = {"a": a.form, "b": b.form, "pa": pa.form, "L": linear, "k": kappa, "c": moved}
        units = [variable(u), variable(first), variable(second)]
        equal = walk.fact(difference(moved, kept, EQ))
        left, right = self._node(node.args[1], node.args[3], a, pa), self._node(node.args[2], node.args[4], b, pb)
        if left is None or right is None or left.bounds is None or left.bounds != right.bounds:
            return held
        self._pass_bounds(gate, forms, units, equal, left.bounds)
        self.nodes[node] = self._pass_winner(gate, forms, units, equal, left, right, held)
        return held

    def _lift(self, one: Held, layer: int) -> Held:
        if one.form[2] and one.layer > layer:
            raise GaveUp("the payloads of a gate come later than its keys")
        while one.form[2] and one.layer < layer:
            one = self.walk.carry(one)
        return one

    def _pass_bounds(
        self, gate: Gate, forms: dict[str, Form], units: list[Form], equal: Fact, bounds: tuple[Form, Form]
    ) -> None:
        """LO <= q <= HI above, from the same of both payloads below."""
        walk = self.walk
        number = walk.lemmas.number((gate, "bounds"), lambda: _bounds_shape(gate.factor), walk.prover(gate))
        shape = walk.lemmas.shape(number)
        values = [*forms.values(), *bounds, *units]
        given = [equal, *[walk.fact(substituted(one, values, ENDLESS)) for one in shape.given[1:]]]
        walk.step(walk.lemmas.instance(number, [argument(one) for one in values[: shape.variables]], values, given))

    def _pass_winner(
        self, gate: Gate, forms: dict[str, Form], units: list[Form], equal: Fact, left: Node, right: Node, held: Held
    ) -> Node:
        walk = self.walk
        low, high = sorted((left, right))
        key = walk.carry(Held(held.layer - 2, forms["b"])).form
        value = combination([(1, key), (1, units[0])], 1)
        bare = Node(low.lo, high.hi, left.bounds, left.payload, value, held.form, None)
        if low.fact is None or high.fact is None or low.hi + 1 != high.lo or left.payload is None or not left.bounds:
            return bare
        LO, HI = left.bounds
        if LO[2] or HI[2]:
            return bare
        name = (gate, "winner", left is low, LO, HI, self.before, self.after)
        number = walk.lemmas.number(
            name, lambda: _winner_shape(gate.factor, left is low, LO, HI, self.before, self.after), walk.prover(gate)
        )
        shape = walk.lemmas.shape(number)
        indices = [constant(i) for i in (low.lo, low.hi, high.hi)]
        values = [*forms.values(), key, self.best, left.payload, variable(self.index), *indices, *units]
        same = walk.fact(difference(key, forms["b"], EQ))
        plain = [walk.fact(substituted(one, values, ENDLESS)) for one in shape.given[2:8]]
        given: list[Fact] = [equal, same, *plain, low.fact, high.fact]
        step = walk.lemmas.instance(number, [argument(one) for one in values[: shape.variables]], values, given)
        walk.step(step)
        return bare._replace(fact=step.makes[0])

    # ---- leaves and byes

    def _node(self, key: Expr, payload: Expr, a: Held, pa: Held) -> Node | None:
        """What is known of a gate's argument: a leaf, or the node below, moved up where it waited a layer."""
        known = self.nodes.get(payload) or self._leaf(self.walk.values[key].form, self.walk.values[payload].form)
        if known is None:
            return None
        if (known.value, known.carried) == (a.form, pa.form) or known.fact is None:
            return known._replace(value=a.form, carried=pa.form)
        new = self._clause(a.form, pa.form, known)
        moved = self.walk.derive(new, [known.fact, *self.walk.moves(a.form, pa.form)])
        return known._replace(value=a.form, carried=pa.form, fact=moved)

    def _leaf(self, key: Form, payload: Form) -> Node | None:
        """The element of the winner's array that `key` is, with the payload it carries."""
        bounds = self._bounds(payload)
        if self.winner is None:
            return Node(0, 0, bounds, None, key, payload, None)
        number, r = self.winner
        found = self.elements.get(key, {}).get(r["of"])
        if found is None:
            return None
        i = found[0]
        read = next(
            (
                variable(self.statement.reads[name, r["winner"]])
                for name, (j, _) in self.elements.get(payload, {}).items()
                if j == i and (name, r["winner"]) in self.statement.reads
            ),
            None,
        )
        if read is None and not payload[2] and payload == constant(i):
            read = variable(self.index)
        if read is None:
            return Node(i, i, bounds, None, key, payload, None)
        leaf = Node(i, i, bounds, read, key, payload, None)
        facts = [self.walk.picks[number, i], *self.walk.about(key, payload, variable(found[1]))]
        return leaf._replace(fact=self.walk.derive(self._clause(key, payload, leaf), facts))

    def _bounds(self, payload: Form) -> tuple[Form, Form] | None:
        """Bounds of a leaf's payload: of all constants, as required, or the smallest and largest of its array."""
        if not payload[2]:
            return None if self.range is None else (constant(self.range[0]), constant(self.range[1]))
        (v, _), *_ = payload[2]
        low = high = None
        for fact in self.walk.by_variable.get(v, ()):
            relation, const, terms = fact.value
            if relation == LE and len(terms) == 1:
                if terms[0][1] < 0:
                    low = constant(Fraction(const, -terms[0][1]))
                else:
                    high = constant(Fraction(-const, terms[0][1]))
        if low is None or high is None:
            for kind, v_defined, data in self.statement.definitions:
                if kind in ("min", "max") and any(one[2][0][0] == v for one in data):
                    low, high = (variable(v_defined), high) if kind == "min" else (low, variable(v_defined))
        return None if low is None or high is None else (low, high)

    def _clause(self, value: Form, payload: Form, node: Node) -> Value:
        return _fact_of(
            value, payload, self.best, node.payload, variable(self.index), constant(node.lo), constant(node.hi),
            self.before, self.after,
        )  # fmt: skip


def _margin(condition: list[Any], pitch: Fraction | None) -> Fraction:
    """How far below the winner a condition puts an input."""
    if condition[0] == "<" and pitch is not None:
        return pitch
    if condition[0] == "gap":
        return Fraction(int(condition[1]), int(condition[2]))
    if condition[0] == "<=":
        return Fraction(0)
    raise GaveUp("gates need a gap or a lattice: strictly below is not enough")


def _shift(value: Form, by: Fraction) -> Form:
    total = Fraction(value[1], value[0]) + by
    den = value[0] * total.denominator
    return form(den, int(total * den), tuple((v, c * total.denominator) for v, c in value[2]))


def _fact_of(
    v: Form, q: Form, best: Form, p: Any, w: Form, lo: Form, hi: Form, before: Fraction, after: Fraction
) -> Value:
    """The node fact of the module's docstring."""
    inside = difference(lo, w, LE), difference(w, hi, LE), difference(v, best, EQ), difference(q, p, EQ)
    earlier = difference(_shift(w, Fraction(1)), lo, LE), difference(_shift(v, after), best, LE)
    later = difference(_shift(hi, Fraction(1)), w, LE), difference(_shift(v, before), best, LE)
    return OR, (inside, earlier, later)


def _units(factor: Fraction, first: int) -> list[tuple[int, Form]]:
    """u = relu(a - b), relu(z + K u), relu(z - K u), z = pa - L - k; variables a, b, pa, L, k, c come first."""
    p, q = factor.numerator, factor.denominator
    z = ((2, q), (3, -q), (4, -q))
    return [
        (RELU, (1, 0, ((0, 1), (1, -1)))),
        (RELU, form(q, 0, (*z, (first, p)))),
        (RELU, form(q, 0, (*z, (first, -p)))),
    ]


def _kept(factor: Fraction, u: int) -> Value:
    """c = L - K u."""
    p, q = factor.numerator, factor.denominator
    return atom(EQ, 0, ((3, q), (5, -q), (u, -p)))


def _bounds_shape(factor: Fraction) -> Shape:
    """Variables a, b, pa, L, k, c, LO, HI: the payload pb = L + k, and q = c + k + relu(z + K u) - relu(z - K u)."""
    pa, pb, low, high = variable(2), (1, 0, ((3, 1), (4, 1))), variable(6), variable(7)
    q = (1, 0, ((4, 1), (5, 1), (9, 1), (10, -1)))
    given = [_kept(factor, 8)]
    given += [difference(low, pa, LE), difference(pa, high, LE), difference(low, pb, LE), difference(pb, high, LE)]
    return Shape(8, _units(factor, 8), given, [difference(low, q, LE), difference(q, high, LE)])


def _winner_shape(factor: Fraction, low_left: bool, LO: Form, HI: Form, before: Fraction, after: Fraction) -> Shape:
    """Variables a, b, pa, L, k, c, key, X, P, w, lo, mid, hi; `key` is b a layer on, and v = key + u."""
    pa, pb, b = variable(2), (1, 0, ((3, 1), (4, 1))), variable(1)
    best, p, w, lo, mid, hi = (variable(v) for v in (7, 8, 9, 10, 11, 12))
    q = (1, 0, ((4, 1), (5, 1), (14, 1), (15, -1)))
    value = (1, 0, ((6, 1), (13, 1)))
    given = [_kept(factor, 13), difference(variable(6), b, EQ)]
    given += [difference(LO, pa, LE), difference(pa, HI, LE), difference(LO, pb, LE), difference(pb, HI, LE)]
    given += [difference(lo, mid, LE), difference(_shift(mid, Fraction(1)), hi, LE)]
    lower, upper = ((variable(0), pa), (b, pb)) if low_left else ((b, pb), (variable(0), pa))
    given.append(_fact_of(*lower, best, p, w, lo, mid, before, after))
    given.append(_fact_of(*upper, best, p, w, _shift(mid, Fraction(1)), hi, before, after))
    return Shape(13, _units(factor, 13), given, [_fact_of(value, q, best, p, w, lo, hi, before, after)])
