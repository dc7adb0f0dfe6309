"""Theorems in words: what relumax prints is what it reads, and what people write means what it says."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time

import pytest

from relumax import inputs, maximum, minimum, prove, relu, theorem
from relumax.errors import SpecError
from relumax.kernel.text import text
from relumax.language.expr import smallest, symbol
from relumax.language.spec import Spec, array, statement
from relumax.language.theorem.unsaid import of_construction

PROOFS = sorted((Path(__file__).resolve().parents[2] / "proofs").glob("*.json"))


def said(words):
    """The sentences of the claim that the words are read as."""
    return text(theorem(words).claim())


def normal(claim):
    """A claim up to the order of arrays, promises and terms, and up to definitions that the text has inline."""
    arrays = sorted(json.dumps(one, sort_keys=True) for one in claim["arrays"])
    return arrays, [_normal(one) for one in claim["statements"]]


def _normal(one):
    inline = {d["name"]: f"{d['kind']}({d['of']})" for d in one["define"] if d["kind"] in ("max", "min")}

    def form(head, const, *terms):
        names = [inline.get(name, name) for name in terms[1::2]]
        return [head, int(const), *sorted(zip(names, map(int, terms[::2]), strict=True))]

    def clause(c):
        return [c["each"], c["where"], sorted(sorted(map(repr, (form(*atom) for atom in b))) for b in c["any"])]

    def definition(d):
        forms = [form(*f) for f in d["forms"]] if d["kind"] == "list" else form(*d["form"])
        return repr([d["name"], d["kind"], d.get("length"), forms])

    requires = [json.dumps(r if "winner" in r else clause(r), sort_keys=True) for r in one["requires"]]
    return {
        "define": sorted(definition(d) for d in one["define"] if d["name"] not in inline),
        "ensures": sorted(map(repr, map(clause, one["ensures"]))),
        "index": one["index"],
        "requires": sorted(requires),
    }


@pytest.mark.parametrize("path", PROOFS, ids=lambda path: path.stem)
def test_every_theorem_of_the_catalogue_is_read_as_it_is_printed(path):
    claim = json.loads(path.read_bytes())["claim"]
    sentences = text(claim)
    found = theorem("\n".join(sentences))
    assert text(found.claim()) == sentences
    assert normal(found.claim()) == normal(claim)
    if len(sentences) == 1:
        assert said(f"# as a verdict has it\ntheorem  {sentences[0]}\n") == sentences


def test_the_catalogue_is_there():
    assert len(PROOFS) > 150


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        # sums and products
        ("for all x in R^2: y = -x[0] + 1/2 x[1] - 3*x[0]", "2 y + 8 x[0] = x[1]"),
        ("for all x in R^2: y = x[0] - x[1] - 2", "y + x[1] + 2 = x[0]"),
        ("for all x in R^2: y = x[0] - (x[1] - 2)", "y + x[1] = x[0] + 2"),
        ("for all x in R^2: y = 1/2/3 x[0] + x[1]/6", "6 y = x[0] + x[1]"),
        ("for all x in R^2: y = -(x[0] + x[1])/2", "2 y + x[0] + x[1] = 0"),
        ("for all x in R^2: y = 3/2 (x[0] + x[1])", "2 y = 3 x[0] + 3 x[1]"),
        ("for all x in R^2: y = 0.1 x[0] + 1e2 + 1.5e-1 x[1]", "20 y = 2 x[0] + 3 x[1] + 2000"),
        ("for all x in R^2: y = 2x[0]+3x[1]", "y = 2 x[0] + 3 x[1]"),
        ("for all x in R^2: y = 2 * -x[0] + - x[1]", "y + 2 x[0] + x[1] = 0"),
        ("for all x in R: y = x", "y = x"),
        ("for all x in R^2: y = sum(x) + sum(x[0], 1)", "y = 2 x[0] + x[1] + 1"),
        # comparisons
        ("for all x in R^2: x[0] <= y < x[1]", "x[0] <= y and y < x[1]"),
        ("for all x in R^2: x[0] >= y > x[1]", "y <= x[0] and x[1] < y"),
        ("for all x in R^2: x[0] = y == x[1]", "x[0] = y and y = x[1]"),
        ("for all x in R^2: x[0] != x[1] + y", "x[0] < x[1] + y or x[1] + y < x[0]"),
        ("∀ x ∈ ℝ^2: y ≤ x[0] − 2·x[1]", "y + 2 x[1] <= x[0]"),
        ("for all x in R^2: (y = x[0] and y >= 0) or y = x[1]", "(y = x[0] and 0 <= y) or y = x[1]"),
        ("for all x in R^2: (y = x[0] or y = x[1]) and 1 <= y", "y = x[0] or y = x[1]; 1 <= y"),
        ("for all x in R^2: y = x[0], and y = x[1].", "y = x[0]; y = x[1]"),
        # largest and smallest
        ("for all x in R^2: y = max(x)", "y = max(x)"),
        ("for all x in R^2: y = m, where m = max(x)", "y = max(x)"),
        ("for all x in R^2: y = max(x[0], x[1])", "y = max(x)"),
        ("for all x in R^2: y = sort(x)[1] - sort(x)[0]", "y + min(x) = max(x)"),
        ("for all x in R^2: y = second(x)", "y = min(x)"),
        ("for all x in R^2: y = median(x)", "2 y = max(x) + min(x)"),
        ("for all x in R^2: |y - max(x)| <= 1/1000", "1000 y <= 1000 max(x) + 1 and 1000 max(x) <= 1000 y + 1"),
        ("for all x in R^2: |y| >= max(x)", "max(x) <= y or max(x) + y <= 0"),
        ("for all x in R^2: max(y, x[0]) <= x[1]", "y <= x[1] and x[0] <= x[1]"),
        ("for all x in R^2: min(y, x[0]) <= x[1]", "y <= x[1] or x[0] <= x[1]"),
        ("for all x in R^2: relu(y) = max(x)", "y <= max(x) and 0 <= max(x); max(x) <= y or max(x) <= 0"),
        ("for all x in R^2: x[0] + x[1] <= step(y)", "(0 <= y and x[0] + x[1] <= 1) or (y < 0 and x[0] + x[1] <= 0)"),
    ],
)
def test_what_people_write(words, sentence):
    [found] = said(words)
    head, _, body = found.partition(": ")
    assert head in ("for all x in R^2", "for all x in R^1") and body == sentence
    assert said(found) == [found]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "for all x in R^3: y = min(x[0], max(x[1], x[2]))",
            "for all x in R^3: y = min(s2), where s0 = (x[1], x[2]), s2 = (x[0], max(s0))",
        ),
        (
            "|y - max(x)| <= 0.5 for all x in [-1, 1]^2",
            "for all x in R^2 such that (0 <= x[i] + 1 and x[i] <= 1) for each i < 2: "
            "2 y <= 2 max(x) + 1 and 2 max(x) <= 2 y + 1",
        ),
        (
            "for all x in R^3 such that 0 <= x[0] and x[0] <= x[1]: y = x[2]",
            "for all x in R^3 such that 0 <= x[0] and x[0] <= x[1]: y = x[2]",
        ),
        (
            "for all x in R^3 such that 0 <= x[0] <= x[1] and |x[2]| < 1: y = x[2]",
            "for all x in R^3 such that (0 <= x[0] and x[0] <= x[1]) and (x[2] < 1 and 0 < x[2] + 1): y = x[2]",
        ),
        (
            "for all x in R^2, p in [0, 1]: y[0] = p + x[0], and y[1] = |x[1]|",
            "for all x in R^2 (inputs 0 to 1) and p in R^1 (input 2) such that 0 <= p and p <= 1: "
            "y[0] = p + x[0]; y[1] = max(s0), where s0 = (x[1], -x[1]), y in R^2 is the output",
        ),
        (
            "for all x in R^2: y[i] = relu(x[i] - max(x)) + i for each i",
            "for all x in R^2: y[i] = t[i] + i for each i < 2, "
            "where t[i] = relu(x[i] - max(x)) for each i < 2, y in R^2 is the output",
        ),
        (
            "for all x in R^2, p in R^2: y[i] = max(x[i], p[i]) for each i",
            "for all x in R^2 (inputs 0 to 1) and p in R^2 (inputs 2 to 3): y[i] = t[i] for each i < 2, "
            "where s0 = (x[0], p[0]), s2 = (x[1], p[1]), t = (max(s0), max(s2)), y in R^2 is the output",
        ),
        (
            "for all x in R^2 such that |x[0]| + |x[1]| <= 1: y = max(x)",
            "for all x in R^2 such that max(s0) + max(s2) <= 1: y = max(x), "
            "where s0 = (x[0], -x[0]), s2 = (x[1], -x[1])",
        ),
        (
            "for all x in R^2: y = sort(x)",
            "for all x in R^2: y[i] = s[i] for each i < 2, where s = (min(x), max(x)), y in R^2 is the output",
        ),
        (
            "for all x in R^2 such that -1 <= x <= 1: y = 2 x[1]",
            "for all x in R^2 such that (0 <= x[i] + 1 and x[i] <= 1) for each i < 2: y = 2 x[1]",
        ),
        (
            "for all x in R^2 and every index w < 2 such that x[w] is the winner of x: y = sort(x)[w]",
            "for all x in R^2 and every index w < 2 such that x[w] is the winner of x (the first of the largest): "
            "y = s[w], where s = (min(x), max(x))",
        ),
        (
            "for all x in R^2: y = a, where a = b + 1, b = step(x[0] - x[1])",
            "for all x in R^2: y = a, where b = step(x[0] - x[1]), a = b + 1, step(0) = 1",
        ),
        (  # the kernel asks for every input and output to be mentioned
            "for all x in R^2: y[0] <= y[1], where y in R^3 is the output",
            "for all x in R^2: y[0] <= y[1]; (x[i] <= 0 or 0 < x[i]) for each i < 2; "
            "(y[i] <= 0 or 0 < y[i]) for each i < 3, where y in R^3 is the output",
        ),
        (
            "for all x in R^2 and every index w < 2: y[w] = x[w], and y[i] <= x[i] for each i other than w",
            "for all x in R^2 and every index w < 2: y[w] = x[w]; y[i] <= x[i] for each i < 2 other than w, "
            "where y in R^2 is the output",
        ),
        (
            "for all x in R^2: y = x[0] for each i < 3; 0 <= x[1]",
            "for all x in R^2: y = x[0] for each i < 3; 0 <= x[1]",
        ),
    ],
)
def test_whole_sentences(words, sentence):
    assert said(words) == [sentence]
    assert said(sentence) == [sentence]


def test_names_that_are_taken_are_not_given_again():
    [found] = said("for all s0 in R^2, m in R: y = max(s0[0], m) + relu(r0), where r0 = s0[1]")
    assert found.endswith("y = max(s1) + r3, where r0 = s0[1], s1 = (s0[0], m), r3 = relu(r0)")
    [found] = said("for all t in R^2: y[i] = relu(t[i] + 1) for each i < 2")
    assert "y[i] = t0[i] for each i < 2, where t0[i] = relu(t[i] + 1)" in found


def test_about_a_construction_maxima_have_its_names():
    x, y, low = array("x", "in", 2), array("y", "out"), symbol("low")
    own = Spec([x, y], [statement([low <= y[0]], define={low: smallest(x)})], (1,))
    words = "for all x in R^2: y = min(x) + max(x) + a[0], where a = (min(x), 0)"
    found = of_construction(theorem(words), own)
    assert found.nonnegative == (1,) and text(found.claim()) == said(words)
    [one] = found.statements
    assert [d["name"] for d in one["define"]] == ["low", "a", "m2"]
    assert "low" in one["ensures"][0]["any"][0][0] and one["define"][1]["forms"][0][-1] == "low"
    taken = of_construction(theorem("for all x in R^2: y = min(x), where low = 1"), own)
    assert {d["name"]: d["kind"] for d in taken.statements[0]["define"]} == {"low": "form", "m": "min"}


def test_several_sentences_are_several_statements():
    words = "for all x in R^2: x[0] <= y\n\nfor all x in R^2:\n  y <= max(x).  # or below"
    spec = theorem(words)
    assert text(spec.claim()) == ["for all x in R^2: x[0] <= y", "for all x in R^2: y <= max(x)"]
    assert (spec.width, spec.height) == (2, 1)
    words = "for all x in R^2: y[0] = x[0]\nfor all x in R^2: y[1] = x[1]"
    assert theorem(words).height == 2


@pytest.mark.parametrize(
    ("words", "program"),
    [
        ("for all x in R^3: y = |x[0] - |x[1]|| + x[2]", lambda x: abs(x[0] - abs(x[1])) + x[2]),
        ("for all x in R^3: y = median(x)", lambda x: maximum(minimum(*x[:2]), minimum(maximum(*x[:2]), x[2]))),
        ("for all x in R^3: y = min(x[0], max(x[1], x[2]))", lambda x: minimum(x[0], maximum(*x[1:]))),
        ("for all x in R^3: y = relu(x[0] - 1/3)/2 - step(x[1]) + 0 x[2]", None),
        ("for all x in R^3: y[i] = relu(x[i]) for each i", lambda x: [relu(one) for one in x]),
        ("for all x in [-1, 1]^3: |y - x[0]| <= 0.1 and x[1] = x[1] and x[2] = x[2]", lambda x: x[0] + "1/10"),
        ("for all x in R^3 such that x[0] <= x[1] <= x[2]: y = max(x) - sort(x)[0]", lambda x: relu(x[2] - x[0])),
    ],
)
def test_they_are_proved_and_refuted(words, program):
    from relumax import step

    outputs = program(inputs(3)) if program else relu(inputs(3)[0] - "1/3") / 2 - step(inputs(3)[1])
    verdict = prove(outputs, theorem(words), timeout=60)
    assert verdict.verdict == "proved", verdict.reason
    assert list(verdict.theorem) == said(words)
    wrong = [outputs[0] + 1, *outputs[1:]] if isinstance(outputs, list) else outputs + 1
    assert prove(wrong, words, timeout=60).verdict == "refuted"  # a text does as well as its spec


def test_a_spec_is_returned_and_other_things_are_no_theorems():
    spec = theorem("for all x in R: y = x")
    assert isinstance(spec, Spec) and repr(spec) == "<for all x in R^1: y = x>"
    assert len(repr(theorem("for all x in R^9: y = median(x)"))) < 210
    with pytest.raises(SpecError, match="a theorem is a text such as"):
        theorem(7)


def test_it_takes_time_linear_in_the_length():
    def seconds(n):
        start = process_time()
        theorem(f"for all x in R^{n}: " + "; ".join(f"y[{k}] = max(x) - relu(x[{k}])" for k in range(n)))
        theorem(f"for all x in R^{n}: y = a{n - 1}, where a0 = x[0], " + ", ".join(
            f"a{k} = a{k - 1} + 2 x[{k}]" for k in range(1, n)
        ))  # fmt: skip
        return process_time() - start

    seconds(50)
    few, many = min(seconds(250) for _ in range(3)), seconds(2000)
    assert many < 3 * 8 * few + 0.5
