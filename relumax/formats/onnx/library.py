"""What writing and reading ONNX share: the library, its number for a float type, and the name files bear."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from relumax.errors import MissingExtra
from relumax.formats.floats import FloatType

PRODUCER = "relumax"


def library() -> ModuleType:
    """The onnx library; raises MissingExtra."""
    try:
        return import_module("onnx")
    except ImportError:
        raise MissingExtra("reading and writing ONNX needs the onnx library: pip install 'relumax[onnx]'") from None


def element_type(onnx: ModuleType, kind: FloatType) -> int:
    """ONNX's number for a float type."""
    names = {"float16": "FLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}
    number: int = onnx.TensorProto.DataType.Value(names[kind.name])
    return number
