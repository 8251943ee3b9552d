"""A posterior against a reference that was fixed before the sample: all weight on the one of K hypotheses with the least excess loss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import (
    EXCESS_OVER_REFERENCE,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.verification.scenarios.best_of_a_class import fewest_low_counts
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, log_up, violating
from genbounds.verification.scenarios.valued_posterior import least_of

HALF = Fraction(1, 2)


class ExcessPosterior(Scenario):
    """Errors of a reference, and of K hypotheses that err with one probability where it errs and with another where it is right."""

    name = "excess over a reference"
    description = "K hypotheses compared with a reference fixed in advance, and all weight on the one with the fewest errors beyond it"
    inputs = frozenset({"n", "excess_segments", "share", "previous_risk", "kl"})
    truths = frozenset({GIBBS_RISK})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("equal weights", PRIOR_INDEPENDENT_OF_SAMPLE)
        | holding("the reference and its risk are given, and the excess is counted", EXCESS_OVER_REFERENCE)
        | violating("the fewest errors beyond the reference are picked", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """References that are always or never right, with very many hypotheses; and all samples of few examples."""
        quick = size == "thumbnail"
        for n in (1, 3, 16) if quick else (1, 2, 3, 6, 10, 16, 24):
            for k in (1, 10**6) if quick else (1, 10, 1000, 10**6):
                yield self.world(n, k, HALF, (HALF, HALF), HALF)
                yield self.world(n, k, Fraction(1, 5), (Fraction(9, 10), Fraction(1, 10)), Fraction(4, 5))
        for risk in (Fraction(0), Fraction(1)):
            for share in (Fraction(1, 10),) if quick else (Fraction(1, 10), HALF, Fraction(1)):
                yield self.many(10**4, 10**30, risk, HALF, share)

    @staticmethod
    def world(n: int, size: int, risk: Fraction, errors: tuple[Fraction, Fraction], share: Fraction) -> World:
        """All numbers of errors: of the reference, and of the picked one where the reference errs and where it is right."""
        with_it, without = errors
        rows: list[tuple[Fraction, Fraction, Fraction]] = []
        masses: list[Fraction | float] = []
        for m, chance in enumerate(binomial_law(n, risk)):
            there, elsewhere = binomial_law(m, with_it), binomial_law(n - m, without)
            pairs = sorted(((u, v) for u in range(m + 1) for v in range(n - m + 1)), key=lambda pair: (sum(pair), pair[1]))
            picked = least_of(size, [Fraction(there[u]) * Fraction(elsewhere[v]) for u, v in pairs])
            masses += [chance * mass for mass in picked]
            rows += [(1 - Fraction(m - u, n), Fraction(u + v, n), Fraction(v, n)) for u, v in pairs]
        truth = risk * with_it + (1 - risk) * without
        label = f"n = {n}, K = {size}, a reference of risk {risk}, errors {with_it} with it and {without} without, share {share}"
        common = {"n": n, "kl": log_up(size), "share": share, "previous_risk": risk}
        return World(label, common, {"excess_segments": rows}, {GIBBS_RISK: [truth] * len(rows)}, masses)

    @staticmethod
    def many(n: int, size: int, risk: Fraction, p: Fraction, share: Fraction) -> World:
        """A reference that is always (risk 1) or never wrong, and very many coins; of samples with more errors nothing is said."""
        counts, law = fewest_low_counts(n, size, p)
        law, counts, truths = [*law, 1 - math.fsum(law)], [*counts, n], [p] * len(counts) + [Fraction(0)]
        rows = [(Fraction(k, n), Fraction(k, n), Fraction(0)) if risk else (Fraction(1), Fraction(k, n), Fraction(k, n)) for k in counts]
        label = f"n = {n}, K = {float(size):.3g}, a reference of risk {risk}, p = {p}, share {share}"
        common = {"n": n, "kl": log_up(size), "share": share, "previous_risk": risk}
        return World(label, common, {"excess_segments": rows}, {GIBBS_RISK: truths}, law)
