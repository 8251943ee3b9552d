"""Finite pools: exact risks by counting in Python, draws by chi-square, keys by comparison."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from genbounds.verification.populations import FinitePool, Population, generator, population


@pytest.fixture(scope="module")
def pool() -> FinitePool:
    inputs = np.array([[0.0, 0.0], [0.0, -0.0], [3.0, 4.0], [1.0, 0.1], [1.0, 0.1], [1.0, 0.1], [2.0, 2.0]])
    return FinitePool("seven", inputs, np.array([0, 1, 1, 2, 2, 0, 2]), "none")


def test_it_is_a_population(pool: FinitePool) -> None:
    assert isinstance(pool, Population)


def test_the_risk_is_an_exact_fraction(pool: FinitePool) -> None:
    predictions = np.array([0, 0, 1, 2, 2, 2, 0])
    assert pool.risk(predictions) == Fraction(3, 7)
    assert pool.risk(predictions != pool.labels) == Fraction(3, 7)
    assert pool.errors(np.stack([predictions, pool.labels])).tolist() == [3, 0]


def test_the_bayes_risk_counts_equal_inputs_with_different_labels(pool: FinitePool) -> None:
    """-0.0 equals 0.0, so the first two clash, and one of the three at (1, .1): 2 of 7."""
    assert pool.bayes_risk == Fraction(2, 7)


def test_the_radius_is_that_of_the_pool(pool: FinitePool) -> None:
    assert pool.input_radius == 5.0
    other = FinitePool("irrational", np.array([[1.0, 1.0], [0.1, 0.2]]), np.array([0, 1]), "none")
    assert Fraction(other.input_radius) ** 2 >= 2
    assert Fraction(math.nextafter(other.input_radius, 0)) ** 2 < 2


def test_counts_and_indices_are_samples_of_the_right_size(pool: FinitePool) -> None:
    for n in (1, 10, 10**8, 10**12, 10**18):
        counts = pool.sample_counts("size", n)
        assert counts.dtype == np.int64
        assert counts.shape == (7,)
        assert int(counts.sum()) == n
        assert counts.min() >= 0
    indices = pool.sample("size", 1000)
    assert indices.shape == (1000,)
    assert pool.counts(indices).sum() == 1000


@pytest.mark.parametrize("n", [2000, 10**8, 10**14])
def test_counts_are_multinomial(n: int) -> None:
    """Chi-square over the pool, and the variance over 200 draws; each false alarm has probability below 1e-6."""
    digits = population("digits")
    expected = n / digits.size
    statistics = []
    for draw in range(200):
        counts = digits.sample_counts(("chi-square", draw), n).astype(float)
        statistics.append(float(np.sum((counts - expected) ** 2) / expected))
    total, freedom = sum(statistics), 200 * (digits.size - 1)
    assert 5e-7 < stats.chi2.sf(total, freedom) < 1 - 5e-7


def test_indices_are_uniform() -> None:
    digits = population("digits")
    counts = digits.counts(digits.sample("uniform", 10**6))
    statistic = float(np.sum((counts - 1e6 / digits.size) ** 2) / (1e6 / digits.size))
    assert 5e-7 < stats.chi2.sf(statistic, digits.size - 1) < 1 - 5e-7


def test_draws_depend_on_name_purpose_and_key_alone(pool: FinitePool) -> None:
    first = pool.sample(("study", 3), 50)
    assert np.array_equal(first, pool.sample(("study", 3), 50))
    for other in (pool.sample(("study", 4), 50), pool.sample(("study", "3"), 50), pool.sample(("study", 3), 50, "test")):
        assert not np.array_equal(first, other)
    renamed = FinitePool("another", pool.inputs, pool.labels, "none")
    assert not np.array_equal(first, renamed.sample(("study", 3), 50))


@pytest.mark.slow
def test_keys_mean_the_same_in_another_process() -> None:
    """Python's own hash is salted anew in each process; the keys must not use it."""
    code = "from genbounds.verification.populations import generator as g; print(g('a', ('b', 2)).integers(1 << 60))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(printed) == int(generator("a", ("b", 2)).integers(1 << 60))


def test_sample_errors_are_exact_whole_numbers(pool: FinitePool) -> None:
    counts = pool.sample_counts("errors", 10**18)
    wrong = np.array([True, False, True, False, False, False, True])
    expected = sum(int(count) for count, is_wrong in zip(counts, wrong, strict=True) if is_wrong)
    assert pool.sample_errors(wrong, counts) == expected


def test_the_content_hash_follows_the_content(pool: FinitePool) -> None:
    same = FinitePool("other name", pool.inputs.copy(order="F"), pool.labels.astype(np.int32), "none")
    assert same.content_hash == pool.content_hash
    moved = pool.inputs.copy()
    moved[2, 0] = math.nextafter(3.0, 4.0)
    assert FinitePool("seven", moved, pool.labels, "none").content_hash != pool.content_hash
    assert FinitePool("seven", pool.inputs, pool.labels + 1, "none").content_hash != pool.content_hash


def test_the_data_cannot_be_changed(pool: FinitePool) -> None:
    with pytest.raises(ValueError, match="read-only"):
        pool.inputs[0, 0] = 1.0


@pytest.mark.parametrize(
    ("inputs", "labels", "words"),
    [
        (np.zeros((0, 2)), np.zeros(0, int), "non-empty"),
        (np.zeros(3), np.zeros(3, int), "non-empty"),
        (np.full((2, 1), np.nan), np.zeros(2, int), "finite"),
        (np.full((2, 1), np.inf), np.zeros(2, int), "finite"),
        (np.zeros((2, 1)), np.zeros(3, int), "one for each of the 2"),
        (np.zeros((2, 1)), np.zeros(2), "whole numbers"),
    ],
)
def test_bad_data(inputs: np.ndarray, labels: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FinitePool("bad", inputs, labels, "none")


@pytest.mark.parametrize("n", [0, -1, 1.5, math.nan, math.inf, True])
def test_bad_sample_sizes(pool: FinitePool, n: float) -> None:
    for draw in (pool.sample, pool.sample_counts):
        with pytest.raises(ValueError, match="n must be"):
            draw("bad", n)  # type: ignore[arg-type]


def test_samples_too_large_for_memory_or_integers(pool: FinitePool) -> None:
    with pytest.raises(ValueError, match="sample_counts"):
        pool.sample("large", 10**12)
    with pytest.raises(ValueError, match="64-bit"):
        pool.sample_counts("large", 2**63)


def test_scores_are_no_predictions(pool: FinitePool) -> None:
    with pytest.raises(ValueError, match="largest score"):
        pool.risk(np.zeros(7))
    with pytest.raises(ValueError, match="last axis"):
        pool.risk(np.zeros(6, int))
    with pytest.raises(ValueError, match="one classifier"):
        pool.risk(np.zeros((2, 7), int))


@pytest.mark.parametrize("key", [1.5, None, ("a", 2.0), True, b"x"])
def test_bad_keys(pool: FinitePool, key: object) -> None:
    with pytest.raises(ValueError, match="key must be"):
        pool.sample(key, 3)  # type: ignore[arg-type]
