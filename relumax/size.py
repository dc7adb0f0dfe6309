"""One budget for the size of networks, over everything that is built inside it.

    with at_most(1_000):
        ...          # raises BudgetExceeded where a network would have more hidden units

As with a time limit, nothing on the way hands it on: what builds or reads a network asks `allowed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from relumax.words import MAX_SIZE

_allowed: ContextVar[int | None] = ContextVar("allowed", default=None)


@contextmanager
def at_most(units: int | None) -> Iterator[None]:
    """So many hidden units in any network that is built inside; None is no budget."""
    token = _allowed.set(units)
    try:
        yield
    finally:
        _allowed.reset(token)


def allowed() -> int | None:
    """The most hidden units of a network; None where there is no budget."""
    return _allowed.get()


def allowed_or_usual() -> int:
    """The same of what is asked for by a number or a file, and may be huge: MAX_SIZE where there is no budget."""
    units = allowed()
    return MAX_SIZE if units is None else units
