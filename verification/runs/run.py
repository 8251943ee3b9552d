"""Running studies: missing cells go, a tile at a time, to any ``concurrent.futures.Executor``, and results to the store.

In-process by default; ``workers=2`` for spawned worker processes; or give an executor: ``dask.distributed``'s
``Client(...).get_executor()``, loky's, MPI's. A tile runs on one thread wherever it runs, whatever library it uses: its last bits depend on
neither the machine's cores nor the environment.
"""

from __future__ import annotations

import os
import platform
import time
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from genbounds.verification.runs.cells import Cell, Result, Study, fields
from genbounds.verification.runs.interrupts import uninterrupted
from genbounds.verification.runs.plan import Tile, missing_tiles, named_cells, planned_tile_bytes
from genbounds.verification.runs.store import RUNS, OutdatedWarning, Record, Store, StoreError, Writer
from genbounds.verification.runs.workers import Workers, WorkersLostError

IN_FLIGHT = 256
"""Tiles handed out at once to an executor that was given: enough for a cluster, and what a crash of the driver can lose."""
GRACE = 0.25
"""Seconds after Ctrl-C or an error in which tiles that finish are still kept."""

T = TypeVar("T")
Answer: TypeAlias = tuple[list[Result], dict[str, Any]]
"""The results of a tile, and when, where and how long."""


@dataclass(frozen=True)
class Progress:
    """Told to the callback after each tile, and once at the start: cells finished (earlier runs included) and in all."""

    study: str
    done: int
    total: int
    seconds: float


class InProcess(Executor):
    """An executor without processes or threads: ``submit`` runs the call and returns a finished future.

    >>> InProcess().submit(pow, 2, 10).result()
    1024
    """

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run the call now. Ctrl-C passes through; every other error is kept in the future."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def run(
    studies: Sequence[Study],
    out: str | os.PathLike[str],
    executor: Executor | Workers | None = None,
    workers: int = 0,
    progress: Callable[[Progress], None] | None = None,
) -> Store:
    """Compute every cell of the studies that the folder does not hold yet.

    Killed or interrupted and started again, it continues: finished tiles are not repeated, and at most the one tile that each worker
    was at is lost. After Ctrl-C (``KeyboardInterrupt``) workers are ended at once. Two runs into one folder do some work twice and
    corrupt nothing.

    Args:
        studies: what to run; their names are unique.
        out: the run folder, made if it is not there.
        executor: where tiles run, or worker processes that there are already; it is left open. Default: in this process.
        workers: a number of spawned worker processes instead (0: none).
        progress: called in this process, after each tile.

    Returns:
        the store, with all cells in it; ``results`` reads them in order.

    Raises:
        StoreError: the folder can't be written, the disk is full, or earlier runs contradict each other.
        ValueError: both executor and workers, a negative number of workers, two studies of one name, equal cells.
        WorkersLostError: a worker process died, or an executor that was given lost its own.

    >>> import tempfile
    >>> from genbounds.verification.studies.enumeration import Enumeration
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = run([Enumeration()], folder)
    ...     len(store.keys()), len(results([Enumeration()], store)["enumeration"])
    (10, 10)
    """
    if executor is not None and workers:
        raise ValueError(f"workers must be 0 when an executor is given, got {workers}: the executor has its own")
    if isinstance(workers, bool) or workers != int(workers) or workers < 0:
        raise ValueError(f"workers must be a whole number of processes, not negative, got {workers}")
    names = [study.name for study in studies]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"studies must have distinct names, got {name!r} twice: give each study once")
    store = Store(out)
    store.prepare()
    from genbounds.models.runtime.threads import one_thread

    with one_thread(), ExitStack() as stack:  # also for what is computed once, such as a population, and for the processes that are started
        done = store.keys()
        _say_outdated(store)
        cells = {study.name: named_cells(study) for study in studies}
        counter = _Counter(progress, {name: len(named) for name, named in cells.items()}, time.monotonic())
        for name, named in cells.items():
            counter.add(name, sum(key in done for key in named))
        unfinished = [study for study in studies if not cells[study.name].keys() <= done]
        tile_bytes = planned_tile_bytes(store.folder, unfinished)
        tiles = _Tiles({study.name: missing_tiles(store.folder, study, cells[study.name], done) for study in unfinished})
        writer = stack.enter_context(store.writer())
        if executor is None:
            executor = stack.enter_context(Workers(workers)) if workers else InProcess()
        in_flight = executor.number if isinstance(executor, Workers) else 1 if isinstance(executor, InProcess) else IN_FLIGHT
        _drive(executor, in_flight, tiles, tile_bytes, writer, counter)
    return store


def _say_outdated(store: Store) -> None:
    """Say of which studies results are in the folder that today's catalogue would not give."""
    counts = Counter(store.outdated.values())
    if counts:
        listed = ", ".join(f"{count} of {study}" for study, count in sorted(counts.items()))
        warnings.warn(
            f"{store.folder}: results of theorems that have changed since ({listed}) are left aside, and their cells run again",
            OutdatedWarning,
            stacklevel=3,
        )


def results(studies: Sequence[Study], store: Store) -> dict[str, list[tuple[Cell, Result]]]:
    """The results of the studies by name, each in the order of the study's cells, whatever order they were computed in.

    Raises:
        StoreError: cells are missing.
    """
    records = store.read()
    found: dict[str, list[tuple[Cell, Result]]] = {}
    for study in studies:
        named = named_cells(study)
        missing = sum(key not in records for key in named)
        if missing:
            raise StoreError(
                f"{store.folder} must hold every cell of study {study.name!r}, but {missing} of {len(named)} are missing: "
                "run it again, and it continues"
            )
        found[study.name] = [(cell, records[key].result) for key, cell in named.items()]
    return found


def rows_of(study: Study, found: Sequence[tuple[Cell, Result]], folder: Path) -> Sequence[Any]:
    """The rows that a study makes of the results that were read from a folder.

    Raises:
        StoreError: the results lack a field that the rows are made of (the message names file and line), or hold something else in it.
    """
    try:
        return study.rows([cell for cell, _ in found], [result for _, result in found])
    except (LookupError, TypeError, AttributeError) as error:
        raise StoreError(
            f"{folder / RUNS} must hold results of study {study.name!r} as this version of genbounds writes them, got some that no rows "
            f"can be made of ({type(error).__name__}: {str(error)[:200]}): a file there was changed by hand, or other code wrote it; "
            "move it away, and its cells run again (a new folder that ends so too shows a fault of genbounds: please report it)"
        ) from error


class _Tiles:
    """The tiles that are still to run, by study.

    A worker stays with a study: what its tiles share (worlds, populations, compiled loops) is then made in one process and not in each.
    Others help only where there is no study left that nobody has begun.
    """

    def __init__(self, by_study: dict[str, Iterator[Tile]]) -> None:
        self._left = by_study
        self._begun: dict[int, str] = {}

    def next_for(self, worker: int | None) -> Tile | None:
        """The next tile for a worker, or in the order of the studies where it is not known who takes it; None if there is none left."""
        own = self._begun.get(worker, "") if worker is not None else ""
        taken = {*self._begun.values()} if worker is not None else set()
        for name in sorted(self._left, key=lambda name: (name != own, name in taken)):  # sorting keeps the order of equals
            tile = next(self._left[name], None)
            if tile is not None:
                if worker is not None:
                    self._begun[worker] = name
                return tile
            del self._left[name]
        return None


def _drive(executor: Executor | Workers, in_flight: int, tiles: _Tiles, tile_bytes: int | None, writer: Writer, counter: _Counter) -> None:
    """Keep the executor busy with a few tiles, and write each as it comes back; what has come back at an error or Ctrl-C is written too."""
    pending: dict[Future[Answer], Tile] = {}
    try:
        while True:
            while len(pending) < in_flight:
                tile = tiles.next_for(executor.next_worker if isinstance(executor, Workers) else None)
                if tile is None:
                    break
                pending[executor.submit(run_tile, tile.study, tile.cells, tile_bytes)] = tile
            if not pending:
                return
            for future in _finished(executor, pending):
                kept = _keep(future, pending, writer)
                counter.add(kept.study.name, len(kept.wanted))
    except BaseException as error:
        _salvage(executor, pending, writer)
        if isinstance(error, BrokenExecutor):
            raise WorkersLostError(
                "a worker process died, perhaps for want of memory; what was finished is kept: run again with fewer workers"
            ) from error
        raise


def _finished(executor: Executor | Workers, pending: Iterable[Future[Answer]], timeout: float | None = None) -> Collection[Future[Answer]]:
    if isinstance(executor, Workers):
        return executor.finished(timeout)
    return wait(pending, timeout, return_when=FIRST_COMPLETED).done


def _keep(future: Future[Answer], pending: dict[Future[Answer], Tile], writer: Writer) -> Tile:
    """Write the tile of a future that is done; raises what its computation raised."""
    with uninterrupted():
        tile = pending.pop(future)
        found, about = future.result()
        writer.write(_records(tile, found, about))
    return tile


def _salvage(executor: Executor | Workers, pending: dict[Future[Answer], Tile], writer: Writer) -> None:
    """Drop what has not begun, and write what is finished, or in ``GRACE`` seconds will be."""
    for future in list(pending):
        if not isinstance(executor, Workers) and future.cancel():
            del pending[future]
    end = time.monotonic() + GRACE
    with suppress(StoreError):  # where the disk is full, that is what is raised already
        while pending and (left := end - time.monotonic()) > 0:
            for future in [*_finished(executor, pending, left)]:
                if future.cancelled() or future.exception() is not None:
                    pending.pop(future, None)
                elif future in pending:
                    _keep(future, pending, writer)


def run_tile(study: Study, cells: Sequence[Cell], tile_bytes: int | None = None) -> Answer:
    """What one worker does with one tile: the study's results, and when, where and how long.

    ``tile_bytes``: see ``genbounds.verification.runs.plan.planned_tile_bytes``.

    Raises:
        ValueError: the study returned another number of results than it was given cells.
    """
    import torch

    from genbounds.models.runtime.threads import one_thread

    start = time.perf_counter()
    try:
        with one_thread(), _tiles_of(tile_bytes):
            found = list(study.run_tile(cells))
    except Exception as error:
        error.add_note(f"in study {study.name!r}, in a tile of {len(cells)} cells that starts with {cells[0]!r}")
        raise
    if len(found) != len(cells):
        raise ValueError(f"run_tile of study {study.name!r} must return one result per cell, got {len(found)} for {len(cells)}")
    about = {
        "seconds": round(time.perf_counter() - start, 6),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": platform.machine(),
        "torch": str(torch.__version__),
        "tile": len(cells),
    }
    return found, about


def _tiles_of(tile_bytes: int | None) -> AbstractContextManager[None]:
    if tile_bytes is None:
        return nullcontext()
    from genbounds.models.ensemble.tiles import planned_tiles

    return planned_tiles(tile_bytes)


def _records(tile: Tile, found: Sequence[Result], about: dict[str, Any]) -> list[Record]:
    return [
        Record(key, tile.study.name, fields(cell), result, about)
        for key, cell, result in zip(tile.keys, tile.cells, found, strict=True)
        if key in tile.wanted
    ]


class _Counter:
    """Adds up finished cells and tells the callback."""

    def __init__(self, callback: Callable[[Progress], None] | None, totals: dict[str, int], start: float) -> None:
        self._callback = callback
        self._totals = totals
        self._done = dict.fromkeys(totals, 0)
        self._start = start

    def add(self, study: str, cells: int) -> None:
        self._done[study] += cells
        if self._callback is not None:
            self._callback(Progress(study, self._done[study], self._totals[study], time.monotonic() - self._start))
