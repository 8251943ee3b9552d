"""All functions on a finite domain vote: a prior of independent coins, and posteriors that know the sample.

The domain has N points, the labels are right or wrong for a voter on each of them. The prior draws a voter by one coin of P(wrong) = p for
every point, so that the voters with k errors on n different points have prior weight C(n, k) p^k (1 - p)^(n - k) exactly, whatever the
sample. Posteriors are mixtures over k of the prior given k errors. Beyond the sample a voter is still a coin, so the risk is known exactly,
and with it every quantity that PAC-Bayes bounds read: nothing is drawn, and the Donsker-Varadhan inequality behind them is an equality for
the right mixture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar

from genbounds.bounds.assumptions import (
    DISJOINT_PRIOR,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    UNBIASED_VARIANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.verification.scenarios.ranges import Range
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

POINTS = 10**15
"""N: so many that a sample hardly ever meets a point twice."""
TEMPERATURES = (Fraction(1, 2), Fraction(2), Fraction(8))
WEIGHTS = (Fraction(1, 2), Fraction(1), Fraction(3, 2))


class CrowdOfVoters(Scenario):
    """Posteriors that keep the voters with few errors on the sample."""

    name = "crowd of voters"
    description = (
        "all functions on 10^15 points under a prior of independent coins, and the posterior of those with few errors on the sample"
    )
    inputs = frozenset({"n", "empirical_risk", "kl", "variance", "temperature", "weight"})
    truths = frozenset({GIBBS_RISK})
    audit = (
        holding("points drawn uniformly and independently", IID_SAMPLE)
        | holding("a voter is right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("one coin for every point, whatever the sample", PRIOR_INDEPENDENT_OF_SAMPLE)
        | holding("the mean over the posterior of errors (n - errors)/(n (n - 1))", UNBIASED_VARIANCE)
    )

    ranges: ClassVar[Mapping[str, Range]] = {
        "n": Range(1, 50, whole=True, logarithmic=True),
        "p": Range(Fraction(1, 100), Fraction(999, 1000)),
        "softness": Range(Fraction(1, 5), 20, logarithmic=True),
        "temperature": Range(Fraction(1, 10), 20, logarithmic=True),
        "weight": Range(Fraction(1, 100), Fraction(199, 100)),
    }

    def family(self, **parameters: Any) -> World:
        """``world`` of a soft posterior."""
        return self.world(**parameters)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many points, good and bad voters, posteriors sharp and soft."""
        quick = size == "thumbnail"
        for n in (2, 8, 50) if quick else (1, 2, 3, 5, 8, 20, 50, 64):
            for p in map(Fraction, ("1/10", "1/2", "9/10", "999/1000")):
                for softness in (None, 1) if quick else (None, 4, 2, 1, Fraction(1, 2)):
                    for temperature, weight in zip(TEMPERATURES, WEIGHTS, strict=True):
                        yield self.world(n, p, softness, temperature, weight)

    @staticmethod
    def world(n: int, p: Fraction, softness: Fraction | int | None, temperature: Fraction, weight: Fraction, points: int = POINTS) -> World:
        """The posterior q(k) proportional to f(k) exp(-k / softness); with None, the voters without an error.

        There are two samples to tell apart: n different points, and any with a repetition, of which nothing is said (the truth is 0).
        """
        prior = binomial_law(n, p)
        mixture = [Fraction(1)] + [Fraction(0)] * n if softness is None else _tilted(prior, softness)
        common = {"n": n, "temperature": temperature, "weight": weight}
        inputs: dict[str, Sequence[float | Fraction]] = {
            "empirical_risk": [sum(q * Fraction(k, n) for k, q in enumerate(mixture))] * 2,
            "kl": [_divergence_up(mixture, prior)] * 2,
            "variance": [sum(q * Fraction(k * (n - k), n * max(n - 1, 1)) for k, q in enumerate(mixture))] * 2,
        }
        errors_seen = sum(q * k for k, q in enumerate(mixture))
        risk = (errors_seen + (points - n) * p) / points
        different = Fraction(math.perm(points, n), points**n)
        shown = "no error" if softness is None else f"weights exp(-errors/{softness})"
        label = f"n = {n}, p = {p}, {shown}, temperature {temperature}, weight {weight}"
        return World(label, common, inputs, {GIBBS_RISK: [risk, Fraction(0)]}, [different, 1 - different])


class FittedPrior(Scenario):
    """The prior is that of the voters without an error on the first n_0 points, the posterior looks at the others as well.

    A voter that is right on n_0 points is still a coin on all others, so that on these prior and posterior are as without the n_0 points.
    """

    name = "fitted prior"
    description = "the crowd of voters, with a prior of those that are right on a first part of the sample"
    inputs = frozenset({"n", "prior_size", "empirical_risk", "kl"})
    truths = frozenset({GIBBS_RISK})
    audit = (
        holding("points drawn uniformly and independently", IID_SAMPLE)
        | holding("a voter is right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("the first n_0 points, and the risk over the others", DISJOINT_PRIOR)
        | violating("the prior was fitted on a part of the sample", PRIOR_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """No point, few points, and most points for the prior."""
        quick = size == "thumbnail"
        for rest in (2, 8, 50) if quick else (1, 2, 3, 8, 20, 50):
            for prior_size in (0, 1, 100):
                for p in map(Fraction, ("1/2", "9/10", "999/1000")):
                    for softness in (None, 1):
                        yield self.world(rest, prior_size, p, softness)

    @staticmethod
    def world(rest: int, prior_size: int, p: Fraction, softness: Fraction | int | None, points: int = POINTS) -> World:
        """As ``CrowdOfVoters.world`` for the points that the prior did not see; all n must be different."""
        n = rest + prior_size
        base = CrowdOfVoters.world(rest, p, softness, Fraction(1), Fraction(1), points)
        # Of N points n_0 are right for every voter, which would be wrong on a part p of them otherwise.
        risk = base.truths[GIBBS_RISK][0] - Fraction(prior_size, points) * p
        different = Fraction(math.perm(points, n), points**n)
        inputs = {name: base.inputs[name] for name in ("empirical_risk", "kl")}
        label = f"{base.label.split(', temperature')[0].replace('n =', 'm =', 1)}, prior from {prior_size} other points"
        return World(label, {"n": n, "prior_size": prior_size}, inputs, {GIBBS_RISK: [risk, Fraction(0)]}, [different, 1 - different])


def _tilted(prior: Sequence[Fraction | float], softness: Fraction | int) -> list[Fraction]:
    """Weights proportional to f(k) exp(-k / softness), as Fractions that add up to 1."""
    raw = [Fraction(mass) * Fraction(math.exp(-k / softness)) for k, mass in enumerate(prior)]
    total = sum(raw)
    return [weight / total for weight in raw]


def _divergence_up(mixture: Sequence[Fraction], prior: Sequence[Fraction | float]) -> float:
    """KL of the mixture from the prior, sum of q ln(q/f), rounded up beyond the error of its summation."""
    terms = [float(q) * (_log(q) - _log(Fraction(f))) for q, f in zip(mixture, prior, strict=True) if q]
    return math.fsum(terms) + 1e-13 * (1 + math.fsum(map(abs, terms)))


def _log(x: Fraction) -> float:
    """The logarithm of a positive Fraction, also beyond the doubles."""
    return math.log(x.numerator) - math.log(x.denominator)
