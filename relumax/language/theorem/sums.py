"""Sums, products and what they are made of, from tokens to parts; `grammar` shows all of the grammar."""

from __future__ import annotations

from typing import NoReturn

from relumax.language.theorem.nodes import Node
from relumax.language.theorem.tokens import Token, tokens, wrong

_DEEPEST = 50
"""Brackets in brackets."""
_JOINING = {
    "after",
    "all",
    "and",
    "are",
    "at",
    "before",
    "below",
    "by",
    "each",
    "every",
    "For",
    "for",
    "in",
    "is",
    "it",
}
_JOINING |= {"of", "or", "other", "such", "than", "to", "where"}
"""Words of the sentence that are no names of values."""


class Reader:
    """The tokens and how far they have been read; `bars` says how many bars are open in each open bracket."""

    def __init__(self, text: str):
        self.text, self.tokens, self.place = text, tokens(text), 0
        self.bars = [0]

    # ---- tokens

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def ahead(self, *words: str) -> bool:
        """Whether these words or signs come next."""
        found = self.tokens[self.place : self.place + len(words)]
        return [one.text for one in found] == list(words)

    def taken(self, *words: str) -> bool:
        """The same, and if so they are read."""
        found = self.ahead(*words)
        self.place += len(words) if found else 0
        return found

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.taken(word):
                self.fail(f"{' '.join(words)} is expected here")

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        found = self.next
        if at is None and found.kind != "end" and message.endswith("expected here"):
            message += f", not {found.text:.20}"
        wrong(self.text, found.at if at is None else at, message)

    def name(self, what: str = "a name") -> Token:
        found = self.next
        if found.kind != "name":
            self.fail(f"{what} is expected here")
        if not found.text.islower():
            self.fail(f"names are written in lower case, and R is the real numbers: {found.text:.20}")
        self.place += 1
        return found

    def whole(self, what: str) -> int:
        """A number 0, 1, 2, ..."""
        found = self.next
        if found.kind != "number" or found.value.denominator != 1 or found.value >= 1 << 20:
            self.fail(f"{what}, a whole number below 2^20, is expected here")
        self.place += 1
        return int(found.value)

    def condition(self) -> Node:
        """What may stand in round brackets beside sums; `grammar` reads it."""
        raise NotImplementedError

    # ---- sums

    def sum(self) -> Node:
        at = self.next.at
        signs = [-1 if self.ahead("-") else 1]
        self.place += self.next.text in ("+", "-")
        terms = [self.product()]
        while self.next.text in ("+", "-"):
            signs.append(1 if self.next.text == "+" else -1)
            self.place += 1
            terms.append(self.product())
        return terms[0] if signs == [1] else Node("sum", at, tuple(terms), tuple(signs))

    def product(self) -> Node:
        at = self.next.at
        factors, operators = [self.factor()], []
        while self.next.text in ("*", "/"):
            operators.append(self.next.text)
            self.place += 1
            divides = operators[-1] == "/"
            factors.append(self.factor(divides))
            if divides and factors[-1].kind == "number" and self.begins_value():
                operators.append("by")  # 3/2 x is (3/2) x; of 4/2 (3), which is 6 or 2/3, `meaning` says so
                factors.append(self.value())
        if self.begins_value() or self.next.kind == "number":
            self.fail("a value beside another: a product is written with *, and words join what is stated")
        if self.next.text == "^":
            self.fail("a power: what a network computes is piecewise linear")
        return factors[0] if not operators else Node("product", at, tuple(factors), tuple(operators))

    def factor(self, divides: bool = False) -> Node:
        found = self.next
        if self.taken("-"):
            if self.ahead("-"):
                self.fail("one minus after another")
            return Node("sum", found.at, (self.factor(divides),), (-1,))
        if found.kind != "number":
            return self.value()
        self.place += 1
        number = Node("number", found.at, (), found.value)
        if divides or not self.begins_value():
            return number
        return Node("product", found.at, (number, self.value()), ("*",))

    def begins_value(self) -> bool:
        """Whether what comes next is multiplied by the number before it. (A bar closes one that is open.)"""
        word = self.next.text
        if self.next.kind == "name":
            return word not in _JOINING
        return word == "(" or (word == "|" and not self.bars[-1])

    def value(self) -> Node:
        found = self.next
        if found.text in ("(", "|"):
            return self.enclosed(found)
        if found.kind == "number":
            self.fail("two numbers beside each other")
        name = self.name("a number, a name or a bracket").text
        if self.ahead("(") and name not in _JOINING:
            self.place += 1
            with Inside(self):
                parts = [self.sum()]
                while self.taken(","):
                    parts.append(self.sum())
            self.expect(")")
            return Node("call", found.at, tuple(parts), (name, self.element()))
        if name in _JOINING:
            self.fail(f"a number, a name or a bracket is expected here, not {name}", found.at)
        return Node("name", found.at, (), (name, self.element()))

    def enclosed(self, first: Token) -> Node:
        """`( ... )`, `(a, b, ...)` or `| ... |`."""
        self.place += 1
        if first.text == "|":
            self.bars[-1] += 1
            if sum(self.bars) + len(self.bars) > _DEEPEST:
                self.fail("too many brackets in brackets", first.at)
            inner = self.sum()
            self.expect("|")
            self.bars[-1] -= 1
            return Node("abs", first.at, (inner,))
        with Inside(self):
            parts = [self.condition()]
            while self.taken(","):
                parts.append(self.sum())
        self.expect(")")
        return Node("round" if len(parts) == 1 else "list", first.at, tuple(parts))

    def element(self) -> int | str | None:
        """What stands in brackets behind a name."""
        if not self.taken("["):
            return None
        if self.next.kind == "number":
            found: int | str = self.whole("an element")
        elif self.next.kind == "name":
            found = self.name("an element").text
        else:
            self.fail("an array is read at a number (the first is 0), at i or at an index: x[0], x[i], x[w]")
        if not self.taken("]"):
            self.fail("an array is read at a number (the first is 0), at i or at an index: x[0], x[i], x[w]")
        return found


class Inside:
    """Inside brackets, where bars are counted anew."""

    def __init__(self, reader: Reader):
        self.reader = reader

    def __enter__(self) -> None:
        self.reader.bars.append(0)
        if sum(self.reader.bars) + len(self.reader.bars) > _DEEPEST:
            self.reader.fail("too many brackets in brackets")

    def __exit__(self, *_: object) -> None:
        self.reader.bars.pop()
