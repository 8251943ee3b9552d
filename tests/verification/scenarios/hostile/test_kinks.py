"""The run with kinks, step by step at a size that a computer holds, against what its scenario says of it."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.hostile.kinks import (
    CLOCK,
    CONCAVE,
    CONVEX,
    DECAYING,
    LIPSCHITZ,
    SMOOTHED,
    STRONGLY_CONVEX,
    TRACE,
    KinksThatRemember,
    grown,
    mean_norm,
)

N, COORDINATES = 5, 1000
ALL = (CONVEX, STRONGLY_CONVEX, DECAYING, CONCAVE, SMOOTHED)


class Run:
    """Two passes over ``sets``: the loss of the module's docstring, its subgradients taken one by one."""

    def __init__(self, sets: np.ndarray, found: KinksThatRemember, step: float) -> None:
        self.sets, self.kinks, self.step = sets, found.found, step
        self.gamma, self.kappa, self.clock = float(self.kinks.curvature), float(CLOCK) / (4 * N), float(CLOCK)
        self.tau = float(TRACE) * (1 / self.gamma if self.gamma else 2 * N * step)
        self.x = np.zeros(sets.shape[1])
        self.hand = np.array([self.clock, 4 * self.clock]) if self.kinks.decaying else np.zeros(2)
        self.steepest = 0.0
        for t in range(1, 2 * N + 1):
            self.one(t, sets[(t - 1) % N])

    def one(self, t: int, z: np.ndarray) -> None:
        kinks, gamma = self.kinks, self.gamma
        sign = 1.0 if kinks.convex else -1.0
        slope, hands = np.zeros_like(self.x), np.zeros(2)
        norm = float(np.linalg.norm(self.x[z]))
        if norm > self.tau:
            slope[z] += self.x[z] / norm
        if kinks.decaying:
            time = self.hand[0] - self.hand[1] + self.clock / (gamma * (N - 0.5))
        else:
            halves = [self.clock * (m if not gamma else (1 - (1 - self.step * gamma) ** m) / (self.step * gamma)) for m in (N - 1, N)]
            time = self.hand[0] - self.step * sum(halves) / 2
        values = -sign * self.x
        top = int(np.argmax(values))  # the first of the largest
        if values[top] + self.kappa * time > 0:
            slope[top] -= 1.0
            hands += sign * self.kappa * np.array([1.0, -1.0 if kinks.decaying else 0.0])
        slope[z] -= sign * float(TRACE) / math.sqrt(len(self.x))
        if not kinks.decaying:
            hands[0] -= self.clock
        elif self.hand[0] > self.clock / 2:
            hands[0] += self.clock
        self.steepest = max(self.steepest, math.hypot(float(np.linalg.norm(slope)), *hands))
        size = 1 / (gamma * t) if kinks.decaying else self.step
        self.x -= size * (slope + gamma * self.x)
        self.hand -= size * (hands + gamma * self.hand)


@pytest.mark.parametrize("found", ALL[:4], ids=lambda found: found.name)
def test_the_second_pass_grows_what_no_example_holds(found: KinksThatRemember) -> None:
    rng, step = np.random.default_rng(7), 1 / N if found.found.curvature else 1.0
    sets = rng.random((N, COORDINATES)) < 0.5
    run = Run(sets, found, step)
    unseen = ~sets.any(axis=0)
    assert unseen.sum() > N
    entries = run.x[unseen]
    kinks = found.found
    expected = grown(step, kinks.curvature, N, decaying=kinks.decaying, convex=kinks.convex)
    assert sorted(entries[entries > 0]) == pytest.approx(sorted(expected), rel=1e-9)
    assert np.abs(run.x[~unseen]).max() < 1e-6
    assert np.sqrt((np.where(sets, run.x, 0) ** 2).sum(axis=1)).max() <= run.tau
    assert run.steepest <= float(LIPSCHITZ)
    fresh = rng.random((20_000, len(entries))) < 0.5
    drawn = np.sqrt((np.where(fresh, entries, 0) ** 2).sum(axis=1))
    assert mean_norm(expected, 0.5) <= drawn.mean() + 5 * drawn.std() / math.sqrt(len(drawn))


@pytest.mark.parametrize("share", [0.035, 0.5])
def test_the_mean_norm_is_below_the_exact_mean(share: float) -> None:
    for n in (10, 400):
        law = [math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
        exact = math.fsum(p * math.sqrt(k) for k, p in enumerate(law))
        assert mean_norm([1.0] * n, share) <= exact
    assert mean_norm([1.0] * 400, share) == pytest.approx(exact, rel=0.03)


def test_rounded_kinks_leave_room_for_every_coordinate() -> None:
    """D coordinates of which more than n are unseen, their traces, and the offsets that keep values apart, in powers of ten."""
    (n,), share = SMOOTHED.found.sizes, SMOOTHED.found.share
    coordinates = 166
    unseen = 10 ** (coordinates + n * math.log10(1 - share))
    assert unseen / (unseen - n) ** 2 < 1e-9, "Chebyshev's inequality: fewer than n are in no set with a probability below 10^-9"
    trace = math.log10(TRACE) - coordinates / 2 - math.log10(2 * n)
    assert trace - math.log10(4) > coordinates - 260, "all offsets together are below a quarter of the least trace"
    assert dict(SMOOTHED.found.numbers)["smoothness"] >= 10**262


@pytest.mark.parametrize(
    ("found", "name", "truth"),
    [
        (CONVEX, "stability.hardt2016convex", "stability.bassily2020nonsmooth"),
        (STRONGLY_CONVEX, "stability.hardt2016strongly_convex", ""),
        (DECAYING, "stability.hardt2016decaying", ""),
        (SMOOTHED, "stability.hardt2016decaying", ""),
        (CONCAVE, "stability.bassily2020nonsmooth", ""),
    ],
)
def test_a_bound_that_needs_what_is_missing_is_false_there_and_no_other(found: KinksThatRemember, name: str, truth: str) -> None:
    bound = get(name)
    assert isinstance(bound, Bound)
    trial = match(bound, found)
    assert {entry.name for entry in trial.violated} <= {entry.name for entry in found.found.excluded}
    assert len(trial.violated) == 1
    assert not trial.missing + trial.unknown
    for world in found.worlds("thumbnail"):
        assert judge(trial, world, None).refuted
    if truth:
        honest = get(truth)
        assert isinstance(honest, Bound)
        other = match(honest, found)
        assert other.judged
        for world in found.worlds("thumbnail"):
            assert not judge(other, world, None).refuted
            assert float(world.truths[EXPECTED_GAP][0]) > 0
    assert found.found.share in (Fraction(1, 2), Fraction(35, 1000))
