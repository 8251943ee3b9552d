"""Twins: their differences have the mean of the gap, exactly; they lie in their range; and limits by them hold a gap that is known."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.mean_limits import mean_interval
from genbounds.verification.learners.linear_models import sigmoid_constants
from genbounds.verification.learners.twins import Descent, logistic_twins, reach, reach_regularised, regularised_twins, sigmoid_twins
from genbounds.verification.populations.finite_pool import FinitePool

POOL = FinitePool("three points", np.array([[1.0, 0.0], [0.5, 1.0], [-1.0, 0.25]]), np.array([1, -1, -1]), "none")
STREAM = Stream("test of twins", "training")


def run(order: tuple[int, ...], sizes: tuple[float, ...], loss: str, radius: float = math.inf) -> np.ndarray:
    """The losses at the three points after a plain loop over these rows."""
    signed, weights = POOL.inputs * POOL.labels[:, None], np.zeros(2)
    for row, size in zip(order, sizes, strict=True):
        s = 1 / (1 + math.exp(float(weights @ signed[row])))
        weights = weights + size * (s if loss == "logistic" else s * (1 - s)) * signed[row]
        weights *= min(1.0, radius / max(float(np.linalg.norm(weights)), 1e-300))
    margins = signed @ weights
    return np.log1p(np.exp(-margins)) if loss == "logistic" else 1 / (1 + np.exp(margins))


def exact_gap(n: int, sizes: tuple[float, ...], loss: str, radius: float = math.inf) -> float:
    """Over all samples; the order of the draws is as good as a random one, as they are exchangeable."""
    gaps = [run(sample, sizes, loss, radius) for sample in itertools.product(range(3), repeat=n)]
    return float(np.mean([g.mean() - g[list(s)].mean() for g, s in zip(gaps, itertools.product(range(3), repeat=n), strict=True)]))


@pytest.mark.parametrize("loss", ["logistic", "sigmoid"])
def test_the_identity_holds_exactly(loss: str) -> None:
    """E[l(w', z_i) - l(w, z_i)] over all samples, replacements and places, and with the places drawn unequally."""
    n, sizes = 3, (0.5, 0.25, 0.125)
    chances = reach(1.0, 0.3, sizes, convex=False)
    chances = chances / chances.sum()
    equal = weighted = 0.0
    for sample in itertools.product(range(3), repeat=n):
        own = run(sample, sizes, loss)
        for place, fresh in itertools.product(range(n), range(3)):
            twin = run((*sample[:place], fresh, *sample[place + 1 :]), sizes, loss)
            difference = float(twin[sample[place]] - own[sample[place]]) / 3 ** (n + 1)
            equal += difference / n
            weighted += chances[place] * difference / (n * chances[place])
    assert equal == pytest.approx(exact_gap(n, sizes, loss), abs=1e-15)
    assert weighted == pytest.approx(equal, abs=1e-15)


@pytest.mark.slow
def test_limits_by_twins_hold_a_known_gap_and_exclude_zero() -> None:
    """3000 runs on three examples each; either limit fails with probability 1e-6. The gap itself is known from all 27 samples."""
    n, keys = 3, range(3000)
    drawn = np.stack([POOL.sample(("known gap", key), n) for key in keys])
    for found, known in (
        (logistic_twins(POOL, drawn, "known", keys, Fraction(1, 4), Fraction(1), STREAM), exact_gap(n, (0.25,) * 3, "logistic", 1.0)),
        (sigmoid_twins(POOL, drawn, "known", keys, Fraction(1, 2)), exact_gap(n, (0.5, 0.25, 0.5 / 3), "sigmoid")),
    ):
        lower, upper = mean_interval(found.differences, -found.half, found.half, 1e-6)
        assert 0 < lower <= known <= upper
        # The sign of a gap that was computed the other way round is excluded, and so is a gap half as large again.
        assert not lower <= -known <= upper
        assert not lower <= 1.5 * known <= upper
        assert np.abs(found.differences).max() <= found.half


def test_a_run_and_its_gap_are_those_of_a_plain_loop() -> None:
    keys = range(4)
    drawn = np.stack([POOL.sample(("loop", key), 5) for key in keys])
    found = sigmoid_twins(POOL, drawn, "loop", keys, Fraction(1, 2))
    sizes = tuple(float(Fraction(1, 2 * t)) for t in range(1, 6))
    for row in keys:
        losses = run(tuple(drawn[row].tolist()), sizes, "sigmoid")
        assert found.gaps[row] == pytest.approx(losses.mean() - losses[drawn[row]].mean(), abs=1e-12)


def test_no_replacement_moves_a_loss_by_more_than_its_reach() -> None:
    """Every sample, place, replacement and point; large steps on the sigmoid loss, small ones on the logistic loss with a projection."""
    n = 3
    lipschitz, smoothness = map(float, sigmoid_constants(POOL.input_radius))
    settings = (
        ("sigmoid", (8.0, 4.0, 8 / 3), math.inf, reach(lipschitz, smoothness, (8.0, 4.0, 8 / 3), convex=False)),
        ("logistic", (1.0, 1.0, 1.0), 0.5, reach(POOL.input_radius, POOL.input_radius**2 / 4, (1.0,) * 3, convex=True)),
    )
    for loss, sizes, radius, allowed in settings:
        seen = np.zeros(n)
        for sample in itertools.product(range(3), repeat=n):
            own = run(sample, sizes, loss, radius)
            for place, fresh in itertools.product(range(n), range(3)):
                twin = run((*sample[:place], fresh, *sample[place + 1 :]), sizes, loss, radius)
                seen[place] = max(seen[place], float(np.abs(twin - own).max()))
        assert (seen > 0).all()
        assert (seen <= allowed).all()


def test_reach_by_hand() -> None:
    # Step 1 of 2, nonconvex: 2 L^2 a (1 + b a') with a' the later step; convex steps beyond 2/b move twins apart as others do.
    assert reach(3.0, 0.5, (0.5, 2.0), convex=False).tolist() == pytest.approx([2 * 9 * 0.5 * 2, 2 * 9 * 2.0])
    assert reach(3.0, 0.5, (0.5, 8.0), convex=True).tolist() == pytest.approx([2 * 9 * 0.5 * 5, 2 * 9 * 8.0])
    assert reach(3.0, 0.5, (0.5, 2.0), convex=False, largest=1.0).tolist() == [1.0, 1.0]


def regularised(order: tuple[int, ...], descent: Descent) -> np.ndarray:
    """The logistic losses at the three points after a plain loop over these rows with the penalty in the loss."""
    signed, weights, mu = POOL.inputs * POOL.labels[:, None], descent.start.copy(), float(descent.penalty)
    for row, size in zip(order, descent.sizes, strict=True):
        s = 1 / (1 + math.exp(float(weights @ signed[row])))
        weights = weights + size * (s * signed[row] - mu * (weights - descent.start))
        away = float(np.linalg.norm(weights - descent.start))
        weights = descent.start + (weights - descent.start) * min(1.0, float(descent.radius) / max(away, 1e-300))
    return np.log1p(np.exp(-(signed @ weights)))


DESCENTS = (
    Descent(np.array([0.5, -1.0]), Fraction(1, 2), (2.0, 1.0, 2 / 3), Fraction(1, 2)),
    Descent(np.zeros(2), Fraction(1), (0.5, 0.5, 0.5), Fraction(3)),
)


@pytest.mark.slow
@pytest.mark.parametrize("descent", DESCENTS)
def test_limits_by_regularised_twins_hold_a_known_gap_and_exclude_zero(descent: Descent) -> None:
    """1000 runs on three examples each; either limit fails with probability 1e-6. The gap itself is known from all 27 samples."""
    keys, samples = range(1000), list(itertools.product(range(3), repeat=3))
    drawn = np.stack([POOL.sample(("known gap", key), 3) for key in keys])
    found = regularised_twins(POOL, drawn, "known", keys, descent)
    losses = [regularised(sample, descent) for sample in samples]
    known = float(np.mean([g.mean() - g[list(s)].mean() for g, s in zip(losses, samples, strict=True)]))
    lower, upper = mean_interval(found.differences, -found.half, found.half, 1e-6)
    assert 0 < lower <= known <= upper
    assert not lower <= -known <= upper
    assert np.abs(found.differences).max() <= found.half
    own = regularised(tuple(drawn[7].tolist()), descent)
    assert found.gaps[7] == pytest.approx(own.mean() - own[drawn[7]].mean(), abs=1e-12)


@pytest.mark.parametrize("descent", DESCENTS)
def test_no_replacement_moves_a_regularised_loss_by_more_than_its_reach(descent: Descent) -> None:
    lipschitz = POOL.input_radius
    allowed = reach_regularised(lipschitz, lipschitz**2 / 4, float(descent.penalty), descent.sizes, 2 * lipschitz * float(descent.radius))
    seen = np.zeros(3)
    for sample in itertools.product(range(3), repeat=3):
        own = regularised(sample, descent)
        for place, fresh in itertools.product(range(3), range(3)):
            twin = regularised((*sample[:place], fresh, *sample[place + 1 :]), descent)
            seen[place] = max(seen[place], float(np.abs(twin - own).max()))
    assert (seen > 0).all()
    assert (seen <= allowed).all()
