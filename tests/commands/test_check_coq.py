"""`relumax check --checker coq`: the checker proved sound in Coq speaks, and it is said that it did."""

import json
import os
import stat

import pytest

from relumax.__main__ import main
from relumax.commands import twin
from relumax.kernel import check
from tests.coq.built import CHECKER, ROOT, build

PROOF = ROOT / "proofs" / "max-tournament-2.json"
THEOREM = check(PROOF.read_bytes())
HASHES = f"network SHA-256 {THEOREM.network_sha256}, claim SHA-256 {THEOREM.claim_sha256}"


def stand_in(folder, lines, code=0):
    """A program in place of the checker."""
    path = folder / "checker"
    said = "\n".join(f'echo "$1: {line}"' for line in lines)
    path.write_text(f"#!/bin/sh\n{said}\nexit {code}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def run(capfd, *arguments):
    code = main(["check", *map(str, arguments), "--checker", "coq"])
    return code, *capfd.readouterr()


def test_the_built_checker_is_found_and_named(capfd, monkeypatch):
    build()
    monkeypatch.delenv(twin.VARIABLE, raising=False)
    code, out, _ = run(capfd, PROOF)
    assert code == 0
    assert THEOREM.statements[0] in out and THEOREM.network_sha256 in out and f"checked by {CHECKER}, built in" in out


def test_of_another_program_no_more_is_said_than_its_name(capfd, monkeypatch, tmp_path):
    program = stand_in(tmp_path, ["1 statement is true", HASHES])
    monkeypatch.setenv(twin.VARIABLE, program)
    _, out, _ = run(capfd, PROOF)
    assert f"checked by {program}, which RELUMAX_COQ_CHECKER names\n" in out and "proved sound" not in out
    monkeypatch.delenv(twin.VARIABLE)
    monkeypatch.setattr(twin, "CHECKOUT", tmp_path / "none")
    monkeypatch.setattr(twin, "NAME", "checker")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    _, out, _ = run(capfd, PROOF)
    assert f"checked by {program}, found on the PATH\n" in out and "proved sound" not in out


def test_json_names_it_too(capfd, monkeypatch, tmp_path):
    monkeypatch.setenv(twin.VARIABLE, stand_in(tmp_path, ["1 statement is true", HASHES]))
    code, out, _ = run(capfd, PROOF, "--json")
    [result] = json.loads(out)["results"]
    assert code == 0 and result["verdict"] == "valid" and result["checker"] == os.environ[twin.VARIABLE]
    assert result["checker_from"] == twin.VARIABLE


@pytest.mark.parametrize(
    ("lines", "code", "expected", "word"),
    [
        (["invalid: the proofs do not prove it"], 1, 1, "invalid: the proofs"),
        (["malformed: no certificate"], 1, 1, "malformed: no certificate"),
        (["refused: too much"], 3, 3, "refused: too much"),
        (["1 statement is true", HASHES.replace("a", "b")], 0, 2, "another network or claim"),
        ([], 139, 2, "ended with code 139 and no answer"),
    ],
)
def test_what_it_says_is_passed_on(capfd, monkeypatch, tmp_path, lines, code, expected, word):
    monkeypatch.setenv(twin.VARIABLE, stand_in(tmp_path, lines, code))
    found, out, err = run(capfd, PROOF)
    assert found == expected and word in out + err


def test_where_it_is_missing_one_line_says_how_to_build_it(capfd, monkeypatch, tmp_path):
    monkeypatch.setenv(twin.VARIABLE, str(tmp_path / "none"))
    code, out, err = run(capfd, PROOF)
    assert (code, out, err.count("\n")) == (2, "", 1) and "make -C coq" in err
    monkeypatch.delenv(twin.VARIABLE)
    monkeypatch.setattr(twin, "CHECKOUT", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(capfd, PROOF)[0] == 2


def test_identities_and_budgets_are_the_kernels(capfd, monkeypatch, tmp_path):
    monkeypatch.setenv(twin.VARIABLE, stand_in(tmp_path, []))
    code, out, _ = run(capfd, ROOT / "proofs" / "identities" / "max-5.json")
    assert code == 1 and "only the kernel checks" in out
    assert run(capfd, PROOF, "--budget", 5)[0] == 2
