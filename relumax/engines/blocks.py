"""Proofs for `OverBlocks`: a formula for n numbers is one for n blocks of numbers (Ruess et al., arXiv 2607.21651).

With y_i the maximum of block i, the maximum of blocks i and j is max(y_i, y_j): the formula's own lemma, used there,
gives max(y_1, ..., y_n), the maximum of all. A y_i that no unit computes is defined.
"""

from __future__ import annotations

from itertools import combinations

from relumax.constructions.formula import OverBlocks, Pair
from relumax.engines.lemmas import ENDLESS, Form, Lemmas, unit_table
from relumax.engines.maxima import Maxima, taken_apart
from relumax.engines.pairwise import Formula, Linear, Terms, maximum_of, signed, single
from relumax.engines.script import Block, Fact, Step, argument
from relumax.engines.search import GaveUp
from relumax.engines.symmetric import formula_lemma
from relumax.kernel.proof import MAX, RELU, Context
from relumax.kernel.wire import substitute


def prove(gadget: OverBlocks, context: Context, lemmas: Lemmas, deadline: float | None) -> Block:
    """A proof of the gadget's contract, its hypotheses the last facts of `context`; raises GaveUp."""
    formula, sides = numbered(gadget)
    if formula.n < 3 or len(formula.atoms) < len(sides):
        raise GaveUp(f"{gadget.name} is not a formula of three or more inputs, each absolute value written once")
    number = formula_lemma(formula, sides, lemmas, deadline)
    n, pairs, steps = formula.n, gadget.formula.pairs(), list[Step]()
    start = len(context.facts) - len(pairs)
    given = {pair: Fact(context.fact(k, ""), k) for k, pair in enumerate(pairs, start)}
    known = Maxima(lemmas, steps, given.values())
    defined: list[Fact] = []

    def define(children: tuple[Form, ...]) -> Form:
        defined.append(known.define(context.variables + len(defined), children))
        head: Form = defined[-1].value[1]
        return head

    blocks = _blocks(gadget, given)
    values: list[Form] = []
    for i, block in enumerate(blocks):
        own = given.get((i, i))
        values.append(own.value[1] if own is not None else block[0] if len(block) == 1 else define(block))
    for i, j in combinations(range(n), 2):
        own = given.get((i, j))
        values.append(own.value[1] if own is not None else define((values[i], values[j])))
    hypotheses = [
        known.fact((MAX, values[maximum_of(n, i, j)], (values[i], values[j]))) for i, j in combinations(range(n), 2)
    ]
    arguments = [argument(value) for value in values]
    units = unit_table(context)
    for side in sides:
        unit = units.get((RELU, substitute((1, 0, side), values, ENDLESS)))
        if unit is None:
            raise GaveUp(f"{gadget.name} lacks a unit")
        values.append(single(unit))
    steps.append(lemmas.instance(number, arguments, values, hypotheses))
    known.know(steps[-1].makes[0])
    last = taken_apart([known.leaves(steps[-1].makes[0].value[1])], [], context.goals)
    last.steps[-1].uses = [*last.steps[-1].uses, *defined]
    return Block([], [*steps, *last.steps])


def numbered(gadget: OverBlocks) -> tuple[Formula, list[Terms]]:
    """The formula over inputs and maxima numbered as in `pairwise`, and each D with the sign that its unit has."""
    n = gadget.formula.n

    def variable(pair: Pair) -> int:
        i, j = pair
        return i if i == j else maximum_of(n, i, j)

    linear: Linear = {variable(pair): c for pair, c in gadget.formula.linear.items()}
    sides = [tuple(sorted((variable(pair), c) for pair, c in terms)) for terms in gadget.formula.sizes]
    atoms = {signed(side): weight for side, weight in zip(sides, gadget.formula.sizes.values(), strict=True)}
    return Formula(n, atoms, linear), sides


def _blocks(gadget: OverBlocks, given: dict[Pair, Fact]) -> list[tuple[Form, ...]]:
    """The elements of each block, as its hypotheses name them."""
    found: dict[int, tuple[Form, ...]] = {}
    for (i, j), fact in given.items():
        size, elements = gadget.sizes[i], fact.value[2]
        found.setdefault(i, elements[:size])
        if i != j:
            found.setdefault(j, elements[size:])
    return [found[i] for i in range(gadget.formula.n)]
