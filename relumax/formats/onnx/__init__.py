"""ONNX: written as one Gemm for each affine map with Relu between them; read operator by operator. Extra `onnx`.

`writing` says what a file of ours is, `operators/` what each operator means. A file is read over the reals: every float
is the rational that it is, and constants are folded without rounding.
"""

from __future__ import annotations

from relumax.formats.common import NOTHING_SAID, Exported, LoadedNetwork, ReadOptions, WriteOptions
from relumax.formats.onnx.library import library, messages
from relumax.network.layers import Network


def write(network: Network, options: WriteOptions) -> Exported:
    """The file; raises MissingExtra, FormatError for a file of 2 GiB, and as `dense.to_tensors` does."""
    from relumax.formats.onnx.writing import write_model

    return write_model(library(), network, options)


def read(data: bytes, options: ReadOptions = NOTHING_SAID) -> LoadedNetwork:
    """The network in a file.

    Raises MissingExtra, BudgetExceeded, and FormatError unless all that decides what the outputs are is understood.
    """
    onnx = messages()
    from relumax.formats.onnx.reading import read_model

    return read_model(onnx, data, options)
