"""An analyst who asks a held-out sample about one model after the other, and a leaderboard that releases rounded scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    ADAPTIVE_QUERIES,
    ADAPTIVE_QUERIES_IN_BITS,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LADDER_RELEASES,
    LOSS_IN_UNIT_INTERVAL,
    QUERIES_FIXED_IN_ADVANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.best_of_a_class import fewest_low_counts, law_of_the_fewest
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, just_missed, violating


class AdaptiveAnalyst(Scenario):
    """Every answer is one bit: whether a model errs on more than half of the sample, or more than the best before it."""

    name = "adaptive analyst"
    description = "models asked one after the other: the best of k coins, and the vote of features on random labels, turned by their scores"
    inputs = frozenset({"n", "empirical_risk", "errors", "queries", "bits"})
    truths = frozenset({RISK})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("only counts of errors are looked at, and of these one bit", ADAPTIVE_QUERIES, ADAPTIVE_QUERIES_IN_BITS)
        | holding("k is given", QUERIES_FIXED_IN_ADVANCE)
        | violating("the final model depends on the scores", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few examples and models, and a million examples."""
        quick = size == "thumbnail"
        for n, k in ((1, 2), (3, 2), (3, 4), (4, 4)) if quick else ((1, 2), (2, 2), (3, 2), (5, 2), (3, 4), (5, 4), (6, 4), (4, 6), (7, 4)):
            yield self.vote(n, k)
        for n in (2, 6) if quick else (2, 6, 11, 50):
            for k in (1, 2, 5):
                for level in map(Fraction, ("1/20", "1/1000", "1/1000000")):
                    yield self.best(n, k, just_missed(n, level / k))
        for k in (1, 2) if quick else (1, 2, 10):
            yield self.best_of_many(10**6, k, Fraction(1, 2))

    @staticmethod
    def vote(n: int, queries: int) -> World:
        """The labels are fair coins; queries - 1 features (an odd number) are turned by their scores, and their vote is the final model.

        Whatever it is, its risk is 1/2.
        """
        law = law_of_the_vote(n, queries - 1)
        return _world(
            f"n = {n}, the vote of {queries - 1} features on random labels", n, queries, range(n + 1), law, [Fraction(1, 2)] * (n + 1)
        )

    @staticmethod
    def best(n: int, queries: int, p: Fraction) -> World:
        """Coins of P(error) = p, asked one after the other; the best is kept."""
        law = law_of_the_fewest(n, queries, p)
        return _world(f"n = {n}, the best of {queries} coins, p = {p}", n, queries, range(n + 1), law, [p] * (n + 1))

    @staticmethod
    def best_of_many(n: int, queries: int, p: Fraction) -> World:
        """The same where n is large: numbers of errors below n p, and all others, of which nothing is said."""
        counts, law = fewest_low_counts(n, queries, p)
        truths = [p] * len(counts) + [Fraction(0)]
        return _world(f"n = {n}, the best of {queries} coins, p = {p}", n, queries, [*counts, n], [*law, 1 - math.fsum(law)], truths)


def _world(label: str, n: int, queries: int, counts: Sequence[int], law: Sequence[Fraction | float], truths: Sequence[Fraction]) -> World:
    inputs: dict[str, Sequence[Any]] = {"errors": list(counts), "empirical_risk": [Fraction(k, n) for k in counts]}
    return World(label, {"n": n, "queries": queries, "bits": 1}, inputs, {RISK: truths}, law)


def law_of_the_vote(n: int, features: int) -> list[Fraction]:
    """The law of the errors that the vote of turned features makes on n random labels.

    A feature is right or wrong on each example by a fair coin; with more wrong than right it is turned. All 2^n patterns of a feature are
    added up, one feature after the other, in a table of how many features err on each example.

    >>> law_of_the_vote(1, 1)  # turned if it errs: never an error
    [Fraction(1, 1), Fraction(0, 1)]
    """
    table = np.zeros((features + 1,) * n, dtype=object)
    table[(0,) * n] = 1
    patterns = [[(code >> i) & 1 for i in range(n)] for code in range(2**n)]
    turned = [tuple(1 - wrong for wrong in pattern) if 2 * sum(pattern) > n else tuple(pattern) for pattern in patterns]
    ways = {pattern: turned.count(pattern) for pattern in set(turned)}
    for _ in range(features):
        after = np.zeros_like(table)
        for pattern, count in ways.items():
            target = tuple(slice(1, None) if wrong else slice(None) for wrong in pattern)
            source = tuple(slice(None, -1) if wrong else slice(None) for wrong in pattern)
            after[target] += count * table[source]
        table = after
    law = [0] * (n + 1)
    for place in np.argwhere(table != 0).tolist():
        law[sum(2 * votes > features for votes in place)] += table[tuple(place)]
    return [Fraction(int(entry), 2 ** (n * features)) for entry in law]


SUBMISSIONS = (
    holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    | holding("released scores are all that is looked at", LADDER_RELEASES)
    | holding("a constant of the scenario", QUERIES_FIXED_IN_ADVANCE)
    | violating("the models depend on the scores", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
)
"""What holds of every sequence of submissions to a leaderboard."""


class Leaderboard(Scenario):
    """A score is released when it beats the last one by a step, rounded down to a multiple of it; the next model may depend on it."""

    name = "leaderboard"
    revision = 3
    description = "models submitted one after the other to a leaderboard of rounded scores, each of a risk that depends on the score before"
    inputs = frozenset({"n", "reported_risk", "queries", "step"})
    truths = frozenset({RISK})
    audit = holding("independent examples", IID_SAMPLE) | SUBMISSIONS

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples, coarse and fine steps; and many submissions, of which the luckiest is far better than its risk."""
        quick = size == "thumbnail"
        if not quick:
            yield self.world(20, 60, Fraction(1, 50), Fraction(1, 2), stubborn=True)
        for n in (20, 60) if quick else (5, 20, 60):
            for step in (Fraction(1, 2), Fraction(1, 4)):
                yield from (self.world(n, k, step, Fraction(3, 4)) for k in ((1, 3) if quick else (1, 2, 3, 5)))
        for n in (10**4,) if quick else (1000, 10**4):
            above = Fraction(47 * math.isqrt(n) // 20, n)  # 4.7 standard deviations
            for step in (Fraction(1, 2),) if quick else (Fraction(1, 2), Fraction(1, 10), Fraction(1, 50)):
                yield from (self.world(n, k, step, Fraction(1, 2) + above) for k in (1, 2))

    @staticmethod
    def world(n: int, queries: int, step: Fraction, p: Fraction, stubborn: bool = False) -> World:
        """Submissions are fresh coins: of risk p until a score is released, then of a risk half a step above it, or of risk p for ever."""
        law = law_of_releases(n, queries, step, p, stubborn)
        inputs = {"reported_risk": [score for score, _ in law]}
        label = f"n = {n}, {queries} submissions{' of one risk' if stubborn else ''}, step {step}, p = {p}"
        return World(label, {"n": n, "queries": queries, "step": step}, inputs, {RISK: [risk for _, risk in law]}, list(law.values()))


def law_of_releases(
    n: int, queries: int, step: Fraction, p: Fraction, stubborn: bool = False
) -> Mapping[tuple[Fraction, Fraction], Fraction | float]:
    """The law of (the score released last, the risk of its model) after so many submissions; stubborn ones are all of risk p."""
    floors = [step * ((Fraction(k, n)) // step) for k in range(n + 1)]
    law: dict[tuple[Fraction, Fraction], Fraction | float] = {}
    for k, mass in enumerate(binomial_law(n, p)):
        law[floors[k], p] = law.get((floors[k], p), 0) + mass
    for _ in range(queries - 1):
        after: dict[tuple[Fraction, Fraction], Fraction | float] = {}
        for (score, risk), mass in law.items():
            fresh = p if stubborn else min(score + step / 2, Fraction(1))
            released: dict[Fraction, Fraction | float] = {}
            for k, chance in enumerate(binomial_law(n, fresh)):
                if Fraction(k, n) >= score - step:  # not better by a step
                    break
                released[floors[k]] = released.get(floors[k], 0) + chance
            kept = 1 - sum(released.values())
            after[score, risk] = after.get((score, risk), 0) + mass * kept
            for better, chance in released.items():
                after[better, fresh] = after.get((better, fresh), 0) + mass * chance
        law = after
    return law
