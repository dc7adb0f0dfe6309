"""z3 as decision procedure: a context of the kernel as SMT-LIB text, its answer and its model.

The text goes to the library's own SMT-LIB reader (`Z3_eval_smtlib2_string` of the z3-solver wheel): importing z3's
Python objects costs more time than deciding a tournament of eight.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from time import monotonic
from typing import Any, NamedTuple

from relumax.engines.script import Value
from relumax.kernel.proof import EQ, LE, LT, MAX, OR, RELU, Context, negation

_RELATION = {EQ: "=", LE: "<=", LT: "<"}
_library: Any = None
TICK = 0.1
"""Who waits for z3 looks up so often: what one thread raises in another is not heard while that waits."""
PATIENCE = 1.0
"""After so many seconds of waiting, something else is tried beside."""
Beside = Callable[[Callable[[], bool]], bool]
"""What is tried: told how to see that z3 has an answer, it says whether z3 may stop."""


class Answer(NamedTuple):
    """`result` is "unsat", "sat" or "unknown" (then `reason` says why); a model gives each variable its value.

    It is "stopped" where what was tried beside made an answer needless.
    """

    result: str
    model: dict[int, Fraction]
    reason: str = ""


def _load() -> Any:
    global _library
    if _library is None:
        from importlib.util import find_spec

        spec = find_spec("z3")
        places = [os.path.join(place, "lib") for place in (spec.submodule_search_locations or [])] if spec else []
        known = [os.path.join(place, name) for place in places for name in ("libz3.so", "libz3.dylib", "libz3.dll")]
        files = [name for name in known if os.path.exists(name)]
        if files:
            _library = ctypes.CDLL(files[0])
        else:  # an installation laid out in another way: let z3's own module find its library
            from z3.z3core import lib

            _library = lib()
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        for name, result, arguments in (
            ("Z3_mk_config", pointer, []),
            ("Z3_del_config", None, [pointer]),
            ("Z3_mk_context", pointer, [pointer]),
            ("Z3_del_context", None, [pointer]),
            ("Z3_interrupt", None, [pointer]),
            ("Z3_set_error_handler", None, [pointer, pointer]),
            ("Z3_eval_smtlib2_string", text, [pointer, text]),
        ):
            function = getattr(_library, name)
            function.restype, function.argtypes = result, arguments
    return _library


def _evaluate(script: str, on_sat: str, seconds: float | None, beside: Beside | None = None) -> str | None:
    """z3's output for an SMT-LIB script, and for `on_sat` after "sat"; None if what is tried beside ends the wait.

    Runs in a thread, so that Ctrl-C, a limit around all of it and these seconds are always heard.
    """
    import threading

    library = _load()
    config = library.Z3_mk_config()
    context = library.Z3_mk_context(config)
    library.Z3_del_config(config)
    library.Z3_set_error_handler(context, None)  # the default one ends the process
    output: list[bytes] = []

    def work() -> None:
        output.append(library.Z3_eval_smtlib2_string(context, script.encode()))
        if output[0].startswith(b"sat"):
            output.append(library.Z3_eval_smtlib2_string(context, on_sat.encode()))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    start = monotonic()
    end = None if seconds is None else start + seconds
    stopped = False
    try:
        while thread.is_alive():
            if beside is not None and monotonic() - start >= PATIENCE:
                stopped, beside = beside(lambda: not thread.is_alive()), None
                end = start if stopped else end
            left = TICK if end is None else end - monotonic()
            if left <= 0:
                library.Z3_interrupt(context)
            thread.join(min(max(left, 0), TICK) or TICK)
    except BaseException:  # Ctrl-C or TimeUp
        library.Z3_interrupt(context)
        thread.join(0.5)
        raise
    text = b"".join(output).decode()
    library.Z3_del_context(context)
    return None if stopped else text


def decide(
    context: Context,
    picks: Iterable[Value],
    extra: Iterable[Value],
    seconds: float | None = None,
    beside: Beside | None = None,
    integers: Iterable[int] = (),
) -> Answer:
    """Do the goals of `context` follow? "unsat": yes. "sat": no, with a model. `extra` facts may be used too.

    Variables `integers` are integers in the model. `beside` is tried in this thread while z3 has no answer.
    """
    script = "\n".join(_script(context, picks, extra, list(integers)))
    if seconds is not None and seconds > 3e9:  # a century: more than a clock can wait for
        seconds = None
    start = monotonic()
    names = " ".join(f"v{v}" for v in range(context.variables))
    text = _evaluate(script, f"(get-value ({names}))", seconds, beside)
    if text is None:
        return Answer("stopped", {})
    first, _, rest = text.partition("\n")
    if first == "unsat":
        return Answer("unsat", {})
    if first == "sat":
        return Answer("sat", _model(rest))
    if "out of memory" in text:
        return Answer("unknown", {}, "z3 ran out of memory")
    if "(error" in text and "cancel" not in text:
        raise RuntimeError(f"z3 did not understand the question: {text[:200]}")
    if seconds is not None and monotonic() - start >= seconds:
        return Answer("unknown", {}, f"z3 found no answer within {seconds:g} s")
    if "cancel" in text or "interrupt" in text:
        raise KeyboardInterrupt
    return Answer("unknown", {}, "z3 answered unknown")


def _script(context: Context, picks: Iterable[Value], extra: Iterable[Value], integers: Sequence[int]) -> Iterator[str]:
    yield "(set-logic QF_LIRA)" if integers else "(set-logic QF_LRA)"
    yield from (f"(declare-const v{v} Real)" for v in range(context.variables))
    yield from (f"(declare-const i{v} Int)\n(assert (= v{v} (to_real i{v})))" for v in integers)
    for variable, (kind, (den, const, terms)) in context.units.items():
        value = _divided(_linear(const, terms), den)
        meaning = f"(ite (> {value} 0) {value} 0)" if kind == RELU else f"(ite (>= {value} 0) 1 0)"
        yield f"(assert (= v{variable} {meaning}))"
    for fact in context.facts:
        if type(fact) is tuple:
            yield f"(assert {_fact(fact)})"
    for fact in (*picks, *extra):
        yield f"(assert {_fact(fact)})"
    wrong = [_conjunction([_fact(one) for one in negation(goal)]) for goal in context.goals]
    yield f"(assert (or {' '.join(wrong)}))"
    yield "(check-sat)"


def _fact(fact: Value) -> str:
    if fact[0] == MAX:
        head = _form(fact[1])
        children = [_form(one) for one in fact[2]]
        parts = [f"(>= {head} {child})" for child in children]
        return f"(and {' '.join(parts)} (or {' '.join(f'(= {head} {child})' for child in children)}))"
    branches = fact[1] if fact[0] == OR else ((fact,),)
    parts = [_conjunction([f"({_RELATION[r]} {_linear(const, terms)} 0)" for r, const, terms in b]) for b in branches]
    return parts[0] if len(parts) == 1 else f"(or {' '.join(parts)})"


def _conjunction(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"(and {' '.join(parts)})"


def _form(form: tuple[int, int, tuple[tuple[int, int], ...]]) -> str:
    return _divided(_linear(form[1], form[2]), form[0])


def _divided(text: str, den: int) -> str:
    return text if den == 1 else f"(/ {text} {den})"


def _linear(const: int, terms: Iterable[tuple[int, int]]) -> str:
    parts = [f"v{v}" if c == 1 else f"(* {_integer(c)} v{v})" for v, c in terms]
    if const or not parts:
        parts.append(_integer(const))
    return parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"


def _integer(value: int) -> str:
    return f"{value}" if value >= 0 else f"(- {-value})"


_TOKEN = re.compile(r"[()]|[^\s()]+")


def _model(text: str) -> dict[int, Fraction]:
    """The values of a `get-value` answer: decimals, (- q), (/ p q)."""
    stack: list[list[Any]] = [[]]
    for token in _TOKEN.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    return {int(name[1:]): _number(value) for name, value in stack[0][0]}


def _number(value: Any) -> Fraction:
    if isinstance(value, str):
        return Fraction(value)
    if value[0] == "-":
        return -_number(value[1])
    return _number(value[1]) / _number(value[2])
