"""Random inputs of tests, from fixed seeds."""

from __future__ import annotations

import numpy as np


class Draws:
    """Random inputs of a test, from a fixed seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def delta(self) -> float:
        """A failure probability, sometimes an extreme one."""
        return float(self.random.choice([1e-300, 1e-10, 0.05, 0.99, self.random.uniform(0.001, 0.999)]))

    def unit(self) -> float:
        """A risk, sometimes 0, 1 or tiny."""
        return float(self.random.choice([0.0, 1.0, 1e-9, 0.03, self.random.random()]))

    def whole(self, low: int = 1, high: float = 1e12) -> int:
        """A count, uniform in its logarithm."""
        return max(low, round(10 ** self.random.uniform(np.log10(low), np.log10(high))))

    def positive(self, low: float = -6, high: float = 6) -> float:
        """A positive number, uniform in its logarithm to base 10."""
        return float(10 ** self.random.uniform(low, high))
