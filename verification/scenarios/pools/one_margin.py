"""Linear classifiers of norm 1 and a margin that is a constant: how many examples have less, and noise that moves no score by a quarter."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_SCORES_ON_SAMPLE,
    DATA_NORM_OF_SAMPLE,
    DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE,
    FAT_SHATTERING,
    HALF_PROBABILITY_PERTURBATION,
    HOMOGENEOUS_ACTIVATION,
    HOMOGENEOUS_LIPSCHITZ_ACTIVATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LIPSCHITZ_ACTIVATION,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    NO_BIAS,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    REFERENCE_FIXED_IN_ADVANCE,
    REFERENCE_ZERO,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.circle import circle
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.populations.sphere import TeacherSphere
from genbounds.verification.scenarios.pools.gaussian_posterior import unit_signed
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

ROUNDING = 1e-12
THINNING = 4
"""A classifier for every fourth key."""


@dataclass(frozen=True)
class Classifiers:
    """Unit vectors, one for each sample.

    Attributes:
        label: where the samples are from.
        n: examples in each.
        margin: at which they are judged.
        weights: (draws, d).
        margin_risk: the part of each sample with at most that margin, rounding included, (draws,).
        risk: of each, (draws,).
        noise: so large may normal noise on the weights be that it moves no score by a quarter of the margin, with probability one half.
    """

    label: str
    n: int
    margin: float
    weights: Array
    margin_risk: list[float]
    risk: Array
    noise: float


def of_pool(pool: FinitePool, n: int, margin: float, keys: range) -> Classifiers:
    """The sums of the examples of samples of any size."""
    signed = unit_signed(pool)
    counts = np.stack([pool.sample_counts(("one margin", n, key), n) for key in keys])
    weights = unit((counts / n) @ signed)
    margins = weights @ signed.T
    # Counts are summed as whole numbers, so that the margin risk is a correctly rounded quotient.
    small = [int(own[row].sum()) / n for own, row in zip(counts, margins <= margin + ROUNDING, strict=True)]
    label = f"{pool.name}, n = {n:g}, margin {margin:g}"
    return Classifiers(label, n, margin, weights, small, (margins <= -ROUNDING).mean(axis=1), noise_scale(signed, margin))


def of_sphere(dimension: int, n: int, margin: float, keys: range) -> Classifiers:
    """The sums of examples that a teacher labels, in more dimensions than there are examples."""
    law = TeacherSphere(np.eye(dimension)[0])
    signed = np.stack([inputs * labels[:, None] for inputs, labels in (law.sample(("one margin", key), n) for key in keys)])
    weights = unit(signed.mean(axis=1))
    small = ((signed @ weights[:, :, None])[:, :, 0] <= margin + ROUNDING).sum(axis=1) / n
    risk = np.array([max(0.0, law.risk(row) - ROUNDING) for row in weights])
    label = f"teacher on the sphere, {dimension} coordinates, n = {n}, margin {margin:g}"
    return Classifiers(label, n, margin, weights, small.tolist(), risk, scale_by_norm(dimension, margin))


def unit(sums: Array) -> Array:
    """Each row at norm 1; a sum that vanishes is not a direction, and any fixed one will do."""
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.where(norms > ROUNDING, sums, np.eye(sums.shape[1])[0]) / np.where(norms > ROUNDING, norms, 1.0)


def scale_by_norm(dimension: int, margin: float) -> float:
    """The largest s so that u ~ N(0, s^2) has a norm below margin/4 with probability 1/2: its square has a chi-square law.

    >>> round(scale_by_norm(2, 4.0) ** -2, 4)  # the median of a chi-square law with two degrees of freedom, 2 ln 2
    1.3863
    """
    return margin / 4 / math.sqrt(2 * float(special.gammaincinv(dimension / 2, 0.5))) * (1 - 1e-9)


def noise_scale(signed: Array, margin: float) -> float:
    """The largest s found so that <u, x>, u ~ N(0, s^2), is below margin/4 in size at all these unit vectors with probability 1/2.

    Either by the union bound over the vectors, x and -x being moved alike, or by the norm of u.

    >>> round(1 / noise_scale(np.eye(2), 4.0), 4)  # 2 * 2 Q(1/s) = 1/2
    1.1503
    """
    directions = len(np.unique(np.round(np.concatenate([signed, -signed]), 9), axis=0)) / 2
    by_union = margin / 4 / -float(special.ndtri(1 / (4 * directions))) * (1 - 1e-9)
    return max(by_union, scale_by_norm(signed.shape[1], margin))


class LinearAtOneMargin(Scenario):
    """w is the sum of the signed examples, scaled to norm 1, on inputs of norm 1; posterior and prior have the noise's scale."""

    name = "linear classifier at one margin"
    description = (
        "the sum of signed examples on a circle with random labels, a sphere or breast cancer, judged by its margins at a fixed level"
    )
    inputs = frozenset(
        {"n", "margin_risk", "margin", "fat_shattering_dimension", "mean_q", "std_q", "mean_p", "std_p"}
        | {"norm", "data_norm", "norm_product", "depth", "outputs", "spectral_norms", "distances_2_1", "lipschitz", "widths"}
    )
    truths = frozenset({RISK})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("linear functions of norm at most 1: all norms are those of the class", CLASS_FIXED_IN_ADVANCE)
        | holding("examples with a margin of at most a constant of the scenario are counted", MARGIN_LOSS, MARGIN_FIXED_IN_ADVANCE)
        | holding("the class lies in a space of d dimensions: it shatters no d + 1 points at any scale", FAT_SHATTERING)
        | holding("the ball of weights, on this sample", COMPLEXITY_OF_SCORES_ON_SAMPLE)
        | holding("sqrt(n), rounded up, as every input has norm 1", DATA_NORM_OF_SAMPLE)
        | holding("one layer, with nothing after it", ARCHITECTURE_FIXED_IN_ADVANCE, DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, NO_BIAS)
        | holding("no activation is applied", HOMOGENEOUS_ACTIVATION, LIPSCHITZ_ACTIVATION, HOMOGENEOUS_LIPSCHITZ_ACTIVATION)
        | holding("the reference is 0", REFERENCE_FIXED_IN_ADVANCE, REFERENCE_ZERO)
        | holding("0, and a scale that the population and the margin decide", PRIOR_INDEPENDENT_OF_SAMPLE)
        | holding("the scale of the noise, by the union bound over the pool or by its norm", HALF_PROBABILITY_PERTURBATION)
        | violating("the weights are those of the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Labels that say nothing, by a small and a large margin; more coordinates than examples; and very many examples."""
        chosen = keys[::THINNING]
        yield self.world(of_pool(circle(), 3, 2.0**-6, chosen))
        yield self.world(of_pool(circle(), 2, 0.75, chosen))
        yield self.world(of_sphere(400, 10, 0.25, chosen))
        yield self.world(of_pool(population("breast_cancer_1_vs_rest"), 10**12, 2.0**-6, chosen))

    @staticmethod
    def world(found: Classifiers) -> World:
        """What bounds are told of the classifiers of some samples."""
        dimension = found.weights.shape[1]
        above = math.nextafter(1 + ROUNDING, 2)
        scale = np.full_like(found.weights, found.noise)
        shown: dict[str, Any] = {
            "margin_risk": found.margin_risk,
            "mean_q": found.weights * above,
            "std_q": scale,
            "mean_p": np.zeros_like(found.weights),
            "std_p": scale,
        }
        common = {
            "n": found.n,
            "margin": found.margin,
            "fat_shattering_dimension": dimension,
            "norm": above,
            "norm_product": above,
            "data_norm": math.sqrt(found.n) * above,
            "depth": 1,
            "outputs": 1,
            "spectral_norms": (above,),
            "distances_2_1": (above,),
            "lipschitz": (1,),
            "widths": (dimension, 1),
        }
        return World(found.label, common, shown, {RISK: found.risk})
