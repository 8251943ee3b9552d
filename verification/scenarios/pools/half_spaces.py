"""The sum of a sample's signed examples as a half-space through 0, on laws under which every half-space has a risk in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Protocol

import numpy as np

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    DATA_NORM_OF_SAMPLE,
    DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE,
    HOMOGENEOUS_ACTIVATION,
    HOMOGENEOUS_LIPSCHITZ_ACTIVATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LIPSCHITZ_ACTIVATION,
    LIPSCHITZ_GRAPH,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
    REFERENCE_FIXED_IN_ADVANCE,
    REFERENCE_ZERO,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations.gaussian_mixture import GaussianMixture
from genbounds.verification.populations.gaussian_pair import GaussianPair
from genbounds.verification.populations.nagarajan_kolter import Hyperspheres, SignalAndNoise
from genbounds.verification.populations.protocol import Array, Key
from genbounds.verification.populations.sphere import TeacherSphere
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

ROUNDING = 1e-12
THINNING = 8
"""A half-space for every eighth key: inputs have hundreds of coordinates."""


class Law(Protocol):
    """A law of examples with labels -1 and 1 that knows the risk of every half-space through 0."""

    def sample(self, key: Key, n: int) -> tuple[Array, Array]:
        """Inputs (n, d) and labels (n,)."""

    def risk(self, weights: Array) -> float:
        """P(y <w, x> <= 0)."""


@cache
def laws() -> tuple[tuple[str, Law, int], ...]:
    """Law and number of examples: where there are more coordinates than examples, the sum remembers them and the risk stays large."""
    direction = np.zeros(300)
    direction[0] = 1.0
    plane = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    mixture = GaussianMixture(np.array([0.4, 0.4, 0.2]), plane, np.ones(3), np.array([1, -1, -1]))
    return (
        ("normal pair, 300 coordinates", GaussianPair(direction / 2, 1.0), 10),
        ("teacher on the sphere, 300 coordinates", TeacherSphere(direction), 10),
        ("signal and noise, 400 coordinates", SignalAndNoise(np.array([0.05]), 400), 10),
        ("hyperspheres, 300 coordinates", Hyperspheres(300, 1.1), 10),
        ("normal mixture on the plane", mixture, 1000),
    )


class SumOfExamples(Scenario):
    """w is the sum of y x: a network of one layer, whose norms and margins are those that it has."""

    name = "sum of signed examples"
    description = (
        "the half-space along the sum of a sample's signed examples, on normal pairs, spheres and the examples of Nagarajan and Kolter"
    )
    inputs = frozenset(
        {
            "n",
            "errors",
            "empirical_risk",
            "inputs",
            "margin_risk",
            "margin",
            "norm_product",
            "depth",
            "outputs",
            "data_norm",
            "spectral_norms",
            "distances_2_1",
            "lipschitz",
            "widths",
            "input_lipschitz",
            "inputs_at_zero",
            "output_lipschitz",
            "entries",
        }
    )
    truths = frozenset({RISK})
    chosen_on_sample = frozenset({"norm_product", "spectral_norms", "distances_2_1", "margin"})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("all half-spaces through 0, among all half-spaces", CLASS_FIXED_IN_ADVANCE, ARCHITECTURE_FIXED_IN_ADVANCE)
        | holding("one layer, with nothing after it", DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, HOMOGENEOUS_ACTIVATION, NO_BIAS)
        | holding(
            "no activation is applied", LIPSCHITZ_ACTIVATION, ONE_LIPSCHITZ_ACTIVATION, HOMOGENEOUS_LIPSCHITZ_ACTIVATION, LIPSCHITZ_GRAPH
        )
        | holding("examples with a margin of at most the one chosen are counted", MARGIN_LOSS)
        | holding("the reference is 0", REFERENCE_FIXED_IN_ADVANCE, REFERENCE_ZERO)
        | holding("computed on this sample, and rounded up", DATA_NORM_OF_SAMPLE)
        | violating("half of the smallest margin is chosen", MARGIN_FIXED_IN_ADVANCE)
        | violating("the weights are those of the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each law."""
        for label, law, n in laws():
            yield self.world(label, law, n, keys[::THINNING])

    @staticmethod
    def world(label: str, law: Law, n: int, keys: range) -> World:
        """The sums, scaled to norm 1, and what they show on their samples."""
        shown: dict[str, list[float]] = {name: [] for name in ("errors", "empirical_risk", "margin_risk", "margin", "data_norm")}
        risks = []
        dimension = 0
        for key in keys:
            inputs, labels = law.sample(("sum of examples", key), n)
            dimension = inputs.shape[1]
            total = labels @ inputs
            weights = total / np.linalg.norm(total)
            margins = labels * (inputs @ weights)
            margin = max(float(margins.min()) / 2, 2.0**-20)
            wrong = int((margins <= ROUNDING).sum())
            shown["errors"].append(wrong)
            shown["empirical_risk"].append(wrong / n)
            shown["margin"].append(margin)
            shown["margin_risk"].append(int((margins <= margin + ROUNDING).sum()) / n)
            shown["data_norm"].append(float(np.linalg.norm(inputs)) * (1 + ROUNDING))
            risks.append(law.risk(weights) - ROUNDING)
        unit = math.nextafter(1 + ROUNDING, 2)
        common = {
            "n": n,
            "inputs": dimension,
            "norm_product": unit,
            "depth": 1,
            "outputs": 1,
            "spectral_norms": (unit,),
            "distances_2_1": (unit,),
            "lipschitz": (1,),
            "widths": (dimension, 1),
            "input_lipschitz": (1,),
            "inputs_at_zero": (0,),
            "output_lipschitz": (1,),
            "entries": (dimension,),
        }
        return World(f"{label}, n = {n}", common, shown, {RISK: np.clip(risks, 0, 1)})
