"""Two layers of relus that are a maximum: what engine `symmetric` proves, of a canonical form instead of a network.

The canonical form of the output is read as the formula `sum of a_k |D_k(x, M)| + L(x, M)` in the inputs and their
pairwise maxima, since relu(D) = (|D| + D) / 2; that it is the largest input is a lemma of `orders`, used at the atoms.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from relumax.engines.canonical.maxima import Maxima
from relumax.engines.canonical.table import Table
from relumax.engines.lemmas import Form
from relumax.engines.orders.formula import AbsoluteSum, maximum_of, signed
from relumax.engines.orders.place import found_here
from relumax.engines.orders.sums import Linear, Terms, add
from relumax.engines.orders.symmetric import formula_lemma
from relumax.engines.script import MERGE, Fact, Step
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LE, RELU, difference
from relumax.kernel.wire import collect

MOST_INPUTS = 5
"""Of so many inputs all orders are looked at."""
MOST_RELUS = 24


def is_largest(table: Table, maxima: Maxima, z: Form, largest: Fact) -> list[Fact]:
    """The fact that a canonical form is what `largest` is the maximum of; raises GaveUp."""
    inputs = [form[2][0][0] for form in largest.children]
    n = len(inputs)
    plain = all(maxima.written.get(form[2][0][0]) == form for form in largest.children)
    if not (2 < n <= MOST_INPUTS and plain) or z[1]:
        raise GaveUp(f"identities are read of the maximum of 3 to {MOST_INPUTS} inputs")
    sign = largest.last[1]
    place = {v: (i, sign) for i, v in enumerate(inputs)}
    tops: dict[int, Fact] = {}
    for i, j in combinations(range(n), 2):
        m, fact = maxima.pair(inputs[i], inputs[j])
        tops[maximum_of(n, i, j)] = fact
        place.setdefault(m, (maximum_of(n, i, j), 1))

    def terms_of(pairs: Terms) -> Terms:
        if any(v not in place for v, _ in pairs):
            raise GaveUp("a unit is no relu of inputs and pairwise maxima")
        return collect({place[v][0]: c * place[v][1] for v, c in pairs})

    written: list[Fact] = []
    total = {v: Fraction(c * sign, z[0]) for v, c in z[2]}
    for m in [v for v in total if v not in place and v in maxima.facts]:  # m = max(p, q) is q + relu(p - q)
        fact = maxima.facts[m][0]
        above, below = fact.children
        q = below[2][0][0]
        _, _, terms = difference(above, below, LE)
        t: Form = (1, 0, terms)
        u = table.unit_of.get((RELU, t))
        if u is None:
            u = table.new_unit(RELU, t)
        written.append(table.apply("top", u, None, [*fact.children, fact.head], [fact]))
        weight = total.pop(m)
        add(total, weight, [(q, maxima.sign(q)), (u, 1)])
    linear: Linear = {}
    atoms: dict[Terms, Fraction] = {}
    sides: dict[Terms, Terms] = {}
    for v, weight in total.items():
        if v not in table.clauses:
            add(linear, weight, terms_of(((v, 1),)))
            continue
        _, (_, const, pairs) = table.context.units[v]
        side = terms_of(pairs)
        if const or signed(side) in sides or len(sides) >= MOST_RELUS:
            raise GaveUp("a unit has a bias, or there are too many")
        sides[signed(side)], atoms[signed(side)] = side, weight / 2
        add(linear, weight / 2, side)
    formula = AbsoluteSum(n, atoms, linear)
    number = formula_lemma(formula, list(sides.values()), table.lemmas)
    values = [*largest.children, *[tops[maximum_of(n, i, j)].head for i, j in combinations(range(n), 2)]]
    known = {fact.value: fact for fact in tops.values()}
    (found,) = table.step(found_here(table.unit_of, table.lemmas, number, values, known.__getitem__))
    same = Fact(difference(found.head, largest.head, EQ))
    table.step(Step(MERGE, [found, largest, found], [found, largest], [same]))
    return [same, *written]
