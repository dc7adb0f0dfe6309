"""What others get: the wheel in a clean venv of each Python that is here, and a repository that uses it.

Slow, as each venv installs sympy, z3 and numpy again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from tests.running import environment
from tests.test_project import CLIENT

ROOT = Path(__file__).resolve().parents[1]
GOOD = (ROOT / "proofs" / "max-tournament-4.json").read_bytes()
BAD = GOOD.replace(b'"den":1', b'"den":2', 1)
SENTENCE = "for all x in R^4: y = max(x)"
pytestmark = pytest.mark.slow


def ran(*command, code=0, **options):
    """The standard output of a command that ends with this code."""
    options = {"env": environment(), "timeout": 900, **options}
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == code, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def pythons():
    """The Pythons from 3.11 to 3.14 that are here and run."""
    found = []
    for minor in range(11, 15):
        beside = sorted(Path(sys.base_prefix).parent.glob(f"3.{minor}.*/bin/python3.{minor}"))  # as pyenv has them
        other = str(beside[-1]) if beside else shutil.which(f"python3.{minor}")
        path = sys.executable if sys.version_info[:2] == (3, minor) else other
        if path and subprocess.run([path, "-c", "import ensurepip"], capture_output=True).returncode == 0:
            found.append(path)
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The files that git knows, as a repository of its own."""
    folder = tmp_path_factory.mktemp("checkout") / "relumax"
    for name in ran("git", "ls-files", "-z", cwd=ROOT).split("\0")[:-1]:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    name = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "-A"], [*name, "commit", "-qm", "all"]):
        ran("git", *words, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    """A venv with what builds, and pre-commit."""
    folder = tmp_path_factory.mktemp("tools") / "venv"
    ran(sys.executable, "-m", "venv", folder)
    ran(folder / "bin" / "pip", "install", "-q", "build", "pre-commit")
    return folder / "bin"


@pytest.fixture(scope="module")
def built(checkout, tools, tmp_path_factory):
    """The wheel and the sdist."""
    out = tmp_path_factory.mktemp("dist")
    ran(tools / "python", "-m", "build", "--outdir", out, checkout)
    [wheel], [sdist] = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, sdist


def installed(what, python, folder):
    """The scripts of a clean venv that has it, and no part of this checkout in reach."""
    ran(python, "-m", "venv", folder)
    ran(folder / "bin" / "pip", "install", "-q", what)
    return folder / "bin"


def test_the_wheel_has_all_that_runs_and_no_tests(built):
    names = ZipFile(built[0]).namelist()
    for path in (ROOT / "relumax").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if not name.startswith("relumax")]


def smoke(scripts, folder):
    """What the README begins with, in a folder that is no checkout."""
    assert ran(scripts / "relumax", "prove", "--n", "4", "-o", "p.json", cwd=folder).startswith(
        f"proved\ntheorem  {SENTENCE}"
    )
    assert SENTENCE in ran(scripts / "relumax", "check", "p.json", cwd=folder)
    assert SENTENCE in ran(scripts / "python", "-m", "relumax.kernel", "p.json", cwd=folder)
    ran(scripts / "relumax", "export", "--n", "4", "-o", "n.npz", cwd=folder)
    assert SENTENCE in ran(scripts / "relumax", "inspect", "n.npz", cwd=folder)
    ran(scripts / "relumax", "page", "p.json", "-o", "pages", cwd=folder)
    assert SENTENCE in ran(scripts / "relumax", "prove", "--n", "4", "--construction", "shallow", cwd=folder)
    assert "relumax.commands" not in ran(scripts / "python", "-X", "importtime", "-c", "import relumax", cwd=folder)


@pytest.mark.parametrize("python", pythons(), ids=lambda path: Path(path).name)
def test_the_wheel_works_in_a_clean_venv(built, python, tmp_path):
    smoke(installed(built[0], python, tmp_path / "venv"), tmp_path)


def test_the_sdist_works_in_a_clean_venv_and_a_client_of_it_is_type_checked(built, tmp_path):
    """mypy looks where the venv has packages, and nowhere else."""
    scripts = installed(built[1], sys.executable, tmp_path / "venv")
    smoke(scripts, tmp_path)
    ran(scripts / "pip", "install", "-q", "mypy")
    (tmp_path / "client.py").write_text(CLIENT)
    said = ran(scripts / "mypy", "--strict", "--follow-imports", "silent", "client.py", cwd=tmp_path, code=1)
    assert str(tmp_path / "venv") in ran(
        scripts / "python", "-c", "print(__import__('relumax').__file__)", cwd=tmp_path
    )
    assert "fallback=relumax.verdict.Verdict" in said or '"relumax.verdict.Verdict"' in said, said
    [wrong] = [line for line in said.splitlines() if ": error: " in line]
    assert 'Argument 1 to "relu"' in wrong


@pytest.fixture
def example(tmp_path):
    """Somebody's repository, with a certificate."""
    folder = tmp_path / "example"
    (folder / "certificates").mkdir(parents=True)
    (folder / "certificates" / "max4.json").write_bytes(GOOD)
    ran("git", "init", "-q", cwd=folder)
    return folder


def test_pre_commit_checks_the_certificates_of_a_repository(checkout, tools, example, tmp_path):
    revision = ran("git", "rev-parse", "HEAD", cwd=checkout).strip()
    hook = {"id": "relumax-check", "files": "^certificates/.*\\.json$"}
    settings = {"repos": [{"repo": str(checkout), "rev": revision, "hooks": [hook]}]}
    (example / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
    ran("git", "add", "-A", cwd=example)
    env = {**environment(), "PRE_COMMIT_HOME": str(tmp_path / "home")}
    assert "Passed" in ran(tools / "pre-commit", "run", "--all-files", cwd=example, env=env)
    (example / "certificates" / "bad.json").write_bytes(BAD)
    ran("git", "add", "-A", cwd=example)
    said = ran(tools / "pre-commit", "run", "--all-files", cwd=example, env=env, code=1)
    assert "certificates/bad.json: invalid: " in said


def test_the_steps_of_the_action_and_the_plugin_of_pytest(checkout, example, tmp_path):
    """Those steps of action.yml that are scripts, as a runner would: a shell each, the inputs as it hands them on."""
    venv = tmp_path / "venv"
    ran(sys.executable, "-m", "venv", venv)
    steps = [one for one in yaml.safe_load((checkout / "action.yml").read_text())["runs"]["steps"] if "run" in one]
    given = {"ACTION_PATH": str(checkout), "NETWORK": "", "PATHS": "certificates", "GITHUB_ACTIONS": "true"}
    env = {**environment(**given), "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
    install, check = [one["run"] for one in steps]
    ran(*shell, install, cwd=example, env=env)
    assert SENTENCE in ran(*shell, check, cwd=example, env=env)
    ran(venv / "bin" / "pip", "install", "-q", "pytest")
    tested = [venv / "bin" / "python", "-m", "pytest", "-q", "--relumax-proofs", "certificates"]
    assert "1 passed" in ran(*tested, cwd=example)
    (example / "certificates" / "bad.json").write_bytes(BAD)
    assert "::error file=certificates/bad.json::" in ran(*shell, check, cwd=example, env=env, code=1)
    assert "1 failed, 1 passed" in ran(*tested, cwd=example, code=1)
