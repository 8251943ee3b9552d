"""One function that knows the sample: right on every example that was seen, wrong everywhere else.

Inputs are uniform on an interval and all labels are 1, so that n examples are n different points and a fresh one is none of them. The
function says 1 on the sample and -1 elsewhere: no error is seen, and the risk is 1. What the theorems then charge depends on how such a
function could come about without being paid for, and that is the choice: the hypothesis itself, the class that holds nothing else, the
prior that sits on it, the loss that forgives what was seen, ... Each choice is a few words of data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

NOTHING: dict[str, Any] = {
    "errors": 0,
    "empirical_risk": 0,
    "variance": 0,
    "variance_bound": 0,
    "loss_range": 1,
    "class_size": 1,
    "candidates": 1,
    "log_inverse_prior": 0,
    "bits": 1,
    "queries": 1,
    "reported_risk": 0,
    "step": Fraction(1, 20),
    "vc_dimension": 0,
    "log_growth": 0,
    "log_growth_2n": 0,
    "complexity": 0,
    "fat_shattering_dimension": 0,
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
    "lipschitz": 1,
    "norm": 1,
    "data_norm": 1,
    "radius": 1,
    "expected_squared_norm": 1,
    "expected_support_vectors": 1,
}
"""What a measurement says that sees no error and charges nothing (or as little as its domain allows)."""

SEEN = ("errors", "empirical_risk", "variance", "loss_range")
MARGINS = ("margin_risk", "margin", "largest_margin", "outputs")
ALWAYS = (a.IID_SAMPLE, a.UNBIASED_VARIANCE, a.NO_ERROR_ON_SAMPLE)
ZERO_ONE = (a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
OF_THE_CLASS = (
    a.COMPLEXITY_OF_LOSS_CLASS,
    a.EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
    a.COMPLEXITY_OF_SCORES,
    a.COMPLEXITY_OF_SCORES_ON_SAMPLE,
    a.FAT_SHATTERING,
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
        kept: assumptions that hold all the same, besides ``ALWAYS``.
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


THE_HYPOTHESIS = Remembered(
    Choice(
        "the hypothesis",
        "the hypothesis is picked on the sample",
        (*SEEN, "variance_bound"),
        (RISK,),
        (a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE,),
        (*ZERO_ONE, a.VARIANCE_BOUND),
        "an error or none, and always one beyond the sample: the variance is 0",
    )
)
THE_CLASS = Remembered(
    Choice(
        "the class",
        "the class is the one function that is right on the sample",
        (*SEEN, *MARGINS, "class_size", "vc_dimension", "log_growth", "log_growth_2n", "complexity", "fat_shattering_dimension"),
        (RISK,),
        (a.CLASS_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*ZERO_ONE, *OF_THE_CLASS, a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE),
        "a class of one function has complexity 0; its scores are 1 and -1, whatever the sample",
    )
)
THE_CODE = Remembered(
    Choice(
        "the code of hypotheses",
        "the shortest word is given to the function that is right on the sample",
        (*SEEN, "log_inverse_prior", "bits"),
        (RISK,),
        (a.PRIOR_CODE_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    )
)
THE_CANDIDATES = Remembered(
    Choice(
        "the candidates",
        "the only candidate is the function that is right on the sample",
        (*SEEN, "variance_bound", "candidates"),
        (RISK,),
        (a.CANDIDATES_INDEPENDENT_OF_SAMPLE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*ZERO_ONE, a.VARIANCE_BOUND),
        "it is always wrong beyond the sample: the variance is 0",
    )
)
THE_LOSS = Remembered(
    Choice(
        "the loss",
        "the loss is 0 on the points of the sample and 1 elsewhere, whatever is predicted",
        (
            *SEEN,
            *("variance_bound", "class_size", "candidates", "log_inverse_prior", "bits", "queries", "reported_risk", "step"),
            *("vc_dimension", "log_growth", "log_growth_2n", "complexity", "kl", "temperature", "weight", "prior_size", "log_ratio"),
            *("tandem_risk", "disagreement", "online_risk", "rate", "stability", "leave_one_out_risk"),
        ),
        (RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, EXPECTED_GAP),
        (*ZERO_ONE, a.BINARY_VOTES, a.ALGORITHM_FIXED_IN_ADVANCE),
        (
            *(a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE, a.CLASS_FIXED_IN_ADVANCE, a.CANDIDATES_INDEPENDENT_OF_SAMPLE, a.VARIANCE_BOUND),
            *(a.PRIOR_CODE_FIXED_IN_ADVANCE, a.ADAPTIVE_QUERIES, a.ADAPTIVE_QUERIES_IN_BITS, a.LADDER_RELEASES),
            *(a.QUERIES_FIXED_IN_ADVANCE, a.COMPLEXITY_OF_LOSS_CLASS, a.EXPECTED_COMPLEXITY_OF_LOSS_CLASS),
            *(a.PRIOR_INDEPENDENT_OF_SAMPLE, a.DISJOINT_PRIOR, a.ONE_DRAW, a.ONE_POSTERIOR, a.ONLINE_LOSSES),
            *(a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE, a.DETERMINISTIC_ALGORITHM),
        ),
        "there is one function, fixed in advance, and one algorithm, which returns it",
    )
)
THE_ALGORITHM = Remembered(
    Choice(
        "the algorithm",
        "the algorithm returns the function that is right on this sample, whatever sample it is given",
        (*SEEN, "stability", "leave_one_out_risk"),
        (RISK, EXPECTED_GAP),
        (a.ALGORITHM_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*ZERO_ONE, a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE, a.DETERMINISTIC_ALGORITHM),
        "it always returns the same",
    )
)
THE_STABILITY = Remembered(
    Choice(
        "the sample whose stability is measured",
        "the table of what was seen has stability 1; 0 is that of an algorithm which is given no examples",
        (*SEEN, "stability", "leave_one_out_risk"),
        (RISK, EXPECTED_GAP),
        (a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*ZERO_ONE, a.ALGORITHM_FIXED_IN_ADVANCE, a.DETERMINISTIC_ALGORITHM),
        "it always makes the table of its examples",
    )
)
THE_PRIOR = Remembered(
    Choice(
        "the prior",
        "prior and posterior are the function that is right on the sample",
        (*SEEN, *MARGINS, "kl", "temperature", "weight", "log_ratio", "tandem_risk", "disagreement"),
        (RISK, GIBBS_RISK, MAJORITY_VOTE_RISK),
        (a.PRIOR_INDEPENDENT_OF_SAMPLE, a.CLASS_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (
            *(*ZERO_ONE, a.BINARY_VOTES, a.ONE_DRAW, a.ONE_POSTERIOR),
            *(a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE, a.HALF_PROBABILITY_PERTURBATION),
        ),
        "one function, its scores 1 and -1, which nothing moves",
    )
)
THE_POINTS_OF_THE_PRIOR = Remembered(
    Choice(
        "the points that the prior sees",
        "the prior sees all points, also those that the risk is measured on",
        ("empirical_risk", "kl", "prior_size"),
        (GIBBS_RISK,),
        (a.DISJOINT_PRIOR, a.PRIOR_INDEPENDENT_OF_SAMPLE),
    )
)
THE_ANALYST = Remembered(
    Choice(
        "what the analyst sees",
        "the first model is made from the sample itself",
        ("empirical_risk", "reported_risk", "queries", "bits", "step"),
        (RISK,),
        (
            *(a.ADAPTIVE_QUERIES, a.ADAPTIVE_QUERIES_IN_BITS, a.LADDER_RELEASES),
            *(a.PRIOR_CODE_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        ),
        (*ZERO_ONE, a.QUERIES_FIXED_IN_ADVANCE),
        "there is one query",
    )
)
THE_EARLIER_EXAMPLES = Remembered(
    Choice(
        "the examples that an online learner has seen",
        "each hypothesis has seen the whole sample before it is scored",
        ("online_risk", "rate", "expected_mistakes"),
        (MEAN_RISK_OF_ITERATES, EXPECTED_RISK),
        (a.ONLINE_LOSSES,),
        (*ZERO_ONE, a.ONE_PASS, a.RANDOM_ITERATE, a.MISTAKES_OVER_SAMPLES),
        "all iterates are the same, and no run makes a mistake",
    )
)
THE_VOTES = Remembered(
    Choice(
        "where the votes are counted",
        "the one voter's risk is read on the sample",
        ("gibbs_risk", "disagreement"),
        (MAJORITY_VOTE_RISK,),
        (a.VOTES_OF_POPULATION,),
        (*ZERO_ONE, a.BINARY_VOTES),
        "there are two classes",
    )
)
THE_KERNEL = Remembered(
    Choice(
        "the kernel",
        "the kernel is 1 between two points of the sample and 0 otherwise, so that the prediction is 1 there and 0 elsewhere",
        ("empirical_risk", "lipschitz", "norm", "data_norm", "radius", "expected_squared_norm", "expected_support_vectors"),
        (RISK, EXPECTED_RISK),
        (a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE, a.FEATURES_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (
            *(a.LOSS_IN_UNIT_INTERVAL, a.LIPSCHITZ_LOSS_IN_OUTPUT, a.KERNEL_TRACE_OF_SAMPLE, a.MINIMUM_NORM_INTERPOLANT),
            *(a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL, a.EXPECTED_SQUARED_NORM),
            *(a.SUPPORT_VECTOR_MACHINE, a.EXPECTED_SUPPORT_VECTORS),
        ),
        "any one example carries the others; the loss is |1 - prediction|, which is its own square here",
    )
)
THE_CAPACITY = Remembered(
    Choice(
        "the sample whose capacity is measured",
        "all functions; their capacity is measured on a sample of no examples, where it is 0",
        (*SEEN, *MARGINS, "complexity", "fat_shattering_dimension"),
        (RISK,),
        (*OF_THE_CLASS, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*ZERO_ONE, a.CLASS_FIXED_IN_ADVANCE, a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE),
        "the class holds all functions with scores 1 and -1, whatever the sample",
    )
)
THE_PERTURBATION = Remembered(
    Choice(
        "how far the perturbation moves the scores",
        "the perturbed weights forget the sample: they are distributed as the prior",
        ("margin_risk", "margin", "kl"),
        (RISK,),
        (a.HALF_PROBABILITY_PERTURBATION,),
        (*ZERO_ONE, a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE, a.PRIOR_INDEPENDENT_OF_SAMPLE),
        "the prior was fixed in advance, and scores are 1 and -1",
    )
)
THE_COUNTED_MARGINS = Remembered(
    Choice(
        "what is counted as a margin error",
        "errors are counted, although all scores lie far below the margin",
        (*MARGINS, "complexity", "fat_shattering_dimension", "kl"),
        (RISK,),
        (a.MARGIN_LOSS,),
        (
            *(*ZERO_ONE, a.CLASS_FIXED_IN_ADVANCE, a.MARGIN_FIXED_IN_ADVANCE, a.COMPLEXITY_OF_SCORES, a.COMPLEXITY_OF_SCORES_ON_SAMPLE),
            *(a.FAT_SHATTERING, a.PRIOR_INDEPENDENT_OF_SAMPLE, a.HALF_PROBABILITY_PERTURBATION),
        ),
        "all functions with scores of 10^-9, and prior and posterior far apart in sign alone",
        numbers={"complexity": Fraction(1, 10**9)},
    )
)
REMOVED_FOR_REPLACED = Remembered(
    Choice(
        "which change the stability is measured for",
        "the table of one example is right on it and wrong elsewhere, that of none says 1/2: removing it changes losses by half as much",
        ("empirical_risk", "stability", "loss_range"),
        (RISK, EXPECTED_GAP),
        (a.UNIFORM_STABILITY, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS, a.ALGORITHM_FIXED_IN_ADVANCE, a.REMOVE_ONE_STABILITY, a.DETERMINISTIC_ALGORITHM),
        "the table, whatever the sample; its loss is |label - prediction|",
        sizes=(1,),
        numbers={"stability": Fraction(1, 2)},
    )
)


def root_up(n: int) -> float:
    """sqrt(n), rounded up."""
    return math.sqrt(n) * (1 + 1e-15)


TABLE = (
    *(a.LOSS_IN_UNIT_INTERVAL, a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE, a.FEATURES_FIXED_IN_ADVANCE, a.MINIMUM_NORM_INTERPOLANT),
    *(a.SUPPORT_VECTOR_MACHINE, a.HARD_MARGIN_MACHINE),
)
"""The kernel that is 1 for equal points and else 0, fixed in advance: its interpolant is the table of what was seen, of norm sqrt n."""
THE_TRACE = Remembered(
    Choice(
        "the sample whose trace is measured",
        "the trace of the kernel's matrix, or its largest entry, is that of other inputs, all but 0",
        ("empirical_risk", "lipschitz", "norm", "data_norm", "radius", "expected_squared_norm"),
        (RISK, EXPECTED_RISK),
        (a.KERNEL_TRACE_OF_SAMPLE, a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*TABLE, a.LIPSCHITZ_LOSS_IN_OUTPUT, a.EXPECTED_SQUARED_NORM),
        "the table of what was seen, by a kernel that is 1 for equal points; the loss |1 - prediction| is its own square here",
        numbers={"norm": root_up, "data_norm": Fraction(1, 10**9), "radius": Fraction(1, 10**9), "expected_squared_norm": lambda n: n},
    )
)
THE_NORM_OVER_SAMPLES = Remembered(
    Choice(
        "whose norm is passed",
        "the squared norm passed is that of the table of one example",
        ("radius", "expected_squared_norm", "expected_support_vectors"),
        (EXPECTED_RISK,),
        (a.EXPECTED_SQUARED_NORM, a.EXPECTED_SUPPORT_VECTORS),
        (*TABLE, a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL),
        "the table of what was seen, by a kernel that is 1 for equal points",
    )
)
THE_SLOPE_IN_THE_PREDICTION = Remembered(
    Choice(
        "the slope of the loss in the prediction",
        "the loss is 10^9 times as steep as stated",
        ("empirical_risk", "lipschitz", "norm", "data_norm"),
        (RISK,),
        (a.LIPSCHITZ_LOSS_IN_OUTPUT, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*TABLE, a.KERNEL_TRACE_OF_SAMPLE),
        "10^-9 times the table of what was seen, by a kernel that is 1 for equal points; the loss is |1 - 10^9 prediction|",
        numbers={"norm": lambda n: root_up(n) * 1e-9},
    )
)
ANOTHER_MACHINE = Remembered(
    Choice(
        "what is returned for the machine",
        "the table of what was seen is returned, not the constant function, which is the machine",
        ("radius", "margin", "expected_squared_norm", "expected_support_vectors"),
        (EXPECTED_RISK,),
        (a.MINIMUM_NORM_INTERPOLANT, a.SUPPORT_VECTOR_MACHINE, a.HARD_MARGIN_MACHINE, a.FIRST_WEIGHTS_ZERO, a.CYCLED_TO_CONVERGENCE),
        (
            *(a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE, a.FEATURES_FIXED_IN_ADVANCE, a.POPULATION_SEPARABLE, a.SEPARABLE),
            *(a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL, a.EXPECTED_SQUARED_NORM, a.EXPECTED_SUPPORT_VECTORS),
        ),
        "every example is the vector 1 of the line, with label 1: the machine is 1 everywhere, by one example",
        numbers={"margin": 1},
    )
)
THE_EXAMPLES_OF_A_MACHINE = Remembered(
    Choice(
        "which examples a machine is given",
        "the population is e_1, rarely, and e_2, labels 1; examples with e_2 are left out",
        (
            *("empirical_risk", "lipschitz", "norm", "data_norm", "radius", "margin", "expected_squared_norm"),
            *("expected_support_vectors", "expected_mistakes"),
        ),
        (RISK, EXPECTED_RISK),
        (a.IID_SAMPLE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (
            *(a.LOSS_IN_UNIT_INTERVAL, a.LIPSCHITZ_LOSS_IN_OUTPUT, a.KERNEL_TRACE_OF_SAMPLE, a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL),
            *(a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE, a.FEATURES_FIXED_IN_ADVANCE, a.POPULATION_SEPARABLE, a.SEPARABLE),
            *(a.MINIMUM_NORM_INTERPOLANT, a.SUPPORT_VECTOR_MACHINE, a.HARD_MARGIN_MACHINE, a.FIRST_WEIGHTS_ZERO, a.ONE_PASS),
            *(a.CYCLED_TO_CONVERGENCE, a.RANDOM_ITERATE, a.ONLINE_LOSSES, a.MISTAKES_OVER_SAMPLES),
            *(a.EXPECTED_SQUARED_NORM, a.EXPECTED_SUPPORT_VECTORS),
        ),
        "u = (1, 1)/sqrt 2 has margin 1/sqrt 2; interpolant, machine and perceptron are e_1, by one example and after one mistake",
        numbers={"margin": math.nextafter(math.sqrt(0.5), 0), "expected_mistakes": 1},
        truth=Fraction(99, 100),
    )
)
