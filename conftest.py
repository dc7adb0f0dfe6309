"""Tests that take minutes run only with --slow; without it they are left out of the run, not skipped."""

import os
import signal

from hypothesis import settings

# Matrices of a few hundred rows: threads would only wait for each other. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="also run the tests that take minutes")


def pytest_configure():
    """No test depends on the machine's speed; and Ctrl-C is heard.

    A run in the background is started with Ctrl-C ignored, and so would be the commands that tests interrupt.
    """
    settings.register_profile("any speed", deadline=None)
    settings.load_profile("any speed")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked slow."""
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]
