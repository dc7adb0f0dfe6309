"""From the options to a construction: looked up, with the options it has of its own."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.commands.parameters import in_words
from relumax.errors import SpecError

if TYPE_CHECKING:
    from relumax.constructions.registry import Construction
    from relumax.language.expr import Expr
    from relumax.language.spec import Spec
    from relumax.network.layers import Network


class Wanted(NamedTuple):
    """A construction as the options name it; nothing is looked up yet."""

    function: str | None
    name: str | None
    source: str | None
    variant: dict[str, Any]

    def chosen(self) -> Chosen:
        """The construction asked for, a user's file being run first; by default the one that it registers."""
        from relumax.constructions import registry

        fn, name = self.function, self.name
        for option, value in (("--fn", fn), ("--construction", name), ("--from", self.source)):
            if value == "":
                raise click.UsageError(f"{option} is empty")
        if self.source is not None:
            fn, name = self._registered(load(self.source))
        found = registry.find(fn or "max", name)
        given = {key: value for key, value in self.variant.items() if value not in (None, ())}
        clamped = given.pop("clamp", None)
        if clamped is not None:
            from relumax.constructions.clamp import clamp

            found = clamp(found, clamped)
        if in_words(given.get("promise")):
            raise click.UsageError("--promise is none, gap or lattice; in words it goes with prove --equals")
        for key in given:
            if key not in found.options:
                known = ", ".join(map(flag, found.options)) or "none"
                title = f"{found.function}/{found.name}"
                raise click.UsageError(f"{title} has no option {flag(key)} (its options: {known})")
        return Chosen(found, {**found.options, **given})

    def _registered(self, new: list[tuple[str, str]]) -> tuple[str | None, str | None]:
        """Function and name, where a user's file registers these; raises UsageError if none or several are meant."""
        fn, name = self.function, self.name
        fits = [pair for pair in new if fn in (None, pair[0]) and name in (None, pair[1])]
        if len(fits) == 1:
            return fits[0]
        told = ", ".join("/".join(pair) for pair in fits or new)
        if len(fits) > 1:
            raise click.UsageError(f"{self.source} registers {told}: choose one with --fn and --construction")
        if name is not None:
            return fn, name  # one of relumax's own
        if new:
            raise click.UsageError(f"{self.source} registers no construction of {fn}, only {told}")
        raise click.UsageError(
            f'{self.source} registers no construction: put @construction("max", "mine") above its recipe'
        )


class Chosen(NamedTuple):
    """A construction with its options."""

    construction: Construction
    options: dict[str, Any]

    @property
    def title(self) -> str:
        """`max/tournament`."""
        return self.construction.title

    @property
    def names(self) -> dict[str, str]:
        """Function and name, as JSON objects have them."""
        return {"function": self.construction.function, "construction": self.construction.name}

    @property
    def usual(self) -> tuple[int, int]:
        """The sizes meant where none are given."""
        return (self.construction.usual or 8,) * 2

    def fitting(self, width: int, sizes: tuple[int, int] | None) -> tuple[int, int]:
        """The size, as a range, whose network has as many inputs as a theorem.

        Raises SpecError if another is asked for, BudgetExceeded where there are far too many units or inputs.
        """
        if sizes is None:
            sizes = (self.construction.size_for(width, self.options),) * 2
        self.construction.affordable(sizes[0], **self.options)
        if (count := self.construction.inputs(sizes[0], **self.options)) != width:
            raise SpecError(f"{self.title} at n = {sizes[0]} has {count} inputs, the theorem is about {width}")
        return sizes

    def program(self, n: int) -> list[Expr]:
        """The output programs for n options; raises BudgetExceeded where there are far too many units or inputs."""
        with silenced():
            self.construction.affordable(n, **self.options)
            return self.construction.program(n, **self.options)

    def spec(self, n: int) -> Spec:
        """What is stated about the network; raises BudgetExceeded where it has far too many inputs."""
        with silenced():
            self.construction.affordable(n, **self.options)
            return self.construction.spec(n, **self.options)

    def compiled(self, n: int) -> tuple[Network, Spec]:
        """The network, and what is stated about it."""
        from relumax.network.compile import compile

        spec = self.spec(n)
        return compile(self.program(n), spec.width, spec.nonnegative), spec


def load(source: str) -> list[tuple[str, str]]:
    """Run a user's file, and say what it registers."""
    from relumax.constructions import registry

    with silenced():
        return registry.load(source)


def silenced() -> AbstractContextManager[Any]:
    """What a user's file prints in here is not part of our output: it goes to standard error."""
    return redirect_stdout(sys.stderr)


def flag(option: str) -> str:
    """How an option is written on the command line."""
    return f"--{option.replace('_', '-')}"
