from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.bibliography import Source
from genbounds.bounds.theorem import DERIVED, Terms, capacity
from genbounds.bounds.vc._relu_layers import (
    AT_LEAST_ONE_LAYER,
    NETWORK_WIDTHS,
    SCALAR_OUTPUT,
    cumulative_parameters,
    log_patterns,
)
from genbounds.bounds.worlds import FLOATS


def _closed(math: Any, widths: Any) -> Any:
    """L + sum_i W_i log2(4 e R log2(2 e R)), R = sum_i i k_i; inputs + 1 for a single layer."""
    units = math.after(widths)
    layers = math.last(math.positions(units))
    r = math.let("r", 2 * math.exp(1) * math.sum(units * math.positions(units)))
    log2 = math.log(2)
    deep = layers + math.sum(cumulative_parameters(math, widths)) * math.log(2 * r * math.log(r) / log2) / log2
    return math.where(math.less_equal(layers, 1), math.last(math.before(widths)) + 1, deep)


def _search(*, widths: np.ndarray) -> dict[str, np.ndarray]:
    """Bisect for the last m with m <= log2 G(m), between the sum of the W_i and the closed form, in floats."""
    units, parameters = widths[..., 1:], np.cumsum(widths[..., 1:] * (widths[..., :-1] + 1), axis=-1)
    low, high = np.sum(parameters, axis=-1), np.asarray(np.ceil(_closed(FLOATS, widths)))
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        fits = np.sum(log_patterns(FLOATS, units, parameters, middle), axis=-1) >= middle * np.log(2)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return {"last": np.where(widths.shape[-1] == 2, widths[..., 0] + 1, low)}


@capacity(
    source=Source("bartlett2019nearly", "Theorem 7, its inequality m <= log2 G(m) solved exactly"),
    provenance=DERIVED,
    symbols={"widths": "k"},
    domains={"widths": NETWORK_WIDTHS},
    increasing=("widths",),
    requires=(AT_LEAST_ONE_LAYER, SCALAR_OUTPUT),
    choose=_search,
    chosen={"last": "m"},
    form="implicit",
    left_side=r"\mathrm{VCdim}",
)
def dimension_relu_network(math: Any, *, widths: Any, last: Any) -> Terms:
    r"""The VC dimension of the signs of scalar ReLU networks of these widths, with biases: the largest m with m <= log2 G(m).

    G(m) is the product of Warren's bounds of the layers, 2 (2 e m k_i i / W_i)^{W_i} with W_i the parameters of layers 1..i
    (cumulative: with those of layer i alone the bound is false). m shattered points need 2^m sign vectors, and log2 G is concave in m, so
    there is a last crossing; it is searched in floats and then *proved*, in ball arithmetic, by log2 G(m + 1) < m + 1. One layer is an
    affine halfspace: inputs + 1. ``form="closed"`` is Theorem 7 as printed, L + sum W_i log2(4 e R log2(2 e R)) with R = sum i k_i; it
    is a little larger.

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
        # For one layer any crossing serves (the branch below does not use it): shift the line so that it crosses at the guess.
        patterns = math.sum(log_patterns(math, units, parameters, m)) / math.log(2) - m
        return math.where(single, last - m, patterns)

    return {"dimension": math.where(single, math.last(math.before(widths)) + 1, math.last_crossing(excess, last))}


@dimension_relu_network.other_form("closed", provenance=DERIVED)
def _dimension_relu_network_closed(math: Any, *, widths: Any) -> Terms:
    return {"dimension": _closed(math, widths)}
