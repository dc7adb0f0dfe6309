"""Tournaments of gates: which payload stands at a node, and within which bounds.

A node over the indices [lo, hi] holds a value v and a payload q. For a statement about the winner w, with X = x[w] and
P = p[w], its fact is

    (lo <= w <= hi and v = X and q = P)  or  (w < lo and v <= X - after)  or  (w > hi and v <= X - before)

where `before` and `after` are what the statement requires of inputs on either side of w. One lemma, proved once, passes
it from two nodes to the gate above them: a certificate linear in the network, and no case is ever split on the index
outside a leaf. Another lemma does the same for bounds LO <= q <= HI, which need no promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import is_
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.engines.lemmas import ENDLESS, Form, Shape
from relumax.engines.script import Fact, Value, argument
from relumax.engines.search import GaveUp
from relumax.engines.shapes import Held, combination, constant, shifted, weighted
from relumax.kernel.proof import EQ, LE, OR, RELU, difference, substituted, variable
from relumax.kernel.statement import Statement
from relumax.kernel.wire import atom, form
from relumax.language.expr import Expr
from relumax.language.gadget import Gate

if TYPE_CHECKING:
    from relumax.engines.defined import Defined
    from relumax.engines.modular import Walk


class Winner(NamedTuple):
    """A requirement of the statement: its number, the array it is of, w, X = array[w], the two margins."""

    number: int
    of: str
    name: str
    place: Form
    best: Form
    before: Fraction
    after: Fraction


class Tournament(NamedTuple):
    """Gates that end in one payload: the place of each leaf (key, payload), the payloads' bounds, P, the winner."""

    places: dict[tuple[Expr, Expr], int]
    bounds: tuple[Form, Form] | None
    payload: Form | None
    winner: Winner | None


class Node(NamedTuple):
    """The indices [lo, hi] of a node, what it holds, and the fact about the winner, if there is one."""

    lo: int
    hi: int
    value: Form
    carried: Form
    fact: Fact | None


class Gates:
    """The gates of a program, met by a walk from the inputs to the outputs."""

    def __init__(
        self,
        walk: Walk,
        defined: Defined,
        statement: Statement,
        requires: list[dict[str, Any]],
        gates: Sequence[Expr],
    ):
        self.walk, self.defined, self.statement = walk, defined, statement
        self.nodes: dict[Expr, Node] = {}
        self.winners = [_winner(k, r, statement) for k, r in enumerate(requires) if "winner" in r]
        self.leaves: dict[Expr, list[tuple[Expr, Expr]]] = {}  # root -> its leaves, each key and payload
        self.root: dict[Expr, Expr] = {}
        for node in reversed(gates):  # from the outputs down
            root = self.root.setdefault(node, node)
            for key, payload in (node.args[1:4:2], node.args[2:5:2]):
                if _is_gate(payload, 1) and _is_gate(key, 0) and all(map(is_, payload.args[1:3], key.args[1:3])):
                    self.root[payload] = root
                else:
                    self.leaves.setdefault(root, []).append((key, payload))
        self.tournaments: dict[Expr, Tournament] = {}

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
        contest = self._tournament(self.root[node])
        if contest is None or contest.bounds is None:
            return held
        self._pass_bounds(gate, forms, units, equal, contest.bounds)
        left = self._node(contest, node.args[1], node.args[3], a, pa)
        right = self._node(contest, node.args[2], node.args[4], b, pb)
        self.nodes[node] = self._pass_winner(gate, contest, forms, units, equal, left, right, held)
        return held

    def result(self, node: Expr) -> Form | None:
        """P, if the node is the payload of a whole tournament; that it holds just P is a fact then."""
        known, contest = self.nodes.get(node), self.tournaments.get(node)
        if known is None or contest is None or contest.winner is None or contest.payload is None or known.fact is None:
            return None
        ((w, _),) = contest.winner.place[2]
        facts = [known.fact, *self.walk.bounds(w)]
        self.defined.winners.append(self.walk.derive(difference(known.carried, contest.payload, EQ), facts))
        return contest.payload

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
        self,
        gate: Gate,
        contest: Tournament,
        forms: dict[str, Form],
        units: list[Form],
        equal: Fact,
        left: Node,
        right: Node,
        held: Held,
    ) -> Node:
        walk, winner = self.walk, contest.winner
        low, high = sorted((left, right), key=lambda one: one.lo)
        key = walk.carry(Held(held.layer - 2, forms["b"])).form
        bare = Node(low.lo, high.hi, combination([(1, key), (1, units[0])], 1), held.form, None)
        if winner is None or contest.payload is None or contest.bounds is None:
            return bare
        LO, HI = contest.bounds
        if low.fact is None or high.fact is None or low.hi + 1 != high.lo or LO[2] or HI[2]:
            return bare
        name = (gate, "winner", left is low, LO, HI, winner.before, winner.after)
        number = walk.lemmas.number(
            name,
            lambda: _winner_shape(gate.factor, left is low, LO, HI, winner.before, winner.after),
            walk.prover(gate),
        )
        shape = walk.lemmas.shape(number)
        indices = [constant(i) for i in (low.lo, low.hi, high.hi)]
        values = [*forms.values(), key, winner.best, contest.payload, winner.place, *indices, *units]
        same = walk.fact(difference(key, forms["b"], EQ))
        plain = [walk.fact(substituted(one, values, ENDLESS)) for one in shape.given[2:8]]
        given: list[Fact] = [equal, same, *plain, low.fact, high.fact]
        step = walk.lemmas.instance(number, [argument(one) for one in values[: shape.variables]], values, given)
        walk.step(step)
        return bare._replace(fact=step.makes[0])

    # ---- leaves and byes

    def _node(self, contest: Tournament, key: Expr, payload: Expr, a: Held, pa: Held) -> Node:
        """What is known of a gate's argument: a leaf, or the node below, moved up where it waited a layer."""
        known = self.nodes.get(payload) if (key, payload) not in contest.places else None
        known = known or self._leaf(contest, key, payload)
        if (known.value, known.carried) == (a.form, pa.form) or known.fact is None:
            return known._replace(value=a.form, carried=pa.form)
        new = _clause(contest, a.form, pa.form, known)
        moved = self.walk.derive(new, [known.fact, *self.walk.moves(a.form, pa.form)])
        return known._replace(value=a.form, carried=pa.form, fact=moved)

    def _leaf(self, contest: Tournament, key: Expr, payload: Expr) -> Node:
        """The element of the winner's array that `key` is, with the payload it carries."""
        defined, winner, i = self.defined, contest.winner, contest.places.get((key, payload), 0)
        value, carried = (self.walk.values[one].form for one in (key, payload))
        leaf = Node(i, i, value, carried, None)
        if winner is None or contest.payload is None:
            return leaf
        facts = [self.walk.picks[winner.number, i]]
        facts += [one for read in (winner.best, contest.payload) for one in defined.element(read, i)]
        for one, held in ((key, value), (payload, carried)):
            facts += self.defined.between(held, self.defined.meaning[one])
        return leaf._replace(fact=self.walk.derive(_clause(contest, value, carried, leaf), facts))

    # ---- whole tournaments

    def _tournament(self, root: Expr) -> Tournament | None:
        """What the statement says of the gates above these leaves, once all leaves are met."""
        if root not in self.tournaments:
            meaning = self.defined.meaning
            leaves = self.leaves[root]
            if not all(payload in meaning for _, payload in leaves):
                return None
            keys = [self.defined.elements.get(meaning[key], {}) if key in meaning else {} for key, _ in leaves]
            self.tournaments[root] = self._about(leaves, keys)
        return self.tournaments[root]

    def _about(self, leaves: list[tuple[Expr, Expr]], keys: list[dict[str, list[int]]]) -> Tournament:
        meaning = self.defined.meaning
        payloads = [meaning[payload] for _, payload in leaves]
        bounds = self._bounds(payloads)
        for winner in self.winners:
            places: list[int] = []
            for found in keys:  # of equal elements, each leaf is another one
                places += [i for i in found.get(winner.of, []) if i not in places][:1]
            if len(places) < len(leaves):
                continue
            read = None
            for (name, at), v in self.statement.reads.items():
                if at == winner.name and all(
                    i in self.defined.elements.get(one, {}).get(name, ())
                    for one, i in zip(payloads, places, strict=True)
                ):
                    read = variable(v)
                    break
            if read is None and payloads == [constant(i) for i in places]:
                read = winner.place
            return Tournament(dict(zip(leaves, places, strict=True)), bounds, read, winner)
        return Tournament(dict.fromkeys(leaves, 0), bounds, None, None)

    def _bounds(self, payloads: list[Form]) -> tuple[Form, Form] | None:
        """Bounds of all payloads: the least and the largest constant, as required, or those of their array."""
        if not any(terms for _, _, terms in payloads):
            values = [Fraction(const, den) for den, const, _ in payloads]
            return constant(min(values)), constant(max(values))
        found = {self._bounds_of(one) or self._bounds_of_element(one) for one in payloads}
        return found.pop() if len(found) == 1 else None

    def _bounds_of_element(self, payload: Form) -> tuple[Form, Form] | None:
        """Those that are required of the defined element whose value it is; they hold of the value too."""
        for name, places in self.defined.elements.get(payload, {}).items():
            array = self.statement.names[name]
            element = array.base + array.stride * places[0]
            bounds = self._bounds_of(variable(element))
            if bounds is not None:
                known = [*self.walk.by_variable[element], *self.walk.definition(element)]
                self.walk.derive(difference(bounds[0], payload, LE), known)
                self.walk.derive(difference(payload, bounds[1], LE), known)
                return bounds
        return None

    def _bounds_of(self, payload: Form) -> tuple[Form, Form] | None:
        low = high = None
        if not payload[2]:
            return None
        (v, _), *_ = payload[2]
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


def _is_gate(node: Expr, result: int) -> bool:
    return (
        node.op == "call" and isinstance(node.data, tuple) and isinstance(node.data[0], Gate) and node.data[1] == result
    )


def _winner(number: int, r: dict[str, Any], statement: Statement) -> Winner:
    index = next(v for name, _, v in statement.indices if name == r["winner"])
    pitch = None if r["lattice"] is None else Fraction(int(r["lattice"][0]), int(r["lattice"][1]))
    margins = [_margin(r[side], pitch) for side in ("before", "after")]
    best = statement.reads[r["of"], r["winner"]]
    return Winner(number, r["of"], r["winner"], variable(index), variable(best), *margins)


def _clause(contest: Tournament, value: Form, payload: Form, node: Node) -> Value:
    w = contest.winner
    if w is None:
        raise GaveUp("no winner is required")
    lo, hi = constant(node.lo), constant(node.hi)
    return _fact_of(value, payload, w.best, contest.payload, w.place, lo, hi, w.before, w.after)


def _margin(condition: list[Any], pitch: Fraction | None) -> Fraction:
    """How far below the winner a condition puts an input."""
    if condition[0] == "<" and pitch is not None:
        return pitch
    if condition[0] == "gap":
        return Fraction(int(condition[1]), int(condition[2]))
    if condition[0] == "<=":
        return Fraction(0)
    raise GaveUp("gates need a gap or a lattice: strictly below is not enough")


def _fact_of(
    v: Form, q: Form, best: Form, p: Any, w: Form, lo: Form, hi: Form, before: Fraction, after: Fraction
) -> Value:
    """The node fact of the module's docstring."""
    inside = difference(lo, w, LE), difference(w, hi, LE), difference(v, best, EQ), difference(q, p, EQ)
    earlier = difference(shifted(w, Fraction(1)), lo, LE), difference(shifted(v, after), best, LE)
    later = difference(shifted(hi, Fraction(1)), w, LE), difference(shifted(v, before), best, LE)
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
    given += [difference(lo, mid, LE), difference(shifted(mid, Fraction(1)), hi, LE)]
    (lower, p_low), (upper, p_up) = ((variable(0), pa), (b, pb)) if low_left else ((b, pb), (variable(0), pa))
    given.append(_fact_of(lower, p_low, best, p, w, lo, mid, before, after))
    given.append(_fact_of(upper, p_up, best, p, w, shifted(mid, Fraction(1)), hi, before, after))
    return Shape(13, _units(factor, 13), given, [_fact_of(value, q, best, p, w, lo, hi, before, after)])
