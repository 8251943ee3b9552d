"""Numbers that should be fixed before anything is drawn: how many are drawn, how many runs are made, what is known of the variance.

An observer who draws until the mean looks small stops, sooner or later, at almost any distance below the truth (the law of the iterated
logarithm). The exact law of where it stops comes from a walk over (draws, errors).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, GIBBS_RISK, MEAN_RISK_OF_ITERATES, RISK
from genbounds.verification.scenarios.best_of_a_class import law_of_the_fewest
from genbounds.verification.scenarios.fixed_hypothesis import RISKS, FixedHypothesis
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

HALF = Fraction(1, 2)


def stopped(least: Fraction, last: int, first: int = 1) -> dict[tuple[int, int], Fraction]:
    """Where fair coins stop, with probabilities: the first t >= ``first`` with (t/2 - errors)^2 >= ``least`` t, errors < t/2, or ``last``.

    >>> stopped(Fraction(1, 2), 2)
    {(2, 0): Fraction(1, 4), (2, 1): Fraction(1, 2), (2, 2): Fraction(1, 4)}
    """
    ends: dict[tuple[int, int], Fraction] = {}
    walking = {0: 1}  # numbers of sequences, by their errors
    for t in range(1, last + 1):
        ahead: dict[int, int] = {}
        for errors, ways in walking.items():
            for more in (0, 1):
                ahead[errors + more] = ahead.get(errors + more, 0) + ways
        walking = {}
        for errors, ways in ahead.items():
            lead = Fraction(t, 2) - errors
            if t == last or (t >= first and lead > 0 and lead**2 >= least * t):
                ends[t, errors] = Fraction(ways, 2**t)
            else:
                walking[errors] = ways
    return ends


LAST = 150
LEADS = (Fraction(1, 25), Fraction(4, 25), Fraction(9, 25), Fraction(3, 4))
"""(distance/standard deviation)^2/4 at which the observer stops."""


class NumberOfDraws(Scenario):
    """A Monte-Carlo estimate of a posterior's risk 1/2, drawn until it looks small."""

    name = "hostile: the number of draws"
    hostile = "the number of draws"
    description = "draws from a posterior of risk 1/2, taken until their mean is far enough below 1/2, at most 150"
    inputs = frozenset({"sampled_risk", "draws", "errors", "pairs"})
    truths = frozenset({EMPIRICAL_GIBBS_RISK})
    audit = (
        violating("drawing stops when the mean looks small", a.INDEPENDENT_DRAWS, a.INDEPENDENT_PAIRS)
        | holding("an error or none", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
        | holding("there is one posterior, fixed before anything is drawn", a.ONE_POSTERIOR)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Several distances at which the observer is content."""
        for least in LEADS:
            law = stopped(least, LAST)
            draws, errors = [t for t, _ in law], [k for _, k in law]
            shares = [Fraction(k, t) for t, k in law]
            inputs: dict[str, list[Any]] = {"sampled_risk": shares, "errors": errors, "draws": draws, "pairs": draws}
            yield World(f"mean + sqrt({least}/draws) <= 1/2", {}, inputs, {EMPIRICAL_GIBBS_RISK: [HALF] * len(law)}, list(law.values()))


class NumberOfExamples(Scenario):
    """A hypothesis of risk 1/2, evaluated on one example after another until its risk looks small."""

    name = "hostile: the number of examples"
    hostile = "the number of examples"
    description = "a fixed hypothesis of risk 1/2, evaluated until its empirical risk is far enough below 1/2, on at most 150 examples"
    inputs = FixedHypothesis.inputs | {"online_risk", "rate", "kl", "temperature"}
    truths = frozenset({RISK, GIBBS_RISK, MEAN_RISK_OF_ITERATES})
    audit = (
        dict(FixedHypothesis.audit)
        | violating("the evaluation stops when the risk looks small", a.IID_SAMPLE)
        | holding("each coin is thrown whatever the earlier ones showed", a.IID_STREAM)
        | holding("every iterate is that hypothesis", a.ONLINE_LOSSES)
        | holding("prior and posterior are that hypothesis", a.PRIOR_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Several distances at which the observer is content."""
        for least in LEADS:
            law = stopped(least, LAST, first=2)
            inputs: dict[str, list[Any]] = {
                "n": [t for t, _ in law],
                "errors": [k for _, k in law],
                "size": [k for _, k in law],
                "empirical_risk": [Fraction(k, t) for t, k in law],
                "online_risk": [Fraction(k, t) for t, k in law],
                "variance": [Fraction(k * (t - k), t * (t - 1)) for t, k in law],
            }
            common = {"loss_range": 1, "variance_bound": Fraction(1, 4), "kl": 0, "rate": HALF, "temperature": HALF}
            truths = dict.fromkeys(self.truths, [HALF] * len(law))
            yield World(f"risk + sqrt({least}/n) <= 1/2", common, inputs, truths, list(law.values()))


class BestOfSeveralPosteriors(Scenario):
    """Many posteriors, each measured by draws of its own; the one that looks best is certified."""

    name = "hostile: the best of several posteriors"
    hostile = "the best of several posteriors"
    description = "K posteriors of risk 1/2 (seeds, say), each measured by independent draws; the one with the smallest mean is taken"
    inputs = frozenset({"sampled_risk", "draws", "errors", "pairs", "empirical_risk", "n", "log_ratio"})
    truths = frozenset({EMPIRICAL_GIBBS_RISK, RISK})
    audit = (
        violating("the others are not paid for", a.ONE_POSTERIOR, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
        | holding("each is measured by draws of its own, in a fixed number", a.INDEPENDENT_DRAWS, a.INDEPENDENT_PAIRS)
        | holding("each posterior is the prior, of which one hypothesis is drawn", a.ONE_DRAW, a.PRIOR_INDEPENDENT_OF_SAMPLE, a.IID_SAMPLE)
        | holding("an error or none", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Two, a hundred and a million posteriors."""
        for n in (10, 50):
            for seeds in (2, 100, 10**6):
                shares = [Fraction(k, n) for k in range(n + 1)]
                common = {"draws": n, "pairs": n, "n": n, "log_ratio": 0}
                inputs: dict[str, list[Any]] = {"sampled_risk": shares, "empirical_risk": shares, "errors": list(range(n + 1))}
                truths = {truth: [HALF] * (n + 1) for truth in self.truths}
                yield World(f"{n} draws, K = {seeds}, p = 1/2", common, inputs, truths, law_of_the_fewest(n, seeds, HALF))


class BestOfSeveralDraws(BestOfSeveralPosteriors):
    """Many hypotheses drawn from one posterior; the best on the sample is certified."""

    name = "hostile: the best of several draws"
    hostile = "the best of several draws"
    description = "K hypotheses of risk 1/2 drawn from one posterior; the one with the fewest errors on the sample is taken"
    inputs = frozenset({"empirical_risk", "n", "log_ratio"})
    truths = frozenset({RISK})
    audit = dict(BestOfSeveralPosteriors.audit) | holding("there is one", a.ONE_POSTERIOR) | violating("the best is kept", a.ONE_DRAW)

    def worlds(self, size: Size) -> Iterator[World]:
        """The same numbers."""
        for world in super().worlds(size):
            common = {name: world.common[name] for name in ("n", "log_ratio")}
            inputs = {"empirical_risk": world.inputs["empirical_risk"]}
            yield World(world.label, common, inputs, {RISK: world.truths[RISK]}, world.probabilities)


class SampleVariance(Scenario):
    """The variance that the sample shows, in place of a bound on the true one."""

    name = "hostile: the variance bound"
    hostile = "the variance bound"
    description = "a fixed hypothesis; the variance bound is the variance that its sample shows"
    inputs = FixedHypothesis.inputs | {"candidates"}
    truths = frozenset({RISK})
    audit = (
        dict(FixedHypothesis.audit)
        | holding("there is one", a.CANDIDATES_INDEPENDENT_OF_SAMPLE)
        | violating("the sample's variance is passed", a.VARIANCE_BOUND)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few examples, on which there may be no error."""
        for honest in (FixedHypothesis.world(n, p) for n in (2, 10, 50) for p in RISKS):
            common = {name: entry for name, entry in honest.common.items() if name != "variance_bound"} | {"candidates": 1}
            inputs = {**honest.inputs, "variance_bound": honest.inputs["variance"]}
            yield World(honest.label, common, inputs, honest.truths, honest.probabilities)


class BiasedVariance(Scenario):
    """The mean squared distance from the mean, in place of the unbiased variance."""

    name = "hostile: the divisor of the variance"
    hostile = "the divisor of the variance"
    description = "a fixed hypothesis; the squares of its losses' distances from their mean are divided by n"
    inputs = FixedHypothesis.inputs | {"class_size", "kl"}
    truths = frozenset({RISK, GIBBS_RISK})
    audit = (
        dict(FixedHypothesis.audit)
        | holding("there is one", a.CLASS_FIXED_IN_ADVANCE)
        | holding("prior and posterior are that hypothesis", a.PRIOR_INDEPENDENT_OF_SAMPLE)
        | violating("squares are divided by n", a.UNBIASED_VARIANCE)
        | violating("it may err", a.NO_ERROR_ON_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few examples, where the divisor matters most."""
        for honest in (FixedHypothesis.world(n, p) for n in (2, 10, 50) for p in RISKS):
            n = honest.common["n"]
            yield self.world(honest, [Fraction(entry) * (n - 1) / n for entry in honest.inputs["variance"]])

    @staticmethod
    def world(honest: World, shown: list[Fraction]) -> World:
        """The same samples with another variance."""
        common = {**honest.common, "class_size": 1, "kl": 0}
        truths = dict.fromkeys((RISK, GIBBS_RISK), honest.truths[RISK])
        return World(honest.label, common, {**honest.inputs, "variance": shown}, truths, honest.probabilities)


class AnotherVariance(BiasedVariance):
    """The variance of other examples than those that the risk is measured on."""

    name = "hostile: the sample whose variance is measured"
    hostile = "the sample whose variance is measured"
    description = "a fixed hypothesis; the variance passed is that of n copies of one example, on which all losses are the same"
    audit = dict(BiasedVariance.audit) | violating("it is that of other examples", a.UNBIASED_VARIANCE)

    def worlds(self, size: Size) -> Iterator[World]:
        """So many examples that the variance is most of what the bounds add."""
        for n in (50, 1000):
            yield self.world(FixedHypothesis.world(n, HALF), [Fraction(0)] * (n + 1))


class ErrorsAllowed(Scenario):
    """Bounds for consistent hypotheses, read for one that errs."""

    name = "hostile: errors on the sample"
    hostile = "errors on the sample"
    description = "a fixed hypothesis that errs on its sample, in a class of one"
    inputs = frozenset({"n", "class_size", "vc_dimension", "log_growth_2n", "errors", "empirical_risk"})
    truths = frozenset({RISK})
    audit = (
        holding("independent coins", a.IID_SAMPLE)
        | holding("an error or none", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
        | holding("there is one hypothesis", a.CLASS_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
        | violating("it may err on the sample", a.NO_ERROR_ON_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Good and bad hypotheses."""
        for n in (10, 1000):
            for p in (HALF, Fraction(9, 10)):
                counts = list(range(n + 1))
                common = {"n": n, "class_size": 1, "vc_dimension": 0, "log_growth_2n": 0}
                inputs: dict[str, list[Any]] = {"errors": counts, "empirical_risk": [Fraction(k, n) for k in counts]}
                yield World(f"n = {n}, p = {p}", common, inputs, {RISK: [p] * (n + 1)}, binomial_law(n, p))


class HeavyLoss(Scenario):
    """A loss that is nearly always 0 and very rarely enormous: its mean is 1, and a sample hardly ever shows more than zeros."""

    name = "hostile: the range of the loss"
    hostile = "the range of the loss"
    description = (
        "a fixed hypothesis, posterior or algorithm whose loss is 10^15 with probability 10^-15 and else 0, where a range of 1 is stated"
    )
    inputs = frozenset(
        {
            *(
                "n",
                "empirical_risk",
                "variance",
                "loss_range",
                "class_size",
                "log_inverse_prior",
                "bits",
                "complexity",
                "kl",
                "temperature",
            ),
            *("second_moment", "highest", "segment_risks", "gaps", "excess_segments", "share", "previous_risk", "privacy", "slack"),
            *("weight", "log_ratio", "online_risk", "rate", "stability", "leave_one_out_risk", "sampled_risk", "draws", "errors", "pairs"),
            *("lipschitz", "norm", "data_norm"),
        }
    )
    truths = frozenset({RISK, GIBBS_RISK, EMPIRICAL_GIBBS_RISK, MEAN_RISK_OF_ITERATES})
    audit = (
        violating(
            "it is 10^15 or 0", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS, a.LOSS_AT_MOST_HIGHEST, a.LOSS_SPLIT_AT_LEVELS
        )
        | holding("independent draws of the loss, in a number fixed beforehand", a.IID_SAMPLE, a.INDEPENDENT_DRAWS, a.INDEPENDENT_PAIRS)
        | holding("there is one hypothesis", a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE, a.CLASS_FIXED_IN_ADVANCE, a.PRIOR_CODE_FIXED_IN_ADVANCE)
        | holding("of one function", a.COMPLEXITY_OF_LOSS_CLASS, a.EXPECTED_COMPLEXITY_OF_LOSS_CLASS, a.ONLINE_LOSSES)
        | holding("prior and posterior are that hypothesis", a.PRIOR_INDEPENDENT_OF_SAMPLE, a.ONE_DRAW, a.ONE_POSTERIOR)
        | holding("and so is the reference", a.EXCESS_OVER_REFERENCE)
        | holding("an algorithm that always returns it", a.ALGORITHM_FIXED_IN_ADVANCE, a.DETERMINISTIC_ALGORITHM, a.UNIFORM_STABILITY)
        | holding("which reveals nothing", a.DIFFERENTIAL_PRIVACY, a.APPROXIMATE_PRIVACY)
        | holding("and so is not changed by an example", a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE)
        | holding("by its definition", a.UNBIASED_VARIANCE)
        | holding("the loss is the same for every prediction, which is 0", a.LIPSCHITZ_LOSS_IN_OUTPUT)
        | holding("the kernel is 0 everywhere", a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_TRACE_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """No loss is seen; of other samples nothing is said (the truth is 0)."""
        nothing = ("empirical_risk", "variance", "log_inverse_prior", "complexity", "kl", "log_ratio", "online_risk", "stability")
        for n in (10, 1000, 10**6):
            common: dict[str, Any] = dict.fromkeys(
                (*nothing, "leave_one_out_risk", "sampled_risk", "errors", "lipschitz", "norm", "data_norm", "second_moment"), 0
            )
            common |= {"highest": 1, "segment_risks": (0,), "gaps": (1,)}
            common |= {"privacy": 0, "slack": 0, "excess_segments": (1, 0, 0), "share": Fraction(1, 100), "previous_risk": 1}
            common |= dict.fromkeys(("loss_range", "class_size", "bits", "temperature", "weight", "rate"), 1) | {
                "n": n,
                "draws": n,
                "pairs": n,
            }
            unseen = 1 - Fraction(n, 10**15)  # at least this is the probability
            truths = {truth: [Fraction(1), Fraction(0)] for truth in self.truths}
            yield World(f"n = {n}", common, {}, truths, [unseen, 1 - unseen])


class UnluckyCoins(Scenario):
    """An algorithm that throws a coin: nearly always it ignores its examples, rarely it returns the table of them."""

    name = "hostile: the coins of the algorithm"
    hostile = "the coins of the algorithm"
    description = "with probability 1/1000 the table of what was seen, always wrong elsewhere, and else a perfect hypothesis"
    inputs = frozenset({"n", "empirical_risk", "leave_one_out_risk", "stability", "loss_range"})
    truths = frozenset({RISK})
    audit = (
        violating("the stability is that of the mean over the coins", a.DETERMINISTIC_ALGORITHM)
        | violating("the table knows the sample", a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
        | holding("points of a continuous law, drawn independently", a.IID_SAMPLE)
        | holding("an error or none", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
        | holding("the same rule and coin for every sample", a.ALGORITHM_FIXED_IN_ADVANCE)
        | holding(
            "the mean over the coins changes by at most 1/1000", a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE
        )
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The mean leave-one-out risk is 1/1000 in both cases."""
        rare = Fraction(1, 1000)
        for n in (100, 1000):
            common = {"n": n, "empirical_risk": 0, "leave_one_out_risk": rare, "stability": rare, "loss_range": 1}
            yield World(f"n = {n}", common, {}, {RISK: [Fraction(1), Fraction(0)]}, [rare, 1 - rare])
