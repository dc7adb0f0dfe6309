"""Engine modular: gadget by gadget, each proved once, every unit found in the network by its exact form."""

from __future__ import annotations

import json

import pytest

from relumax import pipeline
from relumax.language.expr import inputs, largest, relu, step
from relumax.language.gadget import clip, gadget, maximum, minimum
from relumax.language.spec import Spec, array, i, max_spec, min_spec, statement
from relumax.network.compile import compile


def tournament(x, better):
    while len(x) > 1:
        x = [better(*x[i : i + 2]) if i + 1 < len(x) else x[i] for i in range(0, len(x), 2)]
    return x[0]


def modular(program, spec, **more):
    verdict = pipeline.prove(program, spec, **{"engine": "modular", **more})
    return verdict, json.loads(verdict.certificate) if verdict.certificate else None


@pytest.mark.parametrize("n", [2, 4, 8, 64])
def test_lemmas_are_few_and_the_certificate_linear(n):
    verdict, found = modular(tournament(inputs(n), maximum), max_spec(n))
    assert (verdict.verdict, verdict.engine) == ("proved", "modular")
    assert len(found["lemmas"]) <= 3
    assert len(verdict.certificate) < 1500 + 220 * n


@pytest.mark.parametrize("n", [3, 5, 6, 7, 11])
def test_byes_are_carried(n):
    for better, spec in ((maximum, max_spec(n)), (minimum, min_spec(n))):
        verdict, _ = modular(tournament(inputs(n), better), spec)
        assert (verdict.verdict, verdict.engine) == ("proved", "modular")


def test_shifts_scales_and_constants():
    x = inputs(3)
    for program in (
        maximum(x[0] + 5, x[1] + 5) - 5,
        maximum(x[0] / 3, x[1] / 3) * 3,
        maximum(maximum(x[0] - 1, x[1] - 1), -10) + 1 + 0 * x[2],
    ):
        verdict, _ = modular(program, max_spec(2), engine="auto")
        if verdict.verdict == "refuted":  # the last one is clipped from below
            assert max(verdict.witness.inputs) < -9
        else:
            assert verdict.verdict == "proved"


def test_open_units_outside_every_gadget():
    x = inputs(2)
    verdict, _ = modular(x[1] + relu(x[0] - x[1]), max_spec(2))
    assert (verdict.verdict, verdict.engine) == ("proved", "modular")


def test_a_mixture_of_gadgets_steps_and_relus():
    [a] = inputs(1)
    x, y = array("x", "in"), array("y", "out")
    spec = Spec([x, y], [statement([y[0] <= 2, y[0] >= 0, (x[0] <= 0) | (y[0] > 0)])])
    verdict, _ = modular(clip(a, 0, 1) + step(a), spec, engine="auto")
    assert verdict.verdict == "proved"


def test_a_gadget_with_requires_from_another_gadgets_ensures():
    @gadget(ensures=lambda y, a: (y >= 0, y >= a))
    def positive_part(a):
        return relu(a)

    @gadget(requires=lambda a, b: (a >= 0, b >= 0), ensures=lambda y, a, b: (y == largest([a, b]), y >= 0))
    def positive_maximum(a, b):
        return relu(a - b) + relu(b)

    x = inputs(2)
    program = positive_maximum(positive_part(x[0]), positive_part(x[1]))
    x, y = array("x", "in", 2), array("y", "out")
    spec = Spec([x, y], [statement([x[i] <= y[0], y[0] >= 0])])
    verdict, _ = modular(program, spec)
    assert verdict.verdict == "proved"


def test_two_results():
    @gadget(ensures=lambda low, high, a, b: (high == largest([a, b]), low + high == a + b))
    def sort2(a, b):
        over = relu(a - b)
        return a - over, b + over

    x = inputs(2)
    low, high = sort2.all(*x)
    assert modular(high, max_spec(2))[0].verdict == "proved"
    assert modular(low, min_spec(2), engine="auto")[0].verdict == "proved"
    assert modular(low, max_spec(2))[0].verdict == "unknown"  # the engine that is named is asked alone
    assert modular(low, max_spec(2), engine="auto")[0].verdict == "refuted"


def test_a_network_that_is_not_the_programs_is_not_modulars():
    x = inputs(4)
    program = tournament(x, maximum)
    other = compile([tournament(x[::-1], maximum)], 4)
    verdict, _ = modular(program, max_spec(4), against=other)
    assert (verdict.verdict, verdict.engine) == ("unknown", "modular") and verdict.reason.startswith("modular: ")
    verdict, _ = modular(program, max_spec(4), against=other, engine="auto")
    assert (verdict.verdict, verdict.engine) == ("proved", "canonical") and "modular: " in verdict.notes[0]


def test_two_nodes_of_a_program_may_be_one_unit_whose_clause_was_restated():
    """The second finds the clause about what the unit means, not about what it holds (argmax/prefix met this)."""
    from relumax.constructions import registry

    one = registry.find("argmax", "prefix")
    verdict = pipeline.prove(one.program(3, **one.options), one.spec(3, **one.options), engine="modular")
    assert (verdict.verdict, verdict.engine) == (pipeline.PROVED, "modular"), verdict.reason
