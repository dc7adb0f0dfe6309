"""What a notebook shows of a verdict and of a theorem: short HTML, no library, nothing that is not said in text too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from typing import Any

from relumax.words import PROVED, REFUTED

_COLOURS = {PROVED: "#00876c", REFUTED: "#c1121f"}
LONGEST, MOST = 600, 12  # characters of a sentence, numbers of a point


def verdict_html(one: Any) -> str:
    """Of a `Verdict`: the word, the theorem, the network, and what the kernel accepted or where it is false."""
    return "".join(_verdict(one))


def theorem_html(one: Any) -> str:
    """What the kernel accepted: the sentences, and the hashes of the network and of the claim."""
    rows = [("network", one.network_sha256), ("claim", one.claim_sha256)]
    return "".join([_word(PROVED), *map(_sentence, one.statements), _small(f"{k} sha256 {v}" for k, v in rows)])


def _verdict(one: Any) -> Iterator[str]:
    yield _word(one.verdict)
    yield from map(_sentence, one.theorem)
    said = []
    if one.built is not None:
        said.append(f"{one.built.depth} hidden layers, {one.built.size} units")
    said.append(f"engine {one.engine}")
    if one.certificate is not None:
        said.append(f"kernel: accepted {len(one.certificate):,} bytes")
        said.append(f"network sha256 {one.accepted.network_sha256}")
    yield _small(said)
    if one.witness is not None:
        index = f", index {_point(one.witness.at)}" if one.witness.at else ""
        at, outputs = _point(one.witness.inputs), _point(one.witness.outputs)
        yield _sentence(f"false at x = {at}{index}: the outputs there are {outputs}")
    if one.reason:
        yield _sentence(one.reason)


def _word(word: str) -> str:
    return f'<b style="color:{_COLOURS.get(word, "#7a5c00")}">{escape(word)}</b>'


def _sentence(text: str) -> str:
    return f"<div>{escape(text if len(text) <= LONGEST else text[:LONGEST] + ' ...')}</div>"


def _small(parts: Any) -> str:
    return f'<div style="color:#6b6b6b;font-size:85%">{"; ".join(map(escape, parts))}</div>'


def _point(values: Sequence[Fraction | int]) -> str:
    more = f", ... {len(values) - MOST} more" if len(values) > MOST else ""
    return f"({', '.join(map(str, values[:MOST]))}{more})"
