"""JSON as a stranger may hand it to us: integers and text only, no key twice, nothing after the value."""

from __future__ import annotations

import json
from reprlib import repr as brief
from typing import NoReturn

from relumax.errors import FormatError


def loads(data: bytes | str, what: str) -> object:
    """The value of a JSON text; raises FormatError, naming `what`, for anything that is not plain strict JSON."""
    try:
        return json.loads(
            data.decode("utf-8") if isinstance(data, bytes) else data,
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except FormatError as error:
        raise FormatError(f"{what}: {error}") from None
    except RecursionError:
        raise FormatError(f"{what}: nested too deeply") from None
    except ValueError as error:  # not UTF-8, not JSON, something after it, or an integer past Python's digit limit
        raise FormatError(f"{what}: not JSON: {error}") from None


def dumps(value: object) -> bytes:
    """Canonical bytes: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def text_record(value: object, what: str) -> dict[str, str]:
    """`value` as a record of texts; raises FormatError if it is anything else."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise FormatError(f"{what}: not a record of texts")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record: dict[str, object] = {}
    for key, value in pairs:
        if key in record:
            raise FormatError(f"key {brief(key)} stands twice")
        record[key] = value
    return record


def _no_float(text: str) -> NoReturn:
    raise FormatError(f"{brief(text)} is not an integer; numbers here are exact")
