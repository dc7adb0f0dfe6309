"""The picture of a verdict: where it is refuted the wrong part of the regions, else the network under its theorem."""

from __future__ import annotations

from typing import Any

from relumax.errors import SpecError
from relumax.pictures.layered import draw_network
from relumax.pictures.proofs import draw_proof
from relumax.pictures.regions import draw_regions
from relumax.pictures.style import Picture


def draw_verdict(verdict: Any, what: str = "", **options: Any) -> Picture:
    """The "network", "regions" or "proof" of a `relumax.pipeline.Verdict`; raises SpecError where there is none.

    Unasked, of what is refuted the regions, the wrong part red, and of all else the network. `options` are those of
    `draw_network` and `draw_regions`.
    """
    title, witness = verdict.verdict, verdict.witness
    match what or ("network" if witness is None else "regions"):
        case "network":
            return draw_network(verdict.network, title=title, lines=verdict.theorem, **options)
        case "regions":
            at = None if witness is None else witness.inputs
            return draw_regions(verdict.network, verdict.spec, at, title=title, lines=verdict.theorem, **options)
        case "proof" if verdict.certificate is not None and verdict.engine != "link":
            return draw_proof(verdict.certificate, title=title)
        case "proof":
            raise SpecError(f"there is no certificate to draw: {verdict!r}")
    raise SpecError(f"a verdict is drawn as network, regions or proof, not as {what!r:.80}")
