"""The registry: names, near names, users' files; every entry has what the commands ask of it."""

from __future__ import annotations

import pytest

from relumax.constructions import registry
from relumax.errors import RelumaxError, SpecError, UnknownName
from relumax.kernel.text import text
from relumax.language.expr import Expr, input_count
from relumax.language.gadget import Gadget, maximum
from relumax.language.spec import Spec, max_spec
from relumax.network.compile import sizes
from tests.running import python, written


@pytest.fixture(autouse=True)
def forgotten():
    """What a test registers is forgotten after it."""
    functions = dict(registry.FUNCTIONS)
    yield
    for pair in set(registry._registered) - set(registry.BUILT_IN):
        del registry._registered[pair]
    registry._gadgets.clear()
    for name in set(registry.FUNCTIONS) - set(functions):
        del registry.FUNCTIONS[name]


def test_names():
    assert registry.functions()[:2] == ["max", "min"]
    assert registry.names("min")[:2] == [("min", "tournament"), ("min", "chain")]
    assert set(registry.BUILT_IN) <= set(registry.names())
    assert registry.find("max").name == "tournament"
    assert registry.names("no such") == []


@pytest.mark.parametrize("pair", registry.BUILT_IN, ids="/".join)
def test_every_entry_has_a_document_a_program_and_a_statement(pair):
    found = registry.find(*pair)
    assert (found.function, found.name) == pair and found.doc and registry.find(*pair) is found
    made = 0
    for n in (1, 2, 3, 5):
        try:
            program, spec = found.program(n, **found.options), found.spec(n, **found.options)
        except SpecError:
            continue
        made += 1
        assert program and all(isinstance(one, Expr) for one in program) and isinstance(spec, Spec)
        assert input_count(program) <= spec.width == found.inputs(n, **found.options)
        assert all(sentence.startswith("for all ") for sentence in text(spec.claim()))
        assert sizes(program, spec.width, spec.nonnegative).depth >= 0
        size = found.size_for(spec.width, found.options)
        assert size == found.usual if found.usual else size <= n
    assert made >= 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: registry.find("mox"), "unknown function 'mox'; did you mean"),
        (lambda: registry.find("qqq"), "known: max, min"),
        (lambda: registry.find("max", "chian"), "unknown construction 'chian' of max; did you mean chain?"),
        (lambda: registry.find("max", "zzz"), "known: tournament, chain"),
        (lambda: registry.find_gadget("maximun"), "unknown gadget 'maximun'; did you mean maximum"),
    ],
)
def test_unknown_names_suggest_near_ones(call, said):
    with pytest.raises(UnknownName) as caught:
        call()
    assert said in str(caught.value) and isinstance(caught.value, (RelumaxError, LookupError))


def test_registering():
    @registry.construction("max", "mine")
    def mine(x):
        """Mine."""
        return x[0]

    found = registry.find("max", "mine")
    assert mine is found.recipe and found.doc == "Mine." and found.states is max_spec
    assert ("max", "mine") in registry.names("max") and registry.find("max").name == "tournament"

    @registry.construction("pair", "both", spec=max_spec, inputs=lambda n, **_: 2 * n)
    def both(x):
        return x

    found = registry.find("pair")
    assert len(found.program(3)) == 6 and found.size_for(6, {}) == 3 and found.doc == ""
    with pytest.raises(SpecError, match="pair/both has no size with 5 inputs"):
        found.size_for(5, {})
    with pytest.raises(SpecError, match="function 'new' has no spec"):
        registry.construction("new", "thing")(mine)


def test_loading_a_users_file(tmp_path):
    file = written(
        tmp_path,
        "from relumax import *\n"
        "@gadget(ensures=lambda y, a: y >= a)\ndef at_least(a): return relu(a)\n"
        "@construction('max', 'first')\ndef first(x): return x[0]\n",
    )
    registry.load(str(file))
    assert registry.find("max", "first").program(2)[0].data == 0
    assert isinstance(registry.find_gadget("at_least"), Gadget)


@pytest.mark.parametrize("text", ["1 /", "raise SystemExit(3)", "import no_such_module", "open('no such file')"])
def test_a_broken_file_is_one_line(tmp_path, text):
    with pytest.raises(SpecError) as caught:
        registry.load(str(written(tmp_path, text)))
    assert "mine.py" in str(caught.value) and "\n" not in str(caught.value)


def test_constructions_are_imported_when_asked_for():
    done = python(
        "import sys\nfrom relumax.constructions import registry\nregistry.names(); registry.functions()\n"
        "print([m for m in sys.modules if m.startswith('relumax.constructions.') and not m.endswith('registry')])\n"
        "registry.find('max')\nprint('relumax.constructions.tournament' in sys.modules, 'sympy' in sys.modules)"
    )
    assert done.stdout == "[]\nTrue False\n"


def test_a_construction_refuses_what_is_too_small_for_it(monkeypatch):
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    called = []
    register = registry.construction("max", "of-three", least=3)
    register(lambda x: called.append(len(x)) or maximum(maximum(x[0], x[1]), x[2]))
    one = registry.find("max", "of-three")
    for ask in (one.inputs, one.spec, one.program):
        with pytest.raises(SpecError, match=r"^max/of-three takes n from 3 on, not 2$"):
            ask(2)
    assert not called and one.program(3) and one.size_for(3, {}) == 3
    with pytest.raises(SpecError, match="has no size with 2 inputs"):
        one.size_for(2, {})
    with pytest.raises(SpecError, match="least= are numbers"):
        registry.construction("max", "mine", least="2")(max)
