"""relumax's own json: the network's exact rationals.

`{"format": "relumax-network", "version": 1, "network": ..., "sha256": "...", "theorem": "..."}` in canonical bytes and
a final newline. A reader takes any spacing and order of keys, so that a network can be written by hand; "sha256" and
"theorem" may be left out. A hash that stands there is verified.
"""

from __future__ import annotations

from reprlib import repr as brief

from relumax.errors import FormatError, SelfContradiction
from relumax.formats.common import NOTHING_SAID, Exported, LoadedNetwork, ReadOptions, WriteOptions, check_layout
from relumax.formats.strict import dumps, loads
from relumax.kernel import FORMAT
from relumax.network.layers import Network, from_json, sha256, to_json
from relumax.words import JSON, NETWORK_FORMAT, NETWORK_VERSION

_REQUIRED = {"format", "version", "network"}
_OPTIONAL = {"sha256", "theorem"}


def write(network: Network, options: WriteOptions) -> Exported:
    """The file; exact always, so the float type and the dense size do not apply."""
    check_layout(JSON, options)
    record: dict[str, object] = {
        "format": NETWORK_FORMAT,
        "version": NETWORK_VERSION,
        "network": to_json(network),
        "sha256": sha256(network),
    }
    if options.theorem is not None:
        record["theorem"] = options.theorem
    return Exported(dumps(record) + b"\n", True, "json holds every weight exactly, as rationals")


def read(data: bytes, options: ReadOptions = NOTHING_SAID) -> LoadedNetwork:
    """The network in a file; raises FormatError with the place of the first thing wrong."""
    record = loads(data, "json network")
    if not isinstance(record, dict):
        raise FormatError("json network: not an object")
    _check_header(record)
    network = from_json(record["network"])
    if record.get("sha256", sha256(network)) != sha256(network):
        problem = f"json network: sha256 is {brief(record['sha256'])}, the network in this file has {sha256(network)}"
        raise SelfContradiction(problem, network)
    metadata = {key: record[key] for key in sorted(_OPTIONAL & record.keys())}
    return LoadedNetwork(network, JSON, None, metadata)


def _check_header(record: dict[str, object]) -> None:
    if record.get("format") == FORMAT:
        raise FormatError("json network: it is a certificate (relumax check FILE checks it), and no network")
    if record.get("format", NETWORK_FORMAT) != NETWORK_FORMAT:  # before keys that another format has
        raise FormatError(f"json network: format is {brief(record['format'])}, not {NETWORK_FORMAT!r}")
    for key in sorted(_REQUIRED - record.keys()):
        raise FormatError(f"json network: {key!r} is missing")
    for key in sorted(record.keys() - _REQUIRED - _OPTIONAL):
        raise FormatError(f"json network: unknown key {brief(key)}")
    if type(record["version"]) is not int or record["version"] != NETWORK_VERSION:
        raise FormatError(
            f"json network: version {brief(record['version'])}; this relumax reads version {NETWORK_VERSION}"
        )
    for key in sorted(_OPTIONAL & record.keys()):
        if not isinstance(record[key], str):
            raise FormatError(f"json network: {key!r} is not text")
