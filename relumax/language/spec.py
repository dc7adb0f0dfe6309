"""Specs: the statements to prove about a network, in the words of the sentence that the kernel prints.

    for all x in R^3 and every index w < 3 such that x[w] is the winner of x (the first of the largest): y = w

is

>>> x, y, w = array("x", "in", 3), array("y", "out"), symbol("w")
>>> points = [point([1, 0, 0], [0]), point([0, 0, 1], [2])]
>>> spec = Spec([x, y], [statement([y[0] == w], [winner(w, x)], [w < 3], points=points)])

Inputs, outputs, indices and definitions are symbols, which are programs like all others; what is said of `i` is said
for each i. `max_spec(8)` is the statement behind `relumax prove --n 8`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from relumax.errors import SpecError
from relumax.language.condition import Condition, Json
from relumax.language.define import Definitions, number, wire
from relumax.language.expr import Expr, Number, affine, as_expr, as_fraction, brief, largest, smallest, symbol

i = symbol("i")
"""0, 1, 2, ...: what is said of it is said for each i."""


class Array:
    """A row of inputs, of outputs or of defined values: `x[0]`, `x[i]` and `x[w]` are its elements, as symbols."""

    __slots__ = ("base", "length", "name", "of", "stride")

    def __init__(self, name: str, of: str, length: int, base: int, stride: int):
        self.name, self.of, self.length, self.base, self.stride = name, of, length, base, stride

    def __getitem__(self, at: int | Expr) -> Expr:
        if isinstance(at, Expr) and at.op == "symbol" and str(at.data).isidentifier():
            return symbol(f"{self.name}[{at.data}]")
        if type(at) is not int:
            raise SpecError(f"{self.name}[{at!r:.80}]: an array is read at a number, at i or at an index")
        if not 0 <= at < self.length:
            raise IndexError(f"{self.name}[{at}]: {self.name} has {self.length} elements")
        return symbol(f"{self.name}[{at}]")

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Expr]:
        return (symbol(f"{self.name}[{k}]") for k in range(self.length))

    def __repr__(self) -> str:
        return f"<array {self.name} of {self.length}>"

    def json(self) -> Json:
        """The array of a claim."""
        if self.of not in ("in", "out"):
            raise SpecError(f"{self.name} holds defined values: it belongs into define={{{self.name}: ...}}")
        return {"name": self.name, "of": self.of, "base": self.base, "stride": self.stride, "length": self.length}


def array(name: str, of: str, length: int = 1, base: int = 0, stride: int = 1) -> Array:
    """Inputs (`of="in"`) or outputs ("out") base, base + stride, ..., or values a statement defines ("defined")."""
    if not isinstance(name, str) or not name.isidentifier() or not name.islower() or len(name) > 16:
        raise SpecError(f"array {name!r:.80}: a name is short, lower case, letters and digits")
    if type(length) is not int or length < 0:
        raise SpecError(f"array {name}: its length is a number, not {length!r:.80}")
    if of not in ("in", "out", "defined"):
        raise SpecError(f'array {name}: it is of "in", "out" or "defined", not {of!r:.80}')
    return Array(name, of, length, base, stride)


class Winner(NamedTuple):
    """The requirement that `of[at]` is the winner of the array `of`."""

    at: Expr
    of: Array
    gap: Fraction | None
    lattice: Fraction | None
    ties: str

    def json(self) -> Json:
        """The winner as the kernel reads it: how the others, before and after it, compare with it."""
        level: list[list[str | int]] = [["<"], ["<="]]  # below it, at most equal to it
        if self.gap is not None:
            apart = [self.gap.numerator, self.gap.denominator]
            level = [["gap", *apart], ["tie", *apart] if self.ties == "any" else ["<="]]
        before, after = [level[one] for one in TIES[self.ties]]
        pitch = None if self.lattice is None else [self.lattice.numerator, self.lattice.denominator]
        name = {"winner": self.at.data, "of": self.of.name}
        return {**name, "before": before, "after": after, "lattice": pitch}


TIES = {"first": (0, 1), "last": (1, 0), "any": (1, 1), "none": (0, 0)}
"""Which of equal ones may be the winner: whether those before and those after it may be equal to it."""


def winner(
    index: Expr, of: Array, gap: Number | None = None, lattice: Number | None = None, ties: str = "first"
) -> Winner:
    """`of[index]` is the winner of `of`: the first of the largest, for `ties` "last" the last, "any" any, "none" alone.

    With a `gap` the others trail by it, but those that may be equal are at most equal (for "any": equal, or trail).
    On a `lattice` all are integer multiples of that number.
    """
    if ties not in TIES:
        raise SpecError(f"ties is one of {', '.join(TIES)}, not {ties!r:.80}")
    if gap is not None and lattice is not None:
        raise SpecError("a winner has a gap, or is one on a lattice: not both")
    d, step = [None if one is None else as_fraction(one) for one in (gap, lattice)]
    if any(one is not None and one <= 0 for one in (d, step)):
        raise SpecError(f"the gap or the lattice of a winner is positive, not {step if d is None else d}")
    return Winner(index, of, d, step, ties)


Requirement = Condition[Expr] | Winner
Meaning = Expr | Number | Sequence[Expr | Number]
Define = dict[Expr | Array, Meaning]
"""What symbols and arrays stand for: a program, or for an array one of i, or a list."""


class Statement(NamedTuple):
    """One statement of a spec: for all inputs, and every index, where `requires` holds, `ensures` holds."""

    ensures: Sequence[Condition[Expr]]
    requires: Sequence[Requirement]
    indices: Sequence[Condition[Expr]]
    define: Define
    points: Sequence[Json]

    def json(self, arrays: Mapping[str, int]) -> Json:
        """The statement as the kernel reads it, given how long the arrays of inputs and outputs are."""
        index = [_index(one, arrays) for one in self.indices]
        said = Definitions(arrays=arrays, indices=[str(name) for name, _ in index])
        for handle, meaning in self.define.items():
            _define(said, handle, meaning)
        requires = []
        for one in self.requires:
            if isinstance(one, Winner) and [one.at.data, len(one.of)] not in index:
                raise SpecError(f"winner: there is no index {brief(one.at)} < {len(one.of)}, as long as {one.of.name}")
            requires.append(one.json() if isinstance(one, Winner) else said.clause(one))
        return {
            "define": said.made,
            "ensures": [said.clause(one) for one in self.ensures],
            "index": index,
            "points": list(self.points),
            "requires": requires,
        }


def statement(
    ensures: Sequence[Condition[Expr]],
    requires: Sequence[Requirement] = (),
    index: Sequence[Condition[Expr]] = (),
    define: Define | None = None,
    points: Sequence[Json] = (),
) -> Statement:
    """For all inputs, and every `index` (as `w < n`), where `requires` holds: `ensures`.

    `define` says what symbols and arrays stand for: `{m: largest(x), z: x[i] + 1, s: [a, b]}`. Where there is a
    requirement or an index, there are `points` that meet all requirements; they are found if none are given.
    """
    ensures, requires, index = _several(ensures), _several(requires), _several(index)
    for what, given in (("ensures", ensures), ("requires", requires), ("index", index)):
        for one in given:
            if not isinstance(one, Condition) and not (what == "requires" and isinstance(one, Winner)):
                raise SpecError(f"{what}: {one!r:.80} is no condition such as y[0] == largest(x)")
    return Statement(ensures, requires, index, define or {}, points)


def _several(given: Any) -> Any:
    """One condition is a list of it."""
    return given if isinstance(given, (list, tuple)) and not isinstance(given, Winner) else [given]


def _index(one: Condition[Expr], arrays: Mapping[str, int]) -> list[str | int]:
    """`w < n` as `[w, n]`."""
    match one.branches:
        case ((("<", below),),):
            flat = affine(below)
            match [(node.op, node.data, c) for node, c in flat.terms.items()], -flat.const:
                case [("symbol", str(name), 1)], n if n >= 1 and n.denominator == 1 and name not in (*arrays, "i"):
                    return [name, int(n)]
    raise SpecError(f"an index is declared as w < 3, not by {one!r:.80}")


def _define(said: Definitions, handle: Expr | Array, meaning: Meaning) -> None:
    """Define what the handle stands for."""
    if isinstance(handle, Array):
        if isinstance(meaning, Expr):
            said.each(handle.name, handle.length, meaning)
        elif isinstance(meaning, Sequence) and len(meaning) == handle.length:
            said.array(handle.name, [as_expr(one) for one in meaning])
        else:
            raise SpecError(f"{handle.name} is defined by a program of i, or by {handle.length} of them in a list")
    elif handle.op == "symbol" and isinstance(meaning, Expr | int | Fraction | str | float):
        said.scalar(str(handle.data), as_expr(meaning))
    else:
        raise SpecError(f"{brief(handle)}: symbols are defined, by a program; arrays by one of i, or by a list")


THEOREM = "the theorem"
"""The name of a spec that was read from a sentence, for messages."""
_LISTS = 'array("x", "in", n) and such, and of statement([y[0] == largest(x)]) and such'


class Spec:
    """A claim without its network. `nonnegative` lists inputs that `requires` bounds below by 0.

    `words` is the text that it was read from, if it was, and where in it each requirement of each statement begins.
    """

    __slots__ = ("arrays", "name", "nonnegative", "statements", "words")

    def __init__(
        self, arrays: Sequence[Array], statements: Sequence[Statement | Json], nonnegative: tuple[int, ...] = ()
    ):
        given = [statements] if isinstance(statements, Statement) else statements
        for what, several, kinds in (("arrays", arrays, Array), ("statements", given, (Statement, dict))):
            for one in several if isinstance(several, Sequence) else [several]:
                if not isinstance(one, kinds):
                    raise SpecError(f"Spec({what}): {one!r:.80} is no {what[:-1]}: a Spec is of two lists, of {_LISTS}")
        statements = given
        lengths = {one.name: one.length for one in arrays}
        self.arrays = [one.json() for one in arrays]
        self.statements = [one.json(lengths) if isinstance(one, Statement) else one for one in statements]
        self.nonnegative = nonnegative
        self.words: tuple[str, list[list[int]]] | None = None
        self.name = ""  # whose statement it is, as `max`, for messages

    def __repr__(self) -> str:
        from relumax.kernel.text import text

        said = "; ".join(text(self.claim()))
        return f"<{said if len(said) <= 200 else said[:200] + ' ...'}>"

    @property
    def width(self) -> int:
        """The number of inputs of the network."""
        return sum(array["length"] for array in self.arrays if array["of"] == "in")

    @property
    def height(self) -> int:
        """The number of outputs of the network."""
        out = [one for one in self.arrays if one["of"] == "out"]
        return len({one["base"] + k * one["stride"] for one in out for k in range(one["length"])})

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

    def shown(self, points: Sequence[Sequence[Json]]) -> Spec:
        """The same with these points for each statement."""
        found = Spec([], [{**one, "points": [*its]} for one, its in zip(self.statements, points, strict=True)])
        found.arrays, found.nonnegative, found.name = self.arrays, self.nonnegative, self.name
        found.words = self.words
        return found


def point(inputs: Sequence[Fraction | int], index: Sequence[int] = ()) -> Json:
    """A point that meets the requirements: rational inputs over one denominator, and a value for each index."""
    den = lcm(*(Fraction(value).denominator for value in inputs))
    return {"inputs": [wire(den), *(wire(int(Fraction(v) * den)) for v in inputs)], "index": list(index)}


def extremum(best: Callable[[Array], Expr]) -> Callable[[int], Spec]:
    """The spec of max or min: for all x in R^n, y = max(x) (or min)."""

    def spec(n: int) -> Spec:
        x, y = array("x", "in", n), array("y", "out")
        return Spec([x, y], [statement([y[0] == best(x)])])

    return spec


max_spec, min_spec = extremum(largest), extremum(smallest)


def max_nonnegative_spec(n: int) -> Spec:
    """For all x in R^n with x[i] >= 0 for each i: y = max(x)."""
    x, y = array("x", "in", n), array("y", "out")
    return Spec([x, y], [statement([y[0] == largest(x)], [x[i] >= 0], points=[point(range(n))])], tuple(range(n)))


__all__ = ["THEOREM", "Array", "Json", "Spec", "Statement", "Winner", "array", "i", "max_nonnegative_spec", "max_spec",
           "min_spec", "number", "point", "statement", "symbol", "winner", "wire"]  # fmt: skip


def fits(kind: str, reads: int, width: int, name: str = THEOREM) -> None:
    """Raise SpecError where a network, or a program, reads other inputs than the statement of this name is about."""
    if reads > width or (kind == "network" and reads < width):
        raise SpecError(f"the {kind} reads {counted(reads, 'input')}, {name} is about {width}")


def counted(number: int, what: str) -> str:
    """`1 input`, `2 inputs`."""
    return f"{number} {what}{'s' * (number != 1)}"
