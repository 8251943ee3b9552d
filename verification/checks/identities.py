"""Exact identities that hold through the whole pipeline of data, training and scoring, whatever is learnt (A3).

For a symmetric learner A, samples S of n independent draws, a further draw z', and S^i, in which z' takes the place of z_i,

    E[R(A(S)) - R_S(A(S))] = E[l(A(S), z') - l(A(S^i), z')].

Both sides are measured on the same draws; their difference has mean 0. There is no slack: a leak between training and test, seeds that are
coupled, draws that are not independent, break it, and two others: the mean leave-one-out loss on n + 1 examples is the mean risk
after n, and the mean loss of the hypotheses of an online run is their mean risk.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genbounds.verification.checks.coverage import ALPHA
from genbounds.verification.checks.mean_limits import mean_interval
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array

Learner = Callable[[Array], Array]
"""Trains on each row of a (draws, n) array of rows of the pool, n >= 0, and gives its loss at every point of the pool: (draws, N)."""
Sampler = Callable[[range, int, str], Array]
"""Rows of the pool for each key: (keys, how many, purpose) to (draws, n). Different purposes share nothing."""


@dataclass(frozen=True)
class Identity:
    """What was found of an identity: the mean of left minus right over draws lies within ``low`` and ``high``; 0 must lie there too.

    Each of the two limits fails with probability at most ``alpha``/2: a true identity is refuted with probability at most ``alpha``.
    """

    name: str
    verdict: Verdict
    mean: float
    low: float
    high: float
    draws: int
    alpha: float

    def sentence(self) -> str:
        """The evidence in one sentence."""
        return (
            f"{self.name}: left minus right is {self.mean:.3g} on average over {self.draws} draws, its mean lies in "
            f"[{self.low:.3g}, {self.high:.3g}] with probability {1 - self.alpha:g}"
        )


def pool_sampler(pool: FinitePool) -> Sampler:
    """Independent draws with replacement."""
    return lambda keys, n, purpose: np.stack([pool.sample(("identity", key), n, purpose=purpose) for key in keys])


def stability_identity(
    learner: Learner, sample: Sampler, n: int, keys: range, *, largest_loss: float = 1.0, alpha: float = ALPHA
) -> Identity:
    """The identity above, i = 1, ..., n in turn.

    Args:
        learner: symmetric in its examples, with losses in [0, largest_loss].
        sample: where examples come from.
        n: examples of a sample.
        keys: the draws, at least 2.
        largest_loss: an upper bound on the loss.
        alpha: the probability of a false alarm.

    >>> import numpy as np
    >>> labels = np.array([0.0, 1.0])  # the learner predicts the mean of the labels it has seen; the loss is absolute
    >>> rows = lambda keys, n, purpose: np.random.default_rng(len(purpose)).integers(2, size=(len(keys), n))
    >>> found = stability_identity(lambda drawn: abs(labels[drawn].mean(axis=1)[:, None] - labels), rows, 4, range(2000))
    >>> found.verdict.value
    'not refuted'
    """
    drawn, fresh = sample(keys, n, "sample"), sample(keys, 1, "replacement")
    each = np.arange(len(keys))
    replaced = drawn.copy()
    replaced[each, each % n] = fresh[:, 0]
    losses, after = learner(drawn), learner(replaced)
    left = losses.mean(axis=1) - np.take_along_axis(losses, drawn, axis=1).mean(axis=1)
    right = losses[each, fresh[:, 0]] - after[each, fresh[:, 0]]
    return _judged("stability identity", left - right, 2 * largest_loss, alpha)


def leave_one_out_identity(
    learner: Learner, sample: Sampler, n: int, keys: range, *, largest_loss: float = 1.0, alpha: float = ALPHA
) -> Identity:
    """The mean loss, over i, at z_i of what is learnt from the other n of n + 1 examples, against the mean risk after n examples."""
    drawn = sample(keys, n + 1, "sample")
    each = np.arange(len(keys))
    left_out = np.stack([learner(np.delete(drawn, i, axis=1))[each, drawn[:, i]] for i in range(n + 1)]).mean(axis=0)
    risk = learner(sample(keys, n, "another sample")).mean(axis=1)
    return _judged("leave-one-out identity", left_out - risk, largest_loss, alpha)


def online_identity(learner: Learner, sample: Sampler, n: int, keys: range, *, largest_loss: float = 1.0, alpha: float = ALPHA) -> Identity:
    """The mean loss at z_t of what is learnt from z_1, ..., z_(t-1), against its mean risk: t = 1, ..., n."""
    drawn = sample(keys, n, "sample")
    each = np.arange(len(keys))
    difference = np.zeros(len(keys))
    for t in range(n):
        losses = learner(drawn[:, :t])
        difference += (losses[each, drawn[:, t]] - losses.mean(axis=1)) / n
    return _judged("online-to-batch identity", difference, largest_loss, alpha)


def stability_sides(learner: Learner, points: int, n: int) -> tuple[float, float]:
    """Both sides of the stability identity, exactly: all samples of n from a pool of so many points are trained on, each with every z'.

    They are equal up to rounding for every symmetric learner.

    >>> import numpy as np
    >>> labels = np.array([0.0, 1.0, 1.0])
    >>> left, right = stability_sides(lambda drawn: abs(labels[drawn].mean(axis=1)[:, None] - labels), 3, 2)
    >>> round(left, 12), round(right, 12)
    (0.222222222222, 0.222222222222)
    """
    drawn = np.stack(np.meshgrid(*[np.arange(points)] * n, indexing="ij"), axis=-1).reshape(-1, n)
    losses = learner(drawn)
    left = float((losses.mean(axis=1) - np.take_along_axis(losses, drawn, axis=1).mean(axis=1)).mean())
    terms = []
    for fresh in range(points):
        for i in range(n):
            replaced = drawn.copy()
            replaced[:, i] = fresh
            terms.append(float((losses[:, fresh] - learner(replaced)[:, fresh]).mean()))
    return left, math.fsum(terms) / len(terms)


def _judged(name: str, difference: Array, largest: float, alpha: float) -> Identity:
    low, high = mean_interval(difference, -largest, largest, alpha / 2)
    verdict = Verdict.NOT_REFUTED if low <= 0 <= high else Verdict.REFUTED
    return Identity(name, verdict, float(difference.mean()), low, high, len(difference), alpha)
