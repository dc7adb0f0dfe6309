"""safetensors: the library reads what is written and the other way round; hostile headers are refused."""

import json
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from relumax.errors import FormatError
from relumax.formats import export, load
from tests.formats.examples import DYADIC, MAX2

DATA = export(MAX2, "safetensors").data


def parts(data: bytes) -> tuple[dict[str, Any], bytes]:
    start = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:start]), data[start:]


def file(header: object, body: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


@pytest.mark.parametrize("name", DYADIC)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_library_reads_it_and_its_own_file_is_read(name: str, dtype: str) -> None:
    data = export(DYADIC[name], "safetensors", dtype).data
    arrays = safetensors.numpy.load(data)
    assert arrays["W0"].dtype == dtype and arrays["W0"].shape[0] == DYADIC[name].inputs
    again = safetensors.numpy.save(arrays, parts(data)[0]["__metadata__"])
    assert load(again).network == DYADIC[name]


def test_data_is_aligned() -> None:
    assert int.from_bytes(DATA[:8], "little") % 8 == 0
    assert np.array_equal(safetensors.numpy.load(DATA)["W0"], [[1, 0, 0], [-1, 1, -1]])


@pytest.mark.parametrize(
    ("tensor", "key", "value", "message"),
    [
        ("W0", "shape", [3, 3], r"W0 declares shape \[3, 3\], 36 bytes, but holds 24"),
        ("W0", "shape", [2**40, 2**40], "W0 declares shape"),
        ("W0", "shape", [3, 2], r"b0 has shape \[3\], not \[2\]"),
        ("W0", "shape", [True, 6], "W0 has .* where a list of natural numbers belongs"),
        ("W0", "shape", [-2, -3], "where a list of natural numbers belongs"),
        ("W0", "shape", [], r"W0 has shape \[\]"),
        ("W0", "shape", [1, 2, 3], r"W0 has shape \[1, 2, 3\]"),
        ("W0", "dtype", "F64", r"W0 declares shape \[2, 3\], 48 bytes"),
        ("W0", "dtype", "F8_E4M3", "W0 holds 'F8_E4M3'; F16, F32, F64, BF16 are read"),
        ("W0", "dtype", ["F32"], r"W0 holds \['F32'\]; F16"),
        ("W0", "data_offsets", [0, 28], "24 bytes, but holds 28"),
        ("W0", "data_offsets", [24, 48], "b0 is at bytes 24 to 36, expected it to start at 0"),
        ("b1", "data_offsets", [0, 4], r"is at bytes 0 to .*, expected it to start at"),
        ("b1", "extra", 1, "the entry of b1 is not exactly dtype, shape and data_offsets"),
        ("__metadata__", "relumax.exact", "maybe", "relumax.exact is 'maybe', neither yes nor no"),
        ("__metadata__", "relumax.dtype", "int8", "relumax.dtype 'int8' is not one of float16"),
        ("__metadata__", "relumax.version", "2", "version '2'; this relumax reads version 1"),
        ("__metadata__", "relumax.extra", "", "unknown key 'relumax.extra'"),
        ("__metadata__", "relumax.steps", "[[1,1]]", "relumax.steps is not a list of lists of increasing"),
        ("__metadata__", "relumax.steps", "[[true]]", "relumax.steps is not a list"),
        ("__metadata__", "relumax.steps", "[[3]]", "steps name unit 3 of a layer whose b0 has 3 units"),
        ("__metadata__", "relumax.steps", "\ud800", "relumax.steps: not JSON"),
        ("__metadata__", "relumax.steps", "[[0]]", "relumax.network_sha256"),
        ("__metadata__", "relumax.network_sha256", 3, "not a record of texts"),
    ],
)
def test_hostile_entries(tensor: str, key: str, value: object, message: str) -> None:
    header, body = parts(DATA)
    header[tensor][key] = value
    with pytest.raises(FormatError, match=message):
        load(file(header, body))


def test_hostile_headers() -> None:
    header, body = parts(DATA)
    text = json.dumps(header).encode()
    renamed = {"fc.weight" if name == "W1" else name: value for name, value in header.items()}
    for data, message in [
        (file([], body), "safetensors header: not an object"),
        (file({**header, "W9\x07": header["b1"]}, body), r"an array has the name 'W9\\x07'"),
        (file(renamed, body), "unexpected tensor 'fc.weight'"),
        (file({**header, "W0": 3}, body), "the entry of W0 is not exactly"),
        (file(header, body + b"\0"), "tensors end at byte"),
        (file(text[:-1] + b', "W0": 1}', body), "key 'W0' stands twice"),
        (file(text + b"{}", body), "not JSON: Extra data"),
        ((2**63).to_bytes(8, "little") + text + body, "the header should end at byte 9223372036854775816"),
        (b"\x03", "the header should end at byte"),
    ]:
        with pytest.raises(FormatError, match=message):
            load(data, "safetensors")
