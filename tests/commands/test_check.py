"""`relumax check`: files and folders, hostile ones too; exit codes 0, 1, 2, 3."""

from __future__ import annotations

import json
import os
import shutil
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from time import process_time
from zipfile import ZipFile

import pytest

from relumax import pipeline
from relumax.__main__ import main
from relumax.commands import check, doors
from relumax.constructions.identity import max_identity
from relumax.constructions.shallow import max_shallow
from relumax.discover.identities import from_public
from relumax.discover.identities.witness import sides
from relumax.formats import export
from relumax.language.expr import inputs
from relumax.language.gadget import maximum
from relumax.language.spec import max_spec
from relumax.network.compile import compile
from relumax.network.layers import from_json, sha256, to_json
from tests.running import one_line, relumax, written

ROOT = Path(__file__).resolve().parents[2]
THEOREM = "for all x in R^3: y = max(x)"


def certificate(n: int = 3) -> bytes:
    best, *rest = inputs(n)
    for one in rest:
        best = maximum(best, one)
    verdict = pipeline.prove(best, max_spec(n))
    assert verdict.certificate is not None
    return verdict.certificate


def edited(data: bytes, change) -> bytes:
    value = json.loads(data)
    change(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def one_more(value):
    value["network"]["layers"][0]["rows"][0][2] += 1


@pytest.fixture(scope="module")
def good() -> bytes:
    return certificate()


@pytest.fixture
def run_check(capfd):
    """`relumax check ARGUMENTS` in this process: (code, standard output, standard error)."""

    def run_it(*arguments):
        code = main(["check", *map(str, arguments)])
        return (code, *capfd.readouterr())

    return run_it


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# ---------------------------------------------------------------- valid


def test_a_valid_file(run_check, tmp_path, good):
    file = put(tmp_path, "proof", good)  # a file that is named is checked, whatever its name
    code, out, err = run_check(file)
    assert (code, err) == (0, "")
    theorem = pipeline.check(good)
    assert out.splitlines() == [
        f"{file}: {THEOREM}",
        f"    network sha256 {theorem.network_sha256}",
        f"    claim sha256 {theorem.claim_sha256}",
    ]
    code, out, _ = run_check(file, "--json")
    [result] = json.loads(out)["results"]
    assert code == 0 and result == {
        "file": str(file),
        "verdict": "valid",
        "theorem": [THEOREM],
        "network_sha256": theorem.network_sha256,
        "claim_sha256": theorem.claim_sha256,
    }


def test_a_folder_is_searched_for_json_files_and_others_are_ignored(run_check, tmp_path, good):
    for name in ("b.json", "a/z.json", "a/deep/er.json", ".hidden.json"):
        put(tmp_path, name, good)
    put(tmp_path, "README.md", b"not JSON")
    put(tmp_path, "a/net.npz", b"PK")
    put(tmp_path, "folder.json/x.txt", b"a folder's name is not a file's")
    code, out, err = run_check(tmp_path)
    assert (code, err) == (0, "")
    found = [line.split(": ")[0] for line in out.splitlines() if THEOREM in line]
    assert found == [str(tmp_path / name) for name in (".hidden.json", "b.json", "a/z.json", "a/deep/er.json")]


def test_several_paths_and_the_same_twice(run_check, tmp_path, good):
    file = put(tmp_path, "a.json", good)
    code, out, _ = run_check(file, tmp_path, file)
    assert code == 0 and out.count(THEOREM) == 3


def test_a_public_identity(run_check, tmp_path):
    file = ROOT / "proofs" / "identities" / "max-5.json"
    code, out, _ = run_check(file)
    assert code == 0 and "max(x)" in out and "    identity sha256 " in out
    code, out, err = run_check(file, "--network", file)
    assert (code, out) == (2, "") and one_line(err) and "max-5.json: cannot read: json network" in err


def test_a_network_that_is_the_identity(run_check, tmp_path):
    file = ROOT / "proofs" / "identities" / "max-5.json"
    for name, recipe in (("yes.json", max_identity), ("no.json", max_shallow)):
        network = compile([recipe(inputs(5))], 5)
        (tmp_path / name).write_bytes(export(network, "json").data)
        code, out, _ = run_check(file, "--network", tmp_path / name)
        if name == "yes.json":
            assert code == 0 and "yes.json is the identity written out: for all x in R^5: y = max(x)" in out
            assert f"network sha256 {sha256(network)}" in out
        else:
            assert code == 1 and "invalid: network: it is not written as the sum of the identity's terms" in out


def test_the_budget_of_an_identity(run_check):
    file = ROOT / "proofs" / "identities" / "max-6.json"
    code, out, _ = run_check(file, "--budget", 100)
    assert code == 3 and "6.json: refused: the work budget of 100 steps is used up" in out and "(--budget)" in out
    assert run_check(file, "--budget", 10**6)[0] == 0


WIDE = {"coefficient": 1, "pair": [[[1 + i % 16, 1 + i * k % 16] for i in range(500)] for k in (3, 7)]}


def public(n: int) -> dict:
    return json.loads((ROOT / "proofs" / "identities" / f"max-{n}.json").read_text())


def off_by(value, unit):
    value["terms"][-1]["coefficient"] = str(Fraction(value["terms"][-1]["coefficient"]) + unit)


def paired_with(side):
    return lambda value: value["terms"][0]["pair"].__setitem__(0, side)


@pytest.mark.parametrize("n", [5, 6, 7])
@pytest.mark.parametrize("unit", [1, -1, Fraction(1, 720), Fraction(1, 10**9)])
def test_a_false_identity_fails_at_a_point(run_check, tmp_path, n, unit):
    value = public(n)
    off_by(value, unit)
    data = json.dumps(value).encode()
    file = put(tmp_path, "false.json", data)
    code, out, err = run_check(file)
    assert (code, err) == (1, "") and "invalid: terms: the terms do not add up to the maximum" in out
    [result] = json.loads(run_check(file, "--json")[1])["results"]
    witness = result["witness"]
    x = [int(one) for one in witness["inputs"]]
    most, total = sides(from_public(data), x)
    assert (witness["max"], witness["sum"]) == (str(most), str(total)) and most != total
    assert (
        f"    at x = ({', '.join(witness['inputs'])}) the maximum is {most}, and the terms add up to {total}\n" in out
    )


def test_where_terms_are_wrong_only_off_the_diagonal(run_check, tmp_path):
    """One label moved: the coefficients still add up, so all ones is no counterexample."""
    value = public(5)
    [term] = [one for one in value["terms"] if one["pair"] == [[[3, 4], [3, 5]], [[1, 3], [2, 3]]]]
    term["pair"][0][0] = [2, 4]
    [result] = json.loads(run_check(put(tmp_path, "false.json", json.dumps(value).encode()), "--json")[1])["results"]
    x = [int(one) for one in result["witness"]["inputs"]]
    assert len(set(x)) > 1
    assert sides(from_public(json.dumps(value).encode()), x)[1] == Fraction(result["witness"]["sum"]) != max(x)


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        (lambda value: off_by(value, 1), 1, "do not add up to the maximum of 5 numbers"),
        (paired_with([[1, 6], [1, 2]]), 1, "indices in 1..5 are expected"),
        (paired_with([[0, 1], [1, 2]]), 1, "indices in 1..5 are expected"),
        (paired_with([[1, 2]] * 3), 1, "they must be of equal size"),
        (paired_with([]), 1, "pair[0]"),
        (lambda value: value["terms"][0].update(coefficient="1/0"), 1, "a zero denominator"),
        (lambda value: value["terms"][0].update(coefficient=0.5), 1, "not an integer"),
        (lambda value: value.update(n=40), 3, "n: larger than 16"),
        (lambda value: value.update(n=10**6), 3, "n: larger than 16"),
        (lambda value: value.update(n=16, terms=[WIDE]), 3, "more words than a file of this size may have kept"),
        (lambda value: value.update(terms=[]), 1, "terms"),
    ],
    ids=["unit", "index", "zero", "sides", "empty", "denominator", "float", "40", "million", "work", "none"],
)
def test_bad_identities_are_turned_away_with_a_reason(run_check, tmp_path, change, code, reason):
    value = public(5)
    change(value)
    file = put(tmp_path, "bad.json", json.dumps(value).encode())
    start = process_time()
    found, out, err = run_check(file)
    assert (found, err) == (code, "") and reason in out
    [result] = json.loads(run_check(file, "--json")[1])["results"]
    assert result["verdict"] != "valid" and reason in result["reason"]
    assert process_time() - start < 10


@pytest.mark.parametrize("terms", [40_000, 1_000_000])
def test_a_million_terms_end_in_bounded_time(run_check, tmp_path, terms):
    term = ',{"coefficient":1,"pair":[[[1,2]],[[1,2]]]}'
    file = put(tmp_path, "many.json", ('{"n":10,"terms":[' + (term * terms)[1:] + "]}").encode())
    start = process_time()
    code, out, err = run_check(file)
    assert (code, err) == (1 if terms < 10**6 else 3, "")
    assert ("do not add up" if terms < 10**6 else "larger than") in out
    assert process_time() - start < 30


def test_standard_input(good):
    for data, code in ((good, 0), (good[:-1], 1)):
        done = relumax("check", "-", text=False, input=data)
        assert done.returncode == code and done.stdout.startswith(b"-: ") and done.stderr == b""


# ---------------------------------------------------------------- 1: malformed, invalid


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("malformed", b""),
        ("malformed", b"{}"),
        ("malformed", b"[" * 100_000),
        ("malformed", b'{"a": NaN}'),
        ("malformed", b"\xff\xfe"),
        ("malformed", b'{"terms": 1}'),
        ("malformed", b'{"terms": "relumax-certificate"}'),
        ("malformed", lambda good: good[:-1]),
        ("malformed", lambda good: good + b"\n"),
        ("malformed", lambda good: good.replace(b'"version":1', b'"version":2')),
        ("malformed", lambda good: good.replace(b'"version":1', b'"version":true')),
        ("invalid", lambda good: edited(good, one_more)),
        ("invalid", lambda good: good.replace(b'"kind":"max"', b'"kind":"min"')),
    ],
)
def test_what_is_no_proof_is_1_and_named(run_check, tmp_path, good, kind, data):
    file = put(tmp_path, "c.json", data(good) if callable(data) else data)
    code, out, err = run_check(file)
    assert code == 1 and err == ""
    assert out.startswith(f"{file}: {kind}: ") and out.count("\n") == 1
    [result] = json.loads(run_check(file, "--json")[1])["results"]
    assert result["verdict"] == kind and result["reason"] and "theorem" not in result


def test_one_bad_file_among_good_ones_is_1(run_check, tmp_path, good):
    put(tmp_path, "a.json", good)
    put(tmp_path, "b.json", edited(good, one_more))
    put(tmp_path, "c.json", good)
    code, out, _ = run_check(tmp_path)
    assert code == 1 and out.count(THEOREM) == 2 and out.count("b.json: invalid: ") == 1


# ---------------------------------------------------------------- 2: missing, nothing, not a file


def test_a_missing_path_is_2_and_the_others_are_checked(run_check, tmp_path, good):
    code, out, err = run_check(tmp_path / "b.json")
    assert (code, out) == (2, "") and one_line(err) and "b.json: no such file" in err
    code, out, err = run_check(tmp_path / "b.json", put(tmp_path, "a.json", good))
    assert code == 2 and out.endswith("\n1 valid, 1 cannot read\n")
    assert out.startswith(
        f"{tmp_path / 'b.json'}: cannot read: no such file or folder\n{tmp_path / 'a.json'}: for all "
    )
    assert err == f"relumax: {tmp_path / 'b.json'}: no such file or folder (1 of 2 cannot be read)\n"
    code, out, err = run_check(tmp_path / "b.json", tmp_path / "a.json", "--json")
    assert (code, err) == (2, "") and [one["verdict"] for one in json.loads(out)["results"]] == ["cannot read", "valid"]


def test_nothing_to_check_is_2(run_check, tmp_path, good):
    (tmp_path / "empty").mkdir()
    code, out, err = run_check(tmp_path / "empty")
    assert (code, out) == (2, "") and one_line(err) and "no *.json file" in err
    file = put(tmp_path, "a.json", good)
    code, out, err = run_check(file, tmp_path / "empty")  # nor is it nothing among others
    assert code == 2 and "1 valid, 1 cannot read" in out and one_line(err) and "no *.json file" in err


def test_what_cannot_be_read_stops_nothing(run_check, tmp_path, good):
    """A dangling link, a loop of links, a FIFO; a folder with such a name is none of the files."""
    put(tmp_path, "z.json", good)
    put(tmp_path, "y.json", b"{}")
    (tmp_path / "b.json").symlink_to(tmp_path / "gone")
    (tmp_path / "c.json").symlink_to(tmp_path / "c.json")
    os.mkfifo(tmp_path / "d.json")
    (tmp_path / "e.json").mkdir()
    put(tmp_path, "e.json/f.json", good)
    code, out, err = run_check(tmp_path)
    assert code == 2 and out.endswith("2 valid, 1 malformed, 3 cannot read\n")
    assert one_line(err) and "b.json: no such file or folder (3 of 6 cannot be read)" in err
    for name, why in (("b", "no such file or folder"), ("d", "not a regular file")):
        assert f"{tmp_path / name}.json: cannot read: {why}\n" in out
    (tmp_path / "z.json").unlink()
    assert run_check(tmp_path / "b.json")[2].endswith("b.json: no such file or folder\n")


@pytest.mark.parametrize("place", ["named", "in a folder"])
def test_a_fifo_is_2_and_does_not_block(run_check, tmp_path, place):
    os.mkfifo(tmp_path / "f.json")
    code, _, err = run_check(tmp_path / "f.json" if place == "named" else tmp_path)
    assert code == 2 and "not a regular file" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_an_unreadable_folder_or_file_is_2(run_check, tmp_path, good):
    file = put(tmp_path, "sub/a.json", good)
    put(tmp_path, "b.json", good)
    for path, mode in ((file, 0o600), (tmp_path / "sub", 0o700)):
        path.chmod(0)
        code, _, err = run_check(tmp_path)
        path.chmod(mode)
        assert code == 2 and one_line(err)


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(run_check, tmp_path, good, monkeypatch):
    """As the test above, for root."""
    put(tmp_path, "a.json", good)

    def walk(path, onerror=None):
        yield str(path), ["sub"], ["a.json"]
        if onerror is not None:
            onerror(PermissionError(13, "Permission denied", f"{path}/sub"))

    monkeypatch.setattr(check.os, "walk", walk)
    code, out, err = run_check(tmp_path)
    assert code == 2 and one_line(err) and f"{tmp_path}/sub: Permission denied (1 of 2 cannot be read)" in err
    assert out.endswith("1 valid, 1 cannot read\n")


# ---------------------------------------------------------------- 3: refused


def test_a_file_past_every_budget_is_3(run_check, tmp_path, good):
    huge = put(tmp_path, "huge.json", b"")
    os.truncate(huge, doors.MAX_BYTES + 1)  # a hole: takes no space
    code, out, err = run_check(huge)
    assert (code, err) == (3, "") and "huge.json: refused: larger than" in out
    put(tmp_path, "a.json", good)
    assert run_check(tmp_path)[0] == 3
    put(tmp_path, "b.json", b"{}")
    assert run_check(tmp_path)[0] == 1  # what is known to be bad is said first


# ---------------------------------------------------------------- --network


@pytest.mark.parametrize("fmt", ["json", "npz", "onnx", "safetensors"])
def test_network_confirms_the_certified_weights(run_check, tmp_path, good, fmt):
    proof, network = put(tmp_path, "a.json", good), from_json(json.loads(good)["network"])
    same = put(tmp_path, "same", export(network, fmt).data)
    code, out, _ = run_check(proof, "--network", same)
    assert code == 0 and f"{same} holds exactly the certified weights" in out
    changed = to_json(network)
    changed["layers"][1]["rows"][0][2] += 1
    other = put(tmp_path, "other", export(from_json(changed), fmt).data)
    code, out, _ = run_check(proof, "--network", other)
    assert code == 1 and "invalid" in out and "not the certified weights" in out and "weight" in out
    [result] = json.loads(run_check(proof, "--network", other, "--json")[1])["results"]
    assert result["verdict"] == "invalid" and str(other) in result["reason"]


def test_network_of_another_size_or_no_network(run_check, tmp_path, good):
    proof = put(tmp_path, "a.json", good)
    four = put(tmp_path, "four", export(compile([maximum(*inputs(2))], 2), "json").data)
    assert run_check(proof, "--network", four)[0] == 1
    code, _, err = run_check(proof, "--network", tmp_path / "gone")
    assert code == 2 and "gone" in err
    [result] = json.loads(run_check(proof, "--network", tmp_path / "gone", "--json")[1])["results"]
    assert result["reason"] == f"{tmp_path / 'gone'}: cannot read: no such file or folder"
    code, _, err = run_check(proof, "--network", tmp_path)
    assert code == 2 and one_line(err) and "cannot read" in err
    put(tmp_path, "sub/b.json", good)
    put(tmp_path, "sub/c.json", good)
    code, _, err = run_check(tmp_path / "sub", "--network", four)
    assert code == 2 and "one certificate" in err


CASES = ROOT / "tests" / "formats" / "cases" / "state_dicts"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"hello", "not a network file"),
        (b"", "the file is empty"),
        (Path(__file__).read_bytes(), "not a network file"),
        (lambda good: export(from_json(json.loads(good)["network"]), "npz").data[:-3], "npz: truncated"),
        (lambda good: export(from_json(json.loads(good)["network"]), "onnx").data[:-3], "onnx: not a complete ONNX"),
        (lambda good: export(from_json(json.loads(good)["network"]), "safetensors").data[:-3], "safetensors: "),
        (lambda good: export(from_json(json.loads(good)["network"]), "json").data[:-3], "json network: "),
        (lambda good: export(from_json(json.loads(good)["network"]), "c").data, "json or onnx"),
        ((CASES / "sequential.pt").read_bytes(), "safetensors.torch.save_file"),
        ((CASES / "legacy.pt").read_bytes(), "safetensors.torch.save_file"),
        ((CASES / "batchnorm.safetensors").read_bytes(), "1.running_mean, 1.running_var"),
        ((CASES / "square.npz").read_bytes(), "--layout torch"),
        ((CASES / "named.safetensors").read_bytes(), "--layers trunk,head"),
        (lambda good: good, "json network: "),
    ],
)
def test_what_cannot_be_read_is_2_and_no_word_about_its_weights(run_check, tmp_path, good, data, why):
    weights = put(tmp_path, "weights", data(good) if callable(data) else data)
    for proof in (put(tmp_path, "a.json", good), ROOT / "proofs" / "identities" / "max-5.json"):
        code, out, err = run_check(proof, "--network", weights)
        assert (code, out) == (2, "") and one_line(err), (out, err)
        assert f"{weights}: cannot read: " in err and why in err and "invalid" not in err and "certified" not in err
        code, out, err = run_check(proof, "--network", weights, "--json")
        [result] = json.loads(out)["results"]
        assert (code, err) == (2, "") and result.keys() == {"file", "verdict", "reason"}
        assert result["verdict"] == "cannot read" and result["reason"].startswith(f"{weights}: cannot read: ")


def test_a_bad_certificate_is_said_before_its_weights_are_read(run_check, tmp_path, good):
    code, out, _ = run_check(put(tmp_path, "a.json", edited(good, one_more)), "--network", put(tmp_path, "w", b"hello"))
    assert code == 1 and "invalid" in out


def test_weights_past_the_budget_are_3(run_check, tmp_path, good):
    huge = put(tmp_path, "huge.npz", b"")
    os.truncate(huge, doors.MAX_BYTES + 1)
    code, out, err = run_check(put(tmp_path, "a.json", good), "--network", huge)
    assert (code, err) == (3, "") and "refused: " in out and "huge.npz: larger than" in out


def rewritten(npz: bytes, old: bytes, new: bytes) -> bytes:
    """The archive with `new` for the first `old` of every member, and its checksums mended."""
    buffer = BytesIO()
    with ZipFile(BytesIO(npz)) as archive, ZipFile(buffer, "w") as out:
        for name in archive.namelist():
            out.writestr(name, archive.read(name).replace(old, new, 1))
    return buffer.getvalue()


@pytest.mark.parametrize("fmt", ["npz", "onnx", "safetensors", "json"])
def test_a_weight_changed_behind_the_back_of_its_hash_is_named(run_check, tmp_path, good, fmt):
    """The file says of itself that it is the certified network; the weights count."""
    network = from_json(json.loads(good)["network"])
    data = export(network, fmt).data
    if fmt == "json":
        changed = data.replace(b'"rows":[[0,0,1', b'"rows":[[0,0,3', 1)
    elif fmt == "npz":
        changed = rewritten(data, b"\0\0\x80\x3f", b"\0\0\x40\x40")
    else:
        changed = data.replace(b"\0\0\x80\x3f", b"\0\0\x40\x40", 1)
    assert changed != data
    code, out, _ = run_check(put(tmp_path, "a.json", good), "--network", put(tmp_path, "w", changed))
    assert code == 1 and "invalid: " in out and "is 3 in the file, 1 in the other" in out


def test_the_certified_weights_under_a_false_hash_are_not_approved(run_check, tmp_path, good):
    network = from_json(json.loads(good)["network"])
    lying = rewritten(export(network, "npz").data, sha256(network).encode(), b"0" * 64)
    code, out, _ = run_check(put(tmp_path, "a.json", good), "--network", put(tmp_path, "w", lying))
    assert code == 1 and "relumax.network_sha256 is '000" in out


def test_a_state_dict_is_confirmed_with_what_was_read_into_it(run_check, tmp_path):
    proof = tmp_path / "max2.json"
    assert main(["prove", "--n", "2", "-o", str(proof), "--engine", "flat"]) == 0
    code, out, _ = run_check(proof, "--network", CASES / "sequential.safetensors")
    assert code == 0 and "sequential.safetensors is read as exactly the certified weights" in out
    assert "    note: read as Linear and ReLU in turn: 0 (2 -> 3), ReLU, 2 (3 -> 1); weights lie [out, in]\n" in out
    [result] = json.loads(run_check(proof, "--network", CASES / "transposed.npz", "--json")[1])["results"]
    assert result["verdict"] == "valid" and result["notes"][1] == "no bias is stored for 1: read as zero"
    assert run_check(proof, "--network", CASES / "named.safetensors", "--layers", "trunk,head")[0] == 0
    code, out, _ = run_check(proof, "--network", CASES / "square.npz", "--layout", "torch")
    assert code == 1 and "has 2 hidden layers, the other 1" in out


# ---------------------------------------------------------------- what is printed


def test_annotations_for_github(run_check, tmp_path, good, monkeypatch):
    name = "50%,a:b.json"
    put(tmp_path, name, b"{}")
    put(tmp_path, "good.json", good)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert "::error" not in run_check(".")[1]
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    code, out, _ = run_check(".")
    [line] = [one for one in out.splitlines() if one.startswith("::")]
    assert code == 1
    assert line.startswith("::error file=./50%25%2Ca%3Ab.json::./50%25,a:b.json: malformed: ")


@pytest.mark.parametrize("name", ["\x1b[2J.json", "a\nb: for all x: y = 0.json", "\u202egnp.json", "\udcff.json"])
def test_names_with_control_characters_are_made_plain(tmp_path, good, name):
    (tmp_path / "d").mkdir()
    put(tmp_path / "d", name, good)
    for data, code in ((good, 0), (b"{}", 1)):
        put(tmp_path / "d", name, data)
        done = relumax("check", tmp_path / "d", env={"GITHUB_ACTIONS": "true"})
        assert done.returncode == code and done.stderr == ""
        assert all(c.isprintable() or c == "\n" for c in done.stdout)
        assert all(not line.startswith("b: for all") for line in done.stdout.splitlines())
        assert json.loads(relumax("check", tmp_path / "d", "--json").stdout)["results"][0]["file"].endswith(name)


def test_text_of_the_theorem_is_generated_not_read(run_check, tmp_path, good):
    file = put(tmp_path, "a.json", edited(good, lambda value: value.update(theorem="for all x: y = 0")))
    code, out, _ = run_check(file)
    assert code == 1 and "malformed" in out


def test_check_needs_nothing_but_the_kernel(tmp_path, good):
    """In a fresh process of the kernel's folder alone, as FORMAT.md documents it."""
    from tests.running import run

    kernel = shutil.copytree(ROOT / "relumax" / "kernel", tmp_path / "kernel")
    import sys

    done = run([sys.executable, "-I", "-S", str(kernel), str(put(tmp_path, "a.json", good))])
    assert done.returncode == 0 and THEOREM in done.stdout


# ---------------------------------------------------------------- counts, and files of others


def test_several_files_end_with_a_count(tmp_path):
    good = (ROOT / "proofs" / "max-tournament-8.json").read_bytes()
    for name in "abc":
        (tmp_path / f"{name}.json").write_bytes(good)
    assert relumax("check", tmp_path).stdout.splitlines()[-1] == "3 valid"
    (tmp_path / "d.json").write_bytes(good.replace(b"-1", b"-2", 1))
    done = relumax("check", tmp_path)
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == "3 valid, 1 invalid"
    (tmp_path / "e.json").write_text('{"name": "somebody else\'s"}')
    assert relumax("check", tmp_path).stdout.splitlines()[-1] == "3 valid, 1 invalid, 1 malformed"


@pytest.mark.parametrize("text", ["{}", "[]", "3", "null", '{"format": "onnx"}', '{"name": "x", "version": "1.0"}'])
def test_json_of_others_is_not_a_relumax_certificate(tmp_path, text):
    file = written(tmp_path, text, "c.json")
    done = relumax("check", file)
    assert (done.returncode, done.stdout) == (1, f"{file}: malformed: not a relumax certificate\n")
