"""A dask cluster as an executor: ``genbounds verify --cluster ADDRESS``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager

from genbounds.verification.runs.workers import WorkersLostError

CLOSING = 1.0
"""Seconds to say goodbye to the scheduler, which may be gone."""


@contextmanager
def dask_executor(address: str, timeout: float = 30) -> Iterator[Executor]:
    """Connect to a dask scheduler, and give tiles to its workers for as long as the context lasts.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.5:8786".
        timeout: seconds to wait for it.

    Raises:
        ValueError: dask.distributed is not installed, or no scheduler answers at the address.
        WorkersLostError: the scheduler was lost meanwhile, or a tile killed every worker that it was given to.

    A worker that dies loses its tile in flight, which the scheduler gives to another one.
    """
    try:
        import distributed
        from distributed import Client
        from distributed.comm.core import CommClosedError
    except ModuleNotFoundError as error:
        raise ValueError("a cluster needs dask.distributed, which is not installed: pip install 'genbounds[cluster]'") from error
    with _quiet():
        try:
            client = Client(address, timeout=timeout, set_as_default=False)  # type: ignore[no-untyped-call,unused-ignore]
        except (OSError, TimeoutError, ValueError) as error:
            raise ValueError(f"cluster must be the address of a running dask scheduler, got {address!r}: {error}") from error
        try:
            yield client.get_executor()  # type: ignore[no-untyped-call,unused-ignore]
        except distributed.KilledWorker as error:
            raise WorkersLostError(
                f"the workers of the dask scheduler {address} died one after the other, perhaps for want of memory; what was finished is "
                "kept: run again with larger workers"
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise WorkersLostError(
                f"the dask scheduler {address} was lost; what was finished is kept: start it again, and run the same command"
            ) from error
        finally:
            client.close(timeout=CLOSING)  # type: ignore[no-untyped-call,unused-ignore]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without dask's own reports of a connection that was lost: one clear error says so."""
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)
