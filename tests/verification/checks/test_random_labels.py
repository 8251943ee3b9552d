"""AUC and dose-response, against counting, and on measures that say nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from genbounds.verification.checks.random_labels import dose_response, separation


def test_auc_by_counting() -> None:
    random = np.random.default_rng(2)
    true, noisy = random.integers(0, 6, 12), random.integers(1, 8, 9)
    pairs = [1.0 if b > a else 0.5 if b == a else 0.0 for a, b in itertools.product(true, noisy)]
    assert separation(true, noisy).auc == pytest.approx(np.mean(pairs), abs=1e-12)


def test_the_p_value_of_a_perfect_separation_is_that_of_one_order_among_all() -> None:
    assert separation([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]).p_value == pytest.approx(1 / 20)
    assert separation([4.0, 5.0, 6.0], [1.0, 2.0, 3.0]).p_value == pytest.approx(1.0)


def test_a_measure_that_falls_with_noise_is_no_response() -> None:
    levels = np.arange(5) + np.random.default_rng(0).normal(0, 0.1, (8, 5))
    assert dose_response(levels).p_value < 1e-6
    assert dose_response(-levels).p_value > 0.99
    assert dose_response(-levels).rising == 0.0


@pytest.mark.parametrize("group", [[], [float("nan")]])
def test_empty_groups_are_refused(group: list[float]) -> None:
    with pytest.raises(ValueError, match="non-empty"):
        separation([1.0], group)
    with pytest.raises(ValueError, match="at least 3"):
        dose_response(np.ones((2, 5)))
