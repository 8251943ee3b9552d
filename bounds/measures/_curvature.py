"""Flatness and sharpness."""

from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.bibliography import Source
from genbounds.bounds.measures._measure import Measure
from genbounds.bounds.measures._norms import _nonnegative


def normalized_flatness(*, frobenius_norms: Any, flatness: Any, scale: float) -> Measure:
    r"""sqrt(2/lambda) sum_l sqrt(||W_l||_F^2 a_l): the least of sum (s_l^2 a_l + ||W_l||_F^2/(2 lambda s_l^2)) over the noise scales s_l.

    a_l is the flatness of layer l: Gaussian noise of scale s on its weights raises the loss by about s^2 a_l; with the Hessian of the
    loss, a_l = tr(H_ll)/2. Invariant under W_l -> c W_l, W_{l+1} -> W_{l+1}/c for ReLU networks. No bound: a second-order expansion, with
    noise scales that were chosen on the data and are not paid for (the grid of ``pac_bayes.gaussian_kl_grid`` pays, and ``seeger2002`` with
    ``monte_carlo_risk`` then certifies).

    ``frobenius_norms`` and ``flatness``, one number per layer; ``scale`` lambda > 0.

    >>> round(normalized_flatness(frobenius_norms=[3.0], flatness=[2.0], scale=100.0).value, 12)  # tr H = 4
    0.6
    """
    norms, flat = np.broadcast_arrays(_nonnegative(frobenius_norms, "frobenius_norms"), _nonnegative(flatness, "flatness"))
    if not scale > 0:
        raise ValueError(f"scale must be greater than 0, got {scale}: it is lambda of the PAC-Bayes bound")
    value = float(np.sqrt(2 / scale) * np.sum(norms * np.sqrt(flat)))
    return Measure("normalised flatness", value, Source("tsuzuku2020normalized", "normalised flat minima"))


def sharpness(*, loss: float, largest_loss: float) -> Measure:
    r"""(largest loss in a neighbourhood - loss)/(1 + loss), as a fraction (the paper prints it in per cent).

    No bound: not invariant under rescaling of ReLU networks (Dinh et al. 2017), and the largest loss found by an optimiser is a lower
    bound.

    >>> sharpness(loss=1.0, largest_loss=2.0).value
    0.5
    """
    if not (np.isfinite(loss) and np.isfinite(largest_loss)) or loss < 0 or largest_loss < loss:
        raise ValueError(f"largest_loss must be at least loss, and loss at least 0, got {largest_loss} and {loss}: include the centre")
    return Measure("sharpness", (largest_loss - loss) / (1 + loss), Source("keskar2017large", "the sharpness of Section 2"))
