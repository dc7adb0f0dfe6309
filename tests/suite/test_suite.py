"""The suite: every verdict is certain, by kernel and by exact evaluation; solvers of other people agree."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from random import Random
from time import process_time

import pytest

from relumax.commands.solver import answered
from relumax.formats import load
from relumax.formats.vnnlib import holds, read
from relumax.formats.vnnlib.models import combined
from relumax.formats.vnnlib.query import IN, OUT, Every
from relumax.kernel import check
from relumax.network.evaluate import evaluate
from relumax.network.layers import sha256
from relumax.suite.files import files
from relumax.suite.instances import NUDGE
from relumax.suite.networks import bent, bumped, halves, nudged, scrambled

SOLVED = 2000
"""Milliseconds for z3 on each; what it does not decide then is left."""


@pytest.fixture(scope="module")
def suite() -> dict[str, bytes]:
    """Every file by name."""
    return dict(files())


@pytest.fixture(scope="module")
def rows(suite) -> list[dict[str, str]]:
    """verdicts.csv."""
    return list(csv.DictReader(io.StringIO(suite["verdicts.csv"].decode())))


def test_it_is_the_same_each_time(suite):
    assert dict(files()) == suite


def test_every_file_is_listed_and_every_listed_file_is_there(suite, rows):
    named = {row[key] for row in rows for key in ("network", "shown by")}
    named |= {f"{folder}/{row['instance']}.vnnlib" for row in rows for folder in ("vnnlib", "vnnlib1")}
    named |= {f"smt2/{row['instance']}.smt2" for row in rows}
    assert named | {"instances.csv", "verdicts.csv", "README.md"} == set(suite)
    listed = [line.split(",") for line in suite["instances.csv"].decode().splitlines()]
    assert [one[:2] for one in listed] == [[row["network"], f"vnnlib/{row['instance']}.vnnlib"] for row in rows]
    assert len(rows) == 120 and sum(row["verdict"] == "unsat" for row in rows) == 30
    assert all(f"| {row['instance']} | {row['verdict']} |" in suite["README.md"].decode() for row in rows)


def test_certificates_are_accepted_and_are_about_the_networks(suite, rows):
    """The kernel accepts each, and its network is, weight by weight, the ONNX file of its unsat instances."""
    for row in rows:
        if row["verdict"] == "unsat":
            theorem = check(suite[row["shown by"]])
            assert theorem.network_sha256 == sha256(load(suite[row["network"]]).network)
            assert theorem.statements[0] in suite["README.md"].decode()


def test_witnesses_meet_their_queries_exactly(suite, rows):
    """Both versions of the query, the network from its file, the numbers from the text."""
    for row in rows:
        if row["verdict"] != "sat":
            continue
        lines = suite[row["shown by"]].decode().splitlines()
        numbers = [Fraction(line) for line in lines if not line[0].isalpha()]
        for folder in ("vnnlib", "vnnlib1"):
            query = read(suite[f"{folder}/{row['instance']}.vnnlib"].decode())
            inputs, outputs = query.cells(IN), query.cells(OUT)
            network = load(suite[row["network"]]).network
            assert numbers[len(inputs) :] == evaluate(network, numbers[: len(inputs)])
            assert holds(Every(query.assertions), dict(zip([*inputs, *outputs], numbers, strict=True)))


def test_the_right_networks_never_meet_their_queries_at_random_points(suite, rows):
    draw = Random(5)
    for row in rows:
        if row["verdict"] == "unsat":
            query = read(suite[f"vnnlib/{row['instance']}.vnnlib"].decode())
            network = combined(query, {"N": suite[row["network"]]})
            cells = [*query.cells(IN), *query.cells(OUT)]
            for _ in range(20):
                x = [Fraction(draw.randint(-40, 40), draw.choice((1, 2, 4))) for _ in range(network.inputs)]
                assert not holds(Every(query.assertions), dict(zip(cells, [*x, *network(x)], strict=True)))


def test_the_public_parser_reads_every_query(suite, rows):
    vnnlib = pytest.importorskip("vnnlib", reason="the package vnnlib is not installed")
    for row in rows:
        vnnlib.parse_query_string(suite[f"vnnlib/{row['instance']}.vnnlib"].decode())


@pytest.mark.parametrize("name", ["max-halves-8", "max-shallow-5", "argmax-slack-4", "argmax-index-4"])
def test_relumax_answers_its_own_queries(suite, rows, name):
    """From the files alone, on all inputs and on the box."""
    for row in rows:
        if row["instance"].startswith(name):
            query = read(suite[f"vnnlib/{row['instance']}.vnnlib"].decode())
            found = answered(query, combined(query, {"N": suite[row["network"]]}))
            assert found.word == row["verdict"], (row, found.reason)


@pytest.mark.parametrize("name", ["max-halves-32-thin", "max-tournament-64-nudged", "max-tournament-64-thin"])
def test_thin_and_small_errors_of_large_networks_are_found_within_seconds(suite, rows, name):
    for row in [row for row in rows if row["instance"].startswith(name)]:
        query, start = read(suite[f"vnnlib/{row['instance']}.vnnlib"].decode()), process_time()
        found = answered(query, combined(query, {"N": suite[row["network"]]}))
        assert found.word == "sat" and process_time() - start < 6, (row, found.reason)


SMALL = ("max-halves-3", "max-halves-5", "max-tournament-4", "max-chain-4", "min-tournament-6", "argmax")


def agrees(suite, rows) -> float:
    """z3 on each file of SMT-LIB: what it decides is as is said; the share decided."""
    import z3

    decided = 0
    for row in rows:
        solver = z3.Solver()
        solver.set("timeout", SOLVED)
        solver.from_string(suite[f"smt2/{row['instance']}.smt2"].decode())
        answer = str(solver.check())
        assert answer in (row["verdict"], "unknown"), row
        decided += answer == row["verdict"]
    return decided / len(rows)


def test_z3_agrees_where_networks_are_small(suite, rows):
    assert agrees(suite, [row for row in rows if row["instance"].startswith(SMALL)]) > 0.9


@pytest.mark.slow
def test_z3_agrees_on_all(suite, rows):
    assert agrees(suite, rows) > 0.6


def test_near_misses_are_near():
    right = halves(4)
    place = [Fraction(k) for k in (6, 0, 2, 4)]
    thin, far, off = bumped(right, place, 1024, Fraction(1, 4)), bent(right, Fraction(2**20)), nudged(right, NUDGE)
    assert thin(place) == [6 + Fraction(1, 4)] and thin(6, 0, 2, 4 + Fraction(1, 1024)) == [6]
    assert far(2**20, 0, 0, 0) == [2**20] and far(2**20 + 3, 0, 0, 0) == [2**20 + 6]
    assert off(1, 1, 1, 1) != [1] or off(2, 0, 0, 0) != [2]
    draw = Random(3)
    for network in (right, thin, far, off):
        strange = scrambled(network, draw)
        for _ in range(50):
            x = [Fraction(draw.randint(-9, 9), 2) for _ in range(4)]
            assert strange(x) == network(x)
