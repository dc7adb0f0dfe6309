"""The proofs of a certificate as trees, read step by step with the kernel's own rules."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from relumax.engines.replay import proofs_of
from relumax.errors import FormatError
from relumax.formats.certificate import told
from relumax.kernel import KernelError, Theorem, check, proof
from relumax.kernel.proof import EQ, LE, MAX, OR
from relumax.kernel.statement import Statement

LEAF, SPLIT, GOAL, HAVE = "leaf", "split", "goal", "have"
_SIGNS = {EQ: "=", LE: "≤"}


class Node:
    """A step that opens or closes branches. `supposed` is what its branch supposes, `before` the steps on the way."""

    __slots__ = ("before", "children", "kind", "leaves", "supposed")

    def __init__(self, kind: str, supposed: str, before: str):
        self.kind, self.supposed, self.before = kind, supposed, before
        self.children: list[Node] = []
        self.leaves = 0

    def walk(self) -> Iterator[Node]:
        """The node and all below it, each before its children, from the first to the last."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack += reversed(node.children)


class Tree(NamedTuple):
    """A proof: of a lemma, or of a statement."""

    title: str
    root: Node

    @property
    def counts(self) -> Counter[str]:
        """How many nodes of each kind."""
        return Counter(node.kind for node in self.root.walk())


def trees(data: bytes) -> tuple[Theorem, list[Tree]]:
    """What a certificate states, and its proofs, lemmas first; raises FormatError if the kernel does not accept it."""
    try:
        theorem = check(data)
    except KernelError as problem:
        if b'"terms"' in data and b'"claim"' not in data:
            raise FormatError("an identity is checked by its terms: there is no proof to draw") from None
        raise FormatError(f"not a certificate the kernel accepts: {told(problem, data)}") from None
    lemmas, statements = proofs_of(json.loads(data))
    out: list[Tree] = []
    for k, (lemma, context, steps) in enumerate(lemmas):
        said = _Words({v: f"a{v}" for v in range(lemma.variables)}, lemma.variables)
        title = f"lemma {k}: {' and '.join(said.fact(fact) for fact in lemma.then)}"
        out.append(Tree(title, _tree(context, steps, said)))
    for k, (statement, context, steps) in enumerate(statements):
        title = "proof" if len(statements) == 1 else f"proof of statement {k}"
        words = _Words(_names(statement), statement.network.inputs)
        out.append(Tree(title, _tree(context, steps, words)))
    return theorem, out


def _names(statement: Statement) -> dict[int, str]:
    """What the variables of a statement are called, those of its arrays and definitions."""
    names: dict[int, str] = {}
    for name, array in statement.names.items():
        if array.length is None:
            names[array.base] = name
        else:
            alone = array.length == 1 and array.kind == "out"
            for k in range(array.length):
                names[array.base + k * array.stride] = name if alone else f"{name}{k}"
    for (name, index), v in statement.reads.items():
        names[v] = f"{name}[{index}]"
    return names


class _Words(NamedTuple):
    """Facts in words; a variable without a name is a unit, h and its number from the first unit on."""

    names: dict[int, str]
    first: int

    def fact(self, value: Any) -> str:
        """`a ≤ b`, `a < b or c = 0`, `m = max(a, b)`."""
        if value[0] == MAX:
            return f"{self._form(value[1])} = max({', '.join(map(self._form, value[2]))})"
        branches = value[1] if value[0] == OR else ((value,),)
        return " or ".join(" and ".join(map(self._atom, branch)) for branch in branches)

    def _form(self, form: Any) -> str:
        said = self._side(form[1], form[2])
        return said if form[0] == 1 else f"({said})/{form[0]}"

    def _atom(self, atom: Any) -> str:
        """Positive terms on the left, negative ones on the right."""
        relation, constant, terms = atom
        left = [(v, c) for v, c in terms if c > 0]
        right = [(v, -c) for v, c in terms if c < 0]
        sides = self._side(max(constant, 0), left), self._side(max(-constant, 0), right)
        return f"{sides[0]} {_SIGNS.get(relation, '<')} {sides[1]}"

    def _side(self, constant: int, terms: Sequence[tuple[int, int]]) -> str:
        parts = [(c, self.names.get(v) or f"h{v - self.first}") for v, c in terms]
        said = "".join(f"{' − ' if c < 0 else ' + '}{'' if abs(c) == 1 else f'{abs(c)} '}{name}" for c, name in parts)
        said += f" {'−' if constant < 0 else '+'} {abs(constant)}" if constant or not terms else ""
        return said.removeprefix(" + ").removeprefix(" ").replace("− ", "−", 1) if said.startswith(" −") else said[3:]


def _tree(context: Any, steps: list[Any], words: _Words) -> Node:
    """The proof, run as the kernel runs it."""
    reader = proof.Reader(steps, "")
    frames: list[Any] = []
    top = Node("", "", "")
    parent, supposed, way = top, "", list[str]()
    while reader.at < len(steps):
        rule = proof.RULES[reader.next()]
        start = reader.at
        opened: Any = rule(context, reader)  # type: ignore[no-untyped-call]
        if opened is None:
            way.append(f"lemma {steps[start]}" if rule is proof.instance else rule.__name__)
            continue
        node = Node(LEAF if opened is proof.CLOSED else rule.__name__, supposed, _way(way))
        parent.children.append(node)
        if opened is not proof.CLOSED:
            branches, goals, kept = opened
            if kept is not None:
                node.before = "; ".join(filter(None, [node.before, f"have {words.fact(kept)}"]))
            frames.append((node, context.mark(), context.goals, iter(branches), kept))
            context.goals = goals
        while frames:
            node, mark, goals, branches, kept = frames[-1]
            context.restore(*mark)
            branch = next(branches, None)
            if branch is None:
                frames.pop()
                context.goals = goals
            added = branch if branch is not None else () if kept is None else (kept,)
            for fact in added:
                context.add(fact)
            if branch is not None or kept is not None:
                parent, supposed, way = node, ", ".join(map(words.fact, added)), []
                if branch is None:
                    supposed = f"so {supposed}"
                break
    [root] = top.children
    for node in reversed([*root.walk()]):
        node.leaves = sum(child.leaves for child in node.children) or 1
    return root


def _way(steps: Sequence[str]) -> str:
    """`lemma 1 ×3, combine`."""
    return ", ".join(f"{name} ×{n}" if n > 1 else name for name, n in Counter(steps).items())
