"""The project as a whole: registries are walked by their checklists, the house is as CONTRIBUTING.md says."""

import ast
import os
import re
import runpy
import subprocess
import sys
import tomllib
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

import relumax
from relumax import pipeline
from relumax.commands import COMMANDS, cli
from relumax.constructions import registry
from relumax.formats import FORMATS
from relumax.kernel.proof import RULES
from relumax.network.compile import sizes
from relumax.words import COQ

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "relumax"
BIN = Path(sys.executable).parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted(p for top in ("relumax", "tests", "docs", "proofs", "benchmarks") for p in (ROOT / top).rglob("*.py"))
CATALOGUE = runpy.run_path(str(ROOT / "proofs" / "regenerate.py"))["CATALOGUE"]
ENGINES = [one for one in pipeline.ENGINES if one != "auto"]


def choices(command, option):
    """What an option of a command may be."""
    [found] = [one for one in cli.commands[command].params if one.name == option]
    return list(found.type.choices)


# ---------------------------------------------------------------- checklists


def checklist(what):
    """The numbered lines of a section "Add a ..."."""
    section = re.search(rf"^## Add an? {what}\n(.*?)(?=^## |\Z)", CONTRIBUTING, re.DOTALL | re.MULTILINE)[1]
    return re.findall(r"^\d+\. (.*?)$", section, re.MULTILINE)


WALKED = {
    "construction": [""],
    "engine": ENGINES,
    "format": [entry.module.rpartition(".")[2] for entry in FORMATS.values()],
    "command": COMMANDS,
    "rule": [""],
}


@pytest.mark.parametrize("what", WALKED)
def test_a_checklist_is_at_most_five_lines_and_names_what_is_there(what):
    lines = checklist(what)
    assert 1 <= len(lines) <= 5
    for line in lines:
        quoted = [word for word in re.findall(r"`([^`]+)`", line) if not word.startswith(("@", "--", "python "))]
        paths = [word for word in quoted if "/" in word or word.endswith((".py", ".md", ".toml"))]
        for word in paths:
            for one in WALKED[what]:
                path = ROOT / word.replace(f"<{what}>", one)
                assert path.exists() or path.with_suffix("").is_dir(), word  # a large format is a folder
        code = "\n".join((ROOT / word).read_text() for word in paths if word.endswith(".py") and "<" not in word)
        for constant in [word for word in quoted if word.isupper()]:
            assert re.search(rf"^[\w, ]*\b{constant}\b.*=", code, re.MULTILINE), constant


@pytest.mark.parametrize("pair", list(registry.BUILT_IN), ids="/".join)
def test_a_construction_follows_its_checklist(pair):
    found = registry.find(*pair)
    assert (PACKAGE / "constructions" / f"{registry.BUILT_IN[pair]}.py").is_file()
    assert found.spec(3, **found.options).statements
    assert found.doc and len(found.doc.split("\n\n")[0]) < 200
    lines = [one for one in CATALOGUE if (one.function, one.construction) == pair]
    assert lines or pair == ("max", "identity"), (  # whose certificates are in proofs/identities
        "proofs/regenerate.py does not know it"
    )
    listed = subprocess.run(
        [BIN / "relumax", "list", "--fn", pair[0], "--n", "3"], capture_output=True, text=True, check=True
    )
    assert re.search(rf"^{re.escape('/'.join(pair))} ", listed.stdout, re.MULTILINE)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_follows_its_checklist(engine):
    assert [path.stem for path in (PACKAGE / "engines").rglob(f"{engine}.py")] == [engine]
    assert engine in choices("prove", "engine")


def test_the_command_line_offers_the_engines_and_formats_there_are():
    assert set(choices("prove", "engine")) == set(pipeline.ENGINES)
    assert set(choices("export", "fmt")) == {*FORMATS, COQ}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_follows_its_checklist(name):
    module = import_module(FORMATS[name].module)
    assert callable(module.write) and callable(module.read)
    assert (ROOT / "tests" / "formats" / f"test_{FORMATS[name].module.rpartition('.')[2]}.py").is_file()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_follows_its_checklist(name):
    command = cli.commands[name]
    assert command.name == name and command.help and command.epilog.startswith("Example")
    assert f"relumax {name}" in command.epilog


def test_help_imports_no_command():
    code = (
        "import sys; from relumax.__main__ import main; main(['--help']); "
        f"assert not {{f'relumax.commands.{{one}}' for one in {list(COMMANDS)}}} & sys.modules.keys()"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(f"  {name:<8}  {what}\n" in said for name, what in COMMANDS.items())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_follows_its_checklist(rule):
    assert rule.__doc__ and len(rule.__doc__) > 40
    assert re.search(
        rf"\b{rule.__name__}\b", (PACKAGE / "kernel" / "FORMAT.md").read_text(encoding="utf-8"), re.IGNORECASE
    )


def test_every_public_name_of_the_package_is_there():
    for name in relumax.__all__:
        assert getattr(relumax, name) is not None


def test_what_the_package_promises_can_be_called_again_and_again():
    a, b = relumax.inputs(2)
    for _ in range(2):
        assert relumax.prove(b + relumax.relu(a - b), relumax.max_spec(2)).verdict == "proved"


# ---------------------------------------------------------------- the house


LONG = {"relumax/engines/modular.py"}  # for now: it is being divided


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_500_lines_and_no_test_than_600(path):
    name = path.relative_to(ROOT).as_posix()
    limit = 600 if name.startswith("tests/") or name in LONG else 500
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


def test_the_import_contract_holds():
    done = subprocess.run([BIN / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernel").glob("*.py")), ids=lambda path: path.name)
def test_the_kernel_imports_nothing_but_the_standard_library(path):
    slow = {"dataclasses", "typing", "enum", "asyncio", "subprocess", "pickle", "ctypes", "socket", "urllib"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        assert node.level == 1 if isinstance(node, ast.ImportFrom) and node.level else True
        tops = {name.partition(".")[0] for name in names}
        assert tops <= (set(sys.stdlib_module_names) | {"_sha2", "_sha256"}) - slow  # those two depend on the version


def test_no_file_of_the_kernel_bears_the_name_of_a_standard_module():
    names = {path.stem for path in (PACKAGE / "kernel").glob("*.py")} - {"__init__", "__main__"}
    assert not names & set(sys.stdlib_module_names)


def test_the_rules_can_be_read_in_one_sitting():
    assert len((PACKAGE / "kernel" / "proof.py").read_text(encoding="utf-8").splitlines()) < 600


def test_the_program_at_the_top_is_three_lines():
    assert len((ROOT / "cli.py").read_text(encoding="utf-8").splitlines()) == 3


def test_there_is_one_version():
    assert PYPROJECT["project"]["version"] == relumax.__version__
    shown = subprocess.run([BIN / "relumax", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"relumax {relumax.__version__}\n"


def test_the_core_depends_on_four_libraries():
    named = {re.match(r"[\w-]+", one)[0] for one in PYPROJECT["project"]["dependencies"]}
    assert named == {"sympy", "z3-solver", "numpy", "click"}


def test_every_library_of_an_extra_is_there_for_the_tests():
    """But for those of tests that are slow for their size: test-torch and its like."""
    extras = PYPROJECT["project"]["optional-dependencies"]
    assert set().union(*(extras[one] for one in extras if not one.startswith("test"))) <= set(extras["test"])


# ---------------------------------------------------------------- the essay's counting


def test_the_essays_counting():
    """Layers as the essay counts them: a matrix and an activation each; the tournament's last has no activation."""
    for power in range(1, 7):
        n = 2**power
        depth = {
            name: sizes(registry.find("max", name).program(n), n).depth
            for name in ("essay", "essay-fused", "tournament")
        }
        assert n == 2 ** (depth["essay"] / 2)
        assert n == 2 ** (depth["essay-fused"] - 1)
        assert n == 2 ** (depth["tournament"] + 1 - 1)
    text = (ROOT / "docs" / "essay.md").read_text(encoding="utf-8")
    for name, layers in (("essay", 6), ("essay-fused", 4), ("tournament", 4)):
        assert re.search(rf"`max/{name}`.*n = 8 in k = {layers} layers", text)


# ---------------------------------------------------------------- types, for whoever uses relumax

CLIENT = """
import relumax
from relumax import construction, maximum, relu


@construction("max", "mine")
def mine(x: list[relumax.Expr]) -> relumax.Expr:
    return relu(x[0] - x[1]) + x[1] / 2 + maximum(x[0], "1/2")


a, b = relumax.inputs(2)
verdict = relumax.prove(b + relu(a - b), relumax.max_spec(2))
reveal_type(verdict)
reveal_type(verdict.certificate)
reveal_type(relumax.closed_form([a])[0].text())
x, y, w, i = relumax.array("x", "in", 2), relumax.array("y", "out"), relumax.symbol("w"), relumax.i
either = (y[0] == relumax.largest(x)) | (0 <= x[i]) & (x[i] != w)
spec = relumax.Spec([x, y], [relumax.statement([either], [relumax.winner(w, x), x[0] > 1], [w < 2])])
relumax.relu([])
"""


def test_a_clients_file_is_type_checked(tmp_path):
    assert (PACKAGE / "py.typed").read_bytes() == b""
    assert "py.typed" in PYPROJECT["tool"]["setuptools"]["package-data"]["relumax"]
    client = tmp_path / "client.py"
    client.write_text(CLIENT, encoding="utf-8")
    options = ["--strict", "--follow-imports", "silent", "--cache-dir", str(tmp_path / "cache")]
    command, env = [sys.executable, "-m", "mypy", *options, str(client)], {**os.environ, "MYPYPATH": str(ROOT)}
    said = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True).stdout
    verdict, certificate, closed = re.findall(r'client.py:\d+: note: Revealed type is "(.*)"', said)
    assert "relumax.verdict.Verdict" in verdict, said
    assert (re.sub(r"builtins\.", "", certificate), re.sub(r"builtins\.", "", closed)) == ("bytes | None", "str"), said
    errors = re.findall(r"^client\.py:\d+: error: (.*)$", said, re.MULTILINE)
    assert len(errors) == 1 and 'Argument 1 to "relu"' in errors[0], said


# ---------------------------------------------------------------- other people's CI


def test_pre_commit_runs_what_ci_runs():
    shown = subprocess.run(["bash", ".ci/run", "--show"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    ran = {re.findall(r"\.venv/bin/(\S+)", line)[-1] for line in shown.splitlines()}
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert ran <= {hook["entry"].split()[0] for hook in hooks}


def test_the_hook_for_others_runs_relumax_check_on_certificates():
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["entry"], hook["language"]) == ("relumax-check", "relumax check", "python")
    assert re.search(hook["files"], "proofs/max-tournament-8.json")
    assert not re.search(hook["files"], "proofs/README.md")


def action(paths, network, folder):
    """Run the last step of the action as a runner would."""
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    known = {**os.environ, "GITHUB_ACTIONS": "true", "PATHS": paths, "NETWORK": network}
    env = {**known, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps[-1]["run"]]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


def test_the_action_checks_several_paths_and_annotates_what_is_no_proof(tmp_path):
    good = (ROOT / "proofs" / "max-tournament-8.json").read_bytes()
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "good.json").write_bytes(good)
    (tmp_path / "b.json").write_bytes(good)
    done = action("a folder\n\nb.json\n", "", tmp_path)
    assert done.returncode == 0, done
    assert done.stdout.count("for all x in R^8: y = max(x)") == 2 and "::error" not in done.stdout
    (tmp_path / "b.json").write_bytes(good.replace(b'"den":1', b'"den":2', 1))
    done = action("a folder\n\nb.json\n", "", tmp_path)
    assert done.returncode == 1
    assert "::error file=b.json::" in done.stdout


def test_the_action_compares_a_file_of_weights(tmp_path):
    (tmp_path / "8.json").write_bytes((ROOT / "proofs" / "max-tournament-8.json").read_bytes())
    for n, code in ((8, 0), (4, 1)):
        subprocess.run([BIN / "relumax", "export", "--n", str(n), "-o", "weights"], cwd=tmp_path, check=True)
        assert action("8.json", "weights", tmp_path).returncode == code


def test_the_changelog_knows_the_version_or_says_unreleased():
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased" or headings[0].startswith(relumax.__version__)
    assert all(a != b for a, b in pairwise(headings))
