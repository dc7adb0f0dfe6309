"""Proof scripts: only what is needed is written, and facts get the numbers the kernel gives them."""

from __future__ import annotations

import pytest

from relumax.engines.lemmas import ENDLESS
from relumax.engines.script import (
    COMBINE,
    GOAL,
    HAVE,
    SPLIT,
    Block,
    Fact,
    Step,
    argument,
    facts_of,
    have,
    leaf,
    wire_fact,
    wire_form,
    wire_number,
    write,
)
from relumax.kernel import proof
from relumax.kernel.errors import KernelError
from relumax.kernel.proof import EQ, LE, LT, MAX, OR, Context


def opened(facts, goals):
    context = Context(2, ENDLESS, [])
    for fact in facts:
        context.add(fact)
    context.goals = goals
    return context, [Fact(fact, k) for k, fact in enumerate(facts)]


NEGATIVE, POSITIVE = (LE, 0, ((0, 1),)), (LE, 1, ((0, -1),))  # x <= 0; x >= 1


def closed(*steps_before, facts, goal=(LE, 1, ())):
    """The flat proof of a false goal from facts that contradict each other."""
    supposed = Fact((LT, -1, ()))
    return write(Block([], [Step(GOAL, [], blocks=[Block([supposed], [*steps_before, leaf(facts)])])]), 2)


def test_a_leaf_is_sorted_and_accepted():
    context, (a, b) = opened([NEGATIVE, POSITIVE], [(LE, 1, ())])
    flat = closed(facts={b: 1, a: 1})
    assert flat == [GOAL, 0, 2, 0, 1, 1, 1]
    proof.run(context, flat, "p")
    context, (a, b) = opened([NEGATIVE, POSITIVE], [(LE, 1, ())])
    with pytest.raises(KernelError):
        proof.run(context, closed(facts={b: 2, a: 1}), "p")


def test_a_step_that_nobody_needs_is_left_out():
    _, (a, b) = opened([NEGATIVE, POSITIVE], [])
    idle = have((LE, 0, ((1, 1), (0, 1))), Block([], [leaf({a: 1})]))
    assert closed(idle, facts={a: 1, b: 1}) == closed(facts={a: 1, b: 1})


def test_a_needed_cut_is_numbered_after_what_was_supposed():
    context, (a, b) = opened([NEGATIVE, POSITIVE], [(LE, 1, ())])
    negated = Fact((LT, -2, ((0, -1),)))  # of the cut x <= -2 ... supposed inside its proof
    cut = have((LE, 2, ((0, 1),)), Block([], [Step(GOAL, [], blocks=[Block([negated], [leaf({a: 1, b: 1})])])]))
    flat = closed(cut, facts={cut.makes[0]: 1, b: 1})
    assert flat[:2] == [GOAL, proof.RULES.index(proof.have)] and flat[-5:] == [2, 1, 1, 3, 1]
    proof.run(context, flat, "p")


def test_branches_share_numbers():
    clause = (OR, ((NEGATIVE,), ((LE, 0, ((0, 1),)),)))
    context, (c, b) = opened([clause, POSITIVE], [(LE, 1, ())])
    left, right = Fact(NEGATIVE), Fact(NEGATIVE)
    split = Step(
        SPLIT, [c], [c], blocks=[Block([left], [leaf({left: 1, b: 1})]), Block([right], [leaf({right: 1, b: 1})])]
    )
    flat = write(Block([], [Step(GOAL, [], blocks=[Block([Fact((LT, -1, ()))], [split])])]), 2)
    assert flat == [GOAL, SPLIT, 0, 0, 2, 1, 1, 3, 1, 0, 2, 1, 1, 3, 1]
    proof.run(context, flat, "p")


@pytest.mark.parametrize("value", [0, 2**53 - 1, 2**53, -(2**53), 10**30])
def test_numbers(value):
    from relumax.kernel.wire import number

    assert number(wire_number(value), "") == value


def test_facts_and_forms_as_the_kernel_reads_them():
    form = (3, 1, ((0, 2), (1, -(10**20))))
    assert wire_form(form) == [3, 1, 0, 2, 1, "-100000000000000000000"]
    from relumax.kernel.proof import read_fact

    for fact in (NEGATIVE, (OR, ((NEGATIVE, POSITIVE), ((EQ, 0, ((1, 1),)),))), (MAX, form, (form, (1, 0, ())))):
        assert read_fact(wire_fact(fact), "", 2) == fact
    assert argument((1, 0, ((5, 1),))) == 5
    assert argument((1, 0, ((5, 2),))) == [1, 0, 5, 2] and argument((1, 1, ((5, 1),))) == [1, 1, 5, 1]


def test_a_clause_of_one_branch_is_its_atoms():
    assert [f.value for f in facts_of((OR, ((NEGATIVE, POSITIVE),)))] == [NEGATIVE, POSITIVE]
    assert [f.value for f in facts_of(NEGATIVE)] == [NEGATIVE]


def proves(value, supposed, multipliers):
    """What `have` makes of a cut that leaves alone prove: each refutes one of the facts supposed."""
    blocks = [Block([fact], [leaf({fact: 1} | more)]) for fact, more in zip(supposed, multipliers, strict=True)]
    if len(blocks) == 1:
        return have(value, Block([], [Step(GOAL, [], blocks=blocks)]))
    clause = Fact((OR, tuple((fact.value,) for fact in supposed)))
    split = Step(SPLIT, [clause], [clause], blocks=blocks)
    return have(value, Block([], [Step(GOAL, [], blocks=[Block([clause], [split])])]))


def test_a_cut_that_is_a_sum_of_facts_is_one_step():
    """x = y and y = z give x = z; x <= y and y < z give x < z."""
    one, two = (EQ, 0, ((0, 1), (1, -1))), (EQ, 0, ((1, 1), (2, -1)))
    below, less = (LE, 0, ((0, 1), (1, -1))), (LT, 0, ((1, 1), (2, -1)))
    context, (a, b, c, d) = opened([one, two, below, less], [(LE, 1, ())])
    low, high = Fact((LT, 0, ((0, 1), (2, -1)))), Fact((LT, 0, ((0, -1), (2, 1))))
    equal = proves((EQ, 0, ((0, 1), (2, -1))), [low, high], [{a: -1, b: -1}, {a: 1, b: 1}])
    strict = proves((LT, 0, ((0, 1), (2, -1))), [Fact((LE, 0, ((0, -1), (2, 1))))], [{c: 1, d: 1}])
    for step, operands in ((equal, [2, a, 1, b, 1]), (strict, [2, c, 1, d, 1])):
        assert (step.rule, step.operands, step.blocks) == (COMBINE, operands, ())
        known = len(context.facts)
        proof.combine(context, proof.Reader([x.number if isinstance(x, Fact) else x for x in operands], ""))
        assert context.facts[known:] == [fact.value for fact in step.makes]


def test_a_cut_that_is_no_sum_of_facts_is_proved():
    """x < z from x = y and y < z is one; x <= z and x <= z + 1 are less than that; so is x = z from two bounds."""
    one, less = (EQ, 0, ((0, 1), (1, -1))), (LT, 0, ((1, 1), (2, -1)))
    low, high = (LE, 0, ((0, 1), (2, -1))), (LE, 0, ((0, -1), (2, 1)))
    _, (a, b, c, d) = opened([one, less, low, high], [(LE, 1, ())])
    assert proves((LT, 0, ((0, 1), (2, -1))), [Fact((LE, 0, ((0, -1), (2, 1))))], [{a: 1, b: 1}]).rule == COMBINE
    assert proves((LE, 0, ((0, 1), (2, -1))), [Fact((LT, 0, ((0, -1), (2, 1))))], [{a: 1, b: 1}]).rule == HAVE
    assert proves((LE, -1, ((0, 1), (2, -1))), [Fact((LT, 1, ((0, -1), (2, 1))))], [{a: 1, b: 1}]).rule == HAVE
    supposed = [Fact((LT, 0, ((0, 1), (2, -1)))), Fact((LT, 0, ((0, -1), (2, 1))))]
    assert proves((EQ, 0, ((0, 1), (2, -1))), supposed, [{d: 1}, {c: 1}]).rule == HAVE
    assert proves((OR, ((one,), (less,))), supposed, [{d: 1}, {c: 1}]).rule == HAVE
