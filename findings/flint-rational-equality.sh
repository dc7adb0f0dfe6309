#!/bin/sh
# python-flint 0.9.0: a rational is not equal to Python's fraction of the same value, though it hashes like it.
#
# fmpq(1, 3) == Fraction(1, 3) is False in both directions, while integers compare equal (fmpz(3) == 3, fmpq(3) == 3).
# So a set or dictionary of both keeps the same number twice, and `in` does not find it.
# Seen: equal False False, hashes equal True, in one set 2 elements; fmpq(3) == 3 True.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-flint==0.9.0
"$folder/venv/bin/python" - <<'PYTHON'
from fractions import Fraction

from flint import fmpq

ours, theirs = Fraction(1, 3), fmpq(1, 3)
seen = (theirs == ours, ours == theirs, hash(ours) == hash(theirs), len({ours, theirs}), fmpq(3) == 3)
print("equal", *seen[:2], "hashes equal", seen[2], "in one set", seen[3], "fmpq(3) == 3", seen[4])
assert seen == (False, False, True, 2, True), "it behaves otherwise now"
PYTHON
