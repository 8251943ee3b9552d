"""The data of Zhang et al.: true labels, random labels, shuffled pixels, random pixels, and Gaussian noise for inputs."""

from __future__ import annotations

from functools import cache

import numpy as np

from genbounds.verification.populations import FinitePool, generator
from genbounds.verification.populations.parity import parity
from genbounds.verification.populations.random_labels import random_labels

TRUE, RANDOM = "true labels", "random labels"
CONDITIONS = (TRUE, "shuffled pixels", RANDOM, "random pixels", "Gaussian inputs")
"""Of which the last three leave (nearly) nothing to learn."""


@cache
def conditioned(name: str, condition: str, redrawn: float = 0.0) -> FinitePool:
    """The population of a condition: odd against even digits, changed once and for all, so that every risk is exact.

    "shuffled pixels" has one permutation for all images and "random pixels" one for each; "Gaussian inputs" are normal with the mean and
    the variance of each pixel, and are independent of the labels. ``redrawn`` is the share of the labels that are drawn anew; all of them
    are drawn anew in "random labels".

    Raises:
        ValueError: another condition.

    >>> pools = [conditioned("digits", one) for one in CONDITIONS]
    >>> {pool.size for pool in pools}, len({pool.content_hash for pool in pools})
    ({1797}, 5)
    """
    pool = parity(name, redrawn)
    random = generator("random labels study", name, condition)
    if condition == TRUE:
        return pool
    if condition == RANDOM:
        return random_labels(name)
    if condition == "shuffled pixels":
        inputs = pool.inputs[:, random.permutation(pool.inputs.shape[1])]
    elif condition == "random pixels":
        inputs = random.permuted(pool.inputs, axis=1)
    elif condition == "Gaussian inputs":
        inputs = pool.inputs.mean(0) + pool.inputs.std(0) * random.standard_normal(pool.inputs.shape)
    else:
        raise ValueError(f"condition must be one of {', '.join(CONDITIONS)}, got {condition!r}")
    return FinitePool(f"{pool.name}, {condition}", np.ascontiguousarray(inputs), pool.labels, pool.scaling)
