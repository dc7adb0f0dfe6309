"""The kernel as a program, from a copied folder on a machine with only Python, among hostile files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import relumax.kernel
from relumax.kernel import __main__ as program
from tests.kernel.examples import LEAF_LEMMA, MAX2_CERTIFICATE, data, with_lemmas

SOURCE = Path(relumax.kernel.__file__).parent
GOOD, BAD = data(MAX2_CERTIFICATE), data(with_lemmas({**LEAF_LEMMA, "proof": [0, 2, 0, 1, 1, 2]}))
MUCH = data(with_lemmas({**LEAF_LEMMA, "vars": 1, "proof": [3] * 10})).replace(b'"inputs":1', b'"inputs":1048575')
IDENTITY = b'{"n": 2, "terms": [{"coefficient": "1/2", "pair": [[[1, 2]], [[1, 2]]]}]}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the kernel's Python files alone."""
    copy = tmp_path_factory.mktemp("copy") / "kernel"
    copy.mkdir()
    for file in SOURCE.glob("*.py"):
        shutil.copy(file, copy)
    return copy


def run(folder, *arguments, cwd=None, python=("-I", "-S"), **more):
    """Exit code, output lines and standard error of the program."""
    done = subprocess.run(
        [sys.executable, *python, folder, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, **more
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def write(path, content):
    """The file's path, as text."""
    path.write_bytes(content)
    return str(path)


def test_a_theorem(folder, tmp_path):
    code, lines, errors = run(folder, write(tmp_path / "max.json", GOOD))
    assert (code, errors) == (0, "")
    assert lines[0] == f"{tmp_path}/max.json: for all x in R^2: y = max(x)"
    theorem = relumax.kernel.check(GOOD)
    assert lines[1:] == [
        f"{tmp_path}/max.json: network SHA-256 {theorem.network_sha256}, claim SHA-256 {theorem.claim_sha256}"
    ]


def test_as_an_installed_module(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "relumax.kernel", write(tmp_path / "max.json", GOOD)],
        cwd=SOURCE.parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].endswith("for all x in R^2: y = max(x)")


@pytest.mark.parametrize("form", ["kernel", "kernel/", "kernel/__main__.py", "./kernel"])
def test_every_way_to_name_the_folder(folder, tmp_path, form):
    code, lines, errors = run(form, write(tmp_path / "max.json", GOOD), cwd=folder.parent)
    assert (code, len(lines), errors) == (0, 2, "")


def test_hostile_files_beside_the_folder_and_where_one_stands(folder, tmp_path):
    names = [
        "json",
        "re",
        "os",
        "stat",
        "math",
        "hashlib",
        "enum",
        "importlib",
        "runpy",
        "wire",
        "errors",
        "relumax",
        "kernel",
    ]
    for place in (folder.parent, tmp_path):
        for name in [*names, "sitecustomize", "usercustomize", "relumax_kernel", "fractions"]:
            (place / f"{name}.py").write_text("raise SystemExit(42)\n")
    code, lines, errors = run(folder, write(tmp_path / "max.json", GOOD), cwd=tmp_path)
    assert (code, len(lines), errors) == (0, 2, "")
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": str(tmp_path / "json.py")}
    assert run(folder, tmp_path / "max.json", cwd=folder.parent, env=environment)[0] == 0


def test_no_files(folder):
    code, lines, errors = run(folder)
    assert (code, lines) == (2, [])
    assert errors == "usage: python -I -S path/to/kernel FILE...\n"


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ([GOOD, GOOD], 0),
        ([BAD], 1),
        ([b"nothing"], 1),
        ([b""], 1),
        ([MUCH], 3),
        ([GOOD, MUCH], 3),
        ([MUCH, BAD, GOOD], 1),
        ([None], 2),
        ([None, GOOD], 2),
        ([None, MUCH], 2),
        ([None, BAD], 1),
        ([IDENTITY], 0),
        ([IDENTITY.replace(b"1/2", b"1/3")], 1),
        ([b'{"n": 2, "terms": []}'], 1),
    ],
)
def test_exit_codes(folder, tmp_path, contents, expected):
    paths = [str(tmp_path / f"{k}.json") for k in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        if content is not None:
            write(Path(path), content)
    code, _, errors = run(folder, *paths)
    assert (code, errors) == (expected, "")


def test_a_rejection_names_its_kind_and_place(folder, tmp_path):
    code, lines, _ = run(folder, write(tmp_path / "bad.json", BAD))
    assert lines == [f"{tmp_path}/bad.json: invalid: lemmas[0].proof[5]: leaf: the variables do not cancel"]
    assert code == 1


def test_an_identity(folder, tmp_path):
    public = SOURCE.parent.parent / "proofs" / "identities" / "max-5.json"
    code, lines, errors = run(folder, public)
    assert (code, errors) == (0, "")
    assert "for all x in R^5: max(x) = sum of" in lines[0]


def test_what_is_taken_for_an_identity(folder, tmp_path):
    """A certificate may have an array of the name "terms"; what is neither is no certificate."""
    good = write(tmp_path / "terms.json", data(with_lemmas()).replace(b'"x', b'"terms'))
    code, lines, errors = run(folder, good, write(tmp_path / "empty.json", b"{}"))
    assert (code, errors) == (1, "")
    assert lines[0] == f"{good}: for all terms in R^1: y = terms"
    assert lines[2] == f"{tmp_path}/empty.json: malformed: key 'claim' is missing"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_what_is_no_regular_file(folder, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, "/dev/zero", "/dev/null"):
        code, lines, errors = run(folder, path)
        assert (code, len(lines), errors) == (2, 1, "")
        assert lines[0].endswith("Is a directory" if path == tmp_path else "not a regular file")


def test_a_file_that_is_too_large(folder, tmp_path):
    path = tmp_path / "large.json"
    with open(path, "wb") as stream:
        stream.truncate(1 << 40)  # sparse: no blocks on the disk
    code, lines, _ = run(folder, path)
    assert code == 3
    assert "larger than" in lines[0]


def test_names_are_escaped(folder, tmp_path):
    name = "a\x1b[31m\n\u202eb.json"
    code, lines, _ = run(folder, write(tmp_path / name, GOOD))
    assert code == 0
    assert lines[0].startswith(f"{tmp_path}/a\\x1b[31m\\n\\u202eb.json: for all")


def test_a_name_with_a_null_character_or_bytes(folder):
    code, lines, errors = run(folder, b"/nowhere/\xff.json")
    assert (code, lines, errors) == (2, ["/nowhere/\\udcff.json: No such file or directory"], "")


def test_a_null_character(capsys):
    assert program.main(["a\0b"]) == 2
    assert capsys.readouterr().out == "a\\x00b: embedded null byte\n"


@pytest.mark.parametrize(("problem", "code"), [(MemoryError, 3), (KeyboardInterrupt, 130)])
def test_out_of_memory_or_patience(monkeypatch, capsys, tmp_path, problem, code):
    def theorem(*_):
        raise problem

    monkeypatch.setattr(program, "theorem", theorem)
    monkeypatch.setattr(sys, "argv", ["kernel", write(tmp_path / "max.json", GOOD)])
    assert program.run() == code
    said = f"{tmp_path}/max.json: refused: out of memory\n" if problem is MemoryError else ""
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("files", [1, 200])
def test_the_reader_of_the_output_has_gone(folder, tmp_path, files):
    path = write(tmp_path / "max.json", GOOD)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder, *[path] * files], stdout=writing, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full")
def test_a_full_disk_and_no_output_at_all(folder, tmp_path):
    path = write(tmp_path / "max.json", GOOD)
    for output, code in ((">/dev/full", 2), (">&-", 0)):
        line = f'"$@" {output}'
        command = ["sh", "-c", line, "sh", sys.executable, "-I", "-S", str(folder), path]
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=60)
        assert (done.returncode, done.stderr) == (code, b"")


def test_nothing_but_the_standard_library(folder):
    """Every import of the kernel is relative or of a module of the standard library, and none has its name."""
    import ast

    for file in folder.glob("*.py"):
        assert file.stem not in sys.stdlib_module_names
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module)
            assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"_sha2"}
            assert not isinstance(node, ast.Assert)


def test_a_certificate_without_points_needs_little(folder, tmp_path):
    """No dataclasses, typing or fractions, and nothing of relumax."""
    code, _, errors = run(folder, write(tmp_path / "max.json", GOOD), python=("-I", "-S", "-X", "importtime"))
    loaded = {line.rpartition("|")[2].strip() for line in errors.splitlines()}
    assert code == 0
    assert {"relumax_kernel.wire", "relumax_kernel.proof", "json"} <= loaded
    assert not loaded & {"dataclasses", "typing", "fractions", "decimal", "relumax", "z3", "click", "site"}


@pytest.mark.parametrize("python", [("-I", "-S", "-O"), ("-I", "-S", "-OO"), ("-I",)])
def test_under_other_switches(folder, tmp_path, python):
    good, bad = write(tmp_path / "max.json", GOOD), write(tmp_path / "bad.json", BAD)
    assert run(folder, good, python=python)[0] == 0
    assert run(folder, bad, python=python)[0] == 1


def test_the_rules_under_dash_o():
    """No assert of the kernel does a check's work: its own tests pass where asserts of libraries are stripped."""
    tests = Path(__file__).parent
    done = subprocess.run(
        [
            sys.executable,
            "-O",
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-W",
            "ignore::pytest.PytestConfigWarning",  # that asserts are stripped is the point
            tests / "test_rules.py",
            tests / "test_statement.py",
        ],
        cwd=SOURCE.parent.parent,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
