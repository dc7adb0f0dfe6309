"""Command lines run in this process."""

from __future__ import annotations

import json

import pytest

from relumax.__main__ import main
from relumax.constructions import registry


@pytest.fixture(autouse=True)
def clean_registry():
    """What a test's file registers is forgotten after it."""
    yield
    for pair in set(registry._registered) - set(registry.BUILT_IN):
        del registry._registered[pair]
    for function in set(registry.FUNCTIONS) - {function for function, _ in registry.BUILT_IN}:
        del registry.FUNCTIONS[function]
    registry._gadgets.clear()


@pytest.fixture
def call(capfd):
    """Run a command line in this process: (exit code, standard output)."""

    def run_it(*arguments):
        code = main([str(one) for one in arguments])
        out, err = capfd.readouterr()
        assert err == "", err
        return code, out

    return run_it


@pytest.fixture
def called(call):
    """Run a command with --json that ends well: the object."""

    def run_it(*arguments, code=0):
        found, out = call(*arguments, "--json")
        assert found == code and out.count("\n") == 1
        return json.loads(out)

    return run_it
