"""Draws from a Gaussian posterior: the risk on the sample by quadrature, and faults of the bounds that they serve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from tests.verification.scenarios.pools.planted import bound, counted_tenfold, tells

from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK
from genbounds.verification.populations import population
from genbounds.verification.scenarios import scenario


def test_the_risk_on_the_sample_is_a_mean_of_integrals() -> None:
    pool, world = population("breast_cancer_1_vs_rest"), list(scenario("draws from a Gaussian posterior").draws(range(2)))[1]
    signed = pool.inputs / np.linalg.norm(pool.inputs, axis=1, keepdims=True) * pool.labels[:, None]
    sample = pool.sample(("posterior draws", 1), 60)
    mean = 3 * signed[sample].sum(axis=0) / np.linalg.norm(signed[sample].sum(axis=0))
    risks = [quad(lambda t: math.exp(-t * t / 2) / math.sqrt(2 * math.pi), float(z @ mean), math.inf)[0] for z in signed[sample]]
    assert float(world.truth(EMPIRICAL_GIBBS_RISK)[1]) == pytest.approx(sum(risks) / 60, abs=1e-9)


@pytest.mark.slow
def test_both_counts_have_the_mean_that_is_said() -> None:
    """400 posteriors: sums of independent numbers in [0, 1], five standard errors of the largest variance, false alarm 6e-7 each."""
    for world in scenario("draws from a Gaussian posterior").drawn(range(400)):
        draws = world.common["draws"]
        truth = float(world.truth(EMPIRICAL_GIBBS_RISK).mean())
        for seen in (world.floats("sampled_risk").mean(), world.floats("errors").mean() / draws):
            assert abs(float(seen) - truth) <= 5 * 0.5 / math.sqrt(400 * draws)


@pytest.mark.slow
@pytest.mark.parametrize(("served", "name"), [("monte_carlo_errors", "pairs"), ("monte_carlo_risk", "draws")])
def test_ten_draws_for_each_are_refuted(served: str, name: str) -> None:
    assert tells("draws from a Gaussian posterior", bound(served), counted_tenfold(bound(served), name))
