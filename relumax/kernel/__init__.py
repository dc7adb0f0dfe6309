"""The trusted checker. One door: `check(bytes)` returns an accepted theorem or raises a typed rejection.

Standard library only, integers only, deterministic, total: every file ends in a `Theorem`, `Malformed`, `Invalid` or
`Refused` within work proportional to its size. FORMAT.md specifies the format and the rules for a second checker.
To follow a file: wire (bytes to forms and atoms), network, statement, proof (facts and rules), points, text.
"""

from .errors import Door, Invalid, KernelError, Malformed, Refused
from .network import read_network
from .points import check_points
from .proof import check_lemma, run
from .statement import Claim
from .text import text
from .wire import MAX_BYTES, Fuel, items, placed, read, record, write

__all__ = ["MAX_BYTES", "Invalid", "KernelError", "Malformed", "Refused", "Theorem", "check"]
FORMAT, VERSION = "relumax-certificate", 1
MAX_FUEL = 10**9


class Theorem:
    """What `check` accepted: one sentence for each statement, and the hashes of the exact network and of the claim."""

    __slots__ = ("claim_sha256", "network_sha256", "statements")

    def __init__(self, statements, network_sha256, claim_sha256):
        self.statements, self.network_sha256, self.claim_sha256 = statements, network_sha256, claim_sha256

    def __repr__(self):
        return f"<theorem: {'; '.join(self.statements)[:200]}>"


def check(data):
    """The theorem that the certificate `data` (bytes) proves; raises Malformed, Invalid or Refused."""
    with Door():
        keys = "format", "version", "network", "claim", "lemmas", "proofs", "points"
        kind, version, network, claim, lemmas, proofs, points = record(read(data), "", keys)
        if kind != FORMAT:
            raise Malformed("format", "not a relumax certificate")
        if type(version) is not int or version != VERSION:
            raise Malformed("version", f"only version {VERSION} is known")
        fuel = Fuel(min(100 * len(data) + 10**6, MAX_FUEL))
        net = read_network(network, fuel)
        statements = Claim(claim, net).statements
        for name, found in (("proofs", proofs), ("points", points)):
            if len(items(found, name)) != len(statements):
                raise Malformed(name, "one list for each statement is expected")
        proved: list[object] = []
        for lemma, place in placed(lemmas, "lemmas"):
            proved.append(check_lemma(lemma, place, proved, fuel))
        for k, (statement, proof) in enumerate(zip(statements, proofs, strict=True)):
            run(statement.context(fuel, proved), proof, f"proofs[{k}]")
            check_points(statement, points[k], f"points[{k}]", fuel)
        return Theorem(text(claim, fuel), _sha256(network), _sha256(claim))


def _sha256(value):
    try:  # the interpreter's own starts faster than hashlib, which loads OpenSSL
        from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found, unused-ignore]  # Python 3.11
        except ImportError:
            from hashlib import sha256
    return sha256(write(value)).hexdigest()
