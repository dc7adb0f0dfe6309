"""`relumax eval`: a construction's network, or a file's, at a point, exactly, layer by layer if asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from relumax.commands.chosen import Wanted
from relumax.commands.networks import NetworkFile, alone, network_options, read_network
from relumax.commands.options import json_option, single, sizes_option, variant, which
from relumax.commands.output import number, print_json, vector
from relumax.commands.parameters import RATIONAL_OR_FILE, Several

if TYPE_CHECKING:
    from fractions import Fraction

    from relumax.network.evaluate import Trace
    from relumax.network.layers import Network


def _file_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """What stands before the values and is no number is the network's file."""

    @wraps(function)
    def command(values: tuple[Any, ...], **given: Any) -> Any:
        file, values = (values[0], values[1:]) if isinstance(values[0], str) else (None, values)
        for other in values:
            if isinstance(other, str):
                raise click.UsageError(f"{other} is a file: one network, and then the values")
        return function(values=values, file=file, **given)

    return command


@click.command(
    "eval",
    cls=Several,
    epilog="Examples: relumax eval --fn max 3 -1/2 0.25 --trace;  relumax eval net.json 1 2 3 1/3",
)
@click.argument("values", nargs=-1, required=True, type=RATIONAL_OR_FILE, metavar="[FILE] VALUES...")
@_file_first
@which
@sizes_option("How many inputs to choose from (default: from the number of values).")
@network_options("Evaluate this network file instead of a construction; it may also stand before the values.")
@click.option("--trace", is_flag=True, help="Show each layer, and which units are active.")
@variant
@json_option
def command(
    values: tuple[Fraction, ...],
    wanted: Wanted,
    sizes: tuple[int, int] | None,
    network: NetworkFile | None,
    trace: bool,
    as_json: bool,
) -> None:
    """Evaluate a construction's network, or a file's, at a point, exactly."""
    from relumax.network.evaluate import trace as run

    of, note = _of_file(network, values, wanted, sizes) if network else _of_construction(values, wanted, sizes)
    found = run(of, values)
    if as_json:
        layers = [{"before": [*map(number, one.pre)], "after": [*map(number, one.values)]} for one in found.layers]
        more = {**({"layers": layers} if trace else {}), **({"note": note} if note else {})}
        print_json({"outputs": [*map(number, found.outputs)], **more})
        return
    if note:
        click.echo(f"relumax: {note}", err=True)
    for line in _layers(found) if trace else ():
        click.echo(line)
    for y in found.outputs:
        click.echo(number(y))


def _of_file(
    file: NetworkFile, values: tuple[Fraction, ...], wanted: Wanted, sizes: tuple[int, int] | None
) -> tuple[Network, str]:
    """A file's network, and what was read into the file."""
    alone(wanted, sizes)
    loaded = read_network(file)
    if loaded.network.inputs != len(values):
        raise click.UsageError(f"{file.path} has {loaded.network.inputs} inputs, {len(values)} values were given")
    return loaded.network, "; ".join(loaded.notes)


def _of_construction(
    values: tuple[Fraction, ...], wanted: Wanted, sizes: tuple[int, int] | None
) -> tuple[Network, str]:
    """A construction's network, and what is to be said of the point."""
    chosen = wanted.chosen()
    n = single(sizes) if sizes else chosen.construction.size_for(len(values), chosen.options)
    network, spec = chosen.compiled(n)
    if network.inputs != len(values):
        raise click.UsageError(
            f"{chosen.title} with n = {n} has {network.inputs} inputs, {len(values)} values were given"
        )
    outside = any(values[i] < 0 for i in spec.nonnegative)
    return network, "the theorem is for inputs >= 0 only; nothing is promised at this point" if outside else ""


def _layers(found: Trace) -> Iterator[str]:
    for k, layer in enumerate(found.layers):
        active = [j for j, h in enumerate(layer.values) if h]
        yield f"layer {k + 1}: {len(active)} of {len(layer.values)} units active: {' '.join(map(str, active))}"
        yield f"  before  {vector(layer.pre)}"
        yield f"  after   {vector(layer.values)}"
