"""A plugin of pytest: `pytest --relumax-proofs DIR` checks every certificate there, a test for each.

It is found by itself where relumax is installed, and does nothing without the option.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    """A test for each file, after all others, told as what pytest collects itself; UsageError if there is none."""
    for given in session.config.getoption("--relumax-proofs"):
        for file in _files(session.config.invocation_params.dir / given, given):
            report = session.ihook.pytest_make_collect_report(collector=CertificateFile.from_parent(session, path=file))
            items += report.result
            session.ihook.pytest_collectreport(report=report)


def _files(path: Path, given: str) -> list[Path]:
    from relumax.commands.files import certificates

    if not path.exists():
        raise pytest.UsageError(f"--relumax-proofs {given}: no such file or folder")
    unlisted: list[OSError] = []
    files = [Path(name) for name in certificates(str(path), unlisted.append)]
    files += [Path(problem.filename) for problem in unlisted]  # a folder that cannot be read is a test that fails
    if not files:
        raise pytest.UsageError(f"--relumax-proofs {given}: no *.json file to check")
    return files


class NoProof(Exception):
    """The kernel does not accept a file."""


class CertificateFile(pytest.File):
    """A file, with the one test of it."""

    def collect(self) -> Iterable[pytest.Item]:
        """The test `theorem`."""
        yield Certificate.from_parent(self, name="theorem")


class Certificate(pytest.Item):
    """One file, to be checked by the kernel."""

    def runtest(self) -> None:
        """Raise NoProof unless the file is a theorem."""
        from relumax.commands.doors import VALID, examined, unread

        try:
            found = examined(str(self.path), (), None)
        except Exception as problem:
            found = unread(str(self.path), problem)
        if found["verdict"] != VALID:
            raise NoProof(f"{found['verdict']}: {found['reason']}")

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """One line: what is wrong, and where."""
        if isinstance(excinfo.value, NoProof):
            return f"{self.path}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where a report says that it is."""
        return self.path, None, f"relumax: {self.nodeid.partition('::')[0]}"
