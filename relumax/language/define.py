"""Programs in the language of statements: every relu and step becomes a definition, the rest a form over those.

The largest and the smallest of something are definitions too, so that a condition can speak of them: `max(x)`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from relumax.errors import ProgramError, SpecError
from relumax.kernel.wire import MAX_DIGITS
from relumax.language.condition import Condition, Json, clause
from relumax.language.expr import ATOMS, Expr, affine, brief, children

LONGEST = 2 * 1024 * 3
"""Bits of a coefficient that is written at all; the kernel says which of those are too long."""


def wire(value: int) -> int | str:
    """A coefficient as the certificate writes it: a decimal string from 2^53 on."""
    if value.bit_length() > LONGEST:
        raise SpecError(
            f"a coefficient of {value.bit_length():,} bits: certificates hold numbers of at most {MAX_DIGITS} digits"
        )
    return value if -(1 << 53) < value < 1 << 53 else str(value)


def number(value: int | str) -> int:
    """The inverse of `wire`."""
    return int(value)


class Definitions:
    """The definitions of one statement, and its conditions in their terms.

    `names` says what inputs and units of programs are called there: "x[0]", "c[w]"; a symbol is called what it says.
    `arrays` says how long the arrays are that the statement starts with, `indices` what its indices are called. Names
    in `taken` are given to nothing unasked; `ordered` keeps terms in the order in which they are written.

    >>> from relumax.language.expr import inputs, relu
    >>> a, b = inputs(2)
    >>> found = Definitions({a: "x[0]", b: "x[1]"})
    >>> found.form(b + relu(a - b))
    [1, 0, 1, 'r0', 1, 'x[1]']
    >>> found.made
    [{'name': 'r0', 'kind': 'relu', 'length': None, 'form': [1, 0, 1, 'x[0]', -1, 'x[1]']}]
    """

    def __init__(
        self,
        names: Mapping[Expr, str] | None = None,
        arrays: Mapping[str, int] | None = None,
        indices: Sequence[str] = (),
        ordered: bool = False,
        taken: Collection[str] = (),
    ):
        self.names = dict(names or {})
        self.arrays = dict(arrays or {})
        self.made: list[Json] = []
        self._ordered, self._taken = ordered, taken
        self._scalars = {"i", *indices}
        self._known: dict[tuple[object, ...], str] = {}

    def form(self, expr: Expr) -> list[Any]:
        """`[den, const, c, reference, ...]`, the value of the program, by name; what it needs is defined first."""
        den, const, *terms = self.written(expr)
        pairs = list(zip(terms[1::2], terms[::2], strict=True))
        pairs = pairs if self._ordered else sorted(pairs)
        return [den, const, *(one for name, c in pairs for one in (c, name))]

    def written(self, expr: Expr) -> list[Any]:
        """The same in the order in which it is written."""
        for node in _below(expr, self.names):
            if node.op not in ("input", "symbol") and node.op in ATOMS and node not in self.names:
                self.names[node] = self._unit(node) if node.op in ("relu", "step") else self._extreme(node)
        flat = affine(expr)
        terms: dict[str, Fraction] = {}
        for one in _in_order(expr):  # units of equal forms have one name
            if one in flat.terms:
                name = self._reference(one)
                terms[name] = terms.get(name, Fraction(0)) + flat.terms[one]
        terms = {name: c for name, c in terms.items() if c}
        den = lcm(flat.const.denominator, *(c.denominator for c in terms.values()))
        found: list[Any] = [wire(den), wire(int(flat.const * den))]
        for name, c in terms.items():
            found += [wire(int(c * den)), name]
        return found

    def clause(self, condition: Condition[Expr]) -> Json:
        """The condition as a clause of the kernel."""
        return clause(condition, self.written, self.arrays)

    def array(self, name: str, exprs: Sequence[Expr]) -> None:
        """Define the array `name` of the values of these programs."""
        self._made({"name": name, "kind": "list", "forms": [self.form(one) for one in exprs]}, len(exprs))

    def each(self, name: str, length: int, expr: Expr) -> None:
        """Define the array `name` whose element i is the value of the program, which speaks of i."""
        kind, inner = (expr.op, expr.args[0]) if expr.op in ("relu", "step") else ("form", expr)
        if any(speaks_of_i(node) for node in affine(inner).terms if node.op != "symbol"):
            raise SpecError(f"{name}: element i is a sum, or relu or step of a sum, not {brief(expr)}")
        self._made({"name": name, "kind": kind, "length": length, "form": self.written(inner)}, length)

    def scalar(self, name: str, expr: Expr) -> None:
        """Define `name`, the value of the program."""
        if expr.op in ("largest", "smallest"):
            self._extreme(expr, name)
        elif self._ordered and expr.op in ("relu", "step"):
            self._made({"name": name, "kind": expr.op, "length": None, "form": self.form(expr.args[0])})
        else:
            self._made({"name": name, "kind": "form", "length": None, "form": self.form(expr)})

    def _made(self, definition: Json, length: int | None = None) -> str:
        name: str = definition["name"]
        if name in self._scalars or name in self.arrays:
            raise SpecError(f"{name} is defined twice")
        self.made.append(definition)
        if length is None:
            self._scalars.add(name)
        else:
            self.arrays[name] = length
        return name

    def fresh(self, base: str) -> str:
        """The name, or with a number if it is taken."""
        k, name = len(self.made), base
        while name in self._scalars or name in self.arrays or name in self._taken:
            name, k = f"{base.rstrip('0123456789')}{k}", k + 1
        return name

    def _unit(self, node: Expr) -> str:
        value = self.form(node.args[0])
        key = node.op, *value
        if key not in self._known:
            definition = {"name": self.fresh(f"r{len(self._known)}"), "kind": node.op, "length": None, "form": value}
            self._known[key] = self._made(definition)
        return self._known[key]

    def _extreme(self, node: Expr, name: str = "") -> str:
        """Define the largest or smallest of an array, or of a list that is defined first, under a name; return it."""
        of = _array_of(node.args)
        if self.arrays.get(of) != len(node.args):
            forms = [self.written(one) for one in node.args]
            of = self.fresh(f"s{len(self.made)}")
            self._made({"name": of, "kind": "list", "forms": forms}, len(forms))
            name = name or self.fresh(f"m{len(self.made)}")
        kind = {"largest": "max", "smallest": "min"}[node.op]
        self.names[node] = self._made({"name": name or self.fresh("m"), "kind": kind, "of": of})
        return self.names[node]

    def _reference(self, one: Expr) -> str:
        """What an atom is called."""
        if one in self.names:
            return self.names[one]
        if one.op != "symbol":
            raise ProgramError(f"the program reads {brief(one)}, which is not among its inputs")
        name, bracket, _ = str(one.data).partition("[")
        if (name not in self.arrays) if bracket else (name not in self._scalars):
            raise SpecError(f"{name} is no input, output, index or definition of the statement")
        return str(one.data)


def _array_of(args: Sequence[Expr]) -> str:
    """The name of the array whose elements these are, in order; "" if they are none."""
    name = str(args[0].data).partition("[")[0]
    whole = all(one.op == "symbol" and one.data == f"{name}[{k}]" for k, one in enumerate(args))
    return name if whole else ""


def speaks_of_i(expr: Expr) -> bool:
    """Whether the program speaks of i or of an element at i."""
    return any(node.op == "symbol" and (node.data == "i" or str(node.data).endswith("[i]")) for node in _below(expr))


def _below(expr: Expr, known: Collection[Expr] = ()) -> Iterator[Expr]:
    """Every node of the program that is not known or under one that is, children first.

    Each comes once, in an order that depends on nothing but the program.
    """
    seen: set[Expr] = set()
    pending = [(expr, False)]
    while pending:
        node, ready = pending.pop()
        if ready:
            yield node
        elif node not in seen and node not in known:
            seen.add(node)
            pending.append((node, True))
            pending += [(child, False) for child in reversed(children(node))]


def _in_order(expr: Expr) -> Iterator[Expr]:
    """The atoms of a sum, once each, from left to right."""
    seen: set[Expr] = set()
    pending = [expr]
    while pending:
        node = pending.pop()
        if node not in seen:
            seen.add(node)
            if node.op in ATOMS:
                yield node
            else:
                pending += reversed(children(node))
