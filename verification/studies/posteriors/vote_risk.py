"""The risk of a majority vote over Gaussian networks on a finite pool, as an interval."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from genbounds.bounds.certificate import decimal_down_percent
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianNetwork, draw_coordinates
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.rows.interval import Interval


def vote_risk(posterior: GaussianNetwork, pool: FinitePool, draws: int, stream: Stream, *, delta: float) -> Interval:
    """The risk of the vote over the whole posterior, from ``draws`` networks that predict on the whole pool.

    A network whose largest output is not that of one class alone, or is NaN, votes for a wrong class: a tie is an error, as everywhere.

    The vote is right at a point where the true class is predicted with a larger probability than each other one. Over independent networks
    the difference of two indicators lies in [-1, 1], so that its average is within sqrt(2 ln(1/p)/draws) of its mean but with probability
    p (Hoeffding), on each side; p is delta over twice the number of points and wrong classes. Points where the lead is within that of 0
    may be right or wrong. The interval fails with probability at most ``delta``.

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> means = DenseNetwork((2, 2))
    >>> with torch.no_grad():
    ...     _ = means.layers[0].weight.copy_(torch.eye(2)), means.layers[0].bias.zero_()
    >>> pool = FinitePool("four points", np.array([[1.0, 0], [0, 1], [2, 1], [1, 2]]), np.array([0, 1, 0, 0]), "none")
    >>> found = vote_risk(GaussianDenseNetwork(means, std=1e-9), pool, 200, Stream("vote", "example"), delta=0.001)
    >>> round(found.lower, 12), round(found.upper, 12)
    (0.25, 0.25)
    """
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    classes = posterior.outputs
    votes = np.zeros((pool.size, classes), np.int64)
    noise = inputs.new_zeros(posterior.noise_shape(pool.size, 1))
    points = np.arange(pool.size)
    for number in range(draws):
        layers = posterior.fixed_layers(draw_coordinates(posterior, stream, network=number), torch.float64)
        votes[points, predicted(posterior.propagate(inputs, noise, layers), labels).numpy()] += 1
    own = votes[points, labels.numpy()]
    votes[points, labels.numpy()] = -1
    lead = (own - votes.max(axis=1)) / draws
    width = math.sqrt(2 * math.log(2 * pool.size * (classes - 1) / delta) / draws)
    surely_wrong, perhaps_wrong = (int(np.count_nonzero(lead <= edge)) for edge in (-width, width))
    level = decimal_down_percent(Fraction(delta))
    method = f"{level} % interval from {draws} networks: at {perhaps_wrong - surely_wrong} of {pool.size} points the vote is open"
    return Interval(math.nextafter(surely_wrong / pool.size, 0.0), math.nextafter(perhaps_wrong / pool.size, 1.0), method)


def predicted(scores: Tensor, labels: Tensor) -> Tensor:
    """The true class where its score alone is the largest, else the strongest wrong one: ties and NaN are errors.

    >>> nan = math.nan
    >>> predicted(torch.tensor([[2.0, 1, 0], [1, 1, 0], [nan, 0, 0], [2, nan, 0], [0, 1, 3]]), torch.zeros(5, dtype=torch.int64)).tolist()
    [0, 1, 1, 1, 2]
    """
    own = scores.gather(1, labels[:, None])[:, 0]
    wrong = scores.nan_to_num(nan=math.inf, posinf=math.inf).scatter(1, labels[:, None], -math.inf)
    strongest = wrong.max(dim=1)
    return torch.where(own > strongest.values, labels, strongest.indices)
