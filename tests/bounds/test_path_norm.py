"""The step from a path norm to rows of norm 1: networks rescaled unit by unit keep their function and every path."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from genbounds.bounds import rademacher
from genbounds.bounds.measures import path_norm

Layers = list[np.ndarray]


def output(weights: Layers, inputs: np.ndarray) -> np.ndarray:
    for matrix in weights[:-1]:
        inputs = np.maximum(inputs @ matrix.T, 0)
    return inputs @ weights[-1].T


def rescaled(weights: Layers) -> Layers:
    """Rows of l1 norm 1 (or 0) in all layers but the last."""
    found = [matrix.copy() for matrix in weights]
    for below, above in pairwise(found):
        norms = np.abs(below).sum(axis=1)
        below /= np.where(norms > 0, norms, 1)[:, None]
        above *= norms
    return found


@pytest.mark.parametrize("seed", range(5))
def test_rescaled_units_keep_the_function_and_the_path_norm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=shape) * (rng.random(shape) < 0.7) for shape in ((5, 3), (4, 5), (4, 4), (1, 4))]
    weights[1][2] = 0  # a unit that nothing enters
    inputs, unit = rng.normal(size=(50, 3)), rescaled(weights)
    assert np.allclose(output(unit, inputs), output(weights, inputs))
    measured = path_norm(weights=weights, power=1).value
    assert path_norm(weights=unit, power=1).value == pytest.approx(measured)
    assert all(np.all(np.abs(matrix).sum(axis=1) <= 1 + 1e-12) for matrix in unit[:-1])
    assert np.abs(unit[-1]).sum() == pytest.approx(measured)
    assert measured <= np.prod([np.abs(matrix).sum(axis=1).max() for matrix in weights])


def test_signed_sums_of_networks_of_path_norm_one_stay_below_the_complexity() -> None:
    """For each of the 2^6 sign vectors the best of 300 random networks of path norm 1."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(6, 2))
    signs = np.array([[1.0 - 2 * ((k >> i) & 1) for i in range(6)] for k in range(64)])
    outputs = []
    for _ in range(300):
        weights = [rng.normal(size=shape) for shape in ((4, 2), (3, 4), (1, 3))]
        outputs.append(output(weights, inputs)[:, 0] / path_norm(weights=weights, power=1).value)
    found = float(np.mean(np.max(signs @ np.array(outputs).T, axis=1))) / 6
    column = float(np.max(np.linalg.norm(inputs, axis=0))) * (1 + 1e-12)
    bound = float(rademacher.gonon2024path(path_norm=1, depth=3, data_norm=column, inputs=2, n=6))
    assert 0.05 * bound < found <= bound
