"""NumPy's npz: arrays W0, b0, W1, b1, ... and `metadata`, a record of texts as JSON in a uint8 array; or weights alone.

An archive without that record is read as a state dict (`state_dict`), and with PyTorch's layout one without it is
written, 0.weight, 0.bias, 2.weight, ...: `load_state_dict` refuses arrays that it does not know.

Load it with `numpy.load(file)`; layer i is `h @ W{i} + b{i}`. Written and read without numpy, byte for byte the same on
every machine: members are stored uncompressed with a fixed time. A reader decides everything from the sizes that the
archive and the array headers declare, before it touches an array; a stored member cannot be larger than the file.
"""

from __future__ import annotations

import re
import struct
from fractions import Fraction
from io import BytesIO
from reprlib import repr as brief
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import NOTHING_SAID, Exported, LoadedNetwork, ReadOptions, WriteOptions
from relumax.formats.dense import Tensor, check_name, check_size, from_tensors, to_tensors
from relumax.formats.floats import FLOATS, FloatType, encode, exact_value
from relumax.formats.pickles import PICKLE
from relumax.formats.state_dict import Stored, check_names, check_printable, read_state_dict
from relumax.formats.strict import dumps, loads, text_record
from relumax.network.layers import Network
from relumax.words import DOUBLE, NPZ, TORCH

_INTEGERS = {"<i8": "q", "<i4": "i", "<i2": "h", "|i1": "b"}
_MAGIC = b"\x93NUMPY\x01\x00"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
_END = b"PK\x05\x06"
_END_SIZE = 22  # of the end record, when no comment follows it
_header = re.compile(
    rb"\{'descr': '([^']{1,8})', 'fortran_order': (False|True), 'shape': \(((?:\d{1,12}, ?)*\d{0,12})\), \} *\n"
)


def write(network: Network, options: WriteOptions) -> Exported:
    """The file; raises FormatError and BudgetExceeded as `dense.to_tensors` does."""
    tensors, rounding = to_tensors(network, options)
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for tensor in tensors:
            _add(archive, tensor, _descr(options.kind))
        if options.layout != TORCH:
            about = dumps(metadata.describe(network, options, rounding))
            _add(archive, Tensor("metadata", (len(about),), about), "|u1")
    return metadata.exported(buffer.getvalue(), options, rounding)


def _descr(kind: FloatType) -> str:
    return f"<f{kind.size}"


def _add(archive: ZipFile, tensor: Tensor, descr: str) -> None:
    member = ZipInfo(f"{tensor.name}.npy", _EPOCH)
    member.create_system = 3  # "Unix" wherever it is written: the same bytes on every machine
    archive.writestr(member, _npy_header(tensor.shape, descr) + tensor.data)


def _npy_header(shape: tuple[int, ...], descr: str) -> bytes:
    """The .npy header of version 1.0: magic, length, a Python literal padded to put the data at a multiple of 64."""
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}".encode("ascii")
    length = -(-(len(_MAGIC) + 2 + len(text) + 1) // 64) * 64 - len(_MAGIC) - 2
    return _MAGIC + length.to_bytes(2, "little") + text.ljust(length - 1) + b"\n"


def read(data: bytes, options: ReadOptions = NOTHING_SAID) -> LoadedNetwork:
    """The network in a file; raises FormatError with the member that is wrong, before it allocates for one."""
    members = _members(data)
    if "metadata" not in members:
        check_names(members)
        stored = {name: _array(name, content) for name, content in members.items()}
        return read_state_dict(stored, NPZ, {}, options)
    about = text_record(loads(_bytes("metadata", members.pop("metadata")), "metadata"), "metadata")
    metadata.check_keys(about)
    kind = metadata.kind_of(about)
    tensors = {}
    for name, content in members.items():
        check_name(name)
        array = _array(name, content)
        if array.kind != kind:
            raise FormatError(f"npz: {name}.npy holds {_descr(array.kind)!r}, not {_descr(kind)!r}")
        tensors[name] = array.tensor
    network = from_tensors(tensors, kind, metadata.steps_of(about))
    metadata.verify(about, network, kind)
    return LoadedNetwork(network, NPZ, kind.name, about)


def _members(data: bytes) -> dict[str, bytes]:
    """Each member's bytes under its name without `.npy`."""
    if not data.startswith(b"PK\x03\x04") or data[-_END_SIZE : -_END_SIZE + 4] != _END:
        raise FormatError("npz: truncated, or bytes after the zip archive")
    try:
        with ZipFile(BytesIO(data)) as archive:
            _check_directory(archive.infolist(), len(data))
            return {member.filename.removesuffix(".npy"): archive.read(member) for member in archive.infolist()}
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, struct.error) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"npz: not a zip archive that can be read: {str(error)[:100]}") from None


def _check_directory(members: list[ZipInfo], size: int) -> None:
    """Refuse bombs from the directory alone: compressed or encrypted members, names twice, more content than file."""
    seen: set[str] = set()
    for member in members:
        if member.filename in seen:
            raise FormatError(f"npz: two members are called {brief(member.filename)}")
        seen.add(member.filename)
        check_printable(member.filename)
        if not member.filename.endswith(".npy"):
            raise FormatError(_no_npz(member.filename, [one.filename for one in members]))
        if member.compress_type != ZIP_STORED or member.file_size != member.compress_size:
            raise FormatError(f"npz: {member.filename} is compressed; write it with numpy.savez, not savez_compressed")
    if min((member.header_offset for member in members), default=0) != 0:
        raise FormatError("npz: bytes before the zip archive")
    if sum(member.file_size for member in members) > size:
        raise FormatError("npz: members overlap, they declare more bytes than the file has")


def _no_npz(name: str, names: list[str]) -> str:
    """What is wrong with an archive that has a member `name`: it is torch.save's, a whole model's, or anything else."""
    if any(one.endswith(("/constants.pkl", "/models/model.json", "model.weights.h5")) for one in names):
        return (
            f"npz: {name} is not an array (.npy): this archive is a whole model's, as torch.jit.save, "
            "torch.export.save or keras' save write them; export the model as ONNX"
        )
    return PICKLE if any(one.endswith("/data.pkl") for one in names) else f"npz: {name} is not an array (.npy)"


def _array(name: str, content: bytes) -> Stored:
    """The array in a member, in C order; weights that were written as integers are taken as float64."""
    descr, fortran, shape, cells = _opened(name, content)
    kind = next((kind for kind in FLOATS.values() if _descr(kind) == descr), None)
    if kind is None and descr not in _INTEGERS:
        known = ", ".join([*map(_descr, FLOATS.values()), *_INTEGERS])
        raise FormatError(f"npz: {name}.npy holds {descr!r}; {known} are read")
    if not 1 <= len(shape) <= 2:
        raise FormatError(f"npz: {name}.npy has shape {brief(list(shape))}; one or two axes are read")
    check_size(f"npz: {name}.npy", shape, int(descr[-1]), len(cells))
    if kind is None:
        kind = FLOATS[DOUBLE]
        cells = _from_integers(name, struct.unpack(f"<{len(cells) // int(descr[-1])}{_INTEGERS[descr]}", cells), kind)
    if fortran and len(shape) == 2:
        cells = _turned(cells, shape[0], kind)
    return Stored(Tensor(name, shape, cells), kind)


def _from_integers(name: str, values: tuple[int, ...], kind: FloatType) -> bytes:
    """Integers as the cells of a float type; raises FormatError at one that it cannot hold."""
    bits: dict[int, int] = {}
    for value in {*values}:
        found = encode(Fraction(value), kind)
        if found is None or exact_value(found, kind) != value:
            raise FormatError(f"npz: {name}.npy holds the integer {value}, which {kind.name} does not")
        bits[value] = found
    return struct.pack(f"<{len(values)}{kind.unsigned}", *(bits[value] for value in values))


def _bytes(name: str, content: bytes) -> bytes:
    """The cells of an array of bytes."""
    descr, _, shape, cells = _opened(name, content)
    if descr != "|u1" or len(shape) != 1:
        raise FormatError(f"npz: {name}.npy holds {descr!r} of shape {brief(list(shape))}, not bytes")
    check_size(f"npz: {name}.npy", shape, 1, len(cells))
    return cells


def _opened(name: str, content: bytes) -> tuple[str, bool, tuple[int, ...], bytes]:
    """What an array's header says (its type, whether it is in Fortran order, its shape), and what follows it."""
    start = len(_MAGIC) + 2
    length = int.from_bytes(content[len(_MAGIC) : start], "little")
    match = _header.fullmatch(content[start : start + length])
    if not content.startswith(_MAGIC) or not match:
        raise FormatError(f"npz: {name}.npy does not start with a plain .npy header of version 1.0")
    descr, fortran, numbers = (group.decode("ascii", "replace") for group in match.groups())
    shape = tuple(int(number) for number in numbers.split(",") if number.strip())
    return descr, fortran == "True", shape, content[start + length :]


def _turned(cells: bytes, rows: int, kind: FloatType) -> bytes:
    """The cells of a matrix in C order, from Fortran order: column after column."""
    if not rows:
        return cells
    bits = struct.unpack(f"<{len(cells) // kind.size}{kind.unsigned}", cells)
    code = f"<{len(bits) // rows}{kind.unsigned}"
    return b"".join(struct.pack(code, *bits[row::rows]) for row in range(rows))
