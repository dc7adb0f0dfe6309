"""The range of each network in `relumax list`: for the built-in constructions at n = 8 kept in listed.json, by hash.

`python -m relumax.commands.listed` computes them all again; a test compares. A network that is not there is computed.
"""

from __future__ import annotations

import json
from importlib.resources import files

from relumax.commands.ranging import exact_to
from relumax.network.layers import Network, sha256
from relumax.words import SINGLE

MAX_RANGED = 300  # hidden units of a network whose range is computed to be listed
FILE = files("relumax.commands") / "listed.json"
_known: dict[str, str | None] = {}


def listed_range(network: Network) -> str | None:
    """For which integers float32 is exact; None where weights are not, or the network is large for a table."""
    if network.size > MAX_RANGED:
        return None
    if not _known and FILE.is_file():
        _known.update(json.loads(FILE.read_text(encoding="ascii")))
    digest = sha256(network)
    if digest not in _known:
        _known[digest] = computed(network)
    return _known[digest]


def computed(network: Network) -> str | None:
    """The range itself."""
    exact = exact_to(network, names=(SINGLE,))
    most = exact and exact[SINGLE]
    return None if most is None else str(most)


def table() -> str:
    """What listed.json is to be: every built-in construction that is small enough at n = 8."""
    from relumax.commands.chosen import Chosen
    from relumax.constructions import registry
    from relumax.errors import RelumaxError
    from relumax.size import at_most

    found: dict[str, str | None] = {}
    for pair in sorted(registry.BUILT_IN):
        one = registry.find(*pair)
        try:
            with at_most(MAX_RANGED):
                network = None if one.told(8) else Chosen(one, one.options).compiled(8)[0]
        except RelumaxError:
            continue
        if network is not None and network.size <= MAX_RANGED:
            digest = sha256(network)
            found[digest] = found[digest] if digest in found else computed(network)
    return json.dumps(found, indent=0, sort_keys=True) + "\n"


if __name__ == "__main__":
    with open(str(FILE), "w", encoding="ascii") as file:
        file.write(table())
