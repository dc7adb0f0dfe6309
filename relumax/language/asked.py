"""Calling what a user wrote: recipes, contracts, specs. What is wrong with one is said in a line, with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from relumax.errors import ProgramError


def place(function: Any) -> str:
    """`mine.py: line 3, ` where a function was written; empty if that is not known, or in relumax."""
    code = getattr(function, "__code__", None)
    own = str(getattr(function, "__module__", "")).startswith("relumax.")
    return "" if code is None or own else f"{code.co_filename}: line {code.co_firstlineno}, "


def ask(function: Callable[..., Any], what: str, takes: str, *given: Any, **options: Any) -> Any:
    """`function(*given, **options)`; raises ProgramError if it cannot be called so.

    `what` names it, `takes` says what it is called with. Errors from inside the function are its own.

    >>> ask(max, "gadget g: ensures", "1 result", 1)
    Traceback (most recent call last):
    relumax.errors.ProgramError: gadget g: ensures is called with 1 result, as `max` cannot be
    """
    if not callable(function):
        raise ProgramError(f"{what} is a function of {takes}, not {function!r:.80}")
    try:
        return function(*given, **options)
    except TypeError as problem:
        if problem.__traceback__ is None or problem.__traceback__.tb_next is not None:
            raise
    raise ProgramError(f"{place(function)}{what} is called with {takes}, as `{_head(function)}` cannot be")


def _head(function: Callable[..., Any]) -> str:
    """How a function begins: `def c(x, y)`, `lambda a: ...`."""
    from inspect import signature

    name = getattr(function, "__name__", repr(function))
    try:
        takes = str(signature(function)).partition(" ->")[0]
    except (TypeError, ValueError):
        return str(name)
    return f"{f'lambda {takes[1:-1]}'.rstrip()}: ..." if name == "<lambda>" else f"def {name}{takes}"
