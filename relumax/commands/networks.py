"""Networks from files, for every command that takes one: the options, the reading, what is said of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.commands.files import read
from relumax.errors import BudgetExceeded, FormatError
from relumax.size import allowed_or_usual
from relumax.words import JSON, LAYOUTS, NETWORK_FORMAT

if TYPE_CHECKING:
    from relumax.commands.chosen import Wanted
    from relumax.formats import LoadedNetwork, ReadOptions

Command = Callable[..., Any]
Names = tuple[tuple[str, ...], tuple[str, ...]]
"""What inputs and outputs are called, in their order."""


class NetworkFile(NamedTuple):
    """A file of a network as the options name it, with what they say of what it leaves open; nothing is read yet."""

    path: str
    layers: str | None = None
    layout: str | None = None
    external_data: bool = False

    def again(self) -> tuple[str, ...]:
        """The words that name it once more; none for standard input."""
        said = ("--layers", self.layers), ("--layout", self.layout)
        words = [word for option, value in said if value is not None for word in (option, value)]
        more = [*words, *(["--external-data"] if self.external_data else [])]
        return (self.path, *more) if self.path != "-" else ()

    def options(self) -> ReadOptions:
        """The same for a reader of files, of which one that translates may make so many hidden units."""
        from relumax.formats import ReadOptions

        layers = None if self.layers is None else tuple(name.strip() for name in self.layers.split(","))
        beside = (os.path.dirname(self.path) or ".") if self.external_data else None
        return ReadOptions(layers, self.layout, beside)


def network_options(
    help: str, *, argument: bool = False, layout: str = "--layout", several: bool = False
) -> Callable[[Command], Command]:
    """--network and what goes with it; the command is given them as `network`, a NetworkFile or None.

    `argument` lets the file stand as the command's argument as well; `layout` names the option for how weights lie.
    With `several` the option may be given again, and the command is given `networks`, a tuple.
    """

    def decorate(function: Command) -> Command:
        @wraps(function)
        def command(network: Any, **given: Any) -> Any:
            more = given.pop("layers"), given.pop("network_layout"), given.pop("external_data")
            if several:
                if not network and any(more):
                    raise click.UsageError(f"--layers, {layout} and --external-data go with a network file")
                return function(networks=tuple(NetworkFile(one, *more) for one in network), **given)
            file = given.pop("file", None)
            if file is not None and network is not None:
                raise click.UsageError(f"{file} and --network {network}: one network at a time")
            path = network if file is None else file
            if path is None and any(more):
                raise click.UsageError(f"--layers, {layout} and --external-data go with a network file")
            return function(network=None if path is None else NetworkFile(path, *more), **given)

        options = [
            click.option("--network", type=click.Path(), help=help, multiple=several),
            click.option("--layers", help="The layers of a file that does not say their order: a,b,c."),
            click.option(
                layout,
                "network_layout",
                type=click.Choice(LAYOUTS),
                help="How the file's weights lie where it does not say: torch is [out, in], in-out is [in, out].",
            ),
            click.option("--external-data", is_flag=True, help="ONNX: weights may lie in files beside this one."),
        ]
        if argument:
            options.insert(0, click.argument("file", required=False, type=click.Path()))
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def alone(wanted: Wanted, sizes: tuple[int, int] | None = None) -> None:
    """Raise UsageError where a construction is asked for beside a network."""
    given = [value for value in wanted.variant.values() if value not in (None, ())]
    if wanted.function or wanted.name or wanted.source or sizes or given:
        raise click.UsageError(
            "a network file is taken as it is: --fn, --construction, --from, --n and variants are for constructions"
        )


def reordered(one: Names, other: Names) -> Iterator[tuple[str, str, str]]:
    """The ends that two have by the same names in another order: which ends, and the names of both, in order."""
    for kind, ours, theirs in zip(("inputs", "outputs"), one, other, strict=True):
        if ours != theirs and sorted(ours) == sorted(theirs):
            yield kind, ", ".join(ours), ", ".join(theirs)


def is_network(data: bytes) -> bool:
    """Whether a file is to be read as a network, and not as a certificate."""
    from relumax.formats import sniff
    from relumax.formats.pickles import is_pickle
    from relumax.formats.strict import loads

    try:
        if sniff(data) != JSON:
            return True
        value = loads(data, "")
    except FormatError:
        return is_pickle(data)
    return isinstance(value, dict) and value.get("format") == NETWORK_FORMAT


def read_network(file: NetworkFile) -> LoadedNetwork:
    """The network in a file; what is wrong with it begins with the file's name."""
    return parsed(read(file.path), file)


def both_read(first: NetworkFile, second: NetworkFile) -> tuple[NetworkFile, NetworkFile]:
    """Two files for which the same --layers and --layout are given: they are for those that leave these open."""
    files = first, second
    if first.layers is None and first.layout is None:
        return files
    kept = [
        one._replace(layers=None, layout=None) if one.path != "-" and says_its_order(read(one.path)) else one
        for one in files
    ]
    return (kept[0], kept[1]) if any(one in files for one in kept) else files


def says_its_order(data: bytes) -> bool:
    """Whether a file's format leaves open neither the order of its layers nor how weights lie."""
    from relumax.formats import ORDERED, sniff

    try:
        return sniff(data) in ORDERED
    except FormatError:
        return False


def parsed(data: bytes, file: NetworkFile) -> LoadedNetwork:
    """The network in a file's bytes."""
    from relumax import formats

    try:
        loaded = formats.load(data, None, file.options())
    except FormatError as problem:
        raise FormatError(f"{file.path}: {problem}") from None
    network = loaded.network
    for count, what in ((network.size, "hidden units"), (network.inputs, "inputs")):
        if count > (most := allowed_or_usual()):
            raise BudgetExceeded(f"{file.path}: {count:,} {what}, more than {most:,} (--max-size)")
    return loaded


def told(path: str, loaded: LoadedNetwork) -> dict[str, Any]:
    """What `relumax show --json` says of a network; `says` is the file's own text, which nobody proved."""
    from relumax.commands.ranging import as_json, exact_to
    from relumax.formats.floats import smallest_float
    from relumax.network.layers import sha256

    network, kind = loaded.network, smallest_float(loaded.network)
    return {
        "network": path,
        "format": loaded.fmt,
        "dtype": loaded.dtype,
        "inputs": network.inputs,
        "outputs": network.outputs,
        "depth": network.depth,
        "width": network.width,
        "size": network.size,
        "widths": list(network.widths),
        "steps": sum(len(layer.steps) for layer in network.layers),
        "nonzeros": network.nonzeros,
        "float_exact": kind is not None,
        "float_type": kind,
        "exact_to": as_json(exact_to(network)) if loaded.literal else None,
        "literal": loaded.literal,
        "network_sha256": sha256(network),
        "says": loaded.metadata.get("relumax.theorem", loaded.metadata.get("theorem")),
        "notes": [*loaded.notes, *([plain(rounded)] if (rounded := loaded.metadata.get("relumax.note")) else [])],
    }


def plain(text: str) -> str:
    """A file's own text, cut, without what is not printed."""
    return "".join(c if c.isprintable() else "?" for c in text[:2000])


def described(about: dict[str, Any]) -> Iterator[str]:
    """The same as lines."""
    stored = f"{about['format']}, {about['dtype'] or 'rationals'}"
    ends = [f"{about[key]} {key if about[key] > 1 else key[:-1]}" for key in ("inputs", "outputs")]
    from relumax.commands.ranging import line

    widths = " ".join(map(str, about["widths"][:40])) or "none"
    yield f"network      {about['network']}: {stored}, {', '.join(ends)}"
    yield f"widths       {widths}{' ...' if about['depth'] > 40 else ''}"
    yield (
        f"sizes        {about['depth']} hidden layers, width {about['width']}, {about['size']} units, "
        f"{about['nonzeros']} nonzero weights"
    )
    if about["steps"]:
        yield f"steps        {about['steps']} of the units are steps, the others relus"
    yield f"floats       {about['float_type'] or 'no float type'} holds every weight exactly"
    exact = about["exact_to"] and {k: v if v is None else Fraction(v) for k, v in about["exact_to"].items()}
    yield f"exact to     {line(exact, Fraction(1)) if about['literal'] else 'not said: the file computes other sums'}"
    yield f"sha256       {about['network_sha256']}"
    if about["says"]:
        yield f"says         (of itself, nothing here has proved it) {plain(about['says'])}"
    for note in about["notes"]:
        yield f"note         {note}"
