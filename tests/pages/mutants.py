"""Seeded mutants of certificates: a place of a file has another value; most are canonical again."""

import json
import random

OTHERS = [0, 1, 2, 3, -1, 7, 2**53 - 1, str(2**53), "0", "", "i", "x[0]", "<", True, None, [], {}, [1, 0], [[[0, 0]]]]
SPOILED = [b"", b" ", b"\x00", b"0", b"1.0", b"1e3", b"-0", b"[", b"}", b",", b'"', b"\xc3\xa9", b'{"a":1,"a":1}']


def places(value, found):
    """Every (container, key) in a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found.append((value, key))
        places(inner, found)
    return found


def spoiled(data, rng):
    """The bytes with a few of them replaced."""
    at = rng.randrange(len(data))
    return data[:at] + rng.choice(SPOILED) + data[at + rng.randrange(3) :]


def mutant(data, rng):
    """One mutant; most are well-formed JSON, so that rules are reached and not only the reader."""
    if rng.random() < 0.1:
        return spoiled(data, rng)
    value = json.loads(data)
    found = places(value, [])
    deep = [one for one in found if type(one[0][one[1]]) is int]
    for _ in range(rng.choice((1, 1, 1, 2))):
        where, key = rng.choice(deep if rng.random() < 0.7 else found)
        if (isinstance(where, list) and key >= len(where)) or (isinstance(where, dict) and key not in where):
            continue
        old, how = where[key], rng.random()
        if type(old) is int and how < 0.75:
            where[key] = old + rng.choice((-2, -1, 1, 2))
        elif how < 0.82:
            del where[key]
        elif how < 0.9 and isinstance(where, list):
            where.insert(key, rng.choice(where))
        elif how < 0.95 and isinstance(where, list):
            other = rng.randrange(len(where))
            where[key], where[other] = where[other], where[key]
        else:
            where[key] = rng.choice(OTHERS)
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def mutants(files, count, seed):
    """`count` mutants of the given certificates, the same for the same seed."""
    rng = random.Random(seed)
    return [mutant(rng.choice(files), rng) for _ in range(count)]
