"""Two laws of a learning curve, b n^-c and a + b n^-c, fitted to logarithms of risks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genbounds.verification.populations.protocol import Array


@dataclass(frozen=True)
class Law:
    """Risk = floor + scale * n^-exponent.

    >>> Law(0.0, 2.0, 0.5).risk([4, 100]).tolist()
    [1.0, 0.2]
    """

    floor: float
    scale: float
    exponent: float

    def risk(self, sizes: Sequence[float] | Array) -> Array:
        """What the law says at these numbers of examples."""
        found: Array = self.floor + self.scale * np.asarray(sizes, dtype=float) ** -self.exponent
        return found

    def error(self, sizes: Sequence[float] | Array, risks: Sequence[float] | Array) -> float:
        """Root mean square of ln(risk) - ln(law)."""
        return float(np.sqrt(np.mean((np.log(risks) - np.log(self.risk(sizes))) ** 2)))


def power_law(sizes: Sequence[float] | Array, risks: Sequence[float] | Array) -> Law:
    """The least-squares line of ln(risk) over ln(n); its floor is 0.

    >>> law = power_law([1, 10, 100], [1.0, 0.1, 0.01])
    >>> round(law.scale, 9), round(law.exponent, 9)
    (1.0, 1.0)
    """
    slope, constant = np.polyfit(np.log(sizes), np.log(risks), 1)
    return Law(0.0, float(np.exp(constant)), float(-slope))


def floored_law(sizes: Sequence[float] | Array, risks: Sequence[float] | Array) -> Law:
    """The law with a floor whose logarithms have the least squared error, the power law among them.

    Raises:
        ValueError: fewer than four sizes: three numbers are fitted.

    >>> sizes = [10, 100, 1000, 10_000]
    >>> law = floored_law(sizes, Law(0.1, 2.0, 0.5).risk(sizes))
    >>> round(law.floor, 5), round(law.scale, 5), round(law.exponent, 5)
    (0.1, 2.0, 0.5)
    """
    from scipy.optimize import least_squares

    if len(sizes) < 4:
        raise ValueError(f"sizes must be at least 4, got {len(sizes)}: a law with a floor has three numbers of its own")
    logs, targets = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(risks, dtype=float))
    plain = power_law(sizes, risks)

    def misses(numbers: Array) -> Array:
        # The floor itself may be 0, where its logarithm would run away: it is a part of the least risk.
        floor, log_scale, exponent = numbers
        missed: Array = np.log(floor * least + np.exp(log_scale - exponent * logs)) - targets
        return missed

    least = float(np.min(risks))
    fits = [
        least_squares(
            misses, [part, np.log(plain.scale), max(plain.exponent, 0.05)], bounds=([0, -30, 0], [1, 30, 4]), xtol=1e-14, ftol=1e-14
        )
        for part in (0.02, 0.5, 0.9)
    ]
    floor, log_scale, exponent = min(fits, key=lambda fit: float(fit.cost)).x
    law = Law(float(floor) * least, float(np.exp(log_scale)), float(exponent))
    return law if law.error(sizes, risks) <= plain.error(sizes, risks) else plain


def straightness(sizes: Sequence[float] | Array, risks: Sequence[float] | Array) -> float:
    """R squared of the line through the logarithms: 1 for a power law.

    >>> round(straightness([1, 10, 100], [1.0, 0.1, 0.01]), 9)
    1.0
    """
    return float(np.corrcoef(np.log(sizes), np.log(risks))[0, 1] ** 2)
