"""Tasks elsewhere: the same results in the same order, workers that die, clusters that are not there."""

import os
import signal
import subprocess
import sys
import time

import pytest

from relumax import cluster
from relumax.clock import TimeUp, limit
from relumax.cluster import mapped, on, progress
from relumax.errors import ClusterError
from tests.running import relumax


def squared(x):
    return x * x


def slow_at_first(x):
    time.sleep(0.2 if x == 0 else 0)
    return x


def dies_once(task):
    """Kills the process it runs in, the first time."""
    x, marker = task
    if x == 3 and not os.path.exists(marker):
        with open(marker, "w"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def dies(x):
    if x == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def ends(how):
    if how == "exit":
        sys.exit(3)
    if how == "memory":
        raise MemoryError
    if how == "wrong":
        raise ValueError("so many wrong things")
    while how == "endless":
        pass
    return how


def process(_):
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_order(workers):
    with on(workers):
        assert list(mapped(slow_at_first, range(40))) == list(range(40))
        assert list(mapped(squared, [])) == []
        assert progress() == ("40 of 40 tasks" if workers > 1 else "")
    assert progress() == ""


def test_items_are_taken_as_they_are_needed():
    taken = []

    def items():
        for x in range(100):
            taken.append(x)
            yield x

    with on(2):
        found = mapped(squared, items())
        assert next(found) == 0
        assert len(taken) <= 2 * cluster.AHEAD


def test_without_workers_tasks_run_here_and_nothing_starts():
    with on(1):
        assert set(mapped(process, range(3))) == {os.getpid()}
    with on(2):
        assert os.getpid() not in set(mapped(process, range(3)))


def test_a_task_whose_process_dies_is_run_again(tmp_path):
    with on(2):
        items = [(x, str(tmp_path / "marker")) for x in range(12)]
        assert list(mapped(dies_once, items)) == list(range(12))


def test_a_task_that_kills_each_process_is_an_error():
    with on(2), pytest.raises(ClusterError, match="ended the process that ran it, 4 times"):
        list(mapped(dies, range(3)))


@pytest.mark.parametrize(
    ("how", "raised", "said"),
    [("exit", RuntimeError, "SystemExit: 3"), ("memory", MemoryError, None), ("wrong", RuntimeError, "so many wrong")],
)
def test_everything_is_caught_in_the_task(how, raised, said):
    with on(2):
        with pytest.raises(raised, match=said):
            list(mapped(ends, ["fine", how]))
        assert list(mapped(ends, ["fine"])) == ["fine"]


def test_a_task_has_the_time_that_is_left():
    start = time.monotonic()
    with pytest.raises(TimeUp), limit(0.5), on(2):
        list(mapped(ends, ["endless"] * 3))
    assert time.monotonic() - start < 5


def test_a_worker_of_another_version(monkeypatch):
    with on(2):
        assert list(mapped(squared, range(3))) == [0, 1, 4]  # the processes are there, and know their version
        monkeypatch.setattr(cluster, "_version", "0.0.9+somethingelse")
        with pytest.raises(ClusterError, match="a worker runs another relumax"):
            list(mapped(squared, range(3)))


def test_workers_end_with_the_process_that_started_them():
    script = (
        "import os, signal\nfrom relumax.cluster import mapped, on\nfrom tests.test_cluster import process\n"
        "with on(2):\n    print(*set(mapped(process, range(8))), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    for one in map(int, done.stdout.split()):
        end = time.monotonic() + 10
        while os.path.exists(f"/proc/{one}/stat") and time.monotonic() < end:
            with open(f"/proc/{one}/stat") as stat:
                if stat.read().split()[2] == "Z":
                    break
            time.sleep(0.05)
        assert time.monotonic() < end


def test_where_from_the_command_line(tmp_path):
    done = relumax("discover", "--n", "5", "--dask", "tcp://127.0.0.1:1", "--workers", "2")
    assert done.returncode == 2
    assert "give one of them" in done.stderr
    for more in (["--workers", "2"], ["--dask", "tcp://127.0.0.1:1"]):
        done = relumax("check", "proofs", "--checker", "coq", *more)
        assert done.returncode == 2
        assert "a task may start no program" in done.stderr
    done = relumax("check", "proofs", "--workers", "0")
    assert done.returncode == 2
    assert "--workers" in done.stderr


# ---------------------------------------------------------------------------------------------------- a Dask cluster


@pytest.fixture(scope="module")
def dask():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as found:
        yield found.scheduler_address


def test_a_cluster(dask, tmp_path):
    with on(dask=dask):
        assert list(mapped(squared, range(20))) == [x * x for x in range(20)]
        items = [(x, str(tmp_path / "marker")) for x in range(12)]
        assert list(mapped(dies_once, items)) == list(range(12))  # a killed worker
        with pytest.raises(RuntimeError, match="SystemExit: 3"):
            list(mapped(ends, ["fine", "exit"]))
        with pytest.raises(TimeUp), limit(1):
            list(mapped(ends, ["endless"]))
        assert list(mapped(squared, range(4))) == [0, 1, 4, 9]


def test_check_and_discover_say_the_same_wherever_they_run(dask, tmp_path):
    path = tmp_path / "certificates"
    path.mkdir()
    for n in range(2, 7):
        assert relumax("prove", "--n", str(n), "-o", str(path / f"{n}.json")).returncode == 0
    whole = (path / "5.json").read_bytes()
    (path / "3.json").write_bytes(whole.replace(b'"proofs":', b'"proof":', 1))
    (path / "4.json").write_bytes(whole[:-20])
    places = ([], ["--workers", "2"], ["--workers", "3"], ["--dask", dask])
    for command in (["check", str(path)], ["check", str(path), "--json"], ["discover", "--n", "6"]):
        said = [relumax(*command, *more) for more in places]
        assert len({(one.stdout, one.returncode) for one in said}) == 1
        assert all(one.stderr == "" for one in said)


def test_a_cluster_that_is_not_there(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT", 1)
    for address in ("tcp://127.0.0.1:1", "nonsense", "tcp://127.0.0.1:x", ""):
        with on(dask=address), pytest.raises(ClusterError, match="no Dask scheduler answers at"):
            list(mapped(squared, [1]))
