"""`relumax check --format sarif`: a log that code scanning reads, a result for each file that is no theorem.

What SARIF 2.1.0 requires of such a log stands in `wrong_with`, in our own words: its schema is in no package that is
pinned here. (On 2026-12-01 a log was held against the schema of @microsoft/jest-sarif 1.0.0-beta.0: valid.)
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from relumax.commands import doors
from tests.running import relumax

GOOD = (Path(__file__).parents[2] / "proofs" / "max-tournament-4.json").read_bytes()
BAD = GOOD.replace(b'"den":1', b'"den":2', 1)
URI = re.compile(r"(file:///|\./)?([\w.~!$&'()*+,;=@:/-]|%[0-9A-F]{2})+", re.ASCII)
LEVELS = {"none", "note", "warning", "error"}


def wrong_with(log):
    """What `wrongs` finds; what is missing is wrong as well."""
    try:
        return wrongs(log)
    except KeyError as problem:
        return [f"{problem} is missing"]


def wrongs(log):
    """What SARIF 2.1.0 does not allow in a log, as far as it has what ours have: places, each with what is wrong."""
    found = []

    def has(value, place, required, optional=()):
        if not isinstance(value, dict) or not set(required) <= value.keys() <= {*required, *optional}:
            found.append(f"{place}: {value!r:.200}")
        return value

    has(log, "log", ["version", "runs"], ["$schema"])
    if log["version"] != "2.1.0" or len(log["runs"]) != 1:
        found.append("version or runs")
    for run in log["runs"]:
        has(run, "run", ["tool"], ["invocations", "results"])
        driver = has(
            has(run["tool"], "tool", ["driver"])["driver"], "driver", ["name"], ["version", "semanticVersion", "rules"]
        )
        rules = driver["rules"]
        if len({rule["id"] for rule in rules}) < len(rules):
            found.append("rules: an id twice")
        for rule in rules:
            has(rule, "rule", ["id"], ["shortDescription", "defaultConfiguration"])
            has(rule["shortDescription"], "shortDescription", ["text"])
            if rule["defaultConfiguration"]["level"] not in LEVELS:
                found.append("level")
        for invocation in run["invocations"]:
            if type(has(invocation, "invocation", ["executionSuccessful"])["executionSuccessful"]) is not bool:
                found.append("executionSuccessful")
        for result in run["results"]:
            has(result, "result", ["message"], ["ruleId", "ruleIndex", "level", "locations"])
            if rules[result["ruleIndex"]]["id"] != result["ruleId"] or result["level"] not in LEVELS:
                found.append(f"rule or level of {result}")
            if not has(result["message"], "message", ["text"])["text"]:
                found.append("no text")
            for location in result["locations"]:
                physical = has(location, "location", ["physicalLocation"])["physicalLocation"]
                has(physical, "physicalLocation", ["artifactLocation"], ["region"])
                uri = has(physical["artifactLocation"], "artifactLocation", ["uri"])["uri"]
                if not URI.fullmatch(uri) or (":" in uri.partition("/")[0] and not uri.startswith("file:///")):
                    found.append(f"uri {uri}")
                if has(physical["region"], "region", ["startLine"])["startLine"] < 1:
                    found.append("startLine")
    return found


def checked(folder, *options):
    """Exit code and log."""
    done = relumax("check", *options, "--format", "sarif", cwd=folder)
    assert done.stderr == "" and done.stdout.count("\n") == 1, done
    log = json.loads(done.stdout)
    assert wrong_with(log) == []
    return done.returncode, log["runs"][0]["results"]


def place(result):
    [location] = result["locations"]
    return location["physicalLocation"]["artifactLocation"]["uri"]


def test_theorems_make_no_results(tmp_path):
    (tmp_path / "a.json").write_bytes(GOOD)
    assert checked(tmp_path, ".") == (0, [])


def test_each_file_that_is_no_theorem_is_a_result_with_its_place_and_reason(tmp_path):
    (tmp_path / "sub folder").mkdir()
    (tmp_path / "a.json").write_bytes(GOOD)
    (tmp_path / "b.json").write_bytes(BAD)
    (tmp_path / "sub folder" / "50%.json").write_bytes(b"{}")
    with open(tmp_path / "z.json", "wb") as huge:
        os.truncate(huge.fileno(), doors.MAX_BYTES + 1)  # a hole
    code, (bad, other, large) = checked(tmp_path, ".")
    assert code == 1
    said = {place(one): one for one in (bad, other, large)}
    assert said["b.json"]["ruleId"] == "relumax/invalid" and said["b.json"]["level"] == "error"
    assert sorted(said) == ["b.json", "sub%20folder/50%25.json", "z.json"]
    plain = json.loads(relumax("check", "b.json", "--json", cwd=tmp_path).stdout)["results"][0]
    assert said["b.json"]["message"]["text"] == f"invalid: {plain['reason']}"
    assert said["sub%20folder/50%25.json"]["ruleId"] == "relumax/malformed"
    assert (said["z.json"]["ruleId"], said["z.json"]["level"]) == ("relumax/refused", "warning")


def test_weights_that_cannot_be_read_or_are_others_are_results(tmp_path):
    (tmp_path / "a.json").write_bytes(GOOD)
    (tmp_path / "w.onnx").write_bytes(b"hello")
    code, [one] = checked(tmp_path, "a.json", "--network", "w.onnx")
    assert (code, one["ruleId"], place(one)) == (2, "relumax/cannot-read", "a.json") and "w.onnx" in one["message"][
        "text"
    ]
    assert relumax("export", "--n", "3", "-o", "w.npz", cwd=tmp_path).returncode == 0
    code, [one] = checked(tmp_path, "a.json", "--network", "w.npz")
    assert (code, one["ruleId"]) == (1, "relumax/invalid")


@pytest.mark.parametrize("name", ["gone.json", "gone", "empty", "fifo.json", "loop.json"])
def test_what_cannot_be_read_is_a_result_and_no_empty_log(tmp_path, name):
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "fifo.json")
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "a.json").write_bytes(GOOD)
    for others in ((), ("a.json",)):
        code, [one] = checked(tmp_path, name, *others)
        assert (code, one["ruleId"], one["level"], place(one)) == (2, "relumax/cannot-read", "error", name)
    log = json.loads(relumax("check", name, "--format", "sarif", cwd=tmp_path).stdout)
    assert log["runs"][0]["invocations"] == [{"executionSuccessful": False}]


@pytest.mark.parametrize(
    "name", ["\x1b[2J.json", "a\nb.json", "ł \u202egnp.json", "\udcff.json", "c:d.json", "#?.json"]
)
def test_names_of_any_kind_are_addresses(tmp_path, name):
    (tmp_path / name).write_bytes(b"{}")
    _, [one] = checked(tmp_path, f"./{name}")
    assert unquote_to_bytes(place(one).removeprefix("./")) == os.fsencode(name)
    _, [one] = checked(tmp_path, tmp_path / name)
    assert unquote_to_bytes(place(one).removeprefix("file://")) == os.fsencode(tmp_path / name)


def test_one_way_to_tell_it(tmp_path):
    (tmp_path / "a.json").write_bytes(GOOD)
    done = relumax("check", "a.json", "--json", "--format", "sarif", cwd=tmp_path)
    assert done.returncode == 2 and "--json and --format sarif: one of them" in done.stderr
    same = [relumax("check", "a.json", *one, cwd=tmp_path).stdout for one in (["--json"], ["--format", "json"])]
    assert same[0] == same[1] and json.loads(same[0])["results"][0]["verdict"] == "valid"
    plain = [relumax("check", "a.json", *one, cwd=tmp_path).stdout for one in ([], ["--format", "text"])]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: log.update(version="2.0.0"),
        lambda log: log["runs"][0]["results"][0].pop("message"),
        lambda log: log["runs"][0]["results"][0].update(ruleIndex=0),
        lambda log: log["runs"][0]["results"][0].update(levle="error"),
        lambda log: log["runs"][0]["tool"]["driver"].pop("name"),
    ],
)
def test_what_is_required_can_be_missed(tmp_path, spoil):
    (tmp_path / "b.json").write_bytes(b"{}")
    log = json.loads(relumax("check", "b.json", "--format", "sarif", cwd=tmp_path).stdout)
    spoil(log)
    assert wrong_with(log) != []
