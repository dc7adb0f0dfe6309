"""`relumax list`: one line for each construction; beside a maximum or minimum, how it compares with the tournament."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import click

from relumax.commands.chosen import Chosen, load
from relumax.commands.networks import NetworkFile, network_options, read_network
from relumax.commands.options import function_option, json_option, single, sizes_option, source_option
from relumax.commands.output import fitted, print_json
from relumax.commands.ranging import power
from relumax.errors import BudgetExceeded, RelumaxError
from relumax.size import at_most

if TYPE_CHECKING:
    from relumax.constructions.registry import Construction
    from relumax.formats import LoadedNetwork

LONG = 2_000  # the most choices of a construction that says nothing of its size
MAX_LISTED = 20_000  # hidden units of a network that is built to be listed
Rival = dict[str, int]  # a tournament's depth and size


class Row(NamedTuple):
    """What is said of a construction, as `--json` has it."""

    construction: str
    depth: str
    size: str
    contract: str
    float_exact: bool | None = None
    tournament: Rival | None = None
    exact_to: str | None = None  # the largest integers for which float32 is exact

    @property
    def against(self) -> str:
        """`-1, 4.7x`: one layer less than the tournament, and 4.7 times the units."""
        other = self.tournament
        if not other or not other["size"] or "^" in self.size:
            return ""
        size = int(self.size.removeprefix("~").replace(",", ""))
        return f"{int(self.depth) - other['depth']:+d}, {size / other['size']:.1f}x"


@click.command("list", epilog="Examples: relumax list --fn argmax;  relumax list --fn max --network net.json")
@function_option("Only this function.")
@sizes_option("The number of inputs for depth and size (default 8, or the inputs of the network).")
@source_option
@network_options("Put this network file first, at its number of inputs, to be compared.", argument=True)
@json_option
def command(
    fn: str | None, sizes: tuple[int, int] | None, source: str | None, network: NetworkFile | None, as_json: bool
) -> None:
    """List the constructions: depth and size at one n, and what each computes."""
    from relumax.constructions import registry

    own = read_network(network) if network else None

    if source is not None:
        load(source)
    if fn is not None and fn not in registry.functions():
        registry.find(fn)
    pairs = registry.names(fn)
    n = single(sizes) if sizes else own.network.inputs if own else 8
    rivals: dict[str, Rival] = {}  # by function
    rows, failed = [], None
    for one in [registry.find(*pair) for pair in pairs]:
        try:
            rows.append(_row(one, n, rivals))
        except Exception as problem:  # of a user's recipe: the first is told when all the others are listed
            failed = failed or problem
            rows.append(
                Row(one.title, "-", "-", f"{_contract(one)} (not at n = {n}: {type(problem).__name__})".lstrip())
            )
    mine = [_own(network.path, own)] if network and own else []
    if as_json:
        first = {"network": {**mine[0]._asdict(), "notes": own.notes}} if own else {}
        print_json({"n": n, **first, "constructions": [row._asdict() for row in rows]})
    else:
        click.echo("\n".join(_table([*mine, *rows], n, bool(rivals))))
    if failed is not None:
        raise failed


def _own(path: str, loaded: LoadedNetwork) -> Row:
    """A file's row."""
    from relumax.commands.listed import listed_range
    from relumax.formats.floats import smallest_float

    network = loaded.network
    what = "; ".join([f"a file of format {loaded.fmt}, {network.inputs} -> {network.outputs}", *loaded.notes])
    exact = smallest_float(network) is not None
    return Row(path, str(network.depth), str(network.size), what, exact, None, listed_range(network))


def _row(one: Construction, n: int, rivals: dict[str, Rival]) -> Row:
    """The construction's row; a tournament's sizes are put down for the rows to come."""
    from relumax.commands.listed import listed_range
    from relumax.constructions.registry import count
    from relumax.formats.floats import smallest_float

    title, contract = one.title, _contract(one)
    rival = rivals.get(one.function)
    if one.rough is None and n > LONG:  # its program alone would take long
        return Row(title, "?", "?", contract)
    try:
        if (told := one.told(n)) is not None:
            return Row(title, str(told[0]), f"~{count(told[1])}", contract, tournament=rival)
        if one.rough is not None and one.roughly(n)[1] > MAX_LISTED:
            return Row(title, str(one.roughly(n)[0]), f"> {MAX_LISTED}", contract)
        with at_most(MAX_LISTED):
            network, _ = Chosen(one, one.options).compiled(n)
    except BudgetExceeded:
        layers = str(one.roughly(n)[0]) if one.rough is not None else "?"
        return Row(title, layers, f"> {MAX_LISTED}", contract)
    except RelumaxError as problem:
        return _missing(one, f"not at n = {n}: {problem}")
    if one.name == "tournament":
        rivals[one.function] = {"depth": network.depth, "size": network.size}
    exact = smallest_float(network) is not None
    return Row(title, str(network.depth), str(network.size), contract, exact, rival, listed_range(network))


def _missing(one: Construction, why: str) -> Row:
    """The row of a construction that has no network here."""
    return Row(one.title, "-", "-", f"{_contract(one)} ({why})".lstrip())


def _contract(one: Construction) -> str:
    """The first paragraph of a recipe's docstring."""
    return " ".join(one.doc.split("\n\n")[0].split())


def _power(row: Row) -> str:
    return power(Fraction(row.exact_to)) if row.exact_to else ""


def _table(rows: Sequence[Row], n: int, compared: bool) -> Iterator[str]:
    width, wide = max(len(row.construction) for row in rows), 15 if compared else 0
    broad = max(5, *(len(row.size) for row in rows))
    head = f"{'construction':<{width}}  depth  {'units':>{broad}}{'vs tournament' if wide else '':>{wide}}"
    yield fitted(
        f"{head}  floats  exact to",
        f"what it computes (depth and units at n = {n}; exact to: |x[i]| for integers in float32)",
    )
    for row in rows:
        floats = {None: "", True: "exact", False: "no"}[row.float_exact]
        size = f"{row.depth:>5}  {row.size:>{broad}}{row.against:>{wide}}"
        yield fitted(f"{row.construction:<{width}}  {size}  {floats:<6}  {_power(row):<8}", row.contract)
    if compared:
        from relumax.commands.papers import LOWER_BOUND

        yield f"\n{LOWER_BOUND}"
