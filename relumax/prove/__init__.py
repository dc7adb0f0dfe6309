"""Engines that look for proofs, one file each; `blocks` and `nine` prove the contracts of gadgets that name them.

`relumax.prove(...)` is a function of the same name (`relumax.pipeline.prove`): this package may be called like it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> Any:
        from relumax.pipeline import prove

        return prove(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
