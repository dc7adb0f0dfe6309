"""One time limit over everything that happens inside it, wherever the time goes.

    with limit(2):
        ...          # raises TimeUp here after two seconds: in an engine, in the kernel, in a user's recipe

Nothing inside looks at a clock. When the time is over, the thread that entered the limit is interrupted: by a signal
where that is possible (it also ends a sleep), else by another thread. So limits hold in every thread and may be nested.
"""

from __future__ import annotations

import sys
import threading
from contextvars import ContextVar, Token
from time import monotonic
from types import FrameType
from typing import Any

from relumax.errors import SpecError

SOONEST = 1e-3
"""A limit shorter than that is over before it begins."""
LONGEST = 3e9
"""A limit longer than that, a century, is none: it is more than a clock can wait for."""
AGAIN = 1.0
"""After so many seconds the thread is interrupted again, should something have caught the first time."""
RETRY = 0.01


_end: ContextVar[float | None] = ContextVar("end", default=None)


def left() -> float | None:
    """How many seconds are left, for what cannot be interrupted from here: a task elsewhere; None without a limit."""
    end = _end.get()
    return None if end is None else max(0.0, end - monotonic())


class TimeUp(BaseException):
    """The time is over. As with an interruption from the keyboard, no `except Exception` on the way holds it up."""

    said = "no answer within the time given"

    def __str__(self) -> str:
        return self.said


class limit:
    """What takes longer than these seconds raises TimeUp, from inside the `with`; None is no limit.

    Raises SpecError for what is no number.
    """

    def __init__(self, seconds: float | None):
        given = LONGEST if seconds is None else _number(seconds)
        self.seconds = None if given >= LONGEST else given
        self._problem = type("TimeUp", (TimeUp,), {"said": f"no answer within {given:g} s"})
        self._inside: FrameType | None = None
        self._thread = threading.get_ident()
        self._way: _BySignal | _ByThread | None = None
        self._token: Token[float | None] | None = None

    def __enter__(self) -> None:
        if self.seconds is None:
            return
        if self.seconds < SOONEST:
            raise self._problem
        outer = left()
        self._token = _end.set(monotonic() + (self.seconds if outer is None else min(outer, self.seconds)))
        self._inside = sys._getframe(1)
        self._way = _BySignal(self) if _BySignal.possible() else _ByThread(self)

    def __exit__(self, *_: Any) -> None:
        if self._way is not None:
            self._way.stop()
        if self._token is not None:
            _end.reset(self._token)
            self._token = None
        self._inside = None

    def due(self, frame: FrameType | None) -> type[TimeUp] | None:
        """What to raise at this place, or None where it would get lost, or strike outside the limit.

        An exception in a weak reference's callback is printed and dropped; one in here could leave the limit on.
        """
        inside = False
        while frame is not None and not inside:
            name, module = frame.f_code.co_name, frame.f_globals.get("__name__")
            if module == __name__ or (name == "remove" and module in ("weakref", "_weakrefset")):
                return None
            inside = frame is self._inside
            frame = frame.f_back
        return self._problem if inside else None


def _number(seconds: object) -> float:
    try:
        found = float(seconds)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = float("nan")
    if found != found:
        raise SpecError(f"a time limit is a number of seconds, or None, not {seconds!r:.80}")
    return found


class _BySignal:
    """The main thread, by the timer of the process, if nobody else uses that."""

    def __init__(self, of: limit):
        import signal

        self.of = of
        signal.signal(signal.SIGALRM, self.late)
        signal.setitimer(signal.ITIMER_REAL, of.seconds or 0)

    @staticmethod
    def possible() -> bool:
        import signal

        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            return False
        return signal.getsignal(signal.SIGALRM) is signal.SIG_DFL and not signal.getitimer(signal.ITIMER_REAL)[0]

    def late(self, _: int, frame: FrameType | None) -> None:
        import signal

        problem = self.of.due(frame)
        signal.setitimer(signal.ITIMER_REAL, AGAIN if problem else RETRY)
        if problem is not None:
            raise problem

    def stop(self) -> None:
        import signal

        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


class _ByThread:
    """Any thread, by another that waits and then has the interpreter raise the exception there."""

    def __init__(self, of: limit):
        import ctypes

        self.of, self.over = of, threading.Event()
        self.raise_in, self.thread = ctypes.pythonapi.PyThreadState_SetAsyncExc, ctypes.c_ulong(of._thread)
        self.exception = ctypes.py_object(of._problem)
        threading.Thread(target=self.wait, daemon=True).start()

    def wait(self) -> None:
        seconds = self.of.seconds
        while not self.over.wait(seconds):
            problem = self.of.due(sys._current_frames().get(self.of._thread))
            seconds = AGAIN if problem else RETRY
            if problem is not None and not self.over.is_set():
                self.raise_in(self.thread, self.exception)

    def stop(self) -> None:
        while True:
            try:
                self.over.set()
                self.raise_in(self.thread, None)  # takes back what was not raised yet
                return
            except TimeUp:  # between the look at the thread and the interruption it came here
                continue
