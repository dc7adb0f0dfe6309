"""`relumax prove --theorem`: what is to be proved, as a sentence or in a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from relumax.commands.files import read
from relumax.commands.networks import Names, reordered
from relumax.commands.options import complete_file
from relumax.errors import FormatError, SpecError, TheoremError

if TYPE_CHECKING:
    from relumax.language.spec import Spec

Command = Callable[..., Any]


def theorem_option(function: Command) -> Command:
    """--theorem; the command is given it as it was typed, or None."""

    @wraps(function)
    def command(theorem: str | None, **given: Any) -> Any:
        sizes = given.get("sizes")
        if theorem is not None and sizes and sizes[0] != sizes[1]:
            raise click.UsageError("a theorem is about networks of one size: give one --n, or none")
        if theorem is not None and given.get("dry_run"):
            raise click.UsageError("--dry-run says the size of a construction: it goes with no --theorem")
        return function(theorem=theorem, **given)

    return click.option(
        "--theorem",
        metavar="TEXT|FILE",
        shell_complete=complete_file,
        help='Prove this: "for all x in R^8: y = max(x)" (docs/theorems.md), or what a file says.',
    )(command)


def stated(given: str) -> Spec:
    """The spec of a sentence, or of what a file says; one word is the name of a file."""
    from relumax.language.theorem import theorem

    if len(given.split()) > 1 and not os.path.exists(given):
        return theorem(given)
    try:
        text = read(given).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{given}: a theorem is a text in UTF-8") from None
    try:
        return theorem(text)
    except TheoremError as problem:
        raise TheoremError(f"{given}: {problem.said}", problem.shown) from None


def by_place(spec: Spec, path: str, names: Names) -> None:
    """Raise SpecError where a theorem calls a file's inputs by their names, in another order than the file has."""
    arrays = sorted(spec.arrays, key=lambda one: one["base"])
    inputs, outputs = (tuple(one["name"] for one in arrays if one["of"] == of) for of in ("in", "out"))
    for kind, known, said in reordered(names, (inputs, outputs)):
        raise SpecError(
            f"{path} has the {kind} {known}, in this order, and the theorem has {said}: "
            "they are matched by place, so name them in the file's order"
        )


def asked_of(spec: Spec, own: Spec) -> Spec:
    """The theorem, about the network of a construction that states `own`."""
    from relumax.language.theorem.unsaid import of_construction

    return of_construction(spec, own)
