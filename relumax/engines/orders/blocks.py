"""Contracts over blocks of numbers, proved from the lemma about single numbers (Ruess et al., arXiv 2607.21651).

With y_i the maximum of block i, the maximum of blocks i and j is max(y_i, y_j): what holds for numbers holds for the
y_i, and max(y_1, ..., y_n) is the maximum of all. `OverBlocks` uses a formula so, `Nine` its identity, where only x5
stands for several numbers. A y_i that no value of the network is, is defined.
"""

from __future__ import annotations

from itertools import combinations

from relumax.constructions.bakaev import Nine
from relumax.constructions.formula import OverBlocks, Pair
from relumax.engines.lemmas import Form, Lemmas, unit_table
from relumax.engines.maxima import Maxima, taken_apart
from relumax.engines.orders.cancel_maxima import nine_lemma
from relumax.engines.orders.formula import AbsoluteSum, maximum_of, signed
from relumax.engines.orders.place import found_here
from relumax.engines.orders.sums import Linear, Terms
from relumax.engines.orders.symmetric import formula_lemma
from relumax.engines.script import Block, Fact, Step, define_largest, facts_in
from relumax.engines.search import GaveUp
from relumax.kernel.proof import Context, variable

Elements = tuple[Form, ...]


class Hypotheses(Maxima):
    """What a contract supposes, the last `count` facts of its context: of which elements each value is the maximum."""

    def __init__(self, count: int, context: Context, lemmas: Lemmas):
        self.context, self.given = context, facts_in(context)[-count:]
        self.variables = context.variables
        super().__init__(lemmas, [], self.given)

    def take(self, step: Step) -> Fact:
        """A step that makes a max fact."""
        self.steps.append(step)
        (fact,) = step.makes
        self.know(fact)
        return fact

    def maximum(self, elements: Elements) -> Form:
        """The maximum of these, defined if it is not one of them alone."""
        if len(elements) == 1:
            return elements[0]
        self.take(define_largest(self.variables, elements))
        self.variables += 1
        found: Form = variable(self.variables - 1)
        return found

    def lifted(self, number: int, values: list[Form]) -> Block:
        """The contract, by lemma `number` about single numbers at these values, which are maxima of blocks."""
        whole = self.take(found_here(unit_table(self.context), self.lemmas, number, values, self.fact))
        flat = self.leaves(whole.head)
        return Block([], [*self.steps, *taken_apart([flat], [], self.context.goals).steps])


def over_blocks(gadget: OverBlocks, context: Context, lemmas: Lemmas) -> Block:
    """A proof of the gadget's contract, its hypotheses the last facts of `context`; raises GaveUp."""
    formula, sides = numbered(gadget)
    n, pairs = formula.n, gadget.formula.pairs()
    if n < 3 or len(formula.atoms) < len(sides):
        raise GaveUp(f"{gadget.name} is not a formula of three or more inputs, each absolute value written once")
    number = formula_lemma(formula, sides, lemmas)
    known = Hypotheses(len(pairs), context, lemmas)
    values: dict[Pair, Form] = {}
    blocks: dict[int, Elements] = {}
    for (i, j), fact in zip(pairs, known.given, strict=True):
        values[i, j] = fact.head
        size = gadget.sizes[i]
        blocks[i], blocks[j] = fact.children[:size], fact.children[size:] or fact.children
    if len(blocks) < n:
        raise GaveUp(f"{gadget.name} does not read every block")
    singles = [values.get((i, i)) or known.maximum(blocks[i]) for i in range(n)]
    doubles = [values.get((i, j)) or known.maximum((singles[i], singles[j])) for i, j in combinations(range(n), 2)]
    return known.lifted(number, [*singles, *doubles])


def numbered(gadget: OverBlocks) -> tuple[AbsoluteSum, list[Terms]]:
    """The formula over inputs and maxima numbered as lemmas do, and each D with the sign that its unit has."""
    n = gadget.formula.n

    def number(pair: Pair) -> int:
        return pair[0] if pair[0] == pair[1] else maximum_of(n, *pair)

    linear: Linear = {number(pair): c for pair, c in gadget.formula.linear.items()}
    sides = [tuple(sorted((number(pair), c) for pair, c in terms)) for terms in gadget.formula.sizes]
    atoms = {signed(side): weight for side, weight in zip(sides, gadget.formula.sizes.values(), strict=True)}
    return AbsoluteSum(n, atoms, linear), sides


def nine(gadget: Nine, context: Context, lemmas: Lemmas) -> Block:
    """A proof of the gadget's contract, its hypotheses the last facts of `context`; raises GaveUp."""
    number = nine_lemma(lemmas)
    known = Hypotheses(13, context, lemmas)
    m13, _, _, m24, first, *_ = known.given
    fifth = known.maximum(first.children[: gadget.rest])
    (x1, x3), (x2, x4) = m13.children, m24.children
    return known.lifted(number, [fifth, x1, x2, x3, x4, *[fact.head for fact in known.given]])
