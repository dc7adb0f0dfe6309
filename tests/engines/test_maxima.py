"""Maxima of maxima: flattened, nested otherwise, and what does not follow."""

import pytest

from relumax.engines.lemmas import Lemma, Lemmas
from relumax.engines.maxima import Maxima, taken_apart
from relumax.engines.script import Block, Fact
from relumax.engines.search import GaveUp
from relumax.kernel.proof import MAX
from tests.engines.test_lemmas import checked


def v(k):
    return 1, 0, ((k, 1),)


def largest(head, *children):
    return MAX, v(head), tuple(map(v, children))


def known(*values):
    return Maxima(Lemmas(), [], [Fact(value, k) for k, value in enumerate(values)])


def test_leaves():
    maxima = known(largest(6, 4, 5), largest(4, 0, 1), largest(5, 1, 2, 3))
    assert maxima.leaves(v(6)).value == largest(6, 0, 1, 2, 3)
    assert maxima.leaves(v(4)).number == 1  # as it was
    assert len(maxima.steps) == 1 and maxima.leaves(v(6)) is maxima.leaves(v(6))


def test_other_children():
    maxima = known(largest(8, 6, 7), largest(6, 0, 1), largest(7, 2, 3), largest(9, 0, 2), largest(10, 1, 3))
    assert maxima.fact(largest(8, 9, 10)).value == largest(8, 9, 10)
    assert maxima.fact(largest(6, 1, 0)).value == largest(6, 1, 0)
    assert maxima.fact(largest(0, 0)).value == largest(0, 0)


def test_what_does_not_follow():
    for wanted in (largest(8, 6), largest(8, 6, 3), largest(6, 0, 1, 2), largest(0, 1)):
        with pytest.raises(GaveUp):
            known(largest(8, 6, 7), largest(6, 0, 1), largest(7, 2, 3)).fact(wanted)


def test_one_lemma_for_each_pattern():
    maxima = known(largest(4, 0, 1), largest(5, 2, 3), largest(6, 4, 2), largest(7, 5, 0))
    maxima.leaves(v(6))
    maxima.leaves(v(7))
    assert len(maxima.lemmas.wire) == 1 and len(maxima.steps) == 2


def test_the_kernel_accepts_the_lemmas():
    lemmas = Lemmas()

    def proof(context):
        maxima = Maxima(lemmas, [], [Fact(context.fact(k, ""), k) for k in range(3)])
        fact = maxima.fact(context.goals[0])
        return Block([], [*maxima.steps, *taken_apart([fact], [], context.goals).steps])

    given = [largest(6, 4, 5), largest(4, 0, 1), largest(5, 2, 3)]
    lemmas.number("test", lambda: Lemma(7, [], given, [largest(6, 3, 2, 1, 0)]), proof)
    assert [len(one.given) for one in checked(lemmas)] == [3, 1, 3]
