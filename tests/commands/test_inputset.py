"""`export --inputset`: corner vectors, in three formats, and what is refused."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

from tests.running import relumax

INDEX = ["--fn", "argmax", "--construction", "index", "--lattice", "1/2", "--n", "2"]


def test_all_corners_in_each_format(call, tmp_path):
    corners = sorted(product((-7, 7), repeat=3))
    for name in ("c.npy", "c.npz", "c.json"):
        code, out = call("export", "--n", 3, "--input-range", 7, "--inputset", tmp_path / name)
        assert code == 0 and "8 corner vectors, each x[i] one of -7 and 7" in out
    assert sorted(map(tuple, np.load(tmp_path / "c.npy").tolist())) == corners
    assert (np.load(tmp_path / "c.npz")["x"] == np.load(tmp_path / "c.npy")).all()
    assert sorted(map(tuple, json.loads((tmp_path / "c.json").read_text())["input_data"])) == corners


def test_of_a_file_and_of_a_finer_lattice(call, tmp_path):
    call("export", "--n", 2, "-o", tmp_path / "max2.npz")
    call("export", "--network", tmp_path / "max2.npz", "--input-range", 3, "--inputset", tmp_path / "c.npy")
    assert np.load(tmp_path / "c.npy").shape == (4, 2)
    call("export", *INDEX, "--input-range", "3/2", "--inputset", tmp_path / "c.npy")
    assert set(np.load(tmp_path / "c.npy").ravel().tolist()) == {-1.5, 1.5}


def test_the_largest_ends_are_numbers_and_no_pickled_objects(call, tmp_path):
    call("export", "--n", 2, "--input-range", 2**63 - 1, "--inputset", tmp_path / "c.npy")
    found = np.load(tmp_path / "c.npy")
    assert found.dtype == np.int64 and found.max() == 2**63 - 1 and found.min() == 1 - 2**63


@pytest.mark.parametrize(
    "given, said",
    [
        (["--n", "3", "--inputset", "c.npy"], "--inputset needs the range"),
        (["--n", "3", "--input-range", "7", "--inputset", "c.txt"], "ends in .npy, .npz, .json"),
        (["--n", "13", "--input-range", "7", "--inputset", "c.npy"], "13 inputs have 2^13 corners"),
        (["--n", "3", "--input-range", "0", "--inputset", "c.npy"], "positive"),
        (["--n", "3", "--input-range", "1/2", "--inputset", "c.npy"], "multiples of 1"),
        (["--n", "3", "--input-range", str(2**63), "--inputset", "c.npy"], "of int64 or float64, which do not hold"),
        (["--n", "3", "--input-range", "1e400", "--inputset", "c.json"], "of int64 or float64, which do not hold"),
        ([*INDEX, "--input-range", f"{2**54 + 1}/2", "--inputset", "c.npz"], "of int64 or float64, which do not hold"),
        ([*INDEX, "--input-range", f"{10**400 + 1}/2", "--inputset", "c.npz"], "which do not hold"),
        (["--n", "3", "--input-range", "7", "--inputset", "c.npy", "-o", "x.npz"], "leave out -o"),
        (["--suite", "s", "--inputset", "c.npy"], "nothing else is chosen beside it"),
    ],
)
def test_what_is_refused(given, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = relumax("export", *given)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
