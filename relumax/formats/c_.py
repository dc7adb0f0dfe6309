"""A C header: constant weights and one function, C99 without a library, for machines that have nothing else.

    static inline void relumax_network(const float *x, float *y);      or double, with --dtype float64

A unit's sum starts at its bias and takes the layer before it in order; `relu` is `s > 0 ? s : 0`, `step` is
`s >= 0 ? 1 : 0`. Each weight stands as the number it is, a short decimal or else in hexadecimal, which compilers
convert without rounding. Such headers are written and not read.
"""

from __future__ import annotations

import struct
import textwrap
from collections.abc import Iterable, Iterator
from fractions import Fraction

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import NOTHING_SAID, Exported, LoadedNetwork, ReadOptions, WriteOptions, check_layout
from relumax.formats.dense import Rounding, Tensor, to_tensors
from relumax.formats.floats import FloatType, exact_value
from relumax.network.layers import Network, sha256
from relumax.words import DOUBLE, SINGLE, C

BEGIN = b"/* A network written by relumax"
_TYPES = {SINGLE: ("float", "f"), DOUBLE: ("double", "")}  # the type's name, the suffix of its constants
_WIDTH = 110

_FRAME = """\
{about}
#ifndef {guard}
#define {guard}

#ifdef __FAST_MATH__
#error "this network's theorem does not hold under -ffast-math"
#endif
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif
#ifndef RELUMAX_NAME
#define RELUMAX_NAME relumax_network
#endif

static inline void RELUMAX_NAME(const {type} *x, {type} *y)
{{
{body}
}}

#undef RELUMAX_NAME
#endif
"""


def write(network: Network, options: WriteOptions) -> Exported:
    """The header; raises FormatError for a float type that C99 has not, and as `dense.to_tensors` does."""
    check_layout(C, options)
    if options.kind.name not in _TYPES:
        raise FormatError(f"c: C99 has no type for {options.kind.name}; --dtype {SINGLE} or {DOUBLE} is written")
    tensors, rounding = to_tensors(network, options)
    kind = _TYPES[options.kind.name][0]
    text = _FRAME.format(
        about=comment(_about(network, options, rounding)),
        guard=f"RELUMAX_{sha256(network)[:16].upper()}_{kind.upper()}_H",
        type=kind,
        body="\n".join(_body(network, tensors, options.kind)),
    )
    return metadata.exported(text.encode("ascii"), options, rounding)


def read(data: bytes, options: ReadOptions = NOTHING_SAID) -> LoadedNetwork:
    """Raises FormatError: what C code computes is not read off it."""
    raise FormatError("c: a C header is written, not read; export the network as json or onnx beside it")


def _about(network: Network, options: WriteOptions, rounding: Rounding | None) -> Iterator[str]:
    yield f"{BEGIN.decode()[3:]}: {network.inputs} inputs x, {network.outputs} outputs y, which must not overlap."
    if options.theorem:
        yield f"Theorem, for real numbers and the exact weights: {options.theorem}"
    yield f"Network sha256: {sha256(network)}"
    yield f"Weights: {metadata.note(options.kind, rounding)}."
    if options.ranges and rounding is None:
        for line in options.ranges.splitlines():
            if line.startswith(f"{options.kind.name}:"):
                yield f"Proved: {line}."
    yield (
        "Where no sum is rounded, as on integers that are not too large, the code computes what the theorem says. "
        "Compile with -ffp-contract=off, without which some compilers join products and sums where they may round."
    )
    yield "Define RELUMAX_NAME before including this to give the function another name."


def comment(paragraphs: Iterable[str]) -> str:
    """Text as one comment of ASCII, which nothing in the text can end, nest or extend."""
    lines = []
    for text in paragraphs:
        plain = "".join(c if " " <= c <= "~" else "?" for c in text.replace("\\", "?"))
        plain = plain.replace("??", "? ?").replace("*/", "* /").replace("/*", "/ *")
        lines += textwrap.wrap(plain, _WIDTH, break_on_hyphens=False)
    return "/* " + "\n * ".join(lines) + "\n */"


def _body(network: Network, tensors: list[Tensor], kind: FloatType) -> Iterator[str]:
    """The statements of the function, by layers; values go from x through two buffers, h0 and h1, to y."""
    name, suffix = _TYPES[kind.name]
    for index, layer in enumerate(network.maps):
        yield from _array(f"{name} W{index}", tensors[2 * index], kind)
        yield from _array(f"{name} b{index}", tensors[2 * index + 1], kind)
        if layer.steps:
            units = len(layer.rows)
            marks = [str(int(unit in {*layer.steps})) for unit in range(units)]
            yield from _listed(f"unsigned char step{index}[{units}]", marks)
    for k in range(min(2, network.depth)):
        yield f"    {name} h{k}[{max(network.widths[k::2])}];"
    yield "    long i, j;\n"
    source = "x"
    for index, (inputs, layer) in enumerate(zip(network.columns, network.maps, strict=True)):
        last = index == network.depth
        target = "y" if last else f"h{index % 2}"
        relu, step = f"s > 0.0{suffix} ? s : 0.0{suffix}", f"s >= 0.0{suffix} ? 1.0{suffix} : 0.0{suffix}"
        value = "s" if last else f"step{index}[i] ? ({step}) : ({relu})" if layer.steps else relu
        units = len(layer.rows)
        yield f"    for (i = 0; i < {units}; i++) {{"
        yield f"        {name} s = b{index}[i];"
        yield f"        for (j = 0; j < {inputs}; j++)"
        yield f"            s += W{index}[j * {units} + i] * {source}[j];"
        yield f"        {target}[i] = {value};"
        yield "    }"
        source = target


def _array(declared: str, tensor: Tensor, kind: FloatType) -> Iterator[str]:
    """A constant array of all cells of a tensor in order."""
    count = len(tensor.data) // kind.size
    known: dict[int, str] = {}
    for bits in {*struct.unpack(f"<{count}{kind.unsigned}", tensor.data)}:
        known[bits] = literal(exact_value(bits, kind), kind)
    cells = [known[bits] for bits in struct.unpack(f"<{count}{kind.unsigned}", tensor.data)]
    yield from _listed(f"{declared}[{count}]", cells)


def _listed(declared: str, cells: list[str]) -> Iterator[str]:
    yield f"    static const {declared} = {{"
    line = "       "
    for cell in cells:
        if len(line) + len(cell) + 2 > _WIDTH:
            yield line
            line = "       "
        line += f" {cell},"
    yield line
    yield "    };"


def literal(value: Fraction, kind: FloatType) -> str:
    """A constant of C that is exactly a value of `kind`.

    >>> from relumax.formats.floats import FLOATS
    >>> literal(Fraction(-5, 4), FLOATS["float32"]), literal(Fraction(3, 2**149), FLOATS["float64"])
    ('-1.25f', '0x3p-149')
    """
    suffix, sign = _TYPES[kind.name][1], "-" if value < 0 else ""
    numerator, twos = abs(value.numerator), value.denominator.bit_length() - 1
    if twos <= 10 and numerator < 10**12:
        whole, rest = divmod(numerator * 5**twos, 10**twos)
        return f"{sign}{whole}.{rest:0{twos or 1}d}{suffix}"
    while numerator % 2 == 0:
        numerator, twos = numerator // 2, twos - 1
    return f"{sign}0x{numerator:x}p{-twos}{suffix}"
