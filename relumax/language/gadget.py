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
from relumax.language.asked import ask, place
from relumax.language.condition import Condition
from relumax.language.expr import Expr, Number, as_expr, call, inputs, largest, listed, relu, smallest, topological

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
        self.name = getattr(function, "__name__", repr(function))
        self.doc = function.__doc__ or ""
        self.arity = _arity(function, self.name) if arity is None else arity
        body = self.body(inputs(self.arity))
        self.results = len(body)
        read = {one.data for one in topological(body)}
        self.reads = [k for k in range(self.arity) if k in read]  # the rest is there for the contract

    def body(self, arguments: Sequence[Expr]) -> tuple[Expr, ...]:
        """What the fragment computes, written out for these arguments."""
        found = ask(self.function, f"gadget {self.name}", _said(len(arguments), "argument"), *arguments)
        try:
            return tuple(listed(found))
        except ProgramError as problem:
            raise ProgramError(f"{place(self.function)}gadget {self.name} returns {problem}") from None

    def __call__(self, *arguments: Expr | Number) -> Expr:
        """The (single) result as a call node; raises ProgramError if there are several."""
        if self.results > 1:
            names = ", ".join("yzuvw"[: self.results] if self.results < 6 else ["y", "...", "z"])
            raise ProgramError(f"{self.name} has {self.results} results: write {names} = {self.name}.all(...)")
        return self.all(*arguments)[0]

    def all(self, *arguments: Expr | Number) -> tuple[Expr, ...]:
        """All results, each a call node."""
        if len(arguments) != self.arity:
            raise ProgramError(f"{self.name} takes {_said(self.arity, 'argument')}, {len(arguments)} were given")
        actual = [as_expr(one) for one in arguments]
        return tuple(call(self, k, one, actual) for k, one in enumerate(self.body(actual)))

    def given(self, arguments: Sequence[Expr]) -> list[Condition[Expr]]:
        """The hypotheses, about these arguments."""
        return [] if self.requires is None else self._contract("requires", self.requires, arguments)

    def then(self, results: Sequence[Expr], arguments: Sequence[Expr]) -> list[Condition[Expr]]:
        """The conclusions, about these results and arguments."""
        return self._contract("ensures", self.ensures, arguments, results)

    def _contract(
        self, word: str, contract: Contract, arguments: Sequence[Expr], results: Sequence[Expr] = ()
    ) -> list[Condition[Expr]]:
        takes = _said(len(arguments), "argument")
        takes = f"{_said(len(results), 'result')} and {takes}" if word == "ensures" else takes
        found = ask(contract, f"gadget {self.name}: {word}", takes, *results, *arguments)
        conditions: list[Any] = list(found) if isinstance(found, (tuple, list)) else [found]
        for one in conditions:
            if not isinstance(one, Condition) or one.guards:
                what = "a contract is conditions such as y == largest([a, b])"
                raise ProgramError(f"{place(contract)}gadget {self.name}: {what}, not {one!r:.80}")
        return conditions

    def __repr__(self) -> str:
        return f"<gadget {self.name}>"


def _arity(function: Any, name: str) -> int:
    """How many arguments a fragment takes; raises ProgramError if that is not a fixed number."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & 0x0C or code.co_kwonlyargcount:  # *args, **options
        raise ProgramError(f"{place(function)}gadget {name} is no function of a fixed number of arguments")
    count: int = code.co_argcount
    return count


def _said(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def gadget(
    *function: object, ensures: Contract | None = None, requires: Contract | None = None
) -> Callable[[Callable[..., Expr]], Gadget]:
    """Decorator: give a fragment its contract. `ensures(result..., argument...)`, `requires(argument...)`."""
    if function or ensures is None:
        raise ProgramError("a gadget has a contract: write @gadget(ensures=lambda y, a, b: y == largest([a, b]))")
    for word, given in (("ensures", ensures), ("requires", requires)):
        if given is not None and not callable(given):
            raise ProgramError(f"{word} of a gadget is a function, as lambda y, a, b: ..., not {given!r:.80}")
    contract = ensures
    return lambda function: Gadget(function, requires, contract)


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
