"""The affine pieces of a LeakyReLU network on an interval of the line, with their kinks."""

from __future__ import annotations

import numpy as np

from genbounds.verification.populations.protocol import Array
from genbounds.verification.studies.residual.networks import SLOPE, Networks


def kinks(networks: Networks, low: float, high: float) -> tuple[Array, Array, Array]:
    """Where the one network of ``networks`` may change its slope.

    Every layer is affine between the points at which a neuron of it or of a layer before passes zero. So the points are found layer by
    layer, from values at those found before: nothing is sampled.

    Returns:
        All such points with both ends, increasing; the function's values there; and which of them are kinks: inner points at which the
        slope changes by more than 1e-7 of the largest slope.
    """
    places, state = np.array([low, high]), np.array([[low], [high]])
    kept = float(networks.kept[0, 0, 0])
    for weight, bias in zip(networks.weights[:-1], networks.biases[:-1], strict=True):
        matrix, offset = weight[0].numpy(), bias[0].numpy()
        before = state @ matrix + offset
        crossing = before[:-1] * before[1:] < 0
        share = np.where(crossing, before[:-1] / np.where(crossing, before[:-1] - before[1:], 1.0), 0.0)
        gaps, _ = np.nonzero(crossing)
        found = places[gaps] + share[crossing] * (places[gaps + 1] - places[gaps])
        new = np.setdiff1d(found, places)
        merged = np.union1d(places, new)
        state = np.stack([np.interp(merged, places, column) for column in state.T], axis=1)
        places, values = merged, state @ matrix + offset
        branch = np.where(values > 0, values, SLOPE * values)
        state = kept * state + branch if matrix.shape[0] == matrix.shape[1] else branch
    values = (state @ networks.weights[-1][0].numpy() + networks.biases[-1][0].numpy())[:, 0]
    apart = np.flatnonzero(np.diff(places, prepend=-np.inf) > 1e-9)  # the slope between two nearer ones would be rounding
    places, values = places[apart], values[apart]
    slopes = np.diff(values) / np.diff(places)
    changes = np.zeros(len(places), dtype=bool)
    changes[1:-1] = np.abs(np.diff(slopes)) > 1e-7 * max(1e-300, float(np.abs(slopes).max()))
    return places, values, changes


def most_pieces(widths: tuple[int, ...]) -> int:
    """No network of these widths has more pieces: between two points a neuron's input is affine and passes zero once at most.

    >>> most_pieces((1, 5, 5, 5, 1, 1))
    432
    """
    bound = 1
    for width in widths[1:-1]:
        bound *= width + 1
    return bound
