"""safetensors: tensors W0, b0, W1, b1, ... and the record of texts in `__metadata__`; or a state dict of other hands.

With PyTorch's layout the tensors are 0.weight, 0.bias, 2.weight, ..., and the record is there all the same. A file
without relumax's record is read as a state dict (`state_dict`); `format: pt` in it says that weights lie [out, in].

The format is eight bytes of header length, a JSON header, and the data; it is written and read here directly, so it
needs no library, gives the same bytes on every machine, and is read more strictly than the library would.
"""

from __future__ import annotations

from reprlib import repr as brief

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import NOTHING_SAID, Exported, LoadedNetwork, ReadOptions, WriteOptions
from relumax.formats.dense import Tensor, check_name, check_size, from_tensors, to_tensors
from relumax.formats.floats import BFLOAT16, FLOATS, FloatType
from relumax.formats.state_dict import Stored, check_names, check_printable, is_name, read_state_dict
from relumax.formats.strict import dumps, loads, text_record
from relumax.network.layers import Network
from relumax.words import SAFETENSORS, TORCH

_LENGTH = 8  # bytes of the header's length, little-endian; data starts at a multiple of it


def write(network: Network, options: WriteOptions) -> Exported:
    """The file; raises FormatError and BudgetExceeded as `dense.to_tensors` does."""
    tensors, rounding = to_tensors(network, options)
    framework = {"format": "pt"} if options.layout == TORCH else {}
    header: dict[str, object] = {"__metadata__": {**metadata.describe(network, options, rounding), **framework}}
    begin = 0
    for tensor in tensors:
        end = begin + len(tensor.data)
        header[tensor.name] = {"dtype": _code(options.kind), "shape": tensor.shape, "data_offsets": (begin, end)}
        begin = end
    text = dumps(header)
    text = text.ljust(-(-len(text) // _LENGTH) * _LENGTH)
    data = b"".join([len(text).to_bytes(_LENGTH, "little"), text, *(tensor.data for tensor in tensors)])
    return metadata.exported(data, options, rounding)


_KINDS = {**{f"F{8 * kind.size}": kind for kind in FLOATS.values()}, "BF16": BFLOAT16}


def _code(kind: FloatType) -> str:
    return f"F{8 * kind.size}"


def read(data: bytes, options: ReadOptions = NOTHING_SAID) -> LoadedNetwork:
    """The network in a file; raises FormatError with the tensor that is wrong."""
    start = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or start > len(data):
        raise FormatError(f"safetensors: the header should end at byte {start}, the file has {len(data)}")
    header = loads(data[_LENGTH:start], "safetensors header")
    if not isinstance(header, dict):
        raise FormatError("safetensors header: not an object")
    about = text_record(header.pop("__metadata__", {}), "safetensors __metadata__")
    if not any(key.startswith(metadata.PREFIX) for key in about):
        check_names(header)
        layout = TORCH if about.get("format") == "pt" else None
        arrays = _tied(_arrays(header, data[start:]), about)
        return read_state_dict(arrays, SAFETENSORS, about, options, layout)
    arrays = _arrays(header, data[start:])
    ours = {key: text for key, text in about.items() if key != "format"}
    metadata.check_keys(ours)
    kind = metadata.kind_of(ours)
    for name, array in arrays.items():
        if array.kind != kind:
            raise FormatError(f"safetensors: {name} holds {array.kind.name}, not {kind.name}")
    if metadata.layout_of(ours) == TORCH:
        network = read_state_dict(arrays, SAFETENSORS, about, NOTHING_SAID, TORCH).network
    else:
        for name in arrays:
            check_name(name)
        tensors = {name: array.tensor for name, array in arrays.items()}
        network = from_tensors(tensors, kind, metadata.steps_of(ours))
    metadata.verify(ours, network, kind)
    return LoadedNetwork(network, SAFETENSORS, kind.name, about)


def _arrays(header: dict[str, object], body: bytes) -> dict[str, Stored]:
    """The arrays; they must cover the body without holes or overlaps."""
    for name in header:
        check_printable(name)
    entries = {name: _entry(name, value) for name, value in header.items()}
    position = 0
    for name, (_, _, begin, end) in sorted(entries.items(), key=lambda entry: entry[1][2:]):
        if begin != position or end < begin:
            raise FormatError(f"safetensors: {name} is at bytes {begin} to {end}, expected it to start at {position}")
        position = end
    if position != len(body):
        raise FormatError(f"safetensors: tensors end at byte {position} of the data, which has {len(body)}")
    return {
        name: Stored(Tensor(name, shape, body[begin:end]), kind) for name, (kind, shape, begin, end) in entries.items()
    }


def _tied(arrays: dict[str, Stored], about: dict[str, str]) -> dict[str, Stored]:
    """The arrays with those that are stored once and used twice.

    safetensors' `save_model` leaves a tied weight out, and puts its name, and that of the one stored, among the texts.

    Raises FormatError where such a text names an array that is not there.
    """
    found = dict(arrays)
    for name, other in about.items():
        if name in arrays or (other not in arrays and not is_name(name)):
            continue
        if other not in arrays:
            raise FormatError(f"safetensors: {brief(name)} is said to be {brief(other)}, which is not there")
        check_names([name])
        found[name] = Stored(arrays[other].tensor._replace(name=name), arrays[other].kind)
    return found


def _entry(name: str, value: object) -> tuple[FloatType, tuple[int, ...], int, int]:
    """The type, the shape and the first and last byte of one tensor, as its header entry declares them."""
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        raise FormatError(f"safetensors: the entry of {name} is not exactly dtype, shape and data_offsets")
    kind = next((kind for code, kind in _KINDS.items() if code == value["dtype"]), None)
    if kind is None:
        raise FormatError(f"safetensors: {name} holds {brief(value['dtype'])}; {', '.join(_KINDS)} are read")
    shape, offsets = _naturals(name, value["shape"]), _naturals(name, value["data_offsets"])
    if not 1 <= len(shape) <= 2 or len(offsets) != 2:
        numbers = f"shape {brief(value['shape'])} and data_offsets {brief(value['data_offsets'])}"
        raise FormatError(f"safetensors: {name} has {numbers}, expected [n] or [n, m] and [begin, end]")
    check_size(f"safetensors: {name}", shape, kind.size, offsets[1] - offsets[0])
    return kind, shape, *offsets


def _naturals(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(number) is int and number >= 0 for number in value):
        raise FormatError(f"safetensors: {name} has {brief(value)} where a list of natural numbers belongs")
    return tuple(value)
