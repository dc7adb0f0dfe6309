"""Checks a proof that formulas of a family have no fewer than so many absolute values. All of it that is trusted.

The family: x is in R^n, mij = max(xi, xj) for i <= j (mii is xi itself), G a group of permutations of the inputs. A
*difference* is D = A - B, sums of as many mij each, at most `degree`, of which not all cancel; up to sign and positive
multiples it is one *absolute value* |D|, which costs a unit (inputs and mij cost none). A *formula* is

    max(x) = sum of a_ij mij + sum of c_D |D|        for all x in R^n

with real a and c that G leaves as they are: c is the same on each orbit of differences, and a on each orbit of pairs.
Theorem: in every such formula at least `least` of the c_D are not 0. There is no bound on the coefficients.

The proof: a *test* is an integer combination t of values at points that vanishes on the sum of each orbit of pairs. On
a formula it says: the sum of c_O t(O) over the orbits O is t(max), where t(O) is t of the sum of the |D| in O. The tree
splits cases: at a node some orbits are *chosen*, c_O != 0, and some are *out*, c_O = 0. If among the numbers t(O), O
chosen, and t(max) exactly one is not 0, then some other orbit has c_O t(O) != 0. So a node has a child for each orbit
with t(O) != 0 that is neither chosen nor out, and for which there is room among fewer than `least` absolute values; in
its child it is chosen, and those of the children before are out. Where there are none, the case is closed.

A file is {"format", "version", "n", "degree", "group": ["(1 2)", "(1 3)(2 4)", ...], "least", "points": [[x1, ..., xn],
...], "tests": [[[point, weight], ...], ...], "tree"}; a node is the number of its test, or [test, child, ...], children
by their orbits in the order of `Orbits.small`. All numbers are integers. Of this project it needs its format's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations, combinations_with_replacement
from math import gcd
from typing import Any, NamedTuple

from relumax.words import LEAST_FORMAT as FORMAT

VERSION = 1
KEYS = {"format", "version", "n", "degree", "group", "least", "points", "tests", "tree"}
MOST_INPUTS, MOST_DEGREE, MOST_BYTES, LARGEST = 6, 2, 1 << 24, 10**9
MOST_WORK = 10**8
"""About a minute."""
Difference = tuple[tuple[int, int], ...]
"""(number of a pair, coefficient), sorted; without a common factor, the first coefficient positive."""


class NotProved(Exception):
    """The file proves nothing; the message says where and why."""


class NotRead(NotProved):
    """These bytes are no such file."""


class Statement(NamedTuple):
    """What is proved: the family, and the least number of absolute values."""

    n: int
    degree: int
    group: tuple[str, ...]
    least: int

    @property
    def text(self) -> str:
        """The theorem in a sentence."""
        return (
            f"for n = {self.n}: every formula max(x) = sum of a_ij mij + sum of c_D |D| that is left as it is by "
            f"{', '.join(self.group) or 'the identity'}, with mij = max(xi, xj), i <= j, each D a difference of sums "
            f"of as many mij, at most {self.degree}, and any real a and c, has at least {self.least} absolute values "
            "|D|, those that differ by a factor being one"
        )


class Orbits:
    """The orbits of pairs, and those of fewer than `least` absolute values, in the order in which trees have them."""

    def __init__(self, statement: Statement):
        n = statement.n
        self.statement = statement
        self.pairs = list(combinations_with_replacement(range(n), 2))
        number = {pair: k for k, pair in enumerate(self.pairs)}
        self.moves = [
            [number[min(h[i], h[j]), max(h[i], h[j])] for i, j in self.pairs] for h in _group(statement.group, n)
        ]
        self.lines = sorted({tuple(sorted({move[k] for move in self.moves})) for k in range(len(self.pairs))})

    @cached_property
    def small(self) -> list[tuple[Difference, ...]]:
        """Orbits of differences, each sorted; by size, then by their first member."""
        found = set()
        for one in self._differences():
            orbit = {_normal([(move[k], c) for k, c in one]) for move in self.moves}
            if len(orbit) < self.statement.least:
                found.add(tuple(sorted(orbit)))
        return sorted(found, key=lambda orbit: (len(orbit), orbit))

    def _differences(self) -> set[Difference]:
        sums = combinations_with_replacement(range(len(self.pairs)), self.statement.degree)
        found = {
            _normal([(k, a.count(k) - b.count(k)) for k in {*a, *b}])
            for a, b in combinations(sums, 2)  # sums that share terms give those of smaller degree
        }
        _spend(0, len(found) * len(self.moves))
        return found

    def values(self, point: Sequence[int]) -> tuple[list[int], list[int], int]:
        """At a point: the sum of |D| over each small orbit, that of mij over each orbit of pairs, and the maximum."""
        m = [max(point[i], point[j]) for i, j in self.pairs]
        absolute = [sum(abs(sum(c * m[k] for k, c in one)) for one in orbit) for orbit in self.small]
        return absolute, [sum(m[k] for k in line) for line in self.lines], max(point)


def check(data: bytes) -> Statement:
    """The theorem that these bytes prove; raises NotProved."""
    file = _read(data)
    statement = Statement(file["n"], file["degree"], tuple(file["group"]), file["least"])
    orbits = Orbits(statement)
    tests, sizes = list(_tests(file, orbits)), [len(orbit) for orbit in orbits.small]
    pending: list[tuple[Any, frozenset[int], frozenset[int]]] = [(file["tree"], frozenset(), frozenset())]
    work = 0
    while pending:
        node, chosen, out = pending.pop()
        number, children = (node[0], node[1:]) if isinstance(node, list) and node else (node, [])
        if type(number) is not int or not 0 <= number < len(tests):
            raise NotProved(f"where {_shown(orbits, chosen)}: a node names no test")
        there, right = tests[number]
        if sum(o in chosen for o in there) + right != 1:
            raise NotProved(f"where {_shown(orbits, chosen)}: test {number} lets all other coefficients be 0")
        room = statement.least - 1 - sum(sizes[o] for o in chosen)
        others = [o for o in there if sizes[o] <= room and o not in chosen and o not in out]
        if len(others) != len(children):
            raise NotProved(
                f"where {_shown(orbits, chosen)}: {len(others)} cases are left, and {len(children)} are here"
            )
        for o, child in zip(others, children, strict=True):
            pending.append((child, chosen | {o}, out))
            out |= {o}
        work = _spend(work, len(there) + len(others) * len(out))
    return statement


def _tests(file: dict[str, Any], orbits: Orbits) -> Iterator[tuple[list[int], bool]]:
    """Of each test: the orbits on which it is not 0, and whether it is not 0 on the maximum; raises NotProved."""
    members = sum(map(len, orbits.small))
    work = _spend(0, (members + 1) * len(file["points"]))
    at = [orbits.values(point) for point in file["points"]]
    for k, test in enumerate(file["tests"]):
        work = _spend(work, len(test) * len(orbits.small))
        if any(sum(w * at[p][1][line] for p, w in test) for line in range(len(orbits.lines))):
            raise NotProved(f"test {k} does not vanish on the sums of pairs")
        there = [o for o in range(len(orbits.small)) if sum(w * at[p][0][o] for p, w in test)]
        yield there, sum(w * at[p][2] for p, w in test) != 0


def _spend(work: int, more: int) -> int:
    if work + more > MOST_WORK:
        raise NotProved(f"checking it takes more than {MOST_WORK} steps")
    return work + more


def _read(data: bytes) -> dict[str, Any]:
    """A file whose parts have the right types; raises NotRead."""
    try:
        file = json.loads(data) if len(data) <= MOST_BYTES else None
    except (ValueError, RecursionError) as problem:
        raise NotRead(f"not JSON: {problem}") from None
    if not isinstance(file, dict) or file.keys() != KEYS or [file["format"], file["version"]] != [FORMAT, VERSION]:
        raise NotRead(f"not a file of format {FORMAT}, version {VERSION}, of at most {MOST_BYTES} bytes")
    for key, most in (("n", MOST_INPUTS), ("degree", MOST_DEGREE), ("least", LARGEST)):
        if type(file[key]) is not int or not 1 <= file[key] <= most:
            raise NotRead(f"{key}: not an integer from 1 to {most}")
    if not isinstance(file["group"], list) or not all(isinstance(one, str) for one in file["group"]):
        raise NotRead("group: not a list of strings")
    if not _integers(file["points"], file["n"]):
        raise NotRead(f"points: not a list of lists of {file['n']} integers, none larger than {LARGEST}")
    tests = file["tests"]
    if not isinstance(tests, list) or not all(
        _integers(test, 2) and all(0 <= p < len(file["points"]) for p, _ in test) for test in tests
    ):
        raise NotRead("tests: not a list of lists of [point, weight]")
    return file


def _integers(value: Any, length: int) -> bool:
    """Whether this is a list of lists of so many integers of moderate size."""
    return isinstance(value, list) and all(
        isinstance(row, list) and len(row) == length and all(type(x) is int and abs(x) <= LARGEST for x in row)
        for row in value
    )


def _normal(terms: Sequence[tuple[int, int]]) -> Difference:
    found = sorted((k, c) for k, c in terms if c)
    common = gcd(*(c for _, c in found)) * (1 if found[0][1] > 0 else -1)
    return tuple((k, c // common) for k, c in found)


def _group(generators: Sequence[str], n: int) -> list[tuple[int, ...]]:
    """All permutations that these generate, as images of 0..n-1; raises NotRead."""
    moves = []
    for text in generators:
        cycles = [[int(k) - 1 for k in cycle.split()] for cycle in re.findall(r"\(([1-9](?: [1-9])*)\)", text)]
        moved = [k for cycle in cycles for k in cycle]
        written = "".join(f"({' '.join(str(k + 1) for k in cycle)})" for cycle in cycles)
        if not cycles or text != written or len({*moved}) < len(moved) or max(moved) >= n:
            raise NotRead(f"group: {text[:40]!r} is no product of disjoint cycles of 1 to {n}")
        to = {k: cycle[(at + 1) % len(cycle)] for cycle in cycles for at, k in enumerate(cycle)}
        moves.append(tuple(to.get(k, k) for k in range(n)))
    found = [tuple(range(n))]
    for one in found:
        found.extend({tuple(h[k] for k in one) for h in moves}.difference(found))
    return found


def shown(orbits: Orbits, o: int) -> str:
    """A member of an orbit, as `relumax/constructions/formula.py` writes it."""
    terms = sorted(orbits.small[o][0], key=lambda term: term[1] < 0)
    named = {k: f"x{i + 1}" if i == j else f"m{i + 1}{j + 1}" for k, (i, j) in enumerate(orbits.pairs)}
    parts = (("+" if c > 0 else "-") + (str(abs(c)) if abs(c) > 1 else "") + named[k] for k, c in terms)
    return f"|{''.join(parts).removeprefix('+')}|"


def _shown(orbits: Orbits, chosen: frozenset[int]) -> str:
    return " and ".join(shown(orbits, o) for o in sorted(chosen)) + " occur" if chosen else "nothing is known"
