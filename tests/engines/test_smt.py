"""z3 through its SMT-LIB reader: questions, answers, models, limits."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from relumax.engines import smt
from relumax.engines.lemmas import ENDLESS
from relumax.kernel.proof import EQ, LE, LT, MAX, OR, RELU, STEP, Context


def context(variables: int, facts=(), goals=(), units=()) -> Context:
    made = Context(variables, ENDLESS, [])
    for kind, value in units:
        made.add_unit(kind, value)
    for fact in facts:
        made.add(fact)
    made.goals = list(goals)
    return made


FALSE = (LE, 1, ())


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("((v0 0.0))", {0: 0}),
        ("((v0 (- 1.0))\n (v1 (/ 1.0 3.0)))", {0: -1, 1: Fraction(1, 3)}),
        ("((v0 (- (/ 1.0 3.0))) (v12 (/ (- 5.0) 7.0)))", {0: Fraction(-1, 3), 12: Fraction(-5, 7)}),
        ("((v3 123456789012345678901234567890.0))", {3: 123456789012345678901234567890}),
        ("((v0 0.5)\n(v1 3))\n", {0: Fraction(1, 2), 1: 3}),
        (
            "((v0 (/ 12345678901234567890123.0 98765432109876543210987.0)))",
            {0: Fraction(12345678901234567890123, 98765432109876543210987)},
        ),
    ],
)
def test_models_are_read_exactly(text, model):
    assert smt._model(text) == model


@pytest.mark.parametrize(
    "value",
    [0, 1, -1, Fraction(1, 3), Fraction(-22, 7), 10**30, -(10**30), Fraction(-1, 10**30), Fraction(10**25, 3)],
    ids=str,
)
def test_a_model_comes_back_through_z3(value):
    value = Fraction(value)
    fact = (EQ, -value.numerator, ((0, value.denominator),))
    answer = smt.decide(context(1, [fact], [FALSE]), [], [], 60)
    assert answer == smt.Answer("sat", {0: value})


@pytest.mark.parametrize(
    ("facts", "goal", "result"),
    [
        ([(LE, 0, ((0, 1),))], (LE, 0, ((0, 2),)), "unsat"),
        ([(LE, 0, ((0, 1),))], (LT, 0, ((0, 1),)), "sat"),
        ([(LT, 0, ((0, 1),))], (LE, 0, ((0, 1),)), "unsat"),
        ([(LE, 0, ((0, 1),)), (LE, 0, ((0, -1),))], (EQ, 0, ((0, 1),)), "unsat"),
        ([(OR, (((LE, 0, ((0, 1),)),), ((LE, 0, ((1, 1),)),)))], (LE, 0, ((0, 1),)), "sat"),
        ([(OR, (((LE, 0, ((0, 1),)), (EQ, 0, ((1, 1),))),))], (EQ, 0, ((1, 1),)), "unsat"),
        ([(MAX, (1, 0, ((0, 1),)), ((1, 0, ((1, 1),)), (2, 1, ((1, -1),))))], (LE, 0, ((0, -1),)), "unsat"),
        ([(MAX, (1, 0, ((0, 1),)), ((1, 0, ((1, 1),)), (2, 1, ((1, -1),))))], (LT, 1, ((0, -4),)), "unsat"),
        ([], (MAX, (1, 0, ((0, 1),)), ((1, 0, ((0, 1),)),)), "unsat"),
        ([], (MAX, (1, 0, ((0, 1),)), ((1, 0, ((0, 1),)), (1, 0, ((1, 1),)))), "sat"),
        ([(LE, 1, ())], (LE, 1, ()), "unsat"),
    ],
)
def test_questions(facts, goal, result):
    answer = smt.decide(context(2, facts, [goal]), [], [], 60)
    assert answer.result == result
    assert set(answer.model) == (set() if result == "unsat" else {0, 1})


def test_units_mean_what_they_say():
    """h = relu(2x - 1), s = step(x): checked at the model that z3 gives."""
    units = [(RELU, (1, -1, ((0, 2),))), (STEP, (1, 0, ((0, 1),)))]
    for goal in ((LE, 0, ((1, 1),)), (EQ, 0, ((1, 1),)), (EQ, -1, ((2, 1),)), (EQ, 0, ((2, 1),))):
        answer = smt.decide(context(1, [], [goal], units), [], [], 60)
        x = answer.model[0]
        assert answer.model[1] == max(2 * x - 1, 0) and answer.model[2] == (1 if x >= 0 else 0)
    for goal in (
        (LE, 0, ((1, -1),)),
        (LE, -1, ((0, 2), (1, -1))),
        (OR, (((EQ, 0, ((2, 1),)),), ((EQ, -1, ((2, 1),)),))),
    ):
        assert smt.decide(context(1, [], [goal], units), [], [], 60).result == "unsat"


def test_picks_and_extra_facts_are_used():
    asked = context(1, [], [(LE, 0, ((0, 1),))])
    assert smt.decide(asked, [], [], 60).result == "sat"
    assert smt.decide(asked, [(LT, 0, ((0, 1),))], [], 60).result == "unsat"
    assert smt.decide(asked, [], [(LT, 0, ((0, 1),))], 60).result == "unsat"


def knapsack():
    """Whether 40 random numbers of 80 bits have a subset with a given sum: z3 will not say in this test's time."""
    draw = random.Random(9)
    weights = [draw.getrandbits(80) for _ in range(40)]
    units = [(STEP, (1, 0, ((v, 1),))) for v in range(40)]
    total = (EQ, -sum(weights) // 2, tuple((40 + k, w) for k, w in enumerate(weights)))
    return context(40, [total], [FALSE], units)


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_a_time_out_is_unknown(seconds):
    answer = smt.decide(knapsack(), [], [], seconds)
    assert answer.result == "unknown" and answer.model == {} and "no answer within" in answer.reason


def test_z3_is_usable_after_a_time_out():
    assert smt.decide(knapsack(), [], [], 0.1).result == "unknown"
    assert smt.decide(context(1, [], [(LE, 0, ((0, 1),))]), [], [], 60).result == "sat"


def test_what_z3_does_not_understand_is_no_answer(monkeypatch):
    monkeypatch.setattr(smt, "_script", lambda *_: ["(assert (frob x))", "(check-sat)"])
    with pytest.raises(RuntimeError, match="did not understand"):
        smt.decide(context(1, [], [FALSE]), [], [], 60)


@pytest.mark.parametrize("seconds", [1e300, float("inf")])
def test_a_limit_beyond_every_clock_is_none(seconds):
    assert smt.decide(context(1, [], [(LE, 0, ((0, 1),))]), [], [], seconds).result == "sat"


def test_z3_out_of_memory_is_unknown(monkeypatch):
    monkeypatch.setattr(smt, "_evaluate", lambda *_: '(error "line 3 column 10: out of memory")\n')
    answer = smt.decide(context(1, [], [FALSE]), [], [], 60)
    assert answer == smt.Answer("unknown", {}, "z3 ran out of memory")
