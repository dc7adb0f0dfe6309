"""The pictures themselves: what is written on them, the same bytes in every process, and how fast."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from time import process_time

import pytest

import relumax
from relumax import prove
from relumax.commands.reading import readable
from relumax.constructions import registry
from relumax.errors import FormatError, SpecError
from relumax.kernel import check
from relumax.language.expr import inputs, relu
from relumax.language.spec import max_spec
from relumax.pictures import Look, axes, draw_catalogue, draw_network, draw_proof, draw_regions, level
from relumax.pictures.catalogue import lines
from relumax.pictures.notebook import theorem_html
from relumax.pictures.regions import _seen
from relumax.pictures.style import FILLS, PALE
from relumax.pictures.tree import trees
from tests.pictures.examples import built, bump, example, row, wrong_network
from tests.running import python

pytest.importorskip("matplotlib")
ROOT = Path(__file__).resolve().parents[2]
PROOFS = ROOT / "proofs"


def words(picture):
    """What is written on a picture: matplotlib keeps each text beside its outline."""
    svg = picture.svg().decode()
    ET.fromstring(svg)
    return re.findall(r"<!-- (.*?) -->", svg)


def svg_in_a_process(seed):
    code = """
import sys
from relumax.pictures import Look, axes, draw_network, draw_proof, draw_regions
from tests.pictures.examples import built, wrong_network
from relumax.language.spec import max_spec
net, spec = built("argmax", "index", 2)
wrong = draw_regions(wrong_network(), spec=max_spec(2), witness=[0, 0])
for one in (draw_regions(net, spec=spec), wrong, draw_network(net, [1, 2]), draw_proof(open(sys.argv[1], "rb").read())):
    sys.stdout.buffer.write(one.svg())
"""
    done = python(code, PROOFS / "max-tournament-3.json", env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_give_the_same_bytes():
    first = svg_in_a_process("1")
    assert first == svg_in_a_process("2") and first.count("</svg>") == 4 and "<dc:date>" not in first


def test_a_users_own_settings_change_nothing(tmp_path):
    net, _ = built("max", "tournament", 3)
    before = draw_network(net).svg()
    import matplotlib

    with matplotlib.rc_context({"font.size": 31, "lines.linewidth": 9, "svg.fonttype": "none"}):
        assert draw_network(net).svg() == before


# ---------------------------------------------------------------- networks


def test_every_weight_of_a_small_network_is_written_as_it_is():
    x = inputs(2)
    net = relumax.compile([relu(x[0] / 2 - "3/4" * x[1] + "1/7") - x[1] / 3], 2)
    written = words(draw_network(net))
    assert "+1/7" in written, "a bias"
    found = [Fraction(c, layer.den) for layer in net.maps for _, terms in layer.rows for _, c in terms]
    for weight in set(found):
        assert written.count(str(weight).replace("-", "−")) >= found.count(weight)


def test_a_large_network_has_a_key_or_bars():
    net, _ = built("max", "shallow", 5)
    written = words(draw_network(net))
    assert {"−1", "−1/2", "1/2", "1", "x4", "y"} <= set(written)
    bars = words(draw_network(built("max", "tournament", 64)[0]))
    assert {"64", "96", "48", "3"} <= set(bars) and "relu" not in bars


@pytest.mark.parametrize(("pair", "n"), [(("argmax", "index"), 4), (("argmax", "index"), 14)])
def test_biases_stand_in_their_circles(pair, n):
    from matplotlib.patches import Circle

    from relumax.pictures.layered import _paint

    net, _ = built(*pair, n)
    axes_ = _paint(net, None, None, "", []).axes[0]
    circles = [(*one.center, one.radius) for one in axes_.patches if isinstance(one, Circle)]
    biases = [one.get_position() for one in axes_.texts if one.get_text()[0] == "+"]
    assert len(biases) == sum(row[0] > 0 for layer in net.maps for row in layer.rows) > 2
    for a, b in biases:
        assert any(abs(a - x) < 0.1 * r and abs(b - y) < 0.6 * r for x, y, r in circles)


def test_the_key_of_a_proof_is_no_wider_than_the_proof():
    for name in ("max-tournament-8", "argmax-slack-8", "argmax-step-2"):
        axes_ = draw_proof((PROOFS / f"{name}.json").read_bytes())._paint().axes[0]
        keys = [one for one in axes_.texts if one.get_position()[1] < 0 and "axes" not in str(one.get_transform())]
        assert {"goal: supposed false", "split: one branch each"} <= {one.get_text() for one in keys}
        for one in keys:
            assert one.get_position()[0] + 0.06 * len(one.get_text()) <= axes_.get_xlim()[1]


def test_at_an_input_units_show_their_values_and_the_winner_is_named():
    net, _ = built("max", "tournament", 4)
    picture = draw_network(net, row(3, "-1/2", "1/4", "7/3"))
    assert picture.says.endswith("at (3, -1/2, 1/4, 7/3): y = 3, 5 of 9 units are on; x0 wins, its way to y is gold")
    assert {"7/2", "7/3", "2/3", "1/2", "−1/2"} <= set(words(picture))
    assert "wins" not in draw_network(built("argmax", "index", 3)[0], [5, 1, 2]).says
    with pytest.raises(relumax.errors.ProgramError, match="4 inputs, but 2 were given"):
        draw_network(net, [1, 2])


@pytest.mark.parametrize("name", ["tournament", "chain", "shallow", "essay"])
def test_the_winners_way_leads_from_it_to_the_output(name):
    from relumax.pictures.layered import _shown

    net, _ = built("max", name, 5)
    for winner in range(5):
        shown = _shown(net, [7 if k == winner else k for k in range(5)])
        assert shown.winner == winner
        assert {j for k, j, _ in shown.path if k == 0} == {winner}
        for k, source, target in shown.path:
            assert k == 0 or shown.on[k - 1][source]
            assert k == net.depth or any(a == k + 1 and j == target for a, j, _ in shown.path)


# ---------------------------------------------------------------- regions


def test_regions_name_their_formulas():
    net, spec = built("argmax", "index", 2)
    picture = draw_regions(net, spec=spec, title="argmax/index, n = 2")
    assert {"y = 0", "y = 1", "argmax/index, n = 2"} <= set(words(picture))
    assert picture.says == "argmax/index, n = 2; 3 cells, 3 affine pieces; the claim is true on every cell"
    three, claim = built("max", "tournament", 3)
    assert {"y = x0", "y = x1", "y = x2"} <= set(words(draw_regions(three, spec=claim)))


def test_a_wrong_region_is_red_and_hatched_with_the_witness_in_view():
    net = wrong_network()
    plain = draw_regions(net, max_spec(2), look=Look(within=row(2, 3, 2, 3))).svg().decode()
    red = draw_regions(net, spec=max_spec(2), witness=row(0, 0))
    assert "#e8606a" in red.svg().decode() and "#e8606a" not in plain
    assert red.says.endswith("red, where the claim is false (5.56% of the picture)")


def test_a_thin_wrong_region_is_looked_at_from_near():
    from tests.running import THIN

    space = {}
    exec(THIN.replace('@construction("max", "thin")', "").replace("import construction,", "import"), space)
    verdict = prove(space["thin"](inputs(4)), max_spec(4))
    seen = _seen(verdict.network, max_spec(4), verdict.witness.inputs, Look())
    size = max(abs(Fraction(x, w)) for x, _, w in seen.view.box)
    assert seen.wrong and size < Fraction(1, 50)
    assert seen.view.plane.coordinates(verdict.witness.inputs) is not None


def test_by_formula_each_has_a_colour_and_other_outputs_are_drawn():
    net, _ = built("argmax", "onehot", 3)
    one, two = (draw_regions(net, look=Look(level(), output=k)).svg() for k in (0, 1))
    assert one != two
    three, _ = built("max", "tournament", 3)
    assert draw_regions(three, look=Look(by="formula")).svg() != draw_regions(three).svg()
    for bad in ({"by": "shape"}, {"output": 1}, {"plane": axes(2)}):
        with pytest.raises(SpecError):
            draw_regions(three, look=Look(**bad))
    with pytest.raises(SpecError, match="say on which plane"):
        draw_regions(built("max", "chain", 4)[0])


def general():
    """A network of three inputs in which none wins, with long formulas."""
    x = inputs(3)
    units = [x[0] - 2 * x[1] + "3/4" * x[2] - 1, 3 * x[1] - x[0] + x[2] / 2 + "1/2", x[0] - "5/4" * x[2] - "1/3"]
    weights = ("3/2", "-5/4", 1)
    return relumax.compile([sum((w * relu(u) for w, u in zip(weights, units, strict=True)), x[0] / 4)], 3)


@pytest.mark.parametrize("by", ["winner", "formula"])
def test_every_piece_is_named_and_coloured(by):
    """On its place or by a letter and a line under the picture, where no input wins anywhere; no two colours alike."""
    net = general()
    picture = draw_regions(net, look=Look(by=by))
    pieces, written = _seen(net, None, None, Look()).portrait.pieces, words(picture)
    assert len(pieces) == 7 and {f"y = {piece.formula}" for piece in pieces} <= set(written)
    assert sum(written.count(letter) for letter in "ABCDEFG") >= 2 * 6, "on the piece and beside its formula"
    assert len({colour for colour in FILLS if colour in picture.svg().decode()}) == 7
    assert PALE not in picture.svg().decode()


def test_no_label_lies_under_the_arrows():
    """Of all places for labels none meets the rose, though formulas are short and pieces many."""
    from relumax.pictures import regions

    for pair in (("argmax", "slack"), ("max", "shallow"), ("argmax", "onehot"), ("min", "chain")):
        net, _ = built(*pair, 3)
        for output in range(net.outputs):
            figure = regions._paint(_seen(net, None, None, Look(output=output)), net, "formula", "", [])
            axes_ = figure.axes[0]
            x, y, size = regions._rose(axes_)
            width = axes_.get_xlim()[1] - axes_.get_xlim()[0]
            for text in axes_.texts:
                if " = " in text.get_text() and text.get_position() != (0, 1):
                    a, b = text.get_position()
                    half = 0.0092 * width * len(text.get_text())
                    assert abs(a - x) > half + 1.6 * size or abs(b - y - 0.1 * size) > 1.6 * size


# ---------------------------------------------------------------- everything can be drawn


@pytest.mark.parametrize("pair", list(registry.BUILT_IN), ids="/".join)
def test_every_construction_is_drawn_and_its_claim_is_true_on_every_cell(pair):
    found = registry.find(*pair)
    for n in (1, 2, 3):
        try:
            net, spec = built(*pair, n)
        except SpecError:
            continue  # it has no such size
        assert f"{net.size} units" in draw_network(net, range(net.inputs)).says
        if n == 1:
            draw_network(net).svg()
        if net.inputs in (2, 3):
            assert "the claim is true on every cell" in draw_regions(net, spec).says
    assert found.title


def test_numbers_too_long_to_be_read_or_placed():
    x = inputs(2)
    huge, tiny = 7**6000, Fraction(1, 3**9000)
    net = relumax.compile([relu(x[0] * huge - x[1] * tiny) + huge - x[1]], 2)
    picture = draw_network(net, [huge, tiny])
    assert {"+≈3.87e+5070", "≈−8.10e-4295"} <= set(words(picture)), words(picture)
    with pytest.raises(SpecError, match="floats cannot place it"):
        draw_regions(net, look=Look(within=[huge, huge + 1, 0, 1]))
    assert "y = −x1 + ≈3.87e+5070" in words(draw_regions(net))
    assert "bars" in " ".join(words(draw_network(built("max", "chain", 33)[0])))


# ---------------------------------------------------------------- proofs


@pytest.mark.parametrize(
    "name", ["max-tournament-3", "max-chain-5-flat", "argmax-index-3", "select-gate-3", "max-shallow-5"]
)
def test_a_tree_has_every_step_that_the_proof_has(name):
    data = (PROOFS / f"{name}.json").read_bytes()
    theorem, found = trees(data)
    said = [line.split()[0] for line in readable(data, 10**6) if line.strip()]
    for kind in ("leaf", "split", "goal", "have"):
        assert sum(tree.counts[kind] for tree in found) == said.count(kind)
    for tree in found:
        assert tree.root.leaves == tree.counts["leaf"]
    assert words(draw_proof(data))[-1] and theorem.statements == check(data).statements


def test_a_small_proof_is_written_out_and_a_large_one_is_cut():
    small = words(draw_proof((PROOFS / "max-tournament-2.json").read_bytes()))
    assert {"y &lt; m", "a1 ≤ 0, h1 = 0"} & set(small) and "lemma 0: h0 + h1 − h2 = max(a0, a1)" in small
    large = words(draw_proof((PROOFS / "argmax-step-8.json").read_bytes()))
    assert any(re.fullmatch(r"\d[\d,]* leaves", one) for one in large) and len(large) < 700


def test_what_the_kernel_does_not_accept_is_not_drawn():
    data = (PROOFS / "max-tournament-2.json").read_bytes()
    with pytest.raises(FormatError, match="not a certificate the kernel accepts"):
        draw_proof(data.replace(b'"den":1', b'"den":2', 1))


# ---------------------------------------------------------------- the catalogue


def test_a_dot_is_filled_where_the_kernel_accepts_a_certificate(tmp_path):
    for name in ("max-tournament-4", "max-chain-3", "min-chain-3"):
        (tmp_path / f"{name}.json").write_bytes((PROOFS / f"{name}.json").read_bytes())
    broken = json.loads((PROOFS / "max-chain-5.json").read_bytes())
    broken["proofs"][0] = broken["proofs"][0][:-1]
    (tmp_path / "no.json").write_text(json.dumps(broken, sort_keys=True, separators=(",", ":")))
    (tmp_path / "other.json").write_text("[1, 2]")
    found = {
        line.title: {dot.n for dot in line.dots if dot.proved} for line in lines("max", range(2, 6), str(tmp_path))
    }
    assert found["max/chain"] == {3} and 4 in found["max/tournament"] and found["max/essay"] == set()
    assert {line.title: [dot.units for dot in line.dots] for line in lines("max", [8], None)}["max/tournament"] == [21]


def test_identities_fill_their_own_line():
    [line] = [one for one in lines("max", [5, 9, 11, 12], str(PROOFS)) if one.title == "max/identity"]
    assert [(dot.n, dot.proved) for dot in line.dots] == [(5, True), (9, True), (11, True)], (
        "none is shipped for n = 12"
    )


def test_the_catalogue_is_drawn_with_its_names():
    written = words(draw_catalogue("argmin", range(2, 6)))
    assert {"argmin/slack", "argmin/step", "hidden layers", "units"} <= set(written)
    with pytest.raises(SpecError, match="no such folder"):
        draw_catalogue("max", [2], "nowhere")


# ---------------------------------------------------------------- Python and notebooks


def test_networks_and_verdicts_draw_themselves(tmp_path):
    good = prove(relumax.maximum(*inputs(2)), "max")
    bad = prove(bump(inputs(2)), "max")
    assert "red, where the claim is false" in bad.draw().says and "affine" not in good.draw().says
    assert "leaves" in good.draw("proof").says and "the claim is true" in good.draw("regions").says
    assert "7/2" in words(good.network.draw(["7/2", 1]))
    with pytest.raises(SpecError, match="there is no certificate"):
        bad.draw("proof")
    with pytest.raises(SpecError, match="network, regions or proof"):
        good.draw("song")
    picture = good.draw()
    picture.save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and min(struct.unpack(">II", data[16:24])) > 200
    picture.save(str(tmp_path / "a.svg"))
    assert (tmp_path / "a.svg").read_bytes() == picture.svg() and repr(picture).startswith("<picture: proved; ")
    with pytest.raises(SpecError, match=r"\.svg or \.png"):
        picture.save("a.pdf")


def test_notebooks_show_what_is_short():
    good, bad = prove(relumax.maximum(*inputs(2)), "max"), prove(bump(inputs(2)), "max")
    for html, said in (
        (good._repr_html_(), ("proved", "y = max(x)", "kernel: accepted", good.accepted.network_sha256)),
        (bad._repr_html_(), ("refuted", "false at x = (0, 0): the outputs there are (1)")),
        (theorem_html(check(good.certificate)), ("proved", "y = max(x)", good.accepted.claim_sha256)),
    ):
        ET.fromstring(f"<div>{html}</div>")
        assert all(one in html for one in said) and len(html) < 900
    assert repr(good.network) == "<network: 2 -> 3 -> 1>"
    wrong = good._replace(theorem=("a < b & c",))
    assert "a &lt; b &amp; c" in wrong._repr_html_()


def test_theorems_are_shown_after_load_ext():
    class Formatter:
        def for_type_by_name(self, *what):
            self.what = what

    class Shell:
        display_formatter = type("D", (), {"formatters": {"text/html": Formatter()}})

    relumax.load_ipython_extension(Shell)
    module, name, show = Shell.display_formatter.formatters["text/html"].what
    assert (module, name) == (check.__module__, "Theorem") and show is theorem_html


# ---------------------------------------------------------------- what is loaded


def test_nothing_loads_matplotlib_before_ink_is_asked_for():
    code = "import sys, relumax.pictures, relumax.commands.draw; sys.exit('matplotlib' in sys.modules)"
    assert python(code).returncode == 0


def test_without_matplotlib_one_line_says_what_to_install():
    code = (
        "import sys; sys.modules['matplotlib'] = None; from relumax.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    done = python(code, "draw", "--n", 2, "-o", "a.svg")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == "relumax: drawing needs matplotlib: pip install 'relumax[pictures]'\n"


def test_regions_of_three_inputs_take_no_twice_the_import():
    """In pairs, the best of five each: processor time, with interpreters started alike."""
    load = "import matplotlib.figure, matplotlib.backends.backend_svg"
    timed = {"load": [], "draw": []}
    commands = {"load": [sys.executable, "-c", load], "draw": [sys.executable, "-m", "relumax", *DRAW]}
    for _ in range(5):
        for name, command in commands.items():
            timed[name].append(_cpu(command))
    assert min(timed["draw"]) <= 2 * min(timed["load"]), timed


DRAW = ["draw", "--n", "3", "--regions", "-o", "-"]


def _cpu(command):
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_cells_alone_are_fast():
    one = example("max/tournament 3")
    start = process_time()
    for _ in range(10):
        draw_regions(one.net, spec=one.spec)
    assert process_time() - start < 1
