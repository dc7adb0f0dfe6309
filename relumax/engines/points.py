"""Points that meet what is required: what a statement must show, lest it be true of nothing.

First a few cheap points are tried, then z3 is asked. Where it says that there is none, the requirements that contradict
each other are named, with the multiples of them whose sum is false where they are inequalities.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from fractions import Fraction
from itertools import islice
from typing import Any, NoReturn

from relumax.engines import smt
from relumax.engines.contracts import facts_about
from relumax.engines.falsify import cheap_indices, cheap_points, meets, values
from relumax.engines.lemmas import ENDLESS
from relumax.engines.script import Value
from relumax.engines.search import GaveUp
from relumax.engines.simplex import Simplex, integral
from relumax.errors import SpecError
from relumax.kernel.network import read_network
from relumax.kernel.proof import Context, branches
from relumax.kernel.statement import Claim, Statement
from relumax.kernel.text import text
from relumax.kernel.wire import EQ, LE, LT, atom
from relumax.language.condition import clause_json
from relumax.language.expr import inputs
from relumax.language.gadget import Gadget
from relumax.language.spec import Json, Spec, point

TRIES = 24
"""Cheap points that are tried."""
SECONDS = 10.0
"""What z3 may take for a point."""
FEW = 40
"""Requirements of which each is left out once, to see which contradict each other."""
SHOWN = 6
"""Requirements that are shown to contradict each other."""
FALSE: Value = (LE, 1, ())
"""1 <= 0: as the goal of a context, a model of its negation is a point."""


def meeting(gadget: Gadget) -> Json:
    """Arguments that meet the gadget's hypotheses; raises SpecError if there are none."""
    arguments = inputs(gadget.arity)
    context = Context(gadget.arity, ENDLESS, [])
    context.goals = [FALSE]
    try:
        for condition in gadget.given(arguments):
            for fact in facts_about(condition, {}):
                context.add(fact)
    except GaveUp as problem:
        raise SpecError(f"gadget {gadget.name}: {problem}") from None
    answer = smt.decide(context, [], [], SECONDS)
    if answer.result != "sat":
        raise SpecError(f"gadget {gadget.name}: no arguments meet its `requires`")
    return point([answer.model.get(v, 0) for v in range(gadget.arity)])


def pointed(spec: Spec) -> Spec:
    """The spec with points for every statement that needs some and has none; raises SpecError if nothing meets it."""
    needy = [(one["requires"] or one["index"]) and not one["points"] for one in spec.statements]
    if not any(needy):
        return spec
    output = {"den": 1, "rows": [[0]] * spec.height}  # of a network of which nothing is asked
    network = read_network({"inputs": spec.width, "layers": [], "output": output}, ENDLESS)
    made = Claim(spec.claim(), network).statements
    return spec.shown(
        [[*_Needy(spec, k, made[k]).shown()] if needs else spec.points()[k] for k, needs in enumerate(needy)]
    )


class _Needy:
    """Statement k of the spec, which has no points; `statement` is what the kernel reads."""

    def __init__(self, spec: Spec, k: int, statement: Statement):
        self.spec, self.k, self.json, self.statement = spec, k, spec.statements[k], statement

    def shown(self) -> Iterator[Json]:
        """Points that meet what is required; each index is at its first value in one, and at its last."""
        indices = self.statement.indices
        wanted = {(place, end): None for place, (_, n, _) in enumerate(indices) for end in (0, n - 1)}
        for numbers, index in self._cheap():
            new = wanted.keys() & set(enumerate(index))
            if new or not indices:
                yield point(numbers, index)
            wanted = {one: None for one in wanted if one not in new}
            if not wanted:
                return
        for place, end in wanted or [(0, None)]:
            if (place, end) in wanted or not indices:
                numbers, index = self._asked(place, end)
                wanted = {one: None for one in wanted if one not in set(enumerate(index))}
                yield point(numbers, index)

    def _cheap(self) -> Iterator[tuple[list[Fraction], list[int]]]:
        """The inputs and indices among the cheap points that meet what is required."""
        statement, outputs = self.statement, [0] * self.spec.height
        for numbers in islice(cheap_points(self.spec.width, statement, []), TRIES):
            for index in islice(cheap_indices(statement, numbers, outputs), TRIES):
                if meets(statement, values(statement, numbers, index, outputs)):
                    yield [Fraction(one) for one in numbers], [*index]

    def _asked(self, place: int, end: int | None) -> tuple[list[Fraction], list[int]]:
        """The point that z3 has, where an index has a value; raises SpecError if there is none."""
        statement = self.statement
        name, _, w = statement.indices[place] if end is not None else ("", 0, 0)
        fixed = [] if end is None else [atom(EQ, -end, ((w, 1),))]
        where = f" with {name} = {end}" if end is not None else ""
        answer = _decided(statement, statement.requires, fixed)
        if answer.result == "unsat":
            self._empty(f"no input{where} meets the promise", fixed)
        if answer.result == "sat":
            numbers = [answer.model.get(v, Fraction(0)) for v in range(self.spec.width)]
            index = [int(answer.model.get(w, 0)) for _, _, w in statement.indices]
            if meets(statement, values(statement, numbers, index, [0] * self.spec.height)):
                return numbers, index
        raise SpecError(
            f"no point{where} was found that meets what is required (a statement in Python may give points=)"
        )

    def _empty(self, first: str, fixed: list[Value]) -> NoReturn:
        """Raise SpecError: which requirements contradict each other, and the sum that shows it."""
        statement = self.statement
        core = [*range(len(statement.requires))]
        for one in [*core] if len(core) <= FEW else []:
            fewer = [other for other in core if other != one]
            if _decided(statement, [statement.requires[k] for k in fewer], fixed).result == "unsat":
                core = fewer
        said = [self._said(self.json["requires"][k]) for k in core]
        more = f" and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
        how = "can never be" if len(said) == 1 else "contradict each other"
        message = f"{first}: {' and '.join(said[:SHOWN])}{more} {how}{self._sum(core)}"
        if self.spec.words is not None and core:
            from relumax.language.theorem.tokens import wrong

            text, places = self.spec.words
            wrong(text, places[self.k][core[0]], message)
        raise SpecError(message)

    def _said(self, requirement: Json) -> str:
        """One requirement, as the theorem says it."""
        one = {**self.json, "requires": [requirement]}
        [sentence] = text({"arrays": self.spec.arrays, "statements": [one]})
        said = sentence.partition(" such that ")[2].partition(": ")[0]
        return f"({said})" if any(f" {word} " in said for word in ("and", "or", "for")) else said

    def _sum(self, core: Sequence[int]) -> str:
        """The multiples of what is required whose sum is false; "" where it takes more to see it."""
        simplex = Simplex()
        atoms: list[Value] = []
        for at, n, _, winner in [self.statement.requires[k] for k in core]:
            facts = [at(i) for i in range(n)] if winner is None else []
            atoms += [one for fact in facts if len(branches(fact)) == 1 for one in branches(fact)[0]]
        conflicts = (simplex.add(one, k) for k, one in enumerate(atoms))
        found = next((one for one in conflicts if one is not None), None) or simplex.check()
        if found is None:
            return ""
        used = [(m, atoms[k]) for k, m in integral(found).items() if isinstance(k, int)]
        if len(used) > SHOWN:
            return ""
        sign = "<" if any(one[0] == LT for _, one in used) else "<="
        parts = [f"{'' if m == 1 else f'{m} '}({self._said(self._clause(one))})" for m, one in used]
        return f": {' + '.join(parts)} is {sum(m * one[1] for m, one in used)} {sign} 0" if len(parts) > 1 else ""

    def _clause(self, one: Value) -> Json:
        """An atom as a requirement, with the names of its variables."""
        names: dict[int, str] = {}
        for name, array in self.statement.names.items():
            if array.length is None:
                names[array.base] = name
            else:
                names |= {v: f"{name}[{k}]" for k, v in enumerate(array.variables())}
        names |= {v: f"{name}[{w}]" for (name, w), v in self.statement.reads.items()}
        relation, const, terms = one
        word = {EQ: "=", LE: "<=", LT: "<"}[relation]
        named = [part for v, c in terms for part in (c, names[v])]
        return clause_json([[[word, const, *named]]], None, None)


def _decided(statement: Statement, requires: Sequence[Any], fixed: list[Value]) -> smt.Answer:
    """z3's answer to whether these requirements can be met, and the facts `fixed` with them."""
    less = copy(statement)
    less.requires = [*requires]
    context = less.context(ENDLESS, [])
    context.goals = [FALSE]
    counts = [n if each else 0 for _, n, each, _ in requires] + [n for _, n, _ in statement.indices]
    picks = [context.pick(k, i, "") for k, n in enumerate(counts) for i in range(n)]
    return smt.decide(context, picks, fixed, SECONDS)
