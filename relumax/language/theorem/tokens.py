"""The words, numbers and signs of a sentence, each with its place; mistakes point into the sentence."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import takewhile
from typing import NamedTuple, NoReturn

from relumax.errors import TheoremError

_TOKEN = re.compile(
    r"(?P<space>\s+|\#[^\n]*|^theorem(?=\s+for\s+all\s))"  # as a verdict begins its line
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/^=<>()\[\]|,;:.])",
    re.MULTILINE,
)
_SAME = {"≤": "<=", "≥": ">=", "≠": "!=", "==": "=", "−": "-", "·": "*", "×": "*"}
_SPELLED = {"∀": "for all", "∈": "in", "ℝ": "R", "∧": "and", "∨": "or"}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}(?![0-9])")
_LONGEST = 300
"""Digits, and the power of ten, that a number may have."""
_SHOWN = 72
"""Characters of the sentence that are shown above a caret."""


class Token(NamedTuple):
    """A word, a sign, or a number (kind "number", with its value); the last has kind "end". `at` is its place."""

    kind: str
    text: str
    at: int
    value: Fraction = Fraction(0)


def wrong(sentence: str, at: int, message: str) -> NoReturn:
    """Raise TheoremError: what is wrong at that place, in a line, and below it the sentence with a caret."""
    before = sentence[:at]
    line, column = before.count("\n"), at - (before.rfind("\n") + 1)
    row = sentence.split("\n")[line]
    start = max(0, min(column - _SHOWN // 2, len(row) - _SHOWN))
    cut, rest = ("... " if start else ""), (" ..." if len(row) > start + _SHOWN else "")
    shown = "".join(c if c.isprintable() else " " for c in row[start : start + _SHOWN])
    where = f"line {line + 1}, column {column + 1}" if "\n" in sentence.strip() else f"column {column + 1}"
    caret = " " * (len(cut) + column - start) + "^"
    raise TheoremError(f"theorem, {where}: {message}", (f"  {cut}{shown}{rest}", f"  {caret}"))


def tokens(sentence: str) -> list[Token]:
    """All of them; raises TheoremError for what is no word, number or sign."""
    found: list[Token] = []
    at = 0
    while at < len(sentence):
        char = sentence[at]
        if char in _SPELLED:
            found += [Token("name", word, at) for word in _SPELLED[char].split()]
            at += 1
            continue
        if ord(char) in _RAISED:
            raised = "".join(takewhile(lambda c: ord(c) in _RAISED, sentence[at:])).translate(_RAISED)
            found += [Token("sign", "^", at), Token("number", raised, at, _number(raised, 0, raised))]
            at += len(raised)
            continue
        match = _TOKEN.match(sentence, at)
        if match is None and char not in _SAME:
            wrong(sentence, at, _stranger(char))
        text = match.group() if match is not None else char
        kind = str(match.lastgroup) if match is not None else "sign"
        if kind == "number":
            found.append(Token(kind, text, at, _number(sentence, at, text)))
        elif kind != "space":
            found.append(Token(kind, _SAME.get(text, text), at))
        at += len(text)
    return [*found, Token("end", "", len(sentence.rstrip()))]


def _stranger(char: str) -> str:
    shown = char if char.isprintable() else f"U+{ord(char):04X}"
    hint = " (minus is written -)" if char in "‐‑‒–—" else ""
    return f"{shown} is no word, number or sign of a theorem{hint}"


def _number(sentence: str, at: int, text: str) -> Fraction:
    """The exact value: a decimal is the decimal that it is, 1e5 is 100000."""
    digits, _, power = text.lower().partition("e")
    if len(digits) > _LONGEST or len(power) > 5 or abs(int(power or 0)) > _LONGEST:
        wrong(sentence, at, f"a number has at most {_LONGEST} digits")
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        wrong(sentence, at, f"a number that begins with 0: {text:.20} (no commas in numbers)")
    if _THOUSANDS.match(sentence, at):
        wrong(sentence, at + len(text), "a comma in a number: write 1500, or 1, 500 for two numbers")
    return Fraction(text)
