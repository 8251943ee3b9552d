"""The growth function of the double sample: by the exact sum of Sauer's lemma, and as the symmetrisation bounds print it."""

from __future__ import annotations

from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.worlds.protocol import Number, World

LOG_GROWTH_2N = NONNEGATIVE.meaning_is("upper bound on the logarithm of the growth function at 2n points, twice the size of the sample")


def log_growth_of_double_sample(math: World, n: Number, vc_dimension: Number) -> Number:
    """ln Pi(2n) <= ln of the sum of the binomials C(2n, i), i <= d, Sauer's lemma without a relaxation; 2n ln 2 from d = 2n on."""
    return math.let("g", math.log_binomial_sum(2 * n, vc_dimension))


def printed_log_growth_of_double_sample(math: World, n: Number, vc_dimension: Number) -> Number:
    """ln Pi(2n) as printed: d ln(2 e n/d) where 1 <= d <= 2n, 0 at d = 0 and 2n ln 2 beyond; never more than 2n ln 2."""
    everything = 2 * n * math.log(2)
    positive = math.maximum(vc_dimension, 1)
    closed = math.minimum(vc_dimension * (1 + math.log(2 * n / positive)), everything)
    return math.let("g", math.where(math.less_equal(vc_dimension, 2 * n), closed, everything))
