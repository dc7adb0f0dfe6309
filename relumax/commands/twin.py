"""The checker proved sound in Coq (`coq/checker`), where it is installed: another program, which says yes or no.

It prints hashes of what it has checked. The sentence of a theorem is made here, of the claim with that hash.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from relumax.kernel import Invalid, Malformed, Refused, Theorem

NAME, VARIABLE = "relumax-coq-checker", "RELUMAX_COQ_CHECKER"
CHECKOUT = Path(__file__).resolve().parents[2] / "coq" / "checker" / NAME
FROM = {
    VARIABLE: f"which {VARIABLE} names",
    "checkout": "built in this checkout from rules that are proved sound in Coq",
    "PATH": "found on the PATH",
}  # of a program that is found elsewhere nothing is known but its name
KINDS = {one.kind: one for one in (Malformed, Invalid, Refused)}


def installed() -> tuple[str, str]:
    """The program and where it is from: RELUMAX_COQ_CHECKER names it, else the checkout has it, else the PATH."""
    named = os.environ.get(VARIABLE)
    places = {VARIABLE: named} if named else {"checkout": str(CHECKOUT), "PATH": NAME}
    for place, name in places.items():
        if found := shutil.which(name):
            return found, place
    where = f"{VARIABLE} names {named}, which cannot be run" if named else f"{NAME} is not on the PATH"
    raise click.ClickException(f"--checker coq: {where}; make -C coq builds it in a checkout (docs/coq.md)")


def judge(program: str) -> Callable[[bytes], Theorem]:
    """Like the kernel's `check`, with this program: the theorem that a certificate proves, or one of its exceptions."""

    def check(data: bytes) -> Theorem:
        with tempfile.NamedTemporaryFile(suffix=".json") as file:  # these bytes are checked, whatever the path has now
            file.write(data)
            file.flush()
            done = subprocess.run([program, file.name], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            said = [line.removeprefix(f"{file.name}: ") for line in done.stdout.splitlines()]
        if done.returncode == 0 and len(said) == 2:
            return _theorem(data, said[1], program)
        kind, _, reason = said[0].partition(": ") if said else ("", "", "")
        if kind not in KINDS:
            raise click.ClickException(f"{program}: it ended with code {done.returncode} and no answer")
        raise KINDS[kind]("", reason)

    return check


def _theorem(data: bytes, hashes: str, program: str) -> Theorem:
    """What the claim says, if it and the network are those that the program has hashed."""
    import json
    from hashlib import sha256

    from relumax.kernel.text import text
    from relumax.kernel.wire import write

    value = json.loads(data)
    network, claim = (sha256(write(value[key])).hexdigest() for key in ("network", "claim"))
    if hashes != f"network SHA-256 {network}, claim SHA-256 {claim}":
        raise click.ClickException(f"{program}: it has checked another network or claim: {hashes}")
    return Theorem(text(value["claim"]), network, claim)
