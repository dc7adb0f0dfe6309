"""Outlines: what a construction states of its own parts, beside its recipe, so that a proof can follow it.

A network that selects is usually a *fold*: neighbouring options are joined, then what came out, until one is left. Its
proof is an *invariant* of the nodes: conditions about the options lo..hi below a node and the values it holds. A leaf
meets them by what the statement requires at that option, a join hands them on (that is proved once, as a lemma), and
the root gives the goal. The invariant is written as a function of the node and of *ghosts*: `symbol("w")`,
`symbol("x[w]")` stand for what the statement calls w and x[w], values that no unit computes.

>>> from relumax.language.expr import inputs, symbol
>>> from relumax.language.gadget import maximum
>>> w, best = symbol("w"), symbol("x[w]")
>>> fold(inputs(4), maximum, lambda lo, hi, v: [v <= best, (w + 1 <= lo) | (hi + 1 <= w) | equals(v, best)])
maximum(maximum(x0, x1), maximum(x2, x3))

A statement that lacks a name the invariant speaks of has no use for it; several invariants serve several statements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from operator import add
from types import FunctionType
from typing import Any

from relumax.errors import ProgramError
from relumax.language.condition import EQ, Condition, Largest, programs_of
from relumax.language.expr import (
    Expr,
    Number,
    affine,
    as_expr,
    brief,
    call,
    const,
    equals,
    inputs,
    substitute,
    symbol,
    topological,
)

Invariant = Callable[..., Condition[Expr] | Sequence[Condition[Expr]]]
"""holds(*numbers, *values): the conditions that the values of a node meet, the node being that of these numbers."""
Place = tuple[int, int]
"""(role, offset): the number that plays this role, plus an offset."""


class Stated:
    """Values and what is stated of them: each of `holds`, at the numbers `at`.

    A leaf (without parts) meets it by what a statement requires. Any other meets it because its parts meet what is
    stated of them, by the program `formal` over their values (as inputs, one part's after the other's). In that step
    the `numbers` play roles: `own` and `where` say which are its own and which those of each part, `order` that
    role r + gap <= role s.
    """

    __slots__ = ("at", "formal", "holds", "label", "numbers", "order", "own", "parts", "values", "where")

    def __init__(
        self,
        holds: tuple[Invariant, ...],
        at: tuple[int, ...],
        values: tuple[Expr, ...],
        label: str,
        parts: tuple[Stated, ...] = (),
    ):
        for number in at:
            if type(number) is not int:
                raise ProgramError(f"{label}: `at` takes integers, not {number!r}")
        self.holds, self.at, self.values, self.label, self.parts = holds, at, values, label, parts
        if values:
            self.checked()
        self.formal: tuple[Expr, ...] = ()
        self.numbers = at
        self.own: tuple[Place, ...] = ()
        self.where: tuple[tuple[Place, ...], ...] = ()
        self.order: tuple[tuple[int, int, int], ...] = ()

    @property
    def size(self) -> int:
        """How many numbers and values the invariants are about."""
        return len(self.at) + len(self.values)

    def checked(self) -> None:
        """Ask every invariant once, so that a mistake in it is met where it is written."""
        for holds in self.holds:
            try:
                conditions_of(holds, len(self.at), len(self.values))
            except ProgramError as problem:
                raise ProgramError(f"{self.label}: {problem}") from None

    def compute(self, formal: tuple[Expr, ...]) -> None:
        """Let the values be these programs of the parts' values, each a call node that remembers the step."""
        actual = [value for part in self.parts for value in part.values]
        self.formal = formal
        self.values = tuple(call(self, k, one, actual) for k, one in enumerate(substitute(formal, actual)))
        self.checked()

    def __repr__(self) -> str:
        return f"<{self.label}>"


@lru_cache(maxsize=1024)
def conditions_of(holds: Invariant, numbers: int, values: int) -> list[Condition[Expr]]:
    """What the invariant says of inputs 0, 1, ... in place of its numbers and values; raises ProgramError."""
    takes = f"an invariant takes {numbers} numbers and {values} values"
    size = numbers + values
    try:
        found = holds(*inputs(size))
    except TypeError as problem:
        if problem.__traceback__ is None or problem.__traceback__.tb_next is not None:
            raise  # from inside
        raise ProgramError(takes) from None
    said = list(found) if isinstance(found, (list, tuple)) else [found]
    listed = [one for one in said if isinstance(one, Condition)]
    if not listed or len(listed) < len(said):
        raise ProgramError(f"{takes}, and returns conditions, as in [v <= m], not {found!r}")
    known = set(inputs(size))
    for node in topological(one for condition in listed for one in programs_of(condition)):
        if node.op not in ("const", "scale", "add", "symbol") and node not in known:
            raise ProgramError(f"an invariant speaks of its numbers and values and of symbols, not of {brief(node)}")
    return listed


def parameters_of(holds: Invariant, count: int) -> list[str]:
    """What the invariant calls its numbers and values: `lo`, `hi`, `m`, and `s[0]`, `s[1]` where it takes `*s`."""
    named, rest = _named(holds)
    return [*named[:count], *(f"{rest}[{k}]" for k in range(count - len(named)))]


def _named(holds: Invariant) -> tuple[list[str], str]:
    """The names of positional parameters, and of the one that takes all others; empty without one."""
    if type(holds) is FunctionType and not hasattr(holds, "__wrapped__"):
        code = holds.__code__
        more = code.co_argcount + code.co_kwonlyargcount
        rest = code.co_varnames[more] if code.co_flags & 0x04 else ""  # *args
        return list(code.co_varnames[: code.co_argcount]), rest
    from inspect import Parameter, signature  # a module that takes as long as all of this package

    known = list(signature(holds).parameters.values())
    rest = next((one.name for one in known if one.kind == Parameter.VAR_POSITIONAL), "")
    positional = Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD
    return [one.name for one in known if one.kind in positional], rest


def told(condition: Condition[Expr], holds: Invariant, count: int) -> str:
    """A condition of the invariant as it would be written, in the invariant's own names.

    >>> from relumax.language.expr import symbol
    >>> at_most = lambda lo, hi, v: (symbol("w") + 1 <= lo) | (v <= symbol("m")) & (lo == hi)
    >>> told(*conditions_of(at_most, 2, 1), at_most, 3)
    '(w + 1 <= lo) | (v <= m) & (lo == hi)'
    """
    names = [symbol(name) for name in parameters_of(holds, count)]

    def side(program: Expr, sign: int) -> str:
        flat = affine(program)
        terms = sorted(flat.terms.items(), key=lambda term: term[0].serial)
        parts = [sign * c * one for one, c in terms if sign * c > 0]
        parts += [const(sign * flat.const)] if sign * flat.const > 0 else []
        return brief(reduce(add, parts)) if parts else "0"

    def compared(sign: str, program: Expr) -> str:
        [one] = substitute([program], names)
        return f"{side(one, 1)} {'==' if sign == EQ else sign} {side(one, -1)}"

    if isinstance(condition, Largest):
        head, *of = map(brief, substitute(programs_of(condition), names))
        return f"{head} == largest([{', '.join(of)}])"
    branches = [[compared(*one) for one in branch] for branch in condition.branches]
    if len(branches) == 1 == len(branches[0]):
        return branches[0][0]
    return " | ".join(" & ".join(f"({one})" for one in branch) for branch in branches)


def have(
    holds: Invariant | Sequence[Invariant],
    at: Sequence[int],
    values: Sequence[Expr | Number] = (),
    parts: Sequence[Stated] = (),
    by: Callable[..., Any] | None = None,
) -> Stated:
    """State that values meet `holds(*at, *values)`: as a leaf, or with `parts` of the values `by(*their values)`.

    As a part its numbers count by equality: where `at` has the number of a part, the lemma knows that they are equal,
    and which of different numbers is smaller.
    """
    invariants = (holds,) if callable(holds) else tuple(holds)
    label = f"have[{', '.join(map(str, at))}]"
    found = Stated(invariants, tuple(at), tuple(map(as_expr, values)), label, tuple(parts))
    if parts:
        if by is None:
            raise ProgramError("have: parts need `by`, what is computed from their values")
        numbers = sorted({*at, *(k for part in parts for k in part.at)})
        found.numbers = tuple(numbers)
        found.own = tuple((numbers.index(k), 0) for k in at)
        found.where = tuple(tuple((numbers.index(k), 0) for k in part.at) for part in parts)
        found.order = tuple((k, 1, k + 1) for k in range(len(numbers) - 1))
        formal = inputs(sum(len(part.values) for part in parts))
        found.compute(_values(by(*formal)))
    return found


class Fold:
    """A fold under construction: its join over formal values, for each pair of numbers of values."""

    def __init__(self, join: Callable[..., Any], holds: tuple[Invariant, ...], at: tuple[int, ...], bare: bool):
        self.join, self.holds, self.at, self.bare = join, holds, at, bare
        self.formal: dict[tuple[int, int], tuple[Expr, ...]] = {}

    def leaf(self, i: int, leaf: Any) -> Stated:
        if isinstance(leaf, Stated):
            return leaf
        return Stated(self.holds, (*self.at, i, i), _values(leaf), f"leaf {i}")

    def joined(self, left: Stated, right: Stated) -> Stated:
        (lo, mid), hi, extra = left.at[-2:], right.at[-1], self.at
        found = Stated(self.holds, (*extra, lo, hi), (), f"fold[{lo}..{hi}]", (left, right))
        found.numbers = (*extra, lo, mid, hi)
        k = len(extra)
        same: tuple[Place, ...] = tuple((r, 0) for r in range(k))
        found.own = (*same, (k, 0), (k + 2, 0))
        found.where = (*same, (k, 0), (k + 1, 0)), (*same, (k + 1, 1), (k + 2, 0))
        found.order = (k, 0, k + 1), (k + 1, 1, k + 2)
        widths = len(left.values), len(right.values)
        if widths not in self.formal:
            formal = inputs(sum(widths))
            sides = formal[: widths[0]], formal[widths[0] :]
            arguments = [side[0] for side in sides] if self.bare else [tuple(side) for side in sides]
            self.formal[widths] = _values(self.join(*arguments))
            if self.bare and len(self.formal[widths]) != 1:
                raise ProgramError("a fold of programs has a join that returns one: make its leaves tuples, as (x,)")
        found.compute(self.formal[widths])
        return found


def fold(leaves: Sequence[Any], join: Callable[..., Any], *holds: Invariant, at: Sequence[int] = ()) -> Any:
    """Join neighbours, then what came out, in ceil(log2 n) rounds; each node meets `holds(*at, lo, hi, *values)`.

    Leaves are programs, and join(a, b) makes one of two; or tuples of programs, and join(left, right) makes a tuple
    (of any length) of two. The odd one out of a round waits. Returns the root's program or tuple. A leaf may be
    `Stated` by the same invariants already. Raises ProgramError if there is no leaf.
    """
    if not len(leaves):
        raise ProgramError("a fold has at least one leaf")
    first = leaves[0].values if isinstance(leaves[0], Stated) else leaves[0]
    bare = not isinstance(first, (tuple, list)) or (isinstance(leaves[0], Stated) and len(first) == 1)
    made = Fold(join, holds, tuple(at), bare)
    nodes = [made.leaf(i, leaf) for i, leaf in enumerate(leaves)]
    while len(nodes) > 1:
        waits = nodes[len(nodes) - len(nodes) % 2 :]
        nodes = [made.joined(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=False)] + waits
    return nodes[0].values[0] if bare and len(nodes[0].values) == 1 else nodes[0].values


def _values(found: Any) -> tuple[Expr, ...]:
    return tuple(as_expr(one) for one in found) if isinstance(found, (tuple, list)) else (as_expr(found),)


__all__ = ["Invariant", "Stated", "equals", "fold", "have"]
