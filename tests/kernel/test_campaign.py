"""The mutation campaign in CI: RELUMAX_MUTANTS=200000 pytest tests/kernel/test_campaign.py for more."""

import os

from tests.kernel.campaign import SEED, campaign, certificates
from tests.kernel.examples import EXAMPLES
from tests.kernel.oracle import true_claim


def test_the_oracle_finds_the_originals_true():
    for name, certificate in certificates().items():
        assert true_claim(certificate), name


def test_the_oracle_finds_false_ones_false():
    for name in ("wire", "max of two", "pick"):
        certificate = EXAMPLES[name][0]
        network = certificate["network"]
        wrong = network | {"output": network["output"] | {"rows": [[1, 0, 1]]}}
        assert not true_claim(certificate | {"network": wrong}), name


def test_no_mutant_proves_a_false_theorem():
    mutants = int(os.environ.get("RELUMAX_MUTANTS", "20000"))
    print(f"{mutants} mutants, seed {SEED}")
    report = campaign(mutants)
    print(report.outcomes, report.reasons)
    assert report.unsound == []
    assert report.tracebacks == []
    assert sum(report.outcomes.values()) == mutants
    assert report.outcomes["invalid"] > mutants // 10  # many get past the readers
    assert report.outcomes["accepted"] > 0  # and the oracle is asked
