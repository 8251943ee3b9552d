"""Labels flipped to other classes, and what that makes of a risk: exactly, so that a known risk stays known."""

from __future__ import annotations

import math
from fractions import Fraction

import torch
from torch import Tensor

from genbounds.verification.rows.interval import Interval


def flip(labels: Tensor, noise: Fraction, classes: int, uniforms: Tensor, moves: Tensor) -> Tensor:
    """Each label of 0, ..., classes - 1 whose uniform number is below ``noise`` goes on by 1 + its move, around the classes.

    With independent ``uniforms`` on [0, 1) and ``moves`` uniform on 0, ..., classes - 2 every label is another one with probability
    ``noise``, each of the others alike.

    >>> flip(torch.tensor([0, 1, 2]), Fraction(1, 2), 3, torch.tensor([0.4, 0.9, 0.1]), torch.tensor([1, 0, 0])).tolist()
    [2, 1, 0]
    """
    return torch.where(uniforms < float(noise), (labels + 1 + moves) % classes, labels)


def noisy_risk(clean: Fraction, noise: Fraction, classes: int) -> Fraction:
    """The risk against flipped labels from that against the true ones: noise + R (1 - noise k/(k - 1)) with k classes.

    A right prediction is counted wrong with probability noise, a wrong one right with probability noise/(k - 1).

    >>> noisy_risk(Fraction(0), Fraction(1, 5), 10), noisy_risk(Fraction(1), Fraction(9, 10), 10)
    (Fraction(1, 5), Fraction(9, 10))
    """
    return noise + clean * (1 - noise * classes / (classes - 1))


def noisy_interval(lower: float, upper: float, noise: Fraction, classes: int, method: str) -> Interval:
    """The interval of a risk against flipped labels from that against the true ones, rounded outward.

    >>> found = noisy_interval(0.0, 0.5, Fraction(1, 5), 10, "99.9 % interval")
    >>> found.lower <= 0.2 <= found.lower + 1e-15, round(found.upper, 12), found.method
    (True, 0.588888888889, '99.9 % interval, carried over to flipped labels exactly')
    """
    low, high = (float(noisy_risk(Fraction(float(end)), noise, classes)) for end in (lower, upper))
    carried = f"{method}, carried over to flipped labels exactly" if noise else method
    return Interval(math.nextafter(low, 0.0), min(1.0, math.nextafter(high, math.inf)), carried)
