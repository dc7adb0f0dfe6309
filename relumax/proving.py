"""`relumax prove` for constructions: one size after the other, within time and budget; or their sizes alone."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from relumax import report
from relumax.errors import BudgetExceeded

if TYPE_CHECKING:
    from relumax.constructions.registry import Construction

GRACE = 5.0
"""Seconds after a time limit in which an engine that looks at the clock may end by itself."""


def proofs(
    construction: Construction,
    options: dict[str, Any],
    ns: range,
    engine: str,
    timeout: float | None,
    max_size: int,
    as_json: bool,
) -> list[report.Entry]:
    """A verdict for each n. What was proved before a budget is exceeded is shown, and nothing of a run is lost."""
    name = f"{construction.function}/{construction.name}"
    entries: list[report.Entry] = []
    for n in report.progress(ns, name):
        try:
            with report.patience(f"proving {name} n = {n}"), limited(timeout):
                entries.append(_one(construction, options, n, engine, timeout, max_size))
        except BudgetExceeded as problem:
            if entries:
                report.show(entries, None, as_json)
            elif as_json:
                report.unknown(construction, n, str(problem))
            raise
    return entries


def _one(
    construction: Construction, options: dict[str, Any], n: int, engine: str, timeout: float | None, max_size: int
) -> report.Entry:
    from relumax import pipeline

    start = monotonic()
    program, spec = construction.program(n, max_size, **options), construction.spec(n, **options)
    left = None if timeout is None else max(0.0, timeout - (monotonic() - start))
    verdict = pipeline.prove(program, spec, engine, left, max_size)
    return report.entry(verdict, construction.function, construction.name, n, options)


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


def sizes(construction: Construction, options: dict[str, Any], n: int, max_size: int) -> dict[str, Any]:
    """n, depth, width and size; where the network would be large, depth and a rough size, and nothing is built."""
    from relumax.network.compile import sizes as widths

    if (told := construction.told(n)) is not None:
        from relumax.constructions.registry import count

        depth, units = told
        return {"n": n, "depth": depth, "width": None, "size": count(units), "exact": False}
    program, spec = construction.program(n, max_size, **options), construction.spec(n, **options)
    size = widths(program, spec.width, spec.nonnegative, max_size)
    return {"n": n, "depth": size.depth, "width": size.width, "size": size.size, "exact": True}
