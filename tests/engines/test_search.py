"""The goal-directed case tree: it finds proofs the kernel accepts, it never proves what is false, and it gives up."""

from __future__ import annotations

import random

import pytest

from relumax.engines import smt
from relumax.engines.lemmas import ENDLESS, case_tree
from relumax.engines.script import GOAL, SPLIT, Block, Fact, write
from relumax.engines.search import GaveUp, Lookahead, Search
from relumax.kernel import proof
from relumax.kernel.proof import EQ, LE, LT, OR, RELU, STEP, Context
from relumax.kernel.wire import atom, collect, form


def random_context(draw: random.Random) -> Context:
    """Two or three inputs, a few units over what is before them, some hypotheses, one goal."""
    context = Context(draw.randint(1, 3), ENDLESS, [])

    def terms():
        chosen = draw.sample(range(context.variables), min(context.variables, draw.randint(1, 3)))
        return collect({v: draw.choice([-2, -1, 1, 1, 2]) for v in chosen})

    for _ in range(draw.randint(1, 4)):
        context.add_unit(draw.choice([RELU, RELU, STEP]), form(draw.choice([1, 1, 2, 3]), draw.randint(-2, 2), terms()))
    for _ in range(draw.randint(0, 2)):
        context.add(atom(draw.choice([LE, LE, LT, EQ]), draw.randint(-3, 1), terms()))
    if draw.random() < 0.3:
        context.add((OR, tuple((atom(LE, draw.randint(-2, 2), terms()),) for _ in range(2))))
    context.goals = [atom(draw.choice([LE, LE, LT, EQ]), draw.randint(-6, 1), terms())]
    if draw.random() < 0.2:
        context.goals.append((OR, ((atom(LE, -2, terms()),), (atom(LT, 0, terms()),))))
    return context


def search_for(context: Context, kind: type[Search] = Search) -> Search:
    search = kind()
    units = context.units
    for number in range(len(context.facts)):
        search.assume([Fact(context.fact(number, ""), number)])
    for variable in sorted(units):
        search.units[variable] = search.clauses.pop(0)
    return search


def test_random_goals_against_z3_and_the_kernel():
    draw = random.Random(2024)
    print("seed 2024")
    found = {"sat": 0, "unsat": 0}
    for _ in range(200):
        context = random_context(draw)
        answer = smt.decide(context, [], [], 60).result
        found[answer] += 1
        if answer == "unsat":
            block = search_for(context).prove(context.goals)
            assert all(0 <= fact.number < len(context.facts) for fact in needs(block))
            proof.run(context, write(block, len(context.facts)), "p")
        else:
            with pytest.raises(GaveUp, match="no contradiction is left"):
                search_for(context).prove(context.goals)
    assert min(found.values()) > 40, found


def needs(block: Block) -> set[Fact]:
    """The facts that the steps of a block use; each branch of each split uses what it supposes, or it had no need."""
    (step,) = block.steps
    found = {one for one in step.operands if isinstance(one, Fact)}
    for branch in step.blocks:
        inner = needs(branch)
        assert step.rule != SPLIT or inner & set(branch.supposed)
        found |= inner - set(branch.supposed)
    assert found == set(step.uses)
    return found


def hard(n: int) -> Context:
    """A goal that is true but has no short case tree: sums of independent relus."""
    context = Context(n, ENDLESS, [])
    for k in range(n):
        context.add_unit(RELU, (1, 0, ((k, 1), ((k + 1) % n, -1)) if k + 1 < n else ((0, -1), (k, 1))))
    for k in range(n):
        context.add_unit(RELU, (1, 0, ((k, -1), (k + 1, 1)) if k + 1 < n else ((0, 1), (k, -1))))
    # sum of relu(d_k) - relu(-d_k) = sum of d_k = 0
    context.goals = [atom(EQ, 0, collect({**{n + k: 1 for k in range(n)}, **{2 * n + k: -1 for k in range(n)}}))]
    return context


@pytest.mark.parametrize("kind", [Search, Lookahead])
def test_a_split_that_decides_nothing_is_left_out(kind):
    context = Context(2, ENDLESS, [])
    context.add_unit(RELU, (1, 0, ((0, 1),)))
    context.add_unit(RELU, (1, 0, ((1, 1),)))  # the goal speaks of it, and what is known of it is enough
    context.add(atom(LE, 0, ((3, 1),)))
    context.add(atom(LE, -3, ((0, 1),)))
    context.goals = [atom(LE, -3, ((2, 1), (3, 1)))]
    search = search_for(context, kind)
    block = search.prove(context.goals)
    assert needs(block) and search.leaves == 2
    flat = write(block, len(context.facts))
    proof.run(context, flat, "p")
    assert flat[:3] == [GOAL, SPLIT, 0]


def test_gives_up_within_its_budget_of_leaves():
    context = hard(12)
    search = search_for(context)
    search.max_leaves = 40
    with pytest.raises(GaveUp, match="more than 40 leaves"):
        search.prove(context.goals)
    assert search.leaves <= 42


def test_a_conflict_among_what_is_given_closes_everything():
    context = Context(1, ENDLESS, [])
    context.add((LE, 1, ((0, 1),)))
    context.add((LE, 0, ((0, -1),)))
    context.goals = [(LE, 5, ()), (EQ, 7, ((0, 1),))]
    proof.run(context, write(case_tree(context), len(context.facts)), "p")


def test_the_same_search_gives_the_same_proof():
    context = hard(3)
    assert write(search_for(context).prove(context.goals), 6) == write(search_for(context).prove(context.goals), 6)
    proof.run(context, write(search_for(context).prove(context.goals), 6), "p")
