"""The look of all pictures, and the one place that imports matplotlib: colours, paper, the same bytes every time.

SVG of one matplotlib is the same on every run: no date, ids from a fixed salt, the user's own settings left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from os import PathLike
from textwrap import wrap
from typing import Any

from relumax.errors import MissingExtra, SpecError

FILLS = ("#5b9fef", "#facb6a", "#c8f6d9", "#948cb2", "#82defb", "#c28433", "#d4d59b", "#8fbaa0")
"""Colours of areas, chosen to be told apart with every kind of colour vision; every area is also named by a word."""
PALE, GREY, INK, RED, BLUE, GOLD = "#e9e9e9", "#6b6b6b", "#1f1f1f", "#c1121f", "#1f5fa8", "#f2a900"
LINES = ("#1f5fa8", "#d55e00", "#00876c", "#b0478f", "#7a5c00", "#4c4c9d", "#0f87b3", "#555555")
"""Colours of lines, each with a mark of its own beside it."""
DPI = 160


def library() -> Any:
    """matplotlib; raises MissingExtra, with the install command."""
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise MissingExtra("drawing needs matplotlib: pip install 'relumax[pictures]'") from None
    return matplotlib


@contextmanager
def settings() -> Iterator[None]:
    """In here matplotlib has its own defaults, whatever the user's file says, and what a stable SVG takes."""
    known = library()
    own = {
        "svg.hashsalt": "relumax",
        "svg.fonttype": "path",
        "font.family": ["DejaVu Sans"],
        "hatch.linewidth": 0.7,
        "hatch.color": RED,
        "axes.unicode_minus": True,
        "text.usetex": False,
        "path.simplify": False,
    }
    skipped = ("backend", "interactive", "toolbar", "timezone", "backend_fallback")
    with known.rc_context({**{k: v for k, v in known.rcParamsDefault.items() if k not in skipped}, **own}):
        yield


class Picture:
    """A picture: `save("name.svg")` or `.png`; a notebook shows it. `says` is what it shows, in words."""

    __slots__ = ("_paint", "says")

    def __init__(self, paint: Callable[[], Any], says: str):
        self._paint, self.says = paint, says

    def svg(self) -> bytes:
        """As SVG: the same bytes every time from one version of matplotlib."""
        return self._bytes("svg", {"Date": None, "Title": self.says})

    def png(self) -> bytes:
        """As PNG."""
        return self._bytes("png", {"Software": None, "Title": self.says})

    def save(self, path: str | PathLike[str]) -> None:
        """Write it; the name ends in .svg or .png, else SpecError is raised."""
        suffix = str(path)[-4:].lower()
        if suffix not in (".svg", ".png"):
            raise SpecError(f"a picture is saved as .svg or .png, not as {str(path)!r:.80}")
        data = self.png() if suffix == ".png" else self.svg()
        with open(path, "wb") as stream:
            stream.write(data)

    def _bytes(self, kind: str, metadata: dict[str, str | None]) -> bytes:
        out = BytesIO()
        with settings():
            figure = self._paint()
            figure.savefig(out, format=kind, dpi=DPI, bbox_inches="tight", pad_inches=0.12, metadata=metadata)
        return out.getvalue()

    def _repr_svg_(self) -> str:
        return self.svg().decode()

    def __repr__(self) -> str:
        return f"<picture: {self.says if len(self.says) <= 200 else self.says[:200] + ' ...'}>"


def paper(width: float, height: float) -> tuple[Any, Any]:
    """A figure of so many inches, and axes that fill it."""
    library()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    return figure, figure.add_axes((0.0, 0.0, 1.0, 1.0))


def head(axes: Any, title: str, lines: list[str], width: int = 78) -> None:
    """A title above the axes, and below it smaller lines, each broken to `width` characters and cut after three."""
    rows: list[str] = []
    for line in lines:
        broken = wrap(line, width, break_on_hyphens=False) or [""]
        rows += broken if len(broken) <= 3 else [*broken[:2], f"{broken[2]} ..."]
    high = 5.0
    for row in reversed(rows):
        _note(axes, high, row, 9.5, GREY)
        high += 14
    _note(axes, high + 3, title, 12.5, INK, weight="bold")


def _note(axes: Any, high: float, said: str, size: float, colour: str, **more: Any) -> None:
    axes.annotate(
        plain(said), (0, 1), (0, high), "axes fraction", textcoords="offset points", size=size, color=colour, **more
    )


def plain(said: str) -> str:
    """The text as it stands: a dollar sign begins no formula."""
    return said.replace("$", r"\$")
