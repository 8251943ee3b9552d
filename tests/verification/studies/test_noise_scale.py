"""The noise scale: the best batch size of a known curve, data that are as noisy as stated, and what each claim fails on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.noise_scale.cells import LABEL_NOISE, ScheduleCell, SweepCell, data, scheduled, sweep
from genbounds.verification.studies.noise_scale.study import NoiseScale, best_batch, steps

STUDY = NoiseScale("quick")
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)


def made_up(best: Callable[[SweepCell], float], lag: float = 0.0) -> dict[str, Outcome]:
    """What is found of parabolas with these best batch sizes, and of growing batches whose test error is this much higher."""
    cells = [cell for cell in STUDY.cells() if cell.seed < 4]
    results: list[Result] = []
    for cell in cells:
        if isinstance(cell, ScheduleCell):
            results.append({"errors": [0.2 + 0.001 * cell.seed + lag * (cell.schedule == "growth")] * 12, "steps": 9})
        else:
            centre = best(cell) * (1 + 0.02 * np.sin(cell.seed))
            results.append({"errors": [0.1 + 0.02 * float(np.log(batch / centre)) ** 2 for batch in cell.batches]})
    return {found.claim: found.outcome for found in STUDY.findings(cells, results)}  # type: ignore[misc]


def test_the_vertex_of_a_parabola_is_found_and_an_end_is_said_to_be_one() -> None:
    # Smoothing with symmetric weights moves no vertex.
    assert best_batch(BATCHES, [(np.log(batch) - np.log(11.0)) ** 2 for batch in BATCHES]) == pytest.approx(11.0)
    assert best_batch(BATCHES, list(range(8))) == 1
    assert best_batch(BATCHES, list(range(8, 0, -1))) == 128


def test_proportional_best_batch_sizes_reproduce_every_claim_and_others_do_not() -> None:
    sound = made_up(lambda cell: 8 * cell.rate / 0.4 * cell.examples / 500 / (1 - cell.momentum))
    assert set(sound.values()) == {Outcome.REPRODUCED}
    fixed = made_up(lambda cell: 8.0, lag=0.05)
    assert {fixed[claim] for claim in ("rate", "examples", "momentum", "growing batches")} == {Outcome.NOT_REPRODUCED}
    assert made_up(lambda cell: 1e4)["optimum"] is not Outcome.REPRODUCED


def test_all_settings_train_for_the_same_time() -> None:
    for cell in STUDY.cells():
        if isinstance(cell, SweepCell):
            assert cell.rate * cell.steps / (1 - cell.momentum) == pytest.approx(400, rel=0.01)
    assert steps(0.8, 0.5, 400.0) == 250


def test_a_fifth_of_the_sample_has_a_wrong_label_and_nothing_else_has() -> None:
    inputs, noisy, labels = data(0, 1000)
    wrong = noisy != labels
    # Binomial(1000, 1/5): six deviations of 12.6, false alarm below 1e-8.
    assert abs(int(wrong[:1000].sum()) - 1000 * LABEL_NOISE) < 76
    assert not wrong[1000:].any()
    assert len(inputs) == 1797
    assert torch.equal(data(0, 500)[1][:500], noisy[:500])


@pytest.mark.slow
def test_batch_sizes_do_not_depend_on_one_another_and_schedules_agree_until_they_part() -> None:
    cell = SweepCell(0.2, 100, 0.5, (2, 8), 20, 3)
    assert sweep(cell)["errors"][1] == sweep(replace(cell, batches=(8,)))["errors"][0]
    found = {kind: scheduled(ScheduleCell(kind, 0.2, 4, 128, 2)) for kind in ("decay", "growth", "constant")}  # type: ignore[arg-type]
    assert found["decay"]["errors"][:4] == found["growth"]["errors"][:4] == found["constant"]["errors"][:4]
    assert found["decay"]["errors"][4:] != found["constant"]["errors"][4:]
    assert (found["decay"]["steps"], found["growth"]["steps"]) == (3 * 64, 64 + 16 + 4)
