"""K functions with independent errors, of which the best is picked: a finite class as margin and growth bounds see it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_LOSS_CLASS,
    COMPLEXITY_OF_SCORES_ON_SAMPLE,
    FAT_SHATTERING,
    HALF_PROBABILITY_PERTURBATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.best_of_a_class import BestOfAClass
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating


class BestOfScores(Scenario):
    """The functions have the scores 1 (right) and 0 (a tie, which is an error), and the margin that is asked for is just below 1."""

    name = "best of K scores"
    description = "K functions with scores 1 and 0, a tie, each wrong with probability p independently, and the one with the fewest errors"
    inputs = frozenset(
        {
            "n",
            "empirical_risk",
            "margin_risk",
            "margin",
            "log_growth",
            "log_growth_2n",
            "vc_dimension",
            "fat_shattering_dimension",
            "kl",
            "log_cardinality",
            "radius",
        }
    )
    truths = frozenset({RISK})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("a function is right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("K functions, whatever they show", CLASS_FIXED_IN_ADVANCE)
        | holding("all margins are 1 or 0, the margin asked for is just below 1", MARGIN_LOSS, MARGIN_FIXED_IN_ADVANCE)
        | holding("K functions shatter at most log2 K points", FAT_SHATTERING)
        | holding(
            "K vectors of scores or losses, of norm sqrt(n)/2 if they are shifted by 1/2",
            COMPLEXITY_OF_LOSS_CLASS,
            COMPLEXITY_OF_SCORES_ON_SAMPLE,
        )
        | holding("equal weights of the K functions, and no perturbation", PRIOR_INDEPENDENT_OF_SAMPLE, HALF_PROBABILITY_PERTURBATION)
        | violating("the best on the sample is picked", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and very many functions."""
        quick = size == "thumbnail"
        for n in (50, 200) if quick else (2, 10, 20, 50, 200, 1000):
            for k in (2, 2**10, 2**30) if quick else (1, 2, 8, 2**10, 2**20, 2**30, 2**40):
                for p in map(Fraction, (".1", ".5") if quick else (".05", ".1", ".3", ".5", ".6", ".7")):
                    yield self.world(n, k, p)

    @staticmethod
    def world(n: int, size: int, p: Fraction) -> World:
        """All numbers of errors of the best of ``size`` functions; ``size`` is a power of two."""
        best = BestOfAClass.world(n, size, p)
        logarithm = math.nextafter(math.log(size), math.inf) if size > 1 else 0.0
        common = {
            "n": n,
            "margin": 1 - 2.0**-20,
            "log_growth": logarithm,
            "log_growth_2n": logarithm,
            "vc_dimension": size.bit_length() - 1,
            "fat_shattering_dimension": size.bit_length() - 1,
            "kl": logarithm,
            "log_cardinality": logarithm,
            "radius": math.nextafter(math.sqrt(n), math.inf) / 2,
        }
        shown = best.inputs["empirical_risk"]
        return replace(best, common=common, inputs={"empirical_risk": shown, "margin_risk": shown})
