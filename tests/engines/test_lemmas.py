"""Lemmas: proved once, numbered as they are first needed, accepted by the kernel."""

from __future__ import annotations

import pytest

from relumax.engines.lemmas import ENDLESS, NAMED, Lemma, Lemmas, case_tree
from relumax.engines.search import GaveUp
from relumax.kernel import proof
from relumax.kernel.proof import EQ, LE, LT, RELU, STEP, Context

X = (1, 0, ((0, 1),))


def checked(lemmas: Lemmas) -> list:
    """The lemmas, each proved by the kernel from those before it."""
    done: list = []
    for k, one in enumerate(lemmas.wire):
        done.append(proof.check_lemma(one, f"lemmas[{k}]", done, ENDLESS))
    return done


@pytest.mark.parametrize("name", NAMED)
def test_named_lemmas_are_accepted(name):
    lemmas = Lemmas()
    lemmas.number(name, NAMED[name])
    [found] = checked(lemmas)
    assert found.then == NAMED[name]().then


def test_a_lemma_is_proved_once():
    lemmas, proofs = Lemmas(), []

    def prove(context):
        proofs.append(context)
        return case_tree(context)

    assert lemmas.number("relu_bounds", NAMED["relu_bounds"], prove) == 0
    assert lemmas.number("step_bounds", NAMED["step_bounds"], prove) == 1
    assert lemmas.number("relu_bounds", NAMED["relu_bounds"], prove) == 0
    assert len(proofs) == len(lemmas.wire) == len(checked(lemmas)) == 2


def test_an_instance_makes_the_conclusions_at_its_forms():
    lemmas = Lemmas()
    context = Context(2, ENDLESS, [])
    value = (3, 1, ((0, 2), (1, -1)))
    context.add_unit(RELU, value)
    [step] = lemmas.use("relu_bounds", [[3, 1, 0, 2, 1, -1]], [value, (1, 0, ((2, 1),))])
    assert [fact.value for fact in step.makes] == [(LE, 0, ((2, -1),)), (LE, 1, ((0, 2), (1, -1), (2, -3)))]
    context.lemmas = checked(lemmas)
    known = len(context.facts)
    assert list(step.operands) == [0, 2, [2], 2, 0]  # the value is the form of the unit
    for operands in (list(step.operands), [0, 2, [3, 1, 0, 2, 1, -1], 2, 0]):
        del context.facts[known:]
        proof.instance(context, proof.Reader(operands, "p"))
        assert context.facts[known:] == [fact.value for fact in step.makes]


def test_a_false_lemma_is_not_added():
    lemmas = Lemmas()
    with pytest.raises(GaveUp):
        lemmas.number("wrong", lambda: Lemma(1, [(RELU, X)], [], [(LT, 0, ((1, -1),))]))
    assert lemmas.wire == []


def test_a_lemma_with_hypotheses():
    lemmas = Lemmas()
    lemmas.number("carried", lambda: Lemma(1, [(RELU, X)], [(LE, 0, ((0, -1),))], [(EQ, 0, ((0, 1), (1, -1)))]))
    lemmas.number("off", lambda: Lemma(1, [(STEP, X)], [(LT, 0, ((0, 1),))], [(EQ, 0, ((1, 1),))]))
    assert [one.given for one in checked(lemmas)] == [[(LE, 0, ((0, -1),))], [(LT, 0, ((0, 1),))]]
