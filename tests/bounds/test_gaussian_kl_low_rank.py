"""The low-rank Gaussian KL against the dense formula in 60 digits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from tests.reference.special import exact

from genbounds.bounds.pac_bayes import gaussian_kl, gaussian_kl_low_rank


def _dense(mean_q: Any, variance_q: Any, factors: Any, mean_p: Any, std_p: Any) -> Any:
    """tr(C)/s^2 - k + ||m||^2/s^2 + k ln s^2 - ln det C, halved, with the whole covariance C."""
    with mp.workdps(60):
        k, square = len(mean_q), exact(std_p) ** 2
        covariance = mp.diag([exact(v) for v in variance_q])
        for column in factors:
            vector = mp.matrix([exact(entry) for entry in column])
            covariance += vector * vector.T
        trace = mp.fsum(covariance[i, i] for i in range(k))
        shift = mp.fsum((exact(a) - exact(b)) ** 2 for a, b in zip(mean_q, mean_p, strict=True))
        return ((trace + shift) / square - k + k * mp.log(square) - mp.log(mp.det(covariance))) / 2


@pytest.mark.parametrize(("weights", "rank"), [(1, 1), (6, 2), (5, 0), (12, 5)])
def test_against_the_dense_formula(weights: int, rank: int) -> None:
    random = np.random.default_rng(weights)
    inputs = {
        "mean_q": random.normal(size=weights).tolist(),
        "variance_q": random.uniform(1e-6, 2, size=weights).tolist(),
        "factors": random.normal(size=(rank, weights)).tolist(),
        "mean_p": random.normal(size=weights).tolist(),
        "std_p": 0.3,
    }
    true, value = _dense(**inputs), gaussian_kl_low_rank(**inputs)
    with mp.workdps(60):
        assert 0 <= exact(value.value) - true <= mpf(10) ** -14 * true


def test_without_factors_it_is_the_diagonal_kl() -> None:
    inputs: dict[str, Any] = {"mean_q": [1, 2], "mean_p": [0, Fraction(1, 3)]}
    low_rank = gaussian_kl_low_rank(**inputs, variance_q=[0.25, 4], factors=[], std_p=1)
    assert low_rank.value == gaussian_kl(**inputs, std_q=[0.5, 2], std_p=[1, 1]).value


def test_refusals() -> None:
    with pytest.raises(ValueError, match="one entry per weight"):
        gaussian_kl_low_rank(mean_q=[0, 0], variance_q=[1, 1], factors=[[1]], mean_p=[0, 0], std_p=1)
    with pytest.raises(ValueError, match="positive"):
        gaussian_kl_low_rank(mean_q=[0], variance_q=[0], factors=[[1]], mean_p=[0], std_p=1)
