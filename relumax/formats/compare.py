"""Whether two networks are the same weights, value by value, and if not, where they first differ."""

from __future__ import annotations

from fractions import Fraction

from relumax.errors import Differs
from relumax.formats.dense import place, shown
from relumax.network.beside import beside, deepened, first_of, second_of
from relumax.network.layers import Layer, Network


def check_same(found: Network, expected: Network) -> None:
    """Raise Differs, naming the place and both values, at the first difference of a file's network from another.

    Compared in order: number of inputs, number of hidden layers, then layer by layer its units, activations, and unit
    by unit the bias and the weights.
    """
    if found.inputs != expected.inputs:
        raise Differs(f"the file's network has {found.inputs} inputs, the other {expected.inputs}")
    if found.depth != expected.depth:
        raise Differs(f"the file's network has {found.depth} hidden layers, the other {expected.depth}")
    for index, (ours, theirs) in enumerate(zip(found.maps, expected.maps, strict=True)):
        _check_layer(index, ours, theirs)


def check_beside(a: Network, b: Network, both: Network) -> None:
    """Raise Differs unless `both` is a and b side by side; the message begins with "first" or "second"."""
    if a.outputs != b.outputs or both.outputs != 2 * a.outputs:
        said = f"it has {both.outputs} output{'s' * (both.outputs > 1)}, these have {a.outputs} and {b.outputs}"
        raise Differs(f"the certificate is not about two such networks side by side: {said}")
    if a.inputs == b.inputs and beside(a, b) == both:
        return
    if a.inputs == b.inputs and beside(b, a) == both:
        raise Differs("the certificate has these two networks the other way round: give --network in that order")
    if max(a.depth, b.depth) == both.depth:
        widths = deepened(a, both.depth).widths
        if all(ours < theirs for ours, theirs in zip(widths, both.widths, strict=True)):
            for word, one, part in (("first", a, first_of(both, widths)), ("second", b, second_of(both, widths))):
                if part is not None:
                    try:
                        check_same(deepened(one, both.depth), part)
                    except Differs as problem:
                        raise Differs(f"the {word} network is another: {problem}") from None
    shapes = " and ".join(" ".join(map(str, (one.inputs, *one.widths, one.outputs))) for one in (a, b))
    raise Differs(f"the certificate is about other networks: layers of {shapes} are not what it has side by side")


def _check_layer(index: int, found: Layer, expected: Layer) -> None:
    if len(found.rows) != len(expected.rows):
        raise Differs(f"layer {index} has {len(found.rows)} units in the file, {len(expected.rows)} in the other")
    for unit in sorted({*found.steps} ^ {*expected.steps}):
        ours, theirs = ("step", "relu") if unit in found.steps else ("relu", "step")
        raise Differs(f"layer {index}, unit {unit} is a {ours} in the file, a {theirs} in the other")
    for unit in range(len(found.rows)):
        _check_unit(index, unit, found, expected)


def _check_unit(index: int, unit: int, found: Layer, expected: Layer) -> None:
    ours, theirs = _weights(found, unit), _weights(expected, unit)
    if ours == theirs:
        return
    for source in (None, *sorted(key for key in ours.keys() | theirs.keys() if key is not None)):
        here, there = ours.get(source, Fraction(0)), theirs.get(source, Fraction(0))
        if here != there:
            raise Differs(f"{place(index, unit, source)} is {shown(here)} in the file, {shown(there)} in the other")


def _weights(layer: Layer, unit: int) -> dict[int | None, Fraction]:
    """A unit's bias (under None) and its nonzero weights (under their sources)."""
    bias, terms = layer.rows[unit]
    return {None: Fraction(bias, layer.den), **{source: Fraction(c, layer.den) for source, c in terms}}
