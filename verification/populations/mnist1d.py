"""MNIST-1D (Greydanus 2020) as a law of its own: ten shapes of twelve points, padded, moved, scaled, blurred by noise, sheared.

The generator follows the published description: what it does to a shape and how large each change is. Labels are independent and uniform,
and the inputs are used with one fixed scale, so that draws are independent; the published package draws every class equally often and
normalises training and test data together. The registry's population is a list of 4000 draws, over which every risk is exact.
"""

from __future__ import annotations

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array, Key, generator

SHAPES = (
    (5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5),
    (5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5),
    (5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5),
    (5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5),
    (5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5),
    (5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5),
    (5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5),
    (5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5),
)
"""The heights of each digit at twelve places."""
PADDING = (36, 60)
"""So many zeros are put after a shape, both ends included."""
LENGTH, STEPS = 72, 40
"""Numbers before and after the last resampling."""
SCALE, SHEAR, SHIFTS = 0.4, 0.75, 48
"""The factor on a shape is within 1 - 0.2 and 1 + 0.2; the slope taken off, end to end, within -0.375 and 0.375; shifts are 0, ..., 47."""
SMOOTH_NOISE, WHITE_NOISE, WIDTH = 0.25, 0.02, 2.0
"""Standard deviations of the noise around the shape, before it is smoothed by a Gaussian of this width, and of the noise everywhere."""
POINTS = 4000


def templates() -> Array:
    """The ten shapes, each with standard deviation 1/6 and its first number at 0: (10, 12).

    >>> found = templates()
    >>> found.shape, bool(np.allclose(found.std(axis=1), 1 / 6)), bool((found[:, 0] == 0).all())
    ((10, 12), True, True)
    """
    shapes = np.array(SHAPES)
    unit = (shapes - shapes.mean(axis=1, keepdims=True)) / shapes.std(axis=1, keepdims=True)
    return np.asarray((unit - unit[:, :1]) / 6)


def draw(key: Key, n: int) -> tuple[Array, Array]:
    """n independent draws of the law: inputs (n, 40), rounded to multiples of 2^-20, and labels (n,), uniform on 0, ..., 9.

    >>> inputs, labels = draw("example", 3)
    >>> inputs.shape, labels.shape
    ((3, 40), (3,))
    """
    random = generator("mnist1d", key)
    labels = random.integers(10, size=n)
    padded = 12 + random.integers(PADDING[0], PADDING[1] + 1, size=n)
    factor, slope = 1 + SCALE * (random.random(n) - 0.5), SHEAR * (random.random(n) - 0.5)
    shifts = random.integers(SHIFTS, size=n)
    smooth = smoothed(SMOOTH_NOISE * random.standard_normal((n, LENGTH)))
    white = WHITE_NOISE * random.standard_normal((n, LENGTH))
    # Stretched to 72 numbers: place k of them lies at k (padded - 1)/71 among the padded ones, of which the first 12 are the shape.
    places = np.arange(LENGTH) * ((padded - 1) / (LENGTH - 1))[:, None]
    before = np.minimum(places.astype(int), padded[:, None] - 2)
    part = places - before
    heights = np.concatenate([templates()[labels], np.zeros((n, PADDING[1]))], axis=1)
    stretched = (1 - part) * np.take_along_axis(heights, before, axis=1) + part * np.take_along_axis(heights, before + 1, axis=1)
    shape = np.where(before < 12, stretched * factor[:, None], np.nan)  # beyond the shape there is noise instead
    turn = (np.arange(LENGTH)[None, :] - shifts[:, None]) % LENGTH
    shape = np.take_along_axis(shape, turn, axis=1)
    whole = np.where(np.isnan(shape), smooth, shape) + white - slope[:, None] * np.linspace(-0.5, 0.5, LENGTH)
    return np.round(resampled(whole, STEPS) * 2**20) / 2**20, labels


def smoothed(rows: Array, width: float = WIDTH) -> Array:
    """Each row convolved with a Gaussian cut off at four widths, continued by reflection at its ends.

    >>> smoothed(np.ones((1, 72)))[0, :3].tolist()
    [1.0, 1.0, 1.0]
    """
    reach = int(4 * width + 0.5)
    kernel = np.exp(-((np.arange(-reach, reach + 1) / width) ** 2) / 2)
    kernel /= kernel.sum()
    longer = np.pad(rows, ((0, 0), (reach, reach)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(longer, 2 * reach + 1, axis=1)
    return np.round(windows @ kernel, 12)  # the order of addition is the machine's, so the last digits are not kept


def resampled(rows: Array, length: int) -> Array:
    """Each row, linear between its numbers, read at so many equally spaced places from its first to its last.

    >>> resampled(np.array([[0.0, 1.0, 0.0]]), 5).tolist()
    [[0.0, 0.5, 1.0, 0.5, 0.0]]
    """
    places = np.linspace(0, rows.shape[1] - 1, length)
    before = np.minimum(places.astype(int), rows.shape[1] - 2)
    part = places - before
    return np.asarray((1 - part) * rows[:, before] + part * rows[:, before + 1])


def mnist1d() -> FinitePool:
    """4000 draws of the law as a population of their own: the same list on every machine, whose labels are whatever was drawn."""
    inputs, labels = draw("pool", POINTS)
    return FinitePool("mnist1d", inputs, labels, "none: 40 numbers as generated")
