"""`relumax check`: files and folders through the kernel, a line for each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import click

from relumax.commands.files import certificates
from relumax.commands.networks import NetworkFile, network_options
from relumax.commands.options import json_option, spread
from relumax.commands.output import heard, print_json, printable
from relumax.commands.progress import patience
from relumax.words import BAD_INPUT, NOT_SO, OK, UNSETTLED


@click.command(
    "check",
    epilog="Examples: relumax check proofs/;  relumax check max8.json --network max8.onnx;  "
    "relumax check proofs/ --format sarif",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@network_options(
    "Confirm that this file holds exactly the certified weights, or the identity written out; given twice, that the "
    "certificate is about these two networks side by side, in this order.",
    several=True,
)
@click.option("--budget", type=click.IntRange(1), help="The most steps that an identity may take (default 5 * 10^7).")
@click.option(
    "--checker",
    type=click.Choice(["kernel", "coq"]),
    default="kernel",
    help="Who checks: the kernel (default), or the checker proved sound in Coq, where it is built.",
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["text", "json", "sarif"]),
    help="How it is told: text (default), json (as --json), or SARIF 2.1.0 for code scanning, a result a bad file.",
)
@json_option
@spread
def command(
    paths: tuple[str, ...],
    networks: tuple[NetworkFile, ...],
    budget: int | None,
    checker: str,
    fmt: str | None,
    as_json: bool,
) -> int:
    """Check certificates with the kernel alone: no solver, no trust in what wrote them."""
    from relumax.commands.doors import INVALID, KINDS, MALFORMED, REFUSED, UNREAD, examined, examined_all

    if as_json and fmt not in (None, "json"):
        raise click.UsageError(f"--json and --format {fmt}: one of them")
    fmt = "json" if as_json else fmt or "text"
    files, beside = _files(paths)
    if len(networks) > 2:
        raise click.UsageError("--network is given once, or twice for two networks that are proved equal")
    if not files and len(beside) == 1 and fmt != "sarif":
        raise click.ClickException(f"{beside[0]['file']}: {beside[0]['reason']}")
    if networks and len(files) != 1:
        raise click.UsageError("--network goes with one certificate")
    program, judge = _coq(budget) if checker == "coq" else ({}, None)
    if len(files) <= 1 or judge is not None:
        alone = len(files) + len(beside) == 1 and fmt != "sarif"
        results = [_result(path, alone, lambda path: examined(path, networks, budget, judge)) for path in files]
    else:
        with patience(f"checking {len(files)} files"):
            results = list(examined_all(files, budget))
    results = [{**result, **program} for result in [*results, *beside]]
    verdicts = {result["verdict"] for result in results}
    if UNREAD in verdicts and fmt == "text" and len(results) == 1:
        raise click.ClickException(results[0]["reason"])
    with heard():
        if fmt == "sarif":
            from relumax.commands.sarif import log

            print_json(log(results))
        elif fmt == "json":
            print_json({"results": results})
        else:
            for result in results:
                _print(result)
            if len(results) > 1:
                counts = Counter(result["verdict"] for result in results)
                click.echo(", ".join(f"{counts[word]} {word}" for word in KINDS if counts[word]))
    if UNREAD in verdicts:
        if fmt == "text":
            _lament([result for result in results if result["verdict"] == UNREAD], len(results))
        return BAD_INPUT
    if verdicts & {MALFORMED, INVALID}:
        return NOT_SO
    return UNSETTLED if REFUSED in verdicts else OK


def _coq(budget: int | None) -> tuple[dict[str, str], Any]:
    """The checker proved sound in Coq: which program that is, and what asks it."""
    from relumax.commands.twin import installed, judge

    if budget is not None:
        raise click.UsageError("--budget is for identities, which only the kernel checks (--checker kernel)")
    given = click.get_current_context().params
    if given["dask"] is not None or given["workers"] > 1:
        raise click.UsageError("--workers and --dask are for --checker kernel: a task may start no program")
    program, place = installed()
    return {"checker": program, "checker_from": place}, judge(program)


def _files(paths: tuple[str, ...]) -> tuple[list[str], list[dict[str, Any]]]:
    """The files to check; and what is said of folders that cannot be read, or have none."""
    from relumax.commands.doors import unread

    files, beside = list[str](), list[dict[str, Any]]()
    for path in paths:
        before = len(files) + len(beside)
        files += certificates(path, lambda problem: beside.append(unread(problem.filename, problem)))
        if len(files) + len(beside) == before:
            beside.append(unread(path, click.ClickException("no *.json file to check")))
    return files, beside


def _result(path: str, alone: bool, examine: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What is said of a file; of one among several, or in a log, that it cannot be read too."""
    from relumax.commands.doors import unread

    try:
        return examine(path)
    except (OSError, click.ClickException) as problem:
        if alone:
            raise
        return unread(path, problem)


def _lament(lost: list[dict[str, Any]], total: int) -> None:
    """What could not be read, in one line on standard error."""
    first = f"{lost[0]['file']}: {lost[0]['reason']}"
    click.echo(f"relumax: {printable(first)} ({len(lost)} of {total} cannot be read)", err=True)


def _print(result: dict[str, Any]) -> None:
    name = printable(result["file"])
    if "reason" not in result:
        for sentence in result["theorem"]:
            click.echo(f"{name}: {sentence}")
        for key in ("network_sha256", "claim_sha256", "identity_sha256"):
            if key in result:
                click.echo(f"    {key.replace('_', ' ')} {result[key]}")
        if "checker" in result:
            from relumax.commands.twin import FROM

            click.echo(f"    checked by {printable(result['checker'])}, {FROM[result['checker_from']]}")
        for said in result.get("networks", [result["network"]] if "network" in result else []):
            exact = f"; {result['exact_to'][0]}" if "exact_to" in result else ""
            click.echo(f"    {printable(said)}{exact}")
        for note in result.get("notes", ()):
            click.echo(f"    note: {printable(note)}")
        return
    line = f"{name}: {result['verdict']}: {printable(result['reason'])}"
    click.echo(line)
    if "witness" in result:
        x, most, total = result["witness"].values()
        click.echo(f"    at x = ({', '.join(x)}) the maximum is {most}, and the terms add up to {total}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        message = line.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        click.echo(f"::error file={name.replace('%', '%25').replace(',', '%2C').replace(':', '%3A')}::{message}")
