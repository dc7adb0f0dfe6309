"""Which files a reader opens from a construction to its theorem: those whose functions run, in the order they are met.

    python benchmarks/trace.py argmax index 8
    python benchmarks/trace.py --check proofs/argmax-index-8.json

The command is not run, only what is behind it: registry, program, spec, `relumax.prove` (with the kernel's check). With
`--check`, the kernel alone. What runs while a module is imported does not count.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import relumax

PACKAGE = Path(relumax.__file__).parent


class Trace:
    """Counts the calls of functions in each file of the package, but not of what imports run."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}

    def __enter__(self) -> Trace:
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _called(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(str(PACKAGE)) or code.co_name == "<module>":
            return
        above: FrameType | None = frame
        while above is not None:
            if above.f_code.co_name == "<module>" and above.f_code.co_filename.startswith(str(PACKAGE)):
                return
            above = above.f_back
        name = str(Path(code.co_filename).relative_to(PACKAGE))
        self.files[name] = self.files.get(name, 0) + 1


def main(arguments: list[str]) -> None:
    """Print the files and how often their functions were called."""
    if arguments[0] == "--check":
        data = Path(arguments[1]).read_bytes()
        with Trace() as found:
            relumax.check(data)
    else:
        from relumax.constructions import registry

        function, name, n = arguments[0], arguments[1], int(arguments[2])
        with Trace() as found:
            construction = registry.find(function, name)
            options = construction.options
            verdict = relumax.prove(construction.program(n, **options), construction.spec(n, **options))
        print(f"{function}/{name}, n = {n}: {verdict.verdict}")
    for file, calls in found.files.items():
        print(f"{calls:>9,}  {file}")
    print(f"{len(found.files)} files")


if __name__ == "__main__":
    main(sys.argv[1:])
