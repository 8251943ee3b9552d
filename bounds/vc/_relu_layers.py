"""The sign patterns of ReLU networks, layer by layer: what the growth function and the VC dimension share."""

from __future__ import annotations

import numpy as np

from genbounds.bounds.inputs import WIDTHS, Requirement
from genbounds.bounds.worlds.protocol import Number, World

NETWORK_WIDTHS = WIDTHS.meaning_is("layer widths: inputs, hidden..., outputs; every layer has biases")
AT_LEAST_ONE_LAYER = Requirement(
    ("widths",),
    lambda widths: np.shape(widths)[-1] >= 2,
    "widths must name the inputs and at least one layer",
    "pass (inputs, hidden..., outputs)",
)
SCALAR_OUTPUT = Requirement(
    ("widths",),
    lambda widths: np.all(np.asarray(widths)[..., -1] == 1),
    "widths must end in 1, the scalar whose sign is the prediction",
    "for several classes use log_growth_relu_network, which bounds the loss class directly",
)


def cumulative_parameters(math: World, widths: Number) -> Number:
    """W_i: weights and biases of layers 1..i, for every layer."""
    return math.let("W", math.cumulative(math.after(widths) * (math.before(widths) + 1)))


def log_patterns(math: World, units: Number, parameters: Number, points: Number) -> Number:
    """Per layer, ln of Warren's bound 2 (2 e m k_i i / W_i)^{W_i} on the sign patterns of its m k_i pre-activations of degree i.

    Bartlett et al. 2019, Theorem 7 with piecewise-linear activations of one breakpoint: on each cell of the earlier layers the
    pre-activations of layer i are polynomials of degree at most i in the W_i parameters up to it.
    """
    polynomials = math.along(points) * units
    return math.log(2) + parameters * math.log(2 * math.exp(1) * polynomials * math.positions(units) / parameters)
