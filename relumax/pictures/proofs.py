"""The picture of a certificate: its proofs as trees that grow to the right, lemmas first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple

from relumax.pictures.style import GREY, INK, Picture, head, paper, plain
from relumax.pictures.tree import GOAL, HAVE, LEAF, SPLIT, Node, Tree, trees

LEGIBLE, MOST = 30, 240  # leaves with words beside them, and leaves in all, beyond which subtrees are summed up
LEMMAS = 6  # drawn beside the statements
LONGEST = 46  # characters of what is written at a node
MARKS = {GOAL: ("D", "#f2a900", "goal"), SPLIT: ("o", "#1f5fa8", "split"), HAVE: ("s", "#00876c", "have")}


class Spot(NamedTuple):
    """A node on the paper: its depth and row; `cut` is how many leaves are summed up in it, 0 where it is whole."""

    node: Node
    depth: int
    row: float
    parent: int  # the parent's number among the spots, -1 for a root
    cut: int


def draw_proof(data: bytes, *, title: str = "") -> Picture:
    """The proofs of a certificate, which the kernel accepts; large ones are cut, and say what was left out."""
    theorem, found = trees(data)
    shown, left = found, 0
    lemmas = [tree for tree in found if tree.title.startswith("lemma")]
    if len(lemmas) > LEMMAS:
        shown = [*lemmas[:LEMMAS], *found[len(lemmas) :]]
        left = len(lemmas) - LEMMAS
    total = sum((tree.counts for tree in found), start=Counter[str]())
    said = f"{len(lemmas)} lemma{'s' * (len(lemmas) != 1)}; in all {_counted(total)}; {len(data):,} bytes"
    more = [f"{left} more lemmas are not drawn"] if left else []
    lines = [*theorem.statements, said, *more]
    return Picture(lambda: _paint(shown, title or "proof", lines), "; ".join([*theorem.statements, said]))


_WORDS = {GOAL: ("goal", "goals"), SPLIT: ("split", "splits"), HAVE: ("cut", "cuts"), LEAF: ("leaf", "leaves")}


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[kind]:,} {said[counts[kind] > 1]}" for kind, said in _WORDS.items() if counts[kind])


def _laid(root: Node, most: int) -> list[Spot]:
    """The nodes of a tree, the largest subtrees opened first until `most` leaves are drawn."""
    opened, heap, drawn = {id(root)}, [(-root.leaves, 0, root)], 1
    serial = 1
    while heap:
        _, _, node = heappop(heap)
        if drawn + len(node.children) - 1 > most:
            continue
        opened.add(id(node))
        drawn += max(0, len(node.children) - 1)
        for child in node.children:
            heappush(heap, (-child.leaves, serial, child))
            serial += 1
    spots: list[Spot] = []
    row = 0
    stack = [(root, 0, -1)]
    while stack:
        node, depth, parent = stack.pop()
        ends = id(node) not in opened or not node.children
        spots.append(Spot(node, depth, row, parent, node.leaves if ends and node.children else 0))
        if ends:
            row += 1
        else:
            stack += [(child, depth + 1, len(spots) - 1) for child in reversed(node.children)]
    for k in range(len(spots) - 1, -1, -1):  # a parent stands in the middle of its children
        rows = [spot.row for spot in spots[k + 1 :] if spot.parent == k] if spots[k].cut == 0 else []
        if rows:
            spots[k] = spots[k]._replace(row=(rows[0] + rows[-1]) / 2)
    return spots


def _paint(shown: Sequence[Tree], title: str, lines: list[str]) -> Any:
    share = max(20, MOST // len(shown))
    laid = [_laid(tree.root, share) for tree in shown]
    rows = sum(_rows(spots) + 0.5 for spots in laid)
    words = max(_rows(spots) for spots in laid) <= LEGIBLE and rows <= 2 * LEGIBLE
    step = 0.3 if words else max(0.035, min(0.2, 9.5 / rows))
    over = 1.4 * step if words else 0.34  # the height of a tree's title
    columns = _columns(laid, words)
    width, height = max(5.4, columns[-1] + 0.5), rows * step + over * len(laid)
    figure, axes = paper(width, height)
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    top = height
    for tree, spots in zip(shown, laid, strict=True):
        counts = tree.counts
        size = _counted(counts)
        room = int(width * 13)
        said = tree.title if len(tree.title) <= room - 24 else f"{tree.title[: room - 26]} ..."
        axes.text(0.05, top - 0.4 * over, plain(said), size=9.5, color=INK, weight="bold", va="center")
        if not words:
            axes.text(width - 0.05, top - 0.4 * over, size, size=8.5, color=GREY, va="center", ha="right")
        begin = top - over
        _draw(axes, spots, columns, begin, step, words)
        top = begin - (_rows(spots) + 0.5) * step
    _key(axes, -0.12, width)
    head(axes, title, lines, max(70, int(13.5 * width)))
    return figure


def _rows(spots: Sequence[Spot]) -> int:
    return sum(1 for spot in spots if spot.cut or not spot.node.children)


def _columns(laid: Sequence[Sequence[Spot]], words: bool) -> list[float]:
    """Where each depth stands: where words are written, they fit before it."""
    deepest = max(spot.depth for spots in laid for spot in spots)
    if not words:
        each = min(0.55, 8.5 / (deepest + 1))
        return [0.3 + each * k for k in range(deepest + 1)]
    columns, right = [], 0.0
    for depth in range(deepest + 1):
        said = [_said(spot) for spots in laid for spot in spots if spot.depth == depth]
        right += 0.34 + max(max(0.064 * len(above), 0.056 * len(below)) for above, below in said)
        columns.append(right)
    return columns


def _said(spot: Spot) -> tuple[str, str]:
    """What is written above the line to a node, and below it."""
    above, below = (
        one if len(one) <= LONGEST else f"{one[: LONGEST - 2]} ..." for one in (spot.node.supposed, spot.node.before)
    )
    return above, below


def _draw(axes: Any, spots: Sequence[Spot], columns: Sequence[float], top: float, step: float, words: bool) -> None:
    from matplotlib.collections import LineCollection

    lines: list[list[tuple[float, float]]] = []
    points: dict[str, list[tuple[float, float]]] = {}
    for spot in spots:
        x, y = columns[spot.depth], top - (spot.row + 0.5) * step
        start = columns[spot.depth - 1] if spot.depth else max(0.05, x - 0.3 if not words else 0.05)
        from_y = top - (spots[spot.parent].row + 0.5) * step if spot.depth else y
        lines.append([(start, from_y), (start, y), (x, y)])
        points.setdefault("cut" if spot.cut else spot.node.kind, []).append((x, y))
        if spot.cut:
            axes.text(x + 0.07, y, f"{spot.cut:,} leaves", size=min(8, 60 * step), color=GREY, va="center")
        if words:
            above, below = _said(spot)
            axes.text(start + 0.09, y + 0.025, plain(above), size=7.5, color=INK, va="bottom")
            axes.text(start + 0.09, y - 0.025, plain(below), size=6.5, color=GREY, va="top")
    axes.add_collection(LineCollection(lines, colors="#9a9a9a", linewidths=0.9 if words else 0.6, zorder=1))
    size = 6.5 if words else max(1.6, min(4.5, 30 * step))
    for kind, found in points.items():
        mark, colour, _ = MARKS.get(kind, (">" if kind == "cut" else "o", GREY if kind == "cut" else INK, ""))
        scale = 0.6 if kind == LEAF else 1.0
        xs, ys = zip(*found, strict=True)
        axes.plot(xs, ys, ls="", marker=mark, ms=size * scale, mfc=colour, mec="none", zorder=3, clip_on=False)


def _key(axes: Any, y: float, width: float) -> None:
    """What the marks mean, in as many lines as it takes not to be wider than the trees."""
    x = 0.1
    entries = [*MARKS.values(), ("o", INK, "leaf: a sum of facts that is false")]
    says = {"goal": "goal: supposed false", "split": "split: one branch each", "have": "have: proved, then used"}
    for mark, colour, name in entries:
        word = says.get(name, name)
        if x + 0.12 + 0.065 * len(word) > width:
            x, y = 0.1, y - 0.2
        axes.plot([x], [y], marker=mark, ms=4 if colour == INK else 6, mfc=colour, mec="none", clip_on=False)
        axes.text(x + 0.12, y, word, size=8, color=GREY, va="center")
        x += 0.42 + 0.072 * len(word)
