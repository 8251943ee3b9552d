"""Posteriors over coins fixed before the sample: all weight on the best of K, or one of two drawn by weights that look at the sample."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_AT_MOST_HIGHEST,
    LOSS_IN_UNIT_INTERVAL,
    LOSS_SPLIT_AT_LEVELS,
    ONE_DRAW,
    ONE_POSTERIOR,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    UNBIASED_VARIANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import GIBBS_RISK, RISK
from genbounds.verification.scenarios.best_of_a_class import fewest_low_counts
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, log_up, violating

_COINS = (
    holding("independent examples", IID_SAMPLE)
    | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    | holding("equal weights", PRIOR_INDEPENDENT_OF_SAMPLE)
    | holding("nothing is measured by draws, and there is one posterior", ONE_POSTERIOR)
    | violating("the posterior looks at the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
)


class PointPosterior(Scenario):
    """The prior gives K coins the same weight, the posterior all weight to the one with the fewest errors; a draw from it is that one."""

    name = "point posterior"
    description = "K independent coins of the same prior weight, and the posterior that has only the one with the fewest errors"
    inputs = frozenset(
        {
            *("n", "empirical_risk", "kl", "log_ratio", "variance", "temperature", "weight"),
            *("second_moment", "highest", "segment_risks", "gaps"),
        }
    )
    truths = frozenset({GIBBS_RISK, RISK})
    revision = 2
    audit = (
        _COINS
        | holding("the posterior is one coin", ONE_DRAW)
        | holding("there is one level, 1", LOSS_SPLIT_AT_LEVELS, LOSS_AT_MOST_HIGHEST)
        | holding("errors (n - errors)/(n (n - 1)), by its definition", UNBIASED_VARIANCE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Very many coins, so that what the prior costs outweighs the rest."""
        quick = size == "thumbnail"
        for p, n in ((Fraction(1, 2), 10**4), (Fraction(1, 100), 10**6)) if quick else (
            (Fraction(1, 2), 300), (Fraction(1, 2), 10**4), (Fraction(1, 10), 10**5), (Fraction(1, 100), 10**6), (Fraction(1, 1000), 10**7),
        ):  # fmt: skip
            for k in (10**30,) if quick else (10**3, 10**9, 10**30, 10**60):
                spent = 2 * (math.log(k) + 20) / n
                share = Fraction(math.sqrt(spent / float(p))).limit_denominator(1000)
                yield self.world(n, k, p, temperature=max(share, Fraction(1, 1000)), weight=min(max(share, Fraction(1, 1000)), Fraction(1)))

    @staticmethod
    def world(n: int, size: int, p: Fraction, temperature: Fraction, weight: Fraction) -> World:
        """The fewest errors below n p, and all others, of which nothing is said (the truth is 0)."""
        counts, law = fewest_low_counts(n, size, p)
        law, counts, truths = [*law, 1 - math.fsum(law)], [*counts, n], [p] * len(counts) + [Fraction(0)]
        common = {"n": n, "kl": log_up(size), "log_ratio": log_up(size), "temperature": temperature, "weight": weight}
        common |= {"highest": 1, "gaps": (1,)}
        shown: dict[str, list[Any]] = {
            "empirical_risk": [Fraction(k, n) for k in counts],
            "variance": [Fraction(k * (n - k), n * max(n - 1, 1)) for k in counts],
            "second_moment": [Fraction(k, n) for k in counts],
            "segment_risks": [(Fraction(k, n),) for k in counts],
        }
        label = f"n = {n}, K = {float(size):.3g}, p = {p}, temperature {temperature}, weight {weight}"
        return World(label, common, shown, {GIBBS_RISK: truths, RISK: truths}, law)


class DrawnVoter(Scenario):
    """Two coins, and one of them drawn by odds that look at the errors: every sample and every draw."""

    name = "drawn voter"
    description = "one of two coins, drawn with odds of base^(the difference of their errors): every sample, every draw"
    inputs = frozenset({"n", "empirical_risk", "log_ratio"})
    truths = frozenset({RISK})
    audit = _COINS | holding("one draw is listed with its probability", ONE_DRAW)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few examples; two good coins, two bad ones, one of each."""
        quick = size == "thumbnail"
        for n in (1, 6) if quick else (1, 2, 3, 6, 10, 20):
            for risks in ((Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 10), Fraction(9, 10)), (Fraction(19, 20), Fraction(99, 100))):
                yield from (self.world(n, risks, base) for base in (Fraction(2), Fraction(10)))

    @staticmethod
    def world(n: int, risks: tuple[Fraction, Fraction], base: Fraction) -> World:
        """Sample by sample: the errors of both coins, and which one was drawn."""
        laws = [binomial_law(n, risk) for risk in risks]
        shown: list[Fraction] = []
        ratios: list[float] = []
        truths: list[Fraction] = []
        masses: list[Fraction] = []
        for a in range(n + 1):
            for b in range(n + 1):
                first = base**b / (base**a + base**b)
                for errors, chance, risk in ((a, first, risks[0]), (b, 1 - first, risks[1])):
                    shown.append(Fraction(errors, n))
                    ratios.append(math.nextafter(math.log(2 * chance), math.inf))
                    truths.append(risk)
                    masses.append(Fraction(laws[0][a]) * Fraction(laws[1][b]) * chance)
        label = f"n = {n}, coins of risks {risks[0]} and {risks[1]}, odds {base}^(difference of errors)"
        return World(label, {"n": n}, {"empirical_risk": shown, "log_ratio": ratios}, {RISK: truths}, masses)
