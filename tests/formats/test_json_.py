"""relumax's json: hand-written files are welcome, anything unclear is not."""

import json

import pytest

from relumax.errors import FormatError
from relumax.formats import export, load
from relumax.network.layers import to_json
from tests.formats.examples import MAX2, THIRDS

NETWORK = json.dumps(to_json(MAX2))


def file(**changes: str) -> bytes:
    """A small file with raw JSON texts put in, or taken out (by an empty text)."""
    parts = {"format": '"relumax-network"', "version": "1", "network": NETWORK, **changes}
    return ("{" + ", ".join(f'"{key}": {text}' for key, text in parts.items() if text) + "}").encode()


def test_a_file_written_by_hand_needs_no_hash() -> None:
    assert load(b" \n" + file()).network == MAX2


def test_the_bytes_are_canonical() -> None:
    data = export(THIRDS, "json", theorem="\u2265").data
    assert data.endswith(b"}\n")
    assert data[:-1] == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (file(format='"other"'), "format is 'other', not 'relumax-network'"),
        (file(version="2"), "version 2; this relumax reads version 1"),
        (file(version="true"), "version True"),
        (file(version="1.0"), "'1.0' is not an integer"),
        (file(version=""), "'version' is missing"),
        (file(network=""), "'network' is missing"),
        (file(extra="1"), "unknown key 'extra'"),
        (file(sha256='"00"'), "sha256 is '00', the network in this file has [0-9a-f]{64}$"),
        (file(sha256="3"), "'sha256' is not text"),
        (file(theorem="[]"), "'theorem' is not text"),
        (file(network="3"), "network: expected an object, found an integer"),
        (file(network=NETWORK.replace('"inputs": 2', '"inputs": 2, "inputs": 2')), "key 'inputs' stands twice"),
        (file(network=NETWORK.replace('"inputs": 2', '"inputs": NaN')), "'NaN' is not an integer"),
        (file(network=NETWORK.replace('"inputs": 2', '"inputs": 2e0')), "'2e0' is not an integer"),
        (file(network=NETWORK.replace('"inputs": 2', '"inputs": true')), "inputs: expected an integer, found a bool"),
        (file(network=NETWORK.replace('"inputs": 2', '"inputs": 1')), r"layers\[0\]\.rows\[0\]"),
        (file(network="9" * 5000), "not JSON: .*digit"),
        (file() + b"{}", "not JSON: Extra data"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"\xff": 1}', "not JSON: 'utf-8' codec"),
        (b"{" + b'"a":1,' * 200_000 + b'"b":1}', "key 'a' stands twice"),
    ],
)
def test_strict(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load(data)


def test_only_an_object_is_a_network() -> None:
    with pytest.raises(FormatError, match="json network: not an object"):
        load(b"[]", "json")
