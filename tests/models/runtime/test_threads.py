"""Torch's threads inside and after a block."""

import pytest
import torch
from threadpoolctl import ThreadpoolController, threadpool_limits

from genbounds.models.runtime.threads import one_blas_thread, one_torch_thread


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
