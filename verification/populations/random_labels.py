"""The inputs of a binary pool with labels that are independent of them."""

from __future__ import annotations

from functools import cache

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import generator
from genbounds.verification.populations.registry import population


@cache
def random_labels(name: str) -> FinitePool:
    """The pool of that name with labels -1 and +1 drawn once by fair coins: all that a sample teaches is the sample.

    >>> random_labels("separable").classes, random_labels("separable").size == population("separable").size
    ((-1, 1), True)
    """
    pool = population(name)
    labels = np.where(generator("random labels", name).integers(2, size=pool.size) == 1, 1, -1)
    return FinitePool(f"{name} with random labels", pool.inputs, labels, pool.scaling)
