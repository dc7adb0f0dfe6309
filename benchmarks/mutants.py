"""Mutants of the kernel's code: would the tests notice? tests/kernel/MUTANTS.md says what came of it.

    pip install mutmut==3.8.1
    python benchmarks/mutants.py --out mutants.jsonl             # every file, the tests of less than a second
    python benchmarks/mutants.py --again mutants.jsonl --most 3  # the survivors, on more tests

The mutants are mutmut's. Its own runner puts a trampoline into the code, and the kernel has to run from a bare copy of
its folder; so the tests are run from here, in a copy of the repository. pytest collects them once. For each mutant the
file in the copy is the mutated one, and a fork gives the functions their mutated code and runs the tests that come to
the mutated line until one fails, the quickest and the last to fail first. A mutant of a line outside of functions,
which mutmut leaves out, gets a pytest of its own, on all tests. Killed is what fails a test, or ends in any other way:
out of time, or of memory.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import libcst
import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation.file_mutation import _walk, create_mutations, deep_replace

ROOT, KERNEL = Path(__file__).resolve().parents[1], Path("relumax/kernel")
FILES = ["proof", "wire", "statement", "network", "__init__", "text", "errors", "identity", "link", "__main__"]
PARTS = ["relumax", "tests", "benchmarks", "proofs", "conftest.py", "pyproject.toml"]
SLOW = ["campaign", "differential"]
MEMORY = 8 << 30


def mutants(file: str) -> Iterator[dict[str, Any]]:
    """The mutants of a file of the kernel: where, what became of the lines, and the mutated source."""
    source = (KERNEL / f"{file}.py").read_text(encoding="utf-8")
    tree, found, _, _ = create_mutations(file, source)
    parts = list(tree.body)
    owner = {id(node): k for k, part in enumerate(parts) for node in _walk(part)}
    for number, one in enumerate(found):
        k = owner[id(one.original_node)]
        mutated = tree.code_for_node(deep_replace(parts[k], one.original_node, one.mutated_node))
        mutated = source.replace(tree.code_for_node(parts[k]), mutated, 1)
        old, new = source.splitlines(), mutated.splitlines()
        if old == new:
            continue
        above, below = same(old, new), same(old[::-1], new[::-1])
        below = min(below, len(old) - above, len(new) - above)
        yield {
            "file": file,
            "number": number,
            "line": above + 1,
            "inside": isinstance(one.contained_by_top_level_function, libcst.FunctionDef),
            "diff": [f"-{line}" for line in old[above : len(old) - below]]
            + [f"+{line}" for line in new[above : len(new) - below]],
            "source": mutated,
        }


def same(left: list[str], right: list[str]) -> int:
    """How many lines at the beginning are the same."""
    return next((k for k, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def statement(file: str, line: int) -> set[tuple[str, int]]:
    """The lines of the statement that `line` is in; of one with a body, the lines before the body."""
    tree = ast.parse((KERNEL / f"{file}.py").read_bytes())
    holding = [one for one in ast.walk(tree) if isinstance(one, ast.stmt) and one.lineno <= line <= one.end_lineno]
    inner = max(holding, key=lambda one: one.lineno)
    body = getattr(inner, "body", None)
    return {(file, k) for k in range(inner.lineno, body[0].lineno if body else inner.end_lineno + 1)}


def patch(file: str, source: str) -> None:
    """Give every function of a loaded module the code that it has in `source`."""
    name = "relumax.kernel" if file == "__init__" else f"relumax.kernel.{file}"
    if name not in sys.modules:  # __main__ runs from its file only
        return
    fresh = ModuleType(name)
    fresh.__package__ = "relumax.kernel"
    exec(compile(source, f"{file}.py", "exec"), vars(fresh))

    def exchange(old: Any, new: Any) -> None:
        for key, one in vars(old).items():
            if isinstance(one, FunctionType) and one.__module__ == name:
                one.__code__, one.__defaults__ = vars(new)[key].__code__, vars(new)[key].__defaults__
            elif isinstance(one, type) and one.__module__ == name:
                exchange(one, vars(new)[key])

    exchange(sys.modules[name], fresh)


def forked(work: Callable[[], Any], seconds: int) -> Any:
    """What `work()` returns in a fork, or None if that ends in any other way or takes longer."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setpgid(0, 0)
            signal.alarm(seconds)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            answer = json.dumps(work()).encode()
            while answer:
                answer = answer[os.write(writing, answer) :]
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as stream:
        text = stream.read()
    os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)  # what its tests have started
    return json.loads(text) if text else None


class Campaign:
    """A pytest plugin that runs the tests on every mutant."""

    def __init__(self, chosen: Iterable[dict[str, Any]], most: float, out: Path | None):
        self.chosen, self.most, self.out = chosen, most, out
        self.count: Counter[tuple[str, bool]] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of the tests: all of them once, to see that they pass, then the quick ones on every mutant."""
        taken = forked(lambda: [duration(item) for item in session.items], 3600)
        if taken is None or None in taken:
            raise pytest.UsageError("the tests have to pass without a mutant")
        order = sorted(zip(taken, range(len(taken)), strict=True))
        items = [session.items[k] for seconds, k in order if seconds <= self.most]
        limit = 30 + 4 * int(sum(seconds for seconds in taken if seconds <= self.most))
        seen = {item: {tuple(one) for one in lines} for item, lines in forked(lambda: lines_of(items), 36000)}
        Path("selected.txt").write_text("\n".join(item.nodeid for item in items), encoding="utf-8")
        gc.freeze()  # so that forks share memory
        print(f"\n{len(items)} of {len(taken)} tests", flush=True)
        for mutant in self.chosen:
            file, source = KERNEL / f"{mutant['file']}.py", mutant.pop("source")
            place = statement(mutant["file"], mutant["line"])
            original = file.read_text(encoding="utf-8")
            file.write_text(source, encoding="utf-8")
            program = "test_program.py" if mutant["file"] == "__main__" else None  # runs in other processes
            chosen = [one for one in items if seen[one.nodeid] & place or one.path.name == program]

            def work(mutant: dict[str, Any] = mutant, source: str = source, chosen: list[Any] = chosen) -> str:
                if not mutant["inside"]:
                    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "@selected.txt"]
                    return "a pytest of its own" if subprocess.run(command, capture_output=True).returncode else ""
                try:
                    patch(mutant["file"], source)
                except Exception as problem:
                    return repr(problem)
                return next((item.nodeid for item in chosen if duration(item) is None), "")

            killer = forked(work, limit)
            file.write_text(original, encoding="utf-8")
            items.sort(key=lambda item, killer=killer: item.nodeid != killer)
            self.count[mutant["file"], killer == ""] += 1
            self.write(mutant | {"killer": "time or memory" if killer is None else killer})
        return True

    def write(self, mutant: dict[str, Any]) -> None:
        """Print a survivor; write down every mutant."""
        if mutant["killer"] == "":
            print(f"\n{mutant['file']}.py:{mutant['line']}", *mutant["diff"], sep="\n", flush=True)
        if self.out:
            with open(self.out, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(mutant) + "\n")


def duration(item: pytest.Item) -> float | None:
    """Seconds that a test takes; None if it fails."""
    reports = runtestprotocol(item, log=False, nextitem=None)
    return None if any(one.failed for one in reports) else sum(one.duration for one in reports)


def lines_of(items: list[pytest.Item]) -> list[tuple[str, list[tuple[str, int]]]]:
    """The lines of the kernel that each test comes to."""
    found = []
    for item in items:
        lines: set[tuple[str, int]] = set()

        def trace(frame: Any, event: str, _: Any, lines: set[tuple[str, int]] = lines) -> Any:
            if str(KERNEL) not in frame.f_code.co_filename:
                return None
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            return trace

        sys.settrace(trace)
        duration(item)
        sys.settrace(None)
        found.append((item.nodeid, [(Path(file).stem, line) for file, line in lines]))
    return found


def results(path: Path) -> list[tuple[tuple[str, int], str]]:
    """The mutants that were run before, and what killed them."""
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [((one["file"], one["number"]), one["killer"]) for one in found]


def main() -> None:
    """Run a campaign from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", default=FILES, help=f"of {', '.join(FILES)}")
    parser.add_argument("--most", type=float, default=1.0, help="leave out the tests that take longer, in seconds")
    parser.add_argument("--ignore", nargs="*", default=SLOW, help=f"modules of tests to leave out ({' '.join(SLOW)})")
    parser.add_argument("--again", type=Path, help="only the survivors that such a file lists")
    parser.add_argument("--out", type=Path, help="a line of JSON for each mutant; those there are not run again")
    options = parser.parse_args()
    out = options.out and options.out.absolute()
    again = options.again and {one for one, killer in results(options.again) if killer == ""}
    done = {one for one, _ in results(out)} if out and out.exists() else set()
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            whole = (ROOT / part).is_dir()
            (shutil.copytree if whole else shutil.copy)(ROOT / part, Path(folder) / part)
        os.chdir(folder)
        sys.path[0] = folder
        Path("setup.cfg").write_text("[mutmut]\nsource_paths=relumax\n", encoding="utf-8")
        made = (mutant for file in options.files for mutant in mutants(file))
        chosen = (one for one in made if again is None or (one["file"], one["number"]) in again)
        chosen = (one for one in chosen if (one["file"], one["number"]) not in done)
        campaign = Campaign(chosen, options.most, out)
        ignored = [f"--ignore=tests/kernel/test_{name}.py" for name in options.ignore]
        pytest.main(["-p", "no:cacheprovider", "tests/kernel", *ignored], plugins=[campaign])
        os.chdir(ROOT)
    for file in options.files:
        killed, alive = campaign.count[file, False], campaign.count[file, True]
        print(f"| `{file}.py` | {killed + alive} | {killed} | {alive} |")


if __name__ == "__main__":
    main()
