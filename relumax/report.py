"""What the command line prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from relumax.errors import BudgetExceeded, RelumaxError

if TYPE_CHECKING:
    from relumax.constructions.registry import Construction
    from relumax.network.layers import Network
    from relumax.pipeline import Verdict

MAX_LISTED = 20_000  # hidden units of a network that `list` builds
PROVED, UNCERTIFIED = "proved", "proved (z3, uncertified)"


class Entry(NamedTuple):
    """A verdict and what it is about."""

    verdict: Verdict
    function: str
    construction: str
    n: int
    options: dict[str, Any]


entry = Entry


def exit_code(entries: Sequence[Entry], allow_uncertified: bool) -> int:
    """1 if anything is refuted, else 3 if anything is not settled, else 0."""
    words = {one.verdict.verdict for one in entries}
    if "refuted" in words:
        return 1
    return 3 if "unknown" in words or (UNCERTIFIED in words and not allow_uncertified) else 0


@contextmanager
def heard() -> Iterator[None]:
    """Print in here: if nobody reads standard output any more, that ends quietly and changes no verdict."""
    try:
        yield
    except BrokenPipeError:
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# ---------------------------------------------------------------- progress


@contextmanager
def patience(what: str) -> Iterator[None]:
    """After two seconds, say on a terminal's standard error what is going on and for how long."""
    if not sys.stderr.isatty():
        yield
        return
    import threading
    from time import monotonic

    done, start = threading.Event(), monotonic()

    def tell() -> None:
        while not done.wait(2):
            print(f"\r{what} ... {monotonic() - start:.0f} s", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if monotonic() - start > 2:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def progress(sizes: range, label: str) -> Iterable[int]:
    """The sizes, with a progress bar on a terminal's standard error if there are several."""
    if len(sizes) == 1 or not sys.stderr.isatty():
        yield from sizes
        return
    with click.progressbar(sizes, label=label, file=sys.stderr) as bar:
        yield from bar


# ---------------------------------------------------------------- prove


def show(entries: Sequence[Entry], output: str | None, as_json: bool, err: bool = False) -> None:
    """Print verdicts: in full for one, as a table for several, as one JSON object if asked."""
    if as_json:
        objects = [_object(one, output) for one in entries]
        click.echo(json.dumps(objects[0] if len(objects) == 1 else {"results": objects}))
    else:
        lines = _full(entries[0], output) if len(entries) == 1 else _table(entries)
        click.echo("\n".join(lines), err=err)


def dry(construction: Construction, rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Sizes alone."""
    if as_json:
        found = [{"function": construction.function, "construction": construction.name, **row} for row in rows]
        click.echo(json.dumps(found[0] if len(found) == 1 else {"results": found}))
        return
    for row in rows:
        click.echo(
            f"{construction.function}/{construction.name} n = {row['n']}: {row['depth']} hidden layers, "
            + (f"width {row['width']}, " if row["exact"] else "")
            + (f"{row['size']} units" if row["exact"] else f"some {row['size']} units (roughly: it is not built)")
        )


def unknown(construction: Construction, n: int, reason: str) -> None:
    """One JSON object for a size that could not be tried."""
    name = {"function": construction.function, "construction": construction.name}
    click.echo(json.dumps({"verdict": "unknown", **name, "n": n, "certificate": None, "reason": reason}))


def _object(one: Entry, output: str | None) -> dict[str, Any]:
    from relumax.network.layers import sha256

    verdict, network = one.verdict, one.verdict.network
    found: dict[str, Any] = {
        "verdict": verdict.verdict,
        "theorem": "; ".join(verdict.theorem),
        "function": one.function,
        "construction": one.construction,
        "n": one.n,
        "depth": network.depth,
        "width": network.width,
        "size": network.size,
        "engine": verdict.engine,
        "seconds": round(verdict.seconds, 3),
        "z3": verdict.z3,
        "certificate": output if verdict.certificate is not None else None,
        "network_sha256": verdict.accepted.network_sha256 if verdict.accepted else sha256(network),
    }
    if one.options:
        found["options"] = {key: _plain(value) for key, value in one.options.items() if value is not None}
    if verdict.reason:
        found["reason"] = verdict.reason
    if verdict.witness is not None:
        found["witness"] = {
            "inputs": [str(value) for value in verdict.witness.inputs],
            "index": verdict.witness.at,
            "outputs": [str(value) for value in verdict.witness.outputs],
        }
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Fraction) else value


def _full(one: Entry, output: str | None) -> Iterator[str]:
    verdict, network = one.verdict, one.verdict.network
    name = one.construction if one.function == "gadget" else f"{one.function}/{one.construction}"
    for sentence in verdict.theorem:
        yield f"theorem  {sentence}"
    yield (f"network  {name}, n = {one.n}: {network.depth} hidden layers, width {network.width}, {network.size} units")
    if verdict.verdict == PROVED and verdict.certificate is not None and verdict.accepted is not None:
        yield (
            f"proved   engine {verdict.engine}, {verdict.seconds:.2f} s; z3: {verdict.z3}; "
            f"kernel: accepted {len(verdict.certificate):,} bytes"
        )
        yield f"         network sha256 {verdict.accepted.network_sha256}"
        if output not in (None, "-"):
            yield f"         certificate {output}"
            if verdict.engine == "link":
                yield f"         it is an identity: `relumax check {output} --network FILE` holds a network against it"
    elif verdict.witness is not None:
        witness = verdict.witness
        yield f"refuted  engine {verdict.engine}, {verdict.seconds:.2f} s; a counterexample, evaluated exactly:"
        yield f"         inputs  {_numbers(witness.inputs)}"
        if witness.at:
            yield f"         index   {_numbers(witness.at)}"
        yield f"         outputs {_numbers(witness.outputs)}"
    else:
        yield f"{verdict.verdict}  engine {verdict.engine}, {verdict.seconds:.2f} s; z3: {verdict.z3 or 'not asked'}"
    if verdict.reason:
        yield f"note     {verdict.reason}"


def _numbers(values: Sequence[Any]) -> str:
    shown = [str(value) for value in values[:32]]
    return "(" + ", ".join(shown) + (f", ... {len(values) - 32} more" if len(values) > 32 else "") + ")"


def _table(entries: Sequence[Entry]) -> Iterator[str]:
    yield f"{'n':>5}  {'depth':>5}  {'width':>6}  {'size':>7}  {'seconds':>7}  {'bytes':>9}  verdict"
    for one in entries:
        verdict, network = one.verdict, one.verdict.network
        size = f"{len(verdict.certificate):,}" if verdict.certificate is not None else "-"
        yield (
            f"{one.n:>5}  {network.depth:>5}  {network.width:>6}  {network.size:>7}  {verdict.seconds:>7.2f}  "
            f"{size:>9}  {verdict.verdict}"
        )


# ---------------------------------------------------------------- list, show, eval


def catalogue(pairs: Sequence[tuple[str, str]], n: int, as_json: bool) -> None:
    """One line for each construction; beside a maximum or minimum, how it compares with the tournament."""
    from relumax.commands.papers import LOWER_BOUND
    from relumax.constructions import registry
    from relumax.network.compile import compile

    rows: list[dict[str, Any]] = []
    tournaments: dict[str, Network] = {}  # by function
    for function, name in pairs:
        one = registry.find(function, name)
        doc = " ".join(one.doc.split("\n\n")[0].split())
        row: dict[str, Any] = {"construction": f"{function}/{name}", "depth": "-", "size": "-", "contract": doc}
        row |= {"float_exact": None, "tournament": None}
        rows.append(row)
        try:
            if (told := one.told(n)) is not None:
                row |= {"depth": str(told[0]), "size": f"~{registry.count(told[1])}"}
                row["tournament"] = _sizes(tournaments.get(function))
                continue
            spec = one.spec(n, **one.options)
            network = compile(one.program(n, MAX_LISTED, **one.options), spec.width, spec.nonnegative, MAX_LISTED)
        except BudgetExceeded:
            layers = str(one.rough(n)[0]) if one.rough is not None else "?"
            row |= {"depth": layers, "size": f"> {MAX_LISTED}"}
            continue
        except RelumaxError as problem:
            row["contract"] = f"{one.doc.splitlines()[0]} (not at n = {n}: {problem})"
            continue
        row |= {"depth": str(network.depth), "size": str(network.size)}
        row["float_exact"] = smallest_float(network) is not None
        if name == "tournament":
            tournaments[function] = network
        else:
            row["tournament"] = _sizes(tournaments.get(function))
    if as_json:
        click.echo(json.dumps({"n": n, "constructions": rows}))
        return
    width, wide = max(len(row["construction"]) for row in rows), 15 if tournaments else 0
    broad = max(5, *(len(row["size"]) for row in rows))
    head = f"{'construction':<{width}}  depth  {'units':>{broad}}{'vs tournament' if wide else '':>{wide}}  floats"
    click.echo(f"{head}  what it computes (depth and units at n = {n})")
    for row in rows:
        floats = {None: "", True: "exact", False: "no"}[row["float_exact"]]
        size = f"{row['depth']:>5}  {row['size']:>{broad}}{_against(row):>{wide}}"
        click.echo(f"{row['construction']:<{width}}  {size}  {floats:<6}  {row['contract']}")
    if tournaments:
        click.echo(f"\n{LOWER_BOUND}")


def _sizes(network: Network | None) -> dict[str, int] | None:
    return None if network is None else {"depth": network.depth, "size": network.size}


def _against(row: dict[str, Any]) -> str:
    """`-1, 4.7x`: one layer less than the tournament, and 4.7 times the units."""
    other = row["tournament"]
    if not other or not other["size"] or "^" in row["size"]:
        return ""
    size = int(row["size"].removeprefix("~").replace(",", ""))
    return f"{int(row['depth']) - other['depth']:+d}, {size / other['size']:.1f}x"


def smallest_float(network: Network) -> str | None:
    """The smallest float type that holds every weight exactly; None if none does."""
    from relumax.formats.floats import FLOATS, fits

    entries = {(c, one.den) for one in network.maps for bias, row in one.rows for c in (bias, *(c for _, c in row))}
    weights = {Fraction(*entry) for entry in entries}
    return next((kind.name for kind in FLOATS.values() if all(fits(weight, kind) for weight in weights)), None)


def explain(
    construction: Construction, n: int, options: dict[str, Any], latex: bool, as_json: bool, max_size: int
) -> None:
    """Program, closed form, sizes and theorem of a construction; of a two-layer one, its formula and why it is true."""
    from relumax.commands.papers import explained
    from relumax.kernel.text import text
    from relumax.language.expr import brief
    from relumax.network.compile import compile, sizes
    from relumax.simplify import closed_form

    program, spec = construction.program(n, max_size, **options), construction.spec(n, **options)
    closed = closed_form(program, spec.nonnegative)
    if latex:
        for one in closed:
            click.echo(one.latex())
        return
    size = None
    with suppress(BudgetExceeded):
        size = sizes(program, spec.width, spec.nonnegative, max_size)
    small = size is not None and size.size <= 100_000
    network = compile(program, spec.width, spec.nonnegative) if small else None
    kind = network and smallest_float(network)
    theorem = text(spec.claim())
    paper = explained(construction.name, n) if construction.function in ("max", "min") else None
    if as_json:
        click.echo(
            json.dumps(
                {
                    "function": construction.function,
                    "construction": construction.name,
                    "n": n,
                    "program": [brief(one, 2000) for one in program],
                    "closed_form": [one.text() for one in closed],
                    "depth": size and size.depth,
                    "width": size and size.width,
                    "size": size and size.size,
                    "widths": size and list(size.widths),
                    "nonzeros": network and network.nonzeros,
                    "float_exact": None if network is None else kind is not None,
                    "float_type": kind,
                    "theorem": theorem,
                    **({} if paper is None else paper._asdict()),
                }
            )
        )
        return
    click.echo(f"{construction.function}/{construction.name}, n = {n}")
    click.echo(f"  {' '.join(construction.doc.split())}")
    many = len(program) > 1
    for k, output in enumerate(program[:8]):
        click.echo(f"program      {f'y[{k}] = ' if many else ''}{brief(output, 300)}")
    for k, form in enumerate(closed[:8]):
        click.echo(f"closed form  {f'y[{k}] = ' if many else ''}{_cut(form.text())}")
    if len(program) > 8:
        click.echo(f"             ... {len(program) - 8} more outputs")
    if size is None:
        click.echo(f"sizes        more than {max_size:,} units (--max-size), and so not counted layer by layer")
    else:
        click.echo(f"widths       {' '.join(map(str, size.widths[:40])) or 'none'}{' ...' if size.depth > 40 else ''}")
        click.echo(
            f"sizes        {size.depth} hidden layers, width {size.width}, {size.size} units"
            + (f", {network.nonzeros} nonzero weights" if network is not None else "")
        )
    if network is not None:
        click.echo(f"floats       {f'{kind} holds' if kind else 'no float type holds'} every weight exactly")
    for sentence in theorem:
        click.echo(f"theorem      {sentence}")
    for label, lines in paper._asdict().items() if paper else ():
        for k, line in enumerate(lines):
            click.echo(f"{label if k == 0 else '':<12} {line}")
    if construction.function in ("argmax", "argmin", "select") and construction.name != "step":
        click.echo(
            "limit        no ReLU network gives the exact winner on all of R^n: continuous, it cannot jump at a tie"
        )


def _cut(text: str, limit: int = 2000) -> str:
    return text if len(text) <= limit else f"{text[:limit]} ... ({len(text)} characters)"


def evaluation(network: Network, values: Sequence[Fraction], trace: bool, as_json: bool, note: str = "") -> None:
    """The network's outputs at a point, and its layers on the way if asked; a note goes to standard error."""
    from relumax.network.evaluate import trace as run

    found = run(network, values)
    if as_json:
        layers = [
            {"before": [str(t) for t in layer.pre], "after": [str(h) for h in layer.values]} for layer in found.layers
        ]
        more = {**({"layers": layers} if trace else {}), **({"note": note} if note else {})}
        click.echo(json.dumps({"outputs": [str(y) for y in found.outputs], **more}))
        return
    if note:
        click.echo(f"relumax: {note}", err=True)
    if trace:
        for k, layer in enumerate(found.layers):
            active = [j for j, h in enumerate(layer.values) if h]
            click.echo(
                f"layer {k + 1}: {len(active)} of {len(layer.values)} units active: {' '.join(map(str, active))}"
            )
            click.echo(f"  before  {_numbers(layer.pre)}")
            click.echo(f"  after   {_numbers(layer.values)}")
    for y in found.outputs:
        click.echo(str(y))
