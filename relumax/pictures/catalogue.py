"""The picture of the catalogue: hidden layers and units against n, and at which sizes there is a certificate.

A dot is filled only where the kernel accepts, here and now, a certificate of what the construction states at that n,
about a network with its widths (the order of its units is no matter); of max/identity, the identity itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from relumax.constructions import registry
from relumax.errors import BudgetExceeded, FormatError, ProgramError, SpecError
from relumax.kernel import MAX_BYTES, KernelError, check
from relumax.kernel.identity import check_identity
from relumax.kernel.wire import write
from relumax.network.compile import sizes
from relumax.network.layers import from_json
from relumax.pictures.style import GREY, INK, LINES, Picture, head, library, paper
from relumax.size import at_most

LARGEST = 10_000
"""Hidden units beyond which a construction that does not tell its size is left out."""
IDENTITY, STEPS = "max/identity", 5_000_000
"""The construction whose certificate is an identity; the most steps the kernel takes over one, for a picture."""
Certificates = dict[Any, list[Path]]
MARKS = ("o", "s", "^", "D", "v", "P", "X", "h")


class Dot(NamedTuple):
    """A construction at one n; the units are rough where the network was not built."""

    n: int
    depth: int
    units: int
    proved: bool


class Line(NamedTuple):
    """A construction at many n."""

    title: str
    dots: tuple[Dot, ...]


def lines(function: str, every: Sequence[int], proofs: str | None) -> list[Line]:
    """Every construction of a function that is made without options; `proofs` is a folder of certificates."""
    certificates = _certificates(proofs) if proofs is not None else {}
    found = [registry.find(*pair) for pair in registry.names(function)]
    return [Line(one.title, tuple(_dots(one, every, certificates))) for one in found]


def _dots(one: registry.Construction, every: Sequence[int], certificates: Certificates) -> Iterator[Dot]:
    for n in every:
        identity = one.title == IDENTITY and any(map(_accepted, certificates.get(n, [])))
        try:
            if (told := one.told(n)) is not None:
                yield Dot(n, *told, identity)
                continue
            spec = one.spec(n, **one.options)
            with at_most(LARGEST):
                size = sizes(one.program(n, **one.options), spec.width, spec.nonnegative)
        except (BudgetExceeded, ProgramError, SpecError):
            continue  # it has no network at this n
        about = certificates.get((write(spec.claim()), size.widths), [])
        yield Dot(n, size.depth, size.size, identity or any(map(_accepted, about)))


def _certificates(folder: str) -> Certificates:
    """The files of a folder, and below it, by claim and widths; identities by their number of inputs."""
    root, found = Path(folder), Certificates()
    if not root.is_dir():
        raise SpecError(f"{folder}: no such folder of certificates")
    for path in sorted(root.rglob("*.json")):
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            continue
        try:
            match json.loads(path.read_bytes()):
                case {"claim": claim, "network": network}:
                    found.setdefault((write(claim), from_json(network).widths), []).append(path)
                case {"terms": _, "n": int(n)}:
                    found.setdefault(n, []).append(path)
        except (OSError, ValueError, TypeError, RecursionError, FormatError):
            continue  # no certificate
    return found


def _accepted(path: Path) -> bool:
    """Whether the kernel accepts the file; an identity, within so many steps."""
    data = path.read_bytes()
    try:
        check(data) if b'"claim"' in data else check_identity(data, STEPS)
    except KernelError:
        return False
    return True


def draw_catalogue(function: str = "max", every: Sequence[int] = range(2, 17), proofs: str | None = None) -> Picture:
    """Hidden layers and units of a function's constructions against n, filled where `proofs` has a certificate."""
    found = [line for line in lines(function, every, proofs) if line.dots]
    if not found:
        raise SpecError(f"no construction of {function} has a network at these sizes")
    count = sum(dot.proved for line in found for dot in line.dots)
    total = sum(len(line.dots) for line in found)
    if proofs is None:
        said = f"{len(found)} constructions at {total} sizes in all"
    else:
        said = f"{len(found)} constructions at {total} sizes in all, {count} of them with a certificate"
    says = f"constructions of {function}: {said}"
    title = f"constructions of {function}"
    return Picture(lambda: _paint(found, title, said, proofs is not None), says)


def _paint(found: Sequence[Line], title: str, said: str, filled: bool) -> Any:
    figure, left = paper(9.4, 4.2)
    right = figure.add_axes((0.5, 0.0, 0.4, 1.0))
    left.set_position((0.0, 0.0, 0.4, 1.0))
    for axes, name, key in ((left, "hidden layers", 1), (right, "units", 2)):
        for k, line in enumerate(found):
            _line(axes, line, key, k, len(found))
        axes.set_xscale("log", base=2)
        _ticks(axes, sorted({dot.n for line in found for dot in line.dots}))
        axes.set_title(name, fontsize=10.5, color=INK, pad=6)
        axes.set_xlabel("n", fontsize=10)
        axes.grid(True, color="#e4e4e4", lw=0.7)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.tick_params(labelsize=9)
    right.set_yscale("log")
    _plain_numbers(right)
    top = max(dot.depth for line in found for dot in line.dots)
    left.set_ylim(0, 1.08 * top + 0.5)
    _whole_numbers(left)
    _key(right, found, filled)
    head(left, title, [said, " ", " "], 110)
    return figure


def _line(axes: Any, line: Line, key: int, k: int, of: int) -> None:
    """One construction; lines that would lie on one another are moved apart by a hair."""
    colour, mark = LINES[k % len(LINES)], MARKS[k % len(MARKS)]
    apart = 1 + 0.012 * (k - (of - 1) / 2)
    xs = [dot.n * apart for dot in line.dots]
    ys = [dot[key] for dot in line.dots]
    axes.plot(xs, ys, color=colour, lw=1.2, alpha=0.55, zorder=2)
    for proved in (False, True):
        points = [(x, y) for x, y, dot in zip(xs, ys, line.dots, strict=True) if dot.proved == proved]
        if points:
            fill = colour if proved else "white"
            axes.plot(*zip(*points, strict=True), ls="", marker=mark, ms=6, mfc=fill, mec=colour, mew=1.2, zorder=3)


def _ticks(axes: Any, sizes: Sequence[int]) -> None:
    """Every n where there are few, else the powers of two."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    few = sizes if len(sizes) <= 8 else [n for n in sizes if n & (n - 1) == 0]
    axes.xaxis.set_major_locator(FixedLocator(few))
    axes.xaxis.set_minor_locator(FixedLocator([n for n in sizes if n not in few]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _plain_numbers(axes: Any) -> None:
    """1, 10, 1k, 1M; where they are of few sizes, 2 and 5 too."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = axes.get_ylim()
    if high < 200 * low:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))

    def said(value: float, _: object) -> str:
        for size, word in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")):
            if value >= size:
                return f"{value / size:.0f}{word}"
        return ""

    axes.yaxis.set_major_formatter(FuncFormatter(said))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _whole_numbers(axes: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))


def _key(axes: Any, found: Sequence[Line], filled: bool) -> None:
    library()
    from matplotlib.lines import Line2D

    entries = [
        Line2D([], [], color=LINES[k % len(LINES)], marker=MARKS[k % len(MARKS)], mfc="white", lw=1.2, label=one.title)
        for k, one in enumerate(found)
    ]
    if filled:
        dot: dict[str, Any] = {"color": GREY, "marker": "o", "ls": ""}
        entries += [Line2D([], [], **dot, label="certificate"), Line2D([], [], **dot, mfc="white", label="none here")]
    axes.legend(handles=entries, loc="upper left", bbox_to_anchor=(1.02, 1.0), frameon=False, fontsize=9)
