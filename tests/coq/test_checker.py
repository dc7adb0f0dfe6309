"""The extracted checker and the kernel agree on what is a theorem: on all of proofs/ and on mutants."""

import os
import subprocess

import pytest

from relumax.kernel import check
from tests.coq.agreement import FILES, agreement, compared, pool, said
from tests.coq.built import CHECKER, ROOT, checked
from tests.kernel import hostile
from tests.kernel.campaign import SEED
from tests.kernel.examples import data

MUTANTS = int(os.environ.get("RELUMAX_MUTANTS", "20000"))


def test_all_of_proofs_is_accepted_with_the_same_hashes(library):
    found = said(list(map(str, FILES)))
    for path in FILES:
        theorem = check(path.read_bytes())
        hashes = f"network SHA-256 {theorem.network_sha256}, claim SHA-256 {theorem.claim_sha256}"
        assert found[str(path)] == ["theorem", hashes], path


def test_mutants_are_judged_alike(library):
    print(f"{MUTANTS} mutants of {len(pool())} certificates, seed {SEED}")
    *_, (ours, differ) = agreement(MUTANTS)
    assert differ == []
    assert ours.total() == MUTANTS
    assert ours["invalid"] > MUTANTS // 10 and ours["theorem"] > MUTANTS // 100


def test_the_comparison_notices_a_difference(library, monkeypatch):
    good = FILES[0].read_bytes()
    monkeypatch.setattr("tests.coq.agreement.verdict", lambda _: "invalid")
    assert compared([good])[1] == [(good, "invalid", "theorem")]


NUMBERS = [
    '""',
    '"-"',
    '"+9007199254740992"',
    '"1/"',
    '"0x1"',
    '"9007199254740991"',
    '"09007199254740992"',
    "1e3",
    "-0",
]


@pytest.mark.parametrize("number", [*NUMBERS, "01", "true", '"9007199254740992"', '"-9007199254740992"', "0", "1.0"])
def test_numbers_have_one_spelling(library, number):
    path = ROOT / "proofs" / "max-tournament-2.json"
    changed = path.read_bytes().replace(b'"output":{"den":1', f'"output":{{"den":{number}'.encode())
    assert changed != path.read_bytes()
    assert compared([changed])[1] == []


@pytest.mark.parametrize("make", hostile.CERTIFICATES, ids=lambda make: make.__name__)
def test_what_is_made_to_cost_much_ends(library, make):
    assert compared([data(make(50_000))], may_refuse=True)[1] == []


def test_no_certificate_at_all_is_malformed(library, tmp_path):
    deep = b'{"claim":' + b"[" * 3_000_000
    long = b'{"claim":"' + b"a" * 10_000_000
    for k, one in enumerate((deep, long, b"", b"{", b"\xff", b'{"a":1,"a":2}')):
        (tmp_path / f"{k}.json").write_bytes(one)
    done = checked([str(tmp_path / f"{k}.json") for k in range(6)])
    assert done.returncode == 1 and done.stderr == "" and len(done.stdout.splitlines()) == 6


def test_exit_codes_are_the_kernels(library, tmp_path):
    good, bad = str(FILES[0]), tmp_path / "bad.json"
    bad.write_bytes(b"{}")
    for arguments in ([good], [good, str(bad)], [str(tmp_path / "none")], [str(tmp_path)], [], [str(bad), "none"]):
        ours = subprocess.run([CHECKER, *arguments], capture_output=True, text=True)
        kernel = ["python3", "-I", "-S", str(ROOT / "relumax" / "kernel"), *arguments]
        theirs = subprocess.run(kernel, capture_output=True, text=True)
        assert ours.returncode == theirs.returncode, arguments
