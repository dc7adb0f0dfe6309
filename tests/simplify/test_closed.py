"""Closed forms end to end: the texts that are wanted, and that what is printed is what the program computes."""

from __future__ import annotations

import random
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.errors import BudgetExceeded
from relumax.language.expr import Expr, const, evaluate, inputs, relu, step
from relumax.simplify import ClosedForm, closed_form
from tests.simplify.examples import (
    all_inputs,
    carried_excess,
    chain,
    essay,
    excess,
    maximum,
    minimum,
    points,
    programs,
    tournament,
    value,
)

PROPERTY = settings(derandomize=True, deadline=None, max_examples=300, database=None)


def closed(program: Expr, nonnegative: tuple[int, ...] = ()) -> str:
    [form] = closed_form([program], nonnegative)
    return form.text()


x = inputs(8)
top = tournament(x)
m13, m23, m14, m24 = (maximum(x[i - 1], x[j - 1]) for i, j in ((1, 3), (2, 3), (1, 4), (2, 4)))
WANTED = {
    "Max(x0, x1, x2, x3, x4, x5, x6, x7) - x3": top - x[3],
    "Max(0, x3 + 1 - Max(x0, x1, x2, x3, x4, x5, x6, x7))": relu(1 - (top - x[3])),
    "Min(Max(x0, x1), x2)": minimum(maximum(x[0], x[1]), x[2]),
    "Max(Min(x0, x1), Min(x2, x3))": maximum(minimum(x[0], x[1]), minimum(x[2], x[3])),
    "Max(Min(x0, Max(x1, x2)), x3)": maximum(minimum(x[0], maximum(x[1], x[2])), x[3]),
    "Min(Max(x0, x1), Max(x2, x3), Max(x4, x5), x6)": chain(
        [maximum(x[0], x[1]), maximum(x[2], x[3]), maximum(x[4], x[5]), x[6]], minimum
    ),
    "Max(Min(Max(x0, x1), Max(x2, x3)), Min(Max(x4, x5), Max(x6, x7)))": maximum(
        minimum(maximum(x[0], x[1]), maximum(x[2], x[3])), minimum(maximum(x[4], x[5]), maximum(x[6], x[7]))
    ),
    "x0 + Max(x1, x2) - Min(x3, 1/2)": x[0] + maximum(x[1], x[2]) - minimum(x[3], const("1/2")),
    "Max(-x0, x0)": relu(x[0]) + relu(-x[0]),
    "Min(Max(x0, -1), 1)": minimum(maximum(x[0], const(-1)), const(1)),
    "Max(0, Min(x0, 1))": relu(x[0]) - relu(x[0] - 1),
    "Max(x0/2, x1/3)": maximum(x[0] / 2, x[1] / 3),
    "3*Max(x0, x1)/2": tournament([3 * x[0] / 2, 3 * x[1] / 2]),
    "2*Heaviside(x0 - 3*x1, 1) - 1": 2 * step(x[0] - 3 * x[1]) - 1,
    "Piecewise((1, x0 >= x1 & x0 >= x2), (0, True))": step(step(x[0] - x[1]) + step(x[0] - x[2]) - 2),
    "0": x[0] - x[0],
    "-x0 - 1": -x[0] - 1,
}


@pytest.mark.parametrize("text", WANTED)
def test_readable(text: str) -> None:
    assert closed(WANTED[text]) == text


def test_a_formula_that_only_its_regions_explain() -> None:
    """FACTS, section 2: the maximum of five in two hidden layers, by eight absolute values."""

    def m(i: int, j: int) -> Expr:
        return maximum(x[i - 1], x[j - 1])

    def distance(t: Expr) -> Expr:
        return relu(t) + relu(-t)

    m12, m34 = m(1, 2), m(3, 4)
    five = (m12 + m34) / 2 + distance(m(1, 5) + m(2, 5) - m34 - x[4]) / 2
    five = five + (distance(2 * m12 - m(3, 5) - m(4, 5)) - distance(2 * m12 - m34 - m(4, 5))) / 4
    five = five - distance(2 * m12 - m34 - m(3, 5)) / 4 - distance(x[0] + x[1] - m34 - x[4]) / 2
    five = five + (distance(m12 + x[1] - m(2, 5) - m34) + distance(m12 + x[0] - m(1, 5) - m34)) / 2
    assert closed(five) == f"Max({all_inputs(5)})"
    assert closed(five + relu(m12 - 1) / 100) != f"Max({all_inputs(5)})"


def test_promised_inputs() -> None:
    essays = tournament(x, essay)
    assert closed(essays, tuple(range(8))) == f"Max({all_inputs(8)}) for x >= 0"
    assert closed(essays, (1, 2, 3)) != f"Max({all_inputs(8)})"
    assert closed(essay(x[0], x[1])) == "Max(0, x0, x0 - x1, x1)"
    assert closed(relu(x[1]) + x[0], (1,)) == "x0 + x1 for x1 >= 0"
    assert closed(top, tuple(range(8))) == f"Max({all_inputs(8)})", "the promise was not needed"


@PROPERTY
@given(st.data())
def test_the_closed_form_equals_the_program(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 4))
    program = data.draw(programs(n, steps=data.draw(st.booleans()), size=data.draw(st.sampled_from([5, 12, 24]))))
    nonnegative = data.draw(st.sampled_from([(), (0,), tuple(range(n))]))
    [form] = closed_form([program], nonnegative)
    for _ in range(5):
        point = [abs(q) if i in nonnegative else q for i, q in enumerate(data.draw(points(n)))]
        if form.kind != "none":
            assert value(form, point) == evaluate([program], point)[0]


@settings(PROPERTY, max_examples=60)
@given(st.data())
def test_sympy_agrees(data: st.DataObject) -> None:
    import sympy

    program = data.draw(programs(3, steps=data.draw(st.booleans()), size=8))
    [form] = closed_form([program])
    for _ in range(2):
        point = data.draw(points(3))
        substituted = form.sympy().subs({f"x{i}": sympy.Rational(str(q)) for i, q in enumerate(point)})
        assert Fraction(str(substituted)) == evaluate([program], point)[0]


@pytest.mark.parametrize("position", range(7))
@pytest.mark.parametrize("change", ["outside", "inside", "bias", "sign"])
def test_one_changed_coefficient_shows(position: int, change: str) -> None:
    count = -1

    def choose(a: Expr, b: Expr) -> Expr:
        nonlocal count
        count += 1
        if count != position:
            return maximum(a, b)
        slightly = Fraction(1000, 999)
        return {
            "outside": b + slightly * relu(a - b),
            "inside": b + relu(a - slightly * b),
            "bias": b + relu(a - b - Fraction(1, 1000)),
            "sign": b - relu(a - b),
        }[change]

    program = tournament(x, choose)
    [form] = closed_form([program])
    assert count == 6
    assert form.text() != f"Max({all_inputs(8)})"
    if form.kind != "none":
        rng = random.Random(position)
        for _ in range(20):
            point = [Fraction(rng.randint(-3, 3), rng.choice([1, 2, 1000])) for _ in range(8)]
            assert value(form, point) == evaluate([program], point)[0]


@pytest.mark.parametrize(
    ("build", "n"),
    [(tournament, 4096), (tournament, 5000), (chain, 1024), (chain, 5000), (excess, 512), (carried_excess, 256)],
    ids=lambda part: getattr(part, "__name__", str(part)),
)
def test_large(build: type[Expr], n: int) -> None:
    program: Expr = build(inputs(n))
    assert closed(program) == f"Max({all_inputs(n)})"


@pytest.mark.parametrize("n", [64, 1024])
def test_large_sympy_prints_in_order(n: int) -> None:
    import sympy

    [form] = closed_form([tournament(inputs(n))])
    symbols = sympy.symbols(f"x0:{n}")
    assert str(form.sympy()) == form.text() == f"Max({all_inputs(n)})"
    assert form.sympy() == sympy.Max(*symbols, evaluate=False)
    assert sympy.latex(form.sympy()) == form.latex()


def test_an_honest_message() -> None:
    rng = random.Random(0)
    layer = inputs(6)
    for _ in range(3):
        layer = [relu(sum((rng.randint(-3, 3) * y for y in layer), const(1))) for _ in range(12)]
    [form] = closed_form([sum(layer, const(0))])
    assert form.kind == "none"
    assert form.text().startswith("no neat closed form: ")
    with pytest.raises(BudgetExceeded, match="no neat closed form"):
        form.sympy()
    assert form.latex() == rf"\text{{{form.text()}}}"


def test_deep_nesting_is_refused_not_recursed_into() -> None:
    a, b = inputs(2)
    program = a
    for k in range(3000):
        program = relu(b - relu(program - k) - relu(a + k)) - 2 * relu(program)
    assert isinstance(closed_form([program])[0], ClosedForm)


def test_several_outputs_share_the_work() -> None:
    slacks = closed_form([top - y for y in x])
    assert [form.text() for form in slacks] == [f"Max({all_inputs(8)}) - x{i}" for i in range(8)]


def test_neither_sympy_nor_z3_is_imported_for_a_neat_form() -> None:
    code = (
        "import sys; from relumax.language.expr import inputs, relu; from relumax.simplify import closed_form;"
        "a, b = inputs(2); print(closed_form([b + relu(a - b)])[0].text());"
        "print([m for m in ('sympy', 'z3', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "Max(x0, x1)\n[]\n"
