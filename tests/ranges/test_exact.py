"""The ranges: as large as was measured in runtimes, within a factor of two, and no error anywhere inside them."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy
import pytest

from relumax.errors import FormatError
from relumax.network.layers import Layer, Network, normalise
from relumax.ranges import ARITHMETICS, NAMES, exact_ranges
from tests.ranges.arithmetic import corners, network_of, rounded, run

MEASURED = {  # the largest powers of two without a failure in real runtimes: float32, bfloat16, computed float16
    ("max", "tournament", 8): (22, 7, 10),
    ("max", "tournament", 16): (22, 7, 10),
    ("argmax", "index", 8): (19, 4, 7),
    ("argmax", "onehot", 4): (23, 7, 10),
    ("select", "gate", 4): (19, 3, 6),
    ("max", "shallow", 5): (21, 5, 8),
}
OTHERS = [
    ("max", "chain", 5),
    ("min", "tournament", 7),
    ("argmax", "slack", 5),
    ("argmax", "step", 4),
    ("argmin", "index", 3),
]
FLOATS = [one for one in ARITHMETICS if one.total and not one.stored]


@pytest.mark.parametrize("which", MEASURED)
def test_at_least_half_of_what_was_measured(which):
    most = exact_ranges(network_of(*which)).most
    for name, power in zip(("float32", "bfloat16", "float16"), MEASURED[which], strict=True):
        assert most[name] >= 2 ** (power - 1), name
        if which[1] != "gate":  # of which fractions of payloads were measured
            assert most[name] < 2 ** (power + 1), name  # where there were failures


@pytest.mark.parametrize("which", [*MEASURED, *OTHERS])
@pytest.mark.parametrize("step", [Fraction(1), Fraction(1, 4), Fraction(8)])
def test_no_error_inside_in_any_order(which, step):
    network, order = network_of(*which), random.Random(1)
    found = exact_ranges(network, step)
    for one in FLOATS:
        most = found.most[one.name]
        assert most % step == 0
        for x in corners(network.inputs, most, step, 20, 2) if most else ():
            exact = network(x)
            assert run(network, x, one.operand, one.total) == exact
            assert run(network, x, one.operand, one.total, order) == exact


def test_beyond_there_are_errors():
    """The oracle can see them: four times as far, some sum is rounded."""
    for which in MEASURED:
        network = network_of(*which)
        most = exact_ranges(network).most["float16"]
        points = corners(network.inputs, 8 * most, 1, 2000, 3)
        assert any(run(network, x, 11, 11) != network(x) for x in points), which


def test_rounding_as_numpy_does():
    for value in [1, Fraction(1, 3), 2049, 2051, 4097, Fraction(-7, 5), 65519, Fraction(1, 1000)]:
        assert rounded(value, 11) == Fraction(float(numpy.float16(float(value))))
        assert rounded(value, 24) == Fraction(float(numpy.float32(float(value))))


@pytest.mark.parametrize("which", [*MEASURED, *OTHERS])
def test_integers_stay_inside_their_width(which):
    network = network_of(*which)
    for one in ARITHMETICS[-4:]:
        most = exact_ranges(network).most[one.name]
        assert (most is None) == (which[1] == "shallow")  # its weights are quarters
        top = 2 ** (one.bits - 1)
        for x in corners(network.inputs, most, 1, 40, 4) if most else ():
            h = x
            for layer in network.maps:
                for bias, terms in layer.rows:
                    parts = [bias, *(c * h[j] for j, c in terms)]
                    assert sum(part for part in parts if part > 0) < top
                    assert sum(part for part in parts if part < 0) >= -top
                h = layer.activate(layer.affine(h, 1)[0], 1)


def test_one_unit_by_hand():
    """relu(3 x - 1): partial sums are 3 B + 1 at most, a unit (of 11 bits in tf32) and an output 3 B."""
    network = Network(1, (normalise([(-1, {0: 3})]),), normalise([(0, {0: 1})]))
    most = exact_ranges(network).most
    assert (most["float16"], most["bfloat16"]) == ((2048 - 1) // 3, (256 - 1) // 3)
    assert most["tf32"] == 2048 // 3 and most["int8"] == (127 - 1) // 3
    assert most["float16 in float32"] == 65504 // 3


def test_values_that_are_subnormal_or_overflow_are_not_exact():
    small = Network(1, (), normalise([(0, {0: Fraction(1, 2**14)})]))
    assert exact_ranges(small).most["float16"] == 2048 and exact_ranges(small, Fraction(1, 2)).most["float16"] == 0
    assert exact_ranges(Network(1, (), normalise([(0, {0: Fraction(1, 2**15)})]))).most["float16"] is None
    large = Network(1, (), normalise([(0, {0: 2**10})]))
    assert exact_ranges(large).most["float16"] == 63  # 65536 overflows
    assert exact_ranges(large).most["bfloat16"] == 256


def test_integer_types_hold_no_fractions():
    """An int8 is never 1/2: with such a step there are no inputs; multiples of 4 are integers."""
    network = network_of("argmax", "index", 4)
    integers, halves, fours = (exact_ranges(network, step).most for step in (Fraction(1), Fraction(1, 2), Fraction(4)))
    assert {halves[name] for name in NAMES if name.startswith("int")} == {0} and halves["float32"] > 0
    assert fours["int16"] % 4 == 0 and 0 <= integers["int16"] - fours["int16"] < 4


def test_weights_that_are_not_exact_have_no_range():
    third = Network(1, (), Layer(3, ((0, ((0, 1),)),)))
    found = exact_ranges(third)
    assert found.most == dict.fromkeys(NAMES) and found.certificate == {}
    nine_bits = Network(1, (), normalise([(0, {0: 257})]))
    assert exact_ranges(nine_bits).most["bfloat16"] is None and exact_ranges(nine_bits).most["int8"] is None
    assert exact_ranges(nine_bits).most["tf32"] == 2048


@pytest.mark.parametrize("step, said", [(Fraction(0), "positive"), (Fraction(-1), "positive"), (Fraction(1, 3), "1/3")])
def test_bad_steps(step, said):
    with pytest.raises(FormatError, match=said):
        exact_ranges(network_of("max", "tournament", 2), step)


def test_large_networks_have_none():
    wide = Network(1, (normalise([(0, {0: 1})] * 10_001),), normalise([(0, {0: 1})]))
    assert exact_ranges(wide) is None
