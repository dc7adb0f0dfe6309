"""Sentences at random: what is read means what was written, and what is printed is read as it was."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from relumax import theorem
from relumax.engines.falsify import values
from relumax.engines.lemmas import ENDLESS
from relumax.kernel.network import read_network
from relumax.kernel.points import true
from relumax.kernel.statement import Claim
from relumax.kernel.text import text
from tests.language.test_theorem import normal
from tests.strategies import points, reproducible

N = 3  # inputs, and outputs


class Said(NamedTuple):
    """A part of a sentence, what it is at a point (inputs, outputs), and whether it needs no brackets beside a sign."""

    words: str
    at: Any
    tight: bool = True


NUMBERS = ["0", "1", "2", "3", "1/2", "2/3", "0.25", "1.5", "2e1", "5e-1"]


def bracketed(one: Said) -> str:
    return one.words if one.tight else f"({one.words})"


@st.composite
def terms(draw, depth=3, outputs=True):
    """A sum, with what it is worth: written in many ways, with brackets only where they are needed."""
    kinds = ["input", "input", "output" if outputs else "input", "number"]
    kinds += ["sum", "difference", "minus", "times", "divided", "abs", "max", "sorted", "unit"] if depth else []
    below = terms(depth - 1, outputs)
    k = draw(st.integers(0, N - 1))
    match draw(st.sampled_from(kinds)):
        case "input":
            return Said(f"x[{k}]", lambda x, y: x[k])
        case "output":
            return Said(f"y[{k}]", lambda x, y: y[k])
        case "number":
            c = draw(st.sampled_from(NUMBERS))
            return Said(c, lambda x, y: Fraction(c), "/" not in c)
        case "sum" | "difference" as kind:
            a, b = draw(below), draw(below)
            sign = 1 if kind == "sum" else -1
            gap = draw(st.sampled_from(["", " "]))
            words = f"{a.words}{gap}{'+' if sign > 0 else draw(st.sampled_from('-−'))}{gap}"
            right = b.words if sign > 0 and not b.words.startswith("-") else bracketed(b)
            return Said(words + right, lambda x, y: a.at(x, y) + sign * b.at(x, y), False)
        case "minus":
            a = draw(below)
            return Said(f"-{bracketed(a)}", lambda x, y: -a.at(x, y), False)
        case "times":
            a, c = draw(below), draw(st.sampled_from(NUMBERS))
            inner = bracketed(a)
            beside = f"{c} {inner}" if inner[0] in "xymr(" and a.words[0] not in "0123456789" else f"{c}*{inner}"
            words = draw(st.sampled_from([beside, f"{c} * {inner}", f"{inner} * ({c})"]))
            return Said(words, lambda x, y: Fraction(c) * a.at(x, y), False)
        case "divided":
            a = draw(below)
            return Said(f"{bracketed(a)}/2", lambda x, y: a.at(x, y) / 2, False)
        case "abs":
            a = draw(below)
            return Said(draw(st.sampled_from([f"|{a.words}|", f"abs({a.words})"])), lambda x, y: abs(a.at(x, y)))
        case "max":
            several = draw(st.lists(below, min_size=1, max_size=3))
            best = draw(st.sampled_from([max, min]))
            words = f"{best.__name__}({', '.join(one.words for one in several)})"
            return Said(words, lambda x, y: best(one.at(x, y) for one in several))
        case "sorted":
            several = draw(st.lists(below, min_size=2, max_size=3))
            given = ", ".join(one.words for one in several)

            def ordered(x, y):
                return sorted(one.at(x, y) for one in several)

            j = draw(st.integers(0, len(several) - 1))
            return draw(
                st.sampled_from(
                    [
                        Said(f"sort({given})[{j}]", lambda x, y: ordered(x, y)[j]),
                        Said(f"second({given})", lambda x, y: ordered(x, y)[-2]),
                        Said(f"median({given})", lambda x, y: _median(ordered(x, y))),
                    ]
                )
            )
        case _:
            a = draw(below)
            if draw(st.booleans()):
                return Said(f"relu({a.words})", lambda x, y: max(a.at(x, y), Fraction(0)))
            return Said(f"step({a.words})", lambda x, y: Fraction(a.at(x, y) >= 0))


def _median(of):
    return (of[(len(of) - 1) // 2] + of[len(of) // 2]) / 2


COMPARED = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "≤": lambda a, b: a <= b,
}


@st.composite
def conditions(draw, depth=2, outputs=True):
    """A condition, with whether it holds."""
    kind = draw(st.sampled_from(["compare", "chain", "and", "or"] if depth else ["compare"]))
    if kind in ("compare", "chain"):
        size = 3 if kind == "chain" else 2
        several = [draw(terms(2, outputs)) for _ in range(size)]
        ways = ["<", "<=", "=", "≤"] if kind == "chain" else list(COMPARED)
        signs = [draw(st.sampled_from(ways)) for _ in range(size - 1)]
        words = several[0].words + "".join(f" {s} {one.words}" for s, one in zip(signs, several[1:], strict=True))

        def holds(x, y):
            found = [one.at(x, y) for one in several]
            return all(COMPARED[s](a, b) for s, a, b in zip(signs, found, found[1:], strict=False))

        return Said(words, holds)
    parts = draw(st.lists(conditions(depth - 1, outputs), min_size=2, max_size=2))
    combine = all if kind == "and" else any
    words = f" {kind} ".join(bracketed(one) for one in parts)
    return Said(words, lambda x, y: combine([one.at(x, y) for one in parts]), False)


def statement_of(spec, k=0):
    """A statement of a spec, about a network of which nothing is asked."""
    network = {"inputs": spec.width, "layers": [], "output": {"den": 1, "rows": [[0]] * spec.height}}
    return Claim(spec.claim(), read_network(network, ENDLESS)).statements[k]


def hold(statement, clauses, x, y):
    found = values(statement, x, [], y)
    return all(true(at(i), found, ENDLESS) for at, n, *_ in clauses for i in range(n))


def asked(words):
    """The theorem; None where it is refused for what it is, as too many cases."""
    from relumax.errors import TheoremError

    try:
        return theorem(words)
    except TheoremError as problem:
        assert "cases" in problem.said or "(a/b)*c or a/(b*c)?" in problem.said, problem.said
        return None


@given(conditions(), st.lists(st.tuples(points(N), points(N)), min_size=6, max_size=6))
@reproducible
def test_what_is_ensured_means_what_was_written(said, at):
    spec = asked(f"for all x in R^{N}: {said.words}, where y in R^{N} is the output")
    if spec is not None:
        statement = statement_of(spec)
        for x, y in at:
            assert hold(statement, statement.ensures, x, y) == said.at(x, y), said.words
        sentences = text(spec.claim())
        again = theorem(sentences[0])
        assert text(again.claim()) == sentences
        assert normal(again.claim()) == normal(spec.claim())


@given(conditions(outputs=False), st.lists(points(N), min_size=6, max_size=6))
@reproducible
def test_what_is_promised_means_what_was_written(said, at):
    spec = asked(f"for all x in R^{N} such that {said.words}: y = x[0]")
    if spec is not None:
        statement = statement_of(spec)
        for x in at:
            assert hold(statement, statement.requires, x, [x[0]]) == said.at(x, [x[0]] * N), said.words


@given(terms(outputs=False), st.lists(points(N), min_size=4, max_size=4))
@reproducible
def test_definitions_mean_what_was_written(said, at):
    plain, listed = f"y = t, where t = {said.words}", f"y = 2 t - u[1], where t = u[1], u = (0, {said.words}, x[0])"
    for words in (plain, listed):
        spec = asked(f"for all x in R^{N}: {words}")
        if spec is None:
            return
        statement = statement_of(spec)
        for x in at:
            worth = said.at(x, [])
            assert hold(statement, statement.ensures, x, [worth])
            assert not hold(statement, statement.ensures, x, [worth + 1])


# ---------------------------------------------------------------- sentences gone wrong

GOOD = [
    "for all x in R^2 (inputs 0 to 1) and p in R^1 (input 2) such that 0 <= p and p <= 1: "
    "y = max(s0), where s0 = (x[0], p)",
    "for all x in R^3 and every index w < 3, v < 2 such that (all x[i] are integer multiples of 1/2 and x[w] is "
    "the winner of x (every earlier one below it, every later one at most equal to it)) and (x[i] >= 0 for each i): "
    "y[w] = 1; (y[i] = 0 or y[i] = v) for each i < 3 other than w, where y in R^3 is the output",
    "|y[0] - max(x[0], relu(x[1] - 1/3))| <= 1.5e-3 for all x in [-1, 1]^2.",
    "for all x in R^2: y = sort(x), where a[i] = step(2 x[i]/3) for each i < 2, step(0) = 1, y is outputs 0 to 1",
]
WORDS = [
    "and",
    "or",
    "for each i",
    "for all",
    "such that",
    ":",
    ";",
    ",",
    "(",
    ")",
    "|",
    "[",
    "]",
    "=",
    "<=",
    ">",
    "!=",
    "+",
]
WORDS += [
    "-",
    "*",
    "/",
    "2",
    "0",
    "1/2",
    "x",
    "x[0]",
    "x[i]",
    "y",
    "y[1]",
    "w",
    "i",
    "max",
    "sort(x)",
    "where",
    "before w",
    "all",
]


@given(st.sampled_from(GOOD), st.data())
@reproducible
def test_what_is_no_sentence_is_refused_in_a_line(good, data):
    """With some words left out, put in or in another place it is a mistake with a caret, or a theorem that stays."""
    from relumax.errors import TheoremError

    parts = re.findall(r"\w+(?:\[\w+\])?|\s+|\S", good)
    for _ in range(data.draw(st.integers(1, 3))):
        k = data.draw(st.integers(0, len(parts) - 1))
        match data.draw(st.sampled_from(["out", "in", "other", "swap"])):
            case "out":
                parts[k] = " "
            case "in":
                parts.insert(k, f" {data.draw(st.sampled_from(WORDS))} ")
            case "other":
                parts[k] = data.draw(st.sampled_from(WORDS))
            case _:
                j = data.draw(st.integers(0, len(parts) - 1))
                parts[k], parts[j] = parts[j], parts[k]
    try:
        spec = theorem("".join(parts))
    except TheoremError as problem:
        assert problem.shown[1].strip() == "^" and problem.said.isprintable()
        return
    sentences = text(spec.claim())
    assert text(theorem("\n".join(sentences)).claim()) == sentences


# ---------------------------------------------------------------- claims that no one wrote


@st.composite
def sums(draw, names, head=()):
    """`[*head, const, c, reference, ...]`."""
    several = draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    numbers = st.integers(-3, 3)
    return [*head, draw(numbers), *[x for name in several for x in (draw(numbers.filter(bool)), name)]]


@st.composite
def claims(draw):
    """A claim with all that the kernel's text can say."""
    arrays = [
        {"name": "x", "of": "in", "base": 0, "stride": 1, "length": N},
        {"name": "p", "of": "in", "base": N, "stride": 1, "length": 1},
        {"name": "y", "of": "out", "base": 0, "stride": 2, "length": 2},
        {"name": "sort", "of": "out", "base": 1, "stride": 1, "length": 1},
    ]
    index = [["w", N], ["v", 2]]
    inside = [*(f"x[{k}]" for k in range(N)), "p[0]", "w", "v", "x[w]"]
    define: list[dict[str, Any]] = []
    for k in range(draw(st.integers(0, 4))):
        name, kind = f"a{k}", draw(st.sampled_from(["form", "relu", "step", "list", "each", "max", "min"]))
        if kind in ("max", "min"):
            of = draw(st.sampled_from(["x", "p", *(d["name"] for d in define if d["kind"] == "list")]))
            if not any((d.get("kind"), d.get("of")) == (kind, of) for d in define):  # the text has no name for them
                define.append({"name": name, "kind": kind, "of": of})
                inside.append(name)
        elif kind == "list":
            forms = draw(st.lists(sums(inside, (1,)), min_size=1, max_size=3))
            define.append({"name": name, "kind": "list", "forms": forms})
            inside += [f"{name}[{j}]" for j in range(len(forms))] + ([f"{name}[v]"] if len(forms) == 2 else [])
        elif kind == "each":
            form = draw(sums([*inside, "x[i]", "i"], (1,)))
            kind = draw(st.sampled_from(["form", "relu", "step"]))
            define.append({"name": name, "kind": kind, "length": N, "form": form})
            inside += [f"{name}[0]", f"{name}[w]"]
        else:
            define.append({"name": name, "kind": kind, "length": None, "form": draw(sums(inside, (1,)))})
            inside.append(name)
    atoms = sums(inside).flatmap(lambda one: st.sampled_from([[r, *one] for r in ("=", "<=", "<")]))
    outer = sums([*inside, "y[0]", "y[1]", "sort[0]"]).flatmap(
        lambda one: st.sampled_from([[r, *one] for r in ("=", "<=", "<")])
    )

    def clause(of):
        each = st.sampled_from([(None, None), (N, None), *((N, [g, "w"]) for g in ("before", "after", "except"))])
        return st.builds(
            lambda any_, how: {"any": any_, "each": how[0], "where": how[1]},
            st.lists(st.lists(of, min_size=1, max_size=2), min_size=1, max_size=2),
            each,
        )

    level = st.sampled_from([["<"], ["<="], ["gap", 1, 2], ["tie", 3, 1], ["gap", 2, 4]])
    won = {"winner": "w", "of": "x", "before": draw(level), "after": draw(level), "lattice": None}
    if len(won["before"]) + len(won["after"]) == 2:
        won["lattice"] = draw(st.sampled_from([None, [1, 1], [2, 6]]))
    ensures = [
        {"any": [[["<=", 0, 1, "y[0]", 1, "y[1]", 1, "sort[0]", 1, "p[0]", 1, "x[w]"]]], "each": None, "where": None}
    ]
    ensures += draw(st.lists(clause(outer), max_size=3))
    requires = draw(st.lists(clause(atoms), max_size=3)) + ([won] if draw(st.booleans()) else [])
    return {
        "arrays": arrays,
        "statements": [{"define": define, "ensures": ensures, "index": index, "requires": requires}],
    }


@given(claims())
@reproducible
def test_what_the_kernel_prints_is_read_as_it_is_printed(claim):
    sentences = text(claim)
    found = theorem(sentences[0])
    assert text(found.claim()) == sentences
