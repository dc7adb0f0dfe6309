"""`relumax check`: files and folders through the kernel, without solver or sympy (numpy for a false identity alone)."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from typing import IO, Any

import click

from relumax.kernel import MAX_BYTES, Invalid, Malformed, Refused, Theorem, check
from relumax.kernel.identity import FalseIdentity, Identity, check_identity
from relumax.report import heard

VALID, INVALID, NOTHING, REFUSED = 0, 1, 2, 3


def check_paths(paths: Sequence[str], network: str | None, as_json: bool, budget: int | None = None) -> int:
    """Check every file, print a line for each (or one JSON object), and return the exit code.

    `budget` is the most steps an identity may take, None for the kernel's own; a certificate's comes from its size.
    """
    files = []
    for path in paths:
        found = list(_files(path))
        if not found:
            raise click.ClickException(f"{path}: no *.json file to check")
        files += found
    if network is not None and len(files) != 1:
        raise click.UsageError("--network goes with one certificate")
    results = [_one(path, network, budget) for path in files]
    with heard():
        if as_json:
            import json

            click.echo(json.dumps({"results": results}))
        else:
            for result in results:
                _print(result)
    verdicts = {result["verdict"] for result in results}
    if verdicts & {"malformed", "invalid"}:
        return INVALID
    return REFUSED if "refused" in verdicts else VALID


def _files(path: str) -> Iterator[str]:
    if os.path.isdir(path):
        for folder, folders, names in os.walk(path, onerror=_unreadable):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".json"))
    else:
        yield path


def _unreadable(problem: OSError) -> None:
    """A folder that cannot be read is not an empty one."""
    raise problem


def _bytes(path: str) -> bytes:
    """The bytes of a regular file, or of standard input for "-", read once."""
    if path == "-":
        return _limited(sys.stdin.buffer)
    if not os.path.exists(path):
        raise click.ClickException(f"{path}: no such file or folder")
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise click.ClickException(f"{path}: not a regular file")
        return _limited(stream)


def _limited(stream: IO[bytes]) -> bytes:
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refused("", f"larger than {MAX_BYTES} bytes")
    return data


def _one(path: str, network: str | None, budget: int | None) -> dict[str, Any]:
    result: dict[str, Any] = {"file": path}
    try:
        data = _bytes(path)
        if data.startswith(b'{"format":"relumax-network"'):
            raise Malformed("", "a network and no certificate: relumax prove --network proves one")
        theorem = check_identity(data, budget) if _is_identity(data) else check(data)
        result |= {"verdict": "valid", "theorem": _sentences(theorem), **_hashes(theorem)}
        if network is not None:
            result["network"] = _same(data, network, budget)
    except (Malformed, Invalid, Refused) as problem:
        hint = " (--budget)" if isinstance(problem, Refused) and "the budget is" in problem.reason else ""
        result |= {"verdict": problem.kind, "reason": f"{problem.path}: {problem.reason}{hint}".removeprefix(": ")}
        if isinstance(problem, FalseIdentity):
            result |= _witness(problem)
    return result


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
    return b'"terms"' in data and b'"relumax-certificate"' not in data


def _sentences(theorem: Theorem | Identity) -> list[str]:
    return list(theorem.statements) if isinstance(theorem, Theorem) else [theorem.text]


def _hashes(theorem: Theorem | Identity) -> dict[str, str]:
    if isinstance(theorem, Theorem):
        return {"network_sha256": theorem.network_sha256, "claim_sha256": theorem.claim_sha256}
    return {"identity_sha256": theorem.sha256}


def _same(data: bytes, network: str, budget: int | None) -> str:
    """Confirm, value by value, that a file of weights holds the certified network; raises Invalid if not."""
    import json

    from relumax.errors import FormatError
    from relumax.formats import same_weights
    from relumax.network.layers import from_json

    if _is_identity(data):
        return _linked(data, network, budget)
    try:
        same_weights(_bytes(network), from_json(json.loads(data)["network"]))
    except FormatError as problem:
        raise Invalid(network, f"not the certified weights: {problem}") from None
    return f"{network} holds exactly the certified weights"


def _linked(identity: bytes, network: str, budget: int | None) -> str:
    """Have the kernel confirm that a file's network is the identity written out; raises Invalid if it is not."""
    from relumax.errors import FormatError
    from relumax.formats import load
    from relumax.kernel.link import check_link
    from relumax.kernel.wire import write
    from relumax.network.layers import to_json

    try:
        weights = load(_bytes(network)).network
    except FormatError as problem:
        raise Invalid(network, f"not a network: {problem}") from None
    linked = check_link(identity, write(to_json(weights)), budget)
    return f"{network} is the identity written out: {linked.statements[0]}, network sha256 {linked.network_sha256}"


def _print(result: dict[str, Any]) -> None:
    name = _printable(result["file"])
    if result["verdict"] == "valid":
        for sentence in result["theorem"]:
            click.echo(f"{name}: {sentence}")
        for key in ("network_sha256", "claim_sha256", "identity_sha256"):
            if key in result:
                click.echo(f"    {key.replace('_', ' ')} {result[key]}")
        if "network" in result:
            click.echo(f"    {_printable(result['network'])}")
        return
    line = f"{name}: {result['verdict']}: {_printable(result['reason'])}"
    click.echo(line)
    if "witness" in result:
        x, most, total = result["witness"].values()
        click.echo(f"    at x = ({', '.join(x)}) the maximum is {most}, and the terms add up to {total}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        message = line.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        click.echo(f"::error file={name.replace('%', '%25').replace(',', '%2C').replace(':', '%3A')}::{message}")


def _printable(text: str) -> str:
    """The text without control characters, terminal escapes or lone surrogates."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
