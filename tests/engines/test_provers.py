"""Which engine proves a gadget's contract: one table, by type; the language and the constructions name no engine."""

import subprocess
import sys
from fractions import Fraction

import pytest

from relumax.constructions.bakaev import gadget_for
from relumax.constructions.formula import over_blocks, shipped
from relumax.constructions.identity import written
from relumax.engines import link
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.orders import blocks
from relumax.engines.provers import prover, provers
from relumax.engines.search import GaveUp
from relumax.kernel.proof import Context
from relumax.language.gadget import Gadget, Gate, maximum


def test_by_type():
    assert prover(over_blocks(shipped(5), (1,) * 5)) is blocks.over_blocks
    assert prover(gadget_for(2)) is blocks.nine
    assert prover(written(5)) is link.prove
    assert set(map(type, (over_blocks(shipped(5), (1,) * 5), gadget_for(2), written(5)))) == set(provers())


def test_a_case_tree_proves_the_rest():
    assert prover(maximum) is None and prover(Gate(Fraction(1))) is None
    assert not any(hasattr(gadget, "engine") for gadget in (Gadget, maximum, written(5)))


def test_plain_gadgets_load_no_engine():
    code = "import sys, relumax.engines.modular; sys.exit('relumax.engines.orders' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_an_identity_is_no_lemma():
    with pytest.raises(GaveUp, match="as a whole network only"):
        link.prove(written(5), Context(5, ENDLESS, []), Lemmas())
