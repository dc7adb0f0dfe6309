"""Each row of the catalogue at n = 8 and 64, against another checkout in the same run: proving, bytes, checking.

    git worktree add /tmp/before COMMIT
    python benchmarks/rows.py /tmp/before [--runs 3] [--only argmax] [--alone]

Every run is a fresh process that builds the program, proves it (the certificate included) and checks the bytes it got;
the two checkouts take turns. Printed are medians of processor seconds, here / there, and bytes. With `--alone` networks
are proved without their programs, at sizes that the checkouts before engine canonical reach within 60 seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Any

CACHE = str(Path(gettempdir()) / "relumax-rows")  # of bytecode, which an installed package has
HERE = Path(__file__).resolve().parents[1]
ROWS: list[tuple[str, str, tuple[int, ...], str]] = [
    ("max", "tournament", (8, 64), ""),
    ("max", "chain", (8, 64), ""),
    ("max", "essay", (8, 64), ""),
    ("max", "essay-fused", (8, 64), ""),
    ("min", "tournament", (8, 64), ""),
    ("min", "chain", (8, 64), ""),
    ("max", "shallow", (8,), ""),
    ("max", "bakaev", (8,), ""),
    ("argmax", "slack", (8, 64), ""),
    ("argmax", "onehot", (8, 64), ""),
    ("argmax", "index", (8, 64), ""),
    ("argmax", "index", (8, 64), "lattice=1"),
    ("argmax", "step", (8, 64), ""),
    ("argmin", "index", (8, 64), ""),
    ("select", "gate", (8, 64), ""),
    ("select", "pack", (8, 64), ""),
    ("select", "pack", (8, 64), "key_range=(0, 8)"),
    ("select", "step", (8, 64), ""),
    ("search", "best_of", (8, 64), ""),
    ("search", "iterate", (8,), ""),
    ("search", "iterate", (8,), "steps=3"),
]
ALONE: list[tuple[str, str, tuple[int, ...], str]] = [
    ("max", "tournament", (8, 16, 32, 64), ""),
    ("max", "chain", (8, 16), ""),
    ("max", "essay", (8, 16), ""),
    ("max", "essay-fused", (8, 16), ""),
    ("min", "tournament", (8, 16), ""),
    ("min", "chain", (8, 16), ""),
    ("max", "shallow", (3, 4, 5), ""),
    ("argmax", "slack", (2, 3, 4), ""),
    ("argmax", "onehot", (2, 3), ""),
    ("argmax", "index", (2, 3), ""),
    ("argmax", "step", (2, 3), ""),
    ("select", "gate", (2, 3), ""),
    ("select", "step", (2,), ""),
]
ONE = """
import json, sys, time
from relumax.constructions import registry
from relumax import pipeline
from relumax.kernel import check
from relumax.network.compile import compile
function, name, n, options = sys.argv[1], sys.argv[2], int(sys.argv[3]), eval(f"dict({sys.argv[4]})")
start = time.process_time()
found = registry.find(function, name)
options = {**found.options, **options}
program, spec = found.program(n, **options), found.spec(n, **options)
if sys.argv[5:]:
    program = compile(program, spec.width, spec.nonnegative)
verdict = pipeline.prove(program, spec, timeout=60 if sys.argv[5:] else None)
proved, data = time.process_time() - start, verdict.certificate or b""
start = time.process_time()
if data:
    check(data)
print(json.dumps([verdict.verdict, verdict.engine, proved, len(data), time.process_time() - start]))
"""


def run(checkout: Path, *arguments: str) -> list[Any]:
    """One fresh process: verdict, engine, seconds to prove, bytes, seconds to check."""
    env = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": CACHE}
    done = subprocess.run([sys.executable, "-c", ONE, *arguments], env=env, cwd="/", capture_output=True, text=True)
    found: list[Any] = json.loads(done.stdout) if done.returncode == 0 else ["failed", "-", 0.0, 0, 0.0]
    return found


def ratio(a: float, b: float) -> str:
    """a / b for a table."""
    return f"{a / b:.2f}" if b else "-"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--alone", action="store_true", help="networks without their programs")
    given = parser.parse_args()
    print("| row | n | prove s here / there | ratio | bytes here / there | ratio | check s here / there | ratio |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: |")
    for function, name, sizes, options in ALONE if given.alone else ROWS:
        for n in sizes if given.only in f"{function}/{name}" else ():
            both: list[list[list[Any]]] = [[], []]
            for _ in range(given.runs):
                for k, checkout in enumerate((HERE, given.before.resolve())):
                    both[k].append(run(checkout, function, name, str(n), options, *(["alone"] if given.alone else [])))
            (mine, theirs) = ([statistics.median(one[c] for one in runs) for c in (2, 3, 4)] for runs in both)
            words = {one[0] for runs in both for one in runs} - {"proved"}
            said = f"{function}/{name} {options}".strip() + (f" ({', '.join(words)})" if words else "")
            cells = [f"{mine[0]:.2f} / {theirs[0]:.2f}", ratio(mine[0], theirs[0])]
            cells += [f"{mine[1]:,.0f} / {theirs[1]:,.0f}", ratio(mine[1], theirs[1])]
            cells += [f"{mine[2]:.3f} / {theirs[2]:.3f}", ratio(mine[2], theirs[2])]
            print(f"| {said} | {n} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
