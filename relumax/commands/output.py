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


def print_json(value: Any) -> None:
    """One JSON object on a line of its own."""
    click.echo(json.dumps(value))


def vector(values: Sequence[Any]) -> str:
    """`(1, 0, 1/2)`, cut after 32 entries."""
    shown = [str(value) for value in values[:32]]
    return "(" + ", ".join(shown) + (f", ... {len(values) - 32} more" if len(values) > 32 else "") + ")"
