"""FORMAT.md is the specification: its example is a certificate, its walk what happens, its numbers the kernel's."""

import json
import re
from pathlib import Path

import relumax.kernel
from relumax.kernel import MAX_FUEL, check, points, statement, wire
from relumax.kernel.network import read_network
from relumax.kernel.proof import RULES, Reader, check_lemma
from relumax.kernel.statement import Claim
from relumax.kernel.wire import EQ, LE, LT, Fuel
from tests.kernel.examples import COMBINE, GOAL, HAVE, LEAF, MAX2_CERTIFICATE, PICK, SPLIT, data

TEXT = (Path(relumax.kernel.__file__).parent / "FORMAT.md").read_text(encoding="utf-8")
PLAIN = " ".join(TEXT.split())
BLOCKS = dict(re.findall(r"^```\w+ (\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))


def test_the_example_is_a_certificate_and_says_what_is_printed():
    found = json.loads(BLOCKS["certificate"])
    assert list(check(data(found)).statements) == [BLOCKS["theorem"].strip()]
    assert found == MAX2_CERTIFICATE
    assert list(check(data(json.loads(BLOCKS["second"]))).statements) == [BLOCKS["said"].strip()]
    assert BLOCKS.keys() == {"certificate", "theorem", "second", "said"}
    assert TEXT.count("```") == 8


def walked(name, section):
    """The context at the end of the steps that the table of a section names, and the reader behind them."""
    found, fuel = json.loads(BLOCKS[name]), Fuel(10**6)
    network = read_network(found["network"], fuel)
    lemmas = []
    for lemma in found["lemmas"]:
        lemmas.append(check_lemma(lemma, "", lemmas, fuel))
    (one,) = Claim(found["claim"], network).statements
    context = one.context(fuel, lemmas)
    reader = Reader(found["proofs"][0], "")
    steps = re.findall(r"^\| [0-9]+ \| `([^`]+)`", TEXT.partition(section)[2].partition("\n## ")[0], re.MULTILINE)
    return context, reader, [json.loads(f"[{step.replace(' ', ',')}]") for step in steps]


def test_the_walk_through_the_example():
    context, reader, steps = walked("certificate", "## 7")
    assert len(context.facts) == 5 and len(steps) == 5
    for step in steps:
        start = reader.at
        opened = RULES[reader.next()](context, reader)
        assert reader.values[start : reader.at] == step
        if opened:
            for fact in next(iter(opened[0])):
                context.add(fact)
    x0, x1, u, p, q, y, m = range(7)
    assert context.facts[3] == (EQ, 0, ((u, 1), (p, 1), (q, -1), (y, -1)))
    assert context.facts[4][1:] == ((1, 0, ((m, 1),)), ((1, 0, ((x0, 1),)), (1, 0, ((x1, 1),))))
    assert context.facts[5] == (EQ, 0, ((x1, 1), (p, -1), (q, 1)))
    assert context.facts[6][1] == (1, 0, ((x1, 1), (u, 1)))
    assert context.facts[7] == (EQ, 0, ((x1, 1), (u, 1), (m, -1)))
    assert context.facts[8][1] == (((LT, 0, ((y, 1), (m, -1))),), ((LT, 0, ((y, -1), (m, 1))),))
    assert context.facts[9] == (LT, 0, ((y, 1), (m, -1)))
    assert len(context.facts) == 10
    rest = reader.values[reader.at :]
    assert f"`{' '.join(str(value) for value in rest[:10])}`" in PLAIN


def test_the_walk_through_the_second_example():
    context, reader, steps = walked("second", "## 8")
    assert len(context.facts) == 3 and [step[0] for step in steps] == [PICK, HAVE, PICK, COMBINE]
    proved = []
    while reader.at < len(reader.values):  # as the checker does, but a cut is taken as proved
        start = reader.at
        opened = RULES[reader.next()](context, reader)
        step = reader.values[start : reader.at]
        if step == steps[len(proved)]:
            proved.append(step)
        if opened is not None:
            kept = opened[2]
            if kept is None:
                break
            reader.at += len([GOAL, SPLIT, 3, *[LEAF, 2, 4, 1, 6, 1] * 3])
            context.add(kept)
        if len(proved) == len(steps):
            break
    x0, x1, y, w, best = range(5)
    assert proved == steps
    assert context.facts[0] == (EQ, 0, ((x0, 1), (x1, 1), (y, -1)))
    assert context.facts[1:3] == [(LE, 0, ((w, -1),)), (LE, -1, ((w, 1),))]
    below = (LE, 0, ((x0, 1), (best, -1)))
    same, before, after = context.facts[3][1]
    assert same == ((EQ, 0, ((w, 1),)), (EQ, *below[1:]))
    assert before == ((LE, 1, ((w, -1),)), below) and after == ((LE, 1, ((w, 1),)), below)
    assert context.facts[4] == below and context.facts[6] == (LE, 0, ((x1, 1), (best, -1)))
    assert context.facts[7] == (LE, 0, ((y, 1), (best, -2)))


def test_every_rule_is_specified():
    rows = re.findall(r"^\| (\d) `([A-Z]+)` \|", TEXT, re.MULTILINE)
    assert [(int(k), name.lower()) for k, name in rows] == list(enumerate(rule.__name__ for rule in RULES))
    for rule in RULES:
        assert re.search(rf"^\*\*{rule.__name__.upper()}\b", TEXT, re.MULTILINE)


def test_the_numbers_and_words():
    assert f"min(100 x its length in bytes + 10^6, 10^{len(str(MAX_FUEL)) - 1})" in PLAIN
    assert f"costs {wire.NEW} here" in PLAIN
    assert f"{wire.MAX_BYTES >> 20} MiB" in PLAIN
    assert f"{wire.MAX_BITS:,} bits" in PLAIN
    assert f"{points.MAX_POINT_BITS:,} bits" in PLAIN
    assert f"at most {wire.MAX_DIGITS} characters" in PLAIN
    assert " ".join(statement._WORDS.split()) in PLAIN
    assert f"version {relumax.kernel.VERSION}" in TEXT.splitlines()[0]
