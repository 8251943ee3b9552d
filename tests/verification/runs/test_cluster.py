"""A dask cluster: the results of the same tile plan are those of one process, bit for bit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genbounds.verification.runs.cluster import dask_executor
from genbounds.verification.runs.run import results, run
from genbounds.verification.runs.store import Store
from genbounds.verification.runs.workers import WorkersLostError

distributed = pytest.importorskip("distributed")
DUMMIES = Path(__file__).parents[1] / "dummies"
sys.path.insert(0, str(DUMMIES))

from counting_study import Counting  # noqa: E402
from training_study import Training  # noqa: E402


@pytest.fixture(scope="module")
def address():
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(DUMMIES), *([before] if before else [])])  # the workers find the study there
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


@pytest.mark.slow
def test_a_cluster_gives_the_same_bits(address: str, tmp_path: Path) -> None:
    study = Training(50, tile_size=16)
    here = results([study], run([study], tmp_path / "here"))["training"]
    (tmp_path / "there").mkdir()
    shutil.copy(tmp_path / "here" / "plan.json", tmp_path / "there")
    study.tile_size = 7  # the plan that is there decides
    with dask_executor(address) as executor:
        store = run([study], tmp_path / "there", executor=executor)
    assert results([study], store)["training"] == here
    assert {record.about["tile"] for record in store.read().values()} == {16, 2}


@pytest.mark.slow
def test_a_killed_worker_loses_its_tile_alone(address: str, tmp_path: Path) -> None:
    """kill -9 of one of two workers in the middle: the scheduler hands its tile to another, and every cell is there."""
    study = Training(4000, tile_size=10)
    killed = False

    def kill(progress: object) -> None:
        nonlocal killed
        if not killed and progress.done >= 200:  # type: ignore[attr-defined]
            killed = True
            with distributed.Client(address, set_as_default=False) as client:
                one = next(iter(client.scheduler_info()["workers"]))
                pid = client.run(os.getpid, workers=[one])[one]
            os.kill(pid, 9)

    with dask_executor(address) as executor:
        store = run([study], tmp_path, executor=executor, progress=kill)
    assert killed
    assert len(results([study], store)["training"]) == 4000


@pytest.mark.slow
def test_a_lost_scheduler_is_said_and_what_was_finished_is_kept(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(DUMMIES)}
    commands = (
        "distributed.cli.dask_scheduler --host 127.0.0.1 --port 0 --no-dashboard --scheduler-file",
        "distributed.cli.dask_worker --nthreads 1 --no-dashboard --scheduler-file",
    )
    place = str(tmp_path / "scheduler.json")
    both = [
        subprocess.Popen([sys.executable, "-m", *command.split(), place], env=environment, stderr=subprocess.DEVNULL)
        for command in commands
    ]

    def lose(progress: object) -> None:
        if progress.done >= 12:  # type: ignore[attr-defined]
            both[0].kill()

    try:
        while not Path(place).exists():
            time.sleep(0.1)
        address = json.loads(Path(place).read_text())["address"]
        study = Counting(300, str(tmp_path / "diary"), 3, 0.1)
        with pytest.raises(WorkersLostError, match="was lost"), dask_executor(address, timeout=60) as executor:
            run([study], tmp_path / "out", executor=executor, progress=lose)
    finally:
        for process in both:
            process.kill()
            process.wait()
    assert 12 <= len(Store(tmp_path / "out").keys()) < 300


def test_nobody_at_the_address_is_said() -> None:
    with pytest.raises(ValueError, match="running dask scheduler"), dask_executor("tcp://127.0.0.1:9", timeout=0.5):
        pass
