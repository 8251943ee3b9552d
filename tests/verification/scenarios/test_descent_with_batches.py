"""Descent with batches, in closed form where there is one; the sum of the gradients in the place of their average is seen."""

from __future__ import annotations

from fractions import Fraction

import pytest

from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification import check
from genbounds.verification.scenarios.descent import Loss
from genbounds.verification.scenarios.descent_with_batches import ConcaveDescentWithBatches, DescentWithBatches, batch_world


def test_the_gap_of_linear_losses_is_half_of_the_bound_in_units_of_the_slope() -> None:
    """Every step moves the weight by step * slope * (mean sign), whose product with the mean sign of the sample has the mean 1/n."""
    step, slope = Fraction(1, 4), Fraction(3)
    for n, size, steps in ((2, 1, 2), (3, 2, 2), (3, 3, 1)):
        world = batch_world(Loss(slope, Fraction(0), slope * step * steps), n, size, (step,) * steps)
        gaps = [Fraction(gap) for gap in world.truths[EXPECTED_GAP]]
        assert sum(gaps) / len(gaps) == slope**2 * step * steps / n


@pytest.mark.parametrize("name", ["minibatch_convex", "minibatch_nonconvex"])
def test_these_are_judged(name: str) -> None:
    found = check(f"stability.{name}", scenarios=[DescentWithBatches(), ConcaveDescentWithBatches()], rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.49


def test_bounds_on_single_examples_are_not_judged_on_batches() -> None:
    assert not check("stability.hardt2016convex", scenarios=DescentWithBatches()).judged


@pytest.mark.parametrize("name", ["minibatch_convex", "minibatch_nonconvex"])
def test_the_sum_of_the_gradients_is_another_algorithm(name: str) -> None:
    (trial,) = check(f"stability.{name}", scenarios="hostile: how many examples a step meets").trials
    assert trial.fails_there is True
