"""What holds for every format: each is walked, so that a format added to the registry cannot fall through."""

import subprocess
import sys
from fractions import Fraction
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.errors import BudgetExceeded, FormatError, MissingExtra, UnknownName
from relumax.formats import FORMATS, export, load, same_weights, sniff
from relumax.formats.floats import FLOATS
from relumax.network.layers import Network, normalise, sha256
from tests.formats.examples import DYADIC, MAX2, MIXED, THIRDS

READ = [fmt for fmt in FORMATS if fmt != "c"]
every_format = pytest.mark.parametrize("fmt", READ)
every_dtype = pytest.mark.parametrize("dtype", FLOATS)
dense_formats = pytest.mark.parametrize("fmt", [fmt for fmt in READ if fmt != "json"])


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_format_writes_reads_and_has_its_own_tests(fmt: str) -> None:
    module = import_module(FORMATS[fmt].module)
    assert callable(module.write) and callable(module.read)
    name = FORMATS[fmt].module.rpartition(".")[2]
    assert Path(__file__).with_name(f"test_{name}.py").is_file()


def test_every_module_that_writes_is_registered() -> None:
    folder = Path(import_module("relumax.formats").__file__ or "").parent
    modules = {path: path.stem for path in folder.glob("*.py")} | {
        path: path.parent.name for path in folder.glob("*/__init__.py")
    }
    writers = {name for path, name in modules.items() if "\ndef write(" in path.read_text()}
    assert writers == {entry.module.rpartition(".")[2] for entry in FORMATS.values()}


@every_format
@every_dtype
@pytest.mark.parametrize("name", DYADIC)
def test_dyadic_networks_come_back_equal(fmt: str, dtype: str, name: str) -> None:
    written = export(DYADIC[name], fmt, dtype, theorem="y = max(x) \u2200 x")
    assert written.exact and "exact" in written.note
    assert sniff(written.data) == fmt
    loaded = load(written.data)
    assert loaded.network == DYADIC[name]
    assert loaded.fmt == fmt and loaded.dtype == (None if fmt == "json" else dtype)
    assert "y = max(x) \u2200 x" in loaded.metadata.values()
    assert sha256(DYADIC[name]) in loaded.metadata.values()
    same_weights(written.data, DYADIC[name])


@every_format
@settings(deadline=None)
@given(data=st.data())
def test_any_dyadic_network_comes_back_equal(fmt: str, data: st.DataObject) -> None:
    weight = st.integers(-1024, 1024).map(lambda numerator: Fraction(numerator, 64))
    widths = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    layers = []
    for inputs, units in zip(widths, [*widths[1:], 1], strict=True):
        rows = [(data.draw(weight), {j: data.draw(weight) for j in range(inputs)}) for _ in range(units)]
        layers.append(normalise(rows, data.draw(st.sets(st.integers(0, units - 1)))))
    network = Network(widths[0], tuple(layers[:-1]), layers[-1]._replace(steps=()))
    assert load(export(network, fmt, "float32").data).network == network


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_network_gives_the_same_bytes(fmt: str) -> None:
    assert export(MIXED, fmt, theorem="t").data == export(MIXED, fmt, theorem="t").data


def test_the_bytes_do_not_depend_on_the_process() -> None:
    script = (
        "from hashlib import sha256; from relumax.formats import FORMATS, export; "
        "from tests.formats.examples import MIXED; "
        "print([sha256(export(MIXED, fmt, theorem='t').data).hexdigest() for fmt in FORMATS])"
    )
    seeds = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("1", "2")
    ]
    assert seeds[0] == seeds[1] != ""


@pytest.mark.parametrize(
    ("fmt", "layout"), [("json", "in-out"), ("npz", "in-out"), ("npz", "torch"), ("safetensors", "torch")]
)
def test_no_library_is_imported_for_formats_that_need_none(fmt: str, layout: str) -> None:
    script = (
        "import sys; from relumax.formats import *; from tests.formats.examples import MIXED; "
        f"same_weights(export(MIXED, {fmt!r}).data, MIXED); "
        f"from tests.formats.examples import MAX2; same_weights(export(MAX2, {fmt!r}, layout={layout!r}).data, MAX2); "
        "print(sorted({'numpy', 'onnx', 'safetensors', 'sympy', 'z3'} & sys.modules.keys()))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert found.stdout == "[]\n"


@pytest.mark.parametrize("fmt", [fmt for fmt in FORMATS if fmt != "json"])
def test_an_inexact_weight_is_refused_with_its_place(fmt: str) -> None:
    with pytest.raises(FormatError, match=r"^W0\[0, 0\] \(layer 0, unit 0, .*input 0\) is 1/3, which float32 .*json"):
        export(THIRDS, fmt)


@dense_formats
def test_rounding_is_written_down(fmt: str) -> None:
    written = export(THIRDS, fmt, allow_rounding=True)
    loaded = load(written.data)
    assert not written.exact
    for text in (written.note, loaded.metadata["relumax.note"]):
        assert text.startswith("2 weights were rounded to float32 (first: W0[0, 0] ")
        assert text.endswith("the theorem holds for the exact weights, not for this file")
    assert loaded.metadata["relumax.exact"] == "no"
    assert loaded.metadata["relumax.network_sha256"] == sha256(THIRDS)
    with pytest.raises(FormatError, match=r"^W0\[0, 0\] .* is 11184811/33554432 in the file, 1/3 in the other"):
        same_weights(written.data, THIRDS)


def test_json_keeps_what_floats_cannot() -> None:
    written = export(THIRDS, "json")
    assert written.exact
    same_weights(written.data, THIRDS)


@dense_formats
def test_a_dense_export_has_a_budget(fmt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relumax.formats.MAX_CELLS", 13)
    export(MAX2, fmt)
    monkeypatch.setattr("relumax.formats.MAX_CELLS", 12)
    with pytest.raises(BudgetExceeded, match=r"has 13 cells, more than 12 \(--max-size"):
        export(MAX2, fmt)


@dense_formats
def test_the_budget_is_checked_before_anything_is_allocated(fmt: str) -> None:
    wide = Network(10**9, (), normalise([(0, {10**9 - 1: 1})]))
    with pytest.raises(BudgetExceeded, match="1000000001 cells, more than 50000000"):
        export(wide, fmt)


@every_format
def test_every_truncation_is_refused(fmt: str) -> None:
    data = export(MIXED, fmt, theorem="t").data
    for length in range(len(data) - (fmt == "json")):  # json ends in a newline that is not needed
        with pytest.raises(FormatError):
            load(data[:length], fmt)


@every_format
def test_bytes_after_the_end_are_refused(fmt: str) -> None:
    data = export(MIXED, fmt).data
    for tail in (b"\0", b"{}", data):
        with pytest.raises(FormatError):
            load(data + tail, fmt)


@every_format
@settings(deadline=None)
@given(data=st.data())
def test_a_changed_byte_is_refused_or_changes_nothing(fmt: str, data: st.DataObject) -> None:
    original = bytearray(export(MIXED, fmt).data)
    position = data.draw(st.integers(0, len(original) - 1))
    original[position] ^= data.draw(st.integers(1, 255))
    try:
        loaded = load(bytes(original), fmt)
    except FormatError:
        return
    # What relumax wrote carries its hash; without any of relumax's own metadata left the weights speak for themselves.
    assert loaded.network == MIXED or loaded.metadata.get("relumax.exact") != "yes"


@pytest.mark.parametrize("data", [b"PNG", b"\0" * 100, b"[]", b"\x80\x07N."])
def test_other_files_are_not_networks(data: bytes) -> None:
    with pytest.raises(FormatError, match="not a network file: its content looks like none of json, npz"):
        load(data)


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_an_empty_file_is_told_so(data: bytes) -> None:
    with pytest.raises(FormatError, match="the file is empty"):
        load(data)


def test_names_are_checked() -> None:
    with pytest.raises(UnknownName, match=r"no format 'onx'; did you mean onnx\?"):
        export(MAX2, "onx")
    with pytest.raises(UnknownName, match="no float type 'int8'; there are float16, float32, float64"):
        export(MAX2, "npz", "int8")


def test_a_missing_library_is_one_line_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    data = export(MAX2, "onnx").data
    monkeypatch.setitem(sys.modules, "onnx", None)
    for action in (lambda: export(MAX2, "onnx"), lambda: load(data)):
        with pytest.raises(MissingExtra, match=r"needs the onnx library: pip install 'relumax\[onnx\]'$"):
            action()
