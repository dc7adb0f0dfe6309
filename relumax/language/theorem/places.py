"""Which inputs and outputs of the network the arrays of a theorem are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from relumax.language.theorem.nodes import Node, Sentence, Space
from relumax.language.theorem.tokens import wrong


class Place(NamedTuple):
    """An array of a claim, as `relumax.array` takes it: elements base, base + stride, ... of inputs or outputs."""

    name: str
    of: str
    length: int
    base: int
    stride: int


def arrays_of(text: str, sentences: Sequence[Sentence]) -> list[Place]:
    """The arrays that all sentences speak of; raises TheoremError if they do not agree.

    Where no sentence says what is the output, it is y, as long as what is said of it.
    """
    height = max(_implied(one) for one in sentences)
    found = [[*_placed(text, one.inputs, "in"), *_outputs(text, one, height)] for one in sentences]
    for one, places in zip(sentences, found, strict=True):
        if sorted(places) != sorted(found[0]):
            wrong(text, one.at, "theorems about one network speak of the same inputs and outputs, under the same names")
    return found[0]


def _outputs(text: str, one: Sentence, height: int) -> list[Place]:
    if one.outputs:
        return _placed(text, one.outputs, "out")
    for space in one.inputs:
        if space.name == "y":
            wrong(text, space.at, "y is the output where no other name is said: `where z is the output`")
    return [Place("y", "out", height, 0, 1)]


def _placed(text: str, spaces: Sequence[Space], of: str) -> list[Place]:
    """The arrays, one after the other or where they are said to be; together they are all inputs, or outputs."""
    found: list[Place] = []
    base = 0
    for space in spaces:
        first, step = space.places or (base, 1)
        length = space.length or 1
        if (space.places is None) != (spaces[0].places is None):
            wrong(text, space.at, "either all arrays say which inputs or outputs they are, or none")
        found.append(Place(space.name, of, length, first, step))
        base += length
    if sorted(one.base + one.stride * k for one in found for k in range(one.length)) != [*range(base)]:
        word = "input" if of == "in" else "output"
        wrong(text, spaces[0].at, f"every {word} from 0 on is in one array: these leave some out, or have some twice")
    return found


def below(node: Node) -> Iterator[Node]:
    """The part of a sentence and all parts of it."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        pending += reversed(found.parts)


def _implied(one: Sentence) -> int:
    """How many outputs y has, from what is said of y."""
    lengths = {space.name: space.length or 1 for space in one.inputs}
    for definition in one.where:
        if definition.n or definition.meaning.kind == "list":
            lengths[definition.name] = definition.n or len(definition.meaning.parts)
    indices = {name: n for name, n, _ in one.indices}
    return max((found for node in one.body for found in _spoken(node, lengths, indices)), default=1)


def _spoken(node: Node, lengths: Mapping[str, int], indices: Mapping[str, int]) -> Iterator[int]:
    """The numbers of outputs that single words about y speak of."""
    for part in below(node):
        if part.kind == "each":
            n = part.data[0] or max((lengths.get(x.data[0], 1) for x in below(part) if _at(x) == "i"), default=1)
            yield from (n for x in below(part) if _at(x) == "i" and x.data[0] == "y")
        elif part.kind == "compare" and any(x.kind == "name" and x.data == ("y", None) for x in part.parts):
            yield max(_length(x, lengths) for x in part.parts)
        elif part.kind == "name" and part.data[0] == "y" and part.data[1] not in (None, "i"):
            at = part.data[1]
            yield at + 1 if isinstance(at, int) else indices.get(at, 1)


def _at(node: Node) -> object:
    return node.data[1] if node.kind == "name" else None


def _length(node: Node, lengths: Mapping[str, int]) -> int:
    """How many numbers it is."""
    if node.kind == "name" and node.data[1] is None:
        return lengths.get(node.data[0], 1)
    if node.kind == "call" and node.data == ("sort", None):
        return sum(_length(one, lengths) for one in node.parts)
    return 1
