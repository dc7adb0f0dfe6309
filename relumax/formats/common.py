"""What every format shares: the options of a write, the results of a write and of a read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from relumax.errors import FormatError
from relumax.formats.floats import FloatType
from relumax.network.layers import Network
from relumax.words import IN_OUT, NPZ, SAFETENSORS, TORCH


class WriteOptions(NamedTuple):
    """How to write: the float type, whether to round to it, the theorem's text, the largest dense size in cells.

    `ranges` says for which inputs the type's arithmetic is exact, a line for each arithmetic.
    `layout` is `in-out` for tensors W0 [inputs, units], b0, ..., `torch` for 0.weight [units, inputs], 0.bias, ...,
    which `torch.nn.Sequential.load_state_dict` takes. An ONNX file has its own: Gemm unless it is `matmul`.
    """

    kind: FloatType
    allow_rounding: bool
    theorem: str | None
    max_cells: int
    layout: str = IN_OUT
    ranges: str | None = None


class ReadOptions(NamedTuple):
    """What a file leaves open, as the user says it; formats that leave nothing open do not look here.

    `layers` names the layers of a state dict in order, `layout` says how its weights lie (`torch` [out, in],
    `in-out` [in, out]), `beside` is the folder whose files an ONNX model may use for its weights: None means that it
    may use none.
    """

    layers: tuple[str, ...] | None = None
    layout: str | None = None
    beside: str | None = None


NOTHING_SAID = ReadOptions()


def check_layout(fmt: str, options: WriteOptions) -> None:
    """Raise FormatError if PyTorch's layout is asked of a format whose readers are not PyTorch's."""
    if options.layout == TORCH:
        raise FormatError(f"--layout {TORCH} is for {SAFETENSORS} and {NPZ}, not for {fmt}")


class Exported(NamedTuple):
    """A file's bytes, whether they hold exactly the network's weights, and one line for the user."""

    data: bytes
    exact: bool
    note: str


class LoadedNetwork(NamedTuple):
    """What a file holds, as exact rationals. `dtype` is None where numbers are stored as rationals; names of several
    float types, where these are mixed, are joined by "and".

    `metadata` is what the file says about itself. Its hash, types and steps were checked against the weights;
    its theorem is text that nothing here has proved. `notes` are sentences that stand beside every verdict about the
    network: what was read into the file that its numbers alone do not say. `literal` says that whoever runs the file
    computes what the network's rows say, sum by sum, in `dtype`: nothing was folded into the weights. `names` are what
    the file calls its inputs and outputs, if it has several and says so.
    """

    network: Network
    fmt: str
    dtype: str | None
    metadata: Mapping[str, str]
    notes: tuple[str, ...] = ()
    literal: bool = True
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
