"""The language: operators, exact numbers, hash-consing, iterative traversals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relumax.errors import ProgramError, RelumaxError
from relumax.language import expr
from relumax.language.expr import (
    Expr,
    affine,
    as_expr,
    as_fraction,
    brief,
    const,
    equals,
    evaluate,
    input_count,
    inputs,
    largest,
    linear_parts,
    opened,
    relu,
    step,
    substitute,
    topological,
)
from relumax.language.gadget import absolute, clip, maximum, minimum
from relumax.network.compile import compile, sizes
from relumax.network.evaluate import evaluate as run_network
from relumax.simplify import closed_form
from tests.strategies import points, programs, reproducible

x, y, z = inputs(3)


def at(program: Expr, *point: object) -> Fraction:
    return evaluate([program], point)[0]


# ---------------------------------------------------------------- operators


@pytest.mark.parametrize(
    ("program", "value"),
    [
        (x + y, 5),
        (x - y, 1),
        (x + 1, 4),
        (1 + x, 4),
        (x - 1, 2),
        (1 - x, -2),
        (-x, -3),
        (+x, 3),
        (2 * x, 6),
        (x * 2, 6),
        (x / 2, Fraction(3, 2)),
        (x * const(2), 6),
        (const(2) * x, 6),
        (x / const("1/2"), 6),
        (0 * x, 0),
        (x * Fraction(1, 3), 1),
        (sum([x, y]), 5),
        (relu(y - x), 0),
        (relu(x - y), 1),
        (relu(-1), 0),
        (relu("1/2"), Fraction(1, 2)),
        (step(x - 3), 1),
        (step(x - "3.001"), 0),
        (step(-1), 0),
        (maximum(x, 7), 7),
        (maximum(x, y), 3),
        (minimum(x, y), 2),
        (minimum(1, 2) + 0 * x, 1),
        (absolute(y - x), 1),
        (absolute(-4), 4),
        (clip(x, 0, 1), 1),
        (clip(x, 5, 6), 5),
        (clip(x, 0, 9), 3),
        (clip(-x, -1, 1), -1),
        (x + "0.5", Fraction(7, 2)),
        (x + "1/3", Fraction(10, 3)),
        (x + 0.1, 3 + Fraction(3602879701896397, 36028797018963968)),
        (x + Decimal("0.1"), Fraction(31, 10)),
        (x + numpy.float64(0.5), Fraction(7, 2)),
        (numpy.float64(0.5) * x, Fraction(3, 2)),
        (numpy.int64(2) - x, -1),
        (x + numpy.float32(0.1), 3 + Fraction(13421773, 134217728)),
        (x * numpy.int8(-2), -6),
    ],
)
def test_operators(program, value):
    assert isinstance(program, Expr)
    assert at(program, 3, 2) == value
    assert type(at(program, 3, 2)) is Fraction


def test_a_matrix_of_numpy_times_inputs():
    rows = numpy.array([[1, -2], [0, 3]]) @ numpy.array([x, y], dtype=object)
    assert evaluate(list(rows), [5, 7]) == [-9, 21]


@pytest.mark.parametrize(
    "number",
    [
        *[float("nan"), float("inf"), -float("inf"), "nan", "inf", "one", "", "1/0", "1//2", None, 1j, [1]],
        *[True, False, numpy.float64("nan"), numpy.inf, numpy.bool_(True), numpy.array([1, 2]), object()],
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_is_no_exact_rational(number):
    for attempt in (lambda: as_fraction(number), lambda: const(number), lambda: as_expr(number), lambda: relu(number)):
        with pytest.raises(ProgramError, match="not an exact rational number") as caught:
            attempt()
        assert "\n" not in str(caught.value)
    with pytest.raises(ProgramError):
        evaluate([x], [number])


@given(st.floats(allow_nan=False, allow_infinity=False))
@reproducible
def test_a_float_is_the_dyadic_rational_it_is(value):
    found = as_fraction(value)
    assert found == Fraction(*value.as_integer_ratio()) and float(found) == value
    assert as_fraction(numpy.float64(value)) == found


@given(st.fractions())
@reproducible
def test_strings_are_exact(value):
    assert as_fraction(str(value)) == as_fraction(f" {value} ") == value


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (lambda: x * y, "a product of two non-constants is not piecewise linear: (x0) * (x1)"),
        (lambda: relu(x) * (y + 1), "(relu(x0)) * (x1 + 1)"),
        (lambda: x * x, "(x0) * (x0)"),
        (lambda: x / y, "division by a non-constant is not piecewise linear: (x0) / (x1)"),
        (lambda: 1 / x, "1 / (x0)"),
        (lambda: x / 0, "division by zero: (x0) / 0"),
        (lambda: x / const(0), "division by zero"),
        (lambda: x / "0.0", "division by zero"),
    ],
)
def test_what_is_not_piecewise_linear(attempt, said):
    with pytest.raises(ProgramError) as caught:
        attempt()
    assert said in str(caught.value)
    assert isinstance(caught.value, (RelumaxError, ValueError))


def test_programs_and_conditions_have_no_truth_value():
    for attempt in (
        lambda: bool(x),
        lambda: 1 if x else 0,
        lambda: x and y,
        lambda: max(x, y),
        lambda: sorted([x, y]),
        lambda: 0 < x < 1,
        lambda: (x <= 0) and (y <= 0),
        lambda: not (x <= y),
    ):
        with pytest.raises(ProgramError, match="truth value"):
            attempt()


@pytest.mark.parametrize(
    "operation", [lambda: x**2, lambda: x // 2, lambda: x % 2, lambda: float(x), lambda: x[0], lambda: [*x]]
)
def test_operators_that_programs_do_not_have(operation):
    with pytest.raises(TypeError):
        operation()


def test_inputs():
    assert [one.data for one in inputs(3)] == [0, 1, 2] and inputs(0) == []
    for index in (-1, True, "0", 1.0):
        with pytest.raises(ProgramError):
            expr.input(index)


def test_the_point_has_a_number_for_each_input():
    with pytest.raises(ProgramError, match=r"the program reads x2, but 2 inputs were given"):
        at(x + z, 1, 2)
    assert at(x, 1, 2, 3) == 1
    with pytest.raises(ProgramError, match=r"reads x1"):
        substitute([x + y], [z])


# ---------------------------------------------------------------- conditions


def test_conditions():
    def branches(formula):
        return [[(sign, brief(one)) for sign, one in branch] for branch in formula.branches]

    assert branches(x <= y) == [[("<=", "x0 - x1")]]
    assert branches(x >= 1) == [[("<=", "-x0 + 1")]]
    assert branches(x > 1) == [[("<", "-x0 + 1")]]
    assert branches(x < 1) == [[("<", "x0 + -1")]] and branches(x < 1) == branches(x < 1)
    assert branches(equals(1, x)) == [[("=", "1 - x0")]]
    assert branches(x == 1) == [[("=", "x0 + -1")]] == branches(x == "1") == branches(x == 1)
    assert branches(x != y) == [[("<", "x0 - x1")], [("<", "-x0 + x1")]]
    assert branches(x <= 0.1)[0][0][1] == f"x0 + -{Fraction(0.1)}"  # the binary fraction it is
    both, either = (x <= 0) & (y <= 0), (x <= 0) | (y <= 0)
    assert [len(b) for b in both.branches] == [2] and [len(b) for b in either.branches] == [1, 1]
    assert len((either & either).branches) == 4
    assert largest(x, (one for one in [y, z])).of == (y, z)


# ---------------------------------------------------------------- hash-consing


def test_equal_programs_are_one_object():
    assert (y + relu(x - y)) is (y + relu(x - y))
    assert maximum(x, y) is maximum(x, y) and maximum(x, y) is not maximum(y, x)
    assert const("0.5") is const(Fraction(1, 2)) is const(0.5) is as_expr(numpy.float64(0.5))
    assert 2 * (3 * x) is 6 * x and (2 * x) / 2 is x and -1 * (-x) is x
    assert x + 0 is x and 0 + x is x and 1 * x is x and 0 * x is const(0)
    assert const(1) + 2 is const(3) and 2 * const(3) is const(6)
    assert relu(x) is not step(x) and inputs(2)[1] is y
    assert x is not y and x is inputs(1)[0] and len({x, inputs(1)[0], y}) == 2


def test_forgotten_programs_are_forgotten():
    import gc

    before = len(expr._table)
    program = x
    for k in range(1000):
        program = relu(program - Fraction(k + 1, 7919))
    assert len(expr._table) >= before + 1000
    del program
    gc.collect()
    assert len(expr._table) <= before + 10


def test_a_child_is_older_than_its_parents():
    program = clip(maximum(x, y) - absolute(z), step(x), 2)
    order = topological([program], lambda node: node.args)
    seen = set()
    for node in order:
        assert seen.issuperset(node.args)
        seen.add(node)
    assert len(order) == len(set(order))


# ---------------------------------------------------------------- forms, substitution, text


@given(programs(outputs=2), st.data())
@reproducible
def test_affine_form_and_substitution_mean_the_program(program, data):
    outputs, n = program
    point = data.draw(points(n))
    expected = evaluate(outputs, point)
    for output, value in zip(outputs, expected, strict=True):
        form = affine(output)
        atoms = list(form.terms)
        assert all(one.op in ("input", "relu", "step") for one in atoms) and all(form.terms.values())
        values = evaluate(atoms, point)
        assert form.const + sum(c * v for c, v in zip(form.terms.values(), values, strict=True)) == value
    assert evaluate(substitute(outputs, [const(value) for value in point]), []) == expected
    shifted = substitute(outputs, [one + 1 for one in inputs(n)])
    assert evaluate(shifted, [value - 1 for value in point]) == expected
    assert substitute(outputs, inputs(n)) == outputs
    assert input_count(outputs) <= n


def test_substitution_keeps_gadget_calls():
    [found] = substitute([maximum(x, y)], [y, z])
    assert found is maximum(y, z)
    assert next(node.op for node in linear_parts(found)) == "call"


def test_what_cancels_is_never_expanded():
    shared = x
    for _ in range(2000):
        shared = shared + relu(shared - y)
    form = affine((shared + relu(x)) - (shared + relu(y)))
    assert len(form.terms) == 2


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (x, "x0"),
        (const("1/3"), "1/3"),
        (x + 2 * y, "x0 + 2*x1"),
        (x - y, "x0 - x1"),
        (-x, "-x0"),
        (-(x + y), "-(x0 + x1)"),
        (x - (y + z), "x0 - (x1 + x2)"),
        (Fraction(1, 2) * (x + y), "1/2*(x0 + x1)"),
        (relu(x - 1), "relu(x0 + -1)"),
        (step(x), "step(x0)"),
        (maximum(x, relu(y)), "maximum(x0, relu(x1))"),
    ],
)
def test_text(program, text):
    assert brief(program) == text == repr(program)


def test_text_is_cut():
    program = sum(inputs(100), const(0))
    assert len(brief(program, 50)) <= 54 and brief(program, 50).endswith(" ...")
    assert brief(program, 10_000).count("x") == 100


# ---------------------------------------------------------------- deep programs


def chain(n):
    best, *rest = inputs(n)
    for one in rest:
        best = maximum(best, one)
    return best


def tournament(n):
    from relumax.constructions.tournament import rounds

    return rounds(inputs(n), maximum)


@pytest.mark.parametrize("build", [chain, tournament])
def test_five_thousand_inputs(build):
    n = 5000
    program = build(n)
    point = [Fraction((k * 7919) % 5003, 3) for k in range(n)]
    assert evaluate([program], point) == [max(point)]
    assert input_count([program]) == n
    assert brief(program, 60).endswith("...") and repr(program)
    [moved] = substitute([program], [one - 1 for one in inputs(n)])
    assert evaluate([moved], point) == [max(point) - 1]
    assert len(affine(program).terms) >= 2
    if build is tournament:
        assert sizes([program], n).depth == 13
    [closed] = closed_form([program], ())
    assert closed.text().startswith("Max(x0, x1, x2, ") and closed.text().count("x") == n + 1


def test_a_deep_program_without_gadgets_is_built_evaluated_and_forgotten():
    program = x
    for k in range(100_000):
        program = relu(program - Fraction(k % 3 - 1, 2))
    assert evaluate([program], [10]) == [max(evaluate([program], [10])[0], 0)]
    del program


@given(programs(), st.data())
@reproducible
def test_program_and_network_agree(program, data):
    outputs, n = program
    network = compile(outputs, n)
    for _ in range(3):
        point = data.draw(points(n))
        assert run_network(network, point) == evaluate(outputs, point)


def calls(outputs):
    return [node for node in topological(outputs) if node.op == "call"]


def test_opened_is_the_body_of_every_gadget():
    program = [maximum(absolute(x - y), z) + 1, clip(minimum(x, y), 0, 1), x]
    found = opened(program)
    assert calls(program) and not calls(found)
    assert opened([maximum(x, y)]) == [y + relu(x - y)]
    assert found[2] is x and opened(found) == found
    for point in ([0, 0, 0], [1, -2, 3], [Fraction(1, 3), 5, -1], [-4, -4, 2]):
        assert evaluate(found, point) == evaluate(program, point)
    assert opened([]) == []


@given(programs(outputs=2), st.data())
@reproducible
def test_opened_has_the_same_values_and_network(program, data):
    outputs, n = program
    wrapped = [maximum(outputs[0], outputs[1]), absolute(outputs[0])]
    found = opened(wrapped)
    assert not calls(found) and opened(outputs) == outputs
    assert compile(found, n) == compile(wrapped, n)
    point = data.draw(points(n))
    assert evaluate(found, point) == evaluate(wrapped, point)
