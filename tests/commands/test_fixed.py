"""`show --fixed`: the types of each layer for FPGAs."""

from __future__ import annotations


def test_the_types_of_each_layer(call, called):
    code, out = call("show", "--n", 8, "--fixed", "--input-range", 1000)
    rows = [line.split("  ")[0].split() + line.split("ap_fixed")[1:] for line in out.splitlines()[2:]]
    assert code == 0 and rows[0][1].strip() == "<11, 11>"
    assert [[cell.strip() for cell in row[1:]] for row in rows[1:]] == [
        ["<2, 2>", "<12, 12>", "<12, 12>"],
        ["<2, 2>", "<13, 13>", "<12, 12>"],
        ["<2, 2>", "<13, 13>", "<12, 12>"],
        ["<2, 2>", "<12, 12>", "<11, 11>"],
    ]
    assert called("show", "--n", 8, "--fixed", "--input-range", 1000)["inputs"] == {"bits": 11, "fraction": 0}
    index = ["--fn", "argmax", "--construction", "index", "--lattice", "1/4", "--n", 4]
    assert "ap_fixed<10, 8>" in call("show", *index, "--fixed", "--input-range", 100)[1].splitlines()[2]
