"""Conditions: what contracts, statements and invariants are made of, and how each becomes a clause of the kernel.

A comparison of programs is a condition, and `&` and `|` join conditions:

    a <= b     a < b     a >= b     a > b     a == b     a != b     y == largest(x)     (a <= b) | (c == 0)

Nothing here knows what a program is: a `Condition` holds whatever was compared, and `clause` is told how to write it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from relumax.errors import ProgramError, SpecError

E = TypeVar("E")
Json = dict[str, Any]
Branches = tuple[tuple[tuple[str, E], ...], ...]
EQ, LE, LT = "=", "<=", "<"


class Condition(Generic[E]):
    """One of the branches has only true comparisons `program (= | <= | <) 0`.

    A condition that speaks of `i` holds for each i, or for those i that all of its guards (`where`) let through.
    """

    __slots__ = ("branches", "guards")

    def __init__(self, branches: Branches[E], guards: tuple[Condition[E], ...] = ()):
        self.branches, self.guards = branches, guards

    def __or__(self, other: Condition[E]) -> Condition[E]:
        return Condition(_joined(self, "|", other) + other.branches)

    def __and__(self, other: Condition[E]) -> Condition[E]:
        return Condition(tuple(a + b for a in _joined(self, "&", other) for b in other.branches))

    def where(self, *guards: Condition[E]) -> Condition[E]:
        """The same for some i only: `i < w`, `i > w` or `i != w` of an index w, and `i < 3` to say how many i."""
        return Condition(self.branches, self.guards + guards)

    def __bool__(self) -> bool:
        raise ProgramError(
            "a condition has no truth value: join conditions with & and |, write (a <= b) & (b <= c) for a <= b <= c, "
            "and use maximum, minimum, relu and step in place of Python's max, min, sorted and `if`: maximum(a, b) for "
            "max(a, b) and for `a if a > b else b`, again and again for max(x), step(a - b) for `1 if a >= b else 0`"
        )

    def __repr__(self) -> str:
        branches = [" & ".join(f"({one!r} {'==' if sign == EQ else sign} 0)" for sign, one in b) for b in self.branches]
        return " | ".join(branches) + "".join(f".where({guard!r})" for guard in self.guards)


class Largest(Condition[E]):
    """The condition head = max(of). (Of `y == smallest(x)` too: then the head is -y and `of` is -x.)"""

    __slots__ = ("head", "of")

    def __init__(self, branches: Branches[E], head: E, of: tuple[E, ...]):
        super().__init__(branches)
        self.head, self.of = head, of


def programs_of(condition: Condition[E]) -> list[E]:
    """What the condition compares."""
    if isinstance(condition, Largest):
        return [condition.head, *condition.of]
    return [one for branch in condition.branches for _, one in branch]


def _joined(left: Condition[E], sign: str, right: object) -> Branches[E]:
    """The branches of the left side, where both sides can be joined."""
    if not isinstance(right, Condition):
        raise ProgramError(f"{sign} joins conditions: put brackets around each, as in (a <= b) {sign} (c == 0)")
    if left.guards or right.guards:
        raise ProgramError(f"`where` comes last: write ((a <= b) {sign} (c == 0)).where(i != w)")
    return left.branches


# ---------------------------------------------------------------- the kernel's clauses


def clause(condition: Condition[E], write: Callable[[E], Sequence[Any]], lengths: Mapping[str, int]) -> Json:
    """The condition as the kernel reads it (FORMAT.md, section 3).

    `write` gives `[den, const, c, reference, ...]` for what was compared, `lengths` of each array how long it is:

    =========================================  ==========================================================
    condition                                  clause
    =========================================  ==========================================================
    (a <= b) & (c == 0) | (d < 0)              "any": [[a - b <= 0, c = 0], [d < 0]]
    one that speaks of i or x[i]               "each": how long x is
    ... .where(i < 3)                          "each": 3
    ... .where(i < w), (i > w), (i != w)       "where": ["before", w], ["after", w], ["except", w]
    =========================================  ==========================================================
    """
    branches, each = _written(condition, write), None
    where: list[str] | None = None
    for guard in condition.guards:
        match [[_i_first(one) for one in branch] for branch in _written(guard, write)]:
            case [[["<", int(shift), 1, "i"]]] if shift < 0 and each is None:
                each = -shift
            case [[["<", 0, 1, "i", -1, str(w)]]] if where is None:
                where = ["before", w]
            case [[["<", 0, -1, "i", 1, str(w)]]] if where is None:
                where = ["after", w]
            case [[["<", 0, 1 | -1 as c, "i", _, str(w)]], [["<", 0, d, "i", _, v]]] if (d, v) == (-c, w) and not where:
                where = ["except", w]
            case _:
                raise SpecError(f"a guard is i < w, i > w or i != w for an index w, or i < a number, not {guard!r:.80}")
    read = {ref for branch in branches for one in branch for ref in one[3::2]}
    each = _how_many(read, each, lengths)
    if condition.guards and each is None:
        raise SpecError(f"`where` is for what speaks of i, which this does not: {condition!r:.80}")
    return clause_json(branches, each, where)


def _written(condition: Condition[E], write: Callable[[E], Sequence[Any]]) -> list[list[list[Any]]]:
    """The branches as lists of `[relation, const, c, reference, ...]`."""
    return [[[sign, *write(one)[1:]] for sign, one in branch] for branch in condition.branches]


def _i_first(one: list[Any]) -> list[Any]:
    """The comparison with i before the index it is compared with."""
    return [*one[:2], *one[4:], *one[2:4]] if one[-1] == "i" else one


def _how_many(read: set[str], told: int | None, lengths: Mapping[str, int]) -> int | None:
    """How many i there are, None if nothing speaks of i."""
    arrays = sorted(ref.removesuffix("[i]") for ref in read if ref.endswith("[i]"))
    if not arrays and "i" not in read:
        return None
    found = {lengths[name] for name in arrays if name in lengths} | ({told} if told else set())
    if len(found) == 1:
        return found.pop()
    if not found:
        raise SpecError("for how many i? say it with .where(i < 3)")
    raise SpecError(f"one i for {' and '.join(map(str, sorted(found)))} elements ({', '.join(arrays)} at i)")


def clause_json(branches: list[list[list[Any]]], each: int | None, where: list[str] | None) -> Json:
    """A clause of branches of `[relation, const, c, reference, ...]`; the one place that knows the keys of a clause."""
    return {"any": branches, "each": each, "where": where}
