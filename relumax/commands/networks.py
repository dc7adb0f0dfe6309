"""Networks from files, for every command that takes one: the options, the reading, what is said beside a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relumax.commands.files import read
from relumax.errors import BudgetExceeded, FormatError

if TYPE_CHECKING:
    from relumax.formats import LoadedNetwork


def read_network(path: str, max_size: int) -> LoadedNetwork:
    """The network in a file; what is wrong with it begins with the file's name."""
    from relumax import formats

    try:
        loaded = formats.load(read(path))
    except FormatError as problem:
        raise FormatError(f"{path}: {problem}") from None
    if loaded.network.size > max_size:
        raise BudgetExceeded(f"{path}: {loaded.network.size:,} hidden units, more than {max_size:,} (--max-size)")
    return loaded
