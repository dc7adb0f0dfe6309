"""Theorems in words: the sentence that relumax prints is the sentence it reads.

>>> spec = theorem("for all x in [-1, 1]^3: y = median(x)")
>>> spec.width, spec.height
(3, 1)

The stages: `tokens`, then parts (`nodes`) by `sums` and `grammar`, then what they mean by `values` (sums), `cases`
(conditions) and `meaning` (statements), with `places` (arrays) and `unsaid` (what goes without saying).
"""

from __future__ import annotations

from collections.abc import Callable

from relumax.errors import SpecError
from relumax.language.spec import Spec


def theorem(text: str, fits: Callable[[int], object] | None = None) -> Spec:
    """The spec that one or several sentences state; raises TheoremError, which points into the sentence.

    `fits` is told of how many inputs they speak before anything is written out for each of them, and may raise.
    """
    from relumax.language.theorem.grammar import sentences
    from relumax.language.theorem.meaning import spec_of

    if not isinstance(text, str):
        raise SpecError(f'a theorem is a text such as "for all x in R^8: y = max(x)", not {text!r:.80}')
    found = sentences(text)
    if fits is not None:
        fits(sum(space.length or 1 for space in found[0].inputs))
    return spec_of(text, found)
