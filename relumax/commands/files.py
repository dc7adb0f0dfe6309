"""Files read and written whole: one that cannot be written is said before long work, and none is left half-written."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator

import click

READER = 10.0
"""Seconds in which somebody has to open a pipe that is written to."""


def read(path: str) -> bytes:
    """The bytes of a regular file, or of standard input for "-"."""
    if path == "-":
        return sys.stdin.buffer.read()
    if not path:
        raise click.ClickException("the name of the file to read is empty")
    if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
        raise click.ClickException(f"{path}: not a regular file")
    with open(path, "rb") as stream:
        return stream.read()


def certificates(path: str, failed: Callable[[OSError], object]) -> Iterator[str]:
    """The *.json files below a folder, folder by folder, each sorted; what is no folder as it is.

    A folder that cannot be listed is handed to `failed`, and is no empty one.
    """
    if not os.path.isdir(path):
        yield path
        return
    for folder, folders, names in os.walk(path, onerror=failed):
        folders.sort()
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".json"))


def write(path: str, data: bytes) -> None:
    """Write a whole file, or standard output for "-"; on failure the old file stays, and nothing else is left behind.

    (click's `atomic=True` puts a half-written file in place when writing fails, and replaces devices by files.)
    """
    if path == "-":
        sys.stdout.buffer.write(data)
        return
    target = os.path.realpath(path)
    part = f"{target}.{os.getpid()}.part"
    try:
        old = os.stat(path).st_mode if os.path.exists(path) else None
        if old is not None and not stat.S_ISREG(old):
            _pour(path, data, stat.S_ISFIFO(old))
            return
        with open(part, "xb") as stream:
            try:
                stream.write(data)
                stream.flush()
                if old is not None:
                    os.chmod(part, stat.S_IMODE(old))
                os.replace(part, target)
            except BaseException:
                os.unlink(part)
                raise
    except OSError as problem:
        raise click.ClickException(f"{path}: {problem.strerror or problem}") from None


def _pour(path: str, data: bytes, pipe: bool) -> None:
    """Write to a device or a pipe, which is not replaced; raises ClickException for a pipe that nobody reads."""
    end = time.monotonic() + READER
    while True:
        try:
            number = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
            break
        except OSError as problem:
            if not pipe or problem.errno != errno.ENXIO:
                raise
        if time.monotonic() > end:
            raise click.ClickException(f"{path}: a pipe, and nobody reads it")
        time.sleep(0.02)
    with open(number, "wb", buffering=0) as stream:
        os.set_blocking(number, True)
        left = memoryview(data)
        while left:
            left = left[stream.write(left) :]


def check_writable(path: str | None, *read_from: str | None) -> None:
    """Say at once, before long work, that a path cannot be written, or that it is one of the files that are read."""
    if path is None or path == "-":
        return
    if not path:
        raise click.ClickException("the name of the file to write is empty")
    for other in filter(None, read_from):
        if os.path.isfile(path) and os.path.exists(other) and os.path.samefile(path, other):
            raise click.ClickException(f"{path}: would be written over the file that is read; give -o another name")
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise click.ClickException(f"{path}: is a folder")
    if not os.path.isdir(folder):
        raise click.ClickException(f"{path}: no such folder")
    regular = not os.path.exists(path) or os.path.isfile(path)
    if (regular and not os.access(folder, os.W_OK)) or (os.path.exists(path) and not os.access(path, os.W_OK)):
        raise click.ClickException(f"{path}: not writable")
