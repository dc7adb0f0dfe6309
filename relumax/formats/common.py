"""What every format shares: the options of a write, the results of a write and of a read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from relumax.formats.floats import FloatType
from relumax.network.layers import Network
from relumax.words import MAX_SIZE


class WriteOptions(NamedTuple):
    """How to write: the float type, whether to round to it, the theorem's text, the largest dense size in cells."""

    kind: FloatType
    allow_rounding: bool
    theorem: str | None
    max_cells: int


class ReadOptions(NamedTuple):
    """What a file leaves open, as the user says it; formats that leave nothing open do not look here.

    `layers` names the layers of a state dict in order, `layout` says how its weights lie, `beside` is the folder
    whose files an ONNX model may use for its weights: None means that it may use none. `max_size` is the most hidden
    units that a file which has to be translated may take.
    """

    layers: tuple[str, ...] | None = None
    layout: str | None = None
    beside: str | None = None
    max_size: int = MAX_SIZE


NOTHING_SAID = ReadOptions()


class Exported(NamedTuple):
    """A file's bytes, whether they hold exactly the network's weights, and one line for the user."""

    data: bytes
    exact: bool
    note: str


class LoadedNetwork(NamedTuple):
    """What a file holds, as exact rationals. `dtype` is None where numbers are stored as rationals.

    `metadata` is what the file says about itself. Its hash, types and steps were checked against the weights;
    its theorem is text that nothing here has proved. `notes` are sentences that stand beside every verdict about the
    network: what was read into the file that its numbers alone do not say.
    """

    network: Network
    fmt: str
    dtype: str | None
    metadata: Mapping[str, str]
    notes: tuple[str, ...] = ()
