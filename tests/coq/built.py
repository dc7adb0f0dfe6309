"""The library in coq/ and its checker, built once where Coq is installed.

Without Coq the tests are skipped; with RELUMAX_NEEDS_COQ=1, as CI sets it, they fail instead.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COQ = ROOT / "coq"
CHECKER = COQ / "checker" / "relumax-coq-checker"
NEEDED = os.environ.get("RELUMAX_NEEDS_COQ") == "1"


def without(program: str) -> None:
    """Say in one line what is missing."""
    say = pytest.fail if NEEDED else pytest.skip
    say(f"{program} is not installed: apt-get install --no-install-recommends coq ocaml-findlib libzarith-ocaml-dev")


def build() -> None:
    """`make -C coq`, by one process at a time; nothing to do if it is built."""
    for program in ("coqc", "ocamlfind", "make"):
        if shutil.which(program) is None:
            without(program)
    with (COQ / "Makefile").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = subprocess.run(["make", "-C", str(COQ)], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr


def coqc(path: Path, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    """Coq on one file, with the library."""
    command = ["coqc", "-q", "-Q", str(COQ), "Relumax", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, cwd=path.parent)


def checked(paths: list[str]) -> subprocess.CompletedProcess[str]:
    """The extracted checker on many files."""
    return subprocess.run([CHECKER, *paths], capture_output=True, text=True, timeout=300)
