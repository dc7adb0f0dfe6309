"""`relumax show`: a construction (program, closed form, sizes, theorem, sources), or a file read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.commands.chosen import Chosen, Wanted
from relumax.commands.files import read
from relumax.commands.networks import (
    NetworkFile,
    alone,
    described,
    is_network,
    network_options,
    parsed,
    read_network,
    told,
)
from relumax.commands.options import json_option, single, sizes_option, timed, variant, which
from relumax.commands.output import print_json
from relumax.commands.parameters import RATIONAL
from relumax.commands.ranging import Errors, Exact, error_line, errors_as_json, exact_and_errors, step_of
from relumax.commands.ranging import as_json as exact_json
from relumax.commands.ranging import line as exact_line
from relumax.commands.widths import show_bits
from relumax.errors import BudgetExceeded, FormatError
from relumax.size import allowed_or_usual

if TYPE_CHECKING:
    from relumax.commands.papers import Explanation
    from relumax.language.expr import Expr
    from relumax.language.spec import Spec
    from relumax.network.compile import Sizes
    from relumax.network.layers import Network
    from relumax.simplify import ClosedForm

MAX_BUILT = 100_000  # hidden units of a network that is built to be shown
JUMP = "no ReLU network gives the exact winner on all of R^n: continuous, it cannot jump at a tie"


@click.command(
    "show",
    epilog="Examples: relumax show --n 8;  relumax show --fn min --construction chain --latex;  "
    "relumax show proof.json;  relumax show max8.onnx;  relumax show --n 8 --bits --input-range 1000",
)
@which
@sizes_option("How many inputs to choose from (default 8).")
@network_options("Show this file, which may also stand as the argument: a network or a certificate.", argument=True)
@click.option("--latex", is_flag=True, help="Print the closed form as LaTeX, and nothing else.")
@click.option("--bits", flag_value="bits", help="Instead: the bits that each layer's weights, sums and values need.")
@click.option("--fixed", "bits", flag_value="fixed", help="As --bits, as ap_fixed<W, I> of C for FPGAs.")
@click.option("--input-range", type=RATIONAL, help="With --bits or --fixed: the largest |x[i]| (default 127).")
@variant
@json_option
@timed
def command(
    wanted: Wanted,
    sizes: tuple[int, int] | None,
    network: NetworkFile | None,
    latex: bool,
    bits: str | None,
    input_range: Fraction | None,
    as_json: bool,
) -> None:
    """Show a construction (program, closed form, sizes, theorem), a certificate for reading, or a network file."""
    if input_range is not None and not bits:
        raise click.UsageError("--input-range goes with --bits or --fixed")
    if bits:
        if latex:
            raise click.UsageError(f"--{bits} prints a table and nothing else: leave out --latex")
        show_bits(*_network(wanted, sizes, network), input_range, step_of(wanted.variant), (bits, as_json))
        return
    if network is not None:
        if latex:
            raise click.UsageError("a file is shown as it is: --latex is for constructions")
        alone(wanted, sizes)
        _print_file(network, as_json)
        return
    chosen = wanted.chosen()
    n = single(sizes or chosen.usual)
    if latex and as_json:
        raise click.UsageError("--latex prints LaTeX and nothing else: leave out --json")
    if latex:
        _, _, closed = _stated(chosen, n)
        click.echo("\n".join(one.latex() for one in closed))
        return
    portrait = _portrait(chosen, n)
    if as_json:
        print_json(_object(portrait))
    else:
        click.echo("\n".join(_lines(portrait)))


def _network(wanted: Wanted, sizes: tuple[int, int] | None, file: NetworkFile | None) -> tuple[str, Network]:
    """A title and the network of a file, or of a construction."""
    if file is not None:
        alone(wanted, sizes)
        return file.path, read_network(file).network
    chosen = wanted.chosen()
    n = single(sizes or chosen.usual)
    return f"{chosen.title}, n = {n}", chosen.compiled(n)[0]


def _print_file(file: NetworkFile, as_json: bool) -> None:
    """A network, or else a certificate that the kernel accepts."""
    data = read(file.path)
    about: dict[str, Any]
    if is_network(data):
        about = told(file.path, parsed(data, file))
        lines = list(described(about))
    else:
        from relumax.commands.reading import readable

        try:
            lines = readable(data)
        except FormatError as problem:
            raise FormatError(f"{file.path}: {problem}") from None
        about = {"certificate": file.path, "lines": lines}
    if as_json:
        print_json(about)
    else:
        click.echo("\n".join(lines))


class Portrait(NamedTuple):
    """All that is shown of a construction at n; sizes are None beyond --max-size, the network where it is not built."""

    chosen: Chosen
    n: int
    program: list[Expr]
    closed: list[ClosedForm]
    sizes: Sizes | None
    network: Network | None
    float_type: str | None
    exact: Exact | None
    errors: Errors
    theorem: list[str]
    paper: Explanation | None


def _stated(chosen: Chosen, n: int) -> tuple[list[Expr], Spec, list[ClosedForm]]:
    """Program, statement and closed form."""
    from relumax.simplify import closed_form

    program, spec = chosen.program(n), chosen.spec(n)
    return program, spec, closed_form(program, spec.nonnegative)


def _portrait(chosen: Chosen, n: int) -> Portrait:
    from relumax.commands.papers import explained
    from relumax.formats.floats import smallest_float
    from relumax.kernel.text import text
    from relumax.network.compile import compile, sizes

    program, spec, closed = _stated(chosen, n)
    size = None
    with suppress(BudgetExceeded):
        size = sizes(program, spec.width, spec.nonnegative)
    small = size is not None and size.size <= MAX_BUILT
    network = compile(program, spec.width, spec.nonnegative) if small else None
    kind = smallest_float(network) if network is not None else None
    exact, errors = exact_and_errors(network, step_of(chosen.options)) if network is not None else (None, {})
    theorem = text(spec.claim())
    function, name = chosen.construction.function, chosen.construction.name
    paper = explained(name, n) if function in ("max", "min") else None
    return Portrait(chosen, n, program, closed, size, network, kind, exact, errors, theorem, paper)


def _object(of: Portrait) -> dict[str, Any]:
    from relumax.language.expr import brief

    sizes, network = of.sizes, of.network
    return {
        **of.chosen.names,
        "n": of.n,
        "program": [brief(one, 2000) for one in of.program],
        "closed_form": [one.text() for one in of.closed],
        "depth": sizes and sizes.depth,
        "width": sizes and sizes.width,
        "size": sizes and sizes.size,
        "widths": sizes and list(sizes.widths),
        "nonzeros": network and network.nonzeros,
        "float_exact": None if network is None else of.float_type is not None,
        "float_type": of.float_type,
        "exact_to": exact_json(of.exact),
        "rounding": errors_as_json(of.errors),
        "theorem": of.theorem,
        **({} if of.paper is None else of.paper._asdict()),
    }


def _lines(of: Portrait) -> Iterator[str]:
    from relumax.language.expr import brief

    construction, sizes, network = of.chosen.construction, of.sizes, of.network
    yield f"{of.chosen.title}, n = {of.n}"
    if construction.doc:
        yield f"  {' '.join(construction.doc.split())}"
    names = [f"y[{k}] = " if len(of.program) > 1 else "" for k in range(8)]
    for name, output in zip(names, of.program, strict=False):
        yield f"program      {name}{brief(output, 300)}"
    for name, form in zip(names, of.closed, strict=False):
        yield f"closed form  {name}{_cut(form.text())}"
    if len(of.program) > 8:
        yield f"             ... {len(of.program) - 8} more outputs"
    if sizes is None:
        yield f"sizes        more than {allowed_or_usual():,} units (--max-size), and so not counted layer by layer"
    else:
        yield f"widths       {' '.join(map(str, sizes.widths[:40])) or 'none'}{' ...' if sizes.depth > 40 else ''}"
        nonzeros = f", {network.nonzeros} nonzero weights" if network is not None else ""
        yield f"sizes        {sizes.depth} hidden layers, width {sizes.width}, {sizes.size} units{nonzeros}"
    if network is not None:
        yield f"floats       {of.float_type or 'no float type'} holds every weight exactly"
        yield f"exact to     {exact_line(of.exact, step_of(of.chosen.options))}"
        yield f"rounding     {error_line(of.errors)}"
    for sentence in of.theorem:
        yield f"theorem      {sentence}"
    for label, lines in of.paper._asdict().items() if of.paper else ():
        for k, line in enumerate(lines):
            yield f"{label if k == 0 else '':<12} {line}"
    if construction.function in ("argmax", "argmin", "select") and construction.name != "step":
        yield f"limit        {JUMP}"


def _cut(text: str, limit: int = 2000) -> str:
    return text if len(text) <= limit else f"{text[:limit]} ... ({len(text)} characters)"
