"""Engine `symmetric`: the maximum of n numbers in two hidden layers, one case for each order up to symmetry.

The network is read as a formula in the inputs and their pairwise maxima M_ij = max(x_i, x_j) (`reading`),

    y = sum of a_k |D_k(x, M)| + L(x, M).

A lemma about the formula speaks of x and M, so it may be used at permuted inputs wherever the permutation fixes the
formula. Let H be the group of those permutations. For one input t of each orbit of H, a lemma says: where x_t is the
largest, y = x_t. It follows from a finer one, which supposes more: going down the stabilisers of the points so far,
that of an orbit the first point has the largest value, as a permutation achieves. That one is proved by a case tree
over the orders that are left (`cancel_relus`), n!/|H| of them for all t together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from math import factorial

from relumax.engines.lemmas import Lemma, Lemmas
from relumax.engines.maxima import taken_apart
from relumax.engines.orders.cancel_relus import Tree
from relumax.engines.orders.formula import AbsoluteSum, at_most, clause, ordered
from relumax.engines.orders.place import Known, Permutation, Place, found_here
from relumax.engines.orders.reading import MOST_INPUTS, Reading
from relumax.engines.orders.sums import Farkas, Linear, Terms, add, close, derived, form_of, per, weights
from relumax.engines.script import MERGE, Block, Fact, Step, define_largest, facts_in, have
from relumax.engines.search import GaveUp
from relumax.kernel.proof import MAX, RELU, Context, variable
from relumax.kernel.wire import EQ, difference

MOST_LOOKS = 20_000_000
"""The group is found among all n! permutations."""


def prove_symmetric(context: Context, lemmas: Lemmas) -> Block:
    """A proof of the goals of `context`, a statement that y is the largest (smallest) input; raises GaveUp."""
    mark = context.mark()
    try:
        network = Reading(context, lemmas)
        number = formula_lemma(network.formula, network.sides, lemmas)
        found = network.step(found_here(network.units, lemmas, number, network.values, network.facts.__getitem__))
        same = Fact(difference(found.head, network.largest.head, EQ))
        network.step(Step(MERGE, [found, network.largest, found], [found, network.largest], [same]))
        return Block([], [*network.steps, *taken_apart([], [same, network.equal], context.goals).steps])
    finally:
        context.restore(*mark)


def by_orbit(formula: AbsoluteSum, lemmas: Lemmas) -> dict[int, tuple[int, Permutation]]:
    """For each input, the lemma for when it is the largest, one for each orbit, and how the inputs are moved for it."""
    group = symmetries(formula)
    use: dict[int, tuple[int, Permutation]] = {}
    for t in range(formula.n):
        if t not in use:
            number = target_lemma(formula, t, stabilisers(group, t), lemmas)
            use |= {p: (number, h) for p, h in carrying(group, t).items()}
    return use


# ---------------------------------------------------------------- groups


def symmetries(formula: AbsoluteSum) -> list[Permutation]:
    """All permutations h of the inputs that leave the formula as it is; raises GaveUp if that takes too long to see."""
    if formula.n > MOST_INPUTS or factorial(formula.n) * len(formula.atoms) > MOST_LOOKS:
        raise GaveUp(f"{len(formula.atoms)} absolute values of {formula.n} inputs are too many to see their symmetry")
    return [h for h in permutations(range(formula.n)) if formula.fixed_by(h)]


def carrying(group: Sequence[Permutation], point: int) -> dict[int, Permutation]:
    """For each point of the orbit, in order, the first member of the group that maps `point` there."""
    return dict(sorted({h[point]: h for h in reversed(group)}.items()))


def stabilisers(group: Sequence[Permutation], point: int) -> list[dict[int, Permutation]]:
    """Down from the stabiliser of `point` to the trivial group: how the first point still moved is carried around."""
    levels = []
    group = [h for h in group if h[point] == point]
    while len(group) > 1:
        first = min(k for h in group for k in range(len(h)) if h[k] != k)
        levels.append(carrying(group, first))
        group = [h for h in group if h[first] == first]
    return levels


# ---------------------------------------------------------------- the formula as lemmas


def target_lemma(formula: AbsoluteSum, t: int, levels: Sequence[dict[int, Permutation]], lemmas: Lemmas) -> int:
    """The number of the lemma: where x_t is the largest input, the formula is x_t."""
    n, pairs = formula.n, formula.pairs()
    goal = formula.equation(t)

    def shape(orbits: Sequence[Mapping[int, Permutation]]) -> Lemma:
        given = [clause(i, j, m) for m, (i, j) in pairs.items()]
        given += [at_most(i, t) for i in range(n) if i != t]
        given += [at_most(o, first) for first, *rest in orbits for o in rest]
        return Lemma(n + len(pairs), [(RELU, one) for one in formula.units()], list(dict.fromkeys(given)), [goal])

    def by_tree(context: Context) -> Block:
        return Tree(formula, context, lemmas).prove(goal, t)

    finest = lemmas.number((formula.key(), t, "finest"), lambda: shape(levels), by_tree)
    if not levels:
        return finest

    def by_symmetry(context: Context) -> Block:
        place = Place(context, lemmas)
        place.facts = {fact.value: fact for fact in facts_in(context)}
        place.reversals(pairs)

        def below(depth: int, h: Permutation, known: Known) -> list[Step]:
            """The goal where levels above `depth` hold for the inputs moved by h, as `known` says."""
            if depth == len(levels):
                step = place.moved(finest, h, known)
                return [step, close(goal, weights(goal, step.makes))]
            moves = {h[point]: tuple(h[k] for k in g) for point, g in levels[depth].items()}
            define = define_largest(context.variables + depth, [variable(p) for p in moves])
            (largest,) = define.makes
            return [
                define,
                *place.by_largest(largest, list(moves), lambda p, more, _: below(depth + 1, moves[p], known | more)),
            ]

        steps = below(0, tuple(range(n)), {})
        return Block([], [*place.steps, *steps])

    return lemmas.number((formula.key(), t), lambda: shape([]), by_symmetry)


def formula_lemma(formula: AbsoluteSum, sides: Sequence[Terms], lemmas: Lemmas) -> int:
    """The lemma: if M_ij = max(x_i, x_j) for all i < j, then the formula is max(x).

    Its units are one for each D of the formula, in their order: the relu of `sides`, D or -D.
    """
    n, pairs = formula.n, formula.pairs()
    variables = n + len(pairs)
    total: Linear = dict(formula.linear)
    for k, (side, weight) in enumerate(zip(sides, formula.atoms.values(), strict=True)):
        add(total, -weight, side)
        total[variables + k] = 2 * weight
    value, inputs = form_of(total), tuple(variable(i) for i in range(n))
    given = [(MAX, variable(m), (inputs[i], inputs[j])) for m, (i, j) in pairs.items()]

    def shape() -> Lemma:
        units = [(RELU, (1, 0, side)) for side in sides]
        return Lemma(variables, units, given, [(MAX, value, inputs)])

    def proof(context: Context) -> Block:
        mark = context.mark()
        place = Place(context, lemmas)
        for fact, (m, (i, j)) in zip(facts_in(context)[len(sides) :], pairs.items(), strict=True):
            place.step(ordered(lemmas, i, j, m, fact))
        place.reversals(pairs)
        using: Farkas = []
        for up, (side, weight) in enumerate(zip(sides, formula.atoms.values(), strict=True), variables):
            _, cut = place.opposite((1, 0, side), up)
            using.append(per(cut, up, weight))
        equal = place.step(derived(using))
        largest = place.step(define_largest(context.variables, inputs))
        goal = difference(value, largest.head, EQ)
        use = by_orbit(formula, lemmas)

        def one_lemma(p: int, known: Known, is_largest: Fact) -> list[Step]:
            step = place.moved(*use[p], known)
            return [step, close(goal, weights(goal, [step.makes[0], equal, is_largest]))]

        same = have(goal, Block([], place.by_largest(largest, range(n), one_lemma)))
        context.restore(*mark)
        return Block([], [*place.steps, same, *taken_apart([largest], same.makes, context.goals).steps])

    return lemmas.number(("formula", formula.key(), tuple(sides)), shape, proof)
