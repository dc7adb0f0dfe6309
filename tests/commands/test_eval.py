"""`relumax eval`: exact values, and where nothing is promised."""

from __future__ import annotations

from tests.running import one_line, relumax


def test_eval(call, called):
    assert call("eval", "3", "-1/2", "0.25") == (0, "3\n")
    assert call("eval", "--fn", "min", "-3", "-.5", "+1", "1e1") == (0, "-3\n")
    assert call("eval", "--", "-3", "-4") == (0, "-3\n")
    assert call("eval", "-1/3") == (0, "-1/3\n")
    assert called("eval", "1/3", "0.5") == {"outputs": ["1/2"]}
    found = called("eval", "2", "1", "--trace")
    assert found == {"outputs": ["2"], "layers": [{"before": ["1", "1", "-1"], "after": ["1", "1", "0"]}]}
    _, out = call("eval", "2", "1", "--trace")
    assert out.splitlines() == [
        "layer 1: 2 of 3 units active: 0 1",
        "  before  (1, 1, -1)",
        "  after   (1, 1, 0)",
        "2",
    ]


def test_eval_outside_the_requirement_says_so(called):
    done = relumax("eval", "-1", "-2", "--construction", "essay")
    assert (done.returncode, done.stdout) == (0, "1\n") and one_line(done.stderr) and "inputs >= 0" in done.stderr
    assert "inputs >= 0" in called("eval", "-1", "-2", "--construction", "essay")["note"]
    assert called("eval", "1", "2", "--construction", "essay") == {"outputs": ["2"]}
