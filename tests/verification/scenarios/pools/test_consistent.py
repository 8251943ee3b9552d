"""Consistent hypotheses: the parity and the half-space that are found, each by another way; faults of the bounds that they serve."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import linprog
from tests.verification.scenarios.pools.planted import bound, counted_tenfold, tells

from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations.sphere import TeacherSphere
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.pools.consistent import ConsistentParity, parity_of
from genbounds.verification.scenarios.pools.hard_margin import machine


def test_the_parity_is_right_on_the_sample_and_the_smallest_of_all_that_are() -> None:
    """All 32 parities of 5 coordinates on 300 samples: the one that is found is right, with every coordinate out that may be."""
    random = np.random.default_rng(0)
    several = 0
    for _ in range(300):
        corners = random.integers(32, size=int(random.integers(1, 8))).tolist()
        labels = [(corner & 0b10110).bit_count() & 1 for corner in corners]
        right = [
            chosen
            for chosen in range(32)
            if all((corner & chosen).bit_count() & 1 == label for corner, label in zip(corners, labels, strict=True))
        ]
        found = parity_of(corners, labels)
        assert found in right
        several += len(right) > 1
        # The solutions are one plus a space: with the free coordinates out, no other one has a subset of the coordinates.
        assert not any(other != found and other & found == other for other in right)
    assert several > 100


def test_contradicting_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="labels must be those of a parity"):
        parity_of([0b01, 0b10, 0b11], [1, 0, 0])


@pytest.mark.slow
def test_how_often_a_parity_is_left_over_is_the_law_of_random_matrices() -> None:
    """n random rows over the field of two elements determine d coordinates with probability prod_(i < d) (1 - 2^(i - n)).

    Where they do not, what is found has a free coordinate out, and is wrong. 2000 samples, five standard errors: false alarm 6e-7.
    """
    known = 1 - math.prod(1 - 2.0 ** (i - 9) for i in range(8))
    seen = np.mean([ConsistentParity.risk(8, 9, key) for key in range(2000)]) * 2
    assert abs(seen - known) <= 5 * math.sqrt(known * (1 - known) / 2000)


def test_a_half_space_without_an_error_has_the_risk_of_fresh_draws() -> None:
    world = list(scenario("half-space without an error").draws(range(5)))[1]
    law = TeacherSphere(np.eye(5)[0])
    for place, key in enumerate((0, 4)):
        inputs, labels = law.sample(("half-space without an error", key), 500)
        signed = inputs * labels[:, None]
        weights = machine(signed)
        assert (signed @ weights > 0).all()
        # The largest margin of a box of weights is no more than sqrt(5) times that of the ball, and no less: another solver.
        lines = np.hstack([-signed, np.ones((500, 1))])
        box = linprog([0] * 5 + [-1], A_ub=lines, b_ub=np.zeros(500), bounds=[(-1, 1)] * 5 + [(0, None)])
        ball = float((signed @ weights).min() / np.linalg.norm(weights))
        assert ball * (1 - 1e-9) <= -box.fun <= ball * math.sqrt(5) * (1 + 1e-9)
        fresh, truth = law.sample("fresh half-space", 200_000)
        wrong, risk = float((truth * (fresh @ weights) <= 0).mean()), float(world.truth(RISK)[place])
        assert abs(wrong - risk) <= 5 * math.sqrt(risk * (1 - risk) / 200_000)


def test_parities_shatter_as_many_corners_as_they_have_coordinates() -> None:
    corners = [1 << i for i in range(4)]
    patterns = {tuple((corner & chosen).bit_count() & 1 for corner in corners) for chosen in range(16)}
    assert patterns == set(itertools.product((0, 1), repeat=4))


@pytest.mark.parametrize("served", ["realizable_finite_class", "realizable_growth"])
def test_ten_examples_for_each_are_refuted(served: str) -> None:
    assert tells("parity without an error", bound(served), counted_tenfold(bound(served)))
