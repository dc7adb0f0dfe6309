"""Help, version, completion, and that nothing heavy is imported for them."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import click
import pytest

from relumax import __version__
from relumax.commands import cli
from tests.running import plain, python, relumax, run

ROOT = Path(__file__).resolve().parents[2]


def examples() -> list[tuple[str, str]]:
    found = []
    for name, command in [("", cli), *cli.commands.items()]:
        text = command.epilog or ""
        assert re.match(r"Examples?: ", text), f"{name}: --help has no example"
        found += [(name, one.strip()) for one in text.split(": ", 1)[1].split(";")]
    return found


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A folder that has the files which the examples name."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "proofs").mkdir()
    for line in (
        "prove --n 8 -o max8.json",
        "prove --n 3 -o proofs/a.json",
        "prove --n 3 -o proof.json",
        "export --n 8 --format onnx -o max8.onnx",
        "export --n 4 -o net.json",
    ):
        assert relumax(*line.split(), cwd=folder).returncode == 0
    return folder


@pytest.mark.parametrize(("name", "line"), examples())
def test_the_examples_of_every_help_work(name, line, workshop):
    assert line.startswith("relumax")
    if name:
        assert line.split()[1] == name
    done = relumax(*shlex.split(line)[1:], cwd=workshop)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout and plain(done.stdout)


@pytest.mark.parametrize("name", ["", *cli.commands])
def test_every_help_is_plain_and_complete(name, call):
    for flag in ("--help", "-h"):
        code, out = call(*([name] if name else []), flag)
        assert code == 0 and plain(out) and "Example" in out
    for option in (cli.commands[name] if name else cli).params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]} has no help"


def test_version(call):
    assert call("--version") == (0, f"relumax {__version__}\n")
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_from_a_checkout_and_as_a_module(tmp_path):
    expected = relumax("eval", "1", "2", cwd=tmp_path)
    done = run([sys.executable, str(ROOT / "cli.py"), "eval", "1", "2"], cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (expected.returncode, "2\n", "")
    assert run([sys.executable, str(ROOT / "cli.py"), "prove", "--n", "0"], cwd=tmp_path).returncode == 2


HEAVY = ("z3", "sympy", "numpy", "onnx", "mpmath", "relumax.pipeline")
SPY = f"""
import os, sys
from relumax.__main__ import main
code = main()
print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
os._exit(code)
"""


def loaded(*arguments, env=None) -> tuple[str, set[str]]:
    done = python(SPY, *arguments, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout, set(done.stderr.split())


def test_imports_only_what_is_used(workshop):
    for arguments in (["--help"], ["--version"], ["prove", "--help"], ["list"], ["eval", "1", "2"]):
        assert loaded(*arguments)[1] == set()
    assert loaded("check", workshop / "proofs")[1] == set()
    assert loaded("check", workshop / "proof.json", "--json")[1] == set()
    assert loaded("prove", "--n", "8")[1] <= {"relumax.pipeline"}
    assert loaded("prove", "--n", "8", "--engine", "flat")[1] <= {"relumax.pipeline"}
    assert loaded("export", "--n", "8", "-o", "-")[1] == set()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("relumax pro", "prove"),
        ("relumax prove --constr", "--construction"),
        ("relumax prove --construction cha", "chain"),
        ("relumax show --fn mi", "min"),
        ("relumax prove --fn min --construction to", "tournament"),
        ("relumax prove --from my", None),
        ("relumax prove ne", None),
        ("relumax prove --theorem th", None),
        ("relumax prove --equals ot", None),
        ("relumax check ce", None),
        ("relumax inspect ne", None),
        ("relumax eval --network ne", None),
        ("relumax page proof -o si", None),
    ],
)
def test_completion_is_light_and_knows_files(words, expected):
    env = {"_RELUMAX_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    out, modules = loaded(env=env)
    word = words.split()[-1]
    names = f"plain,{expected}" if expected else f"{'dir' if ' -o ' in words else 'file'},{word}"
    assert names in out.splitlines() and modules == set()


def test_completion_knows_what_a_users_file_registers_and_runs_nothing_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    head = "raise SystemExit('it was run')\nfrom relumax import construction\n"
    body = "".join(f'@construction("{fn}", "{name}")\ndef {name}(x): return x[0]\n' for fn, name in OWN)
    (tmp_path / "spread.py").write_text(head + body)
    (tmp_path / "broken.py").write_text("def (")
    (tmp_path / "max-net.onnx").write_bytes(b"")
    for words, expected in (
        ("relumax prove --from spread.py --fn ", ["spread", "width"]),
        ("relumax prove --from spread.py --fn w", ["width"]),
        ("relumax prove --fn spread --from spread.py --construction ", ["mine", "other"]),
        ("relumax prove --from spread.py --construction ", ["mine", "other", "third"]),
        ("relumax prove --from broken.py --fn argma", ["argmax"]),
        ("relumax prove --from gone.py --fn argma", ["argmax"]),
        ("relumax prove --equals max/cha", ["max/chain"]),
        ("relumax prove --equals max-n", None),
        ("relumax prove --from spread.py --equals wi", ["width/third"]),
    ):
        given = words.split()
        env = {"_RELUMAX_COMPLETE": "bash_complete", "COMP_WORDS": words}
        env["COMP_CWORD"] = str(len(given) - (not words.endswith(" ")))
        done = relumax(env=env)
        said = [f"plain,{one}" for one in expected] if expected is not None else [f"file,{given[-1]}"]
        assert (done.returncode, done.stderr, done.stdout.splitlines()) == (0, "", said), words
    env = {"_RELUMAX_COMPLETE": "bash_complete", "COMP_WORDS": "relumax prove --equals max", "COMP_CWORD": "3"}
    assert {"plain,max/chain", "plain,max-net.onnx"} <= set(relumax(env=env).stdout.splitlines())


OWN = [("spread", "mine"), ("spread", "other"), ("width", "third")]


def test_completion_scripts():
    for shell in ("bash", "zsh", "fish"):
        done = relumax(env={"_RELUMAX_COMPLETE": f"{shell}_source"})
        assert done.returncode == 0 and "_RELUMAX_COMPLETE" in done.stdout
