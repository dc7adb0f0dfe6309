"""`relumax draw`: a network, its linear regions, a certificate's proof or the catalogue, as SVG or PNG."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.commands.chosen import Chosen, Wanted, silenced
from relumax.commands.files import check_writable, read, write
from relumax.commands.networks import NetworkFile, alone, is_network, network_options, parsed
from relumax.commands.options import json_option, single, sizes_option, timeout_option, variant, which
from relumax.commands.output import heard, print_json, vector
from relumax.commands.parameters import RATIONAL
from relumax.errors import BudgetExceeded, FormatError, SpecError

if TYPE_CHECKING:
    from fractions import Fraction

    from relumax.language.spec import Spec
    from relumax.network.layers import Network
    from relumax.pictures.style import Picture
    from relumax.pipeline import Verdict

USUAL, MOST_SIZES = (2, 16), 64
PROVING = 10.0
"""Seconds for a verdict before it is drawn as unknown; of --timeout, two thirds."""


class Numbers(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """Exact rationals with commas between them; with `rows`, so many lists of them with semicolons between."""

    def __init__(self, name: str, rows: int = 0, each: int = 0):
        self.name, self.rows, self.each = name, rows, each

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A tuple of Fractions, or a tuple of those."""
        if isinstance(value, tuple):
            return value
        lists = [[RATIONAL.convert(one, param, ctx) for one in row.split(",")] for row in str(value).split(";")]
        if len(lists) != (self.rows or 1):
            self.fail(f"{str(value)[:60]!r} is not of the form {self.name}", param, ctx)
        if self.each and any(len(row) != self.each for row in lists):
            self.fail(f"{str(value)[:60]!r}: {self.each} numbers with commas between them are expected", param, ctx)
        return tuple(map(tuple, lists)) if self.rows else tuple(lists[0])


class Asked(NamedTuple):
    """What is to be drawn, beside a construction."""

    sizes: tuple[int, int] | None
    network: NetworkFile | None
    regions: bool
    at: tuple[Fraction, ...] | None
    plane: tuple[tuple[Fraction, ...], ...] | None
    within: tuple[Fraction, ...] | None
    by: str
    shown: int
    catalogue: bool
    proofs: str | None
    timeout: float | None
    output: str
    as_json: bool

    @property
    def of_regions(self) -> bool:
        """Whether regions are asked for."""
        return self.regions or self.plane is not None or self.within is not None


@click.command(
    "draw",
    epilog="Examples: relumax draw --n 4 --at 3,1,2,0 -o network.svg;  relumax draw --n 3 --regions -o regions.png;  "
    "relumax draw net.json --fn min -o wrong.svg;  relumax draw proof.json -o proof.svg;  "
    "relumax draw --catalogue --proofs proofs -o sizes.svg",
)
@which
@sizes_option("How many inputs to choose from (default 4, with --regions 3); with --catalogue a range (2..16).")
@network_options(
    "Draw this file, which may also stand as the argument: a network (with --fn, its regions and where it is wrong) or "
    "a certificate (its proof).",
    argument=True,
)
@click.option("--regions", is_flag=True, help="The linear regions on a plane, not the layers.")
@click.option("--at", type=Numbers("1,2,3"), help="The network at this input: units that are on, the winner's way.")
@click.option(
    "--plane", type=Numbers("p; u; v", rows=3), help='Regions on the plane p + s u + t v: "0,0,0; 1,0,0; ..."'
)
@click.option("--box", "within", type=Numbers("l,r,b,t", each=4), help="From left to right in s, bottom to top in t.")
@click.option(
    "--by",
    type=click.Choice(["winner", "formula"]),
    default="winner",
    show_default=True,
    help="Colour regions by the input that the output equals, or by the output's formula.",
)
@click.option("--y", "shown", type=click.IntRange(0), default=0, show_default=True, help="Regions of this output.")
@click.option("--catalogue", is_flag=True, help="Depth and units of a function's constructions against n.")
@click.option("--proofs", type=click.Path(), help="Certificates: with --catalogue, fills the dots that have one.")
@timeout_option
@click.option("-o", "--output", type=click.Path(), required=True, help="Write here: .svg or .png; - is SVG on stdout.")
@variant
@json_option
def command(wanted: Wanted, **given: Any) -> None:
    """Draw a network, its linear regions, a certificate's proof, or the catalogue, as SVG or PNG."""
    from relumax.clock import limit

    asked = Asked(**given)
    _check(asked, wanted)
    png = asked.output.lower().endswith(".png")
    with limit(asked.timeout):
        from relumax.pictures.style import library

        library()  # says what is missing before any work
        picture = _picture(wanted, asked)
        with silenced():  # matplotlib's own remarks are no part of our output
            data = picture.png() if png else picture.svg()
    with heard():
        write(asked.output, data)
        if asked.as_json:
            print_json({"picture": asked.output, "format": "png" if png else "svg", "says": picture.says})
        elif asked.output != "-":
            click.echo(f"{asked.output}: {picture.says}")


def _check(asked: Asked, wanted: Wanted) -> None:
    """Options that do not go together; where the picture cannot be written."""
    if asked.output != "-" and os.path.splitext(asked.output)[1].lower() not in (".svg", ".png"):
        raise click.UsageError(f"-o ends in .svg or .png, or is - for SVG on standard output: not {asked.output!r:.80}")
    if asked.output == "-" and asked.as_json:
        raise click.UsageError("-o - and --json both want standard output")
    check_writable(asked.output, wanted.source, asked.network and asked.network.path)
    if asked.at is not None and asked.of_regions:
        raise click.UsageError("--at is for the layers of a network, --regions, --plane and --box for its regions")
    if asked.proofs is not None and not asked.catalogue:
        raise click.UsageError("--proofs goes with --catalogue; relumax draw CERTIFICATE draws a proof")
    if asked.catalogue and (asked.network or asked.of_regions or asked.at is not None or wanted.name):
        raise click.UsageError(
            "--catalogue draws all constructions of a function: it takes --fn, --from, --n, --proofs"
        )


def _picture(wanted: Wanted, asked: Asked) -> Picture:
    """What is asked for."""
    if asked.catalogue:
        return _catalogue(wanted, asked)
    if asked.network is None:
        return _construction(wanted, asked)
    data = read(asked.network.path)
    if is_network(data):
        return _file(parsed(data, asked.network).network, asked.network.path, wanted, asked)
    alone(wanted, asked.sizes)
    if asked.of_regions or asked.at is not None:
        raise click.UsageError(f"{asked.network.path} is no network: of a certificate the proof is drawn")
    from relumax.pictures.proofs import draw_proof

    try:
        return draw_proof(data, title=asked.network.path)
    except FormatError as problem:
        raise FormatError(f"{asked.network.path}: {problem}") from None


def _catalogue(wanted: Wanted, asked: Asked) -> Picture:
    from relumax.constructions import registry
    from relumax.pictures.catalogue import draw_catalogue

    if wanted.source is not None:
        wanted.chosen()
    function = wanted.function or "max"
    registry.find(function)
    low, high = asked.sizes or USUAL
    if high - low >= MOST_SIZES:
        raise click.UsageError(f"--catalogue draws at most {MOST_SIZES} sizes, not {high - low + 1}")
    with silenced():
        return draw_catalogue(function, range(low, high + 1), asked.proofs)


def _construction(wanted: Wanted, asked: Asked) -> Picture:
    """A construction's layers or regions; a user's own is decided first, so that a witness can be marked."""
    from relumax.kernel.text import text

    chosen = wanted.chosen()
    n = single(asked.sizes) if asked.sizes else _usual(chosen, asked)
    network, spec = chosen.compiled(n)
    title = f"{chosen.title}, n = {n}"
    claim = [f"claim: {sentence}" for sentence in text(spec.claim())]
    if wanted.source is not None:
        return _decided(network, asked, title, spec, lambda: chosen.program(n), asked.of_regions)
    return _regions(network, asked, title, claim, spec) if asked.of_regions else _layers(network, asked, title, claim)


def _usual(chosen: Chosen, asked: Asked) -> int:
    if asked.at is not None:
        return chosen.construction.size_for(len(asked.at), chosen.options)
    width = len(asked.plane[0]) if asked.plane else 3 if asked.of_regions else 0
    return chosen.construction.usual or (
        chosen.construction.size_for(width, chosen.options) if asked.plane else width or 4
    )


def _file(network: Network, path: str, wanted: Wanted, asked: Asked) -> Picture:
    """A file's layers or regions; with a function named, the verdict, and where the network is wrong."""
    from relumax.constructions import registry

    if not (wanted.function or wanted.name or wanted.source):
        alone(wanted, asked.sizes)
        return _regions(network, asked, path, []) if asked.of_regions else _layers(network, asked, path, [])
    chosen = wanted.chosen()
    n = single(asked.sizes) if asked.sizes else None
    spec = registry.spec_for(chosen.construction, network, chosen.options, n)
    return _decided(network, asked, path, spec, lambda: network, True)


def _decided(network: Network, asked: Asked, title: str, spec: Spec, what: Callable[[], Any], regions: bool) -> Picture:
    """The verdict as the title; what is wrong on a plane; else `regions`, if there is a plane for them, or layers."""
    from relumax import pipeline

    with silenced():
        verdict = pipeline.prove(what(), spec, timeout=asked.timeout * 2 / 3 if asked.timeout else PROVING)
    title, said, witness = f"{title}: {verdict.verdict}", list(verdict.theorem), verdict.witness
    point = "" if witness is None else f"x = {vector(witness.inputs)}: y = {_outputs(witness.outputs)}"
    on_plane = asked.plane is not None or (regions and network.inputs in (2, 3)) or witness is not None
    if on_plane and asked.at is None:
        try:
            return _regions(network, asked, title, [*said, f"at the cross, {point}"] if point else said, spec, verdict)
        except (BudgetExceeded, SpecError):
            if regions:
                raise  # asked for them, and not for a network alone
    return _layers(network, asked, title, [*said, f"false at {point}"] if point else said)


def _outputs(values: Sequence[Fraction]) -> str:
    return vector(values) if len(values) > 1 else str(values[0])


def _layers(network: Network, asked: Asked, title: str, lines: list[str]) -> Picture:
    from relumax.pictures.layered import draw_network

    if asked.at is not None and len(asked.at) != network.inputs:
        raise click.UsageError(f"--at has {len(asked.at)} numbers, {title} has {network.inputs} inputs")
    return draw_network(network, asked.at, title=title, lines=lines)


def _regions(
    network: Network,
    asked: Asked,
    title: str,
    lines: list[str],
    spec: Spec | None = None,
    verdict: Verdict | None = None,
) -> Picture:
    from relumax.pictures import Look, draw_regions, plane

    on = None if asked.plane is None else plane(*asked.plane)
    witness = verdict.witness.inputs if verdict is not None and verdict.witness else None
    look = Look(on, asked.within, asked.by, asked.shown)
    return draw_regions(network, spec, witness, look, title=title, lines=lines)
