"""The collector of garbage rests while a proof is made, and afterwards is as it was, however that ends."""

from __future__ import annotations

import gc

import pytest

import relumax
from relumax.collector import undisturbed
from relumax.errors import SpecError


@pytest.fixture(params=[True, False])
def enabled(request):
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_it_rests_inside(enabled):
    with undisturbed():
        assert not gc.isenabled()
        with undisturbed():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() == enabled


def test_a_proof_leaves_it_as_it_was(enabled):
    seen = []

    def best(a, b):
        seen.append(gc.isenabled())
        return b + relumax.relu(a - b)

    largest = relumax.gadget(ensures=lambda y, a, b: y == relumax.largest([a, b]))(best)
    program = largest(*relumax.inputs(2))
    seen.clear()
    assert relumax.prove(program, "max").verdict == "proved"
    assert seen and not any(seen)
    assert gc.isenabled() == enabled


def test_an_error_leaves_it_as_it_was(enabled):
    a, b, c = relumax.inputs(3)
    with pytest.raises(SpecError):
        relumax.prove([a, b, c], "max")
    assert gc.isenabled() == enabled
    assert relumax.prove(a + b, "max").verdict == "refuted"
    assert gc.isenabled() == enabled
