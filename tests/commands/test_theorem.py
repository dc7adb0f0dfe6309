"""`relumax prove --theorem`: sentences and files of them, about networks, constructions and users' files."""

from __future__ import annotations

import json

import pytest

from relumax import compile, export, inputs, maximum, minimum
from relumax.__main__ import main
from relumax.kernel import check
from tests.running import one_line, python, relumax, written

THEOREM = "for all x in R^3: y = median(x)"


@pytest.fixture
def network(tmp_path):
    """The median of three, in a file."""
    return median(tmp_path, "json")


def median(folder, fmt):
    a, b, c = inputs(3)
    path = folder / f"net.{fmt}"
    path.write_bytes(export(compile([maximum(minimum(a, b), minimum(maximum(a, b), c))], 3), fmt).data)
    return path


@pytest.mark.parametrize(
    ("about", "exits", "said"),
    [
        (["--n", "8"], 2, "max/tournament at n = 8 has 8 inputs, the theorem is about 1000000"),
        (["NET"], 2, "the network reads 3 inputs, the theorem is about 1000000"),
        ([], 3, "--max-size"),
    ],
)
def test_inputs_are_counted_before_a_sentence_is_written_out(about, exits, said, capfd, network, monkeypatch):
    """2^20 - 1 of them take half a minute and gigabytes; nobody shall wait for that to hear that there are others."""
    from relumax.language.theorem import meaning

    monkeypatch.setattr(meaning, "spec_of", lambda text, found: pytest.fail("it was written out"))
    words = [str(network) if one == "NET" else one for one in about]
    assert main(["prove", *words, "--theorem", "for all x in R^1000000: y = max(x)"]) == exits
    assert said in capfd.readouterr().err


def test_a_certificate_is_not_written_over_the_theorem(capfd, network, tmp_path):
    path = tmp_path / "t.txt"
    path.write_text(THEOREM)
    assert main(["prove", str(network), "--theorem", str(path), "-o", str(path)]) == 2
    assert "would be written over the file that is read" in capfd.readouterr().err and path.read_text() == THEOREM


def test_a_network_and_a_sentence(call, called, tmp_path):
    network = median(tmp_path, "onnx")
    code, out = call("prove", "--network", network, "--theorem", THEOREM)
    assert code == 0 and out.startswith("proved\ntheorem  for all x in R^3: y = min(s6), where s0 = (x[0], x[1]), ")
    assert f"network  {network}, n = 3: " in out
    certificate = tmp_path / "c.json"
    found = called("prove", network, "--theorem", f"  {THEOREM}.", "-o", certificate)
    assert (found["verdict"], found["function"], found["construction"]) == ("proved", "theorem", str(network))
    [sentence] = check(certificate.read_bytes()).statements
    assert call("prove", network, "--theorem", sentence)[0] == 0  # what is printed is read
    code, out = call("prove", network, "--theorem", "for all x in R^3: y = second(x) + 1/1000000")
    assert code == 1 and "a counterexample, evaluated exactly" in out


def test_a_file_of_sentences(call, network, tmp_path):
    file = written(
        tmp_path, "# two of them\nfor all x in R^3:\n  y <= max(x)\n\nfor all x in R^3: min(x) <= y\n", "t.txt"
    )
    code, out = call("prove", network, "--theorem", file)
    assert code == 0
    assert out.splitlines()[1:3] == ["theorem  for all x in R^3: y <= max(x)", "theorem  for all x in R^3: min(x) <= y"]
    verdict = written(tmp_path, out.replace("proved\n", "").partition("network")[0], "pasted.txt")
    assert call("prove", network, "--theorem", verdict)[0] == 0


def test_a_construction_and_a_sentence(call, called):
    code, out = call("prove", "--theorem", "for all x in R^5: x[i] <= y for each i; y = max(x)")
    assert code == 0 and "network  max/tournament, n = 5: " in out
    words = "for all x in R^3: y[i] >= 0 for each i < 3"
    assert called("prove", "--fn", "argmax", "--construction", "slack", "--theorem", words)["verdict"] == "proved"
    essay = "prove", "--construction", "essay", "--n", 4
    found = called(*essay, "--theorem", "for all x in [0, 1]^4: y = max(x)")
    assert found["network_sha256"] == called(*essay)["network_sha256"]  # of inputs that are at least 0
    assert call(*essay, "--theorem", "for all x in R^4: y = max(x)")[0] == 1


def test_a_maximum_is_called_as_the_construction_calls_it(called, tmp_path):
    """Invariants speak of it by that name: without it this one has no proof gadget by gadget."""
    gate = "prove", "--fn", "select", "--n", 6
    own = called(*gate, "-o", tmp_path / "own.json")
    text = "\n".join(check((tmp_path / "own.json").read_bytes()).statements)
    found = called(*gate, "--theorem", written(tmp_path, text, "t.txt"))
    assert (found["verdict"], found["engine"]) == (own["verdict"], own["engine"]) == ("proved", "modular")
    assert found["theorem"] == own["theorem"]


def test_a_users_file(call, tmp_path):
    text = '''
from relumax import construction, minimum, theorem

@construction("least", "two", spec=lambda n: theorem(f"for all x in R^{n}: y = sort(x)[0]"), inputs=lambda n: n)
def least(x):
    """The smaller of two."""
    return minimum(*x)
'''
    file = written(tmp_path, text)
    code, out = call("prove", "--from", file, "--n", 2)
    assert code == 0 and "theorem  for all x in R^2: y = min(x)\n" in out
    assert call("prove", "--from", file, "--theorem", "for all x in R^2: y <= x[0] and y <= x[1]")[0] == 0
    done = relumax("prove", "--from", written(tmp_path, text.replace("sort(x)", "sort(z)")), "--n", 2)
    assert done.returncode == 2 and "theorem, column 28: unknown name z" in done.stderr.splitlines()[0]


def test_mistakes_have_a_caret(network, tmp_path):
    done = relumax("prove", network, "--theorem", "for all x in R^3: y = x[9]")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.splitlines() == [
        "relumax: theorem, column 23: x[9]: x in R^3 has x[0] to x[2]",
        "  for all x in R^3: y = x[9]",
        "                        ^",
    ]
    file = written(tmp_path, "for all x in R^3:\n  y = x[0] * x[1]\n", "t.txt")
    done = relumax("prove", network, "--theorem", file, "--json")
    assert done.returncode == 2
    said = f"{file}: theorem, line 2, column 14: a product of variables: what a network computes is piecewise linear"
    assert done.stderr.splitlines() == [f"relumax: {said}", "    y = x[0] * x[1]", "               ^"]
    assert json.loads(done.stdout)["reason"] == said
    done = relumax("prove", network, "--theorem", "for all x in R^3 such that x[0] < 0 and x[0] > 1: y = 0")
    assert done.returncode == 2 and "no input meets the promise: x[0] < 0 and 1 < x[0]" in done.stderr.splitlines()[0]
    assert done.stderr.splitlines()[2].index("^") == 2 + len("for all x in R^3 such that ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["NET", "--theorem", "for all x in R^4: y = max(x)"], "the network reads 3 inputs, the theorem is about 4"),
        (
            ["NET", "--theorem", "for all x in R^3: y[1] = max(x)"],
            "the theorem speaks of 2 outputs, the network gives 1",
        ),
        (["NET", "--theorem", THEOREM, "--fn", "max"], "a network file is taken as it is"),
        (["NET", "--theorem", THEOREM, "--n", "3"], "a network file is taken as it is"),
        (["NET", "--theorem", "none.txt"], "none.txt: No such file or directory"),
        (["NET", "--theorem", ""], "the name of the file to read is empty"),
        (["NET", "--theorem", "."], ".: not a regular file"),
        (["NET", "--theorem", "LATIN"], "a theorem is a text in UTF-8"),
        (["--n", "2..3", "--theorem", THEOREM], "a theorem is about networks of one size"),
        (["--n", "2", "--theorem", THEOREM], "max/tournament at n = 2 has 2 inputs, the theorem is about 3"),
        (["--dry-run", "--theorem", THEOREM], "it goes with no --theorem"),
        (["--gadget", "maximum", "--theorem", THEOREM], "--theorem goes not with it"),
    ],
)
def test_bad_input_is_one_line(network, arguments, said, tmp_path):
    (tmp_path / "latin.txt").write_bytes("for all x in R^3: y = 1 # \u00fc".encode("latin-1"))
    files = {"NET": network, "LATIN": tmp_path / "latin.txt"}
    done = relumax("prove", *[files.get(one, one) for one in arguments])
    assert done.returncode == 2 and one_line(done.stderr) and said in done.stderr, done.stderr
    assert done.stdout == ""


def test_the_time_limit_is_heard():
    words = "for all x in R^13: y = median(x)"
    done = relumax("prove", "--timeout", "0.3", "--theorem", words, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 3 and found["verdict"] == "unknown" and "no answer within 0.3 s" in found["reason"]


def test_nothing_of_it_is_imported_where_there_is_no_theorem():
    code = "import sys; from relumax.__main__ import main; main(['prove', '--n', '2']); "
    done = python(code + "print([one for one in sys.modules if 'theorem.' in one or one == 'relumax.engines.points'])")
    assert done.stdout.splitlines()[-1] == "[]"
