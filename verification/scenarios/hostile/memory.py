"""One function that knows the sample: right on every example that was seen, wrong everywhere else.

Inputs are uniform on an interval and all labels are 1, so that n examples are n different points and a fresh one is none of them. The
function says 1 on the sample and -1 elsewhere: no error is seen, and the risk is 1. What the theorems then charge depends on how such a
function could come about without being paid for, and that is the choice: the hypothesis itself, the class that holds nothing else, the
prior that sits on it, the loss that forgives what was seen, ... Each choice is a few words of data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

NOTHING: dict[str, Any] = {
    "errors": 0,
    "losses": (0,),
    "empirical_risk": 0,
    "variance": 0,
    "variance_bound": 0,
    "loss_range": 1,
    "class_size": 1,
    "candidates": 1,
    "log_inverse_prior": 0,
    "bits": 1,
    "size": 0,
    "queries": 1,
    "reported_risk": 0,
    "step": Fraction(1, 20),
    "vc_dimension": 0,
    "log_growth": 0,
    "log_growth_2n": 0,
    "log_cover": 0,
    "complexity": 0,
    "local_fixed_point": 0,
    "fat_shattering_dimension": 0,
    "second_moment": 0,
    "highest": 1,
    "segment_risks": (0,),
    "gaps": (1,),
    "excess_segments": (1, 0, 0),
    "share": Fraction(1, 100),
    "previous_risk": 1,
    "margin_risk": 0,
    "margin": Fraction(1, 2),
    "largest_margin": 1,
    "outputs": 2,
    "kl": 0,
    "temperature": 1,
    "weight": 1,
    "prior_size": 0,
    "log_ratio": 0,
    "tandem_risk": 0,
    "disagreement": 0,
    "gibbs_risk": 0,
    "online_risk": 0,
    "rate": 1,
    "expected_mistakes": 0,
    "stability": 0,
    "leave_one_out_risk": 0,
    "subgaussian": Fraction(1, 2),
    "mutual_information": 0,
    "conditional_information": 0,
    "evaluated_information": 0,
    "expected_empirical_risk": 0,
    "privacy": 0,
    "slack": 0,
    "lipschitz": 1,
    "norm": 1,
    "data_norm": 1,
    "radius": 1,
    "expected_squared_norm": 1,
    "expected_support_vectors": 1,
}
"""What a measurement says that sees no error and charges nothing (or as little as its domain allows)."""

SEEN = ("errors", "empirical_risk", "variance", "loss_range", "second_moment", "highest", "segment_risks", "gaps")
EXCESS = ("excess_segments", "share", "previous_risk")
MARGINS = ("margin_risk", "margin", "largest_margin", "outputs")
ALWAYS = (a.IID_SAMPLE, a.UNBIASED_VARIANCE, a.NO_ERROR_ON_SAMPLE)
ZERO_ONE = (a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS, a.LOSS_AT_MOST_HIGHEST, a.LOSS_SPLIT_AT_LEVELS)
INFORMED = (
    "subgaussian",
    "mutual_information",
    "conditional_information",
    "evaluated_information",
    "expected_empirical_risk",
    "privacy",
    "slack",
)
OF_THE_CLASS = (
    a.LOCAL_COMPLEXITY,
    a.COMPLEXITY_OF_LOSS_CLASS,
    a.EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
    a.COMPLEXITY_OF_SCORES,
    a.COMPLEXITY_OF_SCORES_ON_SAMPLE,
    a.FAT_SHATTERING,
)
OF_THE_ALGORITHM = (
    *(a.MUTUAL_INFORMATION, a.CONDITIONAL_INFORMATION, a.EVALUATED_INFORMATION),
    *(a.DIFFERENTIAL_PRIVACY, a.APPROXIMATE_PRIVACY),
)


@dataclass(frozen=True)
class Choice:
    """A choice that looks at the sample.

    Attributes:
        choice: in words.
        how: what the choice is here, in one sentence.
        inputs: what the measurement then says, by the names in ``NOTHING``.
        truths: what is known to be ``truth``.
        excluded: the assumptions that exclude the choice.
        kept: assumptions that hold all the same, in addition to ``ALWAYS``.
        why: why those hold.
        sizes: numbers of examples.
        numbers: inputs with other values than in ``NOTHING``, or functions of n.
        truth: 1, or the least that they are.
    """

    choice: str
    how: str
    inputs: tuple[str, ...]
    truths: tuple[str, ...]
    excluded: tuple[Assumption, ...]
    kept: tuple[Assumption, ...] = ZERO_ONE
    why: str = "as in every theorem"
    sizes: tuple[int, ...] = (2, 10, 10**3, 10**6)
    numbers: Mapping[str, Any] = field(default_factory=dict)
    truth: Fraction = Fraction(1)


class Remembered(Scenario):
    """The function that is right on the sample and wrong elsewhere, by one choice."""

    def __init__(self, found: Choice) -> None:
        self.found = found
        self.name = f"hostile: {found.choice}"
        self.hostile = found.choice
        self.description = f"right on every example that was seen and wrong elsewhere: {found.how}"
        self.inputs = frozenset({"n", *found.inputs})
        self.truths = frozenset(found.truths)
        self.audit = (
            holding("n points drawn independently; nothing is wrong on them", *ALWAYS)
            | holding(found.why, *found.kept)
            | violating(found.how, *found.excluded)
        )

    def worlds(self, size: Size) -> Iterator[World]:
        """One sample is like any other; few and many examples."""
        for n in self.found.sizes:
            common = {"n": n} | {name: self.number(name, n) for name in self.found.inputs}
            yield World(f"n = {n}", common, {}, {truth: [self.found.truth] for truth in self.found.truths}, [Fraction(1)])

    def number(self, name: str, n: int) -> Any:
        """The input at n examples."""
        if name == "data_norm" and name not in self.found.numbers:  # the root of the sum of k(x, x) = 1 over the sample, rounded up
            return n**0.5 * (1 + 1e-15)
        if name == "prior_size":
            return n // 2
        number = self.found.numbers.get(name, NOTHING[name])
        return number(n) if callable(number) else number


def remembered(
    choice: str,
    how: str,
    *,
    told: tuple[str, ...],
    excluded: tuple[Assumption, ...],
    of: tuple[str, ...] = (RISK,),
    kept: tuple[Assumption, ...] = (),
    **others: Any,
) -> Remembered:
    """The scenario of a choice about a loss that is 0 or 1.

    Args:
        choice, how: as in ``Choice``.
        told: its ``inputs``.
        excluded: the assumptions that exclude it.
        of: its ``truths``.
        kept: assumptions that hold in addition to those of ``ZERO_ONE``.
        others: its further attributes.
    """
    return Remembered(Choice(choice, how, told, of, excluded, (*ZERO_ONE, *kept), **others))
