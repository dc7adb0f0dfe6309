"""The identity of nine, order by order."""

import pytest

from relumax.engines.lemmas import Lemmas
from relumax.engines.orders.cancel_maxima import nine_lemma, shape
from relumax.engines.search import GaveUp
from tests.engines.test_lemmas import checked


def test_the_identity_of_nine_order_by_order():
    lemmas = Lemmas()
    nine_lemma(lemmas, None)
    *_, last = checked(lemmas)
    assert last.then == shape().then and len(last.given) == 13
    assert len(str(lemmas.wire[-1])) < 50_000


def test_it_is_proved_once():
    lemmas = Lemmas()
    assert nine_lemma(lemmas, None) == nine_lemma(lemmas, 0.0) == len(lemmas.wire) - 1


def test_time_out():
    with pytest.raises(GaveUp, match="time-out"):
        nine_lemma(Lemmas(), 0.0)
