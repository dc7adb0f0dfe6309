"""max/identity: the identities written out, their data, and sizes told beforehand."""

from fractions import Fraction
from pathlib import Path

import pytest

from relumax.constructions import registry
from relumax.constructions.identity import SHIPPED, identity_bytes, max_identity, units_for
from relumax.errors import BudgetExceeded, ProgramError
from relumax.language.expr import evaluate, inputs
from relumax.network.compile import sizes

PROOFS = Path(__file__).resolve().parents[2] / "proofs" / "identities"


@pytest.mark.parametrize(("n", "widths"), [(2, (3,)), (4, (6, 3)), (5, (16, 107)), (6, (21, 497))])
def test_widths_and_values(n, widths):
    program = max_identity(inputs(n))
    assert sizes([program], n).widths == widths
    for x in ([Fraction(k * k % 5, 2) for k in range(n)], [Fraction(1)] * n, [Fraction(-k) for k in range(n)]):
        assert evaluate([program], x) == [max(x)]


def test_the_data_is_what_proofs_has():
    for n in SHIPPED:
        assert identity_bytes(n) == (PROOFS / f"max-{n}.json").read_bytes()


def test_sizes_are_told_beforehand():
    for n, size in ((5, 123), (6, 518), (7, 20_261), (8, 174_163)):
        assert 0.5 < units_for(n) / size < 2
    for n in (9, 10, 11):
        with pytest.raises(BudgetExceeded, match=f"max/identity at n = {n} has some"):
            registry.find("max", "identity").program(n)


def test_where_there_is_none():
    with pytest.raises(ProgramError, match="no identity is shipped for n = 12: they are for 5 to 11"):
        registry.find("max", "identity").program(12)
