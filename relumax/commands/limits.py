"""A time limit that holds wherever the time goes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from relumax.errors import BudgetExceeded

GRACE = 5.0
"""Seconds after a time limit in which an engine that looks at the clock may end by itself."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """What takes much longer than these seconds raises BudgetExceeded, wherever it is.

    Engines look at the clock by themselves, and then say more; building a program or a network does not. Without
    signals, and outside the main thread, nothing happens.
    """
    if seconds is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(*_: Any) -> None:
        raise BudgetExceeded(f"no answer within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    # again and again: an exception inside a weak reference's callback is dropped
    signal.setitimer(signal.ITIMER_REAL, seconds + max(GRACE, seconds / 10), 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
