"""In a process that loaded a library linked with -ffast-math, subnormals are zero to every float operation.

The library's start-up code sets the processor so; nothing in it is called. Weights are read and written all the same.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import pytest

from relumax.formats import export, load
from relumax.network.layers import Network, normalise
from tests.formats.examples import MAX2
from tests.running import relumax, run

TINY = struct.unpack("<f", struct.pack("<f", 1e-40))[0]
pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

FLUSHING = """
import ctypes, struct, sys
ctypes.CDLL(sys.argv.pop(1))
(tiny,) = struct.unpack("<d", bytes([1, 0, 0, 0, 0, 0, 0, 0]))
if tiny * 2.0**1000 != 0.0:
    sys.exit("subnormals are not flushed here")
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shared library that was linked with -ffast-math, and does nothing; skips where it flushes nothing."""
    folder = tmp_path_factory.mktemp("fast")
    (folder / "fast.c").write_text("int unused;\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-ffast-math", "fast.c", "-o", "fast.so"], cwd=folder, check=True)
    done = run([sys.executable, "-c", FLUSHING, str(folder / "fast.so")])
    if done.returncode:
        pytest.skip(f"this compiler's -ffast-math sets nothing: {done.stderr}")
    return folder / "fast.so"


def flushed(library: Path, code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Python code where subnormals are zero."""
    return run([sys.executable, "-c", FLUSHING + code, str(library), *map(str, arguments)])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proof") / "max2.json"
    assert relumax("prove", "--n", 2, "--engine", "flat", "-o", path).returncode == 0
    return path


def changed(fmt: str) -> bytes:
    """MAX2 with 1e-40 for the weight 0 on input 0 of unit 1, as the libraries write it."""
    weights = {
        "W0": np.array([[1, TINY, 0], [-1, 1, -1]], "<f4"),
        "b0": np.zeros(3, "<f4"),
        "W1": np.array([[1], [1], [-1]], "<f4"),
        "b1": np.zeros(1, "<f4"),
    }
    if fmt == "npz":
        buffer = BytesIO()
        np.savez(buffer, **weights)
        return buffer.getvalue()
    if fmt == "safetensors":
        return pytest.importorskip("safetensors.numpy").save(weights)
    model = onnx.load_model_from_string(export(MAX2, "onnx").data)
    del model.metadata_props[:]
    model.producer_name = "someone else"
    for one in model.graph.initializer:
        one.raw_data = weights[one.name].tobytes()
    return model.SerializeToString()


CHECK = "from relumax.__main__ import main; sys.exit(main())"


@pytest.mark.parametrize("fmt", ["npz", "safetensors", "onnx"])
def test_a_subnormal_weight_is_not_zero(library: Path, certificate: Path, tmp_path: Path, fmt: str) -> None:
    file = tmp_path / f"weights.{fmt}"
    file.write_bytes(changed(fmt))
    done = flushed(library, CHECK, "check", certificate, "--network", file)
    assert (done.returncode, done.stderr) == (1, ""), done
    assert "invalid" in done.stdout and "W0[0, 1] (layer 0, unit 1, weight on its input 0) is " in done.stdout
    assert f"is {Fraction(TINY)} in the file, 0 in the other" in done.stdout
    file.write_bytes(export(MAX2, fmt).data)
    assert flushed(library, CHECK, "check", certificate, "--network", file).returncode == 0


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("fmt", ["npz", "safetensors", "onnx", "c"])
def test_subnormals_are_written_there_as_they_are_everywhere(library: Path, fmt: str, dtype: str) -> None:
    if (fmt, dtype) == ("c", "float16"):
        pytest.skip("C99 has no float16")
    least = {"float16": 24, "float32": 149, "float64": 1074}[dtype]
    network = Network(1, (), normalise([(Fraction(-3, 2**least), {0: Fraction(1, 2**least)})]))
    code = (
        "from fractions import Fraction; from relumax.formats import export; "
        "from relumax.network.layers import Network, normalise; "
        f"network = Network(1, (), normalise([(Fraction(-3, 2**{least}), {{0: Fraction(1, 2**{least})}})])); "
        f"sys.stdout.write(export(network, {fmt!r}, {dtype!r}).data.hex())"
    )
    done = flushed(library, code)
    data = export(network, fmt, dtype).data
    assert done.stderr == "" and bytes.fromhex(done.stdout) == data
    if fmt != "c":
        assert load(data).network == network


def test_eval_and_show_read_them_too(library: Path, tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    file.write_bytes(changed("npz"))
    done = flushed(library, CHECK, "eval", "--network", file, "1", "0", "--json")
    assert json.loads(done.stdout)["outputs"] == [str(1 + Fraction(TINY))]


def test_a_float_that_would_be_zero_there_is_refused(library: Path) -> None:
    """A literal of a user's program cannot be trusted there; a text can."""
    code = (
        "from relumax.language.expr import as_fraction\n"
        "from relumax.errors import ProgramError\n"
        "assert as_fraction('5e-324') > 0 and as_fraction(0.5) == 0.5 and as_fraction(-0.0) == 0\n"
        "try: print(as_fraction(tiny))\n"
        "except ProgramError as problem: print(problem)\n"
    )
    done = flushed(library, code)
    assert "reads it as zero" in done.stdout, done
