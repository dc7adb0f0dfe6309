"""From a program to a theorem: both engines on the catalogue, mutants, scrambled networks, random programs."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax import pipeline
from relumax.constructions import registry
from relumax.engines.canonical import sought
from relumax.engines.search import GaveUp
from relumax.errors import BudgetExceeded, SpecError, UnknownName
from relumax.formats import export, load
from relumax.kernel import check
from relumax.language.equality import equality
from relumax.language.expr import Expr, evaluate, inputs, relu
from relumax.language.gadget import maximum, minimum
from relumax.language.spec import max_spec, min_spec
from relumax.network.beside import beside
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate as run_network
from relumax.network.layers import Layer, Network, normalise, sha256
from tests.network.examples import drawn, with_units
from tests.running import python
from tests.strategies import points, programs, reproducible

ISSUE_1 = [
    ("max", "tournament"),
    ("max", "chain"),
    ("max", "essay"),
    ("max", "essay-fused"),
    ("min", "tournament"),
    ("min", "chain"),
]


def claim(pair, n):
    """The programs and the spec of a construction."""
    found = registry.find(*pair)
    return found.program(n, **found.options), found.spec(n, **found.options)


def accepted(verdict: pipeline.Verdict, network: Network | None = None) -> None:
    """The verdict is proved, and a fresh check of its bytes says the same about the same weights."""
    assert verdict.verdict == "proved", (verdict.verdict, verdict.reason)
    assert verdict.z3 == "unsat" and verdict.witness is None
    theorem = check(verdict.certificate)
    assert theorem.statements == list(verdict.theorem)
    assert theorem.network_sha256 == sha256(network or verdict.network) == verdict.accepted.network_sha256


def best(pair, point):
    return (max if pair[0] == "max" else min)(point)


# ---------------------------------------------------------------- the catalogue


@pytest.mark.parametrize("engine", ["modular", "flat"])
@pytest.mark.parametrize("pair", ISSUE_1, ids="/".join)
def test_both_engines_on_each_construction(pair, engine):
    for n in range(1, 10):
        program, spec = claim(pair, n)
        verdict = pipeline.prove(program, spec, engine)
        accepted(verdict)
        assert verdict.engine == engine
        assert f"for all x in R^{n}" in verdict.theorem[0] and f"y = {pair[0]}(x)" in verdict.theorem[0]


@pytest.mark.parametrize("pair", [p for p in registry.names() if p not in ISSUE_1], ids="/".join)
def test_every_other_construction_small(pair):
    for n in range(1, 4):
        try:
            program, spec = claim(pair, n)
        except SpecError:
            continue  # not at this n
        accepted(pipeline.prove(program, spec))


@pytest.mark.parametrize(
    ("pair", "n"),
    [(("max", "tournament"), 32), (("min", "tournament"), 21), (("max", "chain"), 16), (("max", "essay-fused"), 16)],
    ids=str,
)
def test_flat_as_far_as_promised(pair, n):
    program, spec = claim(pair, n)
    verdict = pipeline.prove(compile(program, n, spec.nonnegative), spec, "flat")
    accepted(verdict)
    assert verdict.engine == "flat"


@pytest.mark.parametrize(("pair", "n"), [(("max", "tournament"), 200), (("min", "chain"), 40)], ids=str)
def test_modular_far(pair, n):
    program, spec = claim(pair, n)
    verdict = pipeline.prove(program, spec)
    accepted(verdict)
    assert verdict.engine == "modular"


def test_a_network_alone_is_for_flat():
    network = compile([maximum(*inputs(2))], 2)
    accepted(pipeline.prove(network, max_spec(2)), network)
    with pytest.raises(SpecError, match="needs a program"):
        pipeline.prove(network, max_spec(2), "modular")
    with pytest.raises(SpecError, match="unknown engine 'magic'; known: "):
        pipeline.prove(network, max_spec(2), "magic")


def test_a_spec_may_be_a_word():
    x = inputs(3)
    assert pipeline.prove(maximum(maximum(*x[:2]), x[2]), "max").verdict == "proved"
    assert pipeline.prove(maximum(*x[:2]), "min").verdict == "refuted"
    network = compile([maximum(*x[:2])], 2)
    assert pipeline.prove(network, "max/chain").theorem == ("for all x in R^2: y = max(x)",)
    best = maximum(*x[:2])
    assert pipeline.prove([best - one for one in x[:2]], "argmax").verdict == "proved"
    for word, kind, said in (
        ("maxx", UnknownName, "did you mean max"),
        ("max/tournement", UnknownName, "did you mean tournament"),
        (max, SpecError, "a spec is a word such as 'max', or a Spec"),
        (None, SpecError, "not None"),
    ):
        with pytest.raises(kind, match=said):
            pipeline.prove(best, word)


def test_what_does_not_fit_is_told_in_numbers():
    x = inputs(3)
    for what, spec, said in (
        ([x[0], x[1]], max_spec(2), "the statement has 1 output, the program gives 2; argmax/slack"),
        ([x[0], x[1]], "max", "max has 1 output, the program gives 2; argmax/slack or argmax/onehot"),
        (x[2], max_spec(2), "the program reads 3 inputs, the statement is about 2"),
        (compile([x[0]], 3), max_spec(2), "the network reads 3 inputs, the statement is about 2"),
        (compile([x[0]], 1), max_spec(2), "the network reads 1 input, the statement is about 2"),
        (compile([x[0]], 2), "argmax", "argmax has 2 outputs, the network gives 1; argmax/index"),
    ):
        with pytest.raises(SpecError) as caught:
            pipeline.prove(what, spec)
        assert said in str(caught.value) and "malformed" not in str(caught.value)


def test_a_verdict_shows_itself_in_a_line():
    x = inputs(2)
    assert repr(pipeline.prove(maximum(*x), "max")) == "<proved: for all x in R^2: y = max(x)>"
    long = repr(pipeline.prove(*claim(("argmax", "onehot"), 8)))
    assert long.startswith("<proved: ") and len(long) < 220 and long.endswith(" ...>")


def test_a_verdict_is_true_where_it_is_proved():
    a, b = inputs(2)
    refuted = pipeline.prove(a + b, "max")
    assert refuted.verdict == "refuted" and not refuted and not refuted.proved
    late = pipeline.prove(*claim(("max", "chain"), 20), timeout=1e-9)
    assert late.verdict == "unknown" and not late and not late.proved
    found = pipeline.prove(maximum(a, b), "max")
    assert found and found.proved


def test_what_only_z3_says_is_not_called_proved(monkeypatch):
    """The case tree grows too large, and z3 answers: its word alone."""

    def finish(_):
        raise GaveUp("the case tree has more than 20000 leaves")

    monkeypatch.setattr("relumax.engines.flat.Opening.finish", finish)
    program, spec = claim(("max", "chain"), 5)
    verdict = pipeline.prove(program, spec, "flat")
    assert (verdict.verdict, verdict.z3) == ("uncertified", "unsat")
    assert verdict.certificate is None and not verdict and "leaves" in verdict.reason


def test_a_refutation_names_the_sentence_that_is_false():
    a, b, c = inputs(3)
    spec = registry.find("argmax", "index").spec(3)
    outside = pipeline.prove(a + b + c, spec)
    assert outside.verdict == "refuted" and outside.reason == "theorem 1 of the 2 is false there"
    inside = pipeline.prove(minimum(relu(a - b), 1) + 0 * c, spec)
    assert inside.verdict == "refuted" and inside.reason == "theorem 2 of the 2 is false there"


def test_a_size_budget():
    with pytest.raises(BudgetExceeded, match="--max-size"):
        pipeline.prove(*claim(("max", "tournament"), 8), max_size=20)
    accepted(pipeline.prove(*claim(("max", "tournament"), 8), max_size=21))


def test_no_time_is_no_proof():
    program, spec = claim(("max", "chain"), 20)
    for engine in ("auto", "flat"):
        verdict = pipeline.prove(program, spec, engine, timeout=1e-9)
        assert verdict.verdict in ("unknown", pipeline.UNCERTIFIED) and verdict.certificate is None
        assert verdict.reason == "no answer within 1e-09 s"


# ---------------------------------------------------------------- the same bytes everywhere

DIGESTS = """
from hashlib import sha256
from relumax import pipeline
from relumax.constructions import registry
for pair in [("max", "tournament"), ("max", "chain"), ("max", "essay"), ("max", "essay-fused"), ("min", "chain")]:
    for engine in ("modular", "flat"):
        for n in (1, 2, 5, 6):
            found = registry.find(*pair)
            verdict = pipeline.prove(found.program(n), found.spec(n), engine)
            print(pair, engine, n, sha256(verdict.certificate).hexdigest())
"""


def test_the_same_claim_and_proof_give_the_same_bytes():
    first, *others = [python(DIGESTS, env={"PYTHONHASHSEED": seed}) for seed in ("0", "1", "4242")]
    assert first.returncode == 0 and first.stdout.count("\n") == 40, first.stderr
    for other in others:
        assert other.stdout == first.stdout
    here = pipeline.prove(*claim(("max", "chain"), 6), "flat")
    again = pipeline.prove(*claim(("max", "chain"), 6), "flat")
    assert here.certificate == again.certificate


# ---------------------------------------------------------------- mutants


def rational(layer: Layer) -> list[tuple[Fraction, dict[int, Fraction]]]:
    """The rows of a layer as rationals."""
    den = layer.den
    return [(Fraction(bias, den), {j: Fraction(c, den) for j, c in terms}) for bias, terms in layer.rows]


def mutants(network: Network) -> Iterator[Network]:
    """Each bias and each weight changed by one, up and down."""
    for t, layer in enumerate(network.maps):
        for i, (_, terms) in enumerate(layer.rows):
            for source in (None, *[j for j, _ in terms]):
                for change in (1, -1):
                    rows = rational(layer)
                    bias, weights = rows[i]
                    if source is None:
                        rows[i] = bias + change, weights
                    else:
                        rows[i] = bias, {**weights, source: weights[source] + change}
                    maps = [*network.maps]
                    maps[t] = normalise(rows, layer.steps)
                    yield Network(network.inputs, tuple(maps[:-1]), maps[-1])


def holds_at_many_points(network: Network, kind, nonnegative: bool, seed: int) -> bool:
    draw = random.Random(seed)
    values = [0, 1, 2, 5] if nonnegative else [-5, -1, 0, 1, 2, 5]
    for _ in range(300):
        point = [Fraction(draw.choice(values), draw.choice([1, 1, 3])) for _ in range(network.inputs)]
        if run_network(network, point) != [kind(point)]:
            return False
    return True


@pytest.mark.parametrize(
    ("pair", "n"),
    [
        (("max", "tournament"), 4),
        (("max", "tournament"), 3),
        (("min", "chain"), 3),
        (("max", "essay"), 4),
        (("max", "essay-fused"), 4),
    ],
    ids=str,
)
def test_a_single_changed_weight_is_noticed(pair, n):
    program, spec = claim(pair, n)
    network = compile(program, n, spec.nonnegative)
    kind, nonnegative = (max if pair[0] == "max" else min), bool(spec.nonnegative)
    count, still_true = 0, 0
    for mutant in mutants(network):
        count += 1
        verdict = pipeline.prove(program, spec, against=mutant)
        if verdict.verdict == "proved":
            still_true += 1
            accepted(verdict, mutant)
            assert verdict.engine in ("canonical", "flat")
            assert holds_at_many_points(mutant, kind, nonnegative, count)
        else:
            assert verdict.verdict == "refuted", verdict.reason
            point = verdict.witness.inputs
            assert not nonnegative or min(point) >= 0
            assert run_network(mutant, point) == verdict.witness.outputs != [kind(point)]
    print(f"{pair} n = {n}: {count} mutants, {still_true} of them still true")
    assert count > 30 and still_true < count / 4


def test_another_network_is_not_the_programs(capsys):
    """`against` a right network of another construction: proved, but about that network, from it alone."""
    program, spec = claim(("max", "tournament"), 5)
    other = compile(claim(("max", "chain"), 5)[0], 5)
    verdict = pipeline.prove(program, spec, against=other)
    accepted(verdict, other)
    assert verdict.engine in ("canonical", "flat") and not verdict.reason
    assert len(verdict.notes) == 1 and verdict.notes[0].startswith("modular: ")


# ---------------------------------------------------------------- networks of one's own, scrambled


def scrambled(network: Network, seed: int) -> Network:
    """The same function: units permuted, and each relu scaled by a positive rational that the next layer undoes."""
    draw = random.Random(seed)
    maps: list[Layer] = []
    place, scale = list(range(network.inputs)), [Fraction(1)] * network.inputs
    for t, layer in enumerate(network.maps):
        rows = [(bias, {place[j]: c / scale[j] for j, c in terms.items()}) for bias, terms in rational(layer)]
        if t < network.depth:
            order = draw.sample(range(len(rows)), len(rows))
            scale = [Fraction(draw.randint(1, 9), draw.randint(1, 9)) for _ in rows]
            scale = [Fraction(1) if i in layer.steps else s for i, s in enumerate(scale)]
            place = [order.index(i) for i in range(len(rows))]
            rows = [(rows[i][0] * scale[i], {j: c * scale[i] for j, c in rows[i][1].items()}) for i in order]
            maps.append(normalise(rows, [place[i] for i in layer.steps]))
        else:
            maps.append(normalise(rows))
    return Network(network.inputs, tuple(maps[:-1]), maps[-1])


@pytest.mark.parametrize("pair", ISSUE_1, ids="/".join)
@pytest.mark.parametrize("n", [2, 5, 8])
def test_flat_on_scrambled_networks_reloaded_from_json(pair, n):
    program, spec = claim(pair, n)
    network = compile(program, n, spec.nonnegative)
    draw = random.Random(n)
    for seed in range(3):
        mixed = load(export(scrambled(network, seed), "json").data).network
        for _ in range(5):
            point = [Fraction(draw.randint(0, 9), 3) for _ in range(n)]
            assert run_network(mixed, point) == run_network(network, point) == [best(pair, point)]
        assert mixed != network or n == 2
        accepted(pipeline.prove(mixed, spec, "flat"), mixed)
        wrong = Network(n, mixed.layers, normalise([(b + Fraction(1, 7), w) for b, w in rational(mixed.output)]))
        verdict = pipeline.prove(wrong, spec)
        assert verdict.verdict == "refuted"
        assert run_network(wrong, verdict.witness.inputs) == verdict.witness.outputs


@pytest.mark.parametrize(("pair", "n"), [(("max", "tournament"), 16), (("max", "chain"), 10)], ids=str)
def test_flat_on_larger_scrambled_networks(pair, n):
    program, spec = claim(pair, n)
    mixed = scrambled(compile(program, n), 11)
    accepted(pipeline.prove(mixed, spec, "flat"), mixed)


# ---------------------------------------------------------------- random programs

some = settings(reproducible, max_examples=60)


def tournament(x: list[Expr]) -> Expr:
    while len(x) > 1:
        x = [maximum(*x[i : i + 2]) if i + 1 < len(x) else x[i] for i in range(0, len(x), 2)]
    return x[0]


def agrees(verdict: pipeline.Verdict, program: list[Expr], n: int, data: st.DataObject) -> None:
    """The verdict about `program` = max agrees with evaluation."""
    if verdict.verdict == "refuted":
        point = verdict.witness.inputs
        assert len(point) == n
        assert evaluate(program, point) == run_network(verdict.network, point) == verdict.witness.outputs
        assert verdict.witness.outputs != [max(point)]
    else:
        accepted(verdict)
        for _ in range(5):
            point = data.draw(points(n))
            assert evaluate(program, point) == [max(point)]


@given(programs(max_inputs=3, max_nodes=6), st.sampled_from(["auto", "flat"]), st.data())
@some
def test_a_random_program_claimed_to_be_max(program, engine, data):
    outputs, n = program
    agrees(pipeline.prove(outputs, max_spec(n), engine), outputs, n, data)


@given(programs(max_inputs=3, max_nodes=4, steps=False), st.sampled_from(["auto", "flat"]), st.data())
@some
def test_max_plus_what_is_nothing_is_proved_and_plus_little_is_refuted(program, engine, data):
    [p], n = program
    nothing = relu(p) - relu(-p) - p
    right = [tournament(inputs(n)[::-1]) + 3 * nothing]
    verdict = pipeline.prove(right, max_spec(n), engine)
    assert verdict.verdict == "proved", verdict.reason
    agrees(verdict, right, n, data)
    little = [right[0] + relu(p - 1) / 1000]
    agrees(pipeline.prove(little, max_spec(n), engine), little, n, data)


@given(programs(max_inputs=3, max_nodes=5), st.data())
@settings(reproducible, max_examples=30)
def test_a_certificate_is_about_its_own_network(program, data):
    """Every single-weight change in the certificate's network makes the kernel reject, or leaves a true statement."""
    [p], n = program
    right = tournament(inputs(n)) + relu(p) - relu(-p) - p
    verdict = pipeline.prove(right, max_spec(n), "flat")
    value = json.loads(verdict.certificate)
    rows = [row for layer in [*value["network"]["layers"], value["network"]["output"]] for row in layer["rows"]]
    row = data.draw(st.sampled_from(rows))
    k = data.draw(st.sampled_from(range(0, len(row), 2)))
    row[k] = int(row[k]) + data.draw(st.sampled_from([1, -1]))
    from relumax.kernel import KernelError

    try:
        check(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())
    except KernelError:
        return
    from relumax.network.layers import from_json

    mutant = from_json(value["network"])
    for _ in range(20):
        point = data.draw(points(n))
        assert run_network(mutant, point) == [max(point)]


def test_min_is_not_max():
    x = inputs(3)
    program = [-tournament([-one for one in x])]
    accepted(pipeline.prove(program, min_spec(3)))
    assert pipeline.prove(program, max_spec(3)).verdict == "refuted"


def test_case_trees_are_not_begun_where_they_would_not_end(monkeypatch):
    """What forms leave open is unknown at once, with what engines said."""
    net = drawn((6, 40, 40, 1), random.Random(1))
    t, u = ((Fraction(0), {k: Fraction(k + sign) for k in range(6)}) for sign in (1, 3))
    both = (Fraction(0), {k: t[1][k] + u[1][k] for k in range(6)})
    other = with_units(net, [t, u, both], [1, 1, -1])  # relu(t) + relu(u) - relu(t + u)
    monkeypatch.setattr(pipeline, "_climbed", lambda task: task.verdict("unknown", "falsify"))
    monkeypatch.setattr(pipeline, "HOPELESS", 1000)
    monkeypatch.setattr(pipeline, "_falsified", lambda task, program: None)
    monkeypatch.setattr(sought, "refuted", lambda *_: None)
    verdict = pipeline.prove(beside(net, other), equality(6, 1))
    assert verdict.verdict == "unknown" and "case trees are not begun for networks of more than 1,000" in verdict.reason
