"""The expected gap of a learner from twins: runs that share their sample, order and coins but for one example.

Let w be the output on a sample and w' the output on the same sample with example i replaced by a fresh one. The risk of w' is that of w on
average, and z_i is fresh to w'; so for i uniform

    E[risk - empirical risk] = E[l(w', z_i) - l(w, z_i)],

with the loss l of the training or any other (the stability identity). Twins share all noise but that of one example, so that the difference
varies far less than a gap does. And its range is known: after the one step in which the twins meet different examples, of size a, they are
at most 2 L a apart, and a later step of size a moves them apart by a factor 1 + a times the smoothness at most, or by none where the loss
is convex and a is at most 2/smoothness; neither does a projection. Where the step is drawn with a probability p_t proportional to the
largest difference h_t that it can make, the difference over n p_t has the same mean, and lies within H/n, H = sum_t h_t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.linear_models import (
    decaying_steps,
    descend_regularised,
    descend_sigmoid,
    double_below,
    logistic_constants,
    sigmoid_constants,
    sigmoid_losses,
)
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array, Key, generator

SLACK = 1 + 1e-9
"""More than float64 can lose here: ranges are multiplied by it."""


@dataclass(frozen=True, eq=False)
class Twins:
    """Runs and their twins.

    Attributes:
        pool_losses, sample_losses: mean loss of each run over the pool, and on its own sample, (draws,).
        differences: for each run a number whose mean is the expected gap, (draws,).
        half: the differences lie within plus and minus this, whatever the sample.
    """

    pool_losses: Array
    sample_losses: Array
    differences: Array
    half: float

    @property
    def gaps(self) -> Array:
        """Risk less empirical risk of each run."""
        return self.pool_losses - self.sample_losses


def reach(lipschitz: float, smoothness: float, sizes: Sequence[float], *, convex: bool, largest: float = np.inf) -> Array:
    """h_t: by how much the losses of two runs at one point can differ where step t alone meets different examples, (T,).

    Args:
        lipschitz, smoothness: of the loss in the parameters. sizes: of the steps, in order. convex: whether the loss is.
        largest: no two losses differ by more.

    >>> reach(1.0, 1.0, [0.5, 0.5], convex=True).tolist(), reach(1.0, 1.0, [0.5, 0.5], convex=False).tolist()
    ([1.0, 1.0], [1.5, 1.0])
    """
    steps = np.asarray(sizes, dtype=float)
    grows = np.where(convex & (steps * smoothness <= 2), 0.0, np.log1p(steps * smoothness))
    later = np.cumsum(grows[::-1])[::-1] - grows
    return np.asarray(np.minimum(largest, 2 * lipschitz**2 * steps * np.exp(later)))


def replaced(pool: FinitePool, drawn: Array, places: Array, key: Key, keys: range) -> Array:
    """The samples with the example at one place each replaced by a fresh draw."""
    twins = drawn.copy()
    twins[np.arange(len(drawn)), places] = [pool.sample((key, draw), 1, purpose="replacements")[0] for draw in keys]
    return twins


def logistic_twins(pool: FinitePool, drawn: Array, key: Key, keys: range, step: Fraction, radius: Fraction, stream: Stream) -> Twins:
    """One pass in random order from weights 0 with steps of one size, projected on a ball: logistic losses.

    The order is uniform, so that the first example of the sample is met at a uniform step.

    Args:
        pool: with labels -1 and +1.
        drawn: the samples, rows of the pool, (draws, n).
        key: names the replacements.
        keys: one for each run: it decides the order, of the run and of its twin.
        step: size of all steps.
        radius: of the ball.
        stream: of the order of the examples.
    """
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    twins = replaced(pool, drawn, np.zeros(len(drawn), dtype=int), key, keys)
    both = IndexSamples(torch.from_numpy(np.concatenate([drawn, twins])))
    ensemble = Ensemble([inputs.shape[1], 1], networks=[*keys, *keys], stream=stream, bias=False, dtype=torch.float64)
    ensemble.weights[0].zero_()
    training: dict[str, Any] = {"steps": drawn.shape[1], "batch_size": 1, "order": "permutation"}
    ensemble.train(inputs, labels, both, learning_rate=double_below(step), projection_radius=float(radius), **training)
    own = IndexSamples(torch.from_numpy(np.concatenate([drawn, drawn])))
    first = IndexSamples(torch.from_numpy(np.concatenate([drawn, drawn])[:, :1]))
    over_pool, on_sample, at_first = (ensemble.mean_loss(inputs, labels, *rows).numpy() for rows in ((), (own,), (first,)))
    lipschitz, smoothness = (float(constant) for constant in logistic_constants(pool.input_radius))
    half = float(reach(lipschitz, smoothness, [double_below(step)] * drawn.shape[1], convex=True).mean()) * SLACK
    runs = len(drawn)
    return Twins(over_pool[:runs], on_sample[:runs], at_first[runs:] - at_first[:runs], half)


def sigmoid_twins(pool: FinitePool, drawn: Array, key: Key, keys: range, step_scale: Fraction) -> Twins:
    """One pass with steps c/t from weights 0 over the examples in the order in which they were drawn: sigmoid losses.

    Args:
        pool: with labels -1 and +1.
        drawn: the samples, rows of the pool, (draws, n).
        key: names the replacements and their places.
        keys: one for each run.
        step_scale: c.
    """
    n = drawn.shape[1]
    sizes = decaying_steps(step_scale, n)
    lipschitz, smoothness = (float(constant) for constant in sigmoid_constants(pool.input_radius))
    largest = reach(lipschitz, smoothness, sizes.tolist(), convex=False, largest=1.0)
    chances = largest / largest.sum()
    places = np.array([generator("twins", key, draw).choice(n, p=chances) for draw in keys])
    twins = replaced(pool, drawn, places, key, keys)
    signed = torch.tensor(pool.inputs * pool.labels[:, None])
    runs, others = (descend_sigmoid(signed, torch.from_numpy(rows), sizes) for rows in (drawn, twins))
    losses = sigmoid_losses(runs, signed)
    met = torch.from_numpy(drawn[np.arange(len(drawn)), places])
    at_met = torch.sigmoid(-(others * signed[met]).sum(dim=1)) - losses.gather(1, met[:, None])[:, 0]
    on_sample = losses.gather(1, torch.from_numpy(drawn)).mean(dim=1)
    half = float(largest.sum()) / n * SLACK
    return Twins(losses.mean(dim=1).numpy(), on_sample.numpy(), at_met.numpy() / (n * chances[places]), half)


@dataclass(frozen=True, eq=False)
class Descent:
    """One pass of gradient descent on ln(1 + exp(-y <w, x>)) + (mu/2) ||w - w_0||^2 from w_0, projected on a ball around w_0.

    Attributes:
        start: w_0, (d,).
        penalty: mu.
        sizes: of the steps, in order.
        radius: of the ball.
    """

    start: Array
    penalty: Fraction
    sizes: Sequence[float]
    radius: Fraction

    def of(self, examples: Array) -> Array:
        """The weights of the runs that meet these examples y x, (draws, n, d), in order: (draws, d)."""
        return descend_regularised(examples, self.start, float(self.penalty), self.sizes, float(self.radius))


def regularised_twins(pool: FinitePool, drawn: Array, key: Key, keys: range, descent: Descent) -> Twins:
    """Runs over the examples in the order in which they were drawn: logistic losses, without the penalty, which no gap depends on.

    The Hessian of loss and penalty has eigenvalues between mu and R^2/4 + mu, so that a common step of size a changes distances by a factor
    of at most max(|1 - a mu|, |1 - a (R^2/4 + mu)|); in the step that meets different examples the penalty moves both runs alike.

    Args:
        pool: with labels -1 and +1.
        drawn: the samples, rows of the pool, (draws, n).
        key: names the replacements and their places.
        keys: one for each run.
        descent: the learner, with n steps.
    """
    n, mu = drawn.shape[1], float(descent.penalty)
    lipschitz, smoothness = (float(constant) for constant in logistic_constants(pool.input_radius))
    largest = reach_regularised(lipschitz, smoothness, mu, descent.sizes, 2 * lipschitz * float(descent.radius))
    chances = largest / largest.sum()
    places = np.array([generator("twins", key, draw).choice(n, p=chances) for draw in keys])
    twins = replaced(pool, drawn, places, key, keys)
    signed = pool.inputs * pool.labels[:, None]
    runs, others = (descent.of(signed[rows]) for rows in (drawn, twins))
    losses = np.logaddexp(0.0, -(runs @ signed.T))
    met = drawn[np.arange(len(drawn)), places]
    at_met = np.logaddexp(0.0, -(others * signed[met]).sum(axis=1)) - losses[np.arange(len(drawn)), met]
    on_sample = np.take_along_axis(losses, drawn, axis=1).mean(axis=1)
    half = float(largest.sum()) / n * SLACK
    return Twins(losses.mean(axis=1), on_sample, at_met / (n * chances[places]), half)


def reach_regularised(lipschitz: float, smoothness: float, penalty: float, sizes: Sequence[float], largest: float) -> Array:
    """``reach`` for a convex loss with the added penalty (mu/2) ||w||^2, which is the same for every example, (T,).

    Args:
        lipschitz, smoothness: of the loss without the penalty. penalty: mu. sizes: of the steps, in order.
        largest: no two losses differ by more.

    >>> reach_regularised(1.0, 0.25, 0.25, [1.0, 1.0], 9.0).tolist()  # what the first step makes shrinks by 3/4
    [1.5, 2.0]
    """
    steps = np.asarray(sizes, dtype=float)
    factors = np.maximum(np.abs(1 - steps * penalty), np.abs(1 - steps * (smoothness + penalty)))
    later = np.append(np.cumprod(factors[:0:-1])[::-1], 1.0)
    return np.asarray(np.minimum(largest, 2 * lipschitz**2 * steps * later))
