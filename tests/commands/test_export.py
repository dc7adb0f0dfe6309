"""`relumax export`: every format, confirmed by `relumax check`; no silent rounding."""

from __future__ import annotations

import pytest

from relumax.formats import load
from relumax.network.evaluate import evaluate
from tests.running import one_line, relumax, written


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


# ---------------------------------------------------------------- a suite of instances


def test_a_suite_is_a_folder_that_check_accepts(tmp_path):
    folder = tmp_path / "new" / "suite"
    done = relumax("export", "--suite", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{folder}: 528 files; README.md says which theorem covers which\n"
    assert sum(one.is_file() for one in folder.rglob("*")) == 528
    done = relumax("check", folder)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "15 valid")
    name = "argmax-index-4"
    done = relumax("check", folder / f"certificates/{name}.json", "--network", folder / f"onnx/{name}.onnx")
    assert done.returncode == 0 and "holds exactly the certified weights" in done.stdout


def test_a_suite_goes_into_a_folder_of_its_own(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    for arguments, said in (
        (["--suite", tmp_path], "not empty; a suite is written into a folder of its own"),
        (["--suite", tmp_path / "mine.txt"], "is no folder"),
        (["--suite", tmp_path / "new", "--n", "4"], "nothing else is chosen beside it"),
        (["--suite", tmp_path / "new", "--gap", "1"], "nothing else is chosen beside it"),
        (["--suite", tmp_path / "new", "-o", "x.onnx"], "nothing else is chosen beside it"),
        ([], "Missing option '-o' / '--output'."),
    ):
        done = relumax("export", *arguments)
        assert (done.returncode, done.stdout) == (2, "") and said in done.stderr and done.stderr.count("\n") == 1
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


USED = {
    "json": set(),
    "npz": {"--dtype", "--input-range", "--allow-rounding", "--layout"},
    "safetensors": {"--dtype", "--input-range", "--allow-rounding", "--layout"},
    "onnx": {"--dtype", "--input-range", "--allow-rounding", "--ops"},
    "c": {"--dtype", "--input-range", "--allow-rounding"},
    "coq": {"--pure", "--standalone"},
}
SAID = {
    "--dtype": ["float32"],  # as it is without
    "--input-range": ["4"],
    "--allow-rounding": [],
    "--layout": ["in-out"],
    "--ops": ["gemm"],
    "--pure": [],
    "--standalone": [],
}


@pytest.mark.parametrize("option", SAID)
@pytest.mark.parametrize("fmt", USED)
def test_an_option_that_a_format_does_not_use_is_refused(call, tmp_path, fmt, option):
    out, proof = tmp_path / "out", tmp_path / "proof.json"
    if fmt == "coq":
        assert call("prove", "--n", 3, "-o", proof)[0] == 0
    given = [proof] if fmt == "coq" else ["--n", 3]
    done = relumax("export", *given, "--format", fmt, "-o", out, option, *SAID[option])
    if option in USED[fmt]:
        assert (done.returncode, done.stderr) == (0, "") and out.exists()
    else:
        assert done.returncode == 2 and not out.exists() and one_line(done.stderr)
        assert f"{option} is for " in done.stderr and f", not for {fmt}" in done.stderr


def test_all_that_says_how_to_write_is_in_the_table():
    from relumax.commands.export import USES
    from relumax.words import COQ, FORMATS

    assert {*FORMATS, COQ} == {*USED} and len(USES) == len(SAID)
    for fmt, options in USED.items():
        assert {word for word, formats in USES.items() if fmt in formats} == {
            one.removeprefix("--").replace("-", "_") for one in options
        }


@pytest.mark.parametrize(
    "how",
    [["--suite", "s"], ["--inputset", "i.npy", "--input-range", "4"], ["--n", "3", "--dtype", "int32", "-o", "m.h"]],
)
@pytest.mark.parametrize("option", ["--layout=torch", "--ops=matmul", "--allow-rounding", "--pure"])
def test_what_is_written_otherwise_takes_no_option_of_formats(tmp_path, how, option):
    done = relumax("export", *how, option, cwd=tmp_path)
    assert done.returncode == 2 and "not for" in done.stderr and not list(tmp_path.iterdir())
