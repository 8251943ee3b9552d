"""Products of norms, and norms over paths."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from genbounds.bounds.bibliography import Source
from genbounds.bounds.measures._measure import Measure


def lipschitz_product(*, spectral_norms: Any, lipschitz: Any = 1.0) -> Measure:
    r"""The product over the layers of spectral norm times the Lipschitz constant of the activation: an upper bound on the network's own
    constant.

    This is not a bound on a risk: it grows with depth, whatever the data, and a bound built on it alone would have to pay for its choice
    (``margin.spectral`` does). In the log domain, so that it does not overflow on the way.

    >>> measured = lipschitz_product(spectral_norms=[2, 3], lipschitz=[1, 0.5])
    >>> round(measured.value, 12), round(measured.log_value, 12)
    (3.0, 1.098612288668)
    """
    norms, constants = np.broadcast_arrays(_positive(spectral_norms, "spectral_norms"), _positive(lipschitz, "lipschitz"))
    log_value = float(np.sum(np.log(norms)) + np.sum(np.log(constants)))
    return _from_log("Lipschitz product", log_value, Source("bartlett2017spectrally", "Theorem 1.1"))


def spectral_complexity(*, spectral_norms: Any, distances_2_1: Any, lipschitz: Any = 1.0) -> Measure:
    r"""R_A = prod(rho_i s_i) (sum (b_i/s_i)^(2/3))^(3/2), s the spectral norms, b the (2,1) norms of the distances from the reference.

    No bound: the theorem that it comes from hides constants, logarithms and the confidence term; ``margin.spectral`` and
    ``margin.bartlett2017spectral`` have them all.

    >>> round(spectral_complexity(spectral_norms=[1, 1], distances_2_1=[1, 1]).value, 12)  # 2^(3/2)
    2.828427124746
    """
    norms, distances, constants = np.broadcast_arrays(
        _positive(spectral_norms, "spectral_norms"), _nonnegative(distances_2_1, "distances_2_1"), _positive(lipschitz, "lipschitz")
    )
    name, source = "spectral complexity", Source("bartlett2017spectrally", "the spectral complexity of Section 1")
    total = float(np.sum((distances / norms) ** (2 / 3)))
    if total == 0:
        return Measure(name, 0.0, source, -np.inf)
    log_value = float(np.sum(np.log(norms)) + np.sum(np.log(constants)) + 1.5 * np.log(total))
    return _from_log(name, log_value, source)


def path_norm(*, weights: Sequence[Any], power: int = 2) -> Measure:
    r"""The l_p norm over all input-output paths of the product of their weights: (sum over paths of prod |w|^p)^(1/p).

    Matrices of shape (out, in), first layer first. Invariant under rescaling of ReLU units, where products of norms are not. No bound as
    it stands: the complexity bounds in terms of it have factors that grow exponentially with depth.

    >>> [round(path_norm(weights=[[[3.0, -4.0]], [[2.0]]], power=power).value, 12) for power in (2, 1)]
    [10.0, 14.0]
    """
    if power not in (1, 2):
        raise ValueError(f"power must be 1 or 2, got {power}: the path norms of the literature")
    layers = [np.abs(np.asarray(matrix, dtype=np.float64)) for matrix in weights]
    fit = all(matrix.ndim == 2 for matrix in layers) and all(a.shape[0] == b.shape[1] for a, b in pairwise(layers))
    if not layers or not fit:
        shapes = [matrix.shape for matrix in layers]
        raise ValueError(f"weights must be matrices (out, in) that fit together, got shapes {shapes}: first layer first")
    name, source = f"l{power} path norm", Source("neyshabur2015norm", "the path-based regulariser")
    reached, log_norm = np.ones(layers[0].shape[1]), 0.0
    for matrix in layers:
        largest = float(np.max(matrix))
        reached = (matrix / (largest or 1.0)) ** power @ reached  # the largest weight and sum are taken out: nothing overflows
        total = float(np.sum(reached))
        if total == 0:
            return Measure(name, 0.0, source, -np.inf)
        reached, log_norm = reached / total, log_norm + float(np.log(largest)) + float(np.log(total)) / power
    return _from_log(name, log_norm, source)


def _from_log(name: str, log_value: float, source: Source) -> Measure:
    """The measure with this logarithm; its value is infinite where it exceeds the largest double."""
    with np.errstate(over="ignore"):
        return Measure(name, float(np.exp(log_value)), source, log_value)


def _positive(entries: Any, name: str) -> np.ndarray:
    array = np.asarray(entries, dtype=np.float64)
    if not array.size or not np.all(np.isfinite(array)) or np.any(array <= 0):
        raise ValueError(f"{name} must be finite and greater than 0, got {array}: pass one positive number per layer")
    return array


def _nonnegative(entries: Any, name: str) -> np.ndarray:
    array = np.asarray(entries, dtype=np.float64)
    if not array.size or not np.all(np.isfinite(array)) or np.any(array < 0):
        raise ValueError(f"{name} must be finite and at least 0, got {array}: pass one number per layer")
    return array
