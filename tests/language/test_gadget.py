"""Gadgets and contracts: false ones refuted with a point, true ones used by callers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from relumax import pipeline
from relumax.errors import ProgramError, RelumaxError, SpecError
from relumax.language.contract import contract_spec
from relumax.language.expr import Expr, evaluate, inputs, largest, relu, smallest, step
from relumax.language.gadget import absolute, clip, gadget, maximum, minimum
from relumax.language.spec import Spec as Statement
from relumax.language.spec import array, max_nonnegative_spec, max_spec, statement


@gadget(ensures=lambda y, a, b: y == largest([a, b]))
def almost(a, b):
    return b + relu(a - b - Fraction(1, 10))


@gadget(requires=lambda a, b: (a >= 0, b >= 0), ensures=lambda y, a, b: (y == largest([a, b]), y >= 0))
def positive_maximum(a, b):
    return relu(a - b) + relu(b)


@gadget(requires=lambda a, b: a >= b, ensures=lambda y, a, b: y == a)
def given_larger(a, b):
    return b + relu(a - b)


@gadget(ensures=lambda low, high, a, b: (high == largest([a, b]), low == smallest([a, b])))
def sort2(a, b):
    over = relu(a - b)
    return a - over, b + over


@gadget(ensures=lambda y, a, b, c: y == largest([a, b, c]))
def maximum3(a, b, c):
    return maximum(maximum(a, b), c)


@gadget(ensures=lambda y, a: ((y == 0) & (a < 0)) | ((y == 1) & (a >= 0)))
def sign(a):
    return step(a)


@gadget(requires=lambda a: (a >= 1) & (a <= 0), ensures=lambda y, a: y > a)
def of_nothing(a):
    return +a


def test_what_a_gadget_is():
    assert (maximum.name, maximum.arity, maximum.results) == ("maximum", 2, 1)
    assert sort2.results == 2 and repr(sort2) == "<gadget sort2>"
    x = inputs(2)
    assert maximum(*x).op == "call" and maximum(*x).data == (maximum, 0)
    low, high = sort2.all(*x)
    assert evaluate([low, high], [5, 3]) == [3, 5]
    with pytest.raises(ProgramError, match="maximum takes 2 arguments, 3 were given"):
        maximum(1, 2, 3)


@pytest.mark.parametrize("one", [maximum, minimum, absolute, positive_maximum, given_larger, sort2, maximum3, sign])
def test_true_contracts_are_proved(one):
    verdict = pipeline.prove_gadget(one)
    assert verdict.verdict == "proved" and verdict.z3 == "unsat"
    assert pipeline.check(verdict.certificate).statements == list(verdict.theorem)
    if one.requires is not None:
        assert "such that" in verdict.theorem[0]


def test_a_false_contract_is_refuted_with_a_point():
    verdict = pipeline.prove_gadget(almost)
    assert verdict.verdict == "refuted" and verdict.certificate is None
    assert verdict.witness.outputs == evaluate(almost.body(inputs(2)), verdict.witness.inputs)
    assert verdict.witness.outputs != [max(verdict.witness.inputs)]


def test_a_false_contract_under_a_requires_is_refuted_where_it_holds():
    @gadget(requires=lambda a, b: (a >= 0, b <= 5), ensures=lambda y, a, b: y == largest([a, b]))
    def wrong(a, b):
        return relu(a - b) + relu(b)

    verdict = pipeline.prove_gadget(wrong)
    a, b = verdict.witness.inputs
    assert verdict.verdict == "refuted" and a >= 0 and b <= 5 and verdict.witness.outputs != [max(a, b)]


def test_a_contract_about_nothing_is_refused():
    with pytest.raises(SpecError, match="of_nothing: no arguments meet its `requires`"):
        pipeline.prove_gadget(of_nothing)


def tournament(x, better):
    while len(x) > 1:
        x = [better(*pair) if len(pair) > 1 else pair[0] for pair in (x[i : i + 2] for i in range(0, len(x), 2))]
    return x[0]


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_a_caller_with_true_contracts_is_proved_by_them(n):
    verdict = pipeline.prove(tournament(inputs(n), maximum), max_spec(n), "modular")
    assert (verdict.verdict, verdict.engine) == ("proved", "modular")
    verdict = pipeline.prove(tournament(inputs(n), positive_maximum), max_nonnegative_spec(n))
    assert (verdict.verdict, verdict.engine) == ("proved", "modular")
    x = inputs(n)
    while len(x) > 1:
        x = [maximum3(*x[:3]) if len(x) > 2 else maximum(*x[:2]), *x[3:]]
    verdict = pipeline.prove(x[0], max_spec(n))
    assert verdict.verdict == "proved"


def test_a_caller_with_a_false_contract_is_refuted_and_told_why():
    verdict = pipeline.prove(tournament(inputs(4), almost), max_spec(4))
    assert verdict.verdict == "refuted"
    assert "gadget almost does not keep its contract: at a = " in verdict.reason
    assert verdict.witness.outputs != [max(verdict.witness.inputs)]


def test_a_false_contract_proves_nothing_even_where_the_caller_is_right():
    """The caller repairs the gadget: it computes max, but not by the gadget's word."""

    @gadget(ensures=lambda y, a, b: y == largest([a, b]))
    def too_large(a, b):
        return b + relu(a - b) + 1

    verdict = pipeline.prove(too_large(*inputs(2)) - 1, max_spec(2))
    assert verdict.verdict == "proved" and verdict.engine in ("canonical", "flat")
    assert "too_large does not keep its contract" in verdict.reason


def test_a_requires_that_does_not_hold_where_it_is_called():
    """Right for x >= 0 only, claimed for all: refuted, and never proved by the contract."""
    verdict = pipeline.prove(tournament(inputs(2), positive_maximum), max_spec(2))
    assert verdict.verdict == "refuted" and verdict.witness.inputs != [0, 0]
    y, x = inputs(2)
    verdict = pipeline.prove(given_larger(x, y), max_spec(2))  # the body is right without its requires
    assert verdict.verdict == "proved"


def in_box(low, high):
    """For all x in R: y between the two, and equal to x there."""
    X, Y = array("x", "in"), array("y", "out")
    x, y = X[0], Y[0]
    return Statement([X, Y], [statement([low <= y, y <= high, (y == x) | (x < low) | (x > high)])])


@pytest.mark.parametrize("engine", ["auto", "flat"])
def test_clip_keeps_its_promise(engine):
    assert pipeline.prove(clip(inputs(1)[0], -1, Fraction(3, 2)), in_box(-1, "3/2"), engine).verdict == "proved"
    found = pipeline.prove(clip(inputs(1)[0], -1, 2), in_box(-1, "3/2"), engine)
    assert found.verdict == "refuted" and found.witness.outputs[0] > Fraction(3, 2)


def test_clip_of_a_program_between_programs():
    a, low, high = inputs(3)
    program = clip(a, low, high)
    for point in ([5, 0, 1], [-5, 0, 1], ["1/2", 0, 1], [0, 2, 1]):
        value, lo, hi = [Fraction(one) for one in point]
        assert evaluate([program], point) == [min(max(value, lo), hi)]


# ---------------------------------------------------------------- contracts that are none


@pytest.mark.parametrize(
    ("ensures", "said"),
    [
        (lambda y, a: y is a, "not False"),
        (lambda y, a: True, "not True"),
        (lambda y, a: None, "not None"),
        (lambda y, a: [y <= a, y], "not y[0]"),
        (lambda y, a: y + a, "not y[0] + a[0]"),
    ],
)
def test_a_contract_is_made_of_conditions(ensures, said):
    def body(a):
        return +a

    made = gadget(ensures=ensures)(body)
    with pytest.raises(ProgramError) as caught:
        pipeline.prove_gadget(made)
    assert said in str(caught.value) and "gadget body" in str(caught.value)


def test_a_contract_speaks_of_sums_only():
    made = gadget(ensures=lambda y, a: y == relu(a))(lambda a: relu(a))
    with pytest.raises(ProgramError, match="sums of arguments and results only"):
        contract_spec(made)
    verdict = pipeline.prove(made(inputs(1)[0]), max_spec(1))  # as a caller: the flat engine decides, and refutes
    assert verdict.verdict == "refuted"


def test_a_gadget_returns_programs():
    with pytest.raises(ProgramError):
        gadget(ensures=lambda y, a: y >= a)(lambda a: None)
    assert gadget(ensures=lambda y, z, a: y >= z)(lambda a: [a, a]).results == 2
    constant = gadget(ensures=lambda y, a: y == 2)(lambda a: 2)
    assert pipeline.prove_gadget(constant).verdict == "proved"


def test_what_no_engine_reads_is_told_in_one_line():
    for requires in (lambda a: relu(a) <= 1, lambda a: a <= smallest([a, 1])):
        made = gadget(requires=requires, ensures=lambda y, a: y >= a)(lambda a: relu(a))
        with pytest.raises(RelumaxError, match=r"a contract speaks of .*sums of arguments and results"):
            pipeline.prove_gadget(made)


def test_largest_in_a_contract_need_not_stand_alone():
    @gadget(ensures=lambda y, a, b: (y >= largest([a, b])) & (y <= largest([a, b])))
    def either(a, b):
        return b + relu(a - b)

    assert pipeline.prove_gadget(either).theorem == ("for all a in R^2: max(a) <= y and y <= max(a)",)
    verdict = pipeline.prove(either(*inputs(2)), max_spec(2))
    assert verdict.verdict == "proved" and verdict.engine in ("canonical", "flat")


# ---------------------------------------------------------------- contract_spec


def test_the_contract_of_the_maximum_is_one_sentence():
    assert pipeline.prove_gadget(maximum).theorem == ("for all a in R^2: y = max(a)",)
    assert pipeline.prove_gadget(minimum).theorem == ("for all a in R^2: y = min(a)",)


def test_contract_spec_says_what_the_contract_says():
    spec = contract_spec(sort2)
    assert [(one["name"], one["of"], one["length"]) for one in spec.arrays] == [("a", "in", 2), ("y", "out", 2)]
    [one] = spec.statements
    assert one["requires"] == [] and one["points"] == [] and [d["kind"] for d in one["define"]] == ["max", "min"]
    spec = contract_spec(positive_maximum, [{"index": [], "inputs": [1, 0, 0]}])
    [one] = spec.statements
    assert len(one["requires"]) == 2 and one["points"] == [{"index": [], "inputs": [1, 0, 0]}]


def test_every_argument_and_result_is_mentioned():
    @gadget(ensures=lambda y, z, a, b: y <= 7)
    def silent(a, b):
        return -relu(a), b

    spec = contract_spec(silent)
    text = repr(spec.statements)
    assert all(f"'{name}'" in text for name in ("a[0]", "a[1]", "y[0]", "y[1]"))
    assert pipeline.prove_gadget(silent).verdict == "proved"


def test_rational_contracts():
    @gadget(ensures=lambda y, a: (3 * y <= a + "0.25", y == largest([a / 3 + "1/12", a / 3 - 1])))
    def third(a):
        return a / 3 + Fraction(1, 12)

    verdict = pipeline.prove_gadget(third)
    assert verdict.verdict == "proved" and isinstance(third(inputs(1)[0]), Expr)
