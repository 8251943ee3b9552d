"""Pick-to-learn on a pool: the whole procedure by hand, its coverage, and a bound that is too small."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from genbounds.bounds.bounds_on import RISK
from genbounds.models.picking import replay
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.check import check
from genbounds.verification.populations import population
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.pools.picking import DRAWS, POOL, SETTINGS, trained


@pytest.mark.slow
def test_size_and_risk_by_hand() -> None:
    """The network is made again from its picks alone, and its errors are counted in numpy."""
    pool = population(POOL)
    for settings, world in zip(SETTINGS, scenario("pick-to-learn on digits").draws(range(17)), strict=True):
        run, _ = trained(16, settings)
        rows = pool.sample(("picking", 16), DRAWS)
        start = nn.Linear(pool.features, 2)
        nn.init.zeros_(start.weight)
        nn.init.zeros_(start.bias)
        inputs, labels = torch.tensor(pool.inputs, dtype=torch.float32)[rows], torch.tensor(pool.labels > 0).long()[rows]
        again = replay(start, inputs, labels, settings, Stream("scenario of picking", "run"), run.rounds, network=16)
        scores = again(torch.tensor(pool.inputs, dtype=torch.float32)).detach().numpy()
        wins = np.where(pool.labels > 0, scores[:, 1] - scores[:, 0], scores[:, 0] - scores[:, 1])
        assert world.truth(RISK)[1] == np.mean(~(wins > 0))
        picked = {i for chosen in run.rounds for i in chosen}
        wrong = {i for i in range(settings.spent, DRAWS) if not wins[rows[i]] > 0} - picked
        assert world.inputs["size"][1] == len(picked) + len(wrong)
        assert set(run.left) == wrong
        assert world.common["n"] == DRAWS - settings.spent


@pytest.mark.slow
def test_the_procedure_is_covered_and_a_fifth_of_the_bound_would_not_be() -> None:
    """Twenty-five samples: a true bound is refuted here with a probability of at most .00025."""
    found = check("campi2023compression", scenarios="pick-to-learn on digits")
    assert not found.refuted, found.sentence()
    assert found.resolution > 0.19  # so that less than a fifth of it is refuted
