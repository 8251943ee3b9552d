"""Fixed points of local complexities: few losses on two or three points, all samples, all signs, and bisection."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE
from genbounds.verification.scenarios.scenario import Size, holding
from genbounds.verification.scenarios.tiny_algorithms import FAIR, STEPS, THREE, VALUED, Output, marks
from genbounds.verification.small_worlds.sign_averages import signs
from genbounds.verification.small_worlds.small_world import Known, SmallWorld

Array = NDArray[np.float64]


def local_complexity(losses: Array, points: Array, n: int, r: float) -> float:
    """The mean, over samples of n and signs, of the largest (1/n) sum eps_i g(z_i), g a multiple in [0, 1] of a loss with P g^2 <= r.

    >>> local_complexity(np.array([[1.0, 1.0]]), np.array([0.5, 0.5]), 2, 0.25)
    0.125
    """
    squares = losses**2 @ points
    share = np.sqrt(np.minimum(1.0, r / np.maximum(squares, r)))
    total = 0.0
    for counts, weight in _multisets(points, n):
        sample = np.repeat(np.arange(len(points)), counts)
        sums = (share[:, None] * losses[:, sample]) @ signs(n).T
        total += weight * float(np.mean(np.maximum(0.0, sums.max(axis=0))))
    return total / n


def _multisets(points: Array, n: int) -> Iterator[tuple[NDArray[np.int_], float]]:
    """How often each point is seen, with the probability."""
    for sample in itertools.combinations_with_replacement(range(len(points)), n):
        counts = np.bincount(sample, minlength=len(points))
        ways, left = 1, n
        for count in counts.tolist():
            ways, left = ways * math.comb(left, count), left - count
        yield counts, ways * float(np.prod(points**counts))


def fixed_point(losses: Array, points: Array, n: int) -> float:
    """The r at which the local complexity is r, by bisection from below; above it the complexity is less, as it grows like a root at most.

    >>> round(fixed_point(np.array([[1.0, 1.0]]), np.array([0.5, 0.5]), 2), 9)
    0.0625
    """
    low, high = 0.0, 1.0
    for _ in range(44):
        middle = (low + high) / 2
        low, high = (middle, high) if local_complexity(losses, points, n, middle) >= middle else (low, middle)
    return low


def of_few_losses(size: Size) -> Iterator[Known]:
    """Lists of losses of two or three points; with fewer examples a finite class of this size says nothing."""
    lists: list[tuple[str, tuple[Fraction, ...], list[Output]]] = [
        ("the loss 1", FAIR, [marks(2)[-1]]),
        ("the copies of one of two points", FAIR, marks(2)[1:3]),
        ("all marks of two points", FAIR, marks(2)),
        ("cuts of three points", THREE, STEPS),
        ("three valued losses", THREE, VALUED),
    ]
    for label, law, outputs in lists:
        for n in (2, 4, 6) if size == "thumbnail" else (2, 4, 6, 8):
            losses = np.array([[float(loss) for loss in output] for output in outputs])
            truth = fixed_point(losses, np.array([float(p) for p in law]), n)
            yield Known(f"{label}, n = {n}", {"class_size": len(outputs), "n": n}, truth * (1 - 1e-12), 1.0)


WORLDS = (
    SmallWorld(
        "local averages",
        "the local Rademacher complexity of few losses on two or three points, averaged over samples and signs, where it equals its radius",
        "local_fixed_point",
        frozenset({"class_size", "n"}),
        holding("the losses are listed", CLASS_FIXED_IN_ADVANCE),
        of_few_losses,
    ),
)
