"""The growth function of the double sample, as the symmetrisation bounds print it."""

from __future__ import annotations

from genbounds.bounds.worlds.protocol import Number, World


def log_growth_of_double_sample(math: World, n: Number, vc_dimension: Number) -> Number:
    """ln Pi(2n): d ln(2 e n/d) where 1 <= d <= 2n, 0 at d = 0 and 2n ln 2 beyond; never more than 2n ln 2."""
    everything = 2 * n * math.log(2)
    positive = math.maximum(vc_dimension, 1)
    closed = math.minimum(vc_dimension * (1 + math.log(2 * n / positive)), everything)
    return math.let("g", math.where(math.less_equal(vc_dimension, 2 * n), closed, everything))
