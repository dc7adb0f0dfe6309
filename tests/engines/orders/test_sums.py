"""Facts that sum to a fact: what is closed, and what is refused."""

from fractions import Fraction

import pytest

from relumax.engines.lemmas import Lemma, Lemmas
from relumax.engines.orders.sums import Zero, by_cases, close, derived, form_of, per, weights, whole
from relumax.engines.script import Block, facts_in
from relumax.engines.search import GaveUp
from relumax.kernel.wire import EQ, LE, LT
from tests.engines.test_lemmas import checked

EQUAL = (EQ, 0, ((0, 1), (1, -2)))  # x0 = 2 x1
LESS = (LE, 0, ((1, 1), (2, -3)))  # x1 <= 3 x2


def proved(given, then, steps):
    """The kernel accepts a lemma whose proof is made of `steps`, a function of its facts."""
    lemmas = Lemmas()
    lemmas.number("here", lambda: Lemma(3, [], given, [then]), lambda context: Block([], steps(facts_in(context))))
    assert [one.then for one in checked(lemmas)] == [[then]]


def test_a_weighted_sum():
    goal = LE, 0, ((0, 1), (2, -6))
    proved([EQUAL, LESS], goal, lambda facts: [close(goal, [(facts[0], Fraction(1)), (facts[1], Fraction(2))])])
    proved([EQUAL, LESS], goal, lambda facts: [close(goal, weights(goal, facts))])


def test_an_equation_from_equations():
    other, goal = (EQ, 0, ((1, 2), (2, -1))), (EQ, 0, ((0, 1), (2, -1)))

    def steps(facts):
        step = derived([per(facts[0], 0, 1), per(facts[1], 2, -1)])
        assert step.makes[0].value == goal
        return [step, close(goal, [(step.makes[0], Fraction(-3))])]

    proved([EQUAL, other], goal, steps)


def test_zero_is_used_either_way():
    most, least = (LE, 0, ((0, 1),)), (LE, 0, ((0, -1),))
    for sign in (1, -1):
        goal = LE, 0, ((0, sign),)
        proved([most, least], goal, lambda facts, goal=goal, sign=sign: [close(goal, [(Zero(*facts), Fraction(sign))])])
    goal = EQ, 0, ((0, 1),)
    proved([most, least], goal, lambda facts: [close(goal, [(Zero(*facts), Fraction(2))])])


def test_by_cases():
    either = 3, (((LE, 0, ((0, 1),)),), ((LT, 0, ((0, 1), (1, 1))),))  # x0 <= 0 or x0 + x1 < 0
    positive, goal = (LE, 0, ((1, -1),)), (LE, 0, ((0, 1),))

    def steps(facts):
        def refute(false, branch):
            found = [(false, Fraction(1)), (branch[0], Fraction(1))]
            return found if len(branch[0].terms) == 1 else [*found, (facts[1], Fraction(1))]

        step = by_cases(goal, facts[0], refute)
        return [step, close(goal, [(step.makes[0], Fraction(1))])]

    proved([either, positive], goal, steps)


@pytest.mark.parametrize("weight", [Fraction(0), Fraction(-1), Fraction(1)])
def test_what_is_no_sum_of_the_facts(weight):
    lemmas = Lemmas()
    goal = LE, 0, ((1, 1), (2, -2))

    def proof(context):
        (fact,) = facts_in(context)
        return Block([], [close(goal, [(fact, weight)])])

    with pytest.raises(GaveUp, match="sum of facts"):
        lemmas.number("wrong", lambda: Lemma(3, [], [LESS], [goal]), proof)


def test_linear_functions():
    assert whole({0: Fraction(2, 3), 1: Fraction(-4, 3)}) == (((0, 1), (1, -2)), Fraction(2, 3))
    assert form_of({0: Fraction(2, 3), 1: Fraction(-4, 3)}) == (3, 0, ((0, 2), (1, -4)))
