"""Every way a run can end, in processes of their own: 0, 1, 2, 3, 70, 130; one line on standard error, no traceback."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from relumax import pipeline
from relumax.formats import export
from relumax.language.expr import evaluate, inputs, relu, step
from relumax.language.gadget import maximum
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate as run_network
from tests.running import RELUMAX, THIN, environment, one_line, python, relumax, run, written

PROOF = Path(__file__).parents[1] / "proofs" / "max-tournament-4.json"
SHELL = f"{sys.executable} -m relumax"


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return run(["bash", "-c", f"set -o pipefail; {line}"])


def bad_input(done: subprocess.CompletedProcess[str], *said: str) -> None:
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert one_line(done.stderr), done.stderr
    assert done.stdout == ""
    for text in said:
        assert text in done.stderr


# ---------------------------------------------------------------- 0 and 1

UNTRUE = """
from relumax import Spec, array, construction, fold, maximum, statement, symbol, winner

w = symbol("w")

def spec(n):
    x, y = array("x", "in", n), array("y", "out")
    return Spec([x, y], [statement([y[0] == x[w]], [winner(w, x)], [w < n])])

@construction("best", "untrue", spec=spec)
def untrue(x):
    return fold(x, maximum, lambda lo, hi, best: [best + 1 <= symbol("x[w]")])
"""
"""A maximum beside which something false is stated."""


def test_a_theorem_beside_a_false_invariant_is_0_and_3_if_strict(tmp_path):
    file = written(tmp_path, UNTRUE)
    for more, code in (((), 0), (("--strict",), 3)):
        done = relumax("prove", "--from", file, "--fn", "best", "--n", 3, *more)
        assert done.returncode == code and done.stdout.startswith("proved\n") and one_line(done.stderr)
        assert done.stdout.count("\nnote     invariant: leaf 0 need not meet best + 1 <= x[w]: ") == 1
        assert "invariant:" not in done.stderr
    alone = relumax("prove", "--from", file, "--fn", "best", "--n", 3, "--engine", "modular")
    assert alone.returncode == 3 and alone.stderr == "" and "\nreason   invariant: leaf 0 " in alone.stdout
    assert "\nnext     correct the condition above" in alone.stdout
    assert relumax("prove", "--n", 3, "--strict").returncode == 0


def test_proved_is_0():
    done = relumax("prove", "--n", 4)
    assert done.returncode == 0 and done.stderr == ""
    assert "for all x in R^4: y = max(x)" in done.stdout


@pytest.mark.parametrize("engine", ["auto", "flat"])
def test_wrong_on_a_thin_region_is_1(tmp_path, engine):
    file = written(tmp_path, THIN)
    done = relumax("prove", "--from", file, "--n", 4, "--engine", engine, "--json")
    assert done.returncode == 1 and done.stderr == ""
    found = json.loads(done.stdout)
    assert (found["verdict"], found["construction"], found["certificate"]) == ("refuted", "thin", None)
    point = [Fraction(x) for x in found["witness"]["inputs"]]
    [value] = [Fraction(y) for y in found["witness"]["outputs"]]
    assert max(point[:3]) - min(point[:3]) < Fraction(1, 1000) and value != max(point)
    again = relumax("eval", "--from", file, *point)
    assert again.stdout.strip() == str(value)


def test_a_picture_of_what_is_wrong_is_0(tmp_path):
    done = relumax("draw", "--from", written(tmp_path, THIN), "--n", 3, "--regions", "-o", tmp_path / "a.svg")
    assert done.returncode == 0 and done.stderr == "" and "refuted" in done.stdout


def test_refuted_leaves_the_old_certificate_alone(tmp_path):
    file, out = written(tmp_path, THIN), written(tmp_path, "old", "proof.json")
    done = relumax("prove", "--from", file, "--n", 3, "-o", out)
    assert done.returncode == 1 and out.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.py", "proof.json"]


def test_refuted_on_standard_output_says_so_on_standard_error(tmp_path):
    done = relumax("prove", "--from", written(tmp_path, THIN), "--n", 3, "-o", "-")
    assert done.returncode == 1 and done.stdout == "" and "refuted" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("{}", "not a relumax certificate"),
        ('{"format":"relumax-network","version":1}', "a network and no certificate: relumax prove FILE proves one"),
        ("{", "not JSON"),
    ],
)
@pytest.mark.parametrize("command", ["check", "page -o pages", "export --format coq -o x.v"])
def test_what_is_no_certificate_is_told_as_what_it_is(tmp_path, command, text, said):
    written(tmp_path, text, "c.json")
    done = relumax(*command.split(), "c.json", cwd=tmp_path)
    assert done.returncode in (1, 2) and said in done.stdout + done.stderr
    assert one_line(done.stderr) or command == "check"
    assert [path.name for path in tmp_path.iterdir()] == ["c.json"]


def test_an_invalid_certificate_is_1(tmp_path):
    file = written(tmp_path, "{}", "c.json")
    done = relumax("check", file)
    assert done.returncode == 1 and "malformed" in done.stdout and done.stderr == ""


# ---------------------------------------------------------------- 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["prove", "--n", "0"], "n must be at least 1"),
        (["prove", "--n", "-3"], "'-3' is not a number of inputs"),
        (["prove", "--n", "abc"], "'abc' is not a number of inputs"),
        (["prove", "--n", "5..2"], "range 5..2 is empty"),
        (["prove", "--n", "2..3..4"], "2..3..4"),
        (["prove", "--n", "٣"], "not a number of inputs"),
        (["prove", "--n", "9" * 5000], "9...' is too large (n has at most 9 digits)"),
        (["prove", "--construction", "tournement"], "did you mean tournament"),
        (["prove", "--fn", "maxx"], "did you mean max"),
        (["show", "--fn", "zebra"], "unknown function 'zebra'"),
        (["list", "--fn", "mix"], "did you mean"),
        (["prove", "--gadget", "maximun"], "did you mean maximum"),
        (["prove", "--gadget", "maximum", "--n", "3"], "--gadget"),
        (["prove", "--from", "nowhere.py"], "relumax: nowhere.py: No such file"),
        (["prove", "--from", "/"], "relumax: /: Is a directory"),
        (["prove", "--network", "nowhere.json"], "nowhere.json: No such file"),
        (["prove", "--network", "/"], "not a regular file"),
        (["prove", "--network", "/dev/null"], "not a regular file"),
        (["prove", "--network", __file__], "test_exit_codes.py: not a network file"),
        (["prove", "--network", "x.json", "--n", "3"], "leave out --n"),
        (["prove", "--n", "2..4", "-o", "-"], "give one --n"),
        (["prove", "--n", "2..4", "-o", "x.json"], "give one --n"),
        (["prove", "--dry-run", "-o", "x.json"], "--dry-run"),
        (["prove", "-o", "/nowhere/x.json"], "/nowhere/x.json: no such folder"),
        (["prove", "-o", "/"], "is a folder"),
        (["prove", "-o", ""], "the name of the file to write is empty"),
        (["prove", "-o", "max8.onnx"], "-o writes the certificate, which is JSON; max8.onnx is the name of"),
        (["show", ""], "the name of the file to read is empty"),
        (["check", ""], "the name of the file to read is empty"),
        (["prove", "--n", "2", "--equals", ""], "--equals is empty"),
        (["page", str(PROOF), "-o", ""], "the name of the folder to write is empty"),
        (["export", "--suite", ""], "the name of the folder to write is empty"),
        (["prove", "--from", str(PROOF)], "not a Python file, which --from takes"),
        (["prove", str(PROOF)], "it is a certificate (relumax check FILE checks it), and no network"),
        (["draw"], "Missing option '-o'"),
        (["draw", "-o", "x.pdf"], "-o ends in .svg or .png"),
        (["page"], "Missing argument"),
        (["page", "x.json"], "Missing option '-o'"),
        (["page", "nowhere.json", "-o", "x"], "nowhere.json: No such file"),
        (["draw", "-o", "/nowhere/x.svg"], "/nowhere/x.svg: no such folder"),
        (["prove", "-o", "/proc/x.json"], "/proc/x.json"),
        (["prove", "--timeout", "0"], "not a positive number of seconds"),
        (["prove", "--timeout", "nan"], "not a positive number of seconds"),
        (["prove", "--timeout", "inf"], "not a positive number of seconds"),
        (["prove", "--engine", "magic"], "magic"),
        (["prove", "--gap", "1/0"], "not a rational number"),
        (["prove", "--gap", "1"], "has no option --gap"),
        (["prove", "--no-such-option"], "No such option"),
        (["show", "--n", "2..5"], "give one --n"),
        (["discover", "--n", "5", "--smallest", "--seconds", "nan"], "not a positive number of seconds"),
        (["show", __file__], "test_exit_codes.py: not a certificate"),
        (["show", __file__, "--latex"], "a file is shown as it is"),
        (["eval", "1", "x"], "'x' is not a rational number"),
        (["eval", "nan"], "not a rational number"),
        (["eval", "inf"], "not a rational number"),
        (["eval", "1_0", "2"], "not a rational number"),
        (["eval", "٣", "2"], "not a rational number"),
        (["eval", "1e99999999", "2"], "not a rational number"),
        (["eval", "9" * 5000, "2"], "not a rational number"),
        (["eval", "1", "2", "--n", "3"], "has 3 inputs, 2 values were given"),
        (["eval"], "Missing argument"),
        (["export", "--n", "4"], "Missing option"),
        (["export", "--format", "xml", "-o", "-"], "xml"),
        (["check"], "Missing argument"),
        (["check", "nowhere"], "nowhere: no such file or folder"),
        (["check", "/dev/null"], "not a regular file"),
        (["prove", "--fn", ""], "--fn is empty"),
        (["eval", "1", "--construction", ""], "--construction is empty"),
        (["prove", "--from", ""], "--from is empty"),
        (["frobnicate"], "No such command"),
        (["prove\x1b[31m"], "No such command"),
    ],
)
def test_bad_input_is_2(arguments, said, tmp_path):
    done = relumax(*arguments, cwd=tmp_path)
    bad_input(done, said)
    assert list(tmp_path.iterdir()) == []
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["prove", "-o", "-", "--json"],
        ["prove", "--n", "abc", "--json"],
        ["prove", "--json", "--from", "nowhere.py"],
        ["show", "--fn", "zebra", "--json"],
        ["show", "--latex", "--json"],
        ["eval", "1", "x", "--json"],
        ["check", "nowhere", "--json"],
    ],
)
def test_bad_input_with_json_is_an_object_too(arguments, tmp_path):
    done = relumax(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and one_line(done.stderr) and done.stdout.count("\n") == 1
    found = json.loads(done.stdout)
    assert found["verdict"] == "bad input" and f"relumax: {found['reason']}\n" == done.stderr


def test_a_closed_standard_input_is_an_empty_one():
    done = shell(f"{SHELL} check - <&-")
    assert done.returncode == 1 and done.stdout.startswith("-: malformed") and done.stderr == ""


@pytest.mark.parametrize("package", ["click", "z3"])
def test_a_missing_package_is_named(package):
    """A checkout that is run by a Python without what relumax needs: `python cli.py`."""
    done = python(
        f"import sys\nsys.modules[{package!r}] = None\nfrom relumax.__main__ import main\n"
        "sys.exit(main(['prove', '--n', '3']))"
    )
    bad_input(done, f"the Python package {package} is not installed here")


@pytest.mark.parametrize(
    "arguments", [["prove", "--fn", "select", "--payload-dim", 10**12, "--n", 3], ["export", "--n", 9999999, "-o", "x"]]
)
def test_far_too_many_inputs_are_no_matter_of_time(arguments, tmp_path):
    done = relumax(*arguments, cwd=tmp_path)
    assert done.returncode == 3 and "inputs, more than 1,000,000 (--max-size)" in done.stdout + done.stderr


def test_no_command_shows_the_help_and_is_2():
    done = relumax()
    assert done.returncode == 2 and done.stdout == "" and "Commands:" in done.stderr


BROKEN = {
    "syntax": ("def f(:\n", "SyntaxError"),
    "raises": ("x = 1\nraise KeyError('lost')\n", "line 2, KeyError: 'lost'"),
    "exits": ("import sys\nsys.exit(0)\n", "SystemExit"),
    "unknown import": ("from relumax import maximun\n", "maximun"),
    "deep": ("def f(): f()\nf()\n", "RecursionError"),
    "theorem=": (
        "from relumax import construction\n@construction('max', 'f', theorem='y = x')\ndef f(x): return x[0]\n",
        "line 2, max/f: @construction knows no theorem=; the statement is spec=, a function of n: ",
    ),
    "no spec": ("from relumax import construction\n@construction('new', 'f')\ndef f(x): return x[0]\n", "has no spec"),
    "product": (
        "from relumax import construction\n@construction('max', 'f')\ndef f(x):\n    return x[0] * x[1]\n",
        "line 4, at n = 3: a product of two non-constants",
    ),
    "truth": (
        "from relumax import construction\n@construction('max', 'f')\ndef f(x):\n    return max(x)\n",
        "line 4, at n = 3: a condition has no truth value: join conditions with & and |",
    ),
    "recipe raises": (
        "from relumax import construction\n@construction('max', 'f')\ndef f(x):\n    return x[99]\n",
        "line 4, at n = 3: IndexError",
    ),
    "recipe exits": (
        "import sys\nfrom relumax import construction\n@construction('max', 'f')\ndef f(x):\n    sys.exit(0)\n",
        "line 5, at n = 3: SystemExit",
    ),
    "recipe reads standard input": (
        "from relumax import construction\n@construction('max', 'f')\ndef f(x):\n    return x[int(input())]\n",
        "line 4, at n = 3: EOFError",
    ),
    "bad contract": (
        "from relumax import construction, gadget\n@gadget(ensures=lambda y, a: y is a)\ndef g(a): return +a\n"
        "@construction('max', 'f')\ndef f(x): return g(x[0])\n",
        "a contract is conditions such as y == largest([a, b]), not False",
    ),
    "contract raises": (
        "from relumax import construction, gadget\n@gadget(ensures=lambda y, a: oops)\ndef g(a): return +a\n"
        "@construction('max', 'f')\ndef f(x): return g(x[0])\n",
        "line 2, NameError",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_user_file_is_2(tmp_path, kind):
    text, said = BROKEN[kind]
    bad_input(relumax("prove", "--from", written(tmp_path, text), "--n", 3), said)


def test_a_binary_user_file_is_2(tmp_path):
    file = tmp_path / "mine.py"
    file.write_bytes(random.Random(5).randbytes(500))
    bad_input(relumax("prove", "--from", file, "--n", 3), "mine.py")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_2(tmp_path):
    tmp_path.chmod(0o555)
    try:
        bad_input(relumax("prove", "--n", 3, "-o", tmp_path / "x.json"), "not writable")
    finally:
        tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("old", [None, "old"])
def test_a_full_disk_is_2_and_leaves_nothing_half_written(tmp_path, old):
    out = tmp_path / "x.json"
    if old is not None:
        out.write_text(old)
    for command in (["prove", "--n", "8"], ["export", "--n", "8"]):
        done = relumax(*command, "-o", out, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)))
        bad_input(done, "x.json: ")
        assert [p.read_text() for p in tmp_path.iterdir()] == ([] if old is None else [old])


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path):
    out, link = written(tmp_path, "old", "x.json"), tmp_path / "link.json"
    out.chmod(0o640)
    link.symlink_to(out)
    assert relumax("prove", "--n", 3, "-o", link).returncode == 0
    assert link.is_symlink() and out.stat().st_mode & 0o777 == 0o640
    assert pipeline.check(out.read_bytes()).statements == ["for all x in R^3: y = max(x)"]


def test_a_device_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    assert relumax("prove", "--n", 3, "-o", pipe).returncode == 0
    data, _ = reader.communicate(timeout=60)
    assert pipeline.check(data).statements == ["for all x in R^3: y = max(x)"]
    assert pipe.is_fifo()


def test_a_pipe_that_nobody_reads_is_waited_for_and_then_said(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = relumax("prove", "--n", 2, "-o", pipe)
    assert (done.returncode, done.stderr) == (2, f"relumax: {pipe}: a pipe, and nobody reads it\n")
    assert [*tmp_path.iterdir()] == [pipe] and pipe.is_fifo()


@pytest.mark.parametrize(
    "line",
    [
        "{} prove --n 900 -o /dev/stdout | cat",
        "{} prove --n 900 -o /dev/stderr 2>&1 >/dev/null | cat",
        "exec 3>&1; {} prove --n 900 -o >(cat >&3) >/dev/null",  # the report aside: the shell does not wait for cat
    ],
)
def test_what_the_shell_has_as_files_is_written_to(line):
    """A pipe behind a name in /dev, whole though it is larger than what a pipe holds; /dev/null."""
    done = shell(f"{line.format(SHELL)}; {SHELL} prove --n 2 -o /dev/null >/dev/null")
    whole = next(line for line in done.stdout.splitlines() if line.startswith('{"claim"'))
    whole = whole[: whole.rindex('"version":1}') + len('"version":1}')]
    assert done.returncode == 0 and len(whole) > 2**16
    assert pipeline.check(whole.encode()).statements == ["for all x in R^900: y = max(x)"]


# ---------------------------------------------------------------- standard output and standard error gone


@pytest.mark.parametrize("command", ["list", "show --n 300", "prove --n 3", "prove --n 3 -o -", "--help"])
def test_a_closed_pipe_ends_quietly(command):
    done = shell(f"{SHELL} {command} | head -c 0")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_does_not_turn_refuted_into_proved(tmp_path):
    file = written(tmp_path, THIN)
    done = shell(f"{SHELL} prove --from {file} --n 3 | true")
    assert (done.returncode, done.stderr) == (1, "")
    broken = written(tmp_path, "{}", "c.json")
    done = shell(f"{SHELL} check {broken} | true")
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["list", "prove --n 3", "export --n 3 -o -", "--help"])
def test_standard_output_full_is_2(command):
    done = shell(f"{SHELL} {command} > /dev/full")
    assert done.returncode == 2 and one_line(done.stderr) and "No space left" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("end", ["2>/dev/full", "2>&-", "2>&1 | true"])
def test_standard_error_gone_changes_no_code(end):
    assert shell(f"{SHELL} prove --n 0 {end}").returncode == 2


def test_standard_output_closed_changes_no_verdict(tmp_path):
    assert shell(f"{SHELL} prove --n 3 >&-").returncode == 0
    assert shell(f"{SHELL} prove --from {written(tmp_path, THIN)} --n 3 >&-").returncode == 1


def test_a_terminal_without_the_characters(tmp_path):
    file = written(tmp_path, "{}", "ł.json")
    for encoding, shown in (("iso8859-1", "\\u0142"), ("ascii", "ł"), ("utf-8", "ł")):
        done = relumax("check", file, env={"PYTHONIOENCODING": encoding}, encoding="utf-8", errors="replace")
        assert done.returncode == 1 and f"{shown}.json: malformed" in done.stdout and done.stderr == ""


# ---------------------------------------------------------------- 3


def knapsack():
    """A network of one's own that is max(x0, x1) unless 40 steps hit a subset sum: nobody will find out in a second."""
    draw = random.Random(20240607)
    print("seed 20240607")
    weights = [draw.getrandbits(80) for _ in range(40)]
    target = sum(weights) // 2
    x = inputs(41)
    total = sum((w * step(one) for w, one in zip(weights, x[1:], strict=True)), 0 * x[0]) - target
    miss = relu(1 - relu(total) - relu(-total))
    best = x[0]
    for one in x[1:]:
        best = maximum(best, one)
    return [best + miss]


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    program = knapsack()
    network = compile(program, 41)
    point = [Fraction(k % 5 - 2) for k in range(41)]
    assert run_network(network, point) == evaluate(program, point) == [2]
    path = tmp_path_factory.mktemp("hard") / "hard.json"
    path.write_bytes(export(network, "json").data)
    return path


def test_unknown_by_time_out_is_3(hard, tmp_path):
    out = tmp_path / "x.json"
    ask = ["prove", "--network", hard, "--fn", "max", "--engine", "flat", "--timeout", "0.5"]
    done = relumax(*ask, "--json", "-o", out)
    assert done.returncode == 3 and done.stderr == ""
    found = json.loads(done.stdout)
    assert (found["verdict"], found["certificate"]) == ("unknown", None)
    assert found["reason"] == "no answer within 0.5 s" and not out.exists()
    for more in ([], ["--allow-uncertified"]):
        done = relumax("prove", "--network", hard, "--timeout", "0.5", *more)
        assert done.returncode == 3 and done.stdout.startswith("unknown\n") and "proved" not in done.stdout
        assert done.stderr == ""


def test_a_size_budget_is_3_and_names_the_option():
    for command in (["export", "-o", "-"], ["eval", "1", "2", "3", "4"]):
        done = relumax(*command, "--max-size", 3)
        assert done.returncode == 3 and one_line(done.stderr) and "--max-size" in done.stderr
    for command in (["prove"], ["prove", "--n", "2..4"]):
        done = relumax(*command, "--max-size", 3)
        assert done.returncode == 3 and "unknown" in done.stdout and "--max-size" in done.stdout and not done.stderr


def test_a_range_that_meets_the_budget_shows_what_was_proved():
    done = relumax("prove", "--n", "2..9", "--max-size", 9)
    assert done.returncode == 3 and done.stderr == ""
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[0] for row in rows[:4]] == ["2", "3", "4", "5"] and rows[3][-1] == "unknown"
    assert all("--max-size" in " ".join(row) for row in rows[4:])


# ---------------------------------------------------------------- 70

CRASH = """
import sys
import relumax.__main__, relumax.pipeline, relumax.engines.smt, relumax.commands.verdicts
from relumax.network import compile
def crash(*_, **__):
    raise RuntimeError("a part\\nthat \\x1b[31mfails")
setattr({target}, "{name}", crash)
sys.argv = ["relumax", *sys.argv[1:]]
relumax.__main__.run()
"""


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("relumax.pipeline", "prove"),
        ("relumax.pipeline", "check"),
        ("relumax.commands.verdicts", "_full"),
        ("relumax.engines.smt", "_evaluate"),
        ("relumax.pipeline", "compile"),
    ],
)
def test_a_crash_is_70_and_never_refuted(target, name, tmp_path):
    out = tmp_path / "x.json"
    done = python(CRASH.format(target=target, name=name), "prove", "--n", "4", "-o", out)
    assert done.returncode == 70, done.stderr
    assert one_line(done.stderr) and "internal error" in done.stderr and "RuntimeError" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_crash_shows_where_if_asked():
    code = CRASH.format(target="relumax.pipeline", name="prove")
    done = python(code, "prove", env={"RELUMAX_DEBUG": "1"})
    assert done.returncode == 70 and "Traceback" in done.stderr and done.stderr.splitlines()[-1].startswith("relumax: ")


# ---------------------------------------------------------------- 130

IN_Z3 = """
import sys
from relumax.engines import smt
asked = smt._evaluate
def marked(*arguments):
    print("READY", file=sys.stderr, flush=True)
    return asked(*arguments)
smt._evaluate = marked
import relumax.__main__
relumax.__main__.run()
"""
IN_PYTHON = """
import sys
from relumax import construction, maximum
@construction("max", "endless")
def endless(x):
    print("READY", file=sys.stderr, flush=True)
    best = x[0]
    while True:
        best = maximum(best, x[1])
"""


def interrupted(command: list[str], after: float = 0) -> None:
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), start_new_session=True
    )
    try:
        assert started.stderr is not None
        assert started.stderr.readline() == "READY\n"
        time.sleep(after)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=60)
    finally:
        started.kill()
    assert (started.returncode, out, err) == (130, "", "relumax: interrupted\n")


def test_interrupted_while_z3_works(hard):
    interrupted([sys.executable, "-c", IN_Z3, "prove", "--network", str(hard), "--engine", "flat"])


def test_interrupted_when_z3_has_taken_the_signal_for_itself(hard):
    interrupted([sys.executable, "-c", IN_Z3, "prove", "--network", str(hard), "--engine", "flat"], after=2)


def test_interrupted_while_python_works(tmp_path):
    out = tmp_path / "x.json"
    interrupted([*RELUMAX, "prove", "--from", str(written(tmp_path, IN_PYTHON)), "--n", "2", "-o", str(out)])
    assert [p.name for p in tmp_path.iterdir()] == ["mine.py"]
