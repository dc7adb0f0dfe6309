"""Counterexamples at cheap points, before any search: exact, within work proportional to the network's size.

Most wrong networks are wrong at once: at 0, at a unit vector, at a tie, at small numbers. What is found is evaluated
again by the kernel's own reading of the statement (`witness.refutes`), so nothing here has to be trusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, product
from math import lcm
from typing import Any

from relumax.engines.lemmas import ENDLESS
from relumax.engines.witness import Witness, refutes
from relumax.errors import ContractError
from relumax.kernel.errors import Refused
from relumax.kernel.network import read_network
from relumax.kernel.proof import branches, constant, terms
from relumax.kernel.statement import Claim, Statement
from relumax.kernel.wire import EQ, LE
from relumax.language.expr import Expr, topological
from relumax.language.expr import evaluate as run
from relumax.language.expr import inputs as variables
from relumax.language.gadget import Gadget
from relumax.language.spec import Json, point
from relumax.network.evaluate import evaluate
from relumax.network.layers import Network, to_json

Number = int | Fraction

WORK = 8_000
"""About so many products and atoms are spent on a statement: a few milliseconds."""
FEWEST, MOST, INDICES = 3, 12, 4
"""Points that are tried of the largest networks, and of the smallest; values of the indices at each."""


def falsify(network: Network, statement: Statement, shown: Sequence[Json]) -> Witness | None:
    """A point where the statement is false of its network, if one of the cheap ones is; `shown` are its own points."""
    size = sum(len(row) + 1 for layer in network.maps for _, row in layer.rows) + len(statement.definitions)
    size += 16 * sum(n for _, n, *_ in (*statement.requires, *statement.ensures))
    tries = max(FEWEST, min(MOST, WORK // size))
    for inputs in islice(cheap_points(network.inputs, statement, shown), tries):
        found = wrong_at(network, statement, inputs)
        if found is not None:
            return found
    return None


def wrong_at(
    network: Network, statement: Statement, inputs: Sequence[Number], index: Sequence[int] | None = None
) -> Witness | None:
    """The witness if the statement is false at these inputs, at this index or, without one, at some of a few."""
    outputs = [_plain(one) for one in evaluate(network, inputs)]
    indices = islice(cheap_indices(statement, inputs, outputs), INDICES) if index is None else [index]
    try:
        for one in indices:
            if _wrong(statement, values(statement, inputs, one, outputs)):
                found = refutes(statement, [Fraction(number) for number in inputs], one)
                if found is not None:
                    return found
    except Refused:  # numbers too long for the kernel: no witness that it would take
        return None
    return None


def false_at(network: Network, statement: Statement, inputs: Sequence[Number], index: Sequence[int]) -> bool:
    """Whether the statement is false at a point, lattices aside: fast, and for `refutes` to confirm."""
    outputs = [_plain(one) for one in evaluate(network, inputs)]
    return _wrong(statement, values(statement, inputs, index, outputs))


def blamed(program: Sequence[Expr], inputs: Sequence[Fraction]) -> str:
    """Which gadget of a program that is wrong at these inputs breaks its word, and where; "" if none is seen to.

    Its contract is tried at the arguments of its calls there, and at cheap points. Raises ProgramError for one that
    says nothing.
    """
    from relumax.language.contract import contract_spec
    from relumax.network.compile import compile

    calls = [node for node in topological(program) if node.op == "call"]
    of: dict[Gadget, list[Json]] = {}
    arguments = [argument for node in calls for argument in node.args[1:]]
    known = dict(zip(arguments, run(arguments, inputs), strict=True)) if arguments else {}
    for node in calls:
        if isinstance(node.data, tuple) and isinstance(node.data[0], Gadget):  # a value with an outline is no gadget's
            of.setdefault(node.data[0], []).append(point([known[one] for one in node.args[1:]]))
    for gadget, shown in of.items():
        try:
            spec = contract_spec(gadget, shown[:1])
        except ContractError:  # of more than sums: flat looks at the body
            continue
        network = compile(gadget.body(variables(gadget.arity)), gadget.arity)
        (statement,) = Claim(spec.claim(), read_network(to_json(network), ENDLESS)).statements
        witness = falsify(network, statement, shown)
        if witness is not None:
            return broken(gadget, witness)
    return ""


def broken(gadget: Gadget, witness: Witness) -> str:
    """That a gadget does not keep its contract, with the point that shows it."""
    names = gadget.function.__code__.co_varnames
    at = ", ".join(f"{name} = {value}" for name, value in zip(names, witness.inputs, strict=False))
    return f"gadget {gadget.name} does not keep its contract: at {at} it gives {', '.join(map(str, witness.outputs))}"


def _plain(number: Fraction) -> Number:
    """An integer where it is one: their arithmetic is far faster."""
    return number.numerator if number.denominator == 1 else number


def values(
    statement: Statement, inputs: Sequence[Number], index: Sequence[int], outputs: Sequence[Number]
) -> list[Any]:
    """The values of the statement's variables, in their order; units, of which no clause speaks, have none."""
    found: list[Any] = [*inputs, *[None] * len(statement.network.units), *outputs, *index]
    for kind, _, data in statement.definitions:
        if kind == "read":
            array, w = data
            found.append(found[array.base + array.stride * found[w]])
        elif kind in ("max", "min"):
            best = max(_at(one, found) for one in data)
            found.append(best if kind == "max" else -best)
        else:
            t = _at(data, found)
            found.append(t if kind == "form" else max(t, 0) if kind == "relu" else int(t >= 0))
    return found


def _at(form: Any, found: Sequence[Any]) -> Number:
    total = constant(form)
    for v, c in terms(form):
        total += c * found[v]
    return total if form[0] == 1 else Fraction(total, form[0])


def _wrong(statement: Statement, found: list[Any]) -> bool:
    """Whether all that is required holds for these values, and something that is ensured does not."""
    return meets(statement, found) and not all(_true(at(i), found) for at, n, *_ in statement.ensures for i in range(n))


def meets(statement: Statement, found: list[Any]) -> bool:
    """Whether all that is required holds for these values."""
    for at, n, _, winner in statement.requires:
        if winner is not None and winner[1] is not None:
            array, (p, q) = winner
            if any(Fraction(found[v]) * q / p % 1 for v in array.variables()):
                return False
        if not all(_true(at(i), found) for i in range(n)):
            return False
    return True


def _true(fact: Any, found: list[Any]) -> bool:
    return any(all(_holds(one, found) for one in branch) for branch in branches(fact))


def _holds(one: Any, found: list[Any]) -> bool:
    total = _at((1, *one[1:]), found)
    return total == 0 if one[0] == EQ else total <= 0 if one[0] == LE else total < 0


def cheap_indices(
    statement: Statement, inputs: Sequence[Number], outputs: Sequence[Number]
) -> Iterator[tuple[int, ...]]:
    """Values for the indices: of a winner those where its array is largest, of any other all that there are."""
    ranges: dict[int, Sequence[int]] = {w: range(n) for _, n, w in statement.indices}
    if statement.indices:
        known = values(statement, inputs, [0] * len(statement.indices), outputs)
        for array, w in won(statement):
            elements = [known[v] for v in array.variables()]
            best = max(elements)
            ranges[w] = [i for i, one in enumerate(elements) if one == best]
    return product(*(ranges[w] for _, _, w in statement.indices))


def won(statement: Statement) -> list[tuple[Any, int]]:
    """Each array of which a winner is required, with the variable of its index."""
    arrays = {id(winner[0]) for *_, winner in statement.requires if winner is not None}
    return [data for kind, _, data in statement.definitions if kind == "read" and id(data[0]) in arrays]


def cheap_points(n: int, statement: Statement, shown: Sequence[Json]) -> Iterator[list[Number]]:
    """Points in the order in which they are tried, without end; multiples of a step that lies on every lattice."""
    scale = _plain(_scale(statement))
    for whole in _whole(n, shown):
        yield whole if scale == 1 else [scale * one for one in whole]


def _scale(statement: Statement) -> Fraction:
    """A step whose multiples lie on every lattice of a winner."""
    winners = [winner for *_, winner in statement.requires if winner is not None]
    pitches = [Fraction(*pitch) for _, pitch in winners if pitch is not None]
    den = lcm(*(one.denominator for one in pitches))
    return Fraction(lcm(*(int(one * den) for one in pitches)), den)


def _whole(n: int, shown: Sequence[Json]) -> Iterator[list[Number]]:
    random = _Random(n)
    yield [0] * n
    for one in islice(shown, 2):
        den, *numbers = map(int, one["inputs"])
        yield [_plain(Fraction(number, den)) for number in numbers]
    for k in sorted({0, n - 1}):
        for sign in (1, -1):
            yield [sign * (i == k) for i in range(n)]
    yield [*[0] * (n - 1), Fraction(1, 2)]
    yield [i - n for i in range(n)]
    yield [n - i for i in range(n)]
    while True:
        size = random.choice((1, 3, 10, 1000, 10**6))
        some = [random.below(2 * size + 1) - size for _ in range(n)]
        yield list(some)
        tie = max(some)
        yield [random.choice((tie, one)) for one in some]
        yield [random.choice((-size, size)) for _ in range(n)]
        yield [_plain(Fraction(one, random.choice((2, 3, 8)))) for one in some]


class _Random:
    """Numbers that look random, the same in every run: a linear congruence (`random` takes longer to import)."""

    __slots__ = ("state",)

    def __init__(self, seed: int):
        self.state = seed

    def below(self, n: int) -> int:
        """An integer from 0 to n - 1."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 33) % n

    def choice(self, options: Sequence[Any]) -> Any:
        """One of them."""
        return options[self.below(len(options))]
