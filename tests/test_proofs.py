"""`proofs/`: every file is a theorem, every command gives the same bytes, the README lists exactly what is there."""

import json
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from relumax.constructions import registry
from relumax.discover.formulas.least import check as check_least
from relumax.kernel import check
from relumax.kernel.identity import check_identity

ROOT = Path(__file__).resolve().parents[1]
PROOFS = ROOT / "proofs"
regenerate = runpy.run_path(str(PROOFS / "regenerate.py"))
ROWS = list(regenerate["rows"]())
FILES = sorted(path.relative_to(PROOFS).as_posix() for path in PROOFS.rglob("*.json"))
HASH_SEED = "PYTHONHASHSEED"


@pytest.mark.parametrize("file", FILES)
def test_the_kernel_accepts(file):
    """But for the lower bound, which has a checker of its own."""
    data = (PROOFS / file).read_bytes()
    if file == "least/max-5.json":
        assert check_least(data) == (5, 2, ("(1 2)", "(3 4)"), 7)
    elif file.startswith("identities/"):
        n = int(re.search(r"\d+", file)[0])
        assert check_identity(data).text.startswith(f"for all x in R^{n}: max(x) = sum of ")
    else:
        assert check(data).statements


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_the_command_gives_the_same_bytes(row, tmp_path, monkeypatch):
    monkeypatch.setenv(HASH_SEED, "12345")  # bytes depend on nothing that differs between two machines
    regenerate["make"](row, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (PROOFS / row.file).read_bytes(), "python proofs/regenerate.py"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_file_is_about_what_its_line_says(row):
    data = (PROOFS / row.file).read_bytes()
    known = registry.find(row.line.function, row.line.construction)
    claim = json.loads(data)["claim"]
    if known.usual:  # n counts what is searched
        assert {n for one in claim["statements"] for _, n in one["index"]} == {row.n}
    else:
        assert claim["arrays"][0]["length"] == row.n
    if not row.line.options:
        assert claim == known.spec(row.n, **known.options).claim()


def test_the_readme_is_fresh_and_lists_exactly_what_is_there():
    text = (PROOFS / "README.md").read_text(encoding="utf-8")
    assert text == regenerate["readme"](PROOFS), "python proofs/regenerate.py writes it"
    listed = re.findall(r"^\| \[([^\]]+)\]\(\1\)", text, re.MULTILINE)
    assert sorted(listed) == FILES
    assert len(listed) == len(set(listed))


def test_the_commands_of_identities_give_the_same_bytes(tmp_path):
    (tmp_path / "proofs" / "identities").mkdir(parents=True)
    for n in (5, 6, 7, 8):
        program, *arguments = regenerate["identity_command"](n).split()
        assert program == "relumax"
        subprocess.run([sys.executable, "-m", "relumax", *arguments], cwd=tmp_path, check=True)
        file = f"proofs/identities/max-{n}.json"
        assert (tmp_path / file).read_bytes() == (ROOT / file).read_bytes()


def test_the_command_of_the_lower_bound_gives_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv(HASH_SEED, "12345")
    (tmp_path / "proofs" / "least").mkdir(parents=True)
    _, *arguments = shlex.split(regenerate["LEAST"])
    subprocess.run([sys.executable, "-m", "relumax", *arguments], cwd=tmp_path, check=True)
    file = "proofs/least/max-5.json"
    assert (tmp_path / file).read_bytes() == (ROOT / file).read_bytes()


def test_all_of_it_stays_small():
    assert sum((PROOFS / file).stat().st_size for file in FILES) < regenerate["MOST_BYTES"] == 4_000_000


def test_every_construction_has_its_certificates():
    """Small sizes, a power of two and its neighbours, and every construction of `max` and `min` by both engines."""
    for function, name in registry.names():
        if function in ("max", "min") and name in ("tournament", "chain", "essay", "essay-fused"):
            lines = [one for one in regenerate["CATALOGUE"] if (one.function, one.construction) == (function, name)]
            assert {1, 2, 3, 8} <= {n for one in lines for n in one.auto}
            assert {2, 3, 8, 16} <= {n for one in lines for n in one.flat}


def test_a_name_that_no_line_has_is_refused_before_anything_is_written():
    command = [sys.executable, str(PROOFS / "regenerate.py"), "argmax/nix"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("CATALOGUE has no argmax/nix: ")
