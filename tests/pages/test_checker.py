"""The checker in JavaScript and the kernel say the same: of all that is shipped, of mutants, and in the same time."""

import json
import runpy
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from relumax import kernel
from relumax.kernel.text import text

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
FILES = {path.stem: path.read_bytes() for path in sorted((ROOT / "proofs").glob("*.json"))}
NODE = shutil.which("node")
mutants = runpy.run_path(str(HERE / "mutants.py"))["mutants"]
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed: the checker in JavaScript is not run")


def node(*datas):
    """What batch.js says of each of these files."""
    given = json.dumps([data.decode("latin1") for data in datas])
    ran = subprocess.run([NODE, HERE / "batch.js"], input=given, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


def expected(data):
    try:
        theorem = kernel.check(data)
    except kernel.KernelError as problem:
        return problem.kind
    return f"theorem {theorem.network_sha256} {theorem.claim_sha256} {json.dumps(theorem.statements)}"


def compared(datas):
    """For each file what the kernel says and what node does."""
    return [(data, expected(data), said) for data, said in zip(datas, node(*datas), strict=True)]


def disagreements(pairs):
    """The files of which the two say something else; where either refuses, they may."""
    accepted = ("theorem", "malformed", "invalid", "refused")
    assert all(said.startswith(accepted) for _, _, said in pairs), [said for *_, said in pairs if said[:5] == "crash"][
        :1
    ]
    return [
        (one, other, data[:2000])
        for data, one, other in pairs
        if one != other and (one.startswith("theorem") or other.startswith("theorem")) and "refused" not in (one, other)
    ]


def test_all_proofs_are_theorems_with_the_kernels_words_and_hashes():
    assert disagreements(compared(list(FILES.values()))) == []
    assert node(FILES["max-tournament-4"])[0] == expected(FILES["max-tournament-4"])
    assert node(FILES["max-tournament-4"])[0].startswith("theorem ")


@pytest.mark.parametrize("seed", range(5))
def test_mutants(seed):
    small = [data for data in FILES.values() if len(data) < 12_000]
    pairs = compared(mutants(small, 1000, seed))
    kinds = {said.split()[0] for _, said, _ in pairs}
    assert kinds >= {"theorem", "malformed", "invalid"}, "mutants that reach all of the checker"
    assert disagreements(pairs) == []


HOSTILE = {
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "not ASCII": "é".encode(),
    "nothing": b"",
    "a number": b"7",
    "a key twice": FILES["max-tournament-2"].replace(b'"version":1}', b'"version":1,"version":1}'),
    "a fraction": FILES["max-tournament-2"].replace(b'"version":1}', b'"version":1.0}'),
    "an exponent": FILES["max-tournament-2"].replace(b'"inputs":2', b'"inputs":2e+21'),
    "white space": FILES["max-tournament-2"] + b"\n",
    "two keys in one": FILES["max-tournament-2"].replace(b'"any":', b'"any,each":'),
    "another version": FILES["max-tournament-2"].replace(b'"version":1}', b'"version":2}'),
    "a prototype": FILES["max-tournament-2"].replace(b'"lemmas"', b'"__proto__"'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_malformed(name):
    assert node(HOSTILE[name]) == [expected(HOSTILE[name])] == ["malformed"]


def test_work_is_bounded():
    value = json.loads(FILES["max-tournament-2"])
    long = str(10**590)
    value["lemmas"][0] |= {"vars": 2, "units": [], "given": [[[[0, 1, 0, 1]]], [[[0, 1, 1, 1]]]], "then": [[[[1, 0]]]]}
    value["lemmas"][0]["proof"] = [2, 2, 0, long, 1, 1] + [v for k in range(2, 9) for v in (2, 2, k, long, 1, 1)]
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    assert node(data) == [expected(data)] == ["refused"]


@pytest.mark.parametrize("text", ["", "abc", "a" * 55, "a" * 56, "a" * 64, "relumax " * 1000])
def test_hashes(text):
    from hashlib import sha256

    script = f"console.log(require({json.dumps(str(ROOT / 'relumax/pages/checker.js'))}).sha256({json.dumps(text)}))"
    said = subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True).stdout.strip()
    assert said == sha256(text.encode()).hexdigest()


def test_it_takes_at_most_three_times_the_kernels_time():
    data = FILES["max-tournament-1024"]
    kernels = []
    for _ in range(5):
        start = time.perf_counter()
        kernel.check(data)
        kernels.append(time.perf_counter() - start)
    script = f"""
        const {{check}} = require({json.dumps(str(ROOT / "relumax/pages/checker.js"))}), times = [];
        const text = require("fs").readFileSync({json.dumps(str(ROOT / "proofs/max-tournament-1024.json"))}, "latin1");
        for (let k = 0; k < 5; k++) {{ const start = performance.now(); check(text); 
          times.push(performance.now() - start); }}
        console.log(Math.min(...times) / 1000, times[0] / 1000);
    """
    ran = subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True).stdout.split()
    assert float(ran[0]) <= 3 * min(kernels), f"node {ran}, kernel {min(kernels)}"


def test_the_sentences_are_the_kernels():
    """Also where no certificate has them: every kind of definition, guard, winner and place."""
    claim = {
        "arrays": [
            {"base": 0, "length": 3, "name": "x", "of": "in", "stride": 2},
            {"base": 1, "length": 2, "name": "p", "of": "in", "stride": 2},
            {"base": 0, "length": 1, "name": "y", "of": "out", "stride": 1},
            {"base": 1, "length": 1, "name": "z", "of": "out", "stride": 1},
        ],
        "statements": [
            {
                "define": [
                    {"kind": "max", "name": "m", "of": "x"},
                    {"form": [3, 1, 2, "x[i]", -1, "p[0]"], "kind": "relu", "length": 3, "name": "a"},
                    {"form": [1, str(2**60), -1, "x[0]"], "kind": "step", "length": None, "name": "s"},
                    {"forms": [[2, 0, 1, "x[1]"], [1, -4]], "kind": "list", "name": "l"},
                    {"kind": "min", "name": "k", "of": "p"},
                ],
                "ensures": [
                    {
                        "any": [[["<=", 0, 1, "y[0]", -1, "m"]], [["<", 3, 1, "z[0]"], ["=", 0, 1, "k"]]],
                        "each": None, "where": None,
                    },
                    {"any": [[["=", -2, -1, "x[i]", 1, "i"]]], "each": 3, "where": ["except", "w"]},
                    {"any": [[["=", 0]]], "each": 3, "where": ["before", "w"]},
                ],
                "index": [["w", 3], ["v", 2]],
                "requires": [
                    {"after": ["tie", 1, 2], "before": ["gap", 3, 1], "lattice": None, "of": "x", "winner": "w"},
                    {"after": ["<"], "before": ["<="], "lattice": [1, 3], "of": "p", "winner": "v"},
                    {"any": [[["<", 0, 1, "p[i]"]], [["<=", 0, -1, "p[i]"]]], "each": 2, "where": ["after", "v"]},
                ],
            }
        ],
    }  # fmt: skip
    script = (
        f"const said = require({json.dumps(str(ROOT / 'relumax/pages/sentence.js'))}).of({json.dumps(claim)});"
        "console.log(JSON.stringify(said.map((one) => one.text)))"
    )
    said = subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == text(claim)
