"""The lemmas a proof uses: proved once, numbered as they are first needed, instantiated by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from relumax.engines.script import (
    INSTANCE,
    Block,
    Fact,
    Head,
    Step,
    Value,
    facts_of,
    variable_of,
    wire_fact,
    wire_form,
    write,
)
from relumax.engines.search import Search
from relumax.kernel.proof import Context, substituted
from relumax.kernel.wire import Fuel

Form = tuple[int, int, tuple[tuple[int, int], ...]]
ENDLESS = Fuel(1 << 200)


def unit_table(context: Context) -> dict[tuple[int, Form], int]:
    """The first unit of each kind and form."""
    found: dict[tuple[int, Form], int] = {}
    for v, unit in context.units.items():
        found.setdefault(unit, v)
    return found


class Lemma:
    """A lemma before its proof: number of variables, units (kind, form), hypotheses and conclusions (kernel facts).

    For a gadget, `results` are the forms of its results, `depth` the layers between arguments and results.
    """

    __slots__ = ("depth", "given", "results", "then", "units", "variables")

    def __init__(
        self,
        variables: int,
        units: Sequence[tuple[int, Form]],
        given: Sequence[Value],
        then: Sequence[Value],
        results: Sequence[Form] = (),
        depth: int = 0,
    ):
        self.variables, self.units, self.given, self.then = variables, list(units), list(given), list(then)
        self.results, self.depth = list(results), depth


def relu_bounds() -> Lemma:
    """h = relu(t) gives h >= 0 and h >= t."""
    return Lemma(1, [(0, (1, 0, ((0, 1),)))], [], [(1, 0, ((1, -1),)), (1, 0, ((0, 1), (1, -1)))])


def step_bounds() -> Lemma:
    """h = step(t) gives 0 <= h <= 1."""
    return Lemma(1, [(1, (1, 0, ((0, 1),)))], [], [(1, 0, ((1, -1),)), (1, -1, ((1, 1),))])


NAMED: dict[str, Callable[[], Lemma]] = {"relu_bounds": relu_bounds, "step_bounds": step_bounds}


class Lemmas:
    """The lemma table of one certificate."""

    def __init__(self) -> None:
        self.wire: list[dict[str, Any]] = []
        self._number: dict[Any, int] = {}
        self._lemmas: list[Lemma] = []

    def number(self, key: Any, shape: Callable[[], Lemma], proof: Callable[[Context], Block] | None = None) -> int:
        """The lemma known as `key`; on first use it is shaped, proved (by `proof`, or a case tree) and added."""
        if key not in self._number:
            made = shape()
            context = Context(made.variables, ENDLESS, [])
            for kind, value in made.units:
                context.add_unit(kind, value)
            for fact in made.given:
                context.add(fact)
            context.goals = made.then
            block = (proof or case_tree)(context)
            self.wire.append(
                {
                    "vars": made.variables,
                    "units": [[kind, *wire_form(value)] for kind, value in made.units],
                    "given": [wire_fact(one) for one in made.given],
                    "then": [wire_fact(one) for one in made.then],
                    "proof": write(block, len(context.facts)),
                }
            )
            self._number[key] = len(self.wire) - 1
            self._lemmas.append(made)
        return self._number[key]

    def use(self, name: str, arguments: Sequence[Any], values: Sequence[Form]) -> list[Step]:
        """Steps that use a named lemma; `values` are the forms of its variables, then of its units if known."""
        number = self.number(name, NAMED[name])
        return [self.instance(number, arguments, values)]

    def instance(
        self, number: int, arguments: Sequence[Any], values: Sequence[Form], given: Sequence[Fact] = ()
    ) -> Step:
        """An instance of lemma `number`; `values` are the forms of its variables and its units."""
        shape = self._lemmas[number]
        made = [f for fact in shape.then for f in facts_of(substituted(fact, values, ENDLESS))]
        uses = *given, *[a.fact for a in arguments if isinstance(a, Head)]
        units = [pairs[0][0] for _, _, pairs in values[shape.variables :]]
        named = list(arguments)
        for (_, value), v in zip(shape.units, units, strict=True):
            k = variable_of(value)
            if k is not None and k < shape.variables and isinstance(named[k], list):
                named[k] = [v]  # the form of that unit
        while len(units) > 1 and units[-1] == units[-2] + 1:
            units.pop()  # those after the last one named need no name
        operands = number, len(named) + len(units), *named, *units, len(given), *given
        return Step(INSTANCE, operands, uses, made)  # there may be one for each unit: tuples take less room

    def lemma(self, number: int) -> Lemma:
        """The lemma of this number."""
        return self._lemmas[number]


def case_tree(context: Context) -> Block:
    """A proof of the context's goals by splitting its own units."""
    search = Search()
    for number in range(len(context.facts)):
        fact = Fact(context.fact(number, ""), number)
        search.assume([fact])
    for variable in context.units:
        search.units[variable] = search.clauses.pop(0)
    return search.prove(context.goals)
