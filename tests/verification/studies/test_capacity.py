"""Capacity and width: the laws against enumeration, quadrature and draws, the decomposition by hand, and what the findings must see."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.parity import parity
from genbounds.verification.studies.capacity.networks import WidthCell, brier, parameters, width_results
from genbounds.verification.studies.capacity.random_features import FeatureCell, decompose, feature_result, moments
from genbounds.verification.studies.capacity.ratio import pooled, weights_of
from genbounds.verification.studies.capacity.study import Capacity
from genbounds.verification.studies.capacity.weak_features import (
    EXAMPLES,
    FEATURES,
    TAKEN,
    WeakCell,
    expected_risk,
    fits,
    from_uniform,
    places_in_law,
    unexplained,
    weak_result,
)


def outcome(cells: list[object], results: list[object], claim: str) -> str:
    return str({found.claim: found.outcome for found in Capacity("thumbnail").findings(cells, results)}[claim])  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_expected_risk_is_the_mean_of_the_law_by_quadrature() -> None:
    for p in (5, 20, 36, 44, 60, 100):
        top, bottom = min(p, EXAMPLES), abs(EXAMPLES - p) + 1
        mean, _ = integrate.quad(lambda x, a=top, b=bottom: x * a / b * stats.f.pdf(x, a, b), 0, np.inf, limit=400)
        projected = stats.beta.mean((p - EXAMPLES) / 2, EXAMPLES / 2) * p / FEATURES if p > EXAMPLES else 0.0
        assert unexplained(p) * (1 + mean) + projected == pytest.approx(expected_risk(p), rel=1e-5)
    assert math.isinf(expected_risk(EXAMPLES))


@pytest.mark.slow
@pytest.mark.parametrize("p", [10, 70])
def test_the_parts_of_a_fit_add_up_to_the_risk_that_another_solver_and_fresh_points_give(p: int) -> None:
    random = np.random.default_rng(4)
    inputs, noise = random.normal(size=(1, EXAMPLES, FEATURES)), 0.2 * random.normal(size=(1, EXAMPLES))
    risk, by_noise, by_projection = (float(part[0]) for part in fits(torch.from_numpy(inputs), torch.from_numpy(noise), p))
    assert unexplained(p) + by_noise + by_projection == pytest.approx(risk, rel=1e-9)
    weights, *_ = np.linalg.lstsq(inputs[0, :, :p], inputs[0].sum(1) / 10 + noise[0], rcond=None)
    fresh = random.normal(size=(200_000, FEATURES))
    measured = np.mean((fresh.sum(1) / 10 + 0.2 * random.normal(size=200_000) - fresh[:, :p] @ weights) ** 2)
    assert risk == pytest.approx(measured, rel=0.02)  # its standard error is about a third of a hundredth


def test_places_in_the_law_invert_and_a_law_of_other_freedom_is_seen() -> None:
    places = np.array([0.1, 0.5, 0.9])
    for values in places_in_law([from_uniform(places)]).values():
        assert values.reshape(-1, 3) == pytest.approx(np.tile(places, (len(values) // 3, 1)), abs=1e-8)
    rows = weak_result(WeakCell(3))
    assert all(len(row) == 3 for row in rows["risk"])
    assert len(rows["risk"]) == len(TAKEN)


def test_moments_of_relu_units_by_draws() -> None:
    directions = torch.tensor([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [-0.6, 0.0, 0.8]], dtype=torch.float64)
    draws = np.maximum(np.random.default_rng(1).normal(size=(400_000, 3)) @ directions.numpy().T, 0)
    assert moments(directions).numpy() == pytest.approx(draws.T @ draws / 400_000, abs=0.006)  # five standard errors


def test_bias_and_variance_by_hand() -> None:
    second = torch.eye(3, dtype=torch.float64)  # two units of the fits, one of the teacher, all orthonormal
    found = decompose(torch.tensor([[1.0, 0.0], [3.0, 0.0]], dtype=torch.float64), torch.tensor([2.0], dtype=torch.float64), second)
    # errors (1, 0, -2) and (3, 0, -2): mean (2, 0, -2); variance 2 with one below; plug-in squared bias 8, less 2/2
    assert (found["variance"], found["bias"], found["risk"] - 0.25) == (2.0, 7.0, 9.0)
    assert found["identity"] < 1e-15
    result = feature_result(FeatureCell(20, 3))
    assert max(result["identity"]) < 1e-9  # type: ignore[arg-type]
    assert result["train"][-1] < 1e-15 < 0.01 < result["train"][0]  # type: ignore[index]


def test_probabilities_are_decomposed_without_bias() -> None:
    scores = torch.tensor([[0.0, 1.0], [2.0, -1.0], [1.0, 0.5]], dtype=torch.float64)
    likely, truth = 1 / (1 + np.exp(-scores.numpy())), np.array([1.0, 0.0])
    found = brier(scores, torch.tensor([1, -1]))
    assert found["variance"] == pytest.approx(likely.var(0, ddof=1).mean(), rel=1e-12)
    plain = ((likely.mean(0) - truth) ** 2).mean() + likely.var(0).mean()
    assert plain == pytest.approx(((likely - truth) ** 2).mean(), rel=1e-12)
    assert found["bias"] + found["variance"] == pytest.approx(plain, rel=1e-12)


def test_populations_and_counts() -> None:
    clean, small = parity("digits"), pooled("digits")
    assert small.inputs[5, 6] == clean.inputs[5].reshape(8, 8)[2:4, 4:6].mean()
    assert parameters(4) == 4 * 64 + 4 + 4 + 1
    assert weights_of(16, 3) == 3 * 256 + 16


@pytest.mark.slow
def test_networks_of_a_seed_do_not_depend_on_their_company() -> None:
    cells = [WidthCell(4, 0.0, 60, 100, 2, ("VC dimension", "product of Frobenius norms"), seed) for seed in (0, 1)]
    together = width_results(cells)
    assert width_results(cells[1:]) == together[1:]
    judged = together[0]["bounds"]["VC dimension"]
    assert judged["value"] > 1
    assert judged["needed"] > 60
    assert not judged["failed"]


@pytest.mark.slow
def test_planted_faults_of_other_kinds_are_seen() -> None:
    trap = Capacity("thumbnail").trap()
    cells, sound = list(trap.cells), list(trap.sound)
    assert outcome(cells, list(trap.faulty), "law of double descent") == str(Verdict.REFUTED)
    assert outcome(cells, sound, "law of double descent") == str(Verdict.NOT_REFUTED)
    forgotten = [{**result, "identity": [0.1] * 15} if "identity" in result else result for result in sound]
    assert outcome(cells, forgotten, "bias and variance") == str(Verdict.REFUTED)
    broken = [
        {**result, "bounds": {name: {**one, "failed": True} for name, one in result["bounds"].items()}} if "bounds" in result else result
        for result in sound
    ]
    assert outcome([*cells, *cells], [*broken, *broken], "bounds") == str(Verdict.NOT_REFUTED)  # three seeds: (1/20)^3 is not an evidence
    peakless = [{**result, "risk": list(range(15, 0, -1))} if "identity" in result else result for result in sound]
    assert outcome(cells, peakless, "double descent") != "reproduced"
    assert outcome(cells, peakless, "the second descent is lower") == "reproduced"


def test_bounds_that_fail_for_many_seeds_are_refuted() -> None:
    trap = Capacity("thumbnail").trap()
    cells, results = list(trap.cells), [dict(result) for result in trap.sound]
    more = [
        (type(cell)(cell.width, cell.redrawn, cell.n, cell.steps, cell.samples, cell.bounds, seed), dict(result))
        for seed in range(3, 9)
        for cell, result in zip(cells, results, strict=True)
        if isinstance(cell, WidthCell) and cell.seed == 0
    ]
    cells, results = [*cells, *(cell for cell, _ in more)], [*results, *(result for _, result in more)]
    failed = [
        {**result, "bounds": {name: {**one, "failed": True} for name, one in result["bounds"].items()}} if "bounds" in result else result
        for result in results
    ]
    assert outcome(cells, results, "bounds") == str(Verdict.NOT_REFUTED)
    assert outcome(cells, failed, "bounds") == str(Verdict.REFUTED)
