"""`relumax inspect`: maxima, winners and payloads inside a network: which units each is, its theorem and its proof."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.clock import limit
from relumax.commands.attempt import attempt
from relumax.commands.chosen import silenced
from relumax.commands.files import check_writable, write
from relumax.commands.networks import NetworkFile, network_options, read_network
from relumax.commands.options import json_option, timeout_option
from relumax.commands.output import heard, print_json
from relumax.commands.progress import patience
from relumax.errors import SpecError
from relumax.words import JSON, NOT_SO, OK, PROVED, SUFFIXES, UNKNOWN, UNSETTLED

if TYPE_CHECKING:
    from relumax.discover.choices import Found
    from relumax.network.layers import Network
    from relumax.pipeline import Verdict

PLACE = "{k}"
"""Where -o has this, each choice has a certificate of its own."""


class Asked(NamedTuple):
    """What is asked for."""

    network: NetworkFile
    nonnegative: bool
    output: str | None
    picture: str | None
    timeout: float | None
    as_json: bool
    engine: str = "auto"


@click.command(
    "inspect",
    epilog="Examples: relumax inspect max8.onnx;  relumax inspect net.json -o 'found-{k}.json';  "
    "relumax inspect net.json --draw found.svg",
)
@network_options("Look inside this file, which may also stand as the argument.", argument=True)
@click.option("--nonnegative", is_flag=True, help="The network's inputs are at least 0.")
@click.option("-o", "--output", type=click.Path(), help="Write the certificate here ({k} counts them, from 0 on).")
@click.option("--draw", "picture", type=click.Path(), help="Draw the network with these units: .svg or .png.")
@timeout_option
@json_option
def command(network: NetworkFile | None, **given: Any) -> int:
    """Look for maxima of three or more affine forms inside a network, and units that say which wins or what it carries.

    Each is proved as a network of its own. Exit code 0: all that was found is proved; 1: nothing was found; 3: some of
    it has no proof.
    """
    if network is None:
        raise click.UsageError("name the network file to look inside")
    asked = Asked(network, **given)
    _check(asked)
    with limit(asked.timeout), patience(f"looking inside {network.path}"), silenced():
        from relumax.discover.choices import inspect

        whole = read_network(network).network
        found = inspect(whole, asked.nonnegative)
    if asked.output is not None and PLACE not in asked.output and len(found) > 1:
        raise click.UsageError(
            f"there are {len(found)} choices inside: -o needs a name for each, as in 'found-{{k}}.json'"
        )
    proofs = [_proof(one, asked) for one in found]
    names = [_named(asked.output, k) if proof.certificate else None for k, proof in enumerate(proofs)]
    with heard():
        for name, proof in zip(names, proofs, strict=True):
            if name is not None and proof.certificate is not None:
                write(name, proof.certificate)
        if asked.picture is not None and found:
            _draw(whole, found, asked)
        if asked.as_json:
            print_json(_object(whole, list(zip(found, proofs, names, strict=True)), asked))
        elif asked.output != "-":
            click.echo("\n".join(_lines(whole, list(zip(found, proofs, names, strict=True)), asked)))
    if not found:
        return NOT_SO
    return OK if all(proof.verdict == PROVED for proof in proofs) else UNSETTLED


def _check(asked: Asked) -> None:
    """Options that do not go together; what cannot be written."""
    if SUFFIXES.get(os.path.splitext(asked.output or "")[1].lower(), JSON) != JSON:
        raise click.UsageError(
            f"-o writes certificates, which are JSON; {asked.output} is the name of a network's file"
        )
    if asked.output == "-" and asked.as_json:
        raise click.UsageError("-o - and --json both want standard output")
    if asked.picture is not None:
        if os.path.splitext(asked.picture)[1].lower() not in (".svg", ".png"):
            raise click.UsageError(f"--draw ends in .svg or .png: not {asked.picture!r:.80}")
        from relumax.pictures.style import library

        library()  # says what is missing before any work
    for path in (_named(asked.output, 0), asked.picture):
        check_writable(path, asked.network.path)


def _named(output: str | None, k: int) -> str | None:
    return output and output.replace(PLACE, str(k))


def _proof(found: Found, asked: Asked) -> Verdict:
    """The theorem about the part of the network that was found, by the program that it is if that is known."""
    from relumax.pipeline import Verdict, prove

    def decide() -> Verdict:
        try:
            if found.program:
                followed = prove(found.program, found.sentence, "modular", against=found.network)
                if followed.verdict == PROVED:
                    return followed
            return prove(found.network, found.sentence)
        except SpecError as problem:  # no input meets the promise, as of keys that are never above 0, and 0
            return Verdict(UNKNOWN, (found.sentence,), asked.engine, 0.0, None, reason=str(problem))

    return attempt(asked, found.kind, decide, lambda: (found.sentence,))


def _draw(network: Network, found: Sequence[Found], asked: Asked) -> None:
    from relumax.pictures import draw_network

    marked = {unit for one in found for unit in one.units}
    lines = [f"{_what(one)}: {one.sentence}" for one in found[:4]]
    with silenced():
        picture = draw_network(network, title=asked.network.path, lines=lines, marked=marked)
        png = str(asked.picture).lower().endswith(".png")
        write(str(asked.picture), picture.png() if png else picture.svg())


# ---------------------------------------------------------------- what comes out

Proved = Sequence[tuple["Found", "Verdict", str | None]]


def _what(one: Found) -> str:
    """`max of 8 forms`, `argmax of 4 forms`."""
    return f"{one.kind} of {len(one.leaves)} forms"


def _units(units: Sequence[tuple[int, int]], network: Network) -> Iterator[str]:
    """`inputs 0-7`, `layer 2 units 1, 4-6`, `outputs 0`, layer by layer."""
    for layer, group in groupby(sorted(units), key=lambda unit: unit[0]):
        places = [k for _, k in group]
        what = "inputs" if not layer else "outputs" if layer > network.depth else f"layer {layer} units"
        spans = groupby(enumerate(places), key=lambda pair: pair[1] - pair[0])
        runs = [[k for _, k in run] for _, run in spans]
        said = ", ".join([str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs])
        yield f"{what} {said}"


def _lines(network: Network, proofs: Proved, asked: Asked) -> Iterator[str]:
    path = asked.network.path
    if not proofs:
        yield f"{path}: nothing found: no layer of its {network.size} units holds a maximum of three or more forms"
        return
    for one, proof, name in proofs:
        inputs = "; ".join(_units(one.inputs, network)).removesuffix(" 0-" + str(network.inputs - 1))
        yield f"{path}: {_what(one)} of {inputs}, {len(one.units)} of {network.size} units: {proof.verdict}"
        for sentence in proof.theorem or (one.sentence,):
            yield f"    theorem  {sentence}"
        yield f"    x is     {'; '.join(_units(one.inputs, network))}"
        yield f"    y is     {_sums(one)}"
        for k, line in enumerate(_units(one.units, network)):
            yield f"    {'' if k else 'units':<8} {line}"
        yield f"    read by  {'; '.join(_units(one.readers, network))}"
        if proof.certificate is not None and proof.accepted is not None:
            size = f"kernel: accepted {len(proof.certificate):,} bytes"
            yield f"    engine   {proof.engine}, {proof.seconds:.2f} s; {size}"
            yield f"             network sha256 {proof.accepted.network_sha256}"
        if name not in (None, "-"):
            yield f"             certificate {name}"
        if proof.reason:
            yield f"    reason   {proof.reason}"
    if asked.picture is not None:
        yield f"{asked.picture}: these units in the network"


def _sums(one: Found) -> str:
    """What the outputs are of units of the last layer: `2 h[0] + h[3]`, at most three of them."""
    words = []
    for weights in one.outputs[:3]:
        terms = [f"{'' if c == 1 else '-' if c == -1 else f'{c} '}h[{k}]" for k, c in sorted(weights.items())]
        words.append(" + ".join(terms).replace("+ -", "- "))
    more = ", ..." if len(one.outputs) > 3 else ""
    return f"{', '.join(words)}{more}, of the units h of layer {one.last}"


def _object(network: Network, proofs: Proved, asked: Asked) -> dict[str, Any]:
    from relumax.discover.choices.finding import written
    from relumax.network.layers import sha256

    return {
        "network": asked.network.path,
        "network_sha256": sha256(network),
        "size": network.size,
        "choices": [
            {
                "kind": one.kind,
                "verdict": proof.verdict,
                "theorem": "; ".join(proof.theorem),
                "forms": [written(leaf) for leaf in one.leaves],
                "inputs": [list(unit) for unit in one.inputs],
                "units": [list(unit) for unit in one.units],
                "outputs": [[[one.last, k, str(c)] for k, c in sorted(weights.items())] for weights in one.outputs],
                "read_by": [list(unit) for unit in one.readers],
                "engine": proof.engine,
                "seconds": round(proof.seconds, 3),
                "reason": proof.reason,
                "certificate": name,
                "certified_sha256": proof.accepted.network_sha256 if proof.accepted else None,
            }
            for one, proof, name in proofs
        ],
    }
