"""Special functions of the bounds: in floats (arrays broadcast) and, with the suffix ``_ball``, as enclosures in ball arithmetic."""

from genbounds.bounds.special.bennett import bennett_inverse, bennett_inverse_ball
from genbounds.bounds.special.binomial import binomial_tail_inverse, binomial_tail_inverse_lower
from genbounds.bounds.special.binomial_balls import (
    binomial_tail_inverse_ball,
    binomial_tail_inverse_lower_ball,
    log_binomial_sum_ball,
)
from genbounds.bounds.special.binomial_log import binomial_tail_inverse_log, binomial_tail_inverse_log_ball
from genbounds.bounds.special.capital import capital_inverse, capital_inverse_ball
from genbounds.bounds.special.change_of_compression import change_of_compression_inverse, change_of_compression_inverse_ball
from genbounds.bounds.special.kl import kl, kl_inverse, kl_inverse_lower, x_minus_log1p
from genbounds.bounds.special.kl_balls import kl_ball, kl_inverse_ball, kl_inverse_lower_ball, x_minus_log1p_ball, x_minus_log1p_balls
from genbounds.bounds.special.mixture import mixture_inverse, mixture_inverse_ball
from genbounds.bounds.special.rounding import (
    arb_to_float_down,
    arb_to_float_up,
    decimal_down,
    decimal_nearest,
    decimal_up,
)
from genbounds.bounds.special.sauer import log_binomial_sum
from genbounds.bounds.special.xi import xi, xi_ball

__all__ = [
    "arb_to_float_down",
    "arb_to_float_up",
    "bennett_inverse",
    "bennett_inverse_ball",
    "binomial_tail_inverse",
    "binomial_tail_inverse_ball",
    "binomial_tail_inverse_log",
    "binomial_tail_inverse_log_ball",
    "binomial_tail_inverse_lower",
    "binomial_tail_inverse_lower_ball",
    "capital_inverse",
    "capital_inverse_ball",
    "change_of_compression_inverse",
    "change_of_compression_inverse_ball",
    "decimal_down",
    "decimal_nearest",
    "decimal_up",
    "kl",
    "kl_ball",
    "kl_inverse",
    "kl_inverse_ball",
    "kl_inverse_lower",
    "kl_inverse_lower_ball",
    "log_binomial_sum",
    "log_binomial_sum_ball",
    "mixture_inverse",
    "mixture_inverse_ball",
    "x_minus_log1p",
    "x_minus_log1p_ball",
    "x_minus_log1p_balls",
    "xi",
    "xi_ball",
]
