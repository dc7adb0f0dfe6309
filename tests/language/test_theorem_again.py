"""Theorems of the catalogue, printed, read and proved again: of the program, and of the network alone."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from relumax import prove, theorem
from relumax.constructions.registry import find
from relumax.kernel import check
from relumax.kernel.text import text
from relumax.language.theorem.unsaid import of_construction
from relumax.network.layers import from_json

PROOFS = Path(__file__).resolve().parents[2] / "proofs"
ROWS = [row for row in runpy.run_path(str(PROOFS / "regenerate.py"))["rows"]() if row.engine == "auto"]
SMALL = {row.line: row for row in reversed(ROWS) if row.n > 1 and len((PROOFS / row.file).read_bytes()) < 50_000}


def again(row):
    """The network of a certificate, and the theorem as it is read from what the kernel prints of it."""
    found = json.loads((PROOFS / row.file).read_bytes())
    sentences = text(found["claim"])
    return from_json(found["network"]), sentences, theorem("\n".join(sentences))


@pytest.mark.parametrize("row", SMALL.values(), ids=lambda row: row.file)
def test_of_the_network_alone(row):
    network, sentences, spec = again(row)
    verdict = prove(network, spec, timeout=120)
    assert verdict.verdict == "proved", verdict.reason
    assert list(check(verdict.certificate).statements) == sentences == list(verdict.theorem)
    assert spec.points() == [[] for _ in sentences]  # those in the certificate were found


@pytest.mark.parametrize("row", [row for row in SMALL.values() if not row.line.options], ids=lambda row: row.file)
def test_of_the_program(row):
    known = find(row.line.function, row.line.construction)
    network, sentences, spec = again(row)
    spec = of_construction(spec, known.spec(row.n, **known.options))
    verdict = prove(known.program(row.n, **known.options), spec, timeout=120)
    assert (verdict.verdict, list(verdict.theorem)) == ("proved", sentences), verdict.reason
    assert verdict.network.widths == network.widths


def test_every_line_of_the_catalogue_is_here():
    left = {row.line for row in ROWS} - SMALL.keys()
    assert {" ".join([one.construction, one.options]) for one in left} == {
        "iterate --steps 2",
        "iterate --steps 3 --units step",
    }
