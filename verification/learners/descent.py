"""Stochastic gradient descent on linear models, one run for each sample: mean losses over the pool and on the run's own sample."""

from __future__ import annotations

from fractions import Fraction

import torch

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.linear_models import decaying_steps, descend_sigmoid, double_below, sigmoid_losses
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array


def one_pass_logistic(pool: FinitePool, drawn: Array, keys: range, step: Fraction, radius: Fraction, stream: Stream) -> tuple[Array, Array]:
    """One pass in random order from weights 0 with steps of one size, projected on a ball: logistic losses.

    Args:
        pool: with labels -1 and +1.
        drawn: the samples, rows of the pool, (draws, n).
        keys: one for each run: it decides the order.
        step: size of all steps.
        radius: of the ball.
        stream: of the order of the examples.

    Returns:
        mean loss of each run over the pool, and on its own sample: (draws,) each.
    """
    inputs, labels, samples = torch.tensor(pool.inputs), torch.tensor(pool.labels), IndexSamples(torch.from_numpy(drawn))
    ensemble = Ensemble([inputs.shape[1], 1], networks=keys, stream=stream, bias=False, dtype=torch.float64)
    ensemble.weights[0].zero_()
    ensemble.train(
        inputs,
        labels,
        samples,
        steps=drawn.shape[1],
        batch_size=1,
        order="permutation",
        learning_rate=double_below(step),
        projection_radius=float(radius),
    )
    return ensemble.mean_loss(inputs, labels).numpy(), ensemble.mean_loss(inputs, labels, samples).numpy()


def decaying_sigmoid(pool: FinitePool, drawn: Array, keys: range, step_scale: Fraction, stream: Stream) -> tuple[Array, Array]:
    """As many steps c/t as examples, on examples drawn with replacement, from weights 0: sigmoid losses.

    The arguments and results are those of ``one_pass_logistic``.
    """
    signed, samples = torch.tensor(pool.inputs * pool.labels[:, None]), IndexSamples(torch.from_numpy(drawn))
    met = samples.draw_rows(stream.sub("order").draws(keys), 0, drawn.shape[1])
    losses = sigmoid_losses(descend_sigmoid(signed, met, decaying_steps(step_scale, drawn.shape[1])), signed)
    return losses.mean(dim=1).numpy(), losses.gather(1, samples.indices).mean(dim=1).numpy()
