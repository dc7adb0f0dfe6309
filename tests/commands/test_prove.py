"""`relumax prove`: constructions, ranges, networks, gadgets and users' files; what a budget leaves."""

from __future__ import annotations

import json
import os
import re
import subprocess
from fractions import Fraction

import pytest

from relumax.__main__ import main
from relumax.formats import load
from relumax.kernel import check
from relumax.network.evaluate import evaluate
from relumax.network.layers import sha256
from tests.running import RELUMAX, THIN, environment, one_line, plain, relumax, written

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


FIELDS = {"verdict", "theorem", "function", "construction", "n", "depth", "width", "size", "engine", "seconds"}
FIELDS |= {"certificate", "network_sha256"}


def test_prove_says_what_was_proved_and_by_whom(call):
    code, out = call("prove", "--n", 8)
    assert code == 0 and plain(out)
    assert "theorem  for all x in R^8: y = max(x)\n" in out
    assert "max/tournament, n = 8: 3 hidden layers, width 12, 21 units" in out
    assert out.startswith("proved\n")
    assert re.search(r"z3: unsat; kernel: accepted [\d,]+ bytes", out)
    assert call("prove")[1].startswith("proved\ntheorem  for all x in R^8")


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
    assert call("prove", "--n", "3..3")[1].startswith("proved\ntheorem")


def test_a_range_keeps_a_certificate_of_each(call, called, tmp_path, capfd):
    code, out = call("prove", "--n", "2..4", "-o", tmp_path / "max-{n}.json")
    assert code == 0 and len(out.splitlines()) == 4
    for n in (2, 3, 4):
        assert check((tmp_path / f"max-{n}.json").read_bytes()).statements == [f"for all x in R^{n}: y = max(x)"]
    found = called("prove", "--n", "2..3", "-o", tmp_path / "{n}")["results"]
    assert [one["certificate"] for one in found] == [str(tmp_path / "2"), str(tmp_path / "3")]
    assert called("prove", "--n", 5, "-o", tmp_path / "{n}")["certificate"] == str(tmp_path / "5")
    assert main(["prove", "--n", "2..3", "-o", "nowhere/{n}.json"]) == 2
    assert "nowhere/2.json: no such folder" in capfd.readouterr().err


SLOW = """
import sys, time
from relumax import construction, maximum

@construction("max", "waits")
def waits(x):
    if len(x) == 4:
        print("READY", file=sys.stderr, flush=True)
        sys.stdin.readline()
    best = x[0]
    for one in x[1:]:
        best = maximum(best, one)
    return best if len(x) < 5 else x[9]
"""


@pytest.mark.parametrize("as_json", [False, True])
def test_a_row_is_printed_as_soon_as_it_is_proved(tmp_path, as_json):
    """The third size waits for a line, which comes when two rows have been read; the fourth is a mistake."""
    ask = ["prove", "--from", str(written(tmp_path, SLOW)), "--n", "2..6", *["--json"] * as_json]
    pipe = subprocess.PIPE
    with subprocess.Popen([*RELUMAX, *ask], stdin=pipe, stdout=pipe, stderr=pipe, env=environment()) as started:
        assert started.stderr.readline() == b"READY\n"
        rows = os.read(started.stdout.fileno(), 1 << 20).decode()
        assert rows.count("proved") == 2
        out, err = started.communicate(b"\n", timeout=60)
    rows += out.decode()
    assert started.returncode == 2 and b"line 13, at n = 5: IndexError" in err and one_line(err.decode())
    if as_json:
        assert [one["n"] for one in json.loads(rows)["results"]] == [2, 3, 4]
    else:
        assert [line.split()[0] for line in rows.splitlines()] == ["n", "2", "3", "4"]


def test_a_file_proves_what_it_registers_and_nothing_else(call, tmp_path, capfd):
    file = written(tmp_path, GADGETS)
    assert "max/threes, n = 8" in call("prove", "--from", file)[1]
    assert "max/threes, n = 8" in call("prove", "--from", file, "--fn", "max")[1]
    assert "max/chain, n = 8" in call("prove", "--from", file, "--construction", "chain")[1]
    for text, more, said in (
        ("def f(x):\n    return x[0]\n", [], 'registers no construction: put @construction("max", "mine") above'),
        (GADGETS, ["--fn", "min"], "registers no construction of min, only max/threes"),
        (GADGETS + "construction('min', 'other')(lambda x: x[0])\n", [], "registers max/threes, min/other: choose one"),
    ):
        file = written(tmp_path, text)
        for ask in (["prove"], ["prove", "--json"], ["show"], ["export", "-o", "-"]):
            assert main([*ask, "--from", str(file), *more]) == 2
            out, err = capfd.readouterr()
            assert f"mine.py {said}" in err and one_line(err) and "proved" not in out
    assert main(["prove", "--from", str(file), "--fn", "min", "--n", "1"]) == 0  # one of the two
    assert main(["prove", "--from", str(file), "--construction", "other", "--n", "1"]) == 0


@pytest.mark.parametrize(
    "more",
    ["n 3", "fn max", "engine modular", "max-size 9", "gap 1", "dry-run", "construction chain", "network x.json"],
)
def test_a_gadget_refuses_what_it_would_drop(capfd, more):
    assert main(["prove", "--gadget", "maximum", *f"--{more}".split()]) == 2
    err = capfd.readouterr().err
    assert one_line(err) and f"--{more.split()[0]}" in err
    assert main(["prove", "--gadget", "maximum", "-o", "{n}.json"]) == 2
    assert "a gadget and a network have one size" in capfd.readouterr().err


def test_what_engines_said_is_for_the_curious(call, called, tmp_path):
    file = written(tmp_path, THIN)
    code, out = call("prove", "--from", file, "--n", 3)
    assert code == 1 and "modular" not in out and out.startswith("refuted\n")
    hint = re.search(r"^next     relumax (eval .*)$", out, re.MULTILINE)[1]
    assert re.search(r"^         outputs \((.*)\)$", out, re.MULTILINE)[1] == call(*hint.split())[1].splitlines()[-1]
    far = (
        "from functools import reduce\nfrom relumax import construction, maximum, relu\n"
        '@construction("max", "far")\ndef far(x): return reduce(maximum, x) + relu(x[0] - 10**9)\n'
    )
    file = written(tmp_path, far, "far.py")  # right at cheap points
    code, out = call("prove", "--from", file, "--n", 3, "--verbose")
    assert code == 1 and "note     modular: " in out
    assert "details" not in called("prove", "--from", file, "--n", 3, code=1)
    assert called("prove", "--from", file, "--n", 3, "-v", code=1)["details"][0].startswith("modular: ")


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
    assert code == 0 and out == "max/shallow n = 22: 3 hidden layers, some 4,975 units (roughly: it is not built)\n"
    code, out = call("prove", "--construction", "bakaev", "--n", 10**6, "--dry-run")
    assert code == 0 and "14 hidden layers, some 10^111772 units" in out
    found = called("prove", "--construction", "shallow", "--n", 22, "--dry-run")
    assert (found["depth"], found["size"], found["exact"]) == (3, "4,975", False)


def test_what_a_budget_leaves_is_shown(call, called):
    code, out = call("prove", "--construction", "shallow", "--n", "6..9", "--max-size", "100")
    head, six, seven, *said = out.splitlines()
    assert code == 3 and six.split()[0] == "6" and six.endswith("  proved") and head.endswith("verdict")
    assert seven.split() == ["7", "-", "-", "-", seven.split()[4], "-", "unknown"]
    large = "max/shallow at n = 7 has some 538 hidden units, more than 100 (--max-size)"
    assert said == [f"n = 7: reason: {large}", "n = 7: next: raise --max-size, or try a smaller --n"]
    found = called("prove", "--construction", "shallow", "--n", "7", "--max-size", "100", code=3)
    assert found["verdict"] == "unknown" and found["reason"] == large and found.keys() >= FIELDS
    assert found["theorem"] == "for all x in R^7: y = max(x)" and found["size"] is None
    code, out = call("prove", "--construction", "shallow", "--n", "7", "--max-size", "100")
    assert code == 3 and out.startswith("unknown\ntheorem  for all x in R^7: y = max(x)\n")


def test_building_stops_with_the_time(called, call):
    ask = ["prove", "--construction", "identity", "--n", "8", "--timeout", "0.3"]
    found = called(*ask, code=3)
    assert found["verdict"] == "unknown" and found["reason"] == "no answer within 0.3 s" and found.keys() >= FIELDS
    code, out = call(*ask)
    assert code == 3 and out.startswith("unknown\n") and "reason   no answer within 0.3 s\nnext     give it more" in out


@pytest.mark.parametrize("fmt", ["json", "npz", "onnx"])
def test_prove_a_network_of_ones_own(call, called, tmp_path, fmt):
    file = tmp_path / "net"
    call("export", "--fn", "min", "--n", 5, "--format", fmt, "-o", file)
    found = called("prove", "--network", file, "--fn", "min")
    assert (found["verdict"], found["n"], found["engine"]) == ("proved", 5, "canonical")
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


def test_what_a_users_file_prints_is_not_our_output(tmp_path):
    file = written(tmp_path, "print('hello')\n" + THIN)
    done = relumax("prove", "--from", file, "--construction", "chain", "--n", 2, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["verdict"] == "proved" and done.stderr == "hello\n"


def test_no_progress_and_no_colour_without_a_terminal(tmp_path):
    done = relumax("prove", "--n", "2..4", env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})
    assert done.stderr == "" and plain(done.stdout)
    done = relumax("prove", "--from", written(tmp_path, THIN), "--n", 3)
    assert plain(done.stdout)
