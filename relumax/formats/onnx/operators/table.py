"""The table of operators, and what one of them is given: its inputs, its attributes, the units made so far.

An operator is a function from a `Call` to a tensor, or to several. It is entered under its name, the opsets in which it
has this meaning and the numbers of inputs it takes; everything its attributes say must be asked for, or it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from reprlib import repr as brief
from typing import Any, NamedTuple, NoReturn, TypeVar

from relumax.errors import FormatError
from relumax.formats.floats import FLOATS, exact_value, nearest
from relumax.formats.onnx.cells import Cell, Units
from relumax.formats.onnx.data import Beside, attribute_words, stored
from relumax.formats.onnx.model import Node
from relumax.formats.onnx.tensor import Tensor, broadcast, tensor
from relumax.language.numbers import exact
from relumax.network.compile import Form
from relumax.network.layers import Rational

NEWEST = 10**6
MANY = 10_000
"""The most inputs of an operator that takes any number."""

_FLOAT, _INT, _STRING, _TENSOR, _FLOATS, _INTS = 1, 2, 3, 4, 6, 7  # AttributeProto.AttributeType


class Call:
    """One node with the tensors it reads. Every question without an answer raises FormatError, naming the node."""

    __slots__ = ("_unasked", "beside", "inputs", "node", "opset", "units")

    def __init__(self, node: Node, inputs: Sequence[Tensor | None], opset: int, units: Units, beside: Beside) -> None:
        self.node, self.inputs, self.opset, self.units, self.beside = node, inputs, opset, units, beside
        self._unasked = dict(node.attributes)

    def fail(self, problem: str) -> NoReturn:
        """Raise FormatError at this node."""
        raise FormatError(f"onnx: {self.node.where} {problem}")

    # ------------------------------------------------------------ inputs

    def optional(self, index: int) -> Tensor | None:
        """Input number `index`, None where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def tensor(self, index: int = 0) -> Tensor:
        """Input number `index`."""
        found = self.optional(index)
        return found if found is not None else self.fail(f"has no input {index}")

    def all(self) -> list[Tensor]:
        """All inputs, of one element type."""
        return self.alike(*map(self.tensor, range(len(self.inputs))))

    def alike(self, *tensors: Tensor | None) -> list[Tensor]:
        """Those tensors that are there; raises FormatError unless they are of one element type."""
        found = [one for one in tensors if one is not None]
        if len({one.kind for one in found}) > 1:
            self.fail(f"mixes element types: {', '.join(one.kind for one in found)}")
        return found

    def constant(self, index: int) -> Tensor | None:
        """Input number `index`, which no input of the network may change."""
        found = self.optional(index)
        if found is not None and found.dynamic:
            self.fail(f"has an input {index} that depends on the network's input; here it is read only as a constant")
        return found

    def numbers(self, index: int) -> list[Rational] | None:
        """The cells of a constant input."""
        found = self.constant(index)
        return None if found is None else [cell for cell in found.cells if not isinstance(cell, Form)]

    def places(self, index: int) -> list[int] | None:
        """The integers of a constant input, such as axes or a shape."""
        found = self.constant(index)
        if found is not None and (found.kind not in ("int64", "int32") or len(found.shape) > 1):
            self.fail(f"has an input {index} of {found.kind}{list(found.shape)}, expected a list of integers")
        numbers = self.numbers(index)
        if numbers is not None and len(numbers) > MANY:
            self.fail(f"has an input {index} of {len(numbers):,} integers; at most {MANY:,} axes or sizes are read")
        return None if numbers is None else [int(number) for number in numbers]

    def single(self, index: int) -> Rational | None:
        """The one number of a constant input."""
        numbers = self.numbers(index)
        if numbers is not None and len(numbers) != 1:
            self.fail(f"has an input {index} of {len(numbers)} numbers, expected one")
        return None if numbers is None else numbers[0]

    def aligned(self, tensors: Sequence[Tensor]) -> tuple[tuple[int, ...], list[Sequence[Cell]]]:
        """The shape that tensors are broadcast to, and the cells of each in it."""
        shape = broadcast(*(one.shape for one in tensors))
        if shape is None:
            self.fail(f"has inputs of shapes {brief([list(one.shape) for one in tensors])}, which do not fit together")
        return shape, [one.spread(shape).cells for one in tensors]

    def alongside(self) -> tuple[tuple[int, ...], list[Sequence[Cell]]]:
        """All inputs, broadcast: of an operator that takes any number, and before opset 8 only ones of one shape."""
        tensors = self.all()
        if self.opset < 8 and len({one.shape for one in tensors}) > 1:
            self.fail(f"has inputs of shapes {brief([list(one.shape) for one in tensors])}; opset 8 broadcasts first")
        return self.aligned(tensors)

    def axis(self, axis: int, rank: int) -> int:
        """An axis that may be counted from the end."""
        if not -rank <= axis < rank:
            self.fail(f"has an axis {axis} of a tensor with {rank}")
        return axis % rank

    def axes(self, axes: Sequence[int], rank: int) -> list[int]:
        """Different axes, increasing."""
        found = sorted(self.axis(axis, rank) for axis in axes)
        if len(set(found)) < len(found):
            self.fail(f"has an axis twice in {brief(list(axes))}")
        return found

    # ------------------------------------------------------------ attributes

    def has(self, name: str) -> bool:
        """Whether an attribute is given."""
        return name in self.node.attributes

    def integer(self, name: str, default: int) -> int:
        """An integer attribute."""
        given = self._given(name, _INT, "i")
        return default if given is None else int(given.i)

    def integers(self, name: str) -> list[int] | None:
        """An attribute that is a list of integers."""
        given = self._given(name, _INTS, "ints")
        return None if given is None else list(given.ints)

    def number(self, name: str, default: Rational) -> Rational:
        """A float attribute: the rational that it is."""
        given = self._given(name, _FLOAT, "f")
        return default if given is None else self._floats(name, given)[0]

    def floats(self, name: str) -> list[Rational] | None:
        """An attribute that is a list of floats."""
        given = self._given(name, _FLOATS, "floats")
        return None if given is None else self._floats(name, given)

    def text(self, name: str, default: str) -> str:
        """A text attribute."""
        given = self._given(name, _STRING, "s")
        return default if given is None else given.s.decode("utf-8", "replace")

    def value(self, name: str) -> Tensor | None:
        """A tensor attribute."""
        given = self._given(name, _TENSOR, "t")
        return None if given is None else stored(given.t, f"{self.node.where} attribute {name}", self.beside)

    def ignore(self, *names: str) -> None:
        """Attributes that change nothing that is read here."""
        for name in names:
            self._unasked.pop(name, None)

    def finish(self) -> None:
        """Raise FormatError if an attribute was not asked for."""
        if self._unasked:
            self.fail(f"has the attribute {brief(min(self._unasked))}, which is not understood")

    def _given(self, name: str, kind: int, field: str) -> Any:
        given = self._unasked.pop(name, None)
        if given is not None:
            set_fields = {one.name for one, _ in given.ListFields()} - {"name", "type", "doc_string", field}
            if given.type != kind or set_fields:
                self.fail(f"attribute {name} is not one {_WORDS[kind]}")
        return given

    def _floats(self, name: str, given: Any) -> list[Rational]:
        try:
            return [exact(exact_value(word, FLOATS["float32"])) for word in attribute_words(given)]
        except FormatError as problem:
            self.fail(f"attribute {name} is {problem}")

    # ------------------------------------------------------------ results

    def result(self, shape: Sequence[int], cells: Sequence[Cell], like: Tensor) -> Tensor:
        """A tensor of the element type of `like`."""
        return tensor(shape, cells, like.kind)


_WORDS = {
    _FLOAT: "float",
    _INT: "integer",
    _STRING: "text",
    _TENSOR: "tensor",
    _FLOATS: "list of floats",
    _INTS: "list of integers",
}

Result = Tensor | tuple[Tensor, ...]
Operator = Callable[[Call], Result]
Function = TypeVar("Function", bound=Operator)


class Entry(NamedTuple):
    """A function, the opsets `since` to `until` in which it is meant, how many inputs it takes, whether bools too."""

    function: Operator
    since: int
    until: int
    least: int
    most: int
    truths: bool


OPERATORS: dict[str, list[Entry]] = {}


def operator(
    *names: str, inputs: tuple[int, int], since: int = 1, until: int = NEWEST, truths: bool = False
) -> Callable[[Function], Function]:
    """Enter a function under these names, for opsets `since` to `until`, with so many inputs at least and at most.

    Its inputs are numbers, or also `truths`.
    """

    def enter(function: Function) -> Function:
        for name in names:
            OPERATORS.setdefault(name, []).append(Entry(function, since, until, *inputs, truths))
        return function

    return enter


def find(op: str, opset: int) -> Entry | None:
    """What an operator means in an opset; None if it is not in the table."""
    return next((one for one in OPERATORS.get(op, ()) if one.since <= opset <= one.until), None)


def as_single(text: str) -> Rational:
    """A default that the standard gives in decimals, such as 0.01: the float32 nearest to it."""
    found = nearest(Fraction(text), FLOATS["float32"])
    if found is None:
        raise ValueError(f"{text} is beyond float32")
    return found
