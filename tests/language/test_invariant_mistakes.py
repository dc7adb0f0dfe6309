"""A mistake in an invariant is met where it is written, in one line."""

import pytest

from relumax.errors import ProgramError
from relumax.language.expr import inputs, symbol
from relumax.language.gadget import maximum
from relumax.language.outline import fold

M = symbol("m")


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    ("holds", "message"),
    [
        (lambda lo, v: v <= M, "takes 2 numbers and 1 values"),
        (lambda lo, hi, v, q: v <= q, "takes 2 numbers and 1 values"),
        (lambda lo, hi, v: True, "not True"),
        (lambda lo, hi, v: [True, False], "not \\[True, False\\]"),
        (lambda lo, hi, v: None, "not None"),
        (lambda lo, hi, v: v - 1, "returns conditions"),
        (lambda lo, hi, v: [], "returns conditions"),
        (lambda lo, hi, v: (v <= M, "b"), "returns conditions"),
        (M, "an invariant takes"),
    ],
)
def test_what_an_invariant_is(n, holds, message):
    with pytest.raises(ProgramError, match=message):
        fold(inputs(n), maximum, holds)


def test_the_numbers_of_a_fold_and_leaves_of_mixed_shapes():
    with pytest.raises(ProgramError, match="`at` takes integers"):
        fold(inputs(2), maximum, lambda k, lo, hi, v: v <= M, at=["a"])
    x = inputs(2)
    with pytest.raises(ProgramError, match="leaf 1: an invariant takes 2 numbers and 2 values"):
        fold([x[0], (x[1], x[1])], maximum, lambda lo, hi, v: v <= M)


def test_folds_of_folds_constant_units_and_huge_numbers_are_no_internal_error():
    from relumax import pipeline
    from relumax.language.expr import inputs, symbol
    from relumax.language.gadget import maximum
    from relumax.language.outline import fold
    from relumax.language.spec import max_spec

    best = symbol("m")
    inner = fold(inputs(3), maximum, lambda lo, hi, v: v <= best)
    nested = fold([inner] * 3, maximum, lambda lo, hi, v: v <= best)  # max(m, m) has a unit of the constant 0
    assert pipeline.prove(nested, max_spec(3)).verdict == pipeline.PROVED
    huge = fold(inputs(3), maximum, lambda lo, hi, v: v <= best + 10**5000)
    assert pipeline.prove(huge, max_spec(3)).verdict == pipeline.PROVED
