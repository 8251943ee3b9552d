"""Torch's threads inside and after a block."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from threadpoolctl import ThreadpoolController, threadpool_limits

from genbounds.models.runtime.threads import VARIABLES, one_blas_thread, one_thread, one_torch_thread


def test_one_thread_inside_and_as_many_as_before_afterwards():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        with one_torch_thread(), one_torch_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
        with pytest.raises(RuntimeError, match="inside"), one_torch_thread():
            raise RuntimeError("inside")
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_products_have_one_thread_until_all_who_asked_have_left():
    def threads() -> set[int]:
        return {library.num_threads for library in ThreadpoolController().select(user_api="blas").lib_controllers}

    with threadpool_limits(2, user_api="blas"):
        before = threads()
        first, second = one_blas_thread(), one_blas_thread()
        first.__enter__()
        second.__enter__()
        assert threads() == {1}
        first.__exit__(None, None, None)
        assert threads() == {1}
        second.__exit__(None, None, None)
        assert threads() == before


def counts() -> set[int]:
    return {library.num_threads for library in ThreadpoolController().lib_controllers} | {torch.get_num_threads()}


def test_every_library_has_one_thread_and_as_many_as_before_afterwards(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    torch_before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        with threadpool_limits(2, user_api="blas"):
            before = counts()
            with one_thread(), one_thread():
                assert counts() == {1}
                assert {os.environ[name] for name in VARIABLES} == {"1"}  # for libraries that are loaded now, and processes
            assert counts() == before
            assert os.environ["OMP_NUM_THREADS"] == "7"
            with pytest.raises(RuntimeError, match="inside"), one_thread():
                raise RuntimeError("inside")
            assert counts() == before
    finally:
        torch.set_num_threads(torch_before)


def test_each_thread_of_python_has_one_thread():
    """OpenMP counts for each thread of Python: what one has set does not hold for another."""

    def ask(_: int) -> set[int]:
        with one_thread():
            return counts()

    with one_thread(), ThreadPoolExecutor(2) as executor:
        assert list(executor.map(ask, range(4))) == [{1}] * 4


@pytest.mark.slow
def test_loops_that_numba_shares_have_one_thread():
    """In a process of its own, as nothing ends the threads that numba starts."""
    code = (
        "import numba\n"
        "from genbounds.models.runtime.threads import one_thread\n"
        "numba.set_num_threads(2)\n"
        "with one_thread():\n"
        "    assert numba.get_num_threads() == 1\n"
        "assert numba.get_num_threads() == 2\n"
    )
    environment = {**os.environ, "NUMBA_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, env=environment)
