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
FORBIDDEN = r"(?<![\w'.])(Admitted|admit|Axioms?|Parameters?|Conjecture|Abort|Unset Guard|bypass_check)(?![\w'])"


def code(text):
    """A Coq file without its comments."""
    while (shorter := re.sub(r"\(\*(?:(?!\(\*|\*\)).)*\*\)", " ", text, flags=re.DOTALL)) != text:
        text = shorter
    return text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_file_supposes_anything(path):
    text = code(path.read_text())
    assert not re.findall(FORBIDDEN, text)
    assert "Extract Constant" not in text or path.name == "Extract.v"
    sections = 0  # a hypothesis outside a section would be an axiom
    for command in re.split(r"\.\s", text):
        word = command.split()[:1]
        sections += (word == ["Section"]) - (word == ["End"])
        assert sections >= 1 or word not in (["Variable"], ["Hypothesis"], ["Context"]), command


def test_what_is_forbidden_is_found():
    assert re.findall(FORBIDDEN, code("Lemma a : False. Admitted.")) == ["Admitted"]
    assert re.findall(FORBIDDEN, code("(* Axiom (* a *) *) Axiom b : False.")) == ["Axiom"]
    assert not re.findall(FORBIDDEN, code("Print Assumptions check_sound. Definition Parameter_ := 1."))


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
