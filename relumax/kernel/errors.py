"""Why a file is not a theorem. Three kinds, never confused; each says where."""


class KernelError(Exception):
    """Root of the three. `path` names the place in the file or the proof step, `reason` says what is wrong there."""

    kind = "rejected"

    def __init__(self, path, reason):
        super().__init__(str(path), reason)
        self.path, self.reason = self.args

    def __str__(self):
        return f"{self.kind}: {self.path + ': ' if self.path else ''}{self.reason}"


class Malformed(KernelError):
    """The bytes are no certificate."""

    kind = "malformed"


class Invalid(KernelError):
    """A certificate whose steps do not prove its statement."""

    kind = "invalid"


class Refused(KernelError):
    """The work budget stopped the check: neither accepted nor rejected."""

    kind = "refused"


class Door:
    """`with Door():` around all that a door does: memory that runs out refuses, as the budget does."""

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        if kind is not None and issubclass(kind, MemoryError):
            raise Refused("", "out of memory") from None
