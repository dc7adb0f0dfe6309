"""The statement that two networks are equal, or nearly so on a box: what its sentence says."""

from __future__ import annotations

from fractions import Fraction

import pytest

from relumax.errors import SpecError
from relumax.kernel.text import text
from relumax.language.equality import boxed, equality
from relumax.language.spec import array, i, point

HALF = Fraction(1, 2)


def said(*arguments, box=None):
    requires, points = boxed(arguments[0], box) if box else ([], [])
    (sentence,) = text(equality(*arguments[:2], *arguments[2:], requires=requires, points=points).claim())
    return sentence


@pytest.mark.parametrize(
    ("arguments", "box", "sentence"),
    [
        ((1, 1), None, "for all x in R^1: a = b; x <= 0 or 0 <= x, where a is output 0, b is output 1"),
        (
            (2, 3),
            None,
            "for all x in R^2: a[i] = b[i] for each i < 3; (x[i] <= 0 or 0 <= x[i]) for each i < 2, "
            "where a is outputs 0 to 2, b is outputs 3 to 5",
        ),
        (
            (2, 1),
            (Fraction(0), None),
            "for all x in R^2 such that 0 <= x[i] for each i < 2: a = b, where a is output 0, b is output 1",
        ),
        (
            (1, 1, HALF),
            (-HALF, HALF),
            "for all x in R^1 such that 0 <= 2 x + 1 and 2 x <= 1: 2 a <= 2 b + 1; 2 b <= 2 a + 1, "
            "where a is output 0, b is output 1",
        ),
    ],
)
def test_the_sentence(arguments, box, sentence):
    assert said(*arguments, box=box) == sentence


def test_more_may_be_required():
    x = array("x", "in", 3)
    spec = equality(3, 1, requires=[x[0] <= x[1]], points=[point([0, 0, 0])])
    assert "such that x[0] <= x[1]: a = b; (x[i] <= 0 or 0 <= x[i]) for each i < 3" in text(spec.claim())[0]
    spec = equality(3, 1, requires=[x[0] <= x[i]], points=[point([0, 0, 0])])
    assert text(spec.claim())[0].startswith("for all x in R^3 such that x[0] <= x[i] for each i < 3: a = b, where")
    spec = equality(2, 1, requires=[x[0] <= x[1]], points=[point([0, 0])])
    assert text(spec.claim())[0].startswith("for all x in R^2 such that x[0] <= x[1]: a = b, where")


def test_the_point_of_a_box_lies_in_it():
    for low, high in ((-3, -1), (1, 5), (-1, 1), (None, -2), (None, 2), (2, None), (-2, None)):
        _, (shown,) = boxed(2, tuple(None if one is None else Fraction(one) for one in (low, high)))
        x = Fraction(int(shown["inputs"][1]), int(shown["inputs"][0]))
        assert (low is None or low <= x) and (high is None or x <= high)


def test_what_is_no_statement():
    with pytest.raises(SpecError, match=r"within 0 or more of each other, not within -1/2"):
        equality(2, 1, -HALF)
    with pytest.raises(SpecError, match=r"the box \[1/2, 0\] is empty"):
        boxed(2, (HALF, Fraction(0)))


def test_a_remark_ends_with_its_line():
    """What stands below it is promised as well."""
    from relumax.kernel.text import text
    from relumax.language.equality import promised

    said = text(promised(2, 1, "x[0] <= 5 # a remark\n and x[1] <= 3").claim())
    assert said[0].startswith("for all x in R^2 such that x[0] <= 5 and x[1] <= 3: a = b")
