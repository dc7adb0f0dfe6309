"""The ranges on whatever torch finds here, an accelerator or the CPU: a table, in under 5 minutes, with torch alone.

    python benchmarks/device.py [--device cuda] [--rows 50000]

Networks and their proved ranges are in device.json, which `--write` makes with relumax. For each network and type it
prints the proved B, whether random and corner vectors of integers |x_i| <= B were all exact (they must be: exit code 1
if not), and the largest 2^k at which none was wrong. The exact values are computed in int64 on the CPU. tf32 is float32
with `allow_tf32`, on an accelerator only; inputs are then rounded to 11 bits by the device itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "device.json"
NETWORKS = [("max", "tournament", 8), ("argmax", "index", 8), ("argmax", "prefix", 8), ("argmax", "onehot", 4)]
TYPES = ("float32", "tf32", "bfloat16", "float16")
SECONDS = 280


def content() -> str:
    """What device.json is to be: dense integer weights of each map, and B by type."""
    from relumax.constructions import registry
    from relumax.network.compile import compile
    from relumax.ranges import exact_ranges

    found = []
    for function, name, n in NETWORKS:
        one = registry.find(function, name)
        spec = one.spec(n, **one.options)
        network = compile(one.program(n, **one.options), spec.width, spec.nonnegative)
        ranges = exact_ranges(network, names=TYPES)
        maps = []
        for layer, columns in zip(network.maps, network.columns, strict=True):
            rows = [[dict(terms).get(j, 0) for j in range(columns)] for _, terms in layer.rows]
            maps.append({"weights": rows, "biases": [bias for bias, _ in layer.rows]})
        most = {} if ranges is None else {kind: int(ranges.most[kind] or 0) for kind in TYPES}
        found.append({"network": f"{function}/{name}", "n": n, "most": most, "maps": maps})
    return json.dumps(found, separators=(",", ":")) + "\n"


def rows(torch: Any, width: int, most: int, count: int, seed: int) -> Any:
    """Integers at the ends of the range, near them and anywhere inside, with many ties: int64, on the CPU."""
    draw = torch.Generator().manual_seed(seed)
    ends = torch.tensor([most, -most, most - 1, 1 - most, 0, 1, -1, most // 2, most // 3])
    anywhere = torch.randint(-most, most + 1, (count, width), generator=draw)
    at_ends = ends[torch.randint(0, len(ends), (count, width), generator=draw)]
    return torch.where(torch.rand(count, width, generator=draw) < 0.7, at_ends, anywhere).clamp(-most, most)


def forward(torch: Any, maps: list[dict[str, Any]], x: Any) -> Any:
    """The network's outputs in the type, and on the device, of x."""
    for t, one in enumerate(maps):
        weights, biases = (torch.tensor(one[key], dtype=x.dtype, device=x.device) for key in ("weights", "biases"))
        x = x @ weights.T + biases
        if t < len(maps) - 1:
            x = x.clamp(min=0)
    return x


def wrong(torch: Any, one: dict[str, Any], kind: str, device: str, batch: Any) -> int:
    """In how many rows the device's outputs are not the exact ones."""
    torch.backends.cuda.matmul.allow_tf32 = kind == "tf32"
    dtype = torch.float32 if kind == "tf32" else getattr(torch, kind)
    found = forward(torch, one["maps"], batch.to(device=device, dtype=dtype)).to(device="cpu", dtype=torch.float64)
    exact = forward(torch, one["maps"], batch).to(torch.float64)
    return int((found != exact).any(dim=1).sum())


def measured(torch: Any, one: dict[str, Any], kind: str, device: str, count: int) -> tuple[int, int]:
    """Wrong rows at the proved B, and the largest k such that 2^k showed none (k + 1 did, or is beyond 2^27)."""
    at_most = wrong(torch, one, kind, device, rows(torch, one["n"], one["most"][kind], count, 1))
    k = 0
    while k < 27 and not wrong(torch, one, kind, device, rows(torch, one["n"], 2 ** (k + 1), count, k)):
        k += 1
    return at_most, k


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if a row inside a proved range was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", help="cuda, cpu, mps, ...; by default an accelerator where there is one")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--write", action="store_true", help="make device.json (needs relumax, not torch)")
    given = parser.parse_args(arguments)
    if given.write:
        FILE.write_text(content(), encoding="ascii")
        return 0
    import torch

    device = given.device or ("cuda" if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name() if device.startswith("cuda") else device
    print(f"torch {torch.__version__}, {name}, {given.rows:,} rows for each power\n")
    print("| construction, n | type | proved | wrong inside | no failure seen up to |\n| --- | --- | --: | --: | --: |")
    start, bad = time.monotonic(), 0
    for one in json.loads(FILE.read_text(encoding="ascii")):
        for kind in TYPES:
            if kind == "tf32" and not device.startswith("cuda"):
                continue
            if time.monotonic() - start > SECONDS:
                print("out of time", file=sys.stderr)
                return 1
            inside, k = measured(torch, one, kind, device, given.rows)
            bad += inside
            print(f"| `{one['network']}`, {one['n']} | {kind} | {one['most'][kind]:,} | {inside} | 2^{k} |", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
