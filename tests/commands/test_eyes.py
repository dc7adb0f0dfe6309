"""What a stranger met who tried to be misled: names, promises, arithmetic that is not the file's, endless numbers."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.running import one_line, relumax

MAX2 = {"W": [[1.0, 0, 0], [-1, 1, -1]], "V": [[1.0], [1], [-1]]}


def chain(path, first, arrays=None):
    """max(x0, x1) = relu(x0 - x1) + relu(x1) - relu(-x1), whose first map is written as `first` says."""
    arrays = {**MAX2, **(arrays or {})}
    nodes = [helper.make_node(op, i, o, **more) for op, i, o, more in first]
    nodes += [helper.make_node("Relu", ["z"], ["h"]), helper.make_node("Gemm", ["h", "V"], ["y"])]
    value = helper.make_tensor_value_info
    stored = [numpy_helper.from_array(np.array(array, "f4"), name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "g", [value("x", 1, [1, 2])], [value("y", 1, [1, 1])], stored)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
    return path


FACTORS = {"S": np.array(MAX2["W"]) * 2.0**100}
OTHER_SUMS = {
    "a factor": ([("Gemm", ["x", "S"], ["z"], {"alpha": 2.0**-100})], FACTORS),
    "two biases": (
        [("MatMul", ["x", "W"], ["p"], {}), ("Add", ["p", "b"], ["q"], {}), ("Add", ["q", "c"], ["z"], {})],
        {"b": np.full(3, 2.0**40), "c": np.full(3, -(2.0**40))},
    ),
    "a detour": (
        [("Add", ["x", "b"], ["p"], {}), ("Sub", ["p", "b"], ["q"], {}), ("Gemm", ["q", "W"], ["z"], {})],
        {"b": np.full(2, 2.0**40)},
    ),
}


def test_a_range_is_said_of_files_that_compute_the_networks_own_sums(tmp_path):
    own = chain(tmp_path / "own.onnx", [("Gemm", ["x", "W"], ["z"], {})])
    proof = tmp_path / "proof.json"
    assert relumax("prove", own, "--fn", "max", "-o", proof).returncode == 0
    assert "gives the exact value" in relumax("check", proof, "--network", own).stdout
    assert "(float32)" in relumax("show", own).stdout


@pytest.mark.parametrize("kind", OTHER_SUMS)
def test_none_is_said_of_others(tmp_path, kind):
    other = chain(tmp_path / "other.onnx", *OTHER_SUMS[kind])
    proof = tmp_path / "proof.json"
    assert relumax("prove", other, "--fn", "max", "-o", proof).returncode == 0
    said = relumax("check", proof, "--network", other).stdout
    assert "is read as exactly the certified weights" in said and "gives the exact value" not in said
    assert "exact to     not said: the file computes other sums" in relumax("show", other).stdout
    assert json.loads(relumax("show", other, "--json").stdout)["exact_to"] is None


def difference(path, inputs, outputs):
    """p - q and q - p as outputs hi and lo, declared in these orders."""
    nodes = [helper.make_node("Sub", ["p", "q"], ["hi"]), helper.make_node("Sub", ["q", "p"], ["lo"])]
    ends = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in names] for names in (inputs, outputs)
    ]
    graph = helper.make_graph(nodes, "g", *ends)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), path)
    return path


def test_names_in_another_order_are_refused(tmp_path):
    first = difference(tmp_path / "a.onnx", "pq", ["hi", "lo"])
    for inputs, outputs, said in (("qp", ["hi", "lo"], "inputs p, q"), ("pq", ["lo", "hi"], "outputs hi, lo")):
        second = difference(tmp_path / "b.onnx", inputs, outputs)
        done = relumax("prove", first, "--equals", second)
        assert (done.returncode, done.stdout) == (2, "") and one_line(done.stderr)
        assert said in done.stderr and "matched by place" in done.stderr
    goal = "y[0] = p - q and y[1] = q - p"
    assert relumax("prove", first, "--theorem", f"for all p in R and q in R: {goal}").returncode == 0
    done = relumax("prove", first, "--theorem", f"for all q in R and p in R: {goal}")
    assert done.returncode == 2 and "name them in the file's order" in done.stderr


PROMISES = [
    "x[0] <= x[1]: x[0] <= x[1], where a is output 0, b is output 1 #",
    "x[0] = 0: x[0] = 0. for all x in R^3 such that x = 0",
    "# x",
]


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_one_condition(promise):
    done = relumax("prove", "--n", "3", "--equals", "min/chain", "--promise", promise)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_remark_in_a_promise_is_none():
    done = relumax("prove", "--n", "3", "--equals", "min/chain", "--promise", "x[0] = x[1] = x[2] # all the same")
    assert done.returncode == 0


def test_the_variant_is_that_of_both(tmp_path):
    done = relumax(
        "prove", "--fn", "argmax", "--construction", "index", "--gap", "1/2", "--n", "3", "--equals", "argmax/index"
    )
    assert done.returncode == 0 and done.stdout.startswith("proved")


def test_numbers_without_end(tmp_path):
    """Of 4,300 digits and more, which Python does not print, and of more than the kernel takes."""
    draw = np.random.default_rng(0)
    deep, huge = tmp_path / "deep.npz", tmp_path / "huge.npz"
    np.savez(deep, **{f"{2 * k}.weight": draw.random((1, 1)) * 0.9 + 0.5 for k in range(330)})
    np.savez(huge, **{f"{2 * k}.weight": np.full((1, 1), 1e300) for k in range(16)})
    for net in (deep, huge):
        done = relumax("eval", "--network", net, "--layout", "torch", "1")
        assert done.returncode == 0 and "a number of " in done.stdout
        done = relumax("prove", net, "--layout", "torch", "--theorem", "for all x in R: y = 3 x")
        assert done.returncode == 1 and done.stdout.startswith("refuted")
    long = " * ".join(["9" * 290] * 16)
    done = relumax("prove", "--n", "3", "--theorem", f"for all x in R^3: y = {long} max(x)")
    assert done.returncode == 2 and "numbers of at most 600 digits" in done.stderr


def test_a_network_as_the_argument_of_export(tmp_path):
    net = tmp_path / "net.json"
    assert relumax("export", "--n", "3", "-o", net).returncode == 0
    done = relumax("export", net, "-o", tmp_path / "net.npz")
    assert done.returncode == 2 and f"--network {net}" in done.stderr


def test_what_a_rounded_file_says_of_itself_is_shown(tmp_path):
    net = tmp_path / "rounded.npz"
    assert relumax("export", "--n", "3", "--clamp", "1/10", "3/10", "-o", net, "--allow-rounding").returncode == 0
    assert "not for this file" in relumax("show", net).stdout
