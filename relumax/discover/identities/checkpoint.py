"""What `discover` has sketched so far, in a file, so that an interrupted run can go on.

The file is a sequence of arrays as `numpy.save` writes them: one that names the problem, then two for each chunk of
columns. A run that is cut off while it appends leaves an incomplete chunk at the end, which loading drops.
"""

import hashlib
import os
from io import BytesIO, FileIO
from types import TracebackType
from typing import Self

import numpy as np

from relumax.discover.identities.expansion import Array
from relumax.discover.identities.sketch import Rows, Sketch

_VERSION = 2


class Checkpoint:
    """The checkpoint file of one problem, whatever names it. Open it (`with`) to append."""

    def __init__(self, path: str | os.PathLike[str], problem: object) -> None:
        self.path = path
        digest = hashlib.sha256(repr((_VERSION, problem)).encode()).digest()
        self.name = np.frombuffer(digest, np.int64)
        self._file: FileIO | None = None

    def load(self, sketch: Sketch) -> int:
        """Put the complete chunks at the beginning of a sketch, and say how many columns they hold; what follows them
        is cut off. A file of another problem is an error."""
        done = 0
        if not os.path.exists(self.path):
            return done
        with open(self.path, "r+b") as file:
            head, end = _saved(self.name), 0
            start = file.read(len(head))
            if len(start) < len(head) and head.startswith(start):  # the disk was full at once
                file.truncate(0)
                return done
            file.seek(0)
            try:
                if not np.array_equal(np.load(file, allow_pickle=False), self.name):
                    raise ValueError(f"{os.fspath(self.path)} is no checkpoint of this search")
                end = file.tell()
                while True:
                    lengths, rows = np.load(file, allow_pickle=False), np.load(file, allow_pickle=False)
                    sketch.lengths[done : done + len(rows)], sketch.rows[done : done + len(rows)] = lengths, rows
                    done, end = done + len(rows), file.tell()
            except (EOFError, ValueError):
                if end == 0:
                    raise ValueError(f"{os.fspath(self.path)} is no checkpoint of this search") from None
            file.truncate(end)
        return done

    def append(self, lengths: Array, rows: Rows) -> None:
        """Write one chunk; raises OSError, which names the file, where the disk is full."""
        if self._file is None:
            raise ValueError("the checkpoint is not open")
        self._write(self._file, _saved(lengths, rows))

    def _write(self, file: FileIO, data: bytes) -> None:
        """All of it: unbuffered, so that nothing is left to be written when the file is closed."""
        left = memoryview(data)
        try:
            while left:
                left = left[file.write(left) :]
        except OSError as problem:
            raise OSError(problem.errno, problem.strerror, os.fspath(self.path)) from None

    def remove(self) -> None:
        """The search is done."""
        if os.path.exists(self.path):
            os.unlink(self.path)

    def __enter__(self) -> Self:
        self._file = file = open(self.path, "ab", buffering=0)
        try:
            if file.tell() == 0:
                self._write(file, _saved(self.name))
        except BaseException:
            file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _saved(*arrays: Array | Rows) -> bytes:
    """Arrays as they stand in the file."""
    buffer = BytesIO()
    for array in arrays:
        np.save(buffer, array)
    return buffer.getvalue()
