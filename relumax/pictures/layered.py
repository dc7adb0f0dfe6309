"""The picture of a network: a column for each layer, a line for each weight; at an input, what is on and who wins.

Small networks have their weights written on the lines, larger ones a key of them; what is too large to be read is drawn
as bars, one for each layer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from relumax.language.numbers import Number, as_fraction
from relumax.network.evaluate import Trace, trace
from relumax.network.layers import Layer, Network
from relumax.pictures.numbers import capped, spoken, written
from relumax.pictures.pieces import formula
from relumax.pictures.style import BLUE, GOLD, GREY, INK, LINES, PALE, RED, Picture, head, paper

WRITTEN = 26  # at most so many weights of a map are written on their lines
TALLEST, DEEPEST, MOST = 48, 30, 1500  # units of a layer, layers, and weights that are drawn one by one
FEW = 8  # at most so many different weights have a key
Place = tuple[float, float]


class Shown(NamedTuple):
    """What is on at a point: the values, which units are on, the input that wins and the edges on its way."""

    found: Trace
    on: list[list[bool]]
    winner: int | None
    path: set[tuple[int, int, int]]  # (map, source, row)

    def inner(self, net: Network, column: int) -> list[Fraction]:
        """The values of a column of the picture, the inputs aside."""
        return self.found.outputs if column > net.depth else self.found.layers[column - 1].values


def draw_network(
    net: Network,
    at: Sequence[Number] | None = None,
    *,
    title: str = "",
    lines: Sequence[str] = (),
    marked: Collection[tuple[int, int]] = (),
) -> Picture:
    """The network; at a point the units that are on, the values, and the way of the input that the output equals.

    Without a point, units may be `marked`, (layer from 1 on, place): the others are grey, and what these read is gold.
    """
    shown = _shown(net, at) if at is not None else _marked(net, marked) if marked else None
    said = [*lines, *_told(net, at, shown)]
    says = "; ".join([*([title] if title else []), *_told(net, at, shown)])
    if max(*net.columns, net.outputs) > TALLEST or net.depth > DEEPEST or net.nonzeros > MOST:
        return Picture(lambda: _bars(net, shown, title, said), says)
    return Picture(lambda: _paint(net, at, shown, title, said), says)


def _told(net: Network, at: Sequence[Number] | None, shown: Shown | None) -> list[str]:
    """The sizes, and what happens at the point."""
    layers = f"{net.depth} hidden layer{'s' * (net.depth != 1)}"
    said = [f"{net.inputs} inputs, {layers}, {net.size} units, {net.nonzeros} weights"]
    if at is not None and shown is not None:
        point = _vector([*map(as_fraction, at)], 12)
        outputs = _vector(shown.found.outputs, 6)
        on = sum(map(sum, shown.on))
        win = "" if shown.winner is None else f"; x{shown.winner} wins, its way to y is gold"
        said.append(f"at ({point}): y = {outputs}, {on} of {net.size} units are on{win}")
    return said


def _vector(values: Sequence[Fraction], most: int) -> str:
    return ", ".join(map(spoken, values[:most])) + (", ..." if len(values) > most else "")


def _shown(net: Network, at: Sequence[Number]) -> Shown:
    found = trace(net, at)
    on = [[value != 0 for value in layer.values] for layer in found.layers]
    if net.outputs != 1:
        return Shown(found, on, None, set())
    says = formula(net, on, 0)
    same = [i for i, x in enumerate(map(as_fraction, at)) if x == found.outputs[0]]
    winner = says.winner if says.winner in same else same[0] if len(same) == 1 else None
    return Shown(found, on, winner, set() if winner is None else _path(net, on, winner))


def _marked(net: Network, marked: Collection[tuple[int, int]]) -> Shown:
    """These units as those that are on, and the way to them."""
    on = [[(t, k) in marked for k in range(width)] for t, width in enumerate(net.widths, 1)]
    path = {(t - 1, j, k) for t, k in marked for j, _ in net.maps[t - 1].rows[k][1]}
    return Shown(trace(net, [0] * net.inputs), on, None, path)


def _path(net: Network, on: list[list[bool]], winner: int) -> set[tuple[int, int, int]]:
    """The edges on ways from an input to the output through units that are on."""
    live = [{winner}]
    for layer, active in zip(net.layers, on, strict=True):
        reached = live[-1]
        live.append({k for k, (_, terms) in enumerate(layer.rows) if active[k] and any(j in reached for j, _ in terms)})
    path, wanted = set[tuple[int, int, int]](), {0}
    for k in range(len(net.maps) - 1, -1, -1):
        before = set[int]()
        for row in wanted:
            for j, _ in net.maps[k].rows[row][1]:
                if j in live[k]:
                    path.add((k, j, row))
                    before.add(j)
        wanted = before
    return path


# ---------------------------------------------------------------- ink


def _weights(net: Network) -> list[Fraction]:
    """The different weights, the smallest first; empty where there are many."""
    found = {Fraction(c, layer.den) for layer in net.maps for _, terms in layer.rows for _, c in terms}
    return sorted(found) if len(found) <= FEW else []


def _thickness(size: Fraction) -> float:
    width = capped(size)
    return 0.7 + 1.1 * min(1.0, width) + min(1.2, max(0.0, width - 1) * 0.4)


def _paint(net: Network, at: Sequence[Number] | None, shown: Shown | None, title: str, lines: list[str]) -> Any:
    columns = [*net.columns, net.outputs]
    tallest = max(columns)
    wide = max(0.55, min(1.75 if tallest <= 16 else 2.3, 17 / (len(columns) - 1)))
    step = 0.55 if tallest <= 16 else 0.36
    width, height = max(5.0, wide * (len(columns) - 1) + 1.3), max(1.6, step * tallest + 0.75)
    figure, axes = paper(width, height)
    axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    axes.axis("off")
    left = (width - wide * (len(columns) - 1)) / 2

    def place(column: int, row: int) -> Place:
        return left + column * wide, height - 0.62 - step * (row + 0.5 + (tallest - columns[column]) / 2)

    for k, layer in enumerate(net.maps):
        _edges(axes, k, layer, place, shown, len(columns) > 7)
    _circles(axes, net, at, shown, columns, place, step)
    for k in range(len(columns)):
        name = "inputs" if k == 0 else "output" if k == len(columns) - 1 else f"layer {k}"
        axes.text(place(k, 0)[0], height - 0.3, name, size=9, color=GREY, ha="center", va="center")
    if not _all_written(net, len(columns) > 7):
        _key(axes, net, left, width)
    head(axes, title or "network", lines, max(60, int(13.5 * width)))
    return figure


def _all_written(net: Network, narrow: bool) -> bool:
    return all(_written(layer, narrow) for layer in net.maps)


def _written(layer: Layer, narrow: bool) -> bool:
    return not narrow and sum(len(terms) for _, terms in layer.rows) <= WRITTEN


def _edges(axes: Any, k: int, layer: Layer, place: Any, shown: Shown | None, narrow: bool) -> None:
    """One map's lines: blue where the weight is positive, red where it is negative; gold under the winner's way."""
    from matplotlib.collections import LineCollection

    found = [(place(k, j), place(k + 1, row), c, (k, j, row)) for row, (_, ts) in enumerate(layer.rows) for j, c in ts]
    if not found:
        return  # a map of constants
    segments = [(a, b) for a, b, _, _ in found]
    sizes = [_thickness(Fraction(abs(c), layer.den)) for *_, c, _ in found]
    quiet = [shown is not None and not _live(shown, k, edge) for *_, edge in found]
    colours = [BLUE if c > 0 else RED for *_, c, _ in found]
    faint = 0.85 if len(found) <= 60 else 0.55
    alphas = [0.16 if one else faint for one in quiet]
    way = [one[:2] for one in found if shown is not None and one[3] in shown.path]
    axes.add_collection(LineCollection(way, colors=GOLD, linewidths=6.5, alpha=0.75, capstyle="round", zorder=1))
    dashes = ["-" if c > 0 else (0, (4, 1.6)) for *_, c, _ in found]
    axes.add_collection(
        LineCollection(segments, colors=colours, linewidths=sizes, alpha=alphas, linestyles=dashes, zorder=2)
    )
    if not _written(layer, narrow):
        return
    words = [written(Fraction(c, layer.den)) for *_, c, _ in found]
    for (x, y), word, colour, off in zip(_spots(segments, words), words, colours, quiet, strict=True):
        text = axes.text(x, y, word, size=8, color=GREY if off else colour, ha="center", va="center", zorder=4)
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6})


def _live(shown: Shown, k: int, edge: tuple[int, int, int]) -> bool:
    """Whether something flows along an edge: both of its ends are on."""
    _, source, row = edge
    start = k == 0 or shown.on[k - 1][source]
    return start and (k >= len(shown.on) or shown.on[k][row])


def _spots(segments: Sequence[tuple[Place, Place]], words: Sequence[str]) -> list[Place]:
    """A place on each line for its word: far from words that stand already, and from other lines."""
    spots: list[Place] = []
    for k, ((x1, y1), (x2, y2)) in enumerate(segments):
        best, least = (x1, y1), float("inf")
        for share in (0.36, 0.5, 0.28, 0.62, 0.43, 0.7, 0.22):
            x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
            cost = 0.02 * abs(share - 0.36)
            for (a, b), other in zip(spots, words, strict=False):
                room = 0.045 * (len(words[k]) + len(other)) + 0.06
                if abs(x - a) < room and abs(y - b) < 0.17:
                    cost += 4
            for j, ((a1, b1), (a2, b2)) in enumerate(segments):
                if j != k and abs(b1 + (x - a1) / (a2 - a1) * (b2 - b1) - y) < 0.1:
                    cost += 0.3
            if cost < least:
                best, least = (x, y), cost
        spots.append(best)
    return spots


def _circles(
    axes: Any,
    net: Network,
    at: Sequence[Number] | None,
    shown: Shown | None,
    columns: Sequence[int],
    place: Any,
    step: float,
) -> None:
    """Inputs, units and outputs, with their values at a point."""
    from matplotlib.patches import Circle

    radius, last = 0.4 * step, len(columns) - 1
    for k, count in enumerate(columns):
        values = None if shown is None or at is None else [*map(as_fraction, at)] if k == 0 else shown.inner(net, k)
        for row in range(count):
            x, y = place(k, row)
            off = shown is not None and 0 < k < last and not shown.on[k - 1][row]
            step_unit = 0 < k < last and row in net.layers[k - 1].steps
            fill = PALE if off else "#fff2cc" if _on_way(shown, k, row) else "#e3eefb" if 0 < k < last else "white"
            edge = {"edgecolor": GREY if off else INK, "linewidth": 1.1, "zorder": 5}
            axes.add_patch(Circle((x, y), radius, facecolor=fill, **edge))
            name = f"x{row}" if k == 0 else ("y" if count == 1 else f"y{row}") if k == last else _sign(step_unit)
            word = name if values is None or 0 < k < last else f"{name}"
            if values is not None and 0 < k < last:
                word = written(values[row], 7)
            size = (8.5 if len(word) <= 4 else 6.5) * min(1.0, step / 0.5)
            middle = y + 0.2 * radius * _bias(axes, net, k, row, (x, y), radius)
            axes.text(x, middle, word, size=size, color=GREY if off else INK, ha="center", va="center", zorder=6)
            if values is not None and k in (0, last):
                side, start = ("right", x - 1.35 * radius) if k == 0 else ("left", x + 1.35 * radius)
                axes.text(start, y, written(values[row], 7), size=9, color=INK, ha=side, va="center", zorder=6)


def _bias(axes: Any, net: Network, k: int, row: int, place: Place, radius: float) -> bool:
    """Whether there is a bias other than 0; it stands in the circle, where no line and no other unit is."""
    bias = Fraction(net.maps[k - 1].rows[row][0], net.maps[k - 1].den) if k else Fraction(0)
    if bias:
        said = f"{'+' if bias > 0 else '−'}{written(abs(bias))}"
        size = min(7.0, 200 * radius / len(said))  # points: a digit is some 0.6 of them wide, a circle 144 radius
        low = place[1] - 0.45 * radius
        axes.text(place[0], low, said, size=size, color=BLUE if bias > 0 else RED, ha="center", va="center", zorder=6)
    return bool(bias)


def _sign(step: bool) -> str:
    return "step" if step else "relu"


def _on_way(shown: Shown | None, column: int, row: int) -> bool:
    if shown is None:
        return False
    return any((k == column and j == row) or (k + 1 == column and r == row) for k, j, r in shown.path)


def _key(axes: Any, net: Network, left: float, width: float) -> None:
    """The different weights, each as its line; or what the colours mean, where there are many."""
    known = _weights(net)
    entries = [(written(w), w) for w in known]
    entries = entries or [("positive weight", Fraction(1)), ("negative weight", Fraction(-1))]
    x = 0.15
    for word, weight in entries:
        colour, style = (BLUE, "-") if weight > 0 else (RED, (0, (4, 1.6)))
        axes.plot([x, x + 0.32], [0.02, 0.02], color=colour, lw=_thickness(abs(weight)), ls=style, clip_on=False)
        axes.text(x + 0.38, 0.02, word, size=8.5, color=INK, va="center", ha="left")
        x += 0.62 + 0.075 * len(word)


def _bars(net: Network, shown: Shown | None, title: str, lines: list[str]) -> Any:
    """A bar for each layer, as high as it has units; what is on in colour. Deep networks have thin bars."""
    from matplotlib.patches import Rectangle

    columns = [*net.columns, net.outputs]
    tallest = max(columns)
    width = min(14.0, max(5.5, 1.3 * len(columns)))
    figure, axes = paper(width, 3.6)
    axes.set(xlim=(-0.6, len(columns) - 0.4), ylim=(-0.62, 0.62))
    axes.axis("off")
    for k, count in enumerate(columns):
        half = max(0.012, 0.5 * count / tallest)
        fill = "white" if k in (0, len(columns) - 1) else "#e3eefb"
        axes.add_patch(Rectangle((k - 0.3, -half), 0.6, 2 * half, facecolor=fill, edgecolor=INK, lw=0.8))
        if shown is not None and 0 < k < len(columns) - 1:
            on = half * 2 * sum(shown.on[k - 1]) / count
            axes.add_patch(Rectangle((k - 0.3, -half), 0.6, on, facecolor=LINES[0], alpha=0.55, lw=0))
        if k % max(1, len(columns) // 16) == 0 or k == len(columns) - 1:
            axes.text(k, -half - 0.03, f"{count:,}", size=8.5, color=INK, ha="center", va="top")
    for name, x in _ends(len(columns)):
        axes.text(x, 0.56, name, size=9, color=GREY, ha="center", va="bottom")
    head(axes, title or "network", [*lines, "bars: the units of each layer, too many to be drawn one by one"], 90)
    return figure


def _ends(columns: int) -> Iterator[tuple[str, float]]:
    yield "inputs", 0
    yield "output" if columns <= 9 else "y", columns - 1
    yield f"{columns - 2} hidden layers" if columns > 3 else "hidden layer", (columns - 1) / 2
