"""Engine `modular`: gadget by gadget, and step by step of an outline.

Each gadget's contract is a lemma, proved once (z3 decides it, a case tree certifies it). Where the statement speaks of
maxima alone, the program is walked from the inputs: a call is an instance of its lemma at the forms its arguments have
in the *compiled network*, and every unit of the lemma must be found there by its exact form (`Gadgets`). Where a
program states invariants, or a statement defines what programs compute, each node has a meaning, the invariants are
followed from the leaves to the roots, and contracts are lemmas about meanings. Either way a network in which one weight
was changed is not the program's network, and the engine says so (`NotLocal`). What is left to say about the outputs are
small case trees (`goals`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from relumax.engines.calls import Gadgets
from relumax.engines.follow import Following
from relumax.engines.forms import combination
from relumax.engines.goals import Goals
from relumax.engines.held import Carrying
from relumax.engines.invariants import Invariants, speaks, unheard
from relumax.engines.lemmas import Form
from relumax.engines.maxima import eliminate
from relumax.engines.meanings import Meanings
from relumax.engines.notebook import Notebook
from relumax.engines.script import MERGE, Block, Fact, Step, Value
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, LT, MAX, difference
from relumax.language.expr import Expr, topological
from relumax.language.outline import Stated
from relumax.network.compile import carriers


class FalseContract(Exception):
    """A gadget does not keep its contract: (gadget, the arguments, the results there)."""


def prove_modular(
    outputs: Sequence[Expr],
    widths: Sequence[int],
    book: Notebook,
    nonnegative: Collection[int] = (),
    compiled: bool = True,
) -> Block:
    """A proof of the goals of the notebook's statement by the gadgets of the program; raises GaveUp or FalseContract.

    `widths` are the numbers of inputs and of units of each layer; inputs `nonnegative` are required to be >= 0. In a
    network that is not the `compiled` program, what computes it is looked for, where there are invariants.
    """
    defined = any(kind in ("relu", "step") for kind, *_ in book.statement.definitions)
    steps = {one for node in topological(outputs) if (one := _stated(node))}
    spoken = any(speaks(book.statement, h, one) for one in steps for h in one.holds)
    if defined or spoken or (steps and len(outputs) > 1):
        return _by_meaning(outputs, book, _meanings(outputs, widths, book, nonnegative, compiled))
    name_leaves(book)
    Gadgets(book, Carrying(book, widths, maxima=True)).program(outputs)
    goals = Goals(book, lambda v: [])
    goals.know(merge(book))
    goals.identify()
    goals.everywhere()
    locally = len(book.context.goals) > 1 or bool(goals.indices)  # else one case tree is as good
    last = goals.prove(book.context.goals, locally)
    return Block([], [*book.steps, last])


def _meanings(
    outputs: Sequence[Expr], widths: Sequence[int], book: Notebook, nonnegative: Collection[int], compiled: bool
) -> Meanings:
    """The meanings in the network that was compiled from the program, or in any other."""
    if compiled:
        return Meanings(book, Carrying(book, widths, False, carriers(outputs, widths[0], nonnegative)), outputs)
    from relumax.engines.recognised import Recognised

    return Recognised(book, widths, outputs)


def _by_meaning(outputs: Sequence[Expr], book: Notebook, meanings: Meanings) -> Block:
    """The proof by meanings and invariants."""
    nodes = topological(outputs)
    steps = list(dict.fromkeys(one for node in nodes if (one := _stated(node))))
    outline = Invariants(book, meanings)
    spoken = outline.spoken(steps)
    for fact in book.maxima:
        if fact.last[0] in spoken:
            take_apart(book, fact)
    held: dict[int, Form] = {}
    first = min(book.outputs)

    def evidence(v: int) -> list[Fact]:
        output = outputs[v - first]
        facts = meanings.between(held[v], meanings.meaning[output])
        return [*facts, *meanings.evidence([output], outline.stated)]

    goals = Goals(book, evidence)
    goals.identify()
    goals.everywhere()
    outline.cuts, outline.settle = goals.cuts, goals.settled
    parts = {part for one in steps for part in one.parts}
    for node in nodes:
        meanings.known([node])
        one = _stated(node)
        if one is not None and one not in outline.facts:
            outline.stated(one)
            if one not in parts:
                outline.end(one)
    if any(fact.last[0] not in book.largest for fact in book.asked):
        name_leaves(book)
        for node in nodes:
            if node.op == "call" and _stated(node) is None:
                meanings.contract(node)
    held |= {v: meanings.at_output(v, one) for v, one in enumerate(outputs, first)}
    goals.know(merge(book))
    goals.identify()
    goals.know(Following(book, meanings, goals).cuts())
    try:
        last = goals.prove(book.context.goals)
    except GaveUp as problem:
        if outline.failed:
            raise outline.failure() from None
        raise GaveUp("; ".join([*unheard(book.statement, steps), str(problem)])) from None
    return Block([], [*book.steps, last])


def _stated(node: Expr) -> Stated | None:
    """The step of an outline whose value the node is."""
    found = node.data[0] if node.op == "call" and isinstance(node.data, tuple) else None
    return found if isinstance(found, Stated) else None


def name_leaves(book: Notebook) -> None:
    """Where a maximum is of defined values, the form that defines one is the maximum of that value."""
    for goal in book.asked:
        for child in goal.value[2]:
            (v, sign), *_ = child[2]
            if v in book.forms:
                value: Value = (MAX, combination([(sign, book.forms[v])], 1), (child,))
                book.derive(value, book.by_variable.get(v, ()))


def merge(book: Notebook) -> list[Fact]:
    """For each defined maximum that is not taken apart, the head with the same leaves equals it: these equations."""
    found: list[Fact] = []
    for goal in [one for one in book.asked if one.last[0] not in book.largest]:
        wanted = set(goal.value[2])
        if len(wanted) == 1:
            fact = take_apart(book, goal)
            found += [fact, *[one for v, _ in fact.value[2] for one in book.definition(v)]]
            continue
        # a maximum of several comes before the carries of one, the latest first
        order = sorted(range(len(book.heads)), key=lambda k: (len(book.heads[k].value[2]) == 1, -k))
        for position in order[:64]:
            marked, used = set(book.heads[position].value[2]), []
            for below in range(position - 1, -1, -1):
                fact = book.heads[below]
                if fact.value[1] in marked:
                    marked.remove(fact.value[1])
                    marked.update(fact.value[2])
                    used.append(fact)
                if len(marked) == len(wanted) and marked == wanted:
                    break
            if marked == wanted:
                head = book.heads[position]
                low = used[-1] if used else head
                equal = Fact(difference(head.value[1], goal.value[1], EQ))
                book.step(Step(MERGE, [head, goal, low], [head, goal, *used], [equal]))
                found.append(equal)
                if len(book.context.goals) > 1 or book.required:
                    take_apart(book, goal)  # the promises speak of more than the maximum alone
                break
        else:
            take_apart(book, goal)
    return found


def take_apart(book: Notebook, goal: Fact) -> Fact:
    """A defined maximum is at least each of its elements, and it is one of them: this clause."""
    step = eliminate(goal)
    book.step(step)
    if step.makes[-1].value[0] > LT:
        book.largest[goal.last[0]] = step.makes[-1]
    return step.makes[-1]
