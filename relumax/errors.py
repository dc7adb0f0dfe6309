"""Errors a user can cause. Each is one line that says what is wrong and where; the command line exits 2 on them."""

from __future__ import annotations


class RelumaxError(Exception):
    """Root of every error that relumax raises on purpose."""


class ProgramError(RelumaxError, ValueError):
    """A symbolic program that means nothing here: a product of two variables, a float that is not a number, ..."""


class NoOperation(ProgramError, TypeError):
    """What Python offers for numbers and programs do not have: a power, a remainder, an element, ..."""


class ContractError(ProgramError):
    """A gadget's contract that says more than engines and kernel read: a relu, a step, an input."""


class SpecError(RelumaxError, ValueError):
    """A statement or an option that is ill-formed: a gap that is not positive, an unknown promise, ..."""


class TheoremError(SpecError):
    """A theorem in words that is not understood: `said` is the line, `shown` the sentence and a caret below it."""

    def __init__(self, said: str, shown: tuple[str, str]) -> None:
        super().__init__("\n".join([said, *shown]))
        self.said, self.shown = said, shown


class UnknownName(RelumaxError, LookupError):
    """A function, construction, engine or format nobody registered; the message suggests near names."""


class BudgetExceeded(RelumaxError):
    """A size or time budget would be passed; the message names the size and the option that raises the budget."""


class FormatError(RelumaxError, ValueError):
    """A file that is not what it claims to be, or a weight that a file format cannot hold."""


class Differs(FormatError):
    """A file that was read, and whose weights are not those it was held against; the message has the place."""


class SelfContradiction(FormatError):
    """A file whose weights were read, and which says something else about itself; `network` is what was read."""

    def __init__(self, message: str, network: object) -> None:
        super().__init__(message)
        self.network = network


class MissingExtra(RelumaxError, ImportError):
    """An optional library is not installed; the message holds the install command."""


class ClusterError(RelumaxError):
    """Work that should go elsewhere cannot: no cluster there, or one of another version; the message says which."""
