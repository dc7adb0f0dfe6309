"""Points that meet what a statement requires: found cheaply, or by z3; each index at both its ends."""

from __future__ import annotations

from fractions import Fraction

import pytest

from relumax import inputs, maximum, prove, theorem
from relumax.engines import points as module
from relumax.engines.points import pointed
from relumax.errors import SpecError
from relumax.kernel.text import text
from relumax.language.spec import Spec, array, max_nonnegative_spec, statement


def shown(words):
    """The points of the one statement, as (inputs, index)."""
    [found] = pointed(theorem(words)).points()
    numbers = [[int(x) for x in one["inputs"]] for one in found]
    return [([Fraction(x, den) for x in rest], one["index"]) for (den, *rest), one in zip(numbers, found, strict=True)]


def test_what_needs_none_gets_none():
    spec = theorem("for all x in R^2: y = max(x)")
    assert pointed(spec) is spec and spec.points() == [[]]


@pytest.mark.parametrize(
    "promise",
    [
        "x[0] = 17/3 and x[1] < 2/7",
        "0 <= x[i] for each i < 2",
        "max(x) = 12345 and min(x) = -1/7",
        "(x[0] < -100 or x[0] > 1000) and x[1] = 3 x[0]",
        "relu(x[0] - 5) = 2 and step(x[1]) = 0",
        "|x[0] - x[1]| < 1/1000 and 1/3 <= x[0] <= 1/2",
    ],
)
def test_one_point_is_found_and_the_kernel_agrees(promise):
    assert len(shown(f"for all x in R^2 such that {promise}: y = max(x)")) == 1
    assert prove(maximum(*inputs(2)), f"for all x in R^2 such that {promise}: y = max(x)").verdict == "proved"


@pytest.mark.parametrize(
    "says",
    [
        "",
        " (the last of the largest)",
        " (every other below it)",
        " (every other at least 5/3 below it)",
        " (every other equal to it or at least 2 below it)",
    ],
)
def test_each_index_is_seen_at_both_ends(says):
    words = f"for all x in R^5 and every index w < 5, v < 3 such that x[w] is the winner of x{says}: y = x[w]"
    found = shown(words)
    assert {at[0] for _, at in found} >= {0, 4} and {at[1] for _, at in found} >= {0, 2}
    for numbers, at in found:
        assert numbers[at[0]] == max(numbers)


def test_points_lie_on_the_lattice():
    words = "for all x in R^4 and every index w < 4 such that all x[i] are integer multiples of 2/3 and "
    for numbers, _ in shown(words + "x[w] is the winner of x: y = x[w]"):
        assert all((x / Fraction(2, 3)).denominator == 1 for x in numbers)


def test_where_none_is_found_one_is_asked_for():
    """z3 knows nothing of lattices."""
    words = "for all x in R^2 and every index w < 2 such that (all x[i] are integer multiples of 7 and x[w] is the "
    words += "winner of x) and x[0] + x[1] = 700 and x[0] >= 200 and x[1] >= 200: y = x[w]"
    with pytest.raises(SpecError, match=r"no point with w = [01] was found that meets what is required \(a statement"):
        pointed(theorem(words))


def test_specs_of_ones_own_need_no_points_either():
    x, y = array("x", "in", 2), array("y", "out")
    spec = Spec([x, y], [statement([y[0] >= x[0]], [x[0] >= x[1]]), statement([y[0] >= x[1]])])
    verdict = prove(maximum(*inputs(2)), spec)
    assert verdict.verdict == "proved" and spec.points() == [[], []]
    own = max_nonnegative_spec(3)
    assert pointed(own) is own  # what is there is kept


def test_the_requirements_that_contradict_each_other_are_few(monkeypatch):
    many = " and ".join(f"x[0] <= {k}" for k in range(2, 9))
    with pytest.raises(SpecError, match=r"no input meets the promise: x <= 2 and 3 <= x contradict each other"):
        pointed(theorem(f"for all x in R such that {many} and x[0] >= 3: y = x"))
    monkeypatch.setattr(module, "FEW", 1)
    with pytest.raises(SpecError, match="and 2 more contradict each other"):
        pointed(theorem(f"for all x in R such that {many} and x[0] >= 9: y = x"))


def test_the_sentence_stays_as_it_was():
    spec = theorem("for all x in [3, 4]^2: y = max(x)")
    assert text(pointed(spec).claim()) == text(spec.claim()) and pointed(spec).words == spec.words
