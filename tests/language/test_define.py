"""Programs as definitions of a statement: the definitions have the program's values, and nothing is defined twice."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relumax.errors import ProgramError
from relumax.language.define import Definitions
from relumax.language.expr import const, evaluate, inputs, relu, step, substitute
from relumax.language.spec import Spec, array, i, number, statement
from relumax.pipeline import prove
from tests.strategies import points, programs, reproducible


def valued(form, values):
    """The value of `[den, const, c, reference, ...]`."""
    den, shift, *rest = form
    return (
        Fraction(number(shift) + sum(number(c) * values[r] for c, r in zip(rest[::2], rest[1::2], strict=True))) / den
    )


def values_of(made, values):
    """All defined values, in the order of the definitions."""
    found = dict(values)
    for one in made:
        match one["kind"]:
            case "relu":
                found[one["name"]] = max(valued(one["form"], found), Fraction(0))
            case "step":
                found[one["name"]] = Fraction(valued(one["form"], found) >= 0)
            case "form":
                found[one["name"]] = valued(one["form"], found)
            case "list":
                found |= {f"{one['name']}[{i}]": valued(form, found) for i, form in enumerate(one["forms"])}
    return found


def test_a_program_without_units_is_a_form():
    a, b = inputs(2)
    said = Definitions({a: "x[0]", b: "x[1]"})
    assert said.form(a / 2 - b / 3 + 1) == [6, 6, 3, "x[0]", -2, "x[1]"]
    assert said.form(const(Fraction(1, 3))) == [3, 1]
    assert said.form(a - a) == [1, 0]
    assert said.made == []


def test_every_unit_is_defined_once_and_before_it_is_used():
    a, b = inputs(2)
    said = Definitions({a: "x[0]", b: "x[1]"})
    inner = relu(a - b)
    assert said.form(step(inner - 1) + 2 * inner) == [1, 0, 2, "r0", 1, "r1"]
    assert said.form(relu((a + 1) - (b + 1)) + relu(inner)) == [1, 0, 1, "r0", 1, "r2"]  # the same unit as r0
    said.array("s", [inner, a])
    said.scalar("v", -inner)
    assert [(one["name"], one["kind"]) for one in said.made] == [
        *[("r0", "relu"), ("r1", "step"), ("r2", "relu")],
        *[("s", "list"), ("v", "form")],
    ]
    assert said.made[1]["form"] == [1, -1, 1, "r0"] and said.made[3]["forms"] == [[1, 0, 1, "r0"], [1, 0, 1, "x[0]"]]


def test_units_written_differently_are_one_and_their_coefficients_add_up():
    a, b = inputs(2)
    said = Definitions({a: "x[0]", b: "x[1]"})
    one, same = relu(a - b), relu((a + 1) - (b + 1))
    assert one is not same
    assert said.form(2 * one + 3 * same) == [1, 0, 5, "r0"]
    assert said.form(one - same + a) == [1, 0, 1, "x[0]"]
    assert said.form(relu(one - same + a)) == [1, 0, 1, "r1"] and said.made[1]["form"] == [1, 0, 1, "x[0]"]


def test_a_relu_and_a_step_of_the_same_form_are_two():
    [a] = inputs(1)
    said = Definitions({a: "x"})
    assert said.form(relu(a) + step(a)) == [1, 0, 1, "r0", 1, "r1"]
    assert [one["kind"] for one in said.made] == ["relu", "step"]


def test_names_can_be_elements_at_an_index_and_be_added_later():
    a, b = inputs(2)
    said = Definitions({a: "c[w]"})
    with pytest.raises(ProgramError, match="reads x1, which is not among its inputs"):
        said.form(relu(a - b))
    said.names[b] = "d[w]"
    assert said.form(relu(a - b)) == [1, 0, 1, "r0"] and said.made[0]["form"] == [1, 0, 1, "c[w]", -1, "d[w]"]


def test_large_numbers_are_written_as_text():
    [a] = inputs(1)
    assert Definitions({a: "x"}).form((1 << 60) * a + 1) == [1, 1, str(1 << 60), "x"]


@given(programs(outputs=2), st.data())
@reproducible
def test_the_definitions_have_the_programs_values(program, data):
    outputs, n = program
    said = Definitions({one: f"x[{i}]" for i, one in enumerate(inputs(n))})
    said.array("s", outputs)
    said.scalar("v", outputs[1])
    names = [one["name"] for one in said.made]
    assert len(names) == len(set(names))
    units = [(one["kind"], *one["form"]) for one in said.made if one["kind"] in ("relu", "step")]
    assert len(units) == len(set(units))
    for _ in range(3):
        point = data.draw(points(n))
        found = values_of(said.made, {f"x[{i}]": value for i, value in enumerate(point)})
        assert [found["s[0]"], found["s[1]"]] == evaluate(outputs, point) and found["v"] == found["s[1]"]


@given(programs(max_inputs=2, max_nodes=4))
@reproducible
def test_the_kernel_reads_them(program):
    outputs, n = program
    x, y = array("x", "in", n), array("y", "out")
    s, t = array("s", "defined", len(outputs)), array("t", "defined", n)
    spec = Spec([x, y], [statement([y[0] == s[0], t[i] == x[i]], define={s: substitute(outputs, list(x)), t: list(x)})])
    assert prove(outputs, spec, timeout=20).verdict == "proved"
