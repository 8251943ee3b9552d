"""Priors fitted on a part of the sample, divergences block by block, and the log ratio at one draw."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Choice, Quantity, pac_bayes

PRIOR: dict[str, Any] = {"empirical_risk": Fraction(3, 100), "kl": 5, "n": 1000, "prior_size": 400, "delta": Fraction(1, 20)}


def test_it_is_the_bound_of_the_other_points() -> None:
    certificate = pac_bayes.data_dependent_prior(**PRIOR)
    rest = {name: value for name, value in PRIOR.items() if name != "prior_size"}
    assert certificate.value == pac_bayes.seeger2002(**{**rest, "n": 600}).value
    assert certificate.value > pac_bayes.seeger2002(**rest).value  # the trap: all of n
    assert pac_bayes.data_dependent_prior(**{**PRIOR, "prior_size": 0}).value == pac_bayes.seeger2002(**rest).value
    names = {entry.assumption.name: entry.how for entry in certificate.assumptions}
    assert "prior from other points" in names
    assert names["prior_size fixed in advance"] == "fixed before the sample"


def test_a_chosen_prior_size_is_paid_by_its_alternatives() -> None:
    chosen = {**PRIOR, "prior_size": Choice(400, alternatives=5, how="prior sizes 0, 200, 400, 600, 800")}
    paid = pac_bayes.data_dependent_prior(**chosen)
    assert paid.value == pac_bayes.data_dependent_prior(**{**PRIOR, "delta": Fraction(1, 100)}).value
    assert paid.delta == Fraction(1, 20)
    assert any("prior sizes" in entry.how for entry in paid.assumptions)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="prior_size must be less than n"):
        pac_bayes.data_dependent_prior(**{**PRIOR, "prior_size": 1000})
    with pytest.raises(ValueError, match="same length"):
        pac_bayes.gaussian_kl_blocks(distances=(1,), sizes=(10, 10), std_q=(1, 1), std_p=(1, 1))
    with pytest.raises(ValueError, match="same length"):
        pac_bayes.gaussian_log_ratio(shift=(1,), noise=(1, 2), std=1)


def test_blocks_are_the_diagonal_divergence_with_equal_deviations_in_each() -> None:
    random = np.random.default_rng(8)
    for _ in range(20):
        sizes = random.integers(1, 6, size=3)
        std_q, std_p = random.uniform(0.1, 2, size=3), random.uniform(0.1, 2, size=3)
        shifts = [random.normal(size=k) for k in sizes]
        blocks = pac_bayes.gaussian_kl_blocks(distances=[float(np.linalg.norm(s)) for s in shifts], sizes=sizes, std_q=std_q, std_p=std_p)
        whole = pac_bayes.gaussian_kl(
            mean_q=np.concatenate(shifts), std_q=np.repeat(std_q, sizes), mean_p=np.zeros(sizes.sum()), std_p=np.repeat(std_p, sizes)
        )
        assert float(blocks) == pytest.approx(float(whole), rel=1e-12)


def test_one_block_on_the_grid_is_the_isotropic_grid_and_more_blocks_pay_for_each() -> None:
    weights = {"mean_q": [0.3] * 50, "std_q": [0.05] * 50, "mean_p": [0] * 50}
    block = {"distances": [0.3 * 50**0.5], "sizes": [50], "std_q": [0.05]}
    one = float(pac_bayes.gaussian_kl_blocks_grid(**block))
    assert one == pytest.approx(float(pac_bayes.gaussian_kl_grid(**weights)), rel=1e-12)
    assert float(pac_bayes.gaussian_kl_blocks_grid(**{name: value * 3 for name, value in block.items()})) == pytest.approx(3 * one)


def test_the_paid_scales_are_above_the_best_unpaid_ones() -> None:
    random = np.random.default_rng(9)
    for _ in range(10):
        sizes, std_q = random.integers(1, 1000, size=3), random.uniform(0.001, 0.1, size=3)
        distances = random.uniform(0, 3, size=3)
        best = np.minimum(std_q**2 + distances**2 / sizes, 0.1) ** 0.5  # the KL is least where the variance is the mean square
        inputs = {"distances": distances, "sizes": sizes, "std_q": std_q}
        paid, unpaid = float(pac_bayes.gaussian_kl_blocks_grid(**inputs)), float(pac_bayes.gaussian_kl_blocks(**inputs, std_p=best))
        assert unpaid <= paid <= unpaid + 45


def test_one_block_is_the_isotropic_low_rank_divergence_of_rank_zero() -> None:
    one = pac_bayes.gaussian_kl_blocks(distances=[2], sizes=[3], std_q=[0.5], std_p=[1])
    low = pac_bayes.gaussian_kl_low_rank(mean_q=[2, 0, 0], variance_q=[0.25] * 3, factors=[], mean_p=[0, 0, 0], std_p=1)
    assert float(one) == pytest.approx(float(low), rel=1e-14)


def test_a_certified_distance_enters_and_a_lower_bound_makes_an_estimate() -> None:
    distance = Quantity((2.0, 1.0), "upper", "Frobenius distance, rounded up")
    inputs = {"sizes": (10, 20), "std_q": (0.5, 0.5), "std_p": (1, 1)}
    assert pac_bayes.gaussian_kl_blocks(distances=distance, **inputs).kind == "upper"
    assert pac_bayes.gaussian_kl_blocks(distances=Quantity((2.0, 1.0), "lower", "power iteration"), **inputs).kind == "estimate"


def test_the_mean_log_ratio_over_draws_is_the_divergence() -> None:
    """E (2 <mu, e> + ||mu||^2)/(2 s^2), over signs in place of a Gaussian: only the mean of e counts."""
    shift, std = (1.0, -2.0, 0.5), 0.75
    values = [float(pac_bayes.gaussian_log_ratio(shift=shift, noise=signs, std=std).value) for signs in product((-1.0, 1.0), repeat=3)]
    divergence = float(pac_bayes.gaussian_kl(mean_q=shift, std_q=(std,) * 3, mean_p=(0, 0, 0), std_p=(std,) * 3))
    assert np.mean(values) == pytest.approx(divergence, rel=1e-12)
    assert min(values) < 0
    drawn = pac_bayes.gaussian_log_ratio(shift=shift, noise=(0.25, 0.5, 0), std=std)
    certificate = pac_bayes.disintegrated(empirical_risk=0, log_ratio=drawn, n=100, delta=Fraction(1, 20))
    assert certificate.value < 1
