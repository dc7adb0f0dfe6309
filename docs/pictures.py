"""Draws docs/network.svg and docs/regions.svg: `python docs/pictures.py`. Exact arithmetic; the same bytes every time.

A network: one column for each layer, one line for each nonzero weight. Its linear regions: the plane of two inputs, the
others fixed, cut along the zeros of every unit, layer by layer; each piece is coloured by the input that wins there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from relumax import Network, compile, inputs
from relumax.constructions import registry
from relumax.network.evaluate import evaluate
from relumax.network.picture import GREY, INK, begin, diagram, label

HERE = Path(__file__).parent
FILLS = ("#d1e5f0", "#fddbc7", "#d9f0d3", "#e7d4e8")
Form = tuple[Fraction, Fraction, Fraction]  # a + b u + c v
Point = tuple[Fraction, Fraction]


class Piece(NamedTuple):
    """A polygon of the plane on which every unit so far is affine, and the units of the layer just passed."""

    corners: list[Point]
    values: list[Form]


def network(function: str, name: str, n: int) -> Network:
    """The compiled network of a construction of the catalogue."""
    return compile(registry.find(function, name).program(n), len(inputs(n)))


def pieces(net: Network, plane: Sequence[Form], box: Sequence[Point]) -> list[Piece]:
    """The activation regions of the network on a plane: `plane` gives each input as a form in u and v."""
    found = [Piece(list(box), list(plane))]
    for layer in net.layers:
        found = [piece for one in found for piece in _through(one, layer.rows, layer.den)]
    return found


def _through(piece: Piece, rows: Sequence[tuple[int, Sequence[tuple[int, int]]]], den: int) -> Iterator[Piece]:
    """The piece cut along the zero of every unit of one layer; each part with what the units give there."""
    parts: list[tuple[list[Point], list[Form]]] = [(piece.corners, [])]
    for bias, terms in rows:
        form = _combine(bias, [(c, piece.values[j]) for j, c in terms], den)
        split = []
        for corners, values in parts:
            for sign in (1, -1):
                half = _clip(corners, form, sign)
                if half:
                    split.append((half, [*values, form if sign > 0 else (Fraction(0),) * 3]))
        parts = split
    return (Piece(corners, values) for corners, values in parts)


def _combine(bias: int, terms: Sequence[tuple[int, Form]], den: int) -> Form:
    a, b, c = (sum((q * form[k] for q, form in terms), Fraction(0)) for k in range(3))
    return (a + bias) / den, b / den, c / den


def _at(form: Form, point: Point) -> Fraction:
    return form[0] + form[1] * point[0] + form[2] * point[1]


def _clip(corners: list[Point], form: Form, sign: int) -> list[Point]:
    """The part of a convex polygon where sign * form >= 0; empty if it has no interior."""
    kept: list[Point] = []
    for k, here in enumerate(corners):
        before = corners[k - 1]
        s, t = sign * _at(form, before), sign * _at(form, here)
        if (s > 0 > t) or (s < 0 < t):
            share = s / (s - t)
            kept.append((before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1])))
        if t >= 0:
            kept.append(here)
    return kept if any(_at(form, p) * sign > 0 for p in kept) or (kept and form == (0, 0, 0) and sign > 0) else []


def regions(net: Network, plane: Sequence[Form], labels: Sequence[str], caption: str) -> str:
    """The linear regions as SVG, for u and v in [-3, 3]."""
    side, left, top, reach = 420, 50, 46, 3
    box = [(Fraction(a), Fraction(b)) for a, b in ((-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach))]
    out = [begin(left + side + 30, top + side + 54), label(left + side / 2, 24, caption, INK)]

    def place(point: Point) -> str:
        u, v = (float(value) / (2 * reach) + 0.5 for value in point)
        return f"{left + side * u:.2f},{top + side * (1 - v):.2f}"

    def polygon(corners: list[Point], style: str) -> str:
        return f'<polygon points="{" ".join(map(place, corners))}" {style}/>'

    winners: dict[int, list[Point]] = {}
    for corners, _ in pieces(net, plane, box):
        middle = tuple(sum(p[k] for p in corners) / len(corners) for k in range(2))
        values = [_at(form, (middle[0], middle[1])) for form in plane]
        winner = values.index(max(values))
        if evaluate(net, values) != [max(values)]:
            raise AssertionError("not a maximum")
        out.append(polygon(corners, f'fill="{FILLS[winner]}" stroke="#999999" stroke-dasharray="3 3"'))
        winners.setdefault(winner, []).append((middle[0], middle[1]))
    for i, form in enumerate(plane):  # where input i is the largest: the bends of the function
        cell = box
        for j, other in enumerate(plane):
            if i != j:
                cell = _clip(cell, (form[0] - other[0], form[1] - other[1], form[2] - other[2]), 1)
        if cell:
            out.append(polygon(cell, 'fill="none" stroke="#222222" stroke-width="2"'))
            centre = tuple(sum(p[k] for p in cell) / len(cell) for k in range(2))
            x, y = map(float, place((centre[0], centre[1])).split(","))
            out.append(label(x, y + 4, f"y = {labels[i]}", INK))
    out.append(label(left + side / 2, top + side + 34, f"{labels[0]} from -3 to 3", GREY))
    out.append(f'<g transform="rotate(-90 {left - 18} {top + side / 2:g})">')
    out.append(label(left - 18, top + side / 2, f"{labels[1]} from -3 to 3", GREY) + "</g>")
    return "\n".join([*out, "</svg>", ""])


def pictures() -> dict[str, str]:
    """File name -> SVG."""
    zero, one = Fraction(0), Fraction(1)
    plane = [(zero, one, zero), (zero, zero, one), (one, zero, zero)]
    three = network("max", "tournament", 3)
    count = len(
        pieces(three, plane, [(-3 * one, -3 * one), (3 * one, -3 * one), (3 * one, 3 * one), (-3 * one, 3 * one)])
    )
    caption = f"max/tournament, n = 3, at x2 = 1: {count} activation regions, 3 linear pieces"
    return {
        "network.svg": diagram(network("max", "tournament", 4)),
        "regions.svg": regions(three, plane, ["x0", "x1", "x2 = 1"], caption),
    }


def main() -> None:
    """Write the pictures beside this file."""
    for name, svg in pictures().items():
        (HERE / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
