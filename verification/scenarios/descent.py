"""Stochastic gradient descent on f(w; (i, s)) = (k/2) ||w||^2 - g s w_i over a ball, run on every sample, or on one that is like any other.

The examples are the signed basis vectors s e_i. On the line (one coordinate) every sample and every order is run, in Fractions. With 10^30
coordinates hardly any sample meets one twice, and all samples without a repetition are alike: two numbers say how the run goes, the squared
norm of the weights and the sum of their coordinates along the examples met.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.scenario import LARGEST_EXACT, World

Order = Literal["cyclic", "permutations", "with replacement"]
COORDINATES = 10**30


@dataclass(frozen=True)
class Loss:
    """(curvature/2) ||w||^2 - slope s w_i for ||w|| <= radius, where the slope is at least |curvature| radius."""

    slope: Fraction
    curvature: Fraction
    radius: Fraction

    def __post_init__(self) -> None:
        """Refuse a set on which the loss is not monotone along its example, as its range would be another one."""
        if self.slope < abs(self.curvature) * self.radius:
            raise ValueError(f"slope must be at least |curvature| radius, got {self}: take a smaller ball")

    @property
    def lipschitz(self) -> Fraction:
        """The largest norm of a gradient on the ball."""
        return self.slope + abs(self.curvature) * self.radius

    @property
    def range(self) -> Fraction:
        """The largest loss less the smallest, both at the ends of the ball along the example."""
        return 2 * self.slope * self.radius

    def __str__(self) -> str:
        """As it is shown in the label of a world."""
        return f"slope {float(self.slope):.6g}, curvature {float(self.curvature):.6g}, radius {float(self.radius):.6g}"


def orders(n: int, steps: int, kind: Order) -> list[tuple[int, ...]]:
    """The index of the example of each step, for every order of a kind.

    >>> orders(2, 3, "cyclic"), orders(2, 2, "permutations")
    ([(0, 1, 0)], [(0, 1), (1, 0)])
    """
    if kind == "cyclic":
        return [tuple(t % n for t in range(steps))]
    if kind == "permutations":
        return [tuple(itertools.islice(itertools.cycle(one), steps)) for one in itertools.permutations(range(n))]
    return list(itertools.product(range(n), repeat=steps))


def run_on_the_line(loss: Loss, signs: Sequence[int], steps: Sequence[Fraction]) -> Fraction:
    """The weight after projected descent from 0 over examples with these signs.

    >>> str(run_on_the_line(Loss(Fraction(1), Fraction(1, 2), Fraction(1)), [1, 1], [Fraction(1, 2)] * 2))
    '7/8'
    """
    w = Fraction(0)
    for sign, step in zip(signs, steps, strict=True):
        w -= step * (loss.curvature * w - loss.slope * sign)
        w = max(-loss.radius, min(w, loss.radius))
    return w


def gap_on_the_line(loss: Loss, w: Fraction, sample: Sequence[int]) -> Fraction:
    """Risk less empirical risk: both signs are equally likely, so that no weight gains anything on fresh examples."""
    return loss.slope * w * Fraction(sum(sample), len(sample))


def line_world(loss: Loss, n: int, steps: Sequence[Fraction], kind: Order, common: dict[str, Any]) -> World:
    """Every sample of n signs; the gap is the mean over the orders."""
    listed = orders(n, len(steps), kind)
    gaps = []
    for sample in itertools.product((1, -1), repeat=n):
        runs = [run_on_the_line(loss, [sample[i] for i in order], steps) for order in listed]
        gaps.append(sum((gap_on_the_line(loss, w, sample) for w in runs), Fraction(0)) / len(runs))
    law = [Fraction(1, len(gaps))] * len(gaps)
    widest = float(loss.range)
    return World(f"one coordinate, {kind}, n = {n}, T = {len(steps)}, {loss}", common, {}, {EXPECTED_GAP: gaps}, law, (-widest, widest))


def fresh_run(loss: Loss, steps: Sequence[Any]) -> tuple[float, float]:
    """Squared norm of the weights and sum of their coordinates along the examples, after one pass over examples that are all different.

    >>> fresh_run(Loss(Fraction(1), Fraction(0), Fraction(2)), [0.5, 0.25])
    (0.3125, 0.75)
    """
    slope, curvature, radius = float(loss.slope), float(loss.curvature), float(loss.radius)
    square = along = 0.0
    for step in map(float, steps):
        kept = 1 - step * curvature
        square, along = square * kept**2 + (step * slope) ** 2, along * kept + step * slope
        if square > radius**2:
            square, along = radius**2, along * radius / math.sqrt(square)
    return square, along


def fresh_world(loss: Loss, n: int, steps: Sequence[Any], common: dict[str, Any]) -> World:
    """One pass over n examples that are all different; of samples with a repetition the least that the gap may be is used."""
    _, along = fresh_run(loss, steps)
    gaps: list[Any] = [float(loss.slope) * along / n, -float(loss.range)]
    label = f"10^30 coordinates, one pass, n = {n}, T = {len(steps)}, {loss}"
    return World(label, common, {}, {EXPECTED_GAP: gaps}, law_of_a_repetition(n), (-float(loss.range), float(loss.range)))


def law_of_a_repetition(n: int, points: int = COORDINATES) -> list[Any]:
    """The probabilities that n of so many points are all different, and that they are not: Fractions for few.

    >>> law_of_a_repetition(2, 4)
    [Fraction(3, 4), Fraction(1, 4)]
    """
    different = Fraction(math.perm(points, n), points**n) if n <= LARGEST_EXACT else 1 - n * (n - 1) / (2 * points)
    return [different, 1 - different]


def settings(quick: bool) -> Iterator[tuple[int, int, Order]]:
    """Numbers of examples and of steps, and orders, that are run on the line."""
    yield from ((1, 1, "cyclic"), (2, 2, "permutations"), (2, 3, "with replacement"), (3, 6, "cyclic"))
    if not quick:
        yield from ((1, 12, "cyclic"), (3, 3, "permutations"), (3, 6, "permutations"), (3, 4, "with replacement"), (8, 16, "cyclic"))
