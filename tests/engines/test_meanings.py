"""Programs that a statement defines: engine modular proves the network's units equal to the statement's."""

from __future__ import annotations

import pytest

from relumax import pipeline
from relumax.constructions import registry
from relumax.kernel import check
from relumax.language.expr import inputs, relu, step, substitute, symbol
from relumax.language.gadget import absolute, clip, maximum
from relumax.language.spec import Spec, array, statement


def defined(program, count):
    """The program, and the statement that it is what the definitions say."""
    x, y, v = array("x", "in", count), array("y", "out"), symbol("v")
    [value] = substitute([program], list(x))
    return program, Spec([x, y], [statement([y[0] == v], define={v: value})])


a, b, c = inputs(3)
PROGRAMS = [
    (a + relu(b - a), 2),
    (relu(relu(a - b) + relu(b - a) - 1) / 3 + 2, 2),
    (relu(a) - relu(-a) + step(a - b), 2),
    (step(relu(a) - step(b - 1)) - relu(relu(relu(a) - b) - 2 * b), 2),
    (relu(c) + relu(relu(a - b) - relu(b)), 3),  # relu(c) and b are carried
]


@pytest.mark.parametrize(("program", "count"), PROGRAMS)
def test_the_network_holds_what_is_defined(program, count):
    verdict = pipeline.prove(*defined(program, count))
    assert verdict.verdict == pipeline.PROVED, verdict.reason
    assert tuple(check(verdict.certificate).statements) == verdict.theorem


@pytest.mark.parametrize(("program", "count"), PROGRAMS)
def test_something_else_is_refuted(program, count):
    _, spec = defined(program, count)
    verdict = pipeline.prove(program + step(a + b - 7), spec)
    assert verdict.verdict == pipeline.REFUTED and sum(verdict.witness.inputs[:2]) >= 7


SCORES = {
    "relus": lambda z, x: -absolute(z[0] - x[0]),
    "relus of relus": lambda z, x: -absolute(absolute(z[0] - 2) - x[0]),
    "a maximum": lambda z, x: -maximum(absolute(z[0] - x[0]), 2 * z[0]),
    "steps": lambda z, x: 3 * step(z[0] - x[0]) - relu(z[0] - 2) - relu(x[0] - z[0]),
    "a clip": lambda z, x: clip(z[0], -4, 4) - 2 * relu(z[0] - x[0]),
}


@pytest.fixture
def ready_examples():
    before = registry.find("search", "iterate")
    yield
    registry._registered["search", "iterate"] = before


@pytest.mark.parametrize("units", ["relu", "step"])
@pytest.mark.parametrize("kind", SCORES)
def test_a_step_makes_no_score_worse(ready_examples, kind, units):
    from relumax.constructions.search import iterate

    iterate(SCORES[kind], [(1,), (-1,)], 1)
    found = registry.find("search", "iterate")
    options = {**found.options, "units": units, "steps": 2}
    verdict = pipeline.prove(found.program(3, **options), found.spec(3, **options), "modular")
    assert (verdict.verdict, verdict.engine) == (pipeline.PROVED, "modular"), verdict.reason
    assert tuple(check(verdict.certificate).statements) == verdict.theorem and "v1 <= v2" in verdict.theorem[-1]


def test_that_the_score_rises_by_one_each_step_is_refuted(ready_examples):
    from relumax.constructions.search import iterate

    iterate(SCORES["relus"], [(1,), (-1,)], 1)
    found = registry.find("search", "iterate")
    options = {**found.options, "units": "step"}
    spec = found.spec(3, **options)
    ensures = spec.statements[0]["ensures"]
    assert ensures[-1]["any"] == [[["<=", 0, 1, "v0", -1, "v1"]]]
    ensures[-1]["any"] = [[["<=", 1, 1, "v0", -1, "v1"]]]
    verdict = pipeline.prove(found.program(3, **options), spec)
    assert verdict.verdict == pipeline.REFUTED
    z, x = verdict.witness.inputs
    assert abs(z - x) - abs(verdict.witness.outputs[0] - x) < 1
