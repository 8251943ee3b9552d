r"""Runs whose losses have kinks: in a first pass the weights remember in tiny entries which coordinates the sample holds, in a second they
grow on the others.

An example is a random set z of coordinates, each of which is in it with probability q; of D coordinates so many that more than n are
in none of the n sets. The loss is

    (||x_z|| - tau)^+  +  max(0, max_j(-x_j) + kappa clock(x))
        -  (epsilon/sqrt D) sum_{j in z} x_j  +  a clock's own part  +  gamma |x|^2/2.

Every step raises all coordinates of its set by next to nothing (the third part), so that after one pass exactly those in no set are 0 and
all others are above it. From then on the clock is above 0, and each step of the second pass raises the first coordinate that is still 0:
the subgradient of the maximum at its kink, lowest index first. So n coordinates grow which no example of the sample holds, and of which a
fresh set holds a part: the first part of the loss is 0 on the sample, where x_z is below tau, and about sqrt(q n) steps beyond. In the
concave form the maximum of x_j is subtracted, the third part is added, and one such coordinate grows at every step.

The clock of a constant step is an entry x_0 that rises by CLOCK at each step, and clock(x) = x_0 less its value after n - 1/2 steps. At
steps 1/(gamma t) it starts at CLOCK, with a slope that throws it to -CLOCK/gamma at once; from there it is -CLOCK/(gamma t), and clock(x)
is above 0 from step n + 1 on. (At the start another entry, which the first step makes 0, keeps clock(x) below 0.)

Rounded kinks are those of the smallest convex function whose gradient is as smooth as stated (Moreau's envelope), with j 10^-260 taken off
-x_j, so that no two of the D = 10^166 values are as near to each other as the rounding reaches: every step is the same.

Real numbers are exact: the traces are as small as 2^-n, and no computer runs it at these n. The tests run it at n = 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

RUN = (a.PLAIN_SGD, a.MINIBATCH_SGD, a.START_FIXED_IN_ADVANCE, a.STEPS_FIXED_IN_ADVANCE, a.OBLIVIOUS_ORDER, a.SUBGRADIENT_RULE)
TRACE = Fraction(1, 10**6)
"""epsilon: the norm of what a step of size 1 leaves on the coordinates of its set is at most that."""
CLOCK = Fraction(1, 100)
"""How fast the clock runs; the push on it is far smaller."""
LIPSCHITZ = Fraction(203, 100)
"""1 + sqrt(1 + kappa^2) + CLOCK + TRACE, rounded up; the slope of gamma |x|^2/2 on the ball comes on top."""
RADIUS = Fraction(1, 20)
"""Of the ball that a run on a strongly convex loss never leaves."""
NOT_SMOOTH = Fraction(1, 10**9)


@dataclass(frozen=True)
class Kinks:
    """One run.

    Attributes:
        name: of the scenario, after "hostile: ".
        choice: what is hostile.
        how: what is not as stated.
        excluded: the assumptions that exclude it.
        holds: what is assumed of the loss and its steps, and holds.
        sizes: numbers of examples.
        numbers: what is stated at n examples, in addition to n, the Lipschitz constant and the number of steps.
        share: q at n examples, the probability that an example holds a coordinate.
        curvature: gamma.
        decaying: steps 1/(gamma t), in place of a step_size of ``numbers``.
        convex: whether the maximum is added.
    """

    name: str
    choice: str
    how: str
    excluded: tuple[Assumption, ...]
    holds: tuple[Assumption, ...]
    sizes: tuple[int, ...]
    numbers: tuple[tuple[str, Any], ...] = ()
    share: Fraction = Fraction(1, 2)
    curvature: int = 0
    decaying: bool = False
    convex: bool = True


def grown(step: float, curvature: float, n: int, *, decaying: bool, convex: bool) -> list[float]:
    """The entries of the coordinates that grew, after 2 n steps: each is shrunk by the later ones.

    >>> grown(0.5, 1.0, 2, decaying=False, convex=True), grown(1.0, 2.0, 2, decaying=True, convex=True)
    ([0.25, 0.5], [0.125, 0.125])
    >>> grown(0.5, 0.0, 3, decaying=False, convex=False)
    [1.5]
    """
    if decaying:
        return [1 / (2 * n * curvature)] * n
    entries = [step * (1 - step * curvature) ** later for later in range(n - 1, -1, -1)]
    return entries if convex else [sum(entries)]


def mean_norm(entries: Sequence[float], share: float) -> float:
    """At most the mean norm of the entries of which each is kept with that probability: sqrt y >= 1 + (y - 1)/2 - (y - 1)^2/2 for y >= 0.

    >>> mean_norm([1.0], 0.5), round(mean_norm([1.0] * 100, 0.5), 4)
    (0.5, 7.0357)
    """
    if len(entries) == 1:
        return entries[0] * share
    mean = share * math.fsum(entry**2 for entry in entries)
    variance = share * (1 - share) * math.fsum(entry**4 for entry in entries)
    return math.sqrt(mean) * (1 - variance / (2 * mean**2))


class KinksThatRemember(Scenario):
    """Two passes in the order drawn: the first remembers the sample, the second avoids it."""

    truths = frozenset({EXPECTED_GAP})

    def __init__(self, found: Kinks) -> None:
        self.found = found
        self.name = f"hostile: {found.name}"
        self.hostile = found.choice
        self.description = f"two passes over random sets of coordinates; the second grows the coordinates that no set holds: {found.how}"
        names = ("lipschitz", "steps", *(name for name, _ in found.numbers), *(() if found.decaying else ("step_size", "step_sizes")))
        self.inputs = frozenset({"n", *names})
        self.audit = (
            holding("random sets of coordinates, drawn independently", a.IID_SAMPLE)
            | holding("two passes in the order drawn, from a start and by steps fixed in advance; of equal values the lowest index", *RUN)
            | holding("1 + sqrt(1 + kappa^2), the slopes of clock and trace, and gamma times the radius", a.LIPSCHITZ_LOSS)
            | holding("a sum of such functions", *found.holds)
            | violating(found.how, *found.excluded)
        )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples."""
        for n in self.found.sizes:
            yield self.world(n)

    def world(self, n: int) -> World:
        """The mean gap is at least that of the grown coordinates, less what the other parts, and samples without n of them, can take.

        Those have a probability below 10^-9, and a gap above -20 times what the weights can move; tau is TRACE times the lengths of all
        steps, or TRACE for a strongly convex loss, and what the traces change is below TRACE times the norm of the weights.
        """
        found = self.found
        step = 1 / n if found.curvature else 1.0
        entries = grown(step, found.curvature, n, decaying=found.decaying, convex=found.convex)
        moved = float(RADIUS) if found.curvature else 2 * n * step * float(LIPSCHITZ)
        gap = mean_norm(entries, float(found.share)) - (3 * float(TRACE) + 20e-9) * max(1.0, moved)
        exact = Fraction(1, n) if found.curvature else Fraction(1)
        common: dict[str, Any] = {"n": n, "lipschitz": LIPSCHITZ + found.curvature * RADIUS, "steps": 2 * n} | dict(found.numbers)
        common |= {} if found.decaying else {"step_size": exact, "step_sizes": (exact,) * (2 * n)}
        return World(f"n = {n}, two passes", common, {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])


CONVEX = KinksThatRemember(
    Kinks(
        "kinks that remember the sample",
        "the smoothness of the loss",
        "maxima and norms are not smooth, and a smoothness of 10^-9 is stated",
        (a.SMOOTH_LOSS,),
        (a.CONVEX_LOSS,),
        (1000, 4000),
        (("smoothness", NOT_SMOOTH),),
    )
)
STRONGLY_CONVEX = KinksThatRemember(
    Kinks(
        "kinks that remember the sample, for strongly convex losses",
        "the smoothness of the loss",
        "maxima and norms are not smooth, and a smoothness of 1 is stated",
        (a.SMOOTH_LOSS,),
        (a.CONVEX_LOSS, a.STRONGLY_CONVEX_LOSS, a.BOUNDED_LOSS),
        (10**4,),
        (("smoothness", 1), ("strong_convexity", 1), ("loss_range", Fraction(1, 2))),
        curvature=1,
    )
)
DECAYING = KinksThatRemember(
    Kinks(
        "kinks that remember the sample, at decaying steps",
        "the smoothness of the loss",
        "maxima and norms are not smooth, and a smoothness of 1 is stated",
        (a.SMOOTH_LOSS,),
        (a.CONVEX_LOSS, a.STRONGLY_CONVEX_LOSS, a.BOUNDED_LOSS, a.STEPS_OF_STRONG_CONVEXITY, a.STEPS_AT_MOST_C_OVER_T),
        (10**4,),
        (("smoothness", 1), ("strong_convexity", 1), ("loss_range", Fraction(1, 2))),
        curvature=1,
        decaying=True,
    )
)
SMOOTHED = KinksThatRemember(
    Kinks(
        "the range of the loss, for rounded kinks",
        "the range of the loss",
        "losses that differ by 10^-3 and more, where a range of 10^-275 is stated",
        (a.BOUNDED_LOSS,),
        (a.CONVEX_LOSS, a.STRONGLY_CONVEX_LOSS, a.SMOOTH_LOSS, a.STEPS_OF_STRONG_CONVEXITY, a.STEPS_AT_MOST_C_OVER_T),
        (10**4,),
        (("smoothness", Fraction(10) ** 262), ("strong_convexity", 1), ("loss_range", Fraction(1, 10**275))),
        share=Fraction(35, 1000),
        curvature=1,
        decaying=True,
    )
)
CONCAVE = KinksThatRemember(
    Kinks(
        "the convexity of the loss, for kinks",
        "the convexity of the loss",
        "a maximum is subtracted",
        (a.CONVEX_LOSS, a.STRONGLY_CONVEX_LOSS, a.SMOOTH_LOSS),
        (),
        (3000,),
        convex=False,
    )
)
