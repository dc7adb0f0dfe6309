"""C headers: gcc compiles them without a warning, and what they compute is what the exact network computes."""

import random
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from relumax.errors import FormatError
from relumax.formats import export, load, sniff
from relumax.formats.c_ import literal
from relumax.formats.floats import FLOATS, exact_value
from relumax.network.layers import Network, normalise, sha256
from tests.formats.examples import DYADIC, MAX2, MAX4, MIXED, THIRDS, evaluate

STRICT = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-ffp-contract=off"]
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

MAIN = """
#include <stdio.h>
#include "network.h"

int main(void)
{{
    {type} x[{inputs}], y[{outputs}];
    double value;
    for (;;) {{
        for (int i = 0; i < {inputs}; i++) {{
            if (scanf("%lf", &value) != 1)
                return 0;
            x[i] = ({type})value;
        }}
        relumax_network(x, y);
        for (int i = 0; i < {outputs}; i++)
            printf("%a ", (double)y[i]);
        printf("\\n");
    }}
}}
"""


def compiled(folder: Path, header: bytes, main: str, *flags: str) -> Path:
    (folder / "network.h").write_bytes(header)
    (folder / "main.c").write_text(main)
    subprocess.run([*STRICT, *flags, "main.c", "-o", "main"], cwd=folder, check=True)
    return folder / "main"


@needs_gcc
@pytest.mark.parametrize("flags", [["-O0"], ["-O3"]], ids="".join)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", DYADIC)
def test_the_header_computes_the_network(tmp_path: Path, name: str, dtype: str, flags: list[str]) -> None:
    network, kind = DYADIC[name], {"float32": "float", "float64": "double"}[dtype]
    main = MAIN.format(type=kind, inputs=network.inputs, outputs=network.outputs)
    program = compiled(tmp_path, export(network, "c", dtype, theorem="y = max(x)").data, main, *flags)
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    draw = random.Random(seed)
    points = [[draw.randint(-1000, 1000) for _ in range(network.inputs)] for _ in range(100)]
    points += [[0] * network.inputs, [-1] * network.inputs]
    text = "\n".join(" ".join(map(str, point)) for point in points)
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    found = [[Fraction(float.fromhex(word)) for word in line.split()] for line in done.stdout.splitlines()]
    assert found == [evaluate(network, [Fraction(x) for x in point]) for point in points]


@needs_gcc
def test_it_needs_no_library_and_warns_of_nothing_where_it_is_not_called(tmp_path: Path) -> None:
    (tmp_path / "network.h").write_bytes(export(MIXED, "c").data)
    (tmp_path / "one.c").write_text(
        '#include "network.h"\nvoid f(const float *x, float *y) { relumax_network(x, y); }\n'
    )
    (tmp_path / "two.c").write_text('#include "network.h"\n#include "network.h"\nint unused;\n')
    subprocess.run([*STRICT, "-ffreestanding", "-nostdinc", "-c", "one.c", "two.c"], cwd=tmp_path, check=True)
    symbols = subprocess.run(["nm", "-u", "one.o"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert {line.split()[-1] for line in symbols.splitlines()} <= {"_GLOBAL_OFFSET_TABLE_", "memset", "memcpy"}


@needs_gcc
def test_two_headers_in_one_program_under_names_of_ones_own(tmp_path: Path) -> None:
    for name, network in (("a.h", MAX2), ("b.h", MAX4)):
        (tmp_path / name).write_bytes(export(network, "c").data)
    (tmp_path / "main.c").write_text(
        '#define RELUMAX_NAME max2\n#include "a.h"\n#define RELUMAX_NAME max4\n#include "b.h"\n'
        "int main(void) { float x[4] = {1, 7, 3, 9}, y, z; max2(x, &y); max4(x, &z); return (int)(10 * y + z); }\n"
    )
    subprocess.run([*STRICT, "main.c", "-o", "main"], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "main"]).returncode == 79


@needs_gcc
def test_fast_math_is_refused(tmp_path: Path) -> None:
    (tmp_path / "network.c").write_bytes(export(MAX2, "c").data)
    done = subprocess.run(
        ["gcc", "-ffast-math", "-c", "network.c", "-o", "/dev/null"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode != 0 and "does not hold under -ffast-math" in done.stderr


@needs_gcc
@pytest.mark.parametrize(
    "theorem",
    [
        "*/ int broken; /*",
        "**//",
        "/*/ */",
        "??/\n",
        "back\\",
        "end \\\nnext",
        "\u2200 x \x00\x1b[2J",
        "?" * 500,
        "*/" * 99,
    ],
)
def test_no_theorem_breaks_the_comment(tmp_path: Path, theorem: str) -> None:
    data = export(MAX2, "c", theorem=theorem).data
    assert data.isascii() and data.count(b"*/") == 1 and data.count(b"/*") == 1
    (tmp_path / "network.c").write_bytes(data)
    subprocess.run([*STRICT, "-c", "network.c", "-o", "/dev/null"], cwd=tmp_path, check=True)


def test_the_comment_says_what_it_is() -> None:
    text = export(MAX2, "c", theorem="for all x in R^2: y = max(x)").data.decode()
    about = text[: text.index("*/")]
    for said in (
        "for all x in R^2: y = max(x)",
        sha256(MAX2),
        "2 inputs",
        "-ffp-contract=off",
        "holds every weight exactly",
    ):
        assert said in about
    assert "2 weights were rounded" in " ".join(export(THIRDS, "c", allow_rounding=True).data.decode().split("\n * "))


def test_what_is_refused() -> None:
    with pytest.raises(FormatError, match="no type for float16; --dtype float32"):
        export(MAX2, "c", "float16")
    with pytest.raises(FormatError, match="--layout torch is for safetensors and npz, not for c"):
        export(MAX2, "c", layout="torch")
    data = export(MAX2, "c").data
    assert sniff(data) == "c"
    with pytest.raises(FormatError, match="a C header is written, not read"):
        load(data)


@needs_gcc
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_weight_arrives_as_its_bits(tmp_path: Path, dtype: str) -> None:
    """Subnormals, the largest and random bits: what gcc stores is what the network has."""
    kind = FLOATS[dtype]
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    draw = random.Random(seed)
    ends = [1, 2, 3, kind.infinity - 1, 1 << (kind.precision - 1), (1 << (kind.precision - 1)) - 1]
    words = [*ends, *(draw.randrange(1, kind.infinity) for _ in range(100))]
    words += [word | kind.sign for word in words]
    network = Network(1, (), normalise([(exact_value(word, kind), {0: 1}) for word in words]))
    name = {"float32": "float", "float64": "double"}[dtype]
    main = (
        '#include <stdio.h>\n#include <string.h>\n#include "network.h"\n'
        f"int main(void) {{ {name} x[1] = {{0}}, y[{len(words)}]; unsigned long long word; relumax_network(x, y);\n"
        f"for (int i = 0; i < {len(words)}; i++) {{ word = 0; memcpy(&word, y + i, {kind.size}); "
        'printf("%llu\\n", word); } return 0; }\n'
    )
    done = subprocess.run([compiled(tmp_path, export(network, "c", dtype).data, main)], capture_output=True, text=True)
    assert [int(word) for word in done.stdout.split()] == words


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_literals_are_the_numbers(dtype: str) -> None:
    kind = FLOATS[dtype]
    for value in (
        Fraction(0),
        Fraction(1),
        Fraction(-7, 1024),
        Fraction(10**11),
        Fraction(2**100),
        Fraction(-3, 2**60),
    ):
        text = literal(value, kind).removesuffix("f")
        assert (Fraction(float.fromhex(text)) if "x" in text else Fraction(text)) == value
