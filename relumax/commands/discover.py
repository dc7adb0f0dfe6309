"""`relumax discover`: identities and small formulas for the maximum in two hidden layers, from nothing."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from relumax.commands.files import check_writable, write
from relumax.commands.options import single, sizes_option, spread, timed
from relumax.commands.parameters import SECONDS
from relumax.commands.progress import patience
from relumax.errors import SpecError
from relumax.words import FAMILIES, NOT_SO, OK


@click.command(
    "discover",
    epilog="Examples: relumax discover --n 7 -o max-7.json;  relumax discover --n 6 --smallest;  "
    "relumax discover --n 5 --least 7 -o least.json",
)
@sizes_option("The number of inputs of the maximum.", required=True)
@click.option("--degree", type=click.IntRange(1), help="Pairs on a side, at most (default: floor((n - 1) / 2)).")
@click.option(
    "--family",
    type=click.Choice(FAMILIES),
    default=FAMILIES[0],
    show_default=True,
    help="tree: both sides together are a forest, but for --cycles; else what each side may be.",
)
@click.option("--cycles", type=click.IntRange(0), help="So many cycles in both sides together (default: as n needs).")
@click.option("--denominators", type=click.IntRange(2), help="Only weights whose denominators divide a power of this.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Others give other identities.")
@spread
@click.option("--resume", type=click.Path(), help="A checkpoint file: an interrupted run goes on where it stopped.")
@click.option("--smallest", is_flag=True, help="Instead: a two-layer formula of few units, from a search for one.")
@click.option(
    "--least", type=click.IntRange(1, 1000), help="Instead: a proof that such a formula has so many absolute values."
)
@click.option("--group", help="Its symmetry, as generators: '(1 2) (1 3)(2 4)' (default: those known).")
@click.option("--seconds", type=SECONDS, default=900.0, show_default=True, help="For each such group.")
@click.option("-o", "--output", type=click.Path(), default="-", help="Where to write it (default: standard output).")
@timed
def command(
    sizes: tuple[int, int],
    degree: int | None,
    smallest: bool,
    least: int | None,
    group: str | None,
    seconds: float,
    output: str,
    **identities: Any,
) -> int:
    """Find an identity (or a small formula) for the maximum in two hidden layers, from nothing.

    The kernel proves what is found. Exit code 1: the family holds no such identity, and a certificate of that was
    checked on all equations; with --least, there is a formula with fewer.
    """
    n = single(sizes)
    check_writable(output)
    found: bytes | None
    if smallest and least is not None:
        raise click.UsageError("--smallest looks for a formula, --least for a proof that there is none: one of them")
    if smallest:
        _alone("smallest", identities)
        found, said = formula(n, seconds, group, degree)
    elif least is not None:
        _alone("least", identities)
        found, said = lower_bound(n, least, group, degree)
    elif group is not None:
        raise click.UsageError("--group goes with --smallest and --least")
    else:
        found, said = identity(n, degree, **identities)
    if found is None:
        click.echo(said)
        return NOT_SO
    write(output, found)
    if output != "-":
        click.echo(f"{output}: {said}")
    return OK


def _alone(option: str, identities: dict[str, Any]) -> None:
    """Raise UsageError where an option of identities stands beside this one, which would ignore it."""
    usual = {"family": FAMILIES[0], "cycles": None, "denominators": None, "seed": 0, "resume": None}
    for name, value in identities.items():
        if value != usual[name]:
            raise click.UsageError(f"--{name} is for identities, not for --{option}")


def formula(n: int, seconds: float, group: str | None, degree: int | None) -> tuple[bytes, str]:
    """The smallest formula found for n inputs, as `relumax/constructions/data` holds it, and what it costs.

    `group` holds generators such as `(1 2) (1 3)(2 4)`; without it the groups known for n are tried. What happens is
    said on standard error if that is a terminal.
    """
    # Matrices of a few hundred rows: threads would only wait for each other. Read when numpy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from relumax.discover.formulas.smallest import generators, smallest

    given = None if group is None else generators(group, n)
    found = smallest(n, given, degree, seconds, _tell)
    said = f"{len(found.formula.sizes)} absolute values, {found.sizes.size} hidden units"
    return (json.dumps(found.data(), indent=1) + "\n").encode(), said


def lower_bound(n: int, least: int, group: str | None, degree: int | None) -> tuple[bytes | None, str]:
    """A proof that formulas have so many absolute values, and what it says; or None, and a formula that has fewer.

    `group` as for `formula`; without it, the first of those known for n. What is written was checked. Raises SpecError.
    """
    from relumax.discover.formulas.fewer import Formula, impossible
    from relumax.discover.formulas.least import MOST_DEGREE, MOST_INPUTS, NotProved, Statement, check
    from relumax.discover.formulas.smallest import generators, groups

    degree = 2 if degree is None else degree
    if not 3 <= n <= MOST_INPUTS or degree > MOST_DEGREE:
        message = f"lower bounds are for 3 to {MOST_INPUTS} inputs and degrees up to {MOST_DEGREE}"
        raise SpecError(f"{message}, not n = {n} and degree {degree}")
    given = groups(n)[0] if group is None else generators(group, n)
    try:
        with patience(f"showing that formulas for n = {n} have {least} absolute values or more"):
            data = impossible(Statement(n, degree, given, least))
            return data, check(data).text
    except NotProved as problem:  # too much work
        raise SpecError(str(problem)) from None
    except Formula as found:
        return None, f"not so: {found} under {', '.join(given) or 'the identity'}"


def _tell(line: str) -> None:
    if sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)


def identity(n: int, degree: int | None, family: str, resume: str | None, **options: Any) -> tuple[bytes | None, str]:
    """An identity that the kernel accepted, in the public format, and its theorem; or None, and why there is none.

    `options` are those of `relumax.discover.identities.discover`: cycles, denominators, seed.
    """
    from relumax.discover.identities import Found, Run, discover

    try:
        with patience(f"discovering an identity for n = {n}"):
            found = discover(n, degree, family, run=Run(resume=resume), **options)
    except ValueError as problem:
        raise SpecError(str(problem)) from None
    if isinstance(found, Found):
        return found.public, found.theorem.text
    where = "" if found.modulus is None else f" modulo {found.modulus}"
    return None, (
        f"no identity of this family: a combination of {len(found.combination)} equations makes each of its "
        f"{found.unknowns} classes vanish, but not the maximum{where}; all were checked"
    )
