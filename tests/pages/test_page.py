"""Pages in a browser: nothing is loaded, numbers are exact, a changed weight shows, keys are enough, all is legible."""

import json
import re
import runpy
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax import kernel
from relumax.pages import index, page

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
helper = runpy.run_path(str(HERE / "browser.py"))
NAMES = (
    "max-tournament-4", "min-tournament-4", "argmax-index-4", "max-tournament-64", "select-gate-2", "argmax-step-2",
    "search-iterate-3", "select-prefix-8", "argmax-slack-3", "max-shallow-5",
)  # fmt: skip
TAB, ENTER, RIGHT, SPACE = "\ue004", "\ue007", "\ue014", " "
pytestmark = pytest.mark.skipif(
    not (helper["DRIVER"] and helper["CHROMIUM"]),
    reason="chromium and chromedriver are not installed: no page is opened",
)


def data(name):
    return (ROOT / "proofs" / f"{name}.json").read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("pages"), []
    for name in NAMES:
        one = page(data(name), name, index=True)
        (folder / f"{name}.html").write_text(one.html, encoding="utf-8")
        made.append((f"{name}.html", one))
    (folder / "index.html").write_text(index(made), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tab():
    with helper["browser"]() as found:
        yield found


TYPE = """
const [values, id] = arguments, fields = [...document.querySelectorAll("#inputs input[type=text]")];
values.forEach((value, k) => { fields[k].value = value; fields[k].dispatchEvent(new Event("input")); });
return [...document.querySelectorAll("#outputs .output")].map((one) => one.lastChild.textContent);
"""
SAYS = "return document.getElementById(arguments[0]).textContent"


def certificate(html):
    return re.search(r'id="certificate">(.*?)</script>', html)[1]


def exact(text):
    return Fraction(text.replace("\u2212", "-"))


def forward(network, values):
    """The outputs of the network at these inputs, by Fractions alone."""
    found = list(values)
    for layer in [*network["layers"], network["output"] | {"step": None}]:
        den, rows = int(layer["den"]), []
        for bias, *row in layer["rows"]:
            rows.append(
                (Fraction(int(bias)) + sum(int(c) * found[j] for j, c in zip(row[::2], row[1::2], strict=True))) / den
            )
        step = layer["step"]
        found = rows if step is None else [Fraction(t >= 0) if j in step else max(t, 0) for j, t in enumerate(rows)]
    return found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", NAMES)
def test_opens_quietly_proves_and_fits(tab, folder, name, width, dark):
    tab.open(folder / f"{name}.html", width, 900, dark)
    theorem = kernel.check(data(name))
    assert re.fullmatch(r"✓ proved: \d+ steps replayed in this page in \d+ ms", tab.run(SAYS, "verdict"))
    assert tab.run(SAYS, "network-here").startswith(theorem.network_sha256 + " ✓ the same")
    assert tab.run(SAYS, "claim-here").startswith(theorem.claim_sha256 + " ✓ the same")
    assert tab.run("return document.querySelectorAll('#sentence math').length") >= 2
    assert tab.run("return document.documentElement.scrollWidth") <= width
    assert tab.asked() == [(folder / f"{name}.html").resolve().as_uri()]
    assert tab.heard("browser") == []
    paper, ink = tab.run("const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]")
    assert contrast(paper, ink) >= 7 and (luminance(paper) < 0.1) == dark


def luminance(colour):
    parts = [int(one) / 255 for one in re.findall(r"\d+", colour)[:3]]
    r, g, b = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_all_small_text_is_legible_and_all_controls_have_names(tab, folder):
    script = """
    const wrong = [], colours = [];
    for (const one of document.querySelectorAll("input, button, textarea, summary, a")) {
      const labels = one.labels && one.labels.length ? one.labels[0].textContent : "";
      const label = labels || one.getAttribute("aria-label") || one.textContent;
      if (!label.trim()) wrong.push(one.outerHTML);
    }
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    if (new Set(ids).size !== ids.length) wrong.push("an id twice");
    for (const selector of [".lead", ".badge", ".rule", ".place", ".given", "#hashes .match", ".input.wins label"]) {
      const one = document.querySelector(selector);
      let behind = one;
      while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
      colours.push([selector, getComputedStyle(one).color, getComputedStyle(behind).backgroundColor]);
    }
    return [wrong, colours];
    """
    for dark in (False, True):
        tab.open(folder / "max-tournament-4.html", dark=dark)
        wrong, colours = tab.run(script)
        assert wrong == []
        for selector, ink, paper in colours:
            assert contrast(ink, paper) >= 4.5, (selector, ink, paper)


small = st.integers(-3, 3).map(str)
fractions = st.builds("{}/{}".format, st.integers(-9, 9), st.integers(1, 6))
decimals = st.builds("{}.{:03}".format, st.integers(-9, 9), st.integers(0, 999))
huge = st.builds("{}/{}".format, st.integers(-(10**60), 10**60), st.integers(1, 10**50))
at_the_end_of_floats = st.integers(2**53 - 2, 2**53 + 2).flatmap(lambda size: st.sampled_from([str(size), f"-{size}"]))
powers = st.builds("{}.{}e{}".format, st.integers(-9, 9), st.integers(0, 99), st.integers(-30, 30))
numbers = st.one_of(small, fractions, decimals, huge, powers, at_the_end_of_floats)


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_those_of_fractions(tab, folder, name):
    """Inputs that are small, tied, huge, tiny, decimals; one page, as opening takes the time."""
    tab.open(folder / f"{name}.html")
    network = json.loads(data(name))["network"]
    n, outputs = network["inputs"], len(network["output"]["rows"])
    one, pool = st.lists(numbers, min_size=n, max_size=n), st.lists(numbers, min_size=1, max_size=2)
    tied = pool.flatmap(lambda some: st.lists(st.sampled_from(some), min_size=n, max_size=n))

    @settings(max_examples=15, deadline=None)
    @given(st.one_of(one, tied))
    def agree(typed):
        shown = tab.run(TYPE, typed)
        values = list(map(Fraction, typed))
        assert list(map(exact, shown[:outputs])) == forward(network, values)
        if name.startswith("max"):
            assert exact(shown[1]) == max(values)
            assert "✓ what is claimed holds here" in tab.run(SAYS, "promise")

    agree()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "1/0",
        "x",
        "1/",
        "/2",
        "0x10",
        "--1",
        "1/-2",
        "1,5",
        "NaN",
        "e5",
        "1e",
        "1e1.5",
        "1e1/2",
        ".",
        "1/2/3",
        "<b>1</b>",
        "1 2",
    ],
)
def test_what_is_no_number_is_named_and_nothing_is_shown_of_it(tab, folder, typed):
    tab.open(folder / "max-tournament-4.html")
    assert tab.run(TYPE, ["1", typed, "2", "3"]) == ["—"]
    assert tab.run(SAYS, "problem") == "x[1]: a number such as 3, -1/3, 0.25 or 1e-9 is expected"
    invalid = "return [...document.querySelectorAll('[aria-invalid=true]')].map((one) => one.id)"
    assert tab.run(invalid) == ["in-1"] and tab.run(SAYS, "promise") == ""
    assert tab.run(TYPE, ["1", " +5/10 ", "2", "\u22123"]) == ["2", "2"]
    assert tab.run(SAYS, "problem") == "" and tab.run(invalid) == []


@pytest.mark.parametrize("typed", ["9" * 1001, "1e1000", "-1E-1000", "0." + "1" * 999, "1/" + "9" * 999, "x" * 1001])
def test_a_number_longer_than_is_read_is_told_the_limit(tab, folder, typed):
    tab.open(folder / "max-tournament-4.html")
    assert tab.run(TYPE, ["1", typed, "2", "3"]) == ["—"]
    limit = "x[1]: a number has at most 1,000 characters, and an exponent of at most three digits"
    assert (tab.run(SAYS, "problem") == limit) == ("x" not in typed)


@pytest.mark.parametrize("typed", ["1e400", "7" * 400, "-1e5", "5e-1", ".5", "5.", "+1E+2", "1e999", "9" * 1000])
def test_numbers_of_the_command_line_are_numbers_of_the_page(tab, folder, typed):
    from relumax.commands.parameters import RATIONAL

    tab.open(folder / "max-tournament-4.html")
    value = RATIONAL.convert(typed, None, None)
    shown = tab.run(TYPE, [typed, "-1/3", typed, "0"])
    assert exact(shown[0]) == max(value, 0) and tab.run(SAYS, "problem") == ""
    slider = float(tab.run("return document.querySelector('#inputs input[type=range]').value"))
    assert abs(slider - min(max(value, -8), 8)) <= Fraction(1, 4), "it stands at its end where the number is beyond"


def test_values_that_grow_too_long_are_told_the_limit(tab, folder):
    tab.open(folder / "max-shallow-5.html")
    assert tab.run(TYPE, [f"1/{10**997 + k}" for k in range(5)]) == ["—"]
    assert tab.run(SAYS, "problem") == "too long a value at a point: no value here may have more than 16384 bits"


def test_a_promise_that_is_not_kept_by_the_inputs_says_nothing(tab, folder):
    tab.open(folder / "argmax-index-4.html")
    tab.run(TYPE, ["0", "1/2", "0", "0"])
    assert "Statement 1: what is required does not hold here: the theorem says nothing" in tab.run(SAYS, "promise")
    assert tab.run(TYPE, ["0", "0", "5/2", "5/2"])[0] == "2"
    assert "what is required holds at w = 2, and what is claimed holds here" in tab.run(SAYS, "promise")


def test_one_changed_weight_is_another_network_and_no_theorem(tab, folder, tmp_path):
    html = (folder / "max-tournament-4.html").read_text(encoding="utf-8")
    changed = html.replace('"rows":[[0,0,1,', '"rows":[[0,0,2,', 1)
    assert changed != html
    (tmp_path / "changed.html").write_text(changed, encoding="utf-8")
    tab.open(tmp_path / "changed.html")
    assert tab.run(SAYS, "verdict").startswith("✗ no theorem: invalid: proofs[0]")
    assert "✗ not the same: this is another network" in tab.run(SAYS, "network-here")
    assert "✓ the same" in tab.run(SAYS, "claim-here")
    wrong = str(forward(json.loads(certificate(changed))["network"], [4, 1, 2, 3])[0])
    assert tab.run(TYPE, ["4", "1", "2", "3"]) == [wrong, "4"] != ["4", "4"]
    assert "what is claimed does not" in tab.run(SAYS, "promise")
    assert tab.heard("browser") == []


def test_the_page_itself_can_change_a_weight_and_restore_it(tab, tmp_path):
    for name in (*NAMES, "max-bakaev-11", "argmax-index-1"):  # halves; a network without weights
        (tmp_path / f"{name}.html").write_text(page(data(name), name).html, encoding="utf-8")
        tab.open(tmp_path / f"{name}.html")
        tab.run("document.getElementById('spoil').click()")
        assert tab.run(SAYS, "verdict").startswith("✗ no theorem: "), name
        assert "not the same" in tab.run(SAYS, "network-here")
        found = re.search(r"the (first weight|bias) was (\S+), now it is (\S+)\.", tab.run(SAYS, "spoiled"))
        spoiled = json.loads(tab.run("return JSON.stringify(Page.state.raw.network)"))
        was, now = (numbers_of(one, found[1] == "bias") for one in (json.loads(data(name))["network"], spoiled))
        [changed] = [k for k, (a, b) in enumerate(zip(was, now, strict=True)) if a != b]
        assert changed == 0 and (exact(found[2]), exact(found[3])) == (was[0], now[0]), name
        tab.run("document.getElementById('restore').click()")
        assert tab.run(SAYS, "verdict").startswith("✓ proved") and tab.run(SAYS, "spoiled") == ""
        assert tab.heard("browser") == []


def numbers_of(network, biases):
    """All biases of a network, or all weights, as they are."""
    layers = [*network["layers"], network["output"]]
    return [
        Fraction(int(x), int(one["den"]))
        for one in layers
        for row in one["rows"]
        for x in (row[:1] if biases else row[2::2])
    ]


AXE = """
const done = arguments[arguments.length - 1];
axe.run(document).then((found) => done(found.violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 120))])), (problem) => done(String(problem)));
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", ["max-tournament-4", "argmax-index-4", "select-gate-2", "index"])
def test_axe_reports_nothing_serious(tab, folder, name, width, dark):
    """axe-core, from the extra `test-pages`; with the whole proof open where it is short, as axe takes its time."""
    pytest.importorskip("axe_playwright_python", reason="axe is not installed: pip install '.[test-pages]'")
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    tab.open(folder / f"{name}.html", width, 900, dark)
    for _ in range(3 if name == "max-tournament-4" else 0):
        tab.soon(OPEN)
    tab.run(script)
    assert tab.soon(AXE) == []


ROWS = """
const done = arguments[0];
setTimeout(() => done(document.querySelectorAll("#values tbody tr").length), 100);
"""


def test_keys_are_enough(tab, folder):
    tab.open(folder / "max-tournament-4.html")
    focus = "const a = document.activeElement; return a.id || a.textContent || a.getAttribute('aria-label')"
    seen = []
    for _ in range(17):
        tab.press(TAB)
        seen.append(tab.run(focus))
    assert seen[:3] == ["Skip to the inputs", "All theorems", "Tie the largest two"]
    assert seen[4:12] == ["in-0", "drag x[0]", "in-1", "drag x[1]", "in-2", "drag x[2]", "in-3", "drag x[3]"]
    assert seen[12:14] == ["drawing", "Every unit and its value"] and "spoil" in seen
    tab.run("document.getElementById('in-0').select()")
    tab.press(*"22/3")
    assert tab.run("return document.querySelector('#outputs output').textContent") == "22/3"
    tab.press(TAB, RIGHT)
    assert tab.run("return document.getElementById('in-0').value") in ("15/2", "8")
    tab.run("document.querySelector('#all-values summary').focus()")
    tab.press(ENTER)
    assert tab.soon(ROWS) == 9
    tab.run("[...document.querySelectorAll('#tools button')][0].focus()")
    tab.press(SPACE)
    tied = tab.run("return [...document.querySelectorAll('.input.wins')].length")
    assert tied == 2
    assert "the way from x[1] to the output; x[0] ties with it, by units that are at 0" in tab.run(SAYS, "drawing")


OPEN = """
document.querySelectorAll("#proof details").forEach((one) => { one.open = true; });
setTimeout(arguments[0], 50);
"""


def test_the_proof_opens_step_by_step_and_marks_the_case_that_holds(tab, folder):
    tab.open(folder / "max-tournament-4.html")
    tab.run(TYPE, ["3", "1", "2", "0"])
    for _ in range(8):
        tab.soon(OPEN)
    leaves = tab.run("return [...document.querySelectorAll('#proof .farkas')].map((one) => one.innerText)")
    assert len(leaves) > 5 and all("0 < 0" in one or "sum" in one for one in leaves)
    here = "return [...document.querySelectorAll('#proof .here > summary')].map((one) => one.textContent)"
    before = tab.run(here)
    assert before
    tab.run(TYPE, ["0", "1", "2", "3"])
    after = tab.run(here)
    assert after and after != before
    now = "return [...document.querySelectorAll('#proof .now')].map((one) => one.textContent)"
    assert any("here h1.0 o" in one for one in tab.run(now))
    tab.run(TYPE, ["no", "1", "2", "3"])
    assert tab.run(here) == [] and set(tab.run(now)) == {""} and tab.heard("browser") == []


def test_an_input_is_shown_within_three_frames(tab, folder):
    tab.open(folder / "max-tournament-64.html")
    script = """
    const done = arguments[0], times = [], text = document.getElementById("in-5");
    const once = (k) => {
      if (k === 15) return done(times.sort((a, b) => a - b)[7]);
      const start = performance.now();
      text.value = `${k}/3`;
      text.dispatchEvent(new Event("input"));
      requestAnimationFrame(() => setTimeout(() => { times.push(performance.now() - start); once(k + 1); }));
    };
    once(0);
    """
    assert min(tab.soon(script) for _ in range(4)) <= 50, "the median of 15, in the best of four rounds"


def test_the_index_links_every_page(tab, folder):
    tab.open(folder / "index.html", 390)
    links = tab.run("return [...document.querySelectorAll('a')].map((one) => one.getAttribute('href'))")
    assert links == [f"{name}.html" for name in NAMES]
    assert tab.run("return document.documentElement.scrollWidth") <= 390 and tab.heard("browser") == []


WINS = "return [...document.querySelectorAll('.input.wins label')].map((one) => one.textContent)"


def test_winners_are_inputs_that_win_and_nothing_else(tab, folder):
    tab.open(folder / "argmax-index-4.html")
    tab.run(TYPE, ["1", "3", "3", "-5"])
    assert tab.run(WINS) == ["x[1]", "x[2]"]
    tab.open(folder / "min-tournament-4.html")
    tab.run(TYPE, ["1", "3", "-1/2", "5"])
    assert tab.run(WINS) == ["x[2]"]
    tab.run("document.querySelector('#tools button').click()")
    assert tab.run(WINS) == ["x[0]", "x[2]"]
    tab.open(folder / "search-iterate-3.html")  # chooses between candidates, which are no inputs
    assert tab.run(WINS) == [] and "Tie" not in tab.run(SAYS, "tools") and "winner" not in tab.run(SAYS, "drawing")


EDGES = """
const circles = [...document.querySelectorAll("#drawing circle")], at = (x, y) => circles.findIndex((one) =>
  one.cx.baseVal.value === x && one.cy.baseVal.value === y);
return [...document.querySelectorAll("#drawing line")].map(({ x1, y1, x2, y2, className }) => [
  at(x1.baseVal.value, y1.baseVal.value), at(x2.baseVal.value, y2.baseVal.value), className.baseVal !== "edge"]);
"""


@pytest.mark.parametrize("name", NAMES)
def test_lines_between_what_is_on_are_coloured_up_to_the_outputs(tab, folder, name):
    tab.open(folder / f"{name}.html")
    network, edges = json.loads(data(name))["network"], tab.run(EDGES)
    typed = tab.run("return [...document.querySelectorAll('#inputs input[type=text]')].map((one) => one.value)")
    values, on = [Fraction(one) for one in typed], [True] * network["inputs"]
    for layer in network["layers"]:
        units = {"den": 1, "rows": [[0, k, 1] for k in range(len(layer["rows"]))]}
        values = forward({"layers": [layer], "output": units}, values)
        on += [value > 0 for value in values]
    first_output = len(on)
    on += [True] * len(network["output"]["rows"])
    assert edges and [lit for *_, lit in edges] == [on[a] and on[b] for a, b, _ in edges], name
    assert any(lit for _, b, lit in edges if b >= first_output), "something comes to the output where the page opens"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_where_all_statements_say_something(tab, folder, name):
    tab.open(folder / f"{name}.html")
    said = tab.run(SAYS, "promise")
    assert "✓" in said and "does not hold" not in said
    typed = tab.run("return [...document.querySelectorAll('#inputs input[type=text]')].map((one) => one.value)")
    assert len(set(typed)) > 1 and "on: 0 of" not in tab.run(SAYS, "drawing")
    assert tab.run(WINS) == [] or len(tab.run(WINS)) == 1


def test_of_tied_winners_those_are_named_whose_way_is_drawn(tab, folder):
    tab.open(folder / "max-tournament-4.html")
    ways = {  # b + relu(a - b): of a tie the way is that of b
        ("3", "1", "2", "0"): "the way from the winner, x[0], to the output",
        ("3", "3", "2", "0"): "the way from x[1] to the output; x[0] ties with it, by units that are at 0",
        ("3", "3", "3", "3"): "; x[0], x[1], x[2] tie with it, by units that are at 0",
        ("0", "0", "0", "0"): "no way of units that are on from the tied winners to the output",
    }
    for typed, way in ways.items():
        tab.run(TYPE, typed)
        assert way in tab.run(SAYS, "drawing"), typed
    tab.open(folder / "argmax-slack-3.html")
    tab.run(TYPE, ["2", "2", "1"])
    assert "the way from the tied winners to the output" in tab.run(SAYS, "drawing")


def test_payloads_are_no_winners(tab, folder):
    tab.open(folder / "select-prefix-8.html")
    assert tab.run(WINS) == ["x[1]"] and tab.run("return document.querySelector('#outputs output').textContent") != "0"


SCRIPTS = """
return [...document.querySelectorAll("#sentence :is(msub, msup)")].map((one) => {
  const [base, script] = [...one.children].map((part) => part.getBoundingClientRect());
  const [em, size] = [...one.children].map((part) => parseFloat(getComputedStyle(part).fontSize));
  return [one.localName, size / em, (script.bottom - base.bottom) / em, (script.top - base.top) / em];
});
"""


def test_scripts_stand_where_they_belong_whatever_the_font(tab, folder):
    """Lower, or higher, than what they belong to, smaller, and not away from it."""
    kinds = set()
    for name in ("argmax-step-2", "argmax-slack-3", "max-tournament-64"):
        tab.open(folder / f"{name}.html")
        for kind, size, below, above in tab.run(SCRIPTS):
            kinds.add(kind)
            assert 0.6 <= size <= 0.8
            assert (0.05 <= below <= 0.4 and above > 0) if kind == "msub" else (below < -0.2 and -0.4 <= above <= 0)
    assert kinds == {"msub", "msup"}
