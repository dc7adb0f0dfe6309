"""NumPy's npz: arrays W0, b0, W1, b1, ... and `metadata`, a record of texts as JSON in a uint8 array.

Load it with `numpy.load(file)`; layer i is `h @ W{i} + b{i}`. Written and read without numpy, byte for byte the same on
every machine: members are stored uncompressed with a fixed time. A reader decides everything from the sizes that the
archive and the array headers declare, before it touches an array; a stored member cannot be larger than the file.
"""

from __future__ import annotations

import re
import struct
from io import BytesIO
from reprlib import repr as brief
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import NOTHING_SAID, Exported, LoadedNetwork, ReadOptions, WriteOptions
from relumax.formats.dense import Tensor, check_name, check_size, from_tensors, to_tensors
from relumax.formats.floats import FloatType
from relumax.formats.strict import dumps, loads, text_record
from relumax.network.layers import Network
from relumax.words import NPZ

_MAGIC = b"\x93NUMPY\x01\x00"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
_END = b"PK\x05\x06"
_END_SIZE = 22  # of the end record, when no comment follows it
_header = re.compile(
    rb"\{'descr': '([^']{1,8})', 'fortran_order': (False|True), 'shape': \((\d{1,12},|\d{1,12}, \d{1,12}|)\), \} *\n"
)


def write(network: Network, options: WriteOptions) -> Exported:
    """The file; raises FormatError and BudgetExceeded as `dense.to_tensors` does."""
    tensors, rounding = to_tensors(network, options)
    about = dumps(metadata.describe(network, options, rounding))
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for tensor in tensors:
            _add(archive, tensor, _descr(options.kind))
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
        raise FormatError("npz: member metadata.npy is missing; it says which units are steps")
    about = text_record(loads(_array("metadata", members.pop("metadata"), "|u1").data, "metadata"), "metadata")
    metadata.check_keys(about)
    kind = metadata.kind_of(about)
    tensors = {name: _array(name, content, _descr(kind)) for name, content in members.items()}
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
        if member.filename != "metadata.npy":
            check_name(member.filename.removesuffix(".npy"))
        if member.compress_type != ZIP_STORED or member.file_size != member.compress_size:
            raise FormatError(f"npz: {member.filename} is compressed; numpy.savez stores, and is read")
    if min((member.header_offset for member in members), default=0) != 0:
        raise FormatError("npz: bytes before the zip archive")
    if sum(member.file_size for member in members) > size:
        raise FormatError("npz: members overlap, they declare more bytes than the file has")


def _array(name: str, content: bytes, descr: str) -> Tensor:
    """The array in a member, which must be of type `descr` in C order and exactly as long as its shape says."""
    start = len(_MAGIC) + 2
    length = int.from_bytes(content[len(_MAGIC) : start], "little")
    match = _header.fullmatch(content[start : start + length])
    if not content.startswith(_MAGIC) or not match:
        raise FormatError(f"npz: {name}.npy does not start with a plain .npy header of version 1.0")
    found, fortran, numbers = (group.decode("ascii", "replace") for group in match.groups())
    if found != descr:
        raise FormatError(f"npz: {name}.npy holds {found!r}, not {descr!r}")
    if fortran == "True":
        raise FormatError(f"npz: {name}.npy is in Fortran order; C order is read")
    shape = tuple(int(number) for number in numbers.split(",") if number.strip())
    check_size(f"npz: {name}.npy", shape, int(descr[-1]), len(content) - start - length)
    if not shape:
        raise FormatError(f"npz: {name}.npy is a single number, not an array")
    return Tensor(name, shape, content[start + length :])
