"""Majority votes of two kinds of voters: a few listed on a few points, and coins on the hard part of a population.

A tie counts as an error of the vote.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    BINARY_VOTES,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    PLURALITY_VOTES,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    VOTES_OF_POPULATION,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import GIBBS_RISK, MAJORITY_VOTE_RISK
from genbounds.verification.scenarios.scenario import LARGEST_EXACT, Scenario, Size, World, binomial_law, holding, low_counts

Weights = tuple[Fraction, ...]


class ListedVotes(Scenario):
    """Every table of which voter errs on which point."""

    name = "listed votes"
    description = "a few weighted voters on a few points: every table of their errors, with the exact risk of their majority vote"
    inputs = frozenset({"gibbs_risk", "disagreement"})
    truths = frozenset({MAJORITY_VOTE_RISK})
    audit = (
        holding("two classes", BINARY_VOTES, PLURALITY_VOTES)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("the points are the population", VOTES_OF_POPULATION)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Equal and unequal weights, points of equal and unequal probability; and votes of a margin with two values."""
        half, third = Fraction(1, 2), Fraction(1, 3)
        crowds: list[Weights] = [(half, half), (third, third, third), (half, Fraction(1, 4), Fraction(1, 4))]
        populations: list[Weights] = [(half, half), (third, third, third), (Fraction(7, 10), Fraction(1, 5), Fraction(1, 10))]
        for weights in crowds if size == "thumbnail" else [*crowds, (Fraction(1, 4),) * 4]:
            yield from (self.world(weights, points) for points in populations)

    @staticmethod
    def world(weights: Weights, points: Weights) -> World:
        """All tables of errors but those on which half of the votes err everywhere, of which a disagreement of 1/2 is not an input."""
        gibbs: list[Fraction] = []
        apart: list[Fraction] = []
        votes: list[Fraction] = []
        for table in itertools.product(itertools.product((0, 1), repeat=len(points)), repeat=len(weights)):
            share = [sum((w for w, errors in zip(weights, table, strict=True) if errors[i]), Fraction(0)) for i in range(len(points))]
            disagreement = sum((2 * s * (1 - s) * mass for s, mass in zip(share, points, strict=True)), Fraction(0))
            if disagreement < Fraction(1, 2):
                gibbs.append(sum((s * mass for s, mass in zip(share, points, strict=True)), Fraction(0)))
                apart.append(disagreement)
                votes.append(sum((mass for s, mass in zip(share, points, strict=True) if 2 * s >= 1), Fraction(0)))
        label = f"voters of weights {_listed(weights)} on points of probabilities {_listed(points)}"
        truths = {MAJORITY_VOTE_RISK: votes}
        return World(label, {}, {"gibbs_risk": gibbs, "disagreement": apart}, truths, [Fraction(1, len(votes))] * len(votes))


class CoinsOnHardPoints(Scenario):
    """On easy points every voter is right; on each of the N hard ones half of them are wrong, and a posterior keeps those that were right.

    The prior tosses a fair coin for every hard point. The posterior is that prior with another coin, of P(wrong) = s, on the hard points of
    the sample, so that its KL is their number times kl(s, 1/2). Elsewhere half of the weight errs, a tie. A sample that holds a hard point
    twice, which has a probability below 10^-15, is put to those of which nothing is said.
    """

    name = "coins on hard points"
    description = "voters that are all right on easy points and toss coins on hard ones; the posterior knows the hard points of the sample"
    inputs = frozenset({"n", "empirical_risk", "disagreement", "tandem_risk", "kl", "variance"})
    truths = frozenset({MAJORITY_VOTE_RISK, GIBBS_RISK})
    audit = (
        holding("independent points", IID_SAMPLE)
        | holding("two classes", BINARY_VOTES, PLURALITY_VOTES)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("a fair coin for every hard point, whatever the sample", PRIOR_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """A part of the points is hard; the posterior is the prior, or knows the sample a little, or wholly."""
        quick = size == "thumbnail"
        for n in (20,) if quick else (1, 5, 20, 64):
            for hard in map(Fraction, ("1/3",) if quick else ("1/100", "1/10", "1/3", "9/10")):
                yield from (self.world(n, hard, wrong) for wrong in map(Fraction, ("1/2", "2/5", "0")))
        for n in (10**4,) if quick else (1000, 10**4):
            yield from (self.world(n, Fraction(1, 3), wrong) for wrong in map(Fraction, ("2/5", "0")))
        for n in (10**6,) if quick else (10**5, 10**6, 10**7):
            yield from (self.world(n, Fraction(1, 50), wrong) for wrong in map(Fraction, ("12/25",) if quick else ("1/2", "12/25")))

    @staticmethod
    def world(n: int, hard: Fraction, wrong: Fraction, points: int = 10**40) -> World:
        """Every number h of hard points among n, as long as no hard point is met twice; ``points`` is the number of hard points.

        Of many points only those h are listed that are 4.5 to 5 standard deviations too small.
        """
        counts: Sequence[int]
        law: Sequence[Fraction | float]
        if n <= LARGEST_EXACT:
            counts = range(n + 1)
            law = [Fraction(m) * Fraction(math.perm(points, h), points**h) for h, m in enumerate(binomial_law(n, hard))]
        else:
            far = n * hard - Fraction(9, 2) * math.isqrt(int(n * hard * (1 - hard)))
            listed = [(h, mass * (1 - h * h / (2 * points))) for h, mass in zip(*low_counts(n, hard, 5), strict=True) if h <= far]
            counts, law = [h for h, _ in listed], [mass for _, mass in listed]
        cost = float(wrong) * math.log(2 * wrong) if wrong else 0.0
        cost = max(cost + float(1 - wrong) * math.log(2 * (1 - wrong)), 0.0) * (1 + 1e-14) + (1e-15 if wrong != Fraction(1, 2) else 0.0)
        seen = [Fraction(h, n) for h in counts]
        inputs: dict[str, list[Any]] = {
            "empirical_risk": [wrong * part for part in seen],
            "disagreement": [2 * wrong * (1 - wrong) * part for part in seen],
            "tandem_risk": [wrong**2 * part for part in seen],
            "kl": [h * cost for h in counts],
            # The mean over the posterior of the variance of n losses, h of them coins: h s (n - 1 - (h - 1) s) / (n (n - 1)).
            "variance": [h * wrong * (n - 1 - (h - 1) * wrong) / Fraction(n * max(n - 1, 1)) if h else Fraction(0) for h in counts],
        }
        # On a hard point of the sample the vote is right where s < 1/2; its share of the population is 1/N of the hard part.
        known = [Fraction(h, points) * hard for h in counts]
        votes = [hard - (part if wrong < Fraction(1, 2) else 0) for part in known]
        gibbs = [(hard - part) / 2 + part * wrong for part in known]
        rest = 1 - sum(law)
        full = {name: [*entries, Fraction(0)] for name, entries in inputs.items()}
        label = f"n = {n}, a part {hard} of the points is hard, the posterior errs on {wrong} of the hard ones that it has seen"
        return World(label, {"n": n}, full, {MAJORITY_VOTE_RISK: [*votes, Fraction(0)], GIBBS_RISK: [*gibbs, Fraction(0)]}, [*law, rest])


def _listed(entries: Sequence[Fraction]) -> str:
    return ", ".join(map(str, entries))
