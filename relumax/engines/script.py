"""Proof scripts: what an engine writes down, before facts have numbers.

An engine builds a `Block`: steps that make facts, then one step that closes the branch or branches on. Only at the end
does `write` decide which steps are needed, number the facts as the kernel will, and give the flat list of a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from relumax.kernel.proof import (
    MAX,
    NUMBER,
    OR,
    RELU,
    Context,
    branches,
    children,
    constant,
    head,
    relation,
    terms,
    unit_clause,
)
from relumax.kernel.wire import EQ, LT, atom, collect
from relumax.language.spec import wire as wire_number

LEAF, SPLIT, COMBINE, GOAL, HAVE = (NUMBER[name] for name in ("LEAF", "SPLIT", "COMBINE", "GOAL", "HAVE"))
INSTANCE, DEFINE, PICK, MERGE, ELIM = (NUMBER[name] for name in ("INSTANCE", "DEFINE", "PICK", "MERGE", "ELIM"))
OPEN = -1  # no rule: a place where a proof is still to come
WRITTEN = -2  # no rule: steps that were written elsewhere, as its operands
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

    @property
    def last(self) -> tuple[int, int]:
        """The last variable and its coefficient, of an atom or of a max fact's head: what the fact can replace."""
        found: tuple[int, int] = (self.head[2] if self.value[0] == MAX else self.terms)[-1]
        return found

    def branches(self) -> list[list[Fact]]:
        """The facts that each branch of a clause supposes."""
        return [[Fact(one) for one in branch] for branch in self.value[1]]


class Head:
    """As an argument of an instance: the head of a max fact."""

    __slots__ = ("fact",)

    def __init__(self, fact: Fact):
        self.fact = fact


class Step:
    """One rule: its operands (integers, lists, facts), the facts it uses and makes, and the blocks it opens.

    Of a split by `search`, what it uses are also the facts from outside that its blocks use.
    """

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
    return [Fact(one) for one in (branches(value)[0] if value[0] == OR and len(branches(value)) == 1 else (value,))]


def facts_in(context: Context) -> list[Fact]:
    """The facts of a context."""
    return [Fact(context.fact(k, ""), k) for k in range(len(context.facts))]


def wire_terms(pairs: Iterable[tuple[int, int]]) -> list[int | str]:
    """Terms as a flat list."""
    return [x for v, c in pairs for x in (v, wire_number(c))]


def wire_form(form: Value) -> list[int | str]:
    """A form as the certificate writes it."""
    return [wire_number(form[0]), wire_number(form[1]), *wire_terms(form[2])]


def wire_fact(value: Value) -> Any:
    """A fact as the certificate writes it."""
    if value[0] == MAX:
        return {"head": wire_form(head(value)), "of": [wire_form(one) for one in children(value)]}
    return [
        [[relation(one), wire_number(constant(one)), *wire_terms(terms(one))] for one in branch]
        for branch in branches(value)
    ]


def argument(form: Value) -> Any:
    """A form as an argument of an instance: a bare variable where it is one."""
    v = variable_of(form)
    return wire_form(form) if v is None else v


def variable_of(form: Value) -> int | None:
    """The variable that the form is, if it is one."""
    den, const, pairs = form
    plain = den == 1 and const == 0 and len(pairs) == 1 and pairs[0][1] == 1
    return pairs[0][0] if plain else None


def leaf(multipliers: Mapping[Any, int]) -> Step:
    """Close the branch by Farkas."""
    return _sum(LEAF, multipliers)


def _sum(rule: int, multipliers: Mapping[Any, int], makes: Sequence[Fact] = ()) -> Step:
    facts: list[Fact] = list(multipliers)
    return Step(rule, [len(facts), *[x for f in facts for x in (f, wire_number(multipliers[f]))]], facts, makes)


def combine(value: Value, multipliers: Mapping[Any, int]) -> Step:
    """The atom `value`, which is the sum of these facts."""
    return _sum(COMBINE, multipliers, facts_of(value))


def define_relu(variable: int, form: Value) -> Step:
    """The next variable, as the relu of a form."""
    return define_unit(RELU, variable, form)


def define_unit(kind: int, variable: int, form: Value) -> Step:
    """The next variable, as the relu or the step of a form."""
    return Step(DEFINE, [kind, wire_form(form)], makes=[Fact(unit_clause(kind, form, variable))])


def define_largest(variable: int, children: Sequence[Value]) -> Step:
    """The next variable, as the maximum of some forms."""
    fact = Fact((MAX, (1, 0, ((variable, 1),)), tuple(children)))
    return Step(DEFINE, [2, len(children), *[wire_form(one) for one in children]], makes=[fact])


def split(clause: Fact, blocks: Sequence[Block]) -> Step:
    """Branch on a clause."""
    return Step(SPLIT, [clause], [clause], blocks=blocks)


def have(value: Value, block: Block) -> Step:
    """Prove `value` in `block`, then use it; in one step, if it is a sum of facts."""
    multipliers = _as_sum(value, block)
    if multipliers is not None:
        return _sum(COMBINE, multipliers, facts_of(value))
    return Step(HAVE, [wire_fact(value)], makes=facts_of(value), blocks=[block])


def _as_sum(value: Value, block: Block) -> dict[Fact, int] | None:
    """The multipliers with which the atom `value` is a sum of facts, if leaves alone prove it in the block.

    A leaf that refutes -t < 0 says what t <= 0 is a sum of; of the two that refute t < 0 and -t < 0, the last says what
    t = 0 is a sum of.
    """
    if value[0] > LT or len(block.steps) != 1 or block.steps[0].rule != GOAL:
        return None
    (inner,) = block.steps[0].blocks
    if value[0] == EQ and [step.rule for step in inner.steps] == [SPLIT] and inner.steps[0].operands == inner.supposed:
        inner = inner.steps[0].blocks[-1]
    if len(inner.supposed) != 1 or [step.rule for step in inner.steps] != [LEAF]:
        return None
    operands = inner.steps[0].operands
    found = {fact: int(m) for fact, m in zip(operands[1::2], operands[2::2], strict=True)}
    found.pop(inner.supposed[0], None)
    if not found:
        return None
    const, total = 0, dict[int, int]()
    for fact, m in found.items():
        const += m * constant(fact.value)
        for v, c in terms(fact.value):
            total[v] = total.get(v, 0) + m * c
    made = atom(max(relation(fact.value) for fact in found), const, collect(total))
    return found if made == value else None


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
        if step.rule == WRITTEN:
            out += step.operands
            continue
        out.append(step.rule)
        if step.rule in (LEAF, COMBINE):
            pairs = sorted((f.number, m) for f, m in zip(step.operands[1::2], step.operands[2::2], strict=True))
            out += [len(pairs), *[x for pair in pairs for x in pair]]
        else:
            for x in step.operands:
                out.append(x.number if isinstance(x, Fact) else -1 - x.fact.number if isinstance(x, Head) else x)
        for inner in step.blocks:
            _write(inner, count, out)
        for fact in step.makes:
            fact.number, count = count, count + 1


def read(flat: Sequence[Any], facts: Sequence[Fact]) -> tuple[Block, list[Block]]:
    """The block that `write` wrote of splits and leaves, after these facts; and its open blocks in their order."""
    values = iter(flat)
    left: list[Block] = []
    root = Block([])
    pending = [(root, list(facts))]
    while pending:
        block, known = pending.pop()
        known += block.supposed
        rule = next(values)
        if rule == SPLIT:
            clause = known[next(values)]
            blocks = [Block(branch) for branch in clause.branches()]
            block.steps.append(split(clause, blocks))
            pending += [(one, list(known)) for one in reversed(blocks)]
        elif rule == LEAF:
            block.steps.append(leaf({known[next(values)]: int(next(values)) for _ in range(next(values))}))
        else:
            block.steps.append(Step(OPEN, []))
            left.append(block)
    return root, left
