"""A proof's shape can be read alone: a reader that knows no lemma, fact or statement cuts the list into steps."""

import json
from pathlib import Path

import pytest

import relumax.kernel
from relumax.kernel.network import read_network
from relumax.kernel.proof import NUMBER, RULES, Reader, check_lemma
from relumax.kernel.statement import Claim
from relumax.kernel.wire import Fuel
from tests.kernel.examples import EXAMPLES

PROOFS = Path(relumax.kernel.__file__).parents[2] / "proofs"
FILES = ["argmax-index-4.json", "max-bakaev-5.json", "max-tournament-16.json", "search-iterate-3.json"]


def cut(values):
    """The steps of a proof, from FORMAT.md's table of operands alone."""
    steps, at = [], 0
    while at < len(values):
        rule, start = RULES[values[at]].__name__, at
        at += 1
        if rule in ("leaf", "combine"):
            at += 1 + 2 * values[at]
        elif rule in ("split", "have", "elim"):
            at += 1
        elif rule == "instance":
            at += 2 + values[at + 1]
            at += 1 + values[at]
        elif rule == "define":
            at += 2 if values[at] < 2 else 2 + values[at + 1]
        elif rule == "pick":
            at += 2
        elif rule == "merge":
            at += 3
        steps.append(values[start:at])
    return steps


def checked(monkeypatch, certificate):
    """For each proof in the certificate: its list, and the steps as the checker read them."""
    found = []

    def watched(rule):
        def run(context, reader):
            start = reader.at - 1
            opened = rule(context, reader)
            found[-1][1].append(reader.values[start : reader.at])
            return opened

        run.__name__ = rule.__name__
        return run

    class Watched(Reader):
        __slots__ = ()

        def __init__(self, values, path):
            super().__init__(values, path)
            found.append((values, []))

    monkeypatch.setattr("relumax.kernel.proof.RULES", tuple(map(watched, RULES)))
    monkeypatch.setattr("relumax.kernel.proof.Reader", Watched)
    assert relumax.kernel.check(relumax.kernel.wire.write(certificate)).statements
    monkeypatch.undo()
    return found


@pytest.mark.parametrize("name", [*EXAMPLES, *FILES])
def test_the_steps_of_a_proof(monkeypatch, name):
    found = checked(monkeypatch, EXAMPLES[name][0] if name in EXAMPLES else json.loads((PROOFS / name).read_bytes()))
    assert found
    for values, steps in found:
        assert cut(values) == steps


def test_a_unit_is_found_by_its_variable_alone():
    """The context holds units by variable; nothing in it can be looked up by a form."""
    certificate = EXAMPLES["max of two"][0]
    fuel, lemmas = Fuel(10**6), []
    for lemma in certificate["lemmas"]:
        lemmas.append(check_lemma(lemma, "", lemmas, fuel))
    (one,) = Claim(certificate["claim"], read_network(certificate["network"], fuel)).statements
    context = one.context(fuel, lemmas)
    assert list(context.units) == [2, 3, 4]
    assert NUMBER["INSTANCE"] == 5 and not hasattr(context, "order")
