"""Time and memory of files made to cost much, against an ordinary file, each in a process of its own.

The bound on memory is 100 MB and 400 bytes for each of the file's; the bound on time is a ratio to what the kernel
takes for a certificate of the catalogue, byte for byte, in the same run (with a second of grace for what is measured in
milliseconds), and far above what any of these files takes: it tells work that is not charged, not slow machines.
"""

import json
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from relumax.kernel import check
from tests.kernel import hostile

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
ORDINARY = Path(__file__).parents[2] / "proofs" / "max-shallow-6.json"
TIMES = 40


@pytest.fixture(scope="module")
def ordinary():
    """Seconds a byte of an ordinary certificate."""
    data = ORDINARY.read_bytes()
    start = process_time()
    check(data)
    return (process_time() - start) / len(data)


def cost(name, size):
    """What the check of a hostile file costs."""
    command = [sys.executable, "-m", "tests.kernel.hostile", name, str(size)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return json.loads(ran.stdout)


@pytest.mark.parametrize("size", [300, 300_000])
@pytest.mark.parametrize("make", hostile.CERTIFICATES + hostile.IDENTITIES, ids=lambda make: make.__name__)
def test_time_and_memory(make, size, ordinary):
    found = cost(make.__name__, size)
    assert found["mib"] * 2**20 <= 100e6 + 400 * found["bytes"], found
    if make in hostile.CERTIFICATES:
        assert found["seconds"] <= 1 + TIMES * ordinary * found["bytes"], found


def test_they_go_as_far_as_the_budget_lets_them():
    """Else they would show nothing: they are refused for the work, or for what is kept."""
    names = ["colliding_leaves", "large_integers", "long_terms", "wide_sums", "wide_conclusions", "goals_again"]
    for name in [*names, "long_goals", "long_heads_opened", "long_heads_merged", "long_cases", "long_picks"]:
        assert "the work budget" in cost(name, 100_000)["said"]
    assert "words than a file of this size" in cost("many_words", 300)["said"]
