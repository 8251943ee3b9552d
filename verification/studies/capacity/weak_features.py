"""Least squares on p of D Gaussian features: double descent with its exact law.

The labels are y = <x, b> + sigma e with x and e standard normal and b_i = 1/sqrt(D), so that ||b|| = 1. The fit takes the first p features
and has the least norm among those of least squared error. With t^2 = ||b_rest||^2 + sigma^2 the part of the label that the p features
do not explain is normal noise of variance t^2, independent of them. So the excess of the risk over t^2, ||b_T - fit||^2, has an exact law:

- p <= n: it is t^2 z^T (X^T X)^-1 z for z standard normal and independent of X, and z^T W^-1 z is a quotient of independent chi-squared
  variables with p and n - p + 1 degrees of freedom for a Wishart matrix W (Muirhead 1982, Theorem 3.2.12).
- p > n: it is the sum of ||(I - P) b_T||^2, P the projection on the n rows, which is ||b_T||^2 times a beta variable of parameters (p -
  n)/2 and n/2, and of t^2 z^T (X X^T)^-1 z, a quotient of n and p - n + 1 degrees of freedom; X X^T and P are independent, and the two
  parts orthogonal.

The expectations are those of Belkin, Hsu and Xu: infinite for n - 1 <= p <= n + 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats

from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations.protocol import Array

FEATURES, EXAMPLES, NOISE = 100, 40, 0.2
"""D, n and sigma of the figure of Belkin, Hsu and Xu (2020)."""
TAKEN = (2, 5, 10, 15, 20, 25, 30, 34, 37, 40, 43, 46, 50, 55, 60, 70, 80, 90, 100)
"""The numbers p of features that are taken."""


@dataclass(frozen=True)
class WeakCell:
    """So many fits for each p; another seed is other draws."""

    fits: int
    seed: int = 0


def unexplained(taken: int) -> float:
    """t^2: the variance of the part of a label that the first p features do not explain."""
    return 1 - taken / FEATURES + NOISE**2


def expected_risk(taken: int) -> float:
    """The mean of the risk E (y - <x, fit>)^2 over the samples.

    >>> round(expected_risk(20), 6), expected_risk(40), round(expected_risk(100), 6)  # .84 * 39/19; 1 - .4 + .04 * 99/59
    (1.724211, inf, 0.667119)
    """
    rest, n = unexplained(taken), EXAMPLES
    if taken <= n - 2:
        return rest * (1 + taken / (n - taken - 1))
    if taken <= n + 1:
        return math.inf
    return taken / FEATURES * (1 - n / taken) + rest * (1 + n / (taken - n - 1))


def weak_result(cell: WeakCell) -> dict[str, list[list[float]]]:
    """For each p a row over the fits: the ``risk``, the part of the excess by noise over t^2, and that by projection over ||b_T||^2."""
    stream = Stream("capacity", "weak features").sub(str(cell.seed))
    rows: dict[str, list[list[float]]] = {"risk": [], "by_noise": [], "by_projection": []}
    for taken in TAKEN:
        draws = stream.sub(str(taken)).normal(range(cell.fits), 0, EXAMPLES * (FEATURES + 1)).reshape(cell.fits, EXAMPLES, FEATURES + 1)
        inputs, noise = draws[..., :FEATURES], NOISE * draws[..., FEATURES]
        risk, by_noise, by_projection = fits(inputs, noise, taken)
        rows["risk"].append(risk.tolist())
        rows["by_noise"].append((by_noise / unexplained(taken)).tolist())
        rows["by_projection"].append((by_projection / (taken / FEATURES)).tolist())
    return rows


def fits(inputs: torch.Tensor, noise: torch.Tensor, taken: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The risk of each fit, and the parts of its excess by noise and by projection: inputs (fits, n, D) and noise (fits, n)."""
    coefficient = 1 / math.sqrt(FEATURES)
    kept = inputs[..., :taken]
    inverse = torch.linalg.pinv(kept)
    target = inputs.sum(-1) * coefficient + noise
    fitted = (inverse @ target[..., None])[..., 0]
    risk = (fitted - coefficient).square().sum(-1) + unexplained(taken)
    rest = inputs[..., taken:].sum(-1) * coefficient + noise
    by_noise = (inverse @ rest[..., None])[..., 0].square().sum(-1)
    truth = torch.full((taken,), coefficient, dtype=inputs.dtype)
    by_projection = (truth - (inverse @ (kept @ truth)[..., None])[..., 0]).square().sum(-1)
    return risk, by_noise, by_projection


def places_in_law(results: list[dict[str, list[list[float]]]]) -> dict[str, Array]:
    """Each measured part put into its own distribution function: independent uniform variables, if the law is right."""
    found: dict[str, list[Array]] = {"noise, p <= n": [], "noise, p > n": [], "projection, p > n": []}
    n = EXAMPLES
    for place, p in enumerate(TAKEN):
        noise = np.concatenate([result["by_noise"][place] for result in results])
        if p <= n:
            found["noise, p <= n"].append(stats.f.cdf(noise * (n - p + 1) / p, p, n - p + 1))
        else:
            projected = np.concatenate([result["by_projection"][place] for result in results])
            found["noise, p > n"].append(stats.f.cdf(noise * (p - n + 1) / n, n, p - n + 1))
            found["projection, p > n"].append(stats.beta.cdf(projected, (p - n) / 2, n / 2))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def from_uniform(places: Array) -> dict[str, list[list[float]]]:
    """The inverse: results whose parts lie at these places of their laws, the same for each p; for a planted fault."""
    rows: dict[str, list[list[float]]] = {"risk": [], "by_noise": [], "by_projection": []}
    n = EXAMPLES
    for p in TAKEN:
        top, bottom = min(p, n), abs(n - p) + 1
        noise = stats.f.ppf(places, top, bottom) * top / bottom
        projected = stats.beta.ppf(places, (p - n) / 2, n / 2) if p > n else 0 * places
        rows["by_noise"].append(noise.tolist())
        rows["by_projection"].append(projected.tolist())
        rows["risk"].append((unexplained(p) * (1 + noise) + p / FEATURES * projected).tolist())
    return rows
