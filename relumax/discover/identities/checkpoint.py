"""What `discover` has expanded so far, in a file, so that an interrupted run can go on.

The file is a sequence of arrays as `numpy.save` writes them: one that names the problem, then four for each chunk of
columns. A run that is cut off while it appends leaves an incomplete chunk at the end, which loading drops.
"""

import hashlib
import os
from collections.abc import Sequence
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from relumax.discover.identities.expansion import Array, Column
from relumax.discover.identities.public import Side

_VERSION = 1


class Checkpoint:
    """The checkpoint file of one problem: n and the candidates. Open it (`with`) to append."""

    def __init__(self, path: str | os.PathLike[str], n: int, candidates: Sequence[tuple[Side, Side]]) -> None:
        self.path = path
        self.n = n
        digest = hashlib.sha256(repr((_VERSION, n, list(candidates))).encode()).digest()
        self.name = np.frombuffer(digest, np.int64)
        self._file: BinaryIO | None = None

    def load(self) -> list[Column]:
        """The columns of the complete chunks; what follows them is cut off. A file of another problem is an error."""
        columns: list[Column] = []
        if not os.path.exists(self.path):
            return columns
        with open(self.path, "r+b") as file:
            end = 0
            try:
                if not np.array_equal(np.load(file, allow_pickle=False), self.name):
                    raise ValueError(f"{os.fspath(self.path)} is no checkpoint of this search")
                end = file.tell()
                while True:
                    columns += self._chunk([np.load(file, allow_pickle=False) for _ in range(4)])
                    end = file.tell()
            except (EOFError, ValueError):
                if end == 0:
                    raise ValueError(f"{os.fspath(self.path)} is no checkpoint of this search") from None
            file.truncate(end)
        return columns

    def append(self, columns: Sequence[Column]) -> None:
        """Write one chunk."""
        if self._file is None:
            raise ValueError("the checkpoint is not open")
        np.save(self._file, np.array([len(column.vectors) for column in columns], np.int64))
        for part in range(3):
            np.save(self._file, np.concatenate([column[part] for column in columns]))
        self._file.flush()

    def _chunk(self, arrays: Sequence[Array]) -> list[Column]:
        lengths, linear, vectors, counts = arrays
        ends = np.cumsum(lengths)[:-1]
        return list(map(Column, linear.reshape(-1, self.n), np.split(vectors, ends), np.split(counts, ends)))

    def remove(self) -> None:
        """The search is done."""
        if os.path.exists(self.path):
            os.unlink(self.path)

    def __enter__(self) -> Self:
        self._file = open(self.path, "ab")
        if self._file.tell() == 0:
            np.save(self._file, self.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
