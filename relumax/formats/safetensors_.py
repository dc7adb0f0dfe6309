"""safetensors: tensors W0, b0, W1, b1, ... and the record of texts in `__metadata__`.

The format is eight bytes of header length, a JSON header, and the data; it is written and read here directly, so it
needs no library, gives the same bytes on every machine, and is read more strictly than the library would.
"""

from __future__ import annotations

from reprlib import repr as brief

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import NOTHING_SAID, Exported, LoadedNetwork, ReadOptions, WriteOptions
from relumax.formats.dense import Tensor, check_name, check_size, from_tensors, to_tensors
from relumax.formats.floats import FloatType
from relumax.formats.strict import dumps, loads, text_record
from relumax.network.layers import Network
from relumax.words import SAFETENSORS

_LENGTH = 8  # bytes of the header's length, little-endian; data starts at a multiple of it


def write(network: Network, options: WriteOptions) -> Exported:
    """The file; raises FormatError and BudgetExceeded as `dense.to_tensors` does."""
    tensors, rounding = to_tensors(network, options)
    header: dict[str, object] = {"__metadata__": metadata.describe(network, options, rounding)}
    begin = 0
    for tensor in tensors:
        end = begin + len(tensor.data)
        header[tensor.name] = {"dtype": _code(options.kind), "shape": tensor.shape, "data_offsets": (begin, end)}
        begin = end
    text = dumps(header)
    text = text.ljust(-(-len(text) // _LENGTH) * _LENGTH)
    data = b"".join([len(text).to_bytes(_LENGTH, "little"), text, *(tensor.data for tensor in tensors)])
    return metadata.exported(data, options, rounding)


def _code(kind: FloatType) -> str:
    return f"F{8 * kind.size}"


def read(data: bytes, options: ReadOptions = NOTHING_SAID) -> LoadedNetwork:
    """The network in a file; raises FormatError with the tensor that is wrong."""
    start = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or start > len(data):
        raise FormatError(f"safetensors: the header should end at byte {start}, the file has {len(data)}")
    header = loads(data[_LENGTH:start], "safetensors header")
    if not isinstance(header, dict) or "__metadata__" not in header:
        raise FormatError("safetensors header: __metadata__ is missing; it says which units are steps")
    about = text_record(header.pop("__metadata__"), "safetensors __metadata__")
    metadata.check_keys(about)
    kind = metadata.kind_of(about)
    network = from_tensors(_tensors(header, data[start:], kind), kind, metadata.steps_of(about))
    metadata.verify(about, network, kind)
    return LoadedNetwork(network, SAFETENSORS, kind.name, about)


def _tensors(header: dict[str, object], body: bytes, kind: FloatType) -> dict[str, Tensor]:
    """The tensors; they must cover the body without holes or overlaps."""
    for name in header:
        check_name(name)
    entries = {name: _entry(name, value, kind) for name, value in header.items()}
    position = 0
    for name, (_, begin, end) in sorted(entries.items(), key=lambda entry: entry[1][1]):
        if begin != position or end < begin:
            raise FormatError(f"safetensors: {name} is at bytes {begin} to {end}, expected it to start at {position}")
        position = end
    if position != len(body):
        raise FormatError(f"safetensors: tensors end at byte {position} of the data, which has {len(body)}")
    return {name: Tensor(name, shape, body[begin:end]) for name, (shape, begin, end) in entries.items()}


def _entry(name: str, value: object, kind: FloatType) -> tuple[tuple[int, ...], int, int]:
    """The shape and the first and last byte of one tensor, as its header entry declares them."""
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        raise FormatError(f"safetensors: the entry of {name} is not exactly dtype, shape and data_offsets")
    if value["dtype"] != _code(kind):
        raise FormatError(f"safetensors: {name} holds {brief(value['dtype'])}, not {_code(kind)!r}")
    shape, offsets = _naturals(name, value["shape"]), _naturals(name, value["data_offsets"])
    if not 1 <= len(shape) <= 2 or len(offsets) != 2:
        numbers = f"shape {brief(value['shape'])} and data_offsets {brief(value['data_offsets'])}"
        raise FormatError(f"safetensors: {name} has {numbers}, expected [n] or [n, m] and [begin, end]")
    check_size(f"safetensors: {name}", shape, kind.size, offsets[1] - offsets[0])
    return shape, *offsets


def _naturals(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(number) is int and number >= 0 for number in value):
        raise FormatError(f"safetensors: {name} has {brief(value)} where a list of natural numbers belongs")
    return tuple(value)
