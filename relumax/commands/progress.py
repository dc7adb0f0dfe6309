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
    from time import monotonic

    done, start = threading.Event(), monotonic()

    def tell() -> None:
        while not done.wait(2):
            print(f"\r{what} ... {monotonic() - start:.0f} s", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if monotonic() - start > 2:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
