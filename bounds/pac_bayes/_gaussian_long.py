"""The divergences of Gaussians over many weights: sums in floats with a proved error, the rest in balls."""

from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.special.gaussian_sum import divergence, gaussian_sums
from genbounds.bounds.special.precision import precision as bits
from genbounds.bounds.special.rounding import arb_to_float_up
from genbounds.bounds.worlds.balls import BALLS


def long_gaussian_kl(*, mean_q: Any, std_q: Any, mean_p: Any, std_p: Any) -> float | None:
    """An upper bound on ``gaussian_kl``, within 2e-12 of itself; None where the doubles are nearly left."""
    sums = gaussian_sums(mean_q, std_q, mean_p, std_p)
    return None if sums is None else float(sums[0] / 2)  # halving is exact


def long_gaussian_kl_grid(*, mean_q: Any, std_q: Any, mean_p: Any, largest_variance: Any, precision: Any, index: Any) -> float | None:
    """An upper bound on ``gaussian_kl_grid`` at a point of its grid; None where the doubles are nearly left."""
    with bits(128):
        largest, points, j = BALLS.lift(largest_variance), BALLS.lift(precision), BALLS.lift(float(index))
        variance = largest * (-j / points).exp()
        scale = float(variance.sqrt().mid())
        sums = gaussian_sums(mean_q, std_q, mean_p, scale) if np.isfinite(scale) and scale > 0 else None
        if sums is None or not j.is_integer() or not j >= 1:
            return None
        price = 2 * (BALLS.pi * j).log() - BALLS.lift(6).log()
        return arb_to_float_up(divergence(sums, scale, variance, std_q.size) + price)
