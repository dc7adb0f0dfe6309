"""Queries from text, VNN-LIB 2.0 and 1.0. Every number is the rational it is written as; what is not linear is refused.

2.0 declares networks with tensors, `X[0,3]` is a cell; 1.0 has constants X_0, X_1, ... and Y_0, ..., of one network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from typing import NamedTuple

from relumax.errors import FormatError
from relumax.formats.vnnlib.query import (
    HIDDEN,
    IN,
    OUT,
    Atom,
    Declared,
    Every,
    Formula,
    Linear,
    Query,
    Some,
    Tensor,
    check_fits,
    number,
)
from relumax.formats.vnnlib.tokens import Group, Node, Word, groups, wrong
from relumax.language.condition import EQ, LE, LT

_decimal = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_cell = re.compile(r"([XY])_(\d{1,7})", re.ASCII)
_shape = re.compile(r"\[\s*(\d{1,7}(\s*,\s*\d{1,7})*)?\s*\]", re.ASCII)
SIDES = {"declare-input": IN, "declare-output": OUT, "declare-hidden": HIDDEN}
VERSIONS = ("<2.0>", "2.0")
ONLY = "N"
"""What the network of a 1.0 file is called."""


def read(text: str) -> Query:
    """The query in a file of either version; raises FormatError with the line."""
    found = groups(text)
    two = any(one.head in ("vnnlib-version", "declare-network") for one in found)
    query = _second(found) if two else _first(found)
    check_fits(query)
    if not query.assertions:
        raise FormatError("nothing is asserted")
    return query


def _second(found: list[Group]) -> Query:
    """Version 2.0."""
    networks: list[Declared] = []
    assertions: list[Group] = []
    for one in found:
        if one.head == "vnnlib-version":
            if len(one.parts) != 2 or _text(one.parts[1]) not in VERSIONS:
                wrong(one, "this version of VNN-LIB is not read; 2.0 is, and 1.0, which has no such line")
        elif one.head == "declare-network":
            if assertions:
                wrong(one, "networks are declared before what is asserted")
            networks.append(_network(one, [known.name for known in networks]))
        elif one.head == "assert" and len(one.parts) == 2:
            assertions.append(one)
        else:
            wrong(one, f"({one.head} ...) is none of vnnlib-version, declare-network and (assert FORMULA)")
    shapes = {tensor.name: tensor.shape for network in networks for tensor in network.tensors}
    reader = _Reader(shapes, second=True)
    return Query(tuple(networks), tuple(reader.formula(one.parts[1]) for one in assertions))


def _network(group: Group, known: list[str]) -> Declared:
    if len(group.parts) < 2 or not isinstance(group.parts[1], Word):
        wrong(group, "a network has a name")
    tensors: list[Tensor] = []
    like = None
    for one in group.parts[2:]:
        if not isinstance(one, Group):
            wrong(one, f"{one.text!r:.40} is no declaration")
        if one.head in ("equal-to", "isomorphic-to") and len(one.parts) == 2:
            other = _text(one.parts[1])
            if other not in known:
                wrong(one, f"{other} is no network declared before")
            like = other if one.head == "equal-to" else like
        elif one.head in SIDES:
            tensors.append(_tensor(one))
        else:
            wrong(one, f"({one.head} ...) is no declaration of an input, an output or a hidden value")
    return Declared(group.parts[1].text, tuple(tensors), like)


def _tensor(group: Group) -> Tensor:
    words = [_text(one) for one in group.parts]
    named = group.head == "declare-hidden"
    if len(words) != 4 + named or not _shape.fullmatch(words[3]):
        wrong(group, f"({group.head} NAME TYPE [SHAPE]{' NODE' * named}) is expected")
    return Tensor(words[1], SIDES[group.head], words[2], _numbers(words[3]), words[4].strip('"') if named else "")


def _numbers(brackets: str) -> tuple[int, ...]:
    inside = brackets[1:-1].strip()
    return tuple(int(one) for one in inside.split(",")) if inside else ()


def _text(node: Node) -> str:
    if not isinstance(node, Word):
        wrong(node, "a word is expected, not brackets")
    return node.text


def _first(found: list[Group]) -> Query:
    """Version 1.0."""
    sizes = {"X": 0, "Y": 0}
    assertions: list[Group] = []
    for one in found:
        if one.head in ("declare-const", "declare-fun"):
            words = [part.text if isinstance(part, Word) else "" for part in one.parts]
            name = _cell.fullmatch(words[1]) if len(words) > 2 else None
            if name is None or words[-1] != "Real" or int(name[2]) != sizes[name[1]]:
                wrong(one, "X_0, X_1, ... and Y_0, Y_1, ... are declared, in order, of sort Real")
            sizes[name[1]] += 1
        elif one.head == "assert" and len(one.parts) == 2:
            assertions.append(one)
        elif one.head not in ("set-logic", "set-info", "check-sat", "exit"):
            wrong(one, f"({one.head} ...) is none of declare-const and (assert FORMULA)")
    tensors = [Tensor(name, side, "real", (sizes[name],)) for name, side in (("X", IN), ("Y", OUT)) if sizes[name]]
    reader = _Reader({one.name: one.shape for one in tensors}, second=False)
    return Query((Declared(ONLY, tuple(tensors)),), tuple(reader.formula(one.parts[1]) for one in assertions), True)


class _Reader(NamedTuple):
    """Formulas and forms over tensors of these shapes."""

    shapes: Mapping[str, tuple[int, ...]]
    second: bool

    def formula(self, node: Node) -> Formula:
        """What is asserted."""
        if not isinstance(node, Group) or not node.parts:
            wrong(node, "a comparison is expected, or (and ...), (or ...) of some")
        head, rest = node.head, node.parts[1:]
        if head in ("and", "or") and rest:
            parts = tuple(self.formula(one) for one in rest)
            return Every(parts) if head == "and" else Some(parts)
        relations = ("<=", "<", ">=", ">", "==", "!=") if self.second else ("<=", "<", ">=", ">", "=")
        if head not in relations:
            wrong(node, f"({head} ...) is none of and, or, {', '.join(relations)}")
        sides = self._terms(rest)
        if len(sides) != 2:
            wrong(node, f"{head} compares two")
        difference = sides[0].plus(sides[1], -1)
        if head in (">=", ">"):
            return Atom(LE if head == ">=" else LT, difference.times(-1))
        if head == "!=":
            return Some((Atom(LT, difference), Atom(LT, difference.times(-1))))
        return Atom({"<=": LE, "<": LT}.get(head, EQ), difference)

    def _terms(self, nodes: tuple[Node, ...]) -> list[Linear]:
        """The forms that follow each other; a word and brackets after it are a cell."""
        found: list[Linear] = []
        at = 0
        while at < len(nodes):
            one, at = nodes[at], at + 1
            if isinstance(one, Group):
                found.append(self._sum(one))
                continue
            after = nodes[at] if at < len(nodes) else None
            brackets = isinstance(after, Word) and after.text.startswith("[")
            found.append(self._word(one, after.text if brackets and isinstance(after, Word) else None))
            at += brackets
        return found

    def _sum(self, group: Group) -> Linear:
        parts = self._terms(group.parts[1:])
        if group.head not in ("+", "-", "*", "/") or not parts or (group.head == "/" and len(parts) != 2):
            wrong(group, f"({group.head} ...) is none of +, - and * of some")
        if group.head == "+":
            return reduce(Linear.plus, parts)
        if group.head == "-":
            return parts[0].times(-1) if len(parts) == 1 else reduce(lambda a, b: a.plus(b, -1), parts)
        if group.head == "/":
            if parts[1].terms or not parts[1].const:
                wrong(group, "a division by a variable, or by 0")
            return parts[0].times(1 / parts[1].const)
        found = parts[0]
        for one in parts[1:]:
            if found.terms and one.terms:
                wrong(group, "a product of variables is not linear")
            found = found.times(one.const) if not one.terms else one.times(found.const)
        return found

    def _word(self, word: Word, brackets: str | None) -> Linear:
        if brackets is None and _decimal.fullmatch(word.text):
            return number(Fraction(word.text))
        old = None if self.second or brackets is not None else _cell.fullmatch(word.text)
        if brackets is not None and not _shape.fullmatch(brackets):
            wrong(word, f"{word.text!r:.40} {brackets!r:.40}: a cell is at whole numbers, from 0 on")
        name, at = (old[1], (int(old[2]),)) if old else (word.text, _numbers(brackets) if brackets else ())
        shape = self.shapes.get(name)
        if shape is None:
            wrong(word, f"{word.text!r:.40} is neither a number nor declared")
        if len(at) != len(shape) or any(k >= size for k, size in zip(at, shape, strict=False)):
            wrong(word, f"{name} has the shape {list(shape)}, and no number at {list(at)}")
        place = 0
        for k, size in zip(at, shape, strict=True):
            place = place * size + k
        return Linear(Fraction(0), {(name, place): Fraction(1)})
