"""The suite as a folder: every file of it, by name, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relumax.formats import export
from relumax.formats.vnnlib import smtlib, version_one, version_two
from relumax.formats.vnnlib.writing import assignment
from relumax.network.layers import sha256
from relumax.suite.instances import BOX, FAR, NUDGE, SEED, STEEP, Instance, instances
from relumax.words import ONNX

SECONDS = 60
"""What instances.csv gives a verifier for each."""
HEAD = f"""# Instances with certain verdicts

Networks and queries for testing neural network verifiers, written by `relumax export --suite` (seed {SEED}). Every
verdict is certain, over the reals: an `unsat` one by a certificate that `relumax check .` checks again with a small
kernel and no solver, a `sat` one by a point, evaluated exactly, that meets the query.

| files | what they are |
|---|---|
| `onnx/` | the networks, float32; every weight is a binary fraction, so the file is exactly the theorem's network |
| `vnnlib/` | queries in VNN-LIB 2.0, over `real`, one network N with X and Y |
| `vnnlib1/` | the same in VNN-LIB 1.0; `<` is strict there too |
| `smt2/` | the same with the network written out, for SMT solvers (QF_LRA) |
| `certificates/` | for each right network the theorem, with its proof |
| `witnesses/` | for each query that is sat an input that meets it, and the outputs there, in decimals that are exact |
| `instances.csv` | network, query, seconds: as verifiers' competitions have it |
| `verdicts.csv` | the same with the verdict, and the file that shows it |

A query asks for an input at which the theorem is false. The theorem is about all of R^n, so it covers queries about a
box as well: those named `-box` have inputs in [-{BOX}, {BOX}], and in [-{2 * FAR}, {2 * FAR}] where a network is
wrong only far from 0. Of each right network there are three that are almost it:

* `-nudged`: one weight of the output is off by {NUDGE} of itself;
* `-thin`: it is wrong only within 1/{STEEP} of one point (sum of the absolute differences), by at most 1/4;
* `-far`: it is wrong only where x[0] > {FAR}.

Verdicts are about the reals. What a float computation of the same file gives is another question: some of the `sat`
ones differ from the right network by less than float32 shows.

`relumax check certificates/NAME.json --network onnx/NAME.onnx` confirms that a certificate is about exactly the weights
in a file; `relumax-vnnlib verify vnnlib/NAME.vnnlib --network N=onnx/NAME.onnx` answers a query anew.

"""


def files() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file, as they are made; the lists come last."""
    networks: set[str] = set()
    found: list[Instance] = []
    for one in instances():
        found.append(one)
        subject = one.subject
        if one.network == subject.network and subject.name not in networks:
            yield f"certificates/{subject.name}.json", subject.certificate
        if (name := _network(one)) not in networks:
            networks.add(name)
            yield f"onnx/{name}.onnx", export(one.network, ONNX, theorem=None).data
        comments = _comments(one)
        yield f"vnnlib/{one.name}.vnnlib", version_two(one.query, comments).encode()
        yield f"vnnlib1/{one.name}.vnnlib", version_one(one.query, comments).encode()
        yield f"smt2/{one.name}.smt2", smtlib(one.query, one.network, comments).encode()
        if one.values is not None:
            yield f"witnesses/{one.name}.txt", _lines(["sat", *assignment(one.query, one.values)])
    yield "instances.csv", _lines([f"onnx/{_network(one)}.onnx,vnnlib/{one.name}.vnnlib,{SECONDS}" for one in found])
    yield "verdicts.csv", _lines(["instance,network,verdict,shown by", *map(_row, found)])
    yield "README.md", (HEAD + _table(found)).encode()


def _lines(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _network(one: Instance) -> str:
    """The name of its network: queries about all inputs and about a box share one."""
    return one.name.removesuffix("-box")


def _verdict(one: Instance) -> str:
    return "unsat" if one.values is None else "sat"


def _shown(one: Instance) -> str:
    return f"certificates/{one.subject.name}.json" if one.values is None else f"witnesses/{one.name}.txt"


def _row(one: Instance) -> str:
    return f"{one.name},onnx/{_network(one)}.onnx,{_verdict(one)},{_shown(one)}"


def _comments(one: Instance) -> list[str]:
    said = "true of this network: unsat" if one.values is None else "false of this network: sat"
    return [
        f"Is this false somewhere? {one.subject.theorem}",
        f"It is {said}, by {_shown(one)}",
        f"The network: {one.why}",
    ]


def _table(found: Sequence[Instance]) -> str:
    """The theorems, the files that each covers, and how their networks were written."""
    out = ["## Which theorem covers which file", ""]
    for name in dict.fromkeys(one.subject.name for one in found):
        its = [one for one in found if one.subject.name == name]
        subject = its[0].subject
        out += [f"### {name}", "", f"`certificates/{name}.json`: {subject.theorem}", ""]
        out += [
            f"network sha256 {sha256(subject.network)}",
            "",
            "| instance | verdict | shown by | the network |",
            "|---|---|---|---|",
        ]
        out += [f"| {one.name} | {_verdict(one)} | `{_shown(one)}` | {one.why} |" for one in its]
        out.append("")
    return "\n".join(out)
