"""Independent draws from a posterior that is fixed: two voters, whose risks on the sample are known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import INDEPENDENT_DRAWS, INDEPENDENT_PAIRS, LOSS_IN_UNIT_INTERVAL, ONE_POSTERIOR, ZERO_ONE_LOSS
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK
from genbounds.verification.scenarios.scenario import LARGEST_EXACT, Scenario, Size, World, binomial_law, holding, just_missed, low_counts


class PosteriorDraws(Scenario):
    """Voters are drawn, each with one example of the sample: what they err on, and what their risks on the whole sample are on average."""

    name = "posterior draws"
    description = (
        "m draws from a posterior on two voters, each with an example of the sample: every number of draws of the second, and of errors"
    )
    inputs = frozenset({"sampled_risk", "draws", "errors", "pairs"})
    truths = frozenset({EMPIRICAL_GIBBS_RISK})
    audit = (
        holding("the posterior is given, m is given", INDEPENDENT_DRAWS, INDEPENDENT_PAIRS, ONE_POSTERIOR)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    )  # fmt: skip

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many draws; voters that are always right and always wrong, or often."""
        quick = size == "thumbnail"
        for m in (1, 5, 20) if quick else (1, 2, 5, 10, 20, 40):
            for q in map(Fraction, ("1/10", "1/2", "9/10")):
                yield self.world(m, Fraction(0), Fraction(1), q)
                yield self.world(m, Fraction(1, 5), Fraction(4, 5), q)
            for level in map(Fraction, ("1/20", "1/1000", "1/1000000")):
                yield self.world(m, Fraction(0), Fraction(1), just_missed(m, level))
        yield from (self.many(10**4, q) for q in map(Fraction, ("1/100", "1/2")))

    @staticmethod
    def world(m: int, first: Fraction, second: Fraction, q: Fraction) -> World:
        """The second voter has weight q; the two have these risks on the sample."""
        outcomes: list[tuple[int, int, Fraction]] = []
        for drawn, mass in enumerate(binomial_law(m, q)):
            of_first, of_second = (binomial_law(size, risk) for size, risk in ((m - drawn, first), (drawn, second)))
            for errors in range(m + 1):
                both = sum(
                    (
                        Fraction(of_first[errors - j]) * Fraction(of_second[j])
                        for j in range(max(0, errors - m + drawn), min(drawn, errors) + 1)
                    ),
                    Fraction(0),
                )
                if both:
                    outcomes.append((drawn, errors, Fraction(mass) * both))
        assert m <= LARGEST_EXACT
        inputs: dict[str, Sequence[Any]] = {
            "sampled_risk": [(first * (m - drawn) + second * drawn) / m for drawn, _, _ in outcomes],
            "errors": [errors for _, errors, _ in outcomes],
        }
        truth = first * (1 - q) + second * q
        label = f"m = {m}, voters of risks {first} and {second} on the sample, the second of weight {q}"
        masses = [mass for _, _, mass in outcomes]
        return World(label, {"draws": m, "pairs": m}, inputs, {EMPIRICAL_GIBBS_RISK: [truth] * len(outcomes)}, masses)

    @staticmethod
    def many(m: int, q: Fraction) -> World:
        """Voters that are always right and always wrong: counts below m q, and all others, of which nothing is said (the truth is 0)."""
        counts, law = low_counts(m, q)
        many: dict[str, Sequence[Any]] = {"sampled_risk": [Fraction(k, m) for k in [*counts, m]], "errors": [*counts, m]}
        truths = [q] * len(counts) + [Fraction(0)]
        label = f"m = {m}, voters of risks 0 and 1 on the sample, the second of weight {q}"
        return World(label, {"draws": m, "pairs": m}, many, {EMPIRICAL_GIBBS_RISK: truths}, [*law, 1 - math.fsum(law)])
