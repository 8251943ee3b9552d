"""Uniform convergence by counting: growth functions and VC dimensions."""

from genbounds.bounds.vc._dimension_halfspace import dimension_halfspace
from genbounds.bounds.vc._dimension_relu_network import dimension_relu_network
from genbounds.bounds.vc._growth_function import growth_function
from genbounds.bounds.vc._log_growth_relu_network import log_growth_relu_network
from genbounds.bounds.vc._sauer import sauer

__all__ = ["dimension_halfspace", "dimension_relu_network", "growth_function", "log_growth_relu_network", "sauer"]
