"""Stochastic gradient descent on the sigmoid loss of linear models, one run for each sample, and its mean losses."""

from __future__ import annotations

from fractions import Fraction

import torch

from genbounds.models.ensemble import IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.linear_models import decaying_steps, descend_sigmoid, sigmoid_losses
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array


def decaying_sigmoid(pool: FinitePool, drawn: Array, keys: range, step_scale: Fraction, stream: Stream) -> tuple[Array, Array]:
    """As many steps c/t as examples, on examples drawn with replacement, from weights 0: sigmoid losses.

    Args:
        pool: with labels -1 and +1.
        drawn: the samples, rows of the pool, (draws, n).
        keys: one for each run: it decides which examples are met.
        step_scale: c.
        stream: of the order of the examples.

    Returns:
        mean loss of each run over the pool, and on its own sample: (draws,) each.
    """
    signed, samples = torch.tensor(pool.inputs * pool.labels[:, None]), IndexSamples(torch.from_numpy(drawn))
    met = samples.draw_rows(stream.sub("order").draws(keys), 0, drawn.shape[1])
    losses = sigmoid_losses(descend_sigmoid(signed, met, decaying_steps(step_scale, drawn.shape[1])), signed)
    return losses.mean(dim=1).numpy(), losses.gather(1, samples.indices).mean(dim=1).numpy()
