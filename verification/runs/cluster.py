"""A dask cluster as an executor: `genbounds verify --cluster ADDRESS`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager


@contextmanager
def dask_executor(address: str, timeout: float = 30) -> Iterator[Executor]:
    """Connect to a dask scheduler, and give tiles to its workers for as long as the context lasts.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.5:8786".
        timeout: seconds to wait for it.

    Raises:
        ValueError: dask.distributed is not installed, or nobody answers at the address.

    A worker that dies loses its tile in flight, which the scheduler gives to another one.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ValueError("a cluster needs dask.distributed, which is not installed: pip install 'genbounds[cluster]'") from error
    try:
        client = Client(address, timeout=timeout, set_as_default=False)  # type: ignore[no-untyped-call,unused-ignore]
    except (OSError, TimeoutError, ValueError) as error:
        raise ValueError(f"cluster must be the address of a running dask scheduler, got {address!r}: {error}") from error
    with client:
        yield client.get_executor()  # type: ignore[no-untyped-call,unused-ignore]
