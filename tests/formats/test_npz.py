"""npz: numpy reads what is written and the other way round; hostile archives are refused before they cost anything."""

import struct
import warnings
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import pytest

from relumax.errors import FormatError
from relumax.formats import export, load
from tests.formats.examples import DYADIC, MAX2, STEP

Members = dict[str, bytes]


def members(data: bytes) -> Members:
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive(parts: Members, compression: int = ZIP_STORED) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", compression) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return buffer.getvalue()


def npy(array: np.ndarray) -> bytes:
    buffer = BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


PLAIN = members(export(MAX2, "npz").data)


@pytest.mark.parametrize("name", DYADIC)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_numpy_reads_it_and_its_own_file_is_read(name: str, dtype: str) -> None:
    arrays = dict(np.load(BytesIO(export(DYADIC[name], "npz", dtype).data), allow_pickle=False))
    assert arrays["W0"].dtype == dtype and arrays["W0"].shape[0] == DYADIC[name].inputs
    buffer = BytesIO()
    np.savez(buffer, **arrays)
    assert load(buffer.getvalue()).network == DYADIC[name]


def test_headers_are_numpys_own() -> None:
    assert PLAIN["W0.npy"] == npy(np.array([[1, 0, 0], [-1, 1, -1]], dtype="<f4"))


def test_members_have_a_fixed_time_and_system() -> None:
    with ZipFile(BytesIO(export(MAX2, "npz").data)) as written:
        stamps = {(member.date_time, member.create_system) for member in written.infolist()}
    assert stamps == {((1980, 1, 1, 0, 0, 0), 3)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"W0.npy": npy(np.array([[{}]], dtype=object))}, r"W0\.npy holds '\|O'; <f2, <f4, <f8, <i8"),
        ({"W0.npy": npy(np.zeros((2, 3), ">f4"))}, "W0.npy holds '>f4'"),
        ({"W0.npy": npy(np.zeros((2, 3), "<f8"))}, "W0.npy holds '<f8', not '<f4'"),
        ({"W0.npy": npy(np.zeros((2, 3), [("a", "<f4")]))}, "does not start with a plain .npy header"),
        ({"W0.npy": npy(np.zeros((3, 2), "<f4").T)}, "relumax.network_sha256 is"),
        ({"W0.npy": npy(np.zeros((2, 3, 1), "<f4"))}, r"W0.npy has shape \[2, 3, 1\]; one or two axes are read"),
        ({"W0.npy": npy(np.zeros((), "<f4"))}, r"W0.npy has shape \[\]; one or two axes"),
        ({"W0.npy": b""}, "W0.npy does not start with"),
        ({"W0.npy": b"\x93NUMPY\x02\x00" + PLAIN["W0.npy"][8:]}, "header of version 1.0"),
        (
            {"W0.npy": PLAIN["W0.npy"].replace(b"(2, 3)", b"(3, 3)")},
            r"W0\.npy declares shape \[3, 3\], 36 bytes, but holds 24",
        ),
        (
            {"W0.npy": PLAIN["W0.npy"].replace(b"(2, 3), }" + b" " * 20, b"(134217728, 1), }" + b" " * 12)},
            r"W0\.npy declares shape \[134217728, 1\], 536870912 bytes, but holds 24",
        ),
        ({"W0.npy": PLAIN["W0.npy"].replace(b"(2, 3)", b"(3, 2)")}, r"b0 has shape \[3\], not \[2\] as W0 asks"),
        ({"W0.npy": PLAIN["W0.npy"] + b"\0"}, "24 bytes, but holds 25"),
        (
            {"W0.npy": PLAIN["W0.npy"].replace(struct.pack("<f", -1), struct.pack("<f", float("nan")), 1)},
            r"W0\[1, 0\] is nan",
        ),
        ({"W1.npy": None}, "W1 is missing"),
        ({"b1.npy": None, "W1.npy": None}, "steps are listed for 1 hidden layers, the file has 0"),
        ({"W2.npy": PLAIN["W1.npy"]}, "b2 is missing"),
        ({"evil\x1b[2J.npy": b""}, r"an array has the name 'evil\\x1b\[2J\.npy'"),
        ({"../W7.npy": b""}, "unexpected tensor '../W7'"),
        ({"readme.txt": b""}, r"readme.txt is not an array \(\.npy\)$"),
        ({"m/data/0": b"", "m/data.pkl": b""}, "^a pickle, as torch.save writes it"),
        ({"m/data/0": b"", "m/data.pkl": b"", "m/constants.pkl": b""}, "m/data/0 is not.*a whole model's, as torch"),
        ({"x/models/model.json": b"", "x/archive_format": b""}, "whole model's, as .*torch.export.save"),
        ({"config.json": b"", "model.weights.h5": b""}, "config.json is not.*keras.*; export the model as ONNX"),
        ({"metadata.npy": npy(np.frombuffer(b"{}", np.uint8))}, "metadata: relumax.dtype is missing"),
        ({"metadata.npy": npy(np.frombuffer(b"[]", np.uint8))}, "metadata: not a record of texts"),
        ({"metadata.npy": PLAIN["metadata.npy"].replace(b"float32", b"float64")}, "W0.npy holds '<f4', not '<f8'"),
        ({"metadata.npy": PLAIN["metadata.npy"].replace(b'"[[]]"', b'"[[1]"')}, "relumax.steps: not JSON"),
        (
            {"W0.npy": PLAIN["W0.npy"].replace(struct.pack("<f", -1), struct.pack("<f", -2), 1)},
            "relumax.network_sha256 is .*, the weights in this file have [0-9a-f]{64}",
        ),
    ],
)
def test_hostile_members(change: dict[str, bytes | None], message: str) -> None:
    parts = {name: content for name, content in {**PLAIN, **change}.items() if content is not None}
    with pytest.raises(FormatError, match=message):
        load(archive(parts))


def test_a_step_mark_cannot_be_moved() -> None:
    parts = members(export(STEP, "npz").data)
    parts["metadata.npy"] = parts["metadata.npy"].replace(b'"[[0,1]]"', b'"[[0]]"  ')
    with pytest.raises(FormatError, match="network_sha256 is"):
        load(archive(parts))


def test_a_name_twice_is_refused() -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in [*PLAIN.items(), ("b1.npy", PLAIN["b1.npy"])]:
            out.writestr(name, content)
    with pytest.raises(FormatError, match=r"two members are called 'b1\.npy'"):
        load(buffer.getvalue())


def test_a_compressed_bomb_is_refused_by_its_directory() -> None:
    bomb = archive({"W0.npy": bytes(64 * 2**20)}, ZIP_DEFLATED)
    assert len(bomb) < 100_000
    with pytest.raises(FormatError, match=r"W0\.npy is compressed"):
        load(bomb)


def directory_changed(data: bytes, change: Callable[[bytearray, int], None]) -> bytes:
    """The archive with one field of its first directory entry changed."""
    changed = bytearray(data)
    change(changed, data.index(b"PK\x01\x02"))
    return bytes(changed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data, at: struct.pack_into("<II", data, at + 20, 2**29, 2**29), "declare more bytes than the file has"),
        (lambda data, at: struct.pack_into("<H", data, at + 8, 1), "not a zip archive that can be read: .*ncrypted"),
        (lambda data, at: struct.pack_into("<I", data, at + 16, 0), "not a zip archive that can be read: Bad CRC"),
        (lambda data, at: struct.pack_into("<H", data, at + 10, 99), "W0.npy is compressed"),
        (lambda data, at: struct.pack_into("<I", data, at + 42, 7), "npz: "),
    ],
)
def test_a_lying_directory(change: Callable[[bytearray, int], None], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load(directory_changed(export(MAX2, "npz").data, change))


def test_bytes_before_the_archive_are_refused() -> None:
    data = export(MAX2, "npz").data
    with pytest.raises(FormatError, match="bytes before the zip archive"):
        load(data + data)
