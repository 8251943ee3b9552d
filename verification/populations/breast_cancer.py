"""The 569 tumours of the Wisconsin breast cancer data that scikit-learn ships, as a population."""

from __future__ import annotations

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array


def breast_cancer() -> FinitePool:
    """Wisconsin breast cancer: 569 points, 30 standardised features, labels 0 (malignant) and 1 (benign).

    The features have very different scales. They are standardised with the mean and the standard deviation of the whole
    pool, rounded to four digits: constants of this population, the same for every sample, as its inputs are defined. No
    sample is ever standardised with its own moments, so the draws stay independent.
    """
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    inputs = standardised(data.data)
    return FinitePool("breast_cancer", inputs, data.target, "standardised by constants of the pool, 4 digits")


def standardised(pool: Array) -> Array:
    """(x - centre) / spread, with the pool's mean and standard deviation rounded to four significant digits.

    The rounding makes the result the same to the last bit whatever order the machine adds in.
    """
    centre = [float(f"{value:.3e}") for value in pool.mean(axis=0)]
    spread = [float(f"{value:.3e}") for value in pool.std(axis=0)]
    result: Array = (pool - np.array(centre)) / np.array(spread)
    return result
