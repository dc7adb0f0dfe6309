"""Clamped inputs: the theorem is about them, masks are harmless, bad clamps are refused."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import onnxruntime
import pytest

from relumax import pipeline
from relumax.constructions import registry
from relumax.constructions.clamp import clamp
from relumax.errors import SpecError
from relumax.formats import export
from relumax.network.compile import compile

WHICH = [("max", "tournament"), ("min", "chain"), ("argmax", "index"), ("argmin", "prefix"), ("argmax", "onehot"),
         ("argmax", "slack"), ("argmax", "step"), ("select", "gate"), ("select", "pack")]  # fmt: skip


def built(function, name, n, low, high, **options):
    one = clamp(registry.find(function, name), (low, high))
    given = {**one.options, **options}
    program, spec = one.program(n, **given), one.spec(n, **given)
    return program, spec, compile(program, spec.width)


@pytest.mark.parametrize("which", WHICH)
def test_the_theorem_of_the_clamped_inputs_is_proved(which):
    program, spec, network = built(*which, 3, -5, 5)
    verdict = pipeline.prove(program, spec)
    assert verdict.verdict == pipeline.PROVED, verdict.reason
    assert all("x[i] = -s[i] + 5" in one for one in verdict.theorem if "x" in one)
    plain = registry.find(*which)
    bare = compile(plain.program(3, **plain.options), spec.width)
    for t in product([-9, -5, Fraction(1, 2), 5, 10**9], repeat=3):
        rest = [Fraction(1, 4)] * (spec.width - 3)
        assert network(*t, *rest) == bare(*(max(-5, min(5, one)) for one in t), *rest)


def test_a_clamp_at_the_wrong_place_is_refuted():
    _, spec, _ = built("max", "tournament", 2, -5, 5)
    program, _, _ = built("max", "tournament", 2, -5, 6)
    assert pipeline.prove(program, spec).verdict == pipeline.REFUTED


def test_masks_are_harmless_in_float32():
    *_, network = built("argmax", "index", 8, -1000, 1000, lattice=1)
    run = onnxruntime.InferenceSession(export(network, "onnx").data, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(20261201)
    batch = random.integers(-1000, 1001, size=(50_000, 8)).astype(np.float32)
    batch[random.random(batch.shape) < 0.4] = -1e9
    batch[random.random(batch.shape) < 0.05] = 1e9
    wanted = np.argmax(np.clip(batch, -1000, 1000), axis=1)
    assert (run.run(None, {"x": batch})[0][:, 0] == wanted).all()


@pytest.mark.parametrize(
    "which, bounds, options, said",
    [
        (("max", "tournament"), (1, 1), {}, "lo < hi"),
        (("argmax", "index"), (-3, 4), {"lattice": 2}, "multiples of the lattice step 2"),
        (("argmax", "index"), (-4, 5), {"lattice": 2}, "multiples of the lattice step 2"),
        (("argmax", "index"), (0, 2), {"gap": 3}, "leaves no winner that is 3 ahead"),
        (("max", "essay"), (0, 2), {}, "not for max/essay"),
        (("search", "best_of"), (0, 2), {}, "not for search/best_of"),
    ],
)
def test_bad_clamps(which, bounds, options, said):
    with pytest.raises(SpecError, match=said):
        built(*which, 3, *bounds, **options)
