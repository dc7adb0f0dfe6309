"""What a file says about itself must agree with its weights."""

import pytest

from relumax.errors import FormatError
from relumax.formats import metadata
from relumax.formats.common import WriteOptions
from relumax.formats.dense import Rounding
from relumax.formats.floats import FLOATS
from tests.formats.examples import MAX2, STEP

FLOAT32 = FLOATS["float32"]
OPTIONS = WriteOptions(FLOAT32, False, "y0 = max(x)", 0)
RECORD = metadata.describe(STEP, OPTIONS, None)


def test_a_record_agrees_with_its_network() -> None:
    metadata.check_keys(RECORD)
    metadata.verify(RECORD, STEP, FLOAT32)
    assert metadata.steps_of(RECORD) == [[0, 1]] and RECORD["relumax.theorem"] == "y0 = max(x)"


def test_a_rounded_file_says_so_and_is_not_held_to_the_hash() -> None:
    record = metadata.describe(STEP, OPTIONS, Rounding(1, "W0[0, 0] is 1/3, stored as 0"))
    assert record["relumax.note"].startswith("1 weight was rounded to float32 (first: W0[0, 0] is 1/3")
    metadata.verify({**record, "relumax.network_sha256": "00"}, STEP, FLOAT32)


@pytest.mark.parametrize("key", ["version", "network_sha256", "dtype", "exact", "steps"])
def test_required_keys(key: str) -> None:
    record = {name: text for name, text in RECORD.items() if name != f"relumax.{key}"}
    with pytest.raises(FormatError, match=f"metadata: relumax.{key} is missing"):
        metadata.check_keys(record)


def test_disagreement_is_refused() -> None:
    with pytest.raises(FormatError, match=r"relumax\.dtype is float32, the weights are float64"):
        metadata.verify(RECORD, STEP, FLOATS["float64"])
    with pytest.raises(FormatError, match=r"relumax\.steps disagrees"):
        metadata.verify(RECORD, MAX2, FLOAT32)
    with pytest.raises(FormatError, match=r"relumax\.network_sha256 is '00', the weights in this file have"):
        metadata.verify({**RECORD, "relumax.network_sha256": "00"}, STEP, FLOAT32)
