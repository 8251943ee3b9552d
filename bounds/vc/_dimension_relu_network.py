from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import RELU_UNITS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import capacity
from genbounds.bounds.vc._last_fitting import last_fitting, start_membership
from genbounds.bounds.vc._relu_layers import (
    AT_LEAST_ONE_LAYER,
    NETWORK_WIDTHS,
    SCALAR_OUTPUT,
    cumulative_parameters,
    log_patterns,
)
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World


def _closed(math: World, widths: Number) -> Number:
    """L + sum_i W_i log2(4 e R log2(2 e R)), R = sum_i i k_i; inputs + 1 for a single layer."""
    units = math.after(widths)
    layers = math.last(math.positions(units))
    r = math.let("r", 2 * math.exp(1) * math.sum(units * math.positions(units)))
    deep = layers + math.sum(cumulative_parameters(math, widths)) * math.log2(2 * r * math.log2(r))
    return math.where(math.less_equal(layers, 1), math.last(math.before(widths)) + 1, deep)


def _search(*, widths: np.ndarray) -> dict[str, np.ndarray]:
    """Bisect for the last m with m <= log2 G(m), between the sum of the W_i and the closed form (8 W for one layer), in floats."""
    units, parameters = widths[..., 1:], np.cumsum(widths[..., 1:] * (widths[..., :-1] + 1), axis=-1)
    low = np.sum(parameters, axis=-1)
    high = np.where(widths.shape[-1] == 2, 8 * low, np.ceil(np.asarray(_closed(FLOATS, widths))))

    def fits(m: Any) -> Any:
        return np.sum(np.asarray(log_patterns(FLOATS, units, parameters, m)), axis=-1) >= m * np.log(2)

    return {"last": last_fitting(fits, low, high)}


@capacity(
    source=Source("bartlett2019nearly", "Theorem 7, its inequality m <= log2 G(m) solved exactly"),
    gives="vc_dimension",
    provenance=DERIVED,
    assumes=(RELU_UNITS,),
    symbols={"widths": "k"},
    domains={"widths": NETWORK_WIDTHS},
    increasing=("widths",),
    requires=(AT_LEAST_ONE_LAYER, SCALAR_OUTPUT),
    choose=_search,
    membership=start_membership,
    chosen={"last": "m"},
    form="implicit",
    left_side=r"\mathrm{VCdim}",
)
def dimension_relu_network(math: World, *, widths: Number, last: Number) -> Terms:
    r"""The VC dimension of the signs of scalar ReLU networks of these widths, with biases, is at most the largest m with
    m <= log2 G(m).

    G(m) is the product over the layers i of Warren's bound 2 (2 e m k_i i / W_i)^{W_i}, where k_i is the width of layer i and W_i the
    number of parameters of layers 1..i (cumulative: with those of layer i alone the bound is false). A network of one layer is an affine
    halfspace, of dimension inputs + 1.

    Derivation. On a cell of the parameters where the signs of the units of layers 1..i-1 at all m points are constant, the m k_i
    pre-activations of layer i are polynomials of degree at most i in the W_i parameters up to it, because each layer multiplies its inputs
    by its own weights and each activation is linear there. So layer i cuts the cell into at most 2 (2 e m k_i i/W_i)^{W_i} cells (Warren;
    Anthony and Bartlett 1999, Theorem 8.3, for m k_i >= W_i). The signs of the last layer are the predictions, so that there are at most
    G(m) sign vectors, while m shattered points need 2^m of them. As log2 G is concave in m and log2 G(m) > m at m = sum W_i, there is one
    last crossing, and it lies beyond sum W_i, where Warren's condition holds. It is searched in floats and then *proved*, in ball
    arithmetic, by log2 G(m + 1) < m + 1.

    ``form="closed"`` is Theorem 7, L + W log2(4 e R log2(2 e R)) with W = sum W_i and R = sum i k_i; it is a little larger. Derivation: by
    concavity of the logarithm, G(m) <= 2^L (2 e m R/W)^W. Let y = m/W and r = 2 e R, which is at least 16 because R >= 3 for two layers or
    more. If m points are shattered, y <= L/W + log2(y r). Where y <= 2 log2 r, this says m <= L + W log2(2 r log2 r), the claim. Otherwise
    y - log2 y > 2 log2 r - log2(2 log2 r) >= 1 + log2 r, since log2 r >= 2 + log2 log2 r from r = 16 on. But y - log2 y <= L/W + log2 r,
    and L <= W: a contradiction.

    Input: ``widths`` = (inputs, hidden..., 1).

    >>> dimension_relu_network(widths=(2, 3, 1)).value
    169
    >>> round(float(dimension_relu_network(widths=(2, 3, 1), form="closed")), 9)
    178.373675336
    """
    units = math.after(widths)
    parameters = cumulative_parameters(math, widths)
    single = math.less_equal(math.last(math.positions(units)), 1)

    def excess(m: Any) -> Any:
        return math.sum(log_patterns(math, units, parameters, m)) - m * math.log(2)

    return {"dimension": math.where(single, math.last(math.before(widths)) + 1, math.last_crossing(excess, last))}


@dimension_relu_network.other_form("closed", provenance=DERIVED, source=Source("bartlett2019nearly", "Theorem 7"))
def _dimension_relu_network_closed(math: World, *, widths: Number) -> Terms:
    return {"dimension": _closed(math, widths)}
