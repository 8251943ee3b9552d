"""The assumptions of theorems, as objects that a certificate carries with a status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

Status = Literal["by construction", "checked", "declared", "violated"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class Assumption:
    """One hypothesis of a theorem: a short ``name`` and the full ``statement``.

    >>> IID_SAMPLE.name
    'iid sample'
    """

    name: str
    statement: str


Audit: TypeAlias = Mapping[Assumption, tuple[Status, str]]
"""What is known about assumptions: the status of each, and how that was established."""


@dataclass(frozen=True)
class AuditedAssumption:
    """An assumption with its ``status`` on one certificate and ``how`` it was established.

    >>> from genbounds.bounds.holdout import clopper_pearson
    >>> first = clopper_pearson(errors=1, n=10, delta="0.05").assumptions[0]
    >>> first.assumption.name, first.status
    ('iid sample', 'declared')
    """

    assumption: Assumption
    status: Status = "declared"
    how: str = ""

    def __post_init__(self) -> None:
        """Refuse an unknown status, and a check that does not say how."""
        if self.status not in STATUSES:
            raise ValueError(f"status must be one of {', '.join(STATUSES)}, got {self.status!r}: use one of these words")
        if self.status in ("by construction", "checked", "violated") and not self.how:
            raise ValueError(
                f"how must say how {self.assumption.name!r} was found {self.status}, got nothing: name the check or the construction"
            )

    def to_dict(self) -> dict[str, str]:
        """A JSON-ready dict that ``from_dict`` reads back."""
        return {"name": self.assumption.name, "statement": self.assumption.statement, "status": self.status, "how": self.how}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AuditedAssumption:
        """Read what ``to_dict`` wrote."""
        return cls(Assumption(data["name"], data["statement"]), data["status"], data["how"])


def merged(own: Iterable[AuditedAssumption], inherited: Iterable[AuditedAssumption]) -> tuple[AuditedAssumption, ...]:
    """The assumptions of a theorem followed by those of its inputs, each once.

    If an assumption has two statuses, ``violated`` wins, and otherwise the first one.

    >>> one, two = AuditedAssumption(Assumption("a", "A.")), AuditedAssumption(Assumption("a", "A."), "violated", "seen")
    >>> [entry.status for entry in merged([one], [two])]
    ['violated']
    """
    found: dict[Assumption, AuditedAssumption] = {}
    for entry in (*own, *inherited):
        if entry.assumption not in found or entry.status == "violated":
            found[entry.assumption] = entry
    return tuple(found.values())


IID_SAMPLE = Assumption(
    "iid sample", "The n examples, n fixed beforehand, are drawn independently from one distribution, the one the risk refers to."
)
IID_STREAM = Assumption(
    "iid stream",
    "The examples are drawn one after another, independently from one distribution, the one the risk refers to; n is the number of "
    "examples that were used, and it may have been decided while looking at them.",
)
LOSS_IN_UNIT_INTERVAL = Assumption("loss in [0, 1]", "The loss was fixed before the sample was seen and takes values in [0, 1].")
ZERO_ONE_LOSS = Assumption("zero-one loss", "The loss was fixed before the sample was seen and is 0 or 1.")
BOUNDED_LOSS = Assumption("bounded loss", "The loss was fixed before the sample was seen and takes values in [0, loss_range].")
LOSS_SPLIT_AT_LEVELS = Assumption(
    "loss split at levels fixed in advance",
    "The loss and the levels 0, gaps[0], gaps[0] + gaps[1], ... were fixed before the sample was seen; the loss takes values between 0 and "
    "the last level, and entry j of segment_risks is the average over the sample of the part of the loss in segment j, divided by gaps[j].",
)
EXCESS_OVER_REFERENCE = Assumption(
    "excess over a reference fixed in advance",
    "The reference, the posterior of the step before, and the share of its loss were fixed before the n examples of this step were seen "
    "(earlier examples may have been seen). previous_risk bounds the Gibbs risk of the reference. The levels -share, 0, 1 - share and 1 "
    "cut the excess, loss - share * (loss of the reference), into three parts; each entry of excess_segments is the average of one part "
    "over the n examples, the posterior and the reference, divided by the length of the part (for a part of length 0 it is how often the "
    "excess reaches it).",
)
LOSS_AT_MOST_HIGHEST = Assumption(
    "loss at most highest", "The loss was fixed before the sample was seen and is at most highest; it may be negative, however large."
)
HYPOTHESIS_INDEPENDENT_OF_SAMPLE = Assumption(
    "hypothesis independent of the sample", "The hypothesis was fixed before the sample that evaluates it was seen."
)
NO_ERROR_ON_SAMPLE = Assumption("no error on the sample", "The hypothesis makes no error on the n examples of the sample.")
ARCHITECTURE_FIXED_IN_ADVANCE = Assumption(
    "architecture fixed in advance",
    "The depth, the widths and the activations were fixed before the sample was seen; only the weights may depend on it.",
)
DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE = Assumption(
    "depth and activation fixed in advance",
    "The depth and the activation were fixed before the sample was seen; the weights and the widths of the hidden layers may depend on it.",
)
CLASS_FIXED_IN_ADVANCE = Assumption(
    "class fixed in advance", "The class of hypotheses (architecture, prior code) was fixed before the sample was seen."
)
COMPLEXITY_OF_LOSS_CLASS = Assumption(
    "complexity of the loss class",
    "The complexity is an upper bound on the empirical Rademacher complexity of the loss class on this very sample.",
)
EXPECTED_COMPLEXITY_OF_LOSS_CLASS = Assumption(
    "expected complexity of the loss class",
    "The complexity is an upper bound on the expected Rademacher complexity of the loss class, over samples of this size.",
)
MARGIN_LOSS = Assumption(
    "margin loss", "margin_risk is the fraction of the examples of the sample whose margin is at most the given margin."
)
HOMOGENEOUS_ACTIVATION = Assumption(
    "positively homogeneous activation",
    "The activation applies one fixed function (no part of it is trained), 1-Lipschitz and positively homogeneous (ReLU, leaky ReLU), to "
    "every entry.",
)
HOMOGENEOUS_LIPSCHITZ_ACTIVATION = Assumption(
    "Lipschitz and positively homogeneous activation",
    "Each activation is a fixed function (no part of it is trained), Lipschitz with the stated constant in the l2 norm and positively "
    "homogeneous: s(c t) = c s(t) for c > 0 (ReLU, leaky ReLU, the identity).",
)
NO_BIAS = Assumption(
    "no bias",
    "The layers have no bias, or the biases are part of augmented matrices [[A, b], [0, 1]], whose constant coordinate 1 passes through "
    "the activations unchanged.",
)
CONSTANT_KEPT = Assumption(
    "constant kept by the activation",
    "Where biases are part of augmented matrices, every activation s maps the constant coordinate to s(1) = 1 (as ReLU does and tanh does "
    "not).",
)
ONE_LIPSCHITZ_ACTIVATION = Assumption(
    "1-Lipschitz activation",
    "Each activation applies one fixed function, Lipschitz with constant 1 and 0 at 0, to every entry (but the constant one, where biases "
    "are part of augmented matrices).",
)
LIPSCHITZ_ACTIVATION = Assumption(
    "Lipschitz activation", "Each activation is a fixed function, Lipschitz with the stated constant in the l2 norm, and maps 0 to 0."
)
LIPSCHITZ_GRAPH = Assumption(
    "graph of Lipschitz operations",
    "The graph and its operations were fixed before the sample was seen; each operation between the layers is Lipschitz in the l2 norm "
    "with a constant that depends on no weight, and input_lipschitz, inputs_at_zero and output_lipschitz follow from these constants, the "
    "spectral norms of the layers and their biases.",
)
DATA_NORM_OF_SAMPLE = Assumption(
    "data norm of the sample", "data_norm is at least the Frobenius norm of the matrix of the n inputs of this very sample."
)
REFERENCE_FIXED_IN_ADVANCE = Assumption(
    "reference fixed in advance",
    "The reference matrices (the initialisation, or zero) were fixed before the sample was seen.",
)
REFERENCE_ZERO = Assumption(
    "reference zero", "The reference matrices are zero: distances_2_1 are the (2,1) norms of the weight matrices themselves."
)
LARGEST_COLUMN_OF_SAMPLE = Assumption(
    "largest column of the sample",
    "data_norm is at least the l2 norm of every column (one feature over the sample) of the matrix of the n inputs of this very sample.",
)
PRIOR_INDEPENDENT_OF_SAMPLE = Assumption("prior independent of the sample", "The prior was fixed before the sample of the bound was seen.")
INDEPENDENT_DRAWS = Assumption(
    "independent draws",
    "The posterior was fixed before its draws were taken; the draws are independent of each other and of those that were used to optimise "
    "it, and their number was fixed beforehand.",
)
INDEPENDENT_PAIRS = Assumption(
    "independent pairs",
    "The posterior was fixed before its draws were taken; each draw is a pair of a hypothesis from the posterior and a uniform index of "
    "the sample, all draws are independent, and their number was fixed beforehand.",
)
SEPARABLE = Assumption(
    "separable with a margin",
    "Some unit vector u has y <u, x> >= margin, and ||x|| <= radius, for every example of the sequence.",
)
POPULATION_SEPARABLE = Assumption(
    "population separable with a margin",
    "Some unit vector u has y <u, x> >= margin, and ||x|| <= radius, almost surely for the population, not only on the sample.",
)
MISTAKES_OVER_SAMPLES = Assumption(
    "mistakes over samples",
    "expected_mistakes is at least the mean number of mistakes over samples; if it is the certificate of a mistake bound, the radius and "
    "the margin of that bound hold almost surely for the population, not only on the sample that was run.",
)
ONE_PASS = Assumption("one pass", "Each example is presented once, in an order that does not depend on the data.")
CYCLED_TO_CONVERGENCE = Assumption(
    "cycled to convergence",
    "The examples are presented in cycles until no mistake is left, in the order in which they were drawn or in another that does not "
    "depend on them.",
)
UNIFORM_STABILITY = Assumption(
    "uniform stability",
    "Replacing any one example of any sample of n examples changes the loss at any point by at most the stated stability.",
)
DETERMINISTIC_ALGORITHM = Assumption(
    "deterministic algorithm",
    "The algorithm is deterministic, or the stability holds for every value of its coins, which are independent of the sample.",
)
LIPSCHITZ_LOSS = Assumption(
    "Lipschitz loss",
    "The loss was fixed before the sample was seen and is lipschitz-Lipschitz in the parameters, at every point of the domain.",
)
SMOOTH_LOSS = Assumption("smooth loss", "The gradient of the loss with respect to the parameters is smoothness-Lipschitz.")
CONVEX_LOSS = Assumption("convex loss", "The loss is convex in the parameters.")
STRONGLY_CONVEX_OBJECTIVE = Assumption(
    "strongly convex objective",
    "The objective, regulariser included, is strong_convexity-strongly convex, and its exact minimiser is returned.",
)
APPROXIMATE_MINIMISER = Assumption(
    "approximate minimiser",
    "The objective, regulariser included, is strong_convexity-strongly convex; for every sample, the objective of the output is within "
    "objective_gap of the minimum.",
)
OBLIVIOUS_ORDER = Assumption(
    "order of examples independent of the data",
    "The order of the indices (with replacement, permutation, cyclic) does not depend on the data.",
)
PLAIN_SGD = Assumption(
    "plain stochastic gradient descent",
    "Each step follows the gradient at one example, with no momentum and no adaptive step sizes; a projection, if there is one, is on a "
    "convex set that was fixed before the sample was seen.",
)
MINIBATCH_SGD = Assumption(
    "gradient descent with minibatches",
    "Each step follows the average of the gradients of its batch, which has one example or more, perhaps repeated, with no momentum, no "
    "adaptive step sizes and no normalisation over the batch; a projection, if there is one, is on a convex set that was fixed before the "
    "sample was seen.",
)
START_FIXED_IN_ADVANCE = Assumption(
    "start fixed in advance",
    "The parameters that the run starts from were fixed, or drawn, before the sample was seen; if there is a projection, they lie in its "
    "set.",
)
STEPS_FIXED_IN_ADVANCE = Assumption(
    "steps fixed in advance",
    "The step sizes, the number of steps and which iterate is returned were fixed before the sample was seen.",
)
STEPS_AT_MOST_C_OVER_T = Assumption("steps at most c/t", "Step t has a size of at most step_scale/t.")
STEPS_OF_STRONG_CONVEXITY = Assumption("steps 1/(strong_convexity t)", "Step t has the size 1/(strong_convexity t).")
SUBGRADIENT_RULE = Assumption(
    "subgradients by a rule",
    "At a kink, the choice of the subgradient depends on the parameters and the example alone, by a rule fixed before the sample was seen.",
)
OBJECTIVE_OF_AVERAGE = Assumption(
    "objective of the average loss",
    "The objective is the average of the loss over the examples plus a regulariser; the loss, the regulariser, its weight and the convex "
    "set of parameters were fixed before the sample was seen.",
)
OBJECTIVE_OF_SUM = Assumption(
    "objective of the sum of the losses",
    "The objective is the sum of the losses of the examples divided by n, the size of the whole sample, plus a regulariser; the loss, the "
    "regulariser, its weight and the convex set of parameters were fixed before the sample was seen.",
)
DIFFERENTIAL_PRIVACY = Assumption(
    "differential privacy",
    "For any two samples of n examples that differ in one example, and any set of hypotheses, the probability that the algorithm returns a "
    "member of the set differs at most by the factor e^privacy; all runs that had a part in the choice of the hypothesis are counted.",
)
APPROXIMATE_PRIVACY = Assumption(
    "approximate differential privacy",
    "For any two samples of n examples that differ in one example, and any set of hypotheses, the probability that the algorithm returns a "
    "member of the set is at most e^privacy times the probability for the other sample, plus slack; all runs that had a part in the choice "
    "of the hypothesis are counted.",
)
ALGORITHM_FIXED_IN_ADVANCE = Assumption(
    "algorithm fixed in advance",
    "The algorithm with all its settings (start, objective, steps, stopping rule) and the loss were fixed before the sample was seen.",
)
CURVATURE_AT_START = Assumption(
    "curvature at the start",
    "curvature is at least the smoothness, or at least the mean over the population of the spectral norm of the Hessian of the loss at the "
    "start plus rho lipschitz step_scale (1 + ln steps), where rho is the Lipschitz constant of the Hessian.",
)
EXPECTED_RISK_OF_OUTPUT = Assumption(
    "expected risk of the output",
    "expected_risk is at least the mean risk of the output over samples; the risk on one sample is only an estimate of it.",
)
VARIANCE_BOUND = Assumption(
    "variance bound",
    "The true variance of the loss, for every hypothesis that the bound is read for, is at most variance_bound, a number known before the "
    "sample was seen.",
)
UNBIASED_VARIANCE = Assumption(
    "unbiased variance",
    "variance is the unbiased sample variance of the losses: the sum of squares is divided by n - 1 (ddof=1), not by n.",
)
PRIOR_CODE_FIXED_IN_ADVANCE = Assumption(
    "prior over hypotheses fixed in advance",
    "Each hypothesis has a prior weight fixed before the sample was seen; the weights add up to at most 1. "
    "Every choice made on the data (codebook, quantiser, architecture, seed) is part of what the weight describes.",
)
CANDIDATES_INDEPENDENT_OF_SAMPLE = Assumption(
    "candidates independent of the sample",
    "All candidates were fixed before the sample was seen, whether or not they were evaluated on it.",
)
PREFERENT_COMPRESSION = Assumption(
    "preferent compression scheme",
    "The scheme with all its settings and coins was fixed before the sample was seen, and examples enter it by their values (equal ones by "
    "their place): the compression set of any examples is also the compression set of every part of them that contains it.",
)
ERRORS_CHANGE_COMPRESSION = Assumption(
    "errors change the compression",
    "The loss was fixed before the sample was seen and is 0 or 1; an example on which the hypothesis errs would change the compression set "
    "if it were added to that set alone.",
)
REBUILT_FROM_COMPRESSION = Assumption(
    "hypothesis rebuilt from its compression set",
    "A rule fixed before the sample was seen rebuilds the hypothesis from the `size` examples of the compression set, in the order of the "
    "sample, and a message of the stated number of bits from a prefix code; errors counts the errors on the other n - size examples.",
)
ADAPTIVE_QUERIES = Assumption(
    "adaptive queries",
    "Each model depends on the sample only through the exact error counts of the models evaluated before it.",
)
ADAPTIVE_QUERIES_IN_BITS = Assumption(
    "adaptive queries answered in bits",
    "Each model depends on the sample only through answers of `bits` bits each, one for every model evaluated before it.",
)
QUERIES_FIXED_IN_ADVANCE = Assumption(
    "number of queries fixed in advance",
    "queries, the number of models that are evaluated or a limit on it, was fixed before the sample was seen.",
)
ONLINE_LOSSES = Assumption(
    "online losses",
    "Each example is scored once, in an order that does not depend on the examples, by the hypothesis of that moment, which depends on the "
    "earlier examples alone.",
)
ONE_DRAW = Assumption(
    "one draw", "The hypothesis is one draw from the posterior, taken once, independently of everything else given the sample."
)
ONE_POSTERIOR = Assumption(
    "one posterior certified",
    "The posterior was fixed before anything was drawn from it to be measured, and it is the only one that was measured on this sample, or "
    "the others are paid for, too: the smallest of several certificates does not hold at the level of each.",
)
STRONGLY_CONVEX_LOSS = Assumption(
    "strongly convex loss", "The loss, regulariser included, is strong_convexity-strongly convex in the parameters."
)
LIPSCHITZ_HESSIAN = Assumption("Lipschitz Hessian", "The Hessian of the loss in the parameters is Lipschitz in the spectral norm.")
DEVIATION_OF_SEQUENCE = Assumption(
    "deviation of the sequence",
    "radius bounds every ||x_t||, and deviation is at least the square root of the sum of max(0, margin - y_t <u, x_t>)^2 over the rounds "
    "as presented, for some unit vector u.",
)
HINGE_OF_SEQUENCE = Assumption(
    "hinge loss of the sequence",
    "radius_times_norm is at least max ||x_t|| ||u||, and hinge_loss at least the sum over the mistaken rounds of "
    "max(0, 1 - y_t <u, x_t>), for one vector u.",
)
INPUT_RADIUS_OF_POPULATION = Assumption(
    "input radius of the population",
    "Every input of the population has norm at most input_radius, a number known in advance and not the largest norm in the sample.",
)
RADIUS_OF_POPULATION = Assumption(
    "radius of the population",
    "Every input of the population has norm at most radius, a number known in advance and not the largest norm in the sample.",
)
THRESHOLD_UNITS = Assumption(
    "linear threshold units",
    "The output of every unit is 1 if an affine function of its inputs is at least 0, and 0 (or -1) otherwise.",
)
LOGISTIC_UNITS = Assumption(
    "logistic units",
    "The output of every hidden unit is 1/(1 + exp(-t)) for an affine function t of its inputs (or tanh t, which is the same with other "
    "weights); the output of the network is thresholded.",
)
RELU_UNITS = Assumption(
    "units of one breakpoint",
    "The activation is a fixed piecewise linear function with one breakpoint (ReLU, leaky ReLU), or the identity; no part of it is "
    "trained.",
)
PIECEWISE_POLYNOMIAL_UNITS = Assumption(
    "piecewise polynomial units",
    "Every activation is a fixed function, no part of it trained, with at most the stated number of pieces, each a polynomial of at most "
    "the stated degree.",
)
MARGIN_FIXED_IN_ADVANCE = Assumption("margin fixed in advance", "The margin was fixed before the sample was seen.")
FAT_SHATTERING = Assumption(
    "fat-shattering dimension", "fat_shattering_dimension is at least the fat-shattering dimension of the class at margin/16."
)
BINARY_VOTES = Assumption(
    "binary votes",
    "There are two classes, every voter votes for one of them, and the loss is 1 where the vote differs from the label, else 0.",
)
PLURALITY_VOTES = Assumption(
    "plurality votes",
    "Every voter votes for one class, the majority vote is for a class of the largest weight, and the loss is 1 where a vote differs from "
    "the label, else 0.",
)
LADDER_RELEASES = Assumption(
    "Ladder releases",
    "Submissions depend on the held-out sample only through the scores that the Ladder releases, rounded to a step that was fixed "
    "beforehand.",
)
REMOVE_ONE_STABILITY = Assumption(
    "remove-one uniform stability",
    "Removing any one example of any sample of n examples changes the loss at any point by at most the stated stability, or replacing it "
    "by any other does.",
)
REMOVE_ONE_STABILITY_TWICE = Assumption(
    "remove-one uniform stability at n and n - 1",
    "Removing any one example of any sample, of n or of n - 1 examples, changes the loss at any point by at most the stated stability.",
)
STRONGLY_CONVEX_OBJECTIVES = Assumption(
    "strongly convex objectives",
    "The objectives of all n examples, and with one or two of them left out, regulariser included, are strong_convexity-strongly convex; "
    "for every sample, the objective of the output is within objective_gap of the minimum.",
)
COMPLEXITY_OF_SCORES = Assumption(
    "complexity of the scores",
    "The complexity is an upper bound on the expected Rademacher complexity of the scores, over samples of this size.",
)
COUPLED_RUNS = Assumption(
    "coupled runs",
    "The two runs start at the same parameters and have the same loss and the same convex set to project on, if there is one; they meet "
    "the examples in the same order with the same step sizes and coins; their samples differ in one example, and replaced marks the steps "
    "that met it.",
)
ODD_ACTIVATION = Assumption("odd activation", "The activation is odd: s(-t) = -s(t) (tanh, the identity; not ReLU, not the logistic one).")
LAYER_NORMS_FIXED_IN_ADVANCE = Assumption(
    "norm of every layer bounded in advance",
    "The class bounds the norm of every layer by a number of its own, fixed in advance, and norm_product is the product of these numbers; "
    "a bound on the product alone would fix too large a class, unless the activation is positively homogeneous.",
)
LIPSCHITZ_LOSS_IN_OUTPUT = Assumption(
    "loss Lipschitz in the prediction", "For every label the loss, fixed in advance, is lipschitz-Lipschitz in the real-valued prediction."
)
LIPSCHITZ_LOSS_IN_OUTPUTS = Assumption(
    "loss Lipschitz in the outputs",
    "For every label the loss, fixed in advance, is lipschitz-Lipschitz in the vector of outputs, in the l2 norm.",
)
LAYERS_LINEAR_IN_PARAMETERS = Assumption(
    "layers linear in their parameters",
    "The architecture and distance were fixed before the sample was seen; every layer is a linear map whose matrix is a linear function of "
    "its parameters (a convolution, a dense layer), and parameters is the number of all parameters, where shared ones count once; the "
    "spectral norm of each reference matrix is at most reference_norm, and the spectral norms of the differences from the reference "
    "matrices add up to at most distance.",
)
KERNEL_TRACE_OF_SAMPLE = Assumption(
    "kernel trace of the sample",
    "data_norm is at least sqrt(tr K), where K is the matrix of the kernel on the n inputs of this very sample.",
)
KERNEL_FIXED_IN_ADVANCE = Assumption("kernel fixed in advance", "The kernel was fixed before the sample was seen.")
HALF_PROBABILITY_PERTURBATION = Assumption(
    "perturbation of half probability",
    "kl is the relative entropy of w + u and the prior, for a random u that, with probability at least 1/2, moves every output at every "
    "input that can occur by less than margin/4.",
)
COMPLEXITY_OF_SCORES_ON_SAMPLE = Assumption(
    "complexity of the scores on the sample",
    "The complexity is an upper bound on the empirical Rademacher complexity of the scores on this very sample.",
)
DISJOINT_PRIOR = Assumption(
    "prior from other points",
    "The prior depends on the sample only through prior_size of its points, which were named before the sample was seen; empirical_risk is "
    "the average over the other n - prior_size points and no others.",
)
INDEPENDENT_SIGNS = Assumption(
    "independent signs",
    "The signs were drawn uniformly, independently of each other and of the sample, and their number was fixed beforehand.",
)
HARD_MARGIN_MACHINE = Assumption(
    "hard-margin machine through the origin",
    "The predictor is the sign of <w, x> for the exact w of least norm with y <w, x> >= 1 on its sample.",
)
SUPPORT_VECTOR_MACHINE = Assumption(
    "support vector machine",
    "The predictor does not change when an example is left out that is not a support vector, and it classifies such an example correctly.",
)
MINIMUM_NORM_INTERPOLANT = Assumption(
    "minimum-norm interpolant",
    "The predictor is the function of least norm in the kernel's space that fits its examples exactly; the loss is the squared error.",
)
KERNEL_OF_MACHINE = Assumption(
    "settings fixed in advance",
    "The kernel, the penalty and all other settings of the machine were fixed before the sample was seen, and are the same for n and for "
    "n + 1 examples.",
)
FEATURES_FIXED_IN_ADVANCE = Assumption(
    "features fixed in advance",
    "The features that make up the vector x of an example (the raw inputs, or those of a kernel) were fixed before the sample was seen.",
)
RANDOM_ITERATE = Assumption("random iterate", "The index of the iterate is uniform on 0, ..., n - 1 and independent of the sample.")
EXPECTED_SUPPORT_VECTORS = Assumption(
    "support vectors over samples",
    "expected_support_vectors is at least the mean number of support vectors over samples of n + 1 examples; the number of one sample is "
    "only an estimate of it.",
)
EXPECTED_SQUARED_NORM = Assumption(
    "squared norm over samples",
    "expected_squared_norm is at least the mean squared norm of the interpolant over samples of n examples; the squared norm of one sample "
    "is only an estimate of it.",
)
VOTES_OF_POPULATION = Assumption(
    "votes on the population",
    "gibbs_risk (and disagreement, where it is an input) is that of the voters on the population, not on the sample, under the weights of "
    "the vote itself.",
)
PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE = Assumption(
    "centre of the prior independent of the sample",
    "The centre of the prior, the blocks of weights that share a scale, and the grid of the scales were fixed before the sample of the "
    "bound was seen; the point of the grid may be chosen on the sample, and is paid for.",
)
FIRST_WEIGHTS_ZERO = Assumption(
    "weights from zero", "The run starts at weights 0 and adds y x at each mistake (y <w, x> <= 0), and nothing else."
)
INPUT_RADIUS_OF_POPULATION_IN_KERNEL = Assumption(
    "kernel bounded on the population",
    "Every input of the population has k(x, x) at most radius^2, where radius was known in advance.",
)
SUBGAUSSIAN_LOSS = Assumption(
    "subgaussian loss",
    "The loss was fixed before the sample was seen, and for every fixed output the loss at a fresh example, minus its mean, is a variable "
    "X that is subgaussian with the stated scale: E exp(t X) <= exp(t^2 subgaussian^2/2) for all real t.",
)
MUTUAL_INFORMATION = Assumption(
    "mutual information of the algorithm",
    "mutual_information is at least the mutual information of the sample and the output, over samples of this size and coins; an estimate "
    "from runs is not enough.",
)
CONDITIONAL_INFORMATION = Assumption(
    "conditional mutual information of the algorithm",
    "conditional_information is at least the mutual information of the output and n fair coins, given 2n independent examples in n pairs "
    "from which the coins choose the sample; an estimate from runs is not enough.",
)
EVALUATED_INFORMATION = Assumption(
    "evaluated information of the algorithm",
    "From n independent pairs of examples fair coins choose the sample; evaluated_information is at least the mean over the pairs of the "
    "mutual information of the coin and the losses of the output at both examples of its pair; an estimate from runs is not enough without "
    "a confidence.",
)
EXPECTED_EMPIRICAL_RISK = Assumption(
    "expected empirical risk",
    "expected_empirical_risk is at least the mean empirical risk of the output over samples and coins; the empirical risk on one sample is "
    "only an estimate of it.",
)
NO_LOSS_ON_ANY_SAMPLE = Assumption(
    "no loss on any sample", "The output has the loss 0 on every example of its sample, for almost every sample and all coins."
)
INDEPENDENT_SUPERSAMPLES = Assumption(
    "independent supersamples",
    "The supersamples were drawn independently, and their number and the numbers of runs were fixed beforehand; in each run fair coins, "
    "independent of everything else, choose one example of each pair.",
)
LOCAL_COMPLEXITY = Assumption(
    "local complexity of the loss class",
    "For every r >= local_fixed_point, consider all multiples, by numbers in [0, 1], of losses of the class that have a mean square of at "
    "most r: their expected Rademacher complexity, over samples of this size, is at most sqrt(r local_fixed_point).",
)
MISCLASSIFICATION = Assumption(
    "misclassification",
    "Every predictor names one class for an input; its loss, also the one in surrogate_risk, is 1 where that class is not the label, else "
    "0.",
)
UNLABELLED_DRAWS = Assumption(
    "unlabelled draws that neither predictor saw",
    "The unlabelled examples, whose number was fixed beforehand, are drawn independently from the distribution that the risk refers to, "
    "and independently of both predictors: neither was trained or chosen with the help of these examples.",
)
SURROGATE_COMPARED = Assumption(
    "surrogate that was compared",
    "disagreements counts the unlabelled examples to which the predictor and the surrogate, the one whose risk surrogate_risk bounds, give "
    "different classes; a random surrogate (a posterior) was drawn anew, independently, for each of them.",
)
FOLLOWS_FROM: Mapping[Assumption, Assumption] = {IID_STREAM: IID_SAMPLE}
"""Assumptions that follow from another one: a sample whose size was fixed beforehand is a stream that stops there."""


def known(audit: Mapping[Assumption, tuple[Status, str]], assumption: Assumption) -> tuple[Status, str] | None:
    """What an audit says about an assumption: its own entry, or the entry of the assumption it follows from; None if it has neither.

    If the stronger assumption is violated and the weaker one holds all the same, the audit must have an entry for the weaker one.

    >>> known({IID_SAMPLE: ("by construction", "pool draws")}, IID_STREAM)
    ('by construction', 'pool draws')
    >>> known({IID_STREAM: ("by construction", "pool draws")}, IID_SAMPLE) is None
    True
    """
    return audit.get(assumption) or audit.get(FOLLOWS_FROM.get(assumption, assumption))
