"""From a statement to the query that asks for a counterexample to it: unsat if and only if the statement is true.

A statement about n inputs and m outputs becomes a query over X[1,n] and Y[1,m]. Each value of an index is one
alternative; a maximum m = max(S) is opened where it stands: c m + t <= 0 says it of every s in S where c > 0, of some
s where c < 0. Steps in a definition, and winners on a lattice, cannot be said so and are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from relumax.errors import FormatError
from relumax.formats.vnnlib.query import (
    IN,
    OUT,
    Atom,
    Cell,
    Declared,
    Every,
    Formula,
    Linear,
    Query,
    Some,
    Tensor,
    negated,
    number,
    simple,
)
from relumax.formats.vnnlib.writing import REAL
from relumax.kernel.network import read_network
from relumax.kernel.proof import branches
from relumax.kernel.statement import Claim, Statement
from relumax.kernel.wire import EQ as KERNEL_EQ
from relumax.kernel.wire import LE as KERNEL_LE
from relumax.kernel.wire import Fuel
from relumax.language.condition import EQ, LE, LT
from relumax.language.spec import Spec

MOST_INDICES = 4096
"""A statement with more values of its indices, taken together, is not written as a query."""


def counterexample(spec: Spec, kind: str = REAL) -> Query:
    """The query met by exactly the inputs (with the network's outputs) at which the spec is false."""
    width, height = spec.width, spec.height
    network = read_network(
        {"inputs": width, "layers": [], "output": {"den": 1, "rows": [[0]] * height}}, Fuel(1 << 200)
    )
    wrong = [_false(one, width, height) for one in Claim(spec.claim(), network).statements]
    formula = simple(wrong[0] if len(wrong) == 1 else Some(tuple(wrong)))
    tensors = (Tensor("X", IN, kind, (1, width)), Tensor("Y", OUT, kind, (1, height)))
    assertions = formula.parts if isinstance(formula, Every) else (formula,)
    return Query((Declared("N", tensors),), assertions)


def boxed(query: Query, low: Fraction, high: Fraction) -> Query:
    """The same where every input lies between two numbers."""
    bounds: list[Formula] = []
    for cell in query.cells(IN):
        bounds.append(Atom(LE, Linear(low, {cell: Fraction(-1)})))
        bounds.append(Atom(LE, Linear(-high, {cell: Fraction(1)})))
    return query._replace(assertions=(*bounds, *query.assertions))


def _false(statement: Statement, width: int, height: int) -> Formula:
    """That the statement is false at an input."""
    ranges = [range(n) for _, n, _ in statement.indices]
    count = 1
    for one in ranges:
        count *= len(one)
    if count > MOST_INDICES:
        raise FormatError(f"a statement with {count:,} values of its indices is too long for a query")
    if any(winner is not None and winner[1] is not None for *_, winner in statement.requires):
        raise FormatError("that inputs lie on a lattice cannot be said in a query")
    alternatives = []
    for index in product(*ranges):
        values = _Values(statement, index, width, height)
        met = [values.fact(at(i)) for at, n, *_ in statement.requires for i in range(n)]
        broken = [negated(values.fact(at(i))) for at, n, *_ in statement.ensures for i in range(n)]
        alternatives.append(Every((*met, Some(tuple(broken)))))
    return alternatives[0] if len(alternatives) == 1 else Some(tuple(alternatives))


class _Values:
    """What each variable of the kernel's statement is, at one value of each index."""

    def __init__(self, statement: Statement, index: Sequence[int], width: int, height: int):
        self.cells: dict[int, Cell] = {v: ("X", v) for v in range(width)}
        self.cells |= {width + k: ("Y", k) for k in range(height)}
        self.forms: dict[int, Linear] = {v: Linear(Fraction(0), {cell: Fraction(1)}) for v, cell in self.cells.items()}
        self.maxima: dict[int, tuple[int, list[Linear]]] = {}  # v is the sign times the largest of these
        at: dict[int, int] = {}
        for k, (_, _, w) in zip(index, statement.indices, strict=True):
            self.forms[w], at[w] = number(k), k
        for kind, v, data in statement.definitions:
            if kind == "read":
                array, w = data
                source = array.base + array.stride * at[w]
                self._same(v, source)
            elif kind == "form":
                self.forms[v] = self._form(data)
            elif kind == "relu":
                self._largest(v, 1, [number(0), self._form(data)])
            elif kind in ("max", "min"):
                self._largest(v, 1 if kind == "max" else -1, [self._form(one) for one in data])
            else:
                raise FormatError("a step in what a statement defines cannot be said in a query")

    def _same(self, v: int, source: int) -> None:
        self.forms[v] = self.forms[source]

    def _largest(self, v: int, sign: int, parts: list[Linear]) -> None:
        self.maxima[v] = sign, parts
        self.forms[v] = Linear(Fraction(0), {("", v): Fraction(1)})

    def _form(self, value: Any) -> Linear:
        den, const, terms = value
        total = number(const)
        for v, c in terms:
            total = total.plus(self.forms[v], c)
        return total.times(Fraction(1, den))

    def fact(self, value: Any) -> Formula:
        """A clause of the kernel, over cells."""
        found = [Every(tuple(self._atom(one) for one in branch)) for branch in branches(value)]
        return Some(tuple(found))

    def _atom(self, one: Any) -> Formula:
        relation, const, terms = one
        form = self._form((1, const, terms))
        if relation == KERNEL_EQ and any(cell[0] == "" for cell in form.terms):
            return Every((self._opened(LE, form), self._opened(LE, form.times(-1))))
        return self._opened({KERNEL_EQ: EQ, KERNEL_LE: LE}.get(relation, LT), form)

    def _opened(self, relation: str, form: Linear) -> Formula:
        """The atom without maxima, the one defined last opened first."""
        heads = [cell for cell in form.terms if cell[0] == ""]
        if not heads:
            return Atom(relation, form)
        head = max(heads, key=lambda cell: cell[1])
        sign, parts = self.maxima[head[1]]
        c = form.terms[head]
        rest = form.plus(Linear(Fraction(0), {head: c}), -1)
        found = tuple(self._opened(relation, rest.plus(one, sign * c)) for one in parts)
        return Every(found) if sign * c > 0 else Some(found)
