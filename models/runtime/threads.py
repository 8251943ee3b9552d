"""How many threads the libraries take: torch, the linear algebra of numpy and scipy, OpenMP, numba."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401  loaded before the libraries are listed: compiled loops multiply by its BLAS
import torch
from threadpoolctl import ThreadpoolController

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Read by a library when it is loaded, and by the processes that are started meanwhile."""


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
    with _blas:
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """Run every library on one thread: torch, all BLAS and OpenMP libraries of the process, numba, and what is loaded meanwhile.

    A sum that is shared among threads is added up in another order, and its last bits depend on their number: what must come out
    the same wherever it is computed is computed inside this. BLAS libraries are limited in the whole process, until all who asked for
    it have left; what OpenMP and numba share is limited in this thread of Python, which is how they count.

    >>> with one_thread():
    ...     torch.get_num_threads(), sorted({library["num_threads"] for library in ThreadpoolController().info()})
    (1, [1])
    """
    with ExitStack() as stack:
        stack.enter_context(_blas_and_variables)
        stack.enter_context(ThreadpoolController().limit(limits=1, user_api="openmp"))
        stack.enter_context(one_torch_thread())
        stack.enter_context(_one_numba_thread())
        yield


@contextmanager
def _one_numba_thread() -> Iterator[None]:
    """For loops that numba shares among threads, if there have been any: to ask for their number would start them.

    Compiled loops of this package are not shared.
    """
    numba, parallel = sys.modules.get("numba"), sys.modules.get("numba.np.ufunc.parallel")
    if numba is None or not getattr(parallel, "_is_initialized", False):
        yield
        return
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


class _Limit:
    """A limit that several threads of a process share: the first one sets it, the last one takes it away."""

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0
        self._stack = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._set(self._stack)
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._stack.close()

    def _set(self, stack: ExitStack) -> None:
        """Set the limit, and push on the stack what takes it away."""
        stack.enter_context(_libraries().limit(limits=1, user_api="blas"))


class _WholeLimit(_Limit):
    """Of all BLAS libraries: those that are loaded, which are listed anew each time, and those that will be."""

    def _set(self, stack: ExitStack) -> None:
        before = {name: os.environ.get(name) for name in VARIABLES}
        stack.callback(_restore, before)
        os.environ.update(dict.fromkeys(VARIABLES, "1"))
        stack.enter_context(ThreadpoolController().limit(limits=1, user_api="blas"))


def _restore(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


_blas, _blas_and_variables = _Limit(), _WholeLimit()


@cache
def _libraries() -> Any:
    return ThreadpoolController()
