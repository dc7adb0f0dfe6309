"""All choices inside a network: over its inputs, then over what each hidden layer holds."""

from __future__ import annotations

from relumax.discover.choices.finding import Found, Unit, maxima, maximum
from relumax.discover.choices.gating import gated
from relumax.discover.choices.meanings import Meanings
from relumax.discover.choices.winning import winners
from relumax.network.layers import Network


def inspect(network: Network, nonnegative: bool = False) -> list[Found]:
    """The choices between at least three affine forms inside a network, those over the inputs first, large ones first.

    `nonnegative` says that the network's inputs are at least 0; units always are. Nothing is proved here:
    `prove(found.network, found.sentence)` does.

    >>> from relumax.constructions.registry import find
    >>> from relumax.network.compile import compile
    >>> [one.sentence for one in inspect(compile(find("max").program(5), 5))]
    ['for all x in R^5: y = max(x)']
    """
    found: list[Found] = []
    seen: set[Unit] = set()
    for cut in range(network.depth):
        if all((t, k) in seen for t in range(cut + 1, network.depth + 1) for k in range(network.widths[t - 1])):
            break
        promised = nonnegative or cut > 0
        meanings = Meanings(Network(network.columns[cut], network.layers[cut:], network.output), promised)
        read = {(one.last, one.readers) for one in found}  # the same, over an earlier layer
        for said in (*winners(network, cut, meanings, promised), *gated(network, cut, meanings, promised)):
            if (said.last, said.readers) not in read:
                found.append(said)
                seen |= set(said.units)
        for one in maxima(network, cut, meanings):
            if not one.cone <= seen and (one.layer, one.readers) not in read:
                found.append(maximum(network, one, promised))
                seen |= one.cone
    return found
