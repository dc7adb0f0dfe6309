"""The picture of the linear regions of a network on a plane, and of the part of it where a claim is false."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from math import floor, sqrt
from string import ascii_uppercase
from typing import Any, NamedTuple

from relumax.errors import SpecError
from relumax.language.spec import Spec
from relumax.network.layers import Network
from relumax.pictures.numbers import spoken
from relumax.pictures.pieces import Piece, Portrait, Rational, Segment, portrait, strips, wrong
from relumax.pictures.plane import Corners, Plane, area, at, axes, box, cells, level, middle
from relumax.pictures.style import FILLS, GREY, INK, PALE, RED, Picture, head, paper, plain

BY = WINNER, FORMULA = ("winner", "formula")
REACH = 3
LABELS, LONGEST = 24, 34  # so many pieces are named, on the picture with so many characters
STRIPS = 32  # of a ramp between two colours
SMALLEST, ZOOMS = Fraction(1, 50), 16  # a wrong part is looked at more closely until it is so large, in so many steps


Room = tuple[float, float, float, float]  # the middle of a label, and half of its width and height


class View(NamedTuple):
    """What of a plane is shown: a box of its coordinates, and how these are called and laid out."""

    plane: Plane
    box: Corners
    names: tuple[str, str]
    where: str  # in words, empty where it is all of R^2


class Seen(NamedTuple):
    """All there is to draw of an output, called `name`, exactly. `wrong` is None where nothing was claimed."""

    name: str
    view: View
    portrait: Portrait
    wrong: list[Corners] | None
    witness: tuple[Fraction, Fraction] | None


class Look(NamedTuple):
    """Which output is looked at, how it is coloured, and on which part of which plane.

    Without a plane: R^2, for three inputs the plane orthogonal to (1, 1, 1), else that of x0 and x1 through a witness.
    `within` is left, right, low, high in the plane's coordinates; without it, something wrong is looked at from near.
    """

    plane: Plane | None = None
    within: Sequence[Fraction | int] | None = None
    by: str = WINNER
    output: int = 0


USUAL = Look()


def draw_regions(
    net: Network,
    spec: Spec | None = None,
    witness: Sequence[Fraction] | None = None,
    look: Look = USUAL,
    *,
    title: str = "",
    lines: Sequence[str] = (),
) -> Picture:
    """The regions of an output on a plane, coloured by the input it equals or by its formula.

    With a spec, the part where it is false is red, and a witness is marked. Raises SpecError, BudgetExceeded.
    """
    if look.by not in BY:
        raise SpecError(f"regions are coloured by winner or by formula, not by {look.by!r:.80}")
    if not 0 <= look.output < net.outputs:
        raise SpecError(f"output {look.output}: the network has outputs 0 to {net.outputs - 1}")
    seen = _seen(net, spec, witness, look)
    says = "; ".join([*([title] if title else []), *_counted(seen)])
    return Picture(lambda: _paint(seen, net, look.by, title, [*lines, *_counted(seen)]), says)


def _seen(net: Network, spec: Spec | None, witness: Sequence[Fraction] | None, look: Look) -> Seen:
    """The exact part; where something is wrong, and no box is given, from so near that it is seen."""
    promised = bool(spec and spec.nonnegative)
    on, names, where = _plane(net, look.plane, witness, promised)
    point = None if witness is None else on.coordinates(witness)
    name = "y" if net.outputs == 1 else f"y{look.output}"
    reach, best = Fraction(REACH), None
    for _ in range(ZOOMS):
        around = _around(net, look, on, point, reach, promised)
        if not _on_paper(around):
            break
        found = cells(net, on, around)
        false = wrong(net, spec, on, found) if spec is not None else None
        seen = Seen(name, View(on, around, names, where), portrait(net, on, found, look.output), false, point)
        share = sum(map(area, false or []), Fraction(0)) / area(around)
        if look.within is not None or point is None or share >= SMALLEST:
            return seen
        best = seen if best is None or share > 0 else best
        reach /= 3
    if best is None:
        raise SpecError(
            "what is to be drawn is so far from 0, or so small, that floats cannot place it: give another --box"
        )
    return best


def _on_paper(corners: Corners) -> bool:
    """Whether floats can tell the corners of a box apart, and what lies between them."""
    for low, high in ((one[0], one[2]) for one in zip(*map(at, corners), strict=True)):
        size, far = high - low, max(abs(low), abs(high))
        if not (far < 10**9 * size and Fraction(1, 10**100) < size < 10**100):
            return False
    return True


def _plane(
    net: Network, plane: Plane | None, witness: Sequence[Fraction] | None, promised: bool
) -> tuple[Plane, tuple[str, str], str]:
    """The plane, the names of its coordinates, and the plane in words."""
    if plane is not None:
        if len(plane.origin) != net.inputs:
            raise SpecError(f"the plane is of R^{len(plane.origin)}, the network has {net.inputs} inputs")
        p, u, v = (f"({', '.join(map(spoken, row))})" for row in plane)
        return plane, ("s", "t"), f"on the plane {p} + s {u} + t {v}"
    if net.inputs == 2:
        return axes(2), ("x0", "x1"), ""
    if net.inputs == 3:
        mean = Fraction(5 if promised else 0) if witness is None else sum(witness, Fraction(0)) / 3
        return level(mean), ("", ""), f"on the plane x0 + x1 + x2 = {spoken(3 * mean)}"
    if witness is not None and net.inputs > 3:
        shown = ", ".join(f"x{k} = {spoken(x)}" for k, x in enumerate(witness[2:8], 2)) + (
            ", ..." if net.inputs > 8 else ""
        )
        return axes(net.inputs, through=witness), ("x0", "x1"), f"on the plane {shown}"
    if net.inputs == 1:
        raise SpecError("regions are drawn on a plane, and the network has one input")
    raise SpecError(
        f'the network has {net.inputs} inputs: say on which plane, --plane "p; u; v", a point of it and two directions'
    )


def _around(
    net: Network, look: Look, on: Plane, point: tuple[Fraction, Fraction] | None, reach: Fraction, up: bool
) -> Corners:
    """The box asked for, or one that has the witness in it."""
    if look.within is not None:
        return box(*look.within)
    tall = reach
    if look.plane is None and net.inputs == 3:
        tall = reach * Fraction(26, 45)  # the axes of `level` are as 1 to sqrt 3: so the picture is a square
    if up and look.plane is None and net.inputs == 2:
        return box(0, 2 * reach, 0, 2 * reach)
    s, t = (Fraction(0), Fraction(0)) if point is None else point
    if reach == REACH and max(abs(s) / reach, abs(t) / tall) <= Fraction(3, 4):
        s, t = Fraction(0), Fraction(0)
    return box(s - reach, s + reach, t - tall, t + tall)


def _counted(seen: Seen) -> list[str]:
    pieces = seen.portrait.pieces
    said = "" if seen.name == "y" else f"{seen.name} has "
    said += f"{seen.portrait.total} cells, {len(pieces)} affine piece{'s' * (len(pieces) != 1)}"
    if seen.view.where:
        said = f"{seen.view.where}: {said}"
    if seen.wrong is None:
        return [said]
    if not seen.wrong:
        what = "the claim is true on every cell"
        return [f"{said}; {what}" + ("; it is false at the witness" if seen.witness else "")]
    share = float(sum(map(area, seen.wrong), Fraction(0)) / area(seen.view.box))
    return [f"{said}; red, where the claim is false ({100 * share:.3g}% of the picture)"]


# ---------------------------------------------------------------- ink


class Scale(NamedTuple):
    """From the coordinates of the plane to the paper: right angles and lengths are kept where they can be."""

    s: float
    t: float

    def __call__(self, point: tuple[Fraction, Fraction]) -> tuple[float, float]:
        return float(point[0]) * self.s, float(point[1]) * self.t


def _scale(on: Plane) -> Scale:
    dot = sum(a * b for a, b in zip(on.u, on.v, strict=True))
    if dot:
        return Scale(1.0, 1.0)  # an oblique plane: its coordinates are the paper's
    return Scale(*(sqrt(float(sum(x * x for x in row))) for row in (on.u, on.v)))


def _paint(seen: Seen, net: Network, by: str, title: str, lines: list[str]) -> Any:
    scale = _scale(seen.view.plane)
    xs, ys = zip(*(scale(at(corner)) for corner in seen.view.box), strict=True)
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    size = 5.4
    figure, paper_axes = paper(size, min(8.0, max(2.0, size * high / wide)))
    paper_axes.set(xlim=(min(xs), max(xs)), ylim=(min(ys), max(ys)))
    colours = _colours(seen, net, by)
    _fill(paper_axes, seen, net, colours, scale)
    _wrong(paper_axes, seen, scale)
    _borders(paper_axes, seen, scale)
    _frame(paper_axes, seen, scale)
    _legend(paper_axes, _labels(paper_axes, seen, scale, wide), colours, 6 if seen.view.names == ("", "") else 36)
    if seen.witness is not None:
        x, y = scale(seen.witness)
        paper_axes.plot([x], [y], marker="X", ms=13, mfc="white", mec=INK, mew=1.6, zorder=9, clip_on=False)
    head(paper_axes, title or "linear regions", [line for line in lines if line])
    return figure


def _patch(axes_: Any, polygons: Sequence[Corners], scale: Scale, **style: Any) -> None:
    """Several polygons as one path."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    parts = [Path([*points, points[0]], closed=True) for points in ([scale(at(c)) for c in one] for one in polygons)]
    axes_.add_patch(PathPatch(Path.make_compound_path(*parts), **style))


def _colours(seen: Seen, net: Network, by: str) -> list[str | None]:
    """The colour of each piece, None for a ramp between two; by formula also where no winners are told apart."""
    pieces = seen.portrait.pieces
    found = [_index(piece, net) for piece in pieces]
    chooses = len({*found} - {None}) > 1 or any(piece.formula.winner is not None for piece in pieces)
    if by == WINNER and (chooses or None not in found):
        grey = [PALE if index is None else FILLS[index % len(FILLS)] for index in found]
        return [None if _ramp(piece, net) else one for piece, one in zip(pieces, grey, strict=True)]
    others: dict[Rational, str] = {}
    return [others.setdefault(piece.form, FILLS[len(others) % len(FILLS)]) for piece in pieces]


def _fill(axes_: Any, seen: Seen, net: Network, colours: Sequence[str | None], scale: Scale) -> None:
    """Each piece in its colour; a ramp between two winners goes from the one colour to the other."""
    for piece, colour in zip(seen.portrait.pieces, colours, strict=True):
        ramp = _ramp(piece, net) if colour is None else None
        if ramp is None:
            _patch(axes_, piece.cells, scale, facecolor=colour, edgecolor=colour, lw=0.4, zorder=1)
            continue
        low, high = ramp
        parts = [one for cell in piece.cells for one in strips(cell, piece.form, _levels(low, high))]
        for tone, run in groupby(sorted(parts, key=lambda one: one[1]), key=lambda one: one[1]):
            mixed = _between(tone)
            _patch(axes_, [one for one, _ in run], scale, facecolor=mixed, edgecolor=mixed, lw=0.4, zorder=1)


def _index(piece: Piece, net: Network) -> int | None:
    """The input that the output equals there, or the index that it says."""
    constant = piece.formula.constant
    if piece.formula.winner is not None or any(piece.formula.coefficients):
        return piece.formula.winner
    return int(constant) if constant.denominator == 1 and 0 <= constant <= max(1, net.inputs - 1) else None


def _ramp(piece: Piece, net: Network) -> tuple[Fraction, Fraction] | None:
    """The values on a piece that goes from one index to another, as argmax does between winners."""
    if _index(piece, net) is not None:
        return None
    a, b, c = piece.form
    values = [a + b * s + c * t for cell in piece.cells for s, t in map(at, cell)]
    low, high = min(values), max(values)
    one_of_them = net.outputs == 1 or high <= 1
    known = low >= 0 and high <= max(1, net.inputs - 1) and one_of_them and low < high
    return (low, high) if known and not any(_sum_is_one(piece)) else None


def _sum_is_one(piece: Piece) -> list[bool]:
    """[True] for a mean of inputs, which is no index; [] otherwise."""
    return [True] if sum(piece.formula.coefficients) == 1 else []


def _levels(low: Fraction, high: Fraction) -> list[Fraction]:
    return [low + (high - low) * k / STRIPS for k in range(STRIPS + 1)]


def _between(tone: Fraction) -> str:
    """The colour of a value: of floor(value), on its way to the next one's."""
    first = floor(tone)
    a, b = (FILLS[k % len(FILLS)] for k in (first, first + 1))
    share = float(tone - first)
    mixed = (round((1 - share) * int(a[k : k + 2], 16) + share * int(b[k : k + 2], 16)) for k in (1, 3, 5))
    return "#" + "".join(f"{one:02x}" for one in mixed)


def _wrong(axes_: Any, seen: Seen, scale: Scale) -> None:
    if seen.wrong:
        _patch(axes_, seen.wrong, scale, facecolor="#e8606a", edgecolor="#e8606a", lw=0.4, zorder=2)
        _patch(axes_, seen.wrong, scale, facecolor="none", edgecolor=RED, hatch="////", lw=0.0, zorder=3)


def _borders(axes_: Any, seen: Seen, scale: Scale) -> None:
    from matplotlib.collections import LineCollection

    kinds: list[tuple[list[Segment], dict[str, Any]]] = [
        (seen.portrait.switches, {"colors": GREY, "linewidths": 0.8, "linestyles": (0, (3, 3)), "zorder": 4}),
        (seen.portrait.bends, {"colors": INK, "linewidths": 1.7, "capstyle": "round", "zorder": 5}),
    ]
    for segments, style in kinds:
        axes_.add_collection(LineCollection([[scale(p), scale(q)] for p, q in segments], **style))


def _frame(axes_: Any, seen: Seen, scale: Scale) -> None:
    """Ticks and names of the coordinates; on the plane orthogonal to (1, 1, 1) three arrows, where inputs grow."""
    for side in axes_.spines.values():
        side.set(color=INK, linewidth=0.8)
    if seen.view.names == ("", ""):
        axes_.set(xticks=[], yticks=[])
        x, y, size = _rose(axes_)
        from matplotlib.patches import Circle

        axes_.add_patch(Circle((x, y + 0.1 * size), 1.6 * size, facecolor="white", alpha=0.8, lw=0, zorder=6))
        for k, (dx, dy) in enumerate(((0.866, -0.5), (-0.866, -0.5), (0.0, 1.0))):
            tip = (x + size * dx, y + size * dy)
            arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.1, "shrinkA": 0, "shrinkB": 0}
            axes_.annotate("", tip, (x, y), arrowprops=arrow, zorder=7)
            axes_.text(x + 1.35 * size * dx, y + 1.35 * size * dy, f"x{k}", size=9, ha="center", va="center", zorder=7)
        return
    from matplotlib.ticker import MaxNLocator

    for which, factor, (low, high) in zip(
        (axes_.xaxis, axes_.yaxis), scale, (axes_.get_xlim(), axes_.get_ylim()), strict=True
    ):
        if factor != 1:  # round numbers of the plane's coordinates, not of the paper's
            ticks = MaxNLocator(7).tick_values(low / factor, high / factor)
            shown = [one for one in ticks if low <= one * factor <= high]
            which.set_ticks([one * factor for one in shown], [f"{one:g}".replace("-", "−") for one in shown])
        which.set_tick_params(labelsize=9, color=INK)
    axes_.set_xlabel(seen.view.names[0], fontsize=10)
    axes_.set_ylabel(seen.view.names[1], fontsize=10, rotation=0, labelpad=12)


def _rose(axes_: Any) -> tuple[float, float, float]:
    """The middle and the size of the arrows in the lower right corner."""
    left, right = axes_.get_xlim()
    pad = 0.135 * (right - left)
    return right - pad, axes_.get_ylim()[0] + pad, 0.075 * (right - left)


def _labels(axes_: Any, seen: Seen, scale: Scale, wide: float) -> list[tuple[int, str, str]]:
    """The formula of each piece where there is room for it, else a letter; nothing twice in one place.

    Returns what the letters stand for: the piece's number, the letter, the formula; last, how many have none.
    """
    taken: list[Room] = []
    if seen.witness is not None:
        x, y = scale(seen.witness)
        taken.append((x, y, 0.05 * wide, 0.05 * wide))
    if seen.view.names == ("", ""):
        x, y, size = _rose(axes_)
        taken.append((x, y + 0.1 * size, 1.6 * size, 1.6 * size))
    lettered: list[tuple[int, str, str]] = []
    for k, piece in enumerate(seen.portrait.pieces[:LABELS]):
        said = f"{seen.name} = {piece.formula}"
        if len(said) > LONGEST or not _label(axes_, piece, scale, wide, said, taken):
            letter = ascii_uppercase[len(lettered)]
            _label(axes_, piece, scale, wide, letter, taken)
            lettered.append((k, letter, said if len(said) <= 80 else f"{said[:78]} ..."))
    if len(seen.portrait.pieces) > LABELS:
        lettered.append((LABELS, "...", f"{len(seen.portrait.pieces) - LABELS} smaller pieces without a name"))
    return lettered


def _label(axes_: Any, piece: Piece, scale: Scale, wide: float, said: str, taken: list[Room]) -> bool:
    """Write it on the piece, if there is room, which it then takes."""
    half, tall = 0.0092 * wide * max(2, len(said)), 0.026 * wide
    for cell in sorted(piece.cells, key=area, reverse=True)[:4]:
        for x, y in _places(piece, cell, scale):
            fits = _inside(piece, scale, x, y, half, tall)
            if fits and all(abs(x - a) > half + c or abs(y - b) > tall + d for a, b, c, d in taken):
                text = axes_.text(x, y, plain(said), size=10.5, color=INK, ha="center", va="center", zorder=8)
                text.set_bbox({"facecolor": "white", "alpha": 0.72, "edgecolor": "none", "pad": 1.6})
                taken.append((x, y, half, tall))
                return True
    return False


def _legend(axes_: Any, rows: Sequence[tuple[int, str, str]], colours: Sequence[str | None], below: float) -> None:
    """Under the picture the formulas of letters, each with its piece's colour."""
    for row, (k, letter, said) in enumerate(rows):
        low = -below - 15 * (row + 1)
        box = {"facecolor": colours[k] or PALE, "edgecolor": GREY, "linewidth": 0.5, "pad": 2}
        under: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "size": 9.5, "color": INK}
        axes_.annotate(letter, (0, 0), (8, low), ha="center", bbox=box, **under)
        axes_.annotate(plain(said), (0, 0), (20, low), **under)


def _places(piece: Piece, cell: Corners, scale: Scale) -> list[tuple[float, float]]:
    """Where a label may stand: the middle of the whole piece, of the cell, and between that and its corners."""
    weights = [(float(area(one)), scale(middle(one))) for one in piece.cells]
    total = sum(weight for weight, _ in weights)
    whole = tuple(sum(weight * point[k] for weight, point in weights) / total for k in range(2))
    x, y = scale(middle(cell))
    corners = [scale(at(corner)) for corner in cell]
    return [(whole[0], whole[1]), (x, y), *(((x + a) / 2, (y + b) / 2) for a, b in corners)]


def _inside(piece: Piece, scale: Scale, x: float, y: float, half: float, tall: float) -> bool:
    """Whether a label's middle and its ends lie in the piece."""
    return all(
        any(_in(one, scale, x + a * half, y + b * tall) for one in piece.cells)
        for a, b in ((0, 0), (-0.9, 0), (0.9, 0), (0, -0.6), (0, 0.6))
    )


def _in(corners: Corners, scale: Scale, x: float, y: float) -> bool:
    points = [scale(at(corner)) for corner in corners]
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return all((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= 0 for a, b in pairs)
