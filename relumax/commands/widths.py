"""`relumax show --bits`: how many bits each layer's weights, sums and values need, as a table or as JSON."""

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

USUAL = Fraction(127)


def show_bits(title: str, network: Network, most: Fraction | None, step: Fraction, as_json: bool) -> None:
    """Print the table for inputs that are multiples of the step, of absolute value at most `most` (USUAL)."""
    from relumax.ranges import layer_bits

    most = USUAL if most is None else most
    check_range(most, step)
    layers = layer_bits(network, most, step)
    if as_json:
        about: dict[str, Any] = {"input_range": str(most), "step": str(step)}
        print_json({"network": title, **about, "bits": [_object(*one) for one in _named(layers)]})
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
