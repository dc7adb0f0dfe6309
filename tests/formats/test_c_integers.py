"""C headers in integers: no warning, no overflow in the proved range (gcc's sanitizer looks), the exact value."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from relumax.errors import FormatError
from relumax.formats import export_integers
from relumax.network.layers import Network, normalise
from relumax.ranges import exact_ranges
from relumax.words import INTEGERS
from tests.formats.examples import AFFINE, MAX2, STEP
from tests.formats.test_c_ import STRICT, needs_gcc
from tests.ranges.arithmetic import corners, network_of

CASES = [
    ("int32", "max", "tournament", 8),
    ("int32", "argmax", "index", 8),
    ("int16", "argmax", "prefix", 8),
    ("int64", "argmax", "slack", 5),
    ("int8", "max", "tournament", 8),
    ("int32", "argmax", "step", 4),
    ("int64", "select", "gate", 3),
]
MAIN = """
#include <stdio.h>
#include "network.h"

int main(void)
{{
    {kind}_t x[{inputs}], y[{outputs}];
    long long value;
    for (;;) {{
        for (int i = 0; i < {inputs}; i++) {{
            if (scanf("%lld", &value) != 1)
                return 0;
            x[i] = ({kind}_t)value;
        }}
        relumax_network(x, y);
        for (int i = 0; i < {outputs}; i++)
            printf("%lld ", (long long)y[i]);
        printf("\\n");
    }}
}}
"""


def compiled(folder: Path, network: Network, kind: str, *flags: str, most: int = 1) -> Path:
    """A program that reads rows and writes the network's outputs."""
    (folder / "network.h").write_bytes(export_integers(network, "c", kind, most, "y = max(x) */ // \\").data)
    (folder / "main.c").write_text(MAIN.format(kind=kind, inputs=network.inputs, outputs=network.outputs))
    subprocess.run([*STRICT, "-Wconversion", *flags, "main.c", "-o", "main"], cwd=folder, check=True)
    return folder / "main"


def run(program: Path, points: list[list[int]]) -> subprocess.CompletedProcess[str]:
    text = "\n".join(" ".join(map(str, point)) for point in points)
    return subprocess.run([program], input=text, capture_output=True, text=True)


@needs_gcc
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_nothing_overflows_inside_and_the_value_is_exact(tmp_path: Path, case: tuple[str, str, str, int]) -> None:
    kind, *which = case
    network = network_of(*which)
    most = int(exact_ranges(network).most[kind])
    assert most > 10
    points = [[int(one) for one in x] for x in corners(network.inputs, most, 1, 300, 6)]
    points += [[most] * network.inputs, [-most] * network.inputs]
    exact = [[int(y) for y in network(point)] for point in points]
    flags = ["-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all"]
    done = run(compiled(tmp_path, network, kind, *flags, most=most), points)
    assert done.returncode == 0 and done.stderr == ""
    assert [[int(word) for word in line.split()] for line in done.stdout.splitlines()] == exact
    optimised = run(compiled(tmp_path, network, kind, "-O3", most=most), points)
    assert optimised.stdout == done.stdout


@needs_gcc
@pytest.mark.parametrize("kind", ["int32", "int64"])
def test_beyond_it_the_sanitizer_sees_overflows(tmp_path: Path, kind: str) -> None:
    """So the test above can fail."""
    network = network_of("argmax", "index", 8)
    end = 2 ** (int(kind[3:]) - 1) - 1
    far = [[end * (-1) ** i for i in range(8)]]
    done = run(compiled(tmp_path, network, kind, "-fsanitize=undefined", "-fno-sanitize-recover=all"), far)
    assert done.returncode != 0 and "signed integer overflow" in done.stderr


@needs_gcc
def test_it_needs_no_library_and_inputs_may_be_unused(tmp_path: Path) -> None:
    constant = Network(2, (normalise([(3, {}), (0, {0: 1})]),), normalise([(-1, {0: 2}), (0, {})]))
    nothing = Network(2, (), normalise([(5, {})]))
    for name, network in (("a", constant), ("b", nothing), ("c", STEP)):
        (tmp_path / f"{name}.c").write_bytes(
            export_integers(network, "c", "int32", 5).data
            + b"void f(const int32_t *, int32_t *);\nvoid f(const int32_t *x, int32_t *y) { relumax_network(x, y); }\n"
        )
        command = [*STRICT, "-ffreestanding", "-c", f"{name}.c"]
        subprocess.run(command, cwd=tmp_path, check=True)
        undefined = subprocess.run(["nm", "-u", f"{name}.o"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert {line.split()[-1] for line in undefined.stdout.splitlines()} <= {"_GLOBAL_OFFSET_TABLE_"}


@pytest.mark.parametrize("kind", INTEGERS)
def test_the_header_says_the_range_and_which_network(kind: str) -> None:
    text = " ".join(export_integers(MAX2, "c", kind, 1234, "y = max(x)").data.decode().replace("\n *", " ").split())
    assert f"{kind}: weights exact; every input of integers |x[i]| <= 1,234 gives the exact value" in text
    assert f"const {kind}_t *x" in text and "y = max(x)" in text


def test_what_is_refused() -> None:
    with pytest.raises(FormatError, match=r"b0\[0\] .* is 1/4, which int32 cannot hold"):
        export_integers(AFFINE, "c", "int32", 1)
    large = Network(1, (), normalise([(128, {0: 1})]))
    with pytest.raises(FormatError, match=r"b0\[0\] .* is 128, which int8 cannot hold"):
        export_integers(large, "c", "int8", 1)
    assert export_integers(large, "c", "int16", 1).exact
    with pytest.raises(FormatError, match="--dtype int32 is written as c, not as onnx"):
        export_integers(MAX2, "onnx", "int32", 1)
    with pytest.raises(FormatError, match="--dtype int8 is written as c or onnx, not as npz"):
        export_integers(MAX2, "npz", "int8", 1)
