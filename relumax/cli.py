"""The command line: parse, call, print. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from relumax import __version__
from relumax.parameters import RATIONAL, SECONDS, SIZES, Several

if TYPE_CHECKING:
    from relumax.constructions.registry import Construction
    from relumax.language.spec import Spec
    from relumax.network.layers import Network


def _single(sizes: tuple[int, int]) -> int:
    """The one n of a command that takes no range."""
    if sizes[0] != sizes[1]:
        raise click.UsageError("a range of n is for prove alone: give one --n")
    return sizes[0]


def _usual(construction: Construction) -> tuple[int, int]:
    """The sizes meant where none are given."""
    return (construction.usual or 8,) * 2


def _complete_function(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from relumax.constructions import registry

    return [name for name in registry.functions() if name.startswith(incomplete)]


def _complete_construction(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from relumax.constructions import registry

    return [name for _, name in registry.names(ctx.params.get("fn") or "max") if name.startswith(incomplete)]


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return apply


_which = _options(
    click.option(
        "--fn", "fn", default=None, help="Function: max (default), min, argmax, ...", shell_complete=_complete_function
    ),
    click.option(
        "--construction",
        "name",
        help="Construction; by default the function's first.",
        shell_complete=_complete_construction,
    ),
    click.option("--from", "source", type=click.Path(), help="A Python file of yours that registers constructions."),
)
_variant = _options(
    click.option("--gap", type=RATIONAL, help="The winner exceeds every other input by at least this."),
    click.option("--lattice", type=RATIONAL, help="Inputs are integer multiples of this step."),
    click.option("--ties", type=click.Choice(["first", "last"]), help="Which of tied winners counts (on a lattice)."),
    click.option("--payload-range", nargs=2, type=RATIONAL, help="Payloads lie in [lo, hi]."),
    click.option("--payload-dim", type=click.IntRange(1), help="Payloads are vectors of this length."),
    click.option("--key-range", nargs=2, type=RATIONAL, help="Keys lie in [lo, hi] (decoder of select/pack)."),
    click.option(
        "--margin", type=RATIONAL, help="Payloads stay this far below the lattice step (decoder of select/pack)."
    ),
    click.option("--promise", type=click.Choice(["none", "gap", "lattice"]), help="What is promised about the inputs."),
    click.option("--steps", type=click.IntRange(1), help="Search steps (search/iterate)."),
    click.option("--units", type=click.Choice(["relu", "step"]), help="What a search selects with."),
)
_size = click.option(
    "--max-size",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="Most hidden units a network may have.",
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group(
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
        return 2
    return 0


def _construction(
    fn: str | None, name: str | None, source: str | None, variant: dict[str, Any]
) -> tuple[Construction, dict[str, Any]]:
    """The construction asked for, and the options given for it."""
    from relumax.constructions import registry

    for option, value in (("--fn", fn), ("--construction", name), ("--from", source)):
        if value == "":
            raise click.UsageError(f"{option} is empty")
    if source is not None:
        before = {pair: registry.find(*pair) for pair in registry.names()}
        _load(source)
        new = [pair for pair in registry.names() if registry.find(*pair) is not before.get(pair)]
        new = [pair for pair in new if fn in (None, pair[0])]
        if name is None and new:
            fn, name = new[0]
    found = registry.find(fn or "max", name)
    given = {key: value for key, value in variant.items() if value not in (None, ())}
    for key in given:
        if key not in found.options:
            known = ", ".join(f"--{k.replace('_', '-')}" for k in found.options) or "none"
            raise click.UsageError(
                f"{found.function}/{found.name} has no option --{key.replace('_', '-')} (its options: {known})"
            )
    return found, {**found.options, **given}


def _load(source: str) -> None:
    """Run a user's file; what it prints is not part of our output."""
    from contextlib import redirect_stdout

    from relumax.constructions import registry

    with redirect_stdout(sys.stderr):
        registry.load(source)


def _write(path: str, data: bytes) -> None:
    """Write a whole file, or standard output for "-"; on failure the old file stays, and nothing else is left behind.

    (click's `atomic=True` puts a half-written file in place when writing fails, and replaces devices by files.)
    """
    import os
    import stat

    if path == "-":
        sys.stdout.buffer.write(data)
        return
    target = os.path.realpath(path)
    old = os.stat(target).st_mode if os.path.exists(target) else None
    part = f"{target}.{os.getpid()}.part"
    try:
        if old is not None and not stat.S_ISREG(old):  # a device or a pipe is written to, not replaced
            with open(target, "wb", buffering=0) as stream:
                stream.write(data)
            return
        with open(part, "xb") as stream:
            try:
                stream.write(data)
                stream.flush()
                if old is not None:
                    os.chmod(part, stat.S_IMODE(old))
                os.replace(part, target)
            except BaseException:
                os.unlink(part)
                raise
    except OSError as problem:
        raise click.ClickException(f"{path}: {problem.strerror or problem}") from None


def _writable(path: str | None) -> None:
    """Say at once, before long work, that a path cannot be written."""
    import os

    if path is None or path == "-":
        return
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path or "."):
        raise click.ClickException(f"{path}: is a folder")
    if not os.path.isdir(folder):
        raise click.ClickException(f"{path}: no such folder")
    regular = not os.path.exists(path) or os.path.isfile(path)
    if (regular and not os.access(folder, os.W_OK)) or (os.path.exists(path) and not os.access(path, os.W_OK)):
        raise click.ClickException(f"{path}: not writable")


def _print_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value))


@cli.command(
    epilog="Examples: relumax prove --n 8;  relumax prove --fn min --construction chain --n 2..16;  "
    "relumax prove --network net.json --fn max -o proof.json"
)
@_which
@click.option("--n", "sizes", type=SIZES, help="How many inputs to choose from: 8, or a range 2..16 (default 8).")
@click.option(
    "--network", type=click.Path(), help="A network file of your own (json, npz, onnx), instead of a construction."
)
@click.option("--gadget", help="Prove this gadget of --from (or of relumax) against its contract.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "modular", "flat", "symmetric", "link"]),
    default="auto",
    show_default=True,
    help="How a proof is looked for: gadget by gadget, or from the network alone.",
)
@click.option("--timeout", type=SECONDS, help="Seconds; then the verdict is unknown.")
@click.option("-o", "--output", type=click.Path(), help="Write the certificate here; - is standard output.")
@click.option("--allow-uncertified", is_flag=True, help="Exit 0 also where only z3's answer is to be had.")
@click.option("--dry-run", is_flag=True, help="Say how large the network would be, and stop.")
@_variant
@_size
@_json
def prove(
    fn: str | None,
    name: str | None,
    source: str | None,
    sizes: tuple[int, int] | None,
    network: str | None,
    gadget: str | None,
    engine: str,
    timeout: float | None,
    output: str | None,
    allow_uncertified: bool,
    dry_run: bool,
    max_size: int,
    as_json: bool,
    **variant: Any,
) -> int:
    """Prove or refute that a network computes its function on every real input."""
    from relumax import proving, report
    from relumax.constructions import registry

    _writable(output)
    if output is not None and sizes and sizes[0] != sizes[1]:
        raise click.UsageError("-o takes one certificate: give one --n, not a range")
    if output == "-" and as_json:
        raise click.UsageError("-o - and --json both want standard output")
    if dry_run and (output or gadget or network):
        raise click.UsageError("--dry-run says the size of a construction: it goes with no -o, --gadget or --network")
    if gadget is not None:
        from relumax import pipeline

        if fn or name or network or sizes:
            raise click.UsageError("--gadget has inputs of its own: use it with --from alone")
        if source is not None:
            _load(source)
        with report.patience(f"proving gadget {gadget}"):
            verdict = pipeline.prove_gadget(registry.find_gadget(gadget), timeout)
        return _finish(
            [report.entry(verdict, "gadget", gadget, verdict.network.inputs, {})], output, as_json, allow_uncertified
        )
    if network is not None:
        chosen = _construction(fn, name, source, variant)
        if sizes and not chosen[0].usual:
            raise click.UsageError("--network brings its own size: leave out --n")
        n = _single(sizes) if sizes else None
        with proving.limited(timeout):
            entry = _prove_network(network, chosen, n, engine, timeout, max_size)
        return _finish([entry], output, as_json, allow_uncertified)
    construction, options = _construction(fn, name, source, variant)
    low, high = sizes or _usual(construction)
    if dry_run:
        rows = [proving.sizes(construction, options, n, max_size) for n in range(low, high + 1)]
        report.dry(construction, rows, as_json)
        return 0
    entries = proving.proofs(construction, options, range(low, high + 1), engine, timeout, max_size, as_json)
    return _finish(entries, output, as_json, allow_uncertified)


def _prove_network(
    path: str,
    chosen: tuple[Construction, dict[str, Any]],
    n: int | None,
    engine: str,
    timeout: float | None,
    max_size: int,
) -> Any:
    from relumax import formats, pipeline, report
    from relumax.constructions import registry
    from relumax.errors import BudgetExceeded, FormatError

    try:
        loaded = formats.load(_read(path)).network
    except FormatError as problem:
        raise FormatError(f"{path}: {problem}") from None
    if loaded.size > max_size:
        raise BudgetExceeded(f"{path}: {loaded.size:,} hidden units, more than {max_size:,} (--max-size)")
    construction, options = chosen
    spec = registry.spec_for(construction, loaded, options, n)
    with report.patience(f"proving {path}"):
        verdict = pipeline.prove(loaded, spec, engine, timeout)
    return report.entry(verdict, construction.function, path, spec.n, options)


def _finish(entries: list[Any], output: str | None, as_json: bool, allow_uncertified: bool) -> int:
    from relumax import report

    code = report.exit_code(entries, allow_uncertified)
    certificate = entries[0].verdict.certificate
    with report.heard():
        if output is not None and certificate is not None:
            _write(output, certificate)
        if output != "-":
            report.show(entries, output, as_json)
        elif certificate is None:
            report.show(entries, output, False, err=True)
    return code


def _read(path: str) -> bytes:
    """The bytes of a regular file, or of standard input for "-"."""
    import os
    import stat

    if path == "-":
        return sys.stdin.buffer.read()
    if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
        raise click.ClickException(f"{path}: not a regular file")
    with open(path, "rb") as stream:
        return stream.read()


@cli.command("list", epilog="Example: relumax list --fn argmax")
@click.option("--fn", help="Only this function.", shell_complete=_complete_function)
@click.option(
    "--n", "sizes", type=SIZES, default="8", show_default=True, help="The number of inputs for depth and size."
)
@click.option("--from", "source", type=click.Path(), help="A Python file of yours that registers constructions.")
@_json
def list_(fn: str | None, sizes: tuple[int, int], source: str | None, as_json: bool) -> None:
    """List the constructions: depth and size at one n, and what each computes."""
    from relumax import report
    from relumax.constructions import registry

    if source is not None:
        _load(source)
    if fn is not None and fn not in registry.functions():
        registry.find(fn)
    report.catalogue(registry.names(fn), _single(sizes), as_json)


@cli.command(
    epilog="Examples: relumax show --n 8;  relumax show --fn min --construction chain --latex;  relumax show proof.json"
)
@click.argument("certificate", required=False, type=click.Path())
@_which
@click.option("--n", "sizes", type=SIZES, help="How many inputs to choose from (default 8).")
@click.option("--latex", is_flag=True, help="Print the closed form as LaTeX, and nothing else.")
@_variant
@_size
@_json
def show(
    certificate: str | None,
    fn: str | None,
    name: str | None,
    source: str | None,
    sizes: tuple[int, int],
    latex: bool,
    max_size: int,
    as_json: bool,
    **variant: Any,
) -> None:
    """Show a construction (program, closed form, sizes, theorem), or a certificate for reading."""
    from relumax import report

    if certificate is not None:
        from relumax.errors import FormatError
        from relumax.commands.reading import readable

        if fn or name or source or latex:
            raise click.UsageError(
                "a certificate is shown as it is: --fn, --construction, --from and --latex are for constructions"
            )
        try:
            lines = readable(_read(certificate))
        except FormatError as problem:
            raise FormatError(f"{certificate}: {problem}") from None
        if as_json:
            _print_json({"certificate": certificate, "lines": lines})
        else:
            click.echo("\n".join(lines))
        return
    construction, options = _construction(fn, name, source, variant)
    report.explain(construction, _single(sizes or _usual(construction)), options, latex, as_json, max_size)


@cli.command("eval", cls=Several, epilog="Example: relumax eval --fn max 3 -1/2 0.25 --trace")
@click.argument("values", nargs=-1, required=True, type=RATIONAL)
@_which
@click.option("--n", "sizes", type=SIZES, help="How many inputs to choose from (default: from the number of values).")
@click.option("--trace", is_flag=True, help="Show each layer, and which units are active.")
@_variant
@_size
@_json
def eval_(
    values: tuple[Any, ...],
    fn: str | None,
    name: str | None,
    source: str | None,
    sizes: tuple[int, int] | None,
    trace: bool,
    max_size: int,
    as_json: bool,
    **variant: Any,
) -> None:
    """Evaluate a construction's network at a point, exactly."""
    from relumax import report

    construction, options = _construction(fn, name, source, variant)
    n = _single(sizes) if sizes else construction.size_for(len(values), options)
    network, spec = _compiled(construction, n, options, max_size)
    if network.inputs != len(values):
        raise click.UsageError(
            f"{construction.function}/{construction.name} with n = {n} has {network.inputs} inputs, "
            f"{len(values)} values were given"
        )
    note = ""
    if any(values[i] < 0 for i in spec.nonnegative):
        note = "the theorem is for inputs >= 0 only; nothing is promised at this point"
    report.evaluation(network, values, trace, as_json, note)


@cli.command(epilog="Example: relumax export --fn max --n 8 --format onnx -o max8.onnx")
@_which
@click.option("--n", "sizes", type=SIZES, help="How many inputs to choose from (default 8).")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["onnx", "npz", "json", "safetensors"]),
    default="json",
    show_default=True,
    help="The kind of file; json holds every weight exactly.",
)
@click.option("-o", "--output", type=click.Path(), required=True, help="The file to write; - is standard output.")
@click.option(
    "--dtype",
    type=click.Choice(["float16", "float32", "float64"]),
    default="float32",
    show_default=True,
    help="The type of the weights (not for json).",
)
@click.option("--allow-rounding", is_flag=True, help="Write weights that the float type cannot hold exactly, rounded.")
@_variant
@_size
def export(
    fn: str | None,
    name: str | None,
    source: str | None,
    sizes: tuple[int, int],
    fmt: str,
    output: str,
    dtype: str,
    allow_rounding: bool,
    max_size: int,
    **variant: Any,
) -> None:
    """Export the weights of a construction's network."""
    from relumax import formats
    from relumax.kernel.text import text

    _writable(output)
    construction, options = _construction(fn, name, source, variant)
    n = _single(sizes or _usual(construction))
    network, spec = _compiled(construction, n, options, max_size)
    theorem = "; ".join(text(spec.claim()))
    written = formats.export(network, fmt, dtype, allow_rounding, theorem)
    _write(output, written.data)
    if output != "-":
        click.echo(f"{output}: {len(written.data)} bytes, {written.note}")


def _compiled(construction: Construction, n: int, options: dict[str, Any], max_size: int) -> tuple[Network, Spec]:
    """The construction's network, and what is stated about it."""
    from relumax.network.compile import compile

    spec = construction.spec(n, **options)
    return compile(construction.program(n, max_size, **options), spec.width, spec.nonnegative, max_size), spec


@cli.command(epilog="Examples: relumax check proofs/;  relumax check max8.json --network max8.onnx")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--network",
    type=click.Path(),
    help="Confirm that this exported file holds exactly the certified weights, or the identity written out.",
)
@click.option("--budget", type=click.IntRange(1), help="The most steps that an identity may take (default 2 * 10^9).")
@_json
def check(paths: tuple[str, ...], network: str | None, budget: int | None, as_json: bool) -> int:
    """Check certificates with the kernel alone: no solver, no trust in what wrote them."""
    from relumax.checking import check_paths

    return check_paths(paths, network, as_json, budget)


@cli.command(epilog="Examples: relumax discover --n 7 -o max-7.json;  relumax discover --n 6 --smallest")
@click.option("--n", "sizes", type=SIZES, required=True, help="The number of inputs of the maximum.")
@click.option("--degree", type=click.IntRange(1), help="Terms on a side (default: floor((n - 1) / 2)).")
@click.option(
    "--family",
    type=click.Choice(["forest", "simple", "loops"]),
    default="forest",
    show_default=True,
    help="What each side may be.",
)
@click.option("--denominators", type=click.IntRange(2), help="Only weights whose denominators divide a power of this.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Others give other identities.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that expand.")
@click.option("--resume", type=click.Path(), help="A checkpoint file: an interrupted run goes on where it stopped.")
@click.option("--smallest", is_flag=True, help="Instead: a two-layer formula of few units, from a search for one.")
@click.option("--group", help="Its symmetry, as generators: '(1 2) (1 3)(2 4)' (default: those known).")
@click.option("--seconds", type=click.FloatRange(1), default=900.0, show_default=True, help="For each such group.")
@click.option("-o", "--output", type=click.Path(), default="-", help="Where to write it (default: standard output).")
def discover(
    sizes: tuple[int, int],
    degree: int | None,
    family: str,
    denominators: int | None,
    seed: int,
    workers: int,
    resume: str | None,
    smallest: bool,
    group: str | None,
    seconds: float,
    output: str,
) -> int:
    """Find an identity (or a small formula) for the maximum in two hidden layers, from nothing.

    The kernel proves what is found. Exit code 1: the family holds no such identity, and a certificate of that was
    checked on all equations.
    """
    from relumax import discovering

    n = _single(sizes)
    _writable(output)
    if smallest:
        data, said = discovering.formula(n, seconds, group, degree)
    elif group is not None:
        raise click.UsageError("--group goes with --smallest")
    else:
        found, said = discovering.identity(n, degree, family, denominators, seed, workers, resume)
        if found is None:
            click.echo(said)
            return 1
        data = found
    _write(output, data)
    if output != "-":
        click.echo(f"{output}: {said}")
    return 0
