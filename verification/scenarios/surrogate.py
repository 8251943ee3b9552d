"""Two predictors compared: the risk of one is known, and that they disagree is counted on unlabelled draws that neither saw."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import IID_SAMPLE, MISCLASSIFICATION, SURROGATE_COMPARED, UNLABELLED_DRAWS, ZERO_ONE_LOSS
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, just_missed, low_counts

LEVELS = tuple(Fraction(text) for text in ("1/20", "1/1000", "1/1000000"))
"""Probabilities just above which no disagreement is seen, in the tightest of the small worlds."""
PAIRS = tuple((Fraction(r), Fraction(d)) for r, d in (("0", "1/2"), ("1/20", "1/10"), ("1/10", "1/50"), ("1/4", "7/10"), ("0", "49/50")))
"""Risk of the surrogate, and how often the two disagree."""


class Surrogate(Scenario):
    """Where the two disagree the surrogate is right, so that its risk and the disagreement add up to the risk."""

    name = "surrogate"
    description = (
        "a predictor compared with a surrogate of known risk: every number of disagreements among m unlabelled examples that neither saw"
    )
    inputs = frozenset({"surrogate_risk", "disagreements", "unlabelled"})
    truths = frozenset({RISK})
    audit = (
        holding("independent draws, after both predictors", UNLABELLED_DRAWS, IID_SAMPLE)
        | holding("a class is the label or it is not", MISCLASSIFICATION, ZERO_ONE_LOSS)
        | holding("one surrogate, or one of three drawn anew for each example", SURROGATE_COMPARED)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples, rare and frequent disagreements; one that is just missed; a random surrogate; so many draws that the
        law is normal.
        """
        for m in (2, 10, 50) if size == "thumbnail" else (1, 2, 3, 10, 20, 50, 64, 200):
            yield from (self.world(m, r, d) for r, d in PAIRS)
            yield self.random(m)
        for m in (2, 6, 11):
            yield from (self.world(m, Fraction(0), just_missed(m, level)) for level in LEVELS)
        yield self.many(10**6, Fraction(1, 10), Fraction(1, 2))

    def counted(self, n: int) -> World:
        """A surrogate without errors: the risk is how often the two disagree."""
        return self.world(n, Fraction(0), Fraction(1, 2))

    @staticmethod
    def world(m: int, r: Fraction, d: Fraction) -> World:
        """The surrogate errs with probability r, and the predictor there and where the two disagree, with probability d."""
        inputs = {"disagreements": list(range(m + 1))}
        label = f"m = {m}, the surrogate's risk {r}, disagreement {d}"
        return World(label, {"unlabelled": m, "surrogate_risk": r}, inputs, {RISK: [r + d] * (m + 1)}, binomial_law(m, d))

    @staticmethod
    def random(m: int) -> World:
        """A surrogate drawn from three that are right on H, the half of the inputs where the predictor errs; one errs on another tenth.

        So each disagrees with the predictor on H, and one on that tenth as well.
        """
        half, tenth, third = Fraction(1, 2), Fraction(1, 10), Fraction(1, 3)
        disagreement = third * (half + (half + tenth) + half)
        gibbs = third * tenth
        inputs = {"disagreements": list(range(m + 1))}
        common = {"unlabelled": m, "surrogate_risk": gibbs}
        label = f"m = {m}, a surrogate drawn anew among three, Gibbs risk {gibbs}"
        return World(label, common, inputs, {RISK: [half] * (m + 1)}, binomial_law(m, disagreement))

    @staticmethod
    def many(m: int, r: Fraction, d: Fraction) -> World:
        """The numbers of disagreements below m d, and all others together, of which nothing is said (the truth is 0)."""
        counts, law = low_counts(m, d)
        truths = [r + d] * len(counts) + [Fraction(0)]
        inputs = {"disagreements": [*counts, m]}
        label = f"m = {m}, the surrogate's risk {r}, disagreement {d}"
        return World(label, {"unlabelled": m, "surrogate_risk": r}, inputs, {RISK: truths}, [*law, 1 - math.fsum(law)])
