"""The two examples of Nagarajan and Kolter (2019), where uniform convergence over what a learner returns fails while it generalises.

Linear: a signal of few coordinates that tells the classes apart, and noise of many coordinates that a sum of examples remembers. With the
signs of the noise of its sample turned round, the same rule errs on all of it, although its risk is small.

Hyperspheres: two spheres around 0 in many dimensions, one a little larger than the other, each of them a class.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from genbounds.verification.populations.protocol import Array, Key, generator, law_hash


@dataclass(frozen=True, eq=False)
class SignalAndNoise:
    """y is -1 or +1 with probability 1/2; x is (2 y u, z) with a fixed vector u and z ~ N(0, 32/D) in each of D coordinates.

    The margin of the rule sign(<w_1, x_1> + <w_2, x_2>) is normal with mean 2 <w_1, u> and standard deviation ||w_2|| sqrt(32/D), so its
    risk is Phi(-2 <w_1, u>/(||w_2|| sqrt(32/D))). Inputs have no radius.

    Args:
        signal: u, (K,). noisy: D.

    Raises:
        ValueError: a signal that is not a finite vector, no noisy coordinate.

    >>> law = SignalAndNoise(np.array([0.5]), 32)
    >>> weights = np.zeros(33); weights[0] = weights[1] = 1.0
    >>> round(law.risk(weights), 6), law.risk(np.eye(33)[0]), law.bayes_risk
    (0.158655, 0.0, 0.0)
    """

    signal: Array
    noisy: int

    def __post_init__(self) -> None:
        """Check the parameters."""
        signal = np.asarray(self.signal, dtype=float)
        if signal.ndim != 1 or signal.size == 0 or not np.isfinite(signal).all():
            raise ValueError(f"signal must be a finite vector, got shape {signal.shape}: one number per coordinate")
        if self.noisy < 1:
            raise ValueError(f"noisy must be at least 1, got {self.noisy}: it is a number of coordinates")

    @property
    def spread(self) -> float:
        """The standard deviation of a noisy coordinate."""
        return math.sqrt(32 / self.noisy)

    @property
    def content_hash(self) -> str:
        """Hash of the parameters: two laws with one hash are the same."""
        return law_hash("signal and noise", self.signal, float(self.noisy))

    @property
    def bayes_risk(self) -> float:
        """The signal alone tells the classes apart; without one nothing does."""
        return 0.0 if np.any(self.signal) else 0.5

    def sample(self, key: Key, n: int) -> tuple[Array, Array]:
        """n independent draws: inputs (n, K + D) and labels (n,)."""
        random = generator("signal and noise", key)
        labels = np.where(random.integers(2, size=n) == 1, 1, -1)
        return np.hstack([2 * labels[:, None] * self.signal, self.spread * random.standard_normal((n, self.noisy))]), labels

    def turned(self, inputs: Array) -> Array:
        """The same examples with the signs of their noise turned round: a sample that is exactly as probable."""
        known = len(self.signal)
        return np.hstack([inputs[:, :known], -inputs[:, known:]])

    def risk(self, weights: Array) -> float:
        """P(y <w, x> <= 0), to float64."""
        known = len(self.signal)
        along, length = 2 * float(weights[:known] @ self.signal), self.spread * float(np.linalg.norm(weights[known:]))
        return float(special.ndtr(-along / length)) if length else float(along <= 0)


@dataclass(frozen=True)
class Hyperspheres:
    """x is uniform on the sphere of radius 1 (label -1) or on that of radius r (label +1), each with probability 1/2, in d dimensions.

    Two kinds of rules have a risk in closed form: those of the norm alone, and linear ones, as a coordinate of a uniform point on the
    sphere has a square with the law Beta(1/2, (d - 1)/2). A linear rule through 0 has risk 1/2, whatever it remembers.

    Args:
        dimension: d >= 2. outer: r > 1; the paper takes d = 1000 and r = 1.1.

    Raises:
        ValueError: a dimension below 2, an outer radius of at most 1.

    >>> law = Hyperspheres(3, 2.0)
    >>> law.risk_of_norm(1.5), law.risk(np.array([1.0, 0.0, 0.0])), law.risk(np.array([1.0, 0.0, 0.0]), -1.0)
    (0.0, 0.5, 0.375)
    """

    dimension: int
    outer: float

    def __post_init__(self) -> None:
        """Check the parameters."""
        if self.dimension < 2:
            raise ValueError(f"dimension must be at least 2, got {self.dimension}: a sphere on the line is two points")
        if not 1 < self.outer < math.inf:
            raise ValueError(f"outer must be above 1, got {self.outer}: it is the larger radius")

    @property
    def content_hash(self) -> str:
        """Hash of the parameters: two laws with one hash are the same."""
        return law_hash("hyperspheres", float(self.dimension), self.outer)

    @property
    def input_radius(self) -> float:
        """The outer radius, and what rounding may add."""
        return self.outer * (1 + 2.0**-50)

    @property
    def bayes_risk(self) -> float:
        """The norm tells the spheres apart."""
        return 0.0

    def sample(self, key: Key, n: int) -> tuple[Array, Array]:
        """n independent draws: inputs (n, d) and labels (n,)."""
        random = generator("hyperspheres", key)
        labels = np.where(random.integers(2, size=n) == 1, 1, -1)
        inputs = random.standard_normal((n, self.dimension))
        lengths = np.where(labels > 0, self.outer, 1.0)
        return inputs * (lengths / np.linalg.norm(inputs, axis=1))[:, None], labels

    def risk_of_norm(self, threshold: float) -> float:
        """The risk of the rule that says +1 above this norm; a norm at the threshold is an error."""
        return (float(threshold <= 1) + float(threshold >= self.outer)) / 2

    def risk(self, weights: Array, bias: float = 0.0) -> float:
        """P(y (<w, x> + b) <= 0), to float64; a rule with w = 0 is decided by its bias, and always wrong with none."""
        length = float(np.linalg.norm(weights))
        if length == 0:
            return 0.5 if bias else 1.0
        inner, outer = self._above(-bias / length), self._above(-bias / length / self.outer)
        return (inner + 1 - outer) / 2

    def _above(self, height: float) -> float:
        """P(<v, x> > h) for a unit vector v and x uniform on the unit sphere."""
        if abs(height) >= 1:
            return float(height < 0)
        tail = float(special.betainc((self.dimension - 1) / 2, 0.5, 1 - height**2)) / 2
        return tail if height >= 0 else 1 - tail
