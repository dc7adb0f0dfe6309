"""Outlines followed: what is stated of a leaf is derived from what is required there, a join is a lemma proved once.

A lemma about a join has a variable for each value of its parts, for each of the numbers lo, mid, hi, for each name of
the statement that the invariant speaks of, and for each unit and call of the join's own program. It is given what is
stated of the parts, what the calls ensure, and lo <= mid, mid + 1 <= hi; so it does not depend on where in the fold,
or on which layer of the network, it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache, partial
from typing import Any, NamedTuple

from relumax.engines import smt
from relumax.engines.contracts import Body, ensured, facts_about
from relumax.engines.forms import constant, shifted
from relumax.engines.lemmas import ENDLESS, Form, Lemma
from relumax.engines.maxima import from_given
from relumax.engines.meanings import Meanings
from relumax.engines.notebook import Notebook, branches_of, mentioned, variables_of
from relumax.engines.script import Block, Fact, Value
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LE, MAX, Context, difference, substituted, variable
from relumax.kernel.statement import Statement
from relumax.language.condition import Condition, programs_of
from relumax.language.expr import Expr, inputs, substitute, topological
from relumax.language.gadget import Gadget
from relumax.language.outline import Invariant, Place, Stated, conditions_of, parameters_of, told
from relumax.words import INVARIANT

FEW = 200
"""Leaves of the case tree of what is stated of one leaf."""


SECONDS = 10.0
"""For a point where what is stated fails."""
SIDES = ["left", "right"]


class FalseInvariant(GaveUp):
    """What is stated does not follow: of which step, which condition, and where it fails."""


class _Unmet(GaveUp):
    """The same of a step and of all that are alike; `says(label)` names the step, and the point."""

    def __init__(self, says: Callable[[str], str]):
        super().__init__(says)
        self.says = says


class Join(NamedTuple):
    """The lemma of a join: its number, which variables it has, the names it speaks of, facts it is given of calls."""

    number: int
    used: list[int]
    names: list[str]
    body: Body
    kept: list[list[int]]


class Invariants:
    """What a program states of its parts, as far as one statement has the words for it.

    Each invariant is handed on by itself: what it needs, it says.
    """

    def __init__(self, book: Notebook, meanings: Meanings):
        self.book, self.meanings = book, meanings
        self.facts: dict[Stated, dict[Invariant, list[Fact]]] = {}
        self.failed: list[tuple[Stated, _Unmet]] = []
        self.cuts: list[Fact] = []  # about arrays read at winners
        self.settle: Callable[[Value], list[Fact]] | None = None  # proves what speaks of names of the statement alone
        self._joins: dict[Any, Join | _Unmet] = {}
        self.settled: dict[Value, Fact] = {}
        self._heard: dict[tuple[Invariant, int], bool] = {}
        self._heard_here: dict[tuple[tuple[Invariant, ...], int], list[Invariant]] = {}

    def stated(self, one: Stated) -> list[Fact]:
        """The facts that are stated of these values: none if the statement has no use for them."""
        return [fact for facts in self.by_invariant(one).values() for fact in facts]

    def by_invariant(self, one: Stated) -> dict[Invariant, list[Fact]]:
        """The same, by invariant; one that cannot be proved is left out."""
        if one not in self.facts:
            found = self.facts[one] = {}
            for h in self._heard_of(one):
                self.meanings.known(one.values)
                try:
                    found[h] = self._joined(one, h) if one.parts else self._leaf(one, h)
                except _Unmet as problem:
                    self.failed.append((one, problem))
        return self.facts[one]

    def failure(self) -> FalseInvariant:
        """What fails first: of the leaves the first, else of the joins one of the lowest."""
        one, problem = min(
            self.failed, key=lambda f: (bool(f[0].parts), max(f[0].at, default=0) - min(f[0].at, default=0), f[0].at)
        )
        return FalseInvariant(f"{INVARIANT}: {problem.says(one.label)}")

    def end(self, one: Stated) -> None:
        """Where values of a root equal names of the statement, they mean just those from here on."""
        facts = self.stated(one)
        equal = dict.fromkeys(
            atom for fact in facts if fact.value[0] != MAX for branch in branches_of(fact.value) for atom in branch
        )
        for node in one.values:
            meaning = self.meanings.meaning[node]
            for name in self.spoken([one]):
                wanted = difference(meaning, variable(name), EQ)
                if wanted not in equal or meaning == variable(name):
                    continue
                try:
                    self.meanings.roots.append(self.book.derive(wanted, [*facts, *self.book.index_bounds()], FEW))
                except GaveUp:
                    continue
                self.meanings.meaning[node] = variable(name)
                break

    def spoken(self, steps: Sequence[Stated]) -> set[int]:
        """The variables that these steps speak of, those that the statement has the words for."""
        found = dict.fromkeys((h, one.size) for one in steps for h in one.holds if self._speaks(h, one))
        return {self._variable(name) for h, size in found for name in names_of(h, size)}

    def _speaks(self, h: Invariant, one: Stated) -> bool:
        if (h, one.size) not in self._heard:
            self._heard[h, one.size] = speaks(self.book.statement, h, one)
        return self._heard[h, one.size]

    def _heard_of(self, one: Stated) -> list[Invariant]:
        """The invariants that the statement has the words for; what another one of them says too is not said twice."""
        key = one.holds, one.size
        if key not in self._heard_here:
            found = [h for h in one.holds if self._speaks(h, one)]
            said = [conditions_of(h, one.size, 0) for h in found]
            keys = [{_key(condition) for condition in conditions} for conditions in said]
            again = [any(a < b or (a == b and j < k) for j, b in enumerate(keys)) for k, a in enumerate(keys)]
            self._heard_here[key] = [h for h, twice in zip(found, again, strict=True) if not twice]
        return self._heard_here[key]

    def _variable(self, reference: str) -> int:
        found = resolved(self.book.statement, reference)
        if found is None:
            raise GaveUp(f"the statement has no {reference}")
        return found

    # ---- leaves

    def _leaf(self, one: Stated, h: Invariant) -> list[Fact]:
        numbers = [constant(k) for k in one.at]
        values = [self.meanings.meaning[value] for value in one.values]
        named = {self._variable(name) for name in names_of(h, one.size)}
        near = self.about(one, named)
        found = []
        for k, wanted in enumerate(self._conditions(h, numbers, values)):
            try:
                found.append(self._derived(wanted, near, named))
                continue
            except GaveUp:
                facts = self.about(one, named, wide=True)
            try:
                found.append(self.book.derive(wanted, facts, FEW))
            except GaveUp:
                said = self._texts(h, one)[k]
                raise _Unmet(partial(self._unmet, said, wanted, [*facts, *self.book.index_bounds()], one, h)) from None
        return found

    def _unmet(self, said: str, wanted: Value, facts: Sequence[Fact], one: Stated, h: Invariant, label: str) -> str:
        """That a leaf need not meet a condition, with values that what is required there allows."""
        context = Context(self.book.context.variables, ENDLESS, [])
        context.facts, context.goals = [fact.value for fact in facts], [wanted]
        spoken = {v for fact in (wanted, *context.facts) for v in variables_of(fact)}
        shown = {name: self.meanings.meaning[v] for name, v in zip(_values_of(h, one), one.values, strict=True)}
        shown |= {name: variable(v) for v, name in self._names().items() if v in spoken}
        whole = [w for _, _, w in self.book.statement.indices if w in spoken]
        where = _where(context, shown, whole, {v: v for v in range(context.variables)})
        gives = f"allows {where}" if where else "gives no proof"
        return f"{label} need not meet {said}: what is required there {gives}"

    def _texts(self, h: Invariant, one: Stated) -> list[str]:
        """For each fact that says that the invariant holds, the condition it is of."""
        zero = dict.fromkeys(inputs(one.size), constant(0))
        found = []
        for condition in conditions_of(h, one.size, 0):
            named = zero | dict.fromkeys(symbols_in(condition), constant(0))
            found += [told(condition, h, one.size)] * len(facts_about(condition, named))
        return found

    def _derived(self, wanted: Value, facts: Sequence[Fact], named: set[int]) -> Fact:
        """What is stated, from facts about the leaf; of names of the statement alone perhaps by cases over an index."""
        if wanted in self.settled:
            return self.settled[wanted]
        try:
            return self.book.derive(wanted, facts, FEW)
        except GaveUp:
            if self.settle is None or not mentioned(wanted) <= named:
                raise
            self.settled[wanted], *_ = self.settle(wanted)  # the same at each leaf
            return self.settled[wanted]

    def _names(self) -> dict[int, str]:
        """What a statement calls its variables."""
        statement = self.book.statement
        found = {v: f"{name}[{k}]" for v, (name, k) in self.book.places.items()}
        found |= {v: f"{name}[{at}]" for (name, at), v in statement.reads.items()}
        return found | {one.base: name for name, one in statement.names.items() if one.length is None}

    def about(self, one: Stated, named: set[int], wide: bool = False) -> list[Fact]:
        """What is required at a leaf, what defines the elements there, and what is known of its values.

        If the search is `wide`: also of an index that is not named, and of elements that the values read.
        """
        book, statement, exprs = self.book, self.book.statement, one.values
        found: dict[Fact, None] = {}
        evidence = self.meanings.evidence(exprs, self.stated)
        met = dict.fromkeys(v for e in exprs for v, _ in self.meanings.meaning[e][2])
        met |= dict.fromkeys(v for fact in evidence for v in sorted(variables_of(fact.value)))
        read = [book.places[v][1] for v in met if v in book.places]
        for i in dict.fromkeys([*one.at, *(read if wide else ())]):
            for number, required in book.required.items():
                if wide or book.index_of.get(number) in (None, *named):
                    found |= dict.fromkeys(required[i] if i < len(required) else ())
            for name in dict.fromkeys(name for name, _ in statement.reads):
                array = statement.names[name]
                if array.kind != "out" and i < array.length:
                    found |= dict.fromkeys(book.definition(array.base + array.stride * i))
        found |= dict.fromkeys(evidence)
        for fact in list(found):
            met |= dict.fromkeys(sorted(mentioned(fact.value))) if fact.value[0] != MAX else {}
        met |= dict.fromkeys(sorted(named))
        waiting = [(fact, sorted(mentioned(fact.value))) for fact in (*self.cuts, *book.plain)]
        while near := [one for one in waiting if any(v in met for v in one[1])]:
            for fact, variables in near:
                found[fact] = None
                met |= dict.fromkeys(variables)
            waiting = [one for one in waiting if one[0] not in found]
        for v in met:
            known = book.by_variable.get(v, ())
            found |= dict.fromkeys(f for f in known if all(u == v or u in named for u, _ in f.value[2]))
            found |= dict.fromkeys(book.definition(v))
        return list(found)

    # ---- joins

    def _joined(self, one: Stated, h: Invariant) -> list[Fact]:
        book, meanings = self.book, self.meanings
        join = self._lemma(one, h)
        actual = [value for part in one.parts for value in part.values]
        atoms = substitute(join.body.atoms, actual) if join.body.atoms else []
        meanings.known([*actual, *atoms])
        values = [meanings.meaning[value] for value in actual]
        values += [constant(k) for k in one.numbers]
        values += [variable(self._variable(name)) for name in join.names]
        values += [meanings.meaning[atom] for atom in atoms]
        given = [fact for part in one.parts for facts in self._given(one, part, h).values() for fact in facts]
        for r, gap, s in one.order:
            given.append(book.fact(difference(constant(one.numbers[r] + gap), constant(one.numbers[s]), LE)))
        for atom, kept in zip(atoms, join.kept, strict=True):
            facts = meanings.contract(atom) if atom.op == "call" else [meanings.clauses[atom]]
            given += [facts[k] for k in kept]
        return book.instance(join.number, [values[v] for v in join.used], given)

    def _given(self, one: Stated, part: Stated, h: Invariant) -> dict[Invariant, list[Fact]]:
        """What a join is given of a part: the same invariant, or else all there are."""
        known, heard = self.by_invariant(part), self._heard_of(part)
        wanted = [h] if h in heard else heard
        if not all(g in known for g in wanted):
            raise _Unmet(lambda label: f"what is stated of {label} needs what is stated of its parts")
        return {g: known[g] for g in wanted}

    def _lemma(self, one: Stated, h: Invariant) -> Join:
        """The lemma of this join and all that are alike."""
        spoken = tuple(tuple(self._given(one, part, h)) for part in one.parts)
        key = one.formal, h, spoken, one.own, one.where, one.order
        if key not in self._joins:
            try:
                self._joins[key] = self._made(one, h, spoken)
            except _Unmet as problem:
                self._joins[key] = problem
        found = self._joins[key]
        if isinstance(found, _Unmet):
            raise found
        return found

    def _made(self, one: Stated, h: Invariant, spoken: Sequence[Sequence[Invariant]]) -> Join:
        count = sum(len(part.values) for part in one.parts)
        names = dict.fromkeys(names_of(h, one.size))
        for part, invariants in zip(one.parts, spoken, strict=True):
            for g in invariants:
                names |= dict.fromkeys(names_of(g, part.size))
        roles = count + len(one.numbers)
        read = values_of(h, len(one.at), len(one.values))
        body = Body([one.formal[k] for k in read], roles + len(names), opened=False)
        results = [constant(0)] * len(one.values)
        for k, value in zip(read, body.results, strict=True):
            results[k] = value
        symbols = {name: variable(roles + k) for k, name in enumerate(names)}
        numbers = [variable(count + r) for r in range(len(one.numbers))]
        given: list[Value] = []
        start = 0
        for part, where, invariants in zip(one.parts, one.where, spoken, strict=True):
            values = [variable(start + k) for k in range(len(part.values))]
            start += len(part.values)
            for g in invariants:
                given += self._conditions(g, _at(where, numbers), values, symbols)
        given += [difference(shifted(numbers[r], gap), numbers[s], LE) for r, gap, s in one.order]
        kept = []
        for facts in _known_of(body):
            kept.append([k for k, fact in enumerate(facts) if fact is not None])
            given += [fact for fact in facts if fact is not None]
        then = self._conditions(h, _at(one.own, numbers), results, symbols)
        used = sorted({v for fact in (*given, *then) for v in variables_of(fact)})
        place = {v: variable(k) for k, v in enumerate(used)}
        fewer = [place.get(v, constant(0)) for v in range(roles + len(names) + len(body.atoms))]
        given, then = ([substituted(fact, fewer, ENDLESS) for fact in facts] for facts in (given, then))
        shown = dict(zip(_called(one, h), map(variable, range(roles)), strict=True))
        shown |= {f"joined {name}": results[k] for k, name in enumerate(_values_of(h, one)) if k in read} | symbols
        indices = {roles + k for k, name in enumerate(names) if name in {w for w, *_ in self.book.statement.indices}}
        order = {v: k for k, v in enumerate(used)}
        whole = [order[v] for v in used if count <= v < roles or v in indices]
        number = self.book.lemmas.number(
            ("joined", tuple(given), tuple(then)),
            lambda: Lemma(len(used), [], given, then),
            lambda context: self._prove(context, self._texts(h, one), partial(_where, context, shown, whole, order)),
        )
        return Join(number, used, list(names), body, kept)

    def _prove(self, context: Context, conditions: Sequence[str], where: Callable[[], str]) -> Block:
        """The lemma of a join; raises _Unmet with the first condition that is not handed on."""
        try:
            return from_given(context)
        except GaveUp as problem:
            reason = str(problem)
        for goal, said in zip(context.goals, conditions, strict=True):
            context.goals = [goal]
            if point := where():
                raise _Unmet(
                    partial("the join of {1} does not hand on {0}".format, f"{said}: its parts may have {point}")
                )
        raise _Unmet(lambda label: f"what is stated of {label} has no proof from its parts: {reason}")

    def _conditions(
        self,
        h: Invariant,
        numbers: Sequence[Form],
        values: Sequence[Form],
        symbols: dict[str, Form] | None = None,
    ) -> list[Value]:
        """The facts that say that the invariant holds at these numbers and values."""
        places = inputs(len(numbers) + len(values))
        named = dict(zip(places, [*numbers, *values], strict=True))
        found = []
        for condition in conditions_of(h, len(places), 0):
            for name in symbols_in(condition):
                reference = str(name.data)
                named[name] = symbols[reference] if symbols is not None else variable(self._variable(reference))
            found += facts_about(condition, named)
        return found


def _at(places: Sequence[Place], numbers: Sequence[Form]) -> list[Form]:
    return [shifted(numbers[role], offset) if offset else numbers[role] for role, offset in places]


def _values_of(h: Invariant, one: Stated) -> list[str]:
    """What an invariant calls the values of a step."""
    return parameters_of(h, one.size)[len(one.at) :]


def _called(one: Stated, h: Invariant) -> list[str]:
    """What the variables of a join's lemma are called: `left.m`, `right.m`, then its numbers."""
    sides = SIDES if len(one.parts) == len(SIDES) else [f"part{k}" for k in range(len(one.parts))]
    found = [
        f"{side}.{name}"
        for side, part in zip(sides, one.parts, strict=True)
        for name in _values_of(h if h in part.holds else part.holds[0], part)
    ]
    own = dict(zip(one.own, parameters_of(h, one.size), strict=False))
    middle = {r for places in one.where for r, offset in places if offset}
    return [*found, *(own.get((r, 0), "mid" if {r} == middle else f"number{r}") for r in range(len(one.numbers)))]


def _where(context: Context, shown: dict[str, Form], whole: Sequence[int], order: dict[int, int]) -> str:
    """Values at which the goals of a context fail, if z3 finds some: `whole` are 0, 1, 2, ... where that can be.

    `order` says which variable of the context is which of the forms that are shown.
    """
    for integers in ([*whole], []):
        natural: list[Value] = [(LE, 0, ((v, -1),)) for v in integers]
        answer = smt.decide(context, [], natural, SECONDS, integers=integers)
        if answer.result == "sat":
            said = []
            for name, (den, const, terms) in shown.items():
                if all(v in order for v, _ in terms):
                    value = Fraction(const + sum(c * answer.model.get(order[v], 0) for v, c in terms)) / den
                    said.append(f"{name} = {value}")
            return ", ".join(said)
        if not integers:
            break
    return ""


def _known_of(body: Body) -> Iterator[list[Value | None]]:
    """For each atom of a join's program what is known of it: a unit's clause, a call's contract (at its first result).

    None stands for what is about a result that is not used.
    """
    clauses = iter(body.given)
    seen: dict[tuple[object, tuple[Expr, ...]], dict[int, Form]] = {}
    for atom in body.atoms:
        if atom.op == "call" and isinstance(atom.data, tuple):
            seen.setdefault((atom.data[0], atom.args[1:]), {})[atom.data[1]] = body.forms[atom]
    for atom in body.atoms:
        if not isinstance(atom.data, tuple):
            yield [next(clauses)]
            continue
        owner, _ = atom.data
        if not isinstance(owner, Gadget):
            raise GaveUp("a fold inside a join is not followed")
        results = seen.pop((owner, atom.args[1:]), None)
        yield [] if results is None else ensured(owner, results, [body.forms[one] for one in atom.args[1:]])


def speaks(statement: Statement, h: Invariant, one: Stated) -> bool:
    """Whether the statement has all the names that the invariant of this step speaks of."""
    return all(resolved(statement, name) is not None for name in names_of(h, one.size))


def resolved(statement: Statement, reference: str) -> int | None:
    """The variable that the statement calls so."""
    name, bracket, at = reference.partition("[")
    array = statement.names.get(name)
    if array is None or (array.length is None) == bool(bracket):
        return None
    if not bracket:
        return array.base
    at = at.removesuffix("]")
    if at.isdigit():
        return array.base + array.stride * int(at) if int(at) < array.length else None
    return statement.reads.get((name, at))


def unheard(statement: Statement, steps: Sequence[Stated]) -> list[str]:
    """What invariants speak of that the statement has no name for, the first of them as a sentence."""
    for one in steps:
        for h in one.holds:
            for name in names_of(h, one.size):
                if resolved(statement, name) is None:
                    return [f"what is stated of {one.label} speaks of {name}, which the statement does not name"]
    return []


def _key(condition: Condition[Expr]) -> object:
    """Equal for conditions that say the same of the same programs, as long as these live: equal programs are one."""
    branches = [[(sign, id(value)) for sign, value in branch] for branch in condition.branches]
    return tuple(map(tuple, branches)), tuple(map(id, programs_of(condition)))


@cache
def values_of(h: Invariant, numbers: int, values: int) -> list[int]:
    """Which of the values of a node the invariant speaks of."""
    places = inputs(numbers + values)
    read = set(topological(one for condition in conditions_of(h, len(places), 0) for one in programs_of(condition)))
    return [k for k in range(values) if places[numbers + k] in read]


@cache
def names_of(holds: Invariant, count: int) -> list[str]:
    """The names of a statement that the invariant speaks of."""
    found = [str(one.data) for condition in conditions_of(holds, count, 0) for one in symbols_in(condition)]
    return list(dict.fromkeys(found))


def symbols_in(condition: Condition[Expr]) -> list[Expr]:
    """The symbols in a condition."""
    return [one for one in topological(programs_of(condition)) if one.op == "symbol"]
