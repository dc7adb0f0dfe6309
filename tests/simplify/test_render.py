"""Text, LaTeX and sympy say the same, in the same order."""

from __future__ import annotations

import pytest

from relumax.language.expr import Expr, const, inputs, relu, step
from relumax.simplify import closed_form
from tests.simplify.examples import maximum, minimum

a, b, c = inputs(3)


@pytest.mark.parametrize(
    ("program", "text", "latex"),
    [
        (const(0), "0", "0"),
        (const("-3/2"), "-3/2", r"-\frac{3}{2}"),
        (a / 2 - 3 * b / 4 + 1, "x0/2 + 1 - 3*x1/4", r"\frac{1}{2} x_{0} + 1 - \frac{3}{4} x_{1}"),
        (-2 * maximum(a, b), "-2*Max(x0, x1)", r"-2 \max\left(x_{0}, x_{1}\right)"),
        (minimum(a, const(2)) / 3, "Min(x0, 2)/3", r"\frac{1}{3} \min\left(x_{0}, 2\right)"),
        (step(a - 1), "Heaviside(x0 - 1, 1)", r"\theta\left(x_{0} - 1\right)"),
        (
            step(step(a) + step(b) - 2),
            "Piecewise((1, x0 >= 0 & x1 >= 0), (0, True))",
            r"\begin{cases} 1 & \text{for}\: x_{0} \geq 0 \wedge x_{1} \geq 0 \\ 0 & \text{otherwise} \end{cases}",
        ),
    ],
)
def test_text_and_latex(program: Expr, text: str, latex: str) -> None:
    [form] = closed_form([program])
    assert form.text() == text
    assert form.latex() == latex
    assert form._repr_latex_() == f"${latex}$"


def test_a_promise_is_part_of_what_is_printed() -> None:
    [form] = closed_form([relu(relu(a - b) + relu(b))], [0, 1])
    assert form.latex() == r"\max\left(x_{0}, x_{1}\right) \quad \text{for } x \geq 0"
    assert repr(form) == "<closed form, max-plus: Max(x0, x1) for x >= 0>"


def test_sympy_objects_are_what_sympy_itself_makes() -> None:
    import sympy

    x0, x1, x2 = sympy.symbols("x0:3")
    [first, second, third, fourth] = closed_form(
        [maximum(a, b), minimum(maximum(a, b), c) - a, step(a - b) / 2, step(step(a) + step(b) - 2)]
    )
    assert first.sympy() == sympy.Max(x0, x1)
    assert second.sympy() == sympy.Min(sympy.Max(x0, x1), x2) - x0
    assert third.sympy() == sympy.Heaviside(x0 - x1, 1) / 2
    assert fourth.sympy() == sympy.Piecewise((1, (x0 >= 0) & (x1 >= 0)), (0, True))
    assert first.sympy().subs({x0: 3, x1: 5}) == 5
