"""One try at a verdict, within the time that is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from relumax.clock import TimeUp, limit
from relumax.commands.chosen import silenced
from relumax.commands.progress import patience
from relumax.errors import BudgetExceeded

if TYPE_CHECKING:
    from relumax.language.spec import Spec
    from relumax.pipeline import Verdict


class Within(Protocol):
    """By which engine, and within how many seconds."""

    @property
    def engine(self) -> str:
        """The engine asked for."""

    @property
    def timeout(self) -> float | None:
        """Seconds, None without end."""


def attempt(asked: Within, what: str, prove: Callable[[], Verdict], theorem: Callable[[], tuple[str, ...]]) -> Verdict:
    """What `prove` finds; unknown where time or size do not allow it, with the theorem if that is known."""
    from relumax.pipeline import Verdict
    from relumax.words import UNKNOWN

    start = monotonic()
    try:
        with patience(f"proving {what}"), silenced(), limit(asked.timeout):
            return prove()
    except (TimeUp, BudgetExceeded) as problem:
        return Verdict(UNKNOWN, theorem(), asked.engine, monotonic() - start, None, reason=str(problem))


def theorem(specs: Sequence[Spec]) -> tuple[str, ...]:
    """The sentences of the first of these, if there is one yet."""
    from relumax.kernel.text import text

    return tuple(text(specs[0].claim())) if specs else ()
