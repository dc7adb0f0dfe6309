"""What the kernel says of a file, by the door it belongs to: certificates, identities, weights held against either.

No solver and no sympy; numpy for a point where a false identity fails alone.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

from relumax.kernel import FORMAT, MAX_BYTES, Invalid, Malformed, Refused, Theorem, check
from relumax.kernel.identity import FalseIdentity, Identity, check_identity
from relumax.words import LEAST_FORMAT

if TYPE_CHECKING:
    from relumax.commands.networks import NetworkFile
    from relumax.discover.formulas.least import Statement

KINDS = VALID, INVALID, MALFORMED, REFUSED, UNREAD = "valid", Invalid.kind, Malformed.kind, Refused.kind, "cannot read"
"""The last is what is said where a file could not be read, or one of weights: nothing of what is in it."""


class Unread(Exception):
    """A file of weights that cannot be read; the message says which, why and what to do."""


OUTSIDE = "checked outside the kernel, by relumax/discover/formulas/least.py alone"
"""What is said of a lower bound."""
Judge = Callable[[bytes], Theorem]


def examined(
    path: str, networks: Sequence[NetworkFile], budget: int | None, judge: Judge | None = None
) -> dict[str, Any]:
    """What the kernel says of a file, as `relumax check --json` has it, files of weights being held against it: one, or
    two networks that stand side by side in it.

    `budget` is the most steps an identity may take, None for the kernel's own; a certificate's comes from its size.
    With a `judge` it is that which speaks, and of certificates only.
    """
    return _said(path, lambda: _bytes(path), networks, budget, judge)


def examined_all(paths: Sequence[str], budget: int | None) -> Iterator[dict[str, Any]]:
    """The same of many files, each a task: read here, checked wherever tasks run (`relumax.cluster`)."""
    from relumax.cluster import mapped

    return mapped(_checked, ((path, _content(path), budget) for path in paths))


def unread(path: str, problem: Exception) -> dict[str, Any]:
    """What is said of a file or folder that could not be read; raises the problem again if it is none of reading."""
    if not isinstance(problem, (OSError, click.ClickException)):
        raise problem
    reason = problem.message if isinstance(problem, click.ClickException) else problem.strerror or str(problem)
    return {"file": path, "verdict": UNREAD, "reason": reason.removeprefix(f"{path}: ")}


Content = bytes | dict[str, Any]
"""The bytes of a file; or what is said of it without them."""


def _content(path: str) -> Content:
    try:
        return _bytes(path)
    except Refused as problem:
        return {"file": path, "verdict": problem.kind, "reason": problem.reason}
    except (OSError, click.ClickException) as problem:
        return unread(path, problem)


def _checked(task: tuple[str, Content, int | None]) -> dict[str, Any]:
    """What the kernel says of a file that was read: a task of its own."""
    path, content, budget = task
    return content if isinstance(content, dict) else _said(path, lambda: content, (), budget, None)


def _said(
    path: str, read: Callable[[], bytes], networks: Sequence[NetworkFile], budget: int | None, judge: Judge | None
) -> dict[str, Any]:
    """What is said of the file that `read` reads."""
    result: dict[str, Any] = {"file": path}
    data = b""
    try:
        data = read()
        if is_least(data):
            return result | {"verdict": VALID, "theorem": [_least(data, networks, judge).text], "notes": [OUTSIDE]}
        theorem = _judged(data, budget, judge)
        result |= {"verdict": VALID, "theorem": _sentences(theorem), **_hashes(theorem)}
        if networks:
            said, notes, ranges = (
                _same(data, networks[0], budget) if len(networks) == 1 else (*_beside(data, *networks), [])
            )
            result |= {
                "network" if len(networks) == 1 else "networks": said,
                **({"notes": list(notes)} if notes else {}),
            }
            if ranges:
                result["exact_to"] = ranges
    except Unread as problem:
        return {"file": path, "verdict": UNREAD, "reason": str(problem)}
    except (Malformed, Invalid, Refused) as problem:
        from relumax.formats.certificate import told

        why = told(problem, data)
        hint = " (--budget)" if isinstance(why, Refused) and re.search(r"budget (of|is) \d", why.reason) else ""
        result |= {"verdict": why.kind, "reason": f"{why.path}: {why.reason}{hint}".removeprefix(": ")}
        if isinstance(problem, FalseIdentity):
            result |= _witness(problem)
    return result


def _judged(data: bytes, budget: int | None, judge: Judge | None) -> Theorem | Identity:
    """The theorem that a file proves."""
    if not is_identity(data):
        return (judge or check)(data)
    if judge is not None:
        raise Malformed("", "an identity, which only the kernel checks (--checker kernel)")
    return check_identity(data, budget)


def _least(data: bytes, networks: Sequence[NetworkFile], judge: Judge | None) -> Statement:
    """The lower bound that a file proves: it is about no network, and the kernel has no part in it."""
    from relumax.discover.formulas.least import NotProved, NotRead, check

    if networks or judge is not None:
        what = "is about no network" if networks else "has a checker of its own (--checker kernel)"
        raise Invalid("", f"a lower bound for all formulas of a family {what}")
    try:
        return check(data)
    except NotProved as problem:
        raise (Malformed if isinstance(problem, NotRead) else Invalid)("", str(problem)) from None


def _bytes(path: str) -> bytes:
    """The bytes of a regular file, or of standard input for "-", read once."""
    if path == "-":
        return _bounded(sys.stdin.buffer)
    if not path:
        raise click.ClickException("the name of the file to read is empty")
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


def is_identity(data: bytes) -> bool:
    """A public identity has terms; a relumax certificate has a format."""
    return b'"terms"' in data and f'"{FORMAT}"'.encode() not in data


def is_least(data: bytes) -> bool:
    """Whether this is said to be a proof that formulas have no fewer absolute values than so many."""
    return data.startswith(f'{{"format":"{LEAST_FORMAT}"'.encode())


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

    if is_identity(data):
        return *_linked(data, network, budget), []
    with _reading(network.path):
        weights, certified = _bytes(network.path), json.loads(data)
        try:
            loaded = same_weights(weights, from_json(certified["network"]), network.options())
        except Differs as problem:
            names = [one["name"] for one in certified["claim"]["arrays"] if one["of"] == "out"]
            hint = " (the certificate is about two networks side by side: give --network twice)"
            said = hint if names == ["a", "b"] else ""
            raise Invalid(network.path, f"not the certified weights: {problem}{said}") from None
    how = "is read as" if loaded.notes else "holds"
    return f"{network.path} {how} exactly the certified weights", loaded.notes, exact_lines(loaded)


def _beside(data: bytes, *files: NetworkFile) -> tuple[list[str], tuple[str, ...]]:
    """Confirm that two files are the networks side by side in a certificate; raises Invalid, Unread if not."""
    import json

    from relumax.commands.networks import both_read
    from relumax.errors import Differs, SelfContradiction
    from relumax.formats import load
    from relumax.formats.compare import check_beside
    from relumax.network.layers import from_json, sha256

    names = " and ".join(file.path for file in files)
    if is_identity(data):
        raise Invalid(names, "an identity is about one network: give --network once")
    loaded = []
    with _reading(names):
        files = both_read(*files)
    for file in files:
        with _reading(file.path):
            try:
                loaded.append(load(_bytes(file.path), None, file.options()))
            except SelfContradiction as problem:
                raise Invalid(file.path, f"not the certified weights: {problem}") from None
    both = from_json(json.loads(data)["network"])
    try:
        check_beside(loaded[0].network, loaded[1].network, both)
    except Differs as problem:
        raise Invalid(names, str(problem)) from None
    said, half = [], both.outputs // 2
    for k, (file, one) in enumerate(zip(files, loaded, strict=True)):
        first, last = k * half, (k + 1) * half - 1
        what = f"output {first} is" if half == 1 else f"outputs {first} to {last} are"
        said.append(f"{what} exactly the network {file.path}, sha256 {sha256(one.network)}")
    return said, tuple(f"{file.path}: {note}" for file, one in zip(files, loaded, strict=True) for note in one.notes)


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
