"""What the sums of a sentence mean: programs over the symbols of its statement.

Median, sort and second largest are minima of maxima: of n numbers the one at place k, counted from the smallest at 0,
is the smallest of the largest of k + 1 of them, and the largest of the smallest of n - k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from itertools import combinations
from math import comb
from typing import NamedTuple, NoReturn

from relumax.language.define import Definitions, speaks_of_i
from relumax.language.expr import (
    Expr,
    const,
    constant_value,
    evaluate,
    largest,
    relu,
    smallest,
    step,
    symbol,
    topological,
)
from relumax.language.theorem.nodes import Node
from relumax.language.theorem.tokens import wrong

MOST = 3000
"""Subsets that an element of a sorted list may be made of."""
FUNCTIONS = ("max", "min", "relu", "step", "abs", "sum", "median", "second", "sort")


class Row(NamedTuple):
    """Several values: an array by its name, or a list that has none (then `name` is "")."""

    length: int
    element: Callable[[int], Expr]
    name: str


class Known:
    """What the names of one statement stand for, and the elements at i that are read while something is said of i."""

    def __init__(self, text: str, spaces: dict[str, tuple[str, int]], indices: dict[str, int], names: set[str]):
        self.text, self.spaces, self.indices, self.names = text, spaces, indices, names
        lengths = {name: n for name, (_, n) in spaces.items()}
        self.said = Definitions(arrays=lengths, indices=[*indices], ordered=True, taken=names)
        self.bound = False  # whether i stands for each index here
        self.reads: list[tuple[int, int, str]] = []  # (length, place, name) of what was read at i
        self.scalars: set[str] = set()
        self.cases = 0  # how many distinctions the condition at hand has come to
        self.extremes: dict[tuple[str, str], Expr] = {}  # the largest and the smallest of each array
        self._found: dict[Expr, tuple[bool, bool, bool]] = {}
        self.made: dict[tuple[Expr, int], str] = {}  # arrays defined for what is said of each i

    def fail(self, at: int, message: str) -> NoReturn:
        """Raise TheoremError."""
        wrong(self.text, at, message)

    def outside(self, name: str) -> bool:
        """Whether it is an array of outputs, or an element of one."""
        return self.spaces.get(name.partition("[")[0], ("", 0))[0] == "out"

    def speaks_outside(self, expr: Expr) -> bool:
        """Whether a program speaks of outputs."""
        return self._spoken(expr)[0]

    def speaks_of_i(self, expr: Expr) -> bool:
        """Whether a program speaks of i, or of elements at i."""
        return self._spoken(expr)[1]

    def is_number(self, expr: Expr) -> bool:
        """Whether nothing in a program has a name."""
        return self._spoken(expr)[2]

    def _spoken(self, expr: Expr) -> tuple[bool, bool, bool]:
        if expr not in self._found:
            names = [str(node.data) for node in topological([expr]) if node.op == "symbol"]
            self._found[expr] = any(map(self.outside, names)), speaks_of_i(expr), not names
        return self._found[expr]


def scalar(node: Node, known: Known) -> Expr:
    """The value of a part of the sentence that is one number."""
    found = value(node, known)
    if isinstance(found, Row):
        called = f"{found.name} has" if found.name else "these are"
        hint = f": {found.name}[0], or {found.name}[i] and `for each i < {found.length}`" if found.name else ""
        known.fail(node.at, f"one number is expected here, and {called} {found.length} elements{hint}")
    return found


def value(node: Node, known: Known) -> Expr | Row:
    """The value of a part of the sentence: a number or several."""
    match node.kind:
        case "number":
            return const(node.data)
        case "name":
            return _named(node, known)
        case "call":
            return _called(node, known)
        case "sum":
            return _sum(node, known)
        case "product":
            return _product(node, known)
        case "abs":
            inner = scalar(node.parts[0], known)
            return absolute(inner)
        case "round":
            return value(node.parts[0], known)
        case "list":
            elements = [scalar(one, known) for one in node.parts]
            return Row(len(elements), elements.__getitem__, "")
    known.fail(node.at, "a number is expected here, not a condition")


def _sum(node: Node, known: Known) -> Expr:
    total: Expr | None = None
    for part, sign in zip(node.parts, node.data, strict=True):
        one = scalar(part, known)
        total = (one if sign > 0 else -one) if total is None else total + one if sign > 0 else total - one
    return const(0) if total is None else total


def _factor(node: Node, known: Known) -> Expr:
    """The value; a number where nothing in it has a name."""
    found = scalar(node, known)
    return const(evaluate(found, [])) if known.is_number(found) else found


def _product(node: Node, known: Known) -> Expr:
    found = _factor(node.parts[0], known)
    for part, operator in zip(node.parts[1:], node.data, strict=True):
        one = _factor(part, known)
        if operator == "/":
            if one.op != "const":
                known.fail(part.at, "division by a variable: what a network computes is piecewise linear")
            if constant_value(one) == 0:
                known.fail(part.at, "division by zero")
            found = found / one
        elif operator == "by" and one.op == "const":
            known.fail(part.at, "a/b beside a number: (a/b)*c or a/(b*c)? Write * or more brackets")
        elif found.op != "const" and one.op != "const":
            known.fail(part.at, "a product of variables: what a network computes is piecewise linear")
        else:
            found = found * one
    return found


# ---------------------------------------------------------------- names


def _named(node: Node, known: Known) -> Expr | Row:
    name, at = node.data
    if name == "i" and at is None:
        if not known.bound:
            known.fail(node.at, "i is said of nothing here: `for each i < n` comes after the condition")
        return symbol("i")
    length = known.said.arrays.get(name)
    if length is None:
        if name not in known.indices and name not in known.scalars:
            unknown(node.at, name, known)
        if at is not None:
            known.fail(node.at, f"{name} is one number and no array: it has no element [{at}]")
        return symbol(name)
    row = Row(length, lambda k: symbol(f"{name}[{k}]"), name)
    return row if at is None and length > 1 else picked(row, at, node.at, known)


def picked(row: Row, at: int | str | None, place: int, known: Known) -> Expr:
    """The element of a row at a number, at i or at an index; of one alone if nothing is said."""
    called = row.name or "the list"
    if at is None:
        return row.element(0)
    if isinstance(at, int):
        if at >= row.length:
            last = f"{called}[0] to {called}[{row.length - 1}]" if row.name else f"elements 0 to {row.length - 1}"
            of = f"{called} in R^{row.length}" if row.name in known.spaces else f"{called} of {row.length}"
            known.fail(place, f"{called}[{at}]: {of} has {last if row.length > 1 else f'{called}[0] alone'}")
        return row.element(at)
    if at == "i":
        if not known.bound:
            known.fail(place, "i is said of nothing here: `for each i < n` comes after the condition")
        known.reads.append((row.length, place, called))
    elif at not in known.indices:
        if at in known.said.arrays or at in known.scalars:
            known.fail(place, f"{called}[{at}]: an array is read at a number, at i or at an index, and {at} is none")
        unknown(place, at, known)
    elif known.indices[at] != row.length:
        known.fail(place, f"the index {at} has {known.indices[at]} values, {called} has {row.length} elements")
    return symbol(f"{listed(row, place, known)}[{at}]")


def listed(row: Row, place: int, known: Known) -> str:
    """The name of an array of these values, defined first if they have none."""
    if row.name:
        return row.name
    elements = [row.element(k) for k in range(row.length)]
    if any(map(known.speaks_outside, elements)):
        known.fail(place, "these are values of outputs, which have no common name: say it of each, one by one")
    name = known.said.fresh("s")
    known.said.array(name, elements)
    return name


def unknown(at: int, name: str, known: Known) -> NoReturn:
    """Raise TheoremError: nothing is called so."""
    here = [*known.said.arrays, *known.indices, *known.scalars]
    base = name.rstrip("0123456789_")
    if name in FUNCTIONS:
        known.fail(at, f"{name} is of something: write {name}(x)")
    if base in known.said.arrays and name[len(base) :].strip("_").isdigit():
        meant = f"{base}[{name[len(base) :].strip('_')}]"
        known.fail(at, f"unknown name {name}; did you mean {meant}? (The first is {base}[0].)")
    close = get_close_matches(name, here, 2, 0.6)
    hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(here[:12])}"
    known.fail(at, f"unknown name {name}; {hint}")


# ---------------------------------------------------------------- functions


def _called(node: Node, known: Known) -> Expr | Row:
    function, at = node.data
    if function not in FUNCTIONS:
        close = get_close_matches(function, FUNCTIONS, 1, 0.6)
        hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(FUNCTIONS)}"
        if function in known.said.arrays:
            hint = "elements are written in square brackets"
        known.fail(node.at, f"unknown function {function}; {hint}")
    if function != "sort" and at is not None:
        known.fail(node.at, f"{function}(...) is one number: it has no element [{at}]")
    if function in ("relu", "step", "abs"):
        if len(node.parts) != 1:
            known.fail(node.at, f"{function} is of one number")
        inner = scalar(node.parts[0], known)
        return {"relu": relu, "step": step, "abs": absolute}[function](inner)
    return _of_several(function, at, node, known)


def _of_several(function: str, at: int | str | None, node: Node, known: Known) -> Expr | Row:
    first = node.parts[0]
    whole = first.kind == "name" and first.data[1] is None and first.data[0] in known.said.arrays
    key = function, first.data[0] if whole and len(node.parts) == 1 else ""
    if key in known.extremes:  # of one array said again and again
        return known.extremes[key]
    elements: list[Expr] = []
    for one in (value(part, known) for part in node.parts):
        elements += [one.element(k) for k in range(one.length)] if isinstance(one, Row) else [one]
    match function:
        case "max" | "min":
            if len(elements) == 1 and not whole:
                return elements[0]
            found = extreme(function, elements)
            if key[1]:
                known.extremes[key] = found
            return found
        case "sum":
            total = elements[0]
            for one in elements[1:]:
                total = total + one
            return total
        case "median":
            high = len(elements) // 2
            upper = placed(elements, high, node.at, known)
            return upper if len(elements) % 2 else (upper + placed(elements, high - 1, node.at, known)) / 2
        case "second":
            if len(elements) < 2:
                known.fail(node.at, "there is no second largest of one number")
            return placed(elements, len(elements) - 2, node.at, known)
    row = Row(len(elements), lambda k: placed(elements, k, node.at, known), "")
    return row if at is None else picked(row, at, node.at, known)


def absolute(t: Expr) -> Expr:
    """The larger of t and -t."""
    return extreme("max", [t, -t])


def extreme(function: str, elements: Sequence[Expr]) -> Expr:
    """The largest (for "max") or smallest of these."""
    if all(one.op == "const" for one in elements):
        return const((max if function == "max" else min)(map(constant_value, elements)))
    return largest(elements) if function == "max" else smallest(elements)


def placed(elements: Sequence[Expr], k: int, at: int, known: Known) -> Expr:
    """The element at place k of the elements in ascending order: a minimum of maxima, or a maximum of minima."""
    n = len(elements)
    if k in (0, n - 1):
        return elements[0] if n == 1 else extreme("max" if k else "min", elements)
    few = min(comb(n, k + 1), comb(n, k))
    if few > MOST:
        known.fail(at, f"place {k} of {n} sorted numbers is a minimum of {few:,} maxima, more than {MOST:,}")
    if comb(n, k + 1) == few:
        return extreme("min", [extreme("max", some) for some in combinations(elements, k + 1)])
    return extreme("max", [extreme("min", some) for some in combinations(elements, n - k)])
