"""How many networks to train at a time, and training the tiles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import torch

from genbounds.models.runtime.threads import one_blas_thread, one_torch_thread

_CACHE_SIZE = "/sys/devices/system/cpu/cpu0/cache/index3/size"  # Linux's, such as "32768K"
_USUAL_CACHE = 32 << 20
_LARGEST_CACHE = 64 << 20  # a larger one serves the cores of many other programs too
_LEAST_NETWORKS = 4
_planned: ContextVar[int | None] = ContextVar("bytes of the tiles that run at once", default=None)

Progress = Callable[[int, int], None]


class Work(Protocol):
    """The training of one tile."""

    def run(self, report: Callable[[int], bool]) -> None:
        """Train, call ``report(steps)`` after each block of steps, and stop where it says False."""


def parameter_count(widths: Sequence[int], bias: bool = True) -> int:
    """Number of parameters of one dense network.

    Example:
        >>> parameter_count([40, 100, 100, 2])
        14402
    """
    return sum(fan_out * (fan_in + bias) for fan_in, fan_out in pairwise(widths))


def plan_tiles(
    widths: Sequence[int],
    networks: int,
    batch_size: int,
    *,
    bias: bool = True,
    averages: int = 0,
    dtype: torch.dtype = torch.float32,
    device: str | torch.device = "cpu",
    threads: int = 1,
) -> list[slice]:
    """Cut K networks into tiles whose working set stays in the cache (CPU, see ``tile_bytes``) or in half the free memory (CUDA).

    A tile's working set is its parameters, the averages that go with them (1 for momentum, 2 for Adam), and the
    activations and gradients of one batch. On the CPU the tiles are of nearly equal size, and their number is a multiple of the threads.

    Example:
        >>> plan_tiles([2, 16, 2], 4, 32, threads=2)
        [slice(0, 2, None), slice(2, 4, None)]
    """
    itemsize = torch.empty(0, dtype=dtype).element_size()
    state = parameter_count(widths, bias) * (1 + averages)
    one = itemsize * (state + batch_size * (3 * sum(widths)))
    return cut(networks, one, device, threads)


def cut(networks: int, one: int, device: str | torch.device, threads: int) -> list[slice]:
    """Cut K networks, each with a working set of ``one`` bytes, into tiles: see ``plan_tiles``."""
    room = tile_bytes() // max(2, threads)
    if torch.device(device).type == "cuda":
        room = torch.cuda.mem_get_info(device)[0] // 2
    most = max(_LEAST_NETWORKS, room // one)
    count = max(1, -(-networks // most))
    if threads > 1:
        count = min(networks, -(-count // threads) * threads)
    edges = [networks * tile // count for tile in range(count + 1)]
    return [slice(*edge) for edge in pairwise(edges)]


def tile_bytes() -> int:
    """Bytes that the working sets of the tiles that run at once may take together: as planned, else as the system says of its cache.

    Example:
        >>> with planned_tiles(1 << 20):
        ...     tile_bytes()
        1048576
    """
    room = _planned.get()
    return cache_bytes() if room is None else room


@contextmanager
def planned_tiles(room: int | None) -> Iterator[None]:
    """Cut tiles for a working set of so many bytes, whatever this machine's cache; None: by its cache.

    If results must not depend on where they were computed, to the last bit, plan once and take the plan along: sums over a tile may be
    rounded differently in a tile of another size.
    """
    token = _planned.set(room)
    try:
        yield
    finally:
        _planned.reset(token)


@cache
def cache_bytes() -> int:
    """Half the last-level cache, the other half left to other processes, and no more than 32 MiB of it.

    Where the system does not say, as on a virtual machine, the cache is taken to be of 32 MiB.
    """
    try:
        size = int(Path(_CACHE_SIZE).read_text().removesuffix("K\n")) << 10
    except (OSError, ValueError):
        size = _USUAL_CACHE
    return min(size, _LARGEST_CACHE) // 2


def run_tiles(
    tiles: Sequence[Callable[[], Work]],
    sizes: Sequence[int],
    steps: int,
    threads: int,
    progress: Progress | None,
) -> None:
    """Train the tiles, ``threads`` at a time, each on one torch thread."""
    total, done, lock, stopped = steps * sum(sizes), 0, threading.Lock(), threading.Event()

    def run(tile: int) -> None:
        nonlocal done

        def report(new_steps: int) -> bool:
            nonlocal done
            with lock:
                done += new_steps * sizes[tile]
                if progress is not None:
                    progress(done, total)
            return not stopped.is_set()

        with one_torch_thread(), torch.no_grad():
            tiles[tile]().run(report)

    if threads == 1:
        with one_blas_thread():
            for tile in range(len(tiles)):
                run(tile)
        return
    with one_blas_thread(), ThreadPoolExecutor(threads) as executor:
        try:
            for future in [executor.submit(run, tile) for tile in range(len(tiles))]:
                future.result()
        except BaseException:
            stopped.set()
            executor.shutdown(cancel_futures=True)
            raise
