"""Normalisation: Jacobians against finite differences, the theory's line against eigenvalues, and what each claim fails on."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from genbounds.models.networks.normalised import NormalisedDenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.studies.normalisation.cells import FEATURES, NormCell, condition, jacobian, jacobian_of, result_of, theory
from genbounds.verification.studies.normalisation.study import Normalisation

STUDY = Normalisation("thumbnail")


@pytest.mark.parametrize("kind", ["batch", "group"])
def test_the_jacobian_is_that_of_finite_differences_batch_statistics_included(kind: Literal["batch", "group"]) -> None:
    network = NormalisedDenseNetwork([3, 4, 1], kind, "tanh", dtype=torch.float64).initialise(Stream("test", "weights"), 0).train()
    inputs = Stream("test", "inputs").normal([0], 0, 15).view(5, 3) + 2.0
    found, columns = jacobian_of(network, inputs), []
    with torch.no_grad():
        for parameter in network.parameters():
            flat = parameter.view(-1)
            for place in range(len(flat)):
                value, ends = flat[place].item(), []
                for move in (1e-5, -1e-5):
                    flat[place] = value + move
                    ends.append(network(inputs).squeeze(1))
                flat[place] = value
                columns.append((ends[0] - ends[1]) / 2e-5)
    assert found.shape == (5, len(columns))
    torch.testing.assert_close(found, torch.stack(columns, dim=1), rtol=1e-5, atol=1e-7)


def test_the_theory_is_the_condition_number_of_the_second_moments() -> None:
    for scale in (0.0, 0.7, 12.0):
        values = np.linalg.eigvalsh(np.eye(FEATURES) + scale**2 * np.ones((FEATURES, FEATURES)))
        assert theory(scale) == pytest.approx((values[-1] / values[0]) ** 0.5)


def test_a_linear_heads_jacobian_holds_the_normalised_features() -> None:
    inputs = Stream("test", "features").normal([0], 0, 40 * FEATURES).view(40, FEATURES) + 7.0
    assert torch.equal(jacobian(NormCell("features", "common", "none", (7.0,), 40), inputs), inputs)
    batch = jacobian(NormCell("features", "common", "batch", (7.0,), 40), inputs)
    torch.testing.assert_close(batch, (inputs - inputs.mean(dim=0)) / (inputs.var(dim=0, correction=0) + 1e-5).sqrt())


def test_group_normalisation_takes_two_directions_away_and_they_do_not_count() -> None:
    found = result_of(NormCell("features", "common", "group", (0.0, 10.0), 200))
    assert found["ranks"] == [FEATURES - 2, FEATURES - 2]
    assert max(found["conditions"]) < 3
    assert condition(torch.diag(torch.arange(1.0, 41.0, dtype=torch.float64)))[0] == pytest.approx(40 / 25)


def outcomes(numbers: dict[tuple[str, str], float]) -> dict[str, object]:
    """What is found if these condition numbers (place, normalisation) grow by so much with the mean."""
    cells = list(STUDY.cells())
    results = []
    for cell in cells:
        growth = numbers.get((cell.place, cell.normalisation))
        values = [theory(scale) for scale in cell.scales] if growth is None else list(np.geomspace(2, 2 * growth, len(cell.scales)))
        results.append({"conditions": [value * (1 + 0.01 * cell.seed) for value in values], "ranks": [16] * len(values)})
    return {found.claim: found.outcome for found in STUDY.findings(cells, results)}


def test_each_claim_can_hold_and_can_fail() -> None:
    kinds = [(place, kind) for place in ("features", "network") for kind in ("batch", "group", "layer")]
    assert set(outcomes(dict.fromkeys(kinds, 1.1)).values()) == {Outcome.REPRODUCED}
    found = outcomes({("features", "none"): 3.0, ("network", "none"): 3.0, ("network", "batch"): 5.0, ("network", "group"): 5.0})
    assert set(found.values()) == {Outcome.NOT_REPRODUCED, Outcome.REVERSED}
    assert found["network"] is Outcome.REVERSED
