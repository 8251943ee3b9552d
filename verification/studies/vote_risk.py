"""The risk of a majority vote over Gaussian networks on a finite pool, as an interval."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import torch

from genbounds.bounds.certificate import decimal_down_percent
from genbounds.models.stochastic import GaussianNetwork, draw_coordinates
from genbounds.models.streams import Stream
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.rows import Interval


def vote_risk(posterior: GaussianNetwork, pool: FinitePool, draws: int, stream: Stream, *, delta: float) -> Interval:
    """The risk of the vote over the whole posterior, from ``draws`` networks that predict on the whole pool.

    The vote is right at a point where the true class is predicted with a larger probability than each other one. Over independent networks
    the difference of two indicators lies in [-1, 1], so that its average is within sqrt(2 ln(1/p)/draws) of its mean but with probability
    p (Hoeffding), on each side; p is delta over twice the number of points and wrong classes. Points where the lead is within that of 0
    may be right or wrong. The interval fails with probability at most ``delta``.
    """
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    classes = posterior.outputs
    votes = np.zeros((pool.size, classes), np.int64)
    noise = inputs.new_zeros(posterior.noise_shape(pool.size, 1))
    points = np.arange(pool.size)
    for number in range(draws):
        layers = posterior.fixed_layers(draw_coordinates(posterior, stream, network=number), torch.float64)
        votes[points, posterior.propagate(inputs, noise, layers).argmax(dim=1).numpy()] += 1
    own = votes[points, labels.numpy()]
    votes[points, labels.numpy()] = -1
    lead = (own - votes.max(axis=1)) / draws
    width = math.sqrt(2 * math.log(2 * pool.size * (classes - 1) / delta) / draws)
    surely_wrong, perhaps_wrong = (int(np.count_nonzero(lead <= edge)) for edge in (-width, width))
    level = decimal_down_percent(Fraction(delta))
    method = f"{level} % interval from {draws} networks: at {perhaps_wrong - surely_wrong} of {pool.size} points the vote is open"
    return Interval(math.nextafter(surely_wrong / pool.size, 0.0), math.nextafter(perhaps_wrong / pool.size, 1.0), method)
