"""PyTorch's own files: pickles, which run code when they are loaded, and so are never read."""

from __future__ import annotations

PICKLE = (
    "a pickle, as torch.save writes it, which may run code and is not read; where you trust it, convert it: "
    'state = torch.load("FILE", weights_only=True); safetensors.torch.save_file(state, "FILE.safetensors")'
)
"""What is said of one."""


def is_pickle(data: bytes) -> bool:
    """Whether a file begins as a pickle of protocol 2 to 5; torch.save's archives are seen by their members."""
    return data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
