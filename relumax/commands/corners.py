"""`relumax export --inputset`: the corner vectors of a range of inputs, for tools that measure what they are shown.

Compilers for encrypted and fixed-point arithmetic give each value as many bits as it needs on an *inputset*. One
without corners makes circuits that are silently wrong elsewhere in the range.
"""

from __future__ import annotations

import os
from fractions import Fraction
from io import BytesIO
from itertools import product
from typing import TYPE_CHECKING, Any

import click

from relumax.commands.files import write

if TYPE_CHECKING:
    from relumax.network.layers import Network

MOST_INPUTS = 12
"""2^12 vectors; each input more is twice as many."""
ENDINGS = (".npy", ".npz", ".json")


def write_corners(path: str, network: Network, most: Fraction | None) -> None:
    """Write all vectors of +-most: .npy an array [vectors, inputs], .npz that as x, .json as input_data (ezkl).

    Raises UsageError where there is no range, or one that int64 and float64 do not hold, no such ending, or there are
    too many inputs.
    """
    if most is None:
        raise click.UsageError("--inputset needs the range: --input-range B")
    ending = os.path.splitext(path)[1].lower()
    if ending not in ENDINGS:
        raise click.UsageError(f"--inputset {path}: the name ends in {', '.join(ENDINGS)}")
    if network.inputs > MOST_INPUTS:
        many = f"{network.inputs} inputs have 2^{network.inputs} corners"
        raise click.UsageError(f"--inputset: {many}; {MOST_INPUTS} inputs are the most")
    end = _number(most)
    vectors = list(product((-end, end), repeat=network.inputs))
    write(path, _written(ending, vectors))
    click.echo(f"{path}: {len(vectors)} corner vectors, each x[i] one of {-most} and {most}")


def _number(most: Fraction) -> int | float:
    """The end of the range as an int64, or the float64 that it is: numpy would pickle a larger integer."""
    if most.denominator == 1 and most < 1 << 63:
        return int(most)
    if most.denominator > 1 and most < 1 << 63 and Fraction(float(most)) == most:
        return float(most)
    raise click.UsageError(f"--inputset: the vectors are of int64 or float64, which do not hold {most!s:.40}")


def _written(ending: str, vectors: list[tuple[Any, ...]]) -> bytes:
    if ending == ".json":
        from json import dumps

        return (dumps({"input_data": vectors}, separators=(",", ":")) + "\n").encode("ascii")
    import numpy as np

    buffer = BytesIO()
    if ending == ".npy":
        np.save(buffer, np.array(vectors))
    else:
        np.savez(buffer, x=np.array(vectors))
    return buffer.getvalue()
