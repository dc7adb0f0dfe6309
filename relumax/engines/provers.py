"""Which engine proves the contract of a gadget, by the gadget's type; a case tree proves that of all others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from relumax.engines.lemmas import Lemmas
from relumax.engines.script import Block
from relumax.kernel.proof import Context
from relumax.language.gadget import Gadget, Gate

Prover = Callable[[Any, Context, Lemmas], Block]
"""From the gadget, a context whose goals are its contract, and lemmas; raises GaveUp."""


@cache
def provers() -> dict[type[Gadget], Prover]:
    """The table."""
    from relumax.constructions.bakaev import Nine
    from relumax.constructions.formula import OverBlocks
    from relumax.constructions.identity import Written
    from relumax.engines import link
    from relumax.engines.orders import blocks

    return {OverBlocks: blocks.over_blocks, Nine: blocks.nine, Written: link.prove}


def prover(gadget: Gadget) -> Prover | None:
    """The engine for the gadget's contract, if there is one; for plain gadgets none is loaded to say so."""
    return None if type(gadget) is Gadget or type(gadget) is Gate else provers().get(type(gadget))
