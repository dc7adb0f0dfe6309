"""Which engine proves the contract of a gadget, by the gadget's type; a case tree proves those of all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relumax.constructions.bakaev import Nine
from relumax.constructions.formula import OverBlocks
from relumax.constructions.identity import Written
from relumax.engines import link
from relumax.engines.lemmas import Lemmas
from relumax.engines.orders import blocks
from relumax.engines.script import Block
from relumax.kernel.proof import Context
from relumax.language.gadget import Gadget

Prover = Callable[[Any, Context, Lemmas, float | None], Block]
PROVERS: dict[type[Gadget], Prover] = {OverBlocks: blocks.over_blocks, Nine: blocks.nine, Written: link.prove}
"""The gadget, the context whose goals are its contract, lemmas, a deadline; raises GaveUp."""
