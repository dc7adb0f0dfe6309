"""Two layers of relus that are a maximum: what engine `symmetric` proves, of a canonical form instead of a network.

The canonical form of the output is read as the formula `sum of a_k |D_k(x, M)| + L(x, M)` in the inputs and their
pairwise maxima, since relu(D) = (|D| + D) / 2; that it is the largest input is a lemma of `orders`, used at the atoms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial, gcd

from relumax.engines.canonical.maxima import Maxima
from relumax.engines.canonical.table import Table
from relumax.engines.lemmas import Form
from relumax.engines.orders.formula import AbsoluteSum, maximum_of, signed
from relumax.engines.orders.place import found_here
from relumax.engines.orders.sums import Linear, Terms, add
from relumax.engines.orders.symmetric import formula_lemma, symmetries
from relumax.engines.script import MERGE, Fact, Step
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LE, RELU, difference
from relumax.kernel.wire import collect

MOST_INPUTS = 6
MOST_RELUS = 80
MOST_ORDERS = 120
"""Orders of the inputs that are looked at, up to the symmetry of the formula."""


def is_largest(table: Table, maxima: Maxima, z: Form, largest: Fact) -> list[Fact]:
    """Facts of which a sum says that a canonical form is the head of `largest`, the maximum; raises GaveUp."""
    n = len(largest.children)
    plain = all(maxima.written.get(form[2][0][0]) == form for form in largest.children)
    if not (2 < n <= MOST_INPUTS and plain) or z[1]:
        raise GaveUp(f"identities are read of the maximum of 3 to {MOST_INPUTS} inputs")
    total = {v: Fraction(c * largest.last[1], z[0]) for v, c in z[2]}
    inputs = [form[2][0][0] for form in largest.children]
    pairs = {maximum_of(n, i, j): maxima.pair(inputs[i], inputs[j]) for i, j in combinations(range(n), 2)}
    place = {m: (k, 1) for k, (m, _) in pairs.items()} | {v: (i, maxima.sign(v)) for i, v in enumerate(inputs)}
    written = [_written(table, maxima, total, m) for m in list(total) if m not in place and m in maxima.facts]
    written += [fact for v in list(total) if v in table.clauses and (fact := _primitive(table, total, v)) is not None]
    formula, sides = _formula(table, place, total, n)
    if not sides or factorial(n) > MOST_ORDERS * len(symmetries(formula)):
        raise GaveUp("the formula has no relus, or too little symmetry")
    number = formula_lemma(formula, sides, table.lemmas)
    tops = [fact for _, fact in pairs.values()]
    values = [*largest.children, *[fact.head for fact in tops]]
    known = {fact.value: fact for fact in tops}
    (found,) = table.step(found_here(table.unit_of, table.lemmas, number, values, known.__getitem__))
    same = Fact(difference(found.head, largest.head, EQ))
    table.step(Step(MERGE, [found, largest, found], [found, largest], [same]))
    return [same, *written]


def _written(table: Table, maxima: Maxima, total: Linear, m: int) -> Fact:
    """Of m = max(p, q) that m = q + relu(p - q), as the form `total` then has it."""
    fact = maxima.facts[m][0]
    above, below = fact.children
    t: Form = (1, 0, difference(above, below, LE)[2])
    u = table.unit_of.get((RELU, t))
    if u is None:
        u = table.new_unit(RELU, t)
    add(total, total.pop(m), [*below[2], (u, 1)])
    return table.apply("top", u, None, [above, below, fact.head], [fact])


def _primitive(table: Table, total: Linear, v: int) -> Fact | None:
    """Of v = relu(c t), t primitive, that v = c relu(t), as the form `total` then has it; None if c is 1."""
    kind, (den, const, terms) = table.context.units[v]
    common = gcd(const, *(c for _, c in terms))
    if kind != RELU or common == den == 1:
        return None
    t: Form = (1, const // common, tuple((u, c // common) for u, c in terms))
    r = table.unit_of.get((RELU, t))
    if r is None:
        r = table.new_unit(RELU, t)
    times: Form = (den, 0, ((r, common),))
    add(total, total.pop(v) * Fraction(common, den), [(r, 1)])
    return table.apply("same", v, None, [table.context.units[v][1], times], [table.clauses[r]])


def _formula(
    table: Table, place: Mapping[int, tuple[int, int]], total: Linear, n: int
) -> tuple[AbsoluteSum, Sequence[Terms]]:
    """The form `total` in inputs and pairwise maxima, whose numbers and signs are `place`, and D of its relus."""

    def terms_of(pairs: Terms) -> Terms:
        if any(v not in place for v, _ in pairs):
            raise GaveUp("a unit is no relu of inputs and pairwise maxima")
        return collect({place[v][0]: c * place[v][1] for v, c in pairs})

    linear: Linear = {}
    atoms: dict[Terms, Fraction] = {}
    sides: list[Terms] = []
    for v, weight in total.items():
        if v not in table.clauses:
            add(linear, weight, terms_of(((v, 1),)))
            continue
        kind, (_, const, pairs) = table.context.units[v]
        if kind != RELU or const:
            raise GaveUp("a unit is a step, or has a bias")
        side = terms_of(pairs)
        if signed(side) in atoms or len(atoms) >= MOST_RELUS:
            raise GaveUp("the relus of a formula are opposites, or too many")
        sides.append(side)
        atoms[signed(side)] = weight / 2
        add(linear, weight / 2, side)
    return AbsoluteSum(n, atoms, linear), sides
