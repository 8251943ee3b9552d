"""Uniform convergence by counting: growth functions and VC dimensions."""

from genbounds.bounds.vc._baum_haussler1989_sample_size import baum_haussler1989_sample_size
from genbounds.bounds.vc._bousquet2004introduction import bousquet2004introduction
from genbounds.bounds.vc._dimension_halfspace import dimension_halfspace
from genbounds.bounds.vc._dimension_piecewise_polynomial_network import dimension_piecewise_polynomial_network
from genbounds.bounds.vc._dimension_relu_network import dimension_relu_network
from genbounds.bounds.vc._dimension_sigmoid_network import dimension_sigmoid_network
from genbounds.bounds.vc._dimension_threshold_network import dimension_threshold_network
from genbounds.bounds.vc._growth_function import growth_function
from genbounds.bounds.vc._log_cover import log_cover_convolutional, log_cover_finite_class
from genbounds.bounds.vc._log_growth import log_growth_halfspace, log_growth_sauer
from genbounds.bounds.vc._log_growth_piecewise_polynomial_network import log_growth_piecewise_polynomial_network
from genbounds.bounds.vc._log_growth_relu_network import log_growth_relu_network
from genbounds.bounds.vc._log_growth_threshold_network import baum_haussler1989growth, log_growth_threshold_network
from genbounds.bounds.vc._maurer2009cover import maurer2009cover
from genbounds.bounds.vc._maurer2009growth import maurer2009growth
from genbounds.bounds.vc._realizable import realizable, realizable_growth
from genbounds.bounds.vc._relative_deviation import relative_deviation, relative_deviation_growth
from genbounds.bounds.vc._sauer import sauer
from genbounds.bounds.vc._shalev_shwartz2014growth import shalev_shwartz2014growth
from genbounds.bounds.vc._vapnik_chervonenkis1971 import vapnik_chervonenkis1971

__all__ = [
    "baum_haussler1989_sample_size",
    "baum_haussler1989growth",
    "bousquet2004introduction",
    "dimension_halfspace",
    "dimension_piecewise_polynomial_network",
    "dimension_relu_network",
    "dimension_sigmoid_network",
    "dimension_threshold_network",
    "growth_function",
    "log_cover_convolutional",
    "log_cover_finite_class",
    "log_growth_halfspace",
    "log_growth_piecewise_polynomial_network",
    "log_growth_relu_network",
    "log_growth_sauer",
    "log_growth_threshold_network",
    "maurer2009cover",
    "maurer2009growth",
    "realizable",
    "realizable_growth",
    "relative_deviation",
    "relative_deviation_growth",
    "sauer",
    "shalev_shwartz2014growth",
    "vapnik_chervonenkis1971",
]
