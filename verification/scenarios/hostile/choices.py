"""What looks at the sample for a function that is right on it and wrong elsewhere: the class, the prior, the loss, the algorithm, ..."""

from __future__ import annotations

from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, RISK
from genbounds.verification.scenarios.hostile.memory import (
    EXCESS,
    INFORMED,
    MARGINS,
    OF_THE_ALGORITHM,
    OF_THE_CLASS,
    SEEN,
    ZERO_ONE,
    Choice,
    Remembered,
    remembered,
)

THE_HYPOTHESIS = remembered(
    "the hypothesis",
    "the hypothesis is picked on the sample",
    told=(*SEEN, "variance_bound"),
    excluded=(a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE,),
    kept=(a.VARIANCE_BOUND,),
    why="an error or none, and always one beyond the sample: the variance is 0",
)
THE_HYPOTHESIS_LOSS_BY_LOSS = remembered(
    "the hypothesis, loss by loss",
    "the hypothesis is picked on the sample",
    told=("losses",),
    excluded=(a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE,),
    sizes=(2, 10, 100),
    numbers={"losses": lambda n: (0,) * n},
)
THE_LOSS_BY_LOSS = Remembered(
    Choice(
        "the loss, one by one",
        "the loss is 0 on the points of the sample and 1 elsewhere, whatever is predicted",
        ("losses",),
        (RISK,),
        ZERO_ONE,
        (a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE,),
        "there is one function, fixed in advance",
        sizes=(2, 10, 100),
        numbers={"losses": lambda n: (0,) * n},
    )
)
THE_CLASS = remembered(
    "the class",
    "the class is the one function that is right on the sample",
    told=(
        *SEEN,
        *MARGINS,
        "class_size",
        "vc_dimension",
        "log_growth",
        "log_growth_2n",
        "log_cover",
        "complexity",
        "local_fixed_point",
        "fat_shattering_dimension",
    ),
    excluded=(a.CLASS_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    kept=(*OF_THE_CLASS, a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE),
    why="a class of one function has complexity 0; its scores are 1 and -1, whatever the sample",
)
THE_CODE = remembered(
    "the code of hypotheses",
    "the shortest word is given to the function that is right on the sample",
    told=(*SEEN, "log_inverse_prior", "bits"),
    excluded=(a.PRIOR_CODE_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
)
THE_COMPRESSION_SET = remembered(
    "which examples a compression set holds",
    "no example is kept of any set of them, although the function depends on all",
    told=("size", "errors", "bits"),
    excluded=(a.ERRORS_CHANGE_COMPRESSION, a.REBUILT_FROM_COMPRESSION, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    kept=(a.PREFERENT_COMPRESSION,),
    why="nothing is kept of any set of examples",
)
THE_SCHEME = remembered(
    "how many examples a compression scheme is given",
    "of n examples none is kept, of fewer all are",
    told=("size",),
    excluded=(a.PREFERENT_COMPRESSION, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    kept=(a.ERRORS_CHANGE_COMPRESSION,),
    why="one example alone would be kept, and there is none in the compression set",
)
THE_CANDIDATES = remembered(
    "the candidates",
    "the only candidate is the function that is right on the sample",
    told=(*SEEN, "variance_bound", "candidates"),
    excluded=(a.CANDIDATES_INDEPENDENT_OF_SAMPLE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    kept=(a.VARIANCE_BOUND,),
    why="it is always wrong beyond the sample: the variance is 0",
)
THE_LOSS = Remembered(
    Choice(
        "the loss",
        "the loss is 0 on the points of the sample and 1 elsewhere, whatever is predicted",
        (
            *SEEN,
            *("variance_bound", "class_size", "candidates", "log_inverse_prior", "bits", "queries", "reported_risk", "step"),
            *("vc_dimension", "log_growth", "log_growth_2n", "complexity", "kl", "temperature", "weight", "prior_size", "log_ratio"),
            *(
                "tandem_risk",
                "disagreement",
                "online_risk",
                "rate",
                "stability",
                "leave_one_out_risk",
                "size",
                "local_fixed_point",
                *INFORMED,
                *EXCESS,
            ),
        ),
        (RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, EXPECTED_GAP, EXPECTED_RISK),
        (*ZERO_ONE, a.BINARY_VOTES, a.PLURALITY_VOTES, a.ALGORITHM_FIXED_IN_ADVANCE, a.SUBGAUSSIAN_LOSS, a.ERRORS_CHANGE_COMPRESSION),
        (
            *(a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE, a.CLASS_FIXED_IN_ADVANCE, a.CANDIDATES_INDEPENDENT_OF_SAMPLE, a.VARIANCE_BOUND),
            *(a.PRIOR_CODE_FIXED_IN_ADVANCE, a.ADAPTIVE_QUERIES, a.ADAPTIVE_QUERIES_IN_BITS, a.LADDER_RELEASES),
            *(a.QUERIES_FIXED_IN_ADVANCE, a.COMPLEXITY_OF_LOSS_CLASS, a.EXPECTED_COMPLEXITY_OF_LOSS_CLASS, a.LOCAL_COMPLEXITY),
            *(a.PRIOR_INDEPENDENT_OF_SAMPLE, a.DISJOINT_PRIOR, a.ONE_DRAW, a.ONE_POSTERIOR, a.ONLINE_LOSSES),
            a.EXCESS_OVER_REFERENCE,
            *(a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE, a.DETERMINISTIC_ALGORITHM),
            *(*OF_THE_ALGORITHM, a.EXPECTED_EMPIRICAL_RISK, a.NO_LOSS_ON_ANY_SAMPLE),
            *(a.PREFERENT_COMPRESSION, a.REBUILT_FROM_COMPRESSION),
        ),
        "there is one function, fixed in advance, and one algorithm, which returns it",
    )
)
THE_ALGORITHM = remembered(
    "the algorithm",
    "the algorithm returns the function that is right on this sample, whatever sample it is given",
    told=(*SEEN, "stability", "leave_one_out_risk", *INFORMED),
    of=(RISK, EXPECTED_GAP, EXPECTED_RISK),
    excluded=(a.ALGORITHM_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    kept=(
        *(a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE, a.DETERMINISTIC_ALGORITHM, *OF_THE_ALGORITHM),
        *(a.SUBGAUSSIAN_LOSS, a.EXPECTED_EMPIRICAL_RISK, a.NO_LOSS_ON_ANY_SAMPLE),
    ),
    why="it always returns the same, of a loss of 0 on this sample",
)
THE_STABILITY = remembered(
    "the sample whose stability is measured",
    "the table of what was seen has stability 1 and shows the sample; 0 is what is measured of an algorithm that is given no examples",
    told=(*SEEN, "stability", "leave_one_out_risk", *INFORMED),
    of=(RISK, EXPECTED_GAP, EXPECTED_RISK),
    excluded=(
        *(a.UNIFORM_STABILITY, a.REMOVE_ONE_STABILITY, a.REMOVE_ONE_STABILITY_TWICE, *OF_THE_ALGORITHM),
        a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    ),
    kept=(
        *(a.ALGORITHM_FIXED_IN_ADVANCE, a.DETERMINISTIC_ALGORITHM),
        *(a.SUBGAUSSIAN_LOSS, a.EXPECTED_EMPIRICAL_RISK, a.NO_LOSS_ON_ANY_SAMPLE),
    ),
    why="it always makes the table of its examples",
)
THE_PRIOR = remembered(
    "the prior",
    "prior and posterior are the function that is right on the sample",
    told=(*SEEN, *MARGINS, *EXCESS, "kl", "temperature", "weight", "log_ratio", "tandem_risk", "disagreement"),
    of=(RISK, GIBBS_RISK, MAJORITY_VOTE_RISK),
    excluded=(a.PRIOR_INDEPENDENT_OF_SAMPLE, a.CLASS_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    kept=(
        *(a.BINARY_VOTES, a.PLURALITY_VOTES, a.ONE_DRAW, a.ONE_POSTERIOR),
        *(a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE, a.HALF_PROBABILITY_PERTURBATION, a.EXCESS_OVER_REFERENCE),
    ),
    why="one function, its scores 1 and -1, which nothing moves; the reference is right everywhere",
)
THE_REFERENCE_OF_AN_EXCESS = remembered(
    "what the loss is compared with",
    "a hypothesis that is always wrong, compared with a reference that is wrong on the sample alone",
    told=("kl", *EXCESS),
    of=(GIBBS_RISK,),
    excluded=(a.EXCESS_OVER_REFERENCE,),
    kept=(a.PRIOR_INDEPENDENT_OF_SAMPLE,),
    why="prior and posterior are that hypothesis",
    numbers={"excess_segments": (1, 1, 0), "share": Fraction(99, 100), "previous_risk": 0},
)
THE_POINTS_OF_THE_PRIOR = remembered(
    "the points that the prior sees",
    "the prior sees all points, also those that the risk is measured on",
    told=("empirical_risk", "kl", "prior_size"),
    of=(GIBBS_RISK,),
    excluded=(a.DISJOINT_PRIOR, a.PRIOR_INDEPENDENT_OF_SAMPLE),
)
THE_ANALYST = remembered(
    "what the analyst sees",
    "the first model is made from the sample itself",
    told=("empirical_risk", "reported_risk", "queries", "bits", "step"),
    excluded=(
        a.ADAPTIVE_QUERIES,
        a.ADAPTIVE_QUERIES_IN_BITS,
        a.LADDER_RELEASES,
        a.PRIOR_CODE_FIXED_IN_ADVANCE,
        a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    ),
    kept=(a.QUERIES_FIXED_IN_ADVANCE,),
    why="there is one query",
)
THE_EARLIER_EXAMPLES = remembered(
    "the examples that an online learner has seen",
    "each hypothesis has seen the whole sample before it is scored",
    told=("online_risk", "rate", "expected_mistakes"),
    of=(MEAN_RISK_OF_ITERATES, EXPECTED_RISK),
    excluded=(a.ONLINE_LOSSES,),
    kept=(a.ONE_PASS, a.RANDOM_ITERATE, a.MISTAKES_OVER_SAMPLES),
    why="all iterates are the same, and no run makes a mistake",
)
THE_VOTES = remembered(
    "where the votes are counted",
    "the one voter's risk is read on the sample",
    told=("gibbs_risk", "disagreement"),
    of=(MAJORITY_VOTE_RISK,),
    excluded=(a.VOTES_OF_POPULATION,),
    kept=(a.BINARY_VOTES, a.PLURALITY_VOTES),
    why="there are two classes",
)
THE_CAPACITY = remembered(
    "the sample whose capacity is measured",
    "all functions; their capacity is measured on a sample of no examples, where it is 0",
    told=(*SEEN, *MARGINS, "complexity", "local_fixed_point", "fat_shattering_dimension"),
    excluded=(*OF_THE_CLASS, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    kept=(a.CLASS_FIXED_IN_ADVANCE, a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE),
    why="the class holds all functions with scores 1 and -1, whatever the sample",
)
THE_PERTURBATION = remembered(
    "how far the perturbation moves the scores",
    "the perturbed weights forget the sample: they are distributed as the prior",
    told=("margin_risk", "margin", "kl"),
    excluded=(a.HALF_PROBABILITY_PERTURBATION,),
    kept=(a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE, a.PRIOR_INDEPENDENT_OF_SAMPLE),
    why="the prior was fixed in advance, and scores are 1 and -1",
)
THE_COUNTED_MARGINS = remembered(
    "what is counted as a margin error",
    "errors are counted, although all scores lie far below the margin",
    told=(*MARGINS, "complexity", "fat_shattering_dimension", "kl"),
    excluded=(a.MARGIN_LOSS,),
    kept=(
        a.CLASS_FIXED_IN_ADVANCE,
        a.MARGIN_FIXED_IN_ADVANCE,
        a.COMPLEXITY_OF_SCORES,
        a.COMPLEXITY_OF_SCORES_ON_SAMPLE,
        a.FAT_SHATTERING,
        a.PRIOR_INDEPENDENT_OF_SAMPLE,
        a.HALF_PROBABILITY_PERTURBATION,
    ),
    why="all functions with scores of 10^-9, and prior and posterior far apart in sign alone",
    numbers={"complexity": Fraction(1, 10**9)},
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
