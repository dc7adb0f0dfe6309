"""benchmarks/device.py: its networks are today's, and on the CPU nothing is wrong inside the ranges."""

from __future__ import annotations

import json
import runpy
from importlib.util import find_spec
from pathlib import Path

import pytest

DEVICE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "benchmarks" / "device.py"))


def test_the_weights_it_carries_are_those_of_today():
    assert DEVICE["FILE"].read_text() == DEVICE["content"](), "python benchmarks/device.py --write"
    for one in json.loads(DEVICE["FILE"].read_text()):
        assert all(most > 0 for most in one["most"].values()) and len(one["maps"][0]["weights"][0]) == one["n"]


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_it_runs_on_the_cpu(capsys):
    assert DEVICE["main"](["--device", "cpu", "--rows", "300"]) == 0
    table = [line.split("|") for line in capsys.readouterr().out.splitlines() if line.startswith("| `")]
    assert len(table) == 12 and all(int(row[4]) == 0 for row in table)
    assert not any(row[2].strip() == "tf32" for row in table)
