"""The extracted checker and the kernel agree on what is a theorem: on all of proofs/ and on mutants."""

import json
import os
import subprocess

import pytest

from relumax.kernel import KernelError, check
from tests.coq.built import CHECKER, ROOT, checked
from tests.kernel import hostile
from tests.kernel.campaign import mutants_of
from tests.kernel.examples import EXAMPLES, data

FILES = sorted((ROOT / "proofs").glob("*.json"))
SMALL = 6000  # bytes: of larger certificates no mutants are made here
MUTANTS = int(os.environ.get("RELUMAX_MUTANTS", "20000"))


def said(paths):
    """What the extracted checker says of each file: theorem, malformed, invalid or refused; and of accepted ones the
    line with the hashes."""
    found = {}
    for start in range(0, len(paths), 1000):
        done = checked(paths[start : start + 1000])
        assert done.stderr == ""
        for line in done.stdout.splitlines():
            path, _, text = line.partition(": ")
            if "true over every ordered field" in text:
                text = "theorem"
            found.setdefault(path, []).append(text.partition(":")[0] if "SHA" not in text else text)
    return found


def test_all_of_proofs_is_accepted_with_the_same_hashes(library):
    found = said(list(map(str, FILES)))
    for path in FILES:
        theorem = check(path.read_bytes())
        hashes = f"network SHA-256 {theorem.network_sha256}, claim SHA-256 {theorem.claim_sha256}"
        assert found[str(path)] == ["theorem", hashes], path


def verdict(file):
    """What the kernel says."""
    try:
        check(file)
    except KernelError as problem:
        return problem.kind
    return "theorem"


def compared(folder, files, may_refuse=False):
    """What the kernel says of these files, and which of them one takes for a theorem and the other does not."""
    names = []
    for k, one in enumerate(files):
        (folder / f"{k}.json").write_bytes(one)
        names.append(str(folder / f"{k}.json"))
    ours, theirs = [verdict(one) for one in files], said(names)
    differ = []
    for name, one in zip(names, ours, strict=True):
        other = theirs[name][0]
        if (one == "theorem") != (other == "theorem") and not (may_refuse and "refused" in (one, other)):
            differ.append((name, one, other))
    return ours, differ


def test_mutants_are_judged_alike(library, tmp_path):
    pool = [certificate for certificate, _ in EXAMPLES.values()]
    pool += [json.loads(path.read_bytes()) for path in FILES if path.stat().st_size < SMALL]
    print(f"{MUTANTS} mutants of {len(pool)} certificates")
    ours, differ = compared(tmp_path, [mutant for _, mutant in mutants_of(pool, MUTANTS)])
    assert differ == []
    assert ours.count("invalid") > MUTANTS // 10 and ours.count("theorem") > MUTANTS // 100


def test_the_comparison_notices_a_difference(library, tmp_path, monkeypatch):
    good = FILES[0].read_bytes()
    monkeypatch.setattr("tests.coq.test_checker.verdict", lambda _: "invalid")
    assert len(compared(tmp_path, [good])[1]) == 1


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
def test_numbers_have_one_spelling(library, tmp_path, number):
    path = ROOT / "proofs" / "max-tournament-2.json"
    changed = path.read_bytes().replace(b'"output":{"den":1', f'"output":{{"den":{number}'.encode())
    assert changed != path.read_bytes()
    assert compared(tmp_path, [changed])[1] == []


@pytest.mark.parametrize("make", hostile.CERTIFICATES, ids=lambda make: make.__name__)
def test_what_is_made_to_cost_much_ends(library, tmp_path, make):
    assert compared(tmp_path, [data(make(50_000))], may_refuse=True)[1] == []


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
