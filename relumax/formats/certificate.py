"""What a file that was taken for a certificate is instead."""

from __future__ import annotations

import json

from relumax.errors import FormatError
from relumax.formats import sniff
from relumax.kernel import FORMAT, KernelError, Malformed
from relumax.words import JSON, LEAST_FORMAT, NETWORK_FORMAT

NO_CERTIFICATE = "a network and no certificate: relumax prove FILE proves one"


def told(problem: KernelError, data: bytes) -> KernelError:
    """The rejection of a file, which says so where the file is empty, a network, or other JSON; else as it is."""
    if not isinstance(problem, Malformed):
        return problem
    if not data.strip():
        return Malformed("", "the file is empty")
    if _is_network(data):
        return Malformed("", NO_CERTIFICATE)
    return Malformed("", "not a relumax certificate") if _is_other(data) else problem


def _is_network(data: bytes) -> bool:
    if data.startswith(f'{{"format":"{NETWORK_FORMAT}"'.encode()):
        return True
    try:
        return sniff(data) != JSON
    except FormatError:
        return False


def _is_other(data: bytes) -> bool:
    """Whether these bytes are JSON, and nothing that relumax or its identities begin with."""
    if any(f'"{word}"'.encode() in data for word in (FORMAT, NETWORK_FORMAT, LEAST_FORMAT, "terms")):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
