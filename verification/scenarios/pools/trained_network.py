"""ReLU networks trained on draws from a pool under a limit on their weights, measured on their own samples."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_SCORES_ON_SAMPLE,
    DATA_NORM_OF_SAMPLE,
    DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE,
    HOMOGENEOUS_ACTIVATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    INPUT_RADIUS_OF_POPULATION,
    LIPSCHITZ_ACTIVATION,
    LIPSCHITZ_GRAPH,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
    REFERENCE_FIXED_IN_ADVANCE,
    RELU_UNITS,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.models.ensemble import CountSamples, Ensemble
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize_ensemble
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

POOL, WIDTHS, RADIUS, MARGIN = "breast_cancer_1_vs_rest", (30, 4, 1), 2.0, 2.0**-6
SAMPLES = (20, 10**12)
"""So few draws that the sample shows far less than the risk, and so many that capacity bounds say something."""
THINNING = 16
"""A network is measured for every sixteenth key: norms and certain margins take far longer than the training."""
_TRAINING_BITS = 31
"""The trainer takes counts that add up to less than 2^31; larger samples are weighted by the leading bits of their counts."""
_NETWORKS = (
    holding("draws with replacement from the pool", IID_SAMPLE)
    | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    | holding("margins are rounded down", MARGIN_LOSS)
    | holding("30-4-1 without biases, ReLU", ARCHITECTURE_FIXED_IN_ADVANCE, DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, NO_BIAS, RELU_UNITS)
    | holding("ReLU", HOMOGENEOUS_ACTIVATION, LIPSCHITZ_ACTIVATION, ONE_LIPSCHITZ_ACTIVATION)
    | holding("a chain: the matrix before it and the matrix behind it are the slopes of each layer", LIPSCHITZ_GRAPH)
    | holding("the initialisation comes from a stream of its own", REFERENCE_FIXED_IN_ADVANCE)
    | holding("||X||_F of the sample, rounded up", DATA_NORM_OF_SAMPLE)
    | holding("the largest ||x|| of the pool", INPUT_RADIUS_OF_POPULATION)
    | violating("the network is trained on the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
)


@cache
def measured(n: int, keys: range) -> tuple[list[NetworkSummary], Array, Array]:
    """Networks trained on n draws each: summaries of their samples, exact risks, and the norms of their initial matrices (networks, 2)."""
    pool = population(POOL)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    chosen = keys[::THINNING]
    counts = np.stack([pool.sample_counts(("trained", key), n) for key in chosen])
    ensemble = Ensemble(WIDTHS, networks=chosen, stream=Stream("scenario of trained networks", "training"), bias=False)
    initial = [ensemble.initial(row) for row in range(len(chosen))]
    norms = np.array([[float(weight.detach().norm()) for weight in network.parameters()] for network in initial])
    ensemble.train(
        inputs,
        labels,
        CountSamples(torch.tensor(counts >> max(0, n.bit_length() - _TRAINING_BITS))),
        steps=200,
        batch_size=20,
        order="with_replacement",
        learning_rate=0.05,
        projection_radius=RADIUS,
    )
    on_sample = summarize_ensemble(ensemble, inputs, labels, initial=initial, counts=counts)
    over_pool = summarize_ensemble(ensemble, inputs, labels)
    # Points that rounding leaves undecided count as right, so that no refutation rests on them.
    return on_sample, np.array([one.errors - one.errors_undecided for one in over_pool]) / pool.size, norms


def _shown(summaries: list[NetworkSummary]) -> dict[str, Any]:
    return {
        "empirical_risk": [one.empirical_risk for one in summaries],
        "margin_risk": [one.margin_risk(MARGIN) for one in summaries],
        "data_norm": [one.data_norm.value for one in summaries],
    }


class TrainedNetwork(Scenario):
    """30-4-1 ReLU networks, each with the norms that it has."""

    name = "trained network"
    description = "30-4-1 ReLU networks trained on draws from breast cancer, and the norms and margins that they are measured to have"
    inputs = frozenset(
        {
            "n",
            "empirical_risk",
            "margin_risk",
            "margin",
            "spectral_norms",
            "distances_2_1",
            "frobenius_distances",
            "lipschitz",
            "widths",
            "outputs",
            "depth",
            "data_norm",
            "norm_product",
            "input_radius",
            "input_lipschitz",
            "inputs_at_zero",
            "output_lipschitz",
            "entries",
            "noise_scale",
        }
    )
    truths = frozenset({RISK})
    chosen_on_sample = frozenset({"norm_product", "spectral_norms", "distances_2_1", "frobenius_distances"})
    audit = _NETWORKS | holding("a constant of the scenario", MARGIN_FIXED_IN_ADVANCE)

    def draws(self, keys: range) -> Iterator[World]:
        """Few and very many draws."""
        for n in SAMPLES:
            summaries, risk, _ = measured(n, keys)
            inputs = _shown(summaries)
            for name in ("spectral_norms", "distances_2_1", "frobenius_distances"):
                inputs[name] = [getattr(one, name).value for one in summaries]
            inputs["norm_product"] = [one.norm_product().value for one in summaries]
            inputs |= _of_the_graph(inputs["spectral_norms"])
            yield World(f"breast cancer, n = {n:g}", _common(n), inputs, {RISK: risk})


class TrainedInFixedClass(Scenario):
    """30-4-1 ReLU networks whose weights, all together, are kept in a ball; norms are those of the ball."""

    name = "trained network of a fixed class"
    description = (
        "30-4-1 ReLU networks trained on draws from breast cancer, projected on a ball of weights: the class and its norms are fixed"
    )
    inputs = TrainedNetwork.inputs
    truths = frozenset({RISK})
    audit = (
        _NETWORKS
        | holding("a constant of the scenario", MARGIN_FIXED_IN_ADVANCE)
        | holding("the architecture, and the ball that the weights are projected on", CLASS_FIXED_IN_ADVANCE)
        | holding("of a product of norms that the ball fixes, on this sample", COMPLEXITY_OF_SCORES_ON_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Few and very many draws."""
        for n in SAMPLES:
            summaries, risk, initial = measured(n, keys)
            # In the ball a^2 + b^2 <= r^2, so that a b <= r^2/2; (2,1) norms are sums over rows, at most sqrt(rows) times its norm.
            distances = (RADIUS + initial) * (1 + 1e-12)
            rows = np.sqrt(np.array(WIDTHS[1:], dtype=float)) * (1 + 1e-12)
            inputs = _shown(summaries) | {"frobenius_distances": distances, "distances_2_1": distances * rows}
            fixed: dict[str, Any] = {"norm_product": RADIUS**2 / 2, "spectral_norms": (RADIUS, RADIUS)}
            fixed |= {name: entries[0] for name, entries in _of_the_graph([(RADIUS, RADIUS)]).items()}
            yield World(f"breast cancer, n = {n:g}", _common(n) | fixed, inputs, {RISK: risk})


def _of_the_graph(norms: Sequence[tuple[float, float]]) -> dict[str, list[Any]]:
    """What the spectral norms of two layers say of the graph, and the largest power of two that surely moves no margin by a half.

    Noise of scale s on the weights has spectral norms below s t_i with t_i = sqrt(h_i) + sqrt(h_(i-1)) + 4, but for a probability of .002.
    Where s t_i is small compared with the norms, the scores move by B (prod(s_i + s t_i) - prod s_i), about B s (t_1 s_2 + t_2 s_1).
    """
    wide = [math.sqrt(before) + math.sqrt(behind) + 4 for before, behind in pairwise(WIDTHS)]
    radius = population(POOL).input_radius
    scales = [2.0 ** math.floor(math.log2(MARGIN / (8 * radius * (wide[0] * two + wide[1] * one)))) for one, two in norms]
    return {
        "input_lipschitz": [(1.0, one) for one, _ in norms],
        "inputs_at_zero": [(0.0, 0.0)] * len(norms),
        "output_lipschitz": [(two, 1.0) for _, two in norms],
        "noise_scale": scales,
    }


def _common(n: int) -> dict[str, Any]:
    layers = len(WIDTHS) - 1
    return {
        "n": n,
        "margin": MARGIN,
        "lipschitz": (1,) * layers,
        "widths": WIDTHS,
        "outputs": WIDTHS[-1],
        "depth": layers,
        "entries": tuple(before * behind for before, behind in pairwise(WIDTHS)),
        "input_radius": math.nextafter(population(POOL).input_radius, math.inf),
    }
