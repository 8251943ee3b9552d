"""Two normal laws with one covariance, s^2 I, around m and -m: the risk of every linear rule in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from genbounds.verification.populations.protocol import Array, Key, generator, law_hash


@dataclass(frozen=True, eq=False)
class GaussianPair:
    """y is -1 or +1 with probability 1/2, and x is y m plus normal noise of standard deviation s in every coordinate.

    The rule sign(<w, x> + b) errs with probability (Phi(-(<w, m> + b)/(s ||w||)) + Phi(-(<w, m> - b)/(s ||w||)))/2. Inputs have no radius,
    and no rule has a margin on the population.

    Args:
        mean: m, (d,). spread: s > 0.

    Raises:
        ValueError: a mean that is not a finite vector, a spread that is not positive.

    >>> pair = GaussianPair(np.array([1.0, 0.0]), 1.0)
    >>> round(pair.risk(np.array([1.0, 0.0])), 6), round(pair.bayes_risk, 6), pair.risk(np.array([0.0, 1.0]))
    (0.158655, 0.158655, 0.5)
    """

    mean: Array
    spread: float

    def __post_init__(self) -> None:
        """Check the parameters."""
        mean = np.asarray(self.mean, dtype=float)
        if mean.ndim != 1 or mean.size == 0 or not np.isfinite(mean).all():
            raise ValueError(f"mean must be a finite vector, got shape {mean.shape}: one number per coordinate")
        if not 0 < self.spread < float("inf"):
            raise ValueError(f"spread must be positive and finite, got {self.spread}: it is a standard deviation")

    def sample(self, key: Key, n: int) -> tuple[Array, Array]:
        """n independent draws: inputs (n, d) and labels (n,)."""
        random = generator("gaussian pair", key)
        labels = np.where(random.integers(2, size=n) == 1, 1, -1)
        return labels[:, None] * self.mean + self.spread * random.standard_normal((n, len(self.mean))), labels

    def risk(self, weights: Array, bias: float = 0.0) -> float:
        """P(y (<w, x> + b) <= 0), to float64; a rule with w = 0 is decided by its bias."""
        length = self.spread * float(np.linalg.norm(weights))
        along = float(weights @ self.mean)
        if length == 0:
            return 0.5 if bias else 1.0
        return float(special.ndtr(-(along + bias) / length) + special.ndtr(-(along - bias) / length)) / 2

    @property
    def content_hash(self) -> str:
        """Hash of the parameters: two laws with one hash are the same."""
        return law_hash("gaussian pair", self.mean, self.spread)

    @property
    def bayes_risk(self) -> float:
        """The risk of sign <m, x>: Phi(-||m||/s)."""
        return float(special.ndtr(-np.linalg.norm(self.mean) / self.spread))
