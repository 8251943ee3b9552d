"""Gibbs posteriors and their votes on random linear classifiers, with exact risks over a pool."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    BINARY_VOTES,
    EXCESS_OVER_REFERENCE,
    IID_SAMPLE,
    LOSS_AT_MOST_HIGHEST,
    LOSS_IN_UNIT_INTERVAL,
    LOSS_SPLIT_AT_LEVELS,
    PLURALITY_VOTES,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    UNBIASED_VARIANCE,
    VOTES_OF_POPULATION,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import GIBBS_RISK, MAJORITY_VOTE_RISK
from genbounds.verification.learners.voters import GibbsPosteriors, wrong_classifiers
from genbounds.verification.populations import population
from genbounds.verification.scenarios.scenario import Scenario, World, holding

SETTINGS = ((100, 20.0), (8, 100.0))
"""Examples in a sample, and the inverse temperature of the posterior."""
_VOTES = holding("two classes; every classifier names one of them", BINARY_VOTES, PLURALITY_VOTES, ZERO_ONE_LOSS)


class RandomClassifiers(Scenario):
    """Posteriors proportional to exp(-beta * errors / n) on 50 random linear classifiers, read on the sample."""

    name = "posterior on random classifiers"
    description = "Gibbs posteriors on 50 random linear classifiers on breast cancer, and their votes"
    revision = 2
    inputs = frozenset(
        {
            *("n", "empirical_risk", "kl", "variance", "temperature", "weight", "disagreement", "tandem_risk"),
            *("second_moment", "highest", "segment_risks", "gaps"),
        }
    )
    truths = frozenset({GIBBS_RISK, MAJORITY_VOTE_RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", LOSS_IN_UNIT_INTERVAL, LOSS_AT_MOST_HIGHEST, LOSS_SPLIT_AT_LEVELS)
        | holding("uniform on classifiers drawn before any sample", PRIOR_INDEPENDENT_OF_SAMPLE)
        | holding("the mean over the posterior of each classifier's own, by its definition", UNBIASED_VARIANCE)
        | _VOTES
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Soft posteriors on many examples, sharp ones on few."""
        for n, beta in SETTINGS:
            found = posteriors(n, beta, keys)
            weight = found.wrong_weight
            inputs: dict[str, Any] = {
                "empirical_risk": np.clip(found.empirical_risk, 0, 1),
                "kl": found.kl,
                "variance": np.clip(found.variance, 0, None),
                # Two voters disagree where one is right and the other wrong; a tandem errs where both are wrong.
                "disagreement": np.clip(found.on_sample(2 * weight * (1 - weight)), 0, 0.5),
                "tandem_risk": np.clip(found.on_sample(weight**2), 0, 1),
            }
            inputs |= {"second_moment": inputs["empirical_risk"], "segment_risks": inputs["empirical_risk"][:, None]}
            common = {"n": n, "temperature": Fraction(2), "weight": Fraction(1), "highest": 1, "gaps": (1,)}
            truths = {GIBBS_RISK: found.risk, MAJORITY_VOTE_RISK: found.vote_risk}
            yield World(f"breast cancer, n = {n}, weights exp(-{beta:g} errors/n)", common, inputs, truths)


class VotesOfPopulation(Scenario):
    """The same votes, with the Gibbs risk and the disagreement of the population."""

    name = "votes on the population"
    description = "votes of random linear classifiers on breast cancer, whose Gibbs risk and disagreement on the population are known"
    inputs = frozenset({"gibbs_risk", "disagreement"})
    truths = frozenset({MAJORITY_VOTE_RISK})
    audit = _VOTES | holding("means over the whole pool under the weights of the vote", VOTES_OF_POPULATION)

    def draws(self, keys: range) -> Iterator[World]:
        """The posteriors of ``RandomClassifiers``."""
        for n, beta in SETTINGS:
            found = posteriors(n, beta, keys)
            weight = found.wrong_weight
            inputs = {
                "gibbs_risk": np.clip(weight.mean(axis=1), 0, 1),
                "disagreement": np.clip((2 * weight * (1 - weight)).mean(axis=1), 0, 0.5),
            }
            yield World(
                f"breast cancer, posteriors of {n} examples, exp(-{beta:g} errors/n)", {}, inputs, {MAJORITY_VOTE_RISK: found.vote_risk}
            )


def posteriors(n: int, beta: float, keys: range) -> GibbsPosteriors:
    """One posterior for each key."""
    pool = population("breast_cancer")
    drawn = np.stack([pool.sample(("voters", key), n) for key in keys])
    return GibbsPosteriors.of(wrong_classifiers(pool), drawn, beta)


class ExcessOverEarlier(Scenario):
    """A posterior of the whole sample compared with that of its first half, which is prior and reference, read on the second half."""

    name = "excess over an earlier posterior"
    description = (
        "Gibbs posteriors on 50 random linear classifiers, compared with those of the first half of the sample, scored on the second half"
    )
    inputs = frozenset({"n", "excess_segments", "share", "previous_risk", "kl"})
    truths = frozenset({GIBBS_RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", LOSS_IN_UNIT_INTERVAL)
        | holding("the posterior of the first half, which is not scored", PRIOR_INDEPENDENT_OF_SAMPLE)
        | holding("the same, with its risk over the whole pool", EXCESS_OVER_REFERENCE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """As many examples in either half as ``RandomClassifiers`` has in all."""
        pool = population("breast_cancer")
        wrong = wrong_classifiers(pool)
        for n, beta in SETTINGS:
            drawn = np.stack([pool.sample(("excess", key), 2 * n) for key in keys])
            first, whole = GibbsPosteriors.of(wrong, drawn[:, :n], beta), GibbsPosteriors.of(wrong, drawn, 2 * beta)
            second = drawn[:, n:]
            now, before = (np.take_along_axis(one.wrong_weight, second, axis=1) for one in (whole, first))
            parts = [1 - (1 - now) * before, now, now * (1 - before)]
            logs = [np.log(one.posterior, out=np.full_like(one.posterior, -np.inf), where=one.posterior > 0) for one in (whole, first)]
            with np.errstate(invalid="ignore"):
                terms = np.where(whole.posterior > 0, whole.posterior * (logs[0] - logs[1]), 0.0)
            inputs = {
                "excess_segments": np.clip(np.stack([part.mean(axis=1) for part in parts], axis=1), 0, 1),
                "previous_risk": np.clip(first.risk, 0, 1),
                "kl": np.maximum(terms.sum(axis=0), 0),
            }
            label = f"breast cancer, n = {n} after {n}, weights exp(-{beta:g} errors/n)"
            yield World(label, {"n": n, "share": Fraction(1, 2)}, inputs, {GIBBS_RISK: whole.risk})
