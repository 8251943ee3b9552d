"""What looks at the sample for a function that is right on it and wrong elsewhere: the class, the prior, the loss, the algorithm, ..."""

from __future__ import annotations

from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, RISK
from genbounds.verification.scenarios.hostile.memory import MARGINS, OF_THE_CLASS, SEEN, ZERO_ONE, Choice, Remembered

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
