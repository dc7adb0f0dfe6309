"""Exact linear algebra, by python-flint: echelon forms modulo a prime, and rational solutions of integer systems.

flint holds the interpreter's lock for as long as it works. So what is large is done in a process of its own (`apart`),
which can be interrupted, and whose memory is given back.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from relumax.errors import MissingExtra

_LARGE = 1 << 20  # entries; flint is done with fewer in a second or two

Matrix = np.ndarray[Any, np.dtype[Any]]


class MissingFlint(MissingExtra):
    """python-flint, the exact linear algebra, is not installed."""

    def __init__(self) -> None:
        super().__init__("discover needs python-flint: pip install 'relumax[discover]'")


def flint() -> Any:
    """The module python-flint; it is an extra, and loaded only here."""
    try:
        import flint as module
    except ImportError:
        raise MissingFlint from None
    return module


def reduced(columns: Matrix, prime: int) -> tuple[list[int], list[int]]:
    """The pivots of the matrix with these columns (one a row of the array, entries below the prime), and the last
    column of its reduced row echelon form."""
    pivots, last = _apart(reduce, columns, prime)
    return pivots, last


def solved(rows: Matrix, right: list[int]) -> list[Fraction]:
    """The solution of a square system of integer equations of full rank."""
    (solution,) = _apart(solve, rows, right)
    return [Fraction(*map(int, entry.split("/"))) for entry in solution]


def reduce(columns: Matrix, prime: int) -> list[Any]:
    width, height = columns.shape
    matrix = flint().nmod_mat(height, width, prime)
    for at, column in enumerate(columns):
        for place, entry in enumerate(column.tolist()):
            if entry:
                matrix[place, at] = entry
    form, rank = matrix.rref(inplace=True)
    pivots, column = [], 0
    for row in range(rank):
        while int(form[row, column]) == 0:
            column += 1
        pivots.append(column)
    return [pivots, [int(form[row, width - 1]) for row in range(rank)]]


def solve(rows: Matrix, right: list[int]) -> list[Any]:
    found = flint().fmpz_mat(rows.tolist()).solve(flint().fmpz_mat([[entry] for entry in right]))
    return [[str(found[at, 0]) for at in range(len(right))]]


def _apart(function: Callable[[Matrix, Any], list[Any]], matrix: Matrix, rest: Any) -> list[Any]:
    """What the function makes of its arguments, in another process if the matrix is large."""
    if matrix.size < _LARGE:
        return function(matrix, rest)
    command = [
        sys.executable,
        "-m",
        f"{__package__}.apart",
        function.__name__,
        json.dumps(matrix.shape),
        matrix.dtype.str,
    ]
    sent = b"".join((json.dumps(rest).encode(), b"\n", np.ascontiguousarray(matrix).data))
    done = subprocess.run(command, input=sent, capture_output=True, check=False)  # interrupted, it is killed
    if done.returncode:
        size, said = " x ".join(map(str, matrix.shape)), done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise MemoryError(f"the linear algebra of {size} entries ended with {done.returncode} {said}")
    result: list[Any] = json.loads(done.stdout)
    return result
