"""Identities hold through the real pipeline, and every planted leak breaks one. False alarms have probability 1e-4 each."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from genbounds.verification.checks.identities import (
    Learner,
    leave_one_out_identity,
    online_identity,
    pool_sampler,
    stability_identity,
    stability_sides,
)
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.learners.small_networks import trained_wrong
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array

ALPHA = 1e-4
POOL = FinitePool("six points", np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]), np.array([1, 1, 1, 1, 0, 0]), "none")
ROWS = pool_sampler(POOL)
KEYS = range(2000)


def majority(drawn: Array) -> Array:
    """Predicts the share of label 1 among the examples (1/2 for none); the loss is the distance to the label."""
    share = POOL.labels[drawn].mean(axis=1) if drawn.shape[1] else np.full(len(drawn), 0.5)
    return np.abs(share[:, None] - POOL.labels)


def nearest(drawn: Array) -> Array:
    """Remembers its sample: no loss on what it has seen, else the loss of ``majority``."""
    seen = np.zeros((len(drawn), POOL.size), dtype=bool)
    np.put_along_axis(seen, drawn, True, axis=1)
    return np.where(seen, 0.0, majority(drawn))


@pytest.mark.parametrize("learner", [majority, nearest])
@pytest.mark.parametrize("n", [1, 3])
def test_the_two_sides_are_equal_exactly(learner: Learner, n: int) -> None:
    left, right = stability_sides(learner, POOL.size, n)
    assert left == pytest.approx(right, abs=1e-12)
    assert left > 0.05  # there is a gap to be measured
    by_hand = []
    for sample in itertools.product(range(6), repeat=n):
        losses = learner(np.array([sample]))[0]
        by_hand.append(losses.mean() - losses[list(sample)].mean())
    assert left == pytest.approx(np.mean(by_hand), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("learner", [majority, nearest])
@pytest.mark.parametrize("identity", [stability_identity, leave_one_out_identity, online_identity])
def test_sound_pipelines_are_not_refuted(learner: Learner, identity) -> None:  # type: ignore[no-untyped-def]
    assert identity(learner, ROWS, 4, KEYS, alpha=ALPHA).verdict is Verdict.NOT_REFUTED


@pytest.mark.slow
def test_the_real_trainer_keeps_the_identity() -> None:
    pool = population("breast_cancer")
    keys = range(300)

    def networks(drawn: Array) -> Array:
        return trained_wrong(
            "identity", (30, 4, 2), pool.inputs, pool.labels, keys, drawn, steps=20, batch_size=4, learning_rate=0.3
        ).astype(float)

    assert stability_identity(networks, pool_sampler(pool), 5, keys, alpha=ALPHA).verdict is Verdict.NOT_REFUTED


@pytest.mark.slow
def test_a_learner_that_saw_the_test_example_is_caught() -> None:
    """The last row that the pipeline draws is the test example; a leak lets the learner remember it."""
    leaked = ROWS(KEYS, 1, "replacement")

    def leaky(drawn: Array) -> Array:
        losses = nearest(drawn)
        np.put_along_axis(losses, leaked, 0.0, axis=1)
        return losses

    assert stability_identity(leaky, ROWS, 4, KEYS, alpha=ALPHA).verdict is Verdict.REFUTED


@pytest.mark.slow
def test_coupled_seeds_are_caught() -> None:
    """The replacement comes from the same seed as the sample: it is the sample's own first example."""

    def coupled(keys: range, n: int, purpose: str) -> Array:
        return ROWS(keys, 4, "sample")[:, :n]

    assert stability_identity(nearest, coupled, 4, KEYS, alpha=ALPHA).verdict is Verdict.REFUTED


@pytest.mark.slow
def test_draws_without_replacement_are_caught() -> None:
    def distinct(keys: range, n: int, purpose: str) -> Array:
        return np.stack([np.random.default_rng([key, len(purpose)]).permutation(POOL.size)[:n] for key in keys])

    assert stability_identity(majority, distinct, 5, KEYS, alpha=ALPHA).verdict is Verdict.REFUTED
    assert leave_one_out_identity(nearest, distinct, 4, KEYS, alpha=ALPHA).verdict is Verdict.REFUTED
    assert online_identity(nearest, distinct, 4, KEYS, alpha=ALPHA).verdict is Verdict.REFUTED


def test_a_class_balanced_sample_is_caught() -> None:
    """One label after the other: the next example can be told from those before."""

    def balanced(keys: range, n: int, purpose: str) -> Array:
        random = np.random.default_rng(len(purpose))
        if purpose == "replacement":
            return random.integers(POOL.size, size=(len(keys), n))
        ones, zeros = random.integers(4, size=(len(keys), n)), 4 + random.integers(2, size=(len(keys), n))
        return np.where(np.arange(n) % 2 == 0, ones, zeros)

    assert online_identity(nearest, balanced, 4, KEYS, alpha=ALPHA).verdict is Verdict.REFUTED
    assert stability_identity(majority, balanced, 4, KEYS, alpha=ALPHA).verdict is Verdict.REFUTED


@pytest.mark.slow
def test_an_online_run_that_is_scored_after_the_update_is_caught() -> None:
    def late(drawn: Array) -> Array:
        t = drawn.shape[1]
        return nearest(ROWS(KEYS, 4, "sample")[:, : t + 1])

    assert online_identity(late, ROWS, 4, KEYS, alpha=ALPHA).verdict is Verdict.REFUTED
