"""How verdicts are printed (in full for one, as a table for several, as JSON) and what exit code they give."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.commands.output import number, print_json, print_part, vector
from relumax.words import INVARIANT, NOT_SO, OK, PROVED, REFUTED, UNCERTIFIED, UNKNOWN, UNSETTLED

if TYPE_CHECKING:
    from relumax.commands.networks import Names
    from relumax.engines.witness import Witness
    from relumax.network.layers import Network
    from relumax.pipeline import Verdict

HEAD = f"{'n':>5}  {'depth':>5}  {'width':>6}  {'size':>7}  {'seconds':>7}  {'bytes':>9}  verdict"
CORRECT = "correct the condition above: it is false, or what is stated is too weak for it (docs/outlines.md)"
OUTLINES = "state an invariant beside the recipe (docs/outlines.md)"


class Side(NamedTuple):
    """One of two networks that are compared: its name, sizes and hash, and what was read into its file."""

    name: str
    depth: int
    width: int
    size: int
    sha256: str
    notes: tuple[str, ...]
    names: Names

    @classmethod
    def of(
        cls,
        name: str,
        network: Network,
        notes: Sequence[str] = (),
        names: Names = ((), ()),
    ) -> Side:
        """The same of a network; `names` are a file's own, of inputs and outputs."""
        from relumax.network.layers import sha256

        return cls(name, network.depth, network.width, network.size, sha256(network), tuple(notes), names)

    def json(self) -> dict[str, Any]:
        """As `--json` has it."""
        sizes = {"depth": self.depth, "width": self.width, "size": self.size}
        return {"network": self.name, **sizes, "network_sha256": self.sha256}


class Entry(NamedTuple):
    """A verdict and what it is about.

    `notes` are what was read into a file of a network, and of floats; `again` names the construction on a command
    line, or the network's file; `from_file` says that the network is a file's, whose n is 0 where it is not known;
    `sides` are two networks that are compared, which stand side by side in the one of the verdict.
    """

    verdict: Verdict
    function: str
    construction: str
    n: int
    options: dict[str, Any]
    notes: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    from_file: bool = False
    sides: tuple[Side, ...] = ()

    @property
    def title(self) -> str:
        """`max/tournament`; of a gadget its name, of a network that is held against a theorem its file."""
        if self.function == "equals":
            return f"{self.construction}, side by side"
        if self.function in ("gadget", "theorem"):
            return self.construction
        return f"{self.function}/{self.construction}".rstrip("/")


def exit_code(entries: Sequence[Entry], allow_uncertified: bool, strict: bool = False) -> int:
    """1 if anything is refuted, else 3 if anything is not settled, else 0.

    If strict, also 3 where a theorem is proved, but not what its program states: an invariant or a contract is false.
    """
    words = {one.verdict.verdict for one in entries}
    if REFUTED in words:
        return NOT_SO
    if strict and any(one.verdict.verdict == PROVED and one.verdict.reason for one in entries):
        return UNSETTLED
    return UNSETTLED if UNKNOWN in words or (UNCERTIFIED in words and not allow_uncertified) else OK


class Printed:
    """`with Printed(...) as printed:` each verdict is printed as it comes.

    In full if it is the only one, as a row of a table if there are several; as one JSON object if asked, which is
    whole also where the work is interrupted.
    """

    def __init__(self, several: bool, as_json: bool, verbose: bool):
        self.several, self.as_json, self.verbose = several, as_json, verbose
        self.entries: list[Entry] = []

    def __enter__(self) -> Printed:
        return self

    def add(self, entry: Entry, output: str | None, err: bool = False) -> None:
        """Print one; `output` is where its certificate is."""
        first = not self.entries
        self.entries.append(entry)
        if self.as_json and not self.several:
            print_json(_object(entry, output, self.verbose))
        elif self.as_json:
            before = '{"results": [' if first else ", "
            print_part(before + json.dumps(_object(entry, output, self.verbose)))
        elif self.several:
            click.echo("\n".join([*([HEAD] if first else []), _row(entry)]), err=err)
        else:
            click.echo("\n".join(_full(entry, output, self.verbose)), err=err)

    def __exit__(self, *_: object) -> None:
        if not self.several or not self.entries:
            return
        if self.as_json:
            print_part("]}\n")
            return
        for one in self.entries:
            for line in _remarks(one, self.verbose):
                click.echo(f"n = {one.n}: {line}")


def _object(one: Entry, output: str | None, verbose: bool) -> dict[str, Any]:
    from relumax.network.layers import sha256

    verdict, network = one.verdict, one.verdict.built
    hashed = verdict.accepted.network_sha256 if verdict.accepted else network and sha256(network)
    found: dict[str, Any] = {
        "verdict": verdict.verdict,
        "theorem": "; ".join(verdict.theorem),
        "function": one.function,
        "construction": one.construction,
        "n": one.n,
        "depth": network and network.depth,
        "width": network and network.width,
        "size": network and network.size,
        "engine": verdict.engine,
        "seconds": round(verdict.seconds, 3),
        "z3": verdict.z3,
        "certificate": output if verdict.certificate is not None else None,
        "network_sha256": hashed,
    }
    found |= {name: side.json() for name, side in zip("ab", one.sides, strict=False)}
    if one.options:
        found["options"] = {key: _plain(value) for key, value in one.options.items() if value is not None}
    if one.notes:
        found["notes"] = list(one.notes)
    if verdict.reason:
        found["reason"] = verdict.reason
    if verbose and (details := [note for note in verdict.notes if note not in verdict.reason]):
        found["details"] = details
    if verdict.witness is not None:
        found["witness"] = {
            "inputs": list(map(number, verdict.witness.inputs)),
            "index": verdict.witness.at,
            "outputs": list(map(number, verdict.witness.outputs)),
        }
        if one.sides:
            halves = zip(("a", "b", "difference"), _compared(verdict.witness), strict=True)
            found["witness"] |= {name: list(map(number, values)) for name, values in halves}
    return found


def _compared(witness: Witness) -> tuple[list[Fraction], list[Fraction], list[Fraction]]:
    """What the first of two networks side by side gives, what the second gives, and by how much the first is more."""
    half = len(witness.outputs) // 2
    a, b = witness.outputs[:half], witness.outputs[half:]
    return a, b, [one - other for one, other in zip(a, b, strict=True)]


def _in_floats(verdict: Verdict) -> str:
    """Whether the difference of two networks shows where they are run in float32; "" where that cannot be said."""
    import numpy as np

    from relumax.errors import FormatError
    from relumax.network.evaluate import evaluate_numpy

    try:
        point = [float(x) for x in verdict.witness.inputs] if verdict.witness else []
        with np.errstate(all="ignore"):
            outputs = evaluate_numpy(verdict.network, [point], np.float32)[0]
    except (FormatError, OverflowError):
        return ""
    half = len(outputs) // 2
    most = float(np.max(np.abs(outputs[:half] - outputs[half:])))
    if not np.isfinite(most):
        return ""
    return f"in float32 they are about {most:.2g} apart there" if most else "in float32 they give the same there"


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Fraction) else value


def _full(one: Entry, output: str | None, verbose: bool) -> Iterator[str]:
    verdict, network = one.verdict, one.verdict.built
    yield verdict.verdict
    for sentence in verdict.theorem:
        yield f"theorem  {sentence}"
    size = "not built"
    if network is not None:
        size = f"{network.depth} hidden layers, width {network.width}, {network.size} units"
    yield f"network  {one.title}{f', n = {one.n}' if one.n or not one.from_file else ''}: {size}"
    for name, side in zip("ab", one.sides, strict=False):
        yield f"         {name} is {side.name}: {side.depth} hidden layers, {side.size} units, sha256 {side.sha256}"
    engine = f"engine   {verdict.engine}, {verdict.seconds:.2f} s"
    if verdict.certificate is not None and verdict.accepted is not None:
        yield f"{engine}; z3: {verdict.z3}; kernel: accepted {len(verdict.certificate):,} bytes"
        yield f"         network sha256 {verdict.accepted.network_sha256}"
        if output not in (None, "-"):
            yield f"         certificate {output}"
            if verdict.engine == "link":
                yield f"         it is an identity: `relumax check {output} --network FILE` holds a network against it"
    elif verdict.witness is not None:
        witness = verdict.witness
        yield f"{engine}; a counterexample, evaluated exactly:"
        yield f"         inputs  {vector(witness.inputs)}"
        if witness.at:
            yield f"         index   {vector(witness.at)}"
        if one.sides:
            a, b, apart = _compared(witness)
            yield f"         a       {vector(a)}"
            yield f"         b       {vector(b)}"
            most = max(map(abs, apart))
            yield f"         a - b   {vector(apart)}{f', at most {float(most):.2g}' if most.denominator > 1000 else ''}"
            if said := _in_floats(verdict):
                yield f"         floats  {said}"
        else:
            yield f"         outputs {vector(witness.outputs)}"
    else:
        yield f"{engine}; z3: {verdict.z3 or 'not asked'}"
        if output not in (None, "-"):
            yield f"         no certificate, and {output} is not written"
    for line in _remarks(one, verbose):
        label, _, said = line.partition(": ")
        yield f"{label:<8} {said}"


def _remarks(one: Entry, verbose: bool) -> Iterator[str]:
    """`reason: ...`, `note: ...` and `next: ...`, what to say beside a verdict."""
    verdict = one.verdict
    if verdict.reason:
        yield f"{'reason' if verdict.verdict in (UNKNOWN, UNCERTIFIED) else 'note'}: {verdict.reason}"
    told = [note for note in verdict.notes if verbose or (one.sides and "bounds show" in note)]
    told = [note for note in told if note not in verdict.reason]
    for note in (*one.notes, *told):
        yield f"note: {note}"
    if hint := _next(one):
        yield f"next: {hint}"


def _next(one: Entry) -> str:
    """What to do about a verdict; empty if there is nothing to be done."""
    verdict = one.verdict
    stated = f"{INVARIANT}: " in verdict.reason or "does not keep its contract" in verdict.reason
    advice = CORRECT if stated else OUTLINES
    recipe = not one.from_file and (bool(one.again) or one.function not in ("gadget",))
    match verdict.verdict:
        case word if word == REFUTED and verdict.witness is not None and one.again and _own(one):
            values = list(map(number, verdict.witness.inputs))
            given = {} if one.from_file else one.options
            options = [x for key, value in given.items() if value is not None for x in _option(key, value)]
            line = shlex.join(["relumax", "eval", *one.again, *options, *values, "--trace"])
            return line if len(values) <= 16 else ""
        case word if word == UNCERTIFIED:
            return f"for a certificate, {advice}; --allow-uncertified exits 0 on z3's word alone"
        case word if word != UNKNOWN:
            return ""
    if "--max-size" in verdict.reason:
        return "raise --max-size" if one.from_file else "raise --max-size, or try a smaller --n"
    if "no answer within" in verdict.reason:
        more = f", or {advice}" if recipe and verdict.engine == "flat" else ""
        return f"give it more time with --timeout{more}"
    return (advice if stated else f"{advice}, or try a smaller one") if recipe else ""


def _own(one: Entry) -> bool:
    """Whether what was refuted is a user's own: a recipe, or a file."""
    return one.from_file or "--from" in one.again


def _option(key: str, value: Any) -> list[str]:
    values = value if isinstance(value, (tuple, list)) else [value]
    return [f"--{key.replace('_', '-')}", *map(str, values)]


def _row(one: Entry) -> str:
    verdict, network = one.verdict, one.verdict.built
    depth, width, size = (network.depth, network.width, network.size) if network is not None else ("-", "-", "-")
    kept = f"{len(verdict.certificate):,}" if verdict.certificate is not None else "-"
    return f"{one.n:>5}  {depth:>5}  {width:>6}  {size:>7}  {verdict.seconds:>7.2f}  {kept:>9}  {verdict.verdict}"
