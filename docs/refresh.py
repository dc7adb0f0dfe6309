"""Keeps the documentation true: `python docs/refresh.py` runs every command in it and writes down what came out.

In the README, CONTRIBUTING.md and docs/*.md
    a `console` block holds commands (`$ relumax ...`) and their output, run in a folder of the document's own;
    a `python name.py` block is written to that folder under its name;
    a `python` block is run as it stands (`>>>` lines with their output);
    (docs/notebook.ipynb is run as a whole)
    a picture that a command writes (`relumax draw ... -o NAME.svg`) is kept in docs/figures/;
    lines between `<!-- table: NAME -->` and `<!-- end -->` come from `TABLES`.
`tests/test_docs.py` compares instead of writing. Times are not compared.
"""

from __future__ import annotations

import ast
import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sybil import Document, Example, Region
from sybil.parsers.markdown import PythonCodeBlockParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

ROOT = Path(__file__).resolve().parents[1]
SHARED = ("proofs", "relumax", "docs", "benchmarks")  # what a document's commands see of the checkout
NOTEBOOKS = [ROOT / "docs" / "notebook.ipynb"]
FIGURES = ROOT / "docs" / "figures"
_drawn_by = re.compile(rb"<dc:title>(Matplotlib v[^,<]*)")
_fences = FencedCodeBlockLexer(language=".+", mapping={"language": "arguments", "source": "source"})
_time = re.compile(r"\b\d+\.\d\d\b(?= s\b)|(?<=  )\d+\.\d\d(?=  )")
_late = re.compile(r"(engine   canonical, [^;]*; z3: )unknown")
_table = re.compile(r"(?P<head><!-- table: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(?P<end><!-- end -->)", re.DOTALL)


def documents() -> list[Path]:
    """Every document whose blocks are run."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def without_times(text: str) -> str:
    """The text with every time replaced, so that two runs can be compared, and what depends on one.

    Engine canonical asks z3 for as long as its own proof took: the answer may come too late.
    """
    return _late.sub(r"\1unsat", _time.sub("0.00", text))


@contextmanager
def workplace() -> Iterator[Path]:
    """A fresh folder in which a document's commands run; the checkout's folders are there as links."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one in SHARED:
            (folder / one).symlink_to(ROOT / one)
        yield folder


def transcript(block: str, folder: Path) -> str:
    """The block with the output that its commands have now."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    kept = {
        key: value for key, value in os.environ.items() if key not in ("GITHUB_ACTIONS", "RELUMAX_DEBUG", "COLUMNS")
    }
    out = []
    for line in block.splitlines():
        if line.startswith("$ "):
            run = subprocess.run(
                ["bash", "-c", line[2:]],
                cwd=folder,
                env={**kept, "PATH": path, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            out += [line, *run.stdout.splitlines()]
    return "\n".join(out) + "\n"


def parsers(folder: Path) -> list[Callable[[Document], Iterable[Region]]]:
    """Sybil's parsers for a document whose commands run in `folder`."""

    def same(example: Example) -> str | None:
        found = transcript(example.parsed, folder)
        if without_times(found) == without_times(example.parsed):
            return None
        return f"the commands now give\n{found}\n(python docs/refresh.py writes it down)"

    def keep(example: Example) -> None:
        (folder / example.region.lexemes["arguments"].split()[1]).write_text(example.parsed, encoding="utf-8")

    def consoles_and_files(document: Document) -> Iterator[Region]:
        for region in _fences(document):
            kind, *name = region.lexemes["arguments"].split()
            if kind == "console" or (kind == "python" and name):
                region.parsed, region.evaluator = region.lexemes["source"], keep if name else same
                yield region

    return [consoles_and_files, PythonCodeBlockParser()]


def figures(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The pictures that a document's commands wrote: where each is kept, and what was drawn."""
    for path in sorted(folder.glob("*.svg")):
        yield FIGURES / path.name, path.read_bytes()


def same_picture(kept: bytes, drawn: bytes) -> bool:
    """Whether two pictures have the same bytes; those of different versions of matplotlib are not compared."""
    by = [_drawn_by.findall(one) for one in (kept, drawn)]
    return kept == drawn or by[0] != by[1]


def refreshed(path: Path) -> str:
    """The text of a document with fresh output and fresh tables; its pictures are kept."""
    with workplace() as folder:
        document = Document.parse(str(path), *parsers(folder))
        text, shift = document.text, 0
        for example in document.examples():
            if example.region.lexemes.get("arguments", "").startswith("console"):
                start = example.region.start + example.region.lexemes["source"].offset + shift
                fresh = transcript(example.parsed, folder)
                if without_times(fresh) != without_times(example.parsed):
                    text = text[:start] + fresh + text[start + len(example.parsed) :]
                    shift += len(fresh) - len(example.parsed)
            elif example.region.lexemes:
                example.evaluate()
        for place, drawn in figures(folder):
            place.write_bytes(drawn)
    return _table.sub(lambda m: m["head"] + TABLES.get(m["name"], lambda: m["body"])() + m["end"], text)


def executed(path: Path) -> str:
    """The text of a notebook with fresh output, and nothing in it that depends on the machine."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", record_timing=False).execute()
    notebook.metadata.pop("language_info", None)  # the version of Python
    return nbformat.writes(notebook, indent=1, ensure_ascii=False) + "\n"


# ---------------------------------------------------------------- tables


def theorems() -> str:
    """A theorem for each line of `proofs/` at n = 8 (or the largest size below), with the sizes."""
    from relumax.kernel import check
    from relumax.network.layers import from_json

    out = ["| construction | theorem | hidden layers | units | certificate |", "| --- | --- | --: | --: | --: |"]
    rows = [row for row in _load("proofs/regenerate.py")["rows"]() if row.engine == "auto" and row.n <= 8]
    for row in {one.line: one for one in sorted(rows, key=lambda one: one.n)}.values():
        data = (ROOT / "proofs" / row.file).read_bytes()
        net, said = from_json(json.loads(data)["network"]), "<br>".join(map(_shortened, check(data).statements))
        name = " ".join(filter(None, [f"`{row.line.function}/{row.line.construction}`", row.line.options]))
        out.append(f"| {name} | {said} | {net.depth} | {net.size} | [{len(data):,} bytes](../proofs/{row.file}) |")
    return "\n".join(out) + "\n"


def _shortened(theorem: str) -> str:
    """The theorem without its definitions, where those are long."""
    said, where, definitions = theorem.partition(", where ")
    if len(definitions) <= 200:
        return theorem
    names = [
        one for one in dict.fromkeys(re.findall(r"\b([a-z]\w*) = ", definitions)) if not re.fullmatch(r"r\d+", one)
    ]
    return f"{said}{where}{', '.join(names)} are programs of the inputs, as `relumax check` prints them"


def trusted() -> str:
    """The kernel's files: what each does (its first line), how long it is, and how much of that is code."""
    rows = ["| file | lines | of them code | what it does |", "| --- | --: | --: | --- |"]
    total = [0, 0]
    for path in sorted((ROOT / "relumax" / "kernel").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        counts = len(text.splitlines()), code_lines(text)
        total = [one + more for one, more in zip(total, counts, strict=True)]
        says = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        rows.append(f"| `relumax/kernel/{path.name}` | {counts[0]} | {counts[1]} | {says} |")
    return "\n".join([*rows, f"| together | {total[0]} | {total[1]} | |"]) + "\n"


def code_lines(text: str) -> int:
    """Lines that are neither blank nor comment nor docstring."""
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            told |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for k, line in lines if k not in told and line.strip() and not line.lstrip().startswith("#"))


FAST = {
    "`relumax prove --n 8`": "the maximum of 8: proved",
    "`relumax check`, tournament n = 8": "its certificate checked",
    "prove `max/tournament` n = 1024, engine modular": "the maximum of 1,024",
    "prove `argmax/index` n = 64": "the winner's index among 64",
    "prove `select/gate` n = 64": "the winner's payload among 64",
    "prove `max/shallow` n = 7": "7 numbers in two layers",
    "check `max/tournament` n = 1024, in process": "the certificate for 1,024 checked",
}
"""The rows of the benchmarks that the README shows, and what it calls them."""


def fast() -> str:
    """A few rows of the table in `benchmarks/README.md`."""
    rows = dict(
        re.findall(r"^\| (.*?) \|(.*)\|$", (ROOT / "benchmarks" / "README.md").read_text("utf-8"), re.MULTILINE)
    )
    lines = [f"| {said} |{rows[row]}|" for row, said in FAST.items()]
    return "\n".join(["| what | measured | beside it | |", "| --- | --: | --- | --: |", *lines]) + "\n"


def commands() -> str:
    """What `--help` prints, of relumax and of each of its commands."""
    from relumax.commands import COMMANDS

    out = []
    for name in ("", *COMMANDS):
        call = " ".join(filter(None, ["relumax", name, "--help"]))
        done = subprocess.run([sys.executable, "-m", *call.split()], capture_output=True, text=True, check=True,
                              env={**os.environ, "COLUMNS": "110", "LC_ALL": "C.UTF-8"})  # fmt: skip
        out += [f"## `{call.removesuffix(' --help')}`", "", "```text", done.stdout.rstrip(), "```", ""]
    return "\n".join(out)


TABLES: dict[str, Callable[[], str]] = {"commands": commands, "fast": fast, "theorems": theorems, "trusted": trusted}


def _load(path: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / path))


def main() -> None:
    """Rewrite what has changed."""
    for path in [*documents(), *NOTEBOOKS]:
        text = executed(path) if path in NOTEBOOKS else refreshed(path)
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            print(f"refreshed {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
