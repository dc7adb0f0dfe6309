"""The rewriting, on many ways to write the same function; and the identities it rests on, at exact points."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.errors import BudgetExceeded
from relumax.language.expr import Expr, call, const, evaluate, inputs, relu, step
from relumax.simplify.form import ONE, Atom, Form
from relumax.simplify.maxplus import MaxPlus
from tests.simplify.examples import MAXIMA, Binary, carried_excess, chain, excess, points, programs, tournament
from tests.simplify.test_closed import closed

PROPERTY = settings(derandomize=True, deadline=None, max_examples=150, database=None)
SHAPES = {"chain": chain, "tournament": tournament, "excess": excess}


def form_value(form: Form, x: list[Fraction]) -> Fraction:
    """A form at a point, straight from its definition."""
    total = Fraction(0)
    for term, coef in form.items():
        if isinstance(term, Atom):
            values = [form_value(member, x) for member in term.members]
            total += coef * (max(values) if term.kind == "max" else int(values[0] >= 0))
        else:
            total += coef * (1 if term == ONE else x[term])
    return total


@pytest.mark.parametrize("choose", MAXIMA.values(), ids=MAXIMA)
@pytest.mark.parametrize("build", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_every_way_to_write_the_maximum(build: Binary, choose: Binary, n: int) -> None:
    x = inputs(n)
    expected = ", ".join(f"x{i}" for i in range(n))
    assert closed(build(x, choose)) == (f"Max({expected})" if n > 1 else "x0")
    assert closed(-build([-y for y in x], choose)) == (f"Min({expected})" if n > 1 else "x0")


@pytest.mark.parametrize("n", [2, 3, 7, 12])
def test_the_carried_excess_form(n: int) -> None:
    expected = ", ".join(f"x{i}" for i in range(n))
    assert closed(carried_excess(inputs(n))) == f"Max({expected})"
    assert closed(-carried_excess([-y for y in inputs(n)])) == f"Min({expected})"


@PROPERTY
@given(st.data())
def test_any_tree_of_any_comparisons_in_any_order(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 7))
    pool = list(data.draw(st.permutations(inputs(n))))
    while len(pool) > 1:
        a, b = (pool.pop(data.draw(st.integers(0, len(pool) - 1))) for _ in range(2))
        pool.append(data.draw(st.sampled_from(list(MAXIMA.values())))(a, b))
    assert closed(pool[0]) == f"Max({', '.join(f'x{i}' for i in range(n))})"


@PROPERTY
@given(st.data())
def test_forms_and_grouped_forms_equal_the_program(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 4))
    program = data.draw(programs(n, steps=data.draw(st.booleans()), size=20))
    workshop = MaxPlus()
    [form] = workshop.forms([program])
    for _ in range(4):
        x = data.draw(points(n))
        [value] = evaluate([program], x)
        assert form_value(form, x) == value
        assert form_value(workshop.group(form), x) == value


@PROPERTY
@given(st.data())
def test_a_proved_lower_bound_is_one_on_the_promised_inputs(data: st.DataObject) -> None:
    program = data.draw(programs(3, steps=True))
    workshop = MaxPlus([0, 1, 2])
    [form] = workshop.forms([program])
    bound = workshop.lower(form)
    if bound is not None:
        assert evaluate([program], data.draw(points(3, least=0)))[0] >= bound


def test_what_is_computed_twice_in_different_ways_cancels() -> None:
    x = inputs(9)
    difference = tournament(x) - chain(x[::-1], MAXIMA["rescaled"]) + excess(x[3:] + x[:3]) - carried_excess(x)
    assert MaxPlus().forms([difference]) == [{}]


def test_a_call_is_its_body() -> None:
    a, b = inputs(2)
    body = b + relu(a - b)
    assert closed(call("any name", 0, body, [a, b])) == "Max(x0, x1)"


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (lambda a, b: relu(relu(a) + relu(b)), "Max(0, x0) + Max(0, x1)"),
        (lambda a, b: relu(-relu(a) - relu(b)), "0"),
        (lambda a, b: relu(a - MAXIMA["a + relu(b - a)"](a, b)), "0"),
        (lambda a, b: relu(a + 1) - relu(a + 1), "0"),
        (lambda a, b: relu(const("3/2")), "3/2"),
        (lambda a, b: step(relu(a)), "1"),
        (lambda a, b: step(-relu(a) - 1), "0"),
        (lambda a, b: step(3 * a) - step(a), "0"),
        (lambda a, b: chain([a, a + 1, b, a - 1, b - 2]), "Max(x0 + 1, x1)"),
    ],
)
def test_what_has_a_provable_sign_or_a_dominating_member(program: Binary, text: str) -> None:
    expr: Expr = program(*inputs(2))
    assert closed(expr) == text


def test_a_maximum_that_is_one_of_its_members_is_not_taken_apart() -> None:
    """m >= 0 because a step is, so Max(0, m) = m: once remembered as a pair of m itself, and read as 2 m."""
    a, b, _ = inputs(3)
    m = step(a - b) + relu(a - step(a - b))
    assert closed(m + relu(-m)) == "Max(x0, Heaviside(x0 - x1, 1))"


def test_the_budget_ends_the_work() -> None:
    with pytest.raises(BudgetExceeded, match="maxima"):
        MaxPlus(budget=50).forms([tournament(inputs(64))])
