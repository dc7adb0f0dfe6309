"""State dicts as torch, safetensors and numpy wrote them, and every way in which one leaves something open."""

import json
import random
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.errors import FormatError
from relumax.formats import ReadOptions, export, load
from relumax.formats.dense import Tensor
from relumax.formats.floats import FLOATS
from relumax.formats.state_dict import Stored, read_state_dict
from relumax.network.layers import Network, normalise
from tests.formats.examples import DYADIC, MAX2, STEP

CASES = Path(__file__).parent / "cases" / "state_dicts"
CHAIN = "read as Linear and ReLU in turn: 0 (2 -> 3), ReLU, 2 (3 -> 1); weights lie [out, in]"
SQUARE = Network(
    2,
    (normalise([(1, {1: 1}), (0, {0: 1})]), normalise([(0, {0: 2}), (0, {0: 1, 1: 1})])),
    normalise([(10, {0: 1, 1: -1}), (0, {1: 3})]),
)
Shapes = dict[str, tuple[int, ...]]


def case(name: str) -> bytes:
    return (CASES / name).read_bytes()


def arrays(shapes: Shapes) -> dict[str, Stored]:
    return {
        name: Stored(Tensor(name, shape, np.ones(shape, "<f4").tobytes()), FLOATS["float32"])
        for name, shape in shapes.items()
    }


def reading(shapes: Shapes, layers: str | None = None, layout: str | None = None) -> tuple[str, ...]:
    options = ReadOptions(layers and tuple(layers.split(",")), layout)
    return read_state_dict(arrays(shapes), "npz", {}, options).notes


# ---------------------------------------------------------------- files of the real libraries


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("sequential.safetensors", "float32"),
        ("no-metadata.safetensors", "float32"),
        ("bfloat16.safetensors", "bfloat16"),
        ("float16.safetensors", "float16"),
        ("sequential.npz", "float32"),
    ],
)
def test_what_torch_and_numpy_wrote(name: str, dtype: str) -> None:
    loaded = load(case(name))
    assert loaded.network == MAX2 and loaded.dtype == dtype and loaded.notes == (CHAIN,)
    assert loaded.metadata == ({"format": "pt"} if name not in ("no-metadata.safetensors", "sequential.npz") else {})


def test_transposed_arrays_and_a_missing_bias() -> None:
    """np.savez keeps `weight.T` in Fortran order; the last bias was left out."""
    loaded = load(case("transposed.npz"))
    assert loaded.network == MAX2
    assert loaded.notes == (
        "read as Linear and ReLU in turn: 0 (2 -> 3), ReLU, 1 (3 -> 1); weights lie [in, out]",
        "no bias is stored for 1: read as zero",
    )


def test_numbers_order_square_layers_and_pt_says_how_weights_lie() -> None:
    loaded = load(case("square.safetensors"))
    assert loaded.network == SQUARE and "fc1 (2 -> 2), ReLU, fc2 (2 -> 2), ReLU, fc10 (2 -> 2)" in loaded.notes[0]
    assert loaded.notes[1] == "no bias is stored for fc2: read as zero"


def test_square_weights_of_a_plain_npz_leave_the_layout_open() -> None:
    with pytest.raises(
        FormatError, match=r"both as \[out, in\] and as \[in, out\]: say --layout torch .* --layout in-"
    ):
        load(case("square.npz"))
    assert load(case("square.npz"), options=ReadOptions(layout="torch")).network == SQUARE
    turned = load(case("square.npz"), options=ReadOptions(layout="in-out")).network
    assert turned != SQUARE and turned.layers[1] == normalise([(0, {0: 2, 1: 1}), (0, {1: 1})])


def test_names_that_do_not_order_layers_are_asked_for() -> None:
    with pytest.raises(FormatError, match=r"the names head, trunk do not say .* say it, such as --layers trunk,head$"):
        load(case("named.safetensors"))
    assert load(case("named.safetensors"), options=ReadOptions(("trunk", "head"))).network == MAX2


def test_a_tied_weight_is_used_twice() -> None:
    """safetensors' save_model stores it once; without its note in the texts, a layer would be missing."""
    with pytest.raises(FormatError, match="--layout"):  # the file does not say that it is torch's
        load(case("tied.safetensors"))
    loaded = load(case("tied.safetensors"), options=ReadOptions(layout="torch"))
    twice = normalise([(0, {0: 1, 1: 2}), (0, {1: 1})])
    assert loaded.network == Network(2, (twice,), twice)
    assert loaded.notes[0].startswith("read as Linear and ReLU in turn: 0 (2 -> 2), ReLU, 2 (2 -> 2);")
    lying = case("tied.safetensors").replace(b'"2.weight":"0.weight"', b'"2.weight":"9.weight"')
    with pytest.raises(FormatError, match=r"'2\.weight' is said to be '9\.weight', which is not there"):
        load(lying, options=ReadOptions(layout="torch"))
    strange = case("tied.safetensors").replace(b'"2.weight":"0.weight"', b'"2.mixing":"0.weight"')
    with pytest.raises(FormatError, match=r"^2\.mixing: neither the weight nor the bias"):
        load(strange, options=ReadOptions(layout="torch"))


def test_what_is_no_linear_layer_is_named() -> None:
    with pytest.raises(FormatError, match=r"^1\.num_batches_tracked, 1\.running_mean, 1\.running_var: neither"):
        load(case("batchnorm.safetensors"))


@pytest.mark.parametrize("name", ["sequential.pt", "legacy.pt"])
def test_pickles_are_never_read(name: str) -> None:
    with pytest.raises(FormatError, match=r"is not read; .* weights_only=True\); safetensors\.torch\.save_file\(state"):
        load(case(name))


def test_compressed_archives_are_refused_with_what_to_do() -> None:
    with pytest.raises(FormatError, match=r"compressed; write it with numpy\.savez, not savez_compressed"):
        load(case("compressed.npz"))


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("shapes", "chain"),
    [
        ({"weight": (1, 2), "bias": (1,)}, "weight (2 -> 1)"),
        ({"W1": (2, 3), "b1": (3,), "W2": (3, 1), "b2": (1,)}, "1 (2 -> 3), ReLU, 2 (3 -> 1)"),
        ({"w2": (3, 1), "b2": (1,), "w1": (2, 3), "b1": (3,)}, "1 (2 -> 3), ReLU, 2 (3 -> 1)"),
        ({"coefs_0": (2, 3), "intercepts_0": (3,), "coefs_1": (3, 1)}, "0 (2 -> 3), ReLU, 1 (3 -> 1)"),
        (
            {"p/Dense_0/kernel": (2, 3), "p/Dense_0/bias": (3,), "p/Dense_1/kernel": (3, 5), "p/Dense_1/bias": (5,)},
            "p/Dense_0 (2 -> 3), ReLU, p/Dense_1 (3 -> 5)",
        ),
        (
            {"net.fc2.weight": (1, 3), "net.fc10.weight": (4, 1), "net.fc2.bias": (1,)},
            "net.fc2 (3 -> 1), ReLU, net.fc10 (1 -> 4)",
        ),
        ({"layers.9.lin_w": (3, 2), "layers.10.lin_w": (1, 3), "layers.9.lin_b": (3,)}, "layers.9.lin (2 -> 3), ReLU"),
        (  # a list of layers
            {"layers.0.weight": (3, 2), "layers.0.bias": (3,), "layers.1.weight": (5, 3), "layers.2.weight": (1, 5)},
            "layers.0 (2 -> 3), ReLU, layers.1 (3 -> 5), ReLU, layers.2 (5 -> 1)",
        ),
        (  # a Sequential with Dropout
            {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (5, 3), "5.weight": (1, 5)},
            "0 (2 -> 3), ReLU, 2 (3 -> 5), ReLU, 5 (5 -> 1)",
        ),
        (  # numbers of different lists
            {"a.0.weight": (3, 2), "a.0.bias": (3,), "a.1.weight": (5, 3), "b.1.weight": (7, 5), "b.3.weight": (1, 7)},
            "a.0 (2 -> 3), ReLU, a.1 (3 -> 5), ReLU, b.1 (5 -> 7), ReLU, b.3 (7 -> 1)",
        ),
        (  # fc before out is the only order of these shapes, and that of the names
            {"fc1.weight": (4, 4), "fc2.weight": (8, 4), "out.weight": (1, 8), "fc1.bias": (4,), "out.bias": (1,)},
            "fc1 (4 -> 4), ReLU, fc2 (4 -> 8), ReLU, out (8 -> 1)",
        ),
    ],
)
def test_names_people_give(shapes: Shapes, chain: str) -> None:
    assert chain in reading(shapes)[0]


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({}, "holds no weights"),
        ({"0.bias": (3,)}, r"0\.bias is the bias of a layer that has no weight"),
        ({"0.weight": (3,)}, r"0\.weight has shape \[3\]; a linear layer's weight has two axes"),
        ({"0.weight": (3, 2), "0.bias": (3, 1)}, r"0\.bias has shape \[3, 1\]; a linear layer's bias has one axis"),
        ({"0.weight": (0, 2)}, r"0\.weight has shape \[0, 2\]"),
        ({"W0": (3, 2), "0.weight": (3, 2)}, r"W0 and 0\.weight would both belong to layer 0"),
        ({"0.weight": (3, 2), "0.bias": (5,)}, r"0\.bias has shape \[5\], but 0\.weight of shape \[3, 2\] has 3 units"),
        (
            {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 4)},
            r"2\.weight has shape \[1, 4\], read as \[out, in\] 4 inputs, but 0 before it has 3 units",
        ),
        (  # the numbers say 0, 2, the shapes 2, 0
            {"0.weight": (1, 3), "0.bias": (1,), "2.weight": (3, 2), "2.bias": (3,)},
            r"the names 0, 2 do not say .*: say it, such as --layers 2,0$",
        ),
        (  # Linear, Linear, ReLU, Linear
            {"net.0.weight": (3, 2), "net.0.bias": (3,), "net.1.weight": (5, 3), "net.3.weight": (1, 5)},
            r"nothing lies between net\.0 and net\.1, .* between net\.1 and net\.3: .* --layers net\.0,net\.1,net\.3;",
        ),
        (  # two layers may stand first
            {"b.weight": (4, 4), "a.weight": (4, 4), "c.weight": (1, 4), "c.bias": (1,)},
            "the names a, b, c do not say in which order",
        ),
        ({"0.weight": (2, 3), "1.weight": (3, 2)}, "--layout"),
        ({"q.weight": (4, 4)}, "--layout"),
    ],
)
def test_nothing_is_guessed(shapes: Shapes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        reading(shapes)


def test_a_sequence_that_is_said_needs_no_place_for_relu() -> None:
    shapes: Shapes = {"0.weight": (3, 2), "0.bias": (3,), "1.weight": (5, 3), "3.weight": (1, 5)}
    assert "0 (2 -> 3), ReLU, 1 (3 -> 5), ReLU, 3 (5 -> 1)" in reading(shapes, "0,1,3")[0]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("a,b", "the file also has c, which --layers does not name"),
        ("a,b,c,a", "--layers names a twice"),
        ("a,b,x", "--layers names 'x'; the file's layers are a, b, c"),
        ("a,c,b", r"b\.weight has shape \[4, 4\], read as \[out, in\] 4 inputs, but c before it has 1 units"),
    ],
)
def test_layers_must_name_all_in_an_order_that_chains(layers: str, message: str) -> None:
    shapes: Shapes = {"b.weight": (4, 4), "a.weight": (4, 4), "c.weight": (1, 4), "c.bias": (1,)}
    assert "b (4 -> 4), ReLU, a (4 -> 4), ReLU, c (4 -> 1)" in reading(shapes, "b,a,c")[0]
    with pytest.raises(FormatError, match=message):
        reading(shapes, layers)


def test_a_layout_that_does_not_chain_is_refused() -> None:
    with pytest.raises(FormatError, match=r"0\.bias has shape \[3\], but 0\.weight of shape \[3, 2\] has 2 units"):
        load(case("sequential.npz"), options=ReadOptions(layout="in-out"))


@settings(deadline=None)
@given(data=st.data())
def test_what_is_accepted_without_being_asked_is_the_only_reading(data: st.DataObject) -> None:
    """Against trying every order and both layouts, of up to four layers whose names are letters."""
    from itertools import pairwise, permutations

    sizes = st.integers(1, 3)
    shapes: Shapes = {}
    for name in data.draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True)):
        shapes[f"{name}.weight"] = (data.draw(sizes), data.draw(sizes))
        if data.draw(st.booleans()):
            shapes[f"{name}.bias"] = (data.draw(sizes),)
    names = sorted(name.removesuffix(".weight") for name in shapes if name.endswith("weight"))

    def chains(order: tuple[str, ...], turned: bool) -> bool:
        maps = [shapes[f"{name}.weight"][:: -1 if turned else 1] for name in order]
        fits = all(shapes.get(f"{name}.bias", (one[1],)) == (one[1],) for name, one in zip(order, maps, strict=True))
        return fits and all(one[1] == two[0] for one, two in pairwise(maps))

    possible = [(order, turned) for order in permutations(names) for turned in (True, False) if chains(order, turned)]
    try:
        (note, *_) = reading(shapes)
    except FormatError:
        assert possible not in ([(tuple(names), True)], [(tuple(names), False)])
        return
    assert len(possible) == 1 and possible[0][0] == tuple(names)
    assert [part.split()[0] for part in note.split(": ", 1)[1].split(", ReLU, ")] == names
    assert note.endswith("[out, in]" if possible[0][1] else "[in, out]")


def test_many_layers_take_bounded_time_and_short_sentences() -> None:
    numbered: Shapes = {f"{k}.weight": (1, 1) for k in range(3000)}
    (note, bare) = reading(numbered, layout="torch")
    assert len(note) < 400 and "... 2989 more ..." in note and "and 2988 more" in bare
    letters: Shapes = {f"{chr(97 + k % 26)}{chr(97 + k // 26)}.weight": (2, 2) for k in range(400)}
    with pytest.raises(FormatError, match="do not say in which order") as problem:
        reading(letters, layout="torch")
    assert len(str(problem.value)) < 400


# ---------------------------------------------------------------- hostile files


def npz(parts: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return buffer.getvalue()


def test_infinities_and_nan_have_a_place() -> None:
    for value, word in ((np.inf, "inf"), (-np.inf, "-inf"), (np.nan, "nan")):
        buffer = BytesIO()
        np.savez(buffer, W0=np.array([[1, 2, value]]), b0=np.zeros(3))
        with pytest.raises(FormatError, match=rf"^W0\[0, 2\] is {word}, not a finite number"):
            load(buffer.getvalue())


@pytest.mark.parametrize("dtype", ["<i8", "<i4", "<i2", "i1"])
def test_integers_are_weights(dtype: str) -> None:
    """As people write them: np.array([[1, -1], [0, 1]])."""
    buffer = BytesIO()
    np.savez(
        buffer, W0=np.array([[1, 0, 0], [-1, 1, -1]], dtype), W1=np.array([[1, 1, -1]], dtype).T, b0=np.zeros(3, dtype)
    )
    loaded = load(buffer.getvalue())
    assert loaded.network == MAX2 and loaded.dtype == "float64"


def test_an_integer_past_float64_is_refused() -> None:
    buffer = BytesIO()
    np.savez(buffer, W0=np.array([[1, 2**53 + 1]]))
    with pytest.raises(FormatError, match=f"W0.npy holds the integer {2**53 + 1}, which float64 does not"):
        load(buffer.getvalue(), options=ReadOptions(layout="torch"))


def test_other_types_and_axes_are_refused() -> None:
    for array, message in (
        (np.ones((2, 3), ">f4"), "holds '>f4'; <f2, <f4, <f8, <i8, <i4, <i2"),
        (np.ones((2, 3), "<c8"), "holds '<c8'"),
        (np.ones((2, 3), object), r"holds '\|O'"),
        (np.ones((2, 3, 3)), r"has shape \[2, 3, 3\]; one or two axes"),
        (np.ones(()), r"has shape \[\]; one or two axes"),
    ):
        buffer = BytesIO()
        np.savez(buffer, W0=array)
        with pytest.raises(FormatError, match=message):
            load(buffer.getvalue())


@pytest.mark.parametrize("name", ["sequential.safetensors", "sequential.npz", "bfloat16.safetensors", "sequential.pt"])
def test_no_truncation_is_read(name: str) -> None:
    data = case(name)
    for length in range(len(data)):
        with pytest.raises(FormatError):
            load(data[:length])


@pytest.mark.parametrize("name", ["sequential.safetensors", "sequential.npz", "transposed.npz", "sequential.pt"])
def test_changed_bytes_end_in_a_network_or_in_one_typed_error(name: str) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    draw = random.Random(seed)
    for _ in range(1000):
        data = bytearray(case(name))
        for _ in range(draw.choice((1, 1, 2, 8))):
            data[draw.randrange(len(data))] = draw.randrange(256)
        try:
            assert load(bytes(data)).network.inputs >= 1
        except FormatError as problem:
            assert str(problem).isprintable()


@pytest.mark.parametrize(
    ("shape", "offsets"),
    [
        ([2**62, 2**62], [0, 24]),
        ([10**4000, 10**4000], [0, 24]),
        ([10**4000, 10**4000], [0, 10**4200]),
        ([3, 2], [0, 2**62]),
        ([3, 2], [24, 0]),
        ([-3, 2], [0, 24]),
        ([3, 2, 1], [0, 24]),
        ([], [0, 4]),
        ([3.0, 2], [0, 24]),
        ([0, 2], [0, 0]),
    ],
)
def test_headers_that_lie(shape: object, offsets: object) -> None:
    header = {"0.weight": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}
    text = json.dumps(header).encode()
    with pytest.raises(FormatError):
        load(len(text).to_bytes(8, "little") + text + bytes(24))


def test_an_array_of_thousands_of_axes() -> None:
    shape = "9" * 12 + ", " + "999999999999, " * 3000
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}\n".encode()
    for name in ("W0", "metadata"):
        content = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
        with pytest.raises(FormatError) as problem:
            load(npz({f"{name}.npy": content}))
        assert len(str(problem.value)) < 300


def test_headers_changed_value_by_value() -> None:
    """Every value of the header replaced by strange ones: one typed error of bounded length, or a network."""
    strange = [
        None,
        True,
        -1,
        0,
        1,
        2**64,
        10**4000,
        "",
        "F32",
        "\x1b[2J",
        "x" * 10**5,
        [],
        [[]],
        {},
        {"": {}},
        [2**70] * 99,
    ]
    data = case("sequential.safetensors")
    start = 8 + int.from_bytes(data[:8], "little")

    def put(path: tuple[object, ...], value: object) -> bytes:
        header = json.loads(data[8:start])
        inner = header
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        text = json.dumps(header).encode()
        return len(text).to_bytes(8, "little") + text + data[start:]

    paths: list[tuple[object, ...]] = [("__metadata__",), ("__metadata__", "format"), ("0.bias",), ("new.weight",)]
    for key in ("dtype", "shape", "data_offsets", "new"):
        paths += [
            ("0.weight", key),
            *((("0.weight", key, k) for k in (0, 1)) if key in ("shape", "data_offsets") else ()),
        ]
    refused = 0
    for path in paths:
        for value in strange:
            try:
                load(put(path, value))
            except FormatError as problem:
                refused += 1
                assert len(str(problem)) < 10_000 and str(problem).isprintable()
    assert refused > 0.8 * len(paths) * len(strange)


# ---------------------------------------------------------------- written for torch


@pytest.mark.parametrize("fmt", ["safetensors", "npz"])
@pytest.mark.parametrize("name", [name for name in DYADIC if name not in ("step", "mixed")])
def test_the_layout_of_torch_comes_back(name: str, fmt: str) -> None:
    written = export(DYADIC[name], fmt, layout="torch", theorem="y = max(x)")
    loaded = load(written.data, options=ReadOptions(layout="torch"))
    assert loaded.network == DYADIC[name]
    if fmt == "npz":
        stored = dict(np.load(BytesIO(written.data)))
        assert sorted(stored) == sorted(
            f"{2 * k}.{one}" for k in range(len(DYADIC[name].maps)) for one in ("weight", "bias")
        )
        assert stored["0.weight"].shape[1] == DYADIC[name].inputs
    else:
        assert loaded.notes == () and loaded.metadata["format"] == "pt"  # the file is relumax's own, and says it all
        assert loaded.metadata["relumax.layout"] == "torch" and loaded.metadata["relumax.theorem"] == "y = max(x)"


def test_torch_has_no_step_units() -> None:
    with pytest.raises(FormatError, match=r"^layer 0 has step units, which PyTorch's nn\.Sequential has not"):
        export(STEP, "safetensors", layout="torch")


@pytest.mark.parametrize("fmt", ["json", "onnx", "c"])
def test_the_layout_of_torch_is_for_files_it_loads(fmt: str) -> None:
    with pytest.raises(FormatError, match="--layout torch is for safetensors and npz"):
        export(MAX2, fmt, layout="torch")


@pytest.mark.slow
@pytest.mark.parametrize("fmt", ["safetensors", "npz"])
def test_torch_itself_loads_what_is_written(fmt: str) -> None:
    """Needs the extra test-torch."""
    torch = pytest.importorskip("torch")
    data = export(MAX2, fmt, layout="torch").data
    if fmt == "npz":
        state = {name: torch.from_numpy(array) for name, array in np.load(BytesIO(data)).items()}
    else:
        state = pytest.importorskip("safetensors.torch").load(data)
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    net.load_state_dict(state)
    for x in ((3, -4), (-7, -2), (5, 5), (0, 9)):
        assert Fraction(net(torch.tensor([x], dtype=torch.float32)).item()) == max(x)
