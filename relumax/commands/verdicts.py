"""How verdicts are printed (in full for one, as a table for several, as JSON) and what exit code they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.commands.output import print_json, vector
from relumax.words import NOT_SO, OK, PROVED, REFUTED, UNCERTIFIED, UNKNOWN, UNSETTLED

if TYPE_CHECKING:
    from relumax.commands.chosen import Chosen
    from relumax.pipeline import Verdict


class Entry(NamedTuple):
    """A verdict and what it is about; `notes` are what was read into a file of a network."""

    verdict: Verdict
    function: str
    construction: str
    n: int
    options: dict[str, Any]
    notes: tuple[str, ...] = ()


def exit_code(entries: Sequence[Entry], allow_uncertified: bool) -> int:
    """1 if anything is refuted, else 3 if anything is not settled, else 0."""
    words = {one.verdict.verdict for one in entries}
    if REFUTED in words:
        return NOT_SO
    return UNSETTLED if UNKNOWN in words or (UNCERTIFIED in words and not allow_uncertified) else OK


def print_verdicts(entries: Sequence[Entry], output: str | None, as_json: bool, err: bool = False) -> None:
    """In full for one, as a table for several, as one JSON object if asked; `output` is where the certificate is."""
    if as_json:
        objects = [_object(one, output) for one in entries]
        print_json(objects[0] if len(objects) == 1 else {"results": objects})
    else:
        lines = _full(entries[0], output) if len(entries) == 1 else _table(entries)
        click.echo("\n".join(lines), err=err)


def print_unknown(chosen: Chosen, n: int, reason: str) -> None:
    """One JSON object for a size that could not be tried."""
    print_json({"verdict": UNKNOWN, **chosen.names, "n": n, "certificate": None, "reason": reason})


def _object(one: Entry, output: str | None) -> dict[str, Any]:
    from relumax.network.layers import sha256

    verdict, network = one.verdict, one.verdict.network
    found: dict[str, Any] = {
        "verdict": verdict.verdict,
        "theorem": "; ".join(verdict.theorem),
        "function": one.function,
        "construction": one.construction,
        "n": one.n,
        "depth": network.depth,
        "width": network.width,
        "size": network.size,
        "engine": verdict.engine,
        "seconds": round(verdict.seconds, 3),
        "z3": verdict.z3,
        "certificate": output if verdict.certificate is not None else None,
        "network_sha256": verdict.accepted.network_sha256 if verdict.accepted else sha256(network),
    }
    if one.options:
        found["options"] = {key: _plain(value) for key, value in one.options.items() if value is not None}
    if one.notes:
        found["notes"] = list(one.notes)
    if verdict.reason:
        found["reason"] = verdict.reason
    if verdict.witness is not None:
        found["witness"] = {
            "inputs": [str(value) for value in verdict.witness.inputs],
            "index": verdict.witness.at,
            "outputs": [str(value) for value in verdict.witness.outputs],
        }
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Fraction) else value


def _full(one: Entry, output: str | None) -> Iterator[str]:
    verdict, network = one.verdict, one.verdict.network
    name = one.construction if one.function == "gadget" else f"{one.function}/{one.construction}"
    for sentence in verdict.theorem:
        yield f"theorem  {sentence}"
    yield (f"network  {name}, n = {one.n}: {network.depth} hidden layers, width {network.width}, {network.size} units")
    if verdict.verdict == PROVED and verdict.certificate is not None and verdict.accepted is not None:
        yield (
            f"{PROVED:<7}  engine {verdict.engine}, {verdict.seconds:.2f} s; z3: {verdict.z3}; "
            f"kernel: accepted {len(verdict.certificate):,} bytes"
        )
        yield f"         network sha256 {verdict.accepted.network_sha256}"
        if output not in (None, "-"):
            yield f"         certificate {output}"
            if verdict.engine == "link":
                yield f"         it is an identity: `relumax check {output} --network FILE` holds a network against it"
    elif verdict.witness is not None:
        witness = verdict.witness
        yield f"{REFUTED:<7}  engine {verdict.engine}, {verdict.seconds:.2f} s; a counterexample, evaluated exactly:"
        yield f"         inputs  {vector(witness.inputs)}"
        if witness.at:
            yield f"         index   {vector(witness.at)}"
        yield f"         outputs {vector(witness.outputs)}"
    else:
        yield f"{verdict.verdict}  engine {verdict.engine}, {verdict.seconds:.2f} s; z3: {verdict.z3 or 'not asked'}"
    for note in filter(None, (*one.notes, verdict.reason)):
        yield f"note     {note}"


def _table(entries: Sequence[Entry]) -> Iterator[str]:
    yield f"{'n':>5}  {'depth':>5}  {'width':>6}  {'size':>7}  {'seconds':>7}  {'bytes':>9}  verdict"
    for one in entries:
        verdict, network = one.verdict, one.verdict.network
        size = f"{len(verdict.certificate):,}" if verdict.certificate is not None else "-"
        yield (
            f"{one.n:>5}  {network.depth:>5}  {network.width:>6}  {network.size:>7}  {verdict.seconds:>7.2f}  "
            f"{size:>9}  {verdict.verdict}"
        )
