"""Draws with replacement from a finite pool, whose risks are exact, or intervals from as many pairs as one likes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor

from genbounds.bounds.assumptions import Status
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianNetwork, gibbs_errors, network_risk, split_draws
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Key
from genbounds.verification.studies.posteriors.data_set import RISK_DELTA, DataSet, Measured
from genbounds.verification.studies.posteriors.label_noise import flip, noisy_interval
from genbounds.verification.studies.posteriors.vote_risk import vote_risk

VOTERS = 2000
"""Networks that are drawn for the interval of the vote's risk."""
ON_THE_POOL = " on the pool"


@dataclass(frozen=True, eq=False)
class PoolDraws(DataSet):
    """A sample from a pool. ``noise``: the rate at which its labels were flipped; ``pairs``: of an interval of a Gibbs risk."""

    pool: FinitePool
    noise: Fraction
    pairs: int

    @classmethod
    def whole(cls, pool: FinitePool, key: Key, n: int, pairs: int) -> PoolDraws:
        """All n draws for the bound: the pool's points with their multiplicities."""
        inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
        return cls(inputs, labels, pool.sample_counts(key, n), None, "draws", pool, Fraction(0), pairs)

    @classmethod
    def halves(cls, pool: FinitePool, key: Key, n: int, pairs: int, noise: Fraction, stream: Stream, network: int) -> PoolDraws:
        """The draws one by one, with flipped labels, half of them for the prior."""
        rows = torch.tensor(pool.sample(key, n))
        labels = flipped(torch.tensor(pool.labels)[rows], noise, len(pool.classes), stream, network)
        split = split_draws(n, n // 2, stream, network)
        return cls(torch.tensor(pool.inputs)[rows], labels, None, split, "draws", pool, noise, pairs)

    @property
    def independence(self) -> tuple[Status, str]:
        """They are drawn here."""
        return "by construction", f"{self.n} draws with replacement from the pool"

    def gibbs_risk(self, posterior: GaussianNetwork, stream: Stream, network: int) -> Measured:
        """From independent pairs of weights and a point of the pool. Label noise is carried over exactly."""
        found = gibbs_errors(posterior, *self._points, self.pairs, stream, delta=RISK_DELTA, network=network)
        method = f"99.9 % Clopper-Pearson interval from {self.pairs} independent (weights, example) pairs"
        return Measured(noisy_interval(float(found.lower), float(found.upper), self.noise, posterior.outputs, method), ON_THE_POOL)

    def network_risk(self, gaussian: GaussianNetwork, coordinates: Tensor) -> Measured:
        """Its errors on the pool, each point once: exact, against the pool's own labels."""
        return Measured(network_risk(gaussian, coordinates, *self._points, delta=RISK_DELTA).estimate, ON_THE_POOL)

    def vote_risk(self, posterior: GaussianNetwork, gibbs: Measured, stream: Stream, network: int) -> Measured:
        """From the votes of drawn networks at every point."""
        drawn = stream.sub(f"voters {network}")
        return Measured(vote_risk(posterior, self.pool, VOTERS, drawn, delta=float(RISK_DELTA)), ON_THE_POOL)

    @property
    def _points(self) -> tuple[Tensor, Tensor]:
        return torch.tensor(self.pool.inputs), torch.tensor(self.pool.labels)


def flipped(labels: Tensor, noise: Fraction, classes: int, stream: Stream, network: int) -> Tensor:
    """The labels 0, ..., classes - 1, each with probability ``noise`` replaced by another one, uniformly and independently."""
    draws = stream.sub("label noise").draws([network])
    moves = draws.integers(len(labels), len(labels), classes - 1)[0]
    return flip(labels, noise, classes, draws.uniform(0, len(labels))[0], moves)
