"""What tests of engine canonical share: a proof by it, which the kernel accepts."""

from __future__ import annotations

from typing import Any

from relumax.constructions.registry import find
from relumax.engines.canonical.canonical import prove_canonical
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.script import write
from relumax.engines.search import GaveUp
from relumax.engines.witness import Witness
from relumax.kernel import FORMAT, VERSION, check
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim
from relumax.kernel.wire import write as canonical
from relumax.language.spec import Spec
from relumax.network.compile import compile
from relumax.network.layers import Network, to_json


def certificate(network: Network, spec: Spec) -> bytes:
    """The certificate that engine canonical finds; raises GaveUp."""
    lemmas, proofs = Lemmas(), []
    for statement in Claim(spec.claim(), read_network(to_json(network), ENDLESS)).statements:
        context = statement.context(ENDLESS, [])
        mark = context.mark()
        block = prove_canonical(context, statement, lemmas, network)
        assert context.mark() == mark
        if isinstance(block, Witness):
            raise GaveUp(f"false at {block.inputs}")
        proofs.append(write(block, len(context.facts)))
    return canonical(
        {
            "claim": spec.claim(),
            "format": FORMAT,
            "lemmas": lemmas.wire,
            "network": to_json(network),
            "points": spec.points(),
            "proofs": proofs,
            "version": VERSION,
        }
    )


def proved(network: Network, spec: Spec) -> int:
    """The kernel accepts what engine canonical finds; the size of it."""
    data = certificate(network, spec)
    check(data)
    return len(data)


def named(function: str, construction: str, n: int, **options: Any) -> tuple[Network, Spec]:
    """The network of a construction, and what is stated of it."""
    found = find(function, construction)
    spec = found.spec(n, **options)
    return compile(found.program(n, **options), spec.width, spec.nonnegative), spec
