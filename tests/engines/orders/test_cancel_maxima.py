"""The identity of nine, order by order."""

from relumax.engines.lemmas import Lemmas
from relumax.engines.orders.cancel_maxima import nine_lemma, shape
from tests.engines.test_lemmas import checked


def test_the_identity_of_nine_order_by_order():
    lemmas = Lemmas()
    nine_lemma(lemmas)
    *_, last = checked(lemmas)
    assert last.then == shape().then and len(last.given) == 13
    assert len(str(lemmas.wire[-1])) < 50_000


def test_it_is_proved_once():
    lemmas = Lemmas()
    assert nine_lemma(lemmas) == nine_lemma(lemmas) == len(lemmas.wire) - 1
