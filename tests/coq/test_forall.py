"""The networks of the theorems for all n are relumax's own, number by number, at every n tried."""

import pytest

from relumax.constructions import registry
from relumax.formats import coq_
from relumax.network.compile import compile
from relumax.network.layers import to_json
from tests.coq.built import build, coqc

SIZES = [*range(2, 18), 33, 64]
FOR_ALL = {("max", "chain"): "chain 1", ("min", "chain"): "chain (-1)"}  # as Coq has them (coq/forall)


def compared(folder, function, name, sizes, change=0):
    """Coq on a file that says that relumax's networks are those of the theorem."""
    lines = ["From Coq Require Import Uint63 PArray."]
    for n in sizes:
        network = to_json(compile(registry.find(function, name).program(n), n))
        integers = coq_._network(network).integers
        integers = (*integers[:-1], integers[-1] + change)
        lines.append(f"Definition data_{n} : array int := [| {'; '.join(map(str, integers))} | 0 |]%uint63.")
    lines.append("From Coq Require Import ZArith. From Relumax Require Import Statement Decode.")
    lines.append("From Relumax.forall Require Import Chain.")
    for n in sizes:
        lines.append(f"Lemma same_{n} : decoded network_ data_{n} = {FOR_ALL[function, name]} {n}.")
        lines.append("Proof. vm_compute. reflexivity. Qed.")
    (folder / "same.v").write_text("\n".join(lines))
    return coqc(folder / "same.v")


@pytest.mark.parametrize(("function", "name"), FOR_ALL)
def test_the_network_for_all_n_is_relumaxs(tmp_path, function, name):
    build()
    done = compared(tmp_path, function, name, SIZES)
    assert done.returncode == 0, done.stderr


def test_another_network_is_told_from_it(tmp_path):
    build()
    assert compared(tmp_path, "max", "chain", [4], change=4).returncode != 0
