"""The documentation is true: blocks are run, tables and pictures are what the code gives, links lead somewhere."""

import doctest
import importlib
import json
import pkgutil
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Document

import relumax

ROOT = Path(__file__).resolve().parents[1]
refresh = runpy.run_path(str(ROOT / "docs" / "refresh.py"))
DOCUMENTS = refresh["documents"]()
PAGES = [*DOCUMENTS, ROOT / "CHANGELOG.md", ROOT / "proofs" / "README.md", ROOT / "benchmarks" / "README.md"]
MODULES = [one.name for one in pkgutil.walk_packages(relumax.__path__, "relumax.") if not one.name.endswith("__main__")]


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_block_gives_the_output_it_shows(path):
    with refresh["workplace"]() as folder:
        for example in Document.parse(str(path), *refresh["parsers"](folder)):
            example.evaluate()
        for place, drawn in refresh["figures"](folder):
            assert refresh["same_picture"](place.read_bytes(), drawn), "python docs/refresh.py draws it"


def test_a_block_whose_output_is_not_what_it_shows_fails(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ relumax eval 1 2\n3\n```\n", encoding="utf-8")
    with refresh["workplace"]() as folder, pytest.raises(AssertionError, match=r"\$ relumax eval 1 2\n2\n"):
        for example in Document.parse(str(page), *refresh["parsers"](folder)):
            example.evaluate()


def test_times_are_not_compared_and_everything_else_is():
    without = refresh["without_times"]
    assert without("engine flat, 0.06 s; z3") == without("engine flat, 1.25 s; z3")
    assert without("eval 0.25 7/3") == "eval 0.25 7/3"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_tables_are_fresh(path):
    tables = refresh["TABLES"]
    for found in refresh["_table"].finditer(path.read_text(encoding="utf-8")):
        assert found["body"] == tables[found["name"]](), "python docs/refresh.py writes it down"


def test_every_figure_is_drawn_by_a_command_of_a_document_and_shown():
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    kept = {path.name for path in refresh["FIGURES"].iterdir()}
    assert kept == set(re.findall(r"^\$ relumax (?:draw .*-o|inspect .*--draw) ([\w-]+\.svg)$", text, re.MULTILINE))
    assert kept == set(re.findall(r"\(\S*figures/([\w-]+\.svg)\)", text))


EXECUTED = """
import pathlib, runpy, sys
print(runpy.run_path(sys.argv[1])["executed"](pathlib.Path(sys.argv[2])), end="")
"""


@pytest.mark.parametrize("path", refresh["NOTEBOOKS"], ids=name)
def test_notebooks_show_what_they_have(path):
    command = [sys.executable, "-c", EXECUTED, str(ROOT / "docs" / "refresh.py"), str(path)]
    fresh = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kept = path.read_text(encoding="utf-8")
    for one, other in zip(*(json.loads(text)["cells"] for text in (kept, fresh)), strict=True):
        outputs = [[out["data"] for out in cell.get("outputs", [])] for cell in (one, other)]
        svg = ["".join("".join(out.pop("image/svg+xml", [])) for out in data).encode() for data in outputs]
        assert outputs[0] == outputs[1] and refresh["same_picture"](*svg), "python docs/refresh.py runs it"
    assert {"text/html", "text/latex", "image/svg+xml"} <= set(re.findall(r'"(\w+/[\w+]+)":', kept))


def test_a_changed_figure_is_noticed():
    one = next(refresh["FIGURES"].iterdir()).read_bytes()
    same, other = refresh["same_picture"], one.replace(b"<path", b"<path ", 1)
    assert same(one, one) and not same(one, other)
    assert same(one, re.sub(rb"Matplotlib v[\d.]+", b"Matplotlib v0.1", other)), "of another version"


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).strip().lower().replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif "://" not in target:
            assert (path.parent / target.partition("#")[0]).exists(), target


def test_the_pages_say_how_long_the_core_of_the_kernel_is():
    trust, coq = ((ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8") for page in ("trust", "coq"))
    rows = re.findall(r"^\| `relumax/kernel/(\w+)\.py` \| (\d+) \| (\d+) \|", trust, re.MULTILINE)
    core = [one for one in rows if one[0] not in ("identity", "link", "__main__")]
    lines, of_code = (sum(int(one[k]) for one in core) for k in (1, 2))
    times = f"{lines / 600:.1f} times that ({lines:,}), two thirds of them code ({of_code:,})"
    assert times in trust and round(of_code / lines, 2) == 0.67
    assert f"{lines:,} lines, {of_code:,} of them code" in coq


def test_the_readme_has_at_most_200_lines():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


def test_the_site_builds_without_a_warning(tmp_path):
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "-c",
        "docs",
        "-d",
        str(tmp_path / "trees"),
        ".",
        str(tmp_path / "site"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for page in DOCUMENTS:
        assert (tmp_path / "site" / page.relative_to(ROOT).with_suffix(".html")).exists(), (
            "docs/index.md names every page"
        )


def shell_lines():
    """The lines of shell code of the README, in order."""
    blocks = re.findall(
        r"^```(?:sh|bash|shell|console)[ \t]*\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE
    )
    lines = [
        line for block in blocks for line in block.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    return [line.removeprefix("$ ") for line in lines]


def test_the_first_two_lines_of_shell_code_do_all_the_setting_up():
    install, test = shell_lines()[:2]
    assert install.endswith("relumax prove --n 8")
    assert "pytest" in test
    assert all(line.startswith("python3 -m venv .venv && .venv/bin/pip install ") for line in (install, test))


def test_ci_runs_the_test_line_of_the_readme():
    shown = subprocess.run(["bash", ".ci/run", "--show"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[0] == shell_lines()[1]
