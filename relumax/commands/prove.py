"""`relumax prove`: constructions, networks of one's own and gadgets, each to a verdict within time and budget."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.clock import TimeUp, limit
from relumax.commands import verdicts
from relumax.commands.attempt import attempt, theorem
from relumax.commands.chosen import Chosen, Wanted, load
from relumax.commands.equals import Other, equals_options
from relumax.commands.files import check_writable, write
from relumax.commands.networks import NetworkFile, alone, network_options, read_network
from relumax.commands.options import json_option, single, sizes_option, spread, timeout_option, variant, which
from relumax.commands.output import heard, print_json
from relumax.commands.theorems import asked_of, by_place, stated, theorem_option
from relumax.commands.verdicts import Entry, Printed
from relumax.words import ENGINES, JSON, OK, SUFFIXES

if TYPE_CHECKING:
    from relumax.language.spec import Spec
    from relumax.pipeline import Verdict

PLACE = "{n}"
"""Where -o has this, each size has a certificate of its own."""


class Asked(NamedTuple):
    """What is asked for, beside a construction."""

    sizes: tuple[int, int] | None
    network: NetworkFile | None
    gadget: str | None
    theorem: str | None
    other: Other | None
    engine: str
    timeout: float | None
    output: str | None
    allow_uncertified: bool
    strict: bool
    dry_run: bool
    verbose: bool
    as_json: bool


@click.command(
    "prove",
    epilog="Examples: relumax prove --n 8;  relumax prove --fn min --construction chain --n 2..16;  "
    "relumax prove --n 2..8 -o 'max-{n}.json';  relumax prove net.json --fn max -o proof.json;  "
    "relumax prove net.json --theorem 'for all x in R^4: y = max(x)';  relumax prove net.json --equals max/chain",
)
@which
@sizes_option("How many inputs to choose from: 8, or a range 2..16 (default 8).")
@network_options("A network file of your own, instead of a construction.", argument=True)
@theorem_option
@equals_options
@click.option("--gadget", help="Prove this gadget of --from (or of relumax) against its contract.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="How a proof is looked for: gadget by gadget, or from the network alone; one that is named is asked alone.",
)
@timeout_option
@spread
@click.option(
    "-o", "--output", type=click.Path(), help="Write the certificate here ({n} is the size); - is standard output."
)
@click.option("--allow-uncertified", is_flag=True, help="Exit 0 also where only z3's answer is to be had.")
@click.option("--strict", is_flag=True, help="Exit 3 also where all is proved but an invariant that is stated.")
@click.option("--dry-run", is_flag=True, help="Say how large the network would be, and stop.")
@click.option("-v", "--verbose", is_flag=True, help="Also what engines said that found nothing.")
@variant
@json_option
def command(wanted: Wanted, **given: Any) -> int:
    """Prove or refute that a network computes its function, or what another computes, on every real input."""
    asked = Asked(**given)
    _check(asked, wanted.source)
    if asked.other is not None:
        from relumax.commands.equals import entry

        return _finish([entry(asked.other, wanted, asked)], False, asked)
    if asked.gadget is not None:
        return _finish([_gadget(asked.gadget, wanted, asked)], False, asked)
    if asked.network is not None:
        return _finish([_network(asked.network, wanted, asked)], False, asked)
    try:
        with limit(asked.timeout):
            chosen = wanted.chosen()
            fits = partial(chosen.fitting, sizes=asked.sizes)
            spec = stated(asked.theorem, fits) if asked.theorem is not None else None
            low, high = fits(spec.width) if spec else asked.sizes or chosen.usual
            sizes = range(low, high + 1)
            if asked.dry_run:
                _print_sizes(chosen, [_sizes(chosen, n) for n in sizes], asked.as_json)
                return OK
    except TimeUp as problem:
        return _finish([_unknown(wanted, asked, str(problem))], False, asked)
    return _finish(_constructions(chosen, wanted, sizes, spec, asked), len(sizes) > 1, asked)


def _check(asked: Asked, source: str | None) -> None:
    """Options that do not go together."""
    output, several = asked.output, asked.sizes is not None and asked.sizes[0] != asked.sizes[1]
    if output is not None and several and PLACE not in output:
        raise click.UsageError("-o takes one certificate: give one --n, or a name for each, as in -o 'max-{n}.json'")
    if output is not None and PLACE in output and (asked.gadget or asked.network or asked.other):
        raise click.UsageError("-o with {n} is for constructions: a gadget and a network have one size")
    for n in asked.sizes or (8,):
        files = source, asked.network and asked.network.path, asked.other and asked.other.path, asked.theorem
        check_writable(_named(output, n), *files)
    if SUFFIXES.get(os.path.splitext(output or "")[1].lower(), JSON) != JSON:
        raise click.UsageError(f"-o writes the certificate, which is JSON; {output} is the name of a network's file")
    if output == "-" and asked.as_json:
        raise click.UsageError("-o - and --json both want standard output")
    if asked.dry_run and (output or asked.gadget or asked.network or asked.other):
        raise click.UsageError(
            "--dry-run says the size of a construction: it goes with no -o, --gadget, --equals or --network"
        )
    if asked.gadget is not None:
        context = click.get_current_context()
        for one in context.command.params:
            given = context.get_parameter_source(one.name or "")
            if given == click.core.ParameterSource.COMMANDLINE and one.name not in _WITH_GADGET:
                raise click.UsageError(
                    f"--gadget has inputs and a contract of its own: {one.opts[-1]} goes not with it"
                )


_WITH_GADGET = ("gadget", "source", "timeout", "output", "allow_uncertified", "strict", "verbose", "as_json")


def _named(output: str | None, n: int) -> str | None:
    return output and output.replace(PLACE, str(n))


def _again(wanted: Wanted) -> tuple[str, ...]:
    """The options that name the construction once more."""
    named = ("--fn", wanted.function), ("--construction", wanted.name), ("--from", wanted.source)
    return tuple(part for option, value in named if value is not None for part in (option, value))


# ---------------------------------------------------------------- one verdict


def _unknown(wanted: Wanted, asked: Asked, reason: str) -> Entry:
    """Nothing is known: the time was over before the construction was."""
    from relumax.pipeline import Verdict
    from relumax.words import UNKNOWN

    n = asked.sizes[0] if asked.sizes else 8
    verdict = Verdict(UNKNOWN, (), asked.engine, asked.timeout or 0.0, None, reason=reason)
    return Entry(verdict, wanted.function or "max", wanted.name or wanted.source or "", n, {})


def _gadget(name: str, wanted: Wanted, asked: Asked) -> Entry:
    """A gadget against its contract."""
    from relumax import pipeline
    from relumax.constructions import registry

    arity = []

    def prove() -> Verdict:
        if wanted.source is not None:
            load(wanted.source)
        gadget = registry.find_gadget(name)
        arity.append(gadget.arity)
        return pipeline.prove_gadget(gadget)

    verdict = attempt(asked, f"gadget {name}", prove, lambda: ())
    return Entry(verdict, "gadget", name, arity[0] if arity else 0, {})


def _network(file: NetworkFile, wanted: Wanted, asked: Asked) -> Entry:
    """A network from a file against what the construction states."""
    from relumax import pipeline
    from relumax.constructions import registry
    from relumax.language.spec import fits

    chosen: list[Chosen] = []
    specs: list[Spec] = []
    notes: list[str] = []

    def prove() -> Verdict:
        if asked.theorem is not None:
            alone(wanted, asked.sizes)
            loaded = read_network(file)
            specs.append(stated(asked.theorem, partial(fits, "network", loaded.network.inputs)))
            notes.extend(loaded.notes)
            by_place(specs[0], file.path, loaded.names)
            return pipeline.prove(loaded.network, specs[0], asked.engine)
        one = wanted.chosen()
        chosen.append(one)
        if asked.sizes and not one.construction.usual:
            raise click.UsageError("--network brings its own size: leave out --n")
        n = single(asked.sizes) if asked.sizes else None
        loaded = read_network(file)
        notes.extend(loaded.notes)
        specs.append(registry.spec_for(one.construction, loaded.network, one.options, n))
        return pipeline.prove(loaded.network, specs[0], asked.engine)

    verdict = attempt(asked, file.path, prove, lambda: theorem(specs))
    function = chosen[0].construction.function if chosen else wanted.function or "max"
    function = function if asked.theorem is None else "theorem"
    n = (specs[0].n if asked.theorem is None else specs[0].width) if specs else 0
    options = chosen[0].options if chosen else {}
    return Entry(verdict, function, file.path, n, options, tuple(notes), file.again(), from_file=True)


def _constructions(chosen: Chosen, wanted: Wanted, sizes: range, spec: Spec | None, asked: Asked) -> Iterator[Entry]:
    """A verdict for each n, as it is found; after one that is too large there is no larger one."""
    for n in sizes:
        entry = _construction(chosen, wanted, n, spec, asked)
        yield entry
        if entry.verdict.built is None and "--max-size" in entry.verdict.reason:
            return


def _construction(chosen: Chosen, wanted: Wanted, n: int, spec: Spec | None, asked: Asked) -> Entry:
    """The network for n against a theorem of the user's own, or against what the construction states."""
    from relumax import pipeline
    from relumax.language.numbers import inexact

    specs: list[Spec] = []

    def prove() -> Verdict:
        own = chosen.spec(n)
        specs.append(own if spec is None else asked_of(spec, own))
        return pipeline.prove(chosen.program(n), specs[0], asked.engine, tell=_tell)

    verdict = attempt(asked, f"{chosen.title} n = {n}", prove, lambda: theorem(specs))
    named = chosen.construction.function, chosen.construction.name
    return Entry(verdict, *named, n, chosen.options, tuple(inexact()), _again(wanted))


def _tell(what: str) -> None:
    """That an invariant has no proof is told at once: other engines may take long."""
    click.echo(f"relumax: {what}", err=True)


# ---------------------------------------------------------------- what comes out


def _finish(entries: Iterable[Entry], several: bool, asked: Asked) -> int:
    """Write the certificates and print the verdicts as they come; the exit code."""
    found = []
    with heard(), Printed(several, asked.as_json, asked.verbose) as printed:
        for entry in entries:
            found.append(entry)
            output = _named(asked.output, entry.n)
            if output is not None and entry.verdict.certificate is not None:
                write(output, entry.verdict.certificate)
            if output != "-":
                printed.add(entry, output)
            elif entry.verdict.certificate is None:
                printed.add(entry, output, err=True)
    return verdicts.exit_code(found, asked.allow_uncertified, asked.strict)


def _sizes(chosen: Chosen, n: int) -> dict[str, Any]:
    """n, depth, width and size; where the network would be large, depth and a rough size, and nothing is built."""
    from relumax.constructions.registry import count
    from relumax.network.compile import sizes

    if (told := chosen.construction.told(n)) is not None:
        depth, units = told
        return {"n": n, "depth": depth, "width": None, "size": count(units), "exact": False}
    program, spec = chosen.program(n), chosen.spec(n)
    size = sizes(program, spec.width, spec.nonnegative)
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
