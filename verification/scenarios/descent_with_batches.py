"""Gradient descent with minibatches on the quadratics of ``descent``, on the line: every sample and every list of batches of a kind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from genbounds.bounds.assumptions import CONVEX_LOSS, PLAIN_SGD, STRONGLY_CONVEX_LOSS
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.descent import Loss, gap_on_the_line
from genbounds.verification.scenarios.descent_on_quadratics import NO_CURVATURE, RUN, SLOPE
from genbounds.verification.scenarios.scenario import Scenario, Size, World, violating

Batches = tuple[tuple[int, ...], ...]
"""The indices of the examples of each step; one may stand twice in a batch."""


def batches(n: int, size: int, steps: int) -> list[Batches]:
    """Every list of so many batches that are drawn without replacement, one after the other.

    >>> batches(2, 1, 1), len(batches(3, 2, 2))
    ([((0,),), ((1,),)], 9)
    """
    return list(itertools.product(itertools.combinations(range(n), size), repeat=steps))


def run_in_batches(loss: Loss, sample: Sequence[int], met: Batches, steps: Sequence[Fraction]) -> Fraction:
    """The weight after projected descent from 0 along the average gradient of each batch.

    >>> str(run_in_batches(Loss(Fraction(1), Fraction(0), Fraction(1)), [1, 1, -1], ((0, 1), (0, 2)), [Fraction(1, 2)] * 2))
    '1/2'
    """
    w = Fraction(0)
    for batch, step in zip(met, steps, strict=True):
        w -= step * (loss.curvature * w - loss.slope * Fraction(sum(sample[i] for i in batch), len(batch)))
        w = max(-loss.radius, min(w, loss.radius))
    return w


def batch_world(loss: Loss, n: int, size: int, steps: Sequence[Fraction]) -> World:
    """Every sample of n signs; the gap is the mean over the lists of batches."""
    listed = batches(n, size, len(steps))
    gaps = []
    for sample in itertools.product((1, -1), repeat=n):
        runs = [gap_on_the_line(loss, run_in_batches(loss, sample, met, steps), sample) for met in listed]
        gaps.append(sum(runs, Fraction(0)) / len(runs))
    common = {
        "n": n,
        "lipschitz": loss.lipschitz,
        "smoothness": max(abs(loss.curvature), NO_CURVATURE),
        "step_sizes": tuple(steps),
    }
    law, widest = [Fraction(1, len(gaps))] * len(gaps), float(loss.range)
    label = f"batches of {size} of n = {n}, T = {len(steps)}, {loss}"
    return World(label, common, {}, {EXPECTED_GAP: gaps}, law, (-widest, widest))


SIZES = ((2, 2, 2), (3, 2, 2), (4, 3, 2), (3, 3, 6))
"""Numbers of examples, of those in a batch, and of steps; the last is the whole sample at every step."""


class DescentWithBatches(Scenario):
    """Linear losses and a constant step, in balls that the runs do not leave, and that they do."""

    name = "descent with batches"
    description = "descent along average gradients of batches on linear losses: every sample and every list of batches"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes"})
    truths = frozenset({EXPECTED_GAP})
    audit = {entry: status for entry, status in RUN.items() if entry is not PLAIN_SGD} | {
        CONVEX_LOSS: ("by construction", "linear"),
        **violating("a step meets several examples", PLAIN_SGD),
        **violating("linear", STRONGLY_CONVEX_LOSS),
    }

    def worlds(self, size: Size) -> Iterator[World]:
        """Small steps and large ones."""
        for n, batch, steps in SIZES:
            for step, part in ((Fraction(1, 4), Fraction(1)), (Fraction(1, 1000), Fraction(1)), (Fraction(1, 4), Fraction(1, 2))):
                yield batch_world(Loss(SLOPE, Fraction(0), SLOPE * step * steps * part), n, batch, (step,) * steps)


class ConcaveDescentWithBatches(DescentWithBatches):
    """A loss that curves downwards: distances grow with every step."""

    name = "descent with batches on concave losses"
    description = "descent along average gradients of batches on concave quadratics: every sample and every list of batches"
    audit = dict(DescentWithBatches.audit) | violating("concave", CONVEX_LOSS)

    def worlds(self, size: Size) -> Iterator[World]:
        """Balls that the runs just do not leave."""
        for n, batch, steps in SIZES:
            for step in (Fraction(1, 10), Fraction(1, 100)):
                reached = Fraction(0)
                for _ in range(steps):  # all signs alike go farthest
                    reached = reached * (1 + step) + step
                yield batch_world(Loss(SLOPE, Fraction(-1), SLOPE * reached), n, batch, (step,) * steps)
