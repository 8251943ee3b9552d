"""Linear classifiers at one margin: their numbers by hand, noise that moves no score by a quarter, and faults that are refuted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.verification.scenarios.pools.planted import bound, scaled, tells

from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations.circle import circle
from genbounds.verification.populations.sphere import TeacherSphere
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.pools.one_margin import noise_scale, of_pool

NAME = "linear classifier at one margin"


def test_a_classifier_on_the_circle_by_hand() -> None:
    pool, world = circle(), next(iter(scenario(NAME).draws(range(5))))
    counts = pool.sample_counts(("one margin", 3, 4), 3)
    signed = pool.inputs * pool.labels[:, None]
    weights = counts @ signed
    weights = weights / np.linalg.norm(weights)
    small = sum(int(count) for count, z in zip(counts, signed, strict=True) if float(z @ weights) <= 2.0**-6)
    assert world.inputs["margin_risk"][1] == small / 3
    assert world.floats("mean_q")[1] == pytest.approx(weights, rel=1e-9)
    assert float(world.truth(RISK)[1]) == pytest.approx(np.mean([float(z @ weights) <= -1e-12 for z in signed]), abs=1e-15)
    # Each point has both labels, so that one of the two is wrong unless a point lies on the line.
    assert abs(float(world.truth(RISK)[1]) - 0.5) <= 2 / 240


@pytest.mark.slow
def test_a_classifier_on_the_sphere_has_the_risk_of_fresh_draws() -> None:
    """20 000 fresh draws: within five standard errors, false alarm 6e-7."""
    world, law = list(scenario(NAME).draws(range(1)))[2], TeacherSphere(np.eye(400)[0])
    fresh, labels = law.sample("fresh at one margin", 20_000)
    wrong, risk = float((labels * (fresh @ world.floats("mean_q")[0]) <= 0).mean()), float(world.truth(RISK)[0])
    assert abs(wrong - risk) <= 5 * math.sqrt(risk * (1 - risk) / 20_000)
    assert (world.floats("margin_risk") == 0).all()


def test_noise_moves_no_score_by_a_quarter_of_the_margin_with_probability_one_half() -> None:
    """20 000 draws of noise for each pool; twice the scale moves some score more often than not."""
    random = np.random.default_rng(0)
    wide = np.eye(40)
    for signed in (circle().inputs, wide):
        scale = noise_scale(signed, 1.0)
        noise = random.standard_normal((20_000, signed.shape[1]))
        for factor, enough in ((1.0, True), (2.0, False)):
            still = float((np.abs(factor * scale * noise @ signed.T).max(axis=1) < 0.25).mean())
            assert (still >= 0.5 - 5 * 0.5 / math.sqrt(20_000)) == enough
    assert of_pool(circle(), 2, 1.0, range(1)).noise == noise_scale(circle().inputs, 1.0)


def test_norms_are_those_of_the_class() -> None:
    for world in scenario(NAME).draws(range(9)):
        assert (np.linalg.norm(world.floats("mean_q"), axis=1) <= world.common["norm_product"] * (1 + 1e-12)).all()
        assert world.common["data_norm"] >= math.sqrt(world.common["n"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("served", "factor"),
    [
        ("bartlett1998fat_shattering", 0.03),
        ("neyshabur2018perturbed", 0.02),
        ("mohri2018binary", 0.1),
        ("norm_product_fixed_class", 0.1),
        ("spectral_fixed_class", 0.05),
        ("spectral_closed_fixed_class", 0.05),
        ("bartlett2017spectral", 0.0005),
    ],
)
def test_a_small_part_of_complexity_and_deviation_is_refuted(served: str, factor: float) -> None:
    assert tells(NAME, bound(served), scaled(bound(served), factor))
