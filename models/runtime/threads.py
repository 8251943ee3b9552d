"""How many threads torch, and numpy's and scipy's linear algebra, may take."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401  loaded before the libraries are listed: compiled loops multiply by its BLAS
import torch
from threadpoolctl import ThreadpoolController


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Run this thread's torch operations on one thread, and restore the number afterwards.

    Products of small matrices gain little from a second thread, and each operation would wait for it when another
    process has the core.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run numpy's and scipy's products on one thread, in the whole process, until all who asked for it have left."""
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()


class _Limit:
    """The limit that several threads of a process share: the first one sets it, the last one takes it away."""

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._limiter: Any = None

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._limiter = _libraries().limit(limits=1, user_api="blas")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limiter.restore_original_limits()


_limit = _Limit()


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
