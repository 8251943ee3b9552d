"""The uniform law on [0, 1] with a target that changes its sign at given cuts: risks of piecewise linear networks are exact.

A network with one hidden layer of ReLU units is linear between the kinks of its units; its sign changes at finitely many points, which are
quotients of its weights. In Fractions nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from genbounds.verification.populations.protocol import Array, Key, generator, law_hash

Pieces = list[tuple[Fraction, int]]
"""Where each piece begins, and the sign on it: -1, 0 or 1; the last ends at 1."""


@dataclass(frozen=True)
class UnitInterval:
    """x is uniform on [0, 1]; the label is +1 before the first cut and changes at every cut; it is flipped with probability ``noise``.

    Args:
        cuts: in increasing order, within (0, 1). noise: a Fraction in [0, 1/2].

    Raises:
        ValueError: cuts that do not increase or lie outside, a noise outside [0, 1/2].

    >>> law = UnitInterval((Fraction(1, 2),), Fraction(1, 10))
    >>> law.bayes_risk, law.risk([(Fraction(0), 1), (Fraction(1, 4), -1)])  # wrong on a quarter in addition to the noise
    (Fraction(1, 10), Fraction(3, 10))
    """

    cuts: tuple[Fraction, ...]
    noise: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        """Check cuts and noise."""
        if not all(a < b for a, b in pairwise((Fraction(0), *self.cuts, Fraction(1)))):
            raise ValueError(f"cuts must increase within (0, 1), got {[str(cut) for cut in self.cuts]}: sort them")
        if not 0 <= self.noise <= Fraction(1, 2):
            raise ValueError(f"noise must lie in [0, 1/2], got {self.noise}: exchange the labels instead")

    @property
    def content_hash(self) -> str:
        """Hash of the parameters: two laws with one hash are the same."""
        return law_hash(f"unit interval {self.noise} {[str(cut) for cut in self.cuts]}")

    @property
    def input_radius(self) -> float:
        """Every |x| is at most 1."""
        return 1.0

    @property
    def bayes_risk(self) -> Fraction:
        """The noise."""
        return self.noise

    @property
    def target(self) -> Pieces:
        """The sign of the label that is more probable, piece by piece."""
        return [(start, (-1) ** place) for place, start in enumerate((Fraction(0), *self.cuts))]

    def sample(self, key: Key, n: int) -> tuple[Array, Array]:
        """n independent draws: inputs (n, 1), multiples of 2^-53, and labels (n,)."""
        random = generator("unit interval", key)
        inputs = random.random(n)
        labels = 1 - 2 * (np.searchsorted(np.array([float(cut) for cut in self.cuts]), inputs, side="right") % 2)
        flipped = random.random(n) < float(self.noise)
        return inputs[:, None], np.where(flipped, -labels, labels)

    def risk(self, pieces: Pieces) -> Fraction:
        """The exact risk of a rule that is given by its pieces; the sign 0 is always wrong."""
        starts = sorted({start for start, _ in (*pieces, *self.target)} | {Fraction(1)})
        total = Fraction(0)
        for left, right in pairwise(starts):
            said, label = (next(sign for start, sign in reversed(rule) if start <= left) for rule in (pieces, self.target))
            wrong = Fraction(1) if said == 0 else 1 - self.noise if said != label else self.noise
            total += (right - left) * wrong
        return total


def pieces_of_network(hidden: Sequence[Sequence[float]], output: Sequence[float], bias: float) -> Pieces:
    """The signs on [0, 1] of x -> c + sum_j v_j max(0, a_j x + b_j), exactly for the doubles that are given.

    Args:
        hidden: (a_j, b_j) for each unit. output: the v_j. bias: c.

    >>> pieces_of_network([(1.0, -0.5)], [2.0], -0.5)  # 0.5 below zero until 1/2, and through zero at 3/4
    [(Fraction(0, 1), -1), (Fraction(3, 4), 1)]
    """
    units = [(Fraction(a), Fraction(b), Fraction(v)) for (a, b), v in zip(hidden, output, strict=True)]

    def value(x: Fraction) -> Fraction:
        return Fraction(bias) + sum((v * max(Fraction(0), a * x + b) for a, b, v in units), Fraction(0))

    kinks = sorted({Fraction(0), Fraction(1)} | {-b / a for a, b, _ in units if a and 0 < -b / a < 1})
    starts = set(kinks)
    for left, right in pairwise(kinks):
        one, two = value(left), value(right)
        if one * two < 0:
            starts.add(left + (right - left) * one / (one - two))
    merged: Pieces = []
    for left, right in pairwise(sorted(starts)):
        inside = value((left + right) / 2)
        sign = (inside > 0) - (inside < 0)
        if not merged or merged[-1][1] != sign:
            merged.append((left, sign))
    return merged
