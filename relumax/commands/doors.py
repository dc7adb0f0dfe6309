"""What the kernel says of a file, by the door it belongs to: certificates, identities, weights held against either.

No solver and no sympy; numpy for a point where a false identity fails alone.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

from relumax.kernel import FORMAT, MAX_BYTES, Invalid, Malformed, Refused, Theorem, check
from relumax.kernel.identity import FalseIdentity, Identity, check_identity
from relumax.words import NETWORK_FORMAT, NPZ, ONNX, SAFETENSORS

if TYPE_CHECKING:
    from relumax.commands.networks import NetworkFile

KINDS = VALID, INVALID, MALFORMED, REFUSED, UNREAD = "valid", Invalid.kind, Malformed.kind, Refused.kind, "cannot read"
"""The last is what is said where a file of weights could not be read: nothing of the weights."""


NO_CERTIFICATE = "a network and no certificate: relumax prove FILE proves one"


class Unread(Exception):
    """A file of weights that cannot be read; the message says which, why and what to do."""


def examined(path: str, network: NetworkFile | None, budget: int | None) -> dict[str, Any]:
    """What the kernel says of a file, as `relumax check --json` has it, a file of weights being held against it.

    `budget` is the most steps an identity may take, None for the kernel's own; a certificate's comes from its size.
    """
    result: dict[str, Any] = {"file": path}
    data = b""
    try:
        data = _bytes(path)
        if data.startswith(f'{{"format":"{NETWORK_FORMAT}"'.encode()):
            raise Malformed("", NO_CERTIFICATE)
        theorem = check_identity(data, budget) if _is_identity(data) else check(data)
        result |= {"verdict": VALID, "theorem": _sentences(theorem), **_hashes(theorem)}
        if network is not None:
            said, notes, ranges = _same(data, network, budget)
            result |= {"network": said, **({"notes": list(notes)} if notes else {})}
            if ranges:
                result["exact_to"] = ranges
    except Unread as problem:
        return {"file": path, "verdict": UNREAD, "reason": str(problem)}
    except (Malformed, Invalid, Refused) as problem:
        hint = " (--budget)" if isinstance(problem, Refused) and "the budget is" in problem.reason else ""
        if isinstance(problem, Malformed) and _is_weights(data):
            problem = Malformed("", NO_CERTIFICATE)
        elif isinstance(problem, Malformed) and _foreign(data):
            problem = Malformed("", "not a relumax certificate")
        result |= {"verdict": problem.kind, "reason": f"{problem.path}: {problem.reason}{hint}".removeprefix(": ")}
        if isinstance(problem, FalseIdentity):
            result |= _witness(problem)
    return result


def _bytes(path: str) -> bytes:
    """The bytes of a regular file, or of standard input for "-", read once."""
    if path == "-":
        return _bounded(sys.stdin.buffer)
    if not os.path.exists(path):
        raise click.ClickException(f"{path}: no such file or folder")
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise click.ClickException(f"{path}: not a regular file")
        return _bounded(stream)


def _bounded(stream: IO[bytes]) -> bytes:
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refused("", f"larger than {MAX_BYTES} bytes")
    return data


def _witness(problem: FalseIdentity) -> dict[str, Any]:
    """A point where a false identity fails, if one is found in seconds; numpy is loaded for this alone."""
    from relumax.discover.identities.witness import difference, failing_point

    x = failing_point(problem)
    if x is None:
        return {}
    most = x[-1]
    return {"witness": {"inputs": [str(one) for one in x], "max": str(most), "sum": str(most + difference(problem, x))}}


def _is_identity(data: bytes) -> bool:
    """A public identity has terms; a relumax certificate has a format."""
    return b'"terms"' in data and f'"{FORMAT}"'.encode() not in data


def _is_weights(data: bytes) -> bool:
    """Whether these bytes look like a network's in a format that is no text."""
    from relumax.errors import FormatError
    from relumax.formats import sniff

    try:
        return sniff(data) in (ONNX, NPZ, SAFETENSORS)
    except FormatError:
        return False


def _foreign(data: bytes) -> bool:
    """Whether these bytes are JSON, and nothing that relumax or its identities begin with."""
    import json

    if f'"{FORMAT}"'.encode() in data or f'"{NETWORK_FORMAT}"'.encode() in data or _is_identity(data):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _sentences(theorem: Theorem | Identity) -> list[str]:
    return list(theorem.statements) if isinstance(theorem, Theorem) else [theorem.text]


def _hashes(theorem: Theorem | Identity) -> dict[str, str]:
    if isinstance(theorem, Theorem):
        return {"network_sha256": theorem.network_sha256, "claim_sha256": theorem.claim_sha256}
    return {"identity_sha256": theorem.sha256}


def _same(data: bytes, network: NetworkFile, budget: int | None) -> tuple[str, tuple[str, ...], list[str]]:
    """Confirm, value by value, that a file of weights holds the certified network; raises Invalid, Unread if not.

    The second part are the notes, what was read into the file; the third is for which inputs its type is exact.
    """
    import json

    from relumax.commands.ranging import exact_lines
    from relumax.errors import Differs
    from relumax.formats import same_weights
    from relumax.network.layers import from_json

    if _is_identity(data):
        return *_linked(data, network, budget), []
    with _reading(network.path):
        weights = _bytes(network.path)
        try:
            loaded = same_weights(weights, from_json(json.loads(data)["network"]), network.options())
        except Differs as problem:
            raise Invalid(network.path, f"not the certified weights: {problem}") from None
    how = "is read as" if loaded.notes else "holds"
    return f"{network.path} {how} exactly the certified weights", loaded.notes, exact_lines(loaded)


def _linked(identity: bytes, network: NetworkFile, budget: int | None) -> tuple[str, tuple[str, ...]]:
    """Have the kernel confirm that a file's network is the identity written out; raises Invalid if it is not."""
    from relumax.formats import load
    from relumax.kernel.link import check_link
    from relumax.kernel.wire import write
    from relumax.network.layers import to_json

    with _reading(network.path):
        loaded = load(_bytes(network.path), None, network.options())
        weights = write(to_json(loaded.network))
    linked = check_link(identity, weights, budget)
    said = f"is the identity written out: {linked.statements[0]}, network sha256 {linked.network_sha256}"
    return f"{network.path} {said}", loaded.notes


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """In here, a file is read: what goes wrong is that it cannot be, and no word about its weights."""
    from relumax.errors import FormatError, MissingExtra

    try:
        yield
    except (FormatError, MissingExtra, OSError) as problem:
        why = problem.strerror or str(problem) if isinstance(problem, OSError) else str(problem)
        raise Unread(f"{path}: cannot read: {why}") from None
    except click.ClickException as problem:
        raise Unread(f"{path}: cannot read: {problem.format_message().removeprefix(f'{path}: ')}") from None
    except Refused as problem:
        raise Refused(path, problem.reason) from None
