"""A checkpoint whose first sketch could not be confirmed."""

import pytest

from relumax.discover.identities import Found, Run, discover, search
from relumax.discover.identities.sketch import PRIMES
from relumax.discover.identities.system import solve


class Interrupted(Exception):
    pass


def test_a_second_prime_takes_the_place_of_the_first_in_the_checkpoint(tmp_path, monkeypatch):
    """And a run that was interrupted then goes on with it, and never looks at the first again."""
    path, primes, done = tmp_path / "checkpoint", [], []

    def unconfirmed(system, prime):
        primes.append(prime)
        return solve(system, prime) if prime == PRIMES[1] else None

    def stop(stage, now, total):
        if len(primes) == 1 and stage == "expand" and now == 256:
            raise Interrupted

    monkeypatch.setattr(search, "solve", unconfirmed)
    whole = discover(7, family="simple", run=Run(resume=path))
    assert primes == [*PRIMES[:2]] and isinstance(whole, Found) and not path.exists()
    primes.clear()
    with pytest.raises(Interrupted):
        discover(7, family="simple", run=Run(progress=stop, resume=path))
    assert primes == [PRIMES[0]] and path.exists()
    primes.clear()
    run = Run(progress=lambda stage, now, total: done.append(now), resume=path)
    assert discover(7, family="simple", run=run).public == whole.public
    assert primes == [PRIMES[1]] and done[0] == 256 + 128 and not path.exists()
