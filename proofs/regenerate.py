"""Rewrites the certificates of this folder and its README: `python proofs/regenerate.py` (some two minutes).

`python proofs/regenerate.py second` rewrites those of one function, `argmax/index` those of one construction, alone.

`CATALOGUE` is the one list of what is here. A line names a construction, its options, and the sizes that each engine
proves; every size becomes one file, made by the very command that the README shows. Files no line asks for are removed.
`tests/test_proofs.py` checks all files and that the commands give the same bytes.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from relumax.constructions import registry
from relumax.discover.formulas.least import check as check_least
from relumax.kernel import check
from relumax.kernel.identity import check_identity

ROOT = Path(__file__).resolve().parents[1]
MOST_BYTES = 4_000_000


class Line(NamedTuple):
    """A construction of the catalogue, and the sizes to prove it at, by engine (`auto`: as `prove` does unasked)."""

    function: str
    construction: str
    auto: tuple[int, ...]
    flat: tuple[int, ...] = ()
    options: str = ""
    canonical: tuple[int, ...] = ()


CATALOGUE = [
    Line(
        "max", "tournament", (1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 1024), flat=(2, 3, 4, 5, 8, 16, 32), canonical=(8, 64)
    ),
    Line("max", "chain", (1, 2, 3, 4, 5, 8, 16, 33), flat=(2, 3, 4, 5, 8, 16), canonical=(16,)),
    Line("max", "essay", (1, 2, 3, 4, 5, 8, 16, 64), flat=(2, 3, 4, 5, 8, 16)),
    Line("max", "essay-fused", (1, 2, 3, 4, 5, 8, 16, 64), flat=(2, 3, 4, 5, 8, 16)),
    Line("min", "tournament", (1, 2, 3, 4, 5, 8, 16, 64), flat=(2, 3, 4, 5, 8, 16)),
    Line("min", "chain", (1, 2, 3, 4, 5, 8, 16, 33), flat=(2, 3, 4, 5, 8, 16)),
    Line("max", "shallow", (3, 4, 5, 6, 7, 9, 11)),
    Line("min", "shallow", (3, 4, 5), canonical=(5,)),
    Line("max", "bakaev", (3, 4, 5, 9, 11)),
    Line("argmax", "slack", (1, 2, 3, 4, 5, 8), flat=(2, 3), canonical=(8,)),
    Line("argmax", "onehot", (1, 2, 3, 4, 5, 8), canonical=(4,)),
    Line("argmax", "index", (1, 2, 3, 4, 5, 8)),
    Line("argmax", "index", (2, 3, 4, 8), options="--lattice 1"),
    Line("argmax", "step", (2, 3, 4, 8), canonical=(4,)),
    Line("argmax", "prefix", (1, 2, 3, 4, 8)),
    Line("argmax", "prefix", (2, 8), options="--lattice 1"),
    Line("argmax", "bits", (1, 2, 3, 4, 8)),
    Line("argmax", "bits", (8,), options="--lattice 1"),
    Line("argmin", "slack", (2, 3, 4, 8)),
    Line("argmin", "onehot", (2, 3, 4, 8)),
    Line("argmin", "index", (2, 3, 4, 8)),
    Line("argmin", "step", (2, 3, 4, 8)),
    Line("argmin", "prefix", (2, 4, 8)),
    Line("argmin", "bits", (2, 4, 8)),
    Line("select", "gate", (2, 3, 4, 8)),
    Line("select", "prefix", (2, 3, 4, 8)),
    Line("select", "pack", (2, 3, 4, 8)),
    Line("select", "pack", (2, 8), options="--lattice 1 --key-range 0 2 --margin 1/4"),
    Line("select", "step", (2, 3, 4, 8)),
    Line("second", "tournament", (2, 3, 4, 5, 8)),
    Line("search", "best_of", (2, 5)),
    Line("search", "best_of", (5,), options="--units step"),
    Line("search", "iterate", (3, 5)),
    Line("search", "iterate", (5,), options="--steps 2"),
    Line("search", "iterate", (5,), options="--steps 3 --units step"),
]
LEAST = "relumax discover --n 5 --least 7 --group '(1 2) (3 4)' -o proofs/least/max-5.json"
FAMILIES = {5: " --family loops", 7: " --family loops"}  # where another family than the default has fewer terms


def identity_command(n: int) -> str:
    """The command that writes the identity of n numbers, from the checkout's root."""
    return f"relumax discover --n {n}{FAMILIES.get(n, '')} -o proofs/identities/max-{n}.json"


class Row(NamedTuple):
    """One certificate: its file's name, and the arguments of `relumax` that make it (without `-o`)."""

    file: str
    arguments: str
    line: Line
    n: int
    engine: str

    @property
    def command(self) -> str:
        """The command that writes the file, from the checkout's root."""
        return f"relumax {self.arguments} -o proofs/{self.file}"


def rows() -> Iterator[Row]:
    """Every certificate of this folder."""
    for line in CATALOGUE:
        for engine, sizes in (("auto", line.auto), ("flat", line.flat), ("canonical", line.canonical)):
            for n in sizes:
                words = ["prove"]
                words += ["--fn", line.function] if line.function != "max" else []
                if (line.function, line.construction) != registry.names(line.function)[0]:
                    words += ["--construction", line.construction]
                words += ["--n", str(n), *(["--engine", engine] if engine != "auto" else []), *line.options.split()]
                parts = [
                    line.function,
                    line.construction,
                    str(n),
                    *line.options.replace("--", "").replace("/", "_").split(),
                ]
                name = "-".join([*parts, *([engine] if engine != "auto" else [])])
                yield Row(f"{name}.json", " ".join(words), line, n, engine)


def make(row: Row, path: Path) -> None:
    """Run the row's command, writing to `path`; raises CalledProcessError unless the claim is proved."""
    command = [sys.executable, "-m", "relumax", *shlex.split(row.arguments), "-o", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def readme(folder: Path) -> str:
    """The README of the folder: what each file says, and the command that makes it."""
    files = {row.file: (folder / row.file).read_bytes() for row in rows()}
    identities = sorted(folder.glob("identities/*.json"), key=lambda path: (len(path.name), path.name))
    bound = (folder / "least" / "max-5.json").read_bytes()
    total = sum(map(len, [*files.values(), bound])) + sum(path.stat().st_size for path in identities)
    out = [
        "# Theorems",
        "",
        f"{len(files)} certificates, {len(identities)} identities and a lower bound, {total:,} bytes. `relumax check",
        "proofs/` checks them with the kernel alone, but for the bound, which has a checker of its own; `python",
        "proofs/regenerate.py` writes certificates and this page again, the same bytes on every machine. The sentence",
        "beside a file is the checker's, made from what it accepted.",
    ]
    known: list[Line] = []
    for row in rows():
        if row.line not in known:
            known.append(row.line)
            title = f"{row.line.function}/{row.line.construction}" + (
                f" {row.line.options}" if row.line.options else ""
            )
            out += ["", f"## {title}", "", "| file | theorem | bytes | command |", "| --- | --- | --: | --- |"]
        said = "<br>".join(check(files[row.file]).statements)
        out.append(f"| [{row.file}]({row.file}) | {said} | {len(files[row.file]):,} | `{row.command}` |")
    out += [
        "",
        "## Symmetric identities",
        "",
        "max(x) as a combination of maxima that two hidden layers compute, in the public format of Ruess et al.",
        "(arXiv 2607.21651). F_A,B(x) is the sum over all permutations s of the larger of (sum over ab in A of",
        "max(x_s(a), x_s(b))) and (sum over cd in B of max(x_s(c), x_s(d))). Commands need the extra `discover`;",
        "that of n = 10 takes half a minute, that of n = 11 a quarter of an hour and 5 GB.",
        "",
        "| file | theorem | bytes | command |",
        "| --- | --- | --: | --- |",
    ]
    for path in identities:
        n = int(path.stem.removeprefix("max-"))
        said = check_identity(path.read_bytes()).text.partition(", those of the file")[0]
        name = f"[identities/{path.name}](identities/{path.name})"
        out.append(f"| {name} | {said} | {path.stat().st_size:,} | `{identity_command(n)}` |")
    out += [
        "",
        "## Least numbers of absolute values",
        "",
        "Checked by `relumax/discover/formulas/least.py`, which says what the family is and how the proof goes.",
        "",
        "| file | theorem | bytes | command |",
        "| --- | --- | --: | --- |",
    ]
    said = check_least(bound).text.replace("|D|", "\\|D\\|")
    out.append(f"| [least/max-5.json](least/max-5.json) | {said} | {len(bound):,} | `{LEAST}` |")
    return "\n".join([*out, ""])


def main(names: Sequence[str]) -> None:
    """Write certificates, of constructions or functions of these names or else all; remove what no line asks for."""
    folder = ROOT / "proofs"
    wanted = {row.file for row in rows()}
    titles = {row.file: {row.line.function, f"{row.line.function}/{row.line.construction}"} for row in rows()}
    if unknown := set(names).difference(*titles.values()):
        sys.exit(f"CATALOGUE has no {', '.join(sorted(unknown))}: name a function or a construction, as argmax/index")
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for row in rows():
        if not names or titles[row.file] & set(names):
            make(row, folder / row.file)
    (folder / "README.md").write_text(readme(folder), encoding="utf-8")
    total = sum(path.stat().st_size for path in folder.rglob("*.json"))
    print(f"{len(wanted)} certificates, {total:,} bytes with the identities")
    if total > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
