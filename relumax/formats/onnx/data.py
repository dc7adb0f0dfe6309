"""Stored tensors and attributes, decoded from their bits.

protobuf hands a float out as a double, and in a process that loaded a library linked with -ffast-math that conversion
makes subnormals zero. So floats are not taken from protobuf: the message is written out again and its bytes are read.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from math import prod
from reprlib import repr as brief
from struct import pack, unpack
from typing import Any, NamedTuple

from relumax.errors import FormatError
from relumax.formats.floats import BFLOAT16, FLOATS, FloatType, exact_value
from relumax.formats.onnx.tensor import Tensor, check_axes
from relumax.language.numbers import exact
from relumax.network.layers import Rational

EXTERNAL = 1  # TensorProto.DataLocation
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}  # unsigned, in `struct`
_CHUNK = 256  # bytes; so many zeros at once are not decoded
_FIELDS = ("raw_data", "float_data", "int32_data", "string_data", "int64_data", "double_data", "uint64_data")


class Element(NamedTuple):
    """An element type: its size in bytes, the field for its typed cells, and a float type or the range of integers."""

    name: str
    size: int
    field: str
    floats: FloatType | None = None
    low: int = 0
    high: int = 0


def _integer(name: str, bits: int, field: str, signed: bool) -> Element:
    low = -(1 << bits - 1) if signed else 0
    return Element(name, bits // 8, field, None, low, (1 << bits) - 1 + low)


ELEMENTS = {
    1: Element("float32", 4, "float_data", FLOATS["float32"]),
    10: Element("float16", 2, "int32_data", FLOATS["float16"]),
    11: Element("float64", 8, "double_data", FLOATS["float64"]),
    16: Element("bfloat16", 2, "int32_data", BFLOAT16),
    2: _integer("uint8", 8, "int32_data", False),
    3: _integer("int8", 8, "int32_data", True),
    4: _integer("uint16", 16, "int32_data", False),
    5: _integer("int16", 16, "int32_data", True),
    6: _integer("int32", 32, "int32_data", True),
    7: _integer("int64", 64, "int64_data", True),
    12: _integer("uint32", 32, "uint64_data", False),
    13: _integer("uint64", 64, "uint64_data", False),
    9: Element("bool", 1, "int32_data", None, 0, 1),
}
"""By ONNX's numbers, TensorProto.DataType."""

BY_NAME = {one.name: one for one in ELEMENTS.values()}


def element(number: int, where: str) -> Element:
    """The element type of this number; raises FormatError."""
    if number not in ELEMENTS:
        raise FormatError(f"{where} is of element type {number}; {', '.join(BY_NAME)} are read")
    return ELEMENTS[number]


class Beside:
    """The folder whose files a model may keep its weights in, and the SHA-256 of those that it did."""

    __slots__ = ("folder", "read")

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self.read: dict[str, str] = {}

    def content(self, proto: Any, where: str) -> bytes:
        """The bytes that an external tensor names; raises FormatError unless they lie in a file of the folder."""
        if self.folder is None:
            raise FormatError(f"onnx: {where} keeps its data in another file; --external-data allows those beside it")
        about = {entry.key: entry.value for entry in proto.external_data}
        location = about.get("location", "")
        folder = os.path.realpath(self.folder)
        path = os.path.realpath(os.path.join(folder, location))
        if not location or "\0" in location or os.path.isabs(location) or os.path.commonpath([folder, path]) != folder:
            raise FormatError(f"onnx: {where} keeps its data in {brief(location)}, outside the model's folder")
        numbers = [about.get(key, default) for key, default in (("offset", "0"), ("length", ""))]
        if not all(text.isascii() and text.isdigit() and len(text) < 20 for text in numbers if text):
            raise FormatError(f"onnx: {where} has offset and length {brief(numbers)}")
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise FormatError(f"onnx: {where} keeps its data in {brief(location)}, which is no regular file")
            with open(path, "rb") as stream:
                if location not in self.read:
                    self.read[location] = hashlib.file_digest(stream, "sha256").hexdigest()
                stream.seek(int(numbers[0] or 0))
                return stream.read(int(numbers[1]) if numbers[1] else -1)
        except (OSError, ValueError) as problem:
            text = problem.strerror if isinstance(problem, OSError) else problem
            raise FormatError(f"onnx: {where}: {brief(location)} cannot be read: {text}") from None


def stored(proto: Any, where: str, beside: Beside) -> Tensor:
    """A stored tensor, exactly. Raises BudgetExceeded; FormatError unless one field holds its cells, all finite."""
    shape = tuple(proto.dims)
    if any(size < 0 for size in shape):
        raise FormatError(f"onnx: {where} has dims {brief(list(shape))}, one of them negative")
    check_axes(shape)
    kind = element(proto.data_type, f"onnx: {where}")
    if proto.HasField("segment"):
        raise FormatError(f"onnx: {where} is a segment of a tensor")
    fields = [name for name in _FIELDS if len(getattr(proto, name))]
    external = proto.data_location == EXTERNAL
    if external and not fields:
        fields, content = ["raw_data"], beside.content(proto, where)
    elif external or (fields != ["raw_data"] and fields != [kind.field] and (fields or prod(shape))):
        found = " and ".join(fields) or "no field"
        raise FormatError(f"onnx: {where} has data in {found}; exactly one of raw_data and {kind.field} is read")
    else:
        content = proto.raw_data
    if fields != [kind.field]:
        words = _Words(content, kind.size)
    elif kind.field in ("float_data", "double_data"):
        words = _Words(_field_bytes(proto, kind.field, kind.size), kind.size)
    else:
        return Tensor(shape, _typed(getattr(proto, kind.field), kind, where, shape), kind.name, False)
    _check_size(where, shape, kind.size, len(words.data))
    return Tensor(shape, _decoded(words, kind, where, shape), kind.name, False)


def _check_size(where: str, shape: tuple[int, ...], cell: int, found: int) -> None:
    if prod(shape) * cell != found:
        what = "bytes" if cell > 1 else "cells"
        wanted = f"shape {brief(list(shape))}, {prod(shape) * cell} {what}"
        raise FormatError(f"onnx: {where} declares {wanted}, but holds {found}")


def _field_bytes(proto: Any, field: str, size: int) -> bytes:
    """The bits of a packed field: the message of that field alone ends in them."""
    alone = type(proto)()
    alone.CopyFrom(proto)
    for other, _ in alone.ListFields():
        if other.name != field:
            alone.ClearField(other.name)
    data: bytes = alone.SerializeToString()
    return data[len(data) - size * len(getattr(proto, field)) :]


def attribute_words(given: Any) -> list[int]:
    """The bits of an attribute's `f` or `floats`: a tag before each word, or one before all where they are packed."""
    field, count = ("f", 1) if given.type == given.FLOAT else ("floats", len(given.floats))
    alone = type(given)()
    alone.CopyFrom(given)
    for other, _ in alone.ListFields():
        if other.name != field:
            alone.ClearField(other.name)
    data: bytes = alone.SerializeToString()
    if not data:
        return [0] * count
    step = 5 if len(data) == 5 * count else 4
    start = len(data) - step * count + step - 4
    return [int.from_bytes(data[at : at + 4], "little") for at in range(start, len(data), step)]


class _Words(NamedTuple):
    """Little-endian unsigned words of `size` bytes each."""

    data: bytes
    size: int

    def runs(self) -> Iterator[tuple[int, ...] | int]:
        """The words in order, run by run; for a run of zeros only its length."""
        blank = bytes(_CHUNK)
        for start in range(0, len(self.data), _CHUNK):
            chunk = self.data[start : start + _CHUNK]
            words = len(chunk) // self.size
            yield words if chunk == blank else unpack(f"<{words}{_CODES[self.size]}", chunk)


def _decoded(words: _Words, kind: Element, where: str, shape: tuple[int, ...]) -> list[Rational]:
    """The cells that words are the bits of; raises FormatError at one that is not finite."""
    value = _value_of(kind)
    cells: list[Rational] = []
    for run in words.runs():
        if isinstance(run, int):
            cells += [0] * run
            continue
        try:
            cells += list(map(value, run))
        except FormatError:
            for place, word in enumerate(run, len(cells)):
                try:
                    value(word)
                except FormatError as problem:
                    raise FormatError(f"onnx: {where}{list(_index(place, shape))} is {problem}") from None
            raise
    return cells


def _value_of(kind: Element) -> Callable[[int], Rational]:
    """From a word's bits to its number, each worked out once."""
    known: dict[int, Rational] = {}

    def value(word: int) -> Rational:
        if word not in known:
            if kind.floats is not None:
                known[word] = exact(exact_value(word, kind.floats))
            elif kind.name == "bool" and word > 1:
                raise FormatError(f"{word}, neither 0 nor 1")
            else:
                known[word] = word if word <= kind.high else word - (1 << 8 * kind.size)
        return known[word]

    return value


def _typed(values: Sequence[int], kind: Element, where: str, shape: tuple[int, ...]) -> list[Rational]:
    """The cells of a typed field: numbers, or for a small float type its bits."""
    _check_size(where, shape, 1, len(values))
    low, high = (kind.low, kind.high) if kind.floats is None else (0, (1 << 8 * kind.size) - 1)
    for value in values:
        if not low <= value <= high:
            raise FormatError(f"onnx: {where} has the value {value} in {kind.field}, outside {low} to {high}")
    if kind.floats is None:
        return list(values)
    return _decoded(_Words(pack(f"<{len(values)}{_CODES[kind.size]}", *values), kind.size), kind, where, shape)


def _index(position: int, shape: tuple[int, ...]) -> Iterator[int]:
    """A flat position as an index."""
    size = prod(shape)
    for extent in shape:
        size //= extent
        yield position // size
        position %= size
