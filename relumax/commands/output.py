"""What all printing shares: JSON, long vectors cut, and a reader who may be gone."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click


@contextmanager
def heard() -> Iterator[None]:
    """Print in here: if nobody reads standard output any more, that ends quietly and changes no verdict."""
    try:
        yield
    except BrokenPipeError:
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_begun = False


def print_json(value: Any) -> None:
    """One JSON object on a line of its own."""
    print_part(f"{json.dumps(value)}\n")


def print_part(text: str) -> None:
    """A part of a JSON object, at once."""
    global _begun
    _begun = True
    click.echo(text, nl=False)
    sys.stdout.flush()


def print_failure(word: str, reason: str) -> None:
    """The JSON object of a command that ends without one of its own: a verdict, and why; nothing if one has begun."""
    if not _begun:
        print_json({"verdict": word, "reason": reason, "certificate": None})


def begin() -> None:
    """A command line begins: nothing is printed yet."""
    global _begun
    _begun = False


def fitted(columns: str, text: str) -> str:
    """A row of a table whose last column is text: broken to fit a terminal, whole where there is none.

    >>> fitted("a  b", "whatever it says")
    'a  b  whatever it says'
    """
    from shutil import get_terminal_size
    from textwrap import wrap

    line = f"{columns}  {text}"
    if not sys.stdout.isatty() or len(line) <= (width := get_terminal_size().columns):
        return line
    indent = len(columns) + 2
    if width - indent >= 30:
        return "\n".join(wrap(line, width, subsequent_indent=" " * indent, break_on_hyphens=False))
    return "\n".join([columns.rstrip(), *wrap(text, width, initial_indent="    ", subsequent_indent="    ")])


LONGEST = 4000
"""Digits of a number that is printed; Python itself refuses to print more than 4300."""


def number(value: Any) -> str:
    """An exact number as text; of one that is too long, how long it is."""
    parts = getattr(value, "numerator", 0), getattr(value, "denominator", 1)
    bits = max(part.bit_length() for part in parts)
    return str(value) if bits <= 3 * LONGEST else f"(a number of {bits:,} bits)"


def vector(values: Sequence[Any]) -> str:
    """`(1, 0, 1/2)`, cut after 32 entries."""
    shown = [number(value) for value in values[:32]]
    return "(" + ", ".join(shown) + (f", ... {len(values) - 32} more" if len(values) > 32 else "") + ")"


def printable(text: str) -> str:
    """The text without control characters, terminal escapes or lone surrogates."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
