"""Dudley's chain in whole numbers of Maurey's samples: what the margin bounds by layerwise covers share."""

from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

_MOST_LEVELS = 48  # the coarsest radius is sqrt(n)/2; 48 halvings reach below any double's worth of n


def _chain(math: World, scales: Number, entries: Number, counts: Number, n: Number) -> tuple[Any, Any]:
    """The cover radii e_1..e_J and the links (e_j + e_{j-1}) sqrt(2 (ln N_j + ln N_{j-1})) of the chain."""
    trivial = math.sqrt(n) / 2
    scales = math.let("c", scales)
    dimensions = math.rows(math.log(2 * entries))
    shares = math.sum(math.rows(scales) / math.sqrt(counts)) / math.along(trivial)
    radii = math.let("e", math.along(trivial) * math.minimum(shares, 1))
    logs = math.let(r"\ell", math.sum(math.where(math.less(1, counts), counts * dimensions, 0)))
    chain, logs = math.prepend(trivial, radii), math.prepend(0, logs)
    return radii, (math.before(chain) + math.after(chain)) * math.sqrt(2 * (math.before(logs) + math.after(logs)))


def chained_complexity(math: World, scales: Number, entries: Number, counts: Number, n: Number) -> Number:
    """Dudley's chain in steps: the empirical Rademacher complexity of a ramp-margin class with these cover sizes.

    ``scales`` (..., L) say how far, over the sample and in units of the loss, moving layer i inside its (2,1) ball can move the outputs;
    ``entries`` (..., L) count the entries of each layer's matrix; ``counts`` (..., J, L) are the numbers of Maurey's samples. Level j has
    the cover radius e_j = min(sum_i c_i / sqrt(m_ji), sqrt(n)/2) and ln N_j = sum over m_ji > 1 of m_ji ln(2 entries_i); e_0 = sqrt(n)/2
    is the constant function 1/2.
    """
    radii, links = _chain(math, scales, entries, counts, n)
    return math.minimum(math.last(radii) / math.sqrt(n) + math.sum(links) / n, math.ratio(1, 2))


def cover_counts(scales: np.ndarray, entries: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Maurey's sample numbers m_ji for the chain, in floats: radii sqrt(n)/2^{j+1}, shares proportional to c_i^{2/3}, best last level.

    Every choice is valid; this one is close to the best. Single elements come first: that level costs nothing, and its radius may be below
    sqrt(n)/2. Batches are padded with more of it.
    """
    scales, n = np.asarray(scales, np.float64), np.asarray(n, np.float64)
    radii = np.sqrt(n)[..., None] / 2 * 0.5 ** np.arange(1, _MOST_LEVELS + 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        shares = np.cbrt(scales / np.max(scales, axis=-1, keepdims=True)) ** 2
        shares = (shares / np.sum(shares, axis=-1, keepdims=True))[..., None, :]
        wanted = np.where(shares > 0, scales[..., None, :] / (shares * radii[..., None]), 0.0)
        counts = np.clip(np.ceil(wanted**2 * (1 - 1e-12)), 1, 1e300)
    counts = np.concatenate([np.ones_like(counts[..., :1, :]), counts], axis=-2)
    reached, links = _chain(FLOATS, scales, entries, counts, n)
    value = reached / np.sqrt(n)[..., None] + np.cumsum(links, axis=-1) / n[..., None]
    best = np.argmin(value, axis=-1) + 1
    longest = int(np.max(best))
    position = np.arange(longest) - (longest - best[..., None])  # negative: padding in front
    padded = np.take_along_axis(counts, np.maximum(position, 0)[..., None], axis=-2)
    return np.where(position[..., None] < 0, 1.0, padded)
