"""`relumax-vnnlib`: relumax under the command line that VNN-LIB 2.0 asks of a solver.

`verify` prints sat and an assignment, unsat, or unknown. It is unsat only if the kernel has accepted a certificate of
what `no_answer` states, sat only if the query is true at a point, evaluated exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import click

from relumax import __version__
from relumax.commands.files import check_writable, read, write
from relumax.errors import BudgetExceeded, FormatError, SpecError
from relumax.words import BAD_INPUT, PROVED, REFUTED

if TYPE_CHECKING:
    from relumax.formats.vnnlib.query import Cell, Query
    from relumax.network.layers import Network
    from relumax.pipeline import Verdict

NAME = "relumax-vnnlib"
SAT, UNSAT, UNKNOWN = "sat", "unsat", "unknown"
ENDING = 0.5
"""Seconds of the time given that are kept for starting and ending."""


class Answer(NamedTuple):
    """The word, where it is sat the value of every cell, where it is unsat the certificate."""

    word: str
    values: dict[Cell, Fraction]
    certificate: bytes | None
    reason: str


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.option("--name", "name", is_flag=True, help="The solver's name.")
@click.option("--version", "version", is_flag=True, help="The solver's version.")
@click.pass_context
def cli(ctx: click.Context, name: bool, version: bool) -> None:
    """Answer queries in VNN-LIB about ONNX networks over the reals: sat, unsat or unknown, never by rounding."""
    if name or version:
        click.echo("relumax" if name else __version__)
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(BAD_INPUT)


@cli.command("verify")
@click.argument("path", metavar="FILE.vnnlib")
@click.option("--network", "networks", multiple=True, required=True, metavar="N=FILE.onnx", help="A network's file.")
@click.option("--timeout", type=click.FloatRange(min=0), help="Seconds after which the answer is unknown.")
@click.option("--float-as-real", is_flag=True, help="Answer queries over floats as if they were over the reals.")
@click.option("--certificate", type=click.Path(), help="After unsat: the certificate, for relumax check.")
def verify(
    path: str, networks: tuple[str, ...], timeout: float | None, float_as_real: bool, certificate: str | None
) -> None:
    """Whether some real inputs meet a query."""
    from relumax.formats.vnnlib.models import combined
    from relumax.formats.vnnlib.reading import read as parsed
    from relumax.formats.vnnlib.writing import assignment

    files = _files(networks)
    check_writable(certificate, path, *files.values())
    try:
        query = parsed(read(path).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FormatError(f"{path}: a query is a text in UTF-8") from None
    except FormatError as problem:
        raise FormatError(f"{path}: {problem}") from None
    check_kinds(query, float_as_real)
    given = {name: read(file) for name, file in files.items()}
    found = limited(timeout, lambda: answered(query, combined(query, given)))
    click.echo(found.word)
    for line in assignment(query, found.values) if found.word == SAT else ():
        click.echo(line)
    if found.word == UNKNOWN:
        click.echo(f"{NAME}: {found.reason}", err=True)
    if certificate is not None and found.certificate is not None:
        write(certificate, found.certificate)


def _files(networks: Sequence[str]) -> dict[str, str]:
    """The file of each network, by its name; raises UsageError."""
    found: dict[str, str] = {}
    for one in networks:
        name, equals, file = one.partition("=")
        if not equals or name in found:
            raise click.UsageError(f"--network {one}: NAME=FILE.onnx is expected, once for each network")
        found[name] = file
    return found


def check_kinds(query: Query, float_as_real: bool) -> None:
    """Raise FormatError unless all tensors are real, or floats that are read as reals."""
    from relumax.formats.vnnlib.models import FLOATS
    from relumax.formats.vnnlib.writing import REAL

    for one in query.tensors:
        if one.kind == REAL or (float_as_real and one.kind in FLOATS):
            continue
        hint = ": --float-as-real answers it over the reals" if one.kind in FLOATS else ""
        raise FormatError(f"{one.name} is of type {one.kind}; queries over real are answered{hint}")


def limited(seconds: float | None, answer: Callable[[], Answer]) -> Answer:
    """The answer, unknown where it would take longer, or is larger than is allowed."""
    from relumax.clock import TimeUp, limit

    try:
        with limit(None if seconds is None else max(seconds - ENDING, seconds / 2)):
            return answer()
    except (TimeUp, BudgetExceeded) as problem:
        return Answer(UNKNOWN, {}, None, str(problem))


def answered(query: Query, network: Network) -> Answer:
    """The answer to the query about the network that has all its tensors."""
    from relumax.formats.vnnlib.query import HIDDEN, IN, OUT, Every, holds

    verdict = _proved(query, network)
    if verdict.verdict == PROVED:
        return Answer(UNSAT, {}, verdict.certificate, "")
    if verdict.verdict != REFUTED or verdict.witness is None:
        return Answer(UNKNOWN, {}, None, verdict.reason or "no proof and no counterexample was found")
    inputs, outputs = query.cells(IN), query.cells(OUT, HIDDEN)
    for point in _candidates(verdict.witness.inputs):
        values = dict(zip([*inputs, *outputs], [*point, *network(point)], strict=True))
        if holds(Every(query.assertions), values):
            return Answer(SAT, values, None, "")
    return Answer(UNKNOWN, {}, None, "the counterexample does not meet the query")


def _proved(query: Query, network: Network) -> Verdict:
    """The verdict on what `no_answer` states."""
    from relumax import pipeline
    from relumax.formats.vnnlib.stated import no_answer

    try:
        return pipeline.prove(network, no_answer(query))
    except SpecError:  # no input was found that meets what is asked of inputs: there may be none
        return pipeline.prove(network, no_answer(query, promising=False))


def _candidates(point: Sequence[Fraction]) -> Iterator[list[Fraction]]:
    """The point with coordinates that have finitely many digits; at last as it is."""
    from relumax.formats.vnnlib.writing import decimal

    if any(decimal(one) is None for one in point):
        for bits in range(0, 64, 4):
            yield [one if decimal(one) else Fraction(round(one * 2**bits), 2**bits) for one in point]
    yield list(point)


LISTS: dict[str, Sequence[str]] = {
    "onnx-element-types": ("real",),
    "vnnlib-versions": ("1.0", "2.0"),
    "hidden-node-theories": ("NH", "H"),
    "multiple-input-output-theories": ("SIO", "MIO"),
    "multiple-network-theories": ("SNET", "MENET", "MINET", "MNET"),
    "multiple-node-comparison-theories": ("SNC", "MNC"),
    "arithmetic-complexity-theories": ("BND", "OUTC", "LIN"),
    "optimised-disjunctive-reasoning": ("false",),
    "serialise-assignments": ("false",),
    "unsat-proofs": ("false",),
}
"""What `supports` prints for each capability, line by line; relumax's certificates are no proofs of VNN-LIB's own."""
OPSETS, OPERATORS = "onnx-opset-versions", "onnx-operators"
CAPABILITIES = (OPSETS, OPERATORS, *LISTS)


@cli.command("supports", context_settings={"ignore_unknown_options": True})
@click.argument("capability", metavar="--CAPABILITY")
def supports(capability: str) -> None:
    """What is supported; one of the capabilities that VNN-LIB 2.0 names, as --onnx-operators."""
    from relumax.formats.onnx import graph, model

    name = capability.removeprefix("--")
    if name not in CAPABILITIES:
        raise click.UsageError(f"{capability} is none of {', '.join(f'--{one}' for one in CAPABILITIES)}")
    if name == OPSETS:
        lines: Sequence[object] = (model.OPSETS[0], model.OPSETS[-1])
    elif name == OPERATORS:
        lines = sorted(one for one in graph.OPERATORS if "::" not in one)
    else:
        lines = LISTS[name]
    for line in lines:
        click.echo(line)
