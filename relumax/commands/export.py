"""`relumax export`: the weights of a construction's network, or of a file's, as a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from relumax.commands.chosen import Wanted, flag
from relumax.commands.corners import write_corners
from relumax.commands.files import check_writable, read, write
from relumax.commands.networks import NetworkFile, alone, network_options, read_network
from relumax.commands.options import single, sizes_option, variant, which
from relumax.commands.parameters import RATIONAL
from relumax.commands.ranging import (
    COMPUTES,
    check_range,
    error_clause,
    error_sentence,
    exact_and_errors,
    integers_to,
    reached,
    sentence,
    step_of,
)
from relumax.words import (
    COQ,
    DTYPES,
    FORMATS,
    GEMM,
    IN_OUT,
    INTEGERS,
    JSON,
    LAYOUTS,
    NPZ,
    ONNX,
    OPS,
    SAFETENSORS,
    SINGLE,
    SUFFIXES,
    C,
)

if TYPE_CHECKING:
    from relumax.formats import Exported
    from relumax.network.layers import Network

PICKLES = (".pt", ".pth")
FLOATS = (ONNX, NPZ, SAFETENSORS, C)
USES = {
    "dtype": FLOATS,
    "input_range": FLOATS,
    "allow_rounding": FLOATS,
    "layout": (SAFETENSORS, NPZ),
    "ops": (ONNX,),
    "pure": (COQ,),
    "standalone": (COQ,),
}
"""What says how to write, and the formats that do so: any other refuses it."""


@click.command(
    "export",
    epilog="Examples: relumax export --fn max --n 8 -o max8.onnx;  relumax export max8.json --format coq -o max8.v;  "
    "relumax export --n 8 --layout torch -o max8.safetensors;  relumax export --network net.json -o net.h;  "
    "relumax export --suite instances/",
)
@click.argument("certificate", required=False, type=click.Path())
@which
@sizes_option("How many inputs to choose from (default 8).")
@network_options("Export this network file's weights instead: it is converted.", layout="--network-layout")
@click.option(
    "--format",
    "fmt",
    type=click.Choice([*FORMATS, COQ]),
    help="The kind of file; else the name's ending says it, json if it has none. Json holds every weight exactly; "
    "coq is a proof for Coq, of a CERTIFICATE.",
)
@click.option("-o", "--output", type=click.Path(), help="The file to write; - is standard output.")
@click.option(
    "--suite",
    type=click.Path(),
    metavar="DIR",
    help="Instead: a folder of networks and queries with certain verdicts, for testing verifiers (docs/vnnlib.md).",
)
@click.option(
    "--inputset",
    type=click.Path(),
    metavar="FILE",
    help="Instead: the vectors whose every input is at an end of --input-range, as .npy, .npz or .json "
    "(docs/encrypted.md).",
)
@click.option(
    "--dtype",
    type=click.Choice([*DTYPES, *INTEGERS]),
    default=SINGLE,
    show_default=True,
    help="The type of the weights (not for json); an integer type: C code, or ONNX of int8, in integers alone.",
)
@click.option(
    "--input-range",
    type=RATIONAL,
    help="Refuse a type whose arithmetic is not proved exact for all inputs of integers (or --lattice) up to this.",
)
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default=IN_OUT,
    show_default=True,
    help="Of safetensors and npz: torch is what nn.Sequential.load_state_dict takes, in-out is W0, b0, ... for x @ W0.",
)
@click.option(
    "--ops",
    type=click.Choice(OPS),
    default=GEMM,
    show_default=True,
    help="Of onnx: matmul is MatMul and Add, for tools that know no Gemm.",
)
@click.option("--allow-rounding", is_flag=True, help="Write weights that the float type cannot hold exactly, rounded.")
@click.option("--pure", is_flag=True, help="Of coq: numbers in lists, without Coq's primitive integers and arrays.")
@click.option("--standalone", is_flag=True, help="Of coq: with relumax's library inside; coqc alone checks the file.")
@variant
def command(
    certificate: str | None,
    wanted: Wanted,
    sizes: tuple[int, int] | None,
    network: NetworkFile | None,
    output: str | None,
    suite: str | None,
    fmt: str | None,
    **how: Any,
) -> None:
    """Export the weights of a construction's network, or convert a network file; or write a suite of instances."""
    from relumax import formats
    from relumax.kernel.text import text

    if suite is not None:
        _alone(wanted, sizes, output, network, fmt, certificate, how["inputset"])
        _check_used("--suite")
        _suite(suite)
        return
    if inputset := how.pop("inputset"):
        _inputset(inputset, wanted, sizes, network, (output, fmt, certificate), how)
        return
    if output is None:
        raise click.UsageError("Missing option '-o' / '--output'.")
    fmt = _format(output, fmt)
    check_writable(output, network and network.path, certificate)
    if certificate is not None and fmt != COQ:
        raise click.UsageError(f"the argument is a certificate, for --format coq; a network: --network {certificate}")
    if (fmt == COQ) != (certificate is not None) or (network is not None and fmt == COQ):
        raise click.UsageError(
            "--format coq goes with a certificate, and nothing else does: relumax export max8.json -o max8.v"
        )
    _check_used(fmt)
    if certificate is not None:
        alone(wanted, sizes)
        _check_module(output)
        _to_coq(certificate, output, bool(how["pure"]), bool(how["standalone"]))
        return
    if network is not None:
        alone(wanted, sizes)
        loaded = read_network(network)
        weights, theorem, notes = loaded.network, None, loaded.notes
    else:
        chosen = wanted.chosen()
        weights, spec = chosen.compiled(single(sizes or chosen.usual))
        theorem, notes = "; ".join(text(spec.claim())), ()
    step = Fraction(1) if how["dtype"] in INTEGERS else step_of(wanted.variant)
    check_range(how["input_range"], step)
    ranges: str | None
    if how["dtype"] in INTEGERS:
        written, ranges = _in_integers(weights, fmt, theorem, how)
    else:
        ranges = None if fmt == JSON else _ranges(weights, step, how["dtype"], how["input_range"])
        layout = how["layout"] if how["ops"] == GEMM else how["ops"]
        written = formats.export(weights, fmt, how["dtype"], how["allow_rounding"], theorem, layout, ranges)
    write(output, written.data)
    for note in notes:
        click.echo(f"relumax: {network and network.path}: {note}", err=True)
    if output != "-":
        said = ""
        if ranges and written.exact:
            said = f", and{ranges.splitlines()[0].partition(';')[2]}{error_clause(ranges, how['dtype'])}"
        click.echo(f"{output}: {len(written.data)} bytes, {written.note}{said}")


def _inputset(
    path: str,
    wanted: Wanted,
    sizes: tuple[int, int] | None,
    network: NetworkFile | None,
    beside: tuple[str | None, ...],
    how: dict[str, Any],
) -> None:
    """Write the corner vectors of a network's inputs; raises UsageError where weights are asked for beside."""
    if any(one is not None for one in beside):
        raise click.UsageError("--inputset writes vectors, no weights: leave out -o, --format and a certificate")
    step = step_of(wanted.variant)
    _check_used("--inputset", ("input_range",))
    check_range(how["input_range"], step)
    check_writable(path, network and network.path, None)
    if network is not None:
        alone(wanted, sizes)
        weights = read_network(network).network
    else:
        chosen = wanted.chosen()
        weights, _ = chosen.compiled(single(sizes or chosen.usual))
    write_corners(path, weights, how["input_range"])


def _check_used(fmt: str, used: Sequence[str] = ()) -> None:
    """Raise UsageError for an option, but those that are `used`, that says how to write, where that is not written."""
    context = click.get_current_context()
    for word, formats in USES.items():
        given = context.get_parameter_source(word) is ParameterSource.COMMANDLINE
        if given and fmt not in formats and word not in used:
            known = " and ".join(filter(None, [", ".join(formats[:-1]), formats[-1]]))
            raise click.UsageError(f"{flag(word)} is for {known}, not for {fmt}")


def _ranges(network: Network, step: Fraction, dtype: str, wanted: Fraction | None) -> str | None:
    """What is proved exact in the arithmetics of a file of this type; raises UsageError if it is less than wanted."""
    exact, errors = exact_and_errors(network, step)
    if wanted is not None and (why := reached(exact, dtype, wanted, step)):
        raise click.UsageError(why)
    if exact is None or exact[dtype] is None:
        return None
    lines = [sentence(name, exact[name], step) for name in COMPUTES[dtype]]
    return "\n".join([*lines, *(error_sentence(name, one) for name in COMPUTES[dtype] if (one := errors[name]))])


def _in_integers(network: Network, fmt: str, theorem: str | None, how: dict[str, Any]) -> tuple[Exported, str]:
    """The file in integers alone, and for which inputs nothing leaves the type; raises UsageError where none are."""
    from relumax import formats

    dtype = how["dtype"]
    _check_used(f"--dtype {dtype}, which is in integers alone", ("dtype", "input_range"))
    if fmt not in formats.INTEGER_FORMATS[dtype]:
        raise click.UsageError(f"--dtype {dtype} is written as a C header (-o NAME.h; int8 as ONNX too), not as {fmt}")
    most = integers_to(network, dtype, fmt == ONNX)
    written = formats.export_integers(network, fmt, dtype, most, theorem)
    if how["input_range"] is not None and how["input_range"] > most:
        raise click.UsageError(f"--input-range {how['input_range']}: {dtype} overflows beyond |x[i]| <= {most:,}")
    if not most:
        raise click.UsageError(f"--dtype {dtype}: no range is proved in which nothing overflows")
    return written, sentence(dtype, Fraction(most), Fraction(1))


def _alone(wanted: Wanted, *beside: object) -> None:
    """Raise UsageError where something else is asked for beside --suite."""
    given = [one for one in (*wanted.variant.values(), *wanted[:3], *beside) if one not in (None, ())]
    if given:
        raise click.UsageError("--suite writes a folder that is always the same: nothing else is chosen beside it")


def _suite(folder: str) -> None:
    """Write the suite into a new folder, or an empty one."""
    from relumax.suite.files import files

    if not folder:
        raise click.ClickException("the name of the folder to write is empty")
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise click.ClickException(f"--suite {folder}: is no folder")
    if os.path.isdir(folder) and os.listdir(folder):
        raise click.ClickException(f"{folder}: not empty; a suite is written into a folder of its own")
    count = 0
    for name, data in files():
        path = os.path.join(folder, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, data)
        count += 1
    click.echo(f"{folder}: {count} files; README.md says which theorem covers which")


def _check_module(output: str) -> None:
    """Raise UsageError where coqc would refuse a file by its name, which is a module's."""
    stem = os.path.splitext(os.path.basename(output))[0]
    if output != "-" and not stem.replace("'", "_").isidentifier():
        raise click.UsageError(f"{output}: coqc takes no such name: letters, digits and _, and no digit first")


def _to_coq(certificate: str, output: str, pure: bool, standalone: bool) -> None:
    """Write a certificate that the kernel accepts as a file of Coq."""
    from relumax.formats import coq_, coq_library
    from relumax.formats.certificate import told
    from relumax.kernel import KernelError, check

    data = read(certificate)
    try:
        theorem = check(data)
    except KernelError as problem:
        raise click.ClickException(f"{certificate}: {told(problem, data)}") from None
    text = coq_.vernacular(data, theorem, pure)
    written = (coq_library.standalone(text) if standalone else text).encode()
    write(output, written)
    if output != "-":
        click.echo(f"{output}: {len(written)} bytes, {'; '.join(theorem.statements)}")


def _format(output: str, fmt: str | None) -> str:
    """The format that --format or the output's name says; raises UsageError where they disagree."""
    ending = os.path.splitext(output)[1].lower()
    if ending in PICKLES:
        raise click.UsageError(
            f"{output}: PyTorch's pickles are not written; --layout torch -o NAME.safetensors is for PyTorch"
        )
    named = COQ if ending == ".v" else SUFFIXES.get(ending)
    if fmt is None and named is None and ending:
        endings = ", ".join(f"{one} ({name})" for one, name in SUFFIXES.items())
        raise click.UsageError(f"{output}: no format has the ending {ending}; there are {endings}, or say --format")
    if fmt is not None and named is not None and fmt != named:
        raise click.UsageError(f"{output} is the name of a file of format {named}, --format says {fmt}")
    return fmt or named or JSON
