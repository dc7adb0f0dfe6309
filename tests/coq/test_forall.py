"""The networks of the theorems for all n are relumax's own, number by number, at every n tried."""

import pytest

from relumax.commands.chosen import Chosen
from relumax.constructions import registry
from relumax.formats import coq_
from relumax.network.layers import to_json
from tests.coq.built import build, coqc

SIZES = range(1, 65)
FEWER = [*range(1, 25), 33, 48, 64]  # of networks whose size grows faster than n


def orders_of(network, s):
    """For each layer of a tournament which unit of coq/forall/Tournament.v stands at each place."""
    options, found = [{j: 1} for j in range(network["inputs"])], []
    for layer in network["layers"]:
        rows, after = [], []
        for a, b in zip(options[::2], options[1::2], strict=False):
            k = len(rows)
            rows += [minus(a, b) if s == 1 else minus(b, a), b, minus({}, b)]
            after.append({k: s, k + 1: 1, k + 2: -1})
        if len(options) % 2:
            k = len(rows)
            rows += [options[-1], minus({}, options[-1])]
            after.append({k: 1, k + 1: -1})
        order = [rows.index(dict(zip(row[1::2], row[2::2], strict=True))) for row in layer["rows"]]
        options = [{order.index(j): c for j, c in one.items()} for one in after]
        found.append(order)
    return found


def minus(a, b):
    return {j: c for j in a | b if (c := a.get(j, 0) - b.get(j, 0))}


def natural_lists(orders):
    inner = ["; ".join(map(str, one)) for one in orders]
    return f"[{'; '.join([f'[{one}]' for one in inner])}]"


FOR_ALL = {  # the theorem's network, as Coq has it
    ("max", "chain"): lambda network: "chain 1",
    ("min", "chain"): lambda network: "chain (-1)",
    ("max", "tournament"): lambda network: f"tournament 1 {natural_lists(orders_of(network, 1))}%nat",
    ("min", "tournament"): lambda network: f"tournament (-1) {natural_lists(orders_of(network, -1))}%nat",
    ("max", "essay"): lambda network: "essay",
    ("max", "essay-fused"): lambda network: "essay_fused",
    ("argmax", "slack"): lambda network: f"slack 1 (decoded network_ data_{network['inputs']})",
    ("argmin", "slack"): lambda network: f"slack (-1) (decoded network_ data_{network['inputs']})",
    ("argmax", "onehot"): lambda network: f"onehot 1 1 1 (before_last (decoded network_ data_{network['inputs']}))",
    ("argmin", "onehot"): lambda network: f"onehot (-1) 1 1 (before_last (decoded network_ data_{network['inputs']}))",
}
BEFORE_LAST = """\
Definition before_last (n : network) : network := Network (inputs n) (removelast (layers n)) 1
  (map (fun u => Row 0 (weights (snd u))) (rows (last (layers n) (Layer 1 [])))).
"""  # what the last layer of a one-hot network is given


def compared(folder, function, name, sizes, change=0):
    """Coq on a file that says that relumax's networks are those of the theorem."""
    chosen = Chosen(registry.find(function, name), {})
    networks = {n: to_json(chosen.compiled(n)[0]) for n in sizes}
    lines = ["From Coq Require Import Uint63 PArray."]
    for n, network in networks.items():
        integers = coq_._network(network).integers
        integers = (*integers[:-1], integers[-1] + change)
        lines.append(f"Definition data_{n} : array int := [| {'; '.join(map(str, integers))} | 0 |]%uint63.")
    lines.append("From Coq Require Import List ZArith. From Relumax Require Import Statement Decode.")
    lines.append("From Relumax.forall Require Import Chain Tournament Essay Slack Onehot. Import ListNotations.")
    lines.append(BEFORE_LAST)
    for n, network in networks.items():
        lines.append(f"Lemma same_{n} : decoded network_ data_{n} = {FOR_ALL[function, name](network)} {n}.")
        lines.append("Proof. vm_compute. reflexivity. Qed.")
    (folder / "same.v").write_text("\n".join(lines))
    return coqc(folder / "same.v", 400)


@pytest.mark.parametrize(("function", "name"), FOR_ALL)
def test_the_network_for_all_n_is_relumaxs(tmp_path, function, name):
    build()
    sizes = {"chain": FEWER[1:], "slack": FEWER, "onehot": FEWER}.get(name, SIZES)
    done = compared(tmp_path, function, name, sizes)
    assert done.returncode == 0, done.stderr


def test_those_and_no_others_say_so():
    said = {pair for pair in registry.BUILT_IN if "for all n in Coq" in registry.find(*pair).doc}
    assert said == set(FOR_ALL)


def test_another_network_is_told_from_it(tmp_path):
    build()
    assert compared(tmp_path, "max", "chain", [4], change=4).returncode != 0
    assert compared(tmp_path, "max", "tournament", [5], change=4).returncode != 0
    assert compared(tmp_path, "max", "essay", [5], change=4).returncode != 0
    for n in (2, 5):
        assert compared(tmp_path, "argmax", "slack", [n], change=4).returncode != 0
        assert compared(tmp_path, "argmin", "onehot", [n], change=4).returncode != 0
