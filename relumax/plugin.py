"""A plugin of pytest: `pytest --relumax-proofs DIR` checks every certificate there, a test for each.

It is found by itself where relumax is installed, and does nothing without the option.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--relumax-proofs`, which may be given again."""
    parser.getgroup("relumax").addoption(
        "--relumax-proofs",
        action="append",
        default=[],
        metavar="DIR",
        help="Check this certificate, or all *.json below this folder, with relumax's kernel: a test for each.",
    )


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """A test for each file, after all others; raises UsageError where there is none."""
    root = session.config.invocation_params.dir
    for given in session.config.getoption("--relumax-proofs"):
        path = root / given
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not files or not path.exists():
            raise pytest.UsageError(f"--relumax-proofs {given}: no *.json file to check")
        for file in files:
            name = file.relative_to(path.parent).as_posix()
            items.append(Certificate.from_parent(session, name=name, path=file))


class NoProof(Exception):
    """The kernel does not accept a file."""


class Certificate(pytest.Item):
    """One file, to be checked by the kernel."""

    def runtest(self) -> None:
        """Raise NoProof unless the file is a theorem."""
        from relumax.commands.doors import VALID, examined

        found = examined(str(self.path), (), None)
        if found["verdict"] != VALID:
            raise NoProof(f"{found['verdict']}: {found['reason']}")

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """One line: what is wrong, and where."""
        if isinstance(excinfo.value, NoProof):
            return f"{self.path}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where a report says that it is."""
        return self.path, None, f"relumax: {self.name}"
