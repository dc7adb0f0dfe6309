"""From the parts of sentences to a spec: arrays, definitions, what is required and what is ensured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relumax.kernel.errors import Malformed
from relumax.kernel.statement import _fresh as new_name
from relumax.language.expr import Expr
from relumax.language.spec import THEOREM, Json, Spec, array, wire
from relumax.language.theorem.cases import clauses, defined
from relumax.language.theorem.nodes import Definition, Node, Sentence
from relumax.language.theorem.places import Place, arrays_of, below
from relumax.language.theorem.tokens import wrong
from relumax.language.theorem.unsaid import said_of_all
from relumax.language.theorem.values import Known, Row, scalar, value


def spec_of(text: str, sentences: Sequence[Sentence]) -> Spec:
    """The spec that the sentences state together; raises TheoremError."""
    places = arrays_of(text, sentences)
    statements = [_statement(text, one, places) for one in sentences]
    spec = Spec([array(*one) for one in places], [one for one, _ in statements])
    spec.words = text, [at for _, at in statements]
    said_of_all(text, spec)
    spec.name = THEOREM
    return spec


def _statement(text: str, one: Sentence, places: Sequence[Place]) -> tuple[Json, list[int]]:
    """One statement as the kernel reads it, and where each requirement begins. Its points are for the engines."""
    spaces = {place.name: (place.of, place.length) for place in places}
    taken: dict[str, object] = {}
    named = [(space.name, space.at) for space in (*one.inputs, *one.outputs)]
    named += [(name, one.at) for name in spaces if name not in dict(named)]
    for name, at in [*named, *((name, at) for name, _, at in one.indices), *((d.name, d.at) for d in one.where)]:
        try:
            new_name(name, "", taken)
        except Malformed as problem:
            wrong(text, at, f"{name}: it is defined twice" if name in taken else f"{name}: {problem.reason}")
        taken[name] = None
    known = Known(text, spaces, {name: n for name, n, _ in one.indices}, {*taken})
    for definition in _in_order(one, known):
        _define(definition, known)
    promises = [*_boxes(one), *_joined(one.promises)]
    requires = [(found, node.at) for node in promises for found in _required(node, known)]
    ensures = [found for node in one.body for found in clauses(node, known, split=False)]
    index = [[name, n] for name, n, _ in one.indices]
    found = {"define": known.said.made, "ensures": ensures, "index": index, "points": []}
    return {**found, "requires": [one for one, _ in requires]}, [at for _, at in requires]


# ---------------------------------------------------------------- promises


def _boxes(one: Sentence) -> Iterator[Node]:
    """What the boxes of the inputs promise: low <= x[i] <= high for each i."""
    for space in one.inputs:
        if space.box is not None:
            low, high = space.box
            several = (space.length or 1) > 1
            element = Node("name", space.at, (), (space.name, "i" if several else None))
            between = Node("compare", space.at, (low, element, high), ("<=", "<="))
            yield Node("each", space.at, (between,), (space.length, "", "")) if several else between


def _joined(promises: Node | None) -> tuple[Node, ...]:
    """What is promised, each on its own."""
    if promises is None:
        return ()
    return promises.parts if promises.kind == "and" else (promises,)


def _required(node: Node, known: Known) -> list[Json]:
    inner = node
    while inner.kind == "round":
        inner = inner.parts[0]
    if inner.kind == "winner":
        return [_winner(inner, known)]
    found = clauses(node, known, split=True)
    for name in (ref for one in found for branch in one["any"] for atom in branch for ref in atom[3::2]):
        if known.outside(name):
            known.fail(node.at, f"a promise speaks of inputs only, and {name} is an output")
    return found


def _winner(node: Node, known: Known) -> Json:
    won = node.data
    n = known.said.arrays.get(won.of)
    if n is None or known.outside(won.of):
        known.fail(node.at, f"{won.of} is no array of inputs or of defined values")
    if known.indices.get(won.at) != n:
        known.fail(node.at, f"there is no index {won.at} < {n}, as long as {won.of}")
    before, after, lattice = [
        one and [wire(part) if isinstance(part, int) else part for part in one]
        for one in (won.before, won.after, won.lattice)
    ]
    return {"winner": won.at, "of": won.of, "before": before, "after": after, "lattice": lattice}


# ---------------------------------------------------------------- definitions


def _inputs_only(programs: Sequence[Expr], at: int, known: Known) -> None:
    if any(known.speaks_outside(one) for one in programs):
        known.fail(at, "a definition speaks of inputs only, and this one of outputs")


def _in_order(one: Sentence, known: Known) -> Iterator[Definition]:
    """The definitions, each after those it speaks of, else as they are written."""
    of = {definition.name: definition for definition in one.where}
    done: set[str] = set()
    for first in one.where:
        open_: list[str] = []
        pending = [first.name]
        while pending:
            name = pending[-1]
            if name in done:
                pending.pop()
                continue
            if open_ and open_[-1] == name:
                pending.pop()
                done.add(open_.pop())
                yield of[name]
                continue
            if name in open_:
                known.fail(of[name].at, f"{name} is defined by itself")
            open_.append(name)
            spoken = {node.data[0]: None for node in below(of[name].meaning) if node.kind == "name"}
            pending += [one for one in spoken if one in of and one not in done]


def _define(definition: Definition, known: Known) -> None:
    """Define it in the statement."""
    name, meaning = definition.name, definition.meaning
    if definition.each:
        _define_each(definition, known)
    elif meaning.kind == "round":
        found = scalar(meaning, known)
        _inputs_only([found], definition.at, known)
        known.said.array(name, [found])
    elif isinstance(row := value(meaning, known), Row):
        elements = [row.element(k) for k in range(row.length)]
        _inputs_only(elements, definition.at, known)
        known.said.array(name, elements)
    else:
        _inputs_only([row], definition.at, known)
        known.said.scalar(name, row)
        known.scalars.add(name)


def _define_each(definition: Definition, known: Known) -> None:
    """`a[i] = ... for each i < n`."""
    known.bound, known.reads = True, []
    found = scalar(definition.meaning, known)
    known.bound, n = False, definition.n
    for length, at, name in known.reads:
        if n not in (None, length):
            known.fail(at, f"{name} has {length} elements, and there are {n} i")
        n = length
    if n is None:
        known.fail(definition.at, "for how many i? write `for each i < n`")
    _inputs_only([found], definition.at, known)
    defined(definition.name, found, n, known)
