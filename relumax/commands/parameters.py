"""What the command line reads: exact rationals, boxes, sizes and ranges of them, seconds, negative arguments."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
    _Choice = click.Choice[str]
else:
    _ParamType = click.ParamType
    _Choice = click.Choice


class Rational(_ParamType):
    """An exact rational: -3, 1/2, 0.25."""

    name = "rational"
    form = re.compile(r"[+-]?([0-9]+(/[0-9]+)?|[0-9]*\.?[0-9]+(e[+-]?[0-9]{1,3})?|[0-9]+\.)", re.ASCII | re.IGNORECASE)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The Fraction that the text denotes."""
        from fractions import Fraction

        if isinstance(value, Fraction):
            return value
        text = str(value).strip()
        try:
            if len(text) <= 1000 and self.form.fullmatch(text):
                return Fraction(text)
        except ZeroDivisionError:
            pass
        hint = f"; a network file is given as --network {_cut(text)}" if _is_network_of(ctx, text) else ""
        self.fail(f"{_cut(text)!r} is not a rational number such as -3, 1/2 or 0.25{hint}", param, ctx)


class RationalOrFile(Rational):
    """An exact rational, or the name of a file that is there and is no number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The Fraction, or the name."""
        text = str(value).strip()
        if not isinstance(value, str) or self.form.fullmatch(text) or not os.path.isfile(text):
            return super().convert(value, param, ctx)
        return text


class Promise(_Choice):
    """A construction's promise by its name; or, as --equals takes it, a condition: what has a comparison in it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text."""
        return value if in_words(str(value)) else super().convert(value, param, ctx)


def in_words(promise: str | None) -> bool:
    """Whether a promise is a condition, and no construction's."""
    return promise is not None and any(sign in promise for sign in "<>=≤≥≠")


def _is_network_of(ctx: click.Context | None, text: str) -> bool:
    """Whether the text is the name of a file, and the command takes a network file."""
    return ctx is not None and os.path.isfile(text) and any(one.name == "network" for one in ctx.command.params)


class Box(_ParamType):
    """A range of every input: -1,1; one end may be left out."""

    name = "box"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """(lo, hi), Fractions or None."""
        if isinstance(value, tuple):
            return value
        ends = [end.strip() for end in str(value).split(",")]
        if len(ends) != 2 or not any(ends):
            self.fail(f"{_cut(str(value))!r} is not a range of every input such as -1,1 or 0, (x >= 0)", param, ctx)
        low, high = (RATIONAL.convert(end, param, ctx) if end else None for end in ends)
        if low is not None and high is not None and low > high:
            self.fail(f"the box {value} is empty", param, ctx)
        return low, high


class Seconds(_ParamType):
    """A positive number of seconds."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number as a float; more than a century counts as one."""
        try:
            found = float(value)
        except ValueError:
            found = 0.0
        if not 0 < found < float("inf"):
            self.fail(f"{_cut(str(value))!r} is not a positive number of seconds", param, ctx)
        return min(found, 3e9)


class Sizes(_ParamType):
    """One n, or a range lo..hi."""

    name = "n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """(lo, hi)."""
        if isinstance(value, tuple):
            return value
        low, dots, high = str(value).partition("..")
        ends = [low, high] if dots else [low, low]
        if not all(end.isascii() and end.isdigit() and len(end) < 10 for end in ends):
            large = all(end.isascii() and end.isdigit() for end in ends)
            why = (
                "too large (n has at most 9 digits)" if large else "not a number of inputs, as 8, nor a range, as 2..16"
            )
            self.fail(f"{_cut(str(value).strip())!r} is {why}", param, ctx)
        first, last = int(ends[0]), int(ends[1])
        if first < 1:
            self.fail("n must be at least 1", param, ctx)
        if last < first:
            self.fail(f"the range {value} is empty", param, ctx)
        return first, last


class Several(click.Command):
    """A command whose arguments may be negative numbers."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """-3 is an argument, not an option."""
        return super().parse_args(ctx, [f" {a}" if re.match(r"-\.?[0-9]", a) else a for a in args])


RATIONAL, SIZES, SECONDS, BOX = Rational(), Sizes(), Seconds(), Box()
RATIONAL_OR_FILE = RationalOrFile()


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."


PROMISE = Promise(["none", "gap", "lattice"])
