"""`relumax page`: whole files named after certificates, an index for several, one line for what is no theorem."""

import json
import re
from pathlib import Path

import pytest

from relumax import kernel
from relumax.__main__ import main

PROOFS = Path(__file__).resolve().parents[2] / "proofs"
THREE = "for all x in R^3: y = max(x)"


def shown(path):
    """The certificate in a page."""
    return re.search(r'id="certificate">(.*?)</script>', path.read_text(encoding="utf-8"))[1].encode()


def test_one_certificate_is_one_page_with_its_bytes(call, called, tmp_path):
    proof, out = PROOFS / "max-tournament-3.json", tmp_path / "new" / "pages"
    assert call("page", proof, "-o", out) == (0, f"{out}/max-tournament-3.html: {THREE}\n")
    made = out / "max-tournament-3.html"
    assert [one.name for one in out.iterdir()] == [made.name] and shown(made) == proof.read_bytes()
    html, theorem = made.read_text(encoding="utf-8"), kernel.check(proof.read_bytes())
    assert theorem.network_sha256 in html and theorem.claim_sha256 in html and THREE in html
    assert "All theorems" not in html
    found = called("page", proof, "-o", out)
    assert found == {"pages": [{"file": str(made), "bytes": made.stat().st_size, "says": THREE}]}


def test_nothing_in_a_page_points_outside_of_it(call, tmp_path):
    call("page", PROOFS / "max-tournament-3.json", PROOFS / "argmax-step-2.json", "-o", tmp_path)
    for path in tmp_path.iterdir():
        html = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # a name, not an address
        assert not re.search(r"https?:|//\w+\.|@import|\bfetch\(|XMLHttp|WebSocket", html), path.name
        assert set(re.findall(r'(?:src|href)="([^"]*)"', html)) <= {"data:,", "index.html", "#try"} | {
            one.name for one in tmp_path.iterdir()
        }


def test_a_folder_has_an_index_of_its_own_files(call, tmp_path):
    folder, out = tmp_path / "proofs", tmp_path / "out"
    (folder / "deeper").mkdir(parents=True)
    for name in ("max-tournament-2.json", "argmax-step-2.json"):
        (folder / name).write_bytes((PROOFS / name).read_bytes())
        (folder / "deeper" / name).write_bytes(b"not looked at")
    code, said = call("page", folder, "-o", out)
    assert code == 0 and said.splitlines()[-1] == f"{out}/index.html: 2 theorem pages"
    assert sorted(one.name for one in out.iterdir()) == ["argmax-step-2.html", "index.html", "max-tournament-2.html"]
    index = (out / "index.html").read_text(encoding="utf-8")
    assert 'href="max-tournament-2.html"' in index and "for all x in R^2: y = max(x)" in index
    assert "All theorems" in (out / "argmax-step-2.html").read_text(encoding="utf-8")


def test_a_page_of_64_inputs_is_under_500_kilobytes(called, tmp_path):
    assert called("page", PROOFS / "max-tournament-64.json", "-o", tmp_path)["pages"][0]["bytes"] < 500_000


def spoiled(tmp_path):
    value = json.loads((PROOFS / "max-tournament-3.json").read_bytes())
    value["network"]["output"]["rows"][0][2] += 1
    path = tmp_path / "spoiled.json"
    path.write_text(json.dumps(value, sort_keys=True, separators=(",", ":")), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("names", "expected", "said"),
    [
        (["spoiled.json"], 1, "spoiled.json: invalid: proofs[0]"),
        (["good.json", "spoiled.json"], 1, "spoiled.json: invalid: proofs[0]"),
        (["text.json"], 1, "text.json: malformed: not JSON"),
        (["identity.json"], 2, "identity.json: an identity, and pages are of networks"),
        (["nowhere.json"], 2, "nowhere.json: No such file"),
        (["empty"], 2, "empty: no *.json file"),
        (["good.json", "other/good.json"], 2, "good.json: its page cannot be called good.html"),
        (["index.json"], 2, "index.json: its page cannot be called index.html, as index.html lists the pages"),
    ],
)
def test_what_is_no_theorem_makes_no_page(tmp_path, capfd, names, expected, said):
    spoiled(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    for name in ("good.json", "other/good.json", "index.json"):
        (tmp_path / name).write_bytes((PROOFS / "max-tournament-3.json").read_bytes())
    (tmp_path / "text.json").write_text("hello", encoding="utf-8")
    (tmp_path / "identity.json").write_bytes((PROOFS / "identities" / "max-5.json").read_bytes())
    code = main(["page", *(str(tmp_path / name) for name in names), "-o", str(tmp_path / "out")])
    out, err = capfd.readouterr()
    assert code == expected and out == "" and said in err and len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_what_is_no_theorem_is_so_in_json(tmp_path, capfd):
    assert main(["page", str(spoiled(tmp_path)), "-o", str(tmp_path / "out"), "--json"]) == 1
    found = json.loads(capfd.readouterr().out)
    assert found["verdict"] == "invalid" and "spoiled.json: invalid: proofs[0]" in found["reason"]


def test_a_file_is_no_folder_for_pages(tmp_path, capfd):
    proof = str(PROOFS / "max-tournament-3.json")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for out, said in ((tmp_path / "file", "not a folder"), (tmp_path / "file" / "deep", "Not a directory")):
        assert main(["page", proof, "-o", str(out)]) == 2
        assert said in capfd.readouterr().err
