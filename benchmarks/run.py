"""The benchmark table of `benchmarks/README.md`, of which the README shows a few rows: `python benchmarks/run.py`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

from relumax.kernel import check

ROOT = Path(__file__).resolve().parents[1]
RELUMAX = str(Path(sys.executable).parent / "relumax")
LIMIT = 20  # processor seconds for z3 alone
HEAD, END = "<!-- table: benchmarks -->\n", "<!-- end -->"


def once(command: list[str]) -> tuple[float, float]:
    """Processor seconds and peak memory (MiB) of one fresh process; raises if it fails."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def interleaved(commands: dict[str, list[str]], runs: int) -> dict[str, float]:
    """The median seconds of each command; every round runs each of them once."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, command in commands.items():
            taken[name].append(once(command)[0])
    return {name: median(times[1:]) for name, times in taken.items()}


def alone(form: str, which: str, n: int) -> str:
    """What z3 says on its own, in one query."""
    command = [sys.executable, str(ROOT / "benchmarks" / "flat_z3.py"), form, which, str(n), str(LIMIT)]
    done = subprocess.run(command, capture_output=True, text=True)
    return f"{done.stdout.split()[1]} s" if done.stdout.startswith("unsat") else f"> {LIMIT} s"


class Table:
    """Lines of Markdown, printed as they come."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, *cells: str) -> None:
        """One more row."""
        self.lines.append(f"| {' | '.join(cells)} |")
        print(self.lines[-1], flush=True)


def installed(folder: Path) -> Path:
    """The programs of a fresh environment with a built wheel in it, as users have it: a checkout starts more slowly."""
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    programs = environment / "bin"
    subprocess.run([str(programs / "pip"), "install", "-q", f"{ROOT}[onnx]"], check=True)
    return programs


def start_up(table: Table, folder: Path, programs: Path, runs: int) -> None:
    """Short runs, whole processes from an installed wheel: everything a user waits for."""
    certificate = str(ROOT / "proofs" / "max-tournament-8.json")
    relumax, python = str(programs / "relumax"), str(programs / "python")
    found = interleaved(
        {
            "python": [python, "-c", "pass"],
            "click": [python, "-c", "import click"],
            "z3": [python, str(ROOT / "benchmarks" / "bare_z3.py")],
            "prove": [relumax, "prove", "--n", "8"],
            "prove -o": [relumax, "prove", "--n", "8", "-o", str(folder / "8.json")],
            "check": [relumax, "check", certificate],
            "kernel": [python, "-I", "-S", str(ROOT / "relumax" / "kernel"), certificate],
        },
        runs,
    )
    for name, what, against, yardstick in (
        ("prove", "`relumax prove --n 8`", "z3", "bare z3 script for n = 8"),
        ("prove -o", "`relumax prove --n 8 -o FILE`", "z3", "bare z3 script for n = 8"),
        ("check", "`relumax check`, tournament n = 8", "click", '`python -c "import click"`'),
        ("kernel", "the kernel alone, tournament n = 8", "python", '`python -c "pass"`'),
    ):
        ratio = f"{found[name] / found[against]:.2f}x"
        table.add(what, f"{1000 * found[name]:.0f} ms", f"{yardstick}: {1000 * found[against]:.0f} ms", ratio)


def files(table: Table, folder: Path, programs: Path, runs: int) -> None:
    """The same network from an ONNX file and from relumax's own json, whole processes."""
    relumax = str(programs / "relumax")
    for n in (16, 64):
        names = {kind: str(folder / f"net-{n}.{kind}") for kind in ("onnx", "json")}
        for name in names.values():
            once([relumax, "export", "--n", str(n), "-o", name])
        found = interleaved({kind: [relumax, "prove", name] for kind, name in names.items()}, max(3, runs // 4))
        what, against = f"`relumax prove FILE.onnx`, tournament n = {n}", f"FILE.json: {1000 * found['json']:.0f} ms"
        table.add(what, f"{1000 * found['onnx']:.0f} ms", against, f"{found['onnx'] / found['json']:.2f}x")


def proving(table: Table, quick: bool) -> None:
    """Whole processes with certificates, beside z3 alone."""
    wanted = [
        ("modular", "max/tournament", 64, True),
        ("modular", "max/tournament", 1024, not quick),
        ("modular", "max/tournament", 4096, False),
        ("modular", "max/chain", 512, not quick),
        ("flat", "max/tournament", 64, True),
        ("flat", "max/chain", 24, True),
    ]
    for engine, which, n, ask in wanted:
        function, name = which.split("/")
        command = [RELUMAX, "prove", "--fn", function, "--construction", name, "--n", str(n), "--engine", engine]
        seconds, memory = once(command)
        said = "not asked"
        if ask:
            said = f"on the program {alone('program', which, n)}, on the network {alone('network', which, n)}"
        table.add(
            f"prove `{which}` n = {n}, engine {engine}", f"{seconds:.2f} s, {memory:.0f} MiB", f"z3 alone: {said}", ""
        )


def choosing(table: Table, folder: Path, quick: bool) -> None:
    """Who won, what the winner carries, and fewer layers: whole processes, certificate included."""
    wanted = [
        *[(f"argmax/{name}", 8) for name in ("slack", "onehot", "index", "step")],
        *[(f"select/{name}", 8) for name in ("gate", "pack", "step")],
        *[(f"search/{name}", 8) for name in ("best_of", "iterate")],
        *([] if quick else [(f"argmax/{name}", 64) for name in ("slack", "index", "step")]),
        *([] if quick else [("select/gate", 64), ("select/step", 64), ("search/best_of", 64)]),
        *[("max/shallow", n) for n in (5, 6, 7, 11)],
        *[("max/bakaev", 11), ("max/shallow", 18)],
    ]
    for which, n in wanted:
        function, name = which.split("/")
        path = folder / f"{function}-{name}-{n}.json"
        seconds, memory = once(
            [RELUMAX, "prove", "--fn", function, "--construction", name, "--n", str(n), "-o", str(path)]
        )
        data = path.read_bytes()
        start = process_time()
        check(data)
        checked = f"checked in {1000 * (process_time() - start):.0f} ms"
        table.add(
            f"prove `{which}` n = {n}", f"{seconds:.2f} s, {memory:.0f} MiB", f"{len(data) / 1000:,.1f} KB", checked
        )


def checking(table: Table, folder: Path, quick: bool) -> None:
    """The kernel in process, and that its time and its files are linear."""
    sizes = [("tournament", n) for n in ((256, 1024) if quick else (256, 512, 1024, 2048, 4096))]
    for name, n in [*sizes, ("chain", 512)]:
        path = folder / f"{name}-{n}.json"
        once([RELUMAX, "prove", "--construction", name, "--n", str(n), "-o", str(path)])
        data = path.read_bytes()
        units = sum(len(layer["rows"]) for layer in json.loads(data)["network"]["layers"])
        times = []
        for _ in range(5):
            start = process_time()
            check(data)
            times.append(process_time() - start)
        took = median(times)
        what, size = f"check `max/{name}` n = {n}, in process", f"{len(data) / 1000:,.1f} KB"
        each = f"{1e6 * took / units:.1f} us, {len(data) / units:.0f} bytes a unit"
        table.add(what, f"{1000 * took:.0f} ms", size, each)


def main() -> None:
    """Measure, print, and write it down if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what takes longer")
    parser.add_argument("--start-up", action="store_true", help="whole processes only")
    parser.add_argument("--readme", action="store_true", help="write the table into benchmarks/README.md")
    parser.add_argument("--runs", type=int, default=21, help="rounds of whole processes (default 21)")
    options = parser.parse_args()
    table = Table()
    table.add("what", "measured", "against", "ratio")
    table.add("---", "--:", "---", "--:")
    with tempfile.TemporaryDirectory() as name:
        programs = installed(Path(name))
        start_up(table, Path(name), programs, options.runs)
        files(table, Path(name), programs, options.runs)
        if not options.start_up:
            proving(table, options.quick)
            choosing(table, Path(name), options.quick)
            checking(table, Path(name), options.quick)
    if options.readme:
        readme = ROOT / "benchmarks" / "README.md"
        before, _, rest = readme.read_text(encoding="utf-8").partition(HEAD)
        _, _, after = rest.partition(END)
        readme.write_text(before + HEAD + "\n".join(table.lines) + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
