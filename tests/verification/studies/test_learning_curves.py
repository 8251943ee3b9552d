"""Learning curves: laws against an exhaustive search, the norm bound's complexity by hand, and what each claim fails on."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from genbounds.models.ensemble import Ensemble
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.learning_curves.cell import NOISE, CurveCell, complexity, examples
from genbounds.verification.studies.learning_curves.laws import Law, floored_law, power_law, straightness
from genbounds.verification.studies.learning_curves.study import LearningCurves
from genbounds.verification.studies.phenomenon import Finding

SIZES = (16, 64, 256, 1024, 4096, 16384)
STUDY = LearningCurves("quick")


def test_the_law_with_a_floor_is_the_best_of_an_exhaustive_search() -> None:
    risks = np.array([0.4, 0.3, 0.19, 0.16, 0.12, 0.118])
    found = floored_law(SIZES, risks)
    floor = np.linspace(0, risks.min() * 0.9999, 60)[:, None, None, None]
    exponent, factor = np.linspace(0.01, 2, 60)[None, :, None, None], np.linspace(0.7, 1.3, 25)[None, None, :, None]
    shape = np.array(SIZES, dtype=float) ** -exponent
    laws = floor + factor * (risks[0] - floor) / shape[..., :1] * shape
    best = float(np.sqrt(np.mean((np.log(risks) - np.log(laws)) ** 2, axis=-1)).min())
    assert found.error(SIZES, risks) <= best
    assert 0 < found.floor < risks.min()


def test_a_power_law_has_no_floor_and_one_with_a_floor_is_not_straight() -> None:
    plain, floored = Law(0.0, 2.0, 0.5).risk(SIZES), Law(0.1, 2.0, 0.5).risk(SIZES)
    assert floored_law(SIZES, plain).floor < 1e-6
    assert power_law(SIZES, plain).exponent == pytest.approx(0.5)
    assert straightness(SIZES, plain) == pytest.approx(1.0)
    assert straightness(SIZES, floored) < 0.95
    with pytest.raises(ValueError, match="sizes must be at least 4"):
        floored_law(SIZES[:3], plain[:3])


def test_the_complexity_is_that_of_the_theorem() -> None:
    ensemble = Ensemble([2, 2, 1], networks=1, stream=Stream("test", "norms"), bias=False)
    ensemble.weights[0][0] = torch.tensor([[3.0, 0.0], [0.0, 4.0]])
    ensemble.weights[1][0] = torch.tensor([[2.0, 0.0]])
    inputs = torch.tensor([[3.0, 4.0], [0.0, 0.0], [5.0, 12.0]])
    # Norms 5 and 2, ||X||_F = sqrt(25 + 169), one activation peeled: 1 + sqrt(2 ln 2) against 2; margins 1, 2 and 6.
    by_hand = 2 * 10 * min(1 + math.sqrt(2 * math.log(2)), 2) * math.sqrt(194) / 3 / 2
    assert complexity(ensemble, 0, inputs, torch.tensor([1.0, 6.0, 2.0])) == pytest.approx(by_hand)


def test_a_tenth_of_the_noisy_labels_is_turned_and_digits_are_never_shared() -> None:
    cell = CurveCell("clean", (8, 2000), 1, 8000)
    (inputs, labels, test), (again, noisy, _) = examples(cell), examples(replace(cell, task="noisy"))
    assert torch.equal(inputs, again)
    assert test == 8000
    # Binomial with mean 1000 and deviation 30: six deviations, false alarm below 1e-8.
    assert abs(int((labels != noisy).sum()) - 10_000 * NOISE) < 180
    digits, _, left = examples(CurveCell("digits", (16, 1024), 1, 597))
    assert len(digits) - left == 1200 >= 1024


def made_up(clean: Law, noisy: Law, digits: Law, norms: float) -> list[Finding]:
    """What is found of curves that follow these laws but for one per cent, and of a norm bound that goes like n^norms."""
    cells = [CurveCell(task, SIZES, 1, 100, seed) for task in ("clean", "noisy", "digits") for seed in range(3)]
    laws = {"clean": clean, "noisy": noisy, "digits": digits}
    results: list[Result] = [
        {
            "risks": (laws[cell.task].risk(SIZES) * (1 + 0.01 * np.cos(np.arange(6) * (2 + cell.seed)))).tolist(),
            "errors": [0.0] * 6,
            "complexities": None if cell.task == "digits" else [float(n) ** norms for n in SIZES],
        }
        for cell in cells
    ]
    return list(STUDY.findings(cells, results))


@pytest.mark.slow
def test_every_claim_can_hold_and_can_fail() -> None:
    holds = {found.claim: found.outcome for found in made_up(Law(0, 1, 0.5), Law(0.1, 1, 0.5), Law(0, 1, 0.2), -0.2)}
    assert set(holds.values()) == {Outcome.REPRODUCED}
    fails = {found.claim: found.outcome for found in made_up(Law(0.2, 1, 0.5), Law(0, 1, 0.5), Law(0, 1, 0.6), -0.6)}
    assert fails["power_law"] is Outcome.REVERSED
    assert fails["published_range"] is Outcome.NOT_REPRODUCED
    assert fails["floor"] is not Outcome.REPRODUCED
    assert fails["floor_is_bayes_risk"] is Outcome.NOT_REPRODUCED
    assert fails["norm_bound_is_flatter"] is Outcome.REVERSED


def test_the_sizes_of_the_curves_span_three_decades() -> None:
    for extent in ("thumbnail", "quick", "full"):
        cells = LearningCurves(extent).cells()  # type: ignore[arg-type]
        assert all(cell.sizes[-1] >= 1000 * cell.sizes[0] for cell in cells if cell.task != "digits")
