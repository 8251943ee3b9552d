"""The runner: resuming after kill -9, Ctrl-C and dead workers, two runs at once, executors of every kind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from genbounds.verification.runs.cells import canonical_json
from genbounds.verification.runs.plan import Tile
from genbounds.verification.runs.run import Progress, _Tiles, results, run
from genbounds.verification.runs.store import Store, StoreError
from genbounds.verification.runs.workers import Workers, WorkersLostError

DUMMIES = Path(__file__).parents[1] / "dummies"
sys.path.insert(0, str(DUMMIES))  # Spawned workers take over sys.path, and find the study there.

from counting_study import Counting, Number  # noqa: E402


def diary(path: Path) -> list[int]:
    return [int(line.split()[0]) for line in path.read_text().splitlines()] if path.exists() else []


def report(study: Counting, folder: Path) -> str:
    """What a report would be made of."""
    return canonical_json([[cell, result] for cell, result in results([study], Store(folder))[study.name]])


class Finished(Executor):
    """Every future is done when it is given."""

    def submit(self, function, /, *arguments):  # type: ignore[no-untyped-def,override]
        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


def start(
    folder: Path, count: int, tile: int, pause: float, *more: str, program: bool = False, endless: int | None = None, together: int = 1
) -> subprocess.Popen[bytes]:
    """A run in a process of its own; as a program, it ends as the command line does.

    It begins once ``together`` processes have started in the folder: how long an interpreter takes to start does not matter then.
    """
    guard = "ends_soon_after_interrupt(130)" if program else "contextlib.nullcontext()"
    code = (
        "import contextlib, os, pathlib, sys, time\n"
        f"sys.path.insert(0, {str(DUMMIES)!r})\n"
        "from counting_study import Counting\n"
        "from genbounds.verification.runs.interrupts import ends_soon_after_interrupt\n"
        "from genbounds.verification.runs.run import run\n"
        "if __name__ == '__main__':\n"
        f"  with {guard}:\n"
        f"    study = Counting({count}, {str(folder / 'diary')!r}, {tile}, {pause}, endless={endless})\n"
        f"    folder = pathlib.Path({str(folder)!r})\n"
        "    (folder / f'ready-{os.getpid()}').touch()\n"
        f"    while len(list(folder.glob('ready-*'))) < {together}:\n"
        "      time.sleep(0.001)\n"
        "    try:\n"
        f"        run([study], {str(folder)!r}, {', '.join(more)})\n"
        "    except KeyboardInterrupt:\n"
        "        sys.exit(130)\n"
    )
    script = folder / "script.py"
    folder.mkdir(exist_ok=True)
    script.write_text(code)
    # A shell's background job ignores Ctrl-C, and its children inherit that: here it is wanted back.
    return subprocess.Popen(
        [sys.executable, str(script)], stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)
    )


def wait_for(path: Path, lines: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while len(diary(path)) < lines:
        assert time.monotonic() < deadline, "the run never got that far"
        time.sleep(0.02)


def test_every_cell_runs_once_in_tiles_on_one_thread(tmp_path: Path) -> None:
    study = Counting(8, str(tmp_path / "diary"))
    seen: list[Progress] = []
    store = run([study], tmp_path, progress=seen.append)
    assert diary(tmp_path / "diary") == list(range(8))
    assert {line.split()[1] for line in (tmp_path / "diary").read_text().splitlines()} == {"1"}
    assert [event.done for event in seen] == [0, 3, 6, 8]
    assert {event.total for event in seen} == {8}
    found = results([study], store)["counting"]
    assert [cell for cell, _ in found] == [Number(value) for value in range(8)]
    assert [result["square"] for _, result in found] == [value**2 for value in range(8)]


def test_a_rerun_computes_nothing(tmp_path: Path) -> None:
    study = Counting(8, str(tmp_path / "diary"))
    run([study], tmp_path)
    before = report(study, tmp_path)
    run([study], tmp_path)
    assert len(diary(tmp_path / "diary")) == 8
    assert report(study, tmp_path) == before


def test_new_cells_get_new_tiles_and_the_old_plan_stays(tmp_path: Path) -> None:
    run([Counting(4, str(tmp_path / "diary"))], tmp_path)
    first = json.loads((tmp_path / "plan.json").read_text())["tiles"]["counting"]
    run([Counting(9, str(tmp_path / "diary"), tile_size=100)], tmp_path)
    second = json.loads((tmp_path / "plan.json").read_text())["tiles"]["counting"]
    assert [len(tile) for tile in first] == [3, 1]
    assert second[:2] == first
    assert [len(tile) for tile in second] == [3, 1, 5]
    assert diary(tmp_path / "diary") == list(range(9))


def test_a_raised_revision_runs_everything_again(tmp_path: Path) -> None:
    study = Counting(4, str(tmp_path / "diary"))
    run([study], tmp_path)
    study.revision = 2
    run([study], tmp_path)
    assert len(diary(tmp_path / "diary")) == 8


def test_groups_never_share_a_tile(tmp_path: Path) -> None:
    class Parity(Counting):
        def group(self, cell: Number) -> int:
            return cell.value % 2

    run([Parity(8, str(tmp_path / "diary"))], tmp_path)
    assert diary(tmp_path / "diary") == [0, 2, 4, 6, 1, 3, 5, 7]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_killed_and_started_again_it_finishes_without_repeating(tmp_path: Path, workers: int) -> None:
    """kill -9 in the middle; what had been written is not computed again, at most the tiles in flight are."""
    folder, count, tile = tmp_path / "killed", 30, 2
    process = start(folder, count, tile, 0.1, f"workers={workers}")
    wait_for(folder / "diary", 9)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = {record.cell["value"] for record in Store(folder).records()}
    computed = set(diary(folder / "diary"))
    in_flight = max(1, workers) * tile  # one tile for each worker
    assert 0 < len(kept) < count
    assert len(computed - kept) <= in_flight
    os.truncate(folder / "diary", 0)
    study = Counting(count, str(folder / "diary"), tile)
    run([study], folder, workers=workers)
    assert sorted(diary(folder / "diary")) == sorted(set(range(count)) - kept)
    undisturbed = Counting(count, str(tmp_path / "other diary"), tile)
    run([undisturbed], tmp_path / "undisturbed")
    assert report(study, folder) == report(undisturbed, tmp_path / "undisturbed")


@pytest.mark.slow
def test_workers_end_with_a_killed_driver(tmp_path: Path) -> None:
    folder = tmp_path / "orphans"
    process = start(folder, 400, 1, 0.1, "workers=2")
    wait_for(folder / "diary", 4)
    process.kill()
    process.wait()
    time.sleep(1.0)
    length = len(diary(folder / "diary"))
    time.sleep(0.5)
    assert len(diary(folder / "diary")) == length


@pytest.mark.slow
def test_control_c_keeps_what_was_finished(tmp_path: Path) -> None:
    folder = tmp_path / "interrupted"
    process = start(folder, 40, 2, 0.1)
    wait_for(folder / "diary", 9)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) != 0
    kept = len(Store(folder).keys())
    assert len(diary(folder / "diary")) - 2 <= kept < 40


def alive(process: int) -> bool:
    """Whether it runs: a zombie that nobody has asked for its status does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_control_c_ends_within_two_seconds_whatever_a_tile_does(tmp_path: Path, workers: int) -> None:
    """The last cells never end, and are deaf to Ctrl-C. Exit status 130, every finished tile kept, no process left behind."""
    folder = tmp_path / "deaf"
    process = start(folder, 8, 1, 0.0, f"workers={workers}", program=True, endless=6)
    deadline = time.monotonic() + 120
    while len(Store(folder).keys()) < 6:
        assert time.monotonic() < deadline, "the run never got that far"
        time.sleep(0.1)
    children = [int(child) for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    told = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert time.monotonic() - told < 2
    assert {record.cell["value"] for record in Store(folder).records()} == set(range(6))
    time.sleep(1)
    assert not any(map(alive, children))


def test_tiles_that_are_finished_when_ctrl_c_comes_are_kept(tmp_path: Path) -> None:
    """All six tiles are done when the first one is reported; the report is interrupted."""

    def interrupt(progress: Progress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([Counting(6, str(tmp_path / "diary"), tile_size=1)], tmp_path, executor=Finished(), progress=interrupt)
    assert len(Store(tmp_path).keys()) == 6


def test_other_tiles_that_are_finished_are_kept_when_one_fails(tmp_path: Path) -> None:
    with pytest.raises(ArithmeticError):
        run([Counting(6, str(tmp_path / "diary"), tile_size=1, wrong=0)], tmp_path, executor=Finished())
    assert len(Store(tmp_path).keys()) == 5


def test_a_torn_tile_runs_whole_and_only_what_was_lost_is_written(tmp_path: Path) -> None:
    study = Counting(6, str(tmp_path / "diary"))
    run([study], tmp_path)
    expected = report(study, tmp_path)
    file = next((tmp_path / "runs").glob("*.jsonl"))
    os.truncate(file, file.stat().st_size - 20)
    with pytest.warns(UserWarning, match="line 6"):
        run([study], tmp_path)
    assert diary(tmp_path / "diary") == [0, 1, 2, 3, 4, 5, 3, 4, 5]
    with pytest.warns(UserWarning, match="line 6"):
        assert report(study, tmp_path) == expected
    assert sum(len(path.read_bytes().splitlines()) for path in (tmp_path / "runs").glob("*.jsonl")) == 7


@pytest.mark.slow
def test_two_runs_into_one_folder_corrupt_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    both = [start(folder, 30, 2, 0.1, together=2) for _ in range(2)]
    for process in both:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    study = Counting(30, str(folder / "diary"), 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [result["square"] for _, result in results([study], Store(folder))["counting"]] == [n**2 for n in range(30)]
    assert len(list((folder / "runs").glob("*.jsonl"))) == 2


def test_two_runs_that_disagree_are_reported(tmp_path: Path) -> None:
    study = Counting(3, str(tmp_path / "diary"))
    run([study], tmp_path)
    run([Counting(3, str(tmp_path / "diary"), offset=1)], tmp_path / "elsewhere")
    stray = next((tmp_path / "elsewhere" / "runs").glob("*.jsonl"))
    stray.rename(tmp_path / "runs" / stray.name)
    with pytest.raises(StoreError, match="different results"):
        run([study], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["threads", "spawned"])
def test_any_executor_gives_the_same_results(tmp_path: Path, kind: str) -> None:
    study = Counting(10, str(tmp_path / "diary"))
    run([study], tmp_path / "here")
    if kind == "threads":
        with ThreadPoolExecutor(2) as executor:
            run([study], tmp_path / "there", executor=executor)
    else:
        run([study], tmp_path / "there", workers=2)
    assert report(study, tmp_path / "there") == report(study, tmp_path / "here")


@pytest.mark.slow
def test_a_dead_worker_is_said_and_the_rest_is_kept(tmp_path: Path) -> None:
    doomed = Counting(12, str(tmp_path / "diary"), tile_size=1, pause=0.05, fatal=11)
    with pytest.raises(WorkersLostError, match=r"by signal 9.*fewer workers"):
        run([doomed], tmp_path, workers=1)
    kept = len(Store(tmp_path).keys())
    assert kept == 11
    healthy = Counting(12, str(tmp_path / "diary"), tile_size=1)
    run([healthy], tmp_path)
    assert len(results([healthy], Store(tmp_path))["counting"]) == 12


def test_an_error_of_a_study_comes_through_with_the_cell(tmp_path: Path) -> None:
    with pytest.raises(ArithmeticError) as caught:
        run([Counting(9, str(tmp_path / "diary"), wrong=4)], tmp_path)
    assert "counting" in caught.value.__notes__[0]
    assert "Number(value=3" in caught.value.__notes__[0]
    assert len(Store(tmp_path).keys()) == 3


@pytest.mark.slow
def test_memory_does_not_hold_a_future_for_every_cell(tmp_path: Path) -> None:
    """Only a bounded number of tiles is out at once: the iterator of tiles is drawn from as results come in."""
    most = 0

    class Watching(ThreadPoolExecutor):
        def submit(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def,override]
            nonlocal most
            most = max(most, self._work_queue.qsize())
            return super().submit(*args, **kwargs)  # type: ignore[arg-type]

    with Watching(1) as executor:
        run([Counting(700, str(tmp_path / "diary"), tile_size=1)], tmp_path, executor=executor)
    assert most <= 256


def test_wrong_use(tmp_path: Path) -> None:
    study = Counting(3, str(tmp_path / "diary"))
    with pytest.raises(ValueError, match="distinct names"):
        run([study, study], tmp_path)
    with pytest.raises(ValueError, match="workers must be"):
        run([study], tmp_path, workers=-1)
    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match="workers must be 0"):
        run([study], tmp_path, executor=executor, workers=2)
    with pytest.raises(StoreError, match="3 of 3 are missing"):
        results([study], Store(tmp_path))
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(StoreError, match="must be a tile plan"):
        run([study], tmp_path)
    study.tile_size = 0
    (tmp_path / "plan.json").unlink()
    with pytest.raises(ValueError, match="tile_size"):
        run([study], tmp_path)


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(StoreError, match="must be writable"):
        run([Counting(3, str(tmp_path / "diary"))], tmp_path / "out")
    assert diary(tmp_path / "diary") == []


def test_a_worker_stays_with_its_study_and_helps_where_none_is_left_untouched() -> None:
    def of(name: str, count: int) -> list[Tile]:
        study = Counting(1, "")
        study.name = name
        return [Tile(study, (f"{name}{place}",), (), frozenset()) for place in range(count)]

    tiles = _Tiles({name: iter(of(name, count)) for name, count in (("a", 3), ("b", 1), ("c", 1))})

    def took(worker: int | None) -> str:
        tile = tiles.next_for(worker)
        return "" if tile is None else tile.keys[0]

    assert [took(worker) for worker in (0, 1, 0, 1, 1, 0)] == ["a0", "b0", "a1", "c0", "a2", ""]
    anyone = _Tiles({name: iter(of(name, 2)) for name in "ab"})
    assert [tile.keys[0] for tile in iter(lambda: anyone.next_for(None), None)] == ["a0", "a1", "b0", "b1"]


@pytest.mark.slow
def test_processes_that_there_are_already_are_used_and_left_open(tmp_path: Path) -> None:
    study = Counting(8, str(tmp_path / "diary"))
    with Workers(2) as workers:
        run([study], tmp_path, executor=workers)
        assert sorted(diary(tmp_path / "diary")) == list(range(8))
        assert workers.each([(pow, (2, power)) for power in range(5)]) == [1, 2, 4, 8, 16]
        with pytest.raises(ZeroDivisionError):
            workers.each([(divmod, (1, 0))])
        assert workers.each([]) == []
    run([Counting(8, str(tmp_path / "alone" / "diary"))], tmp_path / "alone")
    assert report(study, tmp_path) == report(study, tmp_path / "alone")
