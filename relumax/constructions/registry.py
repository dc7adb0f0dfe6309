"""The registry of constructions: (function, name) -> recipe. Built-in ones are imported only when asked for by name.

    @construction("max", "tournament")
    def tournament(x): ...

registers a recipe: a function of the list of its inputs that returns the output program (or several). What it computes
is stated by the function's spec (`FUNCTIONS`), or by `spec=` where the construction's contract is its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import log10
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, Never, TypeVar

from relumax.errors import BudgetExceeded, ProgramError, RelumaxError, SpecError, UnknownName
from relumax.language.asked import ask, place
from relumax.language.expr import Expr, inputs, listed
from relumax.language.gadget import Gadget
from relumax.language.spec import Spec, max_spec, min_spec
from relumax.size import allowed_or_usual
from relumax.words import MAX_SIZE, USER_FILE

if TYPE_CHECKING:
    from relumax.network.layers import Network

Recipe = Callable[..., Expr | Sequence[Expr]]
R = TypeVar("R", bound=Recipe)
COUNTED = 3000
"""Networks of some more units are not built only to be counted, if they are wide."""
STATED = 20_000
"""Inputs of which a statement is written at once."""
ROUGHLY = 2
"""A number of units that is told beforehand is at most so many times the true one."""


class Construction(NamedTuple):
    """A registered recipe; `spec(n, **options)` states what it computes, `inputs(n, **options)` counts its inputs.

    Where the inputs do not tell n, the recipe is given n too, and `usual` is the n meant when none is named; else 0.
    `rough(n)` tells, before anything is built, the hidden layers and roughly the units; None if that is no matter.
    It states nothing for less than `least` options.
    """

    function: str
    name: str
    recipe: Recipe
    states: Callable[..., Spec]
    doc: str
    options: dict[str, Any]  # option name -> default
    takes: Callable[..., int]
    usual: int = 0
    rough: Callable[[int], tuple[int, int]] | None = None
    least: int = 1

    @property
    def title(self) -> str:
        """`max/tournament`."""
        return f"{self.function}/{self.name}"

    def inputs(self, n: int, **options: Any) -> int:
        """How many inputs there are for n options; raises SpecError if those are too few, ProgramError if a user's
        `inputs=` says no number.
        """
        self._enough(n)
        count = ask(self.takes, f"{self.title}: inputs=", _called("n", options), n, **options)
        if type(count) is not int or count < 1:
            raise ProgramError(f"{place(self.takes)}{self.title}: inputs= gives a number from 1 on, not {count!r:.80}")
        return count

    def spec(self, n: int, **options: Any) -> Spec:
        """What is stated of the network; raises SpecError if n is too small, ProgramError if `spec=` gives no Spec."""
        self._enough(n)
        with _at(n):
            found = ask(self.states, f"{self.title}: spec=", _called("n", options), n, **options)
        if not isinstance(found, Spec):
            raise ProgramError(
                f"{place(self.states)}{self.title}: spec= returns a Spec, as max_spec(n) does, not {found!r:.80}"
            )
        found.name = found.name or self.function
        return found

    def _enough(self, n: int) -> None:
        if n < self.least:
            raise SpecError(f"{self.title} takes n from {self.least} on, not {n}")

    def program(self, n: int, **options: Any) -> list[Expr]:
        """The output programs for n options; raises BudgetExceeded if they need far more units than are allowed."""
        self._buildable(n)
        given = {**options, "n": n} if self.usual else options
        x = inputs(self.inputs(n, **options))
        with _at(n):
            found = ask(self.recipe, f"{self.title}: the recipe", _called("the list of inputs", given), x, **given)
            try:
                return listed(found)
            except ProgramError as problem:
                raise ProgramError(f"{place(self.recipe)}{self.title}: the recipe returns {problem}") from None

    def roughly(self, n: int) -> tuple[int, int]:
        """Hidden layers and roughly the units; raises ProgramError if a user's `rough=` says no such pair."""
        match ask(self.rough or len, f"{self.title}: rough=", "n", n):
            case (int(layers), int(units)):
                return layers, units
            case other:
                said = f"{self.title}: rough= gives hidden layers and units, a pair of numbers, not {other!r:.80}"
                raise ProgramError(place(self.rough) + said)

    def told(self, n: int) -> tuple[int, int] | None:
        """Hidden layers and roughly the units of a network that is too large to be built only to be counted."""
        layers, units = self.roughly(n) if self.rough is not None else (0, 0)
        return (layers, units) if units > max(COUNTED, min(20 * n, 10 * COUNTED)) else None

    def _buildable(self, n: int) -> None:
        """Raises BudgetExceeded where far more units are needed than are allowed."""
        most = allowed_or_usual()
        if self.rough is not None and (units := self.roughly(n)[1]) > ROUGHLY * most:
            what = f"{self.title} at n = {n} has some {count(units)} hidden units"
            raise BudgetExceeded(f"{what}, more than {most:,} (--max-size)")

    def affordable(self, n: int, **options: Any) -> None:
        """Raises BudgetExceeded where there are so many inputs that a statement of them all would take too long.

        Of many inputs also where the network is too large: nobody shall wait for a statement that is not proved then.
        """
        if (count := self.inputs(n, **options)) > max(most := allowed_or_usual(), MAX_SIZE):
            raise BudgetExceeded(f"{self.title} at n = {n} has {count:,} inputs, more than {most:,} (--max-size)")
        if count > STATED:
            self._buildable(n)

    def size_for(self, count: int, options: dict[str, Any]) -> int:
        """The n for which the network has `count` inputs; raises SpecError if there is none."""
        if self.usual and self.inputs(self.usual, **options) == count:
            return self.usual
        for n in range(self.least, count + 1):
            if self.inputs(n, **options) == count:
                return n
        raise SpecError(f"{self.title} has no size with {count} inputs")


@contextmanager
def _at(n: int) -> Iterator[None]:
    """Errors from inside are told at which n they happened."""
    try:
        yield
    except BaseException as problem:
        problem.add_note(f"at n = {n}")
        raise


def _called(first: str, options: dict[str, Any]) -> str:
    return " and ".join([first, *(f"{key}={value}" for key, value in options.items())])


def count(units: int) -> str:
    """A number for reading: 1,234,567, or a power of ten where it is beyond all use."""
    return f"{units:,}" if units < 10**12 else f"10^{int(log10(units))}"


# function -> its spec, and its built-in constructions with the module that registers each (first one is the default)
FUNCTIONS: dict[str, Callable[..., Spec]] = {"max": max_spec, "min": min_spec}
BUILT_IN: dict[tuple[str, str], str] = {
    ("max", "tournament"): "tournament",
    ("max", "chain"): "chain",
    ("max", "essay"): "essay",
    ("max", "essay-fused"): "essay",
    ("min", "tournament"): "tournament",
    ("min", "chain"): "chain",
    ("max", "shallow"): "shallow",
    ("min", "shallow"): "shallow",
    ("max", "bakaev"): "bakaev",
    ("max", "identity"): "identity",
    **{
        (function, name): "argmax" for function in ("argmax", "argmin") for name in ("slack", "onehot", "index", "step")
    },
    **{(function, name): name for function in ("argmax", "argmin") for name in ("prefix", "bits")},
    ("select", "gate"): "select",
    ("select", "prefix"): "select",
    ("select", "pack"): "select",
    ("select", "step"): "select",
    ("second", "tournament"): "second",
    ("search", "best_of"): "search",
    ("search", "iterate"): "search",
}
_registered: dict[tuple[str, str], Construction] = {}
_loaded: list[tuple[str, str]] | None = None  # what the user's file that runs has registered; None if none runs
_gadgets: dict[str, Gadget] = {}


def construction(
    function: str,
    name: str = "",
    *,
    spec: Callable[..., Spec] | None = None,
    options: dict[str, Any] | None = None,
    inputs: Callable[..., int] | None = None,
    usual: int = 0,
    rough: Callable[[int], tuple[int, int]] | None = None,
    least: int = 1,
    **other: Never,
) -> Callable[[R], R]:
    """Decorator: register a recipe under (function, name), the keywords being `Construction`'s; raises SpecError.

    `least` is the smallest n there is: a smaller one is refused in one line, and no recipe or spec is asked for it.
    """
    for word in (function, name):
        if not isinstance(word, str) or not word or "/" in word or not word.isprintable():
            said = getattr(word, "__name__", word)
            raise SpecError(f'a construction is registered as @construction("max", "mine"), not under {said!r:.80}')

    if other:
        say = 'the statement is spec=, a function of n: spec=lambda n: theorem(f"for all x in R^{n}: ...")'
        raise SpecError(f"{function}/{name}: @construction knows no {next(iter(other))}=; {say}")

    def register(recipe: R) -> R:
        known = spec or FUNCTIONS.get(function)
        if known is None:
            raise SpecError(f"function {function!r} has no spec: give one with @construction(..., spec=...)")
        for what, one in (("the recipe", recipe), ("spec=", known), ("inputs=", inputs), ("rough=", rough)):
            if one is not None and not callable(one):
                raise SpecError(f"{function}/{name}: {what} is a function, not {one!r:.80}")
        if _loaded is not None and _by_user():
            _take(_loaded, function, name, recipe)
        if not isinstance(options or {}, dict) or type(usual) is not int or type(least) is not int:
            raise SpecError(f"{function}/{name}: options= is a dict of names and defaults, usual=, least= are numbers")
        doc = (recipe.__doc__ or "").strip()
        _registered[function, name] = Construction(
            function, name, recipe, known, doc, dict(options or {}), inputs or (lambda n, **_: n), usual, rough, least
        )
        FUNCTIONS.setdefault(function, known)
        return recipe

    return register


def _by_user() -> bool:
    """Whether a user's module registers this, not one of relumax's while it is imported."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame is None or not str(frame.f_globals.get("__name__")).startswith("relumax.")


def _take(loaded: list[tuple[str, str]], function: str, name: str, recipe: Recipe) -> None:
    """Note what a user's file registers; raises SpecError if the name is taken."""
    if (function, name) in loaded:
        raise SpecError(f"{function}/{name} is registered twice: give each construction a name of its own")
    if (function, name) in BUILT_IN and not str(recipe.__module__).startswith("relumax."):
        raise SpecError(f"{function}/{name} is one of relumax's own: give yours another name")
    loaded.append((function, name))


def names(function: str | None = None) -> list[tuple[str, str]]:
    """All (function, name) pairs, built-in ones first."""
    known = dict.fromkeys([*BUILT_IN, *_registered])
    return [pair for pair in known if function in (None, pair[0])]


def functions() -> list[str]:
    """All functions that have a construction."""
    return list(dict.fromkeys(function for function, _ in names()))


def find(function: str, name: str | None = None) -> Construction:
    """The construction, by default the function's first; raises UnknownName with near names."""
    if function not in functions():
        raise UnknownName(f"unknown function {function!r}{_near(function, functions())}")
    choices = [other for _, other in names(function)]
    name = name or choices[0]
    pair = function, name
    if pair not in _registered and pair in BUILT_IN:
        from importlib import import_module

        import_module(f"relumax.constructions.{BUILT_IN[pair]}")
    if pair not in _registered:
        raise UnknownName(f"unknown construction {name!r} of {function}{_near(name, choices)}")
    return _registered[pair]


def find_gadget(name: str) -> Gadget:
    """A gadget by name: relumax's own, or one that a user's file defined at its top level."""
    from relumax.language import gadget as own

    known = {one.name: one for one in vars(own).values() if isinstance(one, Gadget)} | _gadgets
    if name not in known:
        raise UnknownName(f"unknown gadget {name!r}{_near(name, list(known))}")
    return known[name]


def fitting(n: int, width: int, height: int, function: str = "") -> list[str]:
    """Built-in constructions that state something of so many inputs and outputs, for n options, those of this first."""
    found = []
    for one in (find(*pair) for pair in BUILT_IN):
        try:
            stated = one.spec(n, **one.options)
        except (ProgramError, SpecError, BudgetExceeded):
            continue
        if (stated.width, stated.height) == (width, height) and not one.usual:
            found.append(one.title)
    return sorted(found, key=lambda title: not title.startswith(f"{function}/"))[:3]


def spec_for(construction: Construction, network: Network, options: dict[str, Any], n: int | None = None) -> Spec:
    """The construction's spec at size n, by default the size that fits a network of one's own."""
    return construction.spec(n or construction.size_for(network.inputs, options), **options)


def _near(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, 3, 0.5)
    return f"; did you mean {' or '.join(close)}?" if close else f"; known: {', '.join(known)}"


def load(path: str) -> list[tuple[str, str]]:
    """Run a user's Python file, and say what it registers; raises SpecError in one line if it is broken."""
    import runpy

    global _loaded
    _loaded = []
    try:
        with open(path, "rb") as stream:
            begins = stream.read(4096).lstrip()
    except OSError as problem:
        raise SpecError(f"{path}: {problem.strerror}") from None
    if b"\0" in begins or begins.startswith((b"{", b"PK")):
        raise SpecError(f"{path}: not a Python file, which --from takes (a network's file goes with --network)")
    try:
        found = runpy.run_path(path, run_name=USER_FILE)
        _gadgets.update({one.name: one for one in found.values() if isinstance(one, Gadget)})
        return _loaded
    except (Exception, SystemExit) as problem:
        line = ""
        trace = problem.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == path:
                line = f" line {trace.tb_lineno},"
            trace = trace.tb_next
        if isinstance(problem, SyntaxError) and problem.filename == path and problem.lineno:
            line, said = f" line {problem.lineno},", problem.msg
        else:
            said = " ".join(getattr(problem, "said", str(problem)).split())
        kind = "" if isinstance(problem, RelumaxError) else f" {type(problem).__name__}:"
        raise SpecError(f"{path}:{line}{kind} {said.removeprefix(f'{path}:{line} ')}") from None
    finally:
        _loaded = None
