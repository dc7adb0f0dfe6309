"""Queries: networks with named tensors, and what is asserted of their cells; each atom is linear.

A query asks for a counterexample: it is *sat* if some real inputs, with what the networks give there, make every
assertion true, *unsat* if none do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import product
from math import prod
from typing import NamedTuple

from relumax.errors import BudgetExceeded, FormatError
from relumax.language.condition import EQ, LE, LT

Cell = tuple[str, int]
"""The name of a tensor, and which of its numbers, row-major."""
MOST = 100_000
"""A query with more atoms, written as alternatives, is not taken on."""
IN, OUT, HIDDEN = "input", "output", "hidden"


class Linear(NamedTuple):
    """const + sum of c * cell; no coefficient is 0."""

    const: Fraction
    terms: Mapping[Cell, Fraction]

    def plus(self, other: Linear, times: Fraction | int = 1) -> Linear:
        """self + times * other."""
        terms = dict(self.terms)
        for cell, c in other.terms.items():
            terms[cell] = terms.get(cell, Fraction(0)) + times * c
        return Linear(self.const + times * other.const, {cell: c for cell, c in terms.items() if c})

    def times(self, by: Fraction | int) -> Linear:
        """by * self."""
        return Linear(by * self.const, {cell: by * c for cell, c in self.terms.items() if by})


def number(value: Fraction | int) -> Linear:
    """The form that is a number."""
    return Linear(Fraction(value), {})


class Atom(NamedTuple):
    """form (= | <= | <) 0."""

    relation: str
    form: Linear


class Every(NamedTuple):
    """All parts hold; of none: true."""

    parts: tuple[Formula, ...]


class Some(NamedTuple):
    """One of the parts holds; of none: false."""

    parts: tuple[Formula, ...]


Formula = Atom | Every | Some


class Tensor(NamedTuple):
    """A declared input, output or hidden value: its type and shape; `node` is a hidden one's name in the file."""

    name: str
    side: str
    kind: str
    shape: tuple[int, ...]
    node: str = ""

    @property
    def cells(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


class Declared(NamedTuple):
    """A network of a query; `like` names the one whose file it shares ("equal-to"), if it does."""

    name: str
    tensors: tuple[Tensor, ...]
    like: str | None = None


class Query(NamedTuple):
    """Networks, and assertions that are to hold at once. `flat`: shapes are not said (1.0), only how many numbers."""

    networks: tuple[Declared, ...]
    assertions: tuple[Formula, ...]
    flat: bool = False

    @property
    def tensors(self) -> list[Tensor]:
        """All tensors, in the order of the file."""
        return [one for network in self.networks for one in network.tensors]

    def cells(self, *sides: str) -> list[Cell]:
        """The cells of all tensors on these sides, network after network; of outputs and hidden ones in that order."""
        return [
            (one.name, k)
            for network in self.networks
            for side in sides
            for one in network.tensors
            if one.side == side
            for k in range(one.cells)
        ]


def holds(formula: Formula, values: Mapping[Cell, Fraction]) -> bool:
    """Whether the formula is true for these values, exactly."""
    if isinstance(formula, Every):
        return all(holds(one, values) for one in formula.parts)
    if isinstance(formula, Some):
        return any(holds(one, values) for one in formula.parts)
    total = formula.form.const + sum((c * values[cell] for cell, c in formula.form.terms.items()), Fraction(0))
    return total == 0 if formula.relation == EQ else total <= 0 if formula.relation == LE else total < 0


def negated(formula: Formula) -> Formula:
    """What is true where the formula is false."""
    if isinstance(formula, Every):
        return Some(tuple(map(negated, formula.parts)))
    if isinstance(formula, Some):
        return Every(tuple(map(negated, formula.parts)))
    below, above = formula.form, formula.form.times(-1)
    if formula.relation == EQ:
        return Some((Atom(LT, below), Atom(LT, above)))
    return Atom(LT if formula.relation == LE else LE, above)


def branches(formula: Formula) -> list[tuple[Atom, ...]]:
    """The formula as alternatives, each of atoms that hold at once; raises BudgetExceeded."""
    found = _branches(formula)
    return [tuple(dict.fromkeys(branch)) for branch in found]


def _branches(formula: Formula) -> list[tuple[Atom, ...]]:
    if isinstance(formula, Atom):
        return [(_Hashed(formula.relation, formula.form),)]
    parts = [_branches(one) for one in formula.parts]
    if isinstance(formula, Some):
        found = [branch for part in parts for branch in part]
    else:
        count = prod(len(part) for part in parts)
        _within(sum(sum(map(len, part)) * (count // len(part)) for part in parts) if count else 0)
        joined: Callable[[tuple[Atom, ...], tuple[Atom, ...]], tuple[Atom, ...]] = lambda a, b: a + b  # noqa: E731
        found = [reduce(joined, choice, ()) for choice in product(*parts)]
    _within(sum(map(len, found)))
    return found


class _Hashed(Atom):
    """An atom that knows when it is another one's equal."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash((self.relation, self.form.const, frozenset(self.form.terms.items())))


def _within(size: int) -> None:
    if size > MOST:
        raise BudgetExceeded(f"the query, written as alternatives, has more than {MOST:,} atoms")


def simple(formula: Formula) -> Formula:
    """The same without parts that are true or false whatever the values, nested parts of one sort joined."""
    if isinstance(formula, Atom):
        return formula if formula.form.terms else (Every(()) if holds(formula, {}) else Some(()))
    own, other = (Every, Some) if isinstance(formula, Every) else (Some, Every)
    parts: list[Formula] = []
    for one in map(simple, formula.parts):
        if isinstance(one, other) and not one.parts:
            return one
        parts.extend(one.parts if isinstance(one, own) else [one])
    if own is Every and _contradict(parts):
        return Some(())
    return parts[0] if len(parts) == 1 else own(tuple(parts))


def _contradict(parts: list[Formula]) -> bool:
    """Whether two of them are t < 0 and -t < 0."""
    atoms = {_Hashed(*one) for one in parts if isinstance(one, Atom) and one.relation == LT}
    return any(_Hashed(LT, one.form.times(-1)) in atoms for one in atoms)


def check_fits(query: Query) -> None:
    """Raise FormatError unless names are new, and every cell that is spoken of is there."""
    sizes: dict[str, int] = {}
    for one in query.tensors:
        if one.name in sizes:
            raise FormatError(f"the name {one.name} is declared twice")
        sizes[one.name] = one.cells
    names = [one.name for one in query.networks]
    if not names or len(names) != len(set(names)):
        raise FormatError("no network is declared, or two have one name")
