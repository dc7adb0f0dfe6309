"""Gadgets: named program fragments with a contract, proved once and used by name.

    @gadget(ensures=lambda y, a, b: y == largest([a, b]))
    def maximum(a, b):
        return b + relu(a - b)

`requires` is conditions on the arguments, `ensures` on result(s) and arguments. Proofs go gadget by gadget: the body is
proved against the contract once, callers rely on the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from relumax.errors import ProgramError
from relumax.language.condition import Condition
from relumax.language.expr import Expr, Number, as_expr, call, inputs, largest, relu, smallest, topological

Contract = Callable[..., Condition[Expr] | Sequence[Condition[Expr]]]


class Gadget:
    """A fragment `function` of `arity` arguments and `results` results, with its contract."""

    __slots__ = ("arity", "doc", "ensures", "function", "name", "reads", "requires", "results")

    def __init__(
        self,
        function: Callable[..., Expr | tuple[Expr, ...]],
        requires: Contract | None,
        ensures: Contract,
        arity: int | None = None,
    ):
        self.function, self.requires, self.ensures = function, requires, ensures
        self.name = function.__name__
        self.doc = function.__doc__ or ""
        self.arity = function.__code__.co_argcount if arity is None else arity
        body = self.body(inputs(self.arity))
        self.results = len(body)
        read = {one.data for one in topological(body)}
        self.reads = [k for k in range(self.arity) if k in read]  # the rest is there for the contract

    def body(self, arguments: Sequence[Expr]) -> tuple[Expr, ...]:
        """What the fragment computes, written out for these arguments."""
        found = self.function(*arguments)
        return tuple(as_expr(one) for one in found) if isinstance(found, tuple) else (as_expr(found),)

    def __call__(self, *arguments: Expr | Number) -> Expr:
        """The (single) result as a call node."""
        return self.all(*arguments)[0]

    def all(self, *arguments: Expr | Number) -> tuple[Expr, ...]:
        """All results, each a call node."""
        if len(arguments) != self.arity:
            raise ProgramError(f"{self.name} takes {self.arity} arguments, {len(arguments)} were given")
        actual = [as_expr(one) for one in arguments]
        return tuple(call(self, k, one, actual) for k, one in enumerate(self.body(actual)))

    def given(self, arguments: Sequence[Expr]) -> list[Condition[Expr]]:
        """The hypotheses, about these arguments."""
        return [] if self.requires is None else _list(self.requires(*arguments), self.name)

    def then(self, results: Sequence[Expr], arguments: Sequence[Expr]) -> list[Condition[Expr]]:
        """The conclusions, about these results and arguments."""
        return _list(self.ensures(*results, *arguments), self.name)

    def __repr__(self) -> str:
        return f"<gadget {self.name}>"


def _list(found: Condition[Expr] | Sequence[Condition[Expr]], name: str) -> list[Condition[Expr]]:
    conditions: list[Any] = list(found) if isinstance(found, (tuple, list)) else [found]
    for one in conditions:
        if not isinstance(one, Condition) or one.guards:
            raise ProgramError(f"gadget {name}: a contract is conditions such as y == largest([a, b]), not {one!r:.80}")
    return conditions


def gadget(*, ensures: Contract, requires: Contract | None = None) -> Callable[[Callable[..., Expr]], Gadget]:
    """Decorator: give a fragment its contract. `ensures(result..., argument...)`, `requires(argument...)`."""
    return lambda function: Gadget(function, requires, ensures)


@gadget(ensures=lambda y, a, b: y == largest([a, b]))
def maximum(a: Expr, b: Expr) -> Expr:
    """max(a, b)."""
    return b + relu(a - b)


@gadget(ensures=lambda y, a, b: y == smallest([a, b]))
def minimum(a: Expr, b: Expr) -> Expr:
    """min(a, b)."""
    return b - relu(b - a)


@gadget(ensures=lambda y, a: y == largest([a, -a]))
def absolute(a: Expr) -> Expr:
    """|a|."""
    return relu(a) + relu(-a)


class Gate(Gadget):
    """The gate with factor K: (a, b, pa, pb) -> (max(a, b), payload of the larger).

    With r = K relu(a - b) and z = pa - pb the payload is `pb + relu(z + r) - relu(z - r) - r`, which clips z to
    [-r, r]: it is pb where a <= b, pa where K (a - b) >= |pa - pb|, and always between pa and pb.
    """

    __slots__ = ("factor",)

    def __init__(self, factor: Fraction):
        def gate(a: Expr, b: Expr, pa: Expr, pb: Expr) -> tuple[Expr, ...]:
            larger = relu(a - b)
            r = factor * larger
            return b + larger, (pb - r) + relu(pa - pb + r) - relu(pa - pb - r)

        def contract(v: Expr, p: Expr, a: Expr, b: Expr, pa: Expr, pb: Expr) -> Sequence[Condition[Expr]]:
            kept, passed = (b < a) | (p == pb), p == pa
            room = (factor * (a - b) < pa - pb) | (factor * (a - b) < pb - pa)  # none: the gate lets pa through
            return v == largest([a, b]), (p <= pa) | (p <= pb), (pa <= p) | (pb <= p), kept, room | passed

        super().__init__(gate, None, contract)
        self.factor = factor


def clip(a: Expr | Number, low: Expr | Number, high: Expr | Number) -> Expr:
    """min(max(a, low), high)."""
    return minimum(maximum(a, low), high)


__all__ = ["Gadget", "Gate", "absolute", "clip", "gadget", "maximum", "minimum"]
