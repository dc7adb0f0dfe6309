"""`relumax show --bits` and `--fixed`: the bits that each layer's weights, sums and values need, as a table or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from relumax.commands.output import print_json
from relumax.commands.ranging import check_range, inputs_in_words

if TYPE_CHECKING:
    from relumax.network.layers import Network
    from relumax.ranges import LayerBits
    from relumax.ranges.bits import Width

USUAL = Fraction(127)


def show_bits(title: str, network: Network, most: Fraction | None, step: Fraction, how: tuple[str, bool]) -> None:
    """Print the table for inputs that are multiples of the step, of absolute value at most `most` (USUAL).

    `how` is "bits" or "fixed", and whether it is to be JSON.
    """
    from relumax.ranges import layer_bits
    from relumax.ranges.bits import input_width

    kind, as_json = how
    most = USUAL if most is None else most
    check_range(most, step)
    layers = layer_bits(network, most, step)
    inputs = input_width(most, step)
    if as_json:
        about: dict[str, Any] = {"input_range": str(most), "step": str(step)}
        print_json(
            {"network": title, **about, "inputs": inputs._asdict(), "bits": [_object(*one) for one in _named(layers)]}
        )
    elif kind == "fixed":
        click.echo("\n".join(_fixed(title, inputs, layers, inputs_in_words(most, step))))
    else:
        click.echo("\n".join(_table(title, layers, most, step)))


def _named(layers: list[LayerBits]) -> Iterator[tuple[str, LayerBits]]:
    for t, one in enumerate(layers):
        yield (str(t) if t < len(layers) - 1 else "output"), one


def _object(layer: str, one: LayerBits) -> dict[str, Any]:
    widths = {"weights": one.weights, "sums": one.sums, "values": one.values}
    return {"layer": layer, "units": one.units, **{key: width._asdict() for key, width in widths.items()}}


def _table(title: str, layers: list[LayerBits], most: Fraction, step: Fraction) -> Iterator[str]:
    yield f"{title}: bits for {inputs_in_words(most, step)}, with the sign; 9.2 is 9 bits, 2 of them after the point"
    yield f"{'layer':<6}  {'units':>6}  {'weights':>8}  {'sums':>8}  {'values':>8}"
    for name, one in _named(layers):
        yield f"{name:<6}  {one.units:>6}  {one.weights!s:>8}  {one.sums!s:>8}  {one.values!s:>8}"


def _fixed(title: str, inputs: Width, layers: list[LayerBits], words: str) -> Iterator[str]:
    """The same as types of C: ap_fixed<W, I> has W bits, I of them before the point."""

    def said(width: Width) -> str:
        return f"ap_fixed<{width.bits}, {width.bits - width.fraction}>"

    yield f"{title}: exact for {words}, whatever is added first"
    yield f"{'layer':<6}  {'units':>6}  {'weights':>16}  {'sums':>16}  {'values':>16}"
    yield f"{'input':<6}  {'':>6}  {'':>16}  {'':>16}  {said(inputs):>16}"
    for name, one in _named(layers):
        yield f"{name:<6}  {one.units:>6}  {said(one.weights):>16}  {said(one.sums):>16}  {said(one.values):>16}"
