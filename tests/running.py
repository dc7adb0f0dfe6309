"""Running relumax as its users do: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

RELUMAX = [sys.executable, "-m", "relumax"]

THIN = '''
from fractions import Fraction
from relumax import construction, maximum, minimum, relu

@construction("max", "thin")
def thin(x):
    """Wrong only where the first three inputs tie within 1/1000."""
    best, least = x[0], x[0]
    for one in x[1:3]:
        best, least = maximum(best, one), minimum(least, one)
    wrong = relu(Fraction(1, 1000) - (best - least))
    for one in x[3:]:
        best = maximum(best, one)
    return best + wrong
'''
"""A user's file whose construction is wrong on a thin region."""


def environment(**more: str) -> dict[str, str]:
    """The environment without what would change relumax's output."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("_RELUMAX", "RELUMAX", "GITHUB", "PYTHONOPT"))}
    return {**kept, **more}


def relumax(*arguments: Any, env: dict[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """`relumax ARGUMENTS` to its end."""
    return run([*RELUMAX, *map(str, arguments)], env=env, **options)


def python(code: str, *arguments: Any, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`python -c CODE ARGUMENTS` to its end."""
    return run([sys.executable, "-c", code, *map(str, arguments)], env=env)


def run(command: list[str], env: dict[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """A command to its end."""
    settings: dict[str, Any] = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, "timeout": 120}
    if "input" in options:
        del settings["stdin"]
    return subprocess.run(command, env=environment(**(env or {})), **{**settings, **options})


def one_line(text: str) -> bool:
    """Whether standard error is one line of relumax's, and no traceback."""
    return text.startswith("relumax: ") and text.count("\n") == 1 and text.endswith("\n") and "Traceback" not in text


def plain(text: str) -> bool:
    """Whether a text has no control characters but line ends."""
    return all(c.isprintable() or c == "\n" for c in text)


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    """A file in `folder`."""
    path = folder / name
    path.write_text(text)
    return path
