"""The brackets of SMT-LIB: a text as nested lists of words, each with the line it stands on."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from relumax.errors import FormatError

_token = re.compile(r'(?P<space>[\s]+|;[^\n]*)|(?P<word>[()]|"[^"\n]*"|\[[^\[\]()\n]*\]|[^\s()\[\]";]+)')
DEEPEST = 500


class Word(NamedTuple):
    """A word and its line."""

    text: str
    line: int


class Group(NamedTuple):
    """What stands between two brackets, and the line of the first."""

    parts: tuple[Node, ...]
    line: int

    @property
    def head(self) -> str:
        """Its first word; "" if it has none."""
        return self.parts[0].text if self.parts and isinstance(self.parts[0], Word) else ""


Node = Word | Group


def wrong(node: Node, said: str) -> NoReturn:
    """Raise FormatError, with the line."""
    raise FormatError(f"line {node.line}: {said}")


def groups(text: str) -> list[Group]:
    """The groups of a file, in order; raises FormatError with the line of what is not understood."""
    open_: list[tuple[list[Node], int]] = []
    found: list[Group] = []
    at, line = 0, 1
    while at < len(text):
        match = _token.match(text, at)
        if match is None:
            raise FormatError(f"line {line}: {text[at]!r} is not understood here")
        word, at = match["word"], match.end()
        if word == "(":
            open_.append(([], line))
            if len(open_) > DEEPEST:
                raise FormatError(f"line {line}: more than {DEEPEST} brackets in each other")
        elif word == ")":
            if not open_:
                raise FormatError(f"line {line}: a bracket is closed that was not opened")
            parts, start = open_.pop()
            group = Group(tuple(parts), start)
            if open_:
                open_[-1][0].append(group)
            else:
                found.append(group)
        elif word is not None:
            if not open_:
                raise FormatError(f"line {line}: {word!r:.40} stands outside of all brackets")
            open_[-1][0].append(Word(word, line))
        line += match[0].count("\n")
    if open_:
        raise FormatError(f"line {open_[0][1]}: the bracket opened here is not closed")
    return found
