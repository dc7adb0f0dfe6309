"""Two networks side by side: one network that reads the same inputs and gives the outputs of both, first a's, then b's.

>>> double = Network(1, (), normalise([(0, {0: 2})]))
>>> absolute = Network(1, (normalise([(0, {0: 1}), (0, {0: -1})]),), normalise([(0, {0: 1, 1: 1})]))
>>> both = beside(double, absolute)
>>> both.depth, both("-1/3")
(1, [Fraction(-2, 3), Fraction(1, 3)])
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from relumax.errors import SpecError
from relumax.network.layers import Layer, Network, Row, normalise


def beside(a: Network, b: Network) -> Network:
    """The network x -> (a(x), b(x)), for all real x; raises SpecError if a and b read or give different numbers.

    Layer after layer, the units of a come before those of b, each with its own weights. What the shallower one gives
    is carried through the layers that it lacks (`deepened`), exactly, on all of R^n.
    """
    for what, ours, theirs in (("input", a.inputs, b.inputs), ("output", a.outputs, b.outputs)):
        if ours != theirs:
            said = f"the one network has {ours} {what}{'s' * (ours > 1)}, the other {theirs}"
            raise SpecError(f"{said}: two networks that are equal have as many")
    return _stacked(a, b, 0)


def apart(a: Network, b: Network) -> Network:
    """The network (x, z) -> (a(x), b(z)), for all real x and z: each reads inputs of its own.

    >>> double = Network(1, (), normalise([(0, {0: 2})]))
    >>> apart(double, double)("1/3", 1)
    [Fraction(2, 3), Fraction(2, 1)]
    """
    return _stacked(a, b, a.inputs)


def _stacked(a: Network, b: Network, base: int) -> Network:
    """Both, layer by layer; b reads inputs from the place `base` on."""
    depth = max(a.depth, b.depth)
    left, right = deepened(a, depth), deepened(b, depth)
    inputs, maps = base + b.inputs, []
    for upper, lower in zip(left.maps, right.maps, strict=True):
        maps.append(_joined(upper, lower, base))
        base = len(upper.rows)
    return Network(inputs, tuple(maps[:-1]), maps[-1])


def _joined(ours: Layer, theirs: Layer, base: int) -> Layer:
    """Both maps over one denominator, again in lowest terms; the second one reads from the place `base` on.

    A prime power that divides the common denominator exactly divides one of the two exactly: that map's rows are in
    lowest terms, and are multiplied by what the prime does not divide.
    """
    den = lcm(ours.den, theirs.den)
    rows = [*_scaled(ours, den // ours.den, 0), *_scaled(theirs, den // theirs.den, base)]
    return Layer(den, tuple(rows), (*ours.steps, *(len(ours.rows) + k for k in theirs.steps)))


def _scaled(layer: Layer, times: int, base: int) -> list[Row]:
    if times == 1 and base == 0:
        return list(layer.rows)
    return [(bias * times, tuple([(base + j, c * times) for j, c in terms])) for bias, terms in layer.rows]


def deepened(network: Network, depth: int) -> Network:
    """The same function with more hidden layers, up to `depth`.

    The layers added carry the last hidden units, which are at least 0, so that h = relu(h); or the outputs, where these
    are fewer: y = relu(y) - relu(-y).
    """
    layers, output = list(network.layers), network.output
    if len(layers) < depth and not (layers and len(layers[-1].rows) <= 2 * len(output.rows)):
        split = [(sign * bias, tuple([(j, sign * c) for j, c in row])) for bias, row in output.rows for sign in (1, -1)]
        layers.append(Layer(output.den, tuple(split)))
        output = normalise([(0, {2 * k: 1, 2 * k + 1: -1}) for k in range(len(output.rows))])
    while len(layers) < depth:
        layers.append(Layer(1, tuple((0, ((k, 1),)) for k in range(len(layers[-1].rows)))))
    return Network(network.inputs, tuple(layers), output)


def first_of(both: Network, widths: Sequence[int]) -> Network | None:
    """The first of two networks side by side, which has these hidden widths; None if it reads the other's units."""
    return _part(both, [(0, width) for width in widths], (0, both.outputs // 2))


def second_of(both: Network, widths: Sequence[int]) -> Network | None:
    """The second one, the first having these hidden widths; None if it reads the other's units."""
    places = [(width, whole) for width, whole in zip(widths, both.widths, strict=True)]
    return _part(both, places, (both.outputs // 2, both.outputs))


def _part(both: Network, places: Sequence[tuple[int, int]], outputs: tuple[int, int]) -> Network | None:
    """The network of the units in these places of each layer."""
    read, maps = (0, both.inputs), []
    for layer, (start, end) in zip(both.maps, [*places, outputs], strict=True):
        rows = layer.rows[start:end]
        if any(not read[0] <= j < read[1] for _, terms in rows for j, _ in terms):
            return None
        moved = [
            (Fraction(bias, layer.den), {j - read[0]: Fraction(c, layer.den) for j, c in terms}) for bias, terms in rows
        ]
        maps.append(normalise(moved, [k - start for k in layer.steps if start <= k < end]))
        read = start, end
    return Network(both.inputs, tuple(maps[:-1]), maps[-1])
