"""The leaderboard on noise labels by hand, and a fault of the bound that it serves."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.verification.scenarios.pools.planted import bound, scaled, tells

from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations.protocol import generator
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios import scenario


def test_a_leaderboard_by_hand() -> None:
    """One submission after the other, one example after the other: scores, and the risk of what was released last."""
    pool, world = random_labels("breast_cancer"), next(iter(scenario("leaderboard on noise labels").draws(range(3))))
    counts = pool.sample_counts(("leaderboard", 2), 40)
    kept, last, risk, released = np.zeros(30), None, 0.0, 0
    for change in generator("leaderboard", 2).standard_normal((30, 30)):
        submitted = kept + change
        wrong = [float(x @ submitted) * y <= 0 for x, y in zip(pool.inputs, pool.labels.tolist(), strict=True)]
        tenths = 10 * sum(int(count) for count, error in zip(counts, wrong, strict=True) if error) / 40
        if last is None or tenths <= last - 1:
            kept, last, risk, released = submitted, int(tenths), sum(wrong) / pool.size, released + 1
    assert released > 1
    assert world.inputs["reported_risk"][1] == Fraction(last or 0, 10)
    assert float(world.truth(RISK)[1]) == risk


def test_scores_fall_and_risks_do_not() -> None:
    few = next(iter(scenario("leaderboard on noise labels").draws(range(200))))
    assert few.truth(RISK).mean() > few.floats("reported_risk").mean() + 0.1
    assert 0.4 < few.truth(RISK).mean() < 0.6


@pytest.mark.slow
def test_half_of_the_deviation_is_refuted() -> None:
    assert tells("leaderboard on noise labels", bound("ladder"), scaled(bound("ladder"), 0.5))
