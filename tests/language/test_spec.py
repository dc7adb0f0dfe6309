"""Specs: the machine form of a statement, and the sentence the kernel makes of it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from relumax import pipeline
from relumax.errors import SpecError
from relumax.kernel.text import text
from relumax.language.expr import inputs, relu
from relumax.language.gadget import maximum
from relumax.language.spec import (
    Spec,
    array,
    i,
    max_nonnegative_spec,
    max_spec,
    min_spec,
    number,
    point,
    statement,
    wire,
)


@pytest.mark.parametrize("value", [0, -1, 2**53 - 1, 1 - 2**53, 2**53, -(2**53), 10**40])
def test_numbers_on_the_wire(value):
    found = wire(value)
    assert number(found) == value and (type(found) is str) == (abs(value) >= 2**53)


def test_atoms_forms_and_points_clear_denominators():
    x, y = array("x", "in", 3), array("y", "out", 3)
    z = array("z", "defined", 3)
    spec = Spec([x, y], [statement([y[i] / 2 + "1/4" <= z[i] / 3], define={z: x[i] / 2 + "2/3"})])
    [one] = spec.statements
    assert one["ensures"] == [{"any": [[["<=", 3, 6, "y[i]", -4, "z[i]"]]], "where": None, "each": 3}]
    assert one["define"] == [{"name": "z", "kind": "form", "length": 3, "form": [6, 4, 3, "x[i]"]}]
    assert point([Fraction(1, 2), 0, -3], [2]) == {"inputs": [2, 1, 0, -6], "index": [2]}


@pytest.mark.parametrize("n", [1, 2, 9])
def test_the_sentences(n):
    for kind, spec in (("max", max_spec(n)), ("min", min_spec(n))):
        assert text(spec.claim()) == [f"for all x in R^{n}: y = {kind}(x)"]
        assert (spec.width, spec.n, spec.nonnegative) == (n, n, ())
    spec = max_nonnegative_spec(n)
    [sentence] = text(spec.claim())
    assert sentence.startswith(f"for all x in R^{n} such that ") and sentence.endswith("y = max(x)")
    assert spec.nonnegative == tuple(range(n))


def test_a_statement_that_does_not_fit_the_network():
    with pytest.raises(SpecError, match="the program reads 3 inputs, the statement is about 2"):
        pipeline.prove(inputs(3)[2], max_spec(2))
    with pytest.raises(SpecError, match="the statement has 1 output, the program gives 2; argmax/slack"):
        pipeline.prove(inputs(2), max_spec(2))  # two outputs, the statement is about one
    x, y = array("x", "in", 2), array("y", "out")
    nowhere = Spec([x, y], [statement([y[0] == 0])])
    with pytest.raises(SpecError, match="mentioned by no statement"):
        pipeline.prove(relu(inputs(2)[0]), nowhere)


def test_vacuous_requirements_are_refused():
    """A statement with `requires` shows a point that meets it; a false one proves nothing."""
    x, y = array("x", "in"), array("y", "out")
    ensures, never = [y[0] == x[0] + 1], [x[0] < 0, x[0] > 0]
    with pytest.raises(SpecError):
        pipeline.prove(inputs(1)[0], Spec([x, y], [statement(ensures, never)]))
    with pytest.raises(SpecError, match=r"requires\[0\] is false at the point \(points\[0\]\[0\]\)"):
        pipeline.prove(inputs(1)[0], Spec([x, y], [statement(ensures, never, points=[point([1])])]))


def test_several_statements_about_one_network():
    x, y = array("x", "in", 2), array("y", "out")
    larger, one_of = statement([x[i] <= y[0]]), statement([(x[0] == y[0]) | (x[1] == y[0])])
    spec, program = Spec([x, y], [larger, one_of]), maximum(*inputs(2))
    for engine in ("auto", "flat"):
        verdict = pipeline.prove(program, spec, engine)
        assert verdict.verdict == "proved" and len(verdict.theorem) == 2
        assert pipeline.check(verdict.certificate).statements == list(verdict.theorem)
        verdict = pipeline.prove(program + 1, spec, engine)
        assert verdict.verdict == "refuted"
