"""`relumax export --format coq`: Coq checks the file, its weights are the certificate's, one changed digit fails."""

import json
import re
import shutil
import subprocess
from copy import deepcopy

import pytest

from relumax.constructions import registry
from relumax.errors import RelumaxError
from relumax.formats import coq_, coq_library
from relumax.formats.coq_search import PART, WHOLE
from relumax.formats.coq_theorems import plain
from relumax.kernel import check
from tests.coq.built import COQ, ROOT, build, coqc, without
from tests.running import one_line, relumax

PROOFS = ROOT / "proofs"
REALS = {"ClassicalDedekindReals.sig_forall_dec", "FunctionalExtensionality.functional_extensionality_dep"}
PRIMITIVES = {"int", "lsr", "land", "PrimInt63.eqb", "PrimInt63.add", "PArray.array", "PArray.get"}
READ_BACK = {  # each rule, each form of a statement, and each theorem that is read back
    "max-tournament-8": "max",
    "min-chain-5-flat": "min",
    "max-bakaev-5": "max",
    "max-essay-3": "essay",
    "argmax-slack-4": "slack",
    "argmin-slack-3": "argmin_slack",
    "argmax-index-3": "index",
    "argmin-bits-2": "index",
    "argmax-index-2-lattice-1": "lattice",
    "argmax-onehot-3": "onehot",
    "argmin-onehot-3": "onehot",
    "argmax-onehot-4-canonical": "onehot",
    "argmax-step-3": "step",
    "argmin-step-3": "step",
    "select-gate-3": "gate",
    "select-prefix-3": "select_prefix",
    "select-step-3": "select_step",
    "select-pack-3": "pack",
    "select-pack-2-lattice-1-key-range-0-2-margin-1_4": "pack_keys",
    "second-tournament-3": "second",
    "search-best_of-2": "best_of",
    "search-best_of-5-units-step": "best_of",
    "search-iterate-3": "iterate",
}
FILES = list(READ_BACK)
SEARCHES = (None, "best_of", "iterate")  # whose scores have numbers that the theorem does not repeat
IN_PART = {"pack", "pack_keys", "best_of"}  # of the claims that relumax makes for these a part is said plainly
SEVERAL = {"search-iterate-5-steps-2", "search-iterate-5-steps-3-units-step"}  # steps of a search: none is
OPTIONS = {  # gaps, steps and ranges that are no integers, ties to the last, and what is no certificate of proofs/
    "--fn argmax --construction index --gap 2/3 --ties last --n 2": "index",
    "--fn argmin --construction prefix --lattice 2/3 --ties last --n 2": "lattice",
    "--fn argmin --construction onehot --gap 2/3 --n 2": "onehot",
    "--fn select --construction gate --gap 1/2 --payload-range -1/3 7/2 --n 2": "gate",
    "--fn select --construction prefix --payload-range -3 -1/2 --n 2": "select_prefix",
    "--fn select --construction step --payload-range -1/3 -1/4 --n 2": "select_step",
    "--fn select --construction pack --lattice 2/3 --key-range -1/2 3/2 --margin 1/5 --n 2": "pack_keys",
    "--network max3.json --equals max/chain": "equality_of_one",
    "--network slack2.json --equals argmax/slack": "equality",
}


def exported(name, folder, *more, pure=False):
    """The file for a certificate of proofs/, and what is appended to it."""
    data = (PROOFS / f"{name}.json").read_bytes()
    path = folder / f"{name.replace('-', '_')}{'_pure' if pure else ''}.v"
    path.write_text("\n".join([coq_.vernacular(data, check(data), pure), *more]))
    return path


@pytest.mark.parametrize("name", FILES)
def test_coq_accepts_it(tmp_path, name):
    build()
    path = exported(name, tmp_path)
    done = coqc(path)
    assert done.returncode == 0, done.stderr
    stated, text = f"{READ_BACK[name]}_of_{re.search(r'-([0-9]+)', name)[1]}", path.read_text()
    assert re.findall(r"^Theorem (\w+_of_\d+) :", text, re.MULTILINE) == [stated]
    assert text.endswith(f"Qed.\nPrint Assumptions {stated}.\n") and names(done.stdout) == REALS | PRIMITIVES


@pytest.mark.parametrize("options", OPTIONS)
def test_coq_accepts_what_is_read_back_under_other_options(tmp_path, options):
    build()
    for out, words in (("max3.json", "--n 3"), ("slack2.json", "--fn argmax --construction slack --n 2")):
        if out in options:
            assert relumax("export", *words.split(), "-o", tmp_path / out).returncode == 0
    words = [tmp_path / word if word.endswith(".json") else word for word in options.split()]
    assert relumax("prove", *words, "-o", tmp_path / "it.json").returncode == 0
    data = (tmp_path / "it.json").read_bytes()
    (tmp_path / "it.v").write_text(coq_.vernacular(data, check(data)))
    assert lemma(json.loads(data)["claim"]) == OPTIONS[options]
    done = coqc(tmp_path / "it.v")
    assert done.returncode == 0, done.stderr


def names(printed):
    """What `Print Assumptions` lists."""
    return set(re.findall(r"^(\S+)(?= :|$)", printed, re.MULTILINE)) - {"Axioms:"}


def lemma(claim):
    """What the library has for the claim."""
    found = [re.search(r"apply \((\w+)_means ", text)[1] for text in plain(claim)]
    return found[0] if found else None


def test_every_construction_has_its_lemma():
    """A new one without a plain sentence in the library is found here."""
    sources = "".join(path.read_text() for path in COQ.glob("Adequacy*.v"))
    for function, name in registry.BUILT_IN:
        one = registry.find(function, name)
        claim = json.loads(json.dumps(one.spec(one.usual or 5, **one.options).claim()))
        assert (found := lemma(claim)) is not None, (function, name)
        assert f"Theorem {found}_means " in sources
    assert set(re.findall(r"Theorem (\w+)_means ", sources)) == {*READ_BACK.values(), *OPTIONS.values()}
    assert {lemma(json.loads(path.read_bytes())["claim"]) for path in PROOFS.glob("*.json")} >= set(READ_BACK.values())


def test_with_another_number_it_is_another_theorem_or_none():
    """But for the numbers of a score, and where it is said that a part of the claim is left out."""
    for path in PROOFS.glob("*-[23]*.json"):
        claim = json.loads(path.read_bytes())["claim"]
        before, found = plain(claim), lemma(claim)
        for numbers, k in list(places(claim)):
            old = numbers[k]
            for new in (old + 1, -old - 1, "9007199254740993"):
                numbers[k] = new
                in_part = PART in "".join(before)
                assert plain(claim) != before or in_part or found in SEARCHES, (path.name, numbers, old)
            numbers[k] = old


def test_the_heading_says_whether_all_is_said():
    """One more thing stated, of whatever statement, and no theorem may say that it says the same."""
    in_part, none = set(), set()
    for path in PROOFS.glob("*.json"):
        claim = json.loads(path.read_bytes())["claim"]
        told = "".join(plain(claim))
        if not told:
            none.add(path.stem)
        elif PART in told:
            in_part.add(lemma(claim))
        else:
            assert f"(** {WHOLE} " in told
        if "-2" in path.stem or "-3" in path.stem:
            statements = claim["statements"]
            for ensures in [one["ensures"] for one in statements]:
                ensures.append(deepcopy(ensures[0]))
                assert WHOLE not in "".join(plain(claim)), path.name
                ensures.pop()
            for k, one in ((0, deepcopy(statements[-1])), (len(statements), deepcopy(statements[0]))):
                statements.insert(k, one)
                assert WHOLE not in "".join(plain(claim)), path.name
                statements.pop(k)
    assert (in_part, none) == (IN_PART, SEVERAL)


def test_of_an_equality_with_more_only_a_part_is_said():
    arrays = [{"base": 0, "length": 2, "name": "x", "of": "in", "stride": 1}]
    arrays += [{"base": k, "length": 1, "name": name, "of": "out", "stride": 1} for k, name in enumerate("ab")]
    same, above = (
        {"any": [[[relation, 0, c, "a[0]", -c, other]]], "each": None, "where": None}
        for relation, c, other in (("=", 1, "b[0]"), ("<=", -1, "x[0]"))
    )
    for ensures, said in (([same], WHOLE), ([same, above], PART)):
        statement = {"define": [], "ensures": ensures, "index": [], "requires": []}
        claim = {"arrays": arrays, "statements": [statement]}
        assert lemma(claim) == "equality_of_one" and said in "".join(plain(claim))


def places(value):
    """Each integer in a list of a claim: the list, and where in it."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, list) and isinstance(one, int):
            yield value, key
        if isinstance(one, (dict, list)):
            yield from places(one)


def test_no_theorem_is_written_for_other_searches():
    """Where the claim is another, the lemma would not fit, and Coq would refuse a file that is in order."""
    for name in ("search-best_of-5", "search-iterate-3"):
        claim = json.loads((PROOFS / f"{name}.json").read_bytes())["claim"]
        assert len(plain(claim)) == 1
        for change in (
            lambda main: main["index"].append(["v", 2]),
            lambda main: main["index"][0].__setitem__(1, 2),
            lambda main: main["requires"].append(main["requires"][0]),
            lambda main: main["requires"][0].__setitem__("after", ["<"]),
            lambda main: main["requires"][0].__setitem__("before", ["tie", 1, 1]),
            lambda main: main["requires"][0].__setitem__("of", "x"),
            lambda main: main["ensures"].pop(0),
            lambda main: main["ensures"][0]["any"][0][0].__setitem__(1, 1),
            lambda main: main["define"].append({"kind": "max", "name": "m", "of": "x"}),
        ):
            other = deepcopy(claim)
            change(other["statements"][-1])
            assert plain(other) == []


@pytest.mark.parametrize(("pure", "expected"), [(False, REALS | PRIMITIVES), (True, REALS)])
def test_what_it_rests_on_is_pinned(tmp_path, pure, expected):
    build()
    done = coqc(exported("max-tournament-8", tmp_path, pure=pure))
    assert done.returncode == 0, done.stderr
    assert names(done.stdout) == expected


def test_where_no_theorem_is_plain_the_claims_own_is_asked_for(tmp_path):
    assert exported("search-iterate-5-steps-2", tmp_path).read_text().endswith("Qed.\n\nPrint Assumptions holds.\n")


STRANGE = {  # what a stranger may do to a file, and what `Print Assumptions` shows of it
    "admitted": ("Proof. vm_cast_no_check (eq_refl true). Qed.", "Admitted.", {"accepted"}),
    "axiom": ("Proof. vm_cast_no_check (eq_refl true). Qed.", "Proof. apply cheat. Qed.", {"cheat"}),
    "shadow": (
        "Theorem index_of_2 : ",
        "Definition wins (before after : R -> R -> Prop) (n : nat) (x : list R) (w : nat) := False.\n"
        "Theorem index_of_2 : forall x w, wins Rlt Rle 2 x w -> compute RField certified_network x = [5%R].\n"
        "Proof. intros x w []. Qed.\nTheorem the_rest : ",
        set(),
    ),
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_a_strangers_file_may_do(tmp_path, what):
    """coqc takes each; what is admitted or an axiom is listed, and a name of another meaning is not."""
    build()
    old, new, shown = STRANGE[what]
    data = (PROOFS / "argmax-index-2.json").read_bytes()
    value = json.loads(data)
    if what != "shadow":
        value["network"]["output"]["rows"][0][0] += 1  # what is stated is false of it
    text = coq_.vernacular(json.dumps(value).encode(), check(data))
    assert text.count(old) == 1
    text = text.replace(old, new)
    if what == "shadow":
        text = text[: text.index("Theorem the_rest")] + "Print Assumptions index_of_2.\n"
    path = tmp_path / "strange.v"
    path.write_text(text.replace("Theorem accepted :", "Axiom cheat : forall A : Prop, A.\nTheorem accepted :"))
    done = coqc(path)
    assert done.returncode == 0, done.stderr
    assert names(done.stdout) == REALS | PRIMITIVES | shown


@pytest.mark.parametrize("strange", [False, True])
def test_the_recipe_for_a_strangers_file(tmp_path, strange):
    """The commands of docs/coq.md as they stand there: hashes that are the certificate's, and what it rests on."""
    build()
    page = (ROOT / "docs" / "coq.md").read_text()
    recipe = re.search(r"```sh\n(cat > asked\.v.*?)```", page, re.DOTALL)[1]
    (tmp_path / "coq").symlink_to(COQ)
    path = exported("max-tournament-8", tmp_path).rename(tmp_path / "max8.v")
    if strange:
        text = path.read_text().replace("; 5;", "; 9;", 1)
        path.write_text(text.replace("Proof. vm_cast_no_check (eq_refl true). Qed.", "Admitted."))
    done = subprocess.run(["bash", "-e", "-c", recipe], capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    theorem = check((PROOFS / "max-tournament-8.json").read_bytes())
    found = re.findall(r"^([0-9a-f]{64})  -$", done.stdout, re.MULTILINE)
    assert (found == [theorem.network_sha256, theorem.claim_sha256]) is not strange and len(found) == 2
    assert ("max8.accepted" in done.stdout) is strange


@pytest.mark.parametrize(("pure", "expected"), [(False, REALS | PRIMITIVES), (True, REALS)])
def test_a_file_with_the_library_inside_needs_coqc_alone(tmp_path, pure, expected):
    """It needs no library, and rests on what a file that does rests on."""
    if shutil.which("coqc") is None:
        without("coqc")
    out = tmp_path / "alone.v"
    done = relumax("export", PROOFS / "argmax-index-2.json", "--standalone", *["--pure"] * pure, "-o", out)
    assert done.returncode == 0, done.stderr
    text = out.read_text()
    assert "Relumax" not in text and "-Q" not in text
    ours = [
        re.sub(r"From .* Require Import ", "Import ", (COQ / f"{name}.v").read_text()) for name in ("Kernel", "Checker")
    ]
    assert all(one.rstrip() in text for one in ours)
    command = ["coqc", "-q", out.name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert names(done.stdout) == expected


def test_a_file_with_the_library_inside_needs_the_library_once(tmp_path, monkeypatch):
    monkeypatch.setattr(coq_library, "CHECKOUT", tmp_path)
    monkeypatch.setattr(coq_library, "files", lambda _: [])
    with pytest.raises(RelumaxError, match="--standalone: relumax's library for Coq is not installed here"):
        coq_library.standalone("")


class Integers:
    """What stands in an array, read by the words of coq/Decode.v."""

    def __init__(self, text, name):
        self.left = iter(map(int, re.search(rf"{name}_data[^[]*\[\|(.*?)\|", text, re.DOTALL)[1].split(";")))

    def number(self):
        t = next(self.left)
        size = sum(next(self.left) << 60 * k for k in range(t >> 2)) if t & 2 else t >> 2
        return -size if t & 1 else size

    def many(self, read):
        return [read() for _ in range(next(self.left))]

    def row(self):
        return [self.number(), *[x for pair in self.many(lambda: [next(self.left), self.number()]) for x in pair]]

    def layer(self):
        den, rows = self.number(), self.many(lambda: (next(self.left), self.row()))
        return {"den": den, "rows": [row for _, row in rows], "step": [j for j, (kind, _) in enumerate(rows) if kind]}

    def network(self):
        inputs, layers = next(self.left), self.many(self.layer)
        return {"inputs": inputs, "layers": layers, "output": {"den": self.number(), "rows": self.many(self.row)}}


@pytest.mark.parametrize("name", [*FILES, "max-tournament-1024", "max-shallow-6"])
def test_its_weights_are_the_certificates(tmp_path, name):
    network = json.loads((PROOFS / f"{name}.json").read_bytes())["network"]
    assert Integers(exported(name, tmp_path).read_text(), "network").network() == network


def test_weights_in_lists_are_the_certificates(tmp_path):
    text = exported("max-bakaev-5", tmp_path, pure=True).read_text()
    term = " ".join(re.search(r"certified_network : network :=(.*?)\.\n", text, re.DOTALL)[1].split())
    rows = [[int(c) for c in re.findall(r"-?\d+", row)] for row in re.findall(r"Row (\(?-?\d+\)? \[[^\]]*\])", term)]
    network = json.loads((PROOFS / "max-bakaev-5.json").read_bytes())["network"]
    assert rows == [row for layer in [*network["layers"], network["output"]] for row in layer["rows"]]


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("part", ["network", "claim"])
def test_one_changed_digit_fails(tmp_path, part, pure):
    build()
    path = exported("max-tournament-8", tmp_path, pure=pure)
    text = path.read_text()
    if part == "claim":
        changed = text.replace("(EQ, (Affine 0", "(EQ, (Affine 1")
    elif pure:
        changed = text.replace("(Row 0", "(Row 1", 1)
    else:
        changed = text.replace("; 5;", "; 9;", 1)
    assert changed != text
    path.write_text(changed)
    done = coqc(path)
    assert done.returncode != 0 and "Error" in done.stderr


def test_long_numbers_are_read_as_they_are_written(tmp_path):
    build()
    numbers = [0, -1, 2**58 - 1, -(2**58), 2**60, -(2**60) - 7, 10**599 + 3, -(10**598)]
    integers = [i for one in numbers for i in coq_._number(one).integers]
    lines = [
        "From Coq Require Import Uint63 PArray.",
        f"Definition data : array int := [| {len(numbers)}; {'; '.join(map(str, integers))} | 0 |]%uint63.",
        "From Coq Require Import List ZArith. From Relumax Require Import Decode. Import ListNotations.",
        f"Definition expected : list Z := ([{'; '.join(coq_._number(one).term for one in numbers)}])%Z.",
        "Lemma same : decoded (many number) data = expected. Proof. vm_compute. reflexivity. Qed.",
    ]
    (tmp_path / "numbers.v").write_text("\n".join(lines))
    done = coqc(tmp_path / "numbers.v")
    assert done.returncode == 0, done.stderr


def test_from_the_command_line(tmp_path):
    out = tmp_path / "max8.v"
    done = relumax("export", PROOFS / "max-tournament-8.json", "-o", out)
    assert done.returncode == 0 and "for all x in R^8: y = max(x)" in done.stdout
    data = (PROOFS / "max-tournament-8.json").read_bytes()
    assert out.read_text() == coq_.vernacular(data, check(data))
    assert check(data).network_sha256 in out.read_text()


def test_what_is_asked_for_wrongly_is_said_in_a_line(tmp_path):
    certificate, out = PROOFS / "max-tournament-8.json", tmp_path / "x.v"
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    for arguments in (
        ["--n", "8", "-o", out],
        [certificate, "-o", tmp_path / "x.onnx"],
        [certificate, "--n", "8", "-o", out],
        [certificate, "--network", certificate, "-o", out],
        [bad, "-o", out],
        ["--n", "8", "--pure", "-o", tmp_path / "x.json"],
        ["--n", "8", "--standalone", "-o", tmp_path / "x.json"],
    ):
        done = relumax("export", *arguments)
        assert done.returncode == 2 and one_line(done.stderr), done.stderr
        assert not out.exists()


def test_every_constructor_of_a_step_is_written():
    steps = re.search(r"Inductive proof_step :=(.*?)\n\n", (COQ / "Kernel.v").read_text(), re.DOTALL)[1]
    source = (ROOT / "relumax" / "formats" / "coq_.py").read_text()
    for name in re.findall(r"\| (\w+)", steps):
        assert f'"{name}"' in source


@pytest.mark.parametrize("name", ["max-8.v", "8max.v", "a b.v"])
def test_a_name_that_coqc_does_not_take_is_refused(tmp_path, name):
    done = relumax("export", PROOFS / "max-tournament-4.json", "-o", tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "") and "coqc takes no such name" in done.stderr
    assert done.stderr.count("\n") == 1 and not list(tmp_path.iterdir())
