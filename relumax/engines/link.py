"""Identities written out: their networks go through the kernel's door for links, and need no case trees."""

from __future__ import annotations

from collections.abc import Sequence

from relumax.constructions.identity import Written
from relumax.engines.lemmas import Lemmas
from relumax.engines.script import Block
from relumax.engines.search import GaveUp
from relumax.kernel.proof import Context
from relumax.language.expr import Expr


def identity_of(program: Sequence[Expr]) -> bytes | None:
    """The identity that the program is, written out, if it is one of all its inputs in their order."""
    match program:
        case [Expr(op="call", data=(Written() as gadget, 0), args=(_, *x))]:
            if [(one.op, one.data) for one in x] == [("input", i) for i in range(len(x))]:
                return gadget.identity
    return None


def prove(gadget: Written, context: Context, lemmas: Lemmas) -> Block:
    """As a part of a larger program an identity is too large for a lemma: raises GaveUp."""
    raise GaveUp("an identity written out is proved as a whole network only")
