"""Networks of files in every command that takes one: --network, FILE, what the file leaves open, what is said of it."""

from __future__ import annotations

import json
import random
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from relumax.commands.ranging import exact_to, line
from relumax.formats import load
from relumax.network.evaluate import evaluate
from relumax.network.layers import sha256
from tests.formats.examples import MAX2
from tests.running import THIN, one_line, relumax, written

CASES = Path(__file__).parents[1] / "formats" / "cases" / "state_dicts"
NOTE = "read as Linear and ReLU in turn: 0 (2 -> 3), ReLU, 2 (3 -> 1); weights lie [out, in]"
HEAD = CASES / "named.safetensors"


def refused(*arguments: object, said: str) -> None:
    done = relumax(*arguments)
    assert (done.returncode, done.stdout) == (2, "") and one_line(done.stderr), done
    assert said in done.stderr, done.stderr


# ---------------------------------------------------------------- prove


def test_prove_takes_the_file_as_its_argument(call, called, tmp_path):
    code, out = call("prove", CASES / "sequential.safetensors", "-o", tmp_path / "proof.json")
    assert code == 0 and "for all x in R^2: y = max(x)" in out and f"note     {NOTE}" in out
    found = called("prove", "--network", CASES / "transposed.npz")
    assert found["verdict"] == "proved" and found["notes"][1] == "no bias is stored for 1: read as zero"
    assert called("prove", HEAD, "--layers", "trunk, head")["network_sha256"] == sha256(MAX2)


def test_a_witness_is_replayed_on_the_file(called, tmp_path):
    net = tmp_path / "thin.npz"
    assert relumax("export", "--from", written(tmp_path, THIN), "--n", 3, "--allow-rounding", "-o", net).returncode == 0
    found = called("prove", net, code=1)
    point, value = found["witness"]["inputs"], found["witness"]["outputs"]
    assert called("eval", "--network", net, *point)["outputs"] == value != [str(max(map(Fraction, point)))]


# ---------------------------------------------------------------- eval, show, list


def test_eval_of_a_file(call, called):
    done = relumax("eval", "--network", CASES / "sequential.npz", "3", "-1/2", "--trace")
    assert done.returncode == 0 and done.stdout.endswith("\n3\n") and done.stdout.startswith("layer 1: 2 of 3")
    assert done.stderr == f"relumax: {NOTE}\n"
    found = called("eval", "--network", HEAD, "--layers", "trunk,head", "1/3", "-7")
    assert found["outputs"] == ["1/3"] and found["note"].startswith("read as Linear and ReLU in turn: trunk (2 -> 3)")


def test_show_reads_a_file_aloud(call, called, tmp_path):
    assert call("export", "--n", 3, "--dtype", "float64", "-o", tmp_path / "max3.npz")[0] == 0
    code, out = call("show", tmp_path / "max3.npz")
    network = load((tmp_path / "max3.npz").read_bytes()).network
    assert code == 0 and out.splitlines() == [
        f"network      {tmp_path / 'max3.npz'}: npz, float64, 3 inputs, 1 output",
        f"widths       {' '.join(map(str, network.widths))}",
        f"sizes        2 hidden layers, width {network.width}, {network.size} units, "
        f"{network.nonzeros} nonzero weights",
        "floats       float16 holds every weight exactly",
        f"exact to     {line(exact_to(network), Fraction(1))}",
        f"sha256       {sha256(network)}",
        "says         (of itself, nothing here has proved it) for all x in R^3: y = max(x)",
    ]
    found = called("show", "--network", CASES / "square.npz", "--layout", "torch")
    assert (found["depth"], found["size"], found["format"], found["dtype"]) == (2, 4, "npz", "float32")
    assert found["says"] is None and "fc10 (2 -> 2)" in found["notes"][0]


def test_show_knows_a_network_in_json_from_a_certificate(call, tmp_path):
    net, proof = tmp_path / "net.json", tmp_path / "proof.json"
    call("export", "--n", 2, "-o", net)
    call("prove", "--n", 2, "-o", proof)
    assert f"network      {net}: json, rationals, 2 inputs" in call("show", net)[1]
    assert call("show", proof)[1].startswith("theorem  for all x in R^2")


def test_show_of_step_units(call, tmp_path):
    call("export", "--fn", "argmax", "--construction", "step", "--n", 3, "-o", tmp_path / "step.onnx")
    assert "of the units are steps, the others relus" in call("show", tmp_path / "step.onnx")[1]


def test_list_puts_the_file_first(call, called):
    code, out = call("list", "--fn", "max", "--network", CASES / "sequential.npz")
    lines = out.splitlines()
    assert code == 0 and "at n = 2" in lines[0] and f"a file of format npz, 2 -> 1; {NOTE}" in lines[1]
    assert lines[2].startswith("max/tournament")
    found = called("list", "--network", HEAD, "--layers", "trunk,head", "--n", 4)
    assert found["n"] == 4 and found["network"]["size"] == "3" and len(found["network"]["notes"]) == 1
    assert "network" not in called("list") and called("list")["n"] == 8


# ---------------------------------------------------------------- export


@pytest.mark.parametrize("ending", ["onnx", "npz", "json", "safetensors", "h", "ONNX"])
def test_the_ending_says_the_format(call, tmp_path, ending):
    out = tmp_path / f"max3.{ending}"
    assert call("export", "--n", 3, "-o", out)[0] == 0
    begin = {"onnx": b"\x08", "npz": b"PK", "json": b'{"format"', "h": b"/* A network written by relumax"}
    assert out.read_bytes().startswith(begin.get(ending.lower(), b"")) and out.read_bytes()[8:9] != b""
    if ending != "h":
        assert load(out.read_bytes()).fmt == ending.lower()


def test_a_name_without_a_known_ending_is_json_unless_a_format_is_given(call, tmp_path):
    call("export", "--n", 2, "-o", tmp_path / "weights")
    assert load((tmp_path / "weights").read_bytes()).fmt == "json"
    call("export", "--n", 2, "-o", tmp_path / "weights.v1", "--format", "npz")
    assert load((tmp_path / "weights.v1").read_bytes()).fmt == "npz"


def test_an_ending_against_a_format_is_2(tmp_path):
    refused("export", "--n", 2, "--format", "npz", "-o", tmp_path / "a.onnx", said="of format onnx, --format says npz")
    refused("export", "--n", 2, "-o", tmp_path / "a.pt", said="PyTorch's pickles are not written")
    refused("export", "--n", 2, "--layout", "torch", "-o", tmp_path / "a.onnx", said="is for safetensors and npz")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_read_is_not_written_over(tmp_path):
    net, alias, recipe = tmp_path / "net.json", tmp_path / "alias.json", written(tmp_path, THIN)
    assert relumax("export", "--n", 2, "-o", net).returncode == 0
    alias.symlink_to(net)
    before = net.read_bytes()
    for output in (net, alias):
        refused("prove", net, "-o", output, said="would be written over the file that is read; give -o another name")
        refused("export", "--network", net, "-o", output, said="would be written over the file that is read")
    refused("prove", "--from", recipe, "--n", 3, "-o", recipe, said="would be written over the file that is read")
    assert (net.read_bytes(), recipe.read_text()) == (before, THIN)


def test_networks_and_certificates_are_not_taken_for_each_other(call, tmp_path):
    proof = tmp_path / "proof.json"
    assert call("prove", "--n", 2, "-o", proof)[0] == 0
    refused("prove", proof, said="it is a certificate (relumax check FILE checks it), and no network")
    for ending in ("onnx", "npz", "safetensors", "json"):
        net = tmp_path / f"net.{ending}"
        assert call("export", "--n", 2, "-o", net)[0] == 0
        code, out = call("check", net)
        assert code == 1 and "malformed: a network and no certificate: relumax prove FILE proves one" in out


def test_files_are_converted(call, tmp_path):
    """One network through every format, and it is the same at the end."""
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    middle = ["b.onnx", "c.npz", "d.safetensors", "e.json"]
    random.Random(seed).shuffle(middle)
    before = CASES / "sequential.safetensors"
    for name in ["first.json", *middle, "last.npz"]:
        done = relumax("export", "--network", before, "-o", tmp_path / name)
        assert done.returncode == 0 and name in done.stdout
        assert done.stderr == (f"relumax: {before}: {NOTE}\n" if before.parent == CASES else "")
        before = tmp_path / name
    assert load(before.read_bytes()).network == MAX2


def test_how_a_file_lies_and_how_it_is_written_are_two_options(call, tmp_path):
    out = tmp_path / "turned.npz"
    done = relumax(
        "export", "--network", CASES / "square.npz", "--network-layout", "in-out", "--layout", "torch", "-o", out
    )
    assert done.returncode == 0 and "[in, out]" in done.stderr
    refused("eval", "--network", out, 5, 7, said="--layout torch")
    found = relumax("eval", "--network", out, "--layout", "torch", 5, 7).stdout
    assert found == relumax("eval", "--network", CASES / "square.npz", "--layout", "in-out", 5, 7).stdout != ""


def test_a_c_header_of_a_file_computes_it(tmp_path):
    assert relumax("export", "--network", CASES / "sequential.npz", "-o", tmp_path / "max2.h").returncode == 0
    main = '#include "max2.h"\nint main(void) { float x[2] = {3, 41}, y; relumax_network(x, &y); return (int)y; }\n'
    (tmp_path / "main.c").write_text(main)
    subprocess.run(["gcc", "-std=c99", "main.c", "-o", "main"], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "main"]).returncode == 41


def test_torch_layout_on_the_command_line(call, tmp_path):
    out = tmp_path / "max8.safetensors"
    call("export", "--n", 8, "--layout", "torch", "-o", out)
    proof = tmp_path / "max8.json"
    call("prove", "--n", 8, "-o", proof)
    code, said = call("check", proof, "--network", out)
    assert code == 0 and "holds exactly the certified weights" in said and "note" not in said
    assert "0.weight" in json.loads(out.read_bytes()[8 : 8 + int.from_bytes(out.read_bytes()[:8], "little")])
    assert evaluate(load(out.read_bytes()).network, range(8)) == [7]


# ---------------------------------------------------------------- what does not go together


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["prove", "x.npz", "--network", "y.npz"], "one network at a time"),
        (["show", "x.npz", "--network", "y.npz"], "one network at a time"),
        (["prove", "--layers", "a,b"], "go with a network file"),
        (["eval", "1", "2", "--layout", "torch"], "go with a network file"),
        (["export", "--network-layout", "torch", "-o", "x.npz"], "--network-layout and --external-data go with"),
        (["check", "x.json", "--external-data"], "go with a network file"),
        (["eval", "--network", "x.npz", "--fn", "max", "1"], "a network file is taken as it is"),
        (["export", "--network", "x.npz", "--n", "3", "-o", "-"], "a network file is taken as it is"),
        (["export", "--network", "x.npz", "--gap", "1", "-o", "-"], "a network file is taken as it is"),
        (["show", "x.npz", "--construction", "chain"], "a network file is taken as it is"),
        (["show", str(CASES / "sequential.pt")], "weights_only=True"),
        (["show", str(CASES / "named.safetensors")], "--layers trunk,head"),
        (["list", "--network", str(CASES / "square.npz")], "--layout torch"),
        (["prove", str(CASES / "sequential.pt")], "is not read"),
        (["eval", "--network", str(CASES / "sequential.npz"), "1"], "has 2 inputs, 1 values were given"),
        (["eval", "--network", "nowhere.npz", "1"], "nowhere.npz"),
        (["prove", str(CASES / "sequential.npz"), "--layout", "numpy"], "numpy"),
    ],
)
def test_bad_input_is_2(arguments, said):
    refused(*arguments, said=said)


def test_a_network_past_the_size_is_3():
    done = relumax("show", CASES / "square.npz", "--layout", "torch", "--max-size", 3)
    assert done.returncode == 3 and "4 hidden units, more than 3 (--max-size)" in done.stderr
    done = relumax("prove", CASES / "square.npz", "--layout", "torch", "--max-size", 3)
    assert done.returncode == 3 and "\nnext     raise --max-size\n" in done.stdout and ", n = " not in done.stdout


# ---------------------------------------------------------------- what a user may have meant


def test_a_file_where_numbers_or_nothing_are_expected(call, called, tmp_path):
    net = tmp_path / "net.json"
    assert call("export", "--n", 3, "-o", net)[0] == 0
    refused("eval", net, said=f"{net} has 3 inputs, 0 values were given")
    refused("eval", net, 1, net, said=f"{net} is a file: one network, and then the values")
    refused("eval", 1, net, said=f"{net} is a file: one network, and then the values")
    refused("eval", net, "--network", net, 1, 2, 3, said="one network at a time")
    assert call("eval", net, -1, "1/2", "-3") == call("eval", "--network", net, -1, "1/2", "-3") == (0, "1/2\n")
    assert called("list", net)["network"] == called("list", "--network", net)["network"]
    refused("list", net, "--network", net, said="one network at a time")


@pytest.mark.parametrize("ending", [".c", ".hdf5", ".pb", ".JSON5"])
def test_an_ending_of_no_format_is_refused(ending, call, tmp_path):
    path = tmp_path / f"net{ending}"
    refused(
        "export", "--n", 3, "-o", path, said=f"no format has the ending {ending.lower()}; there are .onnx (onnx), .npz"
    )
    assert not path.exists()
    assert call("export", "--n", 3, "-o", path, "--format", "json")[0] == 0
    assert call("export", "--n", 3, "-o", tmp_path / "net")[0] == 0


@pytest.mark.parametrize("fmt", ["onnx", "json", "c"])
def test_order_and_layout_are_not_for_files_that_say_them(fmt, call, tmp_path):
    path = tmp_path / f"net.{'h' if fmt == 'c' else fmt}"
    assert call("export", "--n", 3, "-o", path)[0] == 0
    said = f"a file of format {fmt} says its own order, and how its weights lie: "
    refused("prove", path, "--layers", "a,b", said=f"{said}--layers is for npz and safetensors")
    refused("show", path, "--layout", "torch", said=f"{said}--layout is for npz and safetensors")
    refused("eval", "--network", path, "--layers", "a,b", 1, 2, 3, said=said)


def test_a_refuted_file_says_how_to_look_at_the_point(call, tmp_path):
    """The line is run as it stands; a file whose order is said needs that again."""
    import shlex

    import numpy as np

    wrong = {"b.weight": [[1, -1]], "b.bias": [0], "a.weight": [[1]], "a.bias": [0]}
    np.savez(tmp_path / "w.npz", **{name: np.array(one, "f4") for name, one in wrong.items()})
    code, out = call("prove", tmp_path / "w.npz", "--fn", "max", "--layers", "b,a")
    *_, outputs, _, line = [one.strip() for one in out.splitlines()]
    words = shlex.split(line.removeprefix("next     "))
    assert code == 1 and words[:5] == ["relumax", "eval", str(tmp_path / "w.npz"), "--layers", "b,a"]
    done = relumax(*words[1:])
    assert done.returncode == 0 and f"outputs ({done.stdout.splitlines()[-1]})" == outputs
