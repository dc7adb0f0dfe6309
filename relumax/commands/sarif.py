"""What `relumax check` found as SARIF 2.1.0, which code scanning reads: a result for each file that is no theorem."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from relumax import __version__
from relumax.commands.doors import INVALID, MALFORMED, REFUSED, UNREAD

VERSION = "2.1.0"
RULES = {
    INVALID: "A certificate whose proof the kernel does not follow, or weights that are not the certified ones.",
    MALFORMED: "A file that is no certificate.",
    REFUSED: "A file that is larger, or takes more steps, than a checker is ready for.",
    UNREAD: "A file that cannot be read, or weights that cannot, and so are not compared with the certified ones.",
}
"""Each verdict that makes a result, and what it says."""


def log(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The log of one run over these results, as `doors.examined` gives them; nothing of files that are valid."""
    names = list(RULES)
    rules = [
        {"id": _id(name), "shortDescription": {"text": said}, "defaultConfiguration": {"level": _level(name)}}
        for name, said in RULES.items()
    ]
    found = [
        {
            "ruleId": _id(one["verdict"]),
            "ruleIndex": names.index(one["verdict"]),
            "level": _level(one["verdict"]),
            "message": {"text": _text(f"{one['verdict']}: {one['reason']}")},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": address(one["file"])}, "region": {"startLine": 1}}}
            ],
        }
        for one in results
        if one["verdict"] in RULES
    ]
    driver = {"name": "relumax", "version": __version__, "semanticVersion": __version__, "rules": rules}
    read = all(one["verdict"] != UNREAD for one in results)
    run = {"tool": {"driver": driver}, "invocations": [{"executionSuccessful": read}], "results": found}
    return {"$schema": f"https://json.schemastore.org/sarif-{VERSION}.json", "version": VERSION, "runs": [run]}


def _id(verdict: str) -> str:
    return f"relumax/{verdict.replace(' ', '-')}"


def _level(verdict: str) -> str:
    return "warning" if verdict == REFUSED else "error"


def _text(text: str) -> str:
    """The text without lone surrogates, which are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def address(path: str) -> str:
    """The URI of a file: relative as its name is, so that it is one of a checkout's.

    >>> address("./a folder/50%.json")
    'a%20folder/50%25.json'
    """
    whole = os.path.normpath(path)
    quoted = quote(os.fsencode(PurePath(whole).as_posix()))
    if os.path.isabs(whole):
        return f"file://{quoted}"
    return f"./{quoted}" if ":" in quoted.partition("/")[0] else quoted
