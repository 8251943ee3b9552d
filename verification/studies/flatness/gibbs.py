"""The Gibbs risk of Gaussian weights around a network, on its sample and on the pool, and the kl bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy import stats
from torch import Tensor

from genbounds.bounds.pac_bayes import seeger2002
from genbounds.models.randomness.streams import Stream
from genbounds.verification.studies.flatness.measures import Layers

SCALES = (0.1, 0.2, 0.4)
"""Standard deviations of posterior and prior, fixed in advance; each has a bound of its own."""
DELTA = 2.0**-32
"""Of each bound, and of each of the two limits on a Gibbs risk: three for each network and scale."""


def kl_bounds(
    trained: Layers, start: Layers, sample: Tensor, labels: Tensor, pool: Tensor, classes: Tensor, pairs: int, stream: Stream
) -> Any:
    """For each scale and network the bound, an upper limit on the Gibbs risk on the sample and a lower one on the pool's: (scales, K) each.

    Posterior and prior are normal with the same standard deviation s in each weight, around the trained network and around its start, which
    does not depend on the sample: their divergence is ||w - w_0||^2/(2 s^2).

    Args:
        sample: (K, n, d), with labels (K, n). pool: (N, d), with classes (N,). pairs: draws of weights and an example.
    """
    moved = sum((one - two).square().sum((1, 2)) for one, two in ((trained.first, start.first), (trained.second, start.second)))
    networks, n = labels.shape
    rows = stream.sub("examples").integers(range(networks), 0, pairs, n)
    pool_rows = stream.sub("pool").integers(range(networks), 0, pairs, len(pool))
    result: dict[str, list[list[float]]] = {"bound": [], "upper": [], "lower": []}
    for place, scale in enumerate(SCALES):
        on_sample = wrong(
            trained, sample.gather(1, rows[..., None].expand(-1, -1, sample.shape[-1])), labels.gather(1, rows), scale, stream, 2 * place
        )
        on_pool = wrong(trained, pool[pool_rows], classes[pool_rows], scale, stream, 2 * place + 1)
        upper = np.minimum(1.0, stats.beta.ppf(1 - DELTA, on_sample + 1, pairs - on_sample))
        upper = np.where(on_sample == pairs, 1.0, upper)
        lower = np.where(on_pool == 0, 0.0, stats.beta.ppf(DELTA, on_pool, pairs - on_pool + 1))
        kl = torch.as_tensor(moved).numpy() / (2 * scale**2)
        result["bound"].append(seeger2002.value(empirical_risk=upper, kl=kl, n=np.full(networks, float(n)), delta=DELTA).tolist())
        result["upper"].append(upper.tolist())
        result["lower"].append(lower.tolist())
    return result


def wrong(layers: Layers, inputs: Tensor, labels: Tensor, scale: float, stream: Stream, place: int) -> Any:
    """How many pairs of weights and an example are wrong, (K,): the weights are drawn anew for each example.

    For one example the products of independent normal weights with it are independent and normal, with means A x and standard deviation
    s ||x||; so the values are drawn, and not the weights.

    Args:
        inputs: (K, pairs, d). labels: (K, pairs).
    """
    values = inputs @ layers.first.mT
    hidden = torch.relu(values + scale * inputs.norm(dim=-1, keepdim=True) * _normals(stream, place, "first", values))
    outputs = hidden @ layers.second.mT
    outputs = outputs + scale * hidden.norm(dim=-1, keepdim=True) * _normals(stream, place, "second", outputs)
    return (outputs.argmax(-1) != labels).sum(-1).numpy()


def _normals(stream: Stream, place: int, layer: str, like: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(int(stream.sub(f"{layer} noise {place}").integers([0], 0, 1, 2**31)[0, 0]))
    return torch.randn(like.shape, dtype=like.dtype, generator=generator)
