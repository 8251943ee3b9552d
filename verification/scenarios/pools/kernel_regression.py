"""Kernel regression without a penalty on draws from a pool: the function of least norm through its examples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genbounds.bounds.assumptions import (
    EXPECTED_SQUARED_NORM,
    IID_SAMPLE,
    INPUT_RADIUS_OF_POPULATION_IN_KERNEL,
    KERNEL_FIXED_IN_ADVANCE,
    MINIMUM_NORM_INTERPOLANT,
)
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.scenario import Scenario, World, holding

CENTRES, WIDTH = 12, 4.0
"""The targets are a sum of kernels at so many points of the pool, of this width."""
ROUNDING = 1e-9


def gaussian_kernel(one: Array, two: Array, width: float = WIDTH) -> Array:
    """exp(-||x - x'||^2/(2 width^2)) for all pairs of rows: k(x, x) = 1."""
    squares = (one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1)[None, :] - 2 * one @ two.T
    return np.asarray(np.exp(-np.clip(squares, 0, None) / (2 * width**2)))


def targets(kernel: Array) -> tuple[Array, float]:
    """A function of the kernel's space at every point of the pool, and its squared norm c' K c, rounded up."""
    signs = np.where(np.arange(CENTRES) % 2 == 0, 1.0, -1.0)
    squared = float(signs @ kernel[:CENTRES, :CENTRES] @ signs)
    return np.asarray(kernel[:, :CENTRES] @ signs), squared * (1 + ROUNDING)


def risk_of_interpolant(kernel: Array, values: Array, sample: Array) -> float:
    """The mean squared error over the pool of the interpolant of these rows; of none, that of the function 0."""
    rows = np.unique(sample)
    if not rows.size:
        return float((values**2).mean())
    weights = np.linalg.solve(kernel[np.ix_(rows, rows)], values[rows])
    return float(((kernel[:, rows] @ weights - values) ** 2).mean())


class KernelRegression(Scenario):
    """The interpolants of the first 0, ..., n - 1 of n examples; on each draw the one with the smallest risk is taken."""

    name = "kernel regression"
    description = "the function of least norm, for a Gaussian kernel, through fewer than n draws from breast cancer; targets of known norm"
    inputs = frozenset({"n", "radius", "expected_squared_norm"})
    truths = frozenset({EXPECTED_RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("the linear system of the kernel's matrix on the distinct examples is solved", MINIMUM_NORM_INTERPOLANT)
        | holding("a Gaussian kernel of a width that is a constant of the scenario", KERNEL_FIXED_IN_ADVANCE)
        | holding("k(x, x) = 1", INPUT_RADIUS_OF_POPULATION_IN_KERNEL)
        | holding("an interpolant has no larger norm than the function that made the targets", EXPECTED_SQUARED_NORM)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Few and more examples."""
        pool = population("breast_cancer")
        kernel = gaussian_kernel(pool.inputs, pool.inputs)
        values, squared = targets(kernel)
        for n in (3, 8):
            drawn = [pool.sample(("kernel regression", key), n) for key in keys]
            risks = np.array([[risk_of_interpolant(kernel, values, sample[:k]) for k in range(n)] for sample in drawn])
            # The mean of the smallest risk is at most the smallest mean risk, of which the bound speaks: it is not judged too hard.
            common = {"n": n, "radius": 1, "expected_squared_norm": squared}
            # An interpolant is a projection of the target function, so that its error at a point is at most that function's norm.
            truth = {EXPECTED_RISK: risks.min(axis=1)}
            yield World(f"breast cancer, n = {n}", common, {}, truth, truth_range=(0.0, squared))
