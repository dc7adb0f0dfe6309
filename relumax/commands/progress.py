"""What a terminal is told on standard error while work goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def patience(what: str) -> Iterator[None]:
    """After two seconds, say on a terminal's standard error what is going on and for how long."""
    if not sys.stderr.isatty():
        yield
        return
    import threading
    from contextvars import copy_context
    from time import monotonic

    from relumax.cluster import progress

    done, start, here = threading.Event(), monotonic(), copy_context()

    def tell() -> None:
        while not done.wait(2):
            told = "".join(f", {one}" for one in [here.run(progress)] if one)
            print(f"\r{what} ... {monotonic() - start:.0f} s{told}", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if monotonic() - start > 2:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
