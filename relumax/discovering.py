"""`relumax discover`: identities and small formulas for the maximum in two hidden layers, from nothing."""

from __future__ import annotations

import json
import os
import sys

from relumax import report
from relumax.errors import SpecError


def formula(n: int, seconds: float, group: str | None, degree: int | None) -> tuple[bytes, str]:
    """The smallest formula found for n inputs, as `relumax/constructions/data` holds it, and what it costs.

    `group` holds generators such as `(1 2) (1 3)(2 4)`; without it the groups known for n are tried. What happens is
    said on standard error if that is a terminal.
    """
    # Matrices of a few hundred rows: threads would only wait for each other. Read when numpy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from relumax.discover.formulas.smallest import generators, smallest

    given = None if group is None else generators(group, n)
    found = smallest(n, given, degree, seconds, _tell)
    said = f"{len(found.formula.sizes)} absolute values, {found.sizes.size} hidden units"
    return (json.dumps(found.data(), indent=1) + "\n").encode(), said


def _tell(line: str) -> None:
    if sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)


def identity(
    n: int, degree: int | None, family: str, denominators: int | None, seed: int, workers: int, resume: str | None
) -> tuple[bytes | None, str]:
    """An identity that the kernel accepted, in the public format, and its theorem; or None, and why there is none."""
    from relumax.discover.identities import Found, discover

    try:
        with report.patience(f"discovering an identity for n = {n}"):
            found = discover(n, degree, family, denominators=denominators, seed=seed, workers=workers, resume=resume)
    except ValueError as problem:
        raise SpecError(str(problem)) from None
    if isinstance(found, Found):
        return found.public, found.theorem.text
    where = "" if found.modulus is None else f" modulo {found.modulus}"
    return None, (
        f"no identity of this family: {found.unknowns} classes, {found.equations} equations; a combination of "
        f"{len(found.combination)} equations makes every class vanish, but not the maximum{where}; all were checked"
    )
