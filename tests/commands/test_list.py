"""`relumax list`: every construction, beside the tournament."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from contextlib import suppress

import pytest

from relumax.commands import listed
from relumax.constructions import registry
from relumax.network.compile import sizes
from tests.running import RELUMAX, environment, plain, relumax


def test_list(call, called):
    code, out = call("list")
    assert code == 0 and plain(out)
    table, _, limit = out.partition("\n\n")
    rows = {line.split()[0]: line.split()[1:3] for line in table.splitlines()[1:]}
    assert rows["max/tournament"] == ["3", "21"] and rows["max/chain"] == ["7", "42"]
    assert set(rows) == {f"{function}/{name}" for function, name in registry.names()}
    assert limit.count("\n") == 1 and "ceil(log3 n)" in limit
    found = called("list", "--fn", "min", "--n", 4)
    assert found["n"] == 4
    assert [one["construction"] for one in found["constructions"]][:2] == ["min/tournament", "min/chain"]
    keys = {"construction", "depth", "size", "contract", "float_exact", "tournament", "exact_to"}
    assert all(one.keys() == keys for one in found["constructions"])


def test_list_compares_with_the_tournament_and_says_what_floats_hold(call, called):
    rows = {one["construction"]: one for one in called("list", "--n", 6)["constructions"]}
    chosen = {name: one["float_exact"] for name, one in rows.items() if name.startswith(("max/", "min/"))}
    rational = {name for name, exact in chosen.items() if exact is not True}
    assert rational == {"max/identity", "max/shallow", "min/shallow"}
    for name, one in rows.items():
        beside = name.startswith(("max/", "min/")) and not name.endswith("/tournament")
        assert one["tournament"] == ({"depth": 3, "size": 17} if beside else None)
    _, out = call("list", "--n", 6)
    lines = {line.split()[0]: line for line in out.splitlines() if "/" in line}
    assert re.match(r"max/shallow +2 +\d+ +-1, \d\.\dx  no ", lines["max/shallow"])
    assert re.match(r"max/chain +5 +25 +\+2, 1\.5x  exact   2\^22 ", lines["max/chain"])
    assert re.match(r"max/tournament +3 +17 +exact   2\^22 ", lines["max/tournament"])
    _, out = call("list", "--fn", "select")
    assert "vs tournament" not in out and "ceil(log3 n)" not in out


@pytest.mark.parametrize("n", [1, 29])
def test_list_ends_where_a_construction_has_no_size_or_too_large_a_one(called, n):
    [row] = [
        one for one in called("list", "--fn", "max", "--n", n)["constructions"] if one["construction"] == "max/bakaev"
    ]
    assert (row["size"], row["float_exact"]) == (("0", True) if n == 1 else ("~177,147", None))


def test_large_networks_are_not_built_to_be_listed(called):
    """Nor to be counted: of each construction of relumax's own (a search has as many options as it has) it is known."""
    rows = {one["construction"]: one for one in called("list", "--n", 10**6)["constructions"]}
    assert rows["max/tournament"]["size"] == "~2,999,997" and rows["argmax/step"]["size"] == "~500,000,500,000"
    assert rows["argmax/slack"]["depth"] == "20" and rows["select/gate"]["size"] == "~8,000,000"
    found = called("prove", "--dry-run", "--n", 10**5)
    assert (found["depth"], found["size"], found["exact"]) == (17, "299,997", False)


@pytest.mark.parametrize("n", [8, 64])
def test_what_is_told_beforehand_is_about_what_is_built(n):
    for function, name in registry.names():
        one = registry.find(function, name)
        if function in ("argmax", "argmin", "select"):
            size = sizes(one.program(n, **one.options), one.inputs(n, **one.options))
            depth, units = one.roughly(n)
            assert depth == size.depth and size.size / 2 <= units <= 2 * size.size


@pytest.mark.parametrize("columns", [60, 80, 132])
def test_on_a_terminal_the_table_fits(columns):
    ours, theirs = pty.openpty()
    env = environment(COLUMNS=str(columns))
    with subprocess.Popen([*RELUMAX, "list", "--fn", "argmax"], stdout=theirs, env=env) as started:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the terminal is closed at the end
            while part := os.read(ours, 1 << 16):
                shown += part
        assert started.wait(60) == 0
    os.close(ours)
    lines = shown.decode().splitlines()
    assert max(map(len, lines)) <= columns and "construction" in lines[0]
    whole = relumax("list", "--fn", "argmax").stdout
    assert " ".join(shown.decode().split()) == " ".join(whole.split()) and max(map(len, whole.splitlines())) > 132


def test_the_ranges_that_are_kept_are_those_that_are_computed(call):
    """And a construction that is not among them is computed: a tournament of 5."""
    assert listed.FILE.read_text() == listed.table(), "python -m relumax.commands.listed"
    assert re.search(r"^max/tournament .* 2\^22 ", call("list", "--n", 5)[1], re.MULTILINE)


def test_a_construction_of_ones_own_without_a_docstring(call, tmp_path):
    own = tmp_path / "own.py"
    own.write_text(
        "from relumax import construction\n\n\n"
        '@construction("max", "two")\ndef two(x):\n    return x[0] + (0 if len(x) < 3 else x[0] * x[1])\n'
    )
    code, out = call("list", "--from", own, "--fn", "max", "--n", 3)
    [row] = [line for line in out.splitlines() if line.startswith("max/two")]
    assert code == 0 and row.split()[1:3] == ["-", "-"] and "(not at n = 3: " in row
    code, out = call("show", "--from", own, "--n", 2)
    assert code == 0 and out.startswith("max/two, n = 2\nprogram ")


RAISING = """
from relumax import construction, maximum

@construction("max", "good")
def good(x):
    return maximum(x[0], x[1])

@construction("max", "bad")
def bad(x):
    \"\"\"Reads too far.\"\"\"
    return x[99]
"""


def test_a_recipe_that_raises_hides_no_other(tmp_path):
    (tmp_path / "mine.py").write_text(RAISING)
    done = relumax("list", "--from", "mine.py", "--fn", "max", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "relumax: mine.py: line 11, at n = 8: IndexError: list index out of range\n"
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("max/")}
    assert {"max/tournament", "max/good", "max/bad"} <= rows.keys()
    assert rows["max/bad"].endswith("Reads too far. (not at n = 8: IndexError)") and " 3 " in rows["max/good"]
    done = relumax("list", "--from", "mine.py", "--json", cwd=tmp_path)
    listed = json.loads(done.stdout)["constructions"]
    assert done.returncode == 2 and [one["size"] for one in listed if one["construction"] == "max/bad"] == ["-"]
