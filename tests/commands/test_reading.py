"""A certificate for reading."""

from __future__ import annotations

import json

import pytest

from relumax import pipeline
from relumax.commands.reading import readable
from relumax.constructions import registry
from relumax.errors import FormatError


def certificate(pair, n, engine):
    found = registry.find(*pair)
    return pipeline.prove(found.program(n), found.spec(n), engine).certificate


CASES = [
    (("max", "tournament"), 4),
    (("min", "chain"), 4),
    (("max", "essay"), 3),
    (("max", "essay-fused"), 5),
    (("max", "chain"), 1),
]


@pytest.mark.parametrize("engine", ["modular", "flat"])
@pytest.mark.parametrize(("pair", "n"), CASES, ids=str)
def test_everything_is_shown(pair, n, engine):
    data = certificate(pair, n, engine)
    value, lines = json.loads(data), readable(data)
    text = "\n".join(lines)
    assert lines[0].startswith(f"theorem  for all x in R^{n}")
    assert pipeline.check(data).network_sha256 in lines[1]
    assert sum(line.startswith("lemma ") for line in lines) == len(value["lemmas"])
    assert sum(line.startswith("proof of statement") for line in lines) == len(value["proofs"])
    assert "is false" in text and "  f0  " in text
    assert all(c.isprintable() for line in lines for c in line)


def test_a_leaf_is_written_out():
    lines = readable(certificate(("max", "tournament"), 2, "flat"))
    leaves = [line.strip() for line in lines if line.strip().startswith("leaf ")]
    assert leaves and all(line.endswith(" is false") for line in leaves)
    facts = {line.split()[0] for line in lines if line.strip().startswith("f") and line.split()[0][1:].isdigit()}
    for leaf in leaves:
        named = [word for word in leaf.split() if word.startswith("f") and word[1:].isdigit()]
        assert named and set(named) <= facts


def test_it_is_cut():
    lines = readable(certificate(("max", "chain"), 6, "flat"), 30)
    assert len(lines) == 31 and lines[-1].startswith("... ") and lines[-1].endswith(" more lines")


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 10_000])
def test_what_the_kernel_does_not_accept_is_not_shown(data):
    with pytest.raises(FormatError, match="not a certificate the kernel accepts"):
        readable(data)
    good = certificate(("max", "tournament"), 2, "flat")
    with pytest.raises(FormatError):
        readable(good.replace(b'"kind":"max"', b'"kind":"min"'))
