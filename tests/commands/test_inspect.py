"""`relumax inspect`: what is found is told, drawn and certified; nothing is found, and says so."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from relumax import compile, inputs, kernel, maximum, relu
from relumax.formats import export
from tests.running import relumax


@pytest.fixture
def net(tmp_path):
    """Two choices, one of inputs and one of features, and units beside them."""
    x = inputs(6)
    best = maximum(maximum(x[0], 2 * x[1] + 1), x[2] - x[3])
    h = [relu(x[4] - x[5]), relu(x[5] + x[0]), relu(3 * x[4]), relu(x[2] + x[5] - 1)]
    other = maximum(maximum(h[0] - h[1], h[2] + h[3]), maximum(h[1] - 2 * h[2], h[3] - h[0]))
    path = tmp_path / "net.onnx"
    path.write_bytes(export(compile([best - relu(x[4]), 5 * other], 6), "onnx").data)
    return path


def test_each_choice_is_told_with_units_theorem_and_certificate(call, net, tmp_path):
    code, out = call("inspect", net, "-o", tmp_path / "found-{k}.json", "--draw", tmp_path / "found.svg")
    assert code == 0
    first, second = [line for line in out.splitlines() if line.startswith(f"{net}: ")]
    assert "max of 3 forms of inputs" in first and first.endswith(": proved")
    assert "max of 4 forms of layer 1 units" in second and second.endswith(": proved")
    assert "    theorem  for all x in R^4: " in out and ", where s0 = (x[0], 2 x[1] + 1, x[2] - x[3])" in out
    assert "    x is     inputs 0-3\n" in out and "    read by  layer 3 units " in out
    for k, said in enumerate(("for all x in R^4: ", "such that 0 <= x[i]")):
        data = (tmp_path / f"found-{k}.json").read_bytes()
        assert said in kernel.check(data).statements[0]
        assert f"certificate {tmp_path}/found-{k}.json" in out
    ET.fromstring((tmp_path / "found.svg").read_bytes())


def test_json_says_which_units_and_agrees_with_the_certificate(called, net, tmp_path):
    found = called("inspect", net, "-o", tmp_path / "{k}.json")
    one, other = found["choices"]
    assert [one["kind"], one["verdict"], one["forms"]] == ["max", "proved", ["x[0]", "2 x[1] + 1", "x[2] - x[3]"]]
    assert one["inputs"] == [[0, k] for k in range(4)] and {t for t, _ in one["units"]} == {1, 2}
    assert {t for t, _ in other["inputs"]} == {1} and len(other["forms"]) == 4
    for k, each in enumerate(found["choices"]):
        assert each["certificate"] == str(tmp_path / f"{k}.json")
        theorem = kernel.check((tmp_path / f"{k}.json").read_bytes())
        assert theorem.network_sha256 == each["certified_sha256"] and theorem.statements == [each["theorem"]]


def test_nothing_found_is_a_line_and_1(call, called, tmp_path):
    a, b = inputs(2)
    path = tmp_path / "two.npz"
    path.write_bytes(export(compile([maximum(a, b)], 2), "npz").data)
    code, out = call("inspect", path, "-o", tmp_path / "none.json", "--draw", tmp_path / "none.svg")
    assert (code, out.count("\n")) == (1, 1) and f"{path}: nothing found: " in out
    assert not (tmp_path / "none.json").exists() and not (tmp_path / "none.svg").exists()
    assert called("inspect", path, code=1)["choices"] == []


def test_inputs_from_0_on_are_promised_and_stand_in_the_theorem(call, tmp_path):
    assert call("export", "--construction", "essay-fused", "--n", "4", "-o", tmp_path / "e.json")[0] == 0
    plain, promised = call("inspect", tmp_path / "e.json"), call("inspect", tmp_path / "e.json", "--nonnegative")
    said = "theorem  for all x in R^4 such that 0 <= x[i] for each i < 4: y = max(x)"
    assert promised[0] == 0 and said in promised[1] and said not in plain[1]


def test_a_certificate_on_standard_output(net, tmp_path):
    done = relumax("export", "--n", "5", "-o", tmp_path / "m.json")
    done = relumax("inspect", tmp_path / "m.json", "-o", "-")
    assert done.returncode == 0 and kernel.check(done.stdout.encode()).statements == ["for all x in R^5: y = max(x)"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "there are 2 choices inside: -o needs a name for each, as in 'found-{k}.json'"),
        (["-o", "c.onnx"], "-o writes certificates, which are JSON"),
        (["-o", "-", "--json"], "both want standard output"),
        (["-o", "nowhere/c.json"], "no such folder"),
        (["--draw", "c.pdf"], "--draw ends in .svg or .png"),
        (["--layout", "torch", "--fn", "max"], "No such option"),
    ],
)
def test_what_goes_not_together_is_2(net, options, said):
    done = relumax("inspect", net.name, *(options or ["-o", "c.json"]), cwd=net.parent)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert not (net.parent / "c.json").exists()


def test_what_is_no_network_is_2(tmp_path):
    assert "name the network file" in relumax("inspect").stderr
    (tmp_path / "no.onnx").write_bytes(b"hello")
    done = relumax("inspect", tmp_path / "no.onnx", "--json")
    assert done.returncode == 2 and json.loads(done.stdout)["reason"].startswith(f"{tmp_path / 'no.onnx'}: ")


def test_time_is_up_while_looking_or_proving(tmp_path):
    assert relumax("export", "--n", "300", "-o", tmp_path / "m.json").returncode == 0
    done = relumax("inspect", tmp_path / "m.json", "--timeout", "0.05")
    assert done.returncode == 3 and "no answer within" in done.stderr, done
    assert relumax("export", "--fn", "argmax", "--construction", "onehot", "--n", "16", "-o", tmp_path / "o.json")
    done = relumax("inspect", tmp_path / "o.json", "--timeout", "0.8", "-o", tmp_path / "c.json")
    if done.returncode == 3 and done.stdout:
        assert "argmax of 16 forms of inputs" in done.stdout and ": unknown" in done.stdout
        assert not (tmp_path / "c.json").exists()


@pytest.mark.parametrize("construction", ["argmax/index", "argmax/onehot", "select/gate"])
def test_large_trees_are_certified_by_their_invariant(called, tmp_path, construction):
    function, name = construction.split("/")
    net = tmp_path / "net.npz"
    assert relumax("export", "--fn", function, "--construction", name, "--n", "20", "-o", net).returncode == 0
    one, *_ = called("inspect", net, "-o", tmp_path / "{k}.json")["choices"]
    assert (one["verdict"], one["engine"], len(one["forms"])) == ("proved", "modular", 20)
    assert kernel.check((tmp_path / "0.json").read_bytes()).statements == [one["theorem"]]


def test_a_promise_that_no_input_meets_has_no_proof_and_hides_nothing(call, tmp_path):
    x = inputs(6)
    keys = [-relu(x[0]), -relu(x[1]), 0 * x[0], -relu(x[2])]
    (b, q), *more = zip(keys, [relu(x[5]), *[relu(one) for one in x[3:6]]], strict=True)
    for a, p in more:
        h = relu(a - b)
        b, q = b + h, q - h + relu(p - q + h) - relu(p - q - h)
    path = tmp_path / "net.npz"
    path.write_bytes(export(compile([q], 6), "npz").data)
    code, out = call("inspect", path)
    assert code in (1, 3) and ("contradict each other" in out) == (code == 3), out
