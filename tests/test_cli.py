"""The commands and their options: what they print, as text and as JSON, and what they read and write."""

from __future__ import annotations

import json
import re
import sys
from fractions import Fraction
from pathlib import Path

import click
import pytest

from relumax import __version__
from relumax.__main__ import main
from relumax.cli import cli
from relumax.constructions import registry
from relumax.formats import load
from relumax.kernel import check
from relumax.network.evaluate import evaluate
from relumax.network.layers import sha256
from tests.running import THIN, one_line, python, relumax, run, written

ROOT = Path(__file__).resolve().parent.parent
GADGETS = """
from relumax import construction, equals, gadget, largest, maximum, minimum, relu

@gadget(ensures=lambda y, a, b: largest(y, [a, b]))
def almost(a, b):
    return b + relu(a - b - 1)

@gadget(requires=lambda a, b: a >= b, ensures=lambda y, a, b: equals(y, a - b))
def above(a, b):
    return relu(a - b)

@gadget(requires=lambda a: (a >= 1, a <= 0), ensures=lambda y, a: y > a)
def never(a):
    return +a

@gadget(ensures=lambda y, a, b, c: largest(y, [a, b, c]))
def best_of_three(a, b, c):
    return maximum(maximum(a, b), c)

@construction("max", "threes")
def threes(x):
    "Three at a time."
    while len(x) > 1:
        x = [best_of_three(*x[:3]) if len(x) > 2 else maximum(*x[:2]), *x[3:]]
    return x[0]
"""


@pytest.fixture(autouse=True)
def clean_registry():
    """What a test's file registers is forgotten after it."""
    yield
    for pair in set(registry._registered) - set(registry.BUILT_IN):
        del registry._registered[pair]
    registry._gadgets.clear()


@pytest.fixture
def call(capfd):
    """Run a command line in this process: (exit code, standard output)."""

    def run_it(*arguments):
        code = main([str(one) for one in arguments])
        out, err = capfd.readouterr()
        assert err == "", err
        return code, out

    return run_it


@pytest.fixture
def called(call):
    """Run a command with --json that ends well: the object."""

    def run_it(*arguments, code=0):
        found, out = call(*arguments, "--json")
        assert found == code and out.count("\n") == 1
        return json.loads(out)

    return run_it


def plain(text: str) -> bool:
    return all(c.isprintable() or c == "\n" for c in text)


# ---------------------------------------------------------------- prove


FIELDS = {"verdict", "theorem", "function", "construction", "n", "depth", "width", "size", "engine", "seconds"}
FIELDS |= {"certificate", "network_sha256"}


def test_prove_says_what_was_proved_and_by_whom(call):
    code, out = call("prove", "--n", 8)
    assert code == 0 and plain(out)
    assert "theorem  for all x in R^8: y = max(x)\n" in out
    assert "max/tournament, n = 8: 3 hidden layers, width 12, 21 units" in out
    assert re.search(r"z3: unsat; kernel: accepted [\d,]+ bytes", out)
    assert call("prove")[1].startswith("theorem  for all x in R^8")


def test_prove_json_has_the_promised_fields(called, tmp_path):
    out = tmp_path / "c.json"
    found = called("prove", "--fn", "min", "--construction", "chain", "--n", 4, "-o", out)
    assert found.keys() >= FIELDS
    assert found["verdict"] == "proved" and found["theorem"] == "for all x in R^4: y = min(x)"
    assert (found["function"], found["construction"], found["n"]) == ("min", "chain", 4)
    assert (found["depth"], found["size"], found["certificate"]) == (3, 12, str(out))
    assert check(out.read_bytes()).network_sha256 == found["network_sha256"]
    assert called("prove", "--n", 2)["certificate"] is None


def test_prove_a_range_is_a_table_and_a_list(call, called):
    code, out = call("prove", "--n", "2..5")
    assert code == 0 and len(out.splitlines()) == 5
    assert [line.split()[-1] for line in out.splitlines()] == ["verdict", *["proved"] * 4]
    found = called("prove", "--n", "2..5")["results"]
    assert [one["n"] for one in found] == [2, 3, 4, 5] and all(one.keys() >= FIELDS for one in found)
    assert call("prove", "--n", "3..3")[1].startswith("theorem")


@pytest.mark.parametrize("engine", ["auto", "modular", "flat"])
def test_prove_by_engine(called, engine):
    found = called("prove", "--n", 3, "--engine", engine, "--timeout", "60", "--max-size", 8)
    assert found["engine"] == ("modular" if engine == "auto" else engine)


def test_prove_to_standard_output_is_the_certificate_alone():
    done = relumax("prove", "--n", 3, "-o", "-", text=False)
    assert done.returncode == 0 and done.stderr == b""
    assert check(done.stdout).statements == ["for all x in R^3: y = max(x)"]


def test_prove_dry_run(call, called):
    text = "max/chain n = {}: {} hidden layers, width {}, {} units\n"
    code, out = call("prove", "--construction", "chain", "--n", "2..4", "--dry-run")
    assert (code, out) == (0, text.format(2, 1, 3, 3) + text.format(3, 2, 4, 7) + text.format(4, 3, 5, 12))
    found = called("prove", "--construction", "chain", "--n", 3, "--dry-run")
    known = {"function": "max", "construction": "chain", "n": 3}
    assert found == {**known, "depth": 2, "width": 4, "size": 7, "exact": True}
    code, out = call("prove", "--construction", "shallow", "--n", 22, "--dry-run")
    assert code == 0 and out == "max/shallow n = 22: 3 hidden layers, some 5,005 units (roughly: it is not built)\n"
    code, out = call("prove", "--construction", "bakaev", "--n", 10**6, "--dry-run")
    assert code == 0 and "14 hidden layers, some 10^111772 units" in out
    found = called("prove", "--construction", "shallow", "--n", 22, "--dry-run")
    assert (found["depth"], found["size"], found["exact"]) == (3, "5,005", False)


def test_what_a_budget_leaves_is_shown(capfd):
    code = main(["prove", "--construction", "shallow", "--n", "6..7", "--max-size", "100"])
    out, err = capfd.readouterr()
    assert err == "relumax: max/shallow at n = 7 has some 544 hidden units, more than 100 (--max-size)\n"
    assert code == 3 and "n = 6: 2 hidden layers" in out and "proved" in out
    code = main(["prove", "--construction", "shallow", "--n", "7", "--max-size", "100", "--json"])
    found = json.loads(capfd.readouterr()[0])
    assert found["verdict"] == "unknown" and "some 544 hidden units" in found["reason"]


def test_building_stops_with_the_time(capfd, monkeypatch):
    from relumax import proving

    monkeypatch.setattr(proving, "GRACE", 0.2)
    code = main(["prove", "--construction", "identity", "--n", "7", "--timeout", "0.3", "--json"])
    out, err = capfd.readouterr()
    assert err == "relumax: no answer within 0.3 s\n"
    found = json.loads(out)
    assert code == 3 and found["verdict"] == "unknown" and found["reason"] == "no answer within 0.3 s"


@pytest.mark.parametrize("fmt", ["json", "npz", "onnx"])
def test_prove_a_network_of_ones_own(call, called, tmp_path, fmt):
    file = tmp_path / "net"
    call("export", "--fn", "min", "--n", 5, "--format", fmt, "-o", file)
    found = called("prove", "--network", file, "--fn", "min")
    assert (found["verdict"], found["n"], found["engine"]) == ("proved", 5, "flat")
    assert found["network_sha256"] == sha256(load(file.read_bytes()).network)
    found = called("prove", "--network", file, code=1)
    assert found["verdict"] == "refuted" and found["theorem"] == "for all x in R^5: y = max(x)"
    point = [Fraction(x) for x in found["witness"]["inputs"]]
    values = [str(y) for y in evaluate(load(file.read_bytes()).network, point)]
    assert values == found["witness"]["outputs"] == [str(min(point))] != [str(max(point))]


def test_prove_a_network_by_engine_modular_is_refused(call, tmp_path, capfd):
    call("export", "--n", 3, "-o", tmp_path / "net")
    assert main(["prove", "--network", str(tmp_path / "net"), "--engine", "modular"]) == 2
    assert "needs a program" in capfd.readouterr().err


def test_prove_gadgets(call, called, tmp_path, capfd):
    file = written(tmp_path, GADGETS)
    assert called("prove", "--gadget", "maximum")["verdict"] == "proved"
    found = called("prove", "--from", file, "--gadget", "above")
    assert found["verdict"] == "proved" and "such that a[1] <= a[0]: y + a[1] = a[0]" in found["theorem"]
    found = called("prove", "--from", file, "--gadget", "almost", code=1)
    a, b = [Fraction(x) for x in found["witness"]["inputs"]]
    assert found["witness"]["outputs"] == [str(b + max(a - b - 1, 0))] != [str(max(a, b))]
    assert main(["prove", "--from", str(file), "--gadget", "never"]) == 2
    assert "no arguments meet" in capfd.readouterr().err


def test_a_users_file_works_with_every_command(tmp_path):
    file, out = written(tmp_path, GADGETS), tmp_path / "c.json"
    proved = json.loads(relumax("prove", "--from", file, "--n", 7, "--json", "-o", out).stdout)
    assert (proved["verdict"], proved["construction"], proved["engine"]) == ("proved", "threes", "modular")
    assert "Max(x0, x1, x2, x3, x4)" in relumax("show", "--from", file, "--n", 5).stdout
    assert relumax("eval", "--from", file, "1/3", "-2", "0.25", "1/3").stdout == "1/3\n"
    assert "max/threes" in relumax("list", "--from", file).stdout
    assert relumax("export", "--from", file, "--n", 4, "-o", "-").returncode == 0
    assert relumax("check", out).returncode == 0
    chosen = relumax("eval", "--from", file, "--construction", "chain", "4", "5")
    assert chosen.stdout == "5\n"
    assert relumax("prove", "--from", file, "--n", 3, cwd="/").returncode == 0


# ---------------------------------------------------------------- list, show, eval


def test_list(call, called):
    code, out = call("list")
    assert code == 0 and plain(out)
    table, _, limit = out.partition("\n\n")
    rows = {line.split()[0]: line.split()[1:3] for line in table.splitlines()[1:]}
    assert rows["max/tournament"] == ["3", "21"] and rows["max/chain"] == ["7", "42"]
    assert set(rows) == {f"{function}/{name}" for function, name in registry.names()}
    assert limit.count("\n") == 1 and "ceil(log3 n)" in limit
    found = called("list", "--fn", "min", "--n", 4)
    assert found["n"] == 4
    assert [one["construction"] for one in found["constructions"]][:2] == ["min/tournament", "min/chain"]
    keys = {"construction", "depth", "size", "contract", "float_exact", "tournament"}
    assert all(one.keys() == keys for one in found["constructions"])


def test_list_compares_with_the_tournament_and_says_what_floats_hold(call, called):
    rows = {one["construction"]: one for one in called("list", "--n", 6)["constructions"]}
    chosen = {name: one["float_exact"] for name, one in rows.items() if name.startswith(("max/", "min/"))}
    rational = {name for name, exact in chosen.items() if exact is not True}
    assert rational == {"max/identity", "max/shallow", "min/shallow"}
    for name, one in rows.items():
        beside = name.startswith(("max/", "min/")) and not name.endswith("/tournament")
        assert one["tournament"] == ({"depth": 3, "size": 17} if beside else None)
    _, out = call("list", "--n", 6)
    lines = {line.split()[0]: line for line in out.splitlines() if "/" in line}
    assert re.match(r"max/shallow +2 +\d+ +-1, \d\.\dx  no ", lines["max/shallow"])
    assert re.match(r"max/chain +5 +25 +\+2, 1\.5x  exact ", lines["max/chain"])
    assert re.match(r"max/tournament +3 +17 +exact ", lines["max/tournament"])
    _, out = call("list", "--fn", "select")
    assert "vs tournament" not in out and "ceil(log3 n)" not in out


@pytest.mark.parametrize("n", [1, 29])
def test_list_ends_where_a_construction_has_no_size_or_too_large_a_one(called, n):
    [row] = [
        one for one in called("list", "--fn", "max", "--n", n)["constructions"] if one["construction"] == "max/bakaev"
    ]
    assert (row["size"], row["float_exact"]) == (("0", True) if n == 1 else ("~177,147", None))


def test_show(call, called):
    code, out = call("show", "--n", 3)
    assert code == 0 and plain(out)
    assert "program      maximum(maximum(x0, x1), x2)\n" in out
    assert "closed form  Max(x0, x1, x2)\n" in out
    assert "widths       5 3\n" in out
    assert "sizes        2 hidden layers, width 5, 8 units, " in out
    assert "theorem      for all x in R^3: y = max(x)\n" in out
    found = called("show", "--fn", "min", "--n", 2)
    assert found["closed_form"] == ["Min(x0, x1)"] and found["widths"] == [3] and found["nonzeros"] == 7
    assert found["theorem"] == ["for all x in R^2: y = min(x)"] and found["program"] == ["minimum(x0, x1)"]
    assert call("show", "--n", 1)[1].count("closed form  x0\n") == 1


def test_show_says_why_two_layers_are_enough(call, called):
    code, out = call("show", "--construction", "shallow", "--n", 5)
    assert code == 0 and plain(out)
    assert "\nfloats       float16 holds every weight exactly\n" in out
    assert "\nformula      with mij = max(xi, xj)" in out and " 4 max = m12 + m34 + 2 x5 + |m12+m34-2x5| - " in out
    assert "arXiv 2505.14338" in out and "arXiv 2607.21651" in out and "ceil(log3 n)" in out
    found = called("show", "--fn", "min", "--construction", "shallow", "--n", 6)
    assert found["float_exact"] is False and found["float_type"] is None
    assert "Orb" in found["formula"][-1] and len(found["why"]) == 5 and found["sources"] and len(found["limit"]) == 1
    found = called("show", "--construction", "bakaev", "--n", 11)
    assert found["float_type"] == "float16" and len(found["why"]) == 5 and (found["depth"], found["size"]) == (3, 115)
    found = called("show", "--construction", "shallow", "--n", 4)
    assert found["formula"] == found["why"] == [] and found["limit"]
    assert "why" not in called("show", "--n", 5)


def test_show_latex_is_the_closed_form_alone(call):
    assert call("show", "--n", 3, "--latex") == (0, "\\max\\left(x_{0}, x_{1}, x_{2}\\right)\n")


def test_show_a_certificate(call, called, tmp_path):
    proof = tmp_path / "c.json"
    for engine in ("modular", "flat"):
        call("prove", "--n", 4, "-o", proof, "--engine", engine)
        code, out = call("show", proof)
        assert code == 0 and plain(out)
        for text in ("theorem  for all x in R^4: y = max(x)\n", "lemma 0", "proof of statement 0", "is false"):
            assert text in out
        assert called("show", proof)["lines"] == out.splitlines()


def test_eval(call, called):
    assert call("eval", "3", "-1/2", "0.25") == (0, "3\n")
    assert call("eval", "--fn", "min", "-3", "-.5", "+1", "1e1") == (0, "-3\n")
    assert call("eval", "--", "-3", "-4") == (0, "-3\n")
    assert call("eval", "-1/3") == (0, "-1/3\n")
    assert called("eval", "1/3", "0.5") == {"outputs": ["1/2"]}
    found = called("eval", "2", "1", "--trace")
    assert found == {"outputs": ["2"], "layers": [{"before": ["1", "1", "-1"], "after": ["1", "1", "0"]}]}
    _, out = call("eval", "2", "1", "--trace")
    assert out.splitlines() == [
        "layer 1: 2 of 3 units active: 0 1",
        "  before  (1, 1, -1)",
        "  after   (1, 1, 0)",
        "2",
    ]


def test_eval_outside_the_requirement_says_so(called):
    done = relumax("eval", "-1", "-2", "--construction", "essay")
    assert (done.returncode, done.stdout) == (0, "1\n") and one_line(done.stderr) and "inputs >= 0" in done.stderr
    assert "inputs >= 0" in called("eval", "-1", "-2", "--construction", "essay")["note"]
    assert called("eval", "1", "2", "--construction", "essay") == {"outputs": ["2"]}


def test_what_a_users_file_prints_is_not_our_output(tmp_path):
    file = written(tmp_path, "print('hello')\n" + THIN)
    done = relumax("prove", "--from", file, "--construction", "chain", "--n", 2, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["verdict"] == "proved" and done.stderr == "hello\n"


# ---------------------------------------------------------------- export


@pytest.mark.parametrize("fmt", ["json", "npz", "onnx", "safetensors"])
def test_export_and_confirm(call, tmp_path, fmt):
    if fmt == "safetensors":
        pytest.importorskip("safetensors")
    out, proof = tmp_path / "weights", tmp_path / "proof.json"
    code, said = call("export", "--n", 6, "--format", fmt, "-o", out)
    assert code == 0 and said.startswith(f"{out}: {out.stat().st_size} bytes, ")
    network = load(out.read_bytes()).network
    assert network.inputs == 6 and evaluate(network, range(6)) == [5]
    call("prove", "--n", 6, "-o", proof)
    code, said = call("check", proof, "--network", out)
    assert code == 0 and "holds exactly the certified weights" in said


def test_export_to_standard_output():
    done = relumax("export", "--n", 3, "--format", "npz", "-o", "-", text=False)
    assert done.returncode == 0 and done.stderr == b""
    assert load(done.stdout).network.inputs == 3


ROUNDED = """
from fractions import Fraction
from relumax import construction, relu, max_spec

@construction("third", "only", spec=max_spec)
def third(x):
    return Fraction(1, 3) * relu(x[0])
"""


def test_export_refuses_to_round_unless_told(tmp_path):
    file, out = written(tmp_path, ROUNDED), tmp_path / "w"
    done = relumax("export", "--from", file, "--n", 1, "--format", "npz", "-o", out)
    assert done.returncode == 2 and one_line(done.stderr) and "--allow-rounding" in done.stderr and not out.exists()
    done = relumax("export", "--from", file, "--n", 1, "--format", "npz", "--allow-rounding", "-o", out)
    assert done.returncode == 0 and "not for this file" in done.stdout
    assert relumax("export", "--from", file, "--n", 1, "-o", out).returncode == 0


# ---------------------------------------------------------------- help, version, completion


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
    done = relumax(*line.split()[1:], cwd=workshop)
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
    ],
)
def test_completion_is_light(words, expected):
    env = {"_RELUMAX_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    out, modules = loaded(env=env)
    assert f"plain,{expected}" in out.splitlines() and modules == set()


def test_completion_scripts():
    for shell in ("bash", "zsh", "fish"):
        done = relumax(env={"_RELUMAX_COMPLETE": f"{shell}_source"})
        assert done.returncode == 0 and "_RELUMAX_COMPLETE" in done.stdout


def test_no_progress_and_no_colour_without_a_terminal(tmp_path):
    done = relumax("prove", "--n", "2..4", env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})
    assert done.stderr == "" and plain(done.stdout)
    done = relumax("prove", "--from", written(tmp_path, THIN), "--n", 3)
    assert plain(done.stdout)
