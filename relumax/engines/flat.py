"""Engine `flat`: a network and a spec, and nothing else.

It makes no use of how the network came about. First it writes down lemmas and cuts: h >= 0 and h >= t of each unit
h = relu(t), h = t where t >= 0 is plain, and `v - w = t` for opposing units v = relu(t), w = relu(-t), however scaled.
Then one goal-directed case tree (`search`) proves the promises of each statement.
"""

from __future__ import annotations

from relumax.engines.cubes import prove
from relumax.engines.lemmas import Lemmas, unit_table
from relumax.engines.maxima import take_apart
from relumax.engines.script import PICK, Block, Fact, Step, Value, argument, facts_of, have
from relumax.engines.search import Search
from relumax.kernel.proof import EQ, LE, MAX, OR, RELU, Context, difference, unit_clause
from relumax.kernel.wire import atom, form

Form = tuple[int, int, tuple[tuple[int, int], ...]]


def variable_form(v: int) -> Form:
    """The form that is just the variable v."""
    return 1, 0, ((v, 1),)


class Opening:
    """The context of a statement, opened for a search: its facts, picked requirements, eliminated maxima."""

    def __init__(self, context: Context, templates: list[int], lemmas: Lemmas):
        self.context, self.lemmas, self.steps = context, lemmas, list[Step]()
        self.search = Search()
        self.atoms: list[Fact] = []
        self.nonnegative: set[int] = set()
        self.units: list[tuple[int, int, Form, Fact]] = []  # kind, variable, form, clause
        facts = []
        for number in range(len(context.facts)):
            fact = Fact(context.fact(number, ""), number)
            facts.append(fact)
        self._place(facts, context.units)
        for template, n in enumerate(templates):
            for i in range(n):
                made = facts_of(context.pick(template, i, ""))
                self.steps.append(Step(PICK, [template, i], makes=made))
                self._place(made, {})

    def _place(self, facts: list[Fact], units: dict[int, tuple[int, Form]]) -> None:
        clauses = {unit_clause(kind, value, v): (kind, v, value) for v, (kind, value) in units.items()}
        for fact in facts:
            if fact.value[0] == MAX:
                self.steps.append(take_apart(fact, self.search))
            elif fact.value in clauses:
                kind, v, value = clauses[fact.value]
                self.search.units[v] = fact
                self.units.append((kind, v, value, fact))
            else:
                self.search.assume([fact])
                if fact.value[0] == OR:
                    continue
                self.atoms.append(fact)
                relation, const, terms = fact.value
                if relation == EQ and terms:
                    self.search.define(fact, terms[-1][0])
                elif relation == LE and const >= 0 and len(terms) == 1 and terms[0][1] < 0:
                    self.nonnegative.add(terms[0][0])

    def known(self, steps: list[Step]) -> None:
        """Take the facts these steps make."""
        self.steps += steps
        for step in steps:
            self.search.assume(step.makes)
            self.atoms += step.makes

    def bounds_and_cuts(self) -> None:
        """h >= 0 and h >= t for each relu; then h = t where t >= 0 is plain, and v - w = t for opposing units."""
        seen: dict[tuple[tuple[int, int], ...], list[tuple[int, Form]]] = {}
        known = unit_table(self.context)
        for kind, v, value, _ in self.units:
            first = known[kind, value]
            if first != v:  # a second unit of the same form: an instance of a lemma would speak of the first
                self._cut(difference(variable_form(v), variable_form(first), EQ), v)
                self.search.units.pop(v, None)
                continue
            if kind != RELU:
                self.known(self.lemmas.use("step_bounds", [argument(value)], [value, variable_form(v)]))
                continue
            self.known(self.lemmas.use("relu_bounds", [argument(value)], [value, variable_form(v)]))
            self.nonnegative.add(v)
            const, terms = value[1], value[2]
            if const >= 0 and all(c > 0 and u in self.nonnegative for u, c in terms):
                self._cut(difference(variable_form(v), value, EQ), v)
                self.search.units.pop(v, None)
                continue
            direction = atom(LE, const, terms)
            opposite = atom(LE, -const, tuple((u, -c) for u, c in terms))
            for other, its in seen.get(opposite, ()):
                # h = relu(t), other = relu(-k t): h - other / k = t
                k = _ratio(its, value)
                cut = difference(variable_form(v), form(*_sum(value, other, k)), EQ)
                self._cut(cut, v)
                self.search.units.pop(v, None)
                break
            seen.setdefault(direction, []).append((v, value))

    def _cut(self, value: Value, variable: int) -> None:
        """Prove an equality about units by the case tree over the units it names, and use it to replace `variable`."""
        inner = Search()
        involved = {u for u, _ in value[2]}
        for _, v, _, clause in self.units:
            if v in involved:
                inner.units[v] = clause
        inner.assume([fact for fact in self.atoms if {u for u, _ in fact.value[2]} <= involved])
        step = have(value, inner.prove([value]))
        self.known([step])
        self.search.define(step.makes[0], variable)

    def finish(self) -> Block:
        """The whole proof of the context's goals."""
        block = prove(self.search, self.context.goals)
        return Block([], self.steps + block.steps)


def _ratio(of: Form, to: Form) -> tuple[int, int]:
    """k = p/q with of = -k * to, for opposite forms."""
    a, b = (of[1], to[1]) if of[1] else (of[2][0][1], to[2][0][1])
    return abs(a * to[0]), abs(b * of[0])


def _sum(value: Form, other: int, k: tuple[int, int]) -> tuple[int, int, tuple[tuple[int, int], ...]]:
    """The form value + other / k (a variable), as (den, const, terms)."""
    p, q = k
    den = value[0] * p
    total = {v: c * p for v, c in value[2]}
    total[other] = total.get(other, 0) + q * value[0]
    return den, value[1] * p, tuple(sorted(total.items()))


def prove_flat(context: Context, templates: list[int], lemmas: Lemmas) -> Block:
    """A proof of the goals of `context` (a statement's) by cuts and one case tree; raises GaveUp."""
    opening = Opening(context, templates, lemmas)
    opening.bounds_and_cuts()
    return opening.finish()
