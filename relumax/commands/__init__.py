"""The command line: one file a command, thin: parse, call, print. Each is imported when it is asked for.

prove, check, inspect, discover, show, draw, page, list, eval, export    the commands; `command` in each is click's
options, parameters, chosen                         what several are told, how it is read, what it chooses
files, progress                                     whole files, patience on a terminal
verdicts, output                                    how verdicts are printed, and what all printing shares
papers, reading, doors                              what show says of formulas and certificates; what check asks
"""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any

import click

from relumax import __version__
from relumax.words import BAD_INPUT, OK

COMMANDS = {
    "prove": "Prove or refute that a network computes what is stated.",
    "check": "Check certificates with the kernel alone.",
    "inspect": "Look for maxima and choices inside a network.",
    "discover": "Find identities and formulas for maxima in two layers.",
    "show": "Show a construction, a certificate or a network file.",
    "draw": "Draw a network, its regions, a proof or the catalogue.",
    "page": "Write certificates as HTML that checks itself.",
    "list": "List the constructions, and what each computes.",
    "eval": "Evaluate a network at a point, exactly.",
    "export": "Export weights, certificates for Coq, test suites.",
}
"""What `relumax --help` says of each, which imports none of them."""


class _Lazy(UserDict[str, Any]):
    """Name -> command, imported when it is asked for; `data` holds the module of each."""

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = import_module(self.data[name]).command
        return command


class _Commands(click.Group):
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])  # `list` is the command


@click.group(
    cls=_Commands,
    commands=_Lazy({name: f"{__name__}.{name}" for name in COMMANDS}),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: relumax prove --n 8",
)
@click.version_option(package_name=None, version=__version__, prog_name="relumax", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> int:
    """Prove, over all real inputs, that a ReLU network chooses: max, argmax, the winner's payload.

    Exit codes: 0 proved or valid, 1 refuted or invalid, 2 bad input, 3 unknown, 70 internal error, 130 interrupted.
    Shell completion: eval "$(_RELUMAX_COMPLETE=bash_source relumax)" (or zsh_source, fish_source).
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        return BAD_INPUT
    return OK
