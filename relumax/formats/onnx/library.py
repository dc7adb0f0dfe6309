"""What writing and reading ONNX share: the library, its number for a float type, and the name files bear."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType

from relumax.errors import MissingExtra
from relumax.formats.floats import FloatType

PRODUCER = "relumax"

_MESSAGES = "onnx_ml_pb2"


def library() -> ModuleType:
    """The onnx library; raises MissingExtra."""
    try:
        return import_module("onnx")
    except ImportError:
        raise MissingExtra("reading and writing ONNX needs the onnx library: pip install 'relumax[onnx]'") from None


def messages() -> ModuleType:
    """The onnx library's protobuf messages, all that reading needs; raises MissingExtra.

    They are loaded by themselves, since the library takes longer to import, with numpy and all, than a small network
    takes to prove. protobuf gives the same classes if the library is imported as well.
    """
    found = None if "onnx" in sys.modules else find_spec("onnx")
    for folder in (found and found.submodule_search_locations) or ():
        spec = spec_from_file_location(f"relumax_{_MESSAGES}", os.path.join(folder, f"{_MESSAGES}.py"))
        if spec is not None and spec.loader is not None and os.path.isfile(spec.origin or ""):
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return library()


def element_type(onnx: ModuleType, kind: FloatType) -> int:
    """ONNX's number for a float type."""
    names = {"float16": "FLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}
    number: int = onnx.TensorProto.DataType.Value(names[kind.name])
    return number
