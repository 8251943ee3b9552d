"""Random labels: what each condition leaves of the data, the complexity by numpy, and what the findings must see."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.parity import parity
from genbounds.verification.studies.random_labels.conditions import CONDITIONS, RANDOM, TRUE, conditioned
from genbounds.verification.studies.random_labels.findings import Found, first_fit, normalised
from genbounds.verification.studies.random_labels.networks import LOOKS, QUANTILES, LabelCell, complexities, label_results
from genbounds.verification.studies.random_labels.study import RandomLabels


def test_each_condition_changes_what_it_says_and_nothing_else() -> None:
    true, pixels = conditioned("digits", TRUE), conditioned("digits", "random pixels")
    shuffled, noise = conditioned("digits", "shuffled pixels"), conditioned("digits", "Gaussian inputs")
    assert np.array_equal(np.sort(pixels.inputs, 1), np.sort(true.inputs, 1))
    assert sorted(shuffled.inputs.T.tolist()) == sorted(true.inputs.T.tolist())
    assert not np.array_equal(shuffled.inputs, true.inputs)
    assert np.abs(noise.inputs.mean(0) - true.inputs.mean(0)).max() < 6 * 0.5 / 1797**0.5  # standard deviations are below 1/2
    assert all(np.array_equal(pool.labels, true.labels) for pool in (pixels, shuffled, noise))
    coins = conditioned("digits", RANDOM)
    assert np.array_equal(coins.inputs, true.inputs)
    assert abs((coins.labels == true.labels).mean() - 0.5) < 5 * 0.5 / 1797**0.5
    with pytest.raises(ValueError, match="condition must be one of"):
        conditioned("digits", "other")


def test_shares_of_redrawn_labels_are_nested() -> None:
    clean = parity("digits").labels
    some, more = (parity("digits", share).labels != clean for share in (0.3, 0.7))
    assert np.all(more[some])
    assert some.mean() == pytest.approx(0.15, abs=0.05)
    with pytest.raises(ValueError, match="redrawn must be a share"):
        parity("digits", 1.5)


def test_the_complexity_by_numpy() -> None:
    random = np.random.default_rng(0)
    weights = [random.normal(size=(2, 5, 3)), random.normal(size=(2, 1, 5))]
    start = [random.normal(size=(2, 5, 3)), random.normal(size=(2, 1, 5))]
    found = complexities([torch.tensor(one) for one in weights], [torch.tensor(one) for one in start])
    for k in range(2):
        norms = [np.linalg.svd(one[k], compute_uv=False)[0] for one in weights]
        moved = [sum(np.linalg.norm(row) for row in one[k] - other[k]) for one, other in zip(weights, start, strict=True)]
        by_hand = np.prod(norms) * sum((b / s) ** (2 / 3) for b, s in zip(moved, norms, strict=True)) ** 1.5
        assert found[k] == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.slow
def test_a_network_is_the_same_alone_and_in_company_and_its_errors_add_up() -> None:
    cells = [LabelCell(TRUE, 0.0, 30, 40, ("VC dimension",), seed) for seed in (0, 1)]
    together = label_results(cells)
    assert label_results(cells[1:])[0]["margins"] == pytest.approx(together[1]["margins"], rel=1e-6)
    one = together[0]
    assert len(one["train"]) == LOOKS
    assert one["excess"][-1] == pytest.approx(one["risk"][-1] - one["train"][-1], abs=1e-12)
    assert not one["bounds"]["VC dimension"]["failed"]
    scale = one["complexity"][-1] * one["data_norm"] / 30
    assert normalised(one, 30)[-1] == pytest.approx(max(one["margins"][-1] / scale, 2.3e-308), rel=1e-9)
    assert first_fit(np.array([[0.2, 0.1, 0.0]])).tolist() == [3]


@pytest.mark.slow
def test_planted_faults_of_other_kinds_are_seen() -> None:
    study = RandomLabels("thumbnail")
    trap = study.trap()
    cells, sound = trap.cells, list(trap.sound)

    def outcome(results: list[object], claim: str) -> str:
        return str({found.claim: found.outcome for found in study.findings(cells, results)}[claim])  # type: ignore[arg-type]

    assert outcome(sound, "complexity tells") == "reproduced"
    assert outcome(list(trap.faulty), "complexity tells") != "reproduced"
    assert outcome(sound, "complexity tracks the excess risk") == "reproduced"
    falling = [{**result, "excess": result["excess"][::-1]} for result in sound]
    assert outcome(falling, "complexity tracks the excess risk") == "reversed"
    unfitted = [{**result, "train": [0.2] * LOOKS} for result in sound]
    assert outcome(unfitted, "everything is fitted") == "reversed"
    larger = {"VC dimension": {"value": 1.4, "failed": False}, "product of norms": {"value": 1.2, "failed": False}}
    seeing = [{**result, "bounds": larger} if cell.condition == RANDOM else result for cell, result in zip(cells, sound, strict=True)]
    assert outcome(sound, "counting sees no difference") == str(Verdict.NOT_REFUTED)
    assert outcome(seeing, "counting sees no difference") == str(Verdict.REFUTED)
    wide = [
        {**result, "margins": [1000.0] * QUANTILES} if cell.condition == RANDOM else result
        for cell, result in zip(cells, sound, strict=True)
    ]
    assert outcome(wide, "normalised margins") == "reversed"
    assert Found(cells, sound).doses == [0.0, 0.5, 1.0]
    assert {cell.condition for cell in cells} == set(CONDITIONS)
