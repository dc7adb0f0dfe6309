"""`relumax prove --network A --equals B`: that two networks compute the same, or nearly the same on a box.

B is a network file, if there is a file of this name; `FILE.py`, a file of programs with one construction, or
`FILE.py:max/mine`; or the name of a construction, `max/chain` or `max`, at as many inputs as A has.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import click

from relumax.commands.attempt import Within, attempt, theorem
from relumax.commands.chosen import Wanted, load
from relumax.commands.networks import NetworkFile, alone, both_read, read_network, reordered
from relumax.commands.options import complete_other, single
from relumax.commands.parameters import BOX, RATIONAL, in_words
from relumax.commands.verdicts import Entry, Side
from relumax.errors import SpecError, UnknownName

if TYPE_CHECKING:
    from fractions import Fraction

    from relumax.language.equality import Box
    from relumax.language.spec import Spec
    from relumax.network.layers import Network
    from relumax.pipeline import Verdict

    Read = tuple[Network, Side]

Command = Callable[..., Any]
_program = re.compile(r"(?P<file>.+\.py)(?::(?P<name>[^:]*))?")


class Other(NamedTuple):
    """What a network is said to equal, as the options name it, and how nearly, where; nothing is read yet."""

    what: str
    within: Fraction | None
    box: Box | None
    promise: str | None

    @property
    def path(self) -> str | None:
        """The file that is read, if one is."""
        found = _program.fullmatch(self.what)
        path = found["file"] if found else self.what
        return path if os.path.exists(path) else None


class Asked(Within, Protocol):
    """What `entry` has to know of what is asked for, beside the other network."""

    @property
    def network(self) -> NetworkFile | None:
        """The file of the first network; None for a construction's."""

    @property
    def sizes(self) -> tuple[int, int] | None:
        """At which n."""


def equals_options(function: Command) -> Command:
    """--equals, --within, --box and --promise; the command is given them as `other`, an Other or None."""

    @wraps(function)
    def command(wanted: Wanted, equals: str | None, within: Fraction | None, box: Box | None, **given: Any) -> Any:
        promise = wanted.variant.get("promise")
        if in_words(promise):
            wanted = wanted._replace(variant={**wanted.variant, "promise": None})
        else:
            promise = None
        if equals is None and (within is not None or box is not None or promise is not None):
            raise click.UsageError("--within, --box and a --promise in words go with --equals; --theorem has its own")
        if equals is not None and given.get("theorem") is not None:
            raise click.UsageError("--equals states a theorem of its own: --theorem goes not with it")
        if within is not None and within < 0:
            raise click.UsageError(f"--within {within}: two networks are within 0 or more of each other")
        if equals is not None and given.get("gadget") is not None:
            raise click.UsageError("--gadget has a contract of its own: --equals goes not with it")
        if equals == "":
            raise click.UsageError("--equals is empty")
        other = None if equals is None else Other(equals, within, box, promise)
        return function(wanted=wanted, other=other, **given)

    for option in (
        click.option("--box", type=BOX, metavar="LO,HI", help="With --equals: for inputs in [LO, HI]; -1, is x >= -1."),
        click.option("--within", type=RATIONAL, help="With --equals: that the outputs differ by at most this."),
        click.option(
            "--equals",
            metavar="OTHER",
            shell_complete=complete_other,
            help="Prove that it computes what this does: a network file, max/chain, FILE.py or FILE.py:max/mine.",
        ),
    ):
        command = option(command)
    return command


def entry(other: Other, wanted: Wanted, asked: Asked) -> Entry:
    """The verdict on two networks side by side; the first one is a file's, or a construction's."""
    from relumax import pipeline
    from relumax.network.beside import beside

    specs: list[Spec] = []
    sides: list[Side] = []

    def prove() -> Verdict:
        first, second = asked.network, _file(other, asked.network)
        if first is not None and second is not None:
            first, second = both_read(first, second)
        ours, mine = _first(first, wanted, asked.sizes)
        theirs, its = _of_file(second) if second else _named(other.what, ours.inputs, wanted.variant)
        sides.extend([mine, its])
        _by_place(mine, its)
        try:
            both = beside(ours, theirs)
        except SpecError as problem:
            raise SpecError(f"{mine.name} and {its.name}: {problem}") from None
        specs.append(_stated(other, ours))
        return pipeline.prove(both, specs[0], asked.engine)

    names = asked.network.path if asked.network else wanted.name or wanted.function or "max", other.what
    verdict = attempt(asked, " and ".join(names), prove, lambda: theorem(specs))
    notes = tuple(f"{side.name}: {note}" for side in sides for note in side.notes)
    title = " and ".join([side.name for side in sides] or names)
    n = specs[0].width if specs else 0
    return Entry(verdict, "equals", title, n, {}, notes, from_file=True, sides=tuple(sides))


def _by_place(one: Side, other: Side) -> None:
    """Raise SpecError where both files have the same names in another order: they are matched by place."""
    for kind, ours, theirs in reordered(one.names, other.names):
        said = f"{one.name} has the {kind} {ours}, {other.name} has {theirs}"
        raise SpecError(f"{said}: they are matched by place, so write them in one order")


def _stated(other: Other, of: Network) -> Spec:
    """That both halves of the outputs are equal, where it is asked for and as nearly."""
    from relumax.language.equality import boxed, equality, promised

    if other.promise is not None:
        return promised(of.inputs, of.outputs, other.promise, other.within, other.box or (None, None))
    requires, points = boxed(of.inputs, other.box) if other.box else ([], [])
    return equality(of.inputs, of.outputs, other.within, requires, points)


def _file(other: Other, first: NetworkFile | None) -> NetworkFile | None:
    """The file of a network that is meant, if one is; what its weights alone do not say is as of the first one."""
    if _program.fullmatch(other.what) or not os.path.exists(other.what):
        return None
    return first._replace(path=other.what) if first else NetworkFile(other.what)


def _first(file: NetworkFile | None, wanted: Wanted, sizes: tuple[int, int] | None) -> Read:
    """The network asked about."""
    if file is not None:
        alone(wanted, sizes)
        return _of_file(file)
    chosen = wanted.chosen()
    network, _ = chosen.compiled(single(sizes or chosen.usual))
    return network, Side.of(chosen.title, network)


def _of_file(file: NetworkFile) -> Read:
    loaded = read_network(file)
    return loaded.network, Side.of(file.path, loaded.network, loaded.notes, loaded.names)


def _named(what: str, inputs: int, variant: dict[str, Any]) -> Read:
    """A construction's network, of so many inputs, in the variant asked for as far as it has its options."""
    found = _program.fullmatch(what)
    source, named = (found["file"], found["name"]) if found else (None, what)
    if source is not None:
        named = _registered(source, named)
    function, _, name = named.partition("/")
    try:
        chosen = Wanted(function, name or None, None, {}).chosen()
        own = {key: value for key, value in variant.items() if key in chosen.options and value not in (None, ())}
        chosen = chosen._replace(options={**chosen.options, **own})
        network, _ = chosen.compiled(chosen.construction.size_for(inputs, chosen.options))
    except UnknownName as problem:
        raise UnknownName(f"--equals {what}: no such file, and as a construction: {problem}") from None
    return network, Side.of(f"{chosen.title} of {source}" if source else chosen.title, network)


def _registered(source: str, named: str | None) -> str:
    """The construction of a file of programs that is meant, as `max/mine`."""
    known = ["/".join(pair) for pair in load(source)]
    if named in known:
        return named
    if named is None and len(known) == 1:
        return known[0]
    if not known:
        raise click.UsageError(f"--equals {source}: the file registers no construction")
    said = f"no {named}, but {', '.join(known)}" if named else ", ".join(known)
    raise click.UsageError(f"--equals {source}: the file registers {said}: say which, as in {source}:{known[0]}")
