"""Regularised logistic regression with each example left out in turn, and one replaced: how far the loss changes anywhere on the pool."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import REMOVE_ONE_STABILITY, RISK, STABILITY
from genbounds.verification.learners.left_out import Minimisers, minimisers, stopped_early, weightings
from genbounds.verification.learners.linear_models import loss_range
from genbounds.verification.populations import population
from genbounds.verification.populations.circle import circle
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios.pools.gaussian_posterior import unit_signed
from genbounds.verification.scenarios.pools.regularised import DIVIDED_LOSSES, POOL
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

TOLERANCE = 2.0**-6
"""At a gradient of this norm the early stopped descent stops."""
ROUNDING = 1e-12


@dataclass(frozen=True)
class Setting:
    """Draws from a pool, and the penalty (mu/2) ||w - w_0||^2.

    Attributes:
        pool: inputs are divided by their norms.
        n: examples.
        penalty: mu.
        centre: w_0 is so many times the first unit vector.
        thinning: a learner for every so-many-th key.
    """

    pool: FinitePool
    n: int
    penalty: Fraction
    centre: int
    thinning: int

    @property
    def largest(self) -> float:
        """The loss lies between 0 and this, rounded up: no output is farther from w_0 than 1/mu, as the slopes are at most 1.

        Around 0 it is also no farther than the objective at 0 lets it be.
        """
        if not self.centre:
            return loss_range(1.0, self.penalty)
        return float(np.logaddexp(0.0, self.centre + 1 / float(self.penalty))) * (1 + ROUNDING)


def settings() -> tuple[Setting, ...]:
    """Two examples with random labels, and more without; and labels that say nothing, with weights that are hardly moved."""
    return (
        Setting(random_labels(POOL), 2, Fraction(1, 4), 0, 4),
        Setting(population(POOL), 60, Fraction(1), 0, 16),
        Setting(circle(), 40, Fraction(64), 8, 2),
    )


class LeftOut(Scenario):
    """The average loss plus the penalty, also over the examples that are left."""

    name = "regularised logistic regression, each example left out"
    description = "regularised logistic regression on draws from the separable pool, trained again without each example and with another"
    inputs = frozenset({"n", "empirical_risk", "leave_one_out_risk", "loss_range", "lipschitz", "strong_convexity", "objective_gap"})
    truths = frozenset({RISK, STABILITY, REMOVE_ONE_STABILITY})
    audit = (
        DIVIDED_LOSSES
        | holding("the logistic loss of y <w, x>, and inputs of norm 1, rounded up", a.CONVEX_LOSS, a.LIPSCHITZ_LOSS)
        | holding("the average over the examples that are there; over all w", a.OBJECTIVE_OF_AVERAGE)
        | holding("the penalty; what the distance to the exact minimiser changes is given away", a.STRONGLY_CONVEX_OBJECTIVE)
        | holding("the penalty, and the gradient that is left over", a.STRONGLY_CONVEX_OBJECTIVES, a.APPROXIMATE_MINIMISER)
        | holding("loss, penalty and stopping rule are constants", a.ALGORITHM_FIXED_IN_ADVANCE, a.DETERMINISTIC_ALGORITHM)
        | holding(
            "the stability is that of the catalogue, and is compared with changes that are seen here",
            *(a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE),
        )
        | violating("the minimiser looks at the sample", a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )
    of_sum = False

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for one in settings():
            yield self.world(one, [one.pool.sample(("left out", key), one.n + 1) for key in keys[:: one.thinning]])

    def trained(self, signed: Array, offsets: Array, shares: Array, penalty: float) -> Minimisers:
        """The outputs of the learner for these weights of the examples: exact minimisers."""
        return minimisers(signed, offsets, shares, penalty)

    def world(self, one: Setting, drawn: list[Array]) -> World:
        """One sample for each row of n examples and one that replaces the first."""
        n, penalty, signed = one.n, float(one.penalty), unit_signed(one.pool)
        offsets = one.centre * signed[:, 0]
        shares = weightings(n, of_sum=self.of_sum)
        rows: list[tuple[float, ...]] = []
        gap = 0.0
        for sample in drawn:
            own, changed = sample[:n], np.append(sample[n], sample[1:n])
            found = self.trained(signed[own], offsets[own], shares, penalty)
            other = self.trained(signed[changed], offsets[changed], shares[:1], penalty)
            gap = max(gap, found.objective_gap, other.objective_gap)
            every = np.concatenate([found.weights, other.weights])
            margins = every @ signed.T + offsets
            losses = np.logaddexp(0.0, -margins)
            # A point of the pool with the other label is a point of the loss's domain too: ln(1 + e^m) = ln(1 + e^-m) + m.
            changes = np.maximum(*(np.abs(entry - entry[0]).max(axis=1) for entry in (losses, losses + margins)))
            left_out = losses[np.arange(1, n + 1), own].mean()
            rows.append((losses[0, own].mean(), left_out, losses[0].mean(), changes[1:-1].max(), changes[-1]))
        # Exact minimisers may lie elsewhere by the distance: by so much each number is moved to the side on which nothing is refuted.
        error = (self.given_away(gap, penalty) + ROUNDING) / one.largest
        empirical, left_out, risk, removed, replaced = np.array(rows).T / one.largest
        common: dict[str, Any] = {
            "n": n,
            "loss_range": 1,
            "lipschitz": (1 + ROUNDING) / one.largest,
            "strong_convexity": penalty / one.largest * (1 - ROUNDING),
            "objective_gap": gap / one.largest * (1 + ROUNDING),
        }
        shown = {"empirical_risk": np.clip(empirical + error, 0, 1), "leave_one_out_risk": np.clip(left_out + error, 0, 1)}
        truths = {RISK: risk - error, STABILITY: replaced - 2 * error, REMOVE_ONE_STABILITY: removed - 2 * error}
        return World(f"{one.pool.name}, n = {n}, mu = {one.penalty}, ||w_0|| = {one.centre}", common, shown, truths)

    @staticmethod
    def given_away(gap: float, penalty: float) -> float:
        """How far an exact minimiser's losses may be from those of the output: its distance, as the slope is at most 1."""
        return math.sqrt(2 * gap / penalty)


class LeftOutOfSum(LeftOut):
    """The sum of the losses over n, also where an example is left out."""

    name = "regularised logistic regression of the sum, each example left out"
    description = LeftOut.description + "; the others keep their weight 1/n"
    truths = frozenset({RISK, REMOVE_ONE_STABILITY})
    audit = (
        dict(LeftOut.audit)
        | holding("each example has the weight 1/n of the whole sample", a.OBJECTIVE_OF_SUM)
        | violating("without an example the weights do not add up to 1", a.OBJECTIVE_OF_AVERAGE)
    )
    of_sum = True

    def world(self, one: Setting, drawn: list[Array]) -> World:
        """The same, without the change where one is replaced."""
        found = super().world(one, drawn)
        return World(found.label, found.common, found.inputs, {name: found.truths[name] for name in self.truths})


class StoppedEarly(LeftOut):
    """Gradient descent is stopped where its gradient is small, far from the minimum."""

    name = "regularised logistic regression stopped early"
    description = "gradient descent on a regularised logistic risk over draws from the separable pool, stopped at a gradient of 1/64"
    inputs = LeftOut.inputs - {"leave_one_out_risk", "empirical_risk"}
    truths = frozenset({STABILITY, REMOVE_ONE_STABILITY})
    audit = dict(LeftOut.audit) | violating("the descent stops before the minimum", a.STRONGLY_CONVEX_OBJECTIVE)

    def trained(self, signed: Array, offsets: Array, shares: Array, penalty: float) -> Minimisers:
        """Gradient descent with a stopping rule."""
        return stopped_early(signed, offsets, shares, penalty, TOLERANCE)

    @staticmethod
    def given_away(gap: float, penalty: float) -> float:
        """Nothing: the outputs themselves are what the objective's gap speaks of."""
        return 0.0

    def world(self, one: Setting, drawn: list[Array]) -> World:
        """The changes of the loss alone."""
        found = super().world(one, drawn)
        return World(found.label, found.common, {}, {name: found.truths[name] for name in self.truths})
