"""Proof scripts: what an engine writes down, before facts have numbers.

An engine builds a `Block`: steps that make facts, then one step that closes the branch or branches on. Only at the end
does `write` decide which steps are needed, number the facts as the kernel will, and give the flat list of a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from relumax.kernel.proof import MAX, OR, RELU, Context, unit_clause
from relumax.language.spec import wire as wire_number

LEAF, SPLIT, CASE, GOAL, HAVE, INSTANCE, DEFINE, PICK, MERGE, ELIM = range(10)
Value = tuple[Any, ...]  # a fact as the kernel holds it


class Fact:
    """A fact of the kernel, with the number it will have (fixed for those of a context)."""

    __slots__ = ("needed", "number", "value")

    def __init__(self, value: Value, number: int = -1):
        self.value, self.number, self.needed = value, number, False

    @property
    def terms(self) -> Any:
        """The terms of an atom."""
        return self.value[2]

    @property
    def head(self) -> Any:
        """The head of a max fact: the form that is the largest of its children."""
        return self.value[1]

    @property
    def children(self) -> Any:
        """The children of a max fact."""
        return self.value[2]

    def branches(self) -> list[list[Fact]]:
        """The facts that each branch of a clause supposes."""
        return [[Fact(one) for one in branch] for branch in self.value[1]]


class Head:
    """As an argument of an instance: the head of a max fact."""

    __slots__ = ("fact",)

    def __init__(self, fact: Fact):
        self.fact = fact


class Step:
    """One rule: its operands (integers, lists, facts), the facts it uses and makes, and the blocks it opens."""

    __slots__ = ("blocks", "makes", "operands", "rule", "uses")

    def __init__(
        self,
        rule: int,
        operands: Sequence[Any],
        uses: Sequence[Fact] = (),
        makes: Sequence[Fact] = (),
        blocks: Sequence[Block] = (),
    ):
        self.rule, self.operands, self.uses, self.makes, self.blocks = rule, operands, uses, makes, blocks


class Block:
    """The facts a branch supposes, then steps; the last one closes the branch."""

    __slots__ = ("steps", "supposed")

    def __init__(self, supposed: Sequence[Fact], steps: list[Step] | None = None):
        self.supposed, self.steps = supposed, steps or []


def facts_of(value: Value) -> list[Fact]:
    """The facts that adding `value` makes: a clause with one branch is its atoms."""
    return [Fact(one) for one in value[1][0]] if value[0] == OR and len(value[1]) == 1 else [Fact(value)]


def facts_in(context: Context) -> list[Fact]:
    """The facts of a context."""
    return [Fact(context.fact(k, ""), k) for k in range(len(context.facts))]


def wire_terms(terms: Iterable[tuple[int, int]]) -> list[int | str]:
    """Terms as a flat list."""
    return [x for v, c in terms for x in (v, wire_number(c))]


def wire_form(form: Value) -> list[int | str]:
    """A form as the certificate writes it."""
    return [wire_number(form[0]), wire_number(form[1]), *wire_terms(form[2])]


def wire_fact(value: Value) -> Any:
    """A fact as the certificate writes it."""
    if value[0] > OR:
        return {"head": wire_form(value[1]), "of": [wire_form(one) for one in value[2]]}
    branches = value[1] if value[0] == OR else ((value,),)
    return [[[one[0], wire_number(one[1]), *wire_terms(one[2])] for one in branch] for branch in branches]


def argument(form: Value) -> Any:
    """A form as an argument of an instance: a bare variable where it is one."""
    den, const, terms = form
    return terms[0][0] if den == 1 and const == 0 and len(terms) == 1 and terms[0][1] == 1 else wire_form(form)


def leaf(multipliers: Mapping[Any, int]) -> Step:
    """Close the branch by Farkas."""
    facts: list[Fact] = list(multipliers)
    return Step(LEAF, [len(facts), *[x for f in facts for x in (f, wire_number(multipliers[f]))]], facts)


def define_relu(variable: int, form: Value) -> Step:
    """The next variable, as the relu of a form."""
    return Step(DEFINE, [RELU, wire_form(form)], makes=[Fact(unit_clause(RELU, form, variable))])


def define_largest(variable: int, children: Sequence[Value]) -> Step:
    """The next variable, as the maximum of some forms."""
    fact = Fact((MAX, (1, 0, ((variable, 1),)), tuple(children)))
    return Step(DEFINE, [2, len(children), *[wire_form(one) for one in children]], makes=[fact])


def split(clause: Fact, blocks: Sequence[Block]) -> Step:
    """Branch on a clause."""
    return Step(SPLIT, [clause], [clause], blocks=blocks)


def have(value: Value, block: Block) -> Step:
    """Prove `value` in `block`, then use it."""
    return Step(HAVE, [wire_fact(value)], makes=facts_of(value), blocks=[block])


def write(block: Block, first: int) -> list[Any]:
    """The flat proof; `first` is the number of the next fact of the context."""
    _mark(block)
    out: list[Any] = []
    _write(block, first, out)
    return out


def _needed(block: Block, step: Step) -> bool:
    """A step is written if it closes the branch, makes a fact that is used, or numbers a variable."""
    return step is block.steps[-1] or step.rule == DEFINE or any(fact.needed for fact in step.makes)


def _mark(block: Block) -> None:
    for step in reversed(block.steps):
        if _needed(block, step):
            for inner in step.blocks:
                _mark(inner)
            for fact in step.uses:
                fact.needed = True


def _write(block: Block, count: int, out: list[Any]) -> None:
    for fact in block.supposed:
        fact.number, count = count, count + 1
    for step in block.steps:
        if not _needed(block, step):
            continue
        out.append(step.rule)
        if step.rule == LEAF:
            pairs = sorted((f.number, m) for f, m in zip(step.operands[1::2], step.operands[2::2], strict=True))
            out += [len(pairs), *[x for pair in pairs for x in pair]]
        else:
            for x in step.operands:
                out.append(x.number if isinstance(x, Fact) else -1 - x.fact.number if isinstance(x, Head) else x)
        for inner in step.blocks:
            _write(inner, count, out)
        for fact in step.makes:
            fact.number, count = count, count + 1
