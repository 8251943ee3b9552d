"""Posteriors on finitely many random linear classifiers: all that bounds on random predictors and votes speak of is a sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array, generator

CLASSIFIERS = 50


def wrong_classifiers(pool: FinitePool, classifiers: int = CLASSIFIERS) -> Array:
    """Which points of a binary pool each of the fixed random linear classifiers gets wrong: (classifiers, N)."""
    directions = generator("coverage", "classifiers").standard_normal((classifiers, pool.inputs.shape[1]))
    positive = int(max(pool.classes))
    return np.asarray(((pool.inputs @ directions.T > 0) != (pool.labels == positive)[:, None]).T)


@dataclass(frozen=True, eq=False)
class GibbsPosteriors:
    """The posteriors proportional to exp(-temperature * empirical risk) under a uniform prior, one for each sample.

    Attributes:
        posterior: weights, (classifiers, draws).
        empirical: empirical risk of each classifier, (classifiers, draws).
        wrong: (classifiers, N).
        drawn: rows of the pool in each sample, (draws, n).
    """

    posterior: Array
    empirical: Array
    wrong: Array
    drawn: Array

    @classmethod
    def of(cls, wrong: Array, drawn: Array, temperature: float) -> GibbsPosteriors:
        """The posteriors of these samples."""
        empirical = wrong[:, drawn].mean(axis=2)
        return cls(special.softmax(-temperature * empirical, axis=0), empirical, wrong, drawn)

    @property
    def empirical_risk(self) -> Array:
        """The mean empirical risk under each posterior, (draws,)."""
        return np.asarray((self.posterior * self.empirical).sum(axis=0))

    @property
    def kl(self) -> Array:
        """Relative entropy to the uniform prior, sum_h q_h ln(K q_h), (draws,)."""
        return np.asarray(np.maximum(0.0, special.xlogy(self.posterior, len(self.wrong) * self.posterior).sum(axis=0)))

    @property
    def risk(self) -> Array:
        """The exact Gibbs risk, (draws,)."""
        return np.asarray((self.posterior * self.wrong.mean(axis=1)[:, None]).sum(axis=0))

    @property
    def variance(self) -> Array:
        """The mean under each posterior of the unbiased variance of the losses, (draws,)."""
        n = self.drawn.shape[1]
        return np.asarray((self.posterior * self.empirical * (1 - self.empirical)).sum(axis=0) * n / (n - 1))

    @property
    def wrong_weight(self) -> Array:
        """The weight of the voters that are wrong at each point of the pool, (draws, N)."""
        return np.asarray(self.posterior.T @ self.wrong)

    def on_sample(self, values: Array) -> Array:
        """The mean over each sample of a number at each point of the pool, (draws, N) to (draws,)."""
        return np.asarray(np.take_along_axis(values, self.drawn, axis=1).mean(axis=1))

    @property
    def vote_risk(self) -> Array:
        """The exact risk of the weighted vote, (draws,); a weight within rounding of one half counts as right."""
        return np.asarray((self.wrong_weight > 0.5 + 1e-9).mean(axis=1))
