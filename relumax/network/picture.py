"""A network as SVG: one column for each layer, one line for each nonzero weight. The same bytes every time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

BLUE, RED, GREY, INK = "#2166ac", "#b2182b", "#555555", "#222222"


class Drawn(Protocol):
    """What is drawn of a `relumax.network.layers.Network`, which draws itself in notebooks: no circle of imports."""

    @property
    def columns(self) -> tuple[int, ...]:
        """What each map reads: the number of inputs, then the widths."""

    @property
    def maps(self) -> Sequence[Any]:
        """The hidden layers and the output map."""


def diagram(net: Drawn) -> str:
    """The network as SVG: inputs on the left, the output on the right; blue weights are positive, red ones negative."""
    columns = [*net.columns, len(net.maps[-1].rows)]
    wide, high, top = 190, 46, 54
    tallest = max(columns)
    height, width = top + tallest * high + 24, wide * (len(columns) - 1) + 140
    out = [begin(width, height)]

    def at(column: int, row: int) -> tuple[float, float]:
        return 60 + column * wide, top + high * (row + 0.5 + (tallest - columns[column]) / 2)

    for k, layer in enumerate(net.maps):
        for row, (_, terms) in enumerate(layer.rows):
            for source, c in terms:
                (x1, y1), (x2, y2) = at(k, source), at(k + 1, row)
                out.append(f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{BLUE if c > 0 else RED}"/>')
    for k, count in enumerate(columns):
        title = "inputs" if k == 0 else "output" if k == len(columns) - 1 else f"hidden layer {k}"
        out.append(label(at(k, 0)[0], 24, title, GREY))
        for row in range(count):
            x, y = at(k, row)
            if 0 < k < len(net.maps):
                inner = "step" if row in net.maps[k - 1].steps else "relu"
            else:
                inner = f"x{row}" if k == 0 else "y" if count == 1 else f"y{row}"
            out.append(f'<circle cx="{x:g}" cy="{y:g}" r="17" fill="white" stroke="{INK}"/>')
            out.append(label(x, y + 4, inner, INK))
    return "\n".join([*out, "</svg>", ""])


def begin(width: float, height: float) -> str:
    """The head of a picture of this size."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="sans-serif" font-size="13">\n'
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>'
    )


def label(x: float, y: float, words: str, colour: str) -> str:
    """Words centred at a point."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" fill="{colour}">{words}</text>'
