"""Engine link: identities written out, what is none, and a network that is not its program's."""

import pytest

from relumax.constructions.identity import max_identity, written
from relumax.engines.link import identity_of
from relumax.kernel.identity import check_identity
from relumax.language.expr import inputs
from relumax.language.spec import max_spec
from relumax.network.compile import compile
from relumax.pipeline import prove


@pytest.mark.parametrize("engine", ["auto", "link"])
@pytest.mark.parametrize("n", [5, 6])
def test_an_identity_is_proved(engine, n):
    verdict = prove(max_identity(inputs(n)), max_spec(n), engine)
    assert (verdict.verdict, verdict.engine, verdict.z3) == ("proved", "link", "not asked")
    assert check_identity(verdict.certificate).n == n


@pytest.mark.slow
def test_seven():
    verdict = prove(max_identity(inputs(7)), max_spec(7))
    assert (verdict.verdict, verdict.engine, verdict.network.size) == ("proved", "link", 40105)


def test_programs_that_are_not_one():
    x = inputs(5)
    assert identity_of([max_identity(x)]) is not None
    assert identity_of([written(5)(*x[::-1])]) is None
    assert identity_of([max_identity(x) + 1]) is None
    assert identity_of([max_identity(x), x[0]]) is None
    verdict = prove(max_identity(inputs(4)), max_spec(4), "link")
    assert verdict.verdict == "unknown" and "engine link is for identities" in verdict.reason


def test_inputs_in_another_order_take_another_engine():
    verdict = prove(written(5)(*inputs(5)[::-1]), max_spec(5))
    assert (verdict.verdict, verdict.engine) == ("proved", "symmetric")


def test_another_statement_or_network():
    program = max_identity(inputs(5))
    wider = prove(program, max_spec(6))
    assert wider.verdict == "refuted"
    other = prove(program, max_spec(5), "link", against=compile([max_identity(inputs(5)) * 2], 5))
    assert other.verdict == "unknown" and "not written as the sum" in other.reason
