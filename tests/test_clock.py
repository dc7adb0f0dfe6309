"""The time limit: heard wherever the time goes, in every thread, once, and nowhere else."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
import weakref
from fractions import Fraction

import pytest

import relumax
from relumax import clock
from relumax.clock import TimeUp, limit
from relumax.errors import BudgetExceeded, SpecError
from tests.running import relumax as command

LONG = 60.0  # seconds that nothing here takes


@pytest.fixture(autouse=True)
def _nobody_listens_to_the_collector():
    """hypothesis hangs a callback on the garbage collector: an interruption that strikes inside is printed and lost."""
    kept, gc.callbacks[:] = gc.callbacks[:], []
    yield
    gc.callbacks[:] = kept


def elsewhere(work):
    """Run in another thread: what it returns or raises."""
    found = []

    def run():
        try:
            found.append(work())
        except BaseException as problem:
            found.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(LONG)
    [one] = found
    if isinstance(one, BaseException):
        raise one
    return one


def here(work):
    return work()


@pytest.fixture(params=["signal", "thread, with the signal taken", "other thread"])
def runs(request, monkeypatch):
    """How a limit may have to work."""
    if request.param == "thread, with the signal taken":
        before = signal.signal(signal.SIGALRM, lambda *_: None)
        yield here
        signal.signal(signal.SIGALRM, before)
    else:
        yield here if request.param == "signal" else elsewhere


def forever():
    while True:
        sum(range(100))


def swallowing():
    while True:
        try:
            forever()
        except Exception:
            continue


@pytest.mark.parametrize("work", [forever, swallowing])
def test_endless_work_ends(runs, work):
    def limited():
        with limit(0.05):
            work()

    with pytest.raises(TimeUp, match=r"no answer within 0\.05 s"):
        runs(limited)


def test_one_that_is_caught_comes_again(runs, monkeypatch):
    monkeypatch.setattr(clock, "AGAIN", 0.05)
    times = []

    def stubborn():
        with limit(0.05):
            while True:
                try:
                    forever()
                except TimeUp:
                    times.append(1)
                    if len(times) == 3:
                        raise

    with pytest.raises(TimeUp):
        runs(stubborn)
    assert len(times) == 3


def test_work_that_is_done_is_left_alone(runs):
    def limited():
        for _ in range(50):
            with limit(LONG):
                pass
        with limit(None), limit(1e300), limit(float("inf")):
            return sum(range(1000))

    assert runs(limited) == 499500


def test_no_limit_strikes_outside(runs):
    """Limits that end at about the time when the work does: the exception comes inside, or not at all."""

    def limited():
        outside = 0
        for _ in range(100):
            try:
                with limit(0.002):
                    end = time.monotonic() + 0.002
                    while time.monotonic() < end:
                        pass
            except TimeUp:
                pass
            outside += 1
        return outside

    assert runs(limited) == 100


def test_limits_nest(runs):
    def inner():
        with limit(LONG), limit(0.05):
            forever()

    def outer():
        with limit(0.05), limit(LONG):
            forever()

    for work in (inner, outer):
        with pytest.raises(TimeUp, match=r"within 0\.05 s"):
            runs(work)


def test_a_limit_of_almost_nothing_is_over_at_once(runs):
    def limited():
        with limit(1e-9):
            raise AssertionError("not reached")

    with pytest.raises(TimeUp):
        runs(limited)


def test_the_signal_and_the_timer_are_given_back():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeUp), limit(0.02):
        forever()
    with limit(LONG):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getsignal(signal.SIGALRM) is before and signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_nothing_is_raised_where_it_would_be_dropped(runs, monkeypatch):
    """Callbacks of weak references print an exception and drop it."""
    dropped = []
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)

    class Thing:
        pass

    def limited():
        table = weakref.WeakValueDictionary()
        with limit(0.1):
            while True:
                for k in range(1000):
                    table[k] = Thing()

    with pytest.raises(TimeUp):
        runs(limited)
    gc.collect()
    assert not dropped


# ---------------------------------------------------------------- where it is heard


def wide(n):
    """A chain that takes a while to compile."""
    best, *others = relumax.inputs(n)
    for one in others:
        best = relumax.maximum(best, one)
    return best


def test_python_hears_it_while_building(runs):
    program, spec = wide(400), relumax.max_spec(400)
    verdict = runs(lambda: relumax.prove(program, spec, timeout=0.05))
    assert verdict.verdict == "unknown" and verdict.reason == "no answer within 0.05 s"
    assert verdict.built is None and repr(verdict) == "<unknown: no answer within 0.05 s>"
    with pytest.raises(BudgetExceeded, match="there is no network"):
        assert verdict.network


@pytest.mark.parametrize(
    "arguments",
    [
        ["prove", "--construction", "chain", "--n", "800"],
        ["prove", "--n", "100000"],
        ["prove", "--construction", "identity", "--n", "8"],
        ["show", "--construction", "shallow", "--n", "7"],
        ["discover", "--n", "9"],
        ["discover", "--n", "7", "--smallest"],
    ],
)
def test_every_command_hears_it_and_says_nothing_else(arguments):
    done = command(*arguments, "--timeout", "0.3")
    assert done.returncode == 3
    if arguments[0] == "prove":
        assert done.stdout.startswith("unknown\n") and "reason   no answer within 0.3 s\n" in done.stdout
        assert done.stderr == ""
    else:
        assert (done.stdout, done.stderr) == ("", "relumax: no answer within 0.3 s\n")


def test_a_users_file_that_never_ends(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("import time\nwhile True:\n    time.sleep(1000)\n")
    done = command("prove", "--from", file, "--timeout", "0.3", "--json")
    assert done.returncode == 3 and '"verdict": "unknown"' in done.stdout and done.stderr == ""
    file.write_text(
        "from relumax import construction\n@construction('max', 'f')\ndef f(x):\n    while True:\n"
        "        try:\n            while True: pass\n        except Exception: pass\n"
    )
    done = command("prove", "--from", file, "--timeout", "0.3")
    assert done.returncode == 3 and done.stdout.startswith("unknown\ntheorem  for all x in R^8") and done.stderr == ""


@pytest.mark.parametrize("seconds", ["soon", float("nan"), [1], 1j, object()])
def test_a_limit_is_a_number_of_seconds(seconds):
    with pytest.raises(SpecError, match="a time limit is a number of seconds, or None, not"):
        relumax.prove(relumax.inputs(1)[0], "max", timeout=seconds)


@pytest.mark.parametrize("seconds", [0, -1, Fraction(1, 10**9)])
def test_no_time_is_no_answer_with_its_reason(seconds):
    verdict = relumax.prove(relumax.inputs(1)[0], "max", timeout=seconds)
    assert (verdict.verdict, verdict.reason) == ("unknown", f"no answer within {float(seconds):g} s")
