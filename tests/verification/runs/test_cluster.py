"""A dask cluster: the results of the same tile plan are those of one process, bit for bit."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from genbounds.verification.runs.cluster import dask_executor
from genbounds.verification.runs.run import results, run

distributed = pytest.importorskip("distributed")
DUMMIES = Path(__file__).parent / "dummies"
sys.path.insert(0, str(DUMMIES))

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


def test_nobody_at_the_address_is_said() -> None:
    with pytest.raises(ValueError, match="running dask scheduler"), dask_executor("tcp://127.0.0.1:9", timeout=0.5):
        pass
