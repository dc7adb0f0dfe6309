"""Strict JSON; its rejections are in `test_json_`."""

from relumax.formats.strict import dumps, loads


def test_canonical_bytes_come_back() -> None:
    value = {"b": [1, -2, {"c": None}], "a": "\u2265"}
    assert dumps(value) == b'{"a":"\\u2265","b":[1,-2,{"c":null}]}'
    assert loads(dumps(value), "test") == loads(dumps(value).decode(), "test") == value
