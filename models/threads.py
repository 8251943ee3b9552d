"""How many threads torch may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


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
