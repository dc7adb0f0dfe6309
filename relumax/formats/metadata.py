"""What a file of float weights says about itself: one record of texts, the same in npz, onnx and safetensors.

| key | text |
| --- | --- |
| `relumax.version` | `1` |
| `relumax.network_sha256` | hash of the exact network, as its certificate prints it |
| `relumax.dtype` | `float16`, `float32` or `float64` |
| `relumax.exact` | `yes`, or `no` if a weight was rounded |
| `relumax.steps` | JSON: for each hidden layer, its step units |
| `relumax.theorem` | the theorem's text (if there is one); nothing that reads it trusts it |
| `relumax.exact_to` | for which inputs the arithmetic is exact, if that was proved; nothing that reads it trusts it |
| `relumax.layout` | `torch` where tensors are named and lie as PyTorch's `nn.Sequential` has them |
| `relumax.note` | present when not exact: what was rounded, and what the theorem is still about |
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from reprlib import repr as brief

from relumax.errors import FormatError, SelfContradiction
from relumax.formats.common import Exported, WriteOptions
from relumax.formats.dense import Rounding
from relumax.formats.floats import FLOATS, FloatType
from relumax.formats.strict import dumps, loads
from relumax.network.layers import Network, sha256
from relumax.words import IN_OUT, LAYOUTS, TORCH

PREFIX = "relumax."
_REQUIRED = {"relumax.version", "relumax.network_sha256", "relumax.dtype", "relumax.exact", "relumax.steps"}
_OPTIONAL = {"relumax.theorem", "relumax.exact_to", "relumax.layout", "relumax.note"}


def describe(network: Network, options: WriteOptions, rounding: Rounding | None) -> dict[str, str]:
    """The record for a network about to be written."""
    record = {
        "relumax.version": "1",
        "relumax.network_sha256": sha256(network),
        "relumax.dtype": options.kind.name,
        "relumax.exact": "no" if rounding else "yes",
        "relumax.steps": dumps([layer.steps for layer in network.layers]).decode("ascii"),
    }
    if options.theorem is not None:
        record["relumax.theorem"] = options.theorem
    if options.ranges is not None and rounding is None:
        record["relumax.exact_to"] = options.ranges
    if options.layout == TORCH:
        record["relumax.layout"] = TORCH
    if rounding:
        record["relumax.note"] = note(options.kind, rounding)
    return record


def note(kind: FloatType, rounding: Rounding | None) -> str:
    """One line about how faithful the file is."""
    if rounding is None:
        return f"{kind.name} holds every weight exactly"
    plural = "weight was" if rounding.weights == 1 else "weights were"
    return (
        f"{rounding.weights} {plural} rounded to {kind.name} (first: {rounding.first}): "
        "the theorem holds for the exact weights, not for this file"
    )


def exported(data: bytes, options: WriteOptions, rounding: Rounding | None) -> Exported:
    """The result of a write of `data`."""
    return Exported(data, rounding is None, note(options.kind, rounding))


def check_keys(record: Mapping[str, str]) -> None:
    """Raise FormatError unless the record has every required key, no unknown one, and a version known here."""
    for key in sorted(_REQUIRED - record.keys()):
        raise FormatError(f"metadata: {key} is missing")
    for key in sorted(record.keys() - _REQUIRED - _OPTIONAL):
        raise FormatError(f"metadata: unknown key {brief(key)}")
    if record["relumax.version"] != "1":
        raise FormatError(f"metadata: version {brief(record['relumax.version'])}; this relumax reads version 1")
    if record["relumax.exact"] not in ("yes", "no"):
        raise FormatError(f"metadata: relumax.exact is {brief(record['relumax.exact'])}, neither yes nor no")


def layout_of(record: Mapping[str, str]) -> str:
    """How the tensors are named and lie, as a checked record says; raises FormatError."""
    layout = record.get("relumax.layout", IN_OUT)
    if layout not in LAYOUTS:
        raise FormatError(f"metadata: relumax.layout {brief(layout)} is not one of {', '.join(LAYOUTS)}")
    return layout


def kind_of(record: Mapping[str, str]) -> FloatType:
    """The float type that a checked record names; raises FormatError."""
    if record["relumax.dtype"] not in FLOATS:
        raise FormatError(f"metadata: relumax.dtype {brief(record['relumax.dtype'])} is not one of {', '.join(FLOATS)}")
    return FLOATS[record["relumax.dtype"]]


def steps_of(record: Mapping[str, str]) -> list[list[int]]:
    """The step units of each hidden layer that a checked record names; raises FormatError."""
    steps = loads(record["relumax.steps"], "metadata: relumax.steps")
    if not isinstance(steps, list) or not all(map(_increasing, steps)):
        raise FormatError("metadata: relumax.steps is not a list of lists of increasing unit numbers")
    return steps


def _increasing(units: object) -> bool:
    return (
        isinstance(units, list)
        and all(type(unit) is int and unit >= 0 for unit in units)
        and all(lower < higher for lower, higher in pairwise(units))
    )


def verify(record: Mapping[str, str], network: Network, kind: FloatType) -> None:
    """Raise SelfContradiction unless a checked record agrees with the weights that were read beside it."""
    if kind_of(record) != kind:
        problem = f"metadata: relumax.dtype is {record['relumax.dtype']}, the weights are {kind.name}"
        raise SelfContradiction(problem, network)
    if steps_of(record) != [list(layer.steps) for layer in network.layers]:
        raise SelfContradiction("metadata: relumax.steps disagrees with the file's own activations", network)
    if record["relumax.exact"] == "yes" and record["relumax.network_sha256"] != sha256(network):
        raise SelfContradiction(
            f"metadata: relumax.network_sha256 is {brief(record['relumax.network_sha256'])}, "
            f"the weights in this file have {sha256(network)}",
            network,
        )
