"""`relumax discover`: identities and small formulas for the maximum in two hidden layers, from nothing."""

from __future__ import annotations

import json

import click

from relumax import report
from relumax.errors import SpecError


def formula(n: int, seconds: float) -> bytes:
    """The smallest formula found for n inputs, as `relumax/constructions/data` holds it."""
    from relumax.prove.smallest import smallest

    with report.patience(f"searching a small formula for n = {n}"):
        found = smallest(n, seconds=seconds, progress=lambda line: click.echo(line, err=True))
    click.echo(f"{len(found.formula.sizes)} absolute values, {found.sizes.size} hidden units", err=True)
    return (json.dumps(found.data(), indent=1) + "\n").encode()


def identity(
    n: int, degree: int | None, family: str, denominators: int | None, seed: int, workers: int, resume: str | None
) -> bytes | None:
    """An identity that the kernel accepted, in the public format; None (and why, on standard output) if there is none."""
    from relumax.prove.identities import Found, discover

    try:
        with report.patience(f"discovering an identity for n = {n}"):
            found = discover(n, degree, family, denominators=denominators, seed=seed, workers=workers, resume=resume)
    except ValueError as problem:
        raise SpecError(str(problem)) from None
    if isinstance(found, Found):
        click.echo(f"{found.theorem.text} ({found.theorem.terms} terms)", err=True)
        return found.public
    where = "" if found.modulus is None else f" modulo {found.modulus}"
    click.echo(
        f"no identity of this family: {found.unknowns} classes, {found.equations} equations; a combination of "
        f"{len(found.combination)} equations makes all classes vanish, but not the maximum{where}; checked on every class"
    )
    return None
