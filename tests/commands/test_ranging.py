"""What is said of exact ranges: by show, list, export and check, in the file, and as a refusal."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relumax.commands.ranging import line, power, sentence
from relumax.formats import load
from tests.running import relumax

ROOT = Path(__file__).resolve().parents[2]

INDEX = ["--fn", "argmax", "--construction", "index", "--lattice", 1, "--n", 8]
SAID = "float32: weights exact; every input of integers |x[i]| <= 599,185 gives the exact value"


def test_show_says_for_each_arithmetic(call, called):
    code, out = call("show", *INDEX)
    assert code == 0
    assert "exact to     integers |x[i]| <= 321,685,687,669,320 (float64), 599,185 (float32), 145 (tf32)" in out
    assert "72 (float16), 65,504 (float16 in float32)" in out
    found = called("show", *INDEX)["exact_to"]
    assert (found["float32"], found["float16"], found["int8"]) == ("599185", "72", "4")
    _, half = call("show", "--fn", "argmax", "--construction", "index", "--lattice", "1/2", "--n", 8)
    assert "multiples of 1/2 |x[i]| <= " in half
    _, third = call("show", "--fn", "argmax", "--construction", "onehot", "--gap", 3, "--n", 2)
    assert "no float or integer type holds every weight" in third
    assert (
        called("show", "--fn", "argmax", "--construction", "onehot", "--gap", 3, "--n", 2)["exact_to"]["float32"]
        is None
    )


def test_export_says_it_and_the_file_holds_it(call, called, tmp_path):
    path = tmp_path / "argmax.npz"
    code, out = call("export", *INDEX, "--input-range", 599185, "-o", path)
    assert code == 0 and f"float32 holds every weight exactly, and{SAID.partition(';')[2]}; any numbers" in out
    stored = load(path.read_bytes()).metadata["relumax.exact_to"]
    assert stored.splitlines()[0] == SAID
    code, out = call("show", path)
    assert "599,185 (float32)" in out and code == 0
    assert called("show", path)["exact_to"]["float32"] == "599185"
    certificate = ROOT / "proofs" / "argmax-index-8-lattice-1.json"
    code, out = call("check", certificate, "--network", path)
    assert code == 0 and f"    {path} holds exactly the certified weights; {SAID}\n" in out
    assert called("check", certificate, "--network", path)["results"][0]["exact_to"][0] == SAID


def test_a_c_header_holds_it(call, tmp_path):
    code, _ = call("export", *INDEX, "-o", tmp_path / "argmax.h")
    assert code == 0
    assert f"Proved: {SAID}." in " ".join((tmp_path / "argmax.h").read_text().replace(" * ", " ").split())


@pytest.mark.parametrize(
    "given, said",
    [
        (["--input-range", 599186], "--input-range 599186: float32 does not reach it"),
        (["--input-range", 599186], "float64 does (--dtype float64)"),
        (["--input-range", 600, "--dtype", "float16"], "float32 does (--dtype float32)"),
        (["--input-range", 10**15], "no float type does"),
        (["--input-range", 0], "--input-range is positive, not 0"),
        (["--input-range", -2], "--input-range is positive, not -2"),
        (["--input-range", 5, "--format", "json"], "--input-range is for onnx, npz, safetensors and c, not for json"),
    ],
)
def test_a_type_that_does_not_reach_the_range_is_refused(tmp_path, given, said):
    out = tmp_path / "x"
    done = relumax(
        "export", *map(str, [*INDEX, *(given if "json" in given else [*given, "--format", "npz"]), "-o", out])
    )
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1 and not out.exists()


def test_rounded_weights_have_no_range(call, tmp_path):
    path = tmp_path / "third.npz"
    code, out = call(
        "export", "--fn", "argmax", "--construction", "onehot", "--gap", 3, "--n", 2, "--allow-rounding", "-o", path
    )
    assert code == 0 and "|x[i]|" not in out and "relumax.exact_to" not in load(path.read_bytes()).metadata


def test_sentences():
    assert sentence("int8", None, Fraction(1)) == "int8: weights not exact"
    assert sentence("int8", Fraction(0), Fraction(1)).endswith("no inputs are proved to give the exact value")
    assert "multiples of 1/4 |x[i]| <= 5/2" in sentence("float16", Fraction(5, 2), Fraction(1, 4))
    assert line(None, Fraction(1)) == "not computed for a network so large"
    assert [power(one) for one in (None, Fraction(0), Fraction(1), Fraction(85))] == ["-", "-", "2^0", "2^6"]
    assert line({"int8": Fraction(0)}, Fraction(1)) == "integers |x[i]| <= none (int8)"


def test_clamped_inputs_on_the_command_line(call):
    code, out = call("prove", "--n", 3, "--clamp", -1, 1)
    assert code == 0 and "for all t in R^3: y = max(x), where r[i] = relu(t[i] + 1)" in out
    code, out = call("show", "--n", 3, "--clamp", -1, 1)
    assert code == 0 and "Of inputs clamped to [-1, 1]" in out
