"""Products of K pairs of small matrices, by whatever is fastest where the tensors lie.

``torch.bmm`` is MKL's on the CPU. On Intel's processors it has kernels for small matrices of any layout, and adds a product
to its target in one go. On other makes it has none, and a stack of small matrices goes to numpy, whose OpenBLAS has
kernels for matrices that fit the cache and need no packing: a fifth to a half faster from 100 rows on, several times
faster at 16. They are at their best where the second factor's rows lie in memory one after the other, so callers arrange
for that. Larger matrices, and all matrices on a GPU, go to ``torch.bmm`` everywhere.

The choice rests on the make of the processor and on nothing that is measured, so that results stay the same bit for bit.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

_SMALL = 10**6
"""Multiplications in one product up to which numpy's is the faster: the limit of OpenBLAS's small-matrix kernels."""


@cache
def _made_by_intel() -> bool:
    """Whether the processor is one of Intel's; False where the system does not say."""
    try:
        return "GenuineIntel" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


def is_small(rows: int, inner: int, columns: int, device: torch.device) -> bool:
    """Whether ``multiply`` hands products of this shape to numpy."""
    return device.type == "cpu" and rows * inner * columns <= _SMALL and not _made_by_intel()


def multiply(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """out = a @ b for stacks (K, m, k) and (K, k, n), either of which may be one matrix for all (1, ., .).

    Example:
        >>> multiply(torch.ones(2, 1, 3), torch.ones(2, 3, 1), torch.empty(2, 1, 1)).flatten()
        tensor([3., 3.])
    """
    if is_small(a.shape[1], a.shape[2], b.shape[2], out.device):
        np.matmul(a.numpy(), b.numpy(), out=out.numpy())
        return out
    a, b = a.expand(len(out), -1, -1), b.expand(len(out), -1, -1)
    if out.device.type == "cpu" and b.stride(2) != 1 and a.shape[1] * a.shape[2] * b.shape[2] > _SMALL:
        # For a second factor that lies column by column MKL is a tenth to a fifth faster the other way round, worth the copy.
        return out.copy_(torch.bmm(b.mT, a.mT).mT)
    return torch.bmm(a, b, out=out)


def add_product_(target: Tensor, beta: float, a: Tensor, b: Tensor, scratch: Tensor) -> None:
    """target = beta * target + a @ b, shapes as for ``multiply``; ``scratch`` is as large as the target."""
    if is_small(a.shape[1], a.shape[2], b.shape[2], target.device):
        torch.add(multiply(a, b, scratch), target, alpha=beta, out=target)
    else:
        target.baddbmm_(a.expand(len(target), -1, -1), b.expand(len(target), -1, -1), beta=beta)


def by_rows(matrices: Tensor, small: bool) -> Tensor:
    """The transposes of a stack: copied to lie row by row where that pays (small products), a view otherwise."""
    if not small:
        return matrices.mT
    copy = matrices.new_empty((len(matrices), matrices.shape[2], matrices.shape[1]))
    np.copyto(copy.numpy(), matrices.mT.numpy())
    return copy
