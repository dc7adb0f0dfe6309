"""`relumax prove`: constructions, networks of one's own and gadgets, each to a verdict within time and budget."""

from __future__ import annotations

from time import monotonic
from typing import Any, NamedTuple

import click

from relumax.commands import verdicts
from relumax.commands.chosen import Chosen, Wanted, load
from relumax.commands.files import check_writable, write
from relumax.commands.limits import limited
from relumax.commands.networks import NetworkFile, network_options, read_network
from relumax.commands.options import json_option, single, sizes_option, variant, which
from relumax.commands.output import heard, print_json
from relumax.commands.parameters import SECONDS
from relumax.commands.progress import patience, progress
from relumax.commands.verdicts import Entry
from relumax.errors import BudgetExceeded
from relumax.words import ENGINES, OK


class Asked(NamedTuple):
    """What is asked for, beside a construction."""

    sizes: tuple[int, int] | None
    network: NetworkFile | None
    gadget: str | None
    engine: str
    timeout: float | None
    output: str | None
    allow_uncertified: bool
    dry_run: bool
    as_json: bool


@click.command(
    "prove",
    epilog="Examples: relumax prove --n 8;  relumax prove --fn min --construction chain --n 2..16;  "
    "relumax prove net.json --fn max -o proof.json",
)
@which
@sizes_option("How many inputs to choose from: 8, or a range 2..16 (default 8).")
@network_options("A network file of your own, instead of a construction.", argument=True)
@click.option("--gadget", help="Prove this gadget of --from (or of relumax) against its contract.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="How a proof is looked for: gadget by gadget, or from the network alone.",
)
@click.option("--timeout", type=SECONDS, help="Seconds; then the verdict is unknown.")
@click.option("-o", "--output", type=click.Path(), help="Write the certificate here; - is standard output.")
@click.option("--allow-uncertified", is_flag=True, help="Exit 0 also where only z3's answer is to be had.")
@click.option("--dry-run", is_flag=True, help="Say how large the network would be, and stop.")
@variant
@json_option
def command(wanted: Wanted, **given: Any) -> int:
    """Prove or refute that a network computes its function on every real input."""
    asked = Asked(**given)
    _check(asked)
    if asked.gadget is not None:
        return _finish([_gadget(asked.gadget, wanted, asked)], asked)
    chosen = wanted.chosen()
    if asked.network is not None:
        return _finish([_network(asked.network, chosen, asked)], asked)
    low, high = asked.sizes or chosen.usual
    sizes = range(low, high + 1)
    if asked.dry_run:
        _print_sizes(chosen, [_sizes(chosen, n) for n in sizes], asked.as_json)
        return OK
    return _finish(_constructions(chosen, sizes, asked), asked)


def _check(asked: Asked) -> None:
    """Options that do not go together."""
    output = asked.output
    check_writable(output)
    if output is not None and asked.sizes and asked.sizes[0] != asked.sizes[1]:
        raise click.UsageError("-o takes one certificate: give one --n, not a range")
    if output == "-" and asked.as_json:
        raise click.UsageError("-o - and --json both want standard output")
    if asked.dry_run and (output or asked.gadget or asked.network):
        raise click.UsageError("--dry-run says the size of a construction: it goes with no -o, --gadget or --network")


def _gadget(name: str, wanted: Wanted, asked: Asked) -> Entry:
    """A gadget against its contract."""
    from relumax import pipeline
    from relumax.constructions import registry

    if wanted.function or wanted.name or asked.network or asked.sizes:
        raise click.UsageError("--gadget has inputs of its own: use it with --from alone")
    if wanted.source is not None:
        load(wanted.source)
    with patience(f"proving gadget {name}"):
        verdict = pipeline.prove_gadget(registry.find_gadget(name), asked.timeout)
    return Entry(verdict, "gadget", name, verdict.network.inputs, {})


def _network(file: NetworkFile, chosen: Chosen, asked: Asked) -> Entry:
    """A network from a file against what the construction states."""
    from relumax import pipeline
    from relumax.constructions import registry

    if asked.sizes and not chosen.construction.usual:
        raise click.UsageError("--network brings its own size: leave out --n")
    n = single(asked.sizes) if asked.sizes else None
    with limited(asked.timeout):
        loaded = read_network(file, chosen.max_size)
        spec = registry.spec_for(chosen.construction, loaded.network, chosen.options, n)
        with patience(f"proving {file.path}"):
            verdict = pipeline.prove(loaded.network, spec, asked.engine, asked.timeout)
    return Entry(verdict, chosen.construction.function, file.path, spec.n, chosen.options, loaded.notes)


def _constructions(chosen: Chosen, sizes: range, asked: Asked) -> list[Entry]:
    """A verdict for each n. What was proved before a budget is exceeded is printed, and nothing of a run is lost."""
    entries: list[Entry] = []
    for n in progress(sizes, chosen.title):
        try:
            with patience(f"proving {chosen.title} n = {n}"), limited(asked.timeout):
                entries.append(_construction(chosen, n, asked))
        except BudgetExceeded as problem:
            if entries:
                verdicts.print_verdicts(entries, None, asked.as_json)
            elif asked.as_json:
                verdicts.print_unknown(chosen, n, str(problem))
            raise
    return entries


def _tell(what: str) -> None:
    """An invariant that fails is told at once: other engines may take long."""
    click.echo(f"relumax: {what}", err=True)


def _construction(chosen: Chosen, n: int, asked: Asked) -> Entry:
    from relumax import pipeline

    start = monotonic()
    program, spec = chosen.program(n), chosen.spec(n)
    left = None if asked.timeout is None else max(0.0, asked.timeout - (monotonic() - start))
    verdict = pipeline.prove(program, spec, asked.engine, left, chosen.max_size, tell=_tell)
    return Entry(verdict, chosen.construction.function, chosen.construction.name, n, chosen.options)


def _finish(entries: list[Entry], asked: Asked) -> int:
    """Write the certificate, print the verdicts; the exit code."""
    code = verdicts.exit_code(entries, asked.allow_uncertified)
    certificate, output = entries[0].verdict.certificate, asked.output
    with heard():
        if output is not None and certificate is not None:
            write(output, certificate)
        if output != "-":
            verdicts.print_verdicts(entries, output, asked.as_json)
        elif certificate is None:
            verdicts.print_verdicts(entries, output, False, err=True)
    return code


def _sizes(chosen: Chosen, n: int) -> dict[str, Any]:
    """n, depth, width and size; where the network would be large, depth and a rough size, and nothing is built."""
    from relumax.constructions.registry import count
    from relumax.network.compile import sizes

    if (told := chosen.construction.told(n)) is not None:
        depth, units = told
        return {"n": n, "depth": depth, "width": None, "size": count(units), "exact": False}
    program, spec = chosen.program(n), chosen.spec(n)
    size = sizes(program, spec.width, spec.nonnegative, chosen.max_size)
    return {"n": n, "depth": size.depth, "width": size.width, "size": size.size, "exact": True}


def _print_sizes(chosen: Chosen, rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        found = [{**chosen.names, **row} for row in rows]
        print_json(found[0] if len(found) == 1 else {"results": found})
        return
    for row in rows:
        width = f"width {row['width']}, {row['size']} units" if row["exact"] else ""
        rough = f"some {row['size']} units (roughly: it is not built)"
        click.echo(f"{chosen.title} n = {row['n']}: {row['depth']} hidden layers, {width or rough}")
