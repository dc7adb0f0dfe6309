"""Where the work goes that falls into independent tasks: into this process, into several, or onto a Dask cluster.

    with on(workers=4):              # or on(dask="tcp://scheduler:8786"); nothing is started before it is needed
        for found in mapped(task, items):
            ...                      # task(item) for each item, in their order, wherever each ran

As with a time limit, nothing on the way hands this on: what has tasks calls `mapped`. A task is a function of a module
and of plain data, the same wherever it runs and however often: one whose worker dies is run again. Everything is caught
inside of it, its time too, since a cluster neither stops a task nor sends it a signal; it starts no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from relumax.clock import TimeUp, left, limit
from relumax.errors import ClusterError, MissingExtra

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 4
"""Tasks for each worker that are handed out before the first of them is waited for."""
TRIES = 4
"""How often a task is run whose worker dies: what kills that many is the task."""
CONNECT = 10
"""Seconds a cluster may take to answer."""
DONE, LATE, FULL, FOREIGN, FAILED = range(5)
"""How a task ends: with a value, out of time, out of memory, on a worker of another version, or with an error."""


class _Backend(Protocol):
    """What runs tasks elsewhere."""

    ahead: int

    def submit(self, *call: Any) -> Any:
        """Begin a call; what it returns is for `result`."""

    def result(self, begun: Any, *call: Any) -> Any:
        """What the call that was begun came to."""

    def close(self) -> None:
        """Nothing more is wanted."""


class _Place:
    """A backend that is started when it is first needed, and how far the tasks are."""

    def __init__(self, start: Callable[[], _Backend]):
        self._start = start
        self._backend: _Backend | None = None
        self.done = self.begun = 0

    def backend(self) -> _Backend:
        """The backend, started."""
        if self._backend is None:
            self._backend = self._start()
        return self._backend

    def close(self) -> None:
        """Let go of workers."""
        if self._backend is not None:
            self._backend.close()
            self._backend = None


_place: ContextVar[_Place | None] = ContextVar("place", default=None)


@contextmanager
def on(workers: int = 1, dask: str | None = None) -> Iterator[None]:
    """Tasks inside go to so many processes of this machine, or to the Dask cluster at an address; 1 is none other.

    Raises ClusterError, from `mapped`, for a cluster that is not there or is of another version; MissingExtra.
    """
    place = _Place((lambda: _Dask(dask)) if dask is not None else lambda: _Processes(workers))
    token = _place.set(place if dask is not None or workers > 1 else None)
    try:
        yield
    finally:
        _place.reset(token)
        place.close()


def progress() -> str:
    """How many tasks are done, for who waits for them; "" where none went elsewhere."""
    place = _place.get()
    return f"{place.done} of {place.begun} tasks" if place is not None and place.begun else ""


def mapped(task: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """What `task` makes of each item, in their order; items are taken as they are needed.

    Raises what the task does if it runs here, else TimeUp, MemoryError, ClusterError, or RuntimeError for the rest.
    """
    place = _place.get()
    if place is None:
        yield from map(task, items)
        return
    backend, code = place.backend(), version()
    waiting: deque[tuple[Any, tuple[Any, ...]]] = deque()
    for item in items:
        call = _run, task, item, left(), code
        waiting.append((backend.submit(*call), call))
        place.begun += 1
        if len(waiting) >= backend.ahead:
            yield _received(place, *waiting.popleft())
    while waiting:
        yield _received(place, *waiting.popleft())


def _received(place: _Place, begun: Any, call: tuple[Any, ...]) -> Any:
    """The value a task came to; raises what it ended with instead."""
    kind, value = place.backend().result(begun, *call)
    place.done += 1
    if kind == DONE:
        return value
    if kind == LATE:
        raise TimeUp
    if kind == FULL:
        raise MemoryError
    if kind == FOREIGN:
        raise ClusterError(
            f"a worker runs another relumax (its modules are {value}, here {version()}): install the same one there"
        )
    raise RuntimeError(f"a task failed: {value}")


def _run(task: Callable[[Any], Any], item: Any, seconds: float | None, code: str) -> tuple[int, Any]:
    """The whole of a task, on a worker: how it ended, and with what."""
    try:
        if code != version():
            return FOREIGN, version()
        with limit(seconds):
            return DONE, task(item)
    except TimeUp:
        return LATE, None
    except MemoryError:
        return FULL, None
    except BaseException as problem:  # an exit, too, would take the worker with it, and then the next
        return FAILED, f"{type(problem).__name__}: {problem}"


def version() -> str:
    """A hash of the modules: of one release there are many checkouts."""
    global _version
    if not _version:
        from hashlib import sha256
        from pathlib import Path

        found, root = sha256(), Path(__file__).parent
        for path in sorted(root.rglob("*.py")):
            found.update(f"{path.relative_to(root).as_posix()} {sha256(path.read_bytes()).hexdigest()}\n".encode())
        _version = found.hexdigest()[:12]
    return _version


_version = ""


class _Processes:
    """Processes of this machine; they end when this one does."""

    def __init__(self, workers: int):
        self.workers, self.ahead = workers, AHEAD * workers
        self._pool = self._new()

    def _new(self) -> Any:
        from concurrent.futures import ProcessPoolExecutor

        return ProcessPoolExecutor(self.workers, initializer=_orphaned)

    def submit(self, *call: Any) -> Any:
        """The future, and the pool it belongs to."""
        from concurrent.futures.process import BrokenProcessPool

        try:
            return self._pool, self._pool.submit(*call)
        except BrokenProcessPool:
            self._pool = self._new()
            return self._pool, self._pool.submit(*call)

    def result(self, begun: Any, *call: Any) -> Any:
        """Waited for; a task that was on its way when a process died is run again."""
        from concurrent.futures.process import BrokenProcessPool

        for _ in range(TRIES):
            pool, future = begun
            try:
                return future.result()
            except BrokenProcessPool:
                if pool is self._pool:
                    self._pool = self._new()
                begun = self.submit(*call)
        raise ClusterError(f"a task ended the process that ran it, {TRIES} times (out of memory?)")

    def close(self) -> None:
        """What has not begun is left; what has begun is ended: nobody wants it."""
        running = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()


def _orphaned() -> None:
    """In a worker: no garbage is kept for speed, interruptions are the parent's, and when that is gone so is this."""
    import gc
    import os
    import signal
    import threading
    from multiprocessing import parent_process

    parent = parent_process()
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Dask:
    """A cluster of dask.distributed."""

    def __init__(self, address: str):
        import asyncio
        import logging

        try:
            from distributed import Client
        except ImportError:
            raise MissingExtra("a Dask cluster needs dask.distributed: pip install 'relumax[cluster]'") from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is said in one line
        self.address = address
        try:
            asyncio.run(_answers(address))
            self.client = Client(address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, ImportError) as problem:
            raise ClusterError(f"no Dask scheduler answers at {address!r}: {_line(problem)}") from None
        threads = sum(self.client.nthreads().values())
        if not threads:
            self.client.close()
            raise ClusterError(f"the Dask cluster at {address} has no workers")
        self.ahead = AHEAD * threads

    def submit(self, *call: Any) -> Any:
        """The future; a function of the same arguments is a task of its own."""
        return self.client.submit(*call, pure=False)

    def result(self, begun: Any, *call: Any) -> Any:
        """Waited for; the cluster itself runs again what was on a worker that died."""
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        try:
            return begun.result()
        except KilledWorker:
            raise ClusterError(f"a task ended {TRIES} workers of the cluster at {self.address}") from None
        except ModuleNotFoundError as problem:
            raise ClusterError(f"a worker of the cluster at {self.address} has no relumax: {problem}") from None
        except (CancelledError, OSError) as problem:
            raise ClusterError(f"the Dask cluster at {self.address} is gone: {_line(problem)}") from None

    def close(self) -> None:
        """Futures nobody holds are forgotten there."""
        self.client.close(timeout=2)


async def _answers(address: str) -> None:
    """Connect once: a client that could not is not closed, and deadlocks when it is collected while others start."""
    from distributed import Security
    from distributed.comm import connect

    comm = await connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
    await comm.close()


def _line(problem: BaseException) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__
