"""What `discover` has sketched so far, in a file, so that an interrupted run can go on.

The file is a sequence of arrays as `numpy.save` writes them: one that names the problem and the prime of the sketch,
then two for each chunk of columns. A run that is cut off while it appends leaves an incomplete chunk at the end, which
loading drops. Where the sketch modulo one prime could not be confirmed, that modulo the next takes its place.
"""

import hashlib
import os
from io import BytesIO, FileIO
from types import TracebackType
from typing import Self

import numpy as np

from relumax.discover.identities.expansion import Array
from relumax.discover.identities.sketch import Rows, Sketch

_VERSION = 3


class Checkpoint:
    """The checkpoint file of one problem, whatever names it, and of a sketch modulo `prime`. Open it to append."""

    def __init__(self, path: str | os.PathLike[str], problem: object, prime: int = 0) -> None:
        self.path = path
        digest = hashlib.sha256(repr((_VERSION, problem)).encode()).digest()
        self.name = np.append(np.frombuffer(digest, np.int64), prime)
        self._file: FileIO | None = None

    def begun(self) -> int:
        """The prime of the sketch that the file holds; 0 if there is none, or none of this problem."""
        try:
            with open(self.path, "rb") as file:
                found = np.load(file, allow_pickle=False)
        except (OSError, EOFError, ValueError):
            return 0
        return int(found[-1]) if self._same(found) else 0

    def _same(self, head: Array) -> bool:
        return np.array_equal(head[:-1], self.name[:-1])

    def load(self, sketch: Sketch) -> int:
        """Put the complete chunks at the beginning of a sketch, and say how many columns they hold; what follows them
        is cut off, and all of a sketch modulo another prime. A file of another problem is an error."""
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
                found = np.load(file, allow_pickle=False)
                if not self._same(found):
                    raise ValueError(f"{os.fspath(self.path)} is no checkpoint of this search")
                if found[-1] != self.name[-1]:
                    file.truncate(0)
                    return done
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
