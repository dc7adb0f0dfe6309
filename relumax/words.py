"""Words and numbers that several parts share and that a user sees: light, so that the command line can offer them."""

from __future__ import annotations

PROVED, REFUTED, UNKNOWN, UNCERTIFIED = "proved", "refuted", "unknown", "uncertified"
"""The verdicts; uncertified: z3 alone says that it holds, and the kernel has accepted nothing."""
INVARIANT = "invariant"
"""What is said of an invariant that has no proof begins so."""
OK, NOT_SO, BAD_INPUT, UNSETTLED, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 70, 130
"""The exit codes: proved or valid, refuted or invalid, bad input or usage, unknown, internal error, interrupted."""
FAILURES = {BAD_INPUT: "bad input", UNSETTLED: UNKNOWN, INTERNAL: "internal error", INTERRUPTED: "interrupted"}
"""What --json has in place of a verdict where a command ends without one."""
ENGINES = ("auto", "modular", "canonical", "boxes", "flat", "symmetric", "link", "falsify")
FORMATS = ONNX, NPZ, JSON, SAFETENSORS, C = ("onnx", "npz", "json", "safetensors", "c")
"""The kinds of files of networks; `relumax.formats.FORMATS` says how each is told from its first bytes."""
COQ = "coq"
"""A certificate as a file of Coq, which is written and not read."""
SUFFIXES = {".onnx": ONNX, ".npz": NPZ, ".json": JSON, ".safetensors": SAFETENSORS, ".h": C}
"""What the name of a file that is written says of its format."""
LAYOUTS = TORCH, IN_OUT = ("torch", "in-out")
"""How weights lie: [out, in] as PyTorch keeps them (0.weight, 0.bias, 2.weight, ...), or [in, out] for x @ W."""
OPS = GEMM, MATMUL = ("gemm", "matmul")
"""What an ONNX file multiplies and adds with: Gemm, or MatMul and then Add."""
DTYPES = HALF, SINGLE, DOUBLE = ("float16", "float32", "float64")
"""What such files may hold weights in."""
INTEGERS = BYTE, *_ = ("int8", "int16", "int32", "int64")
"""What C headers (int8: ONNX too) compute in, instead."""
FAMILIES = ("tree", "forest", "simple", "loops")
"""What each side of an identity's terms may be."""
NETWORK_FORMAT, NETWORK_VERSION = "relumax-network", 1
"""How relumax's own files of networks begin; a certificate's begin is the kernel's."""
LEAST_FORMAT = "relumax-least"
"""The format of proofs that formulas have no fewer absolute values than so many."""
MAX_SIZE = 1_000_000
"""Hidden units of the networks that are built unless told otherwise (--max-size)."""
USER_FILE = "relumax_user_file"
"""The module name under which a user's file (--from) runs."""
