"""`relumax draw`: which picture of what, where it goes, and every way to be told that there is none."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from relumax.__main__ import main
from tests.running import THIN, plain, relumax, written

pytest.importorskip("matplotlib")
TOURNAMENT = Path(__file__).parents[2] / "proofs" / "max-tournament-8.json"
PROOFS = Path(__file__).resolve().parents[2] / "proofs"
FOUR = "max/tournament, n = 4; 4 inputs, 2 hidden layers, 9 units, 23 weights"


def test_a_network(call, called, tmp_path):
    out = tmp_path / "a.svg"
    code, said = call("draw", "--n", 4, "-o", out)
    assert (code, said) == (0, f"{out}: {FOUR}\n") and plain(said)
    assert ET.parse(out).getroot().tag.endswith("svg")
    assert called("draw", "-o", out) == {"picture": str(out), "format": "svg", "says": FOUR}
    picture = tmp_path / "a.PNG"
    found = called("draw", "--at", "3,-1/2,0.25,7/3", "-o", picture)
    assert found["format"] == "png" and "x0 wins" in found["says"] and picture.read_bytes()[:4] == b"\x89PNG"
    assert call("draw", "--fn", "argmax", "--construction", "step", "--at", "-1,2", "-o", out)[0] == 0


def test_regions(called, tmp_path):
    out = tmp_path / "a.svg"
    three = called("draw", "--regions", "-o", out)["says"]
    assert three.startswith("max/tournament, n = 3; on the plane x0 + x1 + x2 = 0: 8 cells, 3 affine pieces; ")
    assert three.endswith("; the claim is true on every cell")
    assert (
        "3 cells, 3 affine pieces"
        in called("draw", "--fn", "argmax", "--construction", "index", "--n", 2, "--regions", "-o", out)["says"]
    )
    five = called("draw", "--plane", "0,0,0,0,0; 1,0,0,0,-1; 0,1,0,-1,0", "-o", out)["says"]
    assert five.startswith("max/tournament, n = 5; on the plane (0, 0, 0, 0, 0) + s (1, 0, 0, 0, -1) + t ")
    box = called("draw", "--n", 2, "--box", "1,2,-2,-1", "--by", "formula", "-o", out)["says"]
    assert "1 affine piece;" in box
    assert called("draw", "--fn", "argmax", "--construction", "step", "--n", 3, "--regions", "--y", 3, "-o", out)


def test_a_users_wrong_construction_is_drawn_with_its_witness(called, tmp_path):
    found = called("draw", "--from", written(tmp_path, THIN), "--n", 4, "--regions", "-o", tmp_path / "a.svg")
    assert "red, where the claim is false" in found["says"]


BUMP = """
from functools import reduce
from relumax import absolute, construction, maximum, relu

@construction("max", "bump")
def bump(x):
    best = reduce(maximum, x)
    return best + relu(1 - absolute(best)) if len(x) > 1 else relu(x[0])

@construction("max", "right")
def right(x):
    return reduce(maximum, x)
"""


@pytest.mark.parametrize("n", [1, 2, 3, 12])
def test_a_users_construction_is_decided_before_it_is_drawn(called, tmp_path, n):
    source, out = written(tmp_path, BUMP), tmp_path / "a.svg"
    given = ["draw", "--from", source, "--construction"]
    wrong = called(*given, "bump", "--n", n, "-o", out)["says"]
    assert wrong.startswith(f"max/bump, n = {n}: refuted; ")
    assert ("red, where the claim is false" in wrong) == (n > 1), "on a plane, if there is one"
    right = called(*given, "right", "--n", n, "-o", out)["says"]
    assert right.startswith(f"max/right, n = {n}: proved; {n} inputs, "), "its layers: regions are asked for"
    at = ["--at", ",".join(map(str, range(n)))]
    assert called(*given, "bump", "--n", n, *at, "-o", out)["says"].startswith(
        f"max/bump, n = {n}: refuted; {n} inputs, "
    )
    if n in (2, 3):
        assert "affine pieces; the claim is true" in called(*given, "right", "--n", n, "--regions", "-o", out)["says"]


def test_a_file_at_an_input_is_its_layers_under_the_verdict(call, called, tmp_path):
    net, out = tmp_path / "net.json", tmp_path / "a.svg"
    call("export", "--n", 2, "-o", net)
    for name, verdict in (("max", "proved"), ("min", "refuted")):
        said = called("draw", net, "--fn", name, "--at", "3,1", "-o", out)["says"]
        assert said.startswith(f"{net}: {verdict}; 2 inputs, 1 hidden layer") and "at (3, 1): y = 3" in said


def test_a_file_against_a_function(call, called, tmp_path):
    net, out = tmp_path / "net.json", tmp_path / "a.svg"
    for name, said in (("max", "the claim is true on every cell"), ("min", "red, where the claim is false (100% of")):
        call("export", "--n", 3, "-o", net)
        assert said in called("draw", net, "--fn", name, "-o", out)["says"]
    assert called("draw", net, "-o", out)["says"].startswith(f"{net}; 3 inputs, 2 hidden layers")
    assert "claim" not in called("draw", net, "--regions", "-o", out)["says"]
    call("export", "--n", 5, "-o", net)
    said = called("draw", net, "--fn", "max", "-o", out)["says"]
    assert said.startswith(f"{net}: proved; 5 inputs, 3 hidden layers"), "no plane to draw it on"
    assert "x2 = 0, x3 = 0, x4 = 0" in called("draw", net, "--fn", "min", "-o", out)["says"]


def test_a_proof(called, tmp_path):
    found, size = called("draw", TOURNAMENT, "-o", tmp_path / "a.svg"), f"{TOURNAMENT.stat().st_size:,} bytes"
    assert found["says"] == f"for all x in R^8: y = max(x); 1 lemma; in all 2 goals, 21 splits, 24 leaves; {size}"


def test_the_catalogue(called, tmp_path):
    found = called("draw", "--catalogue", "--fn", "argmin", "--n", "2..4", "--proofs", PROOFS, "-o", tmp_path / "a.svg")
    assert found["says"] == "constructions of argmin: 6 constructions at 18 sizes in all, 16 of them with a certificate"


def test_standard_output_has_the_picture_alone():
    done = relumax("draw", "--n", 2, "-o", "-")
    assert done.returncode == 0 and done.stderr == ""
    assert ET.fromstring(done.stdout).tag.endswith("svg")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "a.pdf"], "-o ends in .svg or .png"),
        ([], "Missing option '-o'"),
        (["-o", "nowhere/a.svg"], "no such folder"),
        (["--n", "4", "--regions", "-o", "a.svg"], "say on which plane, --plane"),
        (["--n", "1", "--regions", "-o", "a.svg"], "one input"),
        (["--n", "3", "--plane", "0,0; 1,0; 0,1", "-o", "a.svg"], "the plane is of R^2, the network has 3 inputs"),
        (["--n", "2", "--plane", "0,0; 1,0", "-o", "a.svg"], "not of the form p; u; v"),
        (["--n", "2", "--plane", "0,0; 1,1; 2,2", "-o", "a.svg"], "not multiples of each other"),
        (["--n", "2", "--box", "0,1,2", "-o", "a.svg"], "4 numbers with commas"),
        (["--n", "2", "--box", "0,1,2,z", "-o", "a.svg"], "is not a rational number"),
        (["--n", "2", "--box", "1,0,0,1", "-o", "a.svg"], "left < right"),
        (["--n", "2", "--regions", "--y", "1", "-o", "a.svg"], "the network has outputs 0 to 0"),
        (["--n", "3", "--at", "1,2", "-o", "a.svg"], "--at has 2 numbers, max/tournament, n = 3 has 3 inputs"),
        (["--at", "1,2", "--regions", "-o", "a.svg"], "--at is for the layers"),
        (["--n", "2..3", "-o", "a.svg"], "give one --n, not 2..3: ranges are for prove and draw --catalogue"),
        (["--proofs", "proofs", "-o", "a.svg"], "--proofs goes with --catalogue"),
        (["--catalogue", "--at", "1", "-o", "a.svg"], "--catalogue draws all constructions"),
        (["--catalogue", "--n", "2..99", "-o", "a.svg"], "at most 64 sizes"),
        (["--catalogue", "--proofs", "nowhere", "-o", "a.svg"], "no such folder of certificates"),
        (["--catalogue", "--fn", "mox", "-o", "a.svg"], "mox"),
        (["nowhere.json", "-o", "a.svg"], "No such file"),
        ([PROOFS / "max-tournament-2.json", "--regions", "-o", "a.svg"], "of a certificate the proof is drawn"),
        ([PROOFS / "max-tournament-2.json", "--n", "2", "-o", "a.svg"], "taken as it is"),
        ([PROOFS / "identities" / "max-5.json", "-o", "a.svg"], "there is no proof to draw"),
        ([PROOFS / "README.md", "-o", "a.svg"], "README.md"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_line(arguments, said, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert main(["draw", *map(str, arguments)]) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.startswith("relumax: ") and err.count("\n") == 1 and said in err, err
    assert [*tmp_path.iterdir()] == []


def test_a_picture_is_not_written_over_what_is_read(tmp_path, capfd):
    file = tmp_path / "net.svg"
    file.write_bytes((PROOFS / "max-tournament-2.json").read_bytes())
    assert main(["draw", str(file), "-o", str(file)]) == 2
    assert "give -o another name" in capfd.readouterr().err
    json.loads(file.read_bytes())


def test_a_picture_and_an_object_do_not_share_standard_output(capfd):
    assert main(["draw", "-o", "-", "--json"]) == 2
    out, err = capfd.readouterr()
    assert json.loads(out)["verdict"] == "bad input" and "both want standard output" in err


def test_the_time_given_is_for_all_of_it(capfd, tmp_path):
    plane = "0,0,0,0,0,0,0,0,0,0,0; 2,1,0,-1,-2,3,1,4,5,6,7; -1,2,-2,2,-1,-3,5,-6,3,1,0"
    out = tmp_path / "a.svg"
    assert (
        main(["draw", "--construction", "shallow", "--n", "11", "--plane", plane, "--timeout", "0.05", "-o", str(out)])
        == 3
    )
    assert capfd.readouterr().err == "relumax: no answer within 0.05 s\n" and not out.exists()


def test_too_large_a_plane_is_unknown(capfd, tmp_path):
    assert main(["draw", "--n", "3", "--max-size", "2", "--regions", "-o", str(tmp_path / "a.svg")]) == 3
    assert "--max-size" in capfd.readouterr().err
