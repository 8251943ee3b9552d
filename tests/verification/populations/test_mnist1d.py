"""The generator against a plain reading of its description, example by example, with scipy's filter and numpy's interpolation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from genbounds.verification.populations import population
from genbounds.verification.populations.mnist1d import SHAPES, draw, mnist1d, smoothed, templates
from genbounds.verification.populations.protocol import generator


def by_hand(key: str, n: int) -> tuple[list[list[float]], list[int]]:
    """One example after the other, from the same random numbers."""
    random = generator("mnist1d", key)
    labels = random.integers(10, size=n)
    zeros = random.integers(36, 61, size=n)
    factors, slopes = 1 + 0.4 * (random.random(n) - 0.5), 0.75 * (random.random(n) - 0.5)
    shifts = random.integers(48, size=n)
    smooth, white = 0.25 * random.standard_normal((n, 72)), 0.02 * random.standard_normal((n, 72))
    found = []
    for i in range(n):
        shape = np.array(SHAPES[labels[i]])
        shape = (shape - shape.mean()) / shape.std()
        shape = (shape - shape[0]) / 6 + 1e-8  # so that no number of the shape is taken for padding
        padded = np.concatenate([shape, np.zeros(zeros[i])])
        long = factors[i] * np.interp(np.linspace(0, 1, 72), np.linspace(0, 1, len(padded)), padded)
        long = np.roll(long, shifts[i])
        long = np.where(long != 0, long, gaussian_filter1d(smooth[i], 2)) + white[i]
        long = long - slopes[i] * np.linspace(-0.5, 0.5, 72)
        found.append(np.interp(np.linspace(0, 1, 40), np.linspace(0, 1, 72), long).tolist())
    return found, labels.tolist()


def test_draws_are_those_of_the_description() -> None:
    inputs, labels = draw("test", 200)
    expected, expected_labels = by_hand("test", 200)
    assert labels.tolist() == expected_labels
    assert np.abs(inputs - np.array(expected)).max() < 2e-6  # 1e-8 under every shape, and the rounding


def test_shapes_have_the_published_scale() -> None:
    assert templates()[0, 4] - templates()[0, 0] == pytest.approx(2 / np.std(SHAPES[0]) / 6)
    assert smoothed(np.eye(72)[:1]) == pytest.approx(gaussian_filter1d(np.eye(72)[:1], 2, axis=1), abs=1e-11)


def test_the_pool_is_a_list_of_draws_with_independent_labels() -> None:
    """Equal numbers of every label would have probability 1e-16: it is not a balanced set."""
    pool = mnist1d()
    counts = np.bincount(pool.labels)
    assert pool.size == 4000
    assert len(counts) == 10
    assert len(set(counts.tolist())) > 1
    assert np.abs(counts - 400).max() < 5 * np.sqrt(4000 * 0.09) + 1
    assert pool.content_hash == population("mnist1d").content_hash
    wrong = int((pool.labels != 0).sum())
    assert pool.risk(np.zeros(pool.size, dtype=int)) * pool.size == wrong
    nearest = ((pool.inputs[:100, None, :] - pool.inputs[None, 100:1100, :]) ** 2).sum(axis=2).argmin(axis=1)
    assert (pool.labels[100:1100][nearest] == pool.labels[:100]).mean() > 0.3  # far from the tenth of chance: labels belong to shapes
