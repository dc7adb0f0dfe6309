"""What Python offers for numbers and no program has: each says in a line what to write instead."""

from __future__ import annotations

from typing import NoReturn

from relumax.errors import NoOperation
from relumax.language.brief import brief


class Mistakes:
    """The base of programs, with the operators that they do not have."""

    __slots__ = ()

    def __pow__(self, other: object) -> NoReturn:
        raise NoOperation(f"a power is not piecewise linear: ({_text(self)}) ** {_text(other)}")

    def __rpow__(self, other: object) -> NoReturn:
        raise NoOperation(f"a power is not piecewise linear: {_text(other)} ** ({_text(self)})")

    def __floordiv__(self, other: object) -> NoReturn:
        raise NoOperation(
            f"// and % have infinitely many pieces: ({_text(self)}) // {_text(other)}; step(x - k) is 1 from k on"
        )

    __mod__ = __divmod__ = __rfloordiv__ = __rmod__ = __rdivmod__ = __floordiv__

    def __matmul__(self, other: object) -> NoReturn:
        raise NoOperation("@ is for matrices: a sum of multiples is sum(w * one for w, one in zip(weights, x))")

    __rmatmul__ = __matmul__

    def __float__(self) -> NoReturn:
        raise NoOperation(
            f"{_text(self)} is a program, not yet a number: float, int, round and the functions of math do not work on "
            "it; write sums, multiples, relu, step, absolute, maximum and minimum"
        )

    __int__ = __complex__ = __trunc__ = __floor__ = __ceil__ = __float__

    def __round__(self, digits: int = 0) -> NoReturn:
        self.__float__()

    def __getitem__(self, key: object) -> NoReturn:
        raise NoOperation(f"{_text(self)} is a program of one number: it has no parts, and no element {key!r:.40}")

    def __iter__(self) -> NoReturn:
        raise NoOperation(f"{_text(self)} is a program of one number, not a list")


def _text(value: object) -> str:
    return brief(value) if isinstance(value, Mistakes) else f"{value!r:.40}"  # type: ignore[arg-type]
