"""The bits each layer needs: enough for every corner, and where it can be counted by hand, not one too many."""

from __future__ import annotations

from fractions import Fraction

import pytest

from relumax.errors import FormatError
from relumax.network.layers import Network, normalise
from relumax.ranges import layer_bits
from tests.ranges.arithmetic import corners, network_of

WHICH = [("max", "tournament", 8), ("argmax", "index", 5), ("max", "shallow", 5), ("select", "gate", 2)]


def fits(value: Fraction, bits: int, fraction: int) -> bool:
    scaled = value * 2**fraction
    return scaled.denominator == 1 and abs(scaled) < 2 ** (bits - 1)


@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("step", [Fraction(1), Fraction(1, 4)])
def test_everything_fits(which: tuple[str, str, int], step: Fraction) -> None:
    network, most = network_of(*which), Fraction(100)
    layers = layer_bits(network, most, step)
    for x in corners(network.inputs, most, step, 60, 8):
        h = list(x)
        for layer, need in zip(network.maps, layers, strict=True):
            sums = []
            for bias, terms in layer.rows:
                parts = [Fraction(bias, layer.den), *(Fraction(c, layer.den) * h[j] for j, c in terms)]
                assert all(fits(Fraction(c, layer.den), *need.weights) for c in (bias, *(c for _, c in terms)))
                up, down = sum(p for p in parts if p > 0), sum(p for p in parts if p < 0)
                assert all(fits(part, *need.sums) for part in (*parts, Fraction(up), Fraction(down)))
                sums.append(sum(parts))
            h = [Fraction(s >= 0) if k in layer.steps else max(s, Fraction(0)) for k, s in enumerate(sums)]
            assert all(fits(value, *need.values) for value in (h if layer is not network.output else sums))


def test_by_hand() -> None:
    """relu(3 x / 4 - 1) for |x| <= 10: sums to -8.5, a unit to 6.5; 2 y + 100."""
    network = Network(1, (normalise([(-1, {0: Fraction(3, 4)})]),), normalise([(100, {0: 2})]))
    first, last = layer_bits(network, Fraction(10))
    assert [str(one) for one in (first.weights, first.sums, first.values)] == ["4.2", "7.2", "6.2"]
    assert [str(one) for one in (last.weights, last.sums, last.values)] == ["8", "9.1", "9.1"]
    assert [one.units for one in (first, last)] == [1, 1]


def test_what_has_no_bits() -> None:
    third = Network(1, (), normalise([(0, {0: Fraction(1, 3)})]))
    with pytest.raises(FormatError, match="the output map has weights that are no binary fractions"):
        layer_bits(third, Fraction(1))
    with pytest.raises(FormatError, match="no binary fraction"):
        layer_bits(network_of("max", "tournament", 2), Fraction(1), Fraction(1, 3))
