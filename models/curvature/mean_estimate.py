"""An average of random repetitions, with its standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from genbounds.bounds.quantity import Quantity


@dataclass(frozen=True)
class MeanEstimate:
    """A mean of independent runs: ``value`` and its ``standard_error``, both of kind ``estimate``, from so many ``repetitions``.

    The standard error is the standard deviation of the repetitions (ddof 1) divided by the root of their number. One repetition says
    nothing about the error, so there are at least two.

    >>> from genbounds.bounds import Quantity
    >>> MeanEstimate(Quantity(2.0, "estimate", "two runs"), Quantity(0.5, "estimate", "two runs"), 2).value.value
    2.0
    """

    value: Quantity
    standard_error: Quantity
    repetitions: int

    @classmethod
    def of(cls, repetitions: list[float], how: str) -> MeanEstimate:
        """The mean of independent numbers.

        >>> found = MeanEstimate.of([1.0, 3.0], "two probes")
        >>> float(found), float(found.standard_error), found.value.kind
        (2.0, 1.0, 'estimate')
        """
        if len(repetitions) < 2:
            raise ValueError(f"repetitions must hold at least two numbers, got {len(repetitions)}: one has no standard error")
        error = float(np.std(repetitions, ddof=1)) / math.sqrt(len(repetitions))
        text = f"{how}; standard error {error:.3g}"
        mean = math.fsum(repetitions) / len(repetitions)
        return cls(Quantity(mean, "estimate", text), Quantity(error, "estimate", f"standard error of: {how}"), len(repetitions))

    def __float__(self) -> float:
        """The estimate."""
        return float(self.value)
