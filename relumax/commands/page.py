"""`relumax page`: certificates as HTML pages that check themselves where they are opened."""

from __future__ import annotations

import os

import click

from relumax.commands.files import read, write
from relumax.commands.options import complete_folder, json_option
from relumax.commands.output import heard, print_failure, print_json, printable
from relumax.words import NOT_SO, OK, UNSETTLED


@click.command("page", epilog="Examples: relumax page max8.json -o pages;  relumax page proofs/ -o site")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    required=True,
    shell_complete=complete_folder,
    help="Write into this folder, made if need be.",
)
@json_option
def command(paths: tuple[str, ...], output: str, as_json: bool) -> int:
    """Write certificates as HTML: theorem, network, proof, exact inputs to try, and a checker that replays it all.

    Each page is one file that loads nothing; for several certificates, index.html lists them. Exit code 1: one of them
    is no theorem, and nothing is written.
    """
    from relumax.commands.doors import is_identity
    from relumax.formats.certificate import told
    from relumax.kernel import KernelError, Refused
    from relumax.pages import index, page

    if not output:
        raise click.ClickException("the name of the folder to write is empty")
    if os.path.exists(output) and not os.path.isdir(output):
        raise click.ClickException(f"{output}: not a folder; -o names the folder for the pages")
    named = _named(paths)
    made = []
    for path, name in named:
        data = read(path)
        if is_identity(data):
            raise click.ClickException(f"{path}: an identity, and pages are of networks; relumax check takes it")
        try:
            made.append((f"{name}.html", page(data, name, index=len(named) > 1)))
        except KernelError as problem:
            said = f"{path}: {told(problem, data)}; a page is made of a certificate that is valid"
            click.echo(f"relumax: {printable(said)}", err=True)
            if as_json:
                print_failure(problem.kind, said)
            return UNSETTLED if isinstance(problem, Refused) else NOT_SO
    try:
        os.makedirs(output, exist_ok=True)
    except OSError as problem:
        raise click.ClickException(f"{output}: {problem.strerror or problem}") from None
    files = [(name, one.html, "; ".join(one.sentences)) for name, one in made]
    if len(made) > 1:
        files.append(("index.html", index(made), f"{len(made)} theorem pages"))
    written = [(os.path.join(output, name), html.encode(), says) for name, html, says in files]
    for path, data, _ in written:
        write(path, data)
    with heard():
        if as_json:
            print_json({"pages": [{"file": path, "bytes": len(data), "says": says} for path, data, says in written]})
            return OK
        for path, _, says in written:
            click.echo(f"{path}: {says}")
    return OK


def _named(paths: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each certificate with the name of its page; of a folder, its own *.json files, as other files may lie deeper."""
    found: dict[str, str] = {}
    for path in paths:
        folder = os.path.isdir(path)
        inside = sorted(name for name in os.listdir(path) if _is_one(path, name)) if folder else [""]
        if not inside:
            raise click.ClickException(f"{path}: no *.json file to make a page of")
        for name in inside:
            full = os.path.join(path, name) if folder else path
            title = os.path.splitext(os.path.basename(full))[0]
            if title == "index" or title in found:
                why = f"{found[title]} has the same name" if title in found else "index.html lists the pages"
                raise click.ClickException(f"{full}: its page cannot be called {title}.html, as {why}; rename it")
            found[title] = full
    return [(path, title) for title, path in found.items()]


def _is_one(folder: str, name: str) -> bool:
    return name.endswith(".json") and not os.path.isdir(os.path.join(folder, name))
