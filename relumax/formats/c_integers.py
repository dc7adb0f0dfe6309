"""A C header in integers alone: straight C99 and <stdint.h>, one assignment for each unit, no loop, no table.

    static inline void relumax_network(const int32_t *x, int32_t *y);         or int8_t, int16_t, int64_t

For |x[i]| <= B, which the header states and defines as a constant, no product and no partial sum leaves the type,
whatever the order: this was proved (`relumax.ranges`). C promotes int8_t and int16_t to int, which only has more room.
"""

from __future__ import annotations

from collections.abc import Iterator

from relumax.formats.c_ import BEGIN, comment
from relumax.formats.common import Exported
from relumax.formats.integers import IntegerOptions, exported, whole
from relumax.network.layers import Network, Row, sha256

_FRAME = """\
{about}
#ifndef {guard}
#define {guard}
#include <stdint.h>

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


def write_integers(network: Network, options: IntegerOptions) -> Exported:
    """The header; raises FormatError at the first weight that is no integer of the type."""
    kind = f"{options.name}_t"
    text = _FRAME.format(
        about=comment(_about(network, options)),
        guard=f"RELUMAX_{sha256(network)[:16].upper()}_{options.name.upper()}_H",
        type=kind,
        body="\n".join(_body(network, kind, options)),
    )
    return exported(text.encode("ascii"), options)


def _about(network: Network, options: IntegerOptions) -> Iterator[str]:
    yield f"{BEGIN.decode()[3:]}: {network.inputs} inputs x, {network.outputs} outputs y, which must not overlap."
    if options.theorem:
        yield f"Theorem, for real numbers: {options.theorem}"
    yield f"Network sha256: {sha256(network)}"
    yield f"Proved: {options.proved}."
    yield "Beyond that range sums may overflow, which in C is undefined: look at the inputs before."
    yield "Define RELUMAX_NAME before including this to give the function another name."


def _body(network: Network, kind: str, options: IntegerOptions) -> Iterator[str]:
    """The statements: h0_3 is unit 3 of layer 0."""
    maps = whole(network, options)
    used = [{*range(network.outputs)}]  # by map: the rows that are read further on; then the inputs
    for layer in reversed(maps):
        used.append({j for k in used[-1] for j, _ in layer.rows[k][1]})
    used.reverse()
    if not used[0]:
        yield "    (void)x;"
    for t, layer in enumerate(maps):
        for k, (bias, terms) in enumerate(layer.rows):
            text = _sum((bias, terms), f"h{t - 1}_{{}}" if t else "x[{}]")
            if t == network.depth:
                yield f"    y[{k}] = ({kind})({text});"
            elif k in used[t + 1]:
                name = f"h{t}_{k}"
                value = "{0} >= 0" if k in layer.steps else "{0} > 0 ? {0} : 0"
                yield f"    const {kind} s{name[1:]} = ({kind})({text}), {name} = {value.format('s' + name[1:])};"


def _sum(row: Row, name: str) -> str:
    """A row as an expression of C: a bias that is not 0 first, then the terms in order.

    >>> _sum((-1, ((0, 1), (3, -5))), "x[{}]"), _sum((0, ((2, -1), (4, 2))), "h_{}"), _sum((0, ()), "")
    ('-1 + x[0] - 5 * x[3]', '-h_2 + 2 * h_4', '0')
    """
    bias, terms = row
    parts = [str(bias)] if bias or not terms else []
    for j, c in terms:
        sign = ("-" if c < 0 else "") if not parts else (" - " if c < 0 else " + ")
        parts.append(f"{sign}{'' if abs(c) == 1 else f'{abs(c)} * '}{name.format(j)}")
    return "".join(parts)
