"""The library in coq/, written into an exported file: `coqc FILE` then needs nothing but Coq.

Each file of the library that the exported one uses becomes a module of the same name, in the order in which they use
each other; what it loads of Coq's own is loaded just before it. No earlier: where Coq's reals are loaded, its tactics
find classical proofs of what has others.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from relumax.errors import RelumaxError

CHECKOUT = Path(__file__).resolve().parents[2] / "coq"
TOP = "Statement.v"
OF_COQ = re.compile(r"From (Coq[\w.]*) Require Import ([\w\s]+)\.")
OF_LIBRARY = re.compile(r"From Relumax Require Import ([\w\s]+)\.")
WORDS = (
    "FILE checks it, coq being the folder of relumax's library. *)",
    "FILE checks it: relumax's library stands in it. *)",
)
MODULE = """\
{load}
Module {name}.
{text}
End {name}.
"""


def standalone(text: str) -> str:
    """An exported file with all of the library that it uses inside; raises RelumaxError if the library is not here."""
    folder, order = _folder(), list[str]()
    pending, texts = [(name, False) for name in reversed(_used(text))], dict[str, str]()
    while pending:
        name, ready = pending.pop()
        if ready:
            order.append(name)
        elif name not in texts:
            texts[name] = (folder / f"{name}.v").read_text(encoding="utf-8")
            pending += [(name, True), *((other, False) for other in reversed(_used(texts[name])))]
    modules = [_module(name, texts[name]) for name in order]
    head, end, rest = text.partition("*)\n")
    head = (head + end).replace("coqc -Q coq Relumax FILE", "coqc FILE").replace(*WORDS)
    return "\n".join([head, *modules, OF_LIBRARY.sub(r"Import \1.", rest)])


def _used(text: str) -> list[str]:
    """The files of the library that this text loads, in order."""
    return [name for names in OF_LIBRARY.findall(text) for name in names.split()]


def _module(name: str, text: str) -> str:
    """A file of the library as a module."""
    load = "\n".join([f"From {of} Require {names}." for of, names in OF_COQ.findall(text)])
    inside = OF_COQ.sub(r"Import \2.", OF_LIBRARY.sub(r"Import \1.", text))
    return MODULE.format(load=load, name=name, text=inside.rstrip())


def _folder() -> Path:
    """Where the library is: in the checkout, or among the files that were installed."""
    if (CHECKOUT / TOP).is_file():
        return CHECKOUT
    try:
        found = [Path(str(one.locate())) for one in files("relumax") or () if one.name == TOP]
    except PackageNotFoundError:
        found = []
    if not found or not found[0].is_file():
        raise RelumaxError("--standalone: relumax's library for Coq is not installed here; it is coq/ of a checkout")
    return found[0].parent
