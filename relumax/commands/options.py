"""The options that several commands share: which construction, in which variant, how many inputs."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from relumax.commands.chosen import Wanted, flag
from relumax.commands.parameters import PROMISE, RATIONAL, SECONDS, SIZES
from relumax.size import at_most
from relumax.words import MAX_SIZE

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = Callable[..., Any]


def _written(ctx: click.Context) -> list[tuple[str, str]]:
    """What the file after --from registers, as far as its text says so: a key that is pressed runs no code of it."""
    import ast
    import warnings

    source = ctx.params.get("source") or ""
    try:
        if not os.path.isfile(source):
            return []
        with open(source, "rb") as stream, warnings.catch_warnings(action="ignore"):
            tree = ast.parse(stream.read())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    found = list[tuple[str, str]]()
    for node in ast.walk(tree):
        for one in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            match one:
                case ast.Call(args=[ast.Constant(value=str(function)), ast.Constant(value=str(name)), *_]):
                    found.append((function, name))
    return found


def _complete_function(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from relumax.constructions import registry

    known = [function for function, _ in _written(ctx)] or registry.functions()
    return [name for name in dict.fromkeys(known) if name.startswith(incomplete)]


def _complete_construction(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from relumax.constructions import registry

    fn = ctx.params.get("fn")
    known = [name for function, name in _written(ctx) if fn in (None, function)]
    return [name for name in known or [name for _, name in registry.names(fn or "max")] if name.startswith(incomplete)]


def complete_other(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For a construction, function/name, or the name of a file."""
    from glob import escape, glob

    from click.shell_completion import CompletionItem

    from relumax.constructions import registry

    known = ["/".join(pair) for pair in [*_written(ctx), *registry.names()]]
    found = [one for one in dict.fromkeys(known) if incomplete and one.startswith(incomplete)]
    if not found:
        return complete_file(ctx, param, incomplete)
    return [CompletionItem(one) for one in [*found, *sorted(glob(f"{escape(incomplete)}*"))]]


def complete_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For what may be the name of a file, or else words."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_folder(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For the name of a folder that need not be there."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def function_option(help: str) -> Callable[[Command], Command]:
    """--fn."""
    return click.option("--fn", default=None, help=help, shell_complete=_complete_function)


def sizes_option(help: str, **more: Any) -> Callable[[Command], Command]:
    """--n."""
    return click.option("--n", "sizes", type=SIZES, help=help, **more)


def single(sizes: tuple[int, int]) -> int:
    """The one n of a command that takes no range."""
    if sizes[0] != sizes[1]:
        said = f"{sizes[0]}..{sizes[1]}"
        raise click.UsageError(f"give one --n, not {said}: ranges are for prove and draw --catalogue")
    return sizes[0]


source_option = click.option(
    "--from", "source", type=click.Path(), help="A Python file of yours that registers constructions."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")

timeout_option = click.option("--timeout", type=SECONDS, help="Seconds; then the outcome is unknown (exit code 3).")

VARIANT: dict[str, dict[str, Any]] = {
    "gap": {"type": RATIONAL, "help": "The winner exceeds every other input by at least this."},
    "lattice": {"type": RATIONAL, "help": "Inputs are integer multiples of this step."},
    "clamp": {"nargs": 2, "type": RATIONAL, "help": "Clamp inputs to [lo, hi] first: any construction."},
    "ties": {"type": click.Choice(["first", "last"]), "help": "Which of tied winners counts (on a lattice)."},
    "payload_range": {"nargs": 2, "type": RATIONAL, "help": "Payloads lie in [lo, hi]."},
    "payload_dim": {"type": click.IntRange(1), "help": "Payloads are vectors of this length."},
    "key_range": {"nargs": 2, "type": RATIONAL, "help": "Keys lie in [lo, hi] (decoder of select/pack)."},
    "margin": {"type": RATIONAL, "help": "Payloads stay this far below the lattice step (decoder of select/pack)."},
    "promise": {"type": PROMISE, "help": "What is promised about the inputs (in words with --equals)."},
    "steps": {"type": click.IntRange(1), "help": "Search steps (search/iterate)."},
    "units": {"type": click.Choice(["relu", "step"]), "help": "What a search selects with."},
}
"""The options that constructions have of their own."""


def which(function: Command) -> Command:
    """--fn, --construction and --from; with `variant` further down, the command is given it all as one `Wanted`."""

    @wraps(function)
    def command(fn: str | None, name: str | None, source: str | None, max_size: int, **given: Any) -> Any:
        variant = {key: given.pop(key) for key in VARIANT}
        with at_most(max_size):
            return function(wanted=Wanted(fn, name, source, variant), **given)

    construction = click.option(
        "--construction",
        "name",
        help="Construction; by default the function's first.",
        shell_complete=_complete_construction,
    )
    return function_option("Function: max (default), min, argmax, ...")(construction(source_option(command)))


def timed(function: Command) -> Command:
    """--timeout, for a command whose whole work it bounds; raises TimeUp."""
    from relumax.clock import limit

    @wraps(function)
    def command(timeout: float | None, **given: Any) -> Any:
        with limit(timeout):
            return function(**given)

    return timeout_option(command)


def spread(function: Command) -> Command:
    """--workers and --dask, for a command whose work falls into tasks: where these run."""
    from relumax.cluster import on

    @wraps(function)
    def command(workers: int, dask: str | None, **given: Any) -> Any:
        if dask is not None and workers > 1:
            raise click.UsageError("--workers is for this machine, --dask for a cluster: give one of them")
        with on(workers, dask):
            return function(**given)

    number = click.option(
        "--workers",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="Processes that share the work, where it falls into parts. What comes out is the same.",
    )
    return number(click.option("--dask", help="The Dask cluster that shares it: the scheduler's address.")(command))


def variant(function: Command) -> Command:
    """The options of `VARIANT`, and --max-size."""
    size = click.option(
        "--max-size",
        type=click.IntRange(1),
        default=MAX_SIZE,
        show_default=True,
        help="Most hidden units a network may have.",
    )
    function = size(function)
    for name, about in reversed(VARIANT.items()):
        function = click.option(flag(name), **about)(function)
    return function
