"""What is said of a measured effect that no theorem promises: reproduced, not reproduced or reversed, as its interval lies to a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.populations.protocol import Array


@dataclass(frozen=True)
class Effect:
    """A number that was estimated, with an approximate interval at the stated confidence.

    >>> str(Effect(0.5, 0.25, 0.75))
    '0.5 [0.25, 0.75]'
    """

    value: float
    lower: float
    upper: float
    confidence: float = 0.95

    def __post_init__(self) -> None:
        """Refuse an interval that does not hold the value."""
        if not self.lower <= self.value <= self.upper:
            raise ValueError(f"value must lie in its interval, got {self.value} and [{self.lower}, {self.upper}]: look for a NaN before it")

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.lower:.3g}, {self.upper:.3g}]"

    def above(self, line: float) -> Outcome:
        """The claim is that the number lies above the line.

        >>> [str(Effect(2, 1, 3).above(line)) for line in (0.5, 2.5, 4)]
        ['reproduced', 'not reproduced', 'reversed']
        """
        if self.lower > line:
            return Outcome.REPRODUCED
        return Outcome.REVERSED if self.upper < line else Outcome.NOT_REPRODUCED

    def below(self, line: float) -> Outcome:
        """The claim is that the number lies below the line.

        >>> str(Effect(2, 1, 3).below(4))
        'reproduced'
        """
        if self.upper < line:
            return Outcome.REPRODUCED
        return Outcome.REVERSED if self.lower > line else Outcome.NOT_REPRODUCED

    def within(self, low: float, high: float) -> Outcome:
        """The claim is that the number lies in a range; outside of it nothing is reversed, only not reproduced.

        >>> str(Effect(2, 1, 3).within(0, 4)), str(Effect(2, 1, 3).within(0, 2.5))
        ('reproduced', 'not reproduced')
        """
        return Outcome.REPRODUCED if low <= self.lower and self.upper <= high else Outcome.NOT_REPRODUCED


def mean_effect(values: Sequence[float] | Array, confidence: float = 0.95) -> Effect:
    """The mean of independent repetitions (seeds) with Student's interval.

    The interval is exact for normal values and an approximation for others: enough for a measured effect, and not enough to
    refute a theorem by.

    Raises:
        ValueError: fewer than two values, or one that is not finite.

    >>> str(mean_effect([1.0, 2.0, 3.0]))
    '2 [-0.484, 4.48]'
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or len(found) < 2 or not np.isfinite(found).all():
        raise ValueError(f"values must be at least two finite numbers, got {found.size} of shape {found.shape}: take more seeds")
    mean, error = float(found.mean()), float(found.std(ddof=1) / np.sqrt(len(found)))
    half = float(stats.t.ppf((1 + confidence) / 2, len(found) - 1)) * error
    return Effect(mean, mean - half, mean + half, confidence)


def slope_effect(x: Sequence[float] | Array, y: Sequence[float] | Array, confidence: float = 0.95) -> Effect:
    """The slope of y over x: an exponent where both are logarithms.

    Where ``y`` has a row for each repetition (shape (repetitions, points)), the slope of each and Student's interval over them; where it is
    one row, least squares with the usual interval from the residuals.

    Raises:
        ValueError: shapes that do not agree, or fewer than three points in one row.

    >>> slope_effect([0, 1, 2], [[0, 1, 2], [0, 2, 4], [0, 3, 6]]).value
    2.0
    """
    places, rows = np.asarray(x, dtype=np.float64), np.atleast_2d(np.asarray(y, dtype=np.float64))
    if places.ndim != 1 or rows.shape[1] != len(places) or (len(rows) == 1 and len(places) < 3) or len(places) < 2:
        raise ValueError(f"y must have one value for each x (at least three in a single row), got shapes {places.shape} and {rows.shape}")
    centred = places - places.mean()
    slopes = (rows @ centred) / (centred @ centred)
    if len(rows) > 1:
        return mean_effect(slopes, confidence)
    found = stats.linregress(places, rows[0])
    half = float(stats.t.ppf((1 + confidence) / 2, len(places) - 2) * found.stderr)
    return Effect(float(found.slope), float(found.slope) - half, float(found.slope) + half, confidence)
