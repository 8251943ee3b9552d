"""Gaussian posteriors of a linear classifier: f(x) = sign <w, x> with w ~ N(m, s^2); its risk at each point is a normal integral."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

from genbounds.bounds.assumptions import (
    DISJOINT_PRIOR,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    ONE_DRAW,
    ONE_POSTERIOR,
    PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    UNBIASED_VARIANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import GIBBS_RISK, RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array, generator
from genbounds.verification.scenarios.scenario import Scenario, World, holding

POOL = "breast_cancer_1_vs_rest"
SETTINGS = ((6, 2.0), (60, 3.0))
"""Examples, and the norm of the posterior's mean."""
PRIOR_SHARE = 3
"""The part 1/3 of the sample goes to the prior, where it is learnt."""


def unit_signed(pool: FinitePool) -> Array:
    """y x/||x|| for each point of a binary pool: all that a linear classifier through the origin sees, (N, d)."""
    return np.asarray(pool.inputs / np.linalg.norm(pool.inputs, axis=1, keepdims=True) * pool.labels[:, None])


def mean_direction(signed: Array, drawn: Array, norm: float) -> Array:
    """The sum of y x/||x|| over each sample, scaled to a norm: (draws, d)."""
    sums = signed[drawn].sum(axis=1)
    return np.asarray(norm * sums / np.linalg.norm(sums, axis=1, keepdims=True))


def gibbs_losses(means: Array, signed: Array) -> Array:
    """P(y <w, x> <= 0) for w ~ N(m, 1) at every point of the pool: the distribution function at -<m, y x/||x||>, (draws, N)."""
    return np.asarray(special.ndtr(-means @ signed.T))


class GaussianPosterior(Scenario):
    """Posterior and prior have standard deviation 1; the prior is centred at 0."""

    name = "Gaussian posterior"
    description = "linear classifiers on breast cancer with normal weights around the mean of the signed examples; prior N(0, 1)"
    inputs = frozenset({"n", "empirical_risk", "mean_q", "std_q", "mean_p", "std_p", "temperature", "weight"})
    truths = frozenset({GIBBS_RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none, its mean over the posterior", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("N(0, 1) in every weight", PRIOR_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Few and more examples."""
        pool = population(POOL)
        signed = unit_signed(pool)
        zeros, ones = np.zeros((len(keys), pool.features)), np.ones((len(keys), pool.features))
        for n, norm in SETTINGS:
            drawn = np.stack([pool.sample(("gaussian", key), n) for key in keys])
            means = mean_direction(signed, drawn, norm)
            losses = gibbs_losses(means, signed)
            shown: dict[str, Any] = {
                "empirical_risk": np.take_along_axis(losses, drawn, axis=1).mean(axis=1),
                "mean_q": means,
                "std_q": ones,
                "mean_p": zeros,
                "std_p": ones,
            }
            common = {"n": n, "temperature": Fraction(2), "weight": Fraction(1)}
            yield World(f"breast cancer, n = {n}, ||m|| = {norm:g}", common, shown, {GIBBS_RISK: losses.mean(axis=1)})


class PriorScaleOnGrid(GaussianPosterior):
    """The prior is centred at 0; its variance is the best of a grid below 4, which is paid for."""

    name = "Gaussian posterior, prior scale on a grid"
    description = "linear classifiers on breast cancer with normal weights; the prior's variance is the best of a grid fixed beforehand"
    inputs = GaussianPosterior.inputs - {"std_p"} | {"largest_variance", "precision"}
    audit = dict(GaussianPosterior.audit) | holding("0; the grid is given by two constants", PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE)

    def draws(self, keys: range) -> Iterator[World]:
        """Every fourth of the posteriors of ``GaussianPosterior``."""
        for world in super().draws(keys[::4]):
            shown = {name: entry for name, entry in world.inputs.items() if name != "std_p"}
            common = {**world.common, "largest_variance": Fraction(4), "precision": 10}
            yield World(world.label, common, shown, world.truths)


class LearntPrior(Scenario):
    """The first third of the sample places the prior; the posterior is placed by all, and judged by the other two thirds."""

    name = "Gaussian posterior with a learnt prior"
    description = "linear classifiers on breast cancer with normal weights; the prior's centre comes from the first third of the sample"
    inputs = frozenset({"n", "prior_size", "empirical_risk", "mean_q", "std_q", "mean_p", "std_p"})
    truths = frozenset({GIBBS_RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none, its mean over the posterior", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("the first third of the sample places the prior, the others alone are scored", DISJOINT_PRIOR)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """The settings of ``GaussianPosterior``."""
        pool = population(POOL)
        signed = unit_signed(pool)
        ones = np.ones((len(keys), pool.features))
        for n, norm in SETTINGS:
            first = n // PRIOR_SHARE
            drawn = np.stack([pool.sample(("learnt prior", key), n) for key in keys])
            means = mean_direction(signed, drawn, norm)
            losses = gibbs_losses(means, signed)
            shown: dict[str, Any] = {
                "empirical_risk": np.take_along_axis(losses, drawn[:, first:], axis=1).mean(axis=1),
                "mean_q": means,
                "std_q": ones,
                "mean_p": mean_direction(signed, drawn[:, :first], norm),
                "std_p": ones,
            }
            yield World(
                f"breast cancer, n = {n}, ||m|| = {norm:g}", {"n": n, "prior_size": first}, shown, {GIBBS_RISK: losses.mean(axis=1)}
            )


class OneDraw(Scenario):
    """One weight vector is drawn from each posterior, and it alone is judged."""

    name = "one draw from a Gaussian posterior"
    description = "one linear classifier drawn from a normal posterior on breast cancer; prior N(0, 1)"
    inputs = frozenset({"n", "empirical_risk", "errors", "variance", "shift", "noise", "std"})
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("N(0, 1) in every weight", PRIOR_INDEPENDENT_OF_SAMPLE)
        | holding("from a stream of its own", ONE_DRAW)
        | holding("there is no other", ONE_POSTERIOR)
        | holding("errors (n - errors)/(n (n - 1)), by its definition", UNBIASED_VARIANCE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """The settings of ``GaussianPosterior``."""
        pool = population(POOL)
        signed = unit_signed(pool)
        noise = np.stack([generator("one draw", key).standard_normal(pool.features) for key in keys])
        for n, norm in SETTINGS:
            drawn = np.stack([pool.sample(("one draw", key), n) for key in keys])
            means = mean_direction(signed, drawn, norm)
            wrong = (means + noise) @ signed.T <= 0
            errors = np.take_along_axis(wrong, drawn, axis=1).sum(axis=1)
            shown: dict[str, Any] = {
                "empirical_risk": errors / n,
                "errors": errors,
                "variance": errors * (n - errors) / (n * (n - 1)),
                "shift": means,
                "noise": noise,
            }
            label = f"breast cancer, n = {n}, ||m|| = {norm:g}"
            yield World(label, {"n": n, "std": Fraction(1)}, shown, {RISK: wrong.mean(axis=1)})
