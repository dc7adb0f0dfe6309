"""Files of networks, in and out: one module per format, looked up by name and imported only when used.

A format is a module with `write(network, options) -> Exported` and `read(data, options) -> LoadedNetwork`; everything
is bytes here, the caller opens files. To add one: write the module, add its line to `FORMATS`, add its example to
`tests/formats/test_registry.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from reprlib import repr as brief
from typing import NamedTuple, Protocol, cast

from relumax.errors import Differs, FormatError, SelfContradiction, UnknownName
from relumax.formats.common import NOTHING_SAID, Exported, LoadedNetwork, ReadOptions, WriteOptions
from relumax.formats.compare import check_same
from relumax.formats.floats import float_type
from relumax.formats.integers import IntegerOptions
from relumax.formats.pickles import PICKLE, is_pickle
from relumax.network.layers import Network
from relumax.words import BYTE, IN_OUT, INTEGERS, JSON, MATMUL, NPZ, ONNX, SAFETENSORS, SINGLE, C

__all__ = [
    "FORMATS",
    "INTEGER_FORMATS",
    "MAX_CELLS",
    "ORDERED",
    "Exported",
    "LoadedNetwork",
    "ReadOptions",
    "export",
    "export_integers",
    "load",
    "same_weights",
    "sniff",
]

ORDERED = (JSON, ONNX, C)
"""Formats that say in which order layers come, and how weights lie; a state dict may leave both open."""
INTEGER_FORMATS = {dtype: (C, ONNX) if dtype == BYTE else (C,) for dtype in INTEGERS}
"""What is written in integer types."""
MAX_CELLS = 50_000_000
"""Largest dense export unless asked otherwise, in array cells."""


class _Format(Protocol):
    def write(self, network: Network, options: WriteOptions) -> Exported: ...
    def read(self, data: bytes, options: ReadOptions) -> LoadedNetwork: ...


class Entry(NamedTuple):
    """Where a format is, and how its files begin."""

    module: str
    looks_like: Callable[[bytes], bool]


def _is_safetensors(data: bytes) -> bool:
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data)


_MODEL = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""The fields of ONNX's ModelProto, with the wire type of each: 0 is an integer, 2 has a length before it."""


def _is_onnx(data: bytes) -> bool:
    """Whether the content begins as onnx writes it, or is a message of ModelProto's fields in any order."""
    return data.startswith(b"\x08") or _is_message(data)


def _is_message(data: bytes) -> bool:
    at, graph = 0, False
    while at < len(data):
        tag, at = _varint(data, at)
        if _MODEL.get(tag >> 3) != tag & 7:
            return False
        graph = graph or tag >> 3 == 7
        length, at = _varint(data, at)
        at += length if tag & 7 == 2 else 0
    return graph and at == len(data)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A protobuf integer and where it ends."""
    value, shift = 0, 0
    for place in range(at, min(at + 10, len(data))):
        value |= (data[place] & 127) << shift
        if data[place] < 128:
            return value, place + 1
        shift += 7
    return 0, len(data) + 1


FORMATS = {  # in the order in which files are tried
    JSON: Entry("relumax.formats.json_", lambda data: data[:64].lstrip().startswith(b"{")),
    NPZ: Entry("relumax.formats.npz", lambda data: data.startswith(b"PK")),
    SAFETENSORS: Entry("relumax.formats.safetensors_", _is_safetensors),
    ONNX: Entry("relumax.formats.onnx", _is_onnx),
    C: Entry("relumax.formats.c_", lambda data: data.startswith(b"/* A network written by relumax")),
}


def export(
    network: Network,
    fmt: str,
    dtype: str = SINGLE,
    allow_rounding: bool = False,
    theorem: str | None = None,
    layout: str = IN_OUT,
    ranges: str | None = None,
) -> Exported:
    """The network as a file of format `fmt`, with weights of type `dtype` (json: rationals whatever the type).

    `layout` is how tensors are named and lie in npz and safetensors; `torch` is for `nn.Sequential.load_state_dict`.
    Of onnx `matmul` writes MatMul and Add in place of Gemm, with the shape of everything: some readers ask for both.
    `theorem` and `ranges` are texts to store beside the weights. Raises FormatError at a weight the type cannot hold
    exactly unless `allow_rounding`; BudgetExceeded if dense arrays would have more than MAX_CELLS cells; UnknownName;
    MissingExtra.
    """
    if layout == MATMUL and fmt != ONNX:
        raise FormatError(f"--ops {MATMUL} is for {ONNX}, not for {fmt}")
    options = WriteOptions(float_type(dtype), allow_rounding, theorem, MAX_CELLS, layout, ranges)
    return _format(fmt).write(network, options)


def export_integers(network: Network, fmt: str, dtype: str, most: int, theorem: str | None = None) -> Exported:
    """The network as a C header in the arithmetic of an integer type, or as ONNX in int8, uint8 and int32.

    `most` is what was proved: for integers |x_i| <= most nothing leaves the types (`relumax.ranges`). Raises
    FormatError where a weight is no such integer, and for other formats; MissingExtra.
    """
    if fmt not in INTEGER_FORMATS.get(dtype, ()):
        kinds = " or ".join(INTEGER_FORMATS.get(dtype, ()))
        raise FormatError(f"--dtype {dtype} is written as {kinds}, not as {fmt}")
    module = {C: "relumax.formats.c_integers", ONNX: "relumax.formats.onnx.integers"}[fmt]
    return cast(Exported, import_module(module).write_integers(network, IntegerOptions(dtype, most, theorem)))


def load(data: bytes, fmt: str | None = None, options: ReadOptions = NOTHING_SAID) -> LoadedNetwork:
    """The exact network that a file holds, each float read as the rational it is.

    Without `fmt` the format is told from the content, never from a name. Raises FormatError, saying where, unless
    everything in the file is understood; UnknownName; MissingExtra.
    """
    fmt = sniff(data) if fmt is None else fmt
    if fmt in ORDERED and (options.layers is not None or options.layout is not None):
        word = "--layers" if options.layers is not None else "--layout"
        said = f"a file of format {fmt} says its own order, and how its weights lie"
        raise FormatError(f"{said}: {word} is for {NPZ} and {SAFETENSORS}")
    return _format(fmt).read(data, options)


def same_weights(data: bytes, network: Network, options: ReadOptions = NOTHING_SAID) -> LoadedNetwork:
    """What a file holds, if it is the network, weight by weight.

    Raises Differs at the first place where they differ, with both values, and where the weights are the same, but the
    file says of itself that they are others; FormatError as `load` does.
    """
    try:
        loaded = load(data, None, options)
    except SelfContradiction as problem:
        if isinstance(problem.network, Network):
            check_same(problem.network, network)
        raise Differs(str(problem)) from None
    check_same(loaded.network, network)
    return loaded


def sniff(data: bytes) -> str:
    """The name of the format that the content looks like; raises FormatError."""
    for name, entry in FORMATS.items():
        if entry.looks_like(data):
            return name
    if not data.strip():
        raise FormatError("the file is empty")
    if is_pickle(data):  # asked last: a safetensors file may begin like one
        raise FormatError(PICKLE)
    raise FormatError(f"not a network file: its content looks like none of {', '.join(FORMATS)}")


def _format(name: str) -> _Format:
    if name not in FORMATS:
        from difflib import get_close_matches

        near = get_close_matches(name, FORMATS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FORMATS)}"
        raise UnknownName(f"no format {brief(name)}; {hint}")
    return cast(_Format, import_module(FORMATS[name].module))
