"""Nothing in coq/ is supposed: no axiom but those of Coq's reals, and there no more than the two."""

import re
import subprocess

import pytest

from relumax.formats.coq_ import vernacular
from relumax.kernel import check
from tests.coq.built import COQ, NEEDED, coqc, without

SOURCES = sorted(COQ.rglob("*.v"))
CLOSED = "Closed under the global context"
REALS = ["ClassicalDedekindReals.sig_forall_dec", "FunctionalExtensionality.functional_extensionality_dep"]
MEANS = [name for path in SOURCES for name in re.findall(r"^Theorem (\w+_means) ", path.read_text(), re.MULTILINE)]
ASSUMPTIONS = {
    "check_sound": [],
    "check_certificate_sound": [],
    "accepts_sound": [],
    "texts_unique": [],
    "check_rationals": [],
    "check_reals": REALS,
    "max_chain": [],
    "min_chain": [],
    "max_tournament": [],
    "min_tournament": [],
    "max_essay": [],
    "max_essay_fused": [],
    "essay_count": [],
    "essay_guess": [],
    "tournament_guess": [],
    "carried": [],
    "argmax_slack": [],
    "argmin_slack": [],
    "argmax_onehot": [],
    "argmin_onehot": [],
    "closeness_ends": [],
    **dict.fromkeys(["claim_says", *MEANS], REALS),
}
FORBIDDEN = re.compile(
    r"""(?<![\w'.])(?:
    Admitted | admit | give_up | Admit\s+Obligations | Abort | bypass_check
    | Axioms? | Parameters? | Conjectures? | Declare\s+(?:Instance|Module|ML) | Primitive | Load
    | Unset\s+(?:Universe|Positivity|Guard)\s+Checking | Set\s+Type\s+In\s+Type
    )(?![\w'])""",
    re.VERBOSE,
)
EXTRACTION = re.compile(r"Extract\s+(?:Constant|Inlined|Inductive)(?![\w'])")
IN_SECTIONS = {"Variable", "Variables", "Hypothesis", "Hypotheses", "Context"}  # outside of one they are axioms
ATTRIBUTE = (
    r"(?:#\s*\[[^\]]*\]|Local|Global|Polymorphic|Monomorphic|Program|Time|Fail|Timeout\s+\d+|[-+*{}]+|\d+\s*:)\s*"
)


def code(text):
    """A Coq file without what stands in comments and in strings; a comment may hold comments and strings."""
    kept, depth, at = [], 0, 0
    for found in re.finditer(r'\(\*|\*\)|"(?:[^"]|"")*"', text):
        word = found[0]
        if depth == 0:
            kept.append(text[at : found.start()])
        if word == "(*":
            depth += 1
        elif word == "*)":
            if depth == 0:  # no end of a comment
                kept.append(word)
            else:
                depth -= 1
                kept.append(" " * (depth == 0))
        elif depth == 0:
            kept.append('""')
        at = found.end()
    return "".join([*kept, text[at:] if depth == 0 else ""])


def supposed(text):
    """What is supposed in a file, or switched off: words of it that are forbidden, and hypotheses of no section."""
    found, sections = [" ".join(one.split()) for one in FORBIDDEN.findall(code(text))], 0
    for command in re.split(r"\.(?:\s|$)", code(text)):
        word = re.sub(rf"^\s*(?:{ATTRIBUTE})*", "", command).split()[:1]
        sections += (word == ["Section"]) - (word == ["End"])
        if sections < 1 and IN_SECTIONS.intersection(word):
            found += word
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_file_supposes_anything(path):
    text = path.read_text()
    assert supposed(text) == []
    assert not EXTRACTION.search(code(text)) or path.name == "Extract.v"


def test_what_is_forbidden_is_found():
    for text, found in {
        "Lemma a : False. Admitted.": ["Admitted"],
        "(* Axiom (* a *) *) Axiom b : False.": ["Axiom"],
        'Definition a := "(*". Axiom b : False. (* " *)': ["Axiom"],
        '(* "*)" Axiom *) Conjecture b : False. Conjectures c d : False.': ["Conjecture", "Conjectures"],
        'Definition a := "Axiom ""Load"" b". (* Load *) Load "x".': ["Load"],
        "Lemma a : False. Proof. give_up. Admit  Obligations.": ["give_up", "Admit Obligations"],
        "Unset  Guard\n Checking. Unset Universe Checking. Unset Positivity Checking.": [
            f"Unset {word} Checking" for word in ("Guard", "Universe", "Positivity")
        ],
        "Declare  Instance a : b. Declare Module c : d. Primitive e := #int63_add.": [
            "Declare Instance",
            "Declare Module",
            "Primitive",
        ],
        "#[bypass_check(guard)] Fixpoint a := a.": ["bypass_check"],
        "Section A. Variables a : nat. Hypotheses b : a = a. End A. Hypotheses b : False.": ["Hypotheses"],
        "Variables a b : False.": ["Variables"],
        "#[local] Local Hypothesis a : False.": ["Hypothesis"],
        "Section A. End A. Context (a : False).": ["Context"],
        "Section A.\nEnd A.\nVariable a : False.": ["Variable"],
        'Print Assumptions check_sound. Definition Parameter_ := "Axiom". Lemma Loaded : True.': [],
        "Section A. Variable a : nat. Local Hypothesis b : a = a. End A.": [],
    }.items():
        assert supposed(text) == found, text
    for text in ("Extract Constant a", "Extract  Inlined Constant a", "Extract\nInductive b"):
        assert EXTRACTION.search(text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_lines_are_short_and_files_are_too(path):
    lines = path.read_text().splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) <= (110 if path.name == "Statement.v" else 500)


def assumed(output):
    """For each `Print Assumptions`, in order, the names it lists."""
    found = []
    for line in output.splitlines():
        if line == CLOSED or line == "Axioms:":
            found.append([])
        elif re.match(r"\S", line):
            found[-1].append(line.split(" ")[0].rstrip(":"))
    return found


def test_every_theorem_rests_on_what_is_said(library):
    asked = re.findall(r"Print Assumptions (\w+)\.", (COQ / "Assumptions.v").read_text())
    done = coqc(COQ / "Assumptions.v", 400)
    assert done.returncode == 0, done.stderr
    assert dict(zip(asked, assumed(done.stdout), strict=True)) == ASSUMPTIONS


def test_what_the_theorems_say_is_pinned(library):
    """Each is written out in Pinned.v, but those that exported files use: these say what each of them says."""
    text = (COQ / "Pinned.v").read_text()
    assert set(ASSUMPTIONS) - set(MEANS) | {"accepted_true"} == set(re.findall(r"^Check \((\w+) :", text, re.MULTILINE))
    done = coqc(COQ / "Pinned.v")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "(1 <= n)%nat ->\n  length x = n -> computes_greatest K (tournament",
            "length x = n -> computes_greatest K (tournament",
        ),
        ("le K a m", "lt K a m"),
        ("length (layers net) = k /\\ one_unit", "length (layers net) = (k - 1)%nat /\\ one_unit"),
        ("check_reals : forall c, check c = true ->", "check_reals : forall c,"),
        ("claim_text (the_claim c) = claim_text (the_claim d) ->", ""),
    ],
)
def test_a_theorem_that_says_less_than_what_is_pinned_is_found(library, tmp_path, old, new):
    """What is pinned is made to say more, which is the same to Coq as a theorem that says less."""
    text = (COQ / "Pinned.v").read_text()
    assert old in text
    (tmp_path / "more.v").write_text(text.replace(old, new))
    done = coqc(tmp_path / "more.v")
    assert done.returncode != 0 and "while it is expected to have type" in done.stderr


TOP = ["Checker", "ClaimUnique", "forall.Chain", "forall.Tournament", "forall.Onehot", "forall.Depth"]


def coqchk(folder, *arguments):
    """Coq's second reader, which has a kernel of its own, without a virtual machine."""
    command = ["coqchk", "-silent", "-o", "-Q", str(COQ), "Relumax", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=1200, cwd=folder)


def test_the_second_reader_finds_no_axiom(library, tmp_path):
    """coqchk reads the compiled library again, and all of Coq's that it uses."""
    if not NEEDED:
        pytest.skip("coqchk takes a minute: RELUMAX_NEEDS_COQ=1")
    done = coqchk(tmp_path, *[f"Relumax.{name}" for name in TOP])
    assert done.returncode == 0, done.stderr
    assert "* Axioms: <none>" in done.stdout + done.stderr


def test_the_second_reader_accepts_small_files(library, tmp_path):
    for name in ("max-tournament-2", "max-essay-2", "argmax-index-2"):
        data = (COQ.parent / "proofs" / f"{name}.json").read_bytes()
        (tmp_path / f"{name.replace('-', '_')}.v").write_text(vernacular(data, check(data), pure=True))
    names = sorted(path.stem for path in tmp_path.glob("*.v"))
    for name in names:
        assert coqc(tmp_path / f"{name}.v").returncode == 0
    done = coqchk(tmp_path, "-R", ".", "", *[word for name in names for word in ("-norec", name)])
    assert done.returncode == 0, done.stderr
    assert "unsafe (co)fixpoints: <none>" in done.stdout + done.stderr


def test_without_coq_one_line_says_so():
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception), match="coqc is not installed: apt-get"):
        without("coqc")
