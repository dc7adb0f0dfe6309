"""`relumax export`: the weights of a construction's network as a file."""

from __future__ import annotations

import click

from relumax.commands.chosen import Wanted
from relumax.commands.files import check_writable, write
from relumax.commands.options import single, sizes_option, variant, which
from relumax.words import DTYPES, FORMATS, JSON, SINGLE


@click.command("export", epilog="Example: relumax export --fn max --n 8 --format onnx -o max8.onnx")
@which
@sizes_option("How many inputs to choose from (default 8).")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(FORMATS),
    default=JSON,
    show_default=True,
    help="The kind of file; json holds every weight exactly.",
)
@click.option("-o", "--output", type=click.Path(), required=True, help="The file to write; - is standard output.")
@click.option(
    "--dtype",
    type=click.Choice(DTYPES),
    default=SINGLE,
    show_default=True,
    help="The type of the weights (not for json).",
)
@click.option("--allow-rounding", is_flag=True, help="Write weights that the float type cannot hold exactly, rounded.")
@variant
def command(
    wanted: Wanted, sizes: tuple[int, int] | None, fmt: str, output: str, dtype: str, allow_rounding: bool
) -> None:
    """Export the weights of a construction's network."""
    from relumax import formats
    from relumax.kernel.text import text

    check_writable(output)
    chosen = wanted.chosen()
    network, spec = chosen.compiled(single(sizes or chosen.usual))
    theorem = "; ".join(text(spec.claim()))
    written = formats.export(network, fmt, dtype, allow_rounding, theorem)
    write(output, written.data)
    if output != "-":
        click.echo(f"{output}: {len(written.data)} bytes, {written.note}")
