"""The table of docs/coq.md: what Coq and the extracted checker take. `python benchmarks/coq.py --write`; needs Coq.

Processor times, with what processes of theirs take; coqc in multiples of itself on a file that only loads the library.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from run import ROOT, Table, interleaved, once

from relumax.formats.coq_ import IMPORTS, vernacular
from relumax.kernel import check

COQ, PAGE = ROOT / "coq", ROOT / "docs" / "coq.md"
HEAD, END = "<!-- times: benchmarks/coq.py -->\n", "<!-- end of times -->"
FILES = {  # certificate: the multiple that was asked for
    "max-tournament-8": "3x",
    "max-tournament-64": "3.5x",
    "max-tournament-1024": "12x, 600 MB",
    "max-shallow-5": "",
    "max-shallow-6": "6x",
    "argmax-index-8": "4x",
    "argmax-step-8": "",
}
SLOW = "max-shallow-7"
MB = 1.048576  # of a MiB


def coqc(path: Path) -> list[str]:
    """Coq on one file, with the library."""
    return ["coqc", "-q", "-Q", str(COQ), "Relumax", str(path)]


def exported(folder: Path, name: str, pure: bool) -> Path:
    """The file of Coq for a certificate of proofs/."""
    data = (ROOT / "proofs" / f"{name}.json").read_bytes()
    path = folder / f"{name.replace('-', '_')}{'_pure' if pure else ''}.v"
    path.write_text(vernacular(data, check(data), pure))
    return path


def files_of_coq(table: Table, folder: Path, runs: int) -> float:
    """Exported files; gives back the seconds of a file that only loads the library."""
    (folder / "load.v").write_text(IMPORTS.format(decode="From Relumax Require Import Decode.\n"))
    commands = {"load": coqc(folder / "load.v")}
    for name in FILES:
        for pure in (False, True):
            commands[f"{name} {pure}"] = coqc(exported(folder, name, pure))
    found = interleaved(commands, runs)
    memory = {name: once(commands[f"{name} False"])[1] for name in FILES}
    found[f"{SLOW} True"], _ = once(coqc(exported(folder, SLOW, True)))
    found[f"{SLOW} False"], memory[SLOW] = once(coqc(exported(folder, SLOW, False)))
    load = found["load"]
    table.add("`coqc` on a file that only loads the library", f"{load:.2f} s", "", "1.0x", "")
    for name, asked in {**FILES, SLOW: ""}.items():
        plain, pure = (found[f"{name} {one}"] for one in (False, True))
        size = f"{plain:.2f} s, {memory[name] * MB:.0f} MB"
        table.add(f"`coqc`, {name}", size, f"{pure:.2f} s", f"{plain / load:.1f}x", asked)
    return load


def library(table: Table, folder: Path, load: float) -> None:
    """The whole library compiled from nothing, forall/ included."""
    copy = folder / "coq"
    shutil.copytree(COQ, copy, ignore=shutil.ignore_patterns("*.vo*", "*.glob", "*.aux", "CoqMakefile*", ".*"))
    seconds = once(["make", "-C", str(copy), "library"])[0]
    table.add("`make -C coq library`", f"{seconds:.1f} s", "", f"{seconds / load:.0f}x", "80x")


def extracted(table: Table, folder: Path, runs: int) -> None:
    """The extracted checker beside the Python kernel: all of proofs/, and tournaments that double."""
    checker = [str(COQ / "checker" / "relumax-coq-checker")]
    kernel = [sys.executable, "-I", "-S", str(ROOT / "relumax" / "kernel")]
    proofs = sorted(map(str, (ROOT / "proofs").glob("*.json")))
    asked = {"all of proofs/": ("0.8x", proofs)}
    for n in (1024, 2048, 4096):
        path = folder / f"{n}.json"
        command = [sys.executable, "-m", "relumax", "prove", "--n", str(n), "-o", str(path)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        asked[f"tournament n = {n}"] = ("1.5x" if n == 4096 else "", [str(path)])
    commands = {}
    for name, (_, paths) in asked.items():
        commands |= {f"checker {name}": checker + paths, f"kernel {name}": kernel + paths}
    found = interleaved(commands, runs)
    for name, (most, paths) in asked.items():
        ours, theirs = found[f"checker {name}"], found[f"kernel {name}"]
        count = f" ({len(paths)} files)" if len(paths) > 1 else ""
        table.add(
            f"the extracted checker, {name}{count}", f"{ours:.2f} s", f"{theirs:.2f} s", f"{ours / theirs:.2f}x", most
        )


def main() -> None:
    """Print the table, and with --write put it into docs/coq.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table into docs/coq.md")
    parser.add_argument("--runs", type=int, default=2, help="runs of each command after the first (default 2)")
    options = parser.parse_args()
    table = Table()
    table.add("what", "measured", "beside it", "ratio", "asked for")
    table.add("---", "--:", "--:", "--:", "--:")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load = files_of_coq(table, folder, options.runs)
        library(table, folder, load)
        extracted(table, folder, options.runs)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if options.write:
        start, _, rest = PAGE.read_text().partition(HEAD)
        _, end, after = rest.partition(END)
        PAGE.write_text(start + HEAD + "\n".join(table.lines) + "\n" + end + after)


if __name__ == "__main__":
    main()
