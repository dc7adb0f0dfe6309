"""The plugin of pytest: a test for each certificate, in a fresh run of pytest."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
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
    for given, said in (("nowhere", "no such file or folder"), (".", "no *.json file to check")):
        done = run(tmp_path, "--relumax-proofs", given)
        assert done.returncode == 4 and f"--relumax-proofs {given}: {said}" in done.stderr


def test_what_cannot_be_read_is_a_line_and_a_folder_is_no_file(tmp_path):
    (tmp_path / "dir.json").mkdir()
    (tmp_path / "dir.json" / "good.json").write_bytes(GOOD)
    (tmp_path / "dangling.json").symlink_to("gone")
    os.mkfifo(tmp_path / "fifo.json")
    done = run(tmp_path, "--relumax-proofs", ".")
    assert done.returncode == 1 and "2 failed, 1 passed" in done.stdout
    assert f"{tmp_path}/dangling.json: cannot read: no such file or folder\n" in done.stdout
    assert f"{tmp_path}/fifo.json: cannot read: not a regular file\n" in done.stdout
    assert "Traceback" not in done.stdout and "Exception" not in done.stdout


def test_tests_of_files_are_counted_and_named_as_pytest_does(tmp_path):
    (tmp_path / "certificates").mkdir()
    (tmp_path / "certificates" / "good.json").write_bytes(GOOD)
    (tmp_path / "certificates" / "bad.json").write_bytes(b"{}")
    loud = run(tmp_path, "-v", "-v", "--relumax-proofs", "certificates", "--junitxml=junit.xml").stdout
    assert "collected 2 items" in loud
    assert "certificates/bad.json::theorem FAILED" in loud and "certificates/good.json::theorem PASSED" in loud
    cases = {one.get("classname"): one.get("name") for one in ET.parse(tmp_path / "junit.xml").iter("testcase")}
    assert cases == {"certificates.bad.json": "theorem", "certificates.good.json": "theorem"}
    listed = run(tmp_path, "--collect-only", "--relumax-proofs", "certificates").stdout
    assert listed.splitlines()[:2] == ["certificates/bad.json::theorem", "certificates/good.json::theorem"]
    assert "2 tests collected" in listed
    some = run(tmp_path, "--relumax-proofs", "certificates", "-k", "good").stdout
    assert "1 passed, 1 deselected" in some
