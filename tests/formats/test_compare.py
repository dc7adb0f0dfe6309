"""Weights are compared as rationals, and the first difference is named."""

from fractions import Fraction

import pytest

from relumax.errors import FormatError
from relumax.formats.compare import check_same
from relumax.network.layers import Layer, Network, normalise
from tests.formats.examples import DYADIC, MAX2, MAX4, STEP


@pytest.mark.parametrize("name", DYADIC)
def test_a_network_is_itself(name: str) -> None:
    check_same(DYADIC[name], DYADIC[name])


def test_values_count_not_how_they_are_written() -> None:
    doubled = Layer(2, tuple((2 * bias, tuple((j, 2 * c) for j, c in terms)) for bias, terms in MAX2.output.rows))
    check_same(MAX2, MAX2._replace(output=doubled))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (MAX4, "has 2 inputs, the other 4"),
        (Network(2, (), normalise([(0, {0: 1})])), "has 1 hidden layers, the other 0"),
        (STEP, "layer 0 has 3 units in the file, 2 in the other"),
        (MAX2._replace(layers=(MAX2.layers[0]._replace(steps=(1,)),)), "unit 1 is a relu in the file, a step in"),
        (
            MAX2._replace(output=normalise([(0, {0: 1, 1: 1, 2: -2})])),
            r"^W1\[2, 0\] \(layer 1, unit 0, weight on its input 2\) is -1 in the file, -2 in the other",
        ),
        (
            MAX2._replace(output=normalise([(Fraction(1, 3), {0: 1, 1: 1, 2: -1})])),
            r"^b1\[0\] \(layer 1, bias of unit 0\) is 0 in the file, 1/3 in the other",
        ),
    ],
)
def test_the_first_difference_is_named(other: Network, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        check_same(MAX2, other)
