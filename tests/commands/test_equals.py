"""`relumax prove --equals`: two networks, proved equal or told apart; `check` holds both against the certificate."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from relumax.formats import export, load
from relumax.network.evaluate import evaluate
from relumax.network.layers import sha256
from tests.network.examples import drawn, permuted, with_hat, with_weight
from tests.running import one_line, plain, relumax, written

RECORDED = Path(__file__).parents[1] / "formats" / "cases" / "recorded"
STATE_DICTS = Path(__file__).parents[1] / "formats" / "cases" / "state_dicts"

MINE = '''
from relumax import construction, maximum, relu

@construction("max", "mine")
def mine(x):
    """Two at a time, from the end."""
    best = x[-1]
    for one in x[-2::-1]:
        best = one + relu(best - one)
    return best

@construction("max", "off")
def off(x):
    """Wrong."""
    return mine(x) + 1
'''


def saved(folder: Path, name: str, network, fmt: str = "json", **how) -> Path:
    path = folder / name
    path.write_bytes(export(network, fmt, **how).data)
    return path


@pytest.fixture
def pair(tmp_path):
    """A network, and the same with its units permuted and scaled."""
    draw = Random(3)
    net = drawn((5, 9, 9, 2), draw, 12)
    return saved(tmp_path, "a.json", net), saved(tmp_path, "b.json", permuted(net, draw))


def refused(*arguments, said):
    done = relumax(*arguments)
    assert (done.returncode, done.stdout) == (2, "") and one_line(done.stderr), done
    assert said in done.stderr, done.stderr


# ---------------------------------------------------------------- proved


def test_what_is_said_of_equal_networks(call, pair, tmp_path):
    a, b = pair
    code, out = call("prove", "--network", a, "--equals", b, "-o", tmp_path / "ab.json")
    lines = out.splitlines()
    assert code == 0 and plain(out) and lines[0] == "proved"
    assert lines[1] == (
        "theorem  for all x in R^5: a[i] = b[i] for each i < 2; (x[i] <= 0 or 0 <= x[i]) for each i < 5, "
        "where a is outputs 0 to 1, b is outputs 2 to 3"
    )
    assert lines[2] == f"network  {a} and {b}, side by side, n = 5: 2 hidden layers, width 18, 36 units"
    hashes = [sha256(load(one.read_bytes()).network) for one in pair]
    assert lines[3:5] == [
        f"         {name} is {one}: 2 hidden layers, 18 units, sha256 {digest}"
        for name, one, digest in zip("ab", pair, hashes, strict=True)
    ]
    code, out = call("check", tmp_path / "ab.json", "--network", a, "--network", b)
    assert code == 0 and plain(out)
    assert out.splitlines()[-2:] == [
        f"    outputs 0 to 1 are exactly the network {a}, sha256 {hashes[0]}",
        f"    outputs 2 to 3 are exactly the network {b}, sha256 {hashes[1]}",
    ]


def test_json(called, pair, tmp_path):
    a, b = pair
    found = called("prove", a, "--equals", b, "-o", tmp_path / "ab.json")
    assert (found["verdict"], found["function"], found["construction"]) == ("proved", "equals", f"{a} and {b}")
    for name, path in zip("ab", pair, strict=True):
        net = load(path.read_bytes()).network
        sizes = {"depth": net.depth, "width": net.width, "size": net.size}
        assert found[name] == {"network": str(path), **sizes, "network_sha256": sha256(net)}
    checked = called("check", tmp_path / "ab.json", "--network", a, "--network", b)["results"][0]
    assert checked["verdict"] == "valid" and checked["network_sha256"] == found["network_sha256"]
    assert [str(path) in said for path, said in zip(pair, checked["networks"], strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("torch_legacy", "torch_legacy_onnxsim"),
        ("torch_legacy", "torch_legacy_ort_extended"),
        ("torch_legacy", "torch_dynamo"),
        ("torch_conv_legacy", "torch_conv_dynamo"),
        ("torch_norm_legacy", "torch_norm_dynamo"),
        ("torch_residual_legacy", "torch_maximum_legacy"),
        ("torch_half_legacy", "torch_double_dynamo"),
    ],
)
def test_onnx_before_and_after_other_tools(one, other, called, tmp_path):
    files = [RECORDED / f"{name}.onnx" for name in (one, other)]
    assert called("prove", files[0], "--equals", files[1], "-o", tmp_path / "c.json")["verdict"] == "proved"
    assert called("check", tmp_path / "c.json", "--network", files[0], "--network", files[1])


def test_constructions_and_programs(called, tmp_path):
    mine = written(tmp_path, MINE)
    assert called("prove", "--n", 6, "--equals", "max/chain")["construction"] == "max/tournament and max/chain"
    assert called("prove", "--fn", "min", "--n", 4, "--equals", "min/chain")["verdict"] == "proved"
    assert relumax("export", "--n", 5, "-o", tmp_path / "net.json").returncode == 0
    for what in ("max", "max/shallow", f"{mine}:max/mine"):
        found = called("prove", tmp_path / "net.json", "--equals", what)
        assert (found["verdict"], found["n"]) == ("proved", 5)
    assert called("prove", "--from", mine, "--construction", "mine", "--n", 4, "--equals", "max")["verdict"] == "proved"
    assert called("prove", tmp_path / "net.json", "--equals", f"{mine}:max/off", code=1)["witness"]["difference"] == [
        "-1"
    ]


def test_a_network_that_is_right_where_it_promises(called):
    essay = ["prove", "--construction", "essay", "--n", 4, "--equals", "max"]
    assert called(*essay, code=1)["verdict"] == "refuted"
    assert called(*essay, "--box", "0,")["theorem"].startswith(
        "for all x in R^4 such that 0 <= x[i] for each i < 4: a = b"
    )


# ---------------------------------------------------------------- refuted


@pytest.mark.parametrize("change", ["weight", "thin", "bias"])
def test_a_near_miss_is_told_apart(change, call, called, tmp_path):
    draw = Random(1)
    net = drawn((4, 30, 30, 2), draw, 20)
    tiny = Fraction(1, 2**20)
    other = {
        "weight": lambda: with_weight(permuted(net, draw), 0, 7, 2, tiny),
        "bias": lambda: with_weight(permuted(net, draw), 1, 3, None, tiny),
        "thin": lambda: with_hat(net, (Fraction(1, 3), {k: Fraction(k + 1) for k in range(4)}), tiny),
    }[change]()
    a, b = saved(tmp_path, "a.json", net), saved(tmp_path, "b.json", other)
    found = called("prove", a, "--equals", b, code=1)
    point = [Fraction(one) for one in found["witness"]["inputs"]]
    for name, one in (("a", net), ("b", other)):
        assert [Fraction(y) for y in found["witness"][name]] == evaluate(one, point)
    gaps = [p - q for p, q in zip(evaluate(net, point), evaluate(other, point), strict=True)]
    assert [Fraction(y) for y in found["witness"]["difference"]] == gaps and any(gaps)
    code, out = call("prove", a, "--equals", b)
    labels = [line.split()[0] for line in out.splitlines() if line.startswith("         ")]
    assert code == 1 and labels == ["a", "b", "inputs", "a", "b", "a", "floats"]
    assert f"         a - b   ({', '.join(map(str, gaps))})" in out


@pytest.mark.parametrize("by", [Fraction(1, 2**8), Fraction(1, 2**20), Fraction(1, 2**40)])
def test_whether_floats_show_a_difference_is_said(by, call, called, tmp_path):
    """As onnxruntime computes at the witness."""
    runtime = pytest.importorskip("onnxruntime")
    net = drawn((3, 6, 1), Random(4), 8)
    files = [
        saved(tmp_path, "a.onnx", net, "onnx", dtype="float64"),
        saved(tmp_path, "b.onnx", with_weight(net, 1, 0, 2, by), "onnx", dtype="float64"),
    ]
    out = call("prove", files[0], "--equals", files[1])[1]
    found = called("prove", files[0], "--equals", files[1], code=1)["witness"]
    point = [[float(Fraction(one)) for one in found["inputs"]]]
    gaps = []
    for file in files:
        session = runtime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        gaps.append(float(session.run(None, {session.get_inputs()[0].name: point})[0][0, 0]))
    assert gaps[0] - gaps[1] == float(Fraction(found["difference"][0]))  # in float64 it shows, and exactly
    same = "in float32 they give the same there" in out
    assert same == (by < Fraction(1, 2**30)) and (same or "in float32 they are about " in out)


# ---------------------------------------------------------------- nearly


def test_within_on_a_box(called, tmp_path):
    draw = Random(2)
    net = drawn((3, 6, 6, 1), draw, 10)
    a, b = saved(tmp_path, "a.json", net), saved(tmp_path, "b.json", with_weight(net, 1, 2, 3, Fraction(1, 2**10)))
    assert called("prove", a, "--equals", b, code=1)["verdict"] == "refuted"
    box = ["--box", "-1,1"]
    found = called("prove", a, "--equals", b, "--within", "1/10", *box, "-o", tmp_path / "near.json")
    assert found["verdict"] == "proved" and "10 a <= 10 b + 1; 10 b <= 10 a + 1" in found["theorem"]
    assert called("check", tmp_path / "near.json", "--network", a, "--network", b)
    found = called("prove", a, "--equals", b, "--within", "1/1000000", *box, code=1)
    assert abs(Fraction(found["witness"]["difference"][0])) > Fraction(1, 10**6)
    assert all(abs(Fraction(one)) <= 1 for one in found["witness"]["inputs"])


def test_what_bounds_show_is_said_where_it_is_not_enough(tmp_path):
    draw = Random(2)
    net = drawn((8, 40, 40, 1), draw, 16)
    a, b = saved(tmp_path, "a.json", net), saved(tmp_path, "b.json", with_weight(net, 1, 2, 3, Fraction(1, 2**10)))
    done = relumax("prove", a, "--equals", b, "--within", "1/2000", "--box", "-1,1", "--timeout", "5")
    assert done.returncode in (1, 3)
    if done.returncode == 3:
        assert "bounds show a promise only up to" in done.stdout


# ---------------------------------------------------------------- check


def test_check_says_which_network_is_another(call, pair, tmp_path):
    a, b = pair
    net = load(b.read_bytes()).network
    c = saved(tmp_path, "c.json", with_weight(net, 1, 2, 3, Fraction(1, 2**10)))
    small = saved(tmp_path, "small.json", drawn((5, 3, 2), Random(1)))
    single = saved(tmp_path, "single.json", drawn((5, 9, 9, 1), Random(1)))
    proof = tmp_path / "ab.json"
    assert call("prove", a, "--equals", b, "-o", proof)[0] == 0
    for first, second, said in (
        (b, a, "the certificate has these two networks the other way round"),
        (a, c, "the second network is another: W1[3, 2] (layer 1"),
        (c, b, "the first network is another: "),
        (a, a, "the second network is another: "),
        (a, small, "the second network is another: layer 0 has 3 units in the file, 9 in the other"),
        (small, a, "the certificate is about other networks: layers of 5 3 2 and 5 9 9 2 are not what it has"),
        (a, single, "it has 4 outputs, these have 2 and 1"),
    ):
        code, out = call("check", proof, "--network", first, "--network", second)
        assert code == 1 and said in out and out.startswith(f"{proof}: invalid: {first} and {second}: "), out
    code, out = call("check", proof, "--network", a)
    assert code == 1 and "not the certified weights" in out
    assert out.endswith("(the certificate is about two networks side by side: give --network twice)\n")


def test_check_of_a_certificate_about_one_network(call, tmp_path):
    net, proof = tmp_path / "net.json", tmp_path / "proof.json"
    assert call("export", "--n", 3, "-o", net)[0] == call("prove", "--n", 3, "-o", proof)[0] == 0
    code, out = call("check", proof, "--network", net, "--network", net)
    assert code == 1 and "the certificate is not about two such networks side by side: it has 1 output" in out
    three = ["--network", net] * 3
    refused("check", proof, *three, said="--network is given once, or twice")
    assert call("check", proof, "--network", net)[0] == 0


def test_files_that_leave_their_order_open_beside_ones_that_do_not(called, tmp_path):
    head = STATE_DICTS / "named.safetensors"
    net = tmp_path / "max2.json"
    assert relumax("export", "--network", head, "--layers", "trunk,head", "-o", net).returncode == 0
    for first, second in ((net, head), (head, net)):
        proof = tmp_path / "proof.json"
        assert called("prove", first, "--equals", second, "--layers", "trunk,head", "-o", proof)["verdict"] == "proved"
        assert called("check", proof, "--network", first, "--network", second, "--layers", "trunk,head")
    refused("prove", net, "--equals", net, "--layers", "a,b", said="format json says its own order")


# ---------------------------------------------------------------- under a promise in words

SORTED = """
from relumax import construction


@construction("max", "last")
def last(x):
    return x[-1]
"""


def test_under_a_promise(called, tmp_path):
    """The last of sorted numbers is the largest; without the promise, or with half of it, it is not."""
    last, proof = written(tmp_path, SORTED, "last.py"), tmp_path / "last.json"
    found = called("prove", "--n", "3", "--equals", last, "--promise", "x[0] <= x[1] <= x[2]", "-o", proof)
    assert found["verdict"] == "proved"
    assert "for all x in R^3 such that x[0] <= x[1] and x[1] <= x[2]: a = b" in relumax("check", proof).stdout
    found = called("prove", "--n", "3", "--equals", last, "--promise", "x[0] <= x[1]", code=1)
    point = [Fraction(one) for one in found["witness"]["inputs"]]
    assert point[0] <= point[1] and max(point) != point[2]
    nearly = ["--promise", "x[1] <= x[2] + 1/8 and x[0] <= x[1]"]
    assert called("prove", "--n", "3", "--equals", last, *nearly, "--within", "1/8")["verdict"] == "proved"
    assert called("prove", "--n", "3", "--equals", last, *nearly, "--within", "1/9", code=1)["verdict"] == "refuted"
    boxed = [*nearly, "--box", "-1,1", "--within", "1/8"]
    assert "x[i] <= 1" in called("prove", "--n", "3", "--equals", last, *boxed)["theorem"]
    for promise, said in (
        ("x[0] < x[3]", "x[3]: x in R^3 has"),
        ("x[0] < 0 and x[0] > 0", "no input meets the promise"),
    ):
        done = relumax("prove", "--n", "3", "--equals", last, "--promise", promise)
        assert done.returncode == 2 and said in done.stderr and done.stderr.rstrip().endswith("^")
    refused("prove", "--n", "3", "--promise", "x[0] < 1", said="a --promise in words go with --equals")
    refused("prove", "--n", "3", "--equals", last, "--theorem", "y = 0", said="--theorem goes not with it")


# ---------------------------------------------------------------- bad input


def test_bad_input(pair, tmp_path):
    a, b = pair
    other = saved(tmp_path, "other.json", drawn((4, 3, 2), Random(1)))
    broken = written(tmp_path, "{", "broken.json")
    for arguments, said in (
        ([a, "--equals", other], "the one network has 5 inputs, the other 4"),
        ([a, "--equals", "max"], "the one network has 2 outputs, the other 1"),
        ([a, "--equals", "max/chian"], "--equals max/chian: no such file, and as a construction: unknown construction"),
        (
            [a, "--equals", "nothing.onnx"],
            "--equals nothing.onnx: no such file, and as a construction: unknown function",
        ),
        ([a, "--equals", "nothing.py"], "nothing.py: No such file"),
        (
            [a, "--equals", f"{written(tmp_path, MINE)}:max/none"],
            "registers no max/none, but max/mine, max/off: say which, as in ",
        ),
        ([a, "--equals", written(tmp_path, MINE)], "mine.py:max/mine"),
        ([a, "--equals", written(tmp_path, "", "empty.py")], "the file registers no construction"),
        ([a, "--equals", broken], "broken.json"),
        ([a, "--within", "1"], "go with --equals"),
        ([a, "--box", "0,1"], "go with --equals"),
        ([a, "--equals", b, "--within", "-1"], "within 0 or more of each other"),
        ([a, "--equals", b, "--box", "1,0"], "the box 1,0 is empty"),
        ([a, "--equals", b, "--box", "1"], "is not a range of every input such as -1,1"),
        ([a, "--equals", b, "--box", ","], "is not a range of every input"),
        ([a, "--equals", b, "--fn", "max"], "a network file is taken as it is"),
        ([a, "--equals", b, "--n", "5"], "a network file is taken as it is"),
        ([a, "--equals", b, "--dry-run"], "--dry-run says the size of a construction"),
        ([a, "--equals", b, "-o", "x-{n}.json"], "-o with {n} is for constructions"),
        ([a, "--equals", b, "-o", b], "would be written over the file that is read"),
        (["--gadget", "maximum", "--equals", b], "--equals goes not with it"),
        ([a, "--equals", b, "--theorem", "for all x in R^5: y = 0"], "--theorem goes not with it"),
        (["--n", "2..3", "--equals", "max"], "give one --n, not 2..3: ranges are for prove and draw --catalogue"),
    ):
        refused("prove", *arguments, said=said)


def test_out_of_time(pair):
    done = relumax("prove", pair[0], "--equals", pair[1], "--timeout", "0.001")
    assert done.returncode == 3 and "no answer within 0.001 s" in done.stdout
    done = relumax("prove", pair[0], "--equals", pair[1], "--timeout", "0.001", "--json")
    assert json.loads(done.stdout)["verdict"] == "unknown"
