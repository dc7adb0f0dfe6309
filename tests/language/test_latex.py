"""Programs as LaTeX, as they were written."""

from __future__ import annotations

from collections import namedtuple

import pytest

from relumax.language.expr import Expr, call, inputs, relu, step
from relumax.language.latex import latex_of
from tests.simplify.examples import chain, excess, tournament

a, b = inputs(2)
Named = namedtuple("Named", "name")


@pytest.mark.parametrize(
    ("program", "latex"),
    [
        (b + relu(a - b), r"x_{1} + \operatorname{relu}\left(x_{0} - x_{1}\right)"),
        (-(a + b) / 2 - 1, r"-\frac{1}{2} \left(x_{0} + x_{1}\right) - 1"),
        (-a, "-x_{0}"),
        (-(a - b), r"-\left(x_{0} - x_{1}\right)"),
        (3 * step(a), r"3 \theta\left(x_{0}\right)"),
        (call(Named("max_2"), 0, b + relu(a - b), [a, b]), r"\operatorname{max\_2}\left(x_{0}, x_{1}\right)"),
    ],
)
def test_as_written(program: Expr, latex: str) -> None:
    assert latex_of(program) == latex
    assert program._repr_latex_() == f"${latex}$"


@pytest.mark.parametrize("program", [chain(inputs(5000)), tournament(inputs(5000)), excess(inputs(40))])
def test_long_programs_are_cut_and_say_so(program: Expr) -> None:
    latex = latex_of(program)
    assert r"\ldots" in latex
    assert latex.endswith(r"nodes in all)}")
    assert latex.count(r"\left(") == latex.count(r"\right)")
    assert len(latex) < 10_000
