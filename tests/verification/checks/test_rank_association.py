"""Rank association on grids where the answer is known: perfect, reversed, confounded, and noise."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from genbounds.verification.checks.rank_association import (
    Networks,
    bootstrap,
    conditional_information,
    granulated,
    least_information,
    tau_b,
    worst_sign_error,
)

GRID = np.array(list(itertools.product((1, 2, 3), (10, 20, 30), (0, 1))))  # width, depth, seed
SETTINGS = {"width": GRID[:, 0], "depth": GRID[:, 1]}
GAP = GRID[:, 0] + 0.1 * GRID[:, 1] + 0.01 * GRID[:, 2] + 0.001 * GRID[:, 0] * GRID[:, 2]


def test_tau_by_counting_pairs() -> None:
    random = np.random.default_rng(0)
    one, two = random.integers(0, 5, 12), random.integers(0, 5, 12)
    signs = [(np.sign(one[i] - one[j]), np.sign(two[i] - two[j])) for i, j in itertools.combinations(range(12), 2)]
    score = sum(a * b for a, b in signs)
    expected = score / math.sqrt(sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs))
    assert tau_b(one, two) == pytest.approx(expected, abs=1e-12)
    assert tau_b(np.ones(4), np.arange(4)) == 0.0


def test_a_measure_that_is_the_gap() -> None:
    networks = Networks(2 * GAP, GAP, SETTINGS)
    assert granulated(networks) == pytest.approx({"width": 1.0, "depth": 1.0})
    assert worst_sign_error(networks)[0] == 0.0
    found = least_information(networks, permutations=30)
    assert found.value == pytest.approx(1.0, abs=1e-9)
    assert found.p_value == pytest.approx(1 / 31)
    assert bootstrap(networks, resamples=100)[0] == pytest.approx(1.0)


def test_a_measure_that_is_wrong_in_one_hyperparameter_is_found_there() -> None:
    networks = Networks(0.1 * GRID[:, 1] - 0.01 * GRID[:, 0], GAP, SETTINGS)
    assert granulated(networks)["width"] < -0.5
    error, where = worst_sign_error(networks)
    assert error == 1.0
    assert where.startswith("width")


def test_a_confounded_measure_says_nothing_once_the_hyperparameter_is_given() -> None:
    """The measure knows the width alone: unconditionally informative, not at all among networks of one width."""
    width = Networks(GRID[:, 0].astype(float), GAP, SETTINGS)
    assert conditional_information(width, ()) > 0.1
    assert conditional_information(width, ("width",)) == pytest.approx(0.0, abs=1e-12)
    assert least_information(width, permutations=20).value == pytest.approx(0.0, abs=1e-12)


def test_noise_has_no_small_p_value() -> None:
    random = np.random.default_rng(7)
    networks = Networks(random.standard_normal(18), random.standard_normal(18), SETTINGS)
    assert least_information(networks, permutations=40).p_value > 0.04


def test_no_network_is_paired_with_itself() -> None:
    """Two networks of one setting each, all different: the table of a cell has n (n - 1) pairs, half of each sign."""
    values = np.array([1.0, 2.0, 3.0, 4.0])
    networks = Networks(values, values, {"x": np.zeros(4)})
    assert conditional_information(networks, ()) == pytest.approx(1.0)  # with self-pairs the tie would be a third outcome


@pytest.mark.parametrize("broken", [np.ones(3), np.array([1.0, 2, 3, math.nan])])
def test_bad_tables_are_refused(broken: np.ndarray) -> None:
    with pytest.raises(ValueError, match="measure"):
        Networks(broken, np.ones(4), {"x": np.ones(4)})
