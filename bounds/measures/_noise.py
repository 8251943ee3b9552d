"""The noise scale of stochastic gradient descent."""

from __future__ import annotations

import numpy as np

from genbounds.bounds.bibliography import Source
from genbounds.bounds.measures._measure import Measure


def noise_scale(*, learning_rate: float, n: int, batch_size: int, momentum: float = 0.0) -> Measure:
    r"""learning_rate (n/batch_size - 1)/(1 - momentum): the scale of the noise that mini-batches add to gradient descent.

    No bound: it orders training runs of one network on one data set, from a continuous-time approximation.

    >>> round(noise_scale(learning_rate=0.1, n=50000, batch_size=128).value, 9)
    38.9625
    """
    if not (np.isfinite(learning_rate) and learning_rate > 0):
        raise ValueError(f"learning_rate must be finite and greater than 0, got {learning_rate}: pass the step size")
    if not 1 <= batch_size <= n:
        raise ValueError(f"batch_size must lie in [1, n], got {batch_size} with n={n}: it is the number of examples per step")
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must lie in [0, 1), got {momentum}: 0 for plain SGD")
    return Measure(
        "noise scale", learning_rate * (n / batch_size - 1) / (1 - momentum), Source("smith2018bayesian", "the noise scale of Section 5")
    )
