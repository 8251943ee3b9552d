"""Examples that are not independent draws: one hypothesis, fixed in advance, on a sample that was chosen or made with regard to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, RISK
from genbounds.verification.scenarios.hostile.memory import INFORMED, NOTHING, OF_THE_ALGORITHM, ZERO_ONE
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

CHARGES = (
    *("class_size", "candidates", "log_inverse_prior", "bits", "queries", "step", "vc_dimension", "log_growth", "log_growth_2n"),
    *(
        "complexity",
        "local_fixed_point",
        "fat_shattering_dimension",
        "margin",
        "largest_margin",
        "outputs",
        "kl",
        "temperature",
        "weight",
        "log_ratio",
    ),
    *("rate", "stability", "loss_range", "disagreement", "prior_size", "highest", "gaps", "share", "previous_risk", *INFORMED),
)
"""What is charged for one hypothesis that was fixed in advance: nothing."""
MEASURED = ("empirical_risk", "margin_risk", "online_risk", "reported_risk", "leave_one_out_risk", "tandem_risk", "second_moment")
"""Names of the share of errors: the scores are 1 and -1, and the one hypothesis is always the one that is scored."""


@dataclass(frozen=True)
class Examples:
    """What the sample may show, with probabilities, and the risk; ``shares`` of errors do not depend on n."""

    choice: str
    how: str
    shares: tuple[tuple[Fraction, Fraction], ...]
    risk: Fraction


class ChosenExamples(Scenario):
    """One hypothesis, without any capacity, on examples that are not drawn independently from the population."""

    inputs = frozenset({"n", "errors", "size", "variance", "variance_bound", "segment_risks", "excess_segments", *MEASURED, *CHARGES})
    truths = frozenset({RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, EXPECTED_GAP, EXPECTED_RISK})

    def __init__(self, found: Examples) -> None:
        self.found = found
        self.name = f"hostile: {found.choice}"
        self.hostile = found.choice
        self.description = f"one hypothesis, fixed in advance: {found.how}"
        clean = all(share == 0 for share, _ in found.shares)
        self.audit = (
            violating(found.how, a.IID_SAMPLE)
            | (holding if clean else violating)(
                f"the sample shows {'no' if clean else 'some'} errors", a.NO_ERROR_ON_SAMPLE, a.NO_LOSS_ON_ANY_SAMPLE
            )
            | holding("it votes alone, and right or wrong", a.BINARY_VOTES, a.PLURALITY_VOTES, a.DISJOINT_PRIOR)
            | holding("an error or none", *ZERO_ONE, a.MARGIN_LOSS)
            | holding("errors (n - errors)/(n (n - 1)), by its definition", a.UNBIASED_VARIANCE)
            | holding("p (1 - p) at the true risk", a.VARIANCE_BOUND)
            | holding(
                "one hypothesis, fixed in advance, with scores 1 and -1",
                *(a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE, a.CLASS_FIXED_IN_ADVANCE, a.CANDIDATES_INDEPENDENT_OF_SAMPLE),
                *(a.PRIOR_CODE_FIXED_IN_ADVANCE, a.ADAPTIVE_QUERIES, a.ADAPTIVE_QUERIES_IN_BITS, a.LADDER_RELEASES),
                *(a.QUERIES_FIXED_IN_ADVANCE, a.COMPLEXITY_OF_LOSS_CLASS, a.EXPECTED_COMPLEXITY_OF_LOSS_CLASS),
                *(
                    a.EXCESS_OVER_REFERENCE,
                    a.LOCAL_COMPLEXITY,
                    a.COMPLEXITY_OF_SCORES,
                    a.COMPLEXITY_OF_SCORES_ON_SAMPLE,
                    a.FAT_SHATTERING,
                    a.MARGIN_FIXED_IN_ADVANCE,
                ),
                *(a.PRIOR_INDEPENDENT_OF_SAMPLE, a.ONE_DRAW, a.ONE_POSTERIOR, a.ONLINE_LOSSES, a.HALF_PROBABILITY_PERTURBATION),
            )
            | holding(
                "an algorithm, fixed in advance, that always returns it",
                *(a.ALGORITHM_FIXED_IN_ADVANCE, a.DETERMINISTIC_ALGORITHM),
                *(a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE, *OF_THE_ALGORITHM),
                *(a.SUBGAUSSIAN_LOSS, a.EXPECTED_EMPIRICAL_RISK),
            )
            | holding("the examples on which it errs are kept", a.PREFERENT_COMPRESSION, a.ERRORS_CHANGE_COMPRESSION)
            | (holding("it is rebuilt from nothing", a.REBUILT_FROM_COMPRESSION) if clean else {})
        )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples."""
        risk = self.found.risk
        for n in (2, 10, 10**3, 10**6):
            common = {"n": n, "variance_bound": risk * (1 - risk)} | {name: NOTHING[name] for name in CHARGES}
            common["expected_empirical_risk"] = sum((share * weight for share, weight in self.found.shares), Fraction(0))
            shares = [share for share, _ in self.found.shares]
            inputs: dict[str, list[Any]] = dict.fromkeys(MEASURED, shares)
            inputs |= {name: [int(n * share) for share in shares] for name in ("errors", "size")}
            inputs |= {"segment_risks": [(share,) for share in shares]}
            inputs |= {"excess_segments": [(Fraction(1), share, share) for share in shares]}  # over a reference that is right
            inputs |= {"variance": [share * (1 - share) * n / (n - 1) for share in shares]}
            truths = {name: [risk] * len(shares) for name in self.truths if name != EXPECTED_GAP}
            truths |= {EXPECTED_GAP: [risk - share for share in shares]}
            yield World(f"n = {n}, p = {risk}", common, inputs, truths, [weight for _, weight in self.found.shares])


THE_EXAMPLES_KEPT = ChosenExamples(
    Examples(
        "which examples are kept",
        "examples on which the hypothesis errs are left out",
        ((Fraction(0), Fraction(1)),),
        Fraction(9, 10),
    )
)
COPIES = ChosenExamples(
    Examples(
        "how often one example is copied",
        "all n examples are copies of one draw",
        ((Fraction(0), Fraction(1, 10)), (Fraction(1), Fraction(9, 10))),
        Fraction(9, 10),
    )
)
BALANCED = ChosenExamples(
    Examples(
        "how many examples each class has",
        "half of the examples are of the rare class, on which the hypothesis is right",
        ((Fraction(1, 2), Fraction(1)),),
        Fraction(99, 100),
    )
)
