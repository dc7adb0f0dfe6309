"""The extracted checker and the Python kernel on mutants of certificates: they agree on what is a theorem.

    python -m tests.coq.agreement --mutants 1000000 --seed 7

Needs the library built (`make -C coq`). Mutants are made as in tests/kernel/campaign.py, of its hand-made certificates
and of the small ones in proofs/. Refusals may differ, since each counts work in its own way; what one takes for a
theorem and the other does not is a fault.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from relumax.kernel import KernelError, check
from tests.coq.built import ROOT, checked
from tests.kernel.campaign import SEED, mutants_of
from tests.kernel.examples import EXAMPLES

FILES = sorted((ROOT / "proofs").glob("*.json"))
SMALL = 6000  # bytes: of larger certificates no mutants are made here
BATCH = 1000  # files that the checker is given at once


class Difference(NamedTuple):
    """A file that one checker takes for a theorem and the other does not."""

    file: bytes
    kernel: str
    checker: str


def pool() -> list[dict[str, Any]]:
    """The certificates of which mutants are made."""
    found = [certificate for certificate, _ in EXAMPLES.values()]
    return found + [json.loads(path.read_bytes()) for path in FILES if path.stat().st_size < SMALL]


def verdict(file: bytes) -> str:
    """What the kernel says: theorem, malformed, invalid or refused."""
    try:
        check(file)
    except KernelError as problem:
        return problem.kind
    return "theorem"


def said(paths: Sequence[str]) -> dict[str, list[str]]:
    """What the extracted checker says of each file: one word as `verdict`, and of theorems the line with the hashes."""
    found: dict[str, list[str]] = {}
    done = checked(list(paths))
    assert done.stderr == "", done.stderr
    for line in done.stdout.splitlines():
        path, _, text = line.partition(": ")
        if "true over every ordered field" in text:
            text = "theorem"
        found.setdefault(path, []).append(text.partition(":")[0] if "SHA" not in text else text)
    return found


def compared(files: Sequence[bytes], may_refuse: bool = False) -> tuple[Counter[str], list[Difference]]:
    """How often the kernel says what of these files, and where the checkers differ."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder, f"{k}.json")) for k in range(len(files))]
        for path, file in zip(paths, files, strict=True):
            Path(path).write_bytes(file)
        theirs = said(paths)
    ours, differ = Counter[str](), []
    for path, file in zip(paths, files, strict=True):
        one, other = verdict(file), theirs[path][0]
        ours[one] += 1
        if (one == "theorem") != (other == "theorem") and not (may_refuse and "refused" in (one, other)):
            differ.append(Difference(file, one, other))
    return ours, differ


def agreement(mutants: int, seed: int = SEED) -> Iterator[tuple[Counter[str], list[Difference]]]:
    """After each batch of mutants: how often the kernel has said what so far, and all differences so far."""
    ours, differ = Counter[str](), list[Difference]()
    made = (mutant for _, mutant in mutants_of(pool(), mutants, seed))
    while batch := list(islice(made, BATCH)):
        more, different = compared(batch)
        ours += more
        differ += different
        yield ours, differ


def main() -> int:
    """Compare on so many mutants from the command line; a line after each batch of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    differ: list[Difference] = []
    for ours, differ in agreement(options.mutants, options.seed):
        print(f"seed {options.seed}: {ours.total():,} mutants, {dict(ours)}; {len(differ)} differ", flush=True)
    for one in differ[:5]:
        print(f"kernel {one.kernel}, checker {one.checker}: {one.file.decode(errors='replace')[:2000]}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
