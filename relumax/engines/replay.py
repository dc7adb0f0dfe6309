"""What a certificate proves: its lemmas, then its statements, in contexts where the steps can be run again."""

from __future__ import annotations

from typing import Any, NamedTuple

from relumax.engines.lemmas import ENDLESS
from relumax.kernel import proof
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim, Statement


class OfLemma(NamedTuple):
    """A lemma, the context of its proof, and the proof."""

    lemma: proof.Lemma
    context: proof.Context
    steps: list[Any]


class OfStatement(NamedTuple):
    """A statement, the context of its proof, and the proof."""

    statement: Statement
    context: proof.Context
    steps: list[Any]


def proofs_of(certificate: dict[str, Any]) -> tuple[list[OfLemma], list[OfStatement]]:
    """Of a certificate that the kernel has accepted: the contexts as the kernel starts with them."""
    lemmas: list[Any] = []
    first = []
    for k, value in enumerate(certificate["lemmas"]):
        lemma = proof.check_lemma(value, "", lemmas, ENDLESS)
        context = proof.Context(lemma.variables, ENDLESS, lemmas[:k])
        for unit in lemma.units:
            context.add_unit(*unit)
        for fact in lemma.given:
            context.add(fact)
        context.goals = lemma.then
        first.append(OfLemma(lemma, context, value["proof"]))
        lemmas.append(lemma)
    statements = Claim(certificate["claim"], read_network(certificate["network"], ENDLESS)).statements
    proofs = zip(statements, certificate["proofs"], strict=True)
    return first, [OfStatement(one, one.context(ENDLESS, lemmas), steps) for one, steps in proofs]
