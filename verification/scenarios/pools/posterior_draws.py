"""Independent draws of weights from a Gaussian posterior that a sample has placed: what they err on, and what they err on in the mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import INDEPENDENT_DRAWS, INDEPENDENT_PAIRS, LOSS_IN_UNIT_INTERVAL, ONE_POSTERIOR, ZERO_ONE_LOSS
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import generator
from genbounds.verification.scenarios.pools.gaussian_posterior import POOL, gibbs_losses, mean_direction, unit_signed
from genbounds.verification.scenarios.scenario import Scenario, World, holding

SETTINGS = ((1, 1.0, 4), (60, 3.0, 200))
"""Examples, the norm of the posterior's mean, and draws from it: one example and four draws, more of both."""
ROUNDING = 1e-12


class DrawsFromGaussian(Scenario):
    """The risk on the sample of sign <w, x> with w ~ N(m, 1) is a mean of normal integrals, compared with the errors of drawn weights."""

    name = "draws from a Gaussian posterior"
    description = "weights drawn from a normal posterior around the mean of signed examples from breast cancer, each with an example"
    inputs = frozenset({"sampled_risk", "draws", "errors", "pairs"})
    truths = frozenset({EMPIRICAL_GIBBS_RISK})
    audit = (
        holding(
            "the sample and the posterior come first; then a number of draws that is a constant, from a stream of their own",
            *(INDEPENDENT_DRAWS, INDEPENDENT_PAIRS, ONE_POSTERIOR),
        )
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    )  # fmt: skip

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        pool = population(POOL)
        signed = unit_signed(pool)
        for n, norm, taken in SETTINGS:
            drawn = np.stack([pool.sample(("posterior draws", key), n) for key in keys])
            means = mean_direction(signed, drawn, norm)
            shown: dict[str, list[Any]] = {"sampled_risk": [], "errors": []}
            for mean, sample, key in zip(means, drawn, keys, strict=True):
                random = generator("posterior draws", n, key)
                wrong = (mean + random.standard_normal((taken, pool.features))) @ signed[sample].T <= 0
                shown["sampled_risk"].append(int(wrong.sum()) / wrong.size)
                shown["errors"].append(int(wrong[np.arange(taken), random.integers(n, size=taken)].sum()))
            on_sample = [float(gibbs_losses(mean[None], signed[sample]).mean()) for mean, sample in zip(means, drawn, strict=True)]
            truths = {EMPIRICAL_GIBBS_RISK: np.array(on_sample) - ROUNDING}
            yield World(f"breast cancer, n = {n}, ||m|| = {norm:g}, {taken} draws", {"draws": taken, "pairs": taken}, shown, truths)
