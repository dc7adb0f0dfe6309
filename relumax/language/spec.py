"""Specs: the statement to prove about a network, in the machine form of the kernel (`relumax/kernel/FORMAT.md`).

A `Spec` says what is claimed for all real inputs: arrays name the inputs and outputs, each statement has definitions,
requirements and promises. The helpers below build the pieces; `max_spec(8)` is the statement behind
`relumax prove --n 8`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

Json = dict[str, Any]


class Spec(NamedTuple):
    """A claim without its network. `nonnegative` lists inputs that `requires` bounds below by 0."""

    arrays: list[Json]
    statements: list[Json]
    nonnegative: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """The number of inputs of the network."""
        return sum(array["length"] for array in self.arrays if array["of"] == "in")

    @property
    def n(self) -> int:
        """The number of options to choose from: the length of the first input array."""
        length: int = self.arrays[0]["length"]
        return length

    def claim(self) -> Json:
        """The claim object of a certificate."""
        statements = [{key: one[key] for key in one if key != "points"} for one in self.statements]
        return {"arrays": self.arrays, "statements": statements}

    def points(self) -> list[list[Json]]:
        """The points of each statement, which stand beside the claim in a certificate."""
        return [one["points"] for one in self.statements]


def array(name: str, of: str, length: int, base: int = 0, stride: int = 1) -> Json:
    """Inputs (`of="in"`) or outputs (`of="out"`) base, base + stride, ... as an array."""
    return {"name": name, "of": of, "base": base, "stride": stride, "length": length}


def atom(left: Json | dict[str, Any], relation: str, const: Fraction | int = 0) -> list[Any]:
    """`sum of coefficient * reference + const (relation) 0`, denominators cleared."""
    return [relation, *form(left, const)[1:]]


def form(terms: dict[str, Any], const: Fraction | int = 0) -> list[Any]:
    """The rational form `sum of coefficient * reference + const` as `[den, const, c, reference, ...]`."""
    den = lcm(*(Fraction(value).denominator for value in (const, *terms.values())))
    found: list[Any] = [wire(den), wire(int(Fraction(const) * den))]
    for reference, c in terms.items():
        found += [wire(int(Fraction(c) * den)), reference]
    return found


def wire(value: int) -> int | str:
    """A coefficient as the certificate writes it: a decimal string from 2^53 on."""
    return value if -(1 << 53) < value < 1 << 53 else str(value)


def number(value: int | str) -> int:
    """The inverse of `wire`."""
    return int(value)


def clause(*branches: Sequence[list[Any]], each: int | None = None, where: list[str] | None = None) -> Json:
    """A disjunction of conjunctions, for each i < `each` (perhaps only before, after or except an index)."""
    return {"each": each, "where": where, "any": [list(branch) for branch in branches]}


def statement(
    ensures: list[Json],
    define: Sequence[Json] = (),
    requires: Sequence[Json] = (),
    index: Sequence[list[Any]] = (),
    points: Sequence[Json] = (),
) -> Json:
    """One statement of a claim."""
    return {
        "define": list(define),
        "ensures": ensures,
        "index": list(index),
        "points": list(points),
        "requires": list(requires),
    }


def point(inputs: Sequence[Fraction | int], index: Sequence[int] = ()) -> Json:
    """A point that meets the requirements: rational inputs over one denominator, and a value for each index."""
    den = lcm(*(Fraction(value).denominator for value in inputs))
    return {"inputs": [wire(den), *(wire(int(Fraction(v) * den)) for v in inputs)], "index": list(index)}


def extremum(kind: str) -> Callable[[int], Spec]:
    """The spec of max or min: for all x in R^n, y = max(x) (or min)."""

    def spec(n: int) -> Spec:
        promise = clause([atom({"y[0]": 1, "m": -1}, "=")])
        best = {"name": "m", "kind": kind, "of": "x"}
        return Spec([array("x", "in", n), array("y", "out", 1)], [statement([promise], [best])])

    return spec


max_spec, min_spec = extremum("max"), extremum("min")


def max_nonnegative_spec(n: int) -> Spec:
    """For all x in R^n with x[i] >= 0 for each i: y = max(x)."""
    spec = max_spec(n)
    nonnegative = clause([atom({"x[i]": -1}, "<=")], each=n)
    one = {**spec.statements[0], "requires": [nonnegative], "points": [point(range(n))]}
    return Spec(spec.arrays, [one], tuple(range(n)))
