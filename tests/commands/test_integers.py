"""Integers on the command line: exports in integer arithmetic, the bits of each layer, and what is refused."""

from __future__ import annotations

import pytest

from relumax.ranges import bytes_reach
from tests.ranges.arithmetic import network_of
from tests.running import relumax

INDEX = ["--fn", "argmax", "--construction", "index", "--lattice", 1, "--n", 8]


@pytest.mark.parametrize("kind, most", [("int8", "4"), ("int16", "1,169"), ("int32", "76,695,844")])
def test_a_header_in_integers(call, tmp_path, kind, most):
    path = tmp_path / "argmax.h"
    code, out = call("export", *INDEX, "--dtype", kind, "--input-range", 4, "-o", path)
    assert code == 0 and out.endswith(
        f"{kind} holds every weight exactly, and every input of integers |x[i]| <= {most} gives the exact value\n"
    )
    text = path.read_text()
    assert f"const {kind}_t *x" in text and f"|x[i]| <= {most} gives" in text and "float" not in text


def test_onnx_in_8_bits(call, tmp_path):
    onnx = pytest.importorskip("onnx")
    path = tmp_path / "argmax.onnx"
    code, out = call("export", *INDEX, "--dtype", "int8", "-o", path)
    reach = int(bytes_reach(network_of("argmax", "index", 8)))
    assert code == 0 and f"|x[i]| <= {reach} gives the exact value" in out
    model = onnx.load(path)
    assert {node.op_type for node in model.graph.node} == {"MatMulInteger", "Add", "Relu", "Cast"}
    assert any(f"|x[i]| <= {reach} " in one.value for one in model.metadata_props if one.key == "relumax.exact_to")


def test_inputs_of_a_finer_lattice_are_integers_here(call, tmp_path):
    code, out = call(
        "export", "--fn", "argmax", "--construction", "index", "--lattice", "1/2", "--n", 3, "--dtype", "int32",
        "-o", tmp_path / "x.h",
    )  # fmt: skip
    assert code == 0 and "every input of integers |x[i]| <= " in out


@pytest.mark.parametrize(
    "given, said",
    [
        (["--dtype", "int32", "-o", "x.npz"], "--dtype int32 is written as a C header"),
        (["--dtype", "int32", "-o", "x.onnx"], "--dtype int32 is written as a C header"),
        (["--dtype", "int32", "-o", "x.json"], "not for json"),
        (["--dtype", "int8", "-o", "x.h", "--input-range", "43"], "int8 overflows beyond |x[i]| <= 42"),
        (["--dtype", "int32", "-o", "x.h", "--input-range", "-1"], "--input-range is positive, not -1"),
        (["--dtype", "int32", "-o", "x.h", "--allow-rounding"], "which is in integers alone"),
        (["--dtype", "int32", "-o", "x.h", "--layout", "torch"], "--layout is for safetensors and npz, not for c"),
        (["-o", "x.npz", "--input-range", "1/3"], "--input-range 1/3: what is proved is about multiples of 1 "),
        (["-o", "x.h", "--dtype", "int32", "--input-range", "5/2"], "about multiples of 1 "),
        (["--construction", "shallow", "--n", "5", "--dtype", "int32", "-o", "x.h"], "is -1/2, which int32 cannot"),
        (["--construction", "shallow", "--n", "5", "--dtype", "int8", "-o", "x.onnx"], "int8: layer 1 has weights"),
        (["--fn", "argmax", "--construction", "index", "--lattice", "1", "--n", "80", "--dtype", "int8", "-o",
          "x.onnx"], "int8: layer 1 has a weight of absolute value 79"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path, given, said):
    done = relumax("export", *given, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_bits_of_each_layer(call, called, tmp_path):
    code, out = call("show", "--n", 8, "--bits", "--input-range", 1000)
    assert code == 0 and out.splitlines()[0].startswith("max/tournament, n = 8: bits for integers |x[i]| <= 1,000")
    assert out.splitlines()[2].split() == ["0", "12", "2", "12", "12"]
    assert out.splitlines()[-1].split() == ["output", "1", "2", "12", "11"]
    found = called("show", "--n", 8, "--bits", "--input-range", 1000)
    assert found["input_range"] == "1000" and found["bits"][-1]["values"] == {"bits": 11, "fraction": 0}
    call("export", "--n", 8, "-o", tmp_path / "max8.npz")
    assert (
        call("show", tmp_path / "max8.npz", "--bits", "--input-range", 1000)[1].splitlines()[1:]
        == (out.splitlines()[1:])
    )
    assert "integers |x[i]| <= 127," in call("show", "--n", 2, "--bits")[1]


@pytest.mark.parametrize(
    "given, said",
    [
        (["--bits", "--latex"], "leave out --latex"),
        (["--input-range", "3"], "--input-range goes with --bits"),
        (["--bits", "--input-range", "0"], "--input-range is positive, not 0"),
        (["--bits", "--input-range", "1/3"], "about multiples of 1 "),
        (["--fn", "argmax", "--construction", "onehot", "--gap", "3", "--bits"], "that are no binary fractions"),
    ],
)
def test_bits_that_are_not_told(given, said):
    done = relumax("show", *given)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
