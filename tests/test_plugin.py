"""The plugin of pytest: a test for each certificate, in a fresh run of pytest."""

import subprocess
import sys
from pathlib import Path

PROOFS = Path(__file__).parents[1] / "proofs"
GOOD = (PROOFS / "max-tournament-4.json").read_bytes()


def run(folder, *options):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_each_file_is_a_test(tmp_path):
    (tmp_path / "certificates" / "below").mkdir(parents=True)
    (tmp_path / "certificates" / "good.json").write_bytes(GOOD)
    (tmp_path / "certificates" / "below" / "identity.json").write_bytes((PROOFS / "identities/max-5.json").read_bytes())
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    pass\n")
    done = run(tmp_path, "--relumax-proofs", "certificates")
    assert done.returncode == 0 and "3 passed" in done.stdout, done.stdout
    assert "1 passed" in run(tmp_path).stdout, "nothing without the option"
    assert "2 passed" in run(tmp_path, "--relumax-proofs", "certificates/good.json").stdout


def test_what_is_no_proof_is_a_line(tmp_path):
    (tmp_path / "bad.json").write_bytes(GOOD.replace(b'"den":1', b'"den":2', 1))
    (tmp_path / "not.json").write_bytes(b"{}")
    done = run(tmp_path, "--relumax-proofs", ".")
    assert done.returncode == 1 and "2 failed" in done.stdout
    assert "bad.json: invalid: " in done.stdout and "not.json: malformed: " in done.stdout
    assert "Traceback" not in done.stdout and "runtest" not in done.stdout


def test_nothing_to_check_is_an_error(tmp_path):
    for given in ("nowhere", "."):
        done = run(tmp_path, "--relumax-proofs", given)
        assert done.returncode == 4 and f"--relumax-proofs {given}: no *.json file to check" in done.stderr
