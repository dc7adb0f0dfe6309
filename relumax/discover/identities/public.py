"""Identities as plain data, and the public certificate format, which `relumax.kernel.identity` reads:

{"n": 5, "terms": [{"coefficient": "1/60", "pair": [[[1,2],[1,2]], [[1,2],[1,3]]]}, ...]}
"""

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

Pair = tuple[int, int]
Side = tuple[Pair, ...]


class Term(NamedTuple):
    """coefficient * F_{a,b}; labels from 1."""

    coefficient: Fraction
    a: Side
    b: Side

    def __str__(self) -> str:
        sides = ("  ".join(f"{i},{j}" for i, j in side) for side in (self.a, self.b))
        return f"{self.coefficient} F{{{' | '.join(sides)}}}"


class Identity(NamedTuple):
    """The claim max_n = sum of the terms."""

    n: int
    terms: tuple[Term, ...]


def to_public(identity: Identity) -> bytes:
    """The bytes of an identity in the public format; compact, ASCII, one line."""
    terms = [{"coefficient": str(term.coefficient), "pair": [term.a, term.b]} for term in identity.terms]
    return json.dumps({"n": identity.n, "terms": terms}, separators=(",", ":")).encode("ascii") + b"\n"


def from_public(data: bytes) -> Identity:
    """The identity that bytes in the public format claim. It reads what `to_public` writes and the published files;
    whether bytes are well formed and the claim true is for `check_identity` to say."""
    found = json.loads(data)
    terms = ((Fraction(term["coefficient"]), *term["pair"]) for term in found["terms"])
    return Identity(found["n"], tuple(Term(coefficient, side(a), side(b)) for coefficient, a, b in terms))


def side(pairs: Iterable[Iterable[int]]) -> Side:
    """A side from any nested sequences of labels."""
    return tuple((i, j) for i, j in pairs)
