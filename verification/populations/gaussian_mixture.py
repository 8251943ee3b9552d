"""A mixture of normal laws, each with one covariance s^2 I and one label: linear rules in closed form, any rule on the line or the plane.

On the line a rule is what it says between its cuts, and its risk a sum of normal probabilities. On the plane a rule is cut line by line: on
each horizontal line its risk is such a sum, and the lines are added up by quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from genbounds.verification.populations.protocol import Array, Key, generator, law_hash

REACH = 12.0
"""Lines further than so many standard deviations from every centre are left out: less than 1e-32 of the probability."""
PANELS, NODES = 200, 16
"""The quadrature over lines: panels of equal length, with so many Gauss-Legendre nodes in each."""
Cuts = tuple[Sequence[float], int]
"""Where a rule on a line changes its sign, in increasing order, and its sign before the first of them."""


@dataclass(frozen=True, eq=False)
class GaussianMixture:
    """Component k has probability p_k, label y_k in {-1, +1}, and x is m_k plus normal noise of standard deviation s_k in every coordinate.

    Inputs have no radius, and no rule has a margin on the population.

    Args:
        shares: p, (K,), positive, adding up to 1. means: m, (K, d). spreads: s, (K,), positive. labels: y, (K,).

    Raises:
        ValueError: shapes that do not fit, shares that do not add up to 1, spreads that are not positive, labels other than -1 and +1.

    >>> pair = GaussianMixture([0.5, 0.5], [[1.0], [-1.0]], [1.0, 1.0], [1, -1])
    >>> round(pair.risk(np.array([2.0])), 6), round(pair.risk_of_cuts([0.0], -1), 6), round(pair.bayes_risk, 6)
    (0.158655, 0.158655, 0.158655)
    """

    shares: Array
    means: Array
    spreads: Array
    labels: Array

    def __post_init__(self) -> None:
        """Check the parameters."""
        shares, means, spreads = (np.asarray(entry, dtype=float) for entry in (self.shares, self.means, self.spreads))
        labels = np.asarray(self.labels)
        count = len(shares)
        if means.ndim != 2 or means.size == 0 or not len(means) == len(spreads) == len(labels) == count or not np.isfinite(means).all():
            raise ValueError(f"means must be finite, of shape (components, d), got {means.shape} for {count} shares: one row per component")
        if not (shares > 0).all() or abs(math.fsum(shares) - 1) > 1e-12:
            raise ValueError(f"shares must be positive and add up to 1, got {shares.tolist()}: they are probabilities")
        if not ((spreads > 0) & np.isfinite(spreads)).all():
            raise ValueError(f"spreads must be positive and finite, got {spreads.tolist()}: they are standard deviations")
        if not np.isin(labels, (-1, 1)).all():
            raise ValueError(f"labels must be -1 or +1, got {labels.tolist()}: the rules are signs")
        for name, entry in (("shares", shares), ("means", means), ("spreads", spreads), ("labels", labels.astype(int))):
            object.__setattr__(self, name, entry)

    @property
    def dimension(self) -> int:
        """d."""
        return int(self.means.shape[1])

    @property
    def content_hash(self) -> str:
        """Hash of the parameters: two laws with one hash are the same."""
        return law_hash("gaussian mixture", self.shares, self.means, self.spreads, self.labels)

    def sample(self, key: Key, n: int) -> tuple[Array, Array]:
        """n independent draws: inputs (n, d) and labels (n,)."""
        random = generator("gaussian mixture", key)
        chosen = random.choice(len(self.shares), size=n, p=self.shares)
        noise = random.standard_normal((n, self.dimension))
        return self.means[chosen] + self.spreads[chosen, None] * noise, self.labels[chosen]

    def risk(self, weights: Array, bias: float = 0.0) -> float:
        """P(y (<w, x> + b) <= 0), to float64; a rule with w = 0 is decided by its bias, and always wrong with none."""
        length = float(np.linalg.norm(weights))
        along = self.labels * (self.means @ weights + bias)
        if length == 0:
            return math.fsum(self.shares[along <= 0])
        return math.fsum(self.shares * special.ndtr(-along / (self.spreads * length)))

    def risk_of_cuts(self, cuts: Sequence[float], first: int) -> float:
        """The risk of a rule on the line that has the sign ``first`` before its first cut and changes it at every cut, to float64.

        Raises:
            ValueError: the law is not on the line, or the cuts are not in increasing order.

        >>> GaussianMixture([1.0], [[0.0]], [1.0], [1]).risk_of_cuts([-1.0, 1.0], 1)  # wrong between -1 and 1
        0.6826894921370859
        """
        if self.dimension != 1:
            raise ValueError(f"cuts are those of a rule on the line, got a law in {self.dimension} dimensions: call risk or risk_on_lines")
        return math.fsum(self.shares * self._wrong(self.means[:, 0], cuts, first))

    def risk_on_lines(self, rule: Callable[[float], Cuts]) -> float:
        """The risk of a rule on the plane, given by its cuts along each horizontal line x_2 = t, by quadrature.

        The error is that of Gauss-Legendre panels: below 1e-10 where the cuts move smoothly with t, and below 1e-4 where they meet like a
        root, as at the top of a disc.

        Raises:
            ValueError: the law is not on the plane.
        """
        if self.dimension != 2:
            raise ValueError(f"lines cut a plane, got a law in {self.dimension} dimensions: call risk or risk_of_cuts")
        low, high = ((self.means[:, 1] + side * REACH * self.spreads) for side in (-1, 1))
        nodes, weights = special.roots_legendre(NODES)
        edges = np.linspace(low.min(), high.max(), PANELS + 1)
        half = np.diff(edges) / 2
        heights, masses = (edges[:-1] + half)[:, None] + half[:, None] * nodes, half[:, None] * weights
        total = []
        for height, mass in zip(heights.ravel().tolist(), masses.ravel().tolist(), strict=True):
            standing = np.exp(-(((height - self.means[:, 1]) / self.spreads) ** 2) / 2) / (self.spreads * math.sqrt(2 * math.pi))
            total.append(mass * float(np.sum(self.shares * standing * self._wrong(self.means[:, 0], *rule(height)))))
        return math.fsum(total)

    def _wrong(self, centres: Array, cuts: Sequence[float], first: int) -> Array:
        """For each component, the probability along the line of the pieces whose sign is not its label."""
        ends = np.concatenate([[-math.inf], np.asarray(cuts, dtype=float), [math.inf]])
        if (np.diff(ends[1:-1]) < 0).any():
            raise ValueError(f"cuts must be in increasing order, got {list(cuts)}: sort them")
        below = special.ndtr((ends[None, :] - centres[:, None]) / self.spreads[:, None])
        above = special.ndtr((centres[:, None] - ends[None, :]) / self.spreads[:, None])
        # The smaller of two tails is subtracted, so that far pieces keep their digits.
        mass = np.where(below[:, 1:] <= 0.5, np.diff(below, axis=1), -np.diff(above, axis=1))
        signs = first * (-1) ** np.arange(len(ends) - 1)
        return np.asarray((mass * (signs[None, :] != self.labels[:, None])).sum(axis=1))

    @property
    def bayes_risk(self) -> float:
        """The risk of the best rule on the line: the sign of the difference of two densities, whose cuts are found by bisection.

        They are looked for in 20 000 steps over all that matters; two cuts within one step of each other may be missed, and the risk
        is then above the least one by less than the probability of that step.

        Raises:
            ValueError: the law is not on the line, where alone the cuts are finitely many numbers.
        """
        if self.dimension != 1:
            raise ValueError(f"the best rule is computed on the line, got a law in {self.dimension} dimensions: take the risk of a rule")
        low, high = ((self.means[:, 0] + side * REACH * self.spreads) for side in (-1, 1))
        grid = np.linspace(low.min(), high.max(), 20_001)
        signs = np.sign(self._difference(grid))
        grid, signs = grid[signs != 0], signs[signs != 0]
        if not len(signs):  # the densities are equal: every rule has the same risk
            return self.risk_of_cuts([], 1)
        found = np.flatnonzero(signs[:-1] != signs[1:])
        return self.risk_of_cuts([self._cut(grid[i], grid[i + 1]) for i in found], int(signs[0]))

    def _difference(self, points: Array) -> Array:
        """The density of label 1 less that of label -1, over the largest term, which keeps the sign where both are tiny."""
        logs = np.log(self.shares / self.spreads) - ((points[..., None] - self.means[:, 0]) / self.spreads) ** 2 / 2
        return np.asarray((self.labels * np.exp(logs - logs.max(axis=-1, keepdims=True))).sum(axis=-1))

    def _cut(self, low: float, high: float) -> float:
        start = float(self._difference(np.array(low)))
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if float(self._difference(np.array(middle))) * start > 0 else (low, middle)
        return (low + high) / 2
